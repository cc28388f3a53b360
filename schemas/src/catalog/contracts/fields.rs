//! The fields of a contract: type, forms, codes, sensitivity.
//!
//! Leaves alone: where a field goes (`mappings`) and how it is judged (`rules`).

use std::collections::HashMap;

use crate::catalog::codes::CodeLists;
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::yaml::Node;
use crate::codes::CodeMap;
use crate::date_form::DateForm;
use crate::field::{Classification, Field, LogicalType};

const FIELD_KEYS: [&str; 14] = [
    "id",
    "name",
    "businessName",
    "description",
    "logicalType",
    "logicalTypeOptions",
    "required",
    "classification",
    "examples",
    "primaryKey",
    "primaryKeyPosition",
    "enum",
    "quality",
    "customProperties",
];
pub(in crate::catalog) const FIELD_CUSTOMS: [&str; 6] = [
    "mapsTo",
    "transform",
    "codeSet",
    "identifier",
    "typeField",
    "authorityClaim",
];
const OPTION_KEYS: [&str; 6] = [
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
];
const TYPES: [(&str, LogicalType); 7] = [
    ("string", LogicalType::String),
    ("date", LogicalType::Date),
    ("timestamp", LogicalType::Timestamp),
    ("integer", LogicalType::Integer),
    ("number", LogicalType::Number),
    ("boolean", LogicalType::Boolean),
    ("object", LogicalType::Object),
];
const CLASSIFICATIONS: [(&str, Classification); 4] = [
    ("public", Classification::Public),
    ("internal", Classification::Internal),
    ("personal", Classification::Personal),
    ("sensitive", Classification::Sensitive),
];

/// A field with the node it was read from.
pub(crate) struct Read<'n> {
    pub field: Field,
    pub node: &'n Node,
    pub customs: Customs<'n>,
}

/// All fields in contract order.
pub(crate) fn read<'n>(page: &mut Page<'_>, schema: &'n Node, lists: &CodeLists) -> Vec<Read<'n>> {
    let Some(listed) = page.need(schema, "properties") else {
        return Vec::new();
    };
    let mut fields: Vec<Read<'n>> = Vec::new();
    for node in page.items(listed, "properties") {
        let read = field(page, node, lists);
        if fields
            .iter()
            .any(|earlier| earlier.field.name == read.field.name)
        {
            let sentence = format!(
                "the field '{}' stands in the contract twice",
                read.field.name
            );
            page.note("CT020", node.spot, sentence, "keep one of the two");
        }
        fields.push(read);
    }
    fields
}

fn field<'n>(page: &mut Page<'_>, node: &'n Node, lists: &CodeLists) -> Read<'n> {
    page.known_keys(node, &FIELD_KEYS);
    let customs = page.customs(node, &FIELD_CUSTOMS);
    let logical = page.need(node, "logicalType");
    let logical = logical.and_then(|node| page.choice(node, "logical type", "CT021", &TYPES));
    let classified = page.need(node, "classification");
    let classified =
        classified.and_then(|node| page.choice(node, "classification", "CT024", &CLASSIFICATIONS));
    let classification = classified.unwrap_or(Classification::Sensitive);
    no_examples(page, node, classification);
    if let Some(options) = node.get("logicalTypeOptions") {
        page.known_keys(options, &OPTION_KEYS);
    }
    let field = Field {
        name: page.text(node, "name").unwrap_or_default().to_owned(),
        title_zh: page
            .optional_text(node, "businessName")
            .unwrap_or_default()
            .to_owned(),
        title_en: page
            .optional_text(node, "description")
            .unwrap_or_default()
            .to_owned(),
        logical_type: logical.unwrap_or(LogicalType::String),
        required: page.flag(node.get("required"), "required"),
        classification,
        forms: forms(page, node, logical),
        codes: codes(page, node, &customs, lists),
        identifier: None,
    };
    Read {
        field,
        node,
        customs,
    }
}

/// An example of a personal field sooner or later is a person.
fn no_examples(page: &mut Page<'_>, node: &Node, classification: Classification) {
    let Some(examples) = node.get("examples") else {
        return;
    };
    if classification >= Classification::Personal {
        let help = "take the examples out; put made-up records into the .good sample";
        page.note(
            "CT025",
            examples.spot,
            "a personal field must not carry examples",
            help,
        );
    }
}

/// Date forms of a field, refused where one is unknown or a date has none.
fn forms(page: &mut Page<'_>, node: &Node, logical: Option<LogicalType>) -> String {
    let dated = matches!(logical, Some(LogicalType::Date | LogicalType::Timestamp));
    let format = node
        .get("logicalTypeOptions")
        .and_then(|options| options.get("format"));
    let Some(format) = format else {
        if dated {
            let help = "add logicalTypeOptions: { format: yyyyMMdd } or the form that is sent";
            page.note(
                "CT022",
                node.spot,
                "a date field has to say how its dates are written",
                help,
            );
        }
        return String::new();
    };
    let Some(names) = page.scalar(format, "format") else {
        return String::new();
    };
    check_forms(page, format, names);
    names.to_owned()
}

/// Notes the first form that does not exist; the forms otherwise.
pub(crate) fn check_forms(page: &mut Page<'_>, node: &Node, names: &str) -> Vec<DateForm> {
    DateForm::list(names).unwrap_or_else(|unknown| {
        let help = nearest(&unknown, DateForm::ALL.into_iter().map(|form| form.name));
        page.note(
            "CT022",
            node.spot,
            format!("there is no date form '{unknown}'"),
            help,
        );
        Vec::new()
    })
}

fn codes(
    page: &mut Page<'_>,
    node: &Node,
    customs: &Customs<'_>,
    lists: &CodeLists,
) -> Option<CodeMap> {
    let named = customs.get("codeSet");
    let written = node.get("enum");
    if let (Some(named), Some(_)) = (named, written) {
        let help = "keep the enum for a handful of codes, the code list for more";
        page.note(
            "CT053",
            named.spot,
            "a field has an enum or a code list, not both",
            help,
        );
    }
    match (named, written) {
        (Some(named), _) => {
            let name = page.scalar(named, "codeSet")?;
            let list = lists.get(name);
            if list.is_none() {
                let help = nearest(name, lists.keys().map(String::as_str));
                page.note(
                    "CT053",
                    named.spot,
                    format!("there is no code list '{name}'"),
                    help,
                );
            }
            list.cloned()
        }
        (None, Some(written)) => Some(enumeration(page, written)),
        (None, None) => None,
    }
}

fn enumeration(page: &mut Page<'_>, written: &Node) -> CodeMap {
    let mut canonical = HashMap::new();
    for item in page.items(written, "enum") {
        page.known_keys(
            item,
            &["value", "label", "id", "description", "customProperties"],
        );
        let customs = page.customs(item, &["canonicalCode"]);
        let Some(value) = page.text(item, "value") else {
            continue;
        };
        let target = customs
            .get("canonicalCode")
            .and_then(|node| page.scalar(node, "canonicalCode"));
        if canonical
            .insert(value.to_owned(), target.unwrap_or(value).to_owned())
            .is_some()
        {
            let sentence = format!("the code '{value}' stands in the enum twice");
            page.note("CT091", item.spot, sentence, "keep one of the two");
        }
    }
    CodeMap {
        name: String::new(),
        canonical,
    }
}
