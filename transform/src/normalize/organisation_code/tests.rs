use proptest::prelude::*;

use super::{check_character, parse};

fn code_of(raw: &str) -> &'static str {
    parse(raw).unwrap_err().code()
}

#[test]
fn codes_of_the_standard_are_accepted_with_and_without_dash() {
    for (raw, canonical) in [
        ("D2143569-X", "D2143569X"),
        ("MA1FL0LY-9", "MA1FL0LY9"),
        ("MA1FL0JH7", "MA1FL0JH7"),
        ("MA1FL0JJ3", "MA1FL0JJ3"),
        ("MA27Y4U47", "MA27Y4U47"),
        ("ｄ２１４３５６９－ｘ", "D2143569X"),
        ("D2143569—X", "D2143569X"),
    ] {
        assert_eq!(parse(raw).unwrap().as_str(), canonical);
    }
}

#[test]
fn a_remainder_of_eleven_is_zero_and_of_ten_is_x() {
    assert_eq!(check_character(b"MA1116BH"), Some(b'0'));
    assert_eq!(check_character(b"MAL4EJFN"), Some(b'0'));
    assert_eq!(check_character(b"MAD26TK1"), Some(b'X'));
    assert_eq!(check_character(b"MA9167LB"), Some(b'X'));
}

#[test]
fn wrong_codes_fail_with_their_own_code() {
    assert_eq!(code_of("MA27Y4U46"), "ORG_CHECK");
    assert_eq!(code_of("MA27Y4U4"), "ORG_LEN");
    assert_eq!(code_of("MA27Y4U-47"), "ORG_LEN");
    assert_eq!(code_of("MA27Y4U4A"), "ORG_FORMAT");
    assert_eq!(code_of("MA27Y*U47"), "ORG_FORMAT");
    assert_eq!(code_of("000000000"), "ORG_FORMAT");
    assert_eq!(code_of(""), "ORG_LEN");
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(raw in "\\PC*|[0-9A-Z]{8}-?[0-9X]") {
        if let Ok(code) = parse(&raw) {
            prop_assert_eq!(parse(&code), Ok(code));
        }
    }
}
