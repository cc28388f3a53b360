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
    /// Folder with contracts, dossiers and code lists instead of the built-in ones; verbs that read a lake take those that
    /// it was made under
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
    let lake = existing(&arguments.lake).await?;
    let catalog = catalog_of(&lake, &arguments.schemas).await?;
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
    let lake = existing(&arguments.lake).await?;
    let catalog = catalog_of(&lake, &arguments.schemas).await?;
    Ok((lake, catalog))
}

/// What the lake was made under, unless a folder is named: its tables have the columns and feeds of its own bundle.
async fn catalog_of(lake: &Lake, arguments: &SchemaArguments) -> Result<Arc<Catalog>, Failure> {
    if arguments.schemas.is_some() {
        return catalog(arguments);
    }
    match yidang_ingest::bundle::fetch_newest(lake).await? {
        Some(stored) => Ok(Arc::new(stored)),
        None => catalog(arguments),
    }
}

/// A lake that is there. A reader makes nothing, not even the folder of a misspelt address.
async fn existing(uri: &str) -> Result<Lake, Failure> {
    if folder_of(uri).is_some_and(|folder| !folder.is_dir()) {
        return Err(no_lake(uri, "there is no such folder"));
    }
    let lake = open(uri)?;
    look(&lake, ANSWER).await?;
    Ok(lake)
}

fn no_lake(uri: &str, why: &str) -> Failure {
    Failure::new(Exit::Refused, format!("{uri} is no lake: {why}")).with_next(format!(
        "yidang run --brokers HOST:PORT --lake {uri}, or correct --lake"
    ))
}

/// The folder that an address of this machine means, a plain path or a `file://` one; none for an address elsewhere.
pub fn folder_of(uri: &str) -> Option<PathBuf> {
    if !uri.contains("://") {
        return Some(PathBuf::from(uri));
    }
    let url = url::Url::parse(uri).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

/// A reader's first look at a store.
async fn look(lake: &Lake, bound: Duration) -> Result<(), Failure> {
    let looked = answered(
        bound,
        "looking for the table landing in",
        lake,
        lake.table_exists("landing"),
    );
    match looked.await? {
        Ok(true) => Ok(()),
        Ok(false) => Err(no_lake(lake.uri(), "it has no table landing")),
        Err(fault) => Err(Failure::from(fault).with_next(REACHABLE)),
    }
}

/// Longest wait for the first answer of a store: its client tries for minutes where nobody speaks, and the start has to
/// tell of it within ten seconds.
const ANSWER: Duration = Duration::from_secs(5);
const WRITABLE: &str = "give a folder or bucket that this user may write: yidang run --lake URI …";
const REACHABLE: &str =
    "check AWS_ENDPOINT_URL, AWS_REGION and the credentials, then run the same command again";

async fn probe(lake: &Lake) -> Result<(), Failure> {
    let probed = answered(ANSWER, "probing", lake, lake.probe()).await?;
    probed.map_err(|fault| match fault.kind {
        FaultKind::Invalid => Failure::from(fault)
            .with_next("use a store that keeps conditional writes, or a local folder: yidang run --lake ./lake …"),
        _ => Failure::from(fault).with_next(WRITABLE),
    })
}

/// What a store answers, or that it did not.
async fn answered<T>(
    bound: Duration,
    doing: &str,
    lake: &Lake,
    asked: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::time::timeout(bound, asked)
        .await
        .map_err(|_elapsed| {
            let seconds = bound.as_secs_f64();
            let text = format!("{doing} {}: no answer within {seconds} s", lake.uri());
            Failure::new(Exit::Unreachable, text).with_next(REACHABLE)
        })
}

/// Opens the store of an address. One that cannot be read is a wrong setting, not a refusal of the store.
fn open(uri: &str) -> Result<Lake, Failure> {
    Lake::open(uri, LakeSettings::default()).map_err(|fault| match fault.kind {
        FaultKind::Invalid => Failure {
            exit: Exit::Invalid,
            ..Failure::from(fault)
        }
        .with_next("give a folder or an address s3://BUCKET/PREFIX: --lake URI"),
        _ => Failure::from(fault).with_next(WRITABLE),
    })
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

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use object_store::throttle::{ThrottleConfig, ThrottledStore};

    use super::*;

    #[tokio::test]
    async fn a_reader_makes_no_folder_however_the_address_is_written() {
        let parent = tempfile::tempdir().unwrap();
        let absent = parent.path().join("misspelt 档");
        let address = url::Url::from_file_path(&absent).unwrap().to_string();
        for uri in [absent.display().to_string(), address] {
            let failure = existing(&uri).await.unwrap_err();
            assert_eq!(failure.exit, Exit::Refused);
            assert!(failure.text.contains("no such folder"), "{failure}");
            assert!(!absent.exists());
        }
    }

    #[test]
    fn only_addresses_of_this_machine_are_folders() {
        let folder = |uri: &str| folder_of(uri).map(|path| path.display().to_string());
        assert_eq!(folder("./lake").unwrap(), "./lake");
        assert_eq!(folder("file:///a/b%20c").unwrap(), "/a/b c");
        assert_eq!(folder("s3://bucket/lake"), None);
    }

    #[tokio::test]
    async fn a_silent_store_is_told_of_to_readers_within_the_bound() {
        let silent = ThrottleConfig {
            wait_list_per_call: Duration::from_secs(3_600),
            ..ThrottleConfig::default()
        };
        let store = Arc::new(ThrottledStore::new(InMemory::new(), silent));
        let url = url::Url::parse("memory:///lake").unwrap();
        let lake = Lake::with_store(store, url, LakeSettings::default()).unwrap();
        let failure = look(&lake, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Unreachable);
        assert!(
            failure.text.contains("memory:///lake: no answer"),
            "{failure}"
        );
        assert!(failure.next.is_some());
        assert!(ANSWER <= Duration::from_secs(5));
    }

    #[test]
    fn an_address_that_cannot_be_read_is_a_wrong_setting() {
        for uri in ["s3:// /", "nonsense://bucket/lake"] {
            let failure = open(uri).unwrap_err();
            assert_eq!(failure.exit, Exit::Invalid, "{uri}: {failure}");
            assert!(failure.next.is_some());
        }
    }
}
