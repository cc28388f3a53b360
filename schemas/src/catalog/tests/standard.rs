//! The standard as vendored, and a complete document of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::standard::keys;
use super::super::{Bundle, Catalog, Problem};

/// The example of the design pages: a valid document of ODCS v3.2.0 that uses most of it.
const EXAMPLE: &str = include_str!("standard.odcs.yaml");

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("odcs/odcs-3.2.0.schema.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Names of the members that the vendored schema describes at all these places.
fn described(schema: &Value, pointers: &[&str]) -> BTreeSet<String> {
    let members = pointers.iter().flat_map(|pointer| {
        let found = schema.pointer(pointer).and_then(Value::as_object);
        found.unwrap_or_else(|| panic!("{pointer}")).keys().cloned()
    });
    members.collect()
}

fn known(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_keys_are_those_of_the_vendored_schema() {
    let schema = schema();
    for (pointers, list) in [
        (&["/properties"][..], keys::ROOT),
        (
            &[
                "/$defs/Server/properties",
                "/$defs/ServerSource/KafkaServer/properties",
            ],
            keys::SERVER,
        ),
        (
            &[
                "/$defs/SchemaElement/properties",
                "/$defs/SchemaObject/properties",
            ],
            keys::SCHEMA,
        ),
        (
            &[
                "/$defs/DataQuality/properties",
                "/$defs/DataQualityCustom/properties",
            ],
            keys::RULE,
        ),
        (&["/$defs/EnumValue/properties"], keys::ENUM_VALUE),
        (&["/$defs/CustomProperty/properties"], keys::CUSTOM_PROPERTY),
    ] {
        assert_eq!(known(list), described(&schema, pointers), "{pointers:?}");
    }
}

/// Some keys of a property, and all of its options, are described under a condition on its logical type.
#[test]
fn the_keys_of_a_property_are_those_of_all_its_types() {
    let schema = schema();
    let mut property = described(
        &schema,
        &[
            "/$defs/SchemaElement/properties",
            "/$defs/SchemaBaseProperty/properties",
        ],
    );
    let mut options = BTreeSet::new();
    let conditions = schema.pointer("/$defs/SchemaBaseProperty/allOf").unwrap();
    for condition in conditions.as_array().unwrap() {
        let Some(then) = condition.pointer("/then/properties") else {
            continue;
        };
        property.extend(then.as_object().unwrap().keys().cloned());
        let own = then.pointer("/logicalTypeOptions/properties");
        options.extend(
            own.and_then(Value::as_object)
                .into_iter()
                .flat_map(|own| own.keys().cloned()),
        );
    }
    assert_eq!(known(keys::PROPERTY), property);
    assert_eq!(known(keys::OPTIONS), options);
}

/// What is wrong with the folder where this contract stands in the place of the registrar's.
fn problems_with(contract: &str) -> Vec<Problem> {
    let mut files = Bundle::embedded().unwrap().files;
    files.insert(
        "contracts/scjg/register.odcs.yaml".to_owned(),
        contract.to_owned(),
    );
    files.insert(
        "codes/enterprise-status.csv".to_owned(),
        "# enterprise-status@2026.1\ncode,label,canonical\n1,存续,ACTIVE\n2,吊销,REVOKED\n3,注销,DEREGISTERED\n".to_owned(),
    );
    let bundle = Bundle::of_files(files).unwrap();
    Catalog::from_bundle(&bundle).err().unwrap_or_default()
}

fn told(problems: &[Problem]) -> Vec<(&str, &str)> {
    let told = problems
        .iter()
        .map(|problem| (problem.code.0, problem.sentence.as_str()));
    told.collect()
}

/// The example is refused for what this version does not do, and for nothing else.
#[test]
fn a_complete_document_has_no_unknown_key() {
    let problems = problems_with(EXAMPLE);
    let mut found = told(&problems);
    found.sort_unstable();
    found.dedup();
    let wanted = [
        ("CT004", "the key 'orAnyOf' is not known here"),
        ("CT042", "the record speaks of no enterprise"),
        ("CT051", "there is no transform 'person_ref'"),
        ("CT063", "nothing evaluates this rule"),
        ("CT064", "'resident_id' cannot be checked of this field"),
        ("CT064", "'uscc' cannot be checked of this field"),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_complete_document_is_sound_but_for_what_this_version_does_not_do() {
    let mut text = EXAMPLE.to_owned();
    for (from, to) in [
        (
            "      - { property: recordKey,",
            "      - { property: subjects, value: [ { kind: enterprise, identifiers: [ { field: uscc, class: uscc } ] } ], vendor: yidang }\n      - { property: recordKey,",
        ),
        (
            "value: enterprise.legal_rep_person,",
            "value: enterprise.legal_rep_name,",
        ),
        (
            "transform, value: person_ref,",
            "transform, value: person_name,",
        ),
        (
            "{ check: resident_id, orAnyOf: [passport, hkmo_permit] }",
            "{ check: placeholder }",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let start = text.find("      - id: daily-volume").unwrap();
    let end = text.find("\nslaProperties:").unwrap();
    text.replace_range(start..end, "");
    assert_eq!(told(&problems_with(&text)), []);
}
