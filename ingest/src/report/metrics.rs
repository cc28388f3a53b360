//! Metrics: one prefix, base units, `_total` on counters, buckets written out.

use prometheus::core::Collector;
use prometheus::{
    CounterVec, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry,
};

use super::steps::StepTime;
use crate::engine::Engine;
use crate::lake::Tables;

/// Memory, its bound and its growth. What is not known yet stays 0.
#[derive(Debug)]
pub(super) struct MemoryMetrics {
    pub resident: IntGauge,
    pub bound: IntGauge,
    pub bytes_per_key: Gauge,
    pub bytes_per_subject: Gauge,
    pub keys_a_day: Gauge,
    pub bytes_a_day: Gauge,
    pub met_at: Gauge,
}

#[derive(Debug)]
pub(super) struct Metrics {
    pub build_info: IntGaugeVec,
    pub consumed: IntCounterVec,
    pub records: IntCounterVec,
    pub unknown_fields: IntCounterVec,
    pub ties: IntCounterVec,
    pub rule_evaluations: IntCounterVec,
    pub rule_failures: IntCounterVec,
    pub rule_errors: IntCounterVec,
    pub processing: HistogramVec,
    pub processor: CounterVec,
    pub event_age: HistogramVec,
    pub last_event: GaugeVec,
    pub lag: IntGaugeVec,
    pub lag_seconds: GaugeVec,
    pub table_last_commit: GaugeVec,
    pub table_files: IntGaugeVec,
    pub table_owed: IntGaugeVec,
    pub commits: IntCounterVec,
    pub commit_duration: HistogramVec,
    pub conflicts: IntCounterVec,
    pub maintenance: IntCounterVec,
    pub issues: IntGaugeVec,
    pub transitions: IntCounterVec,
    pub issue_resolution: HistogramVec,
    pub feedback_delay: Histogram,
    pub verification_delay: Histogram,
    pub leader: IntGauge,
    pub term: IntGauge,
    pub takeovers: IntCounter,
    pub fenced: IntCounter,
    pub foreign: IntCounterVec,
    pub troubles: IntCounter,
    pub feed_stopped: IntGaugeVec,
    pub schema_waiting: IntGaugeVec,
    pub registry_answers: IntCounterVec,
    pub epoch: IntGauge,
    pub record_keys: IntGauge,
    pub subjects: IntGauge,
    pub memory: MemoryMetrics,
    pub store_puts: IntGaugeVec,
    pub store_gets: IntGaugeVec,
    pub store_bytes_written: IntGaugeVec,
}

const SECONDS: [f64; 14] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0,
];
const AGE_SECONDS: [f64; 10] = [
    0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 60.0, 600.0, 3_600.0, 86_400.0,
];

const RESOLUTION_SECONDS: [f64; 9] = [
    60.0,
    3_600.0,
    14_400.0,
    28_800.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
];

/// Registers metrics; a name that stands twice is a bug.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
    fn add<T: Collector + Clone + 'static>(&self, metric: T) -> T {
        self.0
            .register(Box::new(metric.clone()))
            .expect("every metric has a name of its own");
        metric
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.add(IntCounter::new(name, help).expect("names are well formed"))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.add(IntCounterVec::new(Opts::new(name, help), labels).expect("names are well formed"))
    }

    fn seconds(&self, name: &str, help: &str, labels: &[&str]) -> CounterVec {
        self.add(CounterVec::new(Opts::new(name, help), labels).expect("names are well formed"))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::new(name, help).expect("names are well formed"))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels).expect("names are well formed"))
    }

    fn floats(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.add(GaugeVec::new(Opts::new(name, help), labels).expect("names are well formed"))
    }

    fn float(&self, name: &str, help: &str) -> Gauge {
        self.add(Gauge::new(name, help).expect("names are well formed"))
    }

    fn histograms(&self, name: &str, help: &str, buckets: &[f64], labels: &[&str]) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.add(HistogramVec::new(options, labels).expect("names are well formed"))
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.add(Histogram::with_opts(options).expect("names are well formed"))
    }
}

