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
        Self { zh: zh.into(), en: en.into() }
    }
}

/// `<feed>: <field> <what is wrong>`.
pub fn title(contract: &Contract, rule: Option<&Rule>, code: &str) -> Text {
    let field = rule.and_then(|rule| rule.field).and_then(|field| contract.fields.get(field));
    let messages::Sentence { zh, en } = messages::title(contract, field, code);
    Text { zh, en }
}

/// What the requirement is.
pub fn expected(code: &str) -> Text {
    fixed(messages::message(code).expected)
}

/// How to mend it.
pub fn help(code: &str) -> Text {
    fixed(messages::message(code).help)
}

fn fixed(text: messages::Text) -> Text {
    Text::new(text.zh, text.en)
}

/// What closes an issue whose record has a sound key.
pub fn record_passes() -> Text {
    Text::new(
        "同一记录键的后续记录通过本规则即办结。",
        "A later record with the same key that passes this rule.",
    )
}

/// What closes an issue whose record cannot come again under its key.
pub fn corrects() -> Text {
    Text::new(
        "以正确的键重新推送该记录,并在消息头 corrects 中写入本问题编号;或按原键撤回错误记录。",
        "A good record under its right key with this issue id in the header corrects, or a removal of the bad key.",
    )
}
