//! Rules: which of them each record fails, and which could not be judged.
//!
//! A rule is judged only where the record states what the rule reads: a value, or null where the contract lets the
//! field be emptied. Absence is neither failure nor pass, except for `required`. Nothing here looks at another record,
//! at the lake or at a clock: the instant that "future" is measured against comes with the message.

mod across;
mod field;
mod forms;
mod hold;
mod notes;
mod predicate;
mod stated;
mod whole;

use regex::Regex;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Mode};
use yidang_schemas::date_form::DateForm;
use yidang_schemas::defect::{Code, Defect};
use yidang_schemas::field::{FieldIndex, Mapping};
use yidang_schemas::rule::{Action, Check, Rule};

use crate::decode::wire::{SCHEMA_UNKNOWN, SCHEMA_UNUSABLE};
use crate::decode::{Decoded, TABLE_EMPTIED};
use crate::parse::{Facet, FieldReader};
use predicate::Columns;

/// What a rule says of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Pass,
    Unjudged,
    /// With the action of this code, where it is not the rule's own.
    Fail(Code, Option<Action>),
    /// The rule could not be computed, which is our matter: nobody is blamed, and nothing is closed by it.
    Error,
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
    /// By rule: the patterns of its check or predicate.
    patterns: Vec<Vec<Regex>>,
    /// Fields that end a validity: only there 长期 means something.
    ends: Vec<FieldIndex>,
}

