//! The shape of a value for feedback: what it looks like without what it says.

use super::characters::{half_width, is_dash, is_han_like, is_invisible, is_space};
use super::division::is_province;

#[cfg(test)]
mod tests;

/// Digits as `9`, letters as `A`, Han characters as `汉`, everything else as it is. Private-use glyphs count as Han, the
/// scripts of the world as letters, invisible characters as U+FFFD.
pub fn of(raw: &str) -> String {
    raw.chars().map(shape_of).collect()
}

fn shape_of(character: char) -> char {
    match character {
        '0'..='9' => '9',
        'a'..='z' | 'A'..='Z' => 'A',
        character if is_han_like(character) => '汉',
        character if character.is_numeric() => '9',
        character if character.is_alphabetic() => 'A',
        character if is_invisible(character) => '\u{FFFD}',
        other => other,
    }
}

/// Whether a resident id (18 characters, 15 digits with a plausible birth date, or the first 14 to 17 of 18) or a mobile
/// number stands anywhere in the text, with any width, spaces, dashes or invisible characters inside. Errs on the side of
/// yes.
pub fn looks_sensitive(raw: &str) -> bool {
    if raw.len() < 11 {
        return false;
    }
    let mut run = Run::default();
    for character in raw.chars().map(half_width) {
        match character {
            '0'..='9' => run.push(character),
            'X' | 'x' | '×' | 'Х' | 'х' | 'Χ' | 'χ' if run.length >= 17 => return true,
            character if is_space(character) || is_dash(character) || is_invisible(character) => {
                run.pause()
            }
            _ => {
                if run.is_sensitive() {
                    return true;
                }
                run = Run::default();
            }
        }
        if run.length >= 18 {
            return true;
        }
    }
    run.is_sensitive()
}

/// Digits seen without anything but separators between them.
#[derive(Default)]
struct Run {
    digits: [u8; 18],
    length: usize,
    /// Digits since the last separator, and whether such a stretch was a mobile number.
    stretch_start: usize,
    mobile_stretch: bool,
}

impl Run {
    fn push(&mut self, digit: char) {
        if let (Some(place), Ok(digit)) = (self.digits.get_mut(self.length), u8::try_from(digit)) {
            *place = digit;
        }
        self.length += 1;
    }

    fn pause(&mut self) {
        self.mobile_stretch |= is_mobile(self.stretch());
        self.stretch_start = self.length;
    }

    fn stretch(&self) -> &[u8] {
        self.digits
            .get(self.stretch_start..self.length)
            .unwrap_or_default()
    }

    fn is_sensitive(&self) -> bool {
        let digits = self.digits.get(..self.length).unwrap_or_default();
        self.mobile_stretch
            || is_mobile(self.stretch())
            || is_mobile(digits)
            || is_first_generation(digits)
            || is_cut_short(digits)
    }
}

/// 11 digits of a mobile number, perhaps after a trunk zero or the country code.
fn is_mobile(digits: &[u8]) -> bool {
    let number = match digits {
        [b'0', b'0', b'8', b'6', number @ ..] | [b'8', b'6', number @ ..] if number.len() == 11 => {
            number
        }
        [b'0', number @ ..] if number.len() == 11 => number,
        number => number,
    };
    number.len() == 11 && matches!(number, [b'1', b'3'..=b'9', ..])
}

/// 14 to 17 digits that begin with a province and hold a whole birth date: 18 that lost their end say who it is.
fn is_cut_short(digits: &[u8]) -> bool {
    let &[_, _, _, _, _, _, y0, y1, _, _, m0, m1, d0, d1, ..] = digits else {
        return false;
    };
    let number = |tens: u8, units: u8| (tens - b'0') * 10 + (units - b'0');
    (18..=20).contains(&number(y0, y1))
        && (1..=12).contains(&number(m0, m1))
        && (1..=31).contains(&number(d0, d1))
        && std::str::from_utf8(digits).is_ok_and(is_province)
}

/// 15 digits that begin with a province and hold a month and a day where a birth date has them.
fn is_first_generation(digits: &[u8]) -> bool {
    let &[_, _, _, _, _, _, _, _, m0, m1, d0, d1, _, _, _] = digits else {
        return false;
    };
    let number = |tens: u8, units: u8| (tens - b'0') * 10 + (units - b'0');
    (1..=12).contains(&number(m0, m1))
        && (1..=31).contains(&number(d0, d1))
        && std::str::from_utf8(digits).is_ok_and(is_province)
}
