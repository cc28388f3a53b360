//! Rules: which of them each record fails, and which could not be judged.
//!
//! A rule is judged only where the record states what the rule reads: a value, or null where the contract lets the
//! field be emptied. Absence is neither failure nor pass, except for `required`. Nothing here looks at another record,
//! at the lake or at a clock: the instant that "future" is measured against comes with the message.

mod field;
mod hold;
mod notes;
mod whole;

use regex::Regex;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Mode};
use yidang_schemas::defect::{Code, Defect};
use yidang_schemas::field::{FieldIndex, Mapping};
use yidang_schemas::rule::{Action, Check, Rule};

use crate::decode::wire::{SCHEMA_UNKNOWN, SCHEMA_UNUSABLE};
use crate::decode::{Decoded, Operation};
use crate::parse::{Facet, FieldReader};

/// What a rule says of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Pass,
    Unjudged,
    /// With the action of this code, where it is not the rule's own.
    Fail(Code, Option<Action>),
}

impl Finding {
    fn fail(code: &'static str) -> Self {
        Self::Fail(Code(code), None)
    }

    fn fail_with(code: &'static str, action: Action) -> Self {
        Self::Fail(Code(code), Some(action))
    }
}

/// What rules need of a contract and its dossiers, compiled once.
#[derive(Debug)]
pub struct Checker {
    patterns: Vec<Option<Regex>>,
    /// Fields that end a validity: only there 长期 means something.
    ends: Vec<FieldIndex>,
}

impl Checker {
    /// Patterns that do not compile were refused by the catalog.
    pub fn new(catalog: &Catalog, contract: &Contract) -> Self {
        let pattern = |rule: &Rule| match &rule.check {
            Check::Pattern(pattern) => Regex::new(pattern).ok(),
            _ => None,
        };
        let is_end = |mapping: &&Mapping| {
            let dossier = catalog.dossiers.get(usize::from(mapping.target.kind));
            let mut columns = dossier.into_iter().flat_map(|dossier| &dossier.columns);
            columns.any(|column| column.ended_by == Some(mapping.target.leaf))
        };
        let ends = contract.mappings.iter().filter(is_end);
        Self {
            patterns: contract.rules.iter().map(pattern).collect(),
            ends: ends.map(|mapping| mapping.field).collect(),
        }
    }
}

/// Everything that rules may read of one batch.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub contract: &'a Contract,
    pub checker: &'a Checker,
    pub readers: &'a [FieldReader],
    pub decoded: &'a Decoded,
    pub facets: &'a [Facet<'a>],
    /// By record: what observing it found before rules, see [`Precheck`].
    pub prechecks: &'a [Precheck<'a>],
}

/// What is known of a record before its rules are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precheck<'a> {
    /// Why the record has no key; [`MISTYPED`] where the rule of a field says so already.
    pub key: Option<Code>,
    /// Why the record has no order; [`MISTYPED`] likewise.
    pub order: Option<Code>,
    pub subject: SubjectState,
    /// The record has to name a subject, and no identifier of it could be read.
    pub nameless: bool,
    /// The header `corrects` is malformed.
    pub corrects: Option<Code>,
    /// Least of the message's timestamp and the landing instant, epoch milliseconds.
    pub now_ms: i64,
    /// Judged by key and order only.
    pub removal: bool,
    /// Business time and order times that stand in headers or the envelope: name of the place, epoch milliseconds.
    pub header_times: Vec<(&'a str, i64)>,
}

/// A value of a wrong JSON type stands where a key or an order is read: the rule `type` of its field speaks, where it is
/// asked and holds the record.
pub const MISTYPED: Code = Code("TYPE");

/// Whether a record names a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectState {
    Named,
    /// Two unequal identifiers of one class; the first one speaks.
    Ambiguous,
    /// No identifier is stated.
    Missing,
    /// One is stated and is defective: its own rule speaks.
    Defective,
}

/// Verdict of all rules over one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    pub defects: Vec<Defect>,
    /// Rules that gave neither true nor false, ascending.
    pub unjudged: Vec<u16>,
    /// What is done with the record at least, whatever its rules ask for.
    pub least: Option<Action>,
}

/// Judges every record of a batch by every rule of its contract.
pub fn judge(batch: &Batch<'_>) -> Vec<Judgement> {
    let mut judgements = vec![Judgement::default(); batch.decoded.records.len()];
    for (place, rule) in batch.contract.rules.iter().enumerate() {
        for (row, judgement) in judgements.iter_mut().enumerate() {
            match find(batch, place, rule, row) {
                Finding::Pass => {}
                Finding::Unjudged => {
                    judgement
                        .unjudged
                        .push(u16::try_from(place).expect("a contract has few rules"));
                }
                Finding::Fail(code, action) => {
                    judgement.defects.push(defect(place, rule, code, action));
                }
            }
            let notes = notes::of(batch, rule, row);
            let noted = |code| defect(place, rule, Code(code), Some(Action::Observe));
            judgement.defects.extend(notes.map(noted));
        }
    }
    for (row, judgement) in judgements.iter_mut().enumerate() {
        hold::apply(batch, row, judgement);
    }
    judgements
}

fn defect(place: usize, rule: &Rule, code: Code, action: Option<Action>) -> Defect {
    Defect {
        rule: place,
        code,
        action: weaken(rule, action),
        field: rule.field,
    }
}

/// A rule that only observes never does more, whatever a code would ask for.
fn weaken(rule: &Rule, action: Option<Action>) -> Action {
    match (rule.action, action) {
        (Action::Observe, _) => Action::Observe,
        (own, other) => other.unwrap_or(own),
    }
}

fn find(batch: &Batch<'_>, place: usize, rule: &Rule, row: usize) -> Finding {
    let (Some(record), Some(precheck)) = (batch.decoded.records.get(row), batch.prechecks.get(row))
    else {
        return Finding::Unjudged;
    };
    if let Some(problem) = record.problem {
        return match rule.check {
            Check::Parse => Finding::Fail(problem, hold_of(problem)),
            _ => Finding::Unjudged,
        };
    }
    if record.operation == Operation::Control {
        return Finding::Unjudged;
    }
    if let Some(finding) = whole::find(rule, precheck, batch.contract.mode) {
        return finding;
    }
    if precheck.removal {
        return Finding::Unjudged;
    }
    match rule.field {
        Some(field) => field::find(batch, place, rule, field, row),
        None => Finding::Unjudged,
    }
}

/// Bytes that a schema would make readable are held: the agency may have done nothing wrong.
fn hold_of(problem: Code) -> Option<Action> {
    let waits = problem == SCHEMA_UNKNOWN || problem == SCHEMA_UNUSABLE;
    waits.then_some(Action::Quarantine)
}

/// Whether absence of a field is silence: in patches it is, in full records it only fails `required`.
fn absence(mode: Mode, check: &Check) -> Finding {
    match (mode, check) {
        (Mode::Full, Check::Required) => Finding::fail("REQUIRED"),
        _ => Finding::Unjudged,
    }
}

#[cfg(test)]
mod tests;
