//! XML messages: each record element is a record, its child elements and attributes are fields.
//!
//! Elements match by local name, whatever their prefix. An element inside another one is the field `outer/inner`, an
//! attribute the field `@name` or `outer/@name`. `xsi:nil` and an empty element are null; an element with elements
//! inside is nested, as an object in JSON is. A document type declaration is refused, and with it every entity but the
//! five of the standard: nothing expands. Extensible Markup Language (XML) 1.0, fifth edition.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use yidang_schemas::contract::{Contract, Encoding, Rows};
use yidang_schemas::defect::Code;

use super::column::Presence;
use super::json::{Body, FieldNames};
use super::{DEPTH, Decoded, EMPTY, ENCODING, Record, SYNTAX};

/// Decodes one document. One that is not well formed is a message that could not be read, whatever stood before the
/// mistake: the standard calls it fatal.
pub(super) fn decode(
    contract: &Contract,
    fields: &FieldNames,
    encoding: Encoding,
    text: &str,
    body: Body,
    decoded: &mut Decoded,
) {
    let (records, unknown_fields) = (decoded.records.len(), decoded.unknown_fields);
    let mut document = Document::new(contract, fields, encoding, body);
    let read = document.read(text, decoded);
    let problem = match (read, document.rows) {
        (Err(code), _) => code,
        (Ok(()), 0) => EMPTY,
        (Ok(()), 2..) if contract.rows == Rows::One => SYNTAX,
        (Ok(()), _) => return,
    };
    decoded.rewind(records);
    decoded.unknown_fields = unknown_fields;
    decoded.fail(body.place, 0, problem);
}

/// A document being read.
struct Document<'c> {
    contract: &'c Contract,
    fields: &'c FieldNames,
    encoding: Encoding,
    body: Body,
    /// Local names of the open elements, parted by `/`.
    path: String,
    /// Of each open element: whether an element stands inside.
    has_elements: Vec<bool>,
    has_root: bool,
    record: Option<OpenRecord>,
    rows: u32,
    /// What stands in the innermost open element so far.
    text: String,
    is_nil: bool,
}

/// The record element that is open.
struct OpenRecord {
    /// Length of its own path.
    path_bytes: usize,
    depth: usize,
    /// Where the next field is looked for first.
    expected: usize,
    problem: Option<Code>,
}

impl<'c> Document<'c> {
    fn new(contract: &'c Contract, fields: &'c FieldNames, encoding: Encoding, body: Body) -> Self {
        Self {
            contract,
            fields,
            encoding,
            body,
            path: String::new(),
            has_elements: Vec::new(),
            has_root: false,
            record: None,
            rows: 0,
            text: String::new(),
            is_nil: false,
        }
    }

