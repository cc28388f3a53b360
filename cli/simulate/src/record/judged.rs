//! What a judge must say of a record: its outcome, the rules that it fails, and what is expected of the kind of defect that
//! it shows.

use super::{Operation, Record};
use crate::defect::{Check, Defect, Effect, Outcome, effect};
use crate::feed::Feed;
use crate::sheet::Sheet;
use crate::sheet::seeds::Rule;

/// What becomes of a kind of defect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Rules find it.
    Found,
    /// It is read as if it had been sent rightly, or is no defect: nobody is told.
    Repaired,
    /// It is one, and no rule finds it.
    Missed,
}

/// Stories whose last record shows a defect that no rule over one record finds.
const MISSED_STORIES: [(Feed, &str); 5] = [
    (Feed::Death, "death_with_a_relatives_id"),
    (Feed::Death, "late"),
    (Feed::Insurance, "number_of_an_ex_employer"),
    (Feed::Taxpayer, "abnormal_for_the_tax_office"),
    (Feed::Birth, "certificate_issued_again"),
];

/// Where a change envelope tells its time.
const ENVELOPE_TIME: &str = "ts_ms";

/// A rule that a record fails.
pub struct Failure {
    /// Of a register.
    pub check: Option<Check>,
    /// Nobody is told of it.
    pub observes: bool,
    /// The rule's id.
    pub rule: String,
    /// The source field; empty for rules about whole records.
    pub field: &'static str,
}

impl Record {
    /// What the record's defect does, where it still matters: a removal is judged by its key and order alone.
    pub fn effect(&self) -> Option<Effect> {
        let defect = self.defect?;
        if self.operation.is_removal() && defect != Defect::RemovalWithoutOrder {
            return None;
        }
        effect(self.feed(), defect)
    }

    /// The verdict on the record.
    pub fn outcome(&self) -> Outcome {
        if self.feed() == Feed::Insurance && self.operation == Operation::Tombstone {
            return Outcome::Control;
        }
        if let Some(sheet) = self.sheet() {
            let removal = self.operation.is_removal();
            return if removal {
                Outcome::Accepted
            } else {
                sheet.outcome()
            };
        }
        self.effect()
            .map_or(Outcome::Accepted, |effect| effect.outcome)
    }

    /// The rules that the record fails, the one that its defect is named after first.
    pub fn failures(&self) -> Vec<Failure> {
        if let Some(sheet) = self.sheet() {
            return self.failures_of(sheet);
        }
        let Some(effect) = self.effect() else {
            return Vec::new();
        };
        let observes = self.feed() == Feed::Penalty;
        let failure = |check: Check| match check.is_record_wide() {
            true => Failure {
                check: Some(check),
                // Persons in the penalty list are expected.
                observes: observes && check == Check::Subject,
                rule: format!("auto:{}", check.name()),
                field: "",
            },
            false => {
                // The time of a change envelope is no field of the record.
                let field = if effect.field == ENVELOPE_TIME {
                    ""
                } else {
                    effect.field
                };
                Failure {
                    check: Some(check),
                    observes: false,
                    rule: format!("auto:{}:{}", effect.field, check.name()),
                    field,
                }
            }
        };
        effect.checks().map(failure).collect()
    }

    fn failures_of(&self, sheet: &Sheet) -> Vec<Failure> {
        let failure = |rule: &Rule| Failure {
            check: None,
            observes: rule.observes(),
            rule: rule.id(),
            field: rule.field(),
        };
        if self.operation.is_removal() {
            return Vec::new();
        }
        let refused = sheet.marker().and_then(|marker| marker.refused);
        let rules = sheet.seeded.map_or(&[][..], |seeded| &seeded.rules);
        let snapshot = refused.map(|_| failure(&Rule::Record("snapshot")));
        rules.iter().map(failure).chain(snapshot).collect()
    }

    /// What is wrong with the record, or would be, by the name of its kind.
    pub fn defect_name(&self) -> Option<String> {
        match self.sheet() {
            Some(sheet) => {
                let refused = sheet.marker().and_then(|marker| marker.refused);
                let kind = sheet.seeded.map(|seeded| seeded.kind).or(refused);
                kind.map(str::to_owned)
            }
            None => self.defect.map(Defect::name),
        }
    }

    /// What is expected of a record that shows a kind of defect; none for one that shows none.
    pub fn expectation(&self) -> Option<Expectation> {
        if self.operation.is_removal() && self.effect().is_none() {
            return None;
        }
        if MISSED_STORIES.contains(&(self.feed(), self.story.unwrap_or_default())) {
            return Some(Expectation::Missed);
        }
        self.defect_name()?;
        let missed = match self.sheet() {
            Some(sheet) => sheet.seeded.is_some_and(|seeded| seeded.missed),
            None => self.defect == Some(Defect::DiagnosisByMistake),
        };
        Some(match (missed, self.failures().is_empty()) {
            (true, _) => Expectation::Missed,
            (false, true) => Expectation::Repaired,
            (false, false) => Expectation::Found,
        })
    }
}
