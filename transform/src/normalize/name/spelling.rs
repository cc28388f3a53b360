//! The canonical spelling of a name, character by character; no judgement of what it says.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::private_use::successor;
use crate::normalize::characters::{half_width, is_han_like, is_invisible, is_space};

/// The middle dot between the parts of a minority name.
const MIDDLE_DOT: char = '\u{B7}';

/// Cheap proof that [`person`] would change nothing: everyday Han with middle dots, or plain capitals.
pub(super) fn is_canonical_person(raw: &str) -> bool {
    is_plain(raw, |character| {
        matches!(character, '-' | '\'' | ',' | '(' | ')')
    })
}

/// The same for [`organisation`].
pub(super) fn is_canonical_organisation(raw: &str) -> bool {
    is_plain(raw, |character| {
        matches!(character, '0'..='9' | '-' | '\'' | ',' | '(' | ')' | '&')
    })
}

fn is_plain(raw: &str, allowed: fn(char) -> bool) -> bool {
    let mut before = ' ';
    for character in raw.chars() {
        let plain = match character {
            '\u{4E00}'..='\u{9FFF}' => before != ' ' || raw.starts_with(character),
            MIDDLE_DOT | 'A'..='Z' => true,
            ' ' => before.is_ascii_uppercase(),
            other => allowed(other),
        };
        if !plain {
            return false;
        }
        before = character;
    }
    // A trailing space has to go; a leading one fails above only where Han follows it.
    before != ' ' && !raw.starts_with(' ')
}

/// Spells a person's name; true if a private-use character was repaired.
pub(super) fn person(raw: &str) -> (String, bool) {
    let (characters, repaired) = unified(raw, |character| character);
    let spaced = without_spaces(&characters, |left, right| {
        let joins = |character| is_han_like(character) || is_dot(character);
        joins(left) && joins(right) && (is_han_like(left) || is_han_like(right))
    });
    (with_middle_dots(&spaced), repaired)
}

/// Spells an organisation's name; true if a private-use character was repaired.
pub(super) fn organisation(raw: &str) -> (String, bool) {
    let (characters, repaired) = unified(raw, half_width);
    let spaced = without_spaces(&characters, |left, right| {
        is_han_like(left) || is_han_like(right)
    });
    (with_middle_dots(&spaced), repaired)
}

/// NFC, Latin in capitals, every white space a blank, invisible characters dropped, glyphs of GBK repaired.
fn unified(raw: &str, width: fn(char) -> char) -> (Vec<char>, bool) {
    let mut repaired = false;
    let mut text = String::with_capacity(raw.len());
    for character in raw.chars().filter(|character| !is_invisible(*character)) {
        let character = successor(character)
            .inspect(|_| repaired = true)
            .unwrap_or(character);
        match width(character) {
            space if is_space(space) => text.push(' '),
            latin if is_latin(latin) => text.extend(latin.to_uppercase()),
            other => text.push(other),
        }
    }
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return (text.chars().collect(), repaired);
    }
    (text.nfc().collect(), repaired)
}

fn is_latin(character: char) -> bool {
    matches!(character,
        'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FF41}'..='\u{FF5A}')
}

/// Drops blanks at both ends and where `joined(left, right)` says so, and leaves one of several elsewhere.
fn without_spaces(characters: &[char], joined: fn(char, char) -> bool) -> Vec<char> {
    let mut kept: Vec<char> = Vec::with_capacity(characters.len());
    let mut waiting = false;
    for character in characters.iter().copied() {
        if character == ' ' {
            waiting = true;
            continue;
        }
        if waiting && kept.last().is_some_and(|left| !joined(*left, character)) {
            kept.push(' ');
        }
        waiting = false;
        kept.push(character);
    }
    kept
}

/// Every dot between two Han characters as U+00B7.
fn with_middle_dots(characters: &[char]) -> String {
    let mut text = String::with_capacity(characters.len() * 3);
    let mut before = None;
    let mut rest = characters.iter().copied().peekable();
    while let Some(character) = rest.next() {
        let between = is_dot(character)
            && before.is_some_and(is_han_like)
            && rest.peek().is_some_and(|after| is_han_like(*after));
        text.push(if between { MIDDLE_DOT } else { character });
        before = Some(character);
    }
    text
}

/// What typists and decoders write for the middle dot.
fn is_dot(character: char) -> bool {
    matches!(
        character,
        MIDDLE_DOT
            | '\u{2022}'
            | '\u{2027}'
            | '\u{22C5}'
            | '\u{30FB}'
            | '\u{FF65}'
            | '\u{FF0E}'
            | '.'
            | '\u{2024}'
    )
}
