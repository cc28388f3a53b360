//! A real Apache Kafka broker of one's own: `deploy/kafka/start` on free ports, with its data in a folder that goes with it.
//!
//! It can be stopped, killed and started again on the same folder and port. It starts in about four seconds and takes about
//! 400 MB, so the proofs run few tests at a time. Messages go through `messages`, or through `readers` by a client that is not ours.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::Consumer as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::patience::wait_for;
use crate::ports::free_port;
use crate::{messages, process, repository, spawn};

const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// Messages of the proofs carry fixed times, and a broker goes by those when it deletes: with a retention of days, a proof
/// would lose its unread messages from a certain date on.
const KEPT_FOR_EVER: &str = "log.retention.ms=-1";

/// A broker that runs, or was stopped and can run again. Dropping it kills it and removes its data.
#[derive(Debug)]
pub struct RealBroker {
    folder: TempDir,
    port: u16,
    controller_port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

impl RealBroker {
    /// Starts a broker and waits until metadata answers.
    ///
    /// # Panics
    /// If it cannot be had or does not answer within a minute; the message holds its own log.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with settings of the broker's own, such as `("message.max.bytes", "3000000")`.
    ///
    /// # Panics
    /// As [`RealBroker::start`].
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        fetch();
        let folder = tempfile::Builder::new()
            .prefix("yidang-kafka-")
            .tempdir()
            .expect("the temporary folder is writable");
        // Of a setting that stands twice the broker takes the last: a test may ask for another retention.
        let asked = settings
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let settings = std::iter::once(KEPT_FOR_EVER.to_owned())
            .chain(asked)
            .collect();
        let mut broker = Self {
            folder,
            port: free_port(),
            controller_port: free_port(),
            settings,
            process: None,
        };
        broker.restart();
        broker
    }

    /// `host:port`, as clients take it. It stays the same over restarts.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// SIGTERM, and waits until it has ended.
    ///
    /// # Panics
    /// If it does not run, or does not end in half a minute.
    pub fn stop(&mut self) {
        let mut child = self.process.take().expect("the broker runs");
        process::signal(&child, Signal::TERM);
        let ended = wait_for(STOP_PATIENCE, || {
            child.try_wait().expect("the child is ours")
        });
        assert!(
            ended.is_some(),
            "the broker {} did not stop",
            self.address()
        );
    }

