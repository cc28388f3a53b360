//! Defects: one rule failed by one record, as a value.

use crate::field::FieldIndex;
use crate::rule::Action;

/// What exactly is wrong, in a stable word that agencies may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Control,
    Accepted,
    Flagged,
    Quarantined,
    Rejected,
}

impl Outcome {
    pub const ALL: [Self; 5] = [
        Self::Control,
        Self::Accepted,
        Self::Flagged,
        Self::Quarantined,
        Self::Rejected,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Accepted => "accepted",
            Self::Flagged => "flagged",
            Self::Quarantined => "quarantined",
            Self::Rejected => "rejected",
        }
    }

    /// The outcome of a record whose worst failed rule has this action.
    pub fn of(worst: Option<Action>) -> Self {
        match worst {
            None | Some(Action::Observe) => Self::Accepted,
            Some(Action::Flag) => Self::Flagged,
            Some(Action::Quarantine) => Self::Quarantined,
            Some(Action::Reject) => Self::Rejected,
        }
    }

    /// Accepted and flagged records enter the folds.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Flagged)
    }
}

/// One rule failed by one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect {
    /// Place of the rule in its contract.
    pub rule: usize,
    pub code: Code,
    pub action: Action,
    /// The judged field, none for whole records and headers.
    pub field: Option<FieldIndex>,
    /// Row of the field's column with the value that failed: that of the record, or of one of its elements.
    pub row: usize,
}
