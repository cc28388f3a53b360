//! Permits, passports and birth certificates: every document of a person that is no resident id.
//!
//! Shapes come from the issuing rules as far as they are public; most have no check digit, so their class must be
//! declared. The reissue digits of travel permits are split off: the number before them stays with the person.

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use super::division::is_province_pair;
use super::fold;
use super::identifier_text::IdentifierText;
use super::person_identifier::{PersonIdClass, PersonIdentifier};
use super::resident_id::{self, IdProblem, IdProblemKind, Limits};

/// Reads the number of a document of the declared class.
///
/// # Errors
/// [`IdProblem`]: the text is no number of that class.
pub fn parse(
    class: PersonIdClass,
    raw: &str,
    limits: &Limits,
) -> Result<PersonIdentifier, IdProblem> {
    let folded = fold::identifier(raw);
    let bytes = folded.text.as_bytes();
    if bytes.contains(&b'*') {
        return Err(IdProblem::new(IdProblemKind::Masked));
    }
    let mut identifier = match class {
        PersonIdClass::Ric | PersonIdClass::Hmrp | PersonIdClass::Twrp => {
            return resident_id::parse(raw, limits).map(PersonIdentifier::from);
        }
        PersonIdClass::Fpr => permanent_residence(bytes, limits)?,
        PersonIdClass::Hmtp => home_return_permit(bytes)?,
        PersonIdClass::Twtp => taiwan_permit(bytes)?,
        PersonIdClass::PptCn => judged(class, bytes, is_chinese_passport(bytes))?,
        PersonIdClass::PptF => judged(class, bytes, is_foreign_passport(bytes))?,
        PersonIdClass::Birth => judged(class, bytes, is_birth_certificate(bytes))?,
    };
    identifier.folded = folded.folded;
    Ok(identifier)
}

/// Check digit of the 2017 permanent residence card over its first 14 characters: ICAO 9303, weights 7-3-1, A=10 … Z=35.
pub fn check_digit_7_3_1(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (character, weight) in characters.iter().zip([7u32, 3, 1].into_iter().cycle()) {
        sum += char::from(*character).to_digit(36)? * weight;
    }
    Some(b'0' + u8::try_from(sum % 10).ok()?)
}

/// 15 characters of the 2017 card or 18 digits of the 2023 card; both stay in use side by side.
fn permanent_residence(bytes: &[u8], limits: &Limits) -> Result<PersonIdentifier, IdProblem> {
    if let Ok(card) = <&[u8; 18]>::try_from(bytes) {
        return five_star_card(card, limits);
    }
    let Ok(card) = <&[u8; 15]>::try_from(bytes) else {
        return Err(IdProblem::new(IdProblemKind::Length));
    };
    let (country, digits) = card.split_first_chunk::<3>().expect("15 is more than 3");
    if !country.iter().all(u8::is_ascii_uppercase) || !all_digits(digits) {
        return Err(IdProblem::new(IdProblemKind::Format));
    }
    let [body @ .., check] = card;
    if check_digit_7_3_1(body) != Some(*check) {
        return Err(IdProblem::new(IdProblemKind::Check));
    }
    let &[_, _, _, p0, p1, _, _, y0, y1, m0, m1, d0, d1, _, _] = card;
    // Two digits of the year do not tell the century: either may make it a day that exists.
    let in_century = |c0, c1| resident_id::birth_date([c0, c1, y0, y1, m0, m1, d0, d1], limits);
    if in_century(b'1', b'9').or(in_century(b'2', b'0')).is_none() {
        return Err(IdProblem::new(IdProblemKind::BirthDate));
    }
    if !is_province_pair(p0, p1) {
        return Err(IdProblem::new(IdProblemKind::Province));
    }
    plain(PersonIdClass::Fpr, bytes, None)
}

/// `9`, province, numeric country, birth date, sequence, and the check character of GB 11643.
fn five_star_card(card: &[u8; 18], limits: &Limits) -> Result<PersonIdentifier, IdProblem> {
    let &[
        first,
        p0,
        p1,
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
        _,
        _,
        _,
        _,
    ] = card;
    if first != b'9' || !resident_id::has_shape(card) {
        return Err(IdProblem::new(IdProblemKind::Format));
    }
    if !resident_id::has_sound_check(card) {
        return Err(IdProblem::new(IdProblemKind::Check));
    }
    let birth_date = resident_id::birth_date([y0, y1, y2, y3, m0, m1, d0, d1], limits);
    if birth_date.is_none() {
        return Err(IdProblem::new(IdProblemKind::BirthDate));
    }
    if !is_province_pair(p0, p1) {
        return Err(IdProblem::new(IdProblemKind::Province));
    }
    plain(PersonIdClass::Fpr, card, birth_date)
}

