//! The rules of a contract: those that follow from what it declares, replaced or joined by those written by hand.
//!
//! A declared property gives a rule `auto:<field>:<check>`; a rule over whole records is `auto:<check>`. Leaves alone:
//! carrying the checks out (`transform::check`).

mod automatic;
mod bounds;
mod fingerprint;
pub(super) mod written;

use super::contracts::fields::Read;
use super::page::Page;
use super::yaml::Node;
use crate::contract::{Contract, Order, OrderPart, Place};
use crate::dossier::Dossier;
use crate::field::{FieldIndex, IdentifierClass};
use crate::rule::Rule;

/// Fills the rules and the fingerprint of `contract`. `observe_missing`: a record without a subject opens no issue.
pub(super) fn compile(
    page: &mut Page<'_>,
    schema: &Node,
    reads: &[Read<'_>],
    contract: &mut Contract,
    dossiers: &[Dossier],
    observe_missing: bool,
) {
    let roles = Roles::of(contract);
    let mut rules = automatic::record_rules(contract, observe_missing);
    if let Some(quality) = schema.get("quality") {
        written::refuse_on_topic(page, quality);
    }
    for (index, read) in reads.iter().enumerate() {
        let automatic = automatic::field_rules(page, index, read, contract, &roles, dossiers);
        rules.extend(joined(automatic, written::read(page, index, read)));
    }
    for rule in &mut rules {
        rule.fingerprint = fingerprint::of_rule(rule, contract);
    }
    unique_ids(page, schema, &rules);
    contract.ruleset_fingerprint = fingerprint::of_set(&rules);
    contract.rules = rules;
}

/// All rules of a field. Those written by hand stand in the place of the automatic one of their kind; two of one kind
/// both run.
fn joined(automatic: Vec<Rule>, mut written: Vec<Rule>) -> Vec<Rule> {
    let mut rules = Vec::with_capacity(automatic.len() + written.len());
    for rule in automatic {
        let kind = rule.check.name();
        let (same, others): (Vec<_>, Vec<_>) = written
            .into_iter()
            .partition(|other| other.check.name() == kind);
        if same.is_empty() {
            rules.push(rule);
        }
        rules.extend(same);
        written = others;
    }
    rules.extend(written);
    rules
}

fn unique_ids(page: &mut Page<'_>, schema: &Node, rules: &[Rule]) {
    for (index, rule) in rules.iter().enumerate() {
        let earlier = rules.get(..index).unwrap_or_default();
        if earlier.iter().any(|other| other.id == rule.id) {
            let sentence = format!("two rules have the id '{}'", rule.id);
            page.note(
                "CT062",
                schema.spot,
                sentence,
                "give one of them another id",
            );
        }
    }
}

/// What a contract uses its fields for, beside mapping them.
pub(super) struct Roles {
    pub key: Vec<FieldIndex>,
    /// Fields that hold an identifier of a subject.
    pub identifiers: Vec<FieldIndex>,
    /// Fields that hold the type of a subject's document.
    pub types: Vec<FieldIndex>,
    /// Fields that order or date the record.
    pub times: Vec<FieldIndex>,
    /// Fields that a condition looks at.
    pub conditions: Vec<FieldIndex>,
    /// The field that says what the record does.
    pub operation: Option<FieldIndex>,
}

impl Roles {
    pub(super) fn of(contract: &Contract) -> Self {
        let named = contract
            .subjects
            .iter()
            .flat_map(|subject| &subject.identifiers);
        let types = named
            .clone()
            .filter_map(|identifier| match identifier.class {
                IdentifierClass::PersonDocument { type_field } => Some(type_field),
                _ => None,
            });
        let mapped = contract.mappings.iter().flat_map(|mapping| &mapping.when);
        let fixed = contract
            .constants
            .iter()
            .flat_map(|constant| &constant.when);
        Self {
            key: contract.record_key.clone(),
            types: types.collect(),
            identifiers: named.map(|identifier| identifier.field).collect(),
            times: order_parts(contract)
                .filter_map(|part| field_of(&part.place))
                .collect(),
            conditions: mapped
                .chain(fixed)
                .map(|condition| condition.field)
                .collect(),
            operation: contract.removal.operation.as_ref().and_then(field_of),
        }
    }

    /// Whether anything but a look into `landing` ever reads the field.
    pub(super) fn is_read(&self, field: FieldIndex, contract: &Contract) -> bool {
        let of_record = [
            &self.key,
            &self.identifiers,
            &self.types,
            &self.times,
            &self.conditions,
        ];
        of_record.into_iter().any(|fields| fields.contains(&field))
            || self.operation == Some(field)
            || contract
                .mappings
                .iter()
                .any(|mapping| mapping.field == field)
    }
}

/// The parts that order a record, then its business time.
pub(super) fn order_parts(contract: &Contract) -> impl Iterator<Item = &OrderPart> {
    let parts = match &contract.order {
        Order::Parts(parts) => parts.as_slice(),
        Order::Log => &[],
    };
    parts.iter().chain(std::iter::once(&contract.business_time))
}

fn field_of(place: &Place) -> Option<FieldIndex> {
    match place {
        Place::Field(field) => Some(*field),
        Place::Header(_) | Place::Envelope(_) => None,
    }
}
