//! A short canonical identifier held in place, so that parsing millions of cells allocates nothing.

use std::fmt;
use std::ops::Deref;

/// Bytes that fit: the longest identifier here is a foreign passport of 20 characters.
const CAPACITY: usize = 24;

/// ASCII text of at most 24 bytes. `Debug` shows only the length: the text is a personal value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentifierText {
    bytes: [u8; CAPACITY],
    len: u8,
}

impl IdentifierText {
    /// Holds `bytes`; none if they are not ASCII or more than 24.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if !bytes.is_ascii() {
            return None;
        }
        let mut text = Self {
            bytes: [0; CAPACITY],
            len: u8::try_from(bytes.len()).ok()?,
        };
        text.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(text)
    }

    pub(super) fn fixed<const N: usize>(bytes: [u8; N]) -> Self {
        const { assert!(N <= CAPACITY) };
        Self::new(&bytes).expect("callers hand over checked ASCII within the capacity")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).expect("only ASCII is ever stored")
    }
}

impl Deref for IdentifierText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for IdentifierText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IdentifierText({} characters)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::IdentifierText;

    #[test]
    fn holds_ascii_up_to_its_capacity_and_nothing_else() {
        assert_eq!(
            IdentifierText::new(b"E12345678").unwrap().as_str(),
            "E12345678"
        );
        assert_eq!(IdentifierText::new(b"").unwrap().as_str(), "");
        assert!(IdentifierText::new(&[b'1'; 24]).is_some());
        assert!(IdentifierText::new(&[b'1'; 25]).is_none());
        assert!(IdentifierText::new("号".as_bytes()).is_none());
    }

    #[test]
    fn debug_hides_the_value() {
        let text = IdentifierText::new(b"E12345678").unwrap();
        assert_eq!(format!("{text:?}"), "IdentifierText(9 characters)");
    }
}
