//! Merging: several files become one, without change of rows, beside the epochs.
//!
//! Preparing reads and writes and may take long; the table goes on meanwhile. Finishing is one commit: rows that epochs
//! deleted in the meantime are carried into a vector of the new file, so a busy table can be merged as well. Leaves
//! alone: the caller's map from keys to places, for which it returns every move.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use roaring::RoaringBitmap;
use tokio::sync::mpsc;
use yidang_schemas::fault::Fault;

use super::plan::Keep;
use super::{MergePlan, order, weave};
use crate::encode::{EncodedFile, FileEncoder, stats::loosen};
use crate::read::Opened;
use crate::spec::{Deletion, TableSpec, Upkeep};
use crate::state::{FileId, TableFile, vector_key};
use crate::store::{Kind, Upload};
use crate::table::Table;
use crate::table::commit::remove_of;
use crate::table::landed::{Landed, Put, path_of};
use crate::table::put::{Draft, fenced};
use crate::{name, vector};

/// Encoded pieces that wait for the upload.
const PARTS_AHEAD: usize = 2;

/// A merged file that was put and is not part of the table yet.
pub struct PreparedMerge {
    plan: MergePlan,
    /// None where no row was left.
    pub(crate) landed: Option<Landed>,
    pub(crate) moves: Vec<(FileId, u32)>,
    pub(crate) keys: Vec<RecordBatch>,
}

impl std::fmt::Debug for PreparedMerge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "PreparedMerge({:?}, {} rows)",
            self.plan,
            self.moves.len()
        )
    }
}

/// What a merge did.
#[derive(Debug, Clone)]
pub struct Merge {
    pub version: i64,
    /// The new file; none where no row was left.
    pub file: Option<FileId>,
    /// Files that are gone.
    pub removed: Vec<FileId>,
    /// Where row *i* of the new file was before. A place that memory no longer holds was deleted meanwhile.
    pub moves: Vec<(FileId, u32)>,
    /// The key columns of the new rows of a tiered table, in their order: with them a place is changed without a walk
    /// over all keys. Empty for other tables.
    pub keys: Vec<RecordBatch>,
    pub data_bytes: u64,
    pub vector_bytes: u64,
}

/// How finishing a merge ended.
#[derive(Debug, Clone)]
pub enum MergeOutcome {
    Done(Box<Merge>),
    /// A file of the plan is gone from a table without deletion vectors: plan again.
    NotNow,
}

impl MergePlan {
    /// Reads, orders, encodes and puts the new file. Touches nothing that a reader sees.
    ///
    /// # Errors
    /// Of the store and of unreadable files.
    pub async fn prepare(self) -> Result<PreparedMerge, Fault> {
        let schema = Arc::clone(&self.source.spec.schema);
        let mut opened = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let file = self.source.open_by_group(file, Arc::clone(&schema));
            opened.push(file.await?);
        }
        let spec = &self.source.spec;
        let partition = self.files.first().and_then(|file| file.partition.clone());
        let path = path_of(spec, &self.name(), partition.as_deref());
        let full = format!("{}/{path}", spec.name);
        let mut upload = self.source.lake.upload(Kind::Data, full);
        let built = match self.write(opened, &mut upload).await {
            Ok(built) => built,
            Err(fault) => {
                upload.abort().await;
                return Err(fault);
            }
        };
        let landed = match built.rest {
            None => None,
            Some(file) => {
                let bytes = upload.finish(spec.durable).await?;
                let (rows, stats) = (file.rows, file.stats);
                let put = Put {
                    path,
                    bytes,
                    rows,
                    stats,
                };
                let landed = put.landed(spec, partition.as_deref(), self.modified_ms());
                Some(landed.without_change())
            }
        };
        let (moves, keys) = (built.moves, built.keys);
        Ok(PreparedMerge {
            plan: self,
            landed,
            moves,
            keys,
        })
    }

    /// Merges on a thread of its own and uploads beside it what is encoded so far, so that neither the files that are
    /// read nor the one that is written are ever whole in memory.
    async fn write(&self, opened: Vec<Opened>, upload: &mut Upload) -> Result<Built, Fault> {
        let (sender, mut ready) = mpsc::channel(PARTS_AHEAD);
        let (spec, keep) = (Arc::clone(&self.source.spec), self.keep.clone());
        let building = tokio::task::spawn_blocking(move || build(&spec, opened, keep, &sender));
        let mut sent = Ok(());
        while let Some(bytes) = ready.recv().await {
            sent = upload.push(&bytes).await;
            if sent.is_err() {
                break;
            }
        }
        // Whoever builds ends at the next bytes that nobody takes.
        drop(ready);
        let built = building.await.expect("merging does not panic");
        sent?;
        let built = built?;
        if let Some(file) = &built.rest {
            upload.push(&file.bytes).await?;
        }
        Ok(built)
    }

    fn name(&self) -> String {
        let epochs: Option<Vec<(i64, i64)>> = self.files.iter().map(|file| file.epochs).collect();
        let span = epochs.and_then(|epochs| {
            let least = epochs.iter().map(|(least, _)| *least).min()?;
            let greatest = epochs.iter().map(|(_, greatest)| *greatest).max()?;
            Some((least, greatest))
        });
        name::merged(self.by.term, self.by.epoch, span)
    }

    fn modified_ms(&self) -> i64 {
        let newest = self.files.iter().map(|file| file.modified_ms).max();
        newest.unwrap_or(self.by.now_ms)
    }
}

