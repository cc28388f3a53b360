//! Declared encodings to UTF-8.

use std::borrow::Cow;

use encoding_rs::DecoderResult;
use yidang_schemas::contract::Encoding;

const IDEOGRAPHIC_SPACE: char = '\u{3000}';

/// The text of a message in its declared encoding, without a byte order mark; nothing where bytes do not decode.
///
/// GBK decoders never refuse private-use characters (WHATWG encoding standard), so damaged names are found later, by
/// looking at the text.
pub(crate) fn text(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    whole(encoding, without_mark(encoding, bytes))
}

/// The bytes behind a byte order mark in the declared encoding.
pub(super) fn without_mark(encoding: Encoding, bytes: &[u8]) -> &[u8] {
    let mark: &[u8] = match encoding {
        Encoding::Utf8 => b"\xEF\xBB\xBF",
        // U+FEFF in GB 18030.
        Encoding::Gbk | Encoding::Gb18030 => b"\x84\x31\x95\x33",
    };
    bytes.strip_prefix(mark).unwrap_or(bytes)
}

/// The text of bytes that may end in the middle of a character, without the half of it, and whether they do. Nothing
/// where bytes do not decode elsewhere.
pub(super) fn cut_text(encoding: Encoding, bytes: &[u8]) -> Option<(Cow<'_, str>, bool)> {
    if let Some(text) = whole(encoding, bytes) {
        return Some((text, false));
    }
    let text = up_to_the_last(encoding, bytes)?;
    // Half of a wide blank is padding, and its loss is none.
    let is_padding = text.ends_with(IDEOGRAPHIC_SPACE) && bytes.last() == Some(&0xA1);
    Some((text, !is_padding))
}

fn whole(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    match foreign(encoding) {
        None => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Some(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

fn foreign(encoding: Encoding) -> Option<&'static encoding_rs::Encoding> {
    match encoding {
        Encoding::Utf8 => None,
        Encoding::Gbk => Some(encoding_rs::GBK),
        Encoding::Gb18030 => Some(encoding_rs::GB18030),
    }
}

/// What stands before a character that the end cuts; nothing where something else is wrong.
fn up_to_the_last(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    let Some(foreign) = foreign(encoding) else {
        let error = std::str::from_utf8(bytes).err()?;
        let is_cut = error.error_len().is_none();
        let good = bytes.get(..error.valid_up_to()).filter(|_| is_cut)?;
        return std::str::from_utf8(good).ok().map(Cow::Borrowed);
    };
    let mut decoder = foreign.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len())?;
    let mut text = String::with_capacity(room);
    // More could follow: an unfinished character is kept back and never comes.
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, false);
    (result == DecoderResult::InputEmpty).then_some(Cow::Owned(text))
}