impl Metrics {
    #[expect(
        clippy::too_many_lines,
        reason = "a list: one entry per metric, nothing to follow"
    )]
    pub(super) fn new(registry: &Registry) -> Self {
        let make = Maker(registry);
        Self {
            build_info: make.gauges("yidang_build_info", "this binary", &["version", "commit"]),
            consumed: make.counters(
                "yidang_records_consumed_total",
                "messages landed",
                &["feed"],
            ),
            records: make.counters(
                "yidang_records_total",
                "records by outcome",
                &["feed", "outcome"],
            ),
            unknown_fields: make.counters(
                "yidang_unknown_fields_total",
                "fields no contract names",
                &["feed"],
            ),
            ties: make.counters(
                "yidang_equal_orders_total",
                "records of equal order and different content",
                &["feed"],
            ),
            rule_evaluations: make.counters(
                "yidang_rule_evaluations_total",
                "records that a rule gave true or false of",
                &["feed", "rule"],
            ),
            rule_failures: make.counters(
                "yidang_rule_failures_total",
                "failed rules",
                &["feed", "rule", "severity", "dimension", "action"],
            ),
            rule_errors: make.counters(
                "yidang_rule_errors_total",
                "records that a rule could not be computed for, and messages held for a failure of the platform",
                &["feed", "rule"],
            ),
            processing: make.histograms(
                "yidang_processing_duration_seconds",
                "time of one epoch by stage",
                &SECONDS,
                &["stage"],
            ),
            processor: make.seconds(
                "yidang_processor_seconds_total",
                "processor time of the process by stage, what runs beside it included",
                &["stage"],
            ),
            event_age: make.histograms(
                "yidang_event_age_seconds",
                "commit time less time of the oldest message of the epoch",
                &AGE_SECONDS,
                &["feed"],
            ),
            last_event: make.floats(
                "yidang_feed_last_event_timestamp_seconds",
                "greatest business time of the last epoch",
                &["feed"],
            ),
            lag: make.gauges(
                "yidang_consumer_lag_records",
                "messages not in the tables",
                &["feed", "partition"],
            ),
            lag_seconds: make.floats(
                "yidang_consumer_lag_seconds",
                "age of the oldest message that is not in the tables",
                &["feed"],
            ),
            table_last_commit: make.floats(
                "yidang_table_last_commit_timestamp_seconds",
                "time of the last commit",
                &["table"],
            ),
            table_files: make.gauges("yidang_table_files", "live data files", &["table"]),
            table_owed: make.gauges(
                "yidang_table_owed_subjects",
                "subjects whose changed row a table that is copied on write lacks",
                &["table"],
            ),
            commits: make.counters(
                "yidang_delta_commits_total",
                "commits of epochs",
                &["table", "result"],
            ),
            commit_duration: make.histograms(
                "yidang_delta_commit_duration_seconds",
                "time of one put into landing or state",
                &SECONDS,
                &["table", "result"],
            ),
            conflicts: make.counters(
                "yidang_delta_conflicts_total",
                "puts into landing or state that another writer was ahead of",
                &["table"],
            ),
            maintenance: make.counters(
                "yidang_delta_maintenance_total",
                "upkeep done",
                &["table", "kind"],
            ),
            issues: make.gauges("yidang_issues", "issues", &["agency", "severity", "state"]),
            transitions: make.counters(
                "yidang_issue_transitions_total",
                "events",
                &["agency", "type"],
            ),
            issue_resolution: make.histograms(
                "yidang_issue_resolution_seconds",
                "from the message that opened an issue to the one that ended it",
                &RESOLUTION_SECONDS,
                &["severity"],
            ),
            feedback_delay: make.histogram(
                "yidang_feedback_delay_seconds",
                "committed finding to acknowledged event",
                &SECONDS,
            ),
            verification_delay: make.histogram(
                "yidang_verification_delay_seconds",
                "committed correction to acknowledged event that says resolved",
                &SECONDS,
            ),
            leader: make.gauge("yidang_leader", "1 while this worker leads"),
            term: make.gauge("yidang_term", "term of this worker's lead"),
            takeovers: make.counter("yidang_takeovers_total", "times this worker took the lead"),
            fenced: make.counter("yidang_fenced_total", "times this worker was overtaken"),
            foreign: make.counters(
                "yidang_foreign_entries_total",
                "entries of a table's log that somebody else wrote",
                &["table", "kind"],
            ),
            troubles: make.counter("yidang_troubles_total", "faults that were tried again"),
            schema_waiting: make.gauges(
                "yidang_schema_waiting_lanes",
                "lanes that wait for a schema of their registry",
                &["feed", "registry"],
            ),
            registry_answers: make.counters(
                "yidang_registry_answers_total",
                "questions to schema registries by what came of them: registered, unknown, silent",
                &["registry", "answer"],
            ),
            feed_stopped: make.gauges(
                "yidang_feed_stopped",
                "1 while a feed is stopped",
                &["feed"],
            ),
            epoch: make.gauge("yidang_epoch", "last committed epoch"),
            record_keys: make.gauge("yidang_record_keys", "record keys in memory"),
            subjects: make.gauge("yidang_subjects", "subjects in memory"),
            memory: MemoryMetrics::new(&make),
            store_puts: make.gauges("yidang_store_puts", "puts since the start", &["kind"]),
            store_gets: make.gauges("yidang_store_gets", "gets since the start", &["kind"]),
            store_bytes_written: make.gauges(
                "yidang_store_written_bytes",
                "bytes put since the start",
                &["kind"],
            ),
        }
    }

    /// A table took rows at this time.
    pub(super) fn put(&self, table: &str, seconds: f64) {
        self.table_last_commit
            .with_label_values(&[table])
            .set(seconds);
        self.commits.with_label_values(&[table, "ok"]).inc();
    }

    /// What tables that are copied on write are owed.
    pub(super) fn owed(&self, engine: &Engine, tables: &Tables) {
        for (kind, table) in (0..).zip(&tables.files) {
            let owed = engine.owed().subjects(kind);
            self.table_owed
                .with_label_values(&[table.name()])
                .set(i64::try_from(owed).unwrap_or(i64::MAX));
        }
    }

    pub(super) fn stage(&self, stage: &str, took: StepTime) {
        self.processing
            .with_label_values(&[stage])
            .observe(took.wall.as_secs_f64());
        self.processor
            .with_label_values(&[stage])
            .inc_by(took.processor.as_secs_f64());
    }
}

impl MemoryMetrics {
    fn new(make: &Maker<'_>) -> Self {
        Self {
            resident: make.gauge(
                "yidang_memory_resident_bytes",
                "memory that this process holds",
            ),
            bound: make.gauge("yidang_memory_bound_bytes", "memory it may hold"),
            bytes_per_key: make.float(
                "yidang_memory_bytes_per_record_key",
                "memory that it holds by record key",
            ),
            bytes_per_subject: make.float(
                "yidang_memory_bytes_per_subject",
                "memory that it holds by subject",
            ),
            keys_a_day: make.float("yidang_record_keys_per_day", "growth of record keys"),
            bytes_a_day: make.float("yidang_memory_growth_bytes_per_day", "growth of memory"),
            met_at: make.float(
                "yidang_memory_bound_met_timestamp_seconds",
                "when memory meets its bound at this growth",
            ),
        }
    }
}
