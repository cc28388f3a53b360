//! What a table is to be: columns, vectors, statistics, upkeep. Plain data, written by whoever owns the table.
//!
//! Leaves alone: what is stored (see `state`).

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;

/// How a table is kept small (files) and lean (rows).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upkeep {
    /// Append-only: 64 files of one size tier become one. Rows keep the order of epochs.
    Appended,
    /// Size tiers of eight, sorted by these columns; deleted rows go; files above 30 % deleted are purged.
    Tiered { sort_by: Vec<String> },
    /// Size tiers of eight; of the rows of one key only the one of greatest epoch is kept. The epoch column is an
    /// `Int64`.
    Latest { key: Vec<String>, epoch: String },
    /// Append-only, by the hour of arrival; rows keep the order of these columns; epochs that a recovery may need are
    /// spared.
    Hourly { sort_by: Vec<String> },
}

/// How rows of a table end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// They do not: append-only (reader version 1).
    Never,
    /// They are marked in deletion vectors (reader version 3): the cost follows the change.
    Vectors,
    /// Their files are copied without them, for readers that know no vectors (reader version 1): the cost follows the
    /// files that are touched.
    Copies,
}

/// The wanted shape of one table.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Folder under the lake.
    pub name: String,
    /// Columns; metadata `comment` of a field becomes its Delta comment. Timestamps are UTC instants, whether or not
    /// their Arrow type names the zone.
    pub schema: SchemaRef,
    /// One column of the schema; it is not stored in the files.
    pub partition_by: Option<String>,
    /// As a table is made; one that is there keeps its own way.
    pub deletion: Deletion,
    /// Columns with minimum and maximum in the log and in the Parquet footers: dates and codes, never a personal value.
    pub stats_columns: Vec<String>,
    /// Further table properties.
    pub properties: BTreeMap<String, String>,
    pub description: String,
    /// On a local lake: file, entry and folders are flushed to the disk before a commit returns.
    pub durable: bool,
    pub upkeep: Upkeep,
}

impl TableSpec {
    /// A small table: append-only, no statistics, no partitions.
    #[must_use]
    pub fn new(name: impl Into<String>, schema: SchemaRef) -> Self {
        Self {
            name: name.into(),
            schema,
            partition_by: None,
            deletion: Deletion::Never,
            stats_columns: Vec::new(),
            properties: BTreeMap::new(),
            description: String::new(),
            durable: false,
            upkeep: Upkeep::Appended,
        }
    }

    pub(crate) fn is_append_only(&self) -> bool {
        self.deletion == Deletion::Never
    }

    /// Columns that stand in the Parquet files, in order.
    pub(crate) fn is_stored(&self, column: &str) -> bool {
        self.partition_by.as_deref() != Some(column)
    }
}
