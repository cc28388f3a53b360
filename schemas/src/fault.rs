//! Faults: the world failed (broker, store, network, settings).
//!
//! A fault is never used for bad data (that is a defect, a value) nor for our own mistakes (a bug, a panic). Each kind
//! is an instruction to whoever handles it; a fifth kind needs a decision record.

use std::error::Error;
use std::fmt;

/// What the handler of a fault has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Wait and try again, bounded: broker or store out of reach or unwritable.
    Unavailable,
    /// Reload and do the batch again: somebody else wrote first.
    Conflict,
    /// Stop and tell the operator: settings, contract or store are not usable as given.
    Invalid,
    /// Stop this worker: what is stored contradicts itself.
    Corrupt,
}

/// The one error type of the edges. `doing` is a bare phrase in lower case without a full stop and never repeats the
/// text of `source`; it never holds a personal value.
#[derive(Debug)]
pub struct Fault {
    pub kind: FaultKind,
    pub doing: String,
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    fn new(kind: FaultKind, doing: impl Into<String>) -> Self {
        Self {
            kind,
            doing: doing.into(),
            source: None,
        }
    }

    /// The broker or the store did not answer; `source` says how.
    pub fn unavailable(
        doing: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(FaultKind::Unavailable, doing).with_source(source)
    }

    /// Somebody else wrote first.
    pub fn conflict(doing: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, doing)
    }

    /// Settings, a contract or the store are not usable as given.
    pub fn invalid(doing: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, doing)
    }

    /// What is stored contradicts itself.
    pub fn corrupt(doing: impl Into<String>) -> Self {
        Self::new(FaultKind::Corrupt, doing)
    }

    /// The same fault with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The whole chain on one line, outermost first. Causes that the text of their own error repeats stand there once.
    pub fn chain(&self) -> String {
        let mut text = self.doing.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            let told = error.to_string();
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.contains(&told) {
                text.push_str(": ");
                text.push_str(&told);
            }
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.doing)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_one_line_and_says_nothing_twice() {
        let inner = Fault::unavailable("send: refused", "refused");
        assert_eq!(inner.chain(), "send: refused");
        let outer = Fault::invalid("start").with_source(Fault::unavailable("open", "two\n  lines"));
        assert_eq!(outer.chain(), "start: open: two lines");
    }
}
