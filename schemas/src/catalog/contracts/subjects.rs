//! Subjects: which dossiers a record speaks of, and which of its fields name them.
//!
//! Leaves alone: values of identifiers, their check characters and tokens.

use super::fields::Read;
use super::frame::field_named;
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::yaml::{Node, Spot};
use crate::contract::{Subject, SubjectIdentifier};
use crate::dossier::{Dossier, KindIndex};
use crate::field::{FieldIndex, IdentifierClass};

pub(in crate::catalog) const CLASSES: [&str; 10] = [
    "resident_id",
    "person_document",
    "birth_certificate",
    "uscc",
    "organisation_code",
    "registration_number",
    "tax_number",
    "person_or_organisation",
    "number",
    "weak",
];

/// Token classes that a field of class resident_id can hold.
const RESIDENT_CLASSES: [&str; 4] = ["RIC", "HMRP", "TWRP", "FPR"];

/// The subjects in contract order. Marks their fields, and those with the custom property `identifier`, as identifiers.
pub(super) fn read(
    page: &mut Page<'_>,
    customs: &Customs<'_>,
    fields: &mut [Read<'_>],
    dossiers: &[Dossier],
) -> Vec<Subject> {
    let items = customs
        .get("subjects")
        .map(|node| page.items(node, "subjects"));
    let mut subjects = Vec::new();
    for item in items.unwrap_or_default() {
        subjects.extend(subject(page, item, fields, dossiers));
    }
    for index in 0..fields.len() {
        let found = own_identifier(page, fields, index);
        if let (Some(class), Some(read)) = (found, fields.get_mut(index)) {
            read.field.identifier = Some(class);
        }
    }
    each_last(page, customs, &subjects);
    for SubjectIdentifier { field, class } in subjects.iter().flat_map(|one| &one.identifiers) {
        if let Some(read) = fields.get_mut(*field) {
            read.field.identifier = Some(class.clone());
        }
    }
    subjects
}

fn subject(
    page: &mut Page<'_>,
    item: &Node,
    fields: &[Read<'_>],
    dossiers: &[Dossier],
) -> Option<Subject> {
    page.known_keys(item, &["kind", "name", "each", "identifiers"]);
    let kind = page.need(item, "kind")?;
    let kind = kind_named(page, kind, dossiers)?;
    let name = item.get("name").and_then(|node| page.scalar(node, "name"));
    let each = item.get("each");
    if let Some(each) = each {
        each_element(page, each, fields);
    }
    let listed = page.need(item, "identifiers")?;
    let mut identifiers = Vec::new();
    for entry in page.items(listed, "identifiers") {
        page.known_keys(entry, &["field", "class", "typeField", "name"]);
        let Some(field) = page.need(entry, "field") else {
            continue;
        };
        let Some(name) = page.scalar(field, "field") else {
            continue;
        };
        let Some(field) = field_named(page, field, name, fields) else {
            continue;
        };
        let Some(class) = page.need(entry, "class") else {
            continue;
        };
        let type_field = entry.get("typeField");
        let name_node = entry.get("name");
        let spot = class.spot;
        let Some(class) = identifier_class(page, class, type_field, name_node, fields) else {
            continue;
        };
        known_to_dossier(page, spot, &class, dossiers.get(usize::from(kind)), fields);
        in_place(page, spot, field, each.is_some(), fields);
        identifiers.push(SubjectIdentifier { field, class });
    }
    if identifiers.is_empty() {
        page.note(
            "CT040",
            item.spot,
            "nothing names this subject",
            "list at least one identifier",
        );
    }
    Some(Subject {
        name: name.map(str::to_owned),
        kind,
        each: each.is_some(),
        identifiers,
    })
}

/// `each` names the array whose elements are read.
fn each_element(page: &mut Page<'_>, node: &Node, fields: &[Read<'_>]) {
    let Some(name) = page.scalar(node, "each") else {
        return;
    };
    let place = field_named(page, node, name, fields);
    let next = place.and_then(|place| fields.get(place + 1));
    if place.is_some() && next.is_none_or(|next| !next.field.in_element) {
        let help = "name the array, and list the fields of its elements under items.properties";
        page.note(
            "CT044",
            node.spot,
            format!("the elements of '{name}' have no fields"),
            help,
        );
    }
}

/// A subject of the record is named by its fields, one of each element by those of the element.
fn in_place(page: &mut Page<'_>, spot: Spot, field: usize, each: bool, fields: &[Read<'_>]) {
    let in_element = fields.get(field).is_some_and(|read| read.field.in_element);
    if in_element != each {
        let sentence = match each {
            true => "an element is named by its own fields, and this one stands outside",
            false => "this field stands in each element, so that it names no one subject",
        };
        let help = "write each: with the name of the array where the elements name subjects";
        page.note("CT044", spot, sentence, help);
    }
}

/// Slots of elements are counted behind those of the record, and how many there are is known last.
fn each_last(page: &mut Page<'_>, customs: &Customs<'_>, subjects: &[Subject]) {
    let sorted = subjects.is_sorted_by_key(|subject| subject.each);
    if let (false, Some(node)) = (sorted, customs.get("subjects")) {
        page.note(
            "CT044",
            node.spot,
            "subjects of elements stand before one of the record",
            "put those with each: last",
        );
    }
}

