use proptest::prelude::*;

use super::clean;

fn cleaned(text: &str) -> Option<String> {
    clean(text).map(|text| text.into_owned())
}

#[test]
fn what_control_characters_hide_is_trimmed_and_nothing_is_null() {
    assert_eq!(cleaned(" a\u{1}b "), Some("ab".to_owned()));
    assert_eq!(cleaned("a \u{1}"), Some("a".to_owned()));
    for nothing in ["", " ", "\u{1}", " \u{1} \u{7F}"] {
        assert_eq!(cleaned(nothing), None, "{nothing:?}");
    }
}

proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(raw in "[ a\u{1}\u{85}\u{3000}陈\r\n]{0,8}") {
        if let Some(once) = cleaned(&raw) {
            prop_assert_eq!(cleaned(&once), Some(once.clone()));
        }
    }
}
