//! The fields of a contract: type, forms, codes, sensitivity.
//!
//! Leaves alone: where a field goes (`mappings`) and how it is judged (`rules`).

use std::collections::HashMap;

use super::frame;
use crate::catalog::codes::CodeLists;
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::standard::keys;
use crate::catalog::yaml::Node;
use crate::codes::{CodeMap, folded};
use crate::contract::{Contract, Order, Place};
use crate::date_form::DateForm;
use crate::field::{Classification, Field, FieldIndex, LogicalType};

pub(in crate::catalog) const FIELD_CUSTOMS: [&str; 9] = [
    "mapsTo",
    "transform",
    "codeSet",
    "identifier",
    "typeField",
    "authorityClaim",
    "width",
    "start",
    "kept",
];
/// The logical types of ODCS. A time of day is text to us, and what has an inner structure is kept and never read.
pub(in crate::catalog) const TYPES: [(&str, LogicalType); 11] = [
    ("string", LogicalType::String),
    ("date", LogicalType::Date),
    ("timestamp", LogicalType::Timestamp),
    ("time", LogicalType::String),
    ("integer", LogicalType::Integer),
    ("number", LogicalType::Number),
    ("boolean", LogicalType::Boolean),
    ("object", LogicalType::Object),
    ("array", LogicalType::Object),
    ("map", LogicalType::Object),
    ("vector", LogicalType::Object),
];
/// How the standard writes a timestamp that names no format.
const TIMESTAMP_FORM: &str = "iso";
const CLASSIFICATIONS: [(&str, Classification); 4] = [
    ("public", Classification::Public),
    ("internal", Classification::Internal),
    ("personal", Classification::Personal),
    ("sensitive", Classification::Sensitive),
];

/// A field with the node it was read from.
pub(crate) struct Read<'n> {
    pub field: Field,
    /// A critical data element: what fails over it weighs more.
    pub critical: bool,
    pub node: &'n Node,
    pub customs: Customs<'n>,
}

/// All fields in contract order, those of the array's elements after the array.
pub(crate) fn read<'n>(page: &mut Page<'_>, schema: &'n Node, lists: &CodeLists) -> Vec<Read<'n>> {
    let Some(listed) = page.need(schema, "properties") else {
        return Vec::new();
    };
    let mut fields: Vec<Read<'n>> = Vec::new();
    for node in page.items(listed, "properties") {
        let read = field(page, node, lists);
        let array = read.field.name.clone();
        add(page, read, &mut fields);
        let members = node.get("items").and_then(|items| items.get("properties"));
        for member in members.map_or(&[][..], |members| page.items(members, "properties")) {
            let mut read = field(page, member, lists);
            read.field.name = format!("{array}[].{}", read.field.name);
            read.field.in_element = true;
            add(page, read, &mut fields);
        }
    }
    fields
}

fn add<'n>(page: &mut Page<'_>, read: Read<'n>, fields: &mut Vec<Read<'n>>) {
    let named = &read.field.name;
    if fields.iter().any(|earlier| earlier.field.name == *named) {
        let sentence = format!("the field '{named}' stands in the contract twice");
        page.note("CT020", read.node.spot, sentence, "keep one of the two");
    }
    fields.push(read);
}

/// Notes fields of elements where a record can have one value only.
pub(super) fn single(page: &mut Page<'_>, contract: &Contract, fields: &[Read<'_>]) {
    let parts = match &contract.order {
        Order::Parts(parts) => parts.as_slice(),
        Order::Log => &[],
    };
    let times = parts.iter().chain([&contract.business_time]);
    let places = times.map(|part| &part.place);
    let of_place = places
        .chain(&contract.removal.operation)
        .filter_map(|place| match place {
            Place::Field(field) => Some(*field),
            Place::Header(_) | Place::Envelope(_) => None,
        });
    let named: Vec<FieldIndex> = of_place
        .chain(contract.record_key.iter().copied())
        .collect();
    let in_patch = !contract.mode.is_full();
    for (place, read) in fields.iter().enumerate() {
        if read.field.in_element && (in_patch || named.contains(&place)) {
            let help = "name a field of the record; a feed with an array is full or snapshot";
            page.note(
                "CT027",
                read.node.spot,
                "this field has as many values as the array has elements",
                help,
            );
        }
    }
}

