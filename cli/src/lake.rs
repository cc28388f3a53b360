//! Opening a lake: the store, the probe, the identity and the schemas.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::FaultKind;
use yidang_sink::{Lake, LakeIdentity, LakeSettings};
use yidang_transform::token::IdKey;

use crate::exit::{Exit, Failure};
use crate::key;

/// Where the lake is and what its contracts are.
#[derive(Debug, Clone, Args)]
pub struct LakeArguments {
    /// Folder or s3:// address of the lake
    #[arg(long, env = "YIDANG_LAKE", value_name = "URI")]
    pub lake: String,
    /// File with the id key, 32 bytes raw, base64 or hexadecimal; a local lake makes one
    #[arg(long, env = key::ID_KEY_FILE, value_name = "FILE")]
    pub id_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub schemas: SchemaArguments,
}

/// Which contracts, dossiers and code lists.
#[derive(Debug, Clone, Args)]
pub struct SchemaArguments {
    /// Folder with contracts, dossiers and code lists instead of the built-in ones
    #[arg(long, env = "YIDANG_SCHEMAS", value_name = "DIR")]
    pub schemas: Option<PathBuf>,
}

/// An opened lake.
#[derive(Debug)]
pub struct OpenedLake {
    pub lake: Lake,
    pub identity: LakeIdentity,
    pub catalog: Arc<Catalog>,
    pub id_key: IdKey,
}

/// Reads the catalog; every mistake is shown.
pub fn catalog(arguments: &SchemaArguments) -> Result<Arc<Catalog>, Failure> {
    let (read, place) = match &arguments.schemas {
        Some(folder) => (Catalog::load(folder), folder.display().to_string()),
        None => (Catalog::embedded(), "the built-in schemas".to_owned()),
    };
    read.map(Arc::new).map_err(|problems| {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let count = problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        let text = format!("{place}: {count} {noun}\n{}", texts.join("\n"));
        let next = match &arguments.schemas {
            Some(folder) => format!("yidang contract lint {}", folder.display()),
            None => "this is a bug of the release; report it".to_owned(),
        };
        Failure::new(Exit::Invalid, text).with_next(next)
    })
}

/// Opens a lake to write: probes the store, makes the identity where there is none.
pub async fn open_to_write(arguments: &LakeArguments) -> Result<OpenedLake, Failure> {
    let catalog = catalog(&arguments.schemas)?;
    let lake = open(&arguments.lake)?;
    probe(&lake).await?;
    let id_key = key::id_key(&lake, arguments.id_key_file.as_deref())?;
    let identity = identity(&lake, &id_key, arguments.id_key_file.as_deref()).await?;
    Ok(OpenedLake {
        lake,
        identity,
        catalog,
        id_key,
    })
}

/// Opens a lake to read: it has to be there.
pub async fn open_to_read(arguments: &LakeArguments) -> Result<OpenedLake, Failure> {
    let catalog = catalog(&arguments.schemas)?;
    let lake = existing(&arguments.lake).await?;
    let id_key = key::existing_id_key(&lake, arguments.id_key_file.as_deref())?;
    let identity = identity(&lake, &id_key, arguments.id_key_file.as_deref()).await?;
    Ok(OpenedLake {
        lake,
        identity,
        catalog,
        id_key,
    })
}

/// Opens a lake to prove something from its tables: who reads no token needs no id key.
pub async fn open_without_key(arguments: &LakeArguments) -> Result<(Lake, Arc<Catalog>), Failure> {
    let catalog = catalog(&arguments.schemas)?;
    let lake = existing(&arguments.lake).await?;
    Ok((lake, catalog))
}

/// A lake that is there. A reader makes nothing, not even the folder of a misspelt address.
async fn existing(uri: &str) -> Result<Lake, Failure> {
    let none = |why: String| {
        Failure::new(Exit::Refused, why).with_next(format!(
            "yidang run --brokers HOST:PORT --lake {uri}, or correct --lake"
        ))
    };
    if !uri.contains("://") && !Path::new(uri).is_dir() {
        return Err(none(format!("{uri} is no lake: there is no such folder")));
    }
    let lake = open(uri)?;
    if !lake.table_exists("landing").await? {
        return Err(none(format!(
            "{} is no lake: it has no table landing",
            lake.uri()
        )));
    }
    Ok(lake)
}

/// Longest wait for a store at the start: its client tries for minutes where nobody answers.
const PROBE: Duration = Duration::from_secs(8);
const WRITABLE: &str = "give a folder or bucket that this user may write: yidang run --lake URI …";

async fn probe(lake: &Lake) -> Result<(), Failure> {
    let Ok(probed) = tokio::time::timeout(PROBE, lake.probe()).await else {
        let text = format!(
            "probing {}: no answer within {} s",
            lake.uri(),
            PROBE.as_secs()
        );
        let next = "check AWS_ENDPOINT_URL, AWS_REGION and the credentials, then run the same command again";
        return Err(Failure::new(Exit::Unreachable, text).with_next(next));
    };
    probed.map_err(|fault| match fault.kind {
        FaultKind::Invalid => Failure::from(fault)
            .with_next("use a store that keeps conditional writes, or a local folder: yidang run --lake ./lake …"),
        _ => Failure::from(fault).with_next(WRITABLE),
    })
}

fn open(uri: &str) -> Result<Lake, Failure> {
    Lake::open(uri, LakeSettings::default())
        .map_err(|fault| Failure::from(fault).with_next(WRITABLE))
}

async fn identity(
    lake: &Lake,
    id_key: &IdKey,
    file: Option<&Path>,
) -> Result<LakeIdentity, Failure> {
    let created_at = jiff::Timestamp::from_millisecond(yidang_ingest::worker::now_ms())
        .map(|instant| instant.to_string())
        .unwrap_or_default();
    let made = lake
        .identity(&id_key.fingerprint(), &created_at, key::draw_lake_id)
        .await;
    made.map_err(|fault| {
        let given = file.map_or("the key in the lake".to_owned(), |file| file.display().to_string());
        match fault.kind {
            FaultKind::Invalid => Failure::from(fault).with_next(format!(
                "{given} is not the key this lake was made with: export {}=FILE with the right one, then start again",
                key::ID_KEY_FILE
            )),
            _ => Failure::from(fault),
        }
    })
}
