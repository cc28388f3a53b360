use proptest::prelude::*;

use super::{PlateKind, parse};

fn code_of(raw: &str) -> &'static str {
    parse(raw).unwrap_err().code()
}

#[test]
fn every_spelling_of_a_plate_is_one() {
    for raw in [
        "闽D12345",
        "闽D·12345",
        "闽 d 12345",
        "闽Ｄ１２３４５",
        "闽D-12345",
        "闽D.12345",
    ] {
        let plate = parse(raw).unwrap();
        assert_eq!(
            (plate.text.as_str(), plate.kind),
            ("闽D12345", PlateKind::Ordinary),
            "{raw}"
        );
    }
}

#[test]
fn marks_stand_at_the_end_of_ordinary_plates_only() {
    for raw in [
        "闽D1234挂",
        "闽D1234学",
        "闽D1234警",
        "粤Z1234港",
        "粤ZF123澳",
        "闽D1234试",
    ] {
        assert_eq!(parse(raw).unwrap().kind, PlateKind::Ordinary, "{raw}");
    }
    assert_eq!(code_of("闽D警1234"), "PLATE_FORMAT");
    assert_eq!(code_of("闽DD1234警"), "PLATE_FORMAT");
}

#[test]
fn new_energy_tells_small_from_large_by_the_place_of_its_letter() {
    assert_eq!(parse("闽DD12345").unwrap().kind, PlateKind::NewEnergySmall);
    assert_eq!(parse("闽DFA2345").unwrap().kind, PlateKind::NewEnergySmall);
    assert_eq!(parse("闽D12345D").unwrap().kind, PlateKind::NewEnergyLarge);
    assert_eq!(code_of("闽DM12345"), "PLATE_FORMAT");
}

#[test]
fn what_is_no_plate_is_refused_with_its_reason() {
    for (raw, code) in [
        ("", "PLATE_LEN"),
        ("闽D1234", "PLATE_LEN"),
        ("闽D1234567", "PLATE_LEN"),
        ("厦D12345", "PLATE_PROVINCE"),
        ("闽112345", "PLATE_FORMAT"),
        ("闽DO2345", "PLATE_FORMAT"),
        ("闽D1O345", "PLATE_FORMAT"),
        ("闽D12I45", "PLATE_FORMAT"),
        ("闽D***23", "PLATE_MASKED"),
    ] {
        assert_eq!(code_of(raw), code, "{raw}");
    }
}

#[test]
fn the_same_characters_under_two_types_are_two_vehicles() {
    let plate = parse("闽D12345").unwrap();
    assert_eq!(plate.key(Some("02")).unwrap(), "闽D12345/02");
    assert_eq!(plate.key(Some("01")).unwrap(), "闽D12345/01");
    assert_eq!(plate.key(None).unwrap_err().code(), "PLATE_TYPE");
    assert_eq!(
        plate.key(Some("小型汽车")).unwrap_err().code(),
        "PLATE_TYPE"
    );
}

#[test]
fn a_new_energy_plate_knows_its_type() {
    let small = parse("闽DD12345").unwrap();
    assert_eq!(small.key(None).unwrap(), "闽DD12345/52");
    assert_eq!(small.key(Some("51")).unwrap_err().code(), "PLATE_TYPE");
    assert_eq!(
        parse("闽D12345D").unwrap().key(Some(" ")).unwrap(),
        "闽D12345D/51"
    );
}

#[test]
fn debug_hides_the_plate() {
    assert_eq!(
        format!("{:?}", parse("闽D12345").unwrap()),
        "Plate(ORDINARY)"
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_a_canonical_plate_stays(
        raw in "\\PC*|[闽京厦][A-Za-z·Ｄ][A-Z0-9]{4,6}[挂学警A-K]?"
    ) {
        if let Ok(plate) = parse(&raw) {
            let again = parse(&plate.text);
            prop_assert!(again == Ok(plate), "a canonical plate changed");
        }
    }
}
