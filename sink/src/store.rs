//! The object store under a lake: opening it from a URL, and the few verbs that the engine uses, counted by kind.
//!
//! Leaves alone: tables and their logs. Credentials and endpoints of S3 stores come from the environment
//! (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, …) as the Delta library reads them.

pub mod counters;
mod upload;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use deltalake::logstore::{StorageConfig, logstore_for};
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Error as StoreError, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use url::Url;
use yidang_schemas::fault::Fault;

use counters::Counters;
pub(crate) use upload::Upload;

/// What an object is, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Parquet rows.
    Data,
    /// Deletion vectors.
    Vector,
    /// Delta log entries.
    Log,
    /// Delta checkpoints.
    Checkpoint,
    /// Everything under `_yidang/`.
    Other,
}

/// Retries of the store's own client: seconds in all, so that a store that nobody serves is told of soon; what lasts
/// longer is waited out by the caller.
const RETRIES: [(&str, &str); 3] = [
    ("max_retries", "8"),
    ("max_backoff", "500ms"),
    ("retry_timeout", "60s"),
];

/// Settings of the lake engine. Every bound of it is here.
#[derive(Debug, Clone)]
pub struct LakeSettings {
    /// A checkpoint is due after this many log entries.
    pub checkpoint_entries: u64,
    /// How long superseded log entries stay, hours.
    pub log_retention_hours: u32,
    /// How long files that no version needs stay, hours.
    pub file_retention_hours: u32,
    /// Tries for one put before the fault is handed up.
    pub tries: u32,
    /// First pause between two tries, milliseconds; doubled each time.
    pub pause_ms: u64,
    /// Parquet bytes that one merge reads at most. Tables that keep one row per key are merged whole, part by part.
    pub merge_bytes: u64,
    /// A file of at least this size is merged a row group at a time, and one that a merge writes is put in parts of
    /// this size. S3 wants 5 MiB at least.
    pub part_bytes: usize,
}

impl Default for LakeSettings {
    fn default() -> Self {
        Self {
            checkpoint_entries: 100,
            log_retention_hours: 48,
            file_retention_hours: 24,
            tries: 5,
            pause_ms: 50,
            merge_bytes: 64 << 20,
            part_bytes: 8 << 20,
        }
    }
}

/// One object found by a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Relative to the lake.
    pub path: String,
    pub size_bytes: u64,
    /// Milliseconds since 1970 by the store's clock.
    pub modified_ms: i64,
}

/// A lake: a folder on disk or a prefix of a bucket. Cheap to clone.
#[derive(Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

struct Inner {
    root: Arc<dyn ObjectStore>,
    base: String,
    url: Url,
    local: Option<PathBuf>,
    settings: LakeSettings,
    counters: Counters,
    id_key: OnceLock<String>,
}

impl fmt::Debug for Lake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Lake({})", self.inner.url)
    }
}

impl Lake {
    /// Opens the lake at a plain path, `file://` or `s3://` address. A local folder is created.
    ///
    /// # Errors
    /// `Invalid` for an address that cannot be read, `Unavailable` where the folder cannot be made.
    pub fn open(uri: &str, settings: LakeSettings) -> Result<Self, Fault> {
        let url = parse_address(uri)?;
        if url.scheme() == "file" {
            let folder = url
                .to_file_path()
                .map_err(|()| Fault::invalid(format!("reading the lake address {uri}")))?;
            std::fs::create_dir_all(&folder).map_err(|error| {
                Fault::unavailable(format!("making the lake folder {uri}"), error)
            })?;
            return Self::with_store(Arc::new(LocalFileSystem::new()), url, settings);
        }
        let refused =
            |error| Fault::invalid(format!("opening the store of {uri}")).with_source(error);
        let config = StorageConfig::parse_options(RETRIES).map_err(refused)?;
        let store = logstore_for(&url, config)
            .map_err(refused)?
            .root_object_store(None);
        Self::with_store(store, url, settings)
    }

