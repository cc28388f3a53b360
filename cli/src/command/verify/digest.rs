//! `verify digest`: one number per file table that tells whether two lakes hold the same dossiers.
//!
//! The digest is the sum of the rows' digests modulo 2^128, so that neither the order of rows nor the layout of files
//! shows. Arrival facts (law 1) do not count: coordinates inside `provenance`, the epoch and the instants of writing.

use futures::TryStreamExt;
use yidang_ingest::lake::specs;
use yidang_schemas::dossier::{Dossier, PlatformColumn, Shape};
use yidang_schemas::fault::Fault;
use yidang_sink::Table;

use super::canonical::{Omit, RowForm};
use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_without_key};
use crate::{output, progress};

/// Context of the key derivation of BLAKE3: digests of other things never look like these.
const CONTEXT: &str = "yidang digest of a file row 1";
/// What of a source in `provenance` is an arrival fact.
const COORDINATES: [&str; 4] = ["topic", "partition", "offset", "row"];

/// The digest of one table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TableDigest {
    pub table: String,
    pub version: i64,
    pub rows: u64,
    /// 32 hexadecimal digits.
    pub digest: String,
}

pub async fn run(lake: &LakeArguments, json: bool) -> Result<Exit, Failure> {
    let (lake, catalog) = open_without_key(lake).await?;
    let specs = specs(&catalog);
    for (dossier, spec) in catalog.dossiers.iter().zip(&specs.files) {
        let Some(table) = Table::open(&lake, spec).await? else {
            let text = format!("table {} is missing in {}", spec.name, lake.uri());
            let next = format!("yidang rebuild {} --lake {}", spec.name, lake.uri());
            return Err(Failure::new(Exit::Corrupt, text).with_next(next));
        };
        let digest = digest(dossier, &table).await?;
        if json {
            output::print_json(&digest);
        } else {
            let TableDigest {
                table,
                version,
                rows,
                digest,
            } = digest;
            output::print(&format!(
                "{table}  version {version}  {rows} rows  digest {digest}"
            ));
        }
    }
    Ok(Exit::Good)
}

async fn digest(dossier: &Dossier, table: &Table) -> Result<TableDigest, Fault> {
    let form = RowForm::new(&table.spec().schema, &arrival_facts(dossier))?;
    let (mut sum, mut rows, mut bytes) = (0_u128, 0_u64, Vec::new());
    let progress = progress::bar(table.name(), table.snapshot_summary().rows);
    let mut batches = table.live_rows(None, None)?;
    while let Some(batch) = batches.try_next().await? {
        progress.inc(batch.batch.num_rows() as u64);
        for row in 0..batch.batch.num_rows() {
            bytes.clear();
            form.write(&batch.batch, row, &mut bytes);
            let digest = blake3::Hasher::new_derive_key(CONTEXT)
                .update(&bytes)
                .finalize();
            let half: &[u8; 16] = digest
                .as_bytes()
                .first_chunk()
                .expect("a BLAKE3 digest has 32 bytes");
            sum = sum.wrapping_add(u128::from_le_bytes(*half));
            rows += 1;
        }
    }
    progress.finish_and_clear();
    Ok(TableDigest {
        table: table.name().to_owned(),
        version: table.version(),
        rows,
        digest: format!("{sum:032x}"),
    })
}

/// What the order law leaves open, by path.
fn arrival_facts(dossier: &Dossier) -> Omit {
    let mut paths = Vec::new();
    for column in &dossier.columns {
        let Shape::Platform(platform) = column.shape else {
            continue;
        };
        match platform {
            PlatformColumn::RecordVersion
            | PlatformColumn::FirstSeenAt
            | PlatformColumn::UpdatedAt => {
                paths.push(column.name.clone());
            }
            PlatformColumn::Provenance => {
                paths.extend(COORDINATES.map(|part| format!("{}.sources.{part}", column.name)));
            }
            PlatformColumn::Conflicts | PlatformColumn::Disputed => {
                paths.push(format!("{}.issue_id", column.name))
            }
            PlatformColumn::SubjectId
            | PlatformColumn::Token
            | PlatformColumn::Restriction
            | PlatformColumn::MergedInto
            | PlatformColumn::SplitFrom
            | PlatformColumn::Completeness
            | PlatformColumn::RulesVersion
            | PlatformColumn::LastBusinessTime => {}
        }
    }
    Omit::paths(paths.iter().map(String::as_str))
}
