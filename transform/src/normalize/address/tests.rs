use std::borrow::Cow;

use proptest::prelude::*;

use super::clean;

#[test]
fn width_spaces_and_traditional_number_sign_fold() {
    assert_eq!(
        clean("湖里区　殿前１２３號 ４０２室"),
        "湖里区殿前123号402室"
    );
    assert_eq!(clean(" 思明区湖滨南路 1 号 "), "思明区湖滨南路1号");
    assert_eq!(clean("Unit 5  Tower A"), "Unit 5 Tower A");
    assert_eq!(
        clean("思明区\u{0}（软件园）\u{200B}二期"),
        "思明区(软件园)二期"
    );
    assert_eq!(clean(""), "");
}

#[test]
fn both_decoders_dashes_between_numbers_are_one() {
    assert_eq!(clean("殿前12\u{2014}3号"), clean("殿前12\u{2015}3号"));
    assert_eq!(clean("殿前12—3号"), "殿前12-3号");
    assert_eq!(clean("殿前－后埔"), "殿前-后埔");
}

#[test]
fn clean_addresses_are_borrowed() {
    assert!(matches!(
        clean("厦门市湖里区殿前街道1号A-2"),
        Cow::Borrowed(_)
    ));
}

proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(raw in "\\PC*|[湖里號号 　A1１—―-]{0,20}") {
        let once = clean(&raw).into_owned();
        prop_assert_eq!(clean(&once).into_owned(), once.clone());
    }
}
