//! The engine and its tables on a folder, epoch by epoch, with no broker and no clock: for schedules that need a crash at an
//! exact place. What a worker does between Kafka and the lake is done here by hand, through the product's own verbs.
//!
//! A crash is exact: what is on disk is all that the next laboratory knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use futures::TryStreamExt as _;
use tempfile::TempDir;
use yidang_ingest::bundle;
use yidang_ingest::checkpoint;
use yidang_ingest::engine::{Engine, EngineSettings, Plan};
use yidang_ingest::epoch::{EpochInput, LandedMessage};
use yidang_ingest::lake::{Moves, Tables};
use yidang_ingest::recover::{Access, Recovered, recover};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::maintain::{Maintenance, MergeOutcome, PreparedMerge, Vacuumed};
use yidang_sink::{Deletion, Lake, LakeSettings, Table};
use yidang_transform::token::IdKey;

use crate::messages::Message;
use crate::records::START_MS;

/// One row, every column as text; absent values are absent.
pub type Row = BTreeMap<String, String>;

/// Columns of the files that say how a value arrived, not what it is (law 1).
pub const ARRIVAL: [&str; 4] = [
    "provenance",
    "record_version",
    "first_seen_at",
    "updated_at",
];

/// A lake in a folder.
#[derive(Debug, Clone)]
pub struct Folder(Arc<TempDir>);

impl Folder {
    /// An empty one.
    ///
    /// # Panics
    /// If the temporary folder cannot be written.
    #[must_use]
    pub fn empty() -> Self {
        let made = tempfile::Builder::new().prefix("yidang-lab-").tempdir();
        Self(Arc::new(made.expect("the temporary folder is writable")))
    }

    /// Where it lies. Two laboratories may work on one folder: clone it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A copy of it as it is now.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_tree(self.path(), copy.path());
        copy
    }

    /// Puts the folder of one table in the place of its own.
    ///
    /// # Panics
    /// If one of them cannot be read or written.
    pub fn take_table(&self, from: &Self, table: &str) {
        let own = self.path().join(table);
        std::fs::remove_dir_all(&own).expect("the folder is ours");
        copy_tree(&from.path().join(table), &own);
    }
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("the folder is ours") {
        let entry = entry.expect("the folder is ours");
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().expect("the folder is ours").is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the folder is ours");
        }
    }
}

/// A leader without a broker.
#[derive(Debug)]
pub struct Lab {
    runtime: tokio::runtime::Runtime,
    pub folder: Folder,
    pub tables: Tables,
    pub engine: Engine,
    pub recovered: Recovered,
    /// Now; every epoch lands a second after the one before.
    pub now_ms: i64,
    next_offsets: BTreeMap<(u16, u32, i32), i64>,
}

/// The built-in contracts.
///
/// # Panics
/// If they do not compile.
#[must_use]
pub fn built_in() -> Arc<Catalog> {
    Arc::new(Catalog::embedded().expect("the built-in schemas compile"))
}

impl Lab {
    /// An empty lake under the built-in contracts.
    #[must_use]
    pub fn new() -> Self {
        Self::start(Folder::empty())
    }

