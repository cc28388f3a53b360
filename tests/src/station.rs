//! A broker, a folder for lakes and one id key: where the product runs as processes.
//!
//! Workers are started with small epochs, so that a short stream has many, and log what they recover.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::broker::RealBroker;
use crate::lake_log::{self, Entry};
use crate::messages::{Message, produce, topic_ends};
use crate::process::{Finished, Launch, Running};
use crate::records::TOPICS;

/// Longest wait for anything that a process is to do here.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The id key of all lakes at a station.
pub const ID_KEY: [u8; 32] = [7; 32];

/// How a worker is started.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub epoch_messages: u32,
    pub checkpoint_epochs: u32,
    /// Milliseconds after which the group gives up a worker that is gone; none: the product's own.
    pub session_milliseconds: Option<u32>,
}

impl Pace {
    /// Many epochs, and a group that soon notices a death: for tests that kill often.
    pub const HASTY: Self = Self {
        epoch_messages: 200,
        checkpoint_epochs: 5,
        session_milliseconds: Some(1_000),
    };
    /// Few epochs: to get through a stream.
    pub const ROOMY: Self = Self {
        epoch_messages: 5_000,
        ..Self::HASTY
    };
    /// The product's own election.
    pub const OWN: Self = Self {
        session_milliseconds: None,
        ..Self::HASTY
    };
}

/// Where the product runs.
#[derive(Debug)]
pub struct Station {
    pub broker: RealBroker,
    folder: TempDir,
}

impl Station {
    /// A broker without topics, and an id key.
    ///
    /// # Panics
    /// If the broker cannot be had or the temporary folder not be written.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with settings of the broker's own.
    ///
    /// # Panics
    /// As [`Station::start`].
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let own = [("group.min.session.timeout.ms", "500")];
        let broker = RealBroker::start_with(&[&own[..], settings].concat());
        let folder = tempfile::Builder::new().prefix("yidang-station-").tempdir();
        let folder = folder.expect("the temporary folder is writable");
        std::fs::write(folder.path().join("id.key"), ID_KEY).expect("the folder is ours");
        Self { broker, folder }
    }

    /// The same with the source topics of `records`.
    #[must_use]
    pub fn with_topics() -> Self {
        let station = Self::start();
        for (topic, partitions) in TOPICS {
            station.broker.create_topic(topic, partitions);
        }
        station
    }

    /// Folder of a lake, which may not be there yet.
    #[must_use]
    pub fn lake(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The id key of all lakes here.
    #[must_use]
    pub fn id_key(&self) -> PathBuf {
        self.folder.path().join("id.key")
    }

    /// Sends messages.
    pub fn send(&self, messages: &[Message]) {
        produce(&self.broker.address(), messages);
    }

    /// A verb of the product, with the id key; `RUST_LOG` shows what workers do.
    #[must_use]
    pub fn verb(&self, arguments: &[&str]) -> Launch {
        let launch = Launch::yidang(arguments).variable("YIDANG_ID_KEY_FILE", self.id_key());
        launch
            .variable("RUST_LOG", "yidang=info")
            .variable("YIDANG_LOG_FORMAT", "json")
    }

    /// A worker on a lake.
    #[must_use]
    pub fn worker(&self, lake: &Path, pace: Pace, more: &[&str]) -> Running {
        let lake = lake.to_str().expect("temporary folders have plain names");
        self.launch(lake, pace, more).start()
    }

    /// A worker on a lake anywhere, about to be started.
    #[must_use]
    pub fn launch(&self, lake: &str, pace: Pace, more: &[&str]) -> Launch {
        let (messages, epochs) = (
            pace.epoch_messages.to_string(),
            pace.checkpoint_epochs.to_string(),
        );
        let brokers = self.broker.address();
        let mut arguments = vec![
            "run",
            "--brokers",
            &brokers,
            "--lake",
            lake,
            "--listen",
            "127.0.0.1:0",
        ];
        arguments.extend(["--epoch-messages", &messages, "--epoch-milliseconds", "100"]);
        arguments.extend(["--checkpoint-epochs", &epochs]);
        arguments.extend(more);
        let session = pace.session_milliseconds.map(|timeout| {
            (
                format!("session.timeout.ms={timeout}"),
                format!("heartbeat.interval.ms={}", timeout / 5),
            )
        });
        if let Some((timeout, heartbeat)) = &session {
            arguments.extend(["--kafka", timeout, "--kafka", heartbeat]);
        }
        self.verb(&arguments)
    }

    /// A worker that ends when everything is in the tables and acknowledged; what it said.
    ///
    /// # Panics
    /// If it does not end well.
    pub fn drain(&self, lake: &Path, pace: Pace) -> Finished {
        self.worker(lake, pace, &["--until-idle", "1.5"])
            .finish(PATIENCE)
            .expect_code(0)
    }

    /// Ends of the lanes of some topics, by topic, incarnation 0 and partition.
    #[must_use]
    pub fn ends(&self, topics: &[String]) -> BTreeMap<String, i64> {
        let of_topic = |topic: &String| {
            let ends = topic_ends(&self.broker.address(), topic).into_iter();
            ends.map(|(partition, (_, end))| (format!("{topic}/0/{partition}"), end))
                .collect::<Vec<_>>()
        };
        topics.iter().flat_map(of_topic).collect()
    }
}

/// Messages below these ends that the lake has not landed.
#[must_use]
pub fn lag(lake: &Path, ends: &BTreeMap<String, i64>) -> i64 {
    let positions = positions(lake);
    ends.iter()
        .map(|(lane, end)| end - positions.get(lane).copied().unwrap_or(0))
        .sum()
}

/// Next offsets of the lanes of a lake, by topic, incarnation and partition.
#[must_use]
pub fn positions(lake: &Path) -> BTreeMap<String, i64> {
    let mut positions = BTreeMap::new();
    for entry in lake_log::entries(&lake.join("landing")) {
        for (application, version) in entry.transactions {
            if let Some(lane) = application.strip_prefix("yidang/lane/") {
                positions.insert(lane.to_owned(), version);
            }
        }
    }
    positions
}

/// The last epoch of a table, 0 for none.
#[must_use]
pub fn epoch_of(lake: &Path, table: &str) -> i64 {
    let last = |entries: &[Entry]| lake_log::transaction(entries, "yidang/epoch");
    last(&lake_log::entries(&lake.join(table))).unwrap_or(0)
}

/// Whether the worker leads.
#[must_use]
pub fn leads(line: &str) -> bool {
    line.contains("role: leader")
}

/// A field of the first log line with this message.
#[must_use]
pub fn logged(lines: &[String], message: &str, field: &str) -> Option<serde_json::Value> {
    let parsed = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut fields = parsed.filter_map(|line| line.get("fields").cloned());
    fields
        .find(|fields| fields.get("message").is_some_and(|text| text == message))?
        .get(field)
        .cloned()
}

/// What a metric of a running worker says.
///
/// # Panics
/// If the worker has not said where it listens, or its page does not answer.
#[must_use]
pub fn metric(worker: &Running, name: &str) -> Option<f64> {
    let said = worker.error();
    let line = said
        .iter()
        .find(|line| line.contains("listening:"))
        .expect("a worker says where it listens");
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .expect("an address");
    let page = get(address, "/metrics");
    let value = page
        .lines()
        .find(|line| line.split([' ', '{']).next() == Some(name))?;
    value.rsplit(' ').next()?.parse().ok()
}

/// One page of a server of the product.
///
/// # Panics
/// If it does not answer.
#[must_use]
pub fn get(address: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout can be set");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("it answers");
    page
}
