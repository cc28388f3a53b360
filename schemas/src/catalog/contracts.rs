//! Compiling `contracts/<agency>/<feed>.odcs.yaml`.
//!
//! The parts of a contract are read in the order in which they need one another: fields, the frame around them
//! (key, order, mode, removal), subjects, mappings, rules. Leaves alone: what several contracts must not do together,
//! such as sharing a topic; the catalog looks at that.

pub(super) mod envelope;
pub(super) mod fields;
mod frame;
pub(super) mod mappings;
mod reach;
mod standing;
pub(super) mod subjects;
pub(super) mod transforms;
pub(super) mod writing;

use super::codes::CodeLists;
use super::page::{Customs, Page, nearest};
use super::registry::is_topic_part;
use super::rules;
use super::standard::keys;
use super::yaml::{Node, Spot, parse};
use crate::agency::Agency;
use crate::contract::{Contract, Format, Writing};
use crate::dossier::Dossier;

pub(super) const SCHEMA_CUSTOMS: [&str; 13] = [
    "recordKey",
    "order",
    "businessTime",
    "mode",
    "envelope",
    "rows",
    "recordElement",
    "removal",
    "subjects",
    "constants",
    "subjectMissing",
    "snapshot",
    "horizon",
];

/// What a contract may refer to.
pub(super) struct Context<'c> {
    pub agencies: &'c [Agency],
    pub dossiers: &'c [Dossier],
    pub lists: &'c CodeLists,
}

/// A contract with the places that checks across files point at.
pub(super) struct Placed {
    pub contract: Contract,
    pub id_spot: Spot,
    pub topic_spot: Spot,
    pub claims: Vec<Claim>,
}

/// The rank an agency says it should have for what one field fills.
pub(super) struct Claim {
    pub rank: u8,
    pub spot: Spot,
    /// `<kind>.<column>` of each mapping of the field.
    pub columns: Vec<String>,
}

/// The contract of one file, as far as it can be read; every mistake is noted on `page`.
pub(super) fn compile(page: &mut Page<'_>, text: &str, context: &Context<'_>) -> Option<Placed> {
    let tree = page.document(text)?;
    let id_node = page.need(&tree, "id")?;
    let id = identity(page, id_node)?;
    let agency = agency(page, &tree, &id, context);
    let (Writing { format, encoding }, alternatives) = writing::writings(page, &tree);
    let has = |wanted: Format| {
        format == wanted || alternatives.iter().any(|other| other.format == wanted)
    };
    let (has_fixed_width, has_xml) = (has(Format::FixedWidth), has(Format::Xml));
    let schema = page.only_schema(&tree)?;
    page.known_keys(schema, keys::SCHEMA);
    let customs = page.customs(schema, &SCHEMA_CUSTOMS);
    let topic_spot = topic(page, &tree, schema, &id);
    let mut fields = fields::read(page, schema, context.lists);
    let array = fields::array(page, &mut fields);
    let envelope = envelope::read(page, &customs, format, &alternatives);
    let subjects = subjects::read(page, &customs, &mut fields, context.dossiers);
    let mapped = mappings::read(page, &customs, &fields, &subjects, context.dossiers);
    let mode = frame::mode(page, schema, &customs);
    let record_key = frame::record_key(page, schema, &customs, &fields);
    let order = frame::order(page, schema, &customs, &fields, envelope);
    let frame = standing::Frame {
        mode,
        envelope,
        order: &order,
        record_key: &record_key,
    };
    let (snapshot, horizon) = standing::read(page, schema, &customs, &fields, &frame);
    let mut contract = Contract {
        agency,
        title_zh: title(page, schema, "businessName", &id),
        title_en: title(page, &tree, "name", &id),
        id,
        version: owned(tree.get("version").and_then(Node::scalar)),
        topic: owned(schema.get("physicalName").and_then(Node::scalar)),
        format,
        encoding,
        alternatives,
        record_element: writing::record_element(page, schema, &customs, has_xml),
        byte_ranges: writing::byte_ranges(page, &fields, has_fixed_width),
        envelope,
        rows: envelope::rows(page, &customs, envelope),
        mode,
        record_key,
        order,
        business_time: frame::business_time(page, schema, &customs, &fields, envelope),
        business_time_required: frame::business_time_required(page, &customs),
        removal: frame::removal(page, schema, &customs, &fields, envelope),
        snapshot,
        horizon,
        subjects,
        array,
        fields: fields.iter().map(|field| field.field.clone()).collect(),
        mappings: mapped.mappings,
        constants: mapped.constants,
        rules: Vec::new(),
        ruleset_fingerprint: String::new(),
    };
    judged(page, schema, &customs, &fields, &mut contract, context);
    Some(Placed {
        contract,
        id_spot: id_node.spot,
        topic_spot,
        claims: mapped.claims,
    })
}

