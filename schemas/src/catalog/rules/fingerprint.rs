//! Fingerprints of rules: equal exactly when two rules judge every record alike.
//!
//! The text that is hashed names everything a verdict depends on, the codes of a list and the forms of a date
//! included, and nothing else: titles and descriptions may change freely.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::codes::CodeMap;
use crate::contract::{Contract, Place};
use crate::field::{Field, FieldIndex, IdentifierClass};
use crate::rule::{Check, Rule};

/// Length of a fingerprint in hexadecimal digits.
const DIGITS: usize = 16;

/// First 16 hexadecimal digits of BLAKE3 over the normalised rule.
pub(super) fn of_rule(rule: &Rule, contract: &Contract) -> String {
    short(&normalised(rule, contract))
}

/// The same over all fingerprints of a contract in rule order.
pub(super) fn of_set(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        text.push_str(&rule.fingerprint);
        text.push('\n');
    }
    short(&text)
}

fn short(text: &str) -> String {
    blake3::hash(text.as_bytes())
        .to_hex()
        .chars()
        .take(DIGITS)
        .collect()
}

fn normalised(rule: &Rule, contract: &Contract) -> String {
    let field = rule.field.and_then(|index| contract.fields.get(index));
    let mut text = format!(
        "id={}\ncheck={}\naction={}\nseverity={}\ndimension={}\n",
        rule.id,
        rule.check.name(),
        rule.action.name(),
        rule.severity.name(),
        rule.dimension.name(),
    );
    // The indicator of the check goes without saying.
    let indicator = Some(rule.indicator).filter(|named| *named != rule.check.indicator());
    add(&mut text, "indicator", indicator.map(|named| named.code));
    add(&mut text, "header", rule.header.as_deref());
    add(&mut text, "field", field.map(|field| field.name.as_str()));
    parameters(&mut text, rule, contract);
    if !matches!(rule.check, Check::IdSex { .. } | Check::IdBirth { .. }) {
        several(&mut text, &rule.check.fields(), contract);
    }
    if let Some(field) = field {
        declared(&mut text, rule, field, contract);
    }
    text
}

fn add(text: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        writeln!(text, "{name}={value}").expect("writing to a string cannot fail");
    }
}

fn order(text: &mut String, contract: &Contract) {
    let name_of = |index: usize| contract.fields.get(index).map(|field| field.name.as_str());
    for part in contract.order_parts() {
        let place = match &part.place {
            Place::Field(field) => format!("field:{}", name_of(*field).unwrap_or_default()),
            Place::Header(name) => format!("header:{name}"),
            Place::Envelope(name) => format!("envelope:{name}"),
        };
        add(text, "part", Some(&format!("{place} {:?}", part.reading)));
    }
}

/// What a check over several fields says beside their names.
fn across(text: &mut String, check: &Check) {
    match check {
        Check::Predicate(predicate) => {
            add(text, "predicate", Some(&predicate.text));
            for list in &predicate.lists {
                codes(text, list);
            }
        }
        Check::RequiredIf { values, .. } => {
            values
                .iter()
                .for_each(|value| add(text, "value", Some(value)));
        }
        Check::GeoInCity { area, .. } => add(text, "area", Some(&format!("{area:?}"))),
        _ => {}
    }
}

/// The fields of a check over several, each with all that decides how its text is read.
fn several(text: &mut String, fields: &[FieldIndex], contract: &Contract) {
    for field in fields
        .iter()
        .filter_map(|index| contract.fields.get(*index))
    {
        add(text, "reads", Some(&field.name));
        add(text, "type", Some(&format!("{:?}", field.logical_type)));
        add(text, "forms", Some(&field.forms));
        add(text, "required", field.required.then_some("true"));
    }
}

fn codes(text: &mut String, list: &CodeMap) {
    let sorted: BTreeMap<_, _> = list.canonical.iter().collect();
    for (code, canonical) in sorted {
        add(text, code, Some(canonical));
    }
}

