//! Cells as lines, blocks or JSON.

use serde_json::{Map, Value as Json, json};
use yidang_transform::identity::Subject;

use super::cells::{CellTold, Explainer, IssueTold, SourceTold, WinnerTold};
use super::words::{Labels, labels};
use crate::output;

/// What is shown, and how fully.
pub struct Shown<'e, 'a> {
    pub explainer: &'e Explainer<'a>,
    pub subject: Subject,
    /// One block a cell instead of one line.
    pub in_full: bool,
}

impl Shown<'_, '_> {
    pub fn json(&self, cells: &[CellTold]) {
        let dossier = self.explainer.projector.dossier();
        for cell in cells {
            let mut object = json!({
                "kind": dossier.name,
                "subject": self.subject.token.to_string(),
                "column": cell.column,
                "element": cell.element,
                "value": cell.winner.as_ref().map_or(Json::Null, |won| won.value.clone()),
                "rules_version": self.explainer.rules_version(),
                "losers": cell.losers,
                "issues": cell.issues,
            });
            if let (Json::Object(all), Some(won)) = (&mut object, &cell.winner) {
                all.extend(won_members(won));
            }
            output::print_json(&object);
        }
    }

    pub fn words(&self, cells: &[CellTold]) {
        let labels = labels(self.explainer.language);
        let dossier = self.explainer.projector.dossier();
        output::print(&format!(
            "{}  {}  {} {}  {} {}",
            dossier.table,
            self.subject.token,
            self.explainer.records(),
            labels.records,
            labels.rules,
            self.explainer.rules_version()
        ));
        for cell in cells {
            if self.in_full {
                self.block(cell, &labels)
                    .iter()
                    .for_each(|line| output::print(line));
            } else {
                output::print(&line(cell, &labels));
            }
        }
        let whole = self.explainer.whole_record_issues();
        if !whole.is_empty() {
            output::print(&format!("{}:", labels.whole));
            whole
                .iter()
                .for_each(|issue| output::print(&issue_line(issue)));
        }
    }

    fn block(&self, cell: &CellTold, labels: &Labels) -> Vec<String> {
        let mut lines = vec![format!("{}  {}", name(cell), cell.title_zh)];
        let mut say = |label: &str, text: &str| lines.push(format!("  {label}: {text}"));
        match &cell.winner {
            None => say(labels.value, labels.nothing),
            Some(won) => {
                say(labels.value, &plain(&won.value));
                say(labels.agency, &self.agency(&won.source));
                say(labels.feed, &won.source.feed);
                say(labels.coordinates, &won.source.coordinates());
                say(labels.business_time, &won.source.business_time);
                let (contract, rules) =
                    (&won.source.contract_version, self.explainer.rules_version());
                say(
                    labels.versions,
                    &format!("{} {contract}, {} {rules}", labels.contract, labels.rules),
                );
                for (part, source) in &won.parts {
                    say(
                        part,
                        &format!(
                            "{} {} {}",
                            source.feed,
                            source.coordinates(),
                            source.business_time
                        ),
                    );
                }
                say(labels.why, &won.why);
                if !won.flags.is_empty() {
                    say(labels.flags, &won.flags.join(", "));
                }
            }
        }
        if !cell.losers.is_empty() {
            lines.push(format!("  {}:", labels.lost));
        }
        for loser in &cell.losers {
            let source = &loser.source;
            let place = format!(
                "{}  {}  {}",
                source.feed,
                source.coordinates(),
                source.business_time
            );
            lines.push(format!("    {}  {place}", plain(&loser.value)));
            lines.push(format!("      {}", loser.why));
        }
        if !cell.issues.is_empty() {
            lines.push(format!("  {}:", labels.issues));
            lines.extend(cell.issues.iter().map(issue_line));
        }
        lines
    }

    fn agency(&self, source: &SourceTold) -> String {
        let agency = self.explainer.projector.catalog().agency(&source.agency);
        agency.map_or(source.agency.clone(), |agency| {
            format!("{} {} ({})", agency.slug, agency.name_zh, agency.name_en)
        })
    }
}

/// Where the value comes from and why, as members of the cell's object.
fn won_members(won: &WinnerTold) -> Map<String, Json> {
    let parts: Json = won
        .parts
        .iter()
        .map(|(part, source)| json!({"part": part, "source": source}))
        .collect();
    let source = serde_json::to_value(&won.source).expect("a source is texts and numbers");
    let told = json!({"rule": won.rule, "why": won.why, "flags": won.flags, "parts": parts});
    let objects = [source, told].into_iter().filter_map(|value| match value {
        Json::Object(members) => Some(members),
        _ => None,
    });
    objects.flatten().collect()
}

fn issue_line(issue: &IssueTold) -> String {
    format!("    {}  {}  {}", issue.issue_id, issue.code, issue.title)
}

/// One line: what, where from, by which rule, and how much more there is to see.
fn line(cell: &CellTold, labels: &Labels) -> String {
    let mut line = match &cell.winner {
        None => format!("{}: {}", name(cell), labels.nothing),
        Some(won) => format!(
            "{}: {}  {}  {}  {}  {}",
            name(cell),
            plain(&won.value),
            won.source.feed,
            won.source.coordinates(),
            won.source.business_time,
            won.rule
        ),
    };
    if !cell.losers.is_empty() {
        line.push_str(&format!("  {} {}", labels.lost, cell.losers.len()));
    }
    if !cell.issues.is_empty() {
        line.push_str(&format!("  {} {}", labels.issues, cell.issues.len()));
    }
    line
}

fn name(cell: &CellTold) -> String {
    let Some(Json::Object(key)) = &cell.element else {
        return cell.column.clone();
    };
    let key: Vec<String> = key.values().map(plain).collect();
    format!("{}[{}]", cell.column, key.join(", "))
}

/// A value as people read it.
fn plain(value: &Json) -> String {
    match value {
        Json::Null => "–".to_owned(),
        Json::String(text) => text.clone(),
        Json::Object(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|(name, value)| format!("{name} {}", plain(value)))
                .collect();
            parts.join(", ")
        }
        other => other.to_string(),
    }
}
