//! Telephone numbers: mobile, landline, and the numbers of machines, each in one spelling.
//!
//! Only the numbering plan of the mainland is judged (YD/T and the plan of the ministry: mobile 11 digits from 13 to 19,
//! area codes of two or three digits behind a trunk zero). Whether a number is in service, and whose it is, is nobody's
//! guess here. A number without area code is local, and which area is local is told by the caller.

#[cfg(test)]
mod tests;

use super::fold;
use super::identifier_text::IdentifierText;

/// What answers the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// A person's mobile, 11 digits.
    Mobile,
    /// A line with an area code, perhaps with an extension.
    Landline,
    /// A number of a machine (13 digits from 10, or of the data ranges 140, 144, 146, 148): nobody's contact.
    Machine,
    /// 400 and 800: a firm's hot line.
    Service,
}

impl PhoneKind {
    /// Word of the kind in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mobile => "MOBILE",
            Self::Landline => "LANDLINE",
            Self::Machine => "MACHINE",
            Self::Service => "SERVICE",
        }
    }
}

/// A telephone number of sound shape. `Debug` shows only its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `13800138000`, `0592-2123456`, `0592-2123456-801`, `4001234567`.
    pub text: IdentifierText,
    pub kind: PhoneKind,
}

impl Phone {
    /// Whether a person can be reached here; a machine cannot answer.
    pub fn is_contact(&self) -> bool {
        self.kind != PhoneKind::Machine
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Phone({})", self.kind.code())
    }
}

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneProblem {
    /// Too few or too many digits for any kind.
    Length,
    /// Letters or signs, or digits that no numbering plan gives out.
    Format,
    /// A local number, and no area was told.
    Area,
    /// Digits replaced by `*`.
    Masked,
    /// One digit over and over: a form wanted to be filled.
    Filler,
}

impl PhoneProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "PHONE_LEN",
            Self::Format => "PHONE_FORMAT",
            Self::Area => "PHONE_AREA",
            Self::Masked => "PHONE_MASKED",
            Self::Filler => "PHONE_FILLER",
        }
    }
}

/// Most digits of a number with country code and extension.
const DIGITS_MAX: usize = 24;
/// Digits of a subscriber's number behind the area code.
const SUBSCRIBER: std::ops::RangeInclusive<usize> = 7..=8;

/// Reads a telephone number. `local_area` is the area code that a bare local number belongs to, with its zero (`0592`);
/// none where the sender is not local.
///
/// # Errors
/// [`PhoneProblem`]: the first reason why the text is no number.
pub fn parse(raw: &str, local_area: Option<&str>) -> Result<Phone, PhoneProblem> {
    let folded = fold::identifier(raw);
    let text = folded.text.trim_start_matches('+');
    if let Some((number, extension)) = text.split_once('转').or_else(|| in_three_groups(text)) {
        return read(number, extension, local_area);
    }
    read(text, "", local_area).or_else(|problem| {
        // Groups of digits may be one number, or a number and its extension: only where they are none together.
        let (number, extension) = text.rsplit_once('-').ok_or(problem)?;
        let read = read(number, extension, local_area);
        read.map_err(|_of_the_parts| problem)
    })
}

fn read(number: &str, extension: &str, local_area: Option<&str>) -> Result<Phone, PhoneProblem> {
    let written = Written::of(number, extension)?;
    let (digits, abroad) = national(written.digits());
    if is_filler(digits) {
        return Err(PhoneProblem::Filler);
    }
    if let Some(kind) = whole(digits) {
        return match written.extension() {
            [] => phone(kind, &[digits]),
            _ => Err(PhoneProblem::Format),
        };
    }
    let (area, subscriber) = match (area_of(digits), local_area) {
        (Some(split), _) => split,
        // Behind the country code the zero of the area is left out.
        (None, _) if abroad => area_of_length(digits).ok_or(PhoneProblem::Length)?,
        (None, Some(local)) if SUBSCRIBER.contains(&digits.len()) => {
            (local.trim_start_matches('0').as_bytes(), digits)
        }
        (None, None) if SUBSCRIBER.contains(&digits.len()) => return Err(PhoneProblem::Area),
        (None, _) => return Err(refusal(digits)),
    };
    landline(area, subscriber, written.extension())
}

/// `0592-2123456-801` says itself what is what; run together it could be an area with eight digits.
fn in_three_groups(text: &str) -> Option<(&str, &str)> {
    let (number, extension) = text.rsplit_once('-')?;
    let (area, subscriber) = number.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = area.starts_with('0')
        && matches!(area.len(), 3 | 4)
        && SUBSCRIBER.contains(&subscriber.len())
        && digits(area)
        && digits(subscriber);
    sound.then_some((number, extension))
}

