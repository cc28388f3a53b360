//! Reading the facts: coordinates and counts of every row, whoever wrote it.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use yidang_ingest::lake::{lane_of_application, specs};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_schemas::fault::Fault;
use yidang_sink::{FileId, Lake, Table, TableSpec};

use super::facts::{Derived, DerivedTable, Facts, Landed, Lanes};
use crate::progress;

/// A derived table: how its rows are told apart, and which columns of landing count them.
struct Wanted<'a> {
    spec: &'a TableSpec,
    by_record: bool,
    marks: &'static [&'static str],
    counted_by: Vec<String>,
}

/// Reads all tables that conservation speaks of. Landing comes first: what a running worker adds meanwhile is left out.
pub async fn read(lake: &Lake, catalog: &Catalog) -> Result<Facts, Fault> {
    let specs = specs(catalog);
    let mut wanted: Vec<Wanted<'_>> = specs.observations.iter().map(observation).collect();
    let held = [Outcome::Quarantined, Outcome::Rejected].map(|outcome| outcome.name().to_owned());
    wanted.push(Wanted {
        spec: &specs.quarantine,
        by_record: true,
        marks: &[],
        counted_by: held.into(),
    });
    wanted.push(Wanted {
        spec: &specs.finding,
        by_record: false,
        marks: &["rule_id", "code"],
        counted_by: vec!["findings".to_owned()],
    });
    let landing = open(lake, &specs.landing).await?;
    let mut facts = Facts {
        lanes: Lanes::default(),
        landed: Vec::new(),
        positions: std::collections::BTreeMap::new(),
        derived: Vec::new(),
        epoch: landing.epoch(),
    };
    read_positions(&landing, catalog, &mut facts);
    read_landing(&landing, &wanted, &mut facts).await?;
    for wanted in &wanted {
        let table = read_derived(lake, wanted, &mut facts).await?;
        facts.derived.push(table);
    }
    Ok(facts)
}

fn observation(spec: &TableSpec) -> Wanted<'_> {
    Wanted {
        spec,
        by_record: true,
        marks: &["target", "slot"],
        counted_by: vec![spec.name.clone()],
    }
}

async fn open(lake: &Lake, spec: &TableSpec) -> Result<Table, Fault> {
    let missing = || {
        let way_out = format!("run `yidang rebuild {} --lake {}`", spec.name, lake.uri());
        Fault::corrupt(format!(
            "reconcile lake {}: table {} is missing; {way_out}",
            lake.uri(),
            spec.name
        ))
    };
    Table::open_as_it_is(lake, spec).await?.ok_or_else(missing)
}

fn read_positions(landing: &Table, catalog: &Catalog, facts: &mut Facts) {
    for (application, next) in landing.txns() {
        let Some(lane) = lane_of_application(catalog, application) else {
            continue;
        };
        let Some(contract) = catalog.feed(lane.feed) else {
            continue;
        };
        let incarnation = i32::try_from(lane.incarnation).unwrap_or(i32::MAX);
        let id = facts.lanes.id(&contract.topic, incarnation, lane.partition);
        facts.positions.insert(id, *next);
    }
}

