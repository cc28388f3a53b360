use jiff::civil::date;
use proptest::prelude::*;

use super::{PersonIdClass, PersonIdentifier, check_digit_7_3_1, parse};
use crate::normalize::resident_id::Limits;

fn read(class: PersonIdClass, raw: &str) -> Result<PersonIdentifier, &'static str> {
    parse(class, raw, &Limits::born_by(date(2026, 11, 23))).map_err(super::IdProblem::code)
}

fn canonical(class: PersonIdClass, raw: &str) -> String {
    read(class, raw).unwrap().canonical.as_str().to_owned()
}

#[test]
fn reissue_digits_of_a_home_return_permit_are_split_off() {
    let permit = read(PersonIdClass::Hmtp, "H0123456701").unwrap();
    assert_eq!(permit.canonical.as_str(), "H01234567");
    assert_eq!(permit.reissue.unwrap().as_str(), "01");
    assert_eq!(
        permit.canonical,
        read(PersonIdClass::Hmtp, "h01234567").unwrap().canonical
    );
    assert_eq!(
        read(PersonIdClass::Hmtp, "M01234567").unwrap().reissue,
        None
    );
}

#[test]
fn permits_of_permanent_residents_who_are_no_citizens_are_accepted() {
    assert_eq!(canonical(PersonIdClass::Hmtp, "HA1234567"), "HA1234567");
    assert_eq!(canonical(PersonIdClass::Hmtp, "MA1234567"), "MA1234567");
    assert_eq!(read(PersonIdClass::Hmtp, "HA123456789"), Err("ID_FORMAT"));
    assert_eq!(read(PersonIdClass::Hmtp, "K01234567"), Err("ID_FORMAT"));
    assert_eq!(read(PersonIdClass::Hmtp, "H0123456"), Err("ID_LEN"));
    assert_eq!(read(PersonIdClass::Hmtp, "H01****67"), Err("ID_MASKED"));
}

#[test]
fn taiwan_permits_of_card_and_booklet_are_one_number() {
    for raw in [
        "01234567",
        "0123456701",
        "0123456701(B)",
        "０１２３４５６７０１（Ｂ）",
    ] {
        assert_eq!(canonical(PersonIdClass::Twtp, raw), "01234567");
    }
    assert_eq!(read(PersonIdClass::Twtp, "0123456"), Err("ID_LEN"));
    assert_eq!(read(PersonIdClass::Twtp, "0123456A"), Err("ID_FORMAT"));
}

#[test]
fn permanent_residence_cards_of_both_years_are_accepted() {
    for card in ["KAZ110090123105", "CAN110081080310"] {
        assert_eq!(canonical(PersonIdClass::Fpr, card), card);
    }
    let card = read(PersonIdClass::Fpr, "911398199012310021").unwrap();
    assert_eq!(card.birth_date, Some(date(1990, 12, 31)));
    assert_eq!(
        canonical(PersonIdClass::Fpr, "911124198108030024"),
        "911124198108030024"
    );
    assert_eq!(read(PersonIdClass::Fpr, "KAZ110090123106"), Err("ID_CHECK"));
    assert_eq!(
        read(PersonIdClass::Fpr, "911398199012310022"),
        Err("ID_CHECK")
    );
    assert_eq!(
        read(PersonIdClass::Fpr, "350206198507151234"),
        Err("ID_FORMAT")
    );
    assert_eq!(
        read(PersonIdClass::Fpr, "990426199112010074"),
        Err("ID_PROVINCE")
    );
    assert_eq!(read(PersonIdClass::Fpr, "KAZ1100901231"), Err("ID_LEN"));
}

#[test]
fn the_check_digit_follows_icao_9303() {
    assert_eq!(check_digit_7_3_1(b"KAZ11009012310"), Some(b'5'));
    assert_eq!(check_digit_7_3_1(b"CAN11008108031"), Some(b'0'));
    assert_eq!(check_digit_7_3_1(b"-"), None);
}

#[test]
fn passports_have_their_shapes() {
    for passport in [
        "E12345678",
        "EA1234567",
        "G12345678",
        "D12345678",
        "DE1234567",
        "SE1234567",
        "P12345678",
        "PE1234567",
    ] {
        assert_eq!(canonical(PersonIdClass::PptCn, passport), passport);
    }
    for passport in [
        "EI1234567",
        "EO1234567",
        "X12345678",
        "GE1234567",
        "DA1234567",
    ] {
        assert_eq!(read(PersonIdClass::PptCn, passport), Err("ID_FORMAT"));
    }
    assert_eq!(read(PersonIdClass::PptCn, "E1234567"), Err("ID_LEN"));
    assert_eq!(canonical(PersonIdClass::PptF, "l898902c3"), "L898902C3");
    assert_eq!(read(PersonIdClass::PptF, "1234"), Err("ID_LEN"));
    assert_eq!(read(PersonIdClass::PptF, "L8989-02C"), Err("ID_FORMAT"));
}

#[test]
fn birth_certificates_have_a_letter_or_ten_digits() {
    assert_eq!(canonical(PersonIdClass::Birth, "r350012345"), "R350012345");
    assert_eq!(canonical(PersonIdClass::Birth, "3500123456"), "3500123456");
    assert_eq!(read(PersonIdClass::Birth, "RR50012345"), Err("ID_FORMAT"));
    assert_eq!(read(PersonIdClass::Birth, ""), Err("ID_LEN"));
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(
        class in 0usize..9,
        raw in "\\PC*|[HM][0-9]{8,10}|[0-9]{8,10}(\\([A-Z]\\))?|[A-Z0-9]{4,21}|9[0-9]{17}",
    ) {
        let class = PersonIdClass::ALL[class];
        if let Ok(found) = parse(class, &raw, &Limits::default()) {
            let again = parse(found.class, &found.canonical, &Limits::default()).unwrap();
            prop_assert_eq!((again.class, again.canonical), (found.class, found.canonical));
        }
    }
}
