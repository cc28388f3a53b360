//! One Delta table: opening, making, widening, following its log.
//!
//! Leaves alone: writing rows (see [`commit`]) and upkeep (see `maintain`). A table is owned by one task; reads and
//! merges take what they need and go on beside it.

pub mod commit;
mod put;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::Error as StoreError;
use roaring::RoaringBitmap;
use uuid::Uuid;
use yidang_schemas::fault::Fault;

use crate::log::actions::{Action, Descriptor, Format, MetaData, Protocol, commit_info};
use crate::log::{self, entry_path, load};
use crate::read::{FileBatch, LiveBatch, Source};
use crate::schema::{self, Fit};
use crate::spec::TableSpec;
use crate::state::{FileId, Seen, TableFile, TableState, Vectors, named_vectors, vector_key};
use crate::store::{Kind, Lake};
use crate::vector;

/// After this long without looking, the end of the log is looked up by listing: it may have been cleaned meanwhile.
const LONG_AGO: Duration = Duration::from_secs(600);
const VECTORS_AT_ONCE: usize = 16;

/// A table and what its log said when it was last read.
#[derive(Debug)]
pub struct Table {
    lake: Lake,
    spec: Arc<TableSpec>,
    state: TableState,
    looked_at: Instant,
    /// A put whose outcome nobody knows: the log is read before anything else is done.
    is_unsettled: bool,
}

/// Figures of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    pub version: i64,
    /// Rows that a reader sees.
    pub rows: u64,
    pub files: u64,
    pub bytes: u64,
    /// Rows that vectors hide.
    pub deleted_rows: u64,
    /// Entries after the last checkpoint.
    pub log_entries: u64,
}

impl Table {
    /// Opens a table at its last version; none where there is no log.
    ///
    /// # Errors
    /// `Invalid` where the table has columns that the spec does not know or knows otherwise, `Corrupt` for a log that
    /// contradicts itself or was written by somebody else in a way that cannot be followed.
    pub async fn open(lake: &Lake, spec: &TableSpec) -> Result<Option<Self>, Fault> {
        let Some(loaded) = load::load(lake, &spec.name).await? else {
            return Ok(None);
        };
        let mut table = Self {
            lake: lake.clone(),
            spec: Arc::new(spec.clone()),
            state: TableState::new(),
            looked_at: Instant::now(),
            is_unsettled: false,
        };
        table.take(loaded).await?;
        table.fit()?;
        Ok(Some(table))
    }

    /// Makes a table by a conditional put of version 0. Where somebody made it first, that one is opened.
    ///
    /// # Errors
    /// As [`Table::open`]; `Invalid` for a column type that Delta does not have.
    pub async fn create(lake: &Lake, spec: &TableSpec, created_at_ms: i64) -> Result<Self, Fault> {
        let bytes = log::write(&creation(lake, spec, created_at_ms)?);
        let path = entry_path(&spec.name, 0);
        let made = lake.create(Kind::Log, &path, bytes).await;
        if made.is_ok() && spec.durable {
            lake.make_durable(&path).await?;
        }
        // Whatever the put said, what stands there decides.
        match (Self::open(lake, spec).await?, made) {
            (Some(table), _) => Ok(table),
            (
                None,
                Ok(()) | Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }),
            ) => Err(Fault::corrupt(format!(
                "making table {}: its first entry cannot be read back",
                spec.name
            ))),
            (None, Err(error)) => Err(crate::store::fault("making", &path, error)),
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    #[must_use]
    pub fn spec(&self) -> &Arc<TableSpec> {
        &self.spec
    }

    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    #[must_use]
    pub fn version(&self) -> i64 {
        self.state.version
    }

    /// Greatest term that the log names; 0 before the first.
    #[must_use]
    pub fn term(&self) -> i64 {
        self.state.term()
    }

