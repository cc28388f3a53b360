//! Cells: canonical values in the compact form that memory and `state` keep.
//!
//! One cell is: leaf (u16), version (u8, place among the record's versions), tag (u8), the slot (u8) where the tag says
//! that the cell is about one, then the value: nothing for null, a length and bytes for text, four or eight bytes for
//! dates and integers; little endian throughout.

use yidang_schemas::contract::{EVERY_SLOT, GROUPS_START};
use yidang_schemas::dossier::{KindIndex, LeafIndex, LeafRef};

/// A canonical value. Dates are days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    Null,
    Text(&'a str),
    Date(i32),
    Integer(i64),
}

impl Value<'_> {
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => formatter.write_str("Null"),
            Self::Text(text) => write!(formatter, "Text({} bytes)", text.len()),
            Self::Date(_) => formatter.write_str("Date"),
            Self::Integer(_) => formatter.write_str("Integer"),
        }
    }
}

/// One decoded cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    pub target: LeafRef,
    /// Place among the versions of the record's state; 0 in full feeds.
    pub version: u8,
    /// Slot of the one subject that it is about; [`EVERY_SLOT`] for all of its kind.
    pub slot: u8,
    pub value: Value<'a>,
}

impl<'a> Cell<'a> {
    /// A cell of the version at hand, about all subjects of its kind.
    pub fn new(target: LeafRef, value: Value<'a>) -> Self {
        Self {
            target,
            version: 0,
            slot: EVERY_SLOT,
            value,
        }
    }

    /// Whether it is about the subject in this slot.
    pub fn is_about(&self, slot: u8) -> bool {
        self.slot == slot || (self.slot == EVERY_SLOT && slot < GROUPS_START)
    }
}

/// A sequence of cells in compact form.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cells(Vec<u8>);

impl std::fmt::Debug for Cells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Cells({} bytes)", self.0.len())
    }
}

const TAG_NULL: u8 = 0;
const TAG_TEXT: u8 = 1;
const TAG_DATE: u8 = 2;
const TAG_INTEGER: u8 = 3;
/// Set on the tag of a cell about one slot.
const TAG_SLOT: u8 = 0x80;

impl Cells {
    /// With room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub fn push(&mut self, cell: Cell<'_>) {
        self.0.push(cell.target.kind);
        self.0.extend_from_slice(&cell.target.leaf.to_le_bytes());
        self.0.push(cell.version);
        let tag = match cell.value {
            Value::Null => TAG_NULL,
            Value::Text(_) => TAG_TEXT,
            Value::Date(_) => TAG_DATE,
            Value::Integer(_) => TAG_INTEGER,
        };
        match cell.slot {
            EVERY_SLOT => self.0.push(tag),
            slot => self.0.extend_from_slice(&[tag | TAG_SLOT, slot]),
        }
        match cell.value {
            Value::Null => {}
            Value::Text(text) => {
                let length = u32::try_from(text.len()).expect("a message is far below 4 GiB");
                self.0.extend_from_slice(&length.to_le_bytes());
                self.0.extend_from_slice(text.as_bytes());
            }
            Value::Date(days) => self.0.extend_from_slice(&days.to_le_bytes()),
            Value::Integer(number) => self.0.extend_from_slice(&number.to_le_bytes()),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> CellIter<'_> {
        CellIter { rest: &self.0 }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes bytes written by [`Cells::as_bytes`]; nothing where they do not parse to their end.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut cells = CellIter { rest: bytes };
        while cells.next().is_some() {}
        cells.rest.is_empty().then(|| Self(bytes.to_vec()))
    }

    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

/// Walks the cells of one record.
#[derive(Clone)]
pub struct CellIter<'a> {
    rest: &'a [u8],
}

impl std::fmt::Debug for CellIter<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "CellIter({} bytes left)", self.rest.len())
    }
}

impl<'a> Iterator for CellIter<'a> {
    type Item = Cell<'a>;

    fn next(&mut self) -> Option<Cell<'a>> {
        let (head, rest) = self.rest.split_at_checked(5)?;
        let &[kind, low, high, version, tag] = head else {
            return None;
        };
        let (slot, rest) = match tag & TAG_SLOT {
            0 => (EVERY_SLOT, rest),
            _ => rest.split_first().map(|(slot, rest)| (*slot, rest))?,
        };
        let (value, rest) = match tag & !TAG_SLOT {
            TAG_NULL => (Value::Null, rest),
            TAG_TEXT => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                (Value::Text(std::str::from_utf8(text).ok()?), rest)
            }
            TAG_DATE => {
                let (days, rest) = rest.split_first_chunk::<4>()?;
                (Value::Date(i32::from_le_bytes(*days)), rest)
            }
            TAG_INTEGER => {
                let (number, rest) = rest.split_first_chunk::<8>()?;
                (Value::Integer(i64::from_le_bytes(*number)), rest)
            }
            _ => return None,
        };
        self.rest = rest;
        let target = LeafRef {
            kind: kind as KindIndex,
            leaf: LeafIndex::from_le_bytes([low, high]),
        };
        Some(Cell {
            target,
            version,
            slot,
            value,
        })
    }
}
