//! The JSON Schema of the profile names what the compiler knows, no more and no less.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::contracts::{SCHEMA_CUSTOMS, envelope, fields, subjects, transforms, writing};
use super::super::rules::{checks, written};
use crate::indicator::Indicator;

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/yidang-profile-1.schema.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn names(pointer: &str) -> BTreeSet<String> {
    let schema = schema();
    let found = schema
        .pointer(pointer)
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("{pointer}"));
    found
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn known(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn both_know_the_same_words() {
    let customs = "properties/customProperties/allOf/0/items/then/properties/property/enum";
    assert_eq!(
        names("/$defs/transform/enum"),
        known(&transforms::TRANSFORMS)
    );
    assert_eq!(names("/$defs/identifier/enum"), known(&subjects::CLASSES));
    assert_eq!(
        names(&format!("/$defs/feed/{customs}")),
        known(&SCHEMA_CUSTOMS)
    );
    assert_eq!(
        names(&format!("/$defs/field/{customs}")),
        known(&fields::FIELD_CUSTOMS)
    );
    let types: Vec<&str> = fields::TYPES.iter().map(|(name, _)| *name).collect();
    let types_named = names("/$defs/field/properties/logicalType/enum");
    assert_eq!(types_named, known(&types));
    let check_names = "/$defs/rule/then/properties/implementation/properties/check/enum";
    assert_eq!(names(check_names), known(&checks::CHECKS));
    let rule_customs = format!("/$defs/rule/then/{customs}");
    assert_eq!(names(&rule_customs), known(&written::RULE_CUSTOMS));
    let schema = schema();
    let keys = schema
        .pointer("/$defs/rule/then/properties/implementation/properties")
        .and_then(Value::as_object)
        .unwrap();
    let keys: BTreeSet<String> = keys.keys().cloned().collect();
    assert_eq!(keys, known(&checks::IMPLEMENTATION_KEYS));
    let indicators =
        "/$defs/rule/then/properties/customProperties/allOf/2/items/then/properties/value/enum";
    let codes: Vec<&str> = Indicator::ALL.iter().map(|known| known.code).collect();
    assert_eq!(names(indicators), known(&codes));
    let formats: Vec<&str> = writing::FORMATS.iter().map(|(name, _)| *name).collect();
    let encodings: Vec<&str> = writing::ENCODINGS.iter().map(|(name, _)| *name).collect();
    let server = "/properties/servers/items/properties";
    assert_eq!(names(&format!("{server}/format/enum")), known(&formats));
    assert_eq!(names(&format!("{server}/encoding/enum")), known(&encodings));
}

/// What one custom property of a feed may hold, by its name.
fn value_of(name: &str) -> Value {
    let schema = schema();
    let customs = schema.pointer("/$defs/feed/properties/customProperties/allOf");
    let parts = customs.and_then(Value::as_array).unwrap();
    let named = |part: &&Value| {
        part.pointer("/items/if/properties/property/const") == Some(&Value::from(name))
    };
    let part = parts.iter().find(named).unwrap();
    let value = part.pointer("/items/then/properties/value");
    value.unwrap().clone()
}

#[test]
fn both_know_the_same_envelopes_and_members() {
    let value = value_of("envelope");
    let words = value["enum"].as_array().unwrap();
    let words: BTreeSet<&str> = words.iter().filter_map(Value::as_str).collect();
    let envelopes: BTreeSet<&str> = envelope::ENVELOPES.iter().map(|(name, _)| *name).collect();
    assert_eq!(words, envelopes);
    let schema = schema();
    let pattern = schema.pointer("/$defs/place/pattern").unwrap();
    let pattern = regex::Regex::new(pattern.as_str().unwrap()).unwrap();
    for (_, envelope) in envelope::ENVELOPES {
        for member in envelope::names(envelope).chain(envelope.operation()) {
            assert!(pattern.is_match(&format!("envelope:{member}")), "{member}");
        }
    }
    assert!(!pattern.is_match("envelope:before"));
}
