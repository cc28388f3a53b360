//! The actions of a log entry (Delta protocol, "Actions"), as far as this engine reads and writes them.
//!
//! Leaves alone: change data files, domain metadata, sidecars: they are read over and never written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line of an entry. Exactly one member is set; a kind that is not known here sets none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Action {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_info: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_data: Option<MetaData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txn: Option<Txn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<Remove>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<Add>,
}

/// What a reader and a writer must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Protocol {
    pub min_reader_version: i32,
    pub min_writer_version: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader_features: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer_features: Option<Vec<String>>,
}

/// Schema, partitioning, properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetaData {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub format: Format,
    pub schema_string: String,
    #[serde(default)]
    pub partition_columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<i64>,
    #[serde(default)]
    pub configuration: BTreeMap<String, Option<String>>,
}

/// Always Parquet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    pub provider: String,
    #[serde(default)]
    pub options: BTreeMap<String, Option<String>>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            provider: "parquet".to_owned(),
            options: BTreeMap::new(),
        }
    }
}

/// A number that an application keeps in the log. `lastUpdated` is never written, so that no reader thinks it expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Txn {
    pub app_id: String,
    pub version: i64,
}

/// A file that is now part of the table, or a file with a new deletion vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Add {
    /// Percent-encoded, relative to the table.
    pub path: String,
    #[serde(default)]
    pub partition_values: BTreeMap<String, Option<String>>,
    pub size: i64,
    pub modification_time: i64,
    pub data_change: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_vector: Option<Descriptor>,
}

/// A file that left the table, or that left it with its old deletion vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remove {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<i64>,
    #[serde(default = "yes")]
    pub data_change: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_file_metadata: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_values: Option<BTreeMap<String, Option<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_vector: Option<Descriptor>,
}

fn yes() -> bool {
    true
}

/// Where a deletion vector lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// `u` relative to the table, `i` inline, `p` absolute.
    pub storage_type: String,
    pub path_or_inline_dv: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i32>,
    pub size_in_bytes: i32,
    pub cardinality: i64,
}

impl From<Add> for Action {
    fn from(add: Add) -> Self {
        Self {
            add: Some(add),
            ..Self::default()
        }
    }
}

impl From<Remove> for Action {
    fn from(remove: Remove) -> Self {
        Self {
            remove: Some(remove),
            ..Self::default()
        }
    }
}

impl From<Txn> for Action {
    fn from(txn: Txn) -> Self {
        Self {
            txn: Some(txn),
            ..Self::default()
        }
    }
}

impl From<MetaData> for Action {
    fn from(meta_data: MetaData) -> Self {
        Self {
            meta_data: Some(meta_data),
            ..Self::default()
        }
    }
}

impl From<Protocol> for Action {
    fn from(protocol: Protocol) -> Self {
        Self {
            protocol: Some(protocol),
            ..Self::default()
        }
    }
}

/// `commitInfo` of an entry of ours. `commit_id` is how we know our own entry again after an ambiguous put.
pub(crate) fn commit_info(commit_id: &str, operation: &str, at_ms: i64) -> Action {
    let info = serde_json::json!({
        "timestamp": at_ms,
        "operation": operation,
        "operationParameters": {},
        "engineInfo": concat!("yidang/", env!("CARGO_PKG_VERSION")),
        "sinkCommitId": commit_id,
    });
    Action {
        commit_info: Some(info),
        ..Action::default()
    }
}

/// The commit id in an entry, if it has one.
pub(crate) fn commit_id(actions: &[Action]) -> Option<&str> {
    actions
        .iter()
        .find_map(|action| action.commit_info.as_ref()?.get("sinkCommitId")?.as_str())
}
