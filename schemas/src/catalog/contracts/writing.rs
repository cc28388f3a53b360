//! How messages are written: formats and encodings of the servers, byte ranges of fixed width, the record element of XML.
//!
//! ODCS lists servers because data may be had in several ways. Here each way is one way to write the same records on
//! the same topic: the first one is meant where a message says nothing, the others where its header names their format.

use super::fields::Read;
use crate::catalog::page::{Customs, Page};
use crate::catalog::standard::keys;
use crate::catalog::yaml::{Node, Spot};
use crate::contract::{ByteRange, Encoding, Format, Writing};

pub(in crate::catalog) const FORMATS: [(&str, Format); 4] = [
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("fixed_width", Format::FixedWidth),
    ("xml", Format::Xml),
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
/// Longer than any line that people agree on, and short enough for sums.
const BYTES_MAX: usize = 65_535;

/// The ways in which messages are written, the first one first.
pub(super) fn writings(page: &mut Page<'_>, tree: &Node) -> (Writing, Vec<Writing>) {
    let servers = page
        .need(tree, "servers")
        .map(|node| page.items(node, "servers"));
    let mut found: Vec<Writing> = Vec::new();
    for server in servers.unwrap_or_default() {
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
    match found.split_first() {
        Some((first, others)) => (*first, others.to_vec()),
        None => (FALLBACK, Vec::new()),
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
    Writing {
        format: format.unwrap_or(FALLBACK.format),
        encoding: encoding.unwrap_or(FALLBACK.encoding),
    }
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
