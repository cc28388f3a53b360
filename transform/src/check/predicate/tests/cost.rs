//! What predicates cost, in nanoseconds of processor time for a record. Prints figures and asserts none.
//!
//! `cargo test --release -p yidang-transform --lib predicate_costs -- --ignored --nocapture`

use crate::check::tests::conditions::{catalog, predicate, rule, sent};
use crate::check::{Batch, Checker, Precheck, SubjectState, judge};
use crate::decode::{Bounds, decode};
use crate::kit::{ARRIVAL_MS, feed};
use crate::parse::{FieldReader, facets};
use crate::schema_book::SchemaView;
use yidang_schemas::rule::Check;

const RECORDS: usize = 200_000;
const BATCH: usize = 5_000;

/// Time of judging all records in batches by the predicates alone, and how many failed.
fn judged(texts: &[&str]) -> (u64, usize) {
    let rules: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| rule(&format!("r{place}"), &predicate(text), "flag"))
        .collect();
    let catalog = catalog("full", &rules);
    let (_, contract) = feed(&catalog, "mz.conditions");
    let mut contract = contract.clone();
    contract
        .rules
        .retain(|rule| matches!(rule.check, Check::Predicate(_)));
    let checker = Checker::new(&catalog, &contract);
    let readers = FieldReader::all(&contract);
    let bodies: Vec<_> = (0..BATCH).map(|place| sent(&format!(
        r#""name":"闽D{:05}","begun":"2020-01-{:02}","ended":"2020-02-{:02}","paid":{}.25,"due":{},"living":true"#,
        place, place % 28 + 1, place % 27 + 1, place, place % 7,
    ))).collect();
    let messages: Vec<_> = bodies.iter().map(crate::kit::Sent::raw).collect();
    let decoded = decode(&contract, Bounds::default(), SchemaView::empty(), &messages);
    let births = vec![jiff::civil::date(2026, 11, 23); BATCH];
    let facets = facets(&contract, &readers, &decoded, &births);
    let prechecks = vec![
        Precheck {
            key: None,
            order: None,
            subject: SubjectState::Named,
            nameless: false,
            corrects: None,
            now_ms: ARRIVAL_MS,
            removal: false,
            header_times: Vec::new(),
        };
        BATCH
    ];
    let batch = Batch {
        contract: &contract,
        checker: &checker,
        readers: &readers,
        decoded: &decoded,
        facets: &facets,
        prechecks: &prechecks,
    };
    let mut failures = 0;
    let begun = processor_time();
    for _ in 0..RECORDS / BATCH {
        failures += judge(&batch)
            .iter()
            .map(|judgement| judgement.defects.len())
            .sum::<usize>();
    }
    (processor_time() - begun, failures)
}

/// Nanoseconds that this thread has run, as Linux counts them.
fn processor_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "prints figures"]
fn predicate_costs() {
    let sets: [(&str, &[&str]); 6] = [
        ("none", &[]),
        ("two dates", &["begun <= ended"]),
        ("two numbers", &["paid > due"]),
        ("a pattern", &["regexp_like(name, '^闽D[0-9]{5}$')"]),
        ("a pattern by LIKE", &["name LIKE '闽D%'"]),
        (
            "five",
            &[
                "begun <= ended",
                "paid >= 0 AND paid * 2 < 1000000",
                "living OR due IS NULL",
                "due BETWEEN 0 AND 6",
                "regexp_like(name, '^闽D[0-9]{5}$')",
            ],
        ),
    ];
    for (name, texts) in sets {
        let (time, failures) = judged(texts);
        let nanoseconds = time / u64::try_from(RECORDS).unwrap();
        println!("{name}: {nanoseconds} ns/record, {failures} failures");
    }
}
