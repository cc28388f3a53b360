//! `simulate`: a synthetic city, to message files or to a broker.

use std::path::PathBuf;

use clap::Args;
use yidang_ingest::kafka::BrokerSettings;
use yidang_simulate::{City, CitySettings};

use crate::exit::{Exit, Failure};
use crate::output;
use crate::producer::{self, CityProducer};

#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// Number that the whole city follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Records of all feeds together
    #[arg(long, default_value_t = 30_000)]
    records: u64,
    /// Folder for messages.jsonl and the truth beside it
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "brokers",
        required_unless_present = "brokers"
    )]
    out: Option<PathBuf>,
    /// Kafka to send the messages to; source topics it lacks are made
    #[arg(long, env = "YIDANG_BROKERS", value_name = "HOST:PORT")]
    brokers: Option<String>,
    /// Id key of the lake, so that corrections can name their issues
    #[arg(long, env = crate::key::ID_KEY_FILE, value_name = "FILE")]
    id_key_file: Option<PathBuf>,
    /// Last instant of the city, RFC 3339; a day ago when absent
    #[arg(long, value_name = "TIME")]
    end: Option<jiff::Timestamp>,
    /// Messages a second at most
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// One JSON object at the end instead of words
    #[arg(long)]
    json: bool,
}

const DAY_MS: i64 = 86_400_000;

pub async fn run(arguments: SimulateArguments) -> Result<Exit, Failure> {
    let end_ms = match arguments.end {
        Some(end) => end.as_millisecond(),
        None => (yidang_ingest::worker::now_ms() - DAY_MS).div_euclid(DAY_MS) * DAY_MS,
    };
    let mut settings = CitySettings::new(arguments.seed, arguments.records, end_ms);
    if let Some(file) = &arguments.id_key_file {
        settings.id_key = Some(crate::key::read_bytes(file)?);
    }
    let city = City::new(settings);
    let (messages, records) = (city.message_count(), city.record_count());
    if let Some(folder) = &arguments.out {
        let written = std::fs::create_dir_all(folder).and_then(|()| city.write_files(folder));
        written.map_err(|error| {
            let text = format!("write the city to {}: {error}", folder.display());
            Failure::new(Exit::Unreachable, text)
                .with_next("choose a folder that can be written with --out")
        })?;
    }
    if let Some(brokers) = &arguments.brokers {
        let settings = BrokerSettings {
            brokers: brokers.clone(),
            extra: Vec::new(),
        };
        producer::make_source_topics(&settings, &City::topics()).await?;
        let producer = CityProducer::new(&settings)?;
        producer.send_all(city.messages(), arguments.rate).await?;
    }
    if arguments.json {
        output::print_json(&serde_json::json!({
            "seed": arguments.seed, "messages": messages, "records": records, "end_ms": end_ms,
        }));
    } else {
        output::print(&format!(
            "{messages} messages with {records} records, seed {}",
            arguments.seed
        ));
    }
    Ok(Exit::Good)
}
