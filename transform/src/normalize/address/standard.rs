//! An address in one spelling, with its division, how finely it tells a place, and how sure that is.
//!
//! The text is told from the top: what is missing above a name is filled, retired districts become those of today where the
//! street confirms it, numerals that count are digits, notes in brackets at the end are dropped. The raw address is kept by
//! the caller. Nothing is taken from anywhere but the address itself, least of all from an identifier of the person.

use std::ops::Range;

use super::clean;
use super::head::{Doubt, Doubts, Head};
use super::numerals::arabic;
use super::reader::AddressReader;
use super::tail::scan;
use crate::normalize::division::System;
use crate::normalize::identifier_text::IdentifierText;
use crate::normalize::placeholder::is_placeholder;

/// Levels of an address from the coarsest to the finest; of a whole address, the finest that it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Province,
    City,
    District,
    /// Street (街道) or town.
    Township,
    /// Community or village, with its group.
    Community,
    Road,
    /// House number.
    Number,
    /// A named estate, tower or park.
    Estate,
    Building,
    Unit,
    Floor,
    Room,
}

impl Precision {
    /// Word of the level in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Province => "PROVINCE",
            Self::City => "CITY",
            Self::District => "DISTRICT",
            Self::Township => "TOWNSHIP",
            Self::Community => "COMMUNITY",
            Self::Road => "ROAD",
            Self::Number => "NUMBER",
            Self::Estate => "ESTATE",
            Self::Building => "BUILDING",
            Self::Unit => "UNIT",
            Self::Floor => "FLOOR",
            Self::Room => "ROOM",
        }
    }
}

/// An address. `Debug` shows only its precision and confidence.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub text: String,
    /// Code of the finest division that is beyond doubt: 6 digits, or 9 of [`Address::SYSTEM`].
    pub division: Option<IdentifierText>,
    /// None where nothing was recognised.
    pub precision: Option<Precision>,
    /// 0 to 100: how sure the division is, by the rules of [`confidence`].
    pub confidence: u8,
    doubts: Doubts,
    /// Levels in order with their place in `text`.
    parts: Vec<(Precision, Range<usize>)>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let precision = self.precision.map_or("-", Precision::code);
        write!(formatter, "Address({precision}, {})", self.confidence)
    }
}

impl Address {
    /// Whose numbering the nine digits of a division are.
    pub const SYSTEM: System = System::Mca;

    /// The text of one level.
    pub fn part(&self, level: Precision) -> Option<&str> {
        let (_, range) = self.parts.iter().find(|(found, _)| *found == level)?;
        self.text.get(range.clone())
    }

    /// Codes of everything worth a warning.
    pub fn warnings(&self) -> impl Iterator<Item = &'static str> {
        let doubts = self.doubts;
        let told = [
            (Doubt::Contradicted, "ADDRESS_CONTRADICTION"),
            (Doubt::Retired, "ADDRESS_RETIRED_DISTRICT"),
            (Doubt::Mapped, "ADDRESS_DISTRICT_MAPPED"),
        ];
        told.into_iter()
            .filter_map(move |(doubt, code)| doubts.has(doubt).then_some(code))
    }
}

impl AddressReader {
    /// Reads an address. None where the text is empty, a note alone, or a filler.
    pub fn read(&self, raw: &str) -> Option<Address> {
        let cleaned = clean(raw);
        let text = without_country(without_notes(&cleaned));
        if text.is_empty() || is_placeholder(text) {
            return None;
        }
        let head = Head::read(self, text);
        let mut written = Written::default();
        for (level, county) in [
            (Precision::Province, head.province),
            (Precision::City, head.city),
            (Precision::District, head.district),
        ] {
            // A municipality is province and city at once and stands in the text once.
            written.push(level, county.map(|county| county.name.as_str()));
        }
        written.push(
            Precision::Township,
            head.township.map(|township| township.name.as_str()),
        );
        let start = written.text.len();
        written.text.push_str(&arabic(head.rest));
        let tail = written.text.get(start..).unwrap_or_default();
        let county = head.district.map(|district| district.code.as_str());
        let found = scan(tail, self.divisions(), county);
        let moved = found
            .into_iter()
            .map(|(level, range)| (level, range.start + start..range.end + start));
        written.parts.extend(moved);
        Some(Address {
            division: division(&head),
            precision: written.parts.iter().map(|(level, _)| *level).max(),
            confidence: confidence(&head),
            doubts: head.doubts,
            text: written.text,
            parts: written.parts,
        })
    }
}

#[derive(Default)]
struct Written {
    text: String,
    parts: Vec<(Precision, Range<usize>)>,
}

impl Written {
    fn push(&mut self, level: Precision, name: Option<&str>) {
        let Some(name) = name else {
            return;
        };
        let start = self.text.len();
        self.text.push_str(name);
        self.parts.push((level, start..self.text.len()));
    }
}

/// The finest division beyond doubt: not a retired district, and nothing below the city where street and district
/// exclude one another.
fn division(head: &Head<'_, '_>) -> Option<IdentifierText> {
    let doubtful = head.doubts.has(Doubt::Contradicted) || head.doubts.has(Doubt::Retired);
    let district = head.district.map(|district| district.code.as_str());
    let above = head
        .city
        .or(head.province)
        .map(|county| county.code.as_str());
    let township = head.township.map(|township| township.code.as_str());
    let code = if doubtful {
        above
    } else {
        township.or(district).or(above)
    };
    code.and_then(|code| IdentifierText::new(code.as_bytes()))
}

/// How sure the division is. It begins with what was found in the dictionary (street 100, district 80, city 50, province 30,
/// nothing 10) and loses 60 where street and district exclude one another, 30 for a retired district that no street
/// confirms, 20 for a name that other cities have as well, 10 for a district replaced, 10 for a street by its former kind of
/// name, 5 for a level filled in.
fn confidence(head: &Head<'_, '_>) -> u8 {
    let found = match (head.township, head.district, head.city, head.province) {
        (Some(_), ..) => 100,
        (None, Some(_), ..) => 80,
        (None, None, Some(_), _) => 50,
        (None, None, None, Some(_)) => 30,
        (None, None, None, None) => 10,
    };
    let losses = [
        (Doubt::Contradicted, 60),
        (Doubt::Retired, 30),
        (Doubt::Home, 20),
        (Doubt::Mapped, 10),
        (Doubt::Renamed, 10),
        (Doubt::Filled, 5),
    ];
    losses
        .into_iter()
        .filter(|(doubt, _)| head.doubts.has(*doubt))
        .fold(found, |rest: u8, (_, loss)| rest.saturating_sub(loss))
}

/// Without notes in brackets at the end.
fn without_notes(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(open) = text.strip_suffix(')') {
        match open.rfind('(') {
            Some(start) => text = text.get(..start).unwrap_or_default().trim_end(),
            None => break,
        }
    }
    text
}

fn without_country(mut text: &str) -> &str {
    while let Some(after) = ["中华人民共和国", "中国"]
        .iter()
        .find_map(|name| text.strip_prefix(name))
    {
        text = after;
    }
    text
}

#[cfg(test)]
mod tests;
