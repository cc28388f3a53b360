//! `simulate`: a synthetic city, to message files or to a broker.

mod target;

use std::path::{Path, PathBuf};

use clap::Args;
use yidang_ingest::kafka::BrokerSettings;
use yidang_simulate::{City, CitySettings};

use crate::exit::{Exit, Failure};
use crate::producer::{self, CityProducer};
use crate::{output, progress};
use target::Target;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang simulate --out ./city --records 5000 --seed 7\n  \
yidang feed check ./city/messages.jsonl\n  \
yidang simulate --brokers 127.0.0.1:9092 --id-key-file ./lake/_yidang/id.key --rate 2000\n\n\
Everything follows from seed, records and end: the same three make the same city. With the id key of the \
lake its corrections name the issues that the lake opens; without one they name issues that nobody has."
)]
pub struct SimulateArguments {
    /// Number that the whole city follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Records of the eight registers; the ten other feeds tell about two more for every five
    #[arg(long, default_value_t = 30_000)]
    records: u64,
    #[command(flatten)]
    target: Target,
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

pub async fn run(arguments: SimulateArguments) -> Result<Exit, Failure> {
    let end = arguments.end.unwrap_or_else(|| {
        let end = jiff::Timestamp::from_millisecond(super::demo::city_end_ms());
        end.expect("a day ago lies within the calendar")
    });
    let mut settings = CitySettings::new(arguments.seed, arguments.records, end.as_millisecond());
    if let Some(file) = &arguments.id_key_file {
        settings.id_key = Some(crate::key::read_bytes(file)?);
    }
    let city = City::new(settings);
    match &arguments.target {
        Target::Files(folder) => write(&city, folder)?,
        Target::Brokers(brokers) => send(&city, brokers, arguments.rate).await?,
    }
    let (messages, records) = (city.message_count(), city.record_count());
    if arguments.json {
        output::print_json(&serde_json::json!({
            "seed": arguments.seed, "messages": messages, "records": records, "end": end.to_string(),
        }));
    } else {
        output::print(&format!(
            "{messages} messages with {records} records, seed {}, end {end}",
            arguments.seed
        ));
    }
    Ok(Exit::Good)
}

fn write(city: &City, folder: &Path) -> Result<(), Failure> {
    let progress = progress::spinner("writing messages and truth");
    let written = std::fs::create_dir_all(folder).and_then(|()| city.write_files(folder));
    progress.finish_and_clear();
    written.map_err(|error| {
        let text = format!("write the city to {}: {error}", folder.display());
        Failure::new(Exit::Unreachable, text)
            .with_next("choose a folder that can be written with --out")
    })
}

async fn send(city: &City, brokers: &str, rate: Option<u32>) -> Result<(), Failure> {
    let settings = BrokerSettings {
        brokers: brokers.to_owned(),
        extra: Vec::new(),
    };
    producer::make_source_topics(&settings, &City::topics()).await?;
    let progress = progress::bar("sending", city.message_count());
    let producer = CityProducer::new(&settings)?;
    let sent = producer.send_all(city.messages(), rate, &progress).await;
    progress.finish_and_clear();
    sent
}
