use proptest::prelude::*;

use super::{ALPHABET, check_character, parse, value_of};
use crate::normalize::organisation_code;

fn code_of(raw: &str) -> &'static str {
    parse(raw).unwrap_err().code()
}

#[test]
fn valid_codes_are_accepted_unchanged() {
    for code in [
        "91350100M000100Y43",
        "91310230MA1K314J7C",
        "91310230MA1K314K57",
        "91330106MA27Y4U47R",
        "91110000600037341L",
        "A1110000MA27Y4U477",
        "53350206MA1116BH0A",
        "51350200MAL4EJFN0E",
        "53350205MAD26TK1XN",
        "92350213MA9167LBXK",
        "51350203MA07P0NJ10",
        "11350205MA9B91GW9Y",
        "52350205MACQ0TEP5X",
        "N2350213MF0A12BC3J",
        "J1350206MJA34D5E4H",
    ] {
        let found = parse(code).unwrap_or_else(|problem| panic!("{code}: {}", problem.code()));
        assert_eq!(found.text.as_str(), code);
        assert_eq!(found.warnings().count(), 0, "{code}");
    }
}

#[test]
fn invalid_codes_fail_with_their_own_code() {
    assert_eq!(code_of("91110000600037341N"), "USCC_CHECK");
    assert_eq!(code_of("91330106MA27Y4U46R"), "USCC_ORG_CHECK");
    assert_eq!(code_of("9111000060003IOZSV"), "USCC_FORMAT");
    assert_eq!(code_of("12345"), "USCC_LEN");
    assert_eq!(code_of("B1350203MA1116BH0Y"), "USCC_AUTHORITY");
    assert_eq!(code_of("9135020*MA1116BH0Y"), "USCC_FORMAT");
    assert_eq!(code_of("/"), "USCC_LEN");
    for letter in ["I", "O", "S", "V", "Z"] {
        assert_eq!(
            code_of(&format!("911100006000{letter}7341L")),
            "USCC_FORMAT"
        );
    }
}

#[test]
fn an_unknown_category_warns_only() {
    let found = parse("88330106MA27Y4U475").unwrap();
    assert_eq!(
        found.warnings().collect::<Vec<_>>(),
        ["USCC_CATEGORY_UNKNOWN"]
    );
}

#[test]
fn o_and_i_are_read_as_digits_only_where_the_checks_then_pass() {
    let found = parse("9IIIOOOO6OOO37341L").unwrap();
    assert_eq!(
        (found.text.as_str(), found.folded),
        ("91110000600037341L", true)
    );
    assert_eq!(code_of("9IIIOOOO6OOO37341N"), "USCC_FORMAT");
}

#[test]
fn the_value_of_a_symbol_is_its_place_in_the_alphabet() {
    for symbol in 0..=u8::MAX {
        let place = ALPHABET.iter().position(|known| *known == symbol);
        assert_eq!(
            value_of(symbol),
            place.and_then(|place| u32::try_from(place).ok())
        );
    }
}

#[test]
fn parts_of_the_code_are_read() {
    let found = parse("91330106ma27y4u47r").unwrap();
    assert_eq!(found.organisation_code(), "MA27Y4U47");
    assert_eq!((found.category(), found.region()), ("91", "330106"));
    assert!(organisation_code::parse(found.organisation_code()).is_ok());
    assert!(!found.folded);
}

#[test]
fn look_alikes_of_x_are_flagged() {
    let found = parse("52350205MACQ0TEP5Х").unwrap();
    assert_eq!(
        (found.text.as_str(), found.folded),
        ("52350205MACQ0TEP5X", true)
    );
}

prop_compose! {
    fn sound_code()(
        front in 0usize..6,
        region in "35020[1-6]",
        body in "[0-9A-HJ-NPQRTUWXY]{8}",
    ) -> Option<String> {
        let front = ["91", "N2", "J1", "A1", "52", "11"][front];
        let check = organisation_code::check_character(body.as_bytes().try_into().unwrap()).unwrap();
        let head = format!("{front}{region}{body}{}", char::from(check));
        check_character(head.as_bytes().try_into().unwrap()).map(|check| format!("{head}{}", char::from(check)))
    }
}

proptest! {
    #[test]
    fn sound_codes_are_their_own_canonical_form(code in sound_code()) {
        let code = code.unwrap();
        let found = parse(&code).unwrap();
        prop_assert_eq!(found.text.as_str(), code);
    }

    #[test]
    fn every_single_substitution_is_caught(code in sound_code(), place in 0usize..18, symbol in 0usize..31) {
        let mut bytes = code.unwrap().into_bytes();
        if bytes[place] == ALPHABET[symbol] {
            return Ok(());
        }
        bytes[place] = ALPHABET[symbol];
        prop_assert!(parse(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn every_adjacent_transposition_is_caught(code in sound_code(), place in 0usize..17) {
        let mut bytes = code.unwrap().into_bytes();
        if bytes[place] == bytes[place + 1] {
            return Ok(());
        }
        bytes.swap(place, place + 1);
        prop_assert!(parse(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(raw in "\\PC*|[0-9A-Zx]{18}") {
        if let Ok(found) = parse(&raw) {
            prop_assert_eq!(parse(&found.text).unwrap().text, found.text);
        }
    }
}
