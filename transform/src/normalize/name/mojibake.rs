//! Finds names whose bytes were read in the wrong encoding, or that lost characters on the way.
//!
//! UTF-8 read as GBK often decodes without any error, so success proves nothing. The sign used here is exact: the text
//! is put back into the bytes of the suspected reader, and those bytes are sound UTF-8 (or GBK) of Han characters. Only
//! names that begin like damaged ones pay for it.

use std::sync::LazyLock;

use encoding_rs::{GBK, WINDOWS_1252};

use crate::normalize::characters::is_han;

/// One bit for each of U+4E00–U+9FFF.
type HanSet = [u64; 0x5200 / 64];

/// What GBK makes of the first two bytes of a Han character in UTF-8.
static FIRST_OF_DAMAGED: LazyLock<HanSet> = LazyLock::new(first_of_damaged);

/// Whether the text is damaged beyond reading.
pub(super) fn is_damaged(raw: &str) -> bool {
    let mut first = None;
    for character in raw.chars().filter(|character| !character.is_ascii()) {
        // Replacement character, and what debuggers and double conversions leave: 锟斤拷, 烫烫烫, 屯屯屯.
        match character {
            '\u{FFFD}' => return true,
            '锟' if raw.contains("锟斤") => return true,
            '烫' if raw.contains("烫烫烫") => return true,
            '屯' if raw.contains("屯屯屯") => return true,
            _ => {}
        }
        first.get_or_insert(character);
    }
    // Converters without a replacement character write a question mark.
    let lost = raw.contains('?') && !raw.bytes().all(|byte| byte == b'?');
    lost || match first {
        Some(latin @ '\u{80}'..='\u{FF}') => latin != '\u{B7}' && is_read_as_latin(raw),
        Some(han @ '\u{4E00}'..='\u{9FFF}') => {
            is_in(&FIRST_OF_DAMAGED, han) && is_utf8_read_as_gbk(raw)
        }
        _ => false,
    }
}

fn first_of_damaged() -> HanSet {
    let mut set = [0; 0x5200 / 64];
    for lead in 0xE4..=0xE9_u8 {
        for trail in 0x80..=0xBF_u8 {
            let bytes = [lead, trail];
            let (text, _) = GBK.decode_without_bom_handling(&bytes);
            let Some((word, bit)) = text.chars().next().and_then(place_of) else {
                continue;
            };
            if let Some(word) = set.get_mut(word) {
                *word |= 1_u64 << bit;
            }
        }
    }
    set
}

fn place_of(character: char) -> Option<(usize, usize)> {
    let offset = usize::try_from(u32::from(character).checked_sub(0x4E00)?).ok()?;
    Some((offset / 64, offset % 64))
}

fn is_in(set: &HanSet, character: char) -> bool {
    place_of(character)
        .and_then(|(word, bit)| Some(set.get(word)? >> bit & 1 == 1))
        .unwrap_or(false)
}

fn is_utf8_read_as_gbk(raw: &str) -> bool {
    let (bytes, _, has_unmappable) = GBK.encode(raw);
    if has_unmappable {
        return false;
    }
    let Some(text) = sound_utf8(&bytes) else {
        return false;
    };
    // A rare name may look like damage by chance; damage nearly always holds a character outside GB 2312, or comes from
    // everyday characters.
    text.chars().any(is_han) && (has_pair_outside_gb2312(&bytes) || text.chars().all(is_everyday))
}

/// The whole as UTF-8; where the last character was cut off, the rest if it is two characters or more.
fn sound_utf8(bytes: &[u8]) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && error.valid_up_to() >= 6 => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

fn has_pair_outside_gb2312(gbk: &[u8]) -> bool {
    let mut bytes = gbk.iter();
    while let Some(lead) = bytes.next() {
        if *lead < 0x80 {
            continue;
        }
        match bytes.next() {
            // Symbols, then Han; between and behind them GB 2312 has nothing.
            Some(0xA1..=0xFE) if matches!(lead, 0xA1..=0xA9 | 0xB0..=0xF7) => {}
            _ => return true,
        }
    }
    false
}

/// A Han character of the first level of GB 2312, or no Han character at all.
fn is_everyday(character: char) -> bool {
    if !is_han(character) {
        return true;
    }
    let mut buffer = [0; 4];
    let (bytes, _, has_unmappable) = GBK.encode(character.encode_utf8(&mut buffer));
    !has_unmappable && matches!(bytes.as_ref(), [0xB0..=0xD7, 0xA1..=0xFE])
}

/// UTF-8 or GBK read as Windows-1252: `å¼ ä¸‰`, `ÕÅÈý`.
fn is_read_as_latin(raw: &str) -> bool {
    let (bytes, _, has_unmappable) = WINDOWS_1252.encode(raw);
    if has_unmappable {
        return false;
    }
    if std::str::from_utf8(&bytes).is_ok() {
        return true;
    }
    // Latin names have plain letters between the accented ones; Han names in GBK have none.
    if raw.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let (text, has_errors) = GBK.decode_without_bom_handling(&bytes);
    !has_errors && text.chars().count() >= 2 && text.chars().all(is_han)
}
