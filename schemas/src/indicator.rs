//! The twenty indicators of GB/T 36344-2018, under which scorecards add up what rules find.
//!
//! Codes and names as public implementations of the standard write them; its own text was not at hand. Leaves alone:
//! which indicator a check counts for (`rule`), and how scores are made.

/// One indicator (指标).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Indicator {
    /// Two digits of the dimension and two of the indicator.
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    /// The standard counts violations here: less is better.
    pub counts_violations: bool,
}

impl Indicator {
    /// The indicator with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code == code)
    }

    /// All of them in the order of their codes.
    pub const ALL: [Self; 20] = [
        DATA_STANDARD,
        DATA_MODEL,
        of("0103", "元数据", "metadata"),
        BUSINESS_RULES,
        REFERENCE_DATA,
        of("0106", "安全规范", "security norms"),
        ELEMENT_COMPLETENESS,
        RECORD_COMPLETENESS,
        CONTENT_CORRECTNESS,
        FORMAT_COMPLIANCE,
        violations("0303", "数据重复率", "duplicate records"),
        of("0304", "数据唯一性", "uniqueness"),
        DIRTY_DATA,
        of("0401", "相同数据一致性", "consistency of the same datum"),
        RELATED_CONSISTENCY,
        PERIOD_CORRECTNESS,
        of(
            "0502",
            "基于时间点的及时性",
            "timeliness at a point in time",
        ),
        EVENT_SEQUENCE,
        of("0601", "可访问", "accessibility"),
        of("0602", "可用性", "availability"),
    ];
}

const fn of(code: &'static str, zh: &'static str, en: &'static str) -> Indicator {
    Indicator {
        code,
        zh,
        en,
        counts_violations: false,
    }
}

const fn violations(code: &'static str, zh: &'static str, en: &'static str) -> Indicator {
    Indicator {
        counts_violations: true,
        ..of(code, zh, en)
    }
}

pub const DATA_STANDARD: Indicator = of("0101", "数据标准", "data standard");
pub const DATA_MODEL: Indicator = of("0102", "数据模型", "data model");
pub const BUSINESS_RULES: Indicator = of("0104", "业务规则", "business rules");
pub const REFERENCE_DATA: Indicator = of("0105", "权威参考数据", "authoritative reference data");
pub const ELEMENT_COMPLETENESS: Indicator =
    of("0201", "数据元素完整性", "completeness of elements");
pub const RECORD_COMPLETENESS: Indicator = of("0202", "数据记录完整性", "completeness of records");
pub const CONTENT_CORRECTNESS: Indicator = of("0301", "数据内容正确性", "correctness of content");
pub const FORMAT_COMPLIANCE: Indicator = of("0302", "数据格式合规性", "compliance of format");
pub const DIRTY_DATA: Indicator = violations("0305", "脏数据出现率", "invalid records");
pub const RELATED_CONSISTENCY: Indicator =
    of("0402", "关联数据一致性", "consistency of related data");
pub const PERIOD_CORRECTNESS: Indicator =
    of("0501", "基于时间段的正确性", "correctness within a period");
pub const EVENT_SEQUENCE: Indicator = of("0503", "时序性", "sequence of events");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_are_found() {
        let codes: Vec<_> = Indicator::ALL.iter().map(|known| known.code).collect();
        assert!(codes.is_sorted_by(|one, other| one < other), "{codes:?}");
        for known in Indicator::ALL {
            assert_eq!(Indicator::of_code(known.code), Some(known));
        }
        assert_eq!(Indicator::of_code("0107"), None);
    }

    #[test]
    fn two_indicators_count_violations() {
        let inverse = Indicator::ALL
            .iter()
            .filter(|known| known.counts_violations);
        let codes: Vec<_> = inverse.map(|known| known.code).collect();
        assert_eq!(codes, ["0303", "0305"]);
    }
}
