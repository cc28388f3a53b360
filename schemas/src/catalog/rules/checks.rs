//! `implementation` of a rule written by hand: a built-in check with its parameters, or a predicate.
//!
//! Leaves alone: what becomes of a record that fails it (`written`).

mod across;

use super::bounds;
use crate::catalog::codes::CodeLists;
use crate::catalog::page::{Page, nearest};
use crate::catalog::predicates;
use crate::catalog::yaml::Node;
use crate::contract::Contract;
use crate::field::{Field, FieldIndex, IdentifierClass, LogicalType};
use crate::rule::Check;

pub(in crate::catalog) const CHECKS: [&str; 22] = [
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
    "date_order",
    "passport",
    "hkmo_permit",
    "phone_cn",
    "plate",
    "admin_division",
    "geo_in_city",
    "required_if",
    "one_of_fields",
    "card_validity",
];
/// Judgements that look beyond one record, and where they belong instead.
const ELSEWHERE: [(&str, &str); 9] = [
    (
        "unique_in_feed",
        "make the field the recordKey: the later version of a record then takes the place of the earlier one",
    ),
    (
        "ref_exists",
        "a reference is followed when files are made; use codeset for a closed list of values",
    ),
    (
        "monotonic_version",
        "name the field under order: an older version is then stale whenever it arrives",
    ),
    (
        "no_shrink",
        "forbid null with required; what a later version took away is seen in the history of the file",
    ),
    (
        "conflicts_with_authority",
        "contradictions between agencies stand in the row of the file, under conflicts",
    ),
    (
        "freshness",
        "lateness is measured over a window: write it under slaProperties as latency",
    ),
    (
        "volume",
        "counts are measured over a window: write it under slaProperties as frequency",
    ),
    (
        "schema_drift",
        "fields that the contract does not name are counted for the feed as a whole",
    ),
    (
        "top_share",
        "shares are measured over a window; use placeholder for values that stand for nothing",
    ),
];
pub(in crate::catalog) const IMPLEMENTATION_KEYS: [&str; 15] = [
    "check",
    "predicate",
    "fields",
    "field",
    "in",
    "asOf",
    "box",
    "polygon",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

/// What a rule may refer to, and the field at which it stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'c> {
    pub contract: &'c Contract,
    pub lists: &'c CodeLists,
    /// None for rules over whole records.
    pub field: Option<FieldIndex>,
}

impl Scope<'_> {
    pub(super) fn described(&self) -> Option<&Field> {
        self.contract.fields.get(self.field?)
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.described().map(|field| field.name.as_str())
    }
}

/// A check and the fields that the agency is told of, where these are several.
pub(super) struct Read {
    pub check: Check,
    pub told: Vec<FieldIndex>,
}

impl Read {
    fn alone(check: Check) -> Self {
        Self {
            check,
            told: Vec::new(),
        }
    }
}

pub(super) fn read(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    page.known_keys(node, &IMPLEMENTATION_KEYS);
    match (node.get("predicate"), node.get("check")) {
        (Some(predicate), None) => of_predicate(page, scope, node, predicate),
        (Some(_), Some(check)) => {
            let sentence = "a rule is a check or a predicate, not both";
            page.note("CT060", check.spot, sentence, "make two rules of it");
            None
        }
        (None, _) => of_check(page, scope, node),
    }
}

fn of_predicate(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    node: &Node,
    written: &Node,
) -> Option<Read> {
    let predicate = predicates::plan(page, written, scope.contract, scope.lists)?;
    let named = node.get("fields");
    let told = match named {
        Some(named) => across::fields(page, scope, named)?,
        None => predicate.fields.clone(),
    };
    let spot = named.map_or(written.spot, |named| named.spot);
    across::agree(page, scope, spot, &told, &predicate.fields)?;
    let check = Check::Predicate(Box::new(predicate));
    Some(Read { check, told })
}

fn of_check(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let name_node = page.need(node, "check")?;
    let name = page.scalar(name_node, "check")?;
    if let Some((_, help)) = ELSEWHERE.iter().find(|(known, _)| *known == name) {
        let sentence = format!("'{name}' looks beyond one record, and no rule does");
        page.note("CT068", name_node.spot, sentence, *help);
        return None;
    }
    if !CHECKS.contains(&name) {
        let help = nearest(name, CHECKS.into_iter());
        let sentence = format!("there is no check '{name}'");
        page.note("CT060", name_node.spot, sentence, help);
        return None;
    }
    if let Some(read) = across::read(page, scope, node, name) {
        return read;
    }
    let Some(field) = scope.described() else {
        let help = "write the rule at the field it judges";
        let sentence = format!("'{name}' judges one field and stands over a whole topic");
        page.note("CT064", name_node.spot, sentence, help);
        return None;
    };
    let check = of_field(page, node, field, name);
    if check.is_none() {
        let sentence = format!("the check '{name}' lacks its bounds");
        page.note("CT064", node.spot, sentence, "add them");
    } else if !applies(name, field) {
        let help = "declare what the check needs of the field, or drop the rule";
        let sentence = format!("'{name}' cannot be checked of this field");
        page.note("CT064", name_node.spot, sentence, help);
    }
    check.map(Read::alone)
}

/// A check over one field; nothing where it lacks its bounds.
fn of_field(page: &mut Page<'_>, node: &Node, field: &Field, name: &str) -> Option<Check> {
    Some(match name {
        "required" => Check::Required,
        "type" => Check::Type,
        "placeholder" => Check::Placeholder,
        "enum" => Check::Enum,
        "codeset" => Check::CodeSet,
        "not_future" => Check::NotFuture,
        "resident_id" => Check::ResidentId,
        "uscc" => Check::Uscc,
        "party" => Check::Party,
        "passport" => Check::Passport,
        "hkmo_permit" => Check::HkmoPermit,
        "phone_cn" => Check::PhoneCn,
        "plate" => Check::Plate,
        "pattern" => return bounds::pattern(page, node),
        "length" => return bounds::length(page, node),
        _ => return bounds::range(page, node, field.logical_type),
    })
}

/// Whether the field declares what the check reads.
fn applies(name: &str, field: &Field) -> bool {
    let person = field
        .identifier
        .as_ref()
        .is_some_and(IdentifierClass::is_document);
    let party = matches!(field.identifier, Some(IdentifierClass::Party { .. }));
    let listed = field.codes.as_ref().map(|codes| !codes.name.is_empty());
    match name {
        "enum" => listed == Some(false),
        "codeset" => listed == Some(true),
        "not_future" => !field.forms.is_empty(),
        "resident_id" => person,
        "uscc" => field.identifier.is_some() && !person && !party,
        "party" => party,
        "passport" | "hkmo_permit" | "phone_cn" | "plate" => {
            field.logical_type == LogicalType::String
        }
        _ => true,
    }
}
