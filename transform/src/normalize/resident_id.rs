//! Resident identity numbers (GB 11643-1999) and the residence permits of Hong Kong, Macao and Taiwan residents, which
//! share their shape.
//!
//! The check character and the calendar decide; the region is never held against the birth year: numbers were first
//! given out in the mid-1980s, so older people carry codes that are younger than they are. Declared sex and birth date
//! are compared by the caller.

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use super::division::{is_known_county, is_province_pair};
use super::fold;
use super::identifier_text::IdentifierText;
use super::person_identifier::PersonIdClass;

/// Weights 2^(17−i) mod 11 of the first 17 digits (ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check character by weighted sum mod 11.
const CHECK_CHARACTERS: [u8; 11] = *b"10X98765432";
/// Nobody alive when numbers were first given out was born earlier.
const EARLIEST_BIRTH_YEAR: i16 = 1875;

/// What a number is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Day of the event that carries the number, in Asia/Shanghai; nobody is born after it. None: no upper limit.
    pub latest_birth: Option<Date>,
    /// The source sent a number instead of a string, so a failed check is probably lost precision.
    pub numeric_source: bool,
}

impl Limits {
    /// Births up to and on `event_date`.
    pub fn born_by(event_date: Date) -> Self {
        Self {
            latest_birth: Some(event_date),
            numeric_source: false,
        }
    }
}

/// A sound number of 18 characters. `Debug` shows no digit of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ResidentId {
    /// 17 digits and `0`–`9` or `X`.
    pub canonical: IdentifierText,
    /// `Ric`, or `Hmrp` (810000, 820000), `Twrp` (830000).
    pub class: PersonIdClass,
    pub birth_date: Date,
    /// The 17th digit, 0–9: odd for men, even for women.
    pub sex_digit: u8,
    /// Made from a first-generation number of 15 digits, which has no check of its own.
    pub upgraded_from_15: bool,
    /// The X was written as a look-alike (`ID_FOLDED`).
    pub folded: bool,
    /// The region is in no edition of the table (`ID_REGION_UNKNOWN`).
    pub region_unknown: bool,
    /// The sequence is 000 (`ID_SEQUENCE_000`).
    pub sequence_000: bool,
}

impl std::fmt::Debug for ResidentId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ResidentId({:?}, 18 characters)", self.class)
    }
}

impl ResidentId {
    /// County-level code at first registration, six digits.
    pub fn region(&self) -> &str {
        self.canonical
            .get(..6)
            .expect("a resident id has 18 ASCII characters")
    }

    /// Sex by GB/T 2261.1: `1` for men, `2` for women.
    pub fn sex_code(&self) -> &'static str {
        if self.sex_digit % 2 == 1 { "1" } else { "2" }
    }

    /// Codes of everything worth a warning, in a fixed order.
    pub fn warnings(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.folded, "ID_FOLDED"),
            (self.region_unknown, "ID_REGION_UNKNOWN"),
            (self.sequence_000, "ID_SEQUENCE_000"),
        ]
        .into_iter()
        .filter_map(|(present, code)| present.then_some(code))
    }
}

/// Why a text is no sound identifier of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdProblemKind {
    /// Of no length that the document has.
    Length,
    /// A character where the document has none such.
    Format,
    /// The check character or digit is another.
    Check,
    /// Digits replaced by `*`.
    Masked,
    /// No such day, before 1875 or after the event.
    BirthDate,
    /// The first two digits are no province.
    Province,
}

/// One reason and perhaps a hint for whoever has to find the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdProblem {
    pub kind: IdProblemKind,
    /// The number probably went through a floating-point number or a spreadsheet.
    pub float_truncated: bool,
}

impl IdProblem {
    pub(super) const fn new(kind: IdProblemKind) -> Self {
        Self {
            kind,
            float_truncated: false,
        }
    }

    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self.kind {
            IdProblemKind::Length => "ID_LEN",
            IdProblemKind::Format => "ID_FORMAT",
            IdProblemKind::Check => "ID_CHECK",
            IdProblemKind::Masked => "ID_MASKED",
            IdProblemKind::BirthDate => "ID_BIRTHDATE",
            IdProblemKind::Province => "ID_PROVINCE",
        }
    }

    /// Stable word of the hint.
    pub fn hint(self) -> Option<&'static str> {
        self.float_truncated.then_some("FLOAT_TRUNCATED")
    }
}

/// Reads a number of 18 characters or of 15 digits, which becomes 18.
///
/// # Errors
/// [`IdProblem`]: the first step of the validation order that fails.
pub fn parse(raw: &str, limits: &Limits) -> Result<ResidentId, IdProblem> {
    if let Ok(bytes) = <&[u8; 18]>::try_from(raw.as_bytes())
        && has_shape(bytes)
    {
        return judge(*bytes, limits);
    }
    let folded = fold::identifier(raw);
    let bytes = folded.text.as_bytes();
    if bytes.contains(&b'*') {
        return Err(IdProblem::new(IdProblemKind::Masked));
    }
    let mut id = if let Ok(bytes) = <&[u8; 18]>::try_from(bytes) {
        if !has_shape(bytes) {
            return Err(misshapen(IdProblemKind::Format, &folded.text, limits));
        }
        judge(*bytes, limits)?
    } else if let Ok(bytes) = <&[u8; 15]>::try_from(bytes) {
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(misshapen(IdProblemKind::Format, &folded.text, limits));
        }
        let mut id = judge(upgrade(bytes), limits)?;
        id.upgraded_from_15 = true;
        id
    } else {
        return Err(misshapen(IdProblemKind::Length, &folded.text, limits));
    };
    id.folded = folded.folded;
    Ok(id)
}

