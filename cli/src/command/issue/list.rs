//! `issue list`.

use yidang_feedback::issue::PLATFORM;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::messages::Language;

use super::read::{IssueRow, issues};
use super::{ListArguments, words};
use crate::exit::{Exit, Failure};
use crate::lake::open_without_key;
use crate::{names, output};

const OPEN: &str = "open";

pub async fn run(arguments: ListArguments) -> Result<Exit, Failure> {
    let (lake, catalog) = open_without_key(&arguments.lake).await?;
    check_names(&catalog, &arguments)?;
    let all = issues(&lake, &catalog).await?;
    let chosen = chosen(all, &arguments);
    let language = arguments.lang.language();
    for issue in &chosen {
        if arguments.json {
            output::print_json(issue);
        } else {
            output::print(&line(&catalog, issue, language));
        }
    }
    let open = chosen.iter().filter(|issue| issue.state == OPEN).count();
    output::note(&match language {
        Language::English => format!("{} issues, {open} open", chosen.len()),
        Language::Chinese => format!("{} 张问题单，{open} 张未办结", chosen.len()),
    });
    Ok(Exit::Good)
}

/// A name that nobody has would show an empty list and hide the slip.
fn check_names(catalog: &Catalog, arguments: &ListArguments) -> Result<(), Failure> {
    if let Some(feed) = &arguments.feed {
        names::feed(catalog, feed, |first| {
            format!("yidang issue list --feed {first} --lake URI")
        })?;
    }
    let known = catalog
        .agencies
        .iter()
        .map(|agency| agency.slug.as_str())
        .filter(|slug| *slug != PLATFORM)
        .chain([PLATFORM]);
    match &arguments.agency {
        Some(agency) if known.clone().all(|slug| slug != agency) => {
            Err(names::unknown("agency", agency, known, |first| {
                format!("yidang issue list --agency {first} --lake URI")
            }))
        }
        _ => Ok(()),
    }
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

fn line(catalog: &Catalog, issue: &IssueRow, language: Language) -> String {
    let (state, title) = (
        words::state(issue, language),
        words::title(catalog, issue, language),
    );
    let (opened, times) = (&issue.opened_at, issue.occurrences);
    let since = match language {
        Language::English => format!("since {opened}, {times}x"),
        Language::Chinese => format!("自 {opened} 起，{times} 次"),
    };
    format!(
        "{}  {state:<22}  {:<8}  {:<14}  {}  {title}  {}  {since}",
        issue.issue_id, issue.severity, issue.feed, issue.code, issue.latest
    )
}
