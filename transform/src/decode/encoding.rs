//! Declared encodings to UTF-8.

use std::borrow::Cow;

use yidang_schemas::contract::Encoding;

/// The text of a message in its declared encoding, without a byte order mark; nothing where bytes do not decode.
///
/// GBK decoders never refuse private-use characters (WHATWG encoding standard), so damaged names are found later, by
/// looking at the text.
pub(crate) fn text(encoding: Encoding, bytes: &[u8]) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
        }
        Encoding::Gbk => {
            encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(bytes)
        }
        Encoding::Gb18030 => {
            encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes)
        }
    }
}
