//! `run`: a worker.

mod registries;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;
use yidang_ingest::checkpoint::CheckpointBounds;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::report::{EpochLine, Report, Role};
use yidang_ingest::worker::{Ended, EpochBounds, FileSettings, Worker, WorkerSettings};
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::Lake;

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, OpenedLake, open_to_write};
use crate::{http, output};
use registries::RegistryArguments;

#[derive(Debug, Args)]
pub struct RunArguments {
    /// Kafka, `host:port`, several with commas
    #[arg(long, env = "YIDANG_BROKERS", value_name = "HOST:PORT")]
    brokers: String,
    #[command(flatten)]
    lake: LakeArguments,
    /// Address of /metrics, /healthz and /readyz
    #[arg(
        long,
        env = "YIDANG_LISTEN",
        default_value = "127.0.0.1:9464",
        value_name = "ADDR"
    )]
    listen: String,
    /// End when everything is in the tables and acknowledged, and that held for so long
    #[arg(long, env = "YIDANG_UNTIL_IDLE", value_name = "SECONDS", value_parser = seconds)]
    until_idle: Option<Duration>,
    /// A further librdkafka setting, for example security.protocol=SASL_SSL; once for each. Without any, YIDANG_KAFKA
    /// holds them with commas between
    #[arg(long = "kafka", value_name = "NAME=VALUE")]
    kafka: Vec<String>,
    /// Prefix of the CloudEvents types of feedback, the reverse DNS name of the city; a lake keeps its first one
    /// [default: the lake's own, else yidang]
    #[arg(long, env = "YIDANG_EVENT_PREFIX", value_name = "NAME")]
    event_prefix: Option<String>,
    /// Longest gathering of an epoch
    #[arg(
        long,
        env = "YIDANG_EPOCH_MILLISECONDS",
        default_value_t = 2_000,
        value_name = "MS"
    )]
    epoch_milliseconds: u64,
    /// Messages of an epoch at most
    #[arg(
        long,
        env = "YIDANG_EPOCH_MESSAGES",
        default_value_t = 50_000,
        value_name = "N"
    )]
    epoch_messages: usize,
    /// Bytes of a message at most; longer ones are rejected with a record; a lake keeps its first bound
    /// [default: the lake's own, else 1048576]
    #[arg(long, env = "YIDANG_MESSAGE_BYTES", value_name = "N")]
    message_bytes: Option<usize>,
    /// Memory that the worker may hold; a state that needs more is refused, 70 % is warned of [default: 75 % of the
    /// machine's]
    #[arg(long, env = "YIDANG_MEMORY_BYTES", value_name = "N")]
    memory_bytes: Option<u64>,
    /// Epochs between two checkpoints at most; where file tables have no deletion vectors --freshness-seconds decides
    #[arg(
        long,
        env = "YIDANG_CHECKPOINT_EPOCHS",
        default_value_t = 16,
        value_name = "N"
    )]
    checkpoint_epochs: i64,
    /// false: person_file and enterprise_file are made without deletion vectors, for readers that refuse them, and are
    /// put on a timer; a table keeps the way it was made [default: as the tables are, else true]
    #[arg(long, env = "YIDANG_DELETION_VECTORS", value_name = "BOOL")]
    deletion_vectors: Option<bool>,
    /// How old file tables without deletion vectors may get; each put copies the files that lose rows
    #[arg(
        long,
        env = "YIDANG_FRESHNESS_SECONDS",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    freshness_seconds: u64,
    #[command(flatten)]
    registries: RegistryArguments,
}