/// Merged rows, their file uploaded but for its end.
struct Built {
    /// The end of the file; none where no row was left.
    rest: Option<EncodedFile>,
    moves: Vec<(FileId, u32)>,
    keys: Vec<RecordBatch>,
}

fn build(
    spec: &TableSpec,
    opened: Vec<Opened>,
    keep: Option<Keep>,
    ready: &mpsc::Sender<Vec<u8>>,
) -> Result<Built, Fault> {
    let is_keyed = matches!(spec.upkeep, Upkeep::Tiered { .. });
    let columns: Vec<usize> = order::columns(&spec.upkeep)
        .iter()
        .filter_map(|column| spec.schema.index_of(column).ok())
        .collect();
    let (mut encoder, mut moves, mut keys) = (FileEncoder::new(spec), Vec::new(), Vec::new());
    for chunk in weave::weave(spec, opened, keep)? {
        let chunk = chunk?;
        encoder.write(&chunk.batch)?;
        let bytes = encoder.take();
        if !bytes.is_empty() && ready.blocking_send(bytes).is_err() {
            return Err(Fault::unavailable(
                format!("merging files of table {}", spec.name),
                "the upload ended",
            ));
        }
        moves.extend(chunk.moves);
        if is_keyed {
            keys.push(
                chunk
                    .batch
                    .project(&columns)
                    .expect("the columns were looked up in this schema"),
            );
        }
    }
    let rest = if encoder.rows() > 0 {
        Some(encoder.finish()?)
    } else {
        None
    };
    Ok(Built { rest, moves, keys })
}

impl Table {
    /// Plans nothing: prepares and finishes at once, for callers that have no epochs to run beside.
    ///
    /// # Errors
    /// As [`MergePlan::prepare`] and [`Table::finish_merge`].
    pub async fn merge(&mut self, plan: MergePlan) -> Result<MergeOutcome, Fault> {
        let prepared = plan.prepare().await?;
        self.finish_merge(prepared).await
    }

