//! The rules of a contract: those that follow from what it declares, replaced or joined by those written by hand.
//!
//! A declared property gives a rule `auto:<field>:<check>`; a rule over whole records is `auto:<check>`. Leaves alone:
//! carrying the checks out (`transform::check`).

mod automatic;
mod bounds;
pub(super) mod checks;
mod fingerprint;
pub(super) mod written;

use super::contracts::Context;
use super::contracts::fields::Read;
use super::page::Page;
use super::yaml::Node;
use crate::contract::{Contract, Place};
use crate::field::FieldIndex;
use crate::rule::{Action, Rule};

/// Fills the rules and the fingerprint of `contract`. `observe_missing`: a record without a subject opens no issue.
pub(super) fn compile(
    page: &mut Page<'_>,
    schema: &Node,
    reads: &[Read<'_>],
    contract: &mut Contract,
    context: &Context<'_>,
    observe_missing: bool,
) {
    let scope = checks::Scope {
        contract,
        lists: context.lists,
        field: None,
    };
    let fields = reads.iter().enumerate();
    let written = fields.map(|(index, read)| written::of_field(page, index, read, &scope));
    let written: Vec<Vec<Rule>> = written.collect();
    let over_records = written::of_records(page, schema, &scope);
    let roles = Roles::of(contract, written.iter().flatten().chain(&over_records));
    let mut rules = automatic::record_rules(contract, observe_missing);
    for ((index, read), written) in reads.iter().enumerate().zip(written) {
        let automatic =
            automatic::field_rules(page, index, read, contract, &roles, context.dossiers);
        rules.extend(joined(automatic, written));
    }
    rules.extend(over_records);
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
    /// Fields that rules over several fields read, with what these do to a record.
    pub judged: Vec<(FieldIndex, Action)>,
    /// The field that says what the record does.
    pub operation: Option<FieldIndex>,
}

impl Roles {
    pub(super) fn of<'r>(contract: &Contract, written: impl Iterator<Item = &'r Rule>) -> Self {
        let named = contract
            .subjects
            .iter()
            .flat_map(|subject| &subject.identifiers);
        let types = named
            .clone()
            .filter_map(|identifier| identifier.class.type_field());
        let mapped = contract.mappings.iter().flat_map(|mapping| &mapping.when);
        let fixed = contract
            .constants
            .iter()
            .flat_map(|constant| &constant.when);
        Self {
            key: contract.record_key.clone(),
            types: types.collect(),
            identifiers: named.map(|identifier| identifier.field).collect(),
            times: contract
                .order_parts()
                .filter_map(|part| field_of(&part.place))
                .collect(),
            conditions: mapped
                .chain(fixed)
                .map(|condition| condition.field)
                .collect(),
            judged: written.flat_map(judged).collect(),
            operation: contract.removal.operation.as_ref().and_then(field_of),
        }
    }

    /// What becomes of a record whose value is of another type than declared; nothing where nobody reads the field.
    pub(super) fn action_of_type(&self, field: FieldIndex, contract: &Contract) -> Option<Action> {
        if self.is_read(field, contract) {
            return Some(Action::Reject);
        }
        // Read by rules alone, a value does no more than they do: a rule that observes changes nothing.
        let readers = self.judged.iter().filter(|(read, _)| *read == field);
        readers.map(|(_, action)| *action).max()
    }

    /// Whether a mapping or the frame of the record reads the field.
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
            || contract.array == Some(field)
            || contract
                .mappings
                .iter()
                .any(|mapping| mapping.field == field)
    }
}

fn judged(rule: &Rule) -> impl Iterator<Item = (FieldIndex, Action)> {
    let action = rule.action;
    rule.check
        .fields()
        .into_iter()
        .map(move |field| (field, action))
}

fn field_of(place: &Place) -> Option<FieldIndex> {
    match place {
        Place::Field(field) => Some(*field),
        Place::Header(_) | Place::Envelope(_) => None,
    }
}
