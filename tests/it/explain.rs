//! Every cell answers for itself: `explain` shows the values of the truth, where each comes from, and what lost against it;
//! `issue` shows what has to be put right.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use yidang_simulate::{IssueState, SubjectTruth};
use yidang_tests::process::{Finished, Launch};

use crate::verify::{TakenIn, taken_in, text};

const PATIENCE: Duration = Duration::from_secs(60);

fn explain(taken_in: &TakenIn, kind: &str, number: &str, more: &[&str]) -> Finished {
    let (lake, key) = (taken_in.lake(), taken_in.key());
    let start = [
        "explain",
        kind,
        "-",
        "--lake",
        text(&lake),
        "--id-key-file",
        &key,
    ];
    Launch::yidang(start.iter().chain(more))
        .input(format!("{number}\n"))
        .run(PATIENCE)
}

/// Without the members that are null: the truth leaves them out in some places.
fn stated(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let stated = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                stated
                    .map(|(name, value)| (name.clone(), stated_of(value)))
                    .collect(),
            )
        }
        other => stated_of(other),
    }
}

fn stated_of(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(stated).collect()),
        Value::Object(_) => stated(value),
        other => other.clone(),
    }
}

/// Column to value, list columns to the array of their elements.
fn values(cells: &[Value]) -> BTreeMap<String, Value> {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for cell in cells {
        let name = cell["column"]
            .as_str()
            .expect("cells have columns")
            .to_owned();
        if cell["element"].is_null() {
            values.insert(name, stated(&cell["value"]));
        } else {
            let list = values
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()
                .expect("just made")
                .push(stated(&cell["value"]));
        }
    }
    values
}

fn compare(taken_in: &TakenIn, kind: &str, subject: &SubjectTruth) -> Vec<Value> {
    let cells = explain(taken_in, kind, &subject.number, &["--json"])
        .expect_code(0)
        .json();
    let told = values(&cells);
    assert!(told.len() > 10, "{told:?}");
    for (column, value) in &told {
        let expected = subject
            .columns
            .get(column.as_str())
            .map(stated)
            .unwrap_or(Value::Null);
        let empty = expected.is_null() || expected.as_array().is_some_and(Vec::is_empty);
        assert!(
            if empty {
                value.is_null()
            } else {
                *value == expected
            },
            "{column} of a {kind} differs"
        );
    }
    cells
}

#[test]
fn cells_explain_themselves_and_agree_with_the_truth() {
    let taken_in = taken_in();
    let mut lost = 0;
    let persons = taken_in.truth.persons.iter();
    let residents: Vec<&SubjectTruth> = persons.filter(|person| person.class == "RIC").collect();
    for subject in residents.iter().take(8) {
        let cells = compare(&taken_in, "person", subject);
        lost += cells
            .iter()
            .filter(|cell| {
                cell["losers"]
                    .as_array()
                    .is_some_and(|losers| !losers.is_empty())
            })
            .count();
        for cell in cells.iter().filter(|cell| !cell["value"].is_null()) {
            assert!(
                cell["topic"].is_string() && cell["offset"].is_i64() && cell["why"].is_string(),
                "{cell}"
            );
        }
    }
    assert!(lost > 0, "no value of eight persons lost against another");
    for subject in taken_in.truth.enterprises.iter().take(4) {
        compare(&taken_in, "enterprise", subject);
    }

    let person = residents[0];
    let block = explain(&taken_in, "person", &person.number, &["--field", "name"])
        .expect_code(0)
        .text();
    for part in [
        "value: ",
        "agency: ",
        "coordinates: ",
        "business time: ",
        "contract ",
        "why it won: ",
    ] {
        assert!(block.contains(part), "{part:?} is not in the block");
    }
    let token = person.token.as_deref().expect("the city has the id key");
    let by_id = explain(
        &taken_in,
        "person",
        token,
        &["--field", "name", "--lang", "zh"],
    )
    .expect_code(0)
    .text();
    assert!(by_id.contains("采用理由: "));
}

#[test]
fn what_is_not_here_says_whether_it_is_malformed_and_does_not_repeat_it() {
    let taken_in = taken_in();
    // One is too short; one is the example of GB 11643-1999, of nobody in the city.
    for (number, word) in [
        ("11010119000307", "malformed"),
        ("11010519491231002X", "well formed"),
    ] {
        let finished = explain(&taken_in, "person", number, &[]).expect_code(1);
        assert!(
            finished.text().contains(word),
            "{word} is not in {}",
            finished.text()
        );
        assert!(!finished.text().contains(number), "the number is repeated");
    }
    let unknown = explain(&taken_in, "person", "x", &["--field", "no_such_column"]).expect_code(2);
    assert!(
        unknown.text().contains("no column no_such_column"),
        "{}",
        unknown.text()
    );
    let kinds = explain(&taken_in, "building", "x", &[]).expect_code(2);
    assert!(kinds.text().contains("person"), "{}", kinds.text());

    let lake = taken_in.lake();
    let list = Launch::yidang(["issue", "list", "--open", "--json", "--lake", text(&lake)])
        .run(PATIENCE)
        .expect_code(0);
    let open = list.json();
    let expected = taken_in
        .truth
        .issues
        .iter()
        .filter(|issue| issue.state == IssueState::Open);
    let expected: std::collections::BTreeSet<&str> = expected
        .filter_map(|issue| issue.issue_id.as_deref())
        .collect();
    let told: std::collections::BTreeSet<&str> = open
        .iter()
        .filter_map(|issue| issue["issue_id"].as_str())
        .collect();
    let missing: Vec<_> = expected.difference(&told).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let id = expected.first().expect("the city leaves issues open");
    let shown = Launch::yidang(["issue", "show", id, "--lake", text(&lake)])
        .run(PATIENCE)
        .expect_code(0);
    assert!(
        shown.text().contains("opened: a record failed the rule"),
        "{}",
        shown.text()
    );
    let json = Launch::yidang(["issue", "show", id, "--lake", text(&lake), "--json"])
        .run(PATIENCE)
        .expect_code(0)
        .json();
    assert_eq!(json[0]["events"][0]["transition"], "opened");
}
