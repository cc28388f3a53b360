//! `issue list`.

use yidang_schemas::catalog::Catalog;

use super::ListArguments;
use super::read::{IssueRow, issues};
use crate::exit::{Exit, Failure};
use crate::lake::open_without_key;
use crate::output;

const OPEN: &str = "open";

pub async fn run(arguments: ListArguments) -> Result<Exit, Failure> {
    let (lake, catalog) = open_without_key(&arguments.lake).await?;
    check_names(&catalog, &arguments)?;
    let all = issues(&lake, &catalog).await?;
    let chosen = chosen(all, &arguments);
    for issue in &chosen {
        if arguments.json {
            output::print_json(issue);
        } else {
            output::print(&line(issue));
        }
    }
    let open = chosen.iter().filter(|issue| issue.state == OPEN).count();
    output::note(&format!("{} issues, {open} open", chosen.len()));
    Ok(Exit::Good)
}

/// A name that nobody has would show an empty list and hide the slip.
fn check_names(catalog: &Catalog, arguments: &ListArguments) -> Result<(), Failure> {
    if let Some(feed) = arguments
        .feed
        .as_deref()
        .filter(|feed| catalog.feed_of_id(feed).is_none())
    {
        let known: Vec<&str> = catalog.feeds.iter().map(|feed| feed.id.as_str()).collect();
        return Err(Failure::new(
            Exit::Usage,
            format!("no feed {feed}; there are {}", known.join(", ")),
        ));
    }
    let is_known = |agency: &str| {
        catalog.agency(agency).is_some() || agency == yidang_feedback::issue::PLATFORM
    };
    if let Some(agency) = arguments
        .agency
        .as_deref()
        .filter(|agency| !is_known(agency))
    {
        let known: Vec<&str> = catalog
            .agencies
            .iter()
            .map(|agency| agency.slug.as_str())
            .collect();
        return Err(Failure::new(
            Exit::Usage,
            format!("no agency {agency}; there are {}", known.join(", ")),
        ));
    }
    Ok(())
}

/// What was asked for: open ones first, then by agency, feed and age.
fn chosen(all: Vec<IssueRow>, arguments: &ListArguments) -> Vec<IssueRow> {
    let wanted = |issue: &IssueRow| {
        arguments
            .agency
            .as_ref()
            .is_none_or(|agency| *agency == issue.responsible)
            && arguments
                .feed
                .as_ref()
                .is_none_or(|feed| *feed == issue.feed)
            && (!arguments.open || issue.state == OPEN)
    };
    let mut chosen: Vec<IssueRow> = all.into_iter().filter(wanted).collect();
    chosen.sort_by(|left, right| key(left).cmp(&key(right)));
    chosen
}

fn key(issue: &IssueRow) -> (bool, &str, &str, &str, &str) {
    (
        issue.state != OPEN,
        &issue.responsible,
        &issue.feed,
        &issue.opened_at,
        &issue.issue_id,
    )
}

fn line(issue: &IssueRow) -> String {
    let state = match &issue.reason {
        Some(reason) => format!("{} ({reason})", issue.state),
        None => issue.state.clone(),
    };
    let field = if issue.field.is_empty() {
        "record"
    } else {
        &issue.field
    };
    format!(
        "{}  {state:<22}  {:<8}  {:<14}  {field}  {}  {}  since {}, {}x",
        issue.issue_id,
        issue.severity,
        issue.feed,
        issue.code,
        issue.latest,
        issue.opened_at,
        issue.occurrences
    )
}