/// `H` or `M` and 8 digits, or 10 of which the last two count reissues; since 2024 also `HA`, `MA` and 7 digits.
fn home_return_permit(bytes: &[u8]) -> Result<PersonIdentifier, IdProblem> {
    let [first, rest @ ..] = bytes else {
        return Err(IdProblem::new(IdProblemKind::Length));
    };
    if !matches!(rest.len(), 8 | 10) {
        return Err(IdProblem::new(IdProblemKind::Length));
    }
    if !matches!(first, b'H' | b'M') {
        return Err(IdProblem::new(IdProblemKind::Format));
    }
    match rest {
        [b'A', digits @ ..] if digits.len() == 7 && all_digits(digits) => {
            plain(PersonIdClass::Hmtp, bytes, None)
        }
        digits if all_digits(digits) => {
            let (number, reissue) = bytes.split_at_checked(9).unwrap_or((bytes, &[]));
            with_reissue(PersonIdClass::Hmtp, number, reissue)
        }
        _ => Err(IdProblem::new(IdProblemKind::Format)),
    }
}

/// 8 digits of a card; booklets add two reissue digits and may end in the issuer's letter in brackets.
fn taiwan_permit(bytes: &[u8]) -> Result<PersonIdentifier, IdProblem> {
    let digits = match bytes {
        [digits @ .., b'(', b'A'..=b'Z', b')'] if digits.len() == 10 => digits,
        digits if matches!(digits.len(), 8 | 10) => digits,
        _ => return Err(IdProblem::new(IdProblemKind::Length)),
    };
    if !all_digits(digits) {
        return Err(IdProblem::new(IdProblemKind::Format));
    }
    let (number, reissue) = digits.split_at_checked(8).unwrap_or((digits, &[]));
    with_reissue(PersonIdClass::Twtp, number, reissue)
}

/// Ordinary (E, older G), diplomatic (D), service (S) and public affairs (P) passports, nine characters each.
fn is_chinese_passport(bytes: &[u8]) -> Result<(), IdProblemKind> {
    if bytes.len() != 9 {
        return Err(IdProblemKind::Length);
    }
    let sound = match bytes {
        [b'E' | b'G' | b'D' | b'S' | b'P', digits @ ..] if all_digits(digits) => true,
        // The second letter is never I or O, which look like digits.
        [b'E', letter, digits @ ..] => {
            letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O') && all_digits(digits)
        }
        [b'D' | b'S' | b'P', b'E', digits @ ..] => all_digits(digits),
        _ => false,
    };
    if sound {
        Ok(())
    } else {
        Err(IdProblemKind::Format)
    }
}

fn is_foreign_passport(bytes: &[u8]) -> Result<(), IdProblemKind> {
    if !(5..=20).contains(&bytes.len()) {
        return Err(IdProblemKind::Length);
    }
    let sound = bytes
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if sound {
        Ok(())
    } else {
        Err(IdProblemKind::Format)
    }
}

/// A letter and nine digits; older ones have ten digits.
fn is_birth_certificate(bytes: &[u8]) -> Result<(), IdProblemKind> {
    let [first, digits @ ..] = bytes else {
        return Err(IdProblemKind::Length);
    };
    if digits.len() != 9 {
        return Err(IdProblemKind::Length);
    }
    let sound = (first.is_ascii_uppercase() || first.is_ascii_digit()) && all_digits(digits);
    if sound {
        Ok(())
    } else {
        Err(IdProblemKind::Format)
    }
}

fn all_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

fn judged(
    class: PersonIdClass,
    bytes: &[u8],
    verdict: Result<(), IdProblemKind>,
) -> Result<PersonIdentifier, IdProblem> {
    verdict.map_err(IdProblem::new)?;
    plain(class, bytes, None)
}

fn plain(
    class: PersonIdClass,
    bytes: &[u8],
    birth_date: Option<Date>,
) -> Result<PersonIdentifier, IdProblem> {
    let canonical = IdentifierText::new(bytes).ok_or(IdProblem::new(IdProblemKind::Format))?;
    Ok(PersonIdentifier {
        class,
        canonical,
        reissue: None,
        birth_date,
        resident: None,
        folded: false,
    })
}

fn with_reissue(
    class: PersonIdClass,
    number: &[u8],
    reissue: &[u8],
) -> Result<PersonIdentifier, IdProblem> {
    let mut identifier = plain(class, number, None)?;
    identifier.reissue = if reissue.is_empty() {
        None
    } else {
        IdentifierText::new(reissue)
    };
    Ok(identifier)
}
