//! Metrics: one prefix, base units, `_total` on counters, buckets written out.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

#[derive(Debug)]
pub(super) struct Metrics {
    pub build_info: IntGaugeVec,
    pub consumed: IntCounterVec,
    pub records: IntCounterVec,
    pub unknown_fields: IntCounterVec,
    pub ties: IntCounterVec,
    pub rule_failures: IntCounterVec,
    pub rule_errors: IntCounter,
    pub processing: HistogramVec,
    pub event_age: Histogram,
    pub last_event: GaugeVec,
    pub lag: IntGaugeVec,
    pub table_last_commit: GaugeVec,
    pub table_files: IntGaugeVec,
    pub commits: IntCounterVec,
    pub maintenance: IntCounterVec,
    pub issues: IntGaugeVec,
    pub transitions: IntCounterVec,
    pub feedback_delay: Histogram,
    pub leader: IntGauge,
    pub term: IntGauge,
    pub takeovers: IntCounter,
    pub fenced: IntCounter,
    pub troubles: IntCounter,
    pub feed_stopped: IntGaugeVec,
    pub epoch: IntGauge,
    pub record_keys: IntGauge,
    pub subjects: IntGauge,
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

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::new(name, help).expect("names are well formed"))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels).expect("names are well formed"))
    }

    fn floats(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.add(GaugeVec::new(Opts::new(name, help), labels).expect("names are well formed"))
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
        let stages = HistogramOpts::new(
            "yidang_processing_duration_seconds",
            "time of one epoch by stage",
        )
        .buckets(SECONDS.to_vec());
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
            rule_failures: make.counters(
                "yidang_rule_failures_total",
                "failed rules",
                &["feed", "rule", "severity", "dimension", "action"],
            ),
            rule_errors: make.counter(
                "yidang_rule_errors_total",
                "messages held for a failure of the platform",
            ),
            processing: make
                .add(HistogramVec::new(stages, &["stage"]).expect("names are well formed")),
            event_age: make.histogram(
                "yidang_event_age_seconds",
                "commit time less message time",
                &AGE_SECONDS,
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
            table_last_commit: make.floats(
                "yidang_table_last_commit_timestamp_seconds",
                "time of the last commit",
                &["table"],
            ),
            table_files: make.gauges("yidang_table_files", "live data files", &["table"]),
            commits: make.counters(
                "yidang_delta_commits_total",
                "commits of epochs",
                &["table", "result"],
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
            feedback_delay: make.histogram(
                "yidang_feedback_delay_seconds",
                "committed finding to acknowledged event",
                &SECONDS,
            ),
            leader: make.gauge("yidang_leader", "1 while this worker leads"),
            term: make.gauge("yidang_term", "term of this worker's lead"),
            takeovers: make.counter("yidang_takeovers_total", "times this worker took the lead"),
            fenced: make.counter("yidang_fenced_total", "times this worker was overtaken"),
            troubles: make.counter("yidang_troubles_total", "faults that were tried again"),
            feed_stopped: make.gauges(
                "yidang_feed_stopped",
                "1 while a feed is stopped",
                &["feed"],
            ),
            epoch: make.gauge("yidang_epoch", "last committed epoch"),
            record_keys: make.gauge("yidang_record_keys", "record keys in memory"),
            subjects: make.gauge("yidang_subjects", "subjects in memory"),
            store_puts: make.gauges("yidang_store_puts", "puts since the start", &["kind"]),
            store_gets: make.gauges("yidang_store_gets", "gets since the start", &["kind"]),
            store_bytes_written: make.gauges(
                "yidang_store_written_bytes",
                "bytes put since the start",
                &["kind"],
            ),
        }
    }

    pub(super) fn stage(&self, stage: &str, took: Duration) {
        self.processing
            .with_label_values(&[stage])
            .observe(took.as_secs_f64());
    }
}
