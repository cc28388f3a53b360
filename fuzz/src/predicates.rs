//! Predicates: SQL over the fields of a feed with one field of each type, planned, printed, and judged over a record.
//!
//! The first line is the predicate, the rest the members of the record. Law: what is planned reads back from its one spelling
//! as the same plan, and both judge alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::rule::Check;

use crate::files::small_folder;
use crate::world::{ARRIVAL_MS, FLAT, FLAT_FEED, FLAT_FILE, compiled, message_with, observer_of};

/// Longest text that is planned; longer ones repeat themselves.
const PREDICATE_BYTES_MAX: usize = 400;

/// The folder with the feed and one rule over its records.
fn files(predicate: &str) -> BTreeMap<String, String> {
    let text = serde_json::Value::from(predicate);
    let rule = format!(
        "    quality:\n      - {{ id: r, type: custom, engine: yidang, implementation: {{ predicate: {text} }}, dimension: consistency, \
         severity: minor, customProperties: [ {{ property: action, value: flag, vendor: yidang }} ] }}\n"
    );
    let mut files = small_folder();
    files.insert(
        FLAT_FILE.to_owned(),
        FLAT.replace("    quality: []\n", &rule),
    );
    files
}

/// The one spelling of the predicate, and the catalog with it; nothing where it is none.
fn planned(predicate: &str) -> Option<(String, Catalog)> {
    let catalog = match compiled(files(predicate)) {
        Ok(catalog) => catalog,
        Err(problems) => {
            for problem in problems {
                assert!(!problem.to_string().is_empty());
            }
            return None;
        }
    };
    let feed = catalog.feed(catalog.feed_of_id(FLAT_FEED)?)?;
    let mut rules = feed.rules.iter();
    let text = rules.find_map(|rule| match &rule.check {
        Check::Predicate(predicate) => Some(predicate.text.clone()),
        _ => None,
    });
    Some((text.expect("the contract has the rule"), catalog))
}

pub(crate) fn predicate(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let text = String::from_utf8_lossy(parts.next().unwrap_or(b""));
    if text.len() > PREDICATE_BYTES_MAX {
        return;
    }
    let Some((printed, catalog)) = planned(&text) else {
        return;
    };
    let (again, reprinted) = planned(&printed).expect("the one spelling is understood");
    assert_eq!(again, printed, "the one spelling stays");
    let members = parts.next().unwrap_or(b"");
    let verdicts = [catalog, reprinted].map(|catalog| judged(catalog, members));
    assert!(
        verdicts.first() == verdicts.last(),
        "both spellings judge alike"
    );
}

/// Rules that a record failed, and those that were not judged.
type Verdicts = (Vec<u16>, Vec<u16>);

/// What the rules say of two records, one with the members and one without: failures, unjudged rules, errors.
fn judged(catalog: Catalog, members: &[u8]) -> (Vec<Verdicts>, u64) {
    let catalog = Arc::new(catalog);
    let feed = catalog.feed_of_id(FLAT_FEED).expect("the feed is there");
    let observer = observer_of(&catalog, feed);
    let value = [
        br#"{"number":"1","citizen":"350203199001010018""#,
        members,
        b"}",
    ]
    .concat();
    let headers = [
        ("seq", "1".to_owned()),
        ("business-time", ARRIVAL_MS.to_string()),
    ];
    let headers = headers.map(|(name, text)| (name.to_owned(), Some(text.into())));
    let messages = [
        message_with(&headers, &value),
        message_with(&headers, br#"{"number":"2"}"#),
    ];
    let observed = observer.observe(&messages, ARRIVAL_MS);
    let observations = observed.observations.iter();
    let told = observations.map(|observation| {
        let failed = observation.failures.iter().map(|failure| failure.rule);
        (failed.collect(), observation.unjudged.clone())
    });
    (told.collect(), observed.rule_errors.values().sum())
}

const PREDICATES: [&str; 22] = [
    "begun <= ended",
    "due > 5 AND begun IS NOT NULL",
    "paid BETWEEN 0 AND 12.5 OR NOT (living)",
    "name LIKE 'A_%' AND name NOT LIKE '%z' ESCAPE '!'",
    "regexp_like(name, '^[0-9]+$')",
    "code_in('sex@2003', substr(name, 1, 1))",
    "length(trim(upper(name))) <> 0",
    "coalesce(due, 0) * 2 - paid / 3 >= abs(-(due))",
    "age_at(begun, ended) >= 18",
    "year(begun) = 2020 AND day(begun) IN (1, 2, 3)",
    "message_day() >= CAST(sent AS DATE)",
    "begun IN (DATE '2020-01-01', DATE '2026-11-23')",
    "CAST(name AS INTEGER) NOT IN (0, 1)",
    "left(name, 2) = right(name, 2)",
    "(due = 1) = (living)",
    "(due > 1) IS NULL",
    "sent IS NULL",
    "living",
    "\"name\" IN ('a', 'AB', '12')",
    "NOT FALSE AND due = due",
    "due = 9223372036854775807 + 1",
    "due / 0 = 1",
];

const MEMBERS: &str = r#","name":"AB","begun":"2020-01-01","ended":"2026-11-23","sent":"2026-11-23T10:13:20+08:00","paid":1.5,"due":12,"living":true"#;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seed = |predicate: &&str| format!("{predicate}\n{MEMBERS}").into_bytes();
    PREDICATES.iter().map(seed).collect()
}
