//! What agencies read: for each code what is wrong, what was expected and how to mend it, in Chinese and English.
//!
//! One table, so that an event, `feed check` and `issue show` say the same. Nothing here quotes a value. Leaves alone:
//! mistakes in contracts, which have their own texts in `catalog`.

mod conditions;
mod contacts;
mod identifiers;
mod organisations;
mod records;
mod snapshots;
mod values;

use crate::contract::Contract;
use crate::defect::Outcome;
use crate::field::Field;
use crate::rule::{Action, Dimension, Severity};

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

/// The same text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Text {
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// The texts of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub code: &'static str,
    /// What is wrong, as the end of a sentence that begins with the field or the feed.
    pub title: Text,
    /// What the requirement is.
    pub expected: Text,
    /// What to do about it.
    pub help: Text,
}

/// A sentence in both languages, made for one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub zh: String,
    pub en: String,
}

const TABLES: [&[Message]; 7] = [
    conditions::MESSAGES,
    records::MESSAGES,
    values::MESSAGES,
    identifiers::MESSAGES,
    organisations::MESSAGES,
    contacts::MESSAGES,
    snapshots::MESSAGES,
];

/// For a code that the table does not have: true of every failed rule.
const UNKNOWN: Message = Message {
    code: "RULE",
    title: Text {
        zh: "不符合数据契约的规则",
        en: "does not meet a rule of the contract",
    },
    expected: Text {
        zh: "符合数据契约中的该条规则",
        en: "to meet this rule of the contract",
    },
    help: Text {
        zh: "请对照数据契约核对该记录,改正后重新推送。",
        en: "Compare the record with the contract, correct it and send it again.",
    },
};

/// All messages.
pub fn all() -> impl Iterator<Item = &'static Message> {
    TABLES.into_iter().flatten()
}

/// The texts of a code.
pub fn message(code: &str) -> &'static Message {
    all()
        .find(|message| message.code == code)
        .unwrap_or(&UNKNOWN)
}

/// One sentence: feed, field where there is one, and what is wrong.
pub fn title(contract: &Contract, field: Option<&Field>, code: &str) -> Sentence {
    let title = message(code).title;
    match field {
        Some(field) => Sentence {
            zh: format!("{}：{}{}", contract.title_zh, named_zh(field), title.zh),
            en: format!("{}: {} {}", contract.title_en, named_en(field), title.en),
        },
        None => Sentence {
            zh: format!("{}：{}", contract.title_zh, title.zh),
            en: format!("{}: the record {}", contract.title_en, title.en),
        },
    }
}

fn named_zh(field: &Field) -> &str {
    if field.title_zh.is_empty() {
        &field.name
    } else {
        &field.title_zh
    }
}

/// The first sentence of the description: titles are short, descriptions may go on.
fn named_en(field: &Field) -> &str {
    let first = field
        .title_en
        .split(['.', ',', ';'])
        .next()
        .unwrap_or_default()
        .trim();
    if first.is_empty() { &field.name } else { first }
}

/// Names of the dimensions; Chinese after GB/T 36344-2018 where it has them.
pub fn dimension(dimension: Dimension) -> Text {
    match dimension {
        Dimension::Accuracy => Text {
            zh: "准确性",
            en: "accuracy",
        },
        Dimension::Completeness => Text {
            zh: "完整性",
            en: "completeness",
        },
        Dimension::Conformity => Text {
            zh: "规范性",
            en: "conformity",
        },
        Dimension::Consistency => Text {
            zh: "一致性",
            en: "consistency",
        },
        Dimension::Coverage => Text {
            zh: "覆盖性",
            en: "coverage",
        },
        Dimension::Timeliness => Text {
            zh: "时效性",
            en: "timeliness",
        },
        Dimension::Uniqueness => Text {
            zh: "唯一性",
            en: "uniqueness",
        },
    }
}

pub fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Info => Text {
            zh: "提示",
            en: "info",
        },
        Severity::Minor => Text {
            zh: "轻微",
            en: "minor",
        },
        Severity::Major => Text {
            zh: "重要",
            en: "major",
        },
        Severity::Critical => Text {
            zh: "严重",
            en: "critical",
        },
    }
}

/// What a rule does to a record that fails it.
pub fn action(action: Action) -> Text {
    match action {
        Action::Observe => Text {
            zh: "仅记录",
            en: "noted only",
        },
        Action::Flag => Text {
            zh: "入库并标注",
            en: "in the file, marked",
        },
        Action::Quarantine => Text {
            zh: "隔离待处理",
            en: "held back",
        },
        Action::Reject => Text {
            zh: "退回，须重新推送",
            en: "refused, has to be sent again",
        },
    }
}

pub fn outcome(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Control => Text {
            zh: "控制消息",
            en: "control",
        },
        Outcome::Accepted => Text {
            zh: "接收",
            en: "accepted",
        },
        Outcome::Flagged => Text {
            zh: "接收并标注",
            en: "flagged",
        },
        Outcome::Quarantined => Text {
            zh: "隔离",
            en: "quarantined",
        },
        Outcome::Rejected => Text {
            zh: "退回",
            en: "rejected",
        },
    }
}

#[cfg(test)]
mod tests;