async fn read_landing(
    table: &Table,
    wanted: &[Wanted<'_>],
    facts: &mut Facts,
) -> Result<(), Fault> {
    let mut columns = vec![
        "topic",
        "incarnation",
        "partition",
        "offset",
        "previous_offset",
        "epoch",
        "ordinal",
        "digest",
    ];
    columns.extend(Outcome::ALL.iter().map(|outcome| outcome.name()));
    let counts = wanted
        .iter()
        .flat_map(|wanted| &wanted.counted_by)
        .map(String::as_str);
    columns
        .extend(counts.filter(|name| Outcome::ALL.iter().all(|outcome| outcome.name() != *name)));
    let files: Vec<FileId> = table.files().map(|file| file.id).collect();
    let progress = progress::bar(table.name(), table.snapshot_summary().rows);
    let mut batches = table.live_rows(Some(&columns), Some(&files))?;
    while let Some(batch) = batches.try_next().await? {
        progress.inc(batch.batch.num_rows() as u64);
        read_landing_batch(&batch.batch, wanted, facts)?;
    }
    progress.finish_and_clear();
    facts
        .landed
        .sort_by_key(|row| (row.lane, row.offset, row.epoch, row.ordinal));
    Ok(())
}

fn read_landing_batch(
    batch: &RecordBatch,
    wanted: &[Wanted<'_>],
    facts: &mut Facts,
) -> Result<(), Fault> {
    let columns = Columns { batch };
    let digests = columns.column("digest")?.as_binary::<i32>();
    for row in 0..batch.num_rows() {
        let (lane, offset) = columns.place(row, &mut facts.lanes)?;
        let mut outcomes = [0; 5];
        for (count, outcome) in outcomes.iter_mut().zip(Outcome::ALL) {
            *count = columns.int(outcome.name(), row)?.unwrap_or(0);
        }
        let mut expected = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let mut sum = 0;
            for column in &wanted.counted_by {
                sum += columns.int(column, row)?.unwrap_or(0);
            }
            expected.push(sum);
        }
        let digest = if digests.is_null(row) {
            &[]
        } else {
            digests.value(row)
        };
        facts.landed.push(Landed {
            lane,
            offset,
            previous: columns.long("previous_offset", row)?,
            epoch: columns.long("epoch", row)?.unwrap_or(0),
            ordinal: columns.int("ordinal", row)?.unwrap_or(0),
            digest: digest.try_into().unwrap_or([0; 16]),
            outcomes,
            expected: expected.into(),
        });
    }
    Ok(())
}

async fn read_derived(
    lake: &Lake,
    wanted: &Wanted<'_>,
    facts: &mut Facts,
) -> Result<DerivedTable, Fault> {
    let table = open(lake, wanted.spec).await?;
    let mut columns = vec![
        "topic",
        "incarnation",
        "partition",
        "offset",
        "row",
        "epoch",
    ];
    columns.extend(wanted.marks);
    let files: Vec<FileId> = table.files().map(|file| file.id).collect();
    let progress = progress::bar(table.name(), table.snapshot_summary().rows);
    let mut batches = table.live_rows(Some(&columns), Some(&files))?;
    let mut rows = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        progress.inc(batch.batch.num_rows() as u64);
        let columns = Columns {
            batch: &batch.batch,
        };
        for row in 0..batch.batch.num_rows() {
            let (lane, offset) = columns.place(row, &mut facts.lanes)?;
            let epoch = columns.long("epoch", row)?.unwrap_or(0);
            if epoch <= facts.epoch {
                let record = columns.int("row", row)?.unwrap_or(0);
                rows.push(Derived {
                    lane,
                    offset,
                    row: record,
                    mark: columns.mark(wanted.marks, row)?,
                    epoch,
                });
            }
        }
    }
    progress.finish_and_clear();
    rows.sort_unstable();
    Ok(DerivedTable {
        name: wanted.spec.name.clone(),
        by_record: wanted.by_record,
        rows,
    })
}

/// Columns of a batch by name, tolerant of nulls: other writers may have left them.
struct Columns<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Columns<'a> {
    fn column(&self, name: &str) -> Result<&'a arrow::array::ArrayRef, Fault> {
        let missing = || Fault::corrupt(format!("reconcile: column {name} cannot be read"));
        self.batch.column_by_name(name).ok_or_else(missing)
    }

    fn int(&self, name: &str, row: usize) -> Result<Option<i32>, Fault> {
        let column = self.column(name)?.as_primitive::<Int32Type>();
        Ok(column.is_valid(row).then(|| column.value(row)))
    }

    fn long(&self, name: &str, row: usize) -> Result<Option<i64>, Fault> {
        let column = self.column(name)?.as_primitive::<Int64Type>();
        Ok(column.is_valid(row).then(|| column.value(row)))
    }

    fn place(&self, row: usize, lanes: &mut Lanes) -> Result<(u32, i64), Fault> {
        let topic = self.column("topic")?.as_string::<i32>().value(row);
        let incarnation = self.int("incarnation", row)?.unwrap_or(0);
        let partition = self.int("partition", row)?.unwrap_or(0);
        Ok((
            lanes.id(topic, incarnation, partition),
            self.long("offset", row)?.unwrap_or(-1),
        ))
    }

    /// First eight bytes of BLAKE3 over what tells rows of one record apart.
    fn mark(&self, columns: &[&str], row: usize) -> Result<u64, Fault> {
        let mut hasher = blake3::Hasher::new();
        for name in columns {
            let column = self.column(name)?;
            match column.as_string_opt::<i32>() {
                Some(texts) if texts.is_valid(row) => hasher.update(texts.value(row).as_bytes()),
                Some(_) => hasher.update(&[0xFF]),
                None => hasher.update(&self.int(name, row)?.unwrap_or(-1).to_le_bytes()),
            };
            hasher.update(&[0x1F]);
        }
        let hash = hasher.finalize();
        let half: &[u8; 8] = hash
            .as_bytes()
            .first_chunk()
            .expect("a BLAKE3 digest has 32 bytes");
        Ok(u64::from_le_bytes(*half))
    }
}
