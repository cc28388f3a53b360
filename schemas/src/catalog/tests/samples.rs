//! The samples beside the contracts: their bookkeeping is complete. What the engine makes of them is tested above it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::yaml::{Node, parse};
use super::embedded;
use crate::contract::Contract;
use crate::defect::Outcome;
use crate::rule::{Check, Rule};

fn beside(feed: &Contract, ending: &str) -> PathBuf {
    let stem = feed.id.replace('.', "/");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("contracts/{stem}.{ending}"))
}

/// Records of a bare file, the header line of CSV not counted.
fn records(feed: &Contract, ending: &str) -> usize {
    let bytes = fs::read(beside(feed, ending)).unwrap();
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    lines - usize::from(ending.ends_with("csv"))
}

fn expectation(feed: &Contract) -> Node {
    parse(&fs::read_to_string(beside(feed, "bad.expect.yaml")).unwrap()).unwrap()
}

/// Our own failure is no agency's bad record, a snapshot is counted over many, and a subject that the key names is missing
/// only with the key.
fn can_fail_alone(feed: &Contract, rule: &Rule) -> bool {
    let mut identifiers = feed
        .subjects
        .iter()
        .flat_map(|subject| &subject.identifiers);
    match rule.check {
        Check::Platform | Check::Snapshot => false,
        Check::Subject => {
            identifiers.all(|identifier| !feed.record_key.contains(&identifier.field))
        }
        _ => true,
    }
}

#[test]
fn every_rule_of_every_contract_has_a_bad_sample() {
    for feed in &embedded().feeds {
        let expected = expectation(feed);
        let lists = expected
            .entries()
            .iter()
            .flat_map(|entry| entry.node.items());
        let rules = lists.flat_map(|record| record.get("rules").unwrap().items());
        let shown: BTreeSet<_> = rules.map(|rule| rule.scalar().unwrap()).collect();
        let own = feed.rules.iter().filter(|rule| can_fail_alone(feed, rule));
        let own = own.map(|rule| rule.id.as_str());
        assert_eq!(shown, own.collect::<BTreeSet<_>>(), "{}", feed.id);
    }
}

#[test]
fn every_record_of_a_bad_sample_has_one_expectation() {
    for feed in &embedded().feeds {
        let expected = expectation(feed);
        let bare = feed.format.ending();
        for (list, ending) in [
            (bare, format!("bad.{bare}")),
            ("messages", "bad.messages.jsonl".to_owned()),
        ] {
            let items = expected.get(list).unwrap().items();
            assert_eq!(items.len(), records(feed, &ending), "{} {ending}", feed.id);
            for (index, item) in items.iter().enumerate() {
                assert_eq!(
                    item.get("record").unwrap().scalar(),
                    Some((index + 1).to_string().as_str())
                );
                let outcome = item.get("outcome").unwrap().scalar().unwrap();
                assert!(
                    Outcome::ALL.iter().any(|known| known.name() == outcome),
                    "{outcome}"
                );
            }
        }
    }
}

#[test]
fn every_feed_has_good_samples_in_its_own_format() {
    for feed in &embedded().feeds {
        assert!(
            records(feed, &format!("good.{}", feed.format.ending())) >= 2,
            "{}",
            feed.id
        );
    }
}
