//! `bench`: what the engine costs on this machine, as figures. It judges nothing and asserts nothing.
//!
//! Every part runs in a process of its own, so that the memory and processor time of one are not those of another: the
//! sender makes its city and goes away, the worker reads what lies in the topics, a reader loads the lake anew, and
//! commits are measured without a broker.

mod commit;
mod machine;
mod parts;
mod reload;
mod stream;

use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::command::demo::broker::DemoBroker;
use crate::command::demo::city_end_ms;
use crate::command::demo::folder::FreshFolder;
use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, OpenedLake, SchemaArguments, open_to_write};
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  yidang bench --brokers 127.0.0.1:29092 --records 200000 --subjects 40000 --json\n\n\
It needs a Kafka without records in the source topics. One for trying:\n  \
deploy/kafka/start --port 29092 --controller-port 29093 --data ./kafka-bench &\n  \
yidang bench --brokers 127.0.0.1:29092"
)]
pub struct BenchArguments {
    /// Records of the eight registers; the ten other feeds tell about two more for every five
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    records: u64,
    /// Persons and enterprises together
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    subjects: u64,
    /// Number that the whole city follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A real Kafka; the broker in memory holds too little
    #[arg(long, env = "YIDANG_BROKERS", value_name = "HOST:PORT")]
    brokers: Option<String>,
    /// Folder of the lake, absent or empty; ./yidang-bench-<start time> when not given
    #[arg(long, env = "YIDANG_LAKE", value_name = "DIR")]
    lake: Option<String>,
    /// Rows of the tables that 10,000 subjects are committed into
    #[arg(
        long,
        env = "YIDANG_TABLES",
        value_delimiter = ',',
        default_value = "200000,1000000,2000000",
        value_name = "N,…"
    )]
    tables: Vec<usize>,
    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    schemas: SchemaArguments,
    /// One part alone, of a lake that is there
    #[arg(long, hide = true, value_enum)]
    part: Option<Part>,
    #[arg(long, hide = true)]
    end_ms: Option<i64>,
}

/// What a process of its own does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Produce,
    Stream,
    Reload,
    Commit,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Produce => "produce",
            Self::Stream => "stream",
            Self::Reload => "reload",
            Self::Commit => "commit",
        }
    }
}

pub async fn run(arguments: BenchArguments) -> Result<Exit, Failure> {
    let Some(brokers) = arguments.brokers.clone() else {
        let text = "bench needs a real Kafka: --brokers HOST:PORT";
        let next = "deploy/kafka/start --port 29092 --controller-port 29093 --data ./kafka-bench & \
                    then: yidang bench --brokers 127.0.0.1:29092";
        return Err(Failure::new(Exit::Usage, text).with_next(next));
    };
    match (arguments.part, &arguments.lake) {
        (Some(part), Some(lake)) => {
            let figures = run_part(part, &arguments, &brokers, Path::new(lake)).await?;
            output::print_json(&figures);
            Ok(Exit::Good)
        }
        (Some(_), None) => Err(Failure::new(Exit::Usage, "--part needs --lake")),
        (None, _) => run_all(&arguments, &brokers).await,
    }
}

async fn run_part(
    part: Part,
    arguments: &BenchArguments,
    brokers: &str,
    lake: &Path,
) -> Result<Value, Failure> {
    let opened = open(lake, arguments).await?;
    match part {
        Part::Produce => parts::produce(arguments, brokers, &opened.lake).await,
        Part::Stream => stream::measure(opened, brokers).await,
        Part::Reload => reload::measure(opened).await,
        Part::Commit => commit::measure(opened, lake, &arguments.tables).await,
    }
}

async fn open(lake: &Path, arguments: &BenchArguments) -> Result<OpenedLake, Failure> {
    open_to_write(&LakeArguments {
        lake: lake.display().to_string(),
        id_key_file: None,
        schemas: arguments.schemas.clone(),
    })
    .await
}

async fn run_all(arguments: &BenchArguments, brokers: &str) -> Result<Exit, Failure> {
    let fresh = FreshFolder::choose(arguments.lake.as_deref(), "bench")?;
    // Asked before anything is made, so that the same command can be given again.
    drop(DemoBroker::real(brokers).await?);
    let folder = fresh.claim()?;
    drop(open(&folder, arguments).await?);
    let mut figures = json!({
        "machine": machine::machine(),
        "seed": arguments.seed,
        "lake": folder.display().to_string(),
    });
    let end_ms = city_end_ms();
    for part in [Part::Produce, Part::Stream, Part::Reload, Part::Commit] {
        let measured =
            parts::in_a_process(part.name(), arguments, brokers, &folder, end_ms).await?;
        if !arguments.json {
            parts::show(part.name(), &measured);
        }
        if let Some(figures) = figures.as_object_mut() {
            figures.insert(part.name().to_owned(), measured);
        }
    }
    if arguments.json {
        output::print_json(&figures);
    } else {
        parts::show("machine", figures.get("machine").unwrap_or(&Value::Null));
        output::print(&format!(
            "seed {}, lake {}",
            arguments.seed,
            folder.display()
        ));
    }
    Ok(Exit::Good)
}
