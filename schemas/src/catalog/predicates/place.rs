//! From a place in a predicate to the place in the file that holds it.

use sqlparser::tokenizer::Location;

use crate::catalog::yaml::Spot;

/// Where the word at `at` of `text` stands in the file: the scalar begins at `scalar` and may be plain, quoted or folded
/// over several lines, so the word is looked for as often as it stands before. The scalar itself where it is not found.
pub(super) fn in_file(lines: &[&str], scalar: Spot, text: &str, at: Location) -> Spot {
    let before = letters_before(text, at);
    let rest: Vec<char> = text.chars().skip(before).collect();
    let word = word_of(&rest);
    if word.is_empty() {
        return scalar;
    }
    let head: String = text.chars().take(before).collect();
    find(lines, scalar, &word, head.matches(&word).count()).unwrap_or(scalar)
}

/// Letters before a line and column of a text, both counted from 1.
fn letters_before(text: &str, at: Location) -> usize {
    let number = |value: u64| usize::try_from(value.saturating_sub(1)).unwrap_or(usize::MAX);
    let lines = text.split('\n').take(number(at.line));
    let above: usize = lines.map(|line| line.chars().count() + 1).sum();
    above.saturating_add(number(at.column))
}

/// The first name, number or sign.
fn word_of(letters: &[char]) -> String {
    let is_inner = |letter: &&char| letter.is_alphanumeric() || **letter == '_';
    let letters = match letters {
        ['"' | '\'', inner @ ..] => inner,
        all => all,
    };
    let word: String = letters.iter().take_while(is_inner).collect();
    match letters.first() {
        Some(first) if word.is_empty() => first.to_string(),
        _ => word,
    }
}

fn find(lines: &[&str], scalar: Spot, word: &str, mut skip: usize) -> Option<Spot> {
    let first = usize::try_from(scalar.line.checked_sub(1)?).ok()?;
    for (place, line) in lines.iter().enumerate().skip(first) {
        let begin = match place == first {
            true => usize::try_from(scalar.column.saturating_sub(1)).ok()?,
            false => 0,
        };
        let shown: String = line.chars().skip(begin).collect();
        let mut found = shown.match_indices(word);
        let count = shown.matches(word).count();
        if count <= skip {
            skip -= count;
            continue;
        }
        let (bytes, _) = found.nth(skip)?;
        let column = begin + shown.get(..bytes)?.chars().count() + 1;
        return Some(Spot {
            line: u32::try_from(place + 1).ok()?,
            column: u32::try_from(column).ok()?,
            width: u32::try_from(word.chars().count()).ok()?,
        });
    }
    None
}
