//! `demo`: a synthetic city streams, a worker works, and everything is compared with the truth.
//!
//! It is `run` with a broker address and no other code path: the same worker, in this process. Beside it are only a
//! broker in memory, whoever sends, and whoever watches. Leaves alone: what a city is and what the worker does.

pub mod broker;
mod ending;
mod findings;
pub mod folder;
mod memory;
pub mod mix;
mod show;
mod stream;
mod watch;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::sync::watch as channel;
use tokio::task::JoinHandle;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::lake::Tables;
use yidang_ingest::report::Report;
use yidang_ingest::worker::{Ended, Worker, WorkerSettings, now_ms};
use yidang_schemas::fault::Fault;
use yidang_simulate::{City, CitySettings, Truth};

use crate::command::run::{Signals, new_report};
use crate::compare::{Comparison, compare};
use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, OpenedLake, SchemaArguments, open_to_write};
use crate::language::LanguageArguments;
use crate::{http, key, output};
use broker::DemoBroker;
use ending::Ending;
use folder::FreshFolder;
use show::Shown;
use stream::Stream;
use words::Words;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang demo\n  yidang demo --records 5000 --rate 0 --exit\n  \
yidang demo --lang zh --lake ./demo --seed 7\n  yidang demo --brokers 127.0.0.1:9092 --stay\n\n\
A demo follows nothing that a worker was told: its broker, lake and address are YIDANG_DEMO_*, so that \
variables set for production never send a synthetic city there."
)]
pub struct DemoArguments {
    /// Records of the eight registers; the ten other feeds tell about two more for every five
    #[arg(long, default_value_t = 30_000, value_name = "N")]
    records: u64,
    /// Number that the whole city follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages a second at most; 0 for as fast as it goes
    #[arg(long, default_value_t = 3_000, value_name = "N")]
    rate: u32,
    /// Folder of the lake, absent or empty; ./yidang-demo-<start time> when not given
    #[arg(long, env = "YIDANG_DEMO_LAKE", value_name = "DIR")]
    lake: Option<String>,
    /// Address of /metrics, /healthz and /readyz; a free port when not given
    #[arg(
        long,
        env = "YIDANG_DEMO_LISTEN",
        default_value = "127.0.0.1:0",
        value_name = "ADDR"
    )]
    listen: String,
    /// A real Kafka instead of the broker in memory; source topics it lacks are made
    #[arg(long, env = "YIDANG_DEMO_BROKERS", value_name = "HOST:PORT")]
    brokers: Option<String>,
    #[command(flatten)]
    ending: Ending,
    #[command(flatten)]
    lang: LanguageArguments,
    /// Also tell how well each kind of defect is found, feed by feed; JSON always has it
    #[arg(long)]
    by_kind: bool,
    /// The result of the comparison as one JSON object instead of words
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: DemoArguments) -> Result<Exit, Failure> {
    let words = Words(arguments.lang.language());
    let fresh = FreshFolder::choose(arguments.lake.as_deref(), "demo")?;
    let started = start(&arguments, &fresh).await?;
    say_start(&words, &arguments, &started);
    let Started {
        opened,
        broker,
        report,
        city,
        folder,
        ..
    } = started;
    let mut demo = Demo::start(opened, broker, report);
    let ended = demo.work(&city, &arguments).await;
    match ended? {
        None => {
            demo.stop().await?;
            output::note(&words.stopped_early());
            Ok(Exit::Findings)
        }
        Some((comparison, tables)) => {
            let shown = Compared {
                comparison: &comparison,
                tables: &tables,
                folder: &folder,
                feedback_bytes: demo.feedback_bytes(&tables).await?,
            };
            show_all(&words, &arguments, &demo, &shown).await?;
            if arguments.ending.stays(output::is_watched()) {
                output::note(&words.stays(&demo.broker.brokers));
                demo.stay().await?;
            }
            demo.stop().await?;
            Ok(if comparison.is_equal() {
                Exit::Good
            } else {
                Exit::Findings
            })
        }
    }
}

/// What a demo has before its worker starts.
struct Started {
    opened: OpenedLake,
    broker: DemoBroker,
    report: Arc<Report>,
    address: String,
    city: City,
    folder: PathBuf,
}

