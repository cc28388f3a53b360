//! One commit: a Parquet file, one deletion-vector file, one conditional put of the log entry.
//!
//! Its cost follows the change: no data file is read, none is rewritten, unless the table is one of copies (see
//! `copy`). Leaves alone: which rows replace which, and
//! everything that is decided when somebody else wrote first (see `put`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use roaring::RoaringBitmap;
use yidang_schemas::fault::Fault;

use super::Table;
use super::copy::{Copied, copy};
use super::landed::{Landed, land};
use super::put::{Draft, fenced};
use crate::encode::{EncodedFile, encode, stats::loosen};
use crate::log::actions::{Action, Add, Descriptor, Remove, Txn};
use crate::log::{EPOCH, TERM};
use crate::maintain::Merge;
use crate::read::Source;
use crate::spec::{Deletion, TableSpec};
use crate::state::{FileId, TableFile, Vectors, vector_key};
use crate::store::Kind;
use crate::{name, vector};

/// The new rows of a commit.
#[derive(Clone, Default)]
pub enum Rows {
    #[default]
    None,
    /// Encoded during the commit, beside the caller's thread.
    Batch(RecordBatch),
    /// Encoded before, by [`encode`].
    Encoded(EncodedFile),
}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Batch(batch) => write!(formatter, "Batch({} rows)", batch.num_rows()),
            Self::Encoded(file) => file.fmt(formatter),
        }
    }
}

/// What one epoch does to one table.
#[derive(Debug, Clone)]
pub struct Change {
    /// At most one data file.
    pub rows: Rows,
    /// Value of the partition column for these rows, where the table is partitioned: letters, digits, `-`, `_`, `.`.
    pub partition: Option<String>,
    /// Physical rows that are newly dead, by file.
    pub deletes: Vec<(FileId, RoaringBitmap)>,
    /// Applications' numbers (positions of lanes).
    pub txns: Vec<(String, i64)>,
    pub epoch: i64,
    pub term: i64,
    /// Name of the operation in the table's history.
    pub operation: &'static str,
    /// False for a rewrite without change of rows; such an entry does not raise the epoch.
    pub data_change: bool,
    /// Now by the wall clock, milliseconds since 1970, also where an epoch of another day is done again: from it on
    /// the retention of what the change removes is counted.
    pub at_ms: i64,
}

impl Change {
    /// A change without rows, for an epoch.
    #[must_use]
    pub fn new(term: i64, epoch: i64, at_ms: i64) -> Self {
        Self {
            rows: Rows::None,
            partition: None,
            deletes: Vec::new(),
            txns: Vec::new(),
            epoch,
            term,
            operation: "WRITE",
            data_change: true,
            at_ms,
        }
    }

    /// With rows of one batch.
    #[must_use]
    pub fn with_batch(mut self, batch: RecordBatch) -> Self {
        self.rows = Rows::Batch(batch);
        self
    }

    /// With rows that are encoded already.
    #[must_use]
    pub fn with_encoded(mut self, file: EncodedFile) -> Self {
        self.rows = Rows::Encoded(file);
        self
    }

    /// With a dead row.
    #[must_use]
    pub fn with_deletes(mut self, deletes: Vec<(FileId, RoaringBitmap)>) -> Self {
        self.deletes = deletes;
        self
    }
}

/// What a commit wrote.
#[derive(Debug, Clone)]
pub struct Committed {
    pub version: i64,
    /// The new data file, if there were rows.
    pub file: Option<FileId>,
    /// Files that were copied without the rows that ended, where the table has no deletion vectors.
    pub copies: Vec<Merge>,
    /// Of the new rows and of the copies.
    pub data_bytes: u64,
    pub vector_bytes: u64,
    pub log_bytes: u64,
}

/// Dead rows of one file after a change.
pub(crate) struct Dead {
    pub file: TableFile,
    /// All dead rows, old and new.
    pub rows: RoaringBitmap,
}

