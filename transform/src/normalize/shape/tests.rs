use proptest::prelude::*;

use super::{looks_sensitive, of};

#[test]
fn digits_letters_and_han_become_their_kind() {
    assert_eq!(of("350203199001010018"), "999999999999999999");
    assert_eq!(of("湖里区殿前1号A-2"), "汉汉汉汉汉9汉A-9");
    assert_eq!(of("阿卜杜拉·买买提"), "汉汉汉汉·汉汉汉");
    assert_eq!(of("３ｘ\u{E816}é\u{200B}カ〇"), "9A汉A\u{FFFD}A汉");
    assert_eq!(of("3502***011"), "9999***999");
    assert_eq!(of(""), "");
}

#[test]
fn resident_ids_are_found_anywhere_and_in_any_spelling() {
    for text in [
        "350203199001010018",
        "身份证350203199001010018号",
        "11010519491231002X",
        "１１０１０５１９４９１２３１００２ｘ",
        "350203 19900101 0018",
        "350203-19900101-001×",
        "350203\u{200B}199001010018",
        "号350203750101001",
    ] {
        assert!(looks_sensitive(text), "{text}");
    }
}

#[test]
fn mobile_numbers_are_found() {
    for text in [
        "13812345678",
        "电话138-1234-5678",
        "+8613812345678",
        "008613812345678",
        "１３８１２３４５６７８",
        "1 13812345678",
    ] {
        assert!(looks_sensitive(text), "{text}");
    }
}

#[test]
fn a_resident_id_that_lost_its_end_is_found() {
    for text in [
        "35020319900101001",
        "350203199001010",
        "证件35020319900101号",
        "350203 19900101",
    ] {
        assert!(looks_sensitive(text), "{text}");
    }
}

#[test]
fn dates_codes_and_masked_numbers_are_not_sensitive() {
    for text in [
        "350203100000129",
        "20261123103045",
        "2016-03-18 00:00:00",
        "350206002003",
        "3502***********011",
        "91330106MA27Y4U47R",
        "0592-2345678",
        "厦门市",
    ] {
        assert!(!looks_sensitive(text), "{text}");
    }
}

proptest! {
    #[test]
    fn a_shape_holds_no_digit_but_nine_and_is_stable(raw in "\\PC*|[0-9a-z汉字０-９]*") {
        let shape = of(&raw);
        prop_assert!(!shape.contains(|character: char| matches!(character, '0'..='8' | 'a'..='z')));
        prop_assert_eq!(of(&shape), shape.clone());
        let _ = looks_sensitive(&raw);
    }

    #[test]
    fn seventeen_digits_and_one_more_are_always_found(before in "[^0-9]{0,5}", number in "[0-9]{17}[0-9X]", after in "\\PC{0,5}") {
        let text = format!("{before}{number}{after}");
        prop_assert!(looks_sensitive(&text));
    }
}
