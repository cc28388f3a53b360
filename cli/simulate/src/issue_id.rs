//! Tokens, record references and issue ids by their published formulas.
//!
//! An agency cannot know issue ids in advance; a rehearsal that holds the lake's id key can compute them. This is a
//! second implementation of the formulas, so that the engine's own can be compared with it.
//!
//! ```text
//! token     = b32(HMAC-SHA-256(id key, class 0x1F canonical number)[0..16])
//! recordRef = "r_"   + b32(HMAC-SHA-256(k_agency, contract id 0x1F key values joined by 0x1F)[0..16])
//! k_agency  = HMAC-SHA-256(id key, "agency" 0x1F agency)
//! issueId   = "dqi_" + b32(BLAKE3("dq-issue/1" 0x1F agency 0x1F contract id 0x1F rule id 0x1F "record" 0x1F recordRef 0x1F field)[0..16])
//! b32       = the 16 bytes as one number, 26 digits of Crockford's base 32 in lower case
//! ```

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::feed::Feed;
use crate::random::{small, variant};

const SEPARATOR: &str = "\u{1F}";

/// The id key of a lake. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct IdKey(pub [u8; 32]);

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let sixteen: [u8; 16] = *bytes.first_chunk().expect("digests have 32 bytes");
    let mut rest = u128::from_be_bytes(sixteen);
    let mut digits = [b'0'; 26];
    for slot in digits.iter_mut().rev() {
        *slot = variant(DIGITS, small(rest % 32));
        rest /= 32;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

impl IdKey {
    /// The token of a canonical number of a class.
    pub fn token(&self, class: &str, number: &str) -> String {
        base32(&hmac(&self.0, &[class, number].join(SEPARATOR)))
    }

    /// The reference of a record: by its key values, or by its origin `topic/incarnation/partition/offset/row`.
    pub fn record_ref(&self, feed: Feed, key: &[String]) -> String {
        let agency_key = hmac(&self.0, &["agency", feed.agency()].join(SEPARATOR));
        let text = format!("{}{SEPARATOR}{}", feed.contract(), key.join(SEPARATOR));
        format!("r_{}", base32(&hmac(&agency_key, &text)))
    }

    /// The id of the issue of one rule over one record.
    pub fn issue_id(&self, feed: Feed, key: &[String], rule: &str, field: &str) -> String {
        let record_ref = self.record_ref(feed, key);
        let parts = [
            "dq-issue/1",
            feed.agency(),
            feed.contract(),
            rule,
            "record",
            &record_ref,
            field,
        ];
        format!(
            "dqi_{}",
            base32(blake3::hash(parts.join(SEPARATOR).as_bytes()).as_bytes())
        )
    }
}

/// An issue id that nobody issued: well formed, made from a number.
pub fn made_up_id(number: u64) -> String {
    let mut seed = b"made-up issue id".to_vec();
    seed.extend_from_slice(&number.to_le_bytes());
    format!("dqi_{}", base32(blake3::hash(&seed).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_26_digits_and_depend_on_every_part() {
        let key = IdKey([7; 32]);
        let values = vec!["350203199001010018".to_owned()];
        let id = key.issue_id(Feed::Hukou, &values, "auto:XB:id_sex", "XB");
        assert_eq!(id.len(), 30);
        assert_ne!(
            id,
            key.issue_id(Feed::Hukou, &values, "auto:XB:required", "XB")
        );
        assert_ne!(
            id,
            key.issue_id(Feed::Residence, &values, "auto:XB:id_sex", "XB")
        );
        assert_eq!(base32(&[0xFF; 16]), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }
}