fn parameters(text: &mut String, rule: &Rule, contract: &Contract) {
    let name_of = |index: usize| contract.fields.get(index).map(|field| field.name.as_str());
    match &rule.check {
        Check::Pattern(pattern) => add(text, "pattern", Some(pattern)),
        Check::Length { at_least, at_most } => {
            add(
                text,
                "at_least",
                at_least.map(|bound| bound.to_string()).as_deref(),
            );
            add(
                text,
                "at_most",
                at_most.map(|bound| bound.to_string()).as_deref(),
            );
        }
        Check::Range { at_least, at_most } => {
            add(text, "at_least", at_least.as_deref());
            add(text, "at_most", at_most.as_deref());
        }
        Check::IdSex { identifier } | Check::IdBirth { identifier } => {
            add(text, "identifier", name_of(*identifier));
        }
        Check::Key => contract
            .record_key
            .iter()
            .for_each(|field| add(text, "key", name_of(*field))),
        Check::Order => order(text, contract),
        Check::Subject => {
            let subjects = contract
                .subjects
                .iter()
                .flat_map(|subject| &subject.identifiers);
            subjects.for_each(|identifier| add(text, "identifier", name_of(identifier.field)));
        }
        Check::Parse => {
            let frame = (
                contract.format,
                contract.encoding,
                contract.envelope,
                contract.rows,
            );
            add(text, "frame", Some(&format!("{frame:?}")));
            layout(text, contract);
        }
        Check::Predicate(_)
        | Check::RequiredIf { .. }
        | Check::GeoInCity { .. }
        | Check::DateOrder { .. }
        | Check::OneOfFields(_)
        | Check::CardValidity { .. }
        | Check::AdminDivision { .. } => across(text, &rule.check),
        Check::Corrects
        | Check::Platform
        | Check::Passport
        | Check::HkmoPermit
        | Check::PhoneCn
        | Check::Plate
        | Check::Required
        | Check::Type
        | Check::Enum
        | Check::CodeSet
        | Check::NotFuture
        | Check::Placeholder
        | Check::ResidentId
        | Check::Uscc
        | Check::Party
        | Check::Readable
        | Check::WholeCharacters => {}
        Check::Snapshot => add(text, "snapshot", Some(&format!("{:?}", contract.snapshot))),
    }
}

/// What only some formats have.
fn layout(text: &mut String, contract: &Contract) {
    for writing in &contract.alternatives {
        add(text, "alternative", Some(&format!("{writing:?}")));
    }
    add(text, "element", contract.record_element.as_deref());
    for range in &contract.byte_ranges {
        add(
            text,
            "bytes",
            Some(&format!("{}+{}", range.start, range.width)),
        );
    }
}

/// What the field declares and the check reads.
fn declared(text: &mut String, rule: &Rule, field: &Field, contract: &Contract) {
    match &rule.check {
        Check::Enum | Check::CodeSet => {
            field.codes.iter().for_each(|list| codes(text, list));
        }
        Check::Type | Check::NotFuture | Check::Range { .. } => {
            add(text, "type", Some(&format!("{:?}", field.logical_type)));
            add(text, "forms", Some(&field.forms));
        }
        Check::ResidentId | Check::Uscc | Check::Party => {
            let class = match &field.identifier {
                Some(IdentifierClass::PersonDocument { type_field }) => {
                    let name = contract
                        .fields
                        .get(*type_field)
                        .map(|field| field.name.as_str());
                    format!("person_document {}", name.unwrap_or_default())
                }
                Some(IdentifierClass::Party { type_field }) => {
                    let field = type_field.and_then(|place| contract.fields.get(place));
                    let name = field.map(|field| field.name.as_str());
                    format!("party {}", name.unwrap_or_default())
                }
                other => format!("{other:?}"),
            };
            add(text, "class", Some(&class));
        }
        Check::Readable => {
            let index = contract
                .fields
                .iter()
                .position(|other| other.name == field.name);
            let own = contract
                .mappings
                .iter()
                .filter(|mapping| Some(mapping.field) == index);
            own.for_each(|mapping| {
                add(text, "transform", Some(&format!("{:?}", mapping.transform)))
            });
        }
        _ => {}
    }
}
