//! How messages are written: formats, encodings and the registry of the servers, byte ranges of fixed width, the record
//! element of XML.
//!
//! ODCS lists servers because data may be had in several ways. Here each way is one way to write the same records on
//! the same topic: the first one is meant where a message says nothing, the others where its header names their format.

use super::fields::Read;
use crate::catalog::page::{Customs, Page};
use crate::catalog::registry::is_topic_part;
use crate::catalog::standard::keys;
use crate::catalog::yaml::{Node, Spot};
use crate::contract::{ByteRange, Encoding, Format, Writing};

pub(in crate::catalog) const FORMATS: [(&str, Format); 6] = [
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("fixed_width", Format::FixedWidth),
    ("xml", Format::Xml),
    ("avro", Format::Avro),
    ("protobuf", Format::Protobuf),
];
pub(in crate::catalog) const ENCODINGS: [(&str, Encoding); 4] = [
    ("UTF-8", Encoding::Utf8),
    ("UTF-8-BOM", Encoding::Utf8),
    ("GBK", Encoding::Gbk),
    ("GB18030", Encoding::Gb18030),
];
/// What stands where a contract does not say how it is written; it has a problem then.
const FALLBACK: Writing = Writing {
    format: Format::Json,
    encoding: Encoding::Utf8,
};
/// The registry of a contract that names none.
const REGISTRY: &str = "main";
/// Longer than any line that people agree on, and short enough for sums.
const BYTES_MAX: usize = 65_535;

/// How messages of a feed are written.
pub(super) struct Written {
    pub first: Writing,
    pub others: Vec<Writing>,
    pub registry: String,
}

