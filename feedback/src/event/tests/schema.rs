//! The published JSON Schema says what events hold.

use serde_json::Value;

use super::events;
use crate::event::{DATA_SCHEMA, Event};
use crate::kit::*;

fn published() -> Value {
    serde_json::from_str(include_str!(
        "../../../../schemas/events/issue-1.schema.json"
    ))
    .unwrap()
}

fn every_kind_of_event() -> Vec<Event> {
    events(&[
        Sent::good("k", 1, 1)
            .fails_with(NAME, Some("张三"))
            .fails(NOTE)
            .fails_with(CODE, None),
        Sent::good("k", 2, 100).fails_with(NAME, Some("李四")),
        Sent::good("k", 3, 200),
        Sent::good("k", 4, 300).fails(NAME),
        Sent::good("k", 4, 301).generation(2),
        Sent::good("bad", 1, 4).fails_with(ID, Some("350203199001010018")),
        Sent::good("right", 1, 5).corrects(issue_id("bad", ID)),
        Sent::good("gone", 1, 6).fails_with(NOTE, Some("350203199001010018")),
        Sent::removal("gone", 2, 7),
        Sent::unreadable(8),
        Sent::good("ours", 1, 9).fails(PLATFORM),
    ])
}

/// The members that a reader of the schema knows, as far as types, members and enumerations go.
fn misfits(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &root["$defs"][name.trim_start_matches("#/$defs/")],
        None => schema,
    };
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{path}: not one of the enumeration"));
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("array") => value.is_array(),
        _ => true,
    };
    if !fits {
        found.push(format!("{path}: another type"));
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match schema["properties"].get(name) {
            Some(schema) => misfits(root, schema, member, &path, found),
            None => found.push(format!("{path}: not in the schema")),
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{path}: lacks {name}"));
        }
    }
}

#[test]
fn every_kind_of_event_fits_the_published_schema() {
    let schema = published();
    assert_eq!(schema["$id"], DATA_SCHEMA);
    let events = every_kind_of_event();
    let mut kinds: Vec<&str> = events.iter().map(|event| event.transition.name()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        ["dismissed", "opened", "recurred", "reopened", "resolved"]
    );
    let mut found = Vec::new();
    for event in &events {
        let payload: Value = serde_json::from_slice(&event.payload).unwrap();
        misfits(&schema, &schema, &payload, "payload", &mut found);
    }
    assert_eq!(found, [""; 0]);
}
