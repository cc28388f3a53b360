//! Who a lake is: `_yidang/lake.json`, drawn once and never changed.
//!
//! Leaves alone: the id key itself. Only its fingerprint stands here, so that a worker with another key is refused
//! before it writes tokens that nobody could join.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use yidang_schemas::fault::Fault;

use crate::store::Lake;

const PATH: &str = "_yidang/lake.json";
/// The property of every table that names the id key of its tokens.
pub(crate) const PROPERTY: &str = "yidang.idKeyFingerprint";
const ID_LENGTH: usize = 12;

/// The identity of a lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeIdentity {
    /// 12 characters of Crockford's base 32.
    pub lake_id: String,
    /// Fingerprint of the id key that every token of this lake was made with.
    pub id_key_fingerprint: String,
    /// RFC 3339, UTC, as handed in by whoever drew the lake.
    pub created_at: String,
}

impl Lake {
    /// Reads the identity, or draws it: of several that start at once, one wins and all return the same.
    ///
    /// From now on this lake makes its tables with the fingerprint and refuses those that name another.
    ///
    /// `draw` gives 12 characters of Crockford's base 32; `created_at` is RFC 3339.
    ///
    /// # Errors
    /// `Invalid` where the lake was made with another id key or the draw is malformed, `Corrupt` where the file cannot
    /// be read, `Unavailable` from the store.
    pub async fn identity(
        &self,
        fingerprint: &str,
        created_at: &str,
        draw: impl FnOnce() -> String,
    ) -> Result<LakeIdentity, Fault> {
        let mut found = self.get(PATH).await?;
        if found.is_none() {
            let drawn = LakeIdentity {
                lake_id: draw(),
                id_key_fingerprint: fingerprint.to_owned(),
                created_at: created_at.to_owned(),
            };
            if !is_lake_id(&drawn.lake_id) {
                return Err(Fault::invalid("drawing a lake id of 12 base-32 characters"));
            }
            let text = serde_json::to_vec_pretty(&drawn).expect("plain strings serialize");
            self.put_if_absent(PATH, Bytes::from(text)).await?;
            // Read again in any case: somebody else may have won.
            found = self.get(PATH).await?;
        }
        let bytes = found.ok_or_else(|| Fault::corrupt(format!("reading back {PATH}")))?;
        let identity: LakeIdentity = serde_json::from_slice(&bytes)
            .map_err(|error| Fault::corrupt(format!("reading {PATH}")).with_source(error))?;
        if identity.id_key_fingerprint != fingerprint {
            return Err(another_key(self.uri()));
        }
        self.note_id_key(fingerprint);
        Ok(identity)
    }
}

pub(crate) fn another_key(place: &str) -> Fault {
    Fault::invalid(format!("opening {place}: lake of another id key"))
}

fn is_lake_id(text: &str) -> bool {
    text.len() == ID_LENGTH
        && text.bytes().all(|byte| {
            byte.is_ascii_digit() || (byte.is_ascii_alphabetic() && !b"ILOUilou".contains(&byte))
        })
}
