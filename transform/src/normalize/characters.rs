//! What kind of character one is: Han, space, invisible, private use, full width.
//!
//! Only judgements of single characters; what to do about them is the business of the module that asks.

/// A Han character, compatibility forms, radicals and 〇 included (Unicode 16 blocks).
pub(super) fn is_han(character: char) -> bool {
    matches!(character,
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{20000}'..='\u{323AF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{2E80}'..='\u{2FDF}'
        | '\u{3005}' | '\u{3007}')
}

/// A character of the private-use areas: a glyph that only its maker knows.
pub(super) fn is_private_use(character: char) -> bool {
    matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Han, or private use standing for Han.
pub(super) fn is_han_like(character: char) -> bool {
    is_han(character) || is_private_use(character)
}

/// White space of any width.
pub(super) fn is_space(character: char) -> bool {
    matches!(character,
        ' ' | '\t'..='\r' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}'
        | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Takes no room when shown: controls that are no white space, zero-width and direction marks, byte order mark.
pub(super) fn is_invisible(character: char) -> bool {
    if is_space(character) {
        return false;
    }
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Full-width ASCII (U+FF01–FF5E) as its half-width twin, anything else unchanged.
pub(super) fn half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        other => other,
    }
}

/// A dash of any length, the minus sign included.
pub(super) fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
