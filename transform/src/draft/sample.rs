//! A sample file as columns: JSON lines, a JSON array, or CSV with a header.
//!
//! What cannot be read is told by line, never by what stands there. The encoding is declared, or proposed from the
//! bytes; a proposal is no more than that, for text of one encoding can often be read in another.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use yidang_schemas::contract::{Encoding, Rows};

use super::column::is_value;
use crate::decode::encoding;

/// The formats that samples are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFormat {
    /// JSON lines or an array.
    Json,
    /// The first line is the header.
    Csv,
}

/// One value of a sample.
#[derive(Clone, PartialEq)]
pub(super) enum Cell {
    Absent,
    Null,
    Text(String),
    /// With the text of its value.
    Number(String),
    Boolean,
    Nested,
}

/// One field in all records.
pub struct Column {
    pub name: String,
    pub(super) cells: Vec<Cell>,
}

impl std::fmt::Debug for Column {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Column({}, {} values)",
            self.name,
            self.cells.len()
        )
    }
}

/// Records of a sample, by field.
#[derive(Debug)]
pub struct Sample {
    pub columns: Vec<Column>,
    pub records: usize,
    /// Whether the file is one message of many records or a message a line.
    pub rows: Rows,
    /// Lines of CSV of another length than the header; they are left out.
    pub uneven: usize,
}

/// Why a sample cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleProblem {
    /// The bytes are no text of the encoding.
    Encoding,
    /// No JSON or CSV, from this line on.
    Syntax { line: usize },
    /// Not one record.
    Empty,
    /// Where names of fields belong stands what looks like a value, is empty or stands twice; the place from 1.
    Header { place: usize },
    /// Records are wrapped in a change-data envelope.
    Envelope,
}

/// Reads a sample in a declared encoding.
pub fn read(
    bytes: &[u8],
    format: SampleFormat,
    encoding: Encoding,
) -> Result<Sample, SampleProblem> {
    let text = encoding::text(encoding, bytes).ok_or(SampleProblem::Encoding)?;
    let sample = match format {
        SampleFormat::Json => json(&text)?,
        SampleFormat::Csv => csv(&text)?,
    };
    if sample.records == 0 {
        return Err(SampleProblem::Empty);
    }
    let has = |name: &str| sample.columns.iter().any(|column| column.name == name);
    if has("before") && has("after") && has("op") {
        return Err(SampleProblem::Envelope);
    }
    let mut names: Vec<&str> = Vec::new();
    for (place, column) in sample.columns.iter().enumerate() {
        let name = column.name.trim();
        if name.is_empty() || is_value(name) || names.contains(&name) {
            return Err(SampleProblem::Header { place: place + 1 });
        }
        names.push(name);
    }
    Ok(sample)
}

/// The format that a text is most likely in: JSON begins with a bracket.
pub fn propose_format(bytes: &[u8]) -> SampleFormat {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) {
        SampleFormat::Json
    } else {
        SampleFormat::Csv
    }
}

/// An encoding that the bytes can be read in, and whether they leave no other choice to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposedEncoding {
    /// Name as contracts write it.
    pub name: &'static str,
    pub encoding: Encoding,
    /// False where the bytes are plain ASCII, which every encoding reads alike.
    pub shown: bool,
}

/// Proposes an encoding; nothing where no encoding that a contract can declare fits.
pub fn propose_encoding(bytes: &[u8]) -> Option<ProposedEncoding> {
    let proposed = |name, encoding, shown| {
        Some(ProposedEncoding {
            name,
            encoding,
            shown,
        })
    };
    if bytes.starts_with(b"\xEF\xBB\xBF") && std::str::from_utf8(bytes).is_ok() {
        return proposed("UTF-8-BOM", Encoding::Utf8, true);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return proposed("UTF-8", Encoding::Utf8, !bytes.is_ascii());
    }
    encoding::text(Encoding::Gb18030, bytes)?;
    if has_four_byte_character(bytes) {
        return proposed("GB18030", Encoding::Gb18030, true);
    }
    proposed("GBK", Encoding::Gbk, true)
}

/// Characters of four bytes (GB 18030, second byte 30 to 39) are none of GBK.
fn has_four_byte_character(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(lead) = rest.next() {
        if *lead >= 0x81
            && rest
                .next()
                .is_some_and(|trail| (0x30..=0x39).contains(trail))
        {
            return true;
        }
    }
    false
}

fn csv(text: &str) -> Result<Sample, SampleProblem> {
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .cloned()
        .map_err(|_| SampleProblem::Syntax { line: 1 })?;
    let mut table = Table::default();
    for name in &header {
        table.columns.push(Column {
            name: name.trim().to_owned(),
            cells: Vec::new(),
        });
    }
    let mut uneven = 0;
    for (place, row) in reader.records().enumerate() {
        let row = row.map_err(|_| SampleProblem::Syntax { line: place + 2 })?;
        if row.len() != header.len() {
            uneven += 1;
            continue;
        }
        for (column, cell) in table.columns.iter_mut().zip(&row) {
            column.cells.push(Cell::Text(cell.to_owned()));
        }
        table.records += 1;
    }
    Ok(table.sample(Rows::Many, uneven))
}

fn json(text: &str) -> Result<Sample, SampleProblem> {
    let syntax = |error: serde_json::Error| SampleProblem::Syntax { line: error.line() };
    let mut table = Table::default();
    let rows = if text.trim_start().starts_with('[') {
        let rows: Vec<Row> = serde_json::from_str(text).map_err(syntax)?;
        rows.into_iter().for_each(|row| table.push(row));
        Rows::Many
    } else {
        for row in serde_json::Deserializer::from_str(text).into_iter::<Row>() {
            table.push(row.map_err(syntax)?);
        }
        Rows::One
    };
    Ok(table.sample(rows, 0))
}

/// Columns that grow by records.
#[derive(Default)]
struct Table {
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
    records: usize,
}

impl Table {
    /// Adds a JSON record; a member that stands twice speaks the first time.
    fn push(&mut self, row: Row) {
        for (name, cell) in row.0 {
            let place = *self.by_name.entry(name).or_insert_with_key(|name| {
                self.columns.push(Column {
                    name: name.clone(),
                    cells: Vec::new(),
                });
                self.columns.len() - 1
            });
            if let Some(column) = self.columns.get_mut(place) {
                column
                    .cells
                    .resize(self.records.max(column.cells.len()), Cell::Absent);
                if column.cells.len() == self.records {
                    column.cells.push(cell);
                }
            }
        }
        self.records += 1;
    }

    fn sample(mut self, rows: Rows, uneven: usize) -> Sample {
        for column in &mut self.columns {
            column.cells.resize(self.records, Cell::Absent);
        }
        Sample {
            columns: self.columns,
            records: self.records,
            rows,
            uneven,
        }
    }
}

/// A JSON object with its members in the order written.
struct Row(Vec<(String, Cell)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Row, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry::<Cow<'de, str>, Cell>()? {
            members.push((member.0.into_owned(), member.1));
        }
        Ok(Row(members))
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Cell, E> {
        Ok(Cell::Boolean)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(Cell::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Cell, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Cell, A::Error> {
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
}
