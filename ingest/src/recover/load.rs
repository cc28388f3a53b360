//! Reading `state`: at start whole, on a standby file by file as it is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::TryStreamExt;
use hashbrown::HashMap;
use rayon::prelude::*;
use yidang_feedback::memory::StateRow as FeedbackRow;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::{FileId, Seen};
use yidang_transform::merge::{Memory, Stored};
use yidang_transform::record::RecordId;
use yidang_transform::standing::Standings;
use yidang_transform::token::IdKey;

use crate::bundle;
use crate::engine::stored::{self, Remap, read_record_key};
use crate::engine::{Engine, EngineSettings};
use crate::epoch::{Lane, LaneState};
use crate::lake::Tables;
use crate::tables::state::{self, Meta, StateEntry, StateRow};

/// The state as read so far.
#[derive(Debug)]
pub struct StateReader {
    catalog: Arc<Catalog>,
    memory: Memory,
    feedback: BTreeMap<Vec<u8>, (i64, Vec<u8>)>,
    meta: Option<Meta>,
    epochs: HashMap<RecordId, i64>,
    remaps: BTreeMap<u32, Arc<Remap>>,
    /// A file was committed that was not read: only the whole table can be trusted again.
    is_behind: bool,
    /// Which of the other tables is looked at next.
    turn: usize,
}

impl StateReader {
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            memory: Memory::default(),
            feedback: BTreeMap::new(),
            meta: None,
            epochs: HashMap::new(),
            remaps: BTreeMap::new(),
            is_behind: false,
            turn: 0,
        }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Epoch that the state read so far stands for, 0 for none.
    pub fn epoch(&self) -> i64 {
        self.meta.as_ref().map_or(0, |meta| meta.epoch)
    }

    pub fn table_epochs(&self) -> BTreeMap<String, i64> {
        self.meta
            .as_ref()
            .map(|meta| meta.tables.clone())
            .unwrap_or_default()
    }

    /// Reads the whole table.
    pub async fn read_all(&mut self, tables: &Tables) -> Result<(), Fault> {
        self.is_behind = true;
        self.read_files(tables, None).await?;
        self.is_behind = false;
        Ok(())
    }

    /// Reads what came since: what was committed before the fence, by whoever led then.
    pub async fn read_new(&mut self, tables: &Tables) -> Result<(), Fault> {
        if self.is_behind || tables.state.epoch() > self.epoch() {
            self.read_all(tables).await?;
        }
        Ok(())
    }

    /// Reads the rows of some files, or of all.
    pub async fn read_files(
        &mut self,
        tables: &Tables,
        files: Option<&[FileId]>,
    ) -> Result<(), Fault> {
        let mut batches = tables.state.live_rows(None, files)?;
        while let Some(batch) = batches.try_next().await? {
            let rows = state::read(&batch.batch)?;
            for generation in rows
                .iter()
                .map(|row| row.generation)
                .collect::<std::collections::BTreeSet<_>>()
            {
                self.learn(tables, generation, &rows).await?;
            }
            self.take(rows)?;
        }
        Ok(())
    }

    /// Learns how to read rows that an older bundle wrote.
    async fn learn(
        &mut self,
        tables: &Tables,
        generation: u32,
        rows: &[StateRow],
    ) -> Result<(), Fault> {
        if generation == self.catalog.bundle.generation || self.remaps.contains_key(&generation) {
            return Ok(());
        }
        if rows
            .iter()
            .all(|row| row.entry != StateEntry::Record || row.generation != generation)
        {
            return Ok(());
        }
        let old = bundle::fetch_generation(&tables.lake, generation).await?;
        self.remaps
            .insert(generation, Arc::new(Remap::between(&old, &self.catalog)));
        Ok(())
    }

    fn take(&mut self, rows: Vec<StateRow>) -> Result<(), Fault> {
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            match row.entry {
                StateEntry::Record => records.push(row),
                StateEntry::Feedback => {
                    let kept = self.feedback.get(&row.key).map_or(-1, |(epoch, _)| *epoch);
                    if row.epoch >= kept {
                        self.feedback.insert(row.key, (row.epoch, row.payload));
                    }
                }
                StateEntry::Meta => self.take_meta(&row)?,
            }
        }
        self.take_records(records)
    }

    fn take_meta(&mut self, row: &StateRow) -> Result<(), Fault> {
        if row.epoch < self.epoch() {
            return Ok(());
        }
        let meta = serde_json::from_slice(&row.payload)
            .map_err(|error| Fault::corrupt("read state: the meta row").with_source(error))?;
        self.meta = Some(meta);
        Ok(())
    }

    fn take_records(&mut self, rows: Vec<StateRow>) -> Result<(), Fault> {
        let catalog = &self.catalog;
        let remaps = &self.remaps;
        let read = |row: StateRow| -> Result<Option<(i64, RecordId, Stored)>, Fault> {
            // A feed that left the catalog keeps its rows in the table and has no part in the folds.
            let Some(id) = read_record_key(catalog, &row.key) else {
                return Ok(None);
            };
            let remap = remaps.get(&row.generation).map(Arc::as_ref);
            let unreadable =
                || Fault::corrupt(format!("read state: a record row of epoch {}", row.epoch));
            let read = stored::read(row.payload, id.feed, remap).ok_or_else(unreadable)?;
            Ok(Some((row.epoch, id, read)))
        };
        let read: Vec<_> = rows
            .into_par_iter()
            .map(read)
            .collect::<Result<_, Fault>>()?;
        for (epoch, id, stored) in read.into_iter().flatten() {
            let kept = self.epochs.get(&id).copied().unwrap_or(-1);
            if epoch >= kept {
                self.epochs.insert(id, epoch);
                self.memory.restore(id, stored);
            }
        }
        Ok(())
    }

    /// The engine that this state stands for.
    pub fn into_engine(self, id_key: &IdKey, settings: &EngineSettings) -> Result<Engine, Fault> {
        let catalog = self.catalog;
        let mut engine = Engine::new(Arc::clone(&catalog), id_key.clone(), settings.clone());
        *engine.memory_mut() = self.memory;
        for (key, (_, value)) in self.feedback {
            let row = FeedbackRow { key, value };
            let unreadable = |row: yidang_feedback::memory::UnreadableRow| {
                Fault::corrupt(format!("read state: a row of feedback ({})", row.0))
            };
            engine
                .issues_mut()
                .restore(&row, &catalog)
                .map_err(unreadable)?;
        }
        if let Some(meta) = self.meta {
            engine.restore_epoch(meta.epoch);
            let mut standings = Standings::default();
            for (id, standing) in meta.standings {
                if let Some(feed) = catalog.feed_of_id(&id) {
                    standings.restore(feed, standing);
                }
            }
            engine.restore_standings(standings);
            for lane in meta.lanes {
                let Some(feed) = catalog.feeds.iter().position(|feed| feed.id == lane.feed) else {
                    continue;
                };
                let place = Lane {
                    feed: u16::try_from(feed).expect("a catalog has fewer feeds than 65,536"),
                    incarnation: lane.incarnation,
                    partition: lane.partition,
                };
                let state = LaneState {
                    last_offset: lane.last_offset,
                    last_digest: lane.last_digest,
                    last_timestamp_ms: lane.last_timestamp_ms,
                };
                engine.restore_lane(place, state);
            }
        }
        Ok(engine)
    }
}