/// Everything that may be refused comes before the first object in the lake: whoever mends it starts the same again.
async fn start(arguments: &DemoArguments, fresh: &FreshFolder) -> Result<Started, Failure> {
    let report = Arc::new(new_report());
    let address = http::serve(&arguments.listen, Arc::clone(&report)).await;
    let address = address.map_err(|failure| {
        failure.with_next("choose another address: yidang demo --listen 127.0.0.1:0")
    })?;
    let real = match &arguments.brokers {
        Some(brokers) => Some(DemoBroker::real(brokers).await?),
        None => None,
    };
    let folder = fresh.claim()?;
    let opened = open_to_write(&LakeArguments {
        lake: folder.display().to_string(),
        id_key_file: None,
        schemas: SchemaArguments { schemas: None },
    })
    .await?;
    let folder = folder.canonicalize().unwrap_or(folder);
    let id_key = key::existing_bytes(&opened.lake, None)?;
    let broker = match real {
        Some(broker) => broker,
        None => DemoBroker::in_memory(City::topics(), &opened.catalog, &opened.identity.lake_id)?,
    };
    Ok(Started {
        city: city(arguments, id_key),
        address: address.to_string(),
        opened,
        broker,
        report,
        folder,
    })
}

/// A worker of this process, and what it works on.
struct Demo {
    broker: DemoBroker,
    report: Arc<Report>,
    lake: yidang_sink::Lake,
    catalog: Arc<yidang_schemas::catalog::Catalog>,
    id_key_fingerprint: String,
    stop: channel::Sender<bool>,
    worker: JoinHandle<Result<Ended, Fault>>,
    signals: Option<Signals>,
}

impl Demo {
    fn start(opened: OpenedLake, broker: DemoBroker, report: Arc<Report>) -> Self {
        let (stop, stopped) = channel::channel(false);
        let OpenedLake {
            lake,
            identity,
            catalog,
            id_key,
        } = opened;
        let id_key_fingerprint = id_key.fingerprint();
        let worker = Worker {
            lake: lake.clone(),
            identity,
            catalog: Arc::clone(&catalog),
            id_key,
            settings: WorkerSettings::new(broker.settings()),
            report: Arc::clone(&report),
            stop: stopped,
        };
        let worker = tokio::spawn(worker.run());
        Self {
            broker,
            report,
            lake,
            catalog,
            id_key_fingerprint,
            stop,
            worker,
            signals: None,
        }
    }

    /// Streams the city, waits until it is in the tables, compares. Nothing where a signal came before.
    async fn work(
        &mut self,
        city: &City,
        arguments: &DemoArguments,
    ) -> Result<Option<(Comparison, Tables)>, Failure> {
        let stream = Stream::new(
            &self.broker,
            &self.catalog,
            self.report.status(),
            arguments.rate,
        )?;
        let progress = stream.progress();
        let watching = watch::watch(
            Words(arguments.lang.language()),
            progress,
            self.report.status(),
            city.message_count(),
        );
        let mut signals = Signals::new()?;
        tokio::select! {
            streamed = stream.run(city) => streamed?,
            ended = &mut self.worker => return Err(died(ended)),
            () = signals.next() => return Ok(None),
            () = watching => return Err(Failure::new(Exit::Unreachable, "the worker's status went away")),
        }
        let truth: Truth = city.truth();
        let tables = Tables::open_existing(&self.lake, &self.catalog).await?;
        let tables = tables.expect("a worker that landed something made the tables");
        let comparison = compare(&tables, &self.catalog, &truth).await?;
        self.signals = Some(signals);
        Ok(Some((comparison, tables)))
    }

    /// What the broker in memory holds of the feedback; it must not have dropped any of it.
    async fn feedback_bytes(&self, tables: &Tables) -> Result<Option<usize>, Failure> {
        if !self.broker.is_in_memory() {
            return Ok(None);
        }
        let largest = memory::largest_partition_bytes(&self.broker, tables).await?;
        Ok(Some(largest))
    }

    async fn stay(&mut self) -> Result<(), Failure> {
        let mut signals = match self.signals.take() {
            Some(signals) => signals,
            None => Signals::new()?,
        };
        tokio::select! {
            ended = &mut self.worker => Err(died(ended)),
            () = signals.next() => Ok(()),
        }
    }

    /// The graceful end: events out, checkpoint written.
    async fn stop(self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        let ended = self.worker.await.map_err(|_| bug())?;
        ended.map(|_| ()).map_err(Failure::from)
    }
}

/// A worker that ended although nobody told it to.
fn died(ended: Result<Result<Ended, Fault>, tokio::task::JoinError>) -> Failure {
    match ended {
        Ok(Ok(_)) => Failure::new(
            Exit::Refused,
            "the worker ended before everything was in the tables",
        ),
        Ok(Err(fault)) => Failure::from(fault),
        Err(_) => bug(),
    }
}

