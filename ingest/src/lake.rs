//! The tables of one lake: how each is made, and how an epoch is put into them.
//!
//! Landing first: with its entry the epoch exists. Then the derived tables, in any order; one that has the epoch
//! already is left alone. Leaves alone: what is in the rows, and who may write.

mod moves;
mod specs;

use futures::future::try_join_all;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::{Change, Deletion, FileId, ForeignEntry, Lake, Seen, Table};
use yidang_transform::merge::Location;

use crate::copied::by_file;
use crate::engine::Plan;
use crate::epoch::Lane;
use crate::tables::state;

pub use moves::{Derived, Moves};
pub(crate) use moves::{is_copied, location};
pub use specs::{Specs, partition_of, specs, subject_column};

/// Application id of the last epoch whose events the brokers have acknowledged, in `landing`.
pub const PUBLISHED: &str = "yidang/published";
/// Application id of the bundle's generation, in `landing`.
pub const GENERATION: &str = "yidang/generation";

/// All tables of a lake, opened for one worker.
#[derive(Debug)]
pub struct Tables {
    pub lake: Lake,
    pub landing: Table,
    pub quarantine: Table,
    pub finding: Table,
    pub issue: Table,
    pub issue_event: Table,
    pub state: Table,
    /// By kind.
    pub observations: Vec<Table>,
    /// By kind.
    pub files: Vec<Table>,
    /// The writer's term; 0 for readers and standbys.
    pub term: i64,
}

/// Application id of a lane's position, the next offset to read.
pub fn lane_application(catalog: &Catalog, lane: &Lane) -> String {
    let topic = catalog
        .feeds
        .get(usize::from(lane.feed))
        .map_or("", |feed| feed.topic.as_str());
    format!(
        "yidang/lane/{topic}/{}/{}",
        lane.incarnation, lane.partition
    )
}

/// Reads a lane back from its application id; nothing for others.
pub fn lane_of_application(catalog: &Catalog, application: &str) -> Option<Lane> {
    let mut parts = application.strip_prefix("yidang/lane/")?.rsplitn(3, '/');
    let partition = parts.next()?.parse().ok()?;
    let incarnation = parts.next()?.parse().ok()?;
    let topic = parts.next()?;
    let feed = catalog.feeds.iter().position(|feed| feed.topic == topic)?;
    Some(Lane {
        feed: u16::try_from(feed).ok()?,
        incarnation,
        partition,
    })
}

impl Tables {
    /// Opens every table of a catalog, making those that are missing.
    pub async fn open(lake: &Lake, catalog: &Catalog, at_ms: i64) -> Result<Self, Fault> {
        Self::open_as(lake, catalog, None, at_ms).await
    }

    /// As [`Tables::open`], with a wish for how rows of the file tables end. Without one they follow those that are
    /// there, and have deletion vectors where none is.
    ///
    /// # Errors
    /// `Invalid` where a file table that is there was made otherwise.
    pub async fn open_as(
        lake: &Lake,
        catalog: &Catalog,
        wish: Option<Deletion>,
        at_ms: i64,
    ) -> Result<Self, Fault> {
        let specs = specs(catalog);
        let open = async |spec: &yidang_sink::TableSpec| match Table::open(lake, spec).await? {
            Some(table) => Ok(table),
            None => Table::create(lake, spec, at_ms).await,
        };
        Ok(Self {
            landing: open(&specs.landing).await?,
            quarantine: open(&specs.quarantine).await?,
            finding: open(&specs.finding).await?,
            issue: open(&specs.issue).await?,
            issue_event: open(&specs.issue_event).await?,
            state: open(&specs.state).await?,
            observations: open_all(lake, &specs.observations, at_ms).await?,
            files: open_files(lake, &specs.files, wish, at_ms).await?,
            lake: lake.clone(),
            term: 0,
        })
    }

