//! Agencies: who sends records and answers for them.

/// One agency (来源部门) of `agencies.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Short lower-case name, part of topic names: `src.<slug>.<feed>.v<n>`, `dq.feedback.<slug>.v1`.
    pub slug: String,
    /// Name in Chinese, as agencies read it.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
}
