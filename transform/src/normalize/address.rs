//! Addresses: [`clean`] is spelling only; [`AddressReader`] reads levels and division with a dictionary.

use std::borrow::Cow;

use super::characters::{half_width, is_dash, is_han_like, is_invisible, is_space};

mod head;
mod numerals;
mod reader;
mod standard;
mod tail;
#[cfg(test)]
mod tests;

pub use reader::AddressReader;
pub use standard::{Address, Precision};

/// An address with half-width ASCII, 号 for 號, `-` for a dash between numbers or letters, no invisible characters, no
/// space beside a Han character and single spaces elsewhere. Borrowed where it was so already.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if is_clean(raw) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut space_waits = false;
    let mut last = None;
    for character in raw.chars().map(half_width) {
        if is_invisible(character) {
            continue;
        }
        if is_space(character) {
            space_waits = true;
            continue;
        }
        let character = if character == '號' { '号' } else { character };
        if space_waits && last.is_some_and(|last| !is_han_like(last)) && !is_han_like(character) {
            text.push(' ');
        }
        space_waits = false;
        text.push(character);
        last = Some(character);
    }
    Cow::Owned(with_short_dashes(text))
}

/// Nothing that [`clean`] could change: Han, and ASCII without controls and spaces.
fn is_clean(raw: &str) -> bool {
    raw.chars().all(|character| match character {
        '號' => false,
        '!'..='~' | '\u{4E00}'..='\u{9FFF}' => true,
        _ => false,
    })
}

/// The decoders of GBK disagree about the long dash, and a house number has one spelling.
fn with_short_dashes(text: String) -> String {
    if text.is_ascii() || !text.contains(|character| is_dash(character) && character != '-') {
        return text;
    }
    let mut shortened = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let between = before.is_some_and(|before| before.is_ascii_alphanumeric())
            && characters.peek().is_some_and(char::is_ascii_alphanumeric);
        shortened.push(if is_dash(character) && between {
            '-'
        } else {
            character
        });
        before = Some(character);
    }
    shortened
}
