//! Unified social credit codes (GB 32100-2015), 18 characters.
//!
//! Letters in front are as good as digits: village collectives, the military and owners' assemblies have them. The
//! region inside is that of the first registration and is no statement about today's district.

#[cfg(test)]
mod tests;

use super::fold;
use super::identifier_text::IdentifierText;
use super::organisation_code;

/// The 31 symbols; the index is the value. I, O, S, V and Z are left out.
const ALPHABET: [u8; 31] = *b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights 3^i mod 31.
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
/// A sound code. `Debug` shows no character of it: individual businesses carry one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uscc {
    /// 18 symbols in upper case.
    pub text: IdentifierText,
    /// The second character is none that the first one's authority gives out (`USCC_CATEGORY_UNKNOWN`).
    pub category_unknown: bool,
    /// `O` or `I` was read as 0 or 1, or a look-alike as X, and only so the checks passed (`USCC_FOLDED`).
    pub folded: bool,
}

impl std::fmt::Debug for Uscc {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Uscc(18 characters)")
    }
}

impl Uscc {
    /// The organisation code inside, nine characters (GB 11714).
    pub fn organisation_code(&self) -> &str {
        self.part(8, 17)
    }

    /// Region of the first registration, six digits; says nothing of today's.
    pub fn region(&self) -> &str {
        self.part(2, 8)
    }

    /// Authority and category, the first two characters.
    pub fn category(&self) -> &str {
        self.part(0, 2)
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.text
            .get(from..to)
            .expect("a code has 18 ASCII characters")
    }

    /// Codes of everything worth a warning, in a fixed order.
    pub fn warnings(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.folded, "USCC_FOLDED"),
            (self.category_unknown, "USCC_CATEGORY_UNKNOWN"),
        ]
        .into_iter()
        .filter_map(|(present, code)| present.then_some(code))
    }
}

/// Why a text is no unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsccProblem {
    Length,
    /// A symbol that the alphabet or its place does not have, a mask included.
    Format,
    /// The first character is no registering authority.
    Authority,
    /// The organisation code inside fails its own check.
    OrganisationCheck,
    Check,
}

impl UsccProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "USCC_LEN",
            Self::Format => "USCC_FORMAT",
            Self::Authority => "USCC_AUTHORITY",
            Self::OrganisationCheck => "USCC_ORG_CHECK",
            Self::Check => "USCC_CHECK",
        }
    }
}

/// Reads a code of 18 characters.
///
/// # Errors
/// [`UsccProblem`]: the first of length, symbols, authority, organisation code and check that is wrong.
pub fn parse(raw: &str) -> Result<Uscc, UsccProblem> {
    let folded = fold::identifier(raw);
    let symbols: [u8; 18] = folded
        .text
        .as_bytes()
        .try_into()
        .map_err(|_| UsccProblem::Length)?;
    if symbols.iter().any(|symbol| matches!(symbol, b'O' | b'I')) {
        let repaired = symbols.map(|symbol| match symbol {
            b'O' => b'0',
            b'I' => b'1',
            other => other,
        });
        // Both letters are illegal, so the reading is believed only when every check agrees.
        return judge(repaired)
            .map(|code| Uscc {
                folded: true,
                ..code
            })
            .map_err(|_| UsccProblem::Format);
    }
    judge(symbols).map(|code| Uscc {
        folded: folded.look_alike,
        ..code
    })
}

/// Check character of the first 17 symbols in ASCII; none if one is not in the alphabet.
pub fn check_character(symbols: &[u8; 17]) -> Option<u8> {
    let mut sum = 0;
    for (symbol, weight) in symbols.iter().zip(WEIGHTS) {
        sum += value_of(*symbol)? * weight;
    }
    ALPHABET.get(((31 - sum % 31) % 31) as usize).copied()
}

/// Place of an ASCII symbol in [`ALPHABET`].
fn value_of(symbol: u8) -> Option<u32> {
    let (first, value) = match symbol {
        b'0'..=b'9' => (b'0', 0),
        b'A'..=b'H' => (b'A', 10),
        b'J'..=b'N' => (b'J', 18),
        b'P'..=b'R' => (b'P', 23),
        b'T'..=b'U' => (b'T', 26),
        b'W'..=b'Y' => (b'W', 28),
        _ => return None,
    };
    Some(u32::from(symbol - first) + value)
}

fn judge(symbols: [u8; 18]) -> Result<Uscc, UsccProblem> {
    let [
        c0,
        c1,
        r0,
        r1,
        r2,
        r3,
        r4,
        r5,
        o0,
        o1,
        o2,
        o3,
        o4,
        o5,
        o6,
        o7,
        o8,
        check,
    ] = symbols;
    if ![r0, r1, r2, r3, r4, r5].iter().all(u8::is_ascii_digit) {
        return Err(UsccProblem::Format);
    }
    if symbols.iter().any(|symbol| value_of(*symbol).is_none()) {
        return Err(UsccProblem::Format);
    }
    let categories = categories_of(c0).ok_or(UsccProblem::Authority)?;
    organisation_code::verify(&[o0, o1, o2, o3, o4, o5, o6, o7, o8])
        .map_err(|_| UsccProblem::OrganisationCheck)?;
    let body = [
        c0, c1, r0, r1, r2, r3, r4, r5, o0, o1, o2, o3, o4, o5, o6, o7, o8,
    ];
    if check_character(&body) != Some(check) {
        return Err(UsccProblem::Check);
    }
    Ok(Uscc {
        text: IdentifierText::fixed(symbols),
        category_unknown: !categories.contains(&c1),
        folded: false,
    })
}

/// The second characters that an authority gives out; none for an unknown authority (GB 32100-2015 and the codes
/// added since for the military, overseas groups, owners' assemblies, collectives and federations).
fn categories_of(authority: u8) -> Option<&'static [u8]> {
    Some(match authority {
        b'1' | b'9' | b'N' | b'Q' => b"1239",
        b'2' | b'4' | b'A' | b'G' | b'J' => b"19",
        b'3' => b"1234569",
        b'5' => b"123459",
        b'6' | b'7' | b'8' => b"129",
        b'Y' => b"1",
        _ => return None,
    })
}
