//! Which issues stand at the end, and which were closed by what.
//!
//! An issue is open while its greatest failing order is above its greatest passing order. A version passes a rule only
//! if it states what the rule reads. A withdrawal passes everything at its order. Where the key itself was bad, the
//! header `corrects` of a good record under another key closes it, if it names the issue.

use std::collections::BTreeMap;

use super::versions::{Delivery, FUTURE_ORDER, Floors, Order};
use super::{Coordinates, IssueState, IssueTruth};
use crate::defect::Check;
use crate::feed::Feed;
use crate::issue_id::IdKey;
use crate::random::small;
use crate::record::{Body, Cell, Corrects, Failure, Record};

/// What identifies an issue before it has an id: the feed, its record (key values, or the origin), rule and field.
type IssueKey = (Feed, Vec<String>, String, &'static str);

struct Issue<'a> {
    first: Delivery<'a>,
    keyed: bool,
    check: Option<Check>,
    greatest_failing: Order,
    /// Passing orders, each with whether it was a withdrawal.
    passes: Vec<(Order, bool)>,
    closed_by_header: bool,
}

/// `topic/incarnation/partition/offset/row` of a delivery: the identity of a record without a key.
pub fn origin(delivery: &Delivery<'_>) -> String {
    format!(
        "{}/0/{}/{}/{}",
        delivery.record.feed().topic(),
        delivery.unit.partition,
        delivery.unit.offset,
        delivery.row
    )
}

/// Key values of the record, or its origin.
pub fn identity(delivery: &Delivery<'_>) -> (Vec<String>, bool) {
    match delivery.record.key() {
        Some(key) => (key, true),
        None => (vec![origin(delivery)], false),
    }
}

/// The failed rules of a record that open issues.
fn failing(record: &Record) -> Vec<Failure> {
    let mut failures = record.failures();
    failures.retain(|failure| !failure.observes);
    failures
}

/// All issues of the city. `headers_count` says whether `corrects` headers name the right issues.
pub fn issues(
    deliveries: &[Delivery<'_>],
    headers_count: bool,
    key: Option<&IdKey>,
) -> Vec<IssueTruth> {
    let mut issues = failures(deliveries);
    passes(deliveries, &mut issues);
    taken_back_by_lists(deliveries, &mut issues);
    if headers_count {
        closed_by_headers(deliveries, &mut issues);
    }
    issues
        .into_iter()
        .map(|(name, issue)| told(name, &issue, key))
        .collect()
}

fn failures<'a>(deliveries: &[Delivery<'a>]) -> BTreeMap<IssueKey, Issue<'a>> {
    let mut issues: BTreeMap<IssueKey, Issue<'a>> = BTreeMap::new();
    for delivery in deliveries {
        for Failure {
            check, rule, field, ..
        } in failing(delivery.record)
        {
            let (identity, keyed) = identity(delivery);
            let issue = issues
                .entry((delivery.record.feed(), identity, rule, field))
                .or_insert(Issue {
                    first: *delivery,
                    keyed,
                    check,
                    greatest_failing: delivery.order,
                    passes: Vec::new(),
                    closed_by_header: false,
                });
            issue.greatest_failing = issue.greatest_failing.max(delivery.order);
        }
    }
    issues
}

