use proptest::prelude::*;

use super::{DivisionProblem, Level, System, is_known_county, is_province, parse};

#[test]
fn six_nine_and_twelve_digits_are_the_three_levels() {
    let county = parse("350206", System::Mca).unwrap();
    assert_eq!(
        (county.text.as_str(), county.level, county.known_county),
        ("350206", Level::County, true)
    );
    assert_eq!(
        parse("350213003", System::Nbs).unwrap().level,
        Level::Township
    );
    let village = parse("３５０２０６００２００３", System::Mca).unwrap();
    assert_eq!(
        (village.text.as_str(), village.county()),
        ("350206002003", "350206")
    );
    assert_eq!(village.level, Level::Village);
}

#[test]
fn other_shapes_and_provinces_are_refused() {
    assert_eq!(parse("3502", System::Mca), Err(DivisionProblem::Format));
    assert_eq!(parse("35020A", System::Mca), Err(DivisionProblem::Format));
    assert_eq!(parse("990206", System::Mca), Err(DivisionProblem::Province));
    assert_eq!(
        parse("", System::Mca).unwrap_err().code(),
        "DIVISION_FORMAT"
    );
}

#[test]
fn the_same_digits_of_two_systems_are_unequal() {
    assert_ne!(
        parse("350213003", System::Mca),
        parse("350213003", System::Nbs)
    );
}

#[test]
fn retired_districts_of_xiamen_are_known_and_invented_ones_are_not() {
    for code in ["350202", "350204", "350221", "350213", "350205", "350211"] {
        assert!(is_known_county(code), "{code}");
    }
    assert!(!is_known_county("350207"));
    assert!(is_known_county("110105"));
    assert!(is_known_county("830000"));
    assert!(!is_known_county("830001"));
    assert!(!is_known_county("990000"));
}

#[test]
fn provinces_are_those_of_the_standard() {
    let listed = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
        "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
        "65", "71", "81", "82", "83",
    ];
    for number in 0..100 {
        let code = format!("{number:02}");
        assert_eq!(
            is_province(&code),
            listed.contains(&code.as_str()),
            "{code}"
        );
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_is_idempotent(raw in "\\PC*|[0-9０-９ ]{6,12}") {
        if let Ok(division) = parse(&raw, System::Mca) {
            prop_assert_eq!(parse(&division.text, System::Mca), Ok(division));
        }
    }
}
