//! What agencies read, in Chinese and English.
//!
//! The sentences about codes are in `schemas`, here they become owned texts of one event; what closes an issue is said
//! here. No sentence quotes a value.

use serde::Serialize;
use yidang_schemas::contract::Contract;
use yidang_schemas::messages;
use yidang_schemas::rule::Rule;

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// `<feed>: <field> <what is wrong>`.
pub fn title(contract: &Contract, rule: Option<&Rule>, code: &str) -> Text {
    let field = rule
        .and_then(|rule| rule.field)
        .and_then(|field| contract.fields.get(field));
    let messages::Sentence { zh, en } = messages::title(contract, field, code);
    Text { zh, en }
}

/// What the requirement is.
pub fn expected(code: &str) -> Text {
    fixed(messages::message(code).expected)
}

/// How to mend it, where a correction comes under the record's own key.
pub fn help(code: &str) -> Text {
    fixed(messages::message(code).help)
}

/// How to mend it, where the key itself is defective or missing: never "with the same key".
pub fn help_without_key(code: &str) -> Text {
    let messages::Text { zh, en } = messages::message(code).help;
    let how = corrects();
    let zh = zh.strip_suffix(SAME_KEY.zh).unwrap_or(zh);
    let en = en.strip_suffix(SAME_KEY.en).unwrap_or(en).trim_end();
    Text::new(
        format!("{zh}{}", how.zh),
        format!("{en} {}", how.en).trim_start(),
    )
}

/// How most of the sentences about mending end.
const SAME_KEY: messages::Text = messages::Text {
    zh: "请更正后以相同记录键重新推送该记录。",
    en: "Correct it and send the record again with the same key.",
};

fn fixed(text: messages::Text) -> Text {
    Text::new(text.zh, text.en)
}

/// What closes an issue whose record has a sound key.
pub fn record_passes() -> Text {
    Text::new(
        "同一记录键的后续记录通过本规则，即自动办结。",
        "A later record with the same key that passes this rule.",
    )
}

/// What closes an issue whose record cannot come again under its key.
pub fn corrects() -> Text {
    Text::new(
        "请以正确的记录键重新推送该记录，并在消息头 corrects 中写明本问题单编号；或按原记录键撤回错误记录。",
        "Send the record under its right key with this issue id in the header corrects, or remove the bad key.",
    )
}
