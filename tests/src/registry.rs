//! A real schema registry of one's own: Apicurio Registry by `deploy/registry/start` on a free port, with its schemas in a folder
//! that goes with it.
//!
//! It can be killed and started again on the same folder and port. It starts in about six seconds and takes 200 MB.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::patience::wait_for;
use crate::ports::free_port;
use crate::readers::oracle;
use crate::station::get;
use crate::{repository, spawn};

const PATIENCE: Duration = Duration::from_secs(120);

/// A registry that runs, or was killed and can run again. Dropping it kills it and removes its schemas.
#[derive(Debug)]
pub struct SchemaRegistry {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl SchemaRegistry {
    /// Starts a registry without schemas and waits until it answers.
    ///
    /// # Panics
    /// If it cannot be had or does not answer in time; the message holds its own log.
    #[must_use]
    pub fn start() -> Self {
        let fetched = Command::new(script()).arg("--fetch-only").output();
        let fetched = fetched.expect("deploy/registry/start can be run");
        let said = String::from_utf8_lossy(&fetched.stderr);
        assert!(
            fetched.status.success(),
            "the registry cannot be had: {said}"
        );
        let folder = tempfile::Builder::new()
            .prefix("yidang-registry-")
            .tempdir();
        let mut registry = Self {
            folder: folder.expect("the temporary folder is writable"),
            port: free_port(),
            process: None,
        };
        registry.restart();
        registry
    }

    /// Address of the Confluent protocol.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/apis/ccompat/v7", self.address())
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let mut child = self.process.take().expect("the registry runs");
        child.kill().expect("the child is ours");
        child.wait().expect("the child is ours");
    }

    /// Starts it again with the schemas that it had.
    ///
    /// # Panics
    /// If it runs already, or does not answer in time.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "the registry runs already");
        let mut command = spawn::command(script());
        command.arg("--port").arg(self.port.to_string());
        command.arg("--data").arg(self.folder.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = spawn::start(command);
        let ready = wait_for(PATIENCE, || {
            let ended = child.try_wait().expect("the child is ours");
            assert!(
                ended.is_none(),
                "the registry ended while starting: {}",
                self.said()
            );
            self.answers().then_some(())
        });
        assert!(
            ready.is_some(),
            "the registry does not answer: {}",
            self.said()
        );
        self.process = Some(child);
    }

    fn answers(&self) -> bool {
        let listens = std::net::TcpStream::connect(self.address()).is_ok();
        listens && get(&self.address(), "/apis/ccompat/v7/subjects").starts_with("HTTP/1.1 200")
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("registry.log")).unwrap_or_default()
    }

    /// Registers a schema by hand, as an operator would; gives its id.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn register(&self, subject: &str, kind: &str, text: &str) -> u64 {
        use std::io::{Read as _, Write as _};
        let body = serde_json::json!({ "schemaType": kind, "schema": text }).to_string();
        let address = self.address();
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        let length = body.len();
        let request = format!(
            "POST /apis/ccompat/v7/subjects/{subject}/versions HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        let found = body.find("\"id\":").and_then(|place| body.get(place + 5..));
        let digits: String = found
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits
            .parse()
            .unwrap_or_else(|_| panic!("refused: {answer}"))
    }

    /// Sends records with confluent-kafka's serialisers (see `serialise.py`); gives the id of the schema of each.
    ///
    /// # Panics
    /// If one is not taken.
    pub fn serialise(&self, brokers: &str, lines: &[serde_json::Value]) -> Vec<Option<u64>> {
        let input: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let url = self.url();
        let script = oracle("serialise.py", ["--brokers", brokers, "--registry", &url]);
        let finished = script.input(input.join("\n")).run(PATIENCE).expect_code(0);
        let placed = finished.json();
        assert_eq!(placed.len(), lines.len());
        placed
            .iter()
            .map(|place| place["schema_id"].as_u64())
            .collect()
    }
}

impl Drop for SchemaRegistry {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

fn script() -> std::path::PathBuf {
    repository().join("deploy/registry/start")
}
