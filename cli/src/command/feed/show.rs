//! How `feed check` speaks: each record that is not plainly accepted, then a table per feed. Values are never shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use indicatif::ProgressBar;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::defect::Outcome;
use yidang_schemas::messages::{self, Language};

use super::input::Sent;
use super::judge::{Failed, Judged};
use crate::output;

pub struct Show {
    catalog: Arc<Catalog>,
    json: bool,
    language: Language,
    bar: ProgressBar,
    /// Records by feed, in the order of [`Outcome::ALL`].
    counts: BTreeMap<u16, [u64; 5]>,
}

impl Show {
    pub fn new(catalog: &Arc<Catalog>, json: bool, language: Language, bar: ProgressBar) -> Self {
        Self {
            catalog: Arc::clone(catalog),
            json,
            language,
            bar,
            counts: BTreeMap::new(),
        }
    }

    /// Nothing would be held, refused or marked.
    pub fn is_good(&self) -> bool {
        let good = |outcome: Outcome| matches!(outcome, Outcome::Accepted | Outcome::Control);
        let of_feed = |counts: &[u64; 5]| {
            Outcome::ALL
                .iter()
                .zip(counts)
                .all(|(outcome, count)| good(*outcome) || *count == 0)
        };
        self.counts.values().all(of_feed)
    }

    /// A message of a topic that no contract reads.
    pub fn unread(&self, sent: &Sent) {
        if self.json {
            self.print_json(&serde_json::json!({
                "line": sent.line, "feed": null, "topic": sent.topic, "partition": sent.partition, "row": 0,
                "outcome": "unread", "rules": [], "codes": [], "fields": [],
            }));
        }
    }

    pub fn record(&mut self, judged: &Judged) {
        let counts = self.counts.entry(judged.feed).or_default();
        for (place, count) in Outcome::ALL.iter().zip(counts) {
            *count += u64::from(*place == judged.outcome);
        }
        let Some(contract) = self.catalog.feed(judged.feed) else {
            return;
        };
        if self.json {
            let of = |part: fn(&Failed) -> &str| -> Vec<&str> {
                judged.failed.iter().map(part).collect()
            };
            self.print_json(&serde_json::json!({
                "line": judged.line,
                "feed": contract.id,
                "topic": contract.topic,
                "partition": judged.partition,
                "row": judged.row,
                "outcome": judged.outcome.name(),
                "rules": of(|failed| &failed.rule),
                "codes": of(|failed| failed.code),
                "fields": of(|failed| &failed.field),
            }));
        } else if !judged.failed.is_empty()
            || !judged.outcome.is_accepted() && judged.outcome != Outcome::Control
        {
            self.bar
                .suspend(|| output::print(&self.told(contract, judged)));
        }
    }

    fn print_json(&self, value: &serde_json::Value) {
        self.bar.suspend(|| output::print_json(value));
    }

    fn told(&self, contract: &Contract, judged: &Judged) -> String {
        let outcome = messages::outcome(judged.outcome).in_language(self.language);
        let row = if contract.rows == yidang_schemas::contract::Rows::Many {
            format!(" row {}", judged.row)
        } else {
            String::new()
        };
        let mut text = match self.language {
            Language::English => format!("line {}: {outcome}  {}{row}", judged.line, contract.id),
            Language::Chinese => format!("第 {} 行：{outcome}  {}{row}", judged.line, contract.id),
        };
        for failed in &judged.failed {
            text.push_str(&self.told_rule(contract, failed));
        }
        text
    }

    fn told_rule(&self, contract: &Contract, failed: &Failed) -> String {
        let field = contract
            .field_index(&failed.field)
            .and_then(|place| contract.fields.get(place));
        let sentence = messages::title(contract, field, failed.code);
        let message = messages::message(failed.code);
        let (title, expected, help) = match self.language {
            Language::English => (sentence.en, "expected", "help"),
            Language::Chinese => (sentence.zh, "要求", "处理建议"),
        };
        let shown = if failed.field.is_empty() {
            String::new()
        } else {
            format!("  {}", failed.field)
        };
        format!(
            "\n  {}  {}{shown}  ({})\n    {title}\n    {expected}: {}\n    {help}: {}",
            failed.rule,
            failed.code,
            failed.action,
            message.expected.in_language(self.language),
            message.help.in_language(self.language),
        )
    }

    /// Records by feed and outcome; words for people go aside where data is asked for.
    pub fn summary(&self) {
        let line = if self.json {
            output::note
        } else {
            output::print
        };
        let heads: Vec<&str> = Outcome::ALL
            .iter()
            .map(|outcome| messages::outcome(*outcome).in_language(self.language))
            .collect();
        for (feed, counts) in &self.counts {
            let id = self
                .catalog
                .feed(*feed)
                .map_or("", |contract| contract.id.as_str());
            let parts = heads.iter().zip(counts).filter(|(_, count)| **count > 0);
            let parts: Vec<String> = parts
                .map(|(head, count)| format!("{head} {count}"))
                .collect();
            line(&format!("{id}: {}", parts.join(", ")));
        }
        if self.counts.is_empty() {
            line("no records");
        }
    }
}
