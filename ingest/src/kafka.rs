//! The broker: reading source topics, publishing events, and the election.
//!
//! librdkafka does the talking. Positions live in the lake; group offsets are for lag display only.

pub mod election;
pub mod message;
#[cfg(test)]
pub(crate) mod proof;
pub mod publisher;
pub mod source;
pub mod topics;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;
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

    /// Whether librdkafka takes these settings.
    ///
    /// # Errors
    /// `Invalid` with the name of the setting, never its value.
    pub fn check(&self) -> Result<(), Fault> {
        let made = self.client().create_native_config();
        made.map(drop)
            .map_err(|error| broker_fault("set up the Kafka client", self, error))
    }

    /// Sets what one client wants, unless the operator set it.
    pub(crate) fn prefer(&self, config: &mut ClientConfig, name: &str, value: &str) {
        if !self.extra.iter().any(|(set, _)| set == name) {
            config.set(name, value);
        }
    }
}

/// A broker fault with what was tried and where. Of a setting only the name is told: its value may be a secret.
pub(crate) fn broker_fault(doing: &str, settings: &BrokerSettings, error: KafkaError) -> Fault {
    match error {
        KafkaError::ClientConfig(result, _quotes_the_value, name, _value) => {
            let what = match result {
                RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN => "librdkafka knows no setting",
                _ => "librdkafka does not take the value of setting",
            };
            Fault::invalid(format!("{doing}: {what} {name}"))
        }
        other => Fault::unavailable(format!("{doing} at brokers {}", settings.brokers), other),
    }
}

#[cfg(test)]
mod tests {
    use yidang_schemas::fault::FaultKind;

    use super::*;

    fn with(name: &str, value: &str) -> BrokerSettings {
        BrokerSettings {
            brokers: "127.0.0.1:1".to_owned(),
            extra: vec![(name.to_owned(), value.to_owned())],
        }
    }

    #[test]
    fn a_setting_that_librdkafka_does_not_take_is_named_without_its_value() {
        for (name, value) in [
            ("sasl.pasword", "hunter2"),
            ("security.protocol", "hunter2"),
        ] {
            let fault = with(name, value).check().expect_err("it is no setting");
            assert_eq!(fault.kind, FaultKind::Invalid);
            assert!(fault.chain().contains(name), "{}", fault.chain());
            assert!(!format!("{fault:?} {}", fault.chain()).contains("hunter2"));
        }
        with("sasl.password", "a,b")
            .check()
            .expect("a password may hold anything");
    }
}
