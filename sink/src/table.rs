//! One Delta table: opening, making, widening, following its log.
//!
//! Leaves alone: writing rows (see [`commit`]) and upkeep (see `maintain`). A table is owned by one task; reads and
//! merges take what they need and go on beside it.

pub mod commit;
mod copy;
mod create;
pub(crate) mod landed;
pub(crate) mod put;
mod vectors;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::BoxStream;
use yidang_schemas::fault::{Fault, FaultKind};

use crate::identity::{self, PROPERTY};
use crate::log::{self, Entry, entry_path, load};
use crate::maintain::{Checkpointed, Vacuumed};
use crate::read::{FileBatch, LiveBatch, Source};
use crate::schema::{self, Fit};
use crate::spec::{Deletion, TableSpec};
use crate::state::{FileId, ForeignEntry, Seen, TableFile, TableState};
use crate::store::{Kind, Lake};

/// After this long without looking, the end of the log is looked up by listing: it may have been cleaned meanwhile.
const LONG_AGO: Duration = Duration::from_secs(600);

/// Entries of others that are remembered until somebody asks for them.
const FOREIGN_KEPT: usize = 1_000;

/// A table and what its log said when it was last read.
#[derive(Debug)]
pub struct Table {
    lake: Lake,
    spec: Arc<TableSpec>,
    state: TableState,
    looked_at: Instant,
    /// A put whose outcome nobody knows: the log is read before anything else is done.
    is_unsettled: bool,
    /// Entries that were read on the way to a commit and not handed out yet.
    unreported: Vec<Seen>,
    /// Entries of others that nobody was told of yet.
    foreign: Vec<ForeignEntry>,
    /// Mark of the entry at the present version, where it is known: see [`Table::verify`].
    last_mark: Option<u32>,
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
        Self::open_with(lake, spec, false).await
    }

    /// As [`Table::open`] for whoever looks for damage: entries of others are followed whatever they did, and rows of
    /// theirs are rows. Such a table is never written.
    ///
    /// # Errors
    /// As [`Table::open`], foreign entries apart.
    pub async fn open_as_it_is(lake: &Lake, spec: &TableSpec) -> Result<Option<Self>, Fault> {
        Self::open_with(lake, spec, true).await
    }

    async fn open_with(
        lake: &Lake,
        spec: &TableSpec,
        as_it_is: bool,
    ) -> Result<Option<Self>, Fault> {
        let loaded = load::load(lake, &spec.name).await;
        let Some(loaded) = loaded.map_err(|fault| with_way_out(fault, lake, &spec.name))? else {
            return Ok(None);
        };
        let mut table = Self {
            lake: lake.clone(),
            spec: Arc::new(spec.clone()),
            state: TableState::new(),
            looked_at: Instant::now(),
            is_unsettled: false,
            unreported: Vec::new(),
            foreign: Vec::new(),
            last_mark: None,
        };
        table.state.as_it_is = as_it_is;
        table.take(loaded).await?;
        table.keep_deletion();
        table.check_id_key()?;
        table.fit()?;
        Ok(Some(table))
    }

    /// How rows end was settled when the table was made, whatever the spec wishes.
    fn keep_deletion(&mut self) {
        if self.spec.is_append_only() {
            return;
        }
        let has_vectors = self.property(create::VECTORS) == Some("true");
        let deletion = if has_vectors {
            Deletion::Vectors
        } else {
            Deletion::Copies
        };
        Arc::make_mut(&mut self.spec).deletion = deletion;
    }

    /// Takes note of a checkpoint that was made beside the epochs.
    pub fn note_checkpoint(&mut self, made: &Checkpointed) {
        self.state.checkpoint_version = self.state.checkpoint_version.max(made.version);
    }

    /// Takes note of what a vacuum removed.
    pub fn note_vacuum(&mut self, vacuumed: &Vacuumed) {
        for path in &vacuumed.deleted {
            self.state.tombstones.remove(path);
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

    pub(crate) fn file_at(&self, path: &str) -> Option<&TableFile> {
        self.state.file_at(path)
    }

    pub(crate) fn tombstones(&self) -> &BTreeMap<String, i64> {
        &self.state.tombstones
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

    /// Reads every entry after the present version, applies it and says what it was, entries included that a commit
    /// met on its way. It reports terms and does not judge them: a commit does.
    ///
    /// # Errors
    /// `Corrupt` for an entry of somebody else that cannot be followed, naming table, version and the way out;
    /// `Conflict` ("reload") when entries were cleaned that were never read, or when the folder holds another log by
    /// now; `Unavailable` from the store. The table is then as it was.
    pub async fn catch_up(&mut self) -> Result<Vec<Seen>, Fault> {
        self.follow().await?;
        Ok(std::mem::take(&mut self.unreported))
    }

    /// As [`Table::catch_up`]; what was seen is kept for it.
    pub(crate) async fn follow(&mut self) -> Result<(), Fault> {
        // All of them first: vectors that a later one replaced are not needed and may be gone.
        let run = self.read_run().await?;
        if !run.is_empty() {
            self.verify().await?;
            self.apply_run(run).await?;
        }
        if self.looked_at.elapsed() > LONG_AGO {
            self.check_end().await?;
        }
        self.looked_at = Instant::now();
        self.is_unsettled = false;
        Ok(())
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

    /// The entries after the present version.
    async fn read_run(&self) -> Result<Vec<Entry>, Fault> {
        let mut run = Vec::new();
        for version in self.state.version + 1.. {
            let path = entry_path(&self.spec.name, version);
            let Some(bytes) = self.lake.read(Kind::Log, &path).await? else {
                break;
            };
            let entry = log::entry(&self.spec.name, version, &bytes);
            run.push(entry.map_err(|fault| self.with_way_out(fault))?);
        }
        Ok(run)
    }

    /// Looks whether the entry at the present version is the one that was read. A table that was made anew has another
    /// there or none, and an entry that follows ours would stand beyond the end of its log.
    ///
    /// # Errors
    /// `Conflict` ("reload") where it is not, `Unavailable` from the store.
    pub async fn verify(&self) -> Result<(), Fault> {
        let Some(mark) = self.last_mark else {
            return Ok(());
        };
        let (name, version) = (&self.spec.name, self.state.version);
        let bytes = self
            .lake
            .read(Kind::Log, &entry_path(name, version))
            .await?;
        let what = match bytes {
            Some(bytes) if log::mark(&bytes) == mark => return Ok(()),
            Some(_) => "is another one by now",
            None => "is gone",
        };
        Err(Fault::conflict(format!(
            "reload: entry {version} of table {name} {what}"
        )))
    }

    /// Entries of others since this was asked last, those included that opening the table met above its checkpoint.
    pub fn drain_foreign(&mut self) -> Vec<ForeignEntry> {
        std::mem::take(&mut self.foreign)
    }

    fn note_foreign(&mut self, seen: &[Seen]) {
        let room = FOREIGN_KEPT.saturating_sub(self.foreign.len());
        let entries = seen.iter().filter_map(|seen| match seen {
            Seen::Foreign { version, what } => Some(ForeignEntry {
                version: *version,
                kind: what.name(),
            }),
            _ => None,
        });
        self.foreign.extend(entries.take(room));
    }

    fn with_way_out(&self, fault: Fault) -> Fault {
        with_way_out(fault, &self.lake, &self.spec.name)
    }

    /// A table whose tokens were made with another id key than the lake was opened with is refused. One that was made
    /// before the property was says nothing.
    fn check_id_key(&self) -> Result<(), Fault> {
        match (self.property(PROPERTY), self.lake.id_key_fingerprint()) {
            (Some(stored), Some(given)) if stored != given => {
                let table = format!("{}/{}", self.lake.uri(), self.name());
                Err(identity::another_key(&table))
            }
            _ => Ok(()),
        }
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
        let spec = TableSpec {
            deletion: self.spec.deletion,
            ..spec.clone()
        };
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
            meta.configuration
                .extend(create::properties(&self.lake, &spec));
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
        self.spec = Arc::new(spec);
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
        self.put_draft(put::Draft {
            is_claim: true,
            ..draft
        })
        .await
        .map(|_| ())
    }
}

/// What is stored contradicts itself: with the table named, and the command that makes it anew.
fn with_way_out(mut fault: Fault, lake: &Lake, name: &str) -> Fault {
    if fault.kind == FaultKind::Corrupt {
        fault.doing = format!(
            "following table {name}: {}; after a look at it run `yidang rebuild {name} --lake {}`",
            fault.doing,
            lake.uri()
        );
    }
    fault
}

#[cfg(test)]
mod tests;
