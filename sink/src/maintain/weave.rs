//! Several files in order become one sequence of rows in order, with a few batches in memory at a time.
//!
//! A file that a merge wrote is in order already and is decoded as it is needed; the small file of an epoch is put in
//! order first. Leaves alone: encoding the result. Should a file be out of order against its name, rows come out of
//! order and duplicates stay: nothing is lost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use arrow::array::RecordBatch;
use arrow::compute::{filter_record_batch, interleave_record_batch};
use arrow::error::ArrowError;
use arrow::row::OwnedRow;
use yidang_schemas::fault::Fault;

use super::order::{Order, Ranks, columns};
use super::plan::Keep;
use crate::name;
use crate::read::{LiveBatch, Opened};
use crate::spec::TableSpec;
use crate::state::FileId;

const CHUNK_ROWS: usize = 16 * 1024;

/// Rows of the new file.
pub(super) struct Chunk {
    pub batch: RecordBatch,
    /// Where each row was before.
    pub moves: Vec<(FileId, u32)>,
}

type Run<'s> = Box<dyn Iterator<Item = Result<LiveBatch, Fault>> + 's>;
type Chunks<'s> = Box<dyn Iterator<Item = Result<Chunk, Fault>> + 's>;

/// The live rows of the files as the table wants them.
pub(super) fn weave<'s>(
    spec: &'s TableSpec,
    opened: Vec<Opened>,
    keep: Option<Keep>,
) -> Result<Chunks<'s>, Fault> {
    let bad = move |error: ArrowError| {
        Fault::corrupt(format!("merging files of table {}", spec.name)).with_source(error)
    };
    if columns(&spec.upkeep).is_empty() {
        let runs = opened
            .into_iter()
            .flat_map(move |opened| kept(opened, keep.clone()));
        return Ok(Box::new(runs.map(|live| live.map(whole))));
    }
    let order = Order::new(spec).map_err(bad)?;
    let mut cursors = Vec::with_capacity(opened.len());
    for opened in opened {
        let is_ordered = name::read(&opened.file.path).is_some_and(|tag| tag.is_merged);
        let run = kept(opened, keep.clone());
        let run = if is_ordered {
            run
        } else {
            arranged(&order, run).map_err(|error| error.or(bad))?
        };
        cursors.push(Cursor { run, batch: None });
    }
    let mut loom = Loom {
        order,
        cursors,
        heads: BinaryHeap::new(),
        last: None,
        is_started: false,
    };
    Ok(Box::new(std::iter::from_fn(move || {
        loom.next().map_err(|error| error.or(bad)).transpose()
    })))
}

/// A fault of reading, or an error of Arrow that becomes one.
enum Trouble {
    Read(Fault),
    Arrow(ArrowError),
}

impl Trouble {
    fn or(self, bad: impl FnOnce(ArrowError) -> Fault) -> Fault {
        match self {
            Self::Read(fault) => fault,
            Self::Arrow(error) => bad(error),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Read(fault)
    }
}

impl From<ArrowError> for Trouble {
    fn from(error: ArrowError) -> Self {
        Self::Arrow(error)
    }
}

fn whole(live: LiveBatch) -> Chunk {
    let moves = live.rows.iter().map(|row| (live.file, *row)).collect();
    Chunk {
        batch: live.batch,
        moves,
    }
}

fn kept<'s>(opened: Opened, keep: Option<Keep>) -> Run<'s> {
    let live = opened.decode_live();
    match keep {
        None => Box::new(live),
        Some(keep) => Box::new(live.map(move |found| found.map(|found| filtered(&found, &keep)))),
    }
}

fn filtered(found: &LiveBatch, keep: &Keep) -> LiveBatch {
    let mask = keep(&found.batch);
    let pairs = found.rows.iter().zip(mask.iter());
    let rows = pairs
        .filter(|(_, kept)| *kept == Some(true))
        .map(|(row, _)| *row)
        .collect();
    let batch =
        filter_record_batch(&found.batch, &mask).expect("a keep filter answers for every row");
    LiveBatch {
        file: found.file,
        rows,
        batch,
    }
}

fn arranged<'s>(order: &Order<'_>, run: Run<'_>) -> Result<Run<'s>, Trouble> {
    let live: Result<Vec<LiveBatch>, Fault> = run.collect();
    let arranged = order.arrange(&live?)?;
    Ok(Box::new(arranged.into_iter().map(Ok)))
}

/// A run and its batch at hand.
struct Cursor<'s> {
    run: Run<'s>,
    batch: Option<Held>,
}

