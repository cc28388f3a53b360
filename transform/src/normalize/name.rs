//! Names of persons and organisations: one spelling for what the same name looks like in different systems.
//!
//! NFC only, never NFKC, which rewrites letters. Private-use glyphs of old GBK systems are repaired where the standard
//! tells what they became, kept and flagged where it does not, never dropped. Whether two names are one person's is
//! decided by identifiers, not here; the raw name is kept by the caller.

mod mojibake;
mod private_use;
mod spelling;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::characters::{is_han, is_private_use};
use super::placeholder::is_placeholder;

/// Fewest and most characters of a person's name.
const PERSON_LENGTH: std::ops::RangeInclusive<usize> = 2..=50;
/// Fewest and most characters of an organisation's name.
const ORGANISATION_LENGTH: std::ops::RangeInclusive<usize> = 2..=200;

/// A name in canonical spelling. `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Name<'a> {
    /// Borrowed where the raw name was canonical already.
    pub text: Cow<'a, str>,
    /// Holds a private-use glyph that nothing is known of (`NAME_PUA`).
    pub private_use: bool,
    /// Held private-use glyphs of GBK that are now the characters they stand for.
    pub repaired: bool,
}

impl std::fmt::Debug for Name<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Name({} characters)", self.text.chars().count())
    }
}

impl Name<'_> {
    /// Codes of everything worth a warning.
    pub fn warnings(&self) -> impl Iterator<Item = &'static str> {
        self.private_use.then_some("NAME_PUA").into_iter()
    }
}

/// What two spellings of a name say about one another. Whether they are one person's is decided by identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Equality {
    /// The same canonical spelling.
    Equal,
    /// The same once glyphs of old GBK systems became the characters that they stand for: one agency's system is older.
    EqualAfterRepair,
    /// Anything else; also where an unknown private-use glyph stands in one of them, for nobody knows what it means.
    Different,
}

/// Compares two names.
pub fn equality(one: &Name<'_>, other: &Name<'_>) -> Equality {
    if one.text != other.text {
        Equality::Different
    } else if one.repaired || other.repaired {
        Equality::EqualAfterRepair
    } else {
        Equality::Equal
    }
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameProblem {
    /// Fewer characters than 2, or more than 50 (organisations: 200).
    Length,
    /// A person's name with digits in it, or an organisation's of nothing else.
    Digit,
    /// A filler or a test value.
    Placeholder,
    /// Characters replaced by `*`.
    Masked,
    /// Bytes were read in the wrong encoding, or characters were lost on the way.
    Mojibake,
}

impl NameProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "NAME_LEN",
            Self::Digit => "NAME_DIGIT",
            Self::Placeholder => "NAME_PLACEHOLDER",
            Self::Masked => "NAME_MASKED",
            Self::Mojibake => "NAME_MOJIBAKE",
        }
    }
}

/// Reads a person's name: 2 to 50 characters without digits.
///
/// # Errors
/// [`NameProblem`]: the first reason why the text is no name.
pub fn person(raw: &str) -> Result<Name<'_>, NameProblem> {
    if mojibake::is_damaged(raw) {
        return Err(NameProblem::Mojibake);
    }
    let name = spelled(raw, spelling::is_canonical_person, spelling::person)?;
    if name.text.contains('*') {
        return Err(NameProblem::Masked);
    }
    if is_placeholder(&name.text) || is_test_value(&name.text) {
        return Err(NameProblem::Placeholder);
    }
    if name.text.contains(is_digit) {
        return Err(NameProblem::Digit);
    }
    within(name, PERSON_LENGTH)
}

/// Reads an organisation's name: ASCII and brackets in half width, no space beside a Han character.
///
/// # Errors
/// [`NameProblem`]: the first reason why the text is no name.
pub fn organisation(raw: &str) -> Result<Name<'_>, NameProblem> {
    if mojibake::is_damaged(raw) {
        return Err(NameProblem::Mojibake);
    }
    let name = spelled(
        raw,
        spelling::is_canonical_organisation,
        spelling::organisation,
    )?;
    if name.text.contains('*') {
        return Err(NameProblem::Masked);
    }
    if is_placeholder(&name.text) {
        return Err(NameProblem::Placeholder);
    }
    if !name.text.is_empty() && name.text.chars().all(is_digit) {
        return Err(NameProblem::Digit);
    }
    within(name, ORGANISATION_LENGTH)
}

/// The canonical spelling. It can look damaged where the raw text did not: Â® out of â® is ® in UTF-8 read as Latin, and a
/// name that is accepted has to be accepted in its own spelling.
fn spelled<'a>(
    raw: &'a str,
    is_canonical: fn(&str) -> bool,
    spell: fn(&str) -> (String, bool),
) -> Result<Name<'a>, NameProblem> {
    if is_canonical(raw) {
        return Ok(Name {
            text: Cow::Borrowed(raw),
            private_use: false,
            repaired: false,
        });
    }
    let (text, repaired) = spell(raw);
    if text != raw && mojibake::is_damaged(&text) {
        return Err(NameProblem::Mojibake);
    }
    let private_use = text.contains(is_private_use);
    let text = if text == raw {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(text)
    };
    Ok(Name {
        text,
        private_use,
        repaired,
    })
}

fn within(
    name: Name<'_>,
    length: std::ops::RangeInclusive<usize>,
) -> Result<Name<'_>, NameProblem> {
    if length.contains(&name.text.chars().count()) {
        Ok(name)
    } else {
        Err(NameProblem::Length)
    }
}

/// No person is called 测试; a firm that sells test instruments may be.
fn is_test_value(text: &str) -> bool {
    text.starts_with(is_han) && text.contains("测试")
}

fn is_digit(character: char) -> bool {
    matches!(character, '0'..='9' | '\u{FF10}'..='\u{FF19}')
}