    /// A lake over a store that is rooted where the address is rooted (bucket or file system), for tests and for
    /// stores that are opened elsewhere.
    ///
    /// # Errors
    /// `Invalid` for an address whose path the store cannot hold.
    pub fn with_store(
        root: Arc<dyn ObjectStore>,
        url: Url,
        settings: LakeSettings,
    ) -> Result<Self, Fault> {
        let base = Path::from_url_path(url.path())
            .map_err(|error| Fault::invalid("reading the lake address").with_source(error))?;
        let local = (url.scheme() == "file")
            .then(|| url.to_file_path().ok())
            .flatten();
        let inner = Inner {
            root,
            base: base.to_string(),
            url,
            local,
            settings,
            counters: Counters::default(),
            id_key: OnceLock::new(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// True for a folder on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.inner.local.is_some()
    }

    /// The folder of a lake on this machine, as paths write it: the address has blanks and other characters encoded.
    #[must_use]
    pub fn local_folder(&self) -> Option<&std::path::Path> {
        self.inner.local.as_deref()
    }

    /// The address, without a trailing slash.
    #[must_use]
    pub fn uri(&self) -> &str {
        self.inner.url.as_str().trim_end_matches('/')
    }

    #[must_use]
    pub fn settings(&self) -> &LakeSettings {
        &self.inner.settings
    }

    /// Requests and bytes so far, by kind.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    /// Fingerprint of the id key that the lake was opened with; none where nobody said.
    #[must_use]
    pub fn id_key_fingerprint(&self) -> Option<&str> {
        self.inner.id_key.get().map(String::as_str)
    }

    pub(crate) fn note_id_key(&self, fingerprint: &str) {
        // Of one lake every later call says the same: another fingerprint was refused.
        self.inner.id_key.get_or_init(|| fingerprint.to_owned());
    }

    pub(crate) fn root_store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner.root)
    }

    pub(crate) fn table_url(&self, table: &str) -> Result<Url, Fault> {
        Url::parse(&format!("{}/{table}/", self.uri()))
            .map_err(|error| Fault::invalid(format!("naming the table {table}")).with_source(error))
    }

    /// True when the table has a log.
    pub async fn table_exists(&self, table: &str) -> Result<bool, Fault> {
        let prefix = self.path(&format!("{table}/_delta_log"))?;
        let first = self.inner.root.list(Some(&prefix)).try_next().await;
        first
            .map(|found| found.is_some())
            .map_err(|error| fault("listing", table, error))
    }

