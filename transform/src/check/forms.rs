//! Texts of a fixed form: documents beside those that name a subject, telephones, plates, divisions.

use jiff::civil::Date;
use yidang_schemas::rule::Check;

use super::Finding;
use crate::normalize::division::{self, System};
use crate::normalize::fold;
use crate::normalize::permit;
use crate::normalize::person_identifier::PersonIdClass;
use crate::normalize::resident_id::Limits;

/// The finding of a check over the form of one text; nothing for other checks. `as_of`: the day on which a division
/// had to be in use.
pub(super) fn find(check: &Check, text: &str, as_of: Option<Date>) -> Option<Finding> {
    let (sound, code) = match check {
        Check::Passport => (
            is_document(text, &[PersonIdClass::PptCn, PersonIdClass::PptF]),
            "PASSPORT_FORMAT",
        ),
        Check::HkmoPermit => (
            is_document(text, &[PersonIdClass::Hmtp]),
            "HKMO_PERMIT_FORMAT",
        ),
        Check::PhoneCn => (is_phone(text), "PHONE_FORMAT"),
        Check::Plate => (is_plate(text), "PLATE_FORMAT"),
        Check::AdminDivision { .. } => return Some(division(text, as_of)),
        _ => return None,
    };
    Some(if sound {
        Finding::Pass
    } else {
        Finding::fail(code)
    })
}

fn is_document(text: &str, classes: &[PersonIdClass]) -> bool {
    let limits = Limits {
        latest_birth: None,
        numeric_source: false,
    };
    let mut classes = classes.iter();
    classes.any(|class| permit::parse(*class, text, &limits).is_ok())
}

fn division(text: &str, as_of: Option<Date>) -> Finding {
    match division::parse(text, System::Mca) {
        Err(problem) => Finding::fail(problem.code()),
        Ok(division) if !division.known_county => Finding::fail("DIVISION_UNKNOWN"),
        Ok(division) => match as_of {
            Some(day) if !was_in_use(division.county(), day.year()) => {
                Finding::fail("DIVISION_ERA")
            }
            _ => Finding::Pass,
        },
    }
}

/// Codes of Xiamen that came or went (GB/T 2260): first and last year. Sources differ by some years on beginnings before
/// 1988, so these are given away; of other cities nothing is known here.
const ERAS: [(&str, i16, i16); 7] = [
    ("350202", 0, 2003),
    ("350204", 0, 2003),
    ("350206", 1984, i16::MAX),
    ("350212", 1996, i16::MAX),
    ("350213", 2003, i16::MAX),
    ("350220", 0, 1984),
    ("350221", 0, 1997),
];

fn was_in_use(county: &str, year: i16) -> bool {
    let era = ERAS.iter().find(|(code, ..)| *code == county);
    era.is_none_or(|(_, first, last)| (*first..=*last).contains(&year))
}

/// A mobile number, or a landline number with its area code; with or without the prefix of the country.
fn is_phone(text: &str) -> bool {
    let folded = fold::width(text.trim());
    let is_mark = |letter: &char| matches!(letter, ' ' | '-' | '(' | ')' | '\u{3000}');
    let digits: String = folded.chars().filter(|letter| !is_mark(letter)).collect();
    let national = ["+86", "0086", "86"]
        .into_iter()
        .find_map(|prefix| digits.strip_prefix(prefix));
    let whole = digits.as_bytes();
    // Behind the prefix of the country an area code loses its zero.
    let abroad =
        |rest: &str| is_national(rest.as_bytes()) || is_national(format!("0{rest}").as_bytes());
    is_national(whole) || national.is_some_and(abroad)
}

fn is_national(number: &[u8]) -> bool {
    if !number.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match number {
        [b'1', b'3'..=b'9', ..] => number.len() == 11,
        [b'0', b'1', b'0', rest @ ..] | [b'0', b'2', _, rest @ ..] => is_local(rest, 8),
        [b'0', b'3'..=b'9', _, _, rest @ ..] => is_local(rest, 7),
        _ => false,
    }
}

/// Local numbers begin with 2 to 8; 0, 1 and 9 lead elsewhere.
fn is_local(number: &[u8], least: usize) -> bool {
    matches!(number.first(), Some(b'2'..=b'8')) && (least..=8).contains(&number.len())
}

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
const LAST_SIGNS: &str = "挂学警港澳试超";