/// Check character of the first 17 digits, given in ASCII (ISO 7064 MOD 11-2).
pub fn check_character(digits: &[u8; 17]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    CHECK_CHARACTERS
        .get((sum % 11) as usize)
        .copied()
        .expect("a remainder of 11 is below 11")
}

/// A first-generation number as 18 characters: the century is 19, or 18 for the sequences 996–999, which were kept for
/// people over a hundred.
pub fn upgrade(first_generation: &[u8; 15]) -> [u8; 18] {
    let &[r0, r1, r2, r3, r4, r5, y0, y1, m0, m1, d0, d1, s0, s1, s2] = first_generation;
    let century = if s0 == b'9' && s1 == b'9' && s2 >= b'6' {
        b'8'
    } else {
        b'9'
    };
    with_check([
        r0, r1, r2, r3, r4, r5, b'1', century, y0, y1, m0, m1, d0, d1, s0, s1, s2,
    ])
}

fn with_check(digits: [u8; 17]) -> [u8; 18] {
    let mut number = [check_character(&digits); 18];
    for (place, digit) in number.iter_mut().zip(digits) {
        *place = digit;
    }
    number
}

/// Splits off the check character and verifies it.
pub(super) fn has_sound_check(number: &[u8; 18]) -> bool {
    let (digits, check) = number
        .split_first_chunk::<17>()
        .expect("18 is more than 17");
    check.first() == Some(&check_character(digits))
}

/// 17 digits and a digit or X.
pub(super) fn has_shape(number: &[u8; 18]) -> bool {
    let [digits @ .., check] = number;
    digits.iter().all(u8::is_ascii_digit) && (check.is_ascii_digit() || *check == b'X')
}

/// Steps 3 to 9 of the validation order, for a number of sound shape.
fn judge(number: [u8; 18], limits: &Limits) -> Result<ResidentId, IdProblem> {
    if !has_sound_check(&number) {
        let float_truncated = limits.numeric_source || number.ends_with(b"000");
        return Err(IdProblem {
            kind: IdProblemKind::Check,
            float_truncated,
        });
    }
    let [
        p0,
        p1,
        _,
        _,
        _,
        _,
        y0,
        y1,
        y2,
        y3,
        m0,
        m1,
        d0,
        d1,
        s0,
        s1,
        s2,
        _,
    ] = number;
    let birth_date = birth_date([y0, y1, y2, y3, m0, m1, d0, d1], limits)
        .ok_or(IdProblem::new(IdProblemKind::BirthDate))?;
    if !is_province_pair(p0, p1) {
        return Err(IdProblem::new(IdProblemKind::Province));
    }
    let canonical = IdentifierText::fixed(number);
    let region = canonical.get(..6).expect("18 ASCII characters");
    Ok(ResidentId {
        canonical,
        class: class_of(region),
        birth_date,
        sex_digit: s2 - b'0',
        upgraded_from_15: false,
        folded: false,
        region_unknown: !is_known_county(region),
        sequence_000: [s0, s1, s2] == *b"000",
    })
}

fn class_of(region: &str) -> PersonIdClass {
    match region {
        "810000" | "820000" => PersonIdClass::Hmrp,
        "830000" => PersonIdClass::Twrp,
        _ => PersonIdClass::Ric,
    }
}

/// Eight ASCII digits as a day that exists, from 1875 on and not after the limit.
pub(super) fn birth_date(digits: [u8; 8], limits: &Limits) -> Option<Date> {
    let [y0, y1, y2, y3, m0, m1, d0, d1] = digits.map(|digit| digit.wrapping_sub(b'0'));
    let year = i16::from(y0) * 1000 + i16::from(y1) * 100 + i16::from(y2) * 10 + i16::from(y3);
    let month = i8::try_from(m0 * 10 + m1).ok()?;
    let day = i8::try_from(d0 * 10 + d1).ok()?;
    let date = Date::new(year, month, day).ok()?;
    let in_time = limits.latest_birth.is_none_or(|latest| date <= latest);
    (year >= EARLIEST_BIRTH_YEAR && in_time).then_some(date)
}

/// Length or format is wrong; a number in scientific notation went through a floating-point number.
fn misshapen(kind: IdProblemKind, text: &str, limits: &Limits) -> IdProblem {
    let scientific = text.split_once('E').is_some_and(|(mantissa, exponent)| {
        mantissa
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && mantissa.starts_with(|first: char| first.is_ascii_digit())
            && exponent
                .trim_start_matches('+')
                .bytes()
                .all(|byte| byte.is_ascii_digit())
            && exponent.len() >= 2
    });
    IdProblem {
        kind,
        float_truncated: limits.numeric_source || scientific,
    }
}