fn landline(area: &[u8], subscriber: &[u8], extension: &[u8]) -> Result<Phone, PhoneProblem> {
    if !SUBSCRIBER.contains(&subscriber.len()) {
        return Err(PhoneProblem::Length);
    }
    // 0 and 1 at the front of a local number lead out of the area, or to 110 and the like.
    if !matches!(subscriber, [b'2'..=b'9', ..]) {
        return Err(PhoneProblem::Format);
    }
    if is_filler(subscriber) {
        return Err(PhoneProblem::Filler);
    }
    match extension.len() {
        0 => phone(PhoneKind::Landline, &[b"0", area, b"-", subscriber]),
        7.. => Err(PhoneProblem::Length),
        _ => phone(
            PhoneKind::Landline,
            &[b"0", area, b"-", subscriber, b"-", extension],
        ),
    }
}

fn phone(kind: PhoneKind, parts: &[&[u8]]) -> Result<Phone, PhoneProblem> {
    let bytes = parts.concat();
    IdentifierText::new(&bytes)
        .map(|text| Phone { text, kind })
        .ok_or(PhoneProblem::Length)
}

/// Kind of a number that needs no area.
fn whole(digits: &[u8]) -> Option<PhoneKind> {
    match (digits.len(), digits) {
        // Data cards within the 11-digit plan (ministry's notice on machine numbers, 2017).
        (11, [b'1', b'4', b'0' | b'4' | b'6' | b'8', ..])
        | (13, [b'1', b'0', ..] | [b'1', b'4', b'0'..=b'9', ..]) => Some(PhoneKind::Machine),
        (11, [b'1', b'3'..=b'9', ..]) => Some(PhoneKind::Mobile),
        (10, [b'4' | b'8', b'0', b'0', ..]) => Some(PhoneKind::Service),
        _ => None,
    }
}

/// Without the country code; true where there was one.
fn national(digits: &[u8]) -> (&[u8], bool) {
    match digits {
        [b'0', b'0', b'8', b'6', rest @ ..] if rest.len() >= 10 => (rest, true),
        [b'8', b'6', rest @ ..] if rest.len() >= 10 => (rest, true),
        // A trunk zero that was dialled in front of a mobile.
        [b'0', rest @ ..] if rest.len() == 11 && matches!(rest, [b'1', b'3'..=b'9', ..]) => {
            (rest, false)
        }
        rest => (rest, false),
    }
}

/// Area without its zero, and subscriber. Two digits for 10 and 20 to 29, three for all others.
fn area_of(digits: &[u8]) -> Option<(&[u8], &[u8])> {
    match digits {
        [b'0', rest @ ..] => area_of_length(rest),
        _ => None,
    }
}

fn area_of_length(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    match rest {
        [b'1', b'0', ..] | [b'2', ..] => rest.split_at_checked(2),
        [b'3'..=b'9', ..] => rest.split_at_checked(3),
        _ => None,
    }
}

fn refusal(digits: &[u8]) -> PhoneProblem {
    match digits.len() {
        11 | 13 => PhoneProblem::Format,
        _ => PhoneProblem::Length,
    }
}

fn is_filler(digits: &[u8]) -> bool {
    let mut rest = digits.iter();
    let first = rest.next();
    digits.len() >= 7 && rest.all(|digit| Some(digit) == first)
}

/// The digits of a text, and those of an extension behind it.
struct Written {
    digits: [u8; DIGITS_MAX],
    length: usize,
    extension_start: usize,
}

impl Written {
    fn of(number: &str, extension: &str) -> Result<Self, PhoneProblem> {
        let mut written = Self {
            digits: [0; DIGITS_MAX],
            length: 0,
            extension_start: 0,
        };
        written.push(number)?;
        written.extension_start = written.length;
        written.push(extension)?;
        Ok(written)
    }

    fn push(&mut self, text: &str) -> Result<(), PhoneProblem> {
        for character in text.chars() {
            match character {
                '0'..='9' => {
                    let place = self.digits.get_mut(self.length);
                    *place.ok_or(PhoneProblem::Length)? =
                        u8::try_from(character).expect("a digit is one byte");
                    self.length += 1;
                }
                '-' | '(' | ')' | '.' | '/' => {}
                '*' => return Err(PhoneProblem::Masked),
                _ => return Err(PhoneProblem::Format),
            }
        }
        Ok(())
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.extension_start).unwrap_or_default()
    }

    fn extension(&self) -> &[u8] {
        self.digits
            .get(self.extension_start..self.length)
            .unwrap_or_default()
    }
}