    /// An empty lake whose file tables have no deletion vectors.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn copied() -> Self {
        let folder = Folder::empty();
        let uri = folder.path().display().to_string();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be had");
        let made = runtime.block_on(async {
            let lake = Lake::open(&uri, LakeSettings::default())?;
            Tables::open_as(&lake, &built_in(), Some(Deletion::Copies), START_MS).await
        });
        drop(made.expect("the folder is empty"));
        Self::start(folder)
    }

    /// Starts on a folder, as after a crash.
    ///
    /// # Panics
    /// If the start is refused.
    #[must_use]
    pub fn start(folder: Folder) -> Self {
        Self::try_start(folder, built_in(), START_MS + 86_400_000)
            .expect("the lake can be recovered")
    }

    /// Starts on a folder under a catalog, at an instant.
    ///
    /// # Errors
    /// What the start is refused with.
    ///
    /// # Panics
    /// If there is no runtime to be had.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a lab owns its catalog; callers make one for it"
    )]
    pub fn try_start(folder: Folder, catalog: Arc<Catalog>, now_ms: i64) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime can be had");
        let key = IdKey::new([7; 32]);
        let uri = folder
            .path()
            .to_str()
            .expect("temporary folders have plain names")
            .to_owned();
        let (tables, engine, recovered) = runtime.block_on(async {
            let lake = Lake::open(&uri, LakeSettings::default())?;
            bundle::store(&lake, &catalog).await?;
            let mut tables = Tables::open(&lake, &catalog, now_ms).await?;
            tables.take_lead(&catalog, now_ms).await?;
            let settings = EngineSettings::default();
            let (engine, recovered) = recover(
                &mut tables,
                &catalog,
                &key,
                &settings,
                Access::Write { at_ms: now_ms },
            )
            .await?;
            Ok::<_, Fault>((tables, engine, recovered))
        })?;
        let next = engine.lanes().iter();
        let next = next.map(|(lane, state)| {
            (
                (lane.feed, lane.incarnation, lane.partition),
                state.position(),
            )
        });
        let next_offsets = next.collect();
        Ok(Self {
            runtime,
            folder,
            tables,
            engine,
            recovered,
            now_ms,
            next_offsets,
        })
    }

    /// `kill -9`, and a start on what is left.
    #[must_use]
    pub fn crash(self) -> Self {
        let (folder, now_ms) = (self.stop(), START_MS + 2 * 86_400_000);
        Self::try_start(folder, built_in(), now_ms).expect("the lake can be recovered")
    }

    /// `kill -9`: what is left is the folder.
    #[must_use]
    pub fn stop(self) -> Folder {
        let Self {
            runtime,
            folder,
            tables,
            engine,
            ..
        } = self;
        drop((tables, engine));
        runtime.shutdown_background();
        folder
    }

    /// Runs something of the product to its end.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The messages as they would be read, each at the next offset of its lane.
    ///
    /// # Panics
    /// If a message is of no feed.
    pub fn read(&mut self, messages: &[Message]) -> EpochInput {
        self.now_ms += 1_000;
        let landed = messages.iter().map(|message| {
            let feeds = &self.engine.catalog().feeds;
            let feed = feeds
                .iter()
                .position(|feed| feed.topic == message.topic)
                .expect("a topic of a feed");
            let feed = u16::try_from(feed).expect("feeds are few");
            let partition = message.partition.unwrap_or(0);
            let next = self.next_offsets.entry((feed, 0, partition)).or_insert(0);
            let offset = *next;
            *next += 1;
            let header = |(name, value): &(String, Option<Vec<u8>>)| {
                (name.clone(), value.clone().map(Bytes::from))
            };
            LandedMessage {
                feed,
                incarnation: 0,
                partition,
                offset,
                timestamp_ms: message.timestamp.unwrap_or(self.now_ms),
                log_append_time: false,
                key: message.key.clone().map(Bytes::from),
                headers: message.headers.iter().map(header).collect(),
                value: message.value.clone().map(Bytes::from),
                held: false,
            }
        });
        let messages = landed.collect();
        EpochInput {
            epoch: self.tables.landing.epoch() + 1,
            landed_at_ms: self.now_ms,
            messages,
        }
    }

    /// A whole epoch: landed, derived, taken over.
    pub fn epoch(&mut self, messages: &[Message]) {
        let plan = self.land(messages);
        self.derive(plan);
    }

    /// Plans an epoch and puts its landing entry, no more.
    ///
    /// # Panics
    /// If the verbs panic or the put fails.
    pub fn land(&mut self, messages: &[Message]) -> Plan {
        let input = self.read(messages);
        let plan = self.engine.plan(input).expect("the verbs do not panic");
        self.put_landing(&plan).expect("the lead is ours");
        plan
    }

    /// The landing put of a plan.
    ///
    /// # Errors
    /// Of the put.
    pub fn put_landing(&mut self, plan: &Plan) -> Result<(), Fault> {
        let catalog = Arc::clone(self.engine.catalog());
        self.runtime.block_on(self.tables.land(&catalog, plan, 0))
    }

    /// Puts the derived tables of a landed epoch and takes it over.
    ///
    /// # Panics
    /// If a put fails.
    pub fn derive(&mut self, plan: Plan) {
        let derived = self
            .runtime
            .block_on(self.tables.derive(&plan, plan.input.landed_at_ms))
            .expect("the lead is ours");
        let moves = Moves::of(&plan, &self.tables);
        self.engine.apply(plan);
        moves.tell(&mut self.engine, &derived, |_| true);
    }

    /// The checkpoint of the engine's epoch.
    ///
    /// # Panics
    /// If the put fails.
    pub fn checkpoint(&mut self) {
        let put = checkpoint::put(&mut self.engine, &mut self.tables, self.now_ms);
        self.runtime.block_on(put).expect("the lead is ours");
    }

    /// The put of a merge that was prepared before, of the table at this place; the engine learns the new places.
    ///
    /// # Errors
    /// Of the put.
    ///
    /// # Panics
    /// If there is no such table.
    pub fn finish_merge(&mut self, place: usize, prepared: PreparedMerge) -> Result<(), Fault> {
        let table = self
            .tables
            .all_mut()
            .nth(place)
            .expect("a table of the lake");
        let name = table.name().to_owned();
        if let MergeOutcome::Done(merge) = self.runtime.block_on(table.finish_merge(prepared))? {
            yidang_ingest::maintain::relocate(&self.tables, &mut self.engine, &name, &merge);
        }
        Ok(())
    }

    /// Removes what no version of the table at this place needs.
    ///
    /// # Panics
    /// If it is refused.
    pub fn vacuum(&mut self, place: usize, by: &Maintenance) -> Vacuumed {
        let table = self
            .tables
            .all_mut()
            .nth(place)
            .expect("a table of the lake");
        let plan = self
            .runtime
            .block_on(table.plan_vacuum(by, Some(0)))
            .expect("the lead is ours");
        let done = self
            .runtime
            .block_on(plan.run())
            .expect("the store is there");
        table.note_vacuum(&done);
        done
    }

    /// Reads the logs to their end.
    ///
    /// # Errors
    /// What cannot be followed.
    pub fn catch_up(&mut self) -> Result<(), Fault> {
        self.runtime.block_on(self.tables.catch_up())
    }

    /// Puts the derived tables of a plan, no more.
    ///
    /// # Errors
    /// Of the puts.
    pub fn put_derived(&mut self, plan: &Plan) -> Result<(), Fault> {
        self.runtime
            .block_on(self.tables.derive(plan, plan.input.landed_at_ms))
            .map(|_| ())
    }

    /// Every live row of a table as text, sorted.
    ///
    /// # Panics
    /// If the table cannot be read.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<Row> {
        let table = self
            .tables
            .all()
            .find(|each| each.name() == table)
            .expect("a table of the lake");
        self.runtime.block_on(rows_of(table))
    }

    /// Every row of every table but `state`, arrival facts included.
    #[must_use]
    pub fn everything(&self) -> BTreeMap<String, Vec<Row>> {
        let names = self
            .tables
            .all()
            .map(|table| table.name().to_owned())
            .filter(|name| name != "state");
        names.map(|name| (name.clone(), self.rows(&name))).collect()
    }

    /// Both files without arrival facts: what the order law speaks of.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<Row>> {
        let mut files = BTreeMap::new();
        for name in ["person_file", "enterprise_file"] {
            let mut rows = self.rows(name);
            for row in &mut rows {
                row.retain(|column, _| !ARRIVAL.contains(&column.as_str()));
            }
            rows.sort();
            files.insert(name.to_owned(), rows);
        }
        files
    }

    /// The person of an identifier.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<Row> {
        only(
            self.rows("person_file")
                .into_iter()
                .filter(|row| row.get("id_no").is_some_and(|held| held == id)),
        )
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