pub async fn run(arguments: RunArguments) -> Result<Exit, Failure> {
    let broker = broker(&arguments)?;
    let opened = open_to_write(&arguments.lake).await?;
    let settings = settings(&arguments, broker, &opened.lake).await?;
    settings.registries.check(&opened.catalog)?;
    let report = Arc::new(new_report());
    let address = http::serve(&arguments.listen, Arc::clone(&report)).await?;
    say_start(&arguments, &opened, &address.to_string());
    let (mut lines, mut notices) = (report.lines(), report.notices());
    let mut status = report.status();
    let (stop, stopped) = watch::channel(false);
    let OpenedLake {
        lake,
        identity,
        catalog,
        id_key,
    } = opened;
    let worker = Worker {
        lake,
        identity,
        catalog,
        id_key,
        settings,
        report,
        stop: stopped,
    };
    let mut work = Box::pin(worker.run());
    let mut role = Role::Starting;
    let mut signals = Signals::new()?;
    loop {
        tokio::select! {
            ended = &mut work => {
                while let Ok(text) = notices.try_recv() {
                    output::note(&text);
                }
                while let Ok(line) = lines.try_recv() {
                    say_epoch(&line, None);
                }
                let ended = ended.map_err(|fault| failed(&arguments, fault))?;
                let status = status.borrow();
                return Ok(finish(ended, &status.stopped));
            }
            Some(line) = lines.recv() => say_epoch(&line, status.borrow().lag),
            Some(text) = notices.recv() => output::note(&text),
            Ok(()) = status.changed() => {
                let now = status.borrow_and_update().role;
                if now != role {
                    output::note(&format!("role: {}", now.name()));
                    role = now;
                }
            }
            () = signals.next() => {
                output::note("stopping: finishing the epoch, events and checkpoint");
                stop.send_replace(true);
            }
        }
    }
}

/// `stopped`: feeds that cannot go on, and why. What they hold is not in the tables, so nobody may take the end for one
/// of everything.
fn finish(ended: Ended, stopped: &BTreeMap<String, String>) -> Exit {
    match ended {
        Ended::Stopped => {
            output::note("stopped");
            Exit::Good
        }
        Ended::Idle if stopped.is_empty() => {
            output::note("idle: everything is in the tables and acknowledged");
            Exit::Good
        }
        Ended::Idle => {
            output::note("idle: everything is in the tables and acknowledged, but for");
            for (feed, why) in stopped {
                output::note(&format!("  {feed}, which is stopped: {why}"));
            }
            Exit::Findings
        }
    }
}

/// A while as people give it.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "a number of seconds is wanted".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// A broker or store out of reach: the command that goes on once it answers.
fn failed(arguments: &RunArguments, fault: Fault) -> Failure {
    if fault.kind != FaultKind::Unavailable {
        return Failure::from(fault);
    }
    let again = format!(
        "yidang run --brokers {} --lake {}",
        arguments.brokers, arguments.lake.lake
    );
    Failure::from(fault).with_next(format!(
        "check that it runs and is reachable, then: {again}"
    ))
}

/// A report that knows this binary.
pub fn new_report() -> Report {
    Report::new(
        env!("CARGO_PKG_VERSION"),
        option_env!("YIDANG_COMMIT").unwrap_or("unknown"),
    )
}

/// Settings of librdkafka: those of the flags, or else those of the environment, where commas part them.
fn broker(arguments: &RunArguments) -> Result<BrokerSettings, Failure> {
    let given = if arguments.kafka.is_empty() {
        let all = std::env::var("YIDANG_KAFKA").unwrap_or_default();
        let parts = all.split(',').filter(|part| !part.trim().is_empty());
        parts.map(str::to_owned).collect()
    } else {
        arguments.kafka.clone()
    };
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let extra: Option<Vec<(String, String)>> = given.iter().map(pair).collect();
    let next = "yidang run --kafka security.protocol=SSL …";
    let extra = extra
        .ok_or_else(|| Failure::new(Exit::Usage, "--kafka takes NAME=VALUE").with_next(next))?;
    let broker = BrokerSettings {
        brokers: arguments.brokers.clone(),
        extra,
    };
    broker
        .check()
        .map_err(|fault| Failure::new(Exit::Invalid, fault.chain()).with_next(next))?;
    Ok(broker)
}

