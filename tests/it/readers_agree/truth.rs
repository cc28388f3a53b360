//! The truth that `simulate --out` writes, and cells held against it.
//!
//! Leaves alone: arrival facts, of which no truth is stated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

/// Canonical number of a subject to the columns of its row.
pub type Rows = BTreeMap<String, Value>;

/// What the generator knew.
pub struct Truth {
    pub messages: u64,
    pub persons: Rows,
    pub enterprises: Rows,
}

/// Columns of a row for which the truth states nothing.
const NOT_STATED: [&str; 3] = ["record_version", "first_seen_at", "updated_at"];

impl Truth {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("simulate wrote the truth");
        let mut truth = Self {
            messages: 0,
            persons: Rows::new(),
            enterprises: Rows::new(),
        };
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("a line of the truth is JSON");
            if let Some(messages) = line["counts"]["messages"].as_u64() {
                truth.messages = messages;
            }
            for (name, rows) in [
                ("person", &mut truth.persons),
                ("enterprise", &mut truth.enterprises),
            ] {
                if let Some(subject) = line.get(name) {
                    let token = subject["token"].as_str().expect("the city knew the id key");
                    rows.insert(token.to_owned(), subject["columns"].clone());
                }
            }
        }
        truth
    }

    /// Holds every row and every cell that the truth states against the table; gives the number of cells. `shown` is a
    /// column that must differ somewhere, so that a truth of nulls compares nothing.
    pub fn compare(&self, expected: &Rows, shown: &str, rows: &[Value]) -> usize {
        assert_eq!(rows.len(), expected.len(), "subjects");
        assert!(
            expected
                .values()
                .any(|columns| columns.get(shown).is_some()),
            "the truth states {shown}"
        );
        let mut cells = 0;
        for row in rows {
            let row = row.as_object().expect("a row is an object");
            let subject = row
                .get("person_id")
                .or_else(|| row.get("ent_id"))
                .and_then(Value::as_str);
            let subject = subject.expect("a row has its subject");
            let columns = expected
                .get(subject)
                .unwrap_or_else(|| panic!("{subject} is not in the truth"));
            for (column, value) in row
                .iter()
                .filter(|(column, _)| !NOT_STATED.contains(&column.as_str()))
            {
                let wanted = columns.get(column).cloned().unwrap_or(Value::Null);
                let held = match column.as_str() {
                    "provenance" => feeds_by_column(row, value),
                    _ => value.clone(),
                };
                assert!(
                    same(&held, &wanted),
                    "{column} of {subject} is not what the truth says"
                );
                cells += 1;
            }
        }
        cells
    }
}

/// Column to the agencies and feeds behind it, as cells and elements of lists name them by their place among the sources.
fn feeds_by_column(row: &serde_json::Map<String, Value>, provenance: &Value) -> Value {
    let mut named: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut note = |column: &str, told: &Value| {
        let place = told["source"].as_u64().expect("a source");
        let place = usize::try_from(place).expect("sources are few");
        let source = &provenance["sources"][place];
        let text = |name: &str| source[name].as_str().expect("a source is named").to_owned();
        let column = column.split('.').next().unwrap_or_default();
        let sources = named.entry(column.to_owned()).or_default();
        sources.insert((text("agency"), text("feed")));
    };
    for (column, told) in provenance["cells"].as_object().expect("cells are a map") {
        note(column, told);
    }
    for (column, value) in row {
        let elements = value.as_array().into_iter().flatten();
        for element in elements.filter(|element| element.get("source").is_some()) {
            note(column, element);
        }
    }
    let told = |(agency, feed)| json!({"agency": agency, "feed": feed});
    let columns = named
        .into_iter()
        .map(|(column, sources)| (column, sources.into_iter().map(told).collect()));
    Value::Object(columns.collect())
}

/// A cell as a reader gives it and as the truth states it: the truth knows no sources, leaves nulls out, and counts
/// milliseconds.
fn same(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => {
            let wanted_of = |name: &String| wanted.get(name).unwrap_or(&Value::Null);
            wanted.keys().all(|name| value.contains_key(name))
                && value
                    .iter()
                    .filter(|(name, _)| *name != "source")
                    .all(|(name, part)| same(part, wanted_of(name)))
        }
        (Value::Array(values), Value::Array(wanted)) => {
            values.len() == wanted.len()
                && values
                    .iter()
                    .zip(wanted)
                    .all(|(value, wanted)| same(value, wanted))
        }
        (Value::String(text), Value::Number(milliseconds)) => {
            let instant: Option<jiff::Timestamp> = text.parse().ok();
            instant.map(jiff::Timestamp::as_millisecond) == milliseconds.as_i64()
        }
        (Value::Array(values), Value::Null) => values.is_empty(),
        _ => value == wanted,
    }
}
