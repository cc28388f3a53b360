//! Making a derived table anew: every landed epoch is done again in memory, under the bundle that it names, and what
//! it gives one table is written into a fresh folder. The old folder is kept aside.
//!
//! The lead is taken first: a worker that still runs is fenced before anything is moved. Leaves alone: `landing`,
//! which is the record of what happened, and `state`, which a worker makes from it.

mod aside;
mod replay;
mod rows;

use std::sync::Arc;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::{Change, Deletion, Lake, Table, TableSpec};
use yidang_transform::token::IdKey;

use crate::engine::EngineSettings;
use crate::lake::{Specs, specs};
use crate::registry::stored;
use replay::Replay;
use rows::{Collector, Part};

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub table: String,
    /// Folder of the old table under the lake; nothing where it was gone.
    pub aside: Option<String>,
    pub epochs: u64,
    pub rows: u64,
    pub commits: u64,
    pub version: i64,
}

/// What a rebuild needs to know.
#[derive(Debug)]
pub struct Rebuild<'a> {
    pub lake: &'a Lake,
    pub catalog: &'a Arc<Catalog>,
    pub id_key: &'a IdKey,
    /// As the workers of the lake have them: they shape verdicts and events.
    pub settings: &'a EngineSettings,
    pub at_ms: i64,
    /// How rows of a file table end; nothing for the way it has, or that of the others where it is gone.
    pub deletion: Option<Deletion>,
}

/// Names of the tables that can be made anew.
pub fn rebuildable(catalog: &Catalog) -> Vec<String> {
    let specs = specs(catalog);
    let kept = [specs.landing.name.as_str(), specs.state.name.as_str()];
    specs
        .all()
        .map(|spec| spec.name.clone())
        .filter(|name| !kept.contains(&name.as_str()))
        .collect()
}

impl Rebuild<'_> {
    /// Makes one table anew. `told` hears of every epoch that was done again.
    ///
    /// # Errors
    /// `Invalid` for a table that is not derived, or where another table cannot be opened; `Conflict` where a worker
    /// took the lead meanwhile; `Corrupt` where landing cannot be done again.
    pub async fn run(&self, table: &str, mut told: impl FnMut(i64)) -> Result<Rebuilt, Fault> {
        let part = Part::of(self.catalog, table).ok_or_else(|| {
            let known = rebuildable(self.catalog).join(", ");
            Fault::invalid(format!(
                "rebuild {table}: only derived tables are made anew; they are {known}"
            ))
        })?;
        let specs = specs(self.catalog);
        let spec = &self.spec(&specs, table, &part).await?;
        let others = specs.all().filter(|other| other.name != table);
        let (landing, term) = self.take_lead(spec, others).await?;
        let aside = aside::move_aside(self.lake, table).await?;
        let mut fresh = Table::create(self.lake, spec, self.at_ms).await?;
        fresh.claim(term, self.at_ms).await?;
        let mut replay = Replay::new(self.lake, self.catalog, self.id_key, self.settings);
        replay.know(Arc::new(stored::load(self.lake).await?));
        let mut collector = Collector::new(part);
        let mut rebuilt = Rebuilt {
            table: table.to_owned(),
            aside,
            epochs: 0,
            rows: 0,
            commits: 0,
            version: 0,
        };
        let mut epochs = replay::Epochs::new(&landing);
        while let Some((epoch, rows)) = epochs.next(self.catalog).await? {
            let plan = replay.plan(epoch, rows).await?;
            collector.take(replay.engine(), &plan);
            replay.apply(plan);
            if let Some(batch) = collector.full() {
                self.put(&mut fresh, term, batch, &mut rebuilt).await?;
            }
            rebuilt.epochs += 1;
            told(epoch);
        }
        let engine = replay.finish();
        for batch in collector.rest(&engine) {
            self.put(&mut fresh, term, batch, &mut rebuilt).await?;
        }
        rebuilt.version = fresh.version();
        Ok(rebuilt)
    }

    /// The table as it will be made.
    async fn spec(&self, specs: &Specs, table: &str, part: &Part) -> Result<TableSpec, Fault> {
        let wanted = specs.all().find(|spec| spec.name == table);
        let mut spec = wanted.expect("a part is of a table of the catalog").clone();
        if !matches!(part, Part::File { .. }) {
            if self.deletion.is_some() {
                return Err(Fault::invalid(format!(
                    "rebuild {table}: only file tables are made with or without deletion vectors"
                )));
            }
            return Ok(spec);
        }
        // As it was; where it is gone or cannot be read, as the others are.
        let others = specs.files.iter().filter(|other| other.name != table);
        let mut found = self.deletion;
        for candidate in [&spec].into_iter().chain(others) {
            if found.is_none() {
                found = self.deletion_of(candidate).await?;
            }
        }
        spec.deletion = found.unwrap_or(spec.deletion);
        Ok(spec)
    }

    /// How rows of a table end that is there; nothing where it is gone or damaged.
    async fn deletion_of(&self, spec: &TableSpec) -> Result<Option<Deletion>, Fault> {
        match Table::open_as_it_is(self.lake, spec).await {
            Ok(table) => Ok(table.map(|table| table.spec().deletion)),
            Err(fault) if fault.kind == FaultKind::Unavailable => Err(fault),
            Err(_damaged) => Ok(None),
        }
    }

    /// A term above every other into every table that is there, landing first.
    async fn take_lead(
        &self,
        spec: &TableSpec,
        others: impl Iterator<Item = &TableSpec>,
    ) -> Result<(Table, i64), Fault> {
        let landing = &specs(self.catalog).landing;
        let missing = || {
            Fault::corrupt(format!(
                "rebuild {}: lake {} has no landing",
                spec.name,
                self.lake.uri()
            ))
        };
        let mut landing = Table::open(self.lake, landing).await?.ok_or_else(missing)?;
        let mut tables = Vec::new();
        for other in others.filter(|other| other.name != landing.name()) {
            // One that cannot be read any more has its own rebuild coming; landing's fence stops the worker.
            tables.extend(Table::open_as_it_is(self.lake, other).await.ok().flatten());
        }
        tables.extend(Table::open_as_it_is(self.lake, spec).await.ok().flatten());
        let term = tables
            .iter()
            .chain([&landing])
            .map(Table::term)
            .max()
            .unwrap_or(0)
            + 1;
        landing.claim(term, self.at_ms).await?;
        for table in &mut tables {
            table.claim(term, self.at_ms).await?;
        }
        Ok((landing, term))
    }

    async fn put(
        &self,
        table: &mut Table,
        term: i64,
        batch: rows::Batch,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), Fault> {
        let mut change = Change::new(term, batch.epoch, self.at_ms);
        change.operation = "REBUILD";
        if let Some(rows) = batch.rows {
            rebuilt.rows += rows.num_rows() as u64;
            change = change.with_batch(rows);
        }
        rebuilt.commits += 1;
        table.commit(change).await.map(|_| ())
    }
}