impl Written {
    pub(super) fn has(&self, format: Format) -> bool {
        self.all().any(|writing| writing.format == format)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Writing> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// The ways in which messages are written, the first one first.
pub(super) fn written(page: &mut Page<'_>, tree: &Node) -> Written {
    let servers = page
        .need(tree, "servers")
        .map(|node| page.items(node, "servers"));
    let servers = servers.unwrap_or_default();
    let mut found: Vec<Writing> = Vec::new();
    for server in servers {
        let writing = writing(page, server);
        // The same topic on two clusters, one for tests, is written in one way.
        if found.contains(&writing) {
            continue;
        }
        if found.iter().any(|other| other.format == writing.format) {
            let sentence = "two servers of one format differ in their encoding";
            let help = "agree on one: no header of a message tells encodings apart";
            page.note("CT038", server.spot, sentence, help);
        }
        found.push(writing);
    }
    let (first, others) = match found.split_first() {
        Some((first, others)) => (*first, others.to_vec()),
        None => (FALLBACK, Vec::new()),
    };
    let registry = registry(page, servers);
    Written {
        first,
        others,
        registry,
    }
}

fn writing(page: &mut Page<'_>, server: &Node) -> Writing {
    page.known_keys(server, keys::SERVER);
    if let Some(node) = page.need(server, "type") {
        page.choice(node, "server type", "CT038", &[("kafka", ())]);
    }
    let format = page.need(server, "format");
    let format = format.and_then(|node| page.choice(node, "format", "CT038", &FORMATS));
    let encoding = page.need(server, "encoding");
    let encoding = encoding.and_then(|node| page.choice(node, "encoding", "CT038", &ENCODINGS));
    let writing = Writing {
        format: format.unwrap_or(FALLBACK.format),
        encoding: encoding.unwrap_or(FALLBACK.encoding),
    };
    if writing.format.is_registered() && writing.encoding != Encoding::Utf8 {
        let sentence = "texts of this format are always UTF-8";
        page.note("CT038", server.spot, sentence, "write encoding: UTF-8");
    }
    writing
}

/// The one registry that all servers of formats with schemas name.
fn registry(page: &mut Page<'_>, servers: &[Node]) -> String {
    let mut agreed: Option<String> = None;
    for server in servers {
        let Some(name) = registry_of(page, server) else {
            continue;
        };
        if agreed.as_ref().is_some_and(|other| *other != name) {
            let sentence = "two servers name different schema registries";
            let help = "agree on one: no header of a message tells registries apart";
            page.note("CT038", server.spot, sentence, help);
        }
        agreed.get_or_insert(name);
    }
    agreed.unwrap_or_else(|| REGISTRY.to_owned())
}

/// The custom property `schemaRegistry` of a server: the name under which workers know the registry, never its address,
/// so that a registry may move. Nothing where the format of the server needs no schemas.
fn registry_of(page: &mut Page<'_>, server: &Node) -> Option<String> {
    let format = server.get("format").and_then(Node::scalar);
    let is_registered = FORMATS
        .iter()
        .any(|(name, found)| Some(*name) == format && found.is_registered());
    let customs = page.customs(server, &["schemaRegistry"]);
    let Some(node) = customs.get("schemaRegistry") else {
        return is_registered.then(|| REGISTRY.to_owned());
    };
    if !is_registered {
        let sentence = "only formats avro and protobuf have their schemas in a registry";
        page.note("CT038", node.spot, sentence, "leave schemaRegistry away");
        return None;
    }
    let name = page.scalar(node, "schemaRegistry").unwrap_or(REGISTRY);
    if !is_topic_part(name) {
        let help = "write a name in lower-case letters, digits and _, such as main";
        let sentence = format!("'{name}' is no name of a schema registry");
        page.note("CT038", node.spot, sentence, help);
    }
    Some(name.to_owned())
}

/// The element of XML that is a record; nothing without XML.
pub(super) fn record_element(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    has_xml: bool,
) -> Option<String> {
    let Some(node) = customs.get("recordElement") else {
        if has_xml {
            let help = "add the custom property 'recordElement' with the name of the element that is one record";
            let sentence = "the contract does not say which element of the XML is a record";
            page.note("CT029", schema.spot, sentence, help);
        }
        return None;
    };
    if !has_xml {
        let help = "take it out, or add a server with format: xml";
        page.note("CT029", node.spot, "only XML has a record element", help);
    }
    let text = page.scalar(node, "recordElement")?;
    if !text.split('/').all(is_local_name) {
        let sentence = format!("'{text}' is no name of an element and no path of names");
        let help = "write the name without its prefix, or the path from the root: list/record";
        page.note("CT029", node.spot, sentence, help);
    }
    Some(text.to_owned())
}

/// A name of XML without a prefix, as far as it matters here.
fn is_local_name(text: &str) -> bool {
    let refused = |letter: char| letter.is_whitespace() || "@:<>&'\"=".contains(letter);
    !text.is_empty() && !text.contains(refused)
}

/// Where each field stands in a line of fixed width, in contract order; empty without that format.
pub(super) fn byte_ranges(
    page: &mut Page<'_>,
    fields: &[Read<'_>],
    has_fixed_width: bool,
) -> Vec<ByteRange> {
    let mut ranges: Vec<ByteRange> = Vec::new();
    for read in fields {
        let named = ["width", "start"].map(|name| read.customs.get(name));
        if !has_fixed_width {
            for node in named.into_iter().flatten() {
                let help = "take it out, or add a server with format: fixed_width";
                page.note(
                    "CT028",
                    node.spot,
                    "only lines of fixed width have columns",
                    help,
                );
            }
            continue;
        }
        let [width, start] = named;
        let Some(width) = width else {
            let sentence = format!("the width of '{}' is not known", read.field.name);
            let help = "add the custom property 'width': its bytes in the declared encoding";
            page.note("CT028", read.node.spot, sentence, help);
            continue;
        };
        let spot = start.unwrap_or(width).spot;
        let width = count(page, width, "width");
        let after = ranges.last().map_or(0, ByteRange::end);
        let start = start.map_or(after, |node| count(page, node, "start").saturating_sub(1));
        push(page, spot, ByteRange { start, width }, &mut ranges);
    }
    ranges
}

fn push(page: &mut Page<'_>, spot: Spot, range: ByteRange, ranges: &mut Vec<ByteRange>) {
    let overlaps = |other: &ByteRange| range.start < other.end() && other.start < range.end();
    if ranges.iter().any(overlaps) {
        let help = "starts count from 1; without one a field follows the field before it";
        page.note("CT028", spot, "two fields stand on the same bytes", help);
    }
    if range.end() > BYTES_MAX {
        let sentence = format!("a line has at most {BYTES_MAX} bytes");
        page.note("CT028", spot, sentence, "check the widths");
    }
    ranges.push(range);
}

/// A number of bytes, or 1 with a note.
fn count(page: &mut Page<'_>, node: &Node, name: &str) -> usize {
    let number = page.scalar(node, name).and_then(|text| text.parse().ok());
    match number {
        Some(number @ 1..=BYTES_MAX) => number,
        _ => {
            let sentence = format!("'{name}' has to be a number of bytes from 1 to {BYTES_MAX}");
            page.note("CT028", node.spot, sentence, "write for example 20");
            1
        }
    }
}
