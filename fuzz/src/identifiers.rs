//! Targets over the identifier checks.
//!
//! Laws: what is accepted is accepted again in its canonical spelling and stays the same; a canonical spelling is accepted
//! exactly where a second, slow reading of the standard accepts it.

use yidang_schemas::division::System;
use yidang_transform::normalize::person_identifier::{self, PersonIdClass};
use yidang_transform::normalize::resident_id::{self, Limits};
use yidang_transform::normalize::tax_number::{self, TaxNumber};
use yidang_transform::normalize::{
    division, fold, organisation_code, permit, phone, plate, registration_number, uscc,
};

use crate::naive;
use crate::samples::choice;

/// Bytes as text, as decoders hand it on.
pub(crate) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Whether folding leaves the text as it is: the second readings know canonical spellings only.
fn is_canonical(raw: &str) -> bool {
    fold::identifier(raw).text == raw
}

pub(crate) fn resident_id(bytes: &[u8]) {
    let raw = text(bytes);
    let limits = Limits::default();
    let read = resident_id::parse(&raw, &limits);
    if let Ok(id) = read {
        let again = resident_id::parse(&id.canonical, &limits);
        let again = again.expect("a canonical number is accepted");
        assert!(again.canonical == id.canonical && again.class == id.class);
        assert!(again.birth_date == id.birth_date && !again.folded && !again.upgraded_from_15);
        assert!(
            naive::is_resident_id(&id.canonical),
            "accepted by one alone"
        );
        assert!(id.region().len() == 6 && !id.sex_code().is_empty());
        assert!(id.warnings().count() <= 3);
    }
    if is_canonical(&raw) && raw.len() == 18 {
        assert_eq!(
            read.is_ok(),
            naive::is_resident_id(&raw),
            "the two readings differ"
        );
    }
    // A day that no birth may be after refuses and never accepts.
    let born_by = Limits::born_by(jiff::civil::date(2026, 11, 23));
    if let Ok(id) = resident_id::parse(&raw, &born_by) {
        assert!(read.is_ok() && id.birth_date <= jiff::civil::date(2026, 11, 23));
    }
    if let Ok(any) = person_identifier::parse(None, &raw, None) {
        let again = person_identifier::parse(None, &any.canonical, None);
        assert!(again.is_ok_and(|again| again.canonical == any.canonical));
    }
}

/// The first byte chooses the class.
pub(crate) fn permit(bytes: &[u8]) {
    let Some((class, raw)) = choice(bytes, &PersonIdClass::ALL) else {
        return;
    };
    let raw = text(raw);
    let limits = Limits::default();
    let read = permit::parse(*class, &raw, &limits);
    let Ok(identifier) = read else {
        return;
    };
    let again = permit::parse(*class, &identifier.canonical, &limits);
    let again = again.expect("a canonical number is accepted");
    assert!(again.canonical == identifier.canonical && again.class == identifier.class);
    assert!(again.birth_date == identifier.birth_date && again.reissue.is_none());
    assert!(PersonIdClass::from_code(identifier.class.code()) == Some(identifier.class));
    if *class == PersonIdClass::Fpr && identifier.canonical.len() == 15 {
        let (body, check) = identifier.canonical.split_at(14);
        let check_digit = permit::check_digit_7_3_1(body.as_bytes());
        assert_eq!(check_digit.map(char::from), check.chars().next());
    }
}

pub(crate) fn uscc(bytes: &[u8]) {
    let raw = text(bytes);
    let read = uscc::parse(&raw);
    if let Ok(code) = read {
        let again = uscc::parse(&code.text).expect("a canonical code is accepted");
        assert!(again.text == code.text && !again.folded);
        assert!(naive::is_uscc(&code.text), "accepted by one alone");
        assert!(organisation_code::parse(code.organisation_code()).is_ok());
        assert!(code.region().len() == 6 && code.category().len() == 2);
        assert!(code.warnings().count() <= 2);
    }
    // I and O are read as digits where all checks agree; the second reading has no such leniency.
    if is_canonical(&raw) && !raw.contains(['I', 'O']) {
        assert_eq!(
            read.is_ok(),
            naive::is_uscc(&raw),
            "the two readings differ"
        );
    }
}

pub(crate) fn organisation_code(bytes: &[u8]) {
    let raw = text(bytes);
    let read = organisation_code::parse(&raw);
    if let Ok(code) = read {
        assert!(organisation_code::parse(&code) == Ok(code));
    }
    if is_canonical(&raw) && !raw.contains('-') {
        let naive = naive::is_organisation_code(&raw);
        assert_eq!(read.is_ok(), naive, "the two readings differ");
    }
}

pub(crate) fn registration_number(bytes: &[u8]) {
    let raw = text(bytes);
    let read = registration_number::parse(&raw);
    if let Ok(number) = read {
        assert!(registration_number::parse(&number) == Ok(number));
    }
    if is_canonical(&raw) {
        let naive = naive::is_registration_number(&raw);
        assert_eq!(read.is_ok(), naive, "the two readings differ");
    }
}

pub(crate) fn tax_number(bytes: &[u8]) {
    let raw = text(bytes);
    let read = tax_number::parse(&raw);
    if let Ok(number) = read {
        let again = tax_number::parse(number.text()).expect("a canonical number is accepted");
        assert!(again.text() == number.text());
        assert!(again.organisation_code() == number.organisation_code());
        assert!(matches!(number, TaxNumber::Uscc(_)) == (number.text().len() == 18));
    }
    if is_canonical(&raw) && raw.len() == 15 && !raw.contains('-') {
        let naive = naive::is_legacy_tax_number(&raw);
        assert_eq!(read.is_ok(), naive, "the two readings differ");
    }
}

pub(crate) fn plate(bytes: &[u8]) {
    let raw = text(bytes);
    let Ok(plate) = plate::parse(&raw) else {
        return;
    };
    assert!(
        plate::parse(&plate.text) == Ok(plate.clone()),
        "a canonical plate stays"
    );
    assert!(matches!(plate.text.chars().count(), 7 | 8));
    for plate_type in [None, Some("02"), Some("52"), Some("2"), Some(&*raw)] {
        if let Ok(key) = plate.key(plate_type) {
            assert!(key.starts_with(&plate.text));
        }
    }
}

pub(crate) fn phone(bytes: &[u8]) {
    let areas = [None, Some("0592"), Some("010")];
    let Some((area, raw)) = choice(bytes, &areas) else {
        return;
    };
    let raw = text(raw);
    if let Ok(phone) = phone::parse(&raw, *area) {
        for area in areas {
            assert!(
                phone::parse(&phone.text, area) == Ok(phone),
                "a canonical number stays"
            );
        }
    }
}

pub(crate) fn division(bytes: &[u8]) {
    let raw = text(bytes);
    let divisions = &crate::world::catalog().divisions;
    for system in [System::Nbs, System::Mca] {
        let Ok(found) = division::parse(&raw, system) else {
            continue;
        };
        let again = division::parse(&found.text, system);
        assert!(again.is_ok_and(|again| again.text == found.text && again.level == found.level));
        assert!(found.county().len() == 6);
        for year in [i16::MIN, 0, 1980, 2026, i16::MAX] {
            let standing = division::standing(&found, divisions, year);
            assert!(division::warning(standing).is_none_or(|code| code.starts_with("DIVISION_")));
        }
        let _name = division::name(&found, divisions);
    }
}
