//! Rules written by hand under `quality`.
//!
//! Only rules of our own engine are ours. Rules of other engines are left alone; rules of ODCS that nothing here
//! evaluates yet are refused, because a rule that looks active and is not is worse than none.

use super::bounds;
use crate::catalog::contracts::fields::Read;
use crate::catalog::page::{Page, nearest};
use crate::catalog::standard::keys;
use crate::catalog::yaml::Node;
use crate::field::{Field, FieldIndex, IdentifierClass};
use crate::rule::{Action, Check, Dimension, Rule, Severity};

pub(in crate::catalog) const CHECKS: [&str; 12] = [
    "required",
    "type",
    "enum",
    "codeset",
    "pattern",
    "length",
    "range",
    "not_future",
    "placeholder",
    "resident_id",
    "uscc",
    "party",
];
const IMPLEMENTATION_KEYS: [&str; 8] = [
    "check",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];
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

/// Rules over a whole topic cannot be written by hand yet.
pub(super) fn refuse_on_topic(page: &mut Page<'_>, quality: &Node) {
    for item in page.items(quality, "quality") {
        let foreign = item
            .get("engine")
            .and_then(Node::scalar)
            .is_some_and(|name| name != "yidang");
        if !foreign {
            let help = "write the rule at the field it judges";
            page.note(
                "CT063",
                item.spot,
                "a rule over a whole topic is not evaluated",
                help,
            );
        }
    }
}

/// The rules of one field in the order written.
pub(super) fn read(page: &mut Page<'_>, index: FieldIndex, read: &Read<'_>) -> Vec<Rule> {
    let items = read
        .node
        .get("quality")
        .map(|quality| page.items(quality, "quality"));
    let items = items.unwrap_or_default();
    items
        .iter()
        .filter_map(|item| rule(page, index, &read.field, item))
        .collect()
}

fn rule(page: &mut Page<'_>, index: FieldIndex, field: &Field, item: &Node) -> Option<Rule> {
    match item.get("engine").and_then(Node::scalar) {
        Some("yidang") => {}
        Some(_) => return None,
        None => {
            let help = "write type: custom, engine: yidang and implementation: { check: … }";
            page.note("CT063", item.spot, "nothing evaluates this rule", help);
            return None;
        }
    }
    page.known_keys(item, keys::RULE);
    let check = page.need(item, "implementation");
    let check = check.and_then(|node| check_of(page, field, node));
    let severity = page.need(item, "severity");
    let severity = severity.and_then(|node| page.choice(node, "severity", "CT061", &SEVERITIES));
    let dimension = page.need(item, "dimension");
    let dimension = dimension.and_then(|node| page.choice(node, "dimension", "CT061", &DIMENSIONS));
    let customs = page.customs(item, &["action"]);
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
    let check = check?;
    let id = page.optional_text(item, "id").map(str::to_owned);
    Some(Rule {
        id: id.unwrap_or_else(|| format!("auto:{}:{}", field.name, check.name())),
        field: Some(index),
        header: None,
        check,
        action: action?,
        severity: severity?,
        dimension: dimension?,
        fingerprint: String::new(),
    })
}

fn check_of(page: &mut Page<'_>, field: &Field, node: &Node) -> Option<Check> {
    page.known_keys(node, &IMPLEMENTATION_KEYS);
    let name_node = page.need(node, "check")?;
    let name = page.scalar(name_node, "check")?;
    let identifier = field.identifier.as_ref();
    let person = identifier.is_some_and(IdentifierClass::is_document);
    let party = matches!(field.identifier, Some(IdentifierClass::Party { .. }));
    let (check, applies) = match name {
        "required" => (Some(Check::Required), true),
        "type" => (Some(Check::Type), true),
        "placeholder" => (Some(Check::Placeholder), true),
        "enum" => (
            Some(Check::Enum),
            field
                .codes
                .as_ref()
                .is_some_and(|codes| codes.name.is_empty()),
        ),
        "codeset" => (
            Some(Check::CodeSet),
            field
                .codes
                .as_ref()
                .is_some_and(|codes| !codes.name.is_empty()),
        ),
        "not_future" => (Some(Check::NotFuture), !field.forms.is_empty()),
        "resident_id" => (Some(Check::ResidentId), person),
        "uscc" => (
            Some(Check::Uscc),
            field.identifier.is_some() && !person && !party,
        ),
        "party" => (Some(Check::Party), party),
        "pattern" => (bounds::pattern(page, node), true),
        "length" => (bounds::length(page, node), true),
        "range" => (bounds::range(page, node, field.logical_type), true),
        other => {
            let help = nearest(other, CHECKS.into_iter());
            page.note(
                "CT060",
                name_node.spot,
                format!("there is no check '{other}'"),
                help,
            );
            return None;
        }
    };
    if check.is_none() {
        page.note(
            "CT064",
            node.spot,
            format!("the check '{name}' lacks its bounds"),
            "add them",
        );
    } else if !applies {
        let help = "declare what the check needs of the field, or drop the rule";
        page.note(
            "CT064",
            name_node.spot,
            format!("'{name}' cannot be checked of this field"),
            help,
        );
    }
    check
}