/// Reads what was committed since, to `state` and to one of the other tables in turn: what a standby does until it
/// leads, so that a take-over costs the last epochs and not all that it stood by.
pub async fn follow(tables: &mut Tables, reader: &mut StateReader) -> Result<(), Fault> {
    follow_state(tables, reader).await?;
    reader.turn = reader.turn.wrapping_add(1);
    tables.follow_one(reader.turn).await
}

async fn follow_state(tables: &mut Tables, reader: &mut StateReader) -> Result<(), Fault> {
    let Some(seen) = tables.follow_state().await? else {
        return reader.read_all(tables).await;
    };
    let added = seen.into_iter().filter_map(|seen| match seen {
        // Merges re-write rows that were read already.
        Seen::Ours {
            epoch: Some(_),
            added,
            ..
        } => Some(added),
        _ => None,
    });
    let files: Vec<FileId> = added.flatten().collect();
    // A file that was merged away before it was read left its rows in another, old ones among them.
    if reader.is_behind || files.iter().any(|file| tables.state.file(*file).is_none()) {
        return reader.read_all(tables).await;
    }
    if files.is_empty() {
        return Ok(());
    }
    // Entries are reported once: until their files are read, only the whole table will do.
    reader.is_behind = true;
    reader.read_files(tables, Some(&files)).await?;
    reader.is_behind = false;
    Ok(())
}
