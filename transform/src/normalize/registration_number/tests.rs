use proptest::prelude::*;

use super::{check_digit, parse};

#[test]
fn numbers_with_a_sound_check_are_accepted() {
    for number in [
        "110108000000016",
        "310230001716146",
        "310230001716154",
        "350200100000015",
        "350203200000128",
    ] {
        assert_eq!(parse(number).unwrap().as_str(), number);
    }
    assert_eq!(
        parse("'３５０２００１００００００１５").unwrap().as_str(),
        "350200100000015"
    );
}

#[test]
fn wrong_numbers_fail_with_their_own_code() {
    assert_eq!(parse("110108000000017").unwrap_err().code(), "REG_CHECK");
    assert_eq!(parse("11010800000001X").unwrap_err().code(), "REG_FORMAT");
    assert_eq!(parse("3502001000000").unwrap_err().code(), "REG_LEN");
    assert_eq!(parse("").unwrap_err().code(), "REG_LEN");
}

proptest! {
    #[test]
    fn every_single_substitution_is_caught(body in "[0-9]{14}", place in 0usize..14, digit in b'0'..=b'9') {
        let mut number = body.clone().into_bytes();
        let check = check_digit(body.as_bytes().try_into().unwrap());
        number.push(check);
        let sound = String::from_utf8(number.clone()).unwrap();
        prop_assert_eq!(parse(&sound).map(|found| found.as_str() == sound), Ok(true));
        if number[place] == digit {
            return Ok(());
        }
        number[place] = digit;
        prop_assert!(parse(std::str::from_utf8(&number).unwrap()).is_err());
    }

    #[test]
    fn no_text_panics(raw in "\\PC*") {
        if let Ok(number) = parse(&raw) {
            prop_assert_eq!(parse(&number), Ok(number));
        }
    }
}