async fn settings(
    arguments: &RunArguments,
    broker: BrokerSettings,
    lake: &Lake,
) -> Result<WorkerSettings, Failure> {
    // Rows are shaped by what the lake was made with; a flag that says otherwise is refused by the worker.
    let mut engine = yidang_ingest::bundle::settings(lake)
        .await?
        .unwrap_or_default();
    if let Some(prefix) = &arguments.event_prefix {
        engine.event_prefix.clone_from(prefix);
    }
    if let Some(bytes) = arguments.message_bytes {
        engine.bounds.message_bytes_max = bytes;
    }
    Ok(WorkerSettings {
        broker,
        engine,
        epoch: EpochBounds {
            milliseconds: arguments.epoch_milliseconds,
            messages: arguments.epoch_messages,
            ..EpochBounds::default()
        },
        checkpoint: CheckpointBounds {
            epochs: arguments.checkpoint_epochs,
            ..CheckpointBounds::default()
        },
        files: FileSettings {
            deletion_vectors: arguments.deletion_vectors,
            freshness: Duration::from_secs(arguments.freshness_seconds),
        },
        until_idle: arguments.until_idle,
        memory_bytes: arguments.memory_bytes.or_else(most_of_the_machine),
        registries: arguments.registries.settings()?,
        schema_unknown_after: arguments.registries.unknown_after(),
    })
}

/// Three quarters of the machine's memory, or of what its container may hold; nothing where nobody tells.
fn most_of_the_machine() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = all
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    let contained = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let contained = contained.and_then(|text| text.trim().parse::<u64>().ok());
    let bytes = (kibibytes * 1_024).min(contained.unwrap_or(u64::MAX));
    Some(bytes / 4 * 3)
}

fn say_start(arguments: &RunArguments, opened: &OpenedLake, address: &str) {
    let bundle = &opened.catalog.bundle;
    output::note(&format!(
        "lake:      {} ({})",
        opened.lake.uri(),
        opened.identity.lake_id
    ));
    output::note(&format!("brokers:   {}", arguments.brokers));
    output::note(&format!("id key:    {}", opened.id_key.fingerprint()));
    output::note(&format!(
        "contracts: {}, bundle generation {} ({})",
        opened.catalog.feeds.len(),
        bundle.generation,
        bundle.hash.get(..12).unwrap_or(&bundle.hash)
    ));
    output::note(&format!(
        "listening: http://{address}/metrics /healthz /readyz"
    ));
}

/// One line per epoch.
fn say_epoch(line: &EpochLine, lag: Option<i64>) {
    let lag = lag.map_or("?".to_owned(), |lag| lag.to_string());
    let freshness = line
        .freshness_seconds
        .map_or("?".to_owned(), |seconds| format!("{seconds:.1}"));
    output::note(&format!(
        "epoch {}: {} records, {} subjects, {} events, lag {lag}, freshness {freshness} s, took {:.2} s",
        line.epoch, line.records, line.subjects, line.events, line.seconds
    ));
}

/// Ctrl-C and SIGTERM.
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    pub fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let made =
            |kind| signal(kind).map_err(|error| Failure::new(Exit::Unreachable, error.to_string()));
        Ok(Self {
            interrupt: made(SignalKind::interrupt())?,
            terminate: made(SignalKind::terminate())?,
        })
    }

    /// The next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_that_is_none_is_refused_and_never_a_panic() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1_500)));
        for text in ["-1", "nan", "inf", "1e300", "soon", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_idle_end_with_a_feed_that_is_stopped_is_no_good_end() {
        let none = BTreeMap::new();
        let one = BTreeMap::from([("wj.death".to_owned(), "topic is gone".to_owned())]);
        assert_eq!(finish(Ended::Idle, &none), Exit::Good);
        assert_eq!(finish(Ended::Idle, &one), Exit::Findings);
        assert_eq!(finish(Ended::Stopped, &one), Exit::Good);
    }
}
