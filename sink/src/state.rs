//! A table as its log says it is, held in memory: live files, their deleted rows, the applications' numbers.
//!
//! Leaves alone: the store, and what to do about what was seen. Applying an entry is pure; deletion vectors that an
//! entry names are read before and handed in.

pub mod classify;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use roaring::RoaringBitmap;
use serde_json::Value;
use yidang_schemas::fault::Fault;

use crate::log::actions::{Action, Add, Descriptor, MetaData, Protocol, Remove};
use crate::log::{EPOCH, TERM};
use crate::{name, vector};

pub use classify::{Foreign, ForeignEntry, Seen};

/// Number of a data file in this process, stable while the file lives, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// One live data file.
#[derive(Debug, Clone)]
pub struct TableFile {
    pub id: FileId,
    /// Relative to the table.
    pub path: String,
    pub size_bytes: u64,
    /// Physical rows, the deleted ones included.
    pub rows: u32,
    /// Physical positions of deleted rows.
    pub deleted: Arc<RoaringBitmap>,
    pub partition: Option<String>,
    /// Least and greatest epoch of its rows, as its name says; none for a file that somebody else wrote.
    pub epochs: Option<(i64, i64)>,
    /// Milliseconds since 1970, as handed in by its writer; merged files have the greatest of their inputs.
    pub modified_ms: i64,
    /// Rows that somebody else appended: they are part of the table and no records of ours.
    pub is_foreign: bool,
    pub(crate) vector: Option<Descriptor>,
    pub(crate) stats: Option<String>,
}

impl TableFile {
    /// Rows that a reader sees.
    #[must_use]
    pub fn live_rows(&self) -> u32 {
        self.rows - u32::try_from(self.deleted.len()).expect("deleted rows are rows")
    }
}

/// Deleted rows by (name, offset) of their descriptor.
pub(crate) type Vectors = HashMap<(String, Option<i32>), Arc<RoaringBitmap>>;

pub(crate) fn vector_key(descriptor: &Descriptor) -> (String, Option<i32>) {
    (descriptor.path_or_inline_dv.clone(), descriptor.offset)
}

/// What the log of one table says at one version.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    /// -1 before the first entry.
    pub version: i64,
    pub checkpoint_version: i64,
    pub files: BTreeMap<FileId, TableFile>,
    by_path: HashMap<String, FileId>,
    pub txns: BTreeMap<String, i64>,
    /// Path of a file that left the table (data or vectors) → when, milliseconds since 1970.
    pub tombstones: BTreeMap<String, i64>,
    pub meta_data: Option<MetaData>,
    pub protocol: Option<Protocol>,
    /// Whatever others wrote is followed and their rows count: for proofs, never for writers.
    pub as_it_is: bool,
    next_id: u32,
}

impl TableState {
    pub(crate) fn new() -> Self {
        Self {
            version: -1,
            checkpoint_version: -1,
            files: BTreeMap::new(),
            by_path: HashMap::new(),
            txns: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            meta_data: None,
            protocol: None,
            as_it_is: false,
            next_id: 0,
        }
    }

    pub(crate) fn term(&self) -> i64 {
        self.txns.get(TERM).copied().unwrap_or(0)
    }

    pub(crate) fn epoch(&self) -> i64 {
        self.txns.get(EPOCH).copied().unwrap_or(0)
    }

    pub(crate) fn file_at(&self, path: &str) -> Option<&TableFile> {
        self.files.get(self.by_path.get(path)?)
    }

    /// Takes the actions of a checkpoint at its version. In an append-only table a file that somebody else named is an
    /// append of theirs, unless it came as a rewrite of the same rows.
    pub(crate) fn absorb(
        &mut self,
        version: i64,
        actions: Vec<Action>,
        vectors: &Vectors,
        appends_only: bool,
    ) -> Result<(), Fault> {
        let is_judged = appends_only && !self.as_it_is;
        let is_foreign =
            |add: &Add| is_judged && add.data_change && name::read(&add.path).is_none();
        self.take(actions, vectors, is_foreign)?;
        (self.version, self.checkpoint_version) = (version, version);
        Ok(())
    }

    /// Applies the entry after the present version and says whose it was.
    ///
    /// # Errors
    /// `Corrupt` for an entry of somebody else that may not be followed; the state is then left as it was.
    pub(crate) fn apply(
        &mut self,
        version: i64,
        actions: Vec<Action>,
        vectors: &Vectors,
        appends_only: bool,
    ) -> Result<Seen, Fault> {
        let what = Foreign::Other;
        let mut seen =
            match classify::classify(version, &actions, self.meta_data.as_ref(), appends_only) {
                Err(_) if self.as_it_is => Seen::Foreign { version, what },
                judged => judged?,
            };
        self.check_rewrite(&seen, &actions)?;
        let is_foreign = !self.as_it_is
            && matches!(
                seen,
                Seen::Foreign {
                    what: Foreign::Append { .. },
                    ..
                }
            );
        let (added, removed) = self.take(actions, vectors, |_| is_foreign)?;
        self.version = version;
        seen.note(added, removed);
        Ok(seen)
    }

