//! `issue show`: an issue in words, then its events in their order.

use serde::Serialize;
use serde_json::Value;
use yidang_feedback::identity::IssueId;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::messages::{self, Language, Text};

use super::ShowArguments;
use super::read::{EventRow, IssueRow, events, issues};
use super::words;
use crate::exit::{Exit, Failure};
use crate::lake::open_without_key;
use crate::output;

/// An issue and what happened to it, as one object.
#[derive(Serialize)]
struct WithEvents {
    #[serde(flatten)]
    issue: IssueRow,
    events: Vec<EventRow>,
}

pub async fn run(arguments: ShowArguments) -> Result<Exit, Failure> {
    if IssueId::parse(&arguments.id).is_none() {
        let text = "that is no issue id: dqi_ and 26 characters of base 32 are expected";
        return Err(
            Failure::new(Exit::Usage, text).with_next("yidang issue list --lake URI --open")
        );
    }
    let (lake, catalog) = open_without_key(&arguments.lake).await?;
    let all = issues(&lake, &catalog).await?;
    let Some(issue) = all.into_iter().find(|issue| issue.issue_id == arguments.id) else {
        let text = format!("no issue {} in {}", arguments.id, lake.uri());
        return Err(Failure::new(Exit::Findings, text).with_next("yidang issue list --lake URI"));
    };
    let events = events(&lake, &catalog, &arguments.id).await?;
    if arguments.json {
        output::print_json(&WithEvents { issue, events });
    } else {
        for line in lines(&catalog, &issue, &events, arguments.lang.language()) {
            output::print(&line);
        }
    }
    Ok(Exit::Good)
}

/// Both languages beside one another, so that a change of one is seen with the other.
fn lines(
    catalog: &Catalog,
    issue: &IssueRow,
    events: &[EventRow],
    language: Language,
) -> Vec<String> {
    let pick = |zh: &'static str, en: &'static str| Text { zh, en }.in_language(language);
    let message = messages::message(&issue.code);
    let mut lines = vec![
        format!("{}  {}", issue.issue_id, words::state(issue, language)),
        format!("  {}", words::title(catalog, issue, language)),
        format!(
            "  {}: {}",
            pick("责任部门", "responsible"),
            issue.responsible
        ),
        format!(
            "  {}: {} ({})",
            pick("规则", "rule"),
            issue.rule_id,
            issue.code
        ),
        format!(
            "  {}: {} · {}",
            pick("级别", "severity"),
            issue.severity,
            issue.action
        ),
        format!(
            "  {}: {}",
            pick("要求", "expected"),
            message.expected.in_language(language)
        ),
        format!(
            "  {}: {}",
            pick("处理建议", "to put it right"),
            message.help.in_language(language)
        ),
        format!("  {}: {}", pick("首次位置", "first seen at"), issue.first),
        format!("  {}: {}", pick("最近位置", "last seen at"), issue.latest),
        format!("  {}: {}", pick("次数", "occurrences"), issue.occurrences),
        pick("  经过:", "  history:").to_owned(),
    ];
    lines.extend(
        events
            .iter()
            .map(|event| format!("    {}", history(event, language))),
    );
    lines
}

/// One event: when, what, and by which record.
fn history(event: &EventRow, language: Language) -> String {
    let what = words::transition(&event.transition, &event.reason, language);
    let place = event_place(&event.payload).map_or(String::new(), |place| format!("  {place}"));
    format!("{}  {}  {what}{place}", event.seq, event.occurred_at)
}

/// The record that an event speaks of: the one that ended the issue, else the last that failed.
fn event_place(payload: &Value) -> Option<String> {
    let places = payload.get("where")?;
    let place = places.get("resolvedBy").or_else(|| places.get("latest"))?;
    let number = |name: &str| place.get(name).and_then(Value::as_i64);
    let topic = place.get("topic")?.as_str()?;
    Some(format!(
        "{topic}/{}/{}/{}",
        number("partition")?,
        number("offset")?,
        number("row")?
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_names_the_record_that_ended_the_issue() {
        let place =
            |offset: i64| json!({"topic": "t.v1", "partition": 1, "offset": offset, "row": 0});
        let failed = json!({"where": {"latest": place(4)}});
        assert_eq!(event_place(&failed).unwrap(), "t.v1/1/4/0");
        let ended = json!({"where": {"latest": place(4), "resolvedBy": place(9)}});
        assert_eq!(event_place(&ended).unwrap(), "t.v1/1/9/0");
    }
}
