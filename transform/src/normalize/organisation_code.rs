//! Organisation codes (GB 11714): eight characters and a check character, often written `XXXXXXXX-X`.
//!
//! The check lets through about one in fifteen wrong characters, so it is never used to repair a code.

#[cfg(test)]
mod tests;

use super::fold;
use super::identifier_text::IdentifierText;

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Why a text is no organisation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganisationCodeProblem {
    Length,
    Format,
    Check,
}

impl OrganisationCodeProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "ORG_LEN",
            Self::Format => "ORG_FORMAT",
            Self::Check => "ORG_CHECK",
        }
    }
}

/// Reads a code with or without its dash; the canonical form has nine characters and no dash.
///
/// # Errors
/// [`OrganisationCodeProblem`]: length, characters or check are wrong.
pub fn parse(raw: &str) -> Result<IdentifierText, OrganisationCodeProblem> {
    let folded = fold::identifier(raw);
    let code = match *folded.text.as_bytes() {
        [c0, c1, c2, c3, c4, c5, c6, c7, b'-', check] | [c0, c1, c2, c3, c4, c5, c6, c7, check] => {
            [c0, c1, c2, c3, c4, c5, c6, c7, check]
        }
        _ => return Err(OrganisationCodeProblem::Length),
    };
    verify(&code)?;
    Ok(IdentifierText::fixed(code))
}

/// Judges nine characters in upper case. All zeros pass the arithmetic and are refused all the same.
pub(super) fn verify(code: &[u8; 9]) -> Result<(), OrganisationCodeProblem> {
    let (body, check) = code.split_first_chunk::<8>().expect("9 is more than 8");
    if *code == [b'0'; 9] {
        return Err(OrganisationCodeProblem::Format);
    }
    let expected = check_character(body).ok_or(OrganisationCodeProblem::Format)?;
    match check {
        [given] if *given == expected => Ok(()),
        [given] if given.is_ascii_digit() || *given == b'X' => Err(OrganisationCodeProblem::Check),
        _ => Err(OrganisationCodeProblem::Format),
    }
}

/// Check character of eight characters, each a digit or an upper-case letter; none for others.
pub fn check_character(body: &[u8; 8]) -> Option<u8> {
    let mut sum = 0;
    for (character, weight) in body.iter().zip(WEIGHTS) {
        sum += value_of(*character)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some(b'X'),
        11 => Some(b'0'),
        digit => Some(b'0' + u8::try_from(digit).ok()?),
    }
}

fn value_of(character: u8) -> Option<u32> {
    match character {
        b'0'..=b'9' => Some(u32::from(character - b'0')),
        b'A'..=b'Z' => Some(u32::from(character - b'A') + 10),
        _ => None,
    }
}