fn bug() -> Failure {
    Failure::new(
        Exit::Corrupt,
        "the worker panicked; this is a bug, report the place that the log names",
    )
}

const DAY_MS: i64 = 86_400_000;

/// The last instant of a city: a whole day before now, wherever the clock stands.
pub fn city_end_ms() -> i64 {
    (now_ms() - DAY_MS).div_euclid(DAY_MS) * DAY_MS
}

/// The city: no larger than the broker in memory can hold the feedback of.
fn city(arguments: &DemoArguments, id_key: [u8; 32]) -> City {
    let most = if arguments.brokers.is_some() {
        u64::MAX
    } else {
        mix::RECORDS_IN_MEMORY_MAX
    };
    let mut settings =
        CitySettings::new(arguments.seed, arguments.records.min(most), city_end_ms());
    settings.id_key = Some(id_key);
    City::new(settings)
}

fn say_start(words: &Words, arguments: &DemoArguments, started: &Started) {
    let Started {
        broker,
        address,
        city,
        folder,
        ..
    } = started;
    if broker.is_in_memory() {
        output::note(&words.broker_in_memory(&broker.brokers));
        if arguments.records > mix::RECORDS_IN_MEMORY_MAX {
            output::note(&words.capped(mix::RECORDS_IN_MEMORY_MAX));
        }
    } else {
        output::note(&words.broker(&broker.brokers));
    }
    output::note(&words.lake(&folder.display().to_string()));
    output::note(&words.listening(address));
    output::note(&words.city(arguments.seed, city.message_count(), city.record_count()));
}

/// What there is to show at the end.
struct Compared<'a> {
    comparison: &'a Comparison,
    tables: &'a Tables,
    folder: &'a Path,
    /// Bytes of the largest partition with events; unknown on a real broker.
    feedback_bytes: Option<usize>,
}

async fn show_all(
    words: &Words,
    arguments: &DemoArguments,
    demo: &Demo,
    compared: &Compared<'_>,
) -> Result<(), Failure> {
    let (comparison, tables) = (compared.comparison, compared.tables);
    if arguments.json {
        output::print_json(&serde_json::json!({
            "equal": comparison.is_equal(),
            "seed": arguments.seed,
            "brokers": demo.broker.brokers,
            "lake": compared.folder.display().to_string(),
            "id_key_fingerprint": demo.id_key_fingerprint,
            "largest_feedback_partition_bytes": compared.feedback_bytes,
            "comparison": comparison,
        }));
        return Ok(());
    }
    let disputed = findings::disputed_person(tables).await?;
    let issue = findings::closed_issue(tables).await?;
    show::show(&Shown {
        words,
        tables,
        comparison,
        folder: compared.folder,
        disputed: disputed.as_ref(),
        issue: issue.as_ref(),
    });
    if arguments.by_kind {
        let lines = comparison.kinds.lines();
        lines.iter().for_each(|line| output::print(line));
    }
    Ok(())
}

/// Settings of a broker by its address alone.
fn settings_of(brokers: &str) -> BrokerSettings {
    BrokerSettings {
        brokers: brokers.to_owned(),
        extra: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    fn arguments(typed: &[&str]) -> DemoArguments {
        let command = DemoArguments::augment_args(Command::new("demo"));
        let matches = command.try_get_matches_from([&["demo"], typed].concat());
        DemoArguments::from_arg_matches(&matches.unwrap()).unwrap()
    }

    async fn refused(arguments: &DemoArguments) -> Failure {
        let fresh = FreshFolder::choose(arguments.lake.as_deref(), "demo").unwrap();
        match start(arguments, &fresh).await {
            Ok(_) => panic!("it started"),
            Err(failure) => failure,
        }
    }

    #[tokio::test]
    async fn a_demo_that_is_refused_leaves_nothing_in_the_way_of_its_retry() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("lake");
        let lake = folder.to_str().unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let port = refused(&arguments(&["--lake", lake, "--listen", &address])).await;
        assert_eq!(port.exit, Exit::Invalid);
        assert!(port.next.unwrap().contains("yidang demo --listen"));
        let nobody = ["--lake", lake, "--brokers", "127.0.0.1:1"];
        assert_eq!(refused(&arguments(&nobody)).await.exit, Exit::Unreachable);
        assert!(!folder.exists());
    }
}
