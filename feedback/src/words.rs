//! What agencies read, in Chinese and English.
//!
//! The sentences about checks and codes are in `schemas`; here they become the title of one issue. No sentence quotes
//! a value.

use serde::Serialize;
use yidang_schemas::contract::Contract;
use yidang_schemas::rule::{Check, Rule};

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

/// What is said of one failed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, to follow the name of a field.
    pub title: Text,
    pub expected: Text,
    pub help: Text,
}

/// The sentences for a check and a code; for a rule that the bundle no longer has, those for the code alone.
pub fn of(check: Option<&Check>, code: &str) -> Wrong {
    let name = check.map_or("", Check::name);
    Wrong {
        title: Text::new(format!("不符合要求({code})"), format!("does not meet its rule ({code})")),
        expected: Text::new(format!("应通过检查 {name}"), format!("must pass the check {name}")),
        help: Text::new("请在本单位系统中核对并改正后重新推送该记录。", "Check it in your own system, correct it there and send the record again."),
    }
}

/// `<contract>:<field><what is wrong>`.
pub fn title(contract: &Contract, rule: Option<&Rule>, wrong: &Text) -> Text {
    let field = rule.and_then(|rule| rule.field).and_then(|field| contract.fields.get(field));
    match field {
        Some(field) => Text::new(
            format!("{}:{}{}", contract.title_zh, field.title_zh, wrong.zh),
            format!("{}: {} {}", contract.title_en, field.title_en, wrong.en),
        ),
        None => Text::new(
            format!("{}:{}", contract.title_zh, wrong.zh),
            format!("{}: {}", contract.title_en, wrong.en),
        ),
    }
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
