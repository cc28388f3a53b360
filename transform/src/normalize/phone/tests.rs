use proptest::prelude::*;

use super::{PhoneKind, parse};

const LOCAL: Option<&str> = Some("0592");

fn read(raw: &str) -> (String, PhoneKind) {
    let phone = parse(raw, LOCAL).unwrap();
    (phone.text.as_str().to_owned(), phone.kind)
}

fn code_of(raw: &str) -> &'static str {
    parse(raw, None).unwrap_err().code()
}

#[test]
fn every_spelling_of_a_mobile_is_eleven_digits() {
    for raw in [
        "13800138000",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "8613800138000",
        "１３８００１３８０００",
        "013800138000",
        "'13800138000",
    ] {
        assert_eq!(
            read(raw),
            ("13800138000".to_owned(), PhoneKind::Mobile),
            "{raw}"
        );
    }
    assert_eq!(read("19912345678").1, PhoneKind::Mobile);
}

#[test]
fn landlines_have_their_area_and_local_ones_get_it() {
    for raw in [
        "05922123456",
        "0592-2123456",
        "(0592)2123456",
        "（0592）2123456",
        "0592—2123456",
        "+86-592-2123456",
        "2123456",
    ] {
        assert_eq!(
            read(raw),
            ("0592-2123456".to_owned(), PhoneKind::Landline),
            "{raw}"
        );
    }
    assert_eq!(read("010-62345678").0, "010-62345678");
    assert_eq!(read("021 5123 4567").0, "021-51234567");
}

#[test]
fn a_bare_number_of_a_sender_from_elsewhere_has_no_area() {
    assert_eq!(code_of("2123456"), "PHONE_AREA");
}

#[test]
fn extensions_stay() {
    assert_eq!(read("0592-2123456转801").0, "0592-2123456-801");
    assert_eq!(read("0592-2123456-801").0, "0592-2123456-801");
    assert_eq!(read("0592-2123456-1").0, "0592-2123456-1");
}

#[test]
fn numbers_of_machines_are_nobodys_contact() {
    for raw in [
        "1064812345678",
        "1440012345678",
        "14400123456",
        "14612345678",
    ] {
        let phone = parse(raw, LOCAL).unwrap();
        assert_eq!(
            (phone.kind, phone.is_contact()),
            (PhoneKind::Machine, false),
            "{raw}"
        );
    }
    assert_eq!(read("14700123456").1, PhoneKind::Mobile);
}

#[test]
fn hot_lines_are_told_apart() {
    assert_eq!(
        read("400-820-8820"),
        ("4008208820".to_owned(), PhoneKind::Service)
    );
}

#[test]
fn what_is_no_number_is_refused_with_its_reason() {
    for (raw, code) in [
        ("", "PHONE_LEN"),
        ("1380013800", "PHONE_LEN"),
        ("138001380001", "PHONE_LEN"),
        ("12800138000", "PHONE_FORMAT"),
        ("138****8000", "PHONE_MASKED"),
        ("13800138OOO", "PHONE_FORMAT"),
        ("无", "PHONE_FORMAT"),
        ("11111111111", "PHONE_FILLER"),
        ("0592-0000000", "PHONE_FORMAT"),
        ("0592-8888888", "PHONE_FILLER"),
        ("0592-123456", "PHONE_LEN"),
        ("13800138000-1", "PHONE_LEN"),
        ("0592-2123456转1234567", "PHONE_LEN"),
        ("13800138000/05922123456", "PHONE_LEN"),
    ] {
        assert_eq!(code_of(raw), code, "{raw}");
    }
}

#[test]
fn debug_hides_the_number() {
    let phone = parse("13800138000", None).unwrap();
    assert_eq!(format!("{phone:?}"), "Phone(MOBILE)");
}

proptest! {
    #[test]
    fn no_text_panics_and_a_canonical_number_stays(
        raw in "\\PC*|[-+0-9()转（） ]{0,26}|0592-?[2-8][0-9]{6}(转[0-9]{1,4})?|1[0-9]{10}|86[0-9]{9,12}"
    ) {
        for area in [LOCAL, None] {
            if let Ok(phone) = parse(&raw, area) {
                let again = parse(&phone.text, area);
                prop_assert!(again == Ok(phone), "a canonical number changed");
            }
        }
    }
}
