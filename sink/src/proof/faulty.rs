//! A store that fails on demand: before a put, after it, or for reads.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What happens to the next put of a log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was written, an error comes back.
    Before,
    /// Nothing was written, "already exists" comes back (409: another put of the same name is under way).
    BeforeAsExists,
    /// It was written, an error comes back.
    After,
    /// It was written, "already exists" comes back (a retry below us).
    AfterAsExists,
    /// Nothing was written; reads of the log fail as well, as often as the number says.
    BeforeAndBlind(u32),
    /// It was written; reads of the log fail as well.
    AfterAndBlind(u32),
}

#[derive(Debug, Default)]
struct Plan {
    puts: VecDeque<Trouble>,
    /// For objects that are no log entries.
    others: VecDeque<Trouble>,
    blind: u32,
}

#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    plan: Mutex<Plan>,
}

impl Faulty {
    pub fn new(inner: Arc<dyn ObjectStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            plan: Mutex::default(),
        })
    }

    pub fn next(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.plan.lock().unwrap().puts.extend(trouble);
    }

    pub fn next_other(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.plan.lock().unwrap().others.extend(trouble);
    }

    fn trouble(&self, path: &Path) -> Option<Trouble> {
        let is_entry = path.as_ref().contains("_delta_log/") && path.as_ref().ends_with(".json");
        let mut plan = self.plan.lock().unwrap();
        if is_entry {
            plan.puts.pop_front()
        } else {
            plan.others.pop_front()
        }
    }

    fn is_blind(&self, path: &Path) -> bool {
        let mut plan = self.plan.lock().unwrap();
        let is_hit = plan.blind > 0 && path.as_ref().contains("_delta_log/");
        plan.blind -= u32::from(is_hit);
        is_hit
    }
}

fn lost() -> Error {
    Error::Generic {
        store: "faulty",
        source: "connection reset".into(),
    }
}

fn exists(path: &Path) -> Error {
    Error::AlreadyExists {
        path: path.to_string(),
        source: "retried".into(),
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let trouble = self.trouble(path);
        match trouble {
            Some(Trouble::Before) => return Err(lost()),
            Some(Trouble::BeforeAsExists) => return Err(exists(path)),
            Some(Trouble::BeforeAndBlind(times)) => {
                self.plan.lock().unwrap().blind = times;
                return Err(lost());
            }
            _ => {}
        }
        let result = self.inner.put_opts(path, payload, options).await;
        match trouble {
            Some(Trouble::After) => Err(lost()),
            Some(Trouble::AfterAndBlind(times)) => {
                self.plan.lock().unwrap().blind = times;
                Err(lost())
            }
            Some(Trouble::AfterAsExists) => Err(exists(path)),
            _ => result,
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        if self.is_blind(path) {
            return Err(lost());
        }
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A store that takes a conditional put and ignores the condition.
#[derive(Debug)]
pub struct Careless {
    inner: Arc<dyn ObjectStore>,
}

impl Careless {
    pub fn new(inner: Arc<dyn ObjectStore>) -> Arc<Self> {
        Arc::new(Self { inner })
    }
}

impl fmt::Display for Careless {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("careless")
    }
}

#[async_trait]
impl ObjectStore for Careless {
    async fn put_opts(&self, path: &Path, payload: PutPayload, _: PutOptions) -> Result<PutResult> {
        self.inner
            .put_opts(path, payload, PutOptions::default())
            .await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
