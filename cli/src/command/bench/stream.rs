//! A worker over topics that are full: from the first byte to the last committed row.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::watch;
use yidang_ingest::epoch::Lane;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::kafka::topics::Topics;
use yidang_ingest::lake::Tables;
use yidang_ingest::report::{Report, Role, Status};
use yidang_ingest::worker::{Worker, WorkerSettings};
use yidang_schemas::catalog::Catalog;

use super::machine::{cpu_seconds, cpu_seconds_by_thread, resident_bytes, resident_bytes_peak};
use crate::command::run::new_report;
use crate::exit::{Exit, Failure};
use crate::lake::OpenedLake;

/// Runs a worker until everything is in the tables and acknowledged.
pub async fn measure(opened: OpenedLake, brokers: &str) -> Result<Value, Failure> {
    let broker = BrokerSettings {
        brokers: brokers.to_owned(),
        extra: Vec::new(),
    };
    let ends = ends(&broker, &opened.catalog).await?;
    let report = Arc::new(new_report());
    let (stop, stopped) = watch::channel(false);
    let OpenedLake {
        lake,
        identity,
        catalog,
        id_key,
    } = opened;
    let worker = Worker {
        lake: lake.clone(),
        identity,
        catalog: Arc::clone(&catalog),
        id_key,
        settings: WorkerSettings::new(broker),
        report: Arc::clone(&report),
        stop: stopped,
    };
    let memory_before = resident_bytes();
    let work = tokio::spawn(worker.run());
    let run = watch_until(report.status(), &ends).await;
    let after = (resident_bytes(), cpu_seconds(), cpu_seconds_by_thread());
    stop.send_replace(true);
    let ended = work
        .await
        .map_err(|_| Failure::new(Exit::Corrupt, "the worker panicked"))?;
    ended.map_err(Failure::from)?;
    let run = run?;
    let cpu = after.1 - run.cpu_seconds_at_lead;
    let records: u64 = run.status.outcomes.iter().flatten().sum();
    let per_record = |seconds: f64| round(seconds * 1e6 / (records.max(1) as f64), 100.0);
    let by_name = |seconds: BTreeMap<String, f64>| {
        let seconds = seconds.into_iter().filter(|(_, seconds)| *seconds > 0.0);
        let told = seconds.map(|(name, seconds)| (name, json!(per_record(seconds))));
        told.collect::<serde_json::Map<_, _>>()
    };
    let by_step = |metric| by_name(stages(&report, metric));
    let tables = Tables::open_existing(&lake, &catalog).await?;
    Ok(json!({
        "messages": run.status.messages,
        "records": records,
        "epochs": run.status.epoch,
        "wall_seconds": round(run.wall_seconds, 100.0),
        "records_per_second": (records as f64 / run.wall_seconds.max(0.001)).round(),
        "cpu_seconds": round(cpu, 100.0),
        "cpu_microseconds_per_record": per_record(cpu),
        "wall_microseconds_per_record_by_step": by_step("yidang_processing_duration_seconds_sum"),
        "cpu_microseconds_per_record_by_step": by_step("yidang_processor_seconds_total"),
        "cpu_microseconds_per_record_by_thread": by_name(after.2),
        "resident_bytes_before": memory_before,
        "resident_bytes_after": after.0,
        "resident_bytes_peak": resident_bytes_peak(),
        "subjects": run.status.subjects,
        "cpu_seconds_with_start_and_stop": round(cpu_seconds(), 100.0),
        "tables": tables.map(|tables| figures(&tables)),
        "store": store(&lake),
    }))
}

fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

struct Run {
    wall_seconds: f64,
    cpu_seconds_at_lead: f64,
    status: Status,
}

/// From taking the lead to the last commit.
async fn watch_until(
    mut status: watch::Receiver<Status>,
    ends: &BTreeMap<Lane, i64>,
) -> Result<Run, Failure> {
    let (mut led, mut epoch, mut last) = (None, 0, Instant::now());
    loop {
        let gone = || {
            Failure::new(
                Exit::Unreachable,
                "the worker ended before everything was in the tables",
            )
        };
        status.changed().await.map_err(|_closed| gone())?;
        let now = status.borrow_and_update().clone();
        match now.role {
            Role::Leader if led.is_none() => led = Some((Instant::now(), cpu_seconds())),
            Role::Ended => return Err(gone()),
            _ => {}
        }
        if now.epoch > epoch {
            (epoch, last) = (now.epoch, Instant::now());
        }
        let read = ends.iter().all(|(lane, end)| {
            now.positions
                .get(lane)
                .is_some_and(|position| position >= end)
        });
        if let (true, Some((since, cpu_seconds_at_lead))) =
            (read && now.acknowledged_epoch >= now.epoch, led)
        {
            let wall_seconds = last.duration_since(since).as_secs_f64();
            return Ok(Run {
                wall_seconds,
                cpu_seconds_at_lead,
                status: now,
            });
        }
    }
}

/// Ends of all lanes that hold something.
async fn ends(
    broker: &BrokerSettings,
    catalog: &Arc<Catalog>,
) -> Result<BTreeMap<Lane, i64>, Failure> {
    let (lookup, catalog) = (Topics::new(broker)?, Arc::clone(catalog));
    let looked = tokio::task::spawn_blocking(move || {
        let present = lookup.list()?;
        let mut ends = BTreeMap::new();
        for (feed, contract) in (0_u16..).zip(&catalog.feeds) {
            for partition in 0..present.get(&contract.topic).copied().unwrap_or(0) {
                let end = lookup.ends(&contract.topic, partition)?.1;
                if end > 0 {
                    ends.insert(
                        Lane {
                            feed,
                            incarnation: 0,
                            partition,
                        },
                        end,
                    );
                }
            }
        }
        Ok::<_, yidang_schemas::fault::Fault>(ends)
    });
    Ok(looked.await.expect("a look-up does not panic")?)
}

/// Seconds by stage, from a metric that `/metrics` shows.
fn stages(report: &Report, metric: &str) -> BTreeMap<String, f64> {
    let sum = format!("{metric}{{stage=\"");
    let text = prometheus::TextEncoder::new()
        .encode_to_string(&report.registry().gather())
        .unwrap_or_default();
    let stage = |line: &str| {
        let (stage, seconds) = line.strip_prefix(&sum)?.split_once("\"} ")?;
        Some((stage.to_owned(), seconds.parse().ok()?))
    };
    text.lines().filter_map(stage).collect()
}

fn figures(tables: &Tables) -> Value {
    let table = |table: &yidang_sink::Table| {
        let summary = table.snapshot_summary();
        let figures = json!({
            "version": summary.version,
            "rows": summary.rows,
            "files": summary.files,
            "bytes": summary.bytes,
            "log_entries_after_checkpoint": summary.log_entries,
        });
        (table.name().to_owned(), figures)
    };
    Value::Object(tables.all().map(table).collect())
}

fn store(lake: &yidang_sink::Lake) -> Value {
    let kind = |(kind, tally): (&'static str, yidang_sink::store::counters::Tally)| {
        (
            kind.to_owned(),
            json!({"puts": tally.puts, "bytes_written": tally.bytes_written}),
        )
    };
    Value::Object(lake.counters().all().into_iter().map(kind).collect())
}
