//! Rules: one check each, as data.

use crate::field::FieldIndex;

/// What happens to a record that fails a rule; the worst of all failed rules wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A finding and nothing else: no issue, not in the score.
    Observe,
    /// In the file, marked.
    Flag,
    /// Held: readable, and could be released unchanged after a rule, code list or link changes.
    Quarantine,
    /// Nothing could ever follow from these bytes.
    Reject,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Flag => "flag",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Minor,
    Major,
    Critical,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// Number of the OpenTelemetry scale that CloudEvents' severity extension follows.
    pub fn number(self) -> u8 {
        match self {
            Self::Info => 9,
            Self::Minor => 13,
            Self::Major => 17,
            Self::Critical => 21,
        }
    }
}

/// Dimensions of ODCS; their Chinese names follow GB/T 36344-2018.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    Accuracy,
    Completeness,
    Conformity,
    Consistency,
    Coverage,
    Timeliness,
    Uniqueness,
}

impl Dimension {
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Completeness => "completeness",
            Self::Conformity => "conformity",
            Self::Consistency => "consistency",
            Self::Coverage => "coverage",
            Self::Timeliness => "timeliness",
            Self::Uniqueness => "uniqueness",
        }
    }
}

/// The built-in checks. Regular expressions and bounds are compiled by `transform::check`.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The message can be read at all: size, encoding, syntax, depth, shape.
    Parse,
    /// The record key is there.
    Key,
    /// Every field or header that orders the record is there and readable.
    Order,
    /// A full record names a subject.
    Subject,
    /// The header `corrects` is well formed.
    Corrects,
    /// Our own failure on one message.
    Platform,
    /// Neither absent nor empty.
    Required,
    /// Of the declared logical type; dates and numbers can be read.
    Type,
    /// One of the codes that the contract lists.
    Enum,
    /// One of the codes of a code list.
    CodeSet,
    Pattern(String),
    /// Length in characters, both ends included.
    Length {
        at_least: Option<u32>,
        at_most: Option<u32>,
    },
    /// Value between two bounds, both included; numbers as decimal text, dates as `yyyy-MM-dd`.
    Range {
        at_least: Option<String>,
        at_most: Option<String>,
    },
    /// Not later than the message's own time (least of broker timestamp and landing instant).
    NotFuture,
    /// Not a filler such as 无, 不详, 1900-01-01.
    Placeholder,
    /// A person's identifier (GB 11643-1999 and its younger relatives).
    ResidentId,
    /// The sex digit of the identifier in `identifier` agrees with this field.
    IdSex {
        identifier: FieldIndex,
    },
    /// The birth date inside the identifier in `identifier` agrees with this field.
    IdBirth {
        identifier: FieldIndex,
    },
    /// An organisation's identifier (GB 32100-2015, GB 11714, GS 15-2006, tax number).
    Uscc,
    /// A text that normalization may refuse: name, money, division, industry.
    Readable,
}

impl Check {
    /// The field that the check reads beside the one it judges.
    pub fn reads(&self) -> Option<FieldIndex> {
        match self {
            Self::IdSex { identifier } | Self::IdBirth { identifier } => Some(*identifier),
            _ => None,
        }
    }

    /// Name in rule ids and events, for example `required`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Key => "key",
            Self::Order => "order",
            Self::Subject => "subject",
            Self::Corrects => "corrects",
            Self::Platform => "platform",
            Self::Required => "required",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::CodeSet => "codeset",
            Self::Pattern(_) => "pattern",
            Self::Length { .. } => "length",
            Self::Range { .. } => "range",
            Self::NotFuture => "not_future",
            Self::Placeholder => "placeholder",
            Self::ResidentId => "resident_id",
            Self::IdSex { .. } => "id_sex",
            Self::IdBirth { .. } => "id_birth",
            Self::Uscc => "uscc",
            Self::Readable => "readable",
        }
    }
}

/// One rule of a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Stable in its contract: hand-written, or `auto:<field>:<check>`, or `auto:<check>` for whole records.
    pub id: String,
    /// The field that is judged and named in events; none for rules over whole records.
    pub field: Option<FieldIndex>,
    /// Name of a header where a header is judged instead of a field.
    pub header: Option<String>,
    pub check: Check,
    /// Action of this rule; a code may soften or harden it, see `defect::Code::action`.
    pub action: Action,
    pub severity: Severity,
    pub dimension: Dimension,
    /// First 16 hexadecimal digits of BLAKE3 over the normalised rule.
    pub fingerprint: String,
}
