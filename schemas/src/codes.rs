//! Code lists: which source codes exist and which canonical code each stands for.

use std::collections::HashMap;

/// A code list or the `enum` of one contract field, compiled for look-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeMap {
    /// `name@version` of `codes/<name>.csv`, or empty for an `enum` written in a contract.
    pub name: String,
    /// Code as sent, [`folded`], to canonical code. Where the list says so labels are keys as well.
    pub canonical: HashMap<String, String>,
}

impl CodeMap {
    /// The canonical code of `code`, or nothing where the list does not have it.
    pub fn get(&self, code: &str) -> Option<&str> {
        self.canonical.get(code).map(String::as_str)
    }
}

/// The text by which a code is looked up: full-width ASCII in half width, white space dropped.
pub fn folded(text: &str) -> String {
    let half_width = |letter: char| match letter {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(letter) - 0xFEE0).expect("half-width ASCII has code points")
        }
        other => other,
    };
    let letters = text.chars().map(half_width);
    letters.filter(|letter| !letter.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_white_space_make_no_other_code() {
        assert_eq!(
            folded(" 有限责任公司（自然人独资） "),
            "有限责任公司(自然人独资)"
        );
        assert_eq!(folded("吊销，未注销"), "吊销,未注销");
        assert_eq!(folded("０\u{3000}1"), "01");
    }
}
