//! Industry codes of GB/T 4754-2017 (amendment 1): the section always comes from the division, never from the sender.
//!
//! Only shape and division are judged; which of the 1,382 classes exist is a code list's business.

#[cfg(test)]
mod tests;

use super::fold;
use super::identifier_text::IdentifierText;

/// An industry code of sound shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Industry {
    /// Division, group or class: 2, 3 or 4 digits; empty where only a section was sent.
    pub text: IdentifierText,
    /// Section, `A`–`T`, derived from the division.
    pub section: char,
    /// The sender's letter is another than the derived one.
    pub section_differs: bool,
}

impl Industry {
    /// The four digits of a class; none for anything coarser.
    pub fn class(&self) -> Option<&str> {
        (self.text.len() == 4).then_some(self.text.as_str())
    }
}

/// Why a text is no industry code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndustryProblem {
    /// Neither a section letter nor 2 to 4 digits with or without one.
    Format,
    /// The standard has no such section or division.
    Unknown,
}

impl IndustryProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "INDUSTRY_FORMAT",
            Self::Unknown => "INDUSTRY_UNKNOWN",
        }
    }
}

/// Reads `I6510`, `6510`, `651`, `65` or `I`.
///
/// # Errors
/// [`IndustryProblem`]: other text, or a division that the standard lacks.
pub fn class_and_section(raw: &str) -> Result<Industry, IndustryProblem> {
    let folded = fold::identifier(raw);
    let (letter, digits) = match folded.text.as_bytes() {
        [letter, digits @ ..] if letter.is_ascii_uppercase() => (Some(char::from(*letter)), digits),
        digits => (None, digits),
    };
    let section = match (letter, digits) {
        (Some(letter), []) if letter <= 'T' => letter,
        (Some(_), []) => return Err(IndustryProblem::Unknown),
        (_, [tens, units, rest @ ..])
            if rest.len() <= 2 && digits.iter().all(u8::is_ascii_digit) =>
        {
            section_of((tens - b'0') * 10 + (units - b'0')).ok_or(IndustryProblem::Unknown)?
        }
        _ => return Err(IndustryProblem::Format),
    };
    let text = IdentifierText::new(digits).ok_or(IndustryProblem::Format)?;
    Ok(Industry {
        text,
        section,
        section_differs: letter.is_some_and(|letter| letter != section),
    })
}

/// Section of a division number (GB/T 4754-2017, table 1).
fn section_of(division: u8) -> Option<char> {
    Some(match division {
        1..=5 => 'A',
        6..=12 => 'B',
        13..=43 => 'C',
        44..=46 => 'D',
        47..=50 => 'E',
        51..=52 => 'F',
        53..=60 => 'G',
        61..=62 => 'H',
        63..=65 => 'I',
        66..=69 => 'J',
        70 => 'K',
        71..=72 => 'L',
        73..=75 => 'M',
        76..=79 => 'N',
        80..=82 => 'O',
        83 => 'P',
        84..=85 => 'Q',
        86..=90 => 'R',
        91..=96 => 'S',
        97 => 'T',
        _ => return None,
    })
}
