//! The columns agree with a slow reading, row by row, that knows nothing of them; and what a predicate costs.

mod cost;
mod reference;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::check::tests::conditions::{catalog, predicate, rule, sent};
use crate::kit::{feed, observe_of};
use reference::Verdict;
use yidang_schemas::rule::Check;

/// Predicates in one contract, and records judged by all of them.
const PREDICATES: usize = 60;
const RECORDS: usize = 60;

fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => Just("name".to_owned()),
        1 => prop::sample::select(vec!["'a'", "'AB'", "''", "'门'", "'12'"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), 1u32..4, 0u32..4)
                .prop_map(|(text, from, count)| format!("substr({text}, {from}, {count})")),
            (inner.clone(), 0u32..4).prop_map(|(text, count)| format!("left({text}, {count})")),
            (inner.clone(), 0u32..4).prop_map(|(text, count)| format!("right({text}, {count})")),
            inner.clone().prop_map(|text| format!("upper({text})")),
            inner.clone().prop_map(|text| format!("trim({text})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("coalesce({one}, {other})")),
        ]
    })
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        2 => Just("due".to_owned()),
        2 => Just("paid".to_owned()),
        2 => prop::sample::select(vec!["0", "1", "-2", "0.25", "12"]).prop_map(str::to_owned),
        1 => text().prop_map(|text| format!("length({text})")),
        1 => day().prop_map(|day| format!("year({day})")),
        1 => day().prop_map(|day| format!("day({day})")),
        1 => (day(), day()).prop_map(|(birth, day)| format!("age_at({birth}, {day})")),
        1 => text().prop_map(|text| format!("CAST({text} AS INTEGER)")),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (
                inner.clone(),
                prop::sample::select(vec!["+", "-", "*"]),
                inner.clone()
            )
                .prop_map(|(one, sign, other)| format!("({one} {sign} {other})")),
            (
                inner.clone(),
                prop::sample::select(vec!["0", "1", "2", "-4"])
            )
                .prop_map(|(one, other)| format!("{one} / {other}")),
            inner.clone().prop_map(|number| format!("abs({number})")),
            inner.clone().prop_map(|number| format!("(- {number})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("coalesce({one}, {other})")),
        ]
    })
}

fn day() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("begun".to_owned()),
        Just("ended".to_owned()),
        Just("coalesce(begun, ended)".to_owned()),
        Just("message_day()".to_owned()),
        Just("CAST(sent AS DATE)".to_owned()),
        prop::sample::select(vec!["DATE '2020-01-01'", "DATE '2004-02-29'"])
            .prop_map(str::to_owned),
    ]
}

fn test() -> impl Strategy<Value = String> {
    let sign = || prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (text(), sign(), text()).prop_map(|(one, sign, other)| format!("{one} {sign} {other}")),
        (number(), sign(), number()).prop_map(|(one, sign, other)| format!("{one} {sign} {other}")),
        (day(), sign(), day()).prop_map(|(one, sign, other)| format!("{one} {sign} {other}")),
        (number(), number(), number())
            .prop_map(|(one, low, high)| format!("{one} BETWEEN {low} AND {high}")),
        text().prop_map(|text| format!("{text} IN ('a', 'AB', '12')")),
        number().prop_map(|number| format!("{number} NOT IN (0, 1, 12)")),
        day().prop_map(|day| format!("{day} IN (DATE '2020-01-01', DATE '2026-11-23')")),
        text().prop_map(|text| format!("{text} LIKE 'A_%'")),
        text().prop_map(|text| format!("regexp_like({text}, '^[0-9]+$')")),
        text().prop_map(|text| format!("code_in('sex@2003', {text})")),
        number().prop_map(|number| format!("{number} IS NULL")),
        text().prop_map(|text| format!("{text} IS NOT NULL")),
        Just("sent IS NULL".to_owned()),
        Just("living".to_owned()),
        Just("FALSE".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.clone().prop_map(|test| format!("NOT ({test})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) = ({other})")),
            inner.prop_map(|test| format!("({test}) IS NULL")),
        ]
    })
}

