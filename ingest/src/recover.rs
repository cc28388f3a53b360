//! Recovery: from tables to a running engine.
//!
//! `state` is a checkpoint; above it every landed epoch is done again from the landed rows, under the bundle that they
//! name. A table that has an epoch already is not written. What contradicts itself is refused with the way out named.

mod checks;
mod load;
mod locate;
mod unpublished;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::TryStreamExt;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_transform::token::IdKey;

use crate::bundle;
use crate::engine::stored::Remap;
use crate::engine::{Engine, EngineSettings};
use crate::epoch::EpochInput;
use crate::lake::{Moves, PUBLISHED, Tables};
use crate::registry::stored;
use crate::tables::landing::{self, LandedRow};

pub use load::{StateReader, follow};
pub use unpublished::unpublished;

/// What a recovery did, for the log line and tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Epoch of the checkpoint it started from, 0 for none.
    pub state_epoch: i64,
    /// Last landed epoch.
    pub epoch: i64,
    /// Epochs done again.
    pub replayed: u64,
    /// Tables that lacked rows of the last epoch and were given them.
    pub mended: Vec<String>,
    /// Epoch up to which events have been acknowledged.
    pub published: i64,
}

/// How a recovery treats the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Derived tables that lag are put, at this instant in epoch milliseconds: the caller has the lead.
    Write { at_ms: i64 },
    /// Nothing is written: a reader, or a standby.
    Read,
}

/// Loads the state and does again what was landed above it.
///
/// # Errors
/// `Invalid` where tables of different moments were put together, naming table, epochs and the way out; `Corrupt`
/// where stored rows cannot be read.
pub async fn recover(
    tables: &mut Tables,
    catalog: &Arc<Catalog>,
    id_key: &IdKey,
    settings: &EngineSettings,
    access: Access,
) -> Result<(Engine, Recovered), Fault> {
    let mut reader = StateReader::new(Arc::clone(catalog));
    reader.read_all(tables).await?;
    recover_from(tables, reader, id_key, settings, access, || {}).await
}

/// As [`recover`], from a reader that has followed `state` already. `beat` is called between two epochs: a leader
/// serves its group there.
pub async fn recover_from(
    tables: &mut Tables,
    reader: StateReader,
    id_key: &IdKey,
    settings: &EngineSettings,
    access: Access,
    mut beat: impl FnMut(),
) -> Result<(Engine, Recovered), Fault> {
    let catalog = Arc::clone(reader.catalog());
    checks::landing_is_newest(tables)?;
    let state_epoch = reader.epoch();
    let mut bundles = Bundles::from([(catalog.bundle.hash.clone(), Arc::clone(&catalog))]);
    let pending = pending_epochs(tables, &mut bundles, state_epoch).await?;
    checks::landing_has(tables, state_epoch, &pending)?;
    checks::tables_have(tables, &reader.table_epochs())?;
    let reader = under_first_bundle(tables, reader, &bundles, &pending).await?;
    let mut engine = reader.into_engine(id_key, settings)?;
    engine.know(Arc::new(stored::load(&tables.lake).await?));
    tables.arrange(engine.catalog())?;
    beat();
    locate::read_locations(tables, &mut engine).await?;
    let mut recovered = Recovered {
        state_epoch,
        epoch: tables.landing.epoch(),
        published: tables.landing.txns().get(PUBLISHED).copied().unwrap_or(0),
        ..Recovered::default()
    };
    for (epoch, rows) in pending {
        beat();
        engine = under_bundle(&bundles, engine, &rows, settings)?;
        tables.arrange(engine.catalog())?;
        replay(tables, &mut engine, epoch, rows, access, &mut recovered).await?;
        // A table that is put now and then may have been put at this epoch or a later one.
        for (kind, table) in (0..).zip(&tables.files) {
            engine.owed_mut().pay(kind, table.epoch());
        }
    }
    beat();
    checks::lanes_agree(tables, &engine)?;
    // Empty epochs leave no rows: the engine stands where landing stands.
    engine.restore_epoch(tables.landing.epoch());
    tables.arrange(&catalog)?;
    Ok((rebase(engine, &catalog, settings), recovered))
}

/// The state under the bundle of the first epoch that is done again: what a newer bundle no longer names would be lost
/// on the way there and back.
async fn under_first_bundle(
    tables: &Tables,
    reader: StateReader,
    bundles: &Bundles,
    pending: &BTreeMap<i64, Vec<LandedRow>>,
) -> Result<StateReader, Fault> {
    let first = pending.values().find_map(|rows| rows.first());
    let catalog = first.and_then(|row| bundles.get(&row.bundle));
    let Some(catalog) =
        catalog.filter(|catalog| catalog.bundle.hash != reader.catalog().bundle.hash)
    else {
        return Ok(reader);
    };
    let mut older = StateReader::new(Arc::clone(catalog));
    older.read_all(tables).await?;
    Ok(older)
}

