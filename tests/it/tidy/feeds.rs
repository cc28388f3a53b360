//! "A feed is data": no name that a contract gives stands as a whole text literal in the Rust of the engine.
//!
//! The names are read out of `schemas/`: slugs of agencies, ids of feeds, fields of contracts. Columns of the dossiers are our own
//! words, and the members of a change-data envelope are those of a format, not of a feed; both stay apart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use yidang_tests::repository;

use super::rust_files;
use super::rust_source::{RustSource, without_tests};

const ENGINE: [&str; 4] = ["ingest/", "transform/", "sink/", "feedback/"];

/// Members of the Debezium envelope, which `transform` decodes as a format.
const ENVELOPE: [&str; 5] = ["op", "ts_ms", "before", "after", "source"];

/// Words of the engine that stand in the data as well: `platform` answers for what is our own failure and sends no feed. May
/// only shrink.
const SHARED: [&str; 1] = ["platform"];

/// All names that must not stand in the engine.
pub(crate) fn names() -> BTreeSet<String> {
    let schemas = repository().join("schemas");
    let mut names = BTreeSet::new();
    let agencies = parse(&schemas.join("agencies.yaml"));
    texts_under(&agencies, &["slug", "id"], &mut names);
    for path in contracts(&schemas.join("contracts")) {
        let contract = parse(&path);
        let id = contract
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{} has no id", path.display()));
        names.extend(id.split('.').map(str::to_owned));
        names.insert(id.to_owned());
        let mut fields = BTreeSet::new();
        property_names(&contract, &mut fields);
        assert!(!fields.is_empty(), "{} has no fields", path.display());
        names.extend(fields);
    }
    let mut columns = BTreeSet::new();
    for path in contracts(&schemas.join("dossiers")) {
        property_names(&parse(&path), &mut columns);
    }
    assert!(
        columns.len() > 40,
        "only {} columns were read out of schemas/dossiers",
        columns.len()
    );
    names.retain(|name| {
        !columns.contains(name)
            && !ENVELOPE.contains(&name.as_str())
            && !SHARED.contains(&name.as_str())
    });
    names
}

pub(crate) fn offences(names: &BTreeSet<String>) -> Vec<String> {
    let mut offences = Vec::new();
    for file in rust_files()
        .iter()
        .filter(|file| !file.is_test() && ENGINE.iter().any(|each| file.path.starts_with(each)))
    {
        for (line, literal) in RustSource::read(without_tests(&file.text)).literals {
            if names.contains(&literal) {
                offences.push(format!("{}:{line}: \"{literal}\"", file.path));
            }
        }
    }
    offences
}

fn parse(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every contract below a folder, sorted.
fn contracts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("the repository is readable").path();
        if path.is_dir() {
            found.extend(contracts(&path));
        } else if path.to_string_lossy().ends_with(".odcs.yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `name` of everything that is listed under `properties`, at any depth.
fn property_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for property in members
                .get("properties")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                names.extend(
                    property
                        .get("name")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
            }
            members
                .values()
                .for_each(|member| property_names(member, names));
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| property_names(element, names)),
        _ => {}
    }
}

/// Texts that stand under one of the keys, at any depth.
fn texts_under(value: &Value, keys: &[&str], texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                texts.extend(
                    member
                        .as_str()
                        .filter(|_| keys.contains(&key.as_str()))
                        .map(str::to_owned),
                );
                texts_under(member, keys, texts);
            }
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| texts_under(element, keys, texts)),
        _ => {}
    }
}
