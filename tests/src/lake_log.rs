//! The Delta log of a local table, read entry by entry without the code that writes it.
//!
//! Reads JSON entries only: checkpoints and data are for the readers that are not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// One entry of a log, `<version>.json`.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub version: u64,
    /// Application id to version, of the `txn` actions.
    pub transactions: BTreeMap<String, i64>,
    pub adds: Vec<Add>,
    /// Data files that left the table, or whose deletion vector was replaced.
    pub removes: Vec<String>,
    pub commit_info: Option<Value>,
    pub metadata: Option<Value>,
    pub protocol: Option<Value>,
    /// Size of the entry itself.
    pub bytes: u64,
}

/// A data file that an entry brought, or gave another deletion vector.
#[derive(Debug, Clone)]
pub struct Add {
    pub path: String,
    pub size_bytes: u64,
    pub data_change: bool,
    /// `numRecords` of its statistics: physical rows, deleted ones included.
    pub rows: Option<u64>,
    /// The whole statistics text: what the canary search reads.
    pub statistics: Option<String>,
    pub deletion_vector: Option<Value>,
}

impl Add {
    /// Rows that the deletion vector hides.
    #[must_use]
    pub fn deleted_rows(&self) -> u64 {
        let vector = self.deletion_vector.as_ref();
        vector
            .and_then(|vector| vector.get("cardinality"))
            .and_then(Value::as_u64)
            .unwrap_or(0)
    }
}

/// All entries of the table's log in order of version. Empty if there is no log.
///
/// # Panics
/// If an entry cannot be read.
#[must_use]
pub fn entries(table: &Path) -> Vec<Entry> {
    let Ok(folder) = std::fs::read_dir(table.join("_delta_log")) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for file in folder {
        let path = file.expect("the folder is readable").path();
        if let Some(version) = version_of(&path) {
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            entries.push(parse(version, &text));
        }
    }
    entries.sort_by_key(|entry| entry.version);
    entries
}

/// Only `<20 digits>.json` is an entry: checkpoints and unfinished puts are not.
fn version_of(path: &Path) -> Option<u64> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".json")?;
    (stem.len() == 20).then(|| stem.parse().ok()).flatten()
}

fn parse(version: u64, text: &str) -> Entry {
    let mut entry = Entry {
        version,
        bytes: text.len() as u64,
        ..Entry::default()
    };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let action: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("log entry {version}: {error}"));
        if let Some(txn) = action.get("txn") {
            let number = txn
                .get("version")
                .and_then(Value::as_i64)
                .expect("a txn has a version");
            entry.transactions.insert(text_of(txn, "appId"), number);
        }
        if let Some(add) = action.get("add") {
            entry.adds.push(parse_add(add));
        }
        if let Some(remove) = action.get("remove") {
            entry.removes.push(text_of(remove, "path"));
        }
        entry.commit_info = action.get("commitInfo").cloned().or(entry.commit_info);
        entry.metadata = action.get("metaData").cloned().or(entry.metadata);
        entry.protocol = action.get("protocol").cloned().or(entry.protocol);
    }
    entry
}

fn parse_add(add: &Value) -> Add {
    let statistics = add.get("stats").and_then(Value::as_str).map(str::to_owned);
    let parsed: Option<Value> = statistics
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    Add {
        path: text_of(add, "path"),
        size_bytes: add
            .get("size")
            .and_then(Value::as_u64)
            .expect("an add has a size"),
        data_change: add
            .get("dataChange")
            .and_then(Value::as_bool)
            .unwrap_or(true),
        rows: parsed.and_then(|statistics| statistics.get("numRecords")?.as_u64()),
        statistics,
        deletion_vector: add
            .get("deletionVector")
            .filter(|vector| !vector.is_null())
            .cloned(),
    }
}

fn text_of(value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("an action without {name}"))
        .to_owned()
}

/// Data files of the table after all the entries, each as its last entry left it. Meant for logs that were never cleaned up.
#[must_use]
pub fn live_files(entries: &[Entry]) -> BTreeMap<String, Add> {
    let mut live = BTreeMap::new();
    for entry in entries {
        for path in &entry.removes {
            live.remove(path);
        }
        for add in &entry.adds {
            live.insert(add.path.clone(), add.clone());
        }
    }
    live
}

/// Rows of the table after all the entries, by the log alone.
///
/// # Panics
/// If a file has no statistics.
#[must_use]
pub fn rows(entries: &[Entry]) -> u64 {
    let count =
        |add: &Add| add.rows.expect("every file has its number of records") - add.deleted_rows();
    live_files(entries).values().map(count).sum()
}

/// The greatest version of a `txn` application id over all the entries.
#[must_use]
pub fn transaction(entries: &[Entry], application: &str) -> Option<i64> {
    entries
        .iter()
        .rev()
        .find_map(|entry| entry.transactions.get(application).copied())
}

/// Tables of a local lake: folders that hold a log, sorted by name.
#[must_use]
pub fn tables(lake: &Path) -> BTreeSet<String> {
    let Ok(folder) = std::fs::read_dir(lake) else {
        return BTreeSet::new();
    };
    let named = folder
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("_delta_log").is_dir());
    named
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
