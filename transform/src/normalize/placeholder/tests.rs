use proptest::prelude::*;

use super::{LONGEST_WORD_BYTES, WORDS, is_placeholder};

#[test]
fn usual_fillers_are_recognised() {
    for text in [
        "无",
        "不详",
        "测试",
        "xxx",
        "XXXX",
        "-",
        "--",
        "——",
        "/",
        "／",
        "未知",
        "null",
        "NULL",
        "N/A",
        "n/a",
        "000000",
        "999999",
        "无 ",
        "　不详　",
        "Ｎ／Ａ",
        "***",
        "？？",
        "ｎｕｌｌ",
        "111111",
    ] {
        assert!(is_placeholder(text), "{text}");
    }
}

#[test]
fn values_that_only_look_like_fillers_are_kept() {
    for text in [
        "",
        " ",
        "0",
        "9",
        "00",
        "99",
        "1",
        "无锡",
        "吴详",
        "测试仪器有限公司",
        "350203199001010018",
        "x",
        "A",
        "张三",
    ] {
        assert!(!is_placeholder(text), "{text}");
    }
}

#[test]
fn no_word_is_longer_than_the_bound() {
    assert!(WORDS.iter().all(|word| word.len() <= LONGEST_WORD_BYTES));
    for word in WORDS.iter().copied() {
        assert!(is_placeholder(word), "{word}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(raw in "\\PC*") {
        let _ = is_placeholder(&raw);
    }
}