    /// Greatest epoch that gave this table rows; 0 before the first.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.state.epoch()
    }

    /// Applications' numbers by their id, the two of the engine included.
    #[must_use]
    pub fn txns(&self) -> &BTreeMap<String, i64> {
        &self.state.txns
    }

    /// Live files in the order of their numbers.
    pub fn files(&self) -> impl Iterator<Item = &TableFile> {
        self.state.files.values()
    }

    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&TableFile> {
        self.state.files.get(&id)
    }

    /// A property of the table as its log has it.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&str> {
        self.state
            .meta_data
            .as_ref()?
            .configuration
            .get(key)?
            .as_deref()
    }

    /// True when the spec has columns that the table lacks: [`Table::widen`] adds them.
    ///
    /// # Errors
    /// `Invalid` where the difference is more than additional nullable columns.
    pub fn is_narrow(&self) -> Result<bool, Fault> {
        self.fit().map(|fit| fit == Fit::Wider)
    }

    /// Figures for people and metrics.
    #[must_use]
    pub fn snapshot_summary(&self) -> Summary {
        let mut summary = Summary {
            version: self.state.version,
            log_entries: (self.state.version - self.state.checkpoint_version).unsigned_abs(),
            ..Summary::default()
        };
        for file in self.files() {
            summary.files += 1;
            summary.bytes += file.size_bytes;
            summary.rows += u64::from(file.live_rows());
            summary.deleted_rows += file.deleted.len();
        }
        summary
    }

    /// Physical rows, file after file, of some columns (all for none) and some files (all of ours for none).
    ///
    /// # Errors
    /// `Invalid` for an unknown column. The stream ends with the first fault.
    pub fn read(
        &self,
        columns: Option<&[&str]>,
        files: Option<&[FileId]>,
    ) -> Result<BoxStream<'static, Result<FileBatch, Fault>>, Fault> {
        let source = self.source();
        let schema = source.schema_of(columns)?;
        Ok(source.rows(self.chosen(files), schema))
    }

    /// As [`Table::read`], without the deleted rows.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn live_rows(
        &self,
        columns: Option<&[&str]>,
        files: Option<&[FileId]>,
    ) -> Result<BoxStream<'static, Result<LiveBatch, Fault>>, Fault> {
        let source = self.source();
        let schema = source.schema_of(columns)?;
        Ok(source.live_rows(self.chosen(files), schema))
    }

    pub(crate) fn source(&self) -> Source {
        Source {
            lake: self.lake.clone(),
            spec: Arc::clone(&self.spec),
        }
    }

    fn chosen(&self, files: Option<&[FileId]>) -> Vec<TableFile> {
        match files {
            Some(ids) => ids
                .iter()
                .filter_map(|id| self.state.files.get(id))
                .cloned()
                .collect(),
            None => self
                .files()
                .filter(|file| !file.is_foreign)
                .cloned()
                .collect(),
        }
    }

    /// Reads every entry after the present version, applies it and says what it was. It reports terms and does not
    /// judge them: a commit does.
    ///
    /// # Errors
    /// `Corrupt` for an entry of somebody else that cannot be followed, naming table, version and the way out;
    /// `Conflict` when entries were cleaned that were never read; `Unavailable` from the store.
    pub async fn catch_up(&mut self) -> Result<Vec<Seen>, Fault> {
        let mut seen = Vec::new();
        loop {
            let version = self.state.version + 1;
            let path = entry_path(&self.spec.name, version);
            let Some(bytes) = self.lake.read(Kind::Log, &path).await? else {
                break;
            };
            seen.push(
                self.apply(version, log::read(&self.spec.name, version, &bytes)?)
                    .await?,
            );
        }
        if self.looked_at.elapsed() > LONG_AGO {
            self.check_end().await?;
        }
        self.looked_at = Instant::now();
        self.is_unsettled = false;
        Ok(seen)
    }

    /// A version that is absent is the end of the log, or the log was cleaned past it.
    async fn check_end(&self) -> Result<(), Fault> {
        let prefix = format!("{}/_delta_log", self.spec.name);
        let after = format!("{prefix}/{:020}.json", self.state.version + 1);
        let later = self.lake.list_after(&prefix, &after).await?;
        if later
            .iter()
            .all(|file| log::split_name(&file.path).is_none())
        {
            return Ok(());
        }
        Err(Fault::conflict(format!(
            "reload: the log of table {} was cleaned past version {}",
            self.spec.name, self.state.version
        )))
    }

    async fn apply(&mut self, version: i64, actions: Vec<Action>) -> Result<Seen, Fault> {
        let vectors = self.read_vectors(&actions).await?;
        let appends_only = !self.spec.deletion_vectors;
        self.state
            .apply(version, actions, &vectors, appends_only)
            .map_err(|fault| self.with_way_out(fault))
    }

    fn with_way_out(&self, mut fault: Fault) -> Fault {
        let (name, uri) = (&self.spec.name, self.lake.uri());
        fault.doing = format!(
            "following table {name}: {}; after a look at it run `yidang rebuild {name} --lake {uri}`",
            fault.doing
        );
        fault
    }

    async fn take(&mut self, mut loaded: load::Loaded) -> Result<(), Fault> {
        let groups = loaded.entries.iter().map(|(_, actions)| actions);
        let last = last_vectors(std::iter::once(&loaded.checkpoint).chain(groups));
        let vectors = self.read_named(last).await?;
        if loaded.checkpoint_version >= 0 {
            forget_passing_vectors(&mut loaded.checkpoint, &vectors);
            self.state
                .absorb(loaded.checkpoint_version, loaded.checkpoint, &vectors)?;
        }
        for (version, mut actions) in loaded.entries {
            forget_passing_vectors(&mut actions, &vectors);
            let appends_only = !self.spec.deletion_vectors;
            let applied = self.state.apply(version, actions, &vectors, appends_only);
            applied.map_err(|fault| self.with_way_out(fault))?;
        }
        Ok(())
    }

    async fn read_vectors(&self, actions: &[Action]) -> Result<Vectors, Fault> {
        self.read_named(named_vectors(actions).into_iter().cloned().collect())
            .await
    }

    async fn read_named(&self, descriptors: Vec<Descriptor>) -> Result<Vectors, Fault> {
        let mut by_file: BTreeMap<String, Vec<Descriptor>> = BTreeMap::new();
        let mut vectors = Vectors::new();
        for descriptor in descriptors {
            match vector::path(&descriptor)? {
                Some(path) => by_file.entry(path).or_default().push(descriptor),
                None => {
                    vectors.insert(
                        vector_key(&descriptor),
                        Arc::new(vector::read_inline(&descriptor)?),
                    );
                }
            }
        }
        let read: Vec<_> = stream::iter(by_file)
            .map(|(path, descriptors)| self.read_vector_file(path, descriptors))
            .buffered(VECTORS_AT_ONCE)
            .try_collect()
            .await?;
        vectors.extend(read.into_iter().flatten());
        Ok(vectors)
    }

    async fn read_vector_file(
        &self,
        path: String,
        descriptors: Vec<Descriptor>,
    ) -> Result<Vec<((String, Option<i32>), Arc<RoaringBitmap>)>, Fault> {
        let full = format!("{}/{path}", self.spec.name);
        let bytes = self.lake.read(Kind::Vector, &full).await?;
        let bytes = bytes.ok_or_else(|| {
            Fault::corrupt(format!("reading {full}: the deletion vectors are gone"))
        })?;
        let read = |descriptor: &Descriptor| {
            Ok((
                vector_key(descriptor),
                Arc::new(vector::read(&bytes, descriptor)?),
            ))
        };
        descriptors.iter().map(read).collect()
    }

    fn fit(&self) -> Result<Fit, Fault> {
        let meta = self.state.meta_data.as_ref();
        let meta = meta.ok_or_else(|| {
            Fault::corrupt(format!("opening table {}: no metadata", self.spec.name))
        })?;
        schema::compare(
            &self.spec.name,
            &meta.schema_string,
            &schema::to_delta(&self.spec.schema)?,
        )
    }

    /// Adds the columns that a newer spec has, by one entry of metadata. Without any, nothing is written.
    ///
    /// # Errors
    /// `Invalid` for a change that is not additive, `Conflict` when fenced, `Unavailable` from the store.
    pub async fn widen(&mut self, spec: &TableSpec, term: i64, at_ms: i64) -> Result<(), Fault> {
        let wanted = schema::to_delta(&spec.schema)?;
        let mut meta = self
            .state
            .meta_data
            .clone()
            .expect("an open table has metadata");
        let fit = schema::compare(&spec.name, &meta.schema_string, &wanted)?;
        if fit == Fit::Wider {
            meta.schema_string = wanted;
            meta.description = Some(spec.description.clone());
            meta.configuration.extend(properties(&self.lake, spec));
            let draft = put::Draft::new(
                self.name(),
                term,
                None,
                "ADD COLUMNS",
                at_ms,
                vec![meta.into()],
            );
            self.put_draft(draft).await?;
        }
        self.spec = Arc::new(spec.clone());
        Ok(())
    }

    /// Puts an entry with nothing but the term: whoever wrote this table before finds it and stops.
    ///
    /// # Errors
    /// `Conflict` when the log has that term already or a greater one.
    pub async fn claim(&mut self, term: i64, at_ms: i64) -> Result<(), Fault> {
        if self.state.term() >= term {
            return Err(put::fenced(self.name(), self.state.term()));
        }
        let draft = put::Draft::new(self.name(), term, None, "CLAIM", at_ms, Vec::new());
        self.put_draft(draft).await.map(|_| ())
    }
}