/// A plate of today's forms (GA 36): seven signs, or eight of a vehicle of new energy.
fn is_plate(text: &str) -> bool {
    let folded = fold::width(text.trim());
    let is_mark = |letter: &char| matches!(letter, ' ' | '·' | '•' | '-' | '.');
    let signs = folded.chars().filter(|letter| !is_mark(letter));
    let signs: Vec<char> = signs.map(|letter| letter.to_ascii_uppercase()).collect();
    let [province, authority, number @ ..] = signs.as_slice() else {
        return false;
    };
    let place = PROVINCES.contains(*province) && is_letter(*authority);
    let is_digit = |sign: &char| sign.is_ascii_digit();
    place
        && match number {
            [inner @ .., last] if inner.len() == 4 => {
                inner.iter().all(|sign| is_sign(*sign))
                    && (is_sign(*last) || LAST_SIGNS.contains(*last))
            }
            [kind, second, rest @ ..] if rest.len() == 4 => {
                let small = is_energy(*kind) && is_sign(*second) && rest.iter().all(is_digit);
                let large = match number.split_last() {
                    Some((last, digits)) => is_energy(*last) && digits.iter().all(is_digit),
                    None => false,
                };
                small || large
            }
            _ => false,
        }
}

/// No I and no O, which read like digits.
fn is_letter(sign: char) -> bool {
    sign.is_ascii_uppercase() && !matches!(sign, 'I' | 'O')
}

fn is_sign(sign: char) -> bool {
    sign.is_ascii_digit() || is_letter(sign)
}

fn is_energy(sign: char) -> bool {
    matches!(sign, 'A'..='H' | 'J' | 'K')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones() {
        for text in [
            "13800138000",
            "+86 138-0013-8000",
            "008613800138000",
            "0592-2345678",
            "(0592)2345678",
            "05922345678",
            "010-62345678",
            "１３８００１３８０００",
            "8613800138000",
            "+86 592 2345678",
        ] {
            assert!(is_phone(text), "{text}");
        }
        for text in [
            "",
            "2345678",
            "12345678901",
            "1380013800",
            "138001380001",
            "0592-1234567",
            "0592",
            "无",
            "1064912345678",
            "13800138000/13900139000",
            "010-6234567",
        ] {
            assert!(!is_phone(text), "{text}");
        }
    }

    #[test]
    fn plates() {
        for text in [
            "闽D12345",
            "闽D·A1234",
            "闽d1234挂",
            "闽DD12345",
            "闽D12345D",
            "闽DDA1234",
            "粤Z1234港",
            "京A1234警",
        ] {
            assert!(is_plate(text), "{text}");
        }
        for text in [
            "",
            "D12345",
            "闽I12345",
            "闽D1234O",
            "闽D1234",
            "闽D123456",
            "闽DL12345",
            "闽D12345L",
            "台D12345",
            "闽挂1234D",
        ] {
            assert!(!is_plate(text), "{text}");
        }
    }

    #[test]
    fn divisions_and_their_years() {
        let judged = |text, year: i16| {
            find(
                &Check::AdminDivision { as_of: None },
                text,
                Some(jiff::civil::date(year, 6, 1)),
            )
        };
        assert_eq!(judged("350203", 2026), Some(Finding::Pass));
        assert_eq!(judged("350203001002", 2026), Some(Finding::Pass));
        assert_eq!(judged("350204", 2026), Some(Finding::fail("DIVISION_ERA")));
        assert_eq!(judged("350204", 1999), Some(Finding::Pass));
        assert_eq!(judged("350213", 1999), Some(Finding::fail("DIVISION_ERA")));
        assert_eq!(
            judged("350299", 2026),
            Some(Finding::fail("DIVISION_UNKNOWN"))
        );
        assert_eq!(
            judged("990203", 2026),
            Some(Finding::fail("DIVISION_PROVINCE"))
        );
        assert_eq!(judged("3502", 2026), Some(Finding::fail("DIVISION_FORMAT")));
        assert_eq!(
            find(&Check::AdminDivision { as_of: None }, "350204", None),
            Some(Finding::Pass)
        );
    }

    #[test]
    fn documents() {
        let judged = |check: &Check, text| find(check, text, None);
        for text in ["E12345678", "EA1234567", "G12345678", "AB1234567"] {
            assert_eq!(
                judged(&Check::Passport, text),
                Some(Finding::Pass),
                "{text}"
            );
        }
        assert_eq!(
            judged(&Check::Passport, "E12"),
            Some(Finding::fail("PASSPORT_FORMAT"))
        );
        for text in ["H12345678", "M1234567801", "HA1234567"] {
            assert_eq!(
                judged(&Check::HkmoPermit, text),
                Some(Finding::Pass),
                "{text}"
            );
        }
        assert_eq!(
            judged(&Check::HkmoPermit, "12345678"),
            Some(Finding::fail("HKMO_PERMIT_FORMAT"))
        );
    }
}
