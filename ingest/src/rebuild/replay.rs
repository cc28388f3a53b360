//! Doing every landed epoch again from the first, in memory, with a bounded look ahead.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures::TryStreamExt;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::{FileId, Lake, Table};
use yidang_transform::schema_book::SchemaBook;
use yidang_transform::token::IdKey;

use crate::bundle;
use crate::engine::stored::Remap;
use crate::engine::{Engine, EngineSettings, Plan};
use crate::epoch::EpochInput;
use crate::tables::landing::{self, LandedRow};

/// Landed epochs in order, read file by file: an epoch is whole once no later file can hold rows of it.
pub(super) struct Epochs<'t> {
    landing: &'t Table,
    /// Files by their first epoch.
    files: VecDeque<(i64, FileId)>,
    held: BTreeMap<i64, Vec<LandedRow>>,
}

impl<'t> Epochs<'t> {
    pub(super) fn new(landing: &'t Table) -> Self {
        let ours = landing.files().filter(|file| !file.is_foreign);
        let mut files: Vec<(i64, FileId)> = ours
            .map(|file| (file.epochs.map_or(i64::MIN, |(first, _)| first), file.id))
            .collect();
        files.sort_unstable();
        Self {
            landing,
            files: files.into(),
            held: BTreeMap::new(),
        }
    }

    /// The next epoch that has rows, in ordinal order.
    pub(super) async fn next(
        &mut self,
        catalog: &Catalog,
    ) -> Result<Option<(i64, Vec<LandedRow>)>, Fault> {
        loop {
            let first = self.held.keys().next().copied();
            let next_file = self.files.front().map(|(epoch, _)| *epoch);
            match (first, next_file) {
                (Some(epoch), file) if file.is_none_or(|file| file > epoch) => {
                    let mut rows = self.held.remove(&epoch).unwrap_or_default();
                    rows.sort_by_key(|row| row.ordinal);
                    check_whole(epoch, &rows)?;
                    return Ok(Some((epoch, rows)));
                }
                (_, Some(_)) => self.read_file(catalog).await?,
                _ => return Ok(None),
            }
        }
    }

    async fn read_file(&mut self, catalog: &Catalog) -> Result<(), Fault> {
        let Some((_, file)) = self.files.pop_front() else {
            return Ok(());
        };
        let mut batches = self
            .landing
            .live_rows(Some(&landing::REPLAY_COLUMNS), Some(&[file]))?;
        while let Some(batch) = batches.try_next().await? {
            for row in landing::read(catalog, &batch.batch)? {
                self.held.entry(row.epoch).or_default().push(row);
            }
        }
        Ok(())
    }
}

/// A table made from a landing with gaps would look sound and lack records.
fn check_whole(epoch: i64, rows: &[LandedRow]) -> Result<(), Fault> {
    let gap = rows
        .iter()
        .enumerate()
        .any(|(place, row)| i32::try_from(place) != Ok(row.ordinal));
    if gap {
        return Err(Fault::corrupt(format!(
            "do epoch {epoch} again: landing lacks rows of it or has some twice; run `yidang verify reconcile` to see which"
        )));
    }
    Ok(())
}

/// An engine that is told of epoch after epoch.
pub(super) struct Replay<'a> {
    lake: &'a Lake,
    catalog: &'a Arc<Catalog>,
    settings: &'a EngineSettings,
    engine: Engine,
}

impl<'a> Replay<'a> {
    pub(super) fn new(
        lake: &'a Lake,
        catalog: &'a Arc<Catalog>,
        id_key: &IdKey,
        settings: &'a EngineSettings,
    ) -> Self {
        let engine = Engine::new(Arc::clone(catalog), id_key.clone(), settings.clone());
        Self {
            lake,
            catalog,
            settings,
            engine,
        }
    }

    /// Takes over what the lake knows of writers' schemas.
    pub(super) fn know(&mut self, schemas: Arc<SchemaBook>) {
        self.engine.know(schemas);
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What an epoch gives every table.
    pub(super) async fn plan(&mut self, epoch: i64, rows: Vec<LandedRow>) -> Result<Plan, Fault> {
        let landed_at_ms = rows.first().map_or(0, |row| row.landed_at_ms);
        if let Some(row) = rows.first()
            && self.engine.catalog().bundle.hash != row.bundle
        {
            let catalog = Arc::new(bundle::fetch(self.lake, &row.bundle).await?);
            self.rebase(&catalog);
        }
        let messages = self.in_engine_places(rows)?;
        let input = EpochInput {
            epoch,
            landed_at_ms,
            messages,
        };
        self.engine.plan(input).map_err(|_panicked| {
            Fault::corrupt(format!(
                "do epoch {epoch} again: this version fails on rows that an earlier one landed"
            ))
        })
    }

    pub(super) fn apply(&mut self, plan: Plan) {
        self.engine.apply(plan);
        // Nothing is checkpointed here: what changed need not be remembered.
        self.engine.checkpointed();
    }

    /// The engine under the newest bundle.
    pub(super) fn finish(mut self) -> Engine {
        let catalog = Arc::clone(self.catalog);
        self.rebase(&catalog);
        self.engine
    }

    fn rebase(&mut self, catalog: &Arc<Catalog>) {
        if self.engine.catalog().bundle.hash == catalog.bundle.hash {
            return;
        }
        let remap = Remap::between(self.engine.catalog(), catalog);
        let fresh = Engine::new(
            Arc::clone(catalog),
            self.engine.id_key().clone(),
            self.settings.clone(),
        );
        let before = std::mem::replace(&mut self.engine, fresh);
        self.engine = before.rebased(catalog, self.settings.clone(), &remap);
    }

    /// Rows were read with the places of the newest catalog; those of the engine's may differ.
    fn in_engine_places(
        &self,
        rows: Vec<LandedRow>,
    ) -> Result<Vec<crate::epoch::LandedMessage>, Fault> {
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let mut message = row.message;
            let id = self
                .catalog
                .feed(message.feed)
                .map_or("", |feed| feed.id.as_str());
            let missing = || {
                Fault::corrupt(format!(
                    "do landed rows again: their bundle has no feed {id}"
                ))
            };
            message.feed = self.engine.catalog().feed_of_id(id).ok_or_else(missing)?;
            messages.push(message);
        }
        Ok(messages)
    }
}
