//! What the demo says, in Chinese and in English.

use yidang_ingest::report::Status;
use yidang_schemas::defect::Outcome;
use yidang_schemas::messages::{self, Language};

use super::findings::{Closed, Disputed};
use super::stream::Progress;

/// The phrases.
#[derive(Debug, Clone, Copy)]
pub struct Words(pub Language);

impl Words {
    fn pick(self, zh: String, en: String) -> String {
        match self.0 {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    pub fn broker_in_memory(self, brokers: &str) -> String {
        self.pick(
            format!(
                "broker:    {brokers}（本进程内的演示代理：只在内存中，每分区 5 MiB，超出即丢最旧的消息；\
                 因此发送端等待已入表的位置，记录数有上限）"
            ),
            format!(
                "broker:    {brokers} (a demo broker in this process: memory only, 5 MiB a partition, the oldest is \
                 dropped beyond; so the sender waits for what is in the tables, and --records has a bound)"
            ),
        )
    }

    pub fn capped(self, most: u64) -> String {
        self.pick(
            format!("           内存代理最多 {most} 条记录，使反馈分区不超过 4 MiB；更多请用 --brokers"),
            format!(
                "           no more than {most} records in memory, so that no feedback partition passes 4 MiB; \
                 for more use --brokers"
            ),
        )
    }

    pub fn broker(self, brokers: &str) -> String {
        format!("broker:    {brokers}")
    }

    pub fn lake(self, folder: &str) -> String {
        format!("lake:      {folder}")
    }

    pub fn listening(self, address: &str) -> String {
        format!("listening: http://{address}/metrics /healthz /readyz")
    }

    pub fn city(self, seed: u64, messages: u64, records: u64) -> String {
        self.pick(
            format!("city:      种子 {seed}，{messages} 条消息，{records} 条记录，含各类问题数据"),
            format!("city:      seed {seed}, {messages} messages with {records} records and every kind of defect"),
        )
    }

    pub fn sent(self, progress: &Progress, messages: u64) -> String {
        self.pick(
            format!(
                "已发送 {}/{messages}，已入表 {}",
                progress.sent, progress.landed
            ),
            format!(
                "sent {}/{messages}, in the tables {}",
                progress.sent, progress.landed
            ),
        )
    }

    /// Records by outcome; lag, files, open issues, freshness.
    pub fn counters(self, progress: &Progress, status: &Status) -> [String; 2] {
        let outcomes = Outcome::ALL.iter().enumerate().map(|(place, outcome)| {
            let count: u64 = status
                .outcomes
                .iter()
                .filter_map(|feed| feed.get(place))
                .sum();
            format!("{} {count}", self.outcome(*outcome))
        });
        let outcomes: Vec<String> = outcomes.collect();
        let lag = progress.sent.saturating_sub(progress.landed);
        let freshness = progress
            .freshness_seconds
            .map_or("-".to_owned(), |seconds| format!("{seconds:.1} s"));
        let (files, issues) = (status.subjects, status.open_issues);
        let state = self.pick(
            format!("待处理 {lag}，档案 {files}，未办结问题单 {issues}，时延 {freshness}"),
            format!("lag {lag}, files {files}, open issues {issues}, freshness {freshness}"),
        );
        [outcomes.join(", "), state]
    }

    pub fn outcome(self, outcome: Outcome) -> &'static str {
        messages::outcome(outcome).in_language(self.0)
    }

    /// Headings of the six parts, counted from 1.
    pub fn heading(self, part: usize) -> String {
        const HEADINGS: [(&str, &str); 6] = [
            (
                "每条记录的处理结果：发送数 = 入表数",
                "Where every record went: produced = accounted",
            ),
            (
                "与生成器所知的真相逐格比对",
                "Compared with the truth that the generator knew, cell by cell",
            ),
            (
                "三个部门说法不一的一个人",
                "One person that three agencies disagree on",
            ),
            ("一张问题单的始末", "The life of one issue"),
            ("数据表", "Tables"),
            ("用别人的工具来读", "Read it with tools that are not ours"),
        ];
        let (zh, en) = HEADINGS.get(part - 1).copied().unwrap_or_default();
        format!("\n({part}) {}", self.pick(zh.to_owned(), en.to_owned()))
    }

    pub fn accounted(self, produced: u64, accounted: u64) -> String {
        let sign = if produced == accounted { "=" } else { "≠" };
        self.pick(
            format!("  发送 {produced} {sign} 入表 {accounted}"),
            format!("  produced {produced} {sign} accounted {accounted}"),
        )
    }

    pub fn file(self, table: &str, rows: u64, cells: u64, different: u64) -> String {
        self.pick(
            format!("  {table}: 比对 {rows} 行 {cells} 格，{different} 处不同"),
            format!("  {table}: {rows} rows and {cells} cells compared, {different} different"),
        )
    }

    pub fn compared(self, what: (&str, &str), count: u64, different: u64) -> String {
        self.pick(
            format!("  {}: 比对 {count}，{different} 处不同", what.0),
            format!("  {}: {count} compared, {different} different", what.1),
        )
    }

    pub fn kinds(self, defects: usize, feeds: usize, columns: usize) -> String {
        self.pick(
            format!("  {feeds} 个汇聚数据流、{columns} 列、{defects} 种问题数据都至少比对过一次"),
            format!("  {feeds} feeds, {columns} columns and {defects} kinds of defect were each compared at least once"),
        )
    }

    pub fn never_compared(self, what: &str) -> String {
        self.pick(
            format!("  从未比对：{what}"),
            format!("  never compared: {what}"),
        )
    }

    pub fn not_stated(self, columns: &str) -> String {
        self.pick(
            format!("  真相不涉及的列：{columns}"),
            format!("  columns that the truth does not state: {columns}"),
        )
    }

    pub fn more_differences(self, count: u64) -> String {
        self.pick(
            format!("  …另有 {count} 处"),
            format!("  … and {count} more"),
        )
    }

    pub fn verdict(self, is_equal: bool) -> String {
        match is_equal {
            true => self.pick("  一致".to_owned(), "  equal".to_owned()),
            false => self.pick("  不一致".to_owned(), "  NOT equal".to_owned()),
        }
    }

    pub fn disputed(self, disputed: &Disputed) -> String {
        let agencies = disputed.agencies.join(", ");
        self.pick(
            format!(
                "  {} 的 {} 列，{agencies} 各执一词；来由：",
                disputed.subject, disputed.column
            ),
            format!(
                "  {}: {agencies} state {} differently; why which one won:",
                disputed.subject, disputed.column
            ),
        )
    }

    pub fn life(self, closed: &Closed) -> [String; 4] {
        [
            self.pick(
                format!(
                    "  问题记录  {}，规则 {}（{}）",
                    closed.bad, closed.rule, closed.code
                ),
                format!(
                    "  bad record  {}, rule {} ({})",
                    closed.bad, closed.rule, closed.code
                ),
            ),
            self.pick(
                format!(
                    "  反馈事件  {} opened，主题 {}，问题单 {}",
                    closed.opened_event, closed.topic, closed.issue
                ),
                format!(
                    "  event       {} opened on {}, issue {}",
                    closed.opened_event, closed.topic, closed.issue
                ),
            ),
            self.pick(
                format!("  更正记录  {}", closed.correction),
                format!("  correction  {}", closed.correction),
            ),
            self.pick(
                format!(
                    "  办结      {} resolved（{}）",
                    closed.resolved_event, closed.reason
                ),
                format!(
                    "  resolved    {} resolved ({})",
                    closed.resolved_event, closed.reason
                ),
            ),
        ]
    }

    pub fn nothing_found(self) -> String {
        self.pick("  本次没有".to_owned(), "  none in this run".to_owned())
    }

    pub fn table(self, path: &str, version: i64, rows: u64, files: u64) -> String {
        self.pick(
            format!("  {path}  版本 {version}，{rows} 行，{files} 个文件"),
            format!("  {path}  version {version}, {rows} rows, {files} files"),
        )
    }

    pub fn packages(self) -> String {
        let packages = "pip install deltalake==1.6.6 polars==2.1.0 duckdb==1.5.5 duckdb-extension-delta==1.5.5 pyarrow";
        self.pick(
            format!("  先装：{packages}"),
            format!("  They need: {packages}"),
        )
    }

    pub fn stays(self, brokers: &str) -> String {
        self.pick(
            format!("\n仍在运行，代理 {brokers}；按 Ctrl-C 结束"),
            format!("\nstill running, broker {brokers}; Ctrl-C ends it"),
        )
    }

    pub fn stopped_early(self) -> String {
        self.pick(
            "提前结束：没有比对".to_owned(),
            "stopped before the end: nothing was compared".to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_the_words_of_the_glossary() {
        let words = Words(Language::Chinese);
        for outcome in Outcome::ALL {
            assert_eq!(words.outcome(outcome), messages::outcome(outcome).zh);
        }
        let headings: String = (1..=6).map(|part| words.heading(part)).collect();
        assert!(headings.contains("问题单") && headings.contains("处理结果"));
    }
}
