//! The broker: reading source topics, publishing events, and the election.
//!
//! librdkafka does the talking. Positions live in the lake; group offsets are for lag display only.

pub mod election;
pub mod publisher;
pub mod source;
pub mod topics;

use rdkafka::ClientConfig;
use yidang_schemas::fault::Fault;

/// How to reach the broker.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// Further librdkafka settings (security, for example), name and value.
    pub extra: Vec<(String, String)>,
}

impl BrokerSettings {
    /// A client configuration with what every client of ours shares.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "yidang")
            // A look-up must never make a topic.
            .set("allow.auto.create.topics", "false")
            .set("log_level", "2");
        for (name, value) in &self.extra {
            config.set(name, value);
        }
        config
    }

    /// Sets what one client wants, unless the operator set it.
    pub(crate) fn prefer(&self, config: &mut ClientConfig, name: &str, value: &str) {
        if !self.extra.iter().any(|(set, _)| set == name) {
            config.set(name, value);
        }
    }
}

/// A broker fault with what was tried and where.
pub(crate) fn broker_fault(
    doing: &str,
    settings: &BrokerSettings,
    error: rdkafka::error::KafkaError,
) -> Fault {
    Fault::unavailable(format!("{doing} at brokers {}", settings.brokers), error)
}