impl Table {
    /// Commits a change at the next version.
    ///
    /// # Errors
    /// `Conflict` when fenced by a greater term, when the table has this epoch already, when the log is another one by
    /// now, or when somebody changed a file that the change touches ("reload"); `Invalid` for rows that do not fit; `Unavailable` when the store did not
    /// take it, or when nobody knows whether it did: the next commit finds out first.
    pub async fn commit(&mut self, change: Change) -> Result<Committed, Fault> {
        self.settle().await?;
        self.check(&change)?;
        let Change {
            rows,
            partition,
            deletes,
            txns,
            epoch,
            term,
            operation,
            data_change,
            at_ms,
        } = change;
        let dead = self.unite(deletes)?;
        let marks = Marks {
            term,
            epoch,
            data_change,
            at_ms,
        };
        let (landed, buried) = self.put_files(rows, partition, dead, marks).await?;
        let given = data_change.then_some(epoch);
        let mut draft = Draft::new(self.name(), term, given, operation, at_ms, Vec::new());
        let epoch_txn = given.map(|epoch| (EPOCH.to_owned(), epoch));
        let numbers = txns.into_iter().chain(epoch_txn);
        draft
            .actions
            .extend(numbers.map(|(app_id, version)| Txn { app_id, version }.into()));
        draft.actions.extend(buried.actions);
        (draft.touched, draft.vectors) = (buried.touched, buried.vectors);
        let copied_bytes: u64 = buried.copies.iter().map(|copy| copy.bytes).sum();
        let data_bytes = landed.as_ref().map_or(0, |landed| landed.bytes) + copied_bytes;
        let path = landed.map(|landed| {
            let landed = if data_change {
                landed
            } else {
                landed.without_change()
            };
            draft.actions.push(landed.add.into());
            landed.path
        });
        let put = self.put_draft(draft).await?;
        let file = path
            .and_then(|path| self.state.file_at(&path))
            .map(|file| file.id);
        let (vector_bytes, log_bytes) = (buried.bytes, put.bytes);
        let copies = buried.copies.into_iter();
        let copies = copies.map(|copy| copy.into_merge(put.version, &self.state));
        Ok(Committed {
            version: put.version,
            file,
            copies: copies.collect(),
            data_bytes,
            vector_bytes,
            log_bytes,
        })
    }

    /// What the entry will name: the new rows, and vectors or copies beside them.
    async fn put_files(
        &self,
        rows: Rows,
        partition: Option<String>,
        dead: Vec<Dead>,
        marks: Marks,
    ) -> Result<(Option<Landed>, Buried), Fault> {
        let encoded = encode_rows(Arc::clone(&self.spec), rows).await?;
        let source = self.source();
        let name = name::data(marks.term, marks.epoch);
        let data = async {
            let Some(file) = encoded else { return Ok(None) };
            let landed = land(&source, file, &name, partition.as_deref(), marks.at_ms);
            landed.await.map(Some)
        };
        let ended = async {
            match self.spec.deletion {
                Deletion::Copies => copy(&source, dead, marks).await,
                Deletion::Vectors | Deletion::Never => bury(&source, dead, marks).await,
            }
        };
        futures::try_join!(data, ended)
    }

    fn check(&self, change: &Change) -> Result<(), Fault> {
        let name = self.name();
        if self.state.as_it_is {
            return Err(Fault::invalid(format!(
                "committing to table {name}, which was opened to be looked at"
            )));
        }
        if self.term() > change.term {
            return Err(fenced(name, self.term()));
        }
        if change.data_change && self.epoch() >= change.epoch {
            return Err(Fault::conflict(format!(
                "reload: table {name} has epoch {} already",
                self.epoch()
            )));
        }
        let has_rows = !matches!(change.rows, Rows::None);
        let partition = change.partition.as_deref();
        if has_rows && partition.is_some() != self.spec.partition_by.is_some() {
            return Err(Fault::invalid(format!(
                "committing to table {name}: a partition value too many or too few"
            )));
        }
        let is_plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if partition.is_some_and(|text| !is_plain(text)) {
            return Err(Fault::invalid(format!(
                "committing to table {name}: the partition value is no plain name"
            )));
        }
        if !change.deletes.is_empty() && self.spec.is_append_only() {
            return Err(Fault::invalid(format!(
                "deleting rows of table {name}, which is append-only"
            )));
        }
        Ok(())
    }

    /// Old and new dead rows of the touched files.
    pub(crate) fn unite(&self, deletes: Vec<(FileId, RoaringBitmap)>) -> Result<Vec<Dead>, Fault> {
        let mut by_file: BTreeMap<FileId, RoaringBitmap> = BTreeMap::new();
        for (file, rows) in deletes {
            *by_file.entry(file).or_default() |= rows;
        }
        let mut dead = Vec::with_capacity(by_file.len());
        for (id, rows) in by_file {
            let gone = || {
                Fault::conflict(format!(
                    "reload: a file of table {} that was to lose rows is gone",
                    self.name()
                ))
            };
            let file = self.state.files.get(&id).ok_or_else(gone)?.clone();
            if rows.max().is_some_and(|row| row >= file.rows) {
                return Err(Fault::invalid(format!(
                    "deleting rows of table {} beyond the end of a file",
                    self.name()
                )));
            }
            // The caller has it alive: whoever deleted it moved it first, and the caller was not told where.
            if !rows.is_disjoint(file.deleted.as_ref()) {
                return Err(Fault::conflict(format!(
                    "reload: a row of table {} that was to be deleted is deleted already",
                    self.name()
                )));
            }
            if !rows.is_empty() {
                let rows = rows | file.deleted.as_ref();
                dead.push(Dead { file, rows });
            }
        }
        Ok(dead)
    }
}