    /// Commits a prepared merge.
    ///
    /// # Errors
    /// `Conflict` when fenced or when somebody else wrote between, `Unavailable` from the store.
    pub async fn finish_merge(&mut self, prepared: PreparedMerge) -> Result<MergeOutcome, Fault> {
        self.settle().await?;
        let PreparedMerge {
            plan,
            landed,
            moves,
            keys,
        } = prepared;
        let by = plan.by;
        if self.term() > by.term {
            return Err(fenced(self.name(), self.term()));
        }
        let is_there = |file: &TableFile| self.file(file.id).is_some();
        if self.spec().deletion != Deletion::Vectors && !plan.files.iter().all(is_there) {
            return Ok(MergeOutcome::NotNow);
        }
        let mut draft = Draft::new(
            self.name(),
            by.term,
            None,
            "OPTIMIZE",
            by.now_ms,
            Vec::new(),
        );
        let removed: Vec<FileId> = plan
            .files
            .iter()
            .filter(|file| is_there(file))
            .map(|file| file.id)
            .collect();
        for file in removed.iter().filter_map(|id| self.file(*id)) {
            draft.touched.push((file.path.clone(), file.vector.clone()));
            draft
                .actions
                .push(remove_of(file, self.spec(), false, by.now_ms).into());
        }
        let dead = self.dead_meanwhile(&plan, &moves);
        let data_bytes = landed.as_ref().map_or(0, |landed| landed.bytes);
        let path = landed.as_ref().map(|landed| landed.path.clone());
        let is_all_dead = dead.len() == moves.len() as u64;
        let vector_bytes = match landed {
            Some(landed) if !is_all_dead => self.join(&mut draft, landed, dead, by).await?,
            _ => 0,
        };
        if removed.is_empty() && is_all_dead {
            return Ok(MergeOutcome::NotNow);
        }
        let put = self.put_draft(draft).await?;
        let file = path
            .and_then(|path| self.file_at(&path))
            .map(|file| file.id);
        let merge = Merge {
            version: put.version,
            file,
            removed,
            moves,
            keys,
            data_bytes,
            vector_bytes,
        };
        Ok(MergeOutcome::Done(Box::new(merge)))
    }

    /// New rows whose old place was deleted since the plan.
    fn dead_meanwhile(&self, plan: &MergePlan, moves: &[(FileId, u32)]) -> RoaringBitmap {
        let mut newly: BTreeMap<FileId, Option<RoaringBitmap>> = BTreeMap::new();
        for planned in &plan.files {
            match self.file(planned.id) {
                // The whole file left: none of its rows live.
                None => newly.insert(planned.id, None),
                Some(now) if now.deleted.len() == planned.deleted.len() => continue,
                Some(now) => newly.insert(
                    planned.id,
                    Some(now.deleted.as_ref() - planned.deleted.as_ref()),
                ),
            };
        }
        if newly.is_empty() {
            return RoaringBitmap::new();
        }
        let is_dead = |(file, row): &(FileId, u32)| match newly.get(file) {
            None => false,
            Some(None) => true,
            Some(Some(rows)) => rows.contains(*row),
        };
        let rows = moves
            .iter()
            .zip(0_u32..)
            .filter(|(place, _)| is_dead(place))
            .map(|(_, row)| row);
        rows.collect()
    }

    /// Notes the new file, with a vector where rows died meanwhile.
    async fn join(
        &self,
        draft: &mut Draft,
        mut landed: Landed,
        dead: RoaringBitmap,
        by: super::Maintenance,
    ) -> Result<u64, Fault> {
        let mut written = 0;
        if !dead.is_empty() {
            let uuid = name::vector(by.term, by.epoch);
            let (bytes, descriptors) = vector::write(uuid, &[&dead]);
            written = bytes.len() as u64;
            let path = format!("{}/deletion_vector_{}.bin", self.name(), uuid.hyphenated());
            self.lake()
                .write(Kind::Vector, &path, bytes, self.spec().durable)
                .await?;
            let descriptor = descriptors
                .into_iter()
                .next()
                .expect("one vector has one descriptor");
            draft
                .vectors
                .insert(vector_key(&descriptor), Arc::new(dead));
            landed.add.stats = Some(loosen(landed.add.stats.as_deref(), landed.rows));
            landed.add.deletion_vector = Some(descriptor);
        }
        draft.actions.push(landed.add.into());
        Ok(written)
    }
}
