//! Who should lead: the owner of the one partition of the lake's leader topic.
//!
//! Kafka only suggests; a term in the tables decides. The consumer is polled by the epoch loop and by nothing else, so
//! an engine that hangs loses the lead. Cooperative assignment: a worker that joins never takes the lead.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use yidang_schemas::fault::Fault;

use super::topics::{Topics, WantedTopic};
use super::{BrokerSettings, broker_fault};

/// Membership in the election of one lake.
pub struct Election {
    consumer: BaseConsumer,
    topic: String,
}

impl std::fmt::Debug for Election {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Election")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

/// Name of the leader topic of a lake.
pub fn leader_topic(lake_id: &str) -> String {
    format!("yidang.{lake_id}.leader.v1")
}

/// The leader topic as it has to be.
pub fn wanted_leader_topic(lake_id: &str) -> WantedTopic {
    WantedTopic {
        name: leader_topic(lake_id),
        partitions: 1,
        settings: Vec::new(),
    }
}

impl Election {
    /// Joins the election.
    ///
    /// # Errors
    /// `Invalid` where the leader topic has more than one partition: two workers would lead.
    pub fn join(settings: &BrokerSettings, topics: &Topics, lake_id: &str) -> Result<Self, Fault> {
        let topic = leader_topic(lake_id);
        if let Some(partitions) = topics
            .list()?
            .get(&topic)
            .filter(|partitions| **partitions != 1)
        {
            return Err(Fault::invalid(format!(
                "join the election: topic {topic} has {partitions} partitions and must have 1; delete it and start again"
            )));
        }
        let mut config = settings.client();
        config
            .set("group.id", format!("yidang.{lake_id}.leader"))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("enable.auto.commit", "false");
        settings.prefer(&mut config, "session.timeout.ms", "6000");
        settings.prefer(&mut config, "heartbeat.interval.ms", "1000");
        settings.prefer(&mut config, "max.poll.interval.ms", "60000");
        let consumer: BaseConsumer = config
            .create()
            .map_err(|error| broker_fault("join the election", settings, error))?;
        consumer
            .subscribe(&[&topic])
            .map_err(|error| broker_fault("join the election", settings, error))?;
        Ok(Self { consumer, topic })
    }

    /// Serves the group, waiting at most `wait`, and says whether this worker should lead.
    pub fn poll(&self, wait: Duration) -> bool {
        // Errors are the group's weather: what counts is whether the partition is ours.
        drop(self.consumer.poll(wait));
        self.leads()
    }

    fn leads(&self) -> bool {
        if self.consumer.assignment_lost() {
            return false;
        }
        let assignment = self.consumer.assignment();
        assignment.is_ok_and(|assignment| assignment.find_partition(&self.topic, 0).is_some())
    }
}
