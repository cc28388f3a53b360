//! The bytes of a Parquet file that a projection needs: the footer and the wanted column chunks, or the whole of a
//! small file.
//!
//! Leaves alone: what the columns mean.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
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
    /// Position and bytes of each part.
    parts: Arc<Vec<(u64, Bytes)>>,
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
            parts: Arc::new(vec![(0, bytes)]),
        };
        return Ok(Input {
            chunks,
            metadata: Arc::new(metadata),
        });
    };
    let metadata = fetch_footer(lake, path, size).await?;
    let mask = mask_of(&metadata, columns);
    let mut ranges = Vec::new();
    for group in metadata.row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            if mask.leaf_included(leaf) {
                let (start, length) = column.byte_range();
                ranges.push(start..start + length);
            }
        }
    }
    let fetched = lake.read_ranges(Kind::Data, path, &ranges).await?;
    let parts = ranges
        .iter()
        .map(|range| range.start)
        .zip(fetched)
        .collect();
    Ok(Input {
        chunks: Chunks {
            length: size,
            parts: Arc::new(parts),
        },
        metadata: Arc::new(metadata),
    })
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
        let part = self.parts.iter().find_map(|(position, bytes)| {
            let offset = usize::try_from(start.checked_sub(*position)?).ok()?;
            (offset < bytes.len()).then(|| bytes.slice(offset..))
        });
        part.ok_or_else(|| ParquetError::General("a part that was not fetched".to_owned()))
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
