//! What a comparison found: how much was compared, what differs, and what was never compared at all.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use yidang_simulate::{NOT_COMPARED, Truth};

use super::kinds::Kinds;

fn listed<S: Serializer>(kinds: &Kinds, serializer: S) -> Result<S::Ok, S::Error> {
    kinds.list().serialize(serializer)
}

/// Differences that are told one by one.
const TOLD: usize = 20;

/// Differences: all are counted, the first are told.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Differences {
    pub count: u64,
    /// Each by table, column and subject id or by coordinates.
    pub told: Vec<String>,
}

impl Differences {
    pub fn add(&mut self, tell: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(tell());
        }
    }
}

/// One file table.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct FileCount {
    pub rows: u64,
    pub cells: u64,
    pub different: u64,
    /// Column to cells compared that hold a value.
    pub columns: BTreeMap<String, u64>,
}

/// The result of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Table to rows and cells.
    pub files: BTreeMap<String, FileCount>,
    /// Feed to records of the truth, all of which were looked up.
    pub records: BTreeMap<String, u64>,
    /// Feed to records by outcome as `landing` counts them, in the order of `Outcome::ALL`.
    pub landed: BTreeMap<String, [u64; 5]>,
    /// Defect kind to records.
    pub defects: BTreeMap<String, u64>,
    /// How well each kind of defect is found, by feed.
    #[serde(serialize_with = "listed")]
    pub kinds: Kinds,
    pub findings: u64,
    pub findings_different: u64,
    /// Feed to issues.
    pub issues: BTreeMap<String, u64>,
    pub issues_different: u64,
    pub records_different: u64,
    pub differences: Differences,
    /// Feeds, columns and defect kinds that were compared zero times.
    pub never_compared: Vec<String>,
    /// Columns that no truth is stated for.
    pub not_compared: Vec<&'static str>,
}

impl Comparison {
    /// Nothing compared yet. Feeds and defect kinds are those that the city has to show.
    pub(super) fn new(truth: &Truth) -> Self {
        let feeds = || {
            truth
                .counts
                .outcomes
                .keys()
                .map(|feed| ((*feed).to_owned(), 0))
        };
        Self {
            files: BTreeMap::new(),
            records: feeds().collect(),
            landed: BTreeMap::new(),
            defects: yidang_simulate::defect_kinds()
                .into_iter()
                .map(|kind| (kind, 0))
                .collect(),
            kinds: Kinds::default(),
            findings: 0,
            findings_different: 0,
            issues: feeds().collect(),
            issues_different: 0,
            records_different: 0,
            differences: Differences::default(),
            never_compared: Vec::new(),
            not_compared: NOT_COMPARED.to_vec(),
        }
    }

    /// True when nothing differs and nothing was left out.
    pub fn is_equal(&self) -> bool {
        self.differences.count == 0 && self.never_compared.is_empty()
    }

    pub(super) fn note_what_was_never_compared(&mut self) {
        let zero = |counts: &BTreeMap<String, u64>, what: &str| {
            let names = counts.iter().filter(|(_, count)| **count == 0);
            names
                .map(|(name, _)| format!("{what} {name}"))
                .collect::<Vec<_>>()
        };
        let mut never = zero(&self.records, "records of feed");
        never.extend(zero(&self.issues, "issues of feed"));
        never.extend(zero(&self.defects, "defect kind"));
        for (table, file) in &self.files {
            never.extend(
                zero(&file.columns, "column")
                    .into_iter()
                    .map(|column| format!("{table}: {column}")),
            );
        }
        if self.files.len() < 2 {
            never.push("a file table".to_owned());
        }
        self.never_compared = never;
    }
}
