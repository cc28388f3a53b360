//! Verdicts: what judging and folding one record found, as the feedback loop needs it.
//!
//! A verdict holds the raw text of failed values so that feedback can disclose as much of each as its classification
//! allows. It never leaves memory.

use yidang_schemas::contract::Contract;
use yidang_schemas::defect::{Code, Outcome};
use yidang_schemas::origin::Origin;
use yidang_schemas::rule::{Action, Rule};

use crate::merge::KeptPass;
use crate::order::OrderKey;
use crate::record::{Effect, RecordId};

/// The key of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordKey {
    pub id: RecordId,
    /// Canonical key values with 0x1F between them; raw and trimmed where one does not normalize.
    pub text: String,
    /// No rule over a key field failed.
    pub sound: bool,
}

impl std::fmt::Debug for RecordKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "RecordKey(feed {}, {} bytes)",
            self.id.feed,
            self.text.len()
        )
    }
}

/// One failed rule with the value that failed it.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// Place of the rule in its contract.
    pub rule: u16,
    pub code: Code,
    pub action: Action,
    /// The value as sent; none for whole records, absent and null values.
    pub raw: Option<String>,
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Failure(rule {}, {})", self.rule, self.code.0)
    }
}

impl Failure {
    /// Whether it fails `rule`, its own, or is a milder doubt that the rule only tells of: a rule that acts lets such a
    /// record pass, for the record fold as for the feedback loop.
    pub fn counts(&self, rule: &Rule) -> bool {
        self.action > Action::Observe || rule.action == Action::Observe
    }
}

/// What became of one record of any outcome, in landed order.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict {
    pub origin: Origin,
    /// The message's own time: the broker's timestamp, or the landing instant where it has none.
    pub timestamp_ms: i64,
    /// Nothing where the record has no readable key.
    pub key: Option<RecordKey>,
    /// Nothing where what orders the record is missing or unreadable.
    pub order: Option<OrderKey>,
    /// An operation that takes the record back; it passes every rule at its order.
    pub removal: bool,
    pub outcome: Outcome,
    /// Nothing for records that did not enter the record fold.
    pub effect: Option<Effect>,
    pub failures: Vec<Failure>,
    /// Rules of the contract that gave neither true nor false, sorted; the others passed where they did not fail.
    pub unjudged: Vec<u16>,
    /// Of the rules that failed here, what the kept version and those before it passed, when this record was folded.
    pub kept_passes: Vec<KeptPass>,
    /// Text of the header `corrects`.
    pub corrects: Option<String>,
    /// The only record of its message.
    pub alone: bool,
    /// Generation of the bundle that judged it.
    pub generation: u32,
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Verdict")
            .field("origin", &self.origin)
            .field("key", &self.key)
            .field("outcome", &self.outcome)
            .field("effect", &self.effect)
            .field("failures", &self.failures)
            .field("corrects_bytes", &self.corrects.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

impl Verdict {
    /// Whether the rule at place `rule` of its contract was judged and passed.
    pub fn passed(&self, contract: &Contract, rule: u16) -> bool {
        !self.failed(contract, rule) && self.unjudged.binary_search(&rule).is_err()
    }

    /// Whether the rule at place `rule` of its contract failed in a way that counts.
    pub fn failed(&self, contract: &Contract, rule: u16) -> bool {
        let Some(own) = contract.rules.get(usize::from(rule)) else {
            return false;
        };
        let mut failures = self.failures.iter();
        failures.any(|failure| failure.rule == rule && failure.counts(own))
    }
}
