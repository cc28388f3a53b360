use std::collections::BTreeSet;

use super::*;
use crate::catalog::Catalog;

#[test]
fn every_code_stands_once_and_has_all_its_texts() {
    let mut seen = BTreeSet::new();
    for message in all() {
        assert!(seen.insert(message.code), "{} stands twice", message.code);
        for text in [message.title, message.expected, message.help] {
            assert!(
                !text.zh.is_empty() && !text.en.is_empty(),
                "{}",
                message.code
            );
            assert!(
                text.zh.chars().any(|found| found > '\u{4e00}'),
                "{} in Chinese",
                message.code
            );
            assert!(
                text.en.is_ascii() || text.en.contains('无'),
                "{} in English",
                message.code
            );
        }
    }
}

#[test]
fn an_unknown_code_gets_a_text_that_is_true_of_every_rule() {
    assert_eq!(message("NO_SUCH_CODE").code, "RULE");
}

#[test]
fn a_title_names_feed_field_and_fault() {
    let catalog = Catalog::embedded().unwrap();
    let feed = catalog
        .feed(catalog.feed_of_id("ga.hukou").unwrap())
        .unwrap();
    let sentence = title(feed, feed.fields.first(), "ID_CHECK");
    assert_eq!(sentence.zh, "户籍人口：公民身份号码校验位不符");
    assert_eq!(
        sentence.en,
        "Household registration: Citizen identity number fails its check character"
    );
    let whole = title(feed, None, "SYNTAX");
    assert_eq!(whole.zh, "户籍人口：无法解析");
    assert_eq!(
        whole.en,
        "Household registration: the record cannot be read"
    );
}