    /// `kill -9`: nothing is flushed or closed.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let mut child = self.process.take().expect("the broker runs");
        child.kill().expect("the child is ours");
        child.wait().expect("the child is ours");
    }

    /// Starts it again on the same folder and port, after [`RealBroker::stop`] or [`RealBroker::kill`].
    ///
    /// # Panics
    /// If it runs already, or does not answer within a minute.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "the broker runs already");
        let mut command = spawn::command(start_script());
        command.arg("--port").arg(self.port.to_string());
        command
            .arg("--controller-port")
            .arg(self.controller_port.to_string());
        command.arg("--data").arg(self.folder.path());
        for setting in &self.settings {
            command.arg("--set").arg(setting);
        }
        let refusals = std::fs::File::create(self.folder.path().join("start.log"))
            .expect("the folder is ours");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(refusals);
        let mut child = spawn::start(command);
        let ready = wait_for(START_PATIENCE, || {
            let ended = child.try_wait().expect("the child is ours");
            assert!(
                ended.is_none(),
                "the broker ended while starting: {}",
                said(self.folder.path())
            );
            answers(&self.address()).then_some(())
        });
        assert!(
            ready.is_some(),
            "the broker did not answer within {START_PATIENCE:?}: {}",
            said(self.folder.path())
        );
        self.process = Some(child);
    }

    /// Creates a topic with the broker's defaults: `CreateTime`, and messages of any age are kept.
    ///
    /// # Panics
    /// If the broker refuses it.
    pub fn create_topic(&self, name: &str, partitions: i32) {
        self.create_topic_with(name, partitions, &[]);
    }

    /// Creates a topic whose messages carry the broker's time, not the producer's.
    ///
    /// # Panics
    /// If the broker refuses it.
    pub fn create_topic_with_broker_time(&self, name: &str, partitions: i32) {
        self.create_topic_with(
            name,
            partitions,
            &[("message.timestamp.type", "LogAppendTime")],
        );
    }

    /// Creates a topic with settings such as `("max.message.bytes", "3000000")` and waits until every partition has a leader.
    ///
    /// # Panics
    /// If the broker refuses it.
    pub fn create_topic_with(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (setting, value) in settings {
            topic = topic.set(setting, value);
        }
        for outcome in
            self.administer(async |admin, options| admin.create_topics(&[topic], options).await)
        {
            outcome.unwrap_or_else(|(name, code)| panic!("topic {name} was not created: {code}"));
        }
        let led = wait_for(START_PATIENCE, || {
            self.topics()
                .contains(&(name.to_owned(), partitions))
                .then_some(())
        });
        assert!(led.is_some(), "topic {name} has no leaders");
    }

    /// Deletes a topic with all its messages and waits until it is gone.
    ///
    /// # Panics
    /// If the broker refuses.
    pub fn delete_topic(&self, name: &str) {
        for outcome in
            self.administer(async |admin, options| admin.delete_topics(&[name], options).await)
        {
            outcome.unwrap_or_else(|(name, code)| panic!("topic {name} was not deleted: {code}"));
        }
        let gone = wait_for(START_PATIENCE, || {
            (!self.topics().iter().any(|(each, _)| each == name)).then_some(())
        });
        assert!(gone.is_some(), "topic {name} is still there");
    }

    /// Forgets every message of a topic, as retention would; offsets go on.
    ///
    /// # Panics
    /// If the broker refuses.
    pub fn delete_records(&self, name: &str) {
        let mut list = TopicPartitionList::new();
        for partition in messages::topic_ends(&self.address(), name).into_keys() {
            list.add_partition_offset(name, partition, Offset::End)
                .expect("the partition comes from the broker");
        }
        self.administer(async |admin, options| admin.delete_records(&list, options).await);
    }

    /// All topics but the broker's own, with the number of partitions that have a leader, sorted by name.
    ///
    /// # Panics
    /// If the broker does not answer.
    #[must_use]
    pub fn topics(&self) -> Vec<(String, i32)> {
        let metadata = messages::reader(&self.address()).fetch_metadata(None, START_PATIENCE);
        let metadata =
            metadata.unwrap_or_else(|error| panic!("no metadata from {}: {error}", self.address()));
        let mut topics = Vec::new();
        for topic in metadata
            .topics()
            .iter()
            .filter(|topic| !topic.name().starts_with("__"))
        {
            let led = topic
                .partitions()
                .iter()
                .filter(|partition| partition.leader() >= 0)
                .count();
            topics.push((
                topic.name().to_owned(),
                i32::try_from(led).expect("partitions are few"),
            ));
        }
        topics.sort();
        topics
    }

    /// A setting of a topic as the broker applies it.
    ///
    /// # Panics
    /// If the broker does not have the topic or the setting.
    #[must_use]
    pub fn topic_setting(&self, name: &str, setting: &str) -> String {
        let topic = ResourceSpecifier::Topic(name);
        let described = self
            .administer(async |admin, options| admin.describe_configs([&topic], options).await)
            .pop()
            .expect("one topic was asked for")
            .unwrap_or_else(|code| panic!("topic {name} was not described: {code}"));
        described
            .get(setting)
            .and_then(|entry| entry.value.clone())
            .unwrap_or_else(|| panic!("topic {name} has no setting {setting}"))
    }

    /// Runs one request of the admin client to its end, on a thread of its own: callers may be inside a runtime already.
    fn administer<T: Send>(
        &self,
        request: impl AsyncFnOnce(
            &AdminClient<DefaultClientContext>,
            &AdminOptions,
        ) -> rdkafka::error::KafkaResult<T>
        + Send,
    ) -> T {
        let address = self.address();
        std::thread::scope(|scope| {
            let asked = scope.spawn(move || {
                let admin = ClientConfig::new()
                    .set("bootstrap.servers", &address)
                    .create()
                    .expect("the settings are valid");
                let options = AdminOptions::new()
                    .operation_timeout(Some(START_PATIENCE))
                    .request_timeout(Some(START_PATIENCE));
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .expect("a runtime without drivers");
                runtime
                    .block_on(request(&admin, &options))
                    .unwrap_or_else(|error| panic!("{address} refused: {error}"))
            });
            asked.join().expect("the broker does what it is asked")
        })
    }
}

impl Drop for RealBroker {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.kill();
        }
    }
}

fn start_script() -> std::path::PathBuf {
    repository().join("deploy/kafka/start")
}

/// Fetches the broker's jars where they are missing: minutes on a slow line, so not within the patience for a start.
fn fetch() {
    let output = Command::new(start_script())
        .arg("--fetch-only")
        .stdin(Stdio::null())
        .output();
    let output = output.expect("deploy/kafka/start can be run");
    assert!(
        output.status.success(),
        "Kafka cannot be had: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn answers(address: &str) -> bool {
    messages::reader(address)
        .fetch_metadata(None, Duration::from_millis(500))
        .is_ok_and(|metadata| !metadata.brokers().is_empty())
}

fn said(folder: &Path) -> String {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    format!("{}{}", read("start.log"), read("broker.log"))
}
