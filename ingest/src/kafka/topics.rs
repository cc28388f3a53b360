//! Which topics there are: looked up with the full list, so that looking never makes one.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::types::RDKafkaRespErr;
use yidang_schemas::fault::Fault;

use super::{BrokerSettings, broker_fault};

/// Topics of the cluster with their numbers of partitions.
pub type TopicList = BTreeMap<String, i32>;

/// A topic that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTopic {
    pub name: String,
    pub partitions: i32,
    /// Topic settings, name and value.
    pub settings: Vec<(String, String)>,
}

/// Looks at topics and partitions. Blocking: librdkafka waits.
pub struct Topics {
    consumer: BaseConsumer,
    settings: BrokerSettings,
}

impl std::fmt::Debug for Topics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Topics")
            .field("brokers", &self.settings.brokers)
            .finish_non_exhaustive()
    }
}

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(5);

impl Topics {
    pub fn new(settings: &BrokerSettings) -> Result<Self, Fault> {
        let consumer = settings
            .client()
            .set("group.id", "yidang.lookup")
            .set("enable.auto.commit", "false")
            .create()
            .map_err(|error| broker_fault("make a client", settings, error))?;
        Ok(Self {
            consumer,
            settings: settings.clone(),
        })
    }

    /// Every topic of the cluster.
    pub fn list(&self) -> Result<TopicList, Fault> {
        let metadata = self
            .consumer
            .fetch_metadata(None, ANSWER)
            .map_err(|error| broker_fault("list topics", &self.settings, error))?;
        // A topic in trouble is there all the same: only one that is not there is missing.
        let topics = metadata.topics().iter().filter(|topic| {
            topic.error() != Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        });
        let count = |topic: &rdkafka::metadata::MetadataTopic| {
            i32::try_from(topic.partitions().len()).unwrap_or(0)
        };
        Ok(topics
            .map(|topic| (topic.name().to_owned(), count(topic)))
            .collect())
    }

    /// First offset that is there and the offset after the last.
    pub fn ends(&self, topic: &str, partition: i32) -> Result<(i64, i64), Fault> {
        self.consumer
            .fetch_watermarks(topic, partition, ANSWER)
            .map_err(|error| {
                broker_fault(
                    &format!("look at the ends of {topic}/{partition}"),
                    &self.settings,
                    error,
                )
            })
    }
}

/// Makes the topics that the list lacks. Gives their names.
pub async fn create_missing(
    settings: &BrokerSettings,
    present: &TopicList,
    wanted: &[WantedTopic],
) -> Result<Vec<String>, Fault> {
    let missing: Vec<&WantedTopic> = wanted
        .iter()
        .filter(|topic| !present.contains_key(&topic.name))
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let admin: AdminClient<DefaultClientContext> = settings
        .client()
        .create()
        .map_err(|error| broker_fault("make a client", settings, error))?;
    let new = missing.iter().map(|topic| {
        // -1: the broker's own default.
        let new = NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(-1));
        topic
            .settings
            .iter()
            .fold(new, |new, (name, value)| new.set(name, value))
    });
    let new: Vec<NewTopic<'_>> = new.collect();
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
    let results = admin
        .create_topics(&new, &options)
        .await
        .map_err(|error| broker_fault("create topics", settings, error))?;
    for result in results {
        match result {
            Ok(_) | Err((_, rdkafka::types::RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                let doing = format!(
                    "create topic {topic} at brokers {}; create it by hand or grant CREATE",
                    settings.brokers
                );
                return Err(Fault::unavailable(doing, code.to_string()));
            }
        }
    }
    Ok(missing
        .into_iter()
        .map(|topic| topic.name.clone())
        .collect())
}