/// Members of a record; those that are absent are not there.
fn record() -> impl Strategy<Value = Map<String, Value>> {
    let of = |values: Vec<Value>| {
        let absent = prop::option::weighted(0.85, prop::sample::select(values));
        absent.boxed()
    };
    let members = [
        (
            "name",
            of(vec![
                json!("a"),
                json!("AB"),
                json!("12"),
                json!(" 厦门 "),
                json!("1"),
                Value::Null,
            ]),
        ),
        (
            "begun",
            of(vec![
                json!("2020-01-01"),
                json!("2004-02-29"),
                json!("2026-11-23"),
                Value::Null,
                json!("bad"),
            ]),
        ),
        (
            "ended",
            of(vec![
                json!("2020-01-01"),
                json!("2022-02-28"),
                Value::Null,
                json!("00000000"),
            ]),
        ),
        (
            "sent",
            of(vec![
                json!("2020-01-01T00:00:00+08:00"),
                json!("2026-11-22T16:00:00Z"),
                Value::Null,
            ]),
        ),
        (
            "paid",
            of(vec![
                json!(0),
                json!(0.25),
                json!(-2),
                json!("12.00"),
                Value::Null,
                json!("x"),
            ]),
        ),
        ("due", of(vec![json!(0), json!(1), json!(12), Value::Null])),
        ("living", of(vec![json!(true), json!(false), Value::Null])),
    ];
    let names = members.clone().map(|(name, _)| name);
    let values = members.map(|(_, value)| value).to_vec();
    values.prop_map(move |values| {
        let named = names.into_iter().zip(values);
        let there = named.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        there.collect()
    })
}

#[test]
fn columns_agree_with_a_reading_row_by_row() {
    let mut runner = TestRunner::new(Config::default());
    let mut seen = [0usize; 4];
    for mode in ["full", "patch", "full"] {
        let draw = |runner: &mut TestRunner| test().new_tree(runner).unwrap().current();
        let mut texts: Vec<String> = Vec::new();
        while texts.len() < PREDICATES {
            let text = draw(&mut runner);
            // A predicate that reads no field is refused, and so is a very long one.
            if ["name", "due", "paid", "begun", "ended", "sent", "living"]
                .iter()
                .any(|name| text.contains(name))
                && text.len() < 600
            {
                texts.push(text);
            }
        }
        let rules: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(place, text)| rule(&format!("r{place}"), &predicate(text), "flag"))
            .collect();
        let catalog = catalog(mode, &rules);
        let (_, contract) = feed(&catalog, "mz.conditions");
        let records: Vec<_> = (0..RECORDS)
            .map(|_| record().new_tree(&mut runner).unwrap().current())
            .collect();
        let messages: Vec<_> = records
            .iter()
            .map(|members| {
                let text = serde_json::to_string(members).unwrap();
                sent(text.trim_start_matches('{').trim_end_matches('}'))
            })
            .collect();
        let observed = observe_of(&catalog, "mz.conditions", &messages);
        let mut errors = 0;
        for (place, rule) in contract.rules.iter().enumerate() {
            let Check::Predicate(planned) = &rule.check else {
                continue;
            };
            let place = u16::try_from(place).unwrap();
            for (members, observation) in records.iter().zip(&observed.observations) {
                let failed = observation
                    .failures
                    .iter()
                    .any(|failure| failure.rule == place);
                let found = match (failed, observation.unjudged.contains(&place)) {
                    (true, _) => Verdict::Fail,
                    (false, true) => Verdict::Unjudged,
                    (false, false) => Verdict::Pass,
                };
                let expected = reference::judge(contract, planned, members);
                errors += u64::from(expected == Verdict::Error);
                seen[expected as usize] += 1;
                let told = if expected == Verdict::Error {
                    Verdict::Unjudged
                } else {
                    expected
                };
                assert_eq!(found, told, "{}\n{}\n{members:?}", mode, planned.text);
            }
        }
        assert_eq!(observed.rule_errors.values().sum::<u64>(), errors);
    }
    assert!(
        seen.iter().all(|count| *count > 50),
        "{seen:?} is too one-sided to prove anything"
    );
}