/// Catalogs by the hash of their bundle.
type Bundles = BTreeMap<String, Arc<Catalog>>;

/// Landed rows above the checkpoint, by epoch, in ordinal order, each under the bundle that it names.
async fn pending_epochs(
    tables: &Tables,
    bundles: &mut Bundles,
    state_epoch: i64,
) -> Result<BTreeMap<i64, Vec<LandedRow>>, Fault> {
    let files: Vec<_> = tables
        .landing
        .files()
        .filter(|file| !file.is_foreign && file.epochs.is_none_or(|(_, last)| last > state_epoch))
        .map(|file| file.id)
        .collect();
    let mut pending: BTreeMap<i64, Vec<LandedRow>> = BTreeMap::new();
    if files.is_empty() {
        return Ok(pending);
    }
    let mut batches = tables
        .landing
        .live_rows(Some(&landing::REPLAY_COLUMNS), Some(&files))?;
    while let Some(batch) = batches.try_next().await? {
        for hash in landing::bundles(&batch.batch)? {
            if let std::collections::btree_map::Entry::Vacant(place) = bundles.entry(hash) {
                let catalog = Arc::new(bundle::fetch(&tables.lake, place.key()).await?);
                place.insert(catalog);
            }
        }
        let catalog_of = |hash: &str| bundles.get(hash).map(Arc::as_ref);
        for row in landing::read_by_bundle(&batch.batch, catalog_of)? {
            if row.epoch > state_epoch {
                pending.entry(row.epoch).or_default().push(row);
            }
        }
    }
    for rows in pending.values_mut() {
        rows.sort_by_key(|row| row.ordinal);
    }
    Ok(pending)
}

/// The engine under the bundle that landed rows name.
fn under_bundle(
    bundles: &Bundles,
    engine: Engine,
    rows: &[LandedRow],
    settings: &EngineSettings,
) -> Result<Engine, Fault> {
    let Some(hash) = rows.first().map(|row| row.bundle.as_str()) else {
        return Ok(engine);
    };
    let unknown = || Fault::corrupt(format!("replay landing: bundle {hash} was not read"));
    Ok(rebase(
        engine,
        bundles.get(hash).ok_or_else(unknown)?,
        settings,
    ))
}

/// The same state under another bundle.
fn rebase(engine: Engine, catalog: &Arc<Catalog>, settings: &EngineSettings) -> Engine {
    if engine.catalog().bundle.hash == catalog.bundle.hash {
        return engine;
    }
    let remap = Remap::between(engine.catalog(), catalog);
    engine.rebased(catalog, settings.clone(), &remap)
}

async fn replay(
    tables: &mut Tables,
    engine: &mut Engine,
    epoch: i64,
    rows: Vec<LandedRow>,
    access: Access,
    recovered: &mut Recovered,
) -> Result<(), Fault> {
    let landed_at_ms = rows.first().map_or(0, |row| row.landed_at_ms);
    let messages = rows.into_iter().map(|row| row.message).collect();
    let input = EpochInput {
        epoch,
        landed_at_ms,
        messages,
    };
    let plan = engine.plan(input).map_err(|_panicked| {
        Fault::corrupt(format!(
            "do epoch {epoch} again: this version fails on rows that an earlier one landed; start the version that \
             landed them"
        ))
    })?;
    let lagging: Vec<String> = checks::lagging(tables, &plan);
    let moves = Moves::of(&plan, tables);
    let last = tables.landing.epoch();
    if !lagging.is_empty() && epoch < last {
        return Err(checks::lost_rows(tables, &lagging, epoch, last));
    }
    if let Access::Write { at_ms } = access
        && !lagging.is_empty()
    {
        let files_lag: Vec<bool> = tables
            .files
            .iter()
            .map(|table| table.epoch() < epoch)
            .collect();
        let derived = tables.derive(&plan, at_ms).await?;
        engine.apply(plan);
        moves.tell(engine, &derived, |kind| {
            files_lag.get(kind).copied().unwrap_or(false)
        });
        recovered.mended.extend(lagging);
    } else {
        engine.apply(plan);
        moves.owe(engine);
    }
    recovered.replayed += 1;
    Ok(())
}