/// Fails with the first table, row and columns in which two lakes differ, not with their contents.
///
/// # Panics
/// If they differ.
pub fn same(seen: &BTreeMap<String, Vec<Row>>, expected: &BTreeMap<String, Vec<Row>>, when: &str) {
    for (table, expected) in expected {
        let seen = seen.get(table).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(seen.len(), expected.len(), "rows of {table} {when}");
        for (place, (seen, expected)) in seen.iter().zip(expected).enumerate() {
            let names = seen.keys().chain(expected.keys());
            let different: std::collections::BTreeSet<&String> = names
                .filter(|name| seen.get(*name) != expected.get(*name))
                .collect();
            assert!(
                different.is_empty(),
                "row {place} of {table} differs in {different:?} {when}"
            );
        }
    }
}

fn only(mut rows: impl Iterator<Item = Row>) -> Option<Row> {
    let row = rows.next();
    assert!(rows.next().is_none(), "a subject has one row");
    row
}

async fn rows_of(table: &Table) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut batches = table
        .live_rows(None, None)
        .expect("every column can be read");
    while let Some(batch) = batches.try_next().await.expect("the files are there") {
        rows.extend(texts(&batch.batch));
    }
    rows.sort();
    rows
}

fn texts(batch: &RecordBatch) -> Vec<Row> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let columns: Vec<_> = schema.fields().iter().zip(batch.columns()).collect();
    let row = |place: usize| {
        let present = columns.iter().filter(|(_, column)| column.is_valid(place));
        let text = |(field, column): &(&Arc<arrow::datatypes::Field>, &arrow::array::ArrayRef)| {
            let formatter =
                ArrayFormatter::try_new(column.as_ref(), &options).expect("every type has a form");
            (field.name().clone(), formatter.value(place).to_string())
        };
        present.map(text).collect()
    };
    (0..batch.num_rows()).map(row).collect()
}