    /// The bytes of an object, or none.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, Fault> {
        self.read(Kind::Other, path).await
    }

    /// Writes an object, replacing what was there. On a local lake it is flushed to the disk.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), Fault> {
        self.write(Kind::Other, path, bytes, true).await
    }

    /// Writes an object where there is none. False: there was one, nothing was written. On a local lake whatever
    /// stands there then is flushed to the disk: landed rows name it.
    pub async fn put_if_absent(&self, path: &str, bytes: Bytes) -> Result<bool, Fault> {
        let is_new = self.create_or_find(path, bytes).await?;
        self.make_durable(path).await?;
        Ok(is_new)
    }

    /// S3 refuses a conditional create also while another of the same key is under way (409), and the store's client
    /// tells that as "exists": only an object that can be found counts as there.
    async fn create_or_find(&self, path: &str, bytes: Bytes) -> Result<bool, Fault> {
        let mut pause = self.inner.settings.pause_ms;
        for tries_left in (0..self.inner.settings.tries.max(1)).rev() {
            match self.create(Kind::Other, path, bytes.clone()).await {
                Ok(()) => return Ok(true),
                Err(error) if is_taken(&error) => {
                    if self.size(path).await?.is_some() {
                        return Ok(false);
                    }
                    if tries_left == 0 {
                        return Err(Fault::unavailable(format!("creating {path}"), error));
                    }
                }
                Err(error) => return Err(fault("creating", path, error)),
            }
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    /// Removes an object; one that is gone already is fine.
    pub async fn delete(&self, path: &str) -> Result<(), Fault> {
        match self.inner.root.delete(&self.path(path)?).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault("deleting", path, error)),
        }
    }

    /// Every object under a prefix, in the order of their paths.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, Fault> {
        let full = self.path(prefix)?;
        let found: Result<Vec<_>, _> = self.inner.root.list(Some(&full)).try_collect().await;
        found
            .map(|found| self.listed(found))
            .map_err(|error| fault("listing", prefix, error))
    }

    /// Objects under a prefix whose path is greater than `after`, in order.
    pub(crate) async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>, Fault> {
        let (full, offset) = (self.path(prefix)?, self.path(after)?);
        let found: Result<Vec<_>, _> = self
            .inner
            .root
            .list_with_offset(Some(&full), &offset)
            .try_collect()
            .await;
        found
            .map(|found| self.listed(found))
            .map_err(|error| fault("listing", prefix, error))
    }

    /// Size of an object, or none.
    pub(crate) async fn size(&self, path: &str) -> Result<Option<u64>, Fault> {
        match self.inner.root.head(&self.path(path)?).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault("looking at", path, error)),
        }
    }

    pub(crate) async fn read(&self, kind: Kind, path: &str) -> Result<Option<Bytes>, Fault> {
        let result = match self.inner.root.get(&self.path(path)?).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        self.inner
            .counters
            .got(kind, result.as_ref().map_or(0, Bytes::len));
        match result {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault("reading", path, error)),
        }
    }

    pub(crate) async fn read_ranges(
        &self,
        kind: Kind,
        path: &str,
        ranges: &[Range<u64>],
    ) -> Result<Vec<Bytes>, Fault> {
        let found = self
            .inner
            .root
            .get_ranges(&self.path(path)?, ranges)
            .await
            .map_err(|error| fault("reading", path, error))?;
        self.inner
            .counters
            .got(kind, found.iter().map(Bytes::len).sum());
        Ok(found)
    }

    /// Writes an object that only its writer names, so doing it again is harmless.
    pub(crate) async fn write(
        &self,
        kind: Kind,
        path: &str,
        bytes: Bytes,
        durable: bool,
    ) -> Result<(), Fault> {
        let full = self.path(path)?;
        let mut pause = self.inner.settings.pause_ms;
        for tries_left in (0..self.inner.settings.tries.max(1)).rev() {
            self.inner.counters.put(kind, bytes.len());
            match self
                .inner
                .root
                .put(&full, PutPayload::from_bytes(bytes.clone()))
                .await
            {
                Ok(_) => break,
                Err(error) if tries_left == 0 || is_final(&error) => {
                    return Err(fault("writing", path, error));
                }
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(pause)).await,
            }
            pause *= 2;
        }
        if durable {
            self.make_durable(path).await
        } else {
            Ok(())
        }
    }

    /// One conditional put, tried once: whoever calls decides what an error means.
    pub(crate) async fn create(
        &self,
        kind: Kind,
        path: &str,
        bytes: Bytes,
    ) -> Result<(), StoreError> {
        let full = Path::parse(format!("{}/{path}", self.inner.base))?;
        self.inner.counters.put(kind, bytes.len());
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        self.inner
            .root
            .put_opts(&full, PutPayload::from_bytes(bytes), options)
            .await
            .map(|_| ())
    }

    /// Flushes a file and the folders above it, up to the lake, to the disk. Elsewhere a put is durable by itself.
    pub(crate) async fn make_durable(&self, path: &str) -> Result<(), Fault> {
        let Some(root) = self.inner.local.clone() else {
            return Ok(());
        };
        let relative = path.to_owned();
        let flushed = tokio::task::spawn_blocking(move || flush(&root, &relative)).await;
        flushed
            .expect("flushing does not panic")
            .map_err(|error| Fault::unavailable(format!("flushing {path} to the disk"), error))
    }

    fn path(&self, relative: &str) -> Result<Path, Fault> {
        Path::parse(format!("{}/{relative}", self.inner.base)).map_err(|error| {
            Fault::invalid(format!("naming the object {relative}")).with_source(error)
        })
    }

    fn listed(&self, found: Vec<ObjectMeta>) -> Vec<Listed> {
        let skip = if self.inner.base.is_empty() {
            0
        } else {
            self.inner.base.len() + 1
        };
        let mut listed: Vec<Listed> = found
            .into_iter()
            .map(|meta| Listed {
                path: meta
                    .location
                    .as_ref()
                    .get(skip..)
                    .unwrap_or_default()
                    .to_owned(),
                size_bytes: meta.size,
                modified_ms: meta.last_modified.timestamp_millis(),
            })
            .collect();
        listed.sort_by(|left, right| left.path.cmp(&right.path));
        listed
    }
}

fn parse_address(uri: &str) -> Result<Url, Fault> {
    let trimmed = uri.trim_end_matches('/');
    if trimmed.contains("://") {
        return Url::parse(trimmed).map_err(|error| {
            Fault::invalid(format!("reading the lake address {uri}")).with_source(error)
        });
    }
    let path =
        std::path::absolute(if trimmed.is_empty() { "/" } else { trimmed }).map_err(|error| {
            Fault::invalid(format!("reading the lake path {uri}")).with_source(error)
        })?;
    Url::from_file_path(path).map_err(|()| Fault::invalid(format!("reading the lake path {uri}")))
}

/// The name is taken, or was while the store looked.
pub(crate) fn is_taken(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }
    )
}

fn is_final(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::NotImplemented { .. }
            | StoreError::NotSupported { .. }
            | StoreError::InvalidPath { .. }
            | StoreError::PermissionDenied { .. }
            | StoreError::Unauthenticated { .. }
    )
}

pub(crate) fn fault(doing: &str, path: &str, error: StoreError) -> Fault {
    let text = format!("{doing} {path}");
    match error {
        StoreError::NotImplemented { .. }
        | StoreError::NotSupported { .. }
        | StoreError::InvalidPath { .. } => Fault::invalid(text).with_source(error),
        _ => Fault::unavailable(text, error),
    }
}

fn flush(root: &std::path::Path, relative: &str) -> std::io::Result<()> {
    let mut current = root.join(relative);
    loop {
        std::fs::File::open(&current)?.sync_all()?;
        if current == root || !current.pop() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
