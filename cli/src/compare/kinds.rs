//! How well each kind of defect is found, feed by feed.
//!
//! A kind is found where every rule that the truth names failed and the outcome is that of the truth; a repaired one
//! where nobody was told of it. A finding that the truth does not have is a false alarm, on a sound record too. Leaves
//! alone: whether the comparison as a whole is equal.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use yidang_simulate::{Expectation, RecordTruth};

/// What stands for the kind of a record that shows none.
const NONE: &str = "none";

/// Records of one kind in one feed.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct KindCount {
    pub feed: String,
    /// Kind of defect; `none` for records without one.
    pub kind: String,
    pub expects: Option<Expectation>,
    /// Records that show the kind.
    pub seeded: u64,
    /// Of these, those that came out as the kind has to.
    pub found: u64,
    /// Findings that the truth does not have.
    pub false_alarms: u64,
}

/// Counts by feed, kind and what is expected of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds(BTreeMap<(String, String, Option<Expectation>), [u64; 3]>);

impl Kinds {
    /// Counts one record by what was found of it.
    pub fn count(
        &mut self,
        record: &RecordTruth,
        outcome: Option<&str>,
        found: &BTreeSet<(String, String)>,
    ) {
        let expected = record.failed.iter();
        let expected = expected.map(|failed| (failed.rule.clone(), failed.field.clone()));
        let expected: BTreeSet<(String, String)> = expected.collect();
        let same = outcome == Some(record.outcome);
        let is_found = match record.expects {
            Some(Expectation::Found) => same && expected.is_subset(found),
            Some(Expectation::Repaired) | None => same && found.is_empty(),
            Some(Expectation::Missed) => !found.is_empty(),
        };
        let kind = match record.expects {
            None => NONE,
            Some(_) => record.defect.as_deref().or(record.story).unwrap_or(NONE),
        };
        let key = (record.feed.to_owned(), kind.to_owned(), record.expects);
        let [seeded, found_of, alarms] = self.0.entry(key).or_default();
        *seeded += 1;
        *found_of += u64::from(is_found);
        *alarms += found.difference(&expected).count() as u64;
    }

    /// All counts in order of feed and kind.
    pub fn list(&self) -> Vec<KindCount> {
        let counts = self.0.iter();
        let told = counts.map(
            |((feed, kind, expects), [seeded, found, false_alarms])| KindCount {
                feed: feed.clone(),
                kind: kind.clone(),
                expects: *expects,
                seeded: *seeded,
                found: *found,
                false_alarms: *false_alarms,
            },
        );
        told.collect()
    }

    /// The table in columns of one width each, with the sum of each feed.
    pub fn lines(&self) -> Vec<String> {
        let line = |feed: &str, kind: &str, expects: &str, counts: [&str; 3]| {
            let [seeded, found, alarms] = counts;
            format!("{feed:<14} {kind:<34} {expects:<9} {seeded:>7} {found:>7} {alarms:>12}")
        };
        let head = ["seeded", "found", "false alarms"];
        let mut lines = vec![line("feed", "kind", "expected", head)];
        for count in self.list() {
            let expects = match count.expects {
                Some(Expectation::Found) => "found",
                Some(Expectation::Repaired) => "repaired",
                Some(Expectation::Missed) => "missed",
                None => "",
            };
            let counts = [count.seeded, count.found, count.false_alarms].map(|n| n.to_string());
            let [seeded, found, alarms] = counts.each_ref().map(String::as_str);
            lines.push(line(
                &count.feed,
                &count.kind,
                expects,
                [seeded, found, alarms],
            ));
        }
        lines.extend(self.sums());
        lines
    }

    /// Of all feeds together: what rules have to find, and what no rule finds.
    fn sums(&self) -> Vec<String> {
        let sum = |expects: &[Option<Expectation>]| {
            let of = |(_, _, expected): &(String, String, Option<Expectation>)| {
                expects.contains(expected)
            };
            let counts = self.0.iter().filter(|(key, _)| of(key));
            counts.fold([0, 0, 0], |sum: [u64; 3], (_, counts)| {
                let [seeded, found, alarms] = sum;
                let [more, further, others] = *counts;
                [seeded + more, found + further, alarms + others]
            })
        };
        let [seeded, found, _] = sum(&[Some(Expectation::Found)]);
        let [repaired, silent, _] = sum(&[Some(Expectation::Repaired)]);
        let [missed, seen, _] = sum(&[Some(Expectation::Missed)]);
        let defects = seeded + missed;
        let share = (found + seen) * 1_000 / defects.max(1);
        let [_, _, alarms] = sum(&[
            None,
            Some(Expectation::Found),
            Some(Expectation::Repaired),
            Some(Expectation::Missed),
        ]);
        vec![
            format!("defects that rules have to find: {found} of {seeded} found"),
            format!("kinds that stand as missed: {seen} of {missed} found"),
            format!(
                "found of all seeded defects: {}.{} %",
                share / 10,
                share % 10
            ),
            format!("repaired without a word: {silent} of {repaired}"),
            format!("false alarms: {alarms}"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use yidang_simulate::{Coordinates, FailedRule};

    use super::*;

    fn record(defect: Option<&str>, rules: &[&str], expects: Option<Expectation>) -> RecordTruth {
        let failed = rules.iter().map(|rule| FailedRule {
            rule: (*rule).to_owned(),
            field: String::new(),
        });
        RecordTruth {
            feed: "agency.feed",
            at: Coordinates {
                topic: String::new(),
                partition: 0,
                offset: 0,
                row: 0,
            },
            key: None,
            outcome: if rules.is_empty() {
                "accepted"
            } else {
                "flagged"
            },
            failed: failed.collect(),
            defect: defect.map(str::to_owned),
            story: None,
            expects,
            repeat: false,
        }
    }

    fn rules(rules: &[&str]) -> BTreeSet<(String, String)> {
        let rules = rules.iter();
        rules
            .map(|rule| ((*rule).to_owned(), String::new()))
            .collect()
    }

    #[test]
    fn found_missed_and_false_alarms_are_told_apart() {
        let mut kinds = Kinds::default();
        let bad = record(Some("odd"), &["a", "b"], Some(Expectation::Found));
        kinds.count(&bad, Some("flagged"), &rules(&["a", "b"]));
        kinds.count(&bad, Some("flagged"), &rules(&["a", "c"]));
        kinds.count(&bad, Some("accepted"), &rules(&["a", "b"]));
        let missed = record(Some("silent"), &[], Some(Expectation::Missed));
        kinds.count(&missed, Some("accepted"), &rules(&[]));
        kinds.count(&record(None, &[], None), Some("flagged"), &rules(&["a"]));
        let counts = kinds.list().into_iter();
        let counts: Vec<_> = counts
            .map(|count| (count.kind, count.seeded, count.found, count.false_alarms))
            .collect();
        let wanted = [("none", 1, 0, 1), ("odd", 3, 1, 1), ("silent", 1, 0, 0)];
        let wanted =
            wanted.map(|(kind, seeded, found, alarms)| (kind.to_owned(), seeded, found, alarms));
        assert_eq!(counts, wanted);
        assert!(
            kinds
                .lines()
                .contains(&"found of all seeded defects: 25.0 %".to_owned())
        );
    }
}
