//! The broker of the demo: librdkafka's mock cluster in this process, or a real Kafka.
//!
//! The mock keeps everything in memory, knows no CreateTopics, and drops the oldest messages of a partition beyond
//! 5 MiB. So every topic is made on it before the worker starts, and whoever sends waits for what was landed.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use yidang_feedback::finding::feedback_topics;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::kafka::election::leader_topic;
use yidang_ingest::kafka::topics::Topics;
use yidang_schemas::catalog::Catalog;
use yidang_simulate::City;

use super::settings_of;
use crate::exit::{Exit, Failure};
use crate::producer::make_source_topics;

/// Partitions of feedback topics on the mock.
const FEEDBACK_PARTITIONS: i32 = 4;
/// Looks at topics that were just made, and the pause between them.
const LEADER_TRIES: usize = 50;
const LEADER_PAUSE: Duration = Duration::from_millis(200);

/// A broker with the source topics of the city.
pub struct DemoBroker {
    /// `host:port`, as clients take it.
    pub brokers: String,
    /// Dropping it ends the broker in memory.
    memory: Option<SyncSender<()>>,
}

impl DemoBroker {
    /// A broker in this process with these source topics, by name and partitions, and every topic that a worker needs.
    pub fn in_memory(
        mut topics: Vec<(String, i32)>,
        catalog: &Catalog,
        lake_id: &str,
    ) -> Result<Self, Failure> {
        topics.push((leader_topic(lake_id), 1));
        let feedback = feedback_topics(catalog).into_iter();
        topics.extend(feedback.map(|topic| (topic, FEEDBACK_PARTITIONS)));
        let (told, tells) = sync_channel(1);
        let (memory, end) = sync_channel(1);
        std::thread::spawn(move || keep(&topics, &told, &end));
        let brokers = tells
            .recv()
            .map_err(|_| failed("its thread ended"))?
            .map_err(|why| failed(&why))?;
        Ok(Self {
            brokers,
            memory: Some(memory),
        })
    }

    /// A real Kafka: source topics it lacks are made, those that hold or held records are refused.
    pub async fn real(brokers: &str) -> Result<Self, Failure> {
        let settings = settings_of(brokers);
        let lookup = Topics::new(&settings)?;
        let used = tokio::task::spawn_blocking(move || used_topics(&lookup)).await;
        let used = used.expect("a look-up does not panic")?;
        if let Some(topic) = used.first() {
            let text = format!(
                "source topic {topic} at brokers {brokers} holds records, or has held some"
            );
            let next = "a demo compares by coordinates and needs fresh source topics: use another broker, or delete those \
                        topics; to work on what they hold: yidang run --brokers HOST:PORT --lake URI";
            return Err(Failure::new(Exit::Refused, text).with_next(next));
        }
        make_source_topics(&settings, &City::topics()).await?;
        wait_for_leaders(&settings).await?;
        Ok(Self {
            brokers: brokers.to_owned(),
            memory: None,
        })
    }

    pub fn is_in_memory(&self) -> bool {
        self.memory.is_some()
    }

    pub fn settings(&self) -> BrokerSettings {
        settings_of(&self.brokers)
    }
}

/// Topics that were just made answer only after a moment.
async fn wait_for_leaders(settings: &BrokerSettings) -> Result<(), Failure> {
    let mut tries = 0;
    loop {
        let lookup = Topics::new(settings)?;
        let looked = tokio::task::spawn_blocking(move || used_topics(&lookup)).await;
        match looked.expect("a look-up does not panic") {
            Err(failure) if tries >= LEADER_TRIES => return Err(failure),
            Err(_not_yet) => tokio::time::sleep(LEADER_PAUSE).await,
            Ok(_) => return Ok(()),
        }
        tries += 1;
    }
}

fn failed(why: &str) -> Failure {
    let text = format!("start a broker in memory: {why}");
    Failure::new(Exit::Unreachable, text)
        .with_next("use a Kafka of your own: yidang demo --brokers HOST:PORT")
}

/// Makes the mock cluster and keeps it until nobody needs it. It has a thread of its own because it cannot leave one.
fn keep(topics: &[(String, i32)], told: &SyncSender<Result<String, String>>, end: &Receiver<()>) {
    let made = make(topics);
    let answer = made
        .as_ref()
        .map(MockCluster::bootstrap_servers)
        .map_err(ToString::to_string);
    if told.send(answer).is_ok() {
        // Ends when the sender is dropped.
        end.recv().unwrap_or_default();
    }
}

fn make(
    topics: &[(String, i32)],
) -> rdkafka::error::KafkaResult<MockCluster<'static, DefaultProducerContext>> {
    let cluster = MockCluster::new(1)?;
    for (topic, partitions) in topics {
        cluster.create_topic(topic, *partitions, 1)?;
    }
    Ok(cluster)
}

/// Source topics that are not as they were made.
fn used_topics(lookup: &Topics) -> Result<Vec<String>, Failure> {
    let present = lookup.list()?;
    let mut used = Vec::new();
    for (topic, _) in City::topics() {
        let partitions = present.get(&topic).copied().unwrap_or(0);
        for partition in 0..partitions {
            if lookup.ends(&topic, partition)?.1 > 0 {
                used.push(topic.clone());
                break;
            }
        }
    }
    Ok(used)
}