/// The array whose elements are read: the one property with `items.properties`.
pub(super) fn array(page: &mut Page<'_>, fields: &mut [Read<'_>]) -> Option<FieldIndex> {
    let mut arrays = (fields.iter().enumerate()).filter(|(place, read)| {
        let next = fields.get(place + 1);
        !read.field.in_element && next.is_some_and(|next| next.field.in_element)
    });
    let (place, first) = arrays.next()?;
    if first.field.logical_type != LogicalType::Object {
        let help = "write logicalType: array";
        page.note(
            "CT026",
            first.node.spot,
            "only an array has elements with fields",
            help,
        );
    }
    for (_, other) in arrays {
        let help = "leave 'items' out of one of the two, or split the feed";
        page.note(
            "CT026",
            other.node.spot,
            "the elements of one array of a record are read, and this is the second",
            help,
        );
    }
    if let Some(read) = fields.get_mut(place) {
        read.field.logical_type = LogicalType::Elements;
    }
    Some(place)
}

fn field<'n>(page: &mut Page<'_>, node: &'n Node, lists: &CodeLists) -> Read<'n> {
    page.known_keys(node, keys::PROPERTY);
    let customs = page.customs(node, &FIELD_CUSTOMS);
    let logical = page.need(node, "logicalType");
    let logical = logical.and_then(|node| page.choice(node, "logical type", "CT021", &TYPES));
    let classified = page.need(node, "classification");
    let classified =
        classified.and_then(|node| page.choice(node, "classification", "CT024", &CLASSIFICATIONS));
    let classification = classified.unwrap_or(Classification::Sensitive);
    no_examples(page, node, classification);
    if let Some(options) = node.get("logicalTypeOptions") {
        page.known_keys(options, keys::OPTIONS);
        frame::default_zone(page, options);
    }
    let field = Field {
        name: page.text(node, "name").unwrap_or_default().to_owned(),
        in_element: false,
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
        critical: page.flag(node.get("criticalDataElement"), "criticalDataElement"),
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

/// Date forms of a field that holds dates, refused where one is unknown or a date has none. The format of other types
/// says nothing that is read here.
fn forms(page: &mut Page<'_>, node: &Node, logical: Option<LogicalType>) -> String {
    let dated = matches!(logical, Some(LogicalType::Date | LogicalType::Timestamp));
    if !dated {
        return String::new();
    }
    let options = node.get("logicalTypeOptions");
    let Some(format) = options.and_then(|options| options.get("format")) else {
        if logical == Some(LogicalType::Timestamp) {
            return TIMESTAMP_FORM.to_owned();
        }
        let help = "add logicalTypeOptions: { format: yyyyMMdd } or the form that is sent";
        page.note(
            "CT022",
            node.spot,
            "a date field has to say how its dates are written",
            help,
        );
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

/// The codes of a field: those of its `enum`, else those of its code list. Beside an enum the list says which
/// canonical codes there are.
fn codes(
    page: &mut Page<'_>,
    node: &Node,
    customs: &Customs<'_>,
    lists: &CodeLists,
) -> Option<CodeMap> {
    let list = customs
        .get("codeSet")
        .and_then(|named| code_list(page, named, lists));
    let Some(written) = node.get("enum") else {
        return list.cloned();
    };
    let codes = enumeration(page, written);
    if let (Some(list), Some(named)) = (list, customs.get("codeSet")) {
        let known = |target: &&String| list.canonical.values().any(|known| known == *target);
        let unknown = codes
            .canonical
            .values()
            .filter(|target| !known(target))
            .min();
        if let Some(target) = unknown {
            let sentence = format!("the code list has no canonical code '{target}'");
            let help = nearest(target, list.canonical.values().map(String::as_str));
            page.note("CT053", named.spot, sentence, help);
        }
    }
    Some(codes)
}

fn code_list<'l>(page: &mut Page<'_>, named: &Node, lists: &'l CodeLists) -> Option<&'l CodeMap> {
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
    list
}

fn enumeration(page: &mut Page<'_>, written: &Node) -> CodeMap {
    let mut canonical = HashMap::new();
    for item in page.items(written, "enum") {
        page.known_keys(item, keys::ENUM_VALUE);
        let customs = page.customs(item, &["canonicalCode"]);
        let Some(value) = page.text(item, "value") else {
            continue;
        };
        let target = customs
            .get("canonicalCode")
            .and_then(|node| page.scalar(node, "canonicalCode"));
        let target = target.unwrap_or(value).to_owned();
        if canonical.insert(folded(value), target).is_some() {
            let sentence = format!("the code '{value}' stands in the enum twice");
            page.note("CT091", item.spot, sentence, "keep one of the two");
        }
    }
    CodeMap {
        name: String::new(),
        canonical,
    }
}