impl Checker {
    /// Patterns that do not compile were refused by the catalog.
    pub fn new(catalog: &Catalog, contract: &Contract) -> Self {
        let patterns = |rule: &Rule| match &rule.check {
            Check::Pattern(pattern) => Regex::new(pattern).into_iter().collect(),
            Check::Predicate(predicate) => predicate::patterns(predicate),
            _ => Vec::new(),
        };
        let is_end = |mapping: &&Mapping| {
            let dossier = catalog.dossiers.get(usize::from(mapping.target.kind));
            let mut columns = dossier.into_iter().flat_map(|dossier| &dossier.columns);
            columns.any(|column| column.ended_by == Some(mapping.target.leaf))
        };
        let ends = contract.mappings.iter().filter(is_end);
        let ends = ends.map(|mapping| mapping.field);
        let declared = contract.fields.iter().enumerate().filter(|(_, field)| {
            let mut forms = field.forms.split('|');
            forms.any(|form| form.trim() == DateForm::OPEN_END)
        });
        let declared = declared.map(|(place, _)| place);
        Self {
            patterns: contract.rules.iter().map(patterns).collect(),
            ends: ends.chain(declared).collect(),
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
    /// Further elements that fail a rule of `defects`: no findings of their own.
    pub lost: Vec<Defect>,
    /// Rules that gave neither true nor false, ascending.
    pub unjudged: Vec<u16>,
    /// Rules that could not be computed, ascending; they are among the unjudged.
    pub errors: Vec<u16>,
    /// What is done with the record at least, whatever its rules ask for.
    pub least: Option<Action>,
}

/// Judges every record of a batch by every rule of its contract.
pub fn judge(batch: &Batch<'_>) -> Vec<Judgement> {
    let mut judgements = vec![Judgement::default(); batch.decoded.records.len()];
    let columns = Columns::new(batch);
    for (place, rule) in batch.contract.rules.iter().enumerate() {
        if let Check::Predicate(predicate) = &rule.check {
            let patterns = batch.checker.patterns.get(place).map(Vec::as_slice);
            let findings =
                predicate::judge(batch, &columns, predicate, patterns.unwrap_or_default());
            for (record, finding) in findings.into_iter().enumerate() {
                if let Some(judgement) = judgements.get_mut(record) {
                    judgement.note(place, rule, finding, record);
                }
            }
            continue;
        }
        let judged = Judged {
            batch,
            columns: &columns,
            place,
            rule,
        };
        for (row, judgement) in judgements.iter_mut().enumerate() {
            judged.note(row, judgement);
        }
    }
    for (row, judgement) in judgements.iter_mut().enumerate() {
        hold::apply(batch, row, judgement);
    }
    judgements
}

impl Judgement {
    /// Notes what a predicate says of the record.
    fn note(&mut self, place: usize, rule: &Rule, finding: Finding, record: usize) {
        match finding {
            Finding::Pass => {}
            Finding::Unjudged | Finding::Error => {
                let place = u16::try_from(place).expect("a contract has few rules");
                self.unjudged.push(place);
                if finding == Finding::Error {
                    self.errors.push(place);
                }
            }
            Finding::Fail(code, action) => {
                self.defects
                    .push(defect(place, rule, (code, action), record));
            }
        }
    }
}

fn defect(place: usize, rule: &Rule, (code, action): (Code, Option<Action>), row: usize) -> Defect {
    Defect {
        rule: place,
        code,
        action: weaken(rule, action),
        field: rule.field,
        row,
    }
}

/// A rule that only observes never does more, whatever a code would ask for.
fn weaken(rule: &Rule, action: Option<Action>) -> Action {
    match (rule.action, action) {
        (Action::Observe, _) => Action::Observe,
        (own, other) => other.unwrap_or(own),
    }
}

/// One rule over a batch.
struct Judged<'j, 'a> {
    batch: &'j Batch<'a>,
    columns: &'j Columns<'a>,
    place: usize,
    rule: &'j Rule,
}

impl Judged<'_, '_> {
    /// Judges one record by one rule: one verdict, however many elements the field stands in. The first element that
    /// fails speaks for it, and each that fails loses its own value.
    fn note(&self, record: usize, out: &mut Judgement) {
        let (batch, place, rule) = (self.batch, self.place, self.rule);
        let rows = match rule.field {
            Some(field) => batch.decoded.rows(field, record),
            None => record..record + 1,
        };
        let (mut failed, mut passed) = (false, false);
        for row in rows {
            let told_before = failed;
            match self.find((record, row)) {
                Finding::Pass => passed = true,
                Finding::Unjudged => {}
                Finding::Error => {
                    let place = u16::try_from(place).expect("a contract has few rules");
                    out.errors.push(place);
                }
                Finding::Fail(code, action) => {
                    let defect = defect(place, rule, (code, action), row);
                    if told_before {
                        out.lost.push(defect);
                    } else {
                        out.defects.push(defect);
                    }
                    failed = true;
                }
            }
            if !told_before {
                let noted = notes::of(batch, rule, (record, row));
                let noted =
                    noted.map(|code| defect(place, rule, (Code(code), Some(Action::Observe)), row));
                out.defects.extend(noted);
            }
        }
        if !failed && !passed {
            out.unjudged
                .push(u16::try_from(place).expect("a contract has few rules"));
        }
    }

    fn find(&self, (record, row): (usize, usize)) -> Finding {
        let (batch, place, rule) = (self.batch, self.place, self.rule);
        let known = batch.decoded.records.get(record);
        let (Some(decoded), Some(precheck)) = (known, batch.prechecks.get(record)) else {
            return Finding::Unjudged;
        };
        if let Some(problem) = decoded.problem {
            return match rule.check {
                Check::Parse => Finding::Fail(problem, hold_of(problem)),
                _ => Finding::Unjudged,
            };
        }
        if decoded.operation.is_control() {
            return Finding::Unjudged;
        }
        if let Some(finding) = whole::find(rule, precheck, batch.contract.mode) {
            return finding;
        }
        if precheck.removal {
            return Finding::Unjudged;
        }
        if let Some(finding) = across::find(batch, self.columns, rule, record) {
            return finding;
        }
        match rule.field {
            Some(field) => field::find(batch, place, rule, field, (record, row)),
            None => Finding::Unjudged,
        }
    }
}

/// Two kinds of bytes are held instead of rejected: those that a schema would make readable, since the agency may have
/// done nothing wrong, and what empties a table, which was read well and asks for what cannot be done with it alone.
fn hold_of(problem: Code) -> Option<Action> {
    let held = [SCHEMA_UNKNOWN, SCHEMA_UNUSABLE, TABLE_EMPTIED];
    held.contains(&problem).then_some(Action::Quarantine)
}

/// Whether absence of a field is silence: in patches it is, in full records it only fails `required`.
fn absence(mode: Mode, check: &Check) -> Finding {
    match check {
        Check::Required if mode.is_full() => Finding::fail("REQUIRED"),
        _ => Finding::Unjudged,
    }
}

#[cfg(test)]
mod tests;