    /// Opens every table of a lake that has them; nothing where it has none.
    pub async fn open_existing(lake: &Lake, catalog: &Catalog) -> Result<Option<Self>, Fault> {
        let specs = specs(catalog);
        let open = async |spec: &yidang_sink::TableSpec| {
            let missing = || {
                Fault::corrupt(format!(
                    "open lake {}: table {} is missing",
                    lake.uri(),
                    spec.name
                ))
            };
            Table::open(lake, spec).await?.ok_or_else(missing)
        };
        if !lake.table_exists(&specs.landing.name).await? {
            return Ok(None);
        }
        let mut observations = Vec::new();
        for spec in &specs.observations {
            observations.push(open(spec).await?);
        }
        let mut files = Vec::new();
        for spec in &specs.files {
            files.push(open(spec).await?);
        }
        Ok(Some(Self {
            landing: open(&specs.landing).await?,
            quarantine: open(&specs.quarantine).await?,
            finding: open(&specs.finding).await?,
            issue: open(&specs.issue).await?,
            issue_event: open(&specs.issue_event).await?,
            state: open(&specs.state).await?,
            observations,
            files,
            lake: lake.clone(),
            term: 0,
        }))
    }

    /// Names of the file tables that are put now and then, for want of deletion vectors.
    pub fn copied(&self) -> Vec<String> {
        let copied = self.files.iter().enumerate();
        let copied = copied.filter(|(kind, _)| is_copied(self, *kind));
        copied.map(|(_, table)| table.name().to_owned()).collect()
    }

    /// Every table, landing first.
    pub fn all(&self) -> impl Iterator<Item = &Table> {
        let single = [
            &self.landing,
            &self.quarantine,
            &self.finding,
            &self.issue,
            &self.issue_event,
            &self.state,
        ];
        single
            .into_iter()
            .chain(&self.observations)
            .chain(&self.files)
    }

