//! What the worker tells: one call, one fact; each moves the metrics, the status and where it matters the log.
//!
//! No label ever holds a key, an id, a coordinate or a value. Nothing is logged per record.

mod counts;
mod lags;
mod memory;
mod metrics;
mod status;
mod steps;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use prometheus::Registry;
use tokio::sync::watch;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::dossier::KindIndex;
use yidang_schemas::fault::FaultKind;
use yidang_schemas::rule::Check;
use yidang_sink::ForeignEntry;
use yidang_transform::schema_book::{Fact, SchemaId};

use crate::engine::Engine;
use crate::kafka::publisher::Arrival;
use crate::lake::Tables;
use crate::recover::Recovered;
use crate::registry::is_registered;
pub use memory::MemoryFigures;
use metrics::Metrics;
pub use status::{EpochLine, Role, Status};
pub use steps::{StepTime, StepTimer};

/// Where facts go. Shared by the worker, the HTTP page and the terminal.
#[derive(Debug)]
pub struct Report {
    registry: Registry,
    metrics: Metrics,
    status: watch::Sender<Status>,
    lines: Mutex<Option<tokio::sync::mpsc::Sender<EpochLine>>>,
    notices: Mutex<Option<tokio::sync::mpsc::Sender<String>>>,
    /// Lanes whose lag is shown: feed and partition.
    shown_lags: Mutex<BTreeSet<(String, String)>>,
}

