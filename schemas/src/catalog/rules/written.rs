//! Rules written by hand under `quality`.
//!
//! Only rules of our own engine are ours. Rules of other engines are left alone; rules of ODCS that nothing here
//! evaluates yet are refused, because a rule that looks active and is not is worse than none. What a rule checks is read
//! in `checks`.

use super::checks::{self, Scope};
use crate::catalog::contracts::fields::Read;
use crate::catalog::page::{Page, nearest};
use crate::catalog::standard::keys;
use crate::catalog::yaml::Node;
use crate::field::FieldIndex;
use crate::indicator::Indicator;
use crate::rule::{Action, Check, Dimension, Rule, Severity};

pub(in crate::catalog) const RULE_CUSTOMS: [&str; 2] = ["action", "indicator"];
const ACTIONS: [(&str, Action); 4] = [
    ("observe", Action::Observe),
    ("flag", Action::Flag),
    ("quarantine", Action::Quarantine),
    ("reject", Action::Reject),
];
const SEVERITIES: [(&str, Severity); 4] = [
    ("info", Severity::Info),
    ("minor", Severity::Minor),
    ("major", Severity::Major),
    ("critical", Severity::Critical),
];
const DIMENSIONS: [(&str, Dimension); 7] = [
    ("accuracy", Dimension::Accuracy),
    ("completeness", Dimension::Completeness),
    ("conformity", Dimension::Conformity),
    ("consistency", Dimension::Consistency),
    ("coverage", Dimension::Coverage),
    ("timeliness", Dimension::Timeliness),
    ("uniqueness", Dimension::Uniqueness),
];

/// The rules over whole records, in the order written.
pub(super) fn of_records(page: &mut Page<'_>, schema: &Node, scope: &Scope<'_>) -> Vec<Rule> {
    read(page, schema, scope)
}

/// The rules of one field, in the order written.
pub(super) fn of_field(
    page: &mut Page<'_>,
    index: FieldIndex,
    field: &Read<'_>,
    scope: &Scope<'_>,
) -> Vec<Rule> {
    let scope = Scope {
        field: Some(index),
        ..*scope
    };
    read(page, field.node, &scope)
}

fn read(page: &mut Page<'_>, node: &Node, scope: &Scope<'_>) -> Vec<Rule> {
    let items = node
        .get("quality")
        .map(|quality| page.items(quality, "quality"));
    let items = items.unwrap_or_default();
    items
        .iter()
        .filter_map(|item| rule(page, scope, item))
        .collect()
}

fn rule(page: &mut Page<'_>, scope: &Scope<'_>, item: &Node) -> Option<Rule> {
    match item.get("engine").and_then(Node::scalar) {
        Some("yidang") => {}
        Some(_) => return None,
        None => {
            let help = "write type: custom, engine: yidang and implementation: { check: … } or { predicate: … }";
            page.note("CT063", item.spot, "nothing evaluates this rule", help);
            return None;
        }
    }
    page.known_keys(item, keys::RULE);
    let implementation = page.need(item, "implementation");
    let check = implementation.and_then(|node| checks::read(page, scope, node));
    let severity = page.need(item, "severity");
    let severity = severity.and_then(|node| page.choice(node, "severity", "CT061", &SEVERITIES));
    let dimension = page.need(item, "dimension");
    let dimension = dimension.and_then(|node| page.choice(node, "dimension", "CT061", &DIMENSIONS));
    let customs = page.customs(item, &RULE_CUSTOMS);
    let indicator = customs.get("indicator");
    let indicator = indicator.and_then(|node| indicator_of(page, node));
    let Some(action) = customs.get("action") else {
        let help = "add the custom property 'action': observe, flag, quarantine or reject";
        page.note(
            "CT061",
            item.spot,
            "the rule does not say what happens to a record",
            help,
        );
        return None;
    };
    let action = page.choice(action, "action", "CT061", &ACTIONS);
    let checks::Read { check, told } = check?;
    Some(Rule {
        id: id_of(page, scope, item, &check)?,
        field: scope.field,
        header: None,
        action: action?,
        severity: severity?,
        dimension: dimension?,
        indicator: indicator.unwrap_or(check.indicator()),
        told,
        check,
        fingerprint: String::new(),
    })
}

/// A rule over one field is named by field and check where it has no name; others need one, for issues bear it.
fn id_of(page: &mut Page<'_>, scope: &Scope<'_>, item: &Node, check: &Check) -> Option<String> {
    let written = match (scope.name(), check) {
        (Some(_), check) if !matches!(check, Check::Predicate(_)) => page.optional_text(item, "id"),
        _ => Some(page.text(item, "id")?),
    };
    let named = || Some(format!("auto:{}:{}", scope.name()?, check.name()));
    written.map(str::to_owned).or_else(named)
}

fn indicator_of(page: &mut Page<'_>, node: &Node) -> Option<Indicator> {
    let code = page.scalar(node, "indicator")?;
    let found = Indicator::of_code(code);
    if found.is_none() {
        let known = Indicator::ALL.iter().map(|known| known.code);
        let sentence = format!("GB/T 36344 has no indicator '{code}'");
        page.note("CT069", node.spot, sentence, nearest(code, known));
    }
    found
}
