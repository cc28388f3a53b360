//! Exit codes, and how a failure speaks: what was tried, where, and the command to run next.

use std::fmt;

use yidang_schemas::fault::{Fault, FaultKind};

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Good,
    /// Findings, or a difference.
    Findings,
    Usage,
    /// A contract or a setting is not valid.
    Invalid,
    /// Refused: id key of another lake, a store that fails the probe, tables of different moments.
    Refused,
    /// Broker or store unreachable or unwritable.
    Unreachable,
    /// What is stored contradicts itself.
    Corrupt,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Corrupt => 6,
        }
    }
}

/// A verb that did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub text: String,
    /// The command or step that goes on.
    pub next: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
            next: None,
        }
    }

    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.text)?;
        match &self.next {
            Some(next) => write!(formatter, "\n  next: {next}"),
            None => Ok(()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (exit, next) = match fault.kind {
            FaultKind::Unavailable => (
                Exit::Unreachable,
                Some("check that it answers, then run the same command again"),
            ),
            FaultKind::Conflict => (Exit::Refused, Some("run the same command again")),
            // What cannot be worked with as it is, of another lake for example; whoever knows it for a setting says so.
            FaultKind::Invalid => (
                Exit::Refused,
                Some("mend what is named above, then run the same command again"),
            ),
            FaultKind::Corrupt => (Exit::Corrupt, Some("yidang verify reconcile --lake URI")),
        };
        Self {
            exit,
            text: fault.chain(),
            next: next.map(str::to_owned),
        }
    }
}