impl Report {
    /// `build`: version and commit of this binary.
    pub fn new(version: &str, commit: &str) -> Self {
        let registry = Registry::new();
        let metrics = Metrics::new(&registry);
        metrics
            .build_info
            .with_label_values(&[version, commit])
            .set(1);
        Self {
            registry,
            metrics,
            status: watch::Sender::new(Status::default()),
            lines: Mutex::new(None),
            notices: Mutex::new(None),
            shown_lags: Mutex::new(BTreeSet::new()),
        }
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The present status, and every change of it.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// From now on a line per epoch is sent here; a full channel loses lines, never time.
    pub fn lines(&self) -> tokio::sync::mpsc::Receiver<EpochLine> {
        let (sender, receiver) = tokio::sync::mpsc::channel(256);
        *self
            .lines
            .lock()
            .expect("nothing panics while it holds the lines") = Some(sender);
        receiver
    }

    /// From now on what people have to be told once is sent here; a full channel loses it, never time.
    pub fn notices(&self) -> tokio::sync::mpsc::Receiver<String> {
        let (sender, receiver) = tokio::sync::mpsc::channel(256);
        *self
            .notices
            .lock()
            .expect("nothing panics while it holds the notices") = Some(sender);
        receiver
    }

    fn notice(&self, text: String) {
        let notices = self
            .notices
            .lock()
            .expect("nothing panics while it holds the notices");
        if let Some(notices) = &*notices {
            drop(notices.try_send(text));
        }
    }

    pub(crate) fn role(&self, role: Role) {
        let before = self.status.borrow().role;
        if before != role {
            tracing::info!(role = role.name(), "role changed");
        }
        self.metrics.leader.set(i64::from(role == Role::Leader));
        self.status.send_modify(|status| status.role = role);
    }

    pub(crate) fn recovered(&self, recovered: &Recovered, took: Duration) {
        tracing::info!(
            state_epoch = recovered.state_epoch,
            epoch = recovered.epoch,
            replayed = recovered.replayed,
            mended = recovered.mended.join(","),
            published = recovered.published,
            seconds = took.as_secs_f64(),
            "recovered"
        );
    }

    pub(crate) fn took_lead(&self, term: i64) {
        tracing::info!(term, "took the lead");
        self.metrics.term.set(term);
        self.metrics.takeovers.inc();
    }

    pub(crate) fn fenced(&self, why: &str) {
        tracing::warn!(why, "stopped being the writer");
        self.metrics.fenced.inc();
    }

    /// What somebody else wrote to a table is followed, and never unseen.
    pub(crate) fn foreign(&self, table: &str, entry: &ForeignEntry) {
        let (version, kind) = (entry.version, entry.kind);
        let why = "an entry of the log was written by somebody else";
        tracing::warn!(table, version, kind, "{why}");
        self.metrics.foreign.with_label_values(&[table, kind]).inc();
    }

    pub(crate) fn topics_created(&self, topics: &[String]) {
        if !topics.is_empty() {
            tracing::info!(topics = topics.join(","), "created topics");
            self.notice(format!("created topics: {}", topics.join(", ")));
        }
    }

    pub(crate) fn copies_on_write(&self, tables: &[String], freshness: Duration) {
        if !tables.is_empty() {
            let (names, seconds) = (tables.join(", "), freshness.as_secs());
            tracing::info!(tables = names, seconds, "copied on write");
            self.notice(format!(
                "without deletion vectors, put every {seconds} s: {names}"
            ));
        }
    }

    pub(crate) fn topic_missing(&self, feed: &str, topic: &str) {
        tracing::warn!(
            feed,
            topic,
            "source topic is missing; it is picked up when it appears"
        );
    }

    pub(crate) fn topic_found(&self, feed: &str, topic: &str, partitions: i32) {
        tracing::info!(feed, topic, partitions, "reading source topic");
    }

    pub(crate) fn without_append_time(&self, feed: &str) {
        tracing::info!(
            feed,
            "messages carry the producer's time, not the broker's (LogAppendTime)"
        );
        self.notice(format!(
            "{feed}: messages carry the producer's time; set message.timestamp.type=LogAppendTime on its topic"
        ));
    }

    pub(crate) fn feed_stopped(&self, feed: &str, why: &str) {
        tracing::error!(feed, why, "feed stopped");
        self.metrics.feed_stopped.with_label_values(&[feed]).set(1);
        self.status.send_modify(|status| {
            status.stopped.insert(feed.to_owned(), why.to_owned());
        });
    }

    /// A registry answered what an id stands for, or that it has no such schema.
    pub(crate) fn registry_answered(&self, registry: &str, id: SchemaId, fact: &Fact) {
        let answer = match fact {
            Fact::Registered(_) => "registered",
            Fact::Unknown => "unknown",
        };
        tracing::info!(registry, schema = id.0, answer, "schema registry answered");
        let labels = [registry, answer];
        self.metrics
            .registry_answers
            .with_label_values(&labels)
            .inc();
    }

    /// A registry gave no answer that counts.
    pub(crate) fn registry_silent(&self, registry: &str, id: SchemaId, why: &str) {
        tracing::warn!(
            registry,
            schema = id.0,
            why,
            "schema registry is out of reach"
        );
        let labels = [registry, "silent"];
        self.metrics
            .registry_answers
            .with_label_values(&labels)
            .inc();
    }

    /// All lanes that wait for a schema: contract, partition, id.
    pub(crate) fn schemas_awaited(
        &self,
        catalog: &Catalog,
        waiting: Vec<(&Contract, i32, SchemaId)>,
    ) {
        for contract in catalog.feeds.iter().filter(|feed| is_registered(feed)) {
            let lanes = waiting.iter().filter(|(of, ..)| of.id == contract.id);
            let labels = [contract.id.as_str(), contract.registry.as_str()];
            let gauge = self.metrics.schema_waiting.with_label_values(&labels);
            gauge.set(i64::try_from(lanes.count()).unwrap_or(i64::MAX));
        }
        for (contract, partition, id) in waiting {
            tracing::warn!(
                feed = contract.id,
                topic = contract.topic,
                partition,
                registry = contract.registry,
                schema = id.0,
                "lane waits for a schema"
            );
        }
    }

    pub(crate) fn feed_restarted(&self, feed: &str) {
        tracing::info!(feed, "feed goes on");
        self.metrics.feed_stopped.with_label_values(&[feed]).set(0);
        self.status.send_modify(|status| {
            status.stopped.remove(feed);
        });
    }

    pub(crate) fn trouble(&self, doing: &str, why: &str) {
        tracing::warn!(doing, why, "trying again");
        self.metrics.troubles.inc();
    }

    pub(crate) fn message_held(&self, contract: &Contract, partition: i32, offset: i64) {
        tracing::error!(
            feed = contract.id,
            partition,
            offset,
            "a message panicked alone and is held; report it with this version"
        );
        // What failed is the platform: none of the other rules is to blame.
        let mut rules = contract.rules.iter();
        let rule = rules.find(|rule| rule.check == Check::Platform);
        let labels = [
            contract.id.as_str(),
            rule.map_or("", |rule| rule.id.as_str()),
        ];
        self.metrics.rule_errors.with_label_values(&labels).inc();
    }

    /// A put of one table; `result`: `ok`, or what kind of fault.
    pub(crate) fn commit(&self, table: &str, result: Result<(), FaultKind>, took: StepTime) {
        let result = match result {
            Ok(()) => "ok",
            Err(FaultKind::Conflict) => "conflict",
            Err(FaultKind::Unavailable) => "unavailable",
            Err(FaultKind::Invalid | FaultKind::Corrupt) => "refused",
        };
        let metrics = &self.metrics;
        metrics
            .commit_duration
            .with_label_values(&[table, result])
            .observe(took.wall.as_secs_f64());
        if result == "conflict" {
            metrics.conflicts.with_label_values(&[table]).inc();
        }
    }

    pub(crate) fn step(&self, stage: &str, took: StepTime) {
        self.metrics.stage(stage, took);
    }

    pub(crate) fn committed(
        &self,
        epoch: &EpochLine,
        engine: &Engine,
        tables: &Tables,
        now_ms: i64,
    ) {
        let seconds = now_ms as f64 / 1_000.0;
        for table in tables.all() {
            if table.epoch() == epoch.epoch {
                self.metrics.put(table.name(), seconds);
            }
            self.metrics
                .table_files
                .with_label_values(&[table.name()])
                .set(i64::try_from(table.snapshot_summary().files).unwrap_or(i64::MAX));
        }
        self.metrics.owed(engine, tables);
        self.metrics.epoch.set(epoch.epoch);
        self.metrics
            .record_keys
            .set(i64::try_from(engine.memory().records_len()).unwrap_or(i64::MAX));
        self.metrics
            .subjects
            .set(i64::try_from(engine.memory().subjects_len()).unwrap_or(i64::MAX));
        for (feed, age) in engine.catalog().feeds.iter().zip(&epoch.oldest_seconds) {
            if let Some(age) = age {
                let labels = [feed.id.as_str()];
                self.metrics
                    .event_age
                    .with_label_values(&labels)
                    .observe(*age);
            }
        }
        self.metrics.issues.reset();
        for ((agency, severity, state), count) in engine.issues().counts() {
            let labels = [agency.as_ref(), severity.name(), state.name()];
            self.metrics
                .issues
                .with_label_values(&labels)
                .set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        self.store(tables);
        tracing::info!(
            epoch = epoch.epoch,
            messages = epoch.messages,
            records = epoch.records,
            subjects = epoch.subjects,
            events = epoch.events,
            seconds = epoch.seconds,
            "epoch committed"
        );
        self.status
            .send_modify(|status| status.committed(epoch, engine));
        if let Some(lines) = &*self
            .lines
            .lock()
            .expect("nothing panics while it holds the lines")
        {
            // A reader that is slow loses a line, the worker never waits for it.
            drop(lines.try_send(epoch.clone()));
        }
    }

    fn store(&self, tables: &Tables) {
        for (kind, tally) in tables.lake.counters().all() {
            let set = |metric: &prometheus::IntGaugeVec, value: u64| {
                metric
                    .with_label_values(&[kind])
                    .set(i64::try_from(value).unwrap_or(i64::MAX));
            };
            set(&self.metrics.store_puts, tally.puts);
            set(&self.metrics.store_gets, tally.gets);
            set(&self.metrics.store_bytes_written, tally.bytes_written);
        }
    }

    pub(crate) fn checkpointed(&self, epoch: i64, took: StepTime) {
        self.metrics.stage("state", took);
        tracing::debug!(epoch, seconds = took.wall.as_secs_f64(), "checkpoint");
    }

    /// File tables of these kinds were paid what they were owed.
    pub(crate) fn copied(
        &self,
        kinds: &[KindIndex],
        engine: &Engine,
        tables: &Tables,
        now_ms: i64,
    ) {
        let paid = kinds
            .iter()
            .filter_map(|kind| tables.files.get(usize::from(*kind)));
        for table in paid {
            self.metrics.put(table.name(), now_ms as f64 / 1_000.0);
        }
        self.metrics.owed(engine, tables);
    }

    pub(crate) fn maintained(&self, table: &str, what: &str) {
        self.metrics
            .maintenance
            .with_label_values(&[table, what])
            .inc();
        tracing::debug!(table, what, "maintained");
    }

    /// `arrivals`: the events acknowledged since the last call. A correction is recognised in the epoch that lands it.
    pub(crate) fn acknowledged(&self, epoch: i64, waiting_epochs: usize, arrivals: &[Arrival]) {
        for Arrival { delay, resolves } in arrivals {
            let seconds = delay.as_secs_f64();
            self.metrics.feedback_delay.observe(seconds);
            if *resolves {
                self.metrics.verification_delay.observe(seconds);
            }
        }
        self.status.send_if_modified(|status| {
            let before = (status.acknowledged_epoch, status.waiting_epochs);
            (status.acknowledged_epoch, status.waiting_epochs) = (epoch, waiting_epochs);
            before != (epoch, waiting_epochs)
        });
    }

    /// An issue that a correction ended: from the message that opened it to the one that ended it.
    pub(crate) fn resolved(&self, severity: &str, took: Duration) {
        self.metrics
            .issue_resolution
            .with_label_values(&[severity])
            .observe(took.as_secs_f64());
    }

    pub(crate) fn lead_ended(&self) {
        self.forget_lags();
        self.status.send_modify(|status| status.lag = None);
    }
}
