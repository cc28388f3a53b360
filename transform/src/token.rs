//! Tokens: identifiers without the number.
//!
//! A token is HMAC-SHA-256(id key, class ‖ 0x1F ‖ canonical number), its first 16 bytes, shown as 26 characters of
//! Crockford base 32 in lower case. Keyed, because the space of resident ids is small enough to enumerate.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Separator of the parts of a hashed text.
pub const UNIT_SEPARATOR: u8 = 0x1F;

/// Sixteen bytes that stand for an identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Token(pub [u8; 16]);

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&base32(&self.0))
    }
}

impl Token {
    /// Reads the 26 characters back; nothing where they are not base 32 of 16 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 26 {
            return None;
        }
        let mut number: u128 = 0;
        for (place, letter) in text.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|symbol| *symbol == letter)? as u128;
            if place == 0 && digit > 7 {
                return None;
            }
            number = number << 5 | digit;
        }
        Some(Self(number.to_be_bytes()))
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Crockford base 32, lower case, of 16 bytes: 26 characters, the first of which holds three bits.
pub fn base32(bytes: &[u8; 16]) -> String {
    let number = u128::from_be_bytes(*bytes);
    let digit = |place: u32| (number >> (5 * place) & 31) as usize;
    (0..26)
        .rev()
        .map(|place| char::from(ALPHABET.get(digit(place)).copied().unwrap_or(b'0')))
        .collect()
}

/// The key that tokens and record references are made with; never shown.
#[derive(Clone)]
pub struct IdKey {
    mac: Hmac<Sha256>,
    bytes: [u8; 32],
}

impl fmt::Debug for IdKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IdKey({})", self.fingerprint())
    }
}

impl IdKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(&bytes).expect("HMAC takes keys of any length");
        Self { mac, bytes }
    }

    /// Sixteen hexadecimal digits that tell keys apart and reveal nothing of them.
    pub fn fingerprint(&self) -> String {
        let digest = blake3::derive_key("yidang id key fingerprint 1", &self.bytes);
        digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// HMAC over `parts` with 0x1F between them, first 16 bytes.
    pub fn keyed_hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.mac.clone();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                mac.update(&[UNIT_SEPARATOR]);
            }
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        *digest.first_chunk().expect("a SHA-256 digest has 32 bytes")
    }

    /// Token of a canonical number of one class.
    pub fn token(&self, class: &str, number: &str) -> Token {
        Token(self.keyed_hash(&[class.as_bytes(), number.as_bytes()]))
    }

    /// The key of one agency: references made with it cannot be joined with another agency's.
    #[must_use]
    pub fn of_agency(&self, agency: &str) -> Self {
        let mut mac = self.mac.clone();
        mac.update(b"agency");
        mac.update(&[UNIT_SEPARATOR]);
        mac.update(agency.as_bytes());
        Self::new(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_has_26_characters_and_reads_back() {
        for bytes in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let text = base32(&bytes);
            assert_eq!(text.len(), 26);
            assert_eq!(Token::parse(&text), Some(Token(bytes)));
        }
        assert_eq!(Token::parse("zzzzzzzzzzzzzzzzzzzzzzzzzz"), None);
        assert_eq!(Token::parse("short"), None);
    }

    #[test]
    fn tokens_depend_on_key_class_and_number() {
        let key = IdKey::new([7; 32]);
        assert_ne!(key.token("RIC", "1"), key.token("ORG", "1"));
        assert_ne!(key.token("RIC", "1"), IdKey::new([8; 32]).token("RIC", "1"));
        assert_eq!(key.token("RIC", "1"), key.token("RIC", "1"));
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
