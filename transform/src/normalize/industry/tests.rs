use proptest::prelude::*;

use super::{class_and_section, section_of};

#[test]
fn all_spellings_of_a_class_give_its_digits_and_section() {
    for raw in ["I6510", "6510", "i6510", "Ｉ６５１０", " 6510 "] {
        let found = class_and_section(raw).unwrap();
        assert_eq!(
            (found.class(), found.section, found.section_differs),
            (Some("6510"), 'I', false)
        );
    }
}

#[test]
fn coarser_codes_have_a_section_but_no_class() {
    let division = class_and_section("65").unwrap();
    assert_eq!(
        (division.text.as_str(), division.class(), division.section),
        ("65", None, 'I')
    );
    assert_eq!(class_and_section("651").unwrap().section, 'I');
    let section = class_and_section("I").unwrap();
    assert_eq!((section.text.as_str(), section.section), ("", 'I'));
}

#[test]
fn the_section_comes_from_the_class_and_not_from_the_sender() {
    let found = class_and_section("C6510").unwrap();
    assert_eq!((found.section, found.section_differs), ('I', true));
}

#[test]
fn unknown_divisions_and_other_texts_are_refused() {
    assert_eq!(
        class_and_section("9810").unwrap_err().code(),
        "INDUSTRY_UNKNOWN"
    );
    assert_eq!(
        class_and_section("0010").unwrap_err().code(),
        "INDUSTRY_UNKNOWN"
    );
    assert_eq!(
        class_and_section("U").unwrap_err().code(),
        "INDUSTRY_UNKNOWN"
    );
    for raw in ["", "6", "65101", "软件开发", "I65A0", "II65"] {
        assert_eq!(
            class_and_section(raw).unwrap_err().code(),
            "INDUSTRY_FORMAT",
            "{raw}"
        );
    }
}

#[test]
fn twenty_sections_hold_ninety_seven_divisions() {
    let sections: Vec<char> = (0..=99).filter_map(section_of).collect();
    assert_eq!(sections.len(), 97);
    assert!(sections.is_sorted());
    let mut distinct = sections.clone();
    distinct.dedup();
    assert_eq!(distinct, ('A'..='T').collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(raw in "\\PC*|[A-Z]?[0-9]{0,5}") {
        if let Ok(found) = class_and_section(&raw) && !found.text.is_empty() {
            let again = class_and_section(&found.text).unwrap();
            prop_assert_eq!((again.text, again.section), (found.text, found.section));
        }
    }
}