/// The vectors that are still named after the last of these entries.
fn last_vectors<'a>(entries: impl Iterator<Item = &'a Vec<Action>>) -> Vec<Descriptor> {
    let mut last: BTreeMap<&str, &Descriptor> = BTreeMap::new();
    for actions in entries {
        for remove in actions.iter().filter_map(|action| action.remove.as_ref()) {
            last.remove(remove.path.as_str());
        }
        for add in actions.iter().filter_map(|action| action.add.as_ref()) {
            match &add.deletion_vector {
                Some(vector) => last.insert(&add.path, vector),
                None => last.remove(add.path.as_str()),
            };
        }
    }
    last.into_values().cloned().collect()
}

/// Vectors that a later entry replaced may be gone from the store and are not needed: such an add is taken without.
fn forget_passing_vectors(actions: &mut [Action], vectors: &Vectors) {
    for add in actions.iter_mut().filter_map(|action| action.add.as_mut()) {
        let is_known = add
            .deletion_vector
            .as_ref()
            .is_none_or(|vector| vectors.contains_key(&vector_key(vector)));
        if !is_known {
            add.deletion_vector = None;
        }
    }
}

fn creation(lake: &Lake, spec: &TableSpec, created_at_ms: i64) -> Result<Vec<Action>, Fault> {
    let feature = || {
        spec.deletion_vectors
            .then(|| vec!["deletionVectors".to_owned()])
    };
    let (reader, writer) = if spec.deletion_vectors {
        (3, 7)
    } else {
        (1, 2)
    };
    let protocol = Protocol {
        min_reader_version: reader,
        min_writer_version: writer,
        reader_features: feature(),
        writer_features: feature(),
    };
    let meta_data = MetaData {
        id: Uuid::new_v4().to_string(),
        name: Some(spec.name.clone()),
        description: Some(spec.description.clone()),
        format: Format::default(),
        schema_string: schema::to_delta(&spec.schema)?,
        partition_columns: spec.partition_by.iter().cloned().collect(),
        created_time: Some(created_at_ms),
        configuration: properties(lake, spec),
    };
    let id = format!("create-{}-{}", spec.name, Uuid::new_v4());
    Ok(vec![
        commit_info(&id, "CREATE TABLE", created_at_ms),
        protocol.into(),
        meta_data.into(),
    ])
}

fn properties(lake: &Lake, spec: &TableSpec) -> BTreeMap<String, Option<String>> {
    let settings = lake.settings();
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    if spec.deletion_vectors {
        properties.insert("delta.enableDeletionVectors".to_owned(), "true".to_owned());
    }
    if spec.stats_columns.is_empty() {
        // An empty list of names would mean "the first 32 columns" to some writers.
        properties.insert(
            "delta.dataSkippingNumIndexedCols".to_owned(),
            "0".to_owned(),
        );
    } else {
        properties.insert(
            "delta.dataSkippingStatsColumns".to_owned(),
            spec.stats_columns.join(","),
        );
    }
    let hours = |hours: u32| format!("interval {hours} hours");
    properties.insert(
        "delta.logRetentionDuration".to_owned(),
        hours(settings.log_retention_hours),
    );
    properties.insert(
        "delta.deletedFileRetentionDuration".to_owned(),
        hours(settings.file_retention_hours),
    );
    properties.insert(
        "delta.checkpointInterval".to_owned(),
        settings.checkpoint_entries.to_string(),
    );
    properties.extend(spec.properties.clone());
    properties
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect()
}

#[cfg(test)]
mod tests;
