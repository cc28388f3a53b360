//! Fillers: texts that stand in a field only because the form asked for one.
//!
//! A filler in one field can be a code in another (`0`, `99`): whether a field is asked is the contract's decision, and
//! single digits are never fillers here. Sentinel dates belong to `date`.

#[cfg(test)]
mod tests;

use super::characters::{is_dash, is_invisible, is_space};
use super::fold;

/// Words, after folding to half width and upper case.
const WORDS: &[&str] = &[
    "无",
    "暂无",
    "没有",
    "无名",
    "无名氏",
    "未取名",
    "未命名",
    "不详",
    "不祥",
    "不明",
    "不清楚",
    "未知",
    "待定",
    "待补",
    "待查",
    "待填",
    "未填",
    "未填写",
    "空",
    "空白",
    "其他未知",
    "同上",
    "保密",
    "不便透露",
    "测试",
    "测试数据",
    "测试用户",
    "测试员",
    "测试人员",
    "NULL",
    "(NULL)",
    "NONE",
    "NIL",
    "NAN",
    "N/A",
    "NA",
    "#N/A",
    "UNKNOWN",
    "UNDEFINED",
    "TEST",
    "TESTER",
    "TESTING",
    "ASDF",
    "TBD",
    "123456",
    "1234567890",
    "无数据",
];

/// Longest word in bytes; anything longer can only be one character over and over.
const LONGEST_WORD_BYTES: usize = 15;

/// Whether the text is a filler: one of the usual words in either language, or one character repeated (any number of
/// `-`, `/`, `.`, `*`, `?`, `_`, `#`; three and more `x`, `0`, `9`; six and more `1`, `8`). Empty text is no filler.
pub fn is_placeholder(raw: &str) -> bool {
    let trimmed = raw.trim_matches(|character| is_space(character) || is_invisible(character));
    // Full-width text is three times as long in bytes as its fold; fold only what could be a word.
    if trimmed.len() > 3 * LONGEST_WORD_BYTES && !is_one_character(trimmed) {
        return false;
    }
    let narrow = fold::width(trimmed);
    if narrow.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return is_filler(&narrow.to_ascii_uppercase());
    }
    is_filler(&narrow)
}

fn is_filler(text: &str) -> bool {
    (text.len() <= LONGEST_WORD_BYTES && WORDS.contains(&text)) || is_repeated(text)
}

fn is_one_character(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some() && characters.all(|character| Some(character) == first)
}

fn is_repeated(text: &str) -> bool {
    if !is_one_character(text) {
        return false;
    }
    let count = text.chars().count();
    match text.chars().next() {
        Some('/' | '\\' | '.' | '*' | '?' | '_' | '#' | '、' | '。' | '·' | '~' | '+' | '=') => {
            true
        }
        Some(dash) if is_dash(dash) => true,
        Some('X' | '×' | '某' | '0' | '9') => count >= 3,
        Some('1' | '8' | 'A') => count >= 6,
        _ => false,
    }
}