fn passes(deliveries: &[Delivery<'_>], issues: &mut BTreeMap<IssueKey, Issue<'_>>) {
    let mut by_key: BTreeMap<(Feed, Vec<String>), Vec<IssueKey>> = BTreeMap::new();
    for (name, issue) in issues.iter() {
        if issue.keyed {
            by_key
                .entry((name.0, name.1.clone()))
                .or_default()
                .push(name.clone());
        }
    }
    for delivery in deliveries {
        let record = delivery.record;
        let Some(key) = record.key() else { continue };
        for name in by_key.get(&(record.feed(), key)).into_iter().flatten() {
            let Some(issue) = issues.get_mut(name) else {
                continue;
            };
            let removal = record.operation.is_removal() && record.outcome().counts();
            let good = match (issue.check, record.sheet()) {
                (Some(check), _) => judges_well(record, check, name.3),
                // A sound statement states everything that a rule reads.
                (None, Some(_)) => !record.operation.is_removal() && record.failures().is_empty(),
                (None, None) => false,
            };
            if removal || good {
                issue.passes.push((delivery.order, removal));
            }
        }
    }
}

/// A closed snapshot takes back the keys that no row of it, and of no later one, names.
fn taken_back_by_lists(deliveries: &[Delivery<'_>], issues: &mut BTreeMap<IssueKey, Issue<'_>>) {
    let floors = Floors::of(deliveries);
    let Some(floor) = floors.snapshot else { return };
    for (name, issue) in issues.iter_mut().filter(|(_, issue)| issue.keyed) {
        let named = floors.named.get(&(name.0, name.1.clone()));
        if named.is_some_and(|named| *named < floor) {
            // Just below the rows of the list that closed.
            issue.passes.push(((floor, -1), true));
        }
    }
}

/// Whether the record states everything that the rule reads, and satisfies it.
fn judges_well(record: &Record, check: Check, field: &str) -> bool {
    if record.operation.is_removal() {
        return false;
    }
    let number = record.feed().identifier_field();
    let reads_number = matches!(check, Check::IdSex | Check::IdBirth);
    let spoiled = record.failures().iter().any(|failed| {
        // A value that another rule could not use was not judged by this one; it was there, though.
        let unusable = failed.field == field
            && !(check == Check::Required && failed.check != Some(Check::Type));
        let same = failed.check == Some(check) && failed.field == field;
        same || (unusable && !field.is_empty()) || (reads_number && failed.field == number)
    });
    !spoiled && states(record, check, field)
}

/// Whether a patch speaks of the field; full records always do.
fn states(record: &Record, check: Check, field: &str) -> bool {
    let Body::Medins(patch) = &record.body else {
        return true;
    };
    match field {
        "certno" | "psn_cert_type" => patch.id.is_some(),
        "brdy" => patch.birth.is_some() && (check != Check::IdBirth || patch.id.is_some()),
        "psn_insu_stas" => patch.status != Cell::Absent,
        "begndate" => patch.since != Cell::Absent,
        "clct_ym" => patch.paid_through != Cell::Absent,
        _ => true,
    }
}

fn closed_by_headers(deliveries: &[Delivery<'_>], issues: &mut BTreeMap<IssueKey, Issue<'_>>) {
    let first_of: BTreeMap<u32, &Delivery<'_>> = deliveries
        .iter()
        .rev()
        .map(|delivery| (delivery.index, delivery))
        .collect();
    for delivery in deliveries {
        let Some(Corrects::Right(target)) = delivery.record.corrects else {
            continue;
        };
        let Some(bad) = first_of.get(&(small(target))) else {
            continue;
        };
        let Some(Failure { rule, field, .. }) = bad.record.failures().into_iter().next() else {
            continue;
        };
        let name = (bad.record.feed(), identity(bad).0, rule, field);
        let good = delivery.record.outcome().counts()
            && bad.unit.timestamp_ms <= delivery.unit.timestamp_ms;
        if let Some(issue) = issues.get_mut(&name) {
            issue.closed_by_header |= good;
        }
    }
}

fn told(name: IssueKey, issue: &Issue<'_>, key: Option<&IdKey>) -> IssueTruth {
    let (feed, identity, rule, field) = name;
    let can_close = issue.greatest_failing != FUTURE_ORDER;
    let closing = issue
        .passes
        .iter()
        .filter(|(order, _)| can_close && *order > issue.greatest_failing);
    // A good record says that the source put it right, even after a withdrawal.
    let state = match (issue.closed_by_header, closing.map(|(_, gone)| *gone).min()) {
        (true, _) | (_, Some(false)) => IssueState::Corrected,
        (false, Some(true)) => IssueState::Withdrawn,
        (false, None) => IssueState::Open,
    };
    IssueTruth {
        feed: feed.contract(),
        issue_id: key.map(|key| key.issue_id(feed, &identity, &rule, field)),
        key: issue.keyed.then(|| identity.clone()),
        first: Coordinates::of(&issue.first),
        rule,
        field: field.to_owned(),
        defect: issue.first.record.defect_name().unwrap_or_default(),
        state,
    }
}