/// Who buries, when, and whether readers of changes should notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub term: i64,
    pub epoch: i64,
    pub data_change: bool,
    pub at_ms: i64,
}

/// Deleted rows on their way into an entry.
#[derive(Default)]
pub(super) struct Buried {
    pub actions: Vec<Action>,
    pub touched: Vec<(String, Option<Descriptor>)>,
    vectors: Vectors,
    /// Of the vectors.
    bytes: u64,
    pub copies: Vec<Copied>,
}

/// Puts the vectors of all touched files as one file and gives the actions; a file without live rows just leaves.
async fn bury(source: &Source, dead: Vec<Dead>, marks: Marks) -> Result<Buried, Fault> {
    let mut buried = Buried::default();
    let marked: Vec<&RoaringBitmap> = dead
        .iter()
        .filter(|dead| !dead.is_all())
        .map(|dead| &dead.rows)
        .collect();
    let mut descriptors = Vec::new();
    if !marked.is_empty() {
        let uuid = name::vector(marks.term, marks.epoch);
        let (bytes, named) = vector::write(uuid, &marked);
        buried.bytes = bytes.len() as u64;
        let path = format!(
            "{}/deletion_vector_{}.bin",
            source.spec.name,
            uuid.hyphenated()
        );
        source
            .lake
            .write(Kind::Vector, &path, bytes, source.spec.durable)
            .await?;
        descriptors = named;
    }
    let mut descriptors = descriptors.into_iter();
    for dead in dead {
        let descriptor = if dead.is_all() {
            None
        } else {
            descriptors.next()
        };
        buried
            .touched
            .push((dead.file.path.clone(), dead.file.vector.clone()));
        buried.actions.push(
            dead.remove(&source.spec, marks.data_change, marks.at_ms)
                .into(),
        );
        if let Some(descriptor) = descriptor {
            buried.actions.push(
                dead.add(&source.spec, descriptor.clone(), marks.data_change)
                    .into(),
            );
            buried
                .vectors
                .insert(vector_key(&descriptor), Arc::new(dead.rows));
        }
    }
    Ok(buried)
}

impl Dead {
    pub(super) fn is_all(&self) -> bool {
        self.rows.len() == u64::from(self.file.rows)
    }

    pub(super) fn remove(&self, spec: &TableSpec, data_change: bool, at_ms: i64) -> Remove {
        remove_of(&self.file, spec, data_change, at_ms)
    }

    fn add(&self, spec: &TableSpec, descriptor: Descriptor, data_change: bool) -> Add {
        let file = &self.file;
        Add {
            path: encode_path(&file.path),
            partition_values: partition_values(file, spec),
            size: i64::try_from(file.size_bytes).expect("sizes come from the log"),
            modification_time: file.modified_ms,
            data_change,
            stats: Some(loosen(file.stats.as_deref(), file.rows)),
            deletion_vector: Some(descriptor),
        }
    }
}

/// The action by which a file leaves, with the vector it has now.
pub(crate) fn remove_of(
    file: &TableFile,
    spec: &TableSpec,
    data_change: bool,
    at_ms: i64,
) -> Remove {
    Remove {
        path: encode_path(&file.path),
        deletion_timestamp: Some(at_ms),
        data_change,
        extended_file_metadata: Some(true),
        partition_values: Some(partition_values(file, spec)),
        size: i64::try_from(file.size_bytes).ok(),
        deletion_vector: file.vector.clone(),
    }
}

fn partition_values(file: &TableFile, spec: &TableSpec) -> BTreeMap<String, Option<String>> {
    spec.partition_by
        .iter()
        .cloned()
        .map(|column| (column, file.partition.clone()))
        .collect()
}

/// Names of ours need no escape; those of others get back the ones that Delta asks for.
fn encode_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/=+@,!$&'()*;:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

async fn encode_rows(spec: Arc<TableSpec>, rows: Rows) -> Result<Option<EncodedFile>, Fault> {
    match rows {
        Rows::None => Ok(None),
        Rows::Encoded(file) => Ok((file.rows > 0).then_some(file)),
        Rows::Batch(batch) if batch.num_rows() == 0 => Ok(None),
        Rows::Batch(batch) => {
            let encoded = tokio::task::spawn_blocking(move || encode(&spec, &batch)).await;
            encoded.expect("encoding does not panic").map(Some)
        }
    }
}

/// Every entry of ours begins with the term of its writer.
pub(crate) fn term_action(term: i64) -> Action {
    Txn {
        app_id: TERM.to_owned(),
        version: term,
    }
    .into()
}

/// Vectors that an entry of ours names.
pub(crate) type Named = Vectors;