struct Held {
    live: LiveBatch,
    ranks: Ranks,
    row: usize,
    /// Its number among the batches of the chunk under way.
    source: usize,
}

/// The next row of a run: least key first, then greatest epoch, then the later file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    key: OwnedRow,
    epoch: Reverse<i64>,
    cursor: Reverse<usize>,
}

struct Loom<'s> {
    order: Order<'s>,
    cursors: Vec<Cursor<'s>>,
    heads: BinaryHeap<Reverse<Head>>,
    last: Option<OwnedRow>,
    is_started: bool,
}

/// Rows picked for a chunk.
#[derive(Default)]
struct Picked {
    sources: Vec<RecordBatch>,
    spots: Vec<(usize, usize)>,
    moves: Vec<(FileId, u32)>,
}

impl Loom<'_> {
    fn next(&mut self) -> Result<Option<Chunk>, Trouble> {
        let mut picked = Picked::default();
        for held in self
            .cursors
            .iter_mut()
            .filter_map(|cursor| cursor.batch.as_mut())
        {
            held.source = picked.take(&held.live.batch);
        }
        if !self.is_started {
            self.is_started = true;
            for index in 0..self.cursors.len() {
                self.load(index, &mut picked)?;
            }
        }
        while picked.spots.len() < CHUNK_ROWS {
            let Some(Reverse(head)) = self.heads.pop() else {
                break;
            };
            self.pick(head, &mut picked)?;
        }
        if picked.spots.is_empty() {
            return Ok(None);
        }
        let sources: Vec<&RecordBatch> = picked.sources.iter().collect();
        let batch = interleave_record_batch(&sources, &picked.spots)?;
        Ok(Some(Chunk {
            batch,
            moves: picked.moves,
        }))
    }

    fn pick(&mut self, head: Head, picked: &mut Picked) -> Result<(), Trouble> {
        let Reverse(index) = head.cursor;
        let held = self
            .cursors
            .get_mut(index)
            .and_then(|cursor| cursor.batch.as_mut());
        let held = held.expect("a head comes from a batch at hand");
        let is_older = self.order.is_latest() && self.last.as_ref() == Some(&head.key);
        if !is_older {
            let physical = held
                .live
                .rows
                .get(held.row)
                .copied()
                .expect("every row has its place");
            picked.spots.push((held.source, held.row));
            picked.moves.push((held.live.file, physical));
            self.last = Some(head.key);
        }
        held.row += 1;
        if held.row < held.live.batch.num_rows() {
            self.heads.push(Reverse(held.head(index)));
            return Ok(());
        }
        self.load(index, picked)
    }

    /// Takes the next batch with rows of a run.
    fn load(&mut self, index: usize, picked: &mut Picked) -> Result<(), Trouble> {
        let cursor = self
            .cursors
            .get_mut(index)
            .expect("cursors are never dropped");
        cursor.batch = None;
        for live in cursor.run.by_ref() {
            let live = live?;
            if live.batch.num_rows() == 0 {
                continue;
            }
            let held = Held {
                ranks: self.order.rank(&live.batch)?,
                source: picked.take(&live.batch),
                live,
                row: 0,
            };
            self.heads.push(Reverse(held.head(index)));
            cursor.batch = Some(held);
            break;
        }
        Ok(())
    }
}

impl Held {
    fn head(&self, cursor: usize) -> Head {
        let key = self.ranks.keys.row(self.row).owned();
        Head {
            key,
            epoch: Reverse(self.ranks.epoch(self.row)),
            cursor: Reverse(cursor),
        }
    }
}

impl Picked {
    fn take(&mut self, batch: &RecordBatch) -> usize {
        self.sources.push(batch.clone());
        self.sources.len() - 1
    }
}