    /// Every table, landing first.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Table> {
        let single = [
            &mut self.landing,
            &mut self.quarantine,
            &mut self.finding,
            &mut self.issue,
            &mut self.issue_event,
            &mut self.state,
        ];
        single
            .into_iter()
            .chain(&mut self.observations)
            .chain(&mut self.files)
    }

    /// Puts the tables that stand by kind in the order of another bundle's kinds; tables of kinds that it does not know
    /// come last and are given nothing.
    ///
    /// # Errors
    /// `Invalid` where that bundle has a kind without a table here: kinds are only ever added.
    pub fn arrange(&mut self, catalog: &Catalog) -> Result<(), Fault> {
        let specs = specs(catalog);
        for (tables, specs) in [
            (&mut self.observations, &specs.observations),
            (&mut self.files, &specs.files),
        ] {
            let missing = specs
                .iter()
                .find(|spec| !tables.iter().any(|table| table.name() == spec.name));
            if let Some(spec) = missing {
                return Err(Fault::invalid(format!(
                    "do landed epochs of lake {} again: their bundle has table {}, the one in force has not; start the \
                     version that landed them",
                    self.lake.uri(),
                    spec.name
                )));
            }
            let place = |table: &Table| specs.iter().position(|spec| spec.name == table.name());
            tables.sort_by_key(|table| place(table).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// Reads what was written since.
    pub async fn catch_up(&mut self) -> Result<(), Fault> {
        for table in self.all_mut() {
            table.catch_up().await?;
        }
        Ok(())
    }

    /// Reads what was written since to one table beside `state`, another one from turn to turn: a standby is never far
    /// behind anywhere and asks the store little.
    pub async fn follow_one(&mut self, turn: usize) -> Result<(), Fault> {
        let count = self.all().count() - 1;
        let mut others = self.all_mut().filter(|table| table.name() != state::TABLE);
        match others.nth(turn % count) {
            Some(table) => follow(table).await,
            None => Ok(()),
        }
    }

    /// Reads what was written since to `state` and says what. Nothing where it had to be opened again: then all of it
    /// has to be read.
    pub async fn follow_state(&mut self) -> Result<Option<Vec<Seen>>, Fault> {
        match self.state.catch_up().await {
            Ok(seen) => Ok(Some(seen)),
            Err(fault) if fault.kind == FaultKind::Conflict => {
                reopen(&mut self.state).await?;
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Entries of others since this was asked last, by table: they are followed, and somebody should know.
    pub fn drain_foreign(&mut self) -> Vec<(String, ForeignEntry)> {
        let mut drained = Vec::new();
        for table in self.all_mut() {
            let entries = table.drain_foreign().into_iter();
            drained.extend(entries.map(|entry| (table.name().to_owned(), entry)));
        }
        drained
    }

    /// Takes the lead, and adds the columns that the bundle adds.
    pub async fn take_lead(&mut self, catalog: &Catalog, at_ms: i64) -> Result<i64, Fault> {
        let term = self.fence(at_ms).await?;
        self.widen(catalog, at_ms).await?;
        Ok(term)
    }

    /// A term above every other into `landing`, then into every table, before anything that was read is trusted. A
    /// table that was made anew since it was opened is opened again, so this comes before anybody remembers where rows
    /// stand.
    pub(crate) async fn fence(&mut self, at_ms: i64) -> Result<i64, Fault> {
        try_join_all(self.all_mut().map(renew)).await?;
        let term = self.all().map(Table::term).max().unwrap_or(0) + 1;
        self.landing.claim(term, at_ms).await?;
        for table in self.all_mut().skip(1) {
            table.claim(term, at_ms).await?;
        }
        self.term = term;
        Ok(term)
    }

    async fn widen(&mut self, catalog: &Catalog, at_ms: i64) -> Result<(), Fault> {
        let specs = specs(catalog);
        let term = self.term;
        for spec in specs.all() {
            let Some(table) = self.all_mut().find(|table| table.name() == spec.name) else {
                continue;
            };
            table.widen(spec, term, at_ms).await?;
        }
        Ok(())
    }

    /// Step 9: the landing put. With it the epoch exists.
    pub async fn land(
        &mut self,
        catalog: &Catalog,
        plan: &Plan,
        published: i64,
    ) -> Result<(), Fault> {
        let input = &plan.input;
        let mut change = Change::new(self.term, input.epoch, input.landed_at_ms);
        if !input.messages.is_empty() {
            change = change.with_batch(plan.landing.clone());
            change.partition = Some(partition_of(input.landed_at_ms));
        }
        let mut positions = std::collections::BTreeMap::new();
        for message in &input.messages {
            let lane = Lane {
                feed: message.feed,
                incarnation: message.incarnation,
                partition: message.partition,
            };
            positions.insert(lane, message.offset + 1);
        }
        let lanes = positions
            .iter()
            .map(|(lane, next)| (lane_application(catalog, lane), *next));
        change.txns = lanes.collect();
        change.txns.push((PUBLISHED.to_owned(), published));
        change
            .txns
            .push((GENERATION.to_owned(), i64::from(catalog.bundle.generation)));
        self.landing.commit(change).await.map(|_| ())
    }

    /// Step 10: the derived puts, at the instant `at_ms` of the clock: an epoch that is done again days later replaces
    /// files now, not when it was landed. Returns where the new rows of keyed tables stand.
    pub async fn derive(&mut self, plan: &Plan, at_ms: i64) -> Result<Derived, Fault> {
        let (epoch, term) = (plan.input.epoch, self.term);
        let copied: Vec<bool> = (0..self.files.len())
            .map(|kind| is_copied(self, kind))
            .collect();
        let fresh = || Change::new(term, epoch, at_ms);
        let appended = |rows: &Option<arrow::record_batch::RecordBatch>| {
            rows.clone().map(|rows| fresh().with_batch(rows))
        };
        let mut work = vec![
            (&mut self.quarantine, appended(&plan.quarantine)),
            (&mut self.finding, appended(&plan.findings)),
            (&mut self.issue_event, appended(&plan.events)),
            (
                &mut self.issue,
                keyed(fresh(), plan.issue.rows.clone(), &plan.issue.replaced),
            ),
        ];
        work.extend(
            self.observations
                .iter_mut()
                .zip(plan.observations.iter().map(appended)),
        );
        let keep = work.len();
        let files = plan.files.iter().zip(copied).map(|(file, is_copied)| {
            let replaced = file.replaced.iter().map(|(_, location)| *location);
            let replaced: Vec<Location> = replaced.collect();
            let change = || keyed(fresh(), file.rows.clone(), &replaced);
            if is_copied { None } else { change() }
        });
        work.extend(self.files.iter_mut().zip(files));
        let puts = work
            .into_iter()
            .map(|(table, change)| put(table, change, epoch));
        let put = try_join_all(puts).await?;
        Ok(Derived {
            issue: put.get(3).copied().flatten(),
            files: put.get(keep..).unwrap_or(&[]).to_vec(),
        })
    }
}

/// The file tables; one that is missing is made as was wished for, else as the others are, else with vectors.
async fn open_files(
    lake: &Lake,
    specs: &[yidang_sink::TableSpec],
    wish: Option<Deletion>,
    at_ms: i64,
) -> Result<Vec<Table>, Fault> {
    let mut opened = Vec::with_capacity(specs.len());
    for spec in specs {
        opened.push(Table::open(lake, spec).await?);
    }
    let of = |table: &Table| table.spec().deletion;
    let present = || opened.iter().flatten();
    if let Some(table) = present().find(|table| wish.is_some_and(|wish| wish != of(table))) {
        return Err(made_otherwise(table));
    }
    let deletion = wish.or(present().map(of).next_back());
    let mut tables = Vec::with_capacity(specs.len());
    for (spec, table) in specs.iter().zip(opened) {
        let spec = yidang_sink::TableSpec {
            deletion: deletion.unwrap_or(spec.deletion),
            ..spec.clone()
        };
        tables.push(match table {
            Some(table) => table,
            None => Table::create(lake, &spec, at_ms).await?,
        });
    }
    Ok(tables)
}

fn made_otherwise(table: &Table) -> Fault {
    let (name, uri) = (table.name(), table.lake().uri());
    let has = table.spec().deletion == Deletion::Vectors;
    let (with, wanted) = if has {
        ("with", false)
    } else {
        ("without", true)
    };
    Fault::invalid(format!(
        "start on lake {uri}: table {name} was made {with} deletion vectors and keeps them so; leave --deletion-vectors \
         away, or make every file table anew with `yidang rebuild {name} --deletion-vectors {wanted} --lake {uri}`"
    ))
}

async fn open_all(
    lake: &Lake,
    specs: &[yidang_sink::TableSpec],
    at_ms: i64,
) -> Result<Vec<Table>, Fault> {
    let mut tables = Vec::with_capacity(specs.len());
    for spec in specs {
        tables.push(match Table::open(lake, spec).await? {
            Some(table) => table,
            None => Table::create(lake, spec, at_ms).await?,
        });
    }
    Ok(tables)
}

/// Reads what was written since. A table whose log was cleaned past what was read, or that was made anew, is opened
/// again.
async fn follow(table: &mut Table) -> Result<(), Fault> {
    match table.catch_up().await {
        Err(fault) if fault.kind == FaultKind::Conflict => reopen(table).await,
        followed => followed.map(|_| ()),
    }
}

/// As [`follow`], and a table that was made anew is found out even where its log is the shorter one by now.
async fn renew(table: &mut Table) -> Result<(), Fault> {
    follow(table).await?;
    match table.verify().await {
        Err(fault) if fault.kind == FaultKind::Conflict => reopen(table).await,
        verified => verified,
    }
}

async fn reopen(table: &mut Table) -> Result<(), Fault> {
    let gone = || Fault::conflict(format!("reload: table {} is gone", table.name()));
    let opened = Table::open(table.lake(), table.spec()).await?;
    *table = opened.ok_or_else(gone)?;
    Ok(())
}

fn keyed(
    mut change: Change,
    rows: Option<arrow::record_batch::RecordBatch>,
    replaced: &[Location],
) -> Option<Change> {
    if rows.is_none() && replaced.is_empty() {
        return None;
    }
    change.deletes = by_file(replaced);
    Some(match rows {
        Some(rows) => change.with_batch(rows),
        None => change,
    })
}

/// Puts a change unless the table has the epoch already; gives the file of its new rows.
async fn put(
    table: &mut Table,
    change: Option<Change>,
    epoch: i64,
) -> Result<Option<FileId>, Fault> {
    match change {
        Some(change) if table.epoch() < epoch => {
            table.commit(change).await.map(|committed| committed.file)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
