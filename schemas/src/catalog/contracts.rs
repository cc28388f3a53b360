//! Compiling `contracts/<agency>/<feed>.odcs.yaml`.
//!
//! The parts of a contract are read in the order in which they need one another: fields, the frame around them
//! (key, order, mode, removal), subjects, mappings, rules. Leaves alone: what several contracts must not do together,
//! such as sharing a topic; the catalog looks at that.

pub(super) mod fields;
mod frame;
pub(super) mod mappings;
pub(super) mod subjects;
pub(super) mod transforms;

use super::codes::CodeLists;
use super::page::{Customs, Page, nearest};
use super::registry::is_topic_part;
use super::rules;
use super::standard::keys;
use super::yaml::{Node, Spot, parse};
use crate::agency::Agency;
use crate::contract::{Contract, Encoding, Format};
use crate::dossier::Dossier;

pub(super) const SCHEMA_CUSTOMS: [&str; 10] = [
    "recordKey",
    "order",
    "businessTime",
    "mode",
    "envelope",
    "rows",
    "removal",
    "subjects",
    "constants",
    "subjectMissing",
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
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err((spot, why)) => {
            page.syntax(spot, &why);
            return None;
        }
    };
    page.known_keys(&tree, keys::ROOT);
    page.standard(&tree);
    let id_node = page.need(&tree, "id")?;
    let id = identity(page, id_node)?;
    let agency = agency(page, &tree, &id, context);
    let Server {
        format,
        encoding,
        registry,
    } = server(page, &tree);
    let schema = page.only_schema(&tree)?;
    page.known_keys(schema, keys::SCHEMA);
    let customs = page.customs(schema, &SCHEMA_CUSTOMS);
    let topic_spot = topic(page, &tree, schema, &id);
    let mut fields = fields::read(page, schema, context.lists);
    let envelope = frame::envelope(page, &customs);
    let subjects = subjects::read(page, &customs, &mut fields, context.dossiers);
    let mapped = mappings::read(page, &customs, &fields, &subjects, context.dossiers);
    let mut contract = Contract {
        agency,
        title_zh: page
            .optional_text(schema, "businessName")
            .unwrap_or(&id)
            .to_owned(),
        title_en: page.optional_text(&tree, "name").unwrap_or(&id).to_owned(),
        id,
        version: owned(tree.get("version").and_then(Node::scalar)),
        topic: owned(schema.get("physicalName").and_then(Node::scalar)),
        format,
        encoding,
        registry,
        envelope,
        rows: frame::rows(page, &customs, envelope),
        mode: frame::mode(page, schema, &customs),
        record_key: frame::record_key(page, schema, &customs, &fields),
        order: frame::order(page, schema, &customs, &fields, envelope),
        business_time: frame::business_time(page, schema, &customs, &fields, envelope),
        business_time_required: frame::business_time_required(page, &customs),
        removal: frame::removal(page, schema, &customs, &fields, envelope),
        subjects,
        fields: fields.iter().map(|field| field.field.clone()).collect(),
        mappings: mapped.mappings,
        constants: mapped.constants,
        rules: Vec::new(),
        ruleset_fingerprint: String::new(),
    };
    let observe_missing = subject_missing(page, &customs);
    rules::compile(
        page,
        schema,
        &fields,
        &mut contract,
        context.dossiers,
        observe_missing,
    );
    Some(Placed {
        contract,
        id_spot: id_node.spot,
        topic_spot,
        claims: mapped.claims,
    })
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
        let help = nearest(
            &agency,
            context.agencies.iter().map(|known| known.slug.as_str()),
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

/// How messages of a feed are written.
struct Server {
    format: Format,
    encoding: Encoding,
    registry: String,
}

/// The registry of a contract that names none.
const REGISTRY: &str = "main";

fn server(page: &mut Page<'_>, tree: &Node) -> Server {
    const FORMATS: [(&str, Format); 4] = [
        ("json", Format::Json),
        ("csv", Format::Csv),
        ("avro", Format::Avro),
        ("protobuf", Format::Protobuf),
    ];
    const ENCODINGS: [(&str, Encoding); 4] = [
        ("UTF-8", Encoding::Utf8),
        ("UTF-8-BOM", Encoding::Utf8),
        ("GBK", Encoding::Gbk),
        ("GB18030", Encoding::Gb18030),
    ];
    let servers = page
        .need(tree, "servers")
        .map(|node| page.items(node, "servers"));
    let Some(server) = servers.and_then(<[Node]>::first) else {
        return Server {
            format: Format::Json,
            encoding: Encoding::Utf8,
            registry: REGISTRY.to_owned(),
        };
    };
    page.known_keys(server, keys::SERVER);
    if let Some(node) = page.need(server, "type") {
        page.choice(node, "server type", "CT038", &[("kafka", ())]);
    }
    let format = page.need(server, "format");
    let format = format.and_then(|node| page.choice(node, "format", "CT038", &FORMATS));
    let encoding = page.need(server, "encoding");
    let encoding = encoding.and_then(|node| page.choice(node, "encoding", "CT038", &ENCODINGS));
    let format = format.unwrap_or(Format::Json);
    let encoding = encoding.unwrap_or(Encoding::Utf8);
    let is_binary = matches!(format, Format::Avro | Format::Protobuf);
    if is_binary && encoding != Encoding::Utf8 {
        let sentence = "texts of this format are always UTF-8";
        page.note("CT038", server.spot, sentence, "write encoding: UTF-8");
    }
    Server {
        format,
        encoding,
        registry: registry(page, server, is_binary),
    }
}

/// The custom property `schemaRegistry` of a server: the name under which workers know the registry, never its address,
/// so that a registry may move.
fn registry(page: &mut Page<'_>, server: &Node, is_binary: bool) -> String {
    let customs = page.customs(server, &["schemaRegistry"]);
    let Some(node) = customs.get("schemaRegistry") else {
        return REGISTRY.to_owned();
    };
    let name = page.scalar(node, "schemaRegistry").unwrap_or(REGISTRY);
    if !is_topic_part(name) {
        let help = "write a name in lower-case letters, digits and _, such as main";
        let sentence = format!("'{name}' is no name of a schema registry");
        page.note("CT038", node.spot, sentence, help);
    }
    if !is_binary {
        let sentence = "only formats avro and protobuf have their schemas in a registry";
        page.note("CT038", node.spot, sentence, "leave schemaRegistry away");
    }
    name.to_owned()
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
