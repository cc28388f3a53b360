//! Why a value won and why others lost, in Chinese and English beside one another.

use yidang_schemas::messages::Language;
use yidang_transform::project::rank::Reason;

/// A value that lost, and against what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    pub reason: Reason,
    /// Name of the column's ranking cell, where it has one.
    pub rank_by: String,
    pub authority: u8,
    pub best_authority: u8,
    /// It states the same value as the winner.
    pub same: bool,
}

/// Authority as it is written: 0 is the strongest place, people count from 1.
fn rank(authority: u8) -> String {
    match authority {
        u8::MAX => "–".to_owned(),
        place => (u16::from(place) + 1).to_string(),
    }
}

pub fn won(language: Language, reason: Reason, rank_by: &str, authority: u8) -> String {
    let authority = rank(authority);
    match (language, reason) {
        (Language::Chinese, Reason::Only) => "只有这一个来源提供该值".to_owned(),
        (Language::English, Reason::Only) => "the only source that states it".to_owned(),
        (Language::Chinese, Reason::ValueOrder) => "按该列规定的取值次序，此值优先".to_owned(),
        (Language::English, Reason::ValueOrder) => {
            "its value comes first in the order of values that the column names".to_owned()
        }
        (Language::Chinese, Reason::RankBy) => format!("其 {rank_by} 最大（最新）"),
        (Language::English, Reason::RankBy) => format!("its {rank_by} is the greatest (latest)"),
        (Language::Chinese, Reason::Authority) => {
            format!("该来源对此列的权威等级最高（第 {authority} 级）")
        }
        (Language::English, Reason::Authority) => {
            format!("its feed has the most authority for this column (rank {authority})")
        }
        (Language::Chinese, Reason::BusinessTime) => "权威等级相同，业务时间最新".to_owned(),
        (Language::English, Reason::BusinessTime) => {
            "equal authority, and it is the latest by business time".to_owned()
        }
        (Language::Chinese, Reason::Tie) => {
            "权威等级与业务时间均相同，按固定规则选定，与到达先后无关".to_owned()
        }
        (Language::English, Reason::Tie) => {
            "equal authority and business time; a fixed choice decides, whatever arrived first"
                .to_owned()
        }
    }
}

pub fn lost(language: Language, lost: &Lost) -> String {
    let (rank_by, own, best) = (
        &lost.rank_by,
        rank(lost.authority),
        rank(lost.best_authority),
    );
    let why = match (language, lost.reason) {
        (Language::Chinese, Reason::Only) | (Language::Chinese, Reason::Tie) => {
            "权威等级与业务时间均相同，按固定规则未被选中".to_owned()
        }
        (Language::English, Reason::Only) | (Language::English, Reason::Tie) => {
            "equal authority and business time; the fixed choice took the other".to_owned()
        }
        (Language::Chinese, Reason::ValueOrder) => "按该列规定的取值次序，此值靠后".to_owned(),
        (Language::English, Reason::ValueOrder) => {
            "its value comes later in the order of values that the column names".to_owned()
        }
        (Language::Chinese, Reason::RankBy) => format!("其 {rank_by} 较小（较早）"),
        (Language::English, Reason::RankBy) => format!("its {rank_by} is smaller (earlier)"),
        (Language::Chinese, Reason::Authority) => {
            format!("该来源对此列的权威等级较低（第 {own} 级，对第 {best} 级）")
        }
        (Language::English, Reason::Authority) => {
            format!("its feed has less authority for this column (rank {own} against {best})")
        }
        (Language::Chinese, Reason::BusinessTime) => "业务时间较早".to_owned(),
        (Language::English, Reason::BusinessTime) => "it is older by business time".to_owned(),
    };
    match (language, lost.same) {
        (_, false) => why,
        (Language::Chinese, true) => format!("{why}（值相同）"),
        (Language::English, true) => format!("{why} (the same value)"),
    }
}

pub fn ended(language: Language) -> String {
    match language {
        Language::Chinese => "该记录自身表明此项当时已终止".to_owned(),
        Language::English => "its own record says that this had ended by then".to_owned(),
    }
}

/// Labels of the blocks.
#[derive(Debug, Clone, Copy)]
pub struct Labels {
    pub value: &'static str,
    pub agency: &'static str,
    pub feed: &'static str,
    pub coordinates: &'static str,
    pub business_time: &'static str,
    pub versions: &'static str,
    pub why: &'static str,
    pub flags: &'static str,
    pub lost: &'static str,
    pub issues: &'static str,
    pub nothing: &'static str,
    pub contract: &'static str,
    pub rules: &'static str,
    pub records: &'static str,
    pub whole: &'static str,
}

pub fn labels(language: Language) -> Labels {
    match language {
        Language::Chinese => Labels {
            value: "值",
            agency: "来源部门",
            feed: "汇聚数据流",
            coordinates: "坐标",
            business_time: "业务时间",
            versions: "版本",
            why: "采用理由",
            flags: "标注",
            lost: "未采用",
            issues: "未办结问题单",
            nothing: "（没有来源提供）",
            contract: "数据契约",
            rules: "权威规则",
            records: "条有效记录",
            whole: "整条记录的未办结问题单",
        },
        Language::English => Labels {
            value: "value",
            agency: "agency",
            feed: "feed",
            coordinates: "coordinates",
            business_time: "business time",
            versions: "versions",
            why: "why it won",
            flags: "flags",
            lost: "lost",
            issues: "open issues",
            nothing: "(no source states it)",
            contract: "contract",
            rules: "rules",
            records: "live records",
            whole: "open issues of whole records",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REASONS: [Reason; 6] = [
        Reason::Only,
        Reason::ValueOrder,
        Reason::RankBy,
        Reason::Authority,
        Reason::BusinessTime,
        Reason::Tie,
    ];

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for reason in REASONS {
            let loser = Lost {
                reason,
                rank_by: "since".to_owned(),
                authority: 2,
                best_authority: 0,
                same: true,
            };
            for language in [Language::Chinese, Language::English] {
                assert!(!won(language, reason, "since", 0).is_empty());
                let why = lost(language, &loser);
                assert!(
                    why.contains("值相同") || why.contains("the same value"),
                    "{why}"
                );
            }
        }
    }
}
