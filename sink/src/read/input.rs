//! The bytes of a Parquet file that a projection needs: the footer and the wanted column chunks, at once or a row group
//! at a time, or the whole of a small file.
//!
//! Leaves alone: what the columns mean.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use tokio::runtime::Handle;
use yidang_schemas::fault::Fault;

use crate::store::{Kind, Lake};

/// Below this size one request for all is cheaper than three for parts.
const WHOLE_BELOW_BYTES: u64 = 512 * 1024;
const TAIL_BYTES: u64 = 64 * 1024;
const FOOTER_BYTES: usize = 8;

/// Fetched parts of one file and its footer.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    chunks: Chunks,
    metadata: Arc<ParquetMetaData>,
}

#[derive(Debug, Clone)]
struct Chunks {
    length: u64,
    parts: Parts,
}

/// Position and bytes of parts.
type Held = Vec<(u64, Bytes)>;

#[derive(Debug, Clone)]
enum Parts {
    Held(Arc<Held>),
    ByGroup(Arc<Groups>),
}

/// Row groups that are held at a time: a batch may begin in one and end in the next.
const GROUPS_HELD: usize = 2;

/// Column chunks that are fetched a row group at a time, by the thread that decodes them.
#[derive(Debug)]
struct Groups {
    lake: Lake,
    path: String,
    runtime: Handle,
    /// The wanted chunks of each row group.
    ranges: Vec<Vec<Range<u64>>>,
    held: Mutex<VecDeque<Held>>,
    /// Why the store did not give a group: the decoder has no room for it.
    fault: Mutex<Option<Fault>>,
}

/// Fetches what the columns need; all for none.
pub(crate) async fn fetch(
    lake: &Lake,
    path: &str,
    size: u64,
    columns: Option<&[String]>,
) -> Result<Input, Fault> {
    let bad = |error: ParquetError| Fault::corrupt(format!("reading {path}")).with_source(error);
    let Some(columns) = columns.filter(|_| size >= WHOLE_BELOW_BYTES) else {
        let bytes = lake.read(Kind::Data, path).await?;
        let bytes =
            bytes.ok_or_else(|| Fault::corrupt(format!("reading {path}: the file is gone")))?;
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&bytes)
            .map_err(bad)?;
        let chunks = Chunks {
            length: bytes.len() as u64,
            parts: Parts::Held(Arc::new(vec![(0, bytes)])),
        };
        return Ok(Input {
            chunks,
            metadata: Arc::new(metadata),
        });
    };
    let metadata = fetch_footer(lake, path, size).await?;
    let ranges = ranges_of(&metadata, columns).concat();
    let fetched = lake.read_ranges(Kind::Data, path, &ranges).await?;
    let parts = ranges
        .iter()
        .map(|range| range.start)
        .zip(fetched)
        .collect();
    Ok(Input {
        chunks: Chunks {
            length: size,
            parts: Parts::Held(Arc::new(parts)),
        },
        metadata: Arc::new(metadata),
    })
}

/// Fetches the footer alone. Decode it on a thread that may wait: the rest is fetched there, a row group at a time.
pub(crate) async fn fetch_by_group(
    lake: &Lake,
    path: &str,
    size: u64,
    columns: &[String],
) -> Result<Input, Fault> {
    let metadata = fetch_footer(lake, path, size).await?;
    let groups = Groups {
        lake: lake.clone(),
        path: path.to_owned(),
        runtime: Handle::current(),
        ranges: ranges_of(&metadata, columns),
        held: Mutex::default(),
        fault: Mutex::default(),
    };
    Ok(Input {
        chunks: Chunks {
            length: size,
            parts: Parts::ByGroup(Arc::new(groups)),
        },
        metadata: Arc::new(metadata),
    })
}

/// Where the wanted column chunks lie, by row group.
fn ranges_of(metadata: &ParquetMetaData, columns: &[String]) -> Vec<Vec<Range<u64>>> {
    let mask = mask_of(metadata, columns);
    let groups = metadata.row_groups().iter().map(|group| {
        let chunks = group.columns().iter().enumerate();
        let wanted = chunks.filter(|(leaf, _)| mask.leaf_included(*leaf));
        let range = |(_, column): (usize, &ColumnChunkMetaData)| {
            let (start, length) = column.byte_range();
            start..start + length
        };
        wanted.map(range).collect()
    });
    groups.collect()
}

