//! Every issue: whether it is there, what it is about, and how it stands.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use yidang_ingest::lake::Tables;
use yidang_schemas::fault::Fault;
use yidang_simulate::{IssueState, IssueTruth, Truth};

use super::Comparison;
use super::records::Rows;

/// Compares the issues of the truth with the table `issue`, by issue id.
pub async fn compare(
    tables: &Tables,
    truth: &Truth,
    comparison: &mut Comparison,
) -> Result<(), Fault> {
    let mut expected: BTreeMap<&str, &IssueTruth> = BTreeMap::new();
    for issue in &truth.issues {
        let id = issue
            .issue_id
            .as_deref()
            .expect("the truth was made with the lake's id key");
        expected.insert(id, issue);
    }
    let names = [
        "issue_id",
        "state",
        "reason",
        "feed",
        "rule_id",
        "field",
        "first_partition",
        "first_offset",
        "first_row",
    ];
    let mut batches = tables.issue.live_rows(Some(&names), None)?;
    while let Some(live) = batches.try_next().await? {
        let rows = Rows(&live.batch);
        for row in 0..live.batch.num_rows() {
            let id = rows.text("issue_id", row);
            *comparison.issues.entry(rows.text("feed", row)).or_default() += 1;
            let how = match expected.remove(id.as_str()) {
                None => "not in the truth, or twice".to_owned(),
                Some(issue) => match difference(&rows, row, issue) {
                    None => continue,
                    Some(how) => how,
                },
            };
            comparison.issues_different += 1;
            comparison.differences.add(|| format!("issue {id}: {how}"));
        }
    }
    for (id, issue) in expected {
        comparison.issues_different += 1;
        comparison
            .differences
            .add(|| format!("issue {id} of {} {}: missing", issue.feed, issue.rule));
    }
    Ok(())
}

fn difference(rows: &Rows<'_>, row: usize, issue: &IssueTruth) -> Option<String> {
    let (state, reason) = match issue.state {
        IssueState::Open => ("open", ""),
        IssueState::Corrected => ("resolved", "corrected"),
        IssueState::Withdrawn => ("resolved", "withdrawn"),
    };
    let texts = [
        ("feed", issue.feed),
        ("rule_id", issue.rule.as_str()),
        ("field", issue.field.as_str()),
        ("state", state),
        ("reason", reason),
    ];
    for (column, wanted) in texts {
        let found = rows.text(column, row);
        if found != wanted {
            return Some(format!(
                "{column} is {found:?}, not {wanted:?} ({} {})",
                issue.feed, issue.rule
            ));
        }
    }
    let found = (
        rows.number("first_partition", row),
        rows.long("first_offset", row),
        rows.number("first_row", row),
    );
    let first = &issue.first;
    let wanted = (
        first.partition,
        first.offset,
        i32::try_from(first.row).unwrap_or(i32::MAX),
    );
    (found != wanted).then(|| {
        format!(
            "first seen at another record ({} {})",
            issue.feed, issue.rule
        )
    })
}
