//! Folding of identifiers and width: one spelling for what agencies type in many.
//!
//! Knows nothing of lengths or check characters; a masked `*` stays, for the parsers to refuse.

use std::borrow::Cow;

use super::characters::{half_width, is_invisible, is_space};

#[cfg(test)]
mod tests;

/// An identifier after folding.
#[derive(Clone, PartialEq, Eq)]
pub struct Folded<'a> {
    /// Half width, upper case, without spaces, quotes and invisible characters; borrowed where the raw text was so already.
    pub text: Cow<'a, str>,
    /// An X was written as one of `× Х Χ ｘ x` (flag `ID_FOLDED`).
    pub folded: bool,
    /// That X was a foreign character: `×`, Cyrillic `Х` or Greek `Χ`.
    pub look_alike: bool,
}

impl std::fmt::Debug for Folded<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Folded({} bytes)", self.text.len())
    }
}

/// Folds an identifier: full-width ASCII to half width, white space, quotes (Excel's leading apostrophe) and invisible
/// characters dropped, upper case, look-alikes of X mapped to `X`, long dashes to `-`, `*` kept.
pub fn identifier(raw: &str) -> Folded<'_> {
    if raw.bytes().all(is_canonical_byte) {
        return Folded {
            text: Cow::Borrowed(raw),
            folded: false,
            look_alike: false,
        };
    }
    let (mut folded, mut look_alike) = (false, false);
    let mut text = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            'x' | '\u{FF58}' => {
                folded = true;
                text.push('X');
            }
            // Multiplication sign, Cyrillic and Greek letters of either case.
            '\u{D7}' | '\u{425}' | '\u{445}' | '\u{3A7}' | '\u{3C7}' => {
                folded = true;
                look_alike = true;
                text.push('X');
            }
            other => push_folded(&mut text, half_width(other)),
        }
    }
    Folded {
        text: Cow::Owned(text),
        folded,
        look_alike,
    }
}

fn push_folded(text: &mut String, character: char) {
    match character {
        character if is_quote(character) || is_space(character) || is_invisible(character) => {}
        '\u{2010}'..='\u{2015}' | '\u{2212}' => text.push('-'),
        character => text.push(character.to_ascii_uppercase()),
    }
}

/// Printable ASCII that folding leaves alone.
fn is_canonical_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !byte.is_ascii_lowercase() && !matches!(byte, b'\'' | b'"' | b'`')
}

fn is_quote(character: char) -> bool {
    matches!(
        character,
        '\'' | '"' | '`' | '\u{B4}' | '\u{2018}'..='\u{201F}' | '\u{2032}' | '\u{2033}'
    )
}

/// Full-width ASCII and the ideographic space in half width; borrowed where there is none.
pub fn width(raw: &str) -> Cow<'_, str> {
    let wide = |character: char| matches!(character, '\u{FF01}'..='\u{FF5E}' | '\u{3000}');
    if raw.is_ascii() || !raw.contains(wide) {
        return Cow::Borrowed(raw);
    }
    let fold = |character| {
        if character == '\u{3000}' {
            ' '
        } else {
            half_width(character)
        }
    };
    Cow::Owned(raw.chars().map(fold).collect())
}