async fn fetch_footer(lake: &Lake, path: &str, size: u64) -> Result<ParquetMetaData, Fault> {
    let bad = |what: &str| Fault::corrupt(format!("reading {path}: {what}"));
    let mut tail_bytes = TAIL_BYTES.min(size);
    loop {
        let tail = lake
            .read_ranges(
                Kind::Data,
                path,
                std::slice::from_ref(&(size - tail_bytes..size)),
            )
            .await?;
        let tail = tail.into_iter().next().ok_or_else(|| bad("no footer"))?;
        let cut = tail
            .len()
            .checked_sub(FOOTER_BYTES)
            .ok_or_else(|| bad("no footer"))?;
        let mut footer = tail.slice(cut..);
        let length = footer.get_u32_le() as usize;
        if let Some(start) = cut.checked_sub(length) {
            let metadata = ParquetMetaDataReader::decode_metadata(&tail.slice(start..cut));
            return metadata.map_err(|error| bad("footer").with_source(error));
        }
        let needed = (length + FOOTER_BYTES) as u64;
        if needed > size || needed <= tail_bytes {
            return Err(bad("footer longer than the file"));
        }
        tail_bytes = needed;
    }
}

fn mask_of(metadata: &ParquetMetaData, columns: &[String]) -> ProjectionMask {
    let schema = metadata.file_metadata().schema_descr();
    let fields = schema.root_schema().get_fields();
    let roots = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| columns.iter().any(|column| column == field.name()));
    ProjectionMask::roots(schema, roots.map(|(root, _)| root).collect::<Vec<_>>())
}

impl Input {
    /// Why the store did not give what the decoder asked for, if that is why it failed.
    pub(crate) fn take_fault(&self) -> Option<Fault> {
        match &self.chunks.parts {
            Parts::Held(_) => None,
            Parts::ByGroup(groups) => {
                let kept = groups.fault.lock();
                kept.expect("nothing panics while it holds the fault")
                    .take()
            }
        }
    }

    /// A reader of the columns in batches.
    pub(crate) fn reader(
        &self,
        columns: &[String],
        batch_rows: usize,
    ) -> ParquetResult<ParquetRecordBatchReader> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(&self.metadata), options)?;
        let mask = mask_of(&self.metadata, columns);
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.chunks.clone(), metadata)
            .with_projection(mask)
            .with_batch_size(batch_rows)
            .build()
    }
}

impl Chunks {
    fn from(&self, start: u64) -> ParquetResult<Bytes> {
        let part = match &self.parts {
            Parts::Held(held) => at(held.iter(), start),
            Parts::ByGroup(groups) => groups.from(start)?,
        };
        part.ok_or_else(|| ParquetError::General("a part that was not fetched".to_owned()))
    }
}

/// The bytes from a position on, in the part that holds it.
fn at<'h>(held: impl IntoIterator<Item = &'h (u64, Bytes)>, start: u64) -> Option<Bytes> {
    held.into_iter().find_map(|(position, bytes)| {
        let offset = usize::try_from(start.checked_sub(*position)?).ok()?;
        (offset < bytes.len()).then(|| bytes.slice(offset..))
    })
}

impl Groups {
    fn from(&self, start: u64) -> ParquetResult<Option<Bytes>> {
        let mut held = self
            .held
            .lock()
            .expect("nothing panics while it holds the groups");
        if let Some(bytes) = at(held.iter().flatten(), start) {
            return Ok(Some(bytes));
        }
        let is_here = |group: &&Vec<Range<u64>>| group.iter().any(|range| range.contains(&start));
        let Some(group) = self.ranges.iter().find(is_here) else {
            return Ok(None);
        };
        let positions = group.iter().map(|range| range.start);
        let group: Held = positions.zip(self.fetch(group)?).collect();
        let bytes = at(&group, start);
        held.push_back(group);
        if held.len() > GROUPS_HELD {
            held.pop_front();
        }
        Ok(bytes)
    }

    fn fetch(&self, ranges: &[Range<u64>]) -> ParquetResult<Vec<Bytes>> {
        let fetched = self.lake.read_ranges(Kind::Data, &self.path, ranges);
        self.runtime.block_on(fetched).map_err(|fault| {
            let text = fault.to_string();
            let kept = self.fault.lock();
            *kept.expect("nothing panics while it holds the fault") = Some(fault);
            ParquetError::General(text)
        })
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Chunks {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let bytes = self.from(start)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("a part that was cut off".to_owned()));
        }
        Ok(bytes.slice(..length))
    }
}
