//! Division codes: GB/T 2260 counties, 9-digit townships and 12-digit villages (GB/T 10114).
//!
//! [`parse`] judges shape and province only. Which township a code means depends on its system and edition: [`standing`] and
//! [`name`] ask the dictionary of the catalog.

#[cfg(test)]
mod tests;

pub use yidang_schemas::division::System;
use yidang_schemas::division::{Divisions, Standing};

use super::fold;
use super::identifier_text::IdentifierText;

/// How deep a code reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Six digits: province, city or county.
    County,
    /// Nine digits: street or town.
    Township,
    /// Twelve digits: village or community.
    Village,
}

/// A division code of sound shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// 6, 9 or 12 digits.
    pub text: IdentifierText,
    pub level: Level,
    pub system: System,
    /// What [`is_known_county`] says of the first six digits.
    pub known_county: bool,
}

impl Division {
    /// The first six digits.
    pub fn county(&self) -> &str {
        self.text
            .get(..6)
            .expect("a division has at least six ASCII digits")
    }
}

/// Why a text is no division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DivisionProblem {
    /// Not 6, 9 or 12 digits.
    Format,
    /// The first two digits are no province.
    Province,
}

impl DivisionProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "DIVISION_FORMAT",
            Self::Province => "DIVISION_PROVINCE",
        }
    }
}

/// Reads a division code of the given system.
///
/// # Errors
/// [`DivisionProblem`]: the text is no code.
pub fn parse(raw: &str, system: System) -> Result<Division, DivisionProblem> {
    let folded = fold::identifier(raw);
    let bytes = folded.text.as_bytes();
    let level = match bytes.len() {
        6 => Level::County,
        9 => Level::Township,
        12 => Level::Village,
        _ => return Err(DivisionProblem::Format),
    };
    if !bytes.iter().all(u8::is_ascii_digit) {
        return Err(DivisionProblem::Format);
    }
    if !is_province(&folded.text) {
        return Err(DivisionProblem::Province);
    }
    let known_county = folded.text.get(..6).is_some_and(is_known_county);
    let text = IdentifierText::new(bytes).ok_or(DivisionProblem::Format)?;
    Ok(Division {
        text,
        level,
        system,
        known_county,
    })
}

/// What the dictionary knows of a code in a year. The worst answer is a warning, never a refusal.
pub fn standing(division: &Division, divisions: &Divisions, year: i16) -> Standing {
    divisions.standing(&division.text, division.system, year)
}

/// Stable word of a standing that is worth a warning.
pub fn warning(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Unknown => Some("DIVISION_UNKNOWN"),
        Standing::OtherYears => Some("DIVISION_YEAR"),
        Standing::Valid => None,
    }
}

/// Name of a code today: of its village, its township or its county, as its own system has it.
pub fn name<'d>(division: &Division, divisions: &'d Divisions) -> Option<&'d str> {
    let code = division.text.as_str();
    match division.level {
        Level::County => divisions.name_today(code),
        Level::Township => divisions
            .township(division.system, code)
            .map(|township| township.name.as_str()),
        Level::Village if division.system == System::Nbs => {
            divisions.village(code).map(|village| village.name.as_str())
        }
        Level::Village => None,
    }
}

/// Whether the text begins with one of the province codes of GB/T 2260, or with 83, which only residence permits use.
pub fn is_province(code: &str) -> bool {
    let &[tens, units, ..] = code.as_bytes() else {
        return false;
    };
    is_province_pair(tens, units)
}

/// [`is_province`] for the two leading digits as ASCII bytes.
pub(super) fn is_province_pair(tens: u8, units: u8) -> bool {
    match tens {
        b'1' | b'6' => matches!(units, b'1'..=b'5'),
        b'2' => matches!(units, b'1'..=b'3'),
        b'3' => matches!(units, b'1'..=b'7'),
        b'4' => matches!(units, b'1'..=b'6'),
        b'5' => matches!(units, b'0'..=b'4'),
        b'7' => units == b'1',
        b'8' => matches!(units, b'1'..=b'3'),
        _ => false,
    }
}

/// Six-digit codes of Xiamen in any year since 1980 (GB/T 2260 and its retired codes).
const XIAMEN: [&str; 12] = [
    "350200", "350201", "350202", "350203", "350204", "350205", "350206", "350211", "350212",
    "350213", "350220", "350221",
];

/// Whether a six-digit region was ever in use, as far as this table goes: exact for Xiamen, the province alone
/// elsewhere, and of 71, 81, 82, 83 only the code of the whole territory.
pub fn is_known_county(code: &str) -> bool {
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match code.as_bytes() {
        [b'3', b'5', b'0', b'2', ..] => XIAMEN.contains(&code),
        [b'7', b'1', rest @ ..] | [b'8', b'1'..=b'3', rest @ ..] => rest == b"0000",
        _ => is_province(code),
    }
}