/// The id that the text of a contract gives, where it can be read.
pub(super) fn id_of(text: &str) -> Option<String> {
    let tree = parse(text).ok()?;
    tree.get("id").and_then(Node::scalar).map(str::to_owned)
}

fn title(page: &mut Page<'_>, node: &Node, key: &str, id: &str) -> String {
    page.optional_text(node, key).unwrap_or(id).to_owned()
}

/// What can be asked of a contract only once the rest of it is read, and its rules.
fn judged(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[fields::Read<'_>],
    contract: &mut Contract,
    context: &Context<'_>,
) {
    fields::single(page, contract, fields);
    let observe_missing = subject_missing(page, customs);
    rules::compile(page, schema, fields, contract, context, observe_missing);
    reach::tell(page, schema, fields, contract);
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// `<agency>.<feed>`, equal to the place of the file.
fn identity(page: &mut Page<'_>, node: &Node) -> Option<String> {
    let id = page.scalar(node, "id")?.to_owned();
    let path = page
        .file
        .trim_start_matches("contracts/")
        .trim_end_matches(".odcs.yaml");
    if path.replace('/', ".") != id {
        let help = format!("write '{}', or move the file", path.replace('/', "."));
        page.note(
            "CT010",
            node.spot,
            "the id and the place of the file differ",
            help,
        );
    }
    let parts: Vec<_> = id.split('.').collect();
    if parts.len() != 2 || !parts.into_iter().all(is_topic_part) {
        let help = "write <agency>.<feed> in lower-case letters, digits and _";
        page.note(
            "CT010",
            node.spot,
            format!("'{id}' is no id of a feed"),
            help,
        );
    }
    Some(id)
}

fn agency(page: &mut Page<'_>, tree: &Node, id: &str, context: &Context<'_>) -> String {
    let customs = page.customs(tree, &["profile", "sourceAgency"]);
    page.profile(tree, &customs);
    let Some(agency) = page.custom_text(tree, &customs, "sourceAgency") else {
        return String::new();
    };
    let spot = customs
        .get("sourceAgency")
        .map_or(tree.spot, |node| node.spot);
    if !context.agencies.iter().any(|known| known.slug == agency) {
        let known = context.agencies.iter().map(|known| known.slug.as_str());
        let help = format!(
            "{}, or add the agency to agencies.yaml",
            nearest(&agency, known)
        );
        page.note(
            "CT011",
            spot,
            format!("agencies.yaml has no agency '{agency}'"),
            help,
        );
    }
    if id.split('.').next() != Some(agency.as_str()) {
        let help = "use the agency with which the id begins";
        page.note("CT011", spot, "the agency is not that of the id", help);
    }
    let team = page.need(tree, "team").and_then(|team| team.get("id"));
    if let Some(team) = team.filter(|team| team.scalar() != Some(agency.as_str())) {
        let sentence = "the team answers for another agency";
        page.note("CT011", team.spot, sentence, format!("write '{agency}'"));
    }
    agency
}

/// Topics are named `src.<agency>.<feed>.v<major>`: readers find the contract of a topic without a registry.
fn topic(page: &mut Page<'_>, tree: &Node, schema: &Node, id: &str) -> Spot {
    if let Some(node) = page.need(schema, "physicalType") {
        page.choice(node, "physical type of a feed", "CT012", &[("topic", ())]);
    }
    let Some(node) = page.need(schema, "physicalName") else {
        return schema.spot;
    };
    let version = tree
        .get("version")
        .and_then(Node::scalar)
        .unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    let wanted = format!("src.{id}.v{major}");
    if node.scalar() != Some(wanted.as_str()) {
        let sentence = "the topic does not follow src.<agency>.<feed>.v<major>";
        page.note("CT012", node.spot, sentence, format!("write '{wanted}'"));
    }
    node.spot
}

fn subject_missing(page: &mut Page<'_>, customs: &Customs<'_>) -> bool {
    const CHOICES: [(&str, bool); 2] = [("observe", true), ("quarantine", false)];
    let node = customs.get("subjectMissing");
    let found = node.and_then(|node| page.choice(node, "subjectMissing", "CT061", &CHOICES));
    found.unwrap_or(false)
}

/// Notes an id or a topic that an earlier contract already has.
pub(super) fn collide(page: &mut Page<'_>, placed: &Placed, earlier: &[(&str, Placed)]) {
    let Contract { id, topic, .. } = &placed.contract;
    if earlier.iter().any(|(_, other)| other.contract.id == *id) {
        let sentence = format!("another contract has the id '{id}'");
        page.note(
            "CT013",
            placed.id_spot,
            sentence,
            "give each feed its own id",
        );
    }
    if earlier
        .iter()
        .any(|(_, other)| other.contract.topic == *topic)
    {
        let sentence = format!("another contract has the topic '{topic}'");
        page.note(
            "CT014",
            placed.topic_spot,
            sentence,
            "one topic carries one feed",
        );
    }
}