    fn read(&mut self, text: &str, decoded: &mut Decoded) -> Result<(), Code> {
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event().map_err(|_not_well_formed| SYNTAX)? {
                Event::Start(element) => self.open(&element, &reader, decoded)?,
                Event::Empty(element) => {
                    self.open(&element, &reader, decoded)?;
                    self.close(decoded);
                }
                Event::End(_) => self.close(decoded),
                Event::Text(text) => {
                    let text = text.xml10_content().map_err(|_no_text| SYNTAX)?;
                    self.characters(&text)?;
                }
                Event::CData(text) => {
                    let text = text.xml10_content().map_err(|_no_text| SYNTAX)?;
                    self.characters(&text)?;
                }
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::Decl(declaration) => self.agree(&declaration)?,
                Event::DocType(_) => return Err(SYNTAX),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        let is_whole = self.has_root && self.has_elements.is_empty();
        is_whole.then_some(()).ok_or(SYNTAX)
    }

    /// The encoding that the document declares has to be a spelling of the contract's, which decides how it is read.
    fn agree(&self, declaration: &BytesDecl<'_>) -> Result<(), Code> {
        let Some(label) = declaration.encoding() else {
            return Ok(());
        };
        let label = label.map_err(|_malformed| SYNTAX)?;
        let declared = encoding_rs::Encoding::for_label(&label).ok_or(ENCODING)?;
        let is_gb = declared == encoding_rs::GBK || declared == encoding_rs::GB18030;
        let agrees = match self.encoding {
            Encoding::Utf8 => declared == encoding_rs::UTF_8,
            Encoding::Gbk | Encoding::Gb18030 => is_gb,
        };
        agrees.then_some(()).ok_or(ENCODING)
    }

    fn open(
        &mut self,
        element: &BytesStart<'_>,
        reader: &Reader<&[u8]>,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        if self.has_elements.is_empty() && self.has_root {
            return Err(SYNTAX);
        }
        if self.has_elements.len() >= self.body.depth_max {
            return Err(DEPTH);
        }
        self.has_root = true;
        if let Some(parent) = self.has_elements.last_mut() {
            *parent = true;
            self.path.push('/');
        }
        self.has_elements.push(false);
        let name = element.local_name().into_inner();
        let name = local_name(name)?;
        self.path.push_str(name);
        self.text.clear();
        self.is_nil = false;
        if self.record.is_none() && self.is_record(name) {
            self.record = Some(OpenRecord {
                path_bytes: self.path.len(),
                depth: self.has_elements.len(),
                expected: 0,
                problem: None,
            });
        }
        if self.record.is_some() {
            self.attributes(element, reader, decoded)?;
        }
        Ok(())
    }

    fn is_record(&self, name: &str) -> bool {
        let wanted = self.contract.record_element.as_deref();
        wanted.is_some_and(|wanted| wanted == name || wanted == self.path)
    }

    fn attributes(
        &mut self,
        element: &BytesStart<'_>,
        reader: &Reader<&[u8]>,
        decoded: &mut Decoded,
    ) -> Result<(), Code> {
        // Names that stand twice are found below, without comparing each with each.
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_malformed| SYNTAX)?;
            let value = attribute
                .decode_and_unescape_value(reader.decoder())
                .map_err(|_unknown_entity| SYNTAX)?;
            let prefix = attribute.key.prefix().map(|prefix| prefix.into_inner());
            let name = attribute.key.local_name().into_inner();
            match (prefix, name) {
                (Some(b"xmlns"), _) | (None, b"xmlns") => {}
                (Some(_), b"nil") => self.is_nil = matches!(value.trim(), "true" | "1"),
                // The instance namespace speaks of types and schemas, never of the record.
                (Some(b"xsi"), _) => {}
                (_, name) => {
                    let name = local_name(name)?;
                    let field = match self.below_record(&self.path) {
                        "" => format!("@{name}"),
                        path => format!("{path}/@{name}"),
                    };
                    self.state(&field, Presence::Text, &value, decoded);
                }
            }
        }
        Ok(())
    }

    /// The part of a path below the record element.
    fn below_record<'p>(&self, path: &'p str) -> &'p str {
        let start = self.record.as_ref().map_or(0, |record| record.path_bytes);
        let inside = path.get(start..).unwrap_or_default();
        inside.strip_prefix('/').unwrap_or(inside)
    }

    fn characters(&mut self, text: &str) -> Result<(), Code> {
        if self.has_elements.is_empty() {
            let is_blank = text.trim().is_empty();
            return is_blank.then_some(()).ok_or(SYNTAX);
        }
        if self.record.is_some() {
            self.text.push_str(text);
        }
        Ok(())
    }

    /// A character by its number, or one of the five entities of the standard (4.6).
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Code> {
        if let Some(character) = reference.resolve_char_ref().map_err(|_no_number| SYNTAX)? {
            let mut buffer = [0; 4];
            return self.characters(character.encode_utf8(&mut buffer));
        }
        let name: Cow<'_, str> = reference.decode().map_err(|_no_text| SYNTAX)?;
        self.characters(resolve_xml_entity(&name).ok_or(SYNTAX)?)
    }

    fn close(&mut self, decoded: &mut Decoded) {
        let depth = self.has_elements.len();
        let has_elements = self.has_elements.pop().unwrap_or(false);
        match &self.record {
            Some(record) if record.depth == depth => self.finish(decoded),
            Some(_) => self.end_field(has_elements, decoded),
            None => {}
        }
        let parent = self.path.rfind('/').unwrap_or(0);
        self.path.truncate(parent);
        self.is_nil = false;
    }

    fn end_field(&mut self, has_elements: bool, decoded: &mut Decoded) {
        // Taken out while the document is told of them, and put back with the room they have.
        let path = std::mem::take(&mut self.path);
        let mut text = std::mem::take(&mut self.text);
        let name = self.below_record(&path);
        let (presence, value) = match (has_elements, self.is_nil) {
            (true, _) => (Presence::Nested, ""),
            (false, true) => (Presence::Null, ""),
            (false, false) => (Presence::Text, text.as_str()),
        };
        // What is inside was looked at by its own path; the whole is a value only where it is a field.
        if !has_elements || self.fields.find(name, usize::MAX).is_some() {
            self.state(name, presence, value, decoded);
        }
        text.clear();
        (self.path, self.text) = (path, text);
    }

    /// Notes the value of a field. Of a field that stands in a record twice nobody could say which one counts.
    fn state(&mut self, name: &str, presence: Presence, text: &str, decoded: &mut Decoded) {
        let Some(record) = &mut self.record else {
            return;
        };
        let Some(place) = self.fields.find(name, record.expected) else {
            decoded.unknown_fields += 1;
            return;
        };
        record.expected = place + 1;
        let row = decoded.records.len();
        let Some(column) = decoded.columns.get_mut(place) else {
            return;
        };
        if column.len() > row {
            record.problem = Some(SYNTAX);
        } else {
            column.push(presence, text);
        }
    }

    fn finish(&mut self, decoded: &mut Decoded) {
        let problem = self.record.take().and_then(|record| record.problem);
        match problem {
            Some(code) => decoded.fail(self.body.place, self.rows, code),
            None => decoded.finish(Record {
                message: self.body.place,
                row: self.rows,
                operation: self.body.operation,
                problem: None,
            }),
        }
        self.rows += 1;
    }
}

/// A name as section 2.3 has it, as far as ASCII goes: the reader takes any signs, and one with `/` or `@` would be taken
/// for a path or an attribute.
fn local_name(name: &[u8]) -> Result<&str, Code> {
    let name = std::str::from_utf8(name).map_err(|_no_text| SYNTAX)?;
    let begins = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    let goes_on = |letter: char| begins(letter) || letter.is_ascii_digit() || "-.".contains(letter);
    let is_name = name.starts_with(begins) && name.chars().all(goes_on);
    is_name.then_some(name).ok_or(SYNTAX)
}