/// A subject whose identifiers are of no class of its dossier would never have a row.
fn known_to_dossier(
    page: &mut Page<'_>,
    spot: Spot,
    class: &IdentifierClass,
    dossier: Option<&Dossier>,
    fields: &[Read<'_>],
) {
    let Some(dossier) = dossier else { return };
    let known = |name: &str| dossier.class_rank(name).is_some();
    let found = match class {
        IdentifierClass::ResidentId => RESIDENT_CLASSES.into_iter().any(known),
        IdentifierClass::BirthCertificate => known("BIRTH"),
        IdentifierClass::Party { .. } => {
            let mut persons = RESIDENT_CLASSES.into_iter();
            known("ORG") || persons.any(known)
        }
        IdentifierClass::PersonDocument { type_field } => {
            let codes = fields
                .get(*type_field)
                .and_then(|read| read.field.codes.as_ref());
            // A type field without codes is a problem of its own.
            codes.is_none_or(|codes| codes.canonical.values().any(|class| known(class)))
        }
        IdentifierClass::Uscc | IdentifierClass::OrganisationCode | IdentifierClass::TaxNumber => {
            known("ORG")
        }
        IdentifierClass::RegistrationNumber => known("REG"),
        IdentifierClass::Number { class } => known(class),
        IdentifierClass::Weak { .. } => known("WEAK"),
    };
    if !found {
        let sentence = format!(
            "the dossier '{}' has no class for this identifier",
            dossier.name
        );
        let help = format!(
            "name a subject of another kind, or add the class to the dossier; it has: {}",
            dossier
                .classes
                .iter()
                .map(|class| class.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
        page.note("CT043", spot, sentence, help);
    }
}

fn kind_named(page: &mut Page<'_>, node: &Node, dossiers: &[Dossier]) -> Option<KindIndex> {
    let name = page.scalar(node, "kind")?;
    let place = dossiers.iter().position(|dossier| dossier.name == name);
    if place.is_none() {
        let help = nearest(name, dossiers.iter().map(|dossier| dossier.name.as_str()));
        page.note(
            "CT040",
            node.spot,
            format!("there is no dossier of kind '{name}'"),
            help,
        );
    }
    KindIndex::try_from(place?).ok()
}

/// The custom property `identifier` of a field whose identifier names no subject of the record.
fn own_identifier(
    page: &mut Page<'_>,
    fields: &[Read<'_>],
    index: usize,
) -> Option<IdentifierClass> {
    let read = fields.get(index)?;
    let node = read.customs.get("identifier")?;
    identifier_class(page, node, read.customs.get("typeField"), None, fields)
}

fn identifier_class(
    page: &mut Page<'_>,
    node: &Node,
    type_field: Option<&Node>,
    name_node: Option<&Node>,
    fields: &[Read<'_>],
) -> Option<IdentifierClass> {
    match page.scalar(node, "class")? {
        "resident_id" => Some(IdentifierClass::ResidentId),
        "birth_certificate" => Some(IdentifierClass::BirthCertificate),
        "uscc" => Some(IdentifierClass::Uscc),
        "organisation_code" => Some(IdentifierClass::OrganisationCode),
        "registration_number" => Some(IdentifierClass::RegistrationNumber),
        "tax_number" => Some(IdentifierClass::TaxNumber),
        "number" => {
            let class = name_node.and_then(|node| page.scalar(node, "name"));
            if class.is_none() {
                let help = "add name: with one of the classes of the dossier";
                page.note(
                    "CT041",
                    node.spot,
                    "a number needs the name of its class",
                    help,
                );
            }
            Some(IdentifierClass::Number {
                class: class?.to_owned(),
            })
        }
        "weak" => {
            let name = name_node.and_then(|node| page.scalar(node, "name"));
            if name.is_none() {
                let help = "add name: with a word that no other agency uses";
                page.note("CT041", node.spot, "a weak identifier needs a name", help);
            }
            Some(IdentifierClass::Weak {
                name: name?.to_owned(),
            })
        }
        "person_or_organisation" => {
            let Some(type_node) = type_field else {
                return Some(IdentifierClass::Party { type_field: None });
            };
            let field = document_type(page, type_node, fields)?;
            Some(IdentifierClass::Party {
                type_field: Some(field),
            })
        }
        "person_document" => {
            let Some(type_node) = type_field else {
                let help = "add typeField: with the field that holds the document type";
                page.note(
                    "CT041",
                    node.spot,
                    "the type of the document is not known",
                    help,
                );
                return None;
            };
            let field = document_type(page, type_node, fields)?;
            Some(IdentifierClass::PersonDocument { type_field: field })
        }
        other => {
            let help = nearest(other, CLASSES.into_iter());
            page.note(
                "CT041",
                node.spot,
                format!("there is no identifier class '{other}'"),
                help,
            );
            None
        }
    }
}

/// The field with the type of a document, which needs codes.
fn document_type(page: &mut Page<'_>, node: &Node, fields: &[Read<'_>]) -> Option<FieldIndex> {
    let name = page.scalar(node, "typeField")?;
    let field = field_named(page, node, name, fields)?;
    let coded = fields
        .get(field)
        .is_some_and(|read| read.field.codes.is_some());
    if !coded {
        let help = "give that field an enum or a code list of document types";
        page.note(
            "CT041",
            node.spot,
            format!("the codes of '{name}' are not known"),
            help,
        );
    }
    Some(field)
}
