//! What the 80 private-use characters of old GBK (bytes FE50 to FEA0) are today.
//!
//! Their code points run from U+E815 in the order of the trail byte. The GB18030 table of the Encoding Standard knows
//! the successor of all but six, which got theirs in later planes of Unicode.

use std::sync::LazyLock;

use encoding_rs::GB18030;

/// First private-use code point of the block.
const FIRST: u32 = 0xE815;
const COUNT: usize = 80;

/// Characters that the Encoding Standard leaves in private use, with the ideographs that Unicode encoded for them.
const LATE: [(char, char); 6] = [
    ('\u{E816}', '\u{20087}'),
    ('\u{E817}', '\u{20089}'),
    ('\u{E818}', '\u{200CC}'),
    ('\u{E831}', '\u{215D7}'),
    ('\u{E83B}', '\u{2298F}'),
    ('\u{E855}', '\u{241FE}'),
];

static SUCCESSORS: LazyLock<[char; COUNT]> = LazyLock::new(successors);

/// The character that a private-use character of GBK stands for; none for all others.
pub(super) fn successor(character: char) -> Option<char> {
    let index = usize::try_from(u32::from(character).checked_sub(FIRST)?).ok()?;
    SUCCESSORS.get(index).copied()
}

fn successors() -> [char; COUNT] {
    let mut table = ['\u{FFFD}'; COUNT];
    let trails = (0x50..=0x7E_u8).chain(0x80..=0xA0);
    for (place, trail) in table.iter_mut().zip(trails) {
        let bytes = [0xFE, trail];
        let (text, _) = GB18030.decode_without_bom_handling(&bytes);
        let decoded = text
            .chars()
            .next()
            .expect("every pair of the block decodes to a character");
        *place = LATE
            .iter()
            .find(|(old, _)| *old == decoded)
            .map_or(decoded, |(_, new)| *new);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{COUNT, FIRST, LATE, SUCCESSORS, successor};
    use crate::normalize::characters::{is_han, is_private_use};

    #[test]
    fn known_successors_are_found() {
        for (old, new) in [
            ('\u{E81A}', '㑳'),
            ('\u{E81B}', '㑇'),
            ('\u{E828}', '㧟'),
            ('\u{E863}', '䶮'),
            ('\u{E81E}', '\u{9FB4}'),
        ] {
            assert_eq!(successor(old), Some(new));
        }
        for (old, new) in LATE {
            assert_eq!(successor(old), Some(new));
        }
    }

    #[test]
    fn all_eighty_have_a_successor_outside_private_use() {
        assert_eq!(SUCCESSORS.len(), COUNT);
        for (index, new) in SUCCESSORS.iter().enumerate() {
            assert!(is_han(*new) && !is_private_use(*new), "index {index}");
        }
        let mut distinct = SUCCESSORS.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), COUNT);
    }

    #[test]
    fn neighbours_of_the_block_have_none() {
        let after = FIRST + u32::try_from(COUNT).unwrap();
        for code_point in [FIRST - 1, after, 0xE79F, 0xE000] {
            assert_eq!(successor(char::from_u32(code_point).unwrap()), None);
        }
        assert_eq!(successor('张'), None);
    }
}