    /// Rows that somebody else appended, once they lie in one file with ours, cannot be told from them.
    fn check_rewrite(&self, seen: &Seen, actions: &[Action]) -> Result<(), Fault> {
        let Seen::Foreign {
            version,
            what: Foreign::Remap { .. },
        } = seen
        else {
            return Ok(());
        };
        let removes = actions.iter().filter_map(|action| action.remove.as_ref());
        let mut files = removes.filter_map(|remove| self.file_at(&decode(&remove.path)));
        if !files.any(|file| file.is_foreign) {
            return Ok(());
        }
        Err(Fault::corrupt(format!(
            "entry {version} was written by somebody else and rewrites rows that somebody else appended"
        )))
    }

    fn take(
        &mut self,
        actions: Vec<Action>,
        vectors: &Vectors,
        is_foreign: impl Fn(&Add) -> bool,
    ) -> Result<(Vec<FileId>, Vec<FileId>), Fault> {
        let (mut adds, mut removes) = (Vec::new(), Vec::new());
        for action in actions {
            if let Some(txn) = action.txn {
                self.txns.insert(txn.app_id, txn.version);
            }
            self.meta_data = action.meta_data.or_else(|| self.meta_data.take());
            self.protocol = action.protocol.or_else(|| self.protocol.take());
            adds.extend(action.add);
            removes.extend(action.remove);
        }
        let mut parsed = Vec::with_capacity(adds.len());
        for add in adds {
            let is_foreign = is_foreign(&add);
            parsed.push(read_add(add, vectors, is_foreign)?);
        }
        let removed = self.take_removes(removes, &parsed)?;
        let added = parsed
            .into_iter()
            .filter_map(|file| self.insert(file))
            .collect();
        Ok((added, removed))
    }

    /// Drops what left, unless it comes back with another vector in the same entry; remembers when.
    fn take_removes(
        &mut self,
        removes: Vec<Remove>,
        adds: &[TableFile],
    ) -> Result<Vec<FileId>, Fault> {
        let stays: HashSet<&str> = adds.iter().map(|add| add.path.as_str()).collect();
        let mut removed = Vec::new();
        for remove in removes {
            let at = remove.deletion_timestamp.unwrap_or(0);
            if let Some(file) = remove
                .deletion_vector
                .as_ref()
                .map(vector::path)
                .transpose()?
                .flatten()
            {
                self.bury(file, at);
            }
            let path = decode(&remove.path);
            if stays.contains(path.as_str()) {
                continue;
            }
            if let Some(id) = self.by_path.remove(&path) {
                self.files.remove(&id);
                removed.push(id);
            }
            self.bury(path, at);
        }
        Ok(removed)
    }

    /// Remembers when a file left; a file of several vectors left with the last of them.
    fn bury(&mut self, path: String, at: i64) {
        let since = self.tombstones.entry(path).or_insert(at);
        *since = at.max(*since);
    }

    /// Gives a new file its number; a known one keeps it and is no new file.
    fn insert(&mut self, mut file: TableFile) -> Option<FileId> {
        self.tombstones.remove(&file.path);
        if let Some(known) = self.by_path.get(&file.path) {
            file.id = *known;
            if let Some(old) = self.files.insert(*known, file) {
                let new = self.files.get_mut(known).expect("just put there");
                new.is_foreign = old.is_foreign;
            }
            return None;
        }
        file.id = FileId(self.next_id);
        self.next_id += 1;
        self.by_path.insert(file.path.clone(), file.id);
        let id = file.id;
        self.files.insert(id, file);
        Some(id)
    }
}

fn read_add(add: Add, vectors: &Vectors, is_foreign: bool) -> Result<TableFile, Fault> {
    let path = decode(&add.path);
    let bad = |what: &str| Fault::corrupt(format!("reading the log: file {path} {what}"));
    if path.contains("://") || path.starts_with('/') {
        return Err(bad("lies outside the table"));
    }
    let rows = add.stats.as_deref().and_then(record_count);
    let rows = rows.ok_or_else(|| bad("does not say its number of rows"))?;
    let deleted = match &add.deletion_vector {
        None => Arc::default(),
        Some(descriptor) => Arc::clone(
            vectors
                .get(&vector_key(descriptor))
                .ok_or_else(|| bad("names an unread deletion vector"))?,
        ),
    };
    if deleted.max().is_some_and(|row| row >= rows) {
        return Err(bad("has a deletion vector beyond its rows"));
    }
    let tag = name::read(&path);
    Ok(TableFile {
        id: FileId(u32::MAX),
        size_bytes: u64::try_from(add.size).map_err(|_| bad("has a negative size"))?,
        rows,
        deleted,
        partition: add.partition_values.into_values().next().flatten(),
        epochs: tag.and_then(|tag| tag.epochs),
        modified_ms: add.modification_time,
        is_foreign,
        vector: add.deletion_vector,
        stats: add.stats,
        path,
    })
}

fn record_count(stats: &str) -> Option<u32> {
    let stats: Value = serde_json::from_str(stats).ok()?;
    u32::try_from(stats.get("numRecords")?.as_u64()?).ok()
}

/// Undoes percent encoding (RFC 3986, 2.1); what is no escape stays as it is.
fn decode(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(byte) = bytes.get(position) {
        let escape = (*byte == b'%')
            .then(|| path.get(position + 1..position + 3))
            .flatten();
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                position += 3;
            }
            None => {
                decoded.push(*byte);
                position += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
