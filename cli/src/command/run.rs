//! `run`: a worker.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;
use yidang_ingest::checkpoint::CheckpointBounds;
use yidang_ingest::engine::EngineSettings;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::report::{EpochLine, Report, Role};
use yidang_ingest::worker::{Ended, EpochBounds, Worker, WorkerSettings};
use yidang_schemas::fault::{Fault, FaultKind};

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, OpenedLake, open_to_write};
use crate::{http, output};

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
    #[arg(long, env = "YIDANG_UNTIL_IDLE", value_name = "SECONDS")]
    until_idle: Option<f64>,
    /// Further librdkafka settings, for example security.protocol=SASL_SSL
    #[arg(
        long = "kafka",
        env = "YIDANG_KAFKA",
        value_name = "NAME=VALUE",
        value_delimiter = ','
    )]
    kafka: Vec<String>,
    /// Prefix of the CloudEvents types of feedback, the reverse DNS name of the city
    #[arg(long, env = "YIDANG_EVENT_PREFIX", default_value = "yidang")]
    event_prefix: String,
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
    /// Bytes of a message at most; longer ones are rejected with a record
    #[arg(long, env = "YIDANG_MESSAGE_BYTES", default_value_t = 1 << 20, value_name = "N")]
    message_bytes: usize,
    /// Epochs between two checkpoints at most
    #[arg(
        long,
        env = "YIDANG_CHECKPOINT_EPOCHS",
        default_value_t = 16,
        value_name = "N"
    )]
    checkpoint_epochs: i64,
}

pub async fn run(arguments: RunArguments) -> Result<Exit, Failure> {
    let settings = settings(&arguments)?;
    let opened = open_to_write(&arguments.lake).await?;
    let report = Arc::new(new_report());
    let address = http::serve(&arguments.listen, Arc::clone(&report)).await?;
    say_start(&arguments, &opened, &address.to_string());
    let mut lines = report.lines();
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
                while let Ok(line) = lines.try_recv() {
                    say_epoch(&line, None);
                }
                return finish(ended.map_err(|fault| failed(&arguments, fault))?);
            }
            Some(line) = lines.recv() => say_epoch(&line, status.borrow().lag),
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

fn finish(ended: Ended) -> Result<Exit, Failure> {
    output::note(match ended {
        Ended::Stopped => "stopped",
        Ended::Idle => "idle: everything is in the tables and acknowledged",
    });
    Ok(Exit::Good)
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

fn settings(arguments: &RunArguments) -> Result<WorkerSettings, Failure> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let extra: Option<Vec<(String, String)>> = arguments.kafka.iter().map(pair).collect();
    let extra = extra.ok_or_else(|| {
        Failure::new(Exit::Usage, "--kafka takes NAME=VALUE")
            .with_next("yidang run --kafka security.protocol=SSL …")
    })?;
    let mut engine = EngineSettings {
        event_prefix: arguments.event_prefix.clone(),
        ..EngineSettings::default()
    };
    engine.bounds.message_bytes_max = arguments.message_bytes;
    Ok(WorkerSettings {
        broker: BrokerSettings {
            brokers: arguments.brokers.clone(),
            extra,
        },
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
        until_idle: arguments.until_idle.map(Duration::from_secs_f64),
    })
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
