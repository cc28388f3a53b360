//! Writing one object part by part, so that no more than a part of it is in memory.
//!
//! Leaves alone: what the bytes are. A short object is written by one put, as any other.

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use yidang_schemas::fault::Fault;

use super::{Kind, Lake, fault};

/// An object under way. Nobody sees it before it is finished.
#[derive(Debug)]
pub(crate) struct Upload {
    lake: Lake,
    kind: Kind,
    path: String,
    held: Vec<u8>,
    parts: Option<Box<dyn MultipartUpload>>,
    bytes: u64,
}

impl Lake {
    /// An object that is written part by part.
    pub(crate) fn upload(&self, kind: Kind, path: String) -> Upload {
        Upload {
            lake: self.clone(),
            kind,
            path,
            held: Vec::new(),
            parts: None,
            bytes: 0,
        }
    }
}

impl Upload {
    /// Adds bytes, and writes the parts that they fill.
    ///
    /// # Errors
    /// `Unavailable` from the store: then [`Upload::abort`].
    pub(crate) async fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.bytes += bytes.len() as u64;
        self.held.extend_from_slice(bytes);
        let full = self.lake.settings().part_bytes.max(1);
        while self.held.len() >= full {
            let rest = self.held.split_off(full);
            let part = std::mem::replace(&mut self.held, rest);
            self.put_part(part).await?;
        }
        Ok(())
    }

    async fn put_part(&mut self, part: Vec<u8>) -> Result<(), Fault> {
        let bad = |error| fault("writing", &self.path, error);
        let parts = match &mut self.parts {
            Some(parts) => parts,
            None => {
                let path = self.lake.path(&self.path)?;
                let begun = self.lake.inner.root.put_multipart(&path).await;
                self.parts.insert(begun.map_err(bad)?)
            }
        };
        self.lake.inner.counters.put(self.kind, part.len());
        parts.put_part(PutPayload::from(part)).await.map_err(bad)
    }

    /// Makes the object visible and gives its size.
    ///
    /// # Errors
    /// `Unavailable` from the store; nothing is visible then.
    pub(crate) async fn finish(mut self, durable: bool) -> Result<u64, Fault> {
        let rest = std::mem::take(&mut self.held);
        if self.parts.is_none() {
            let rest = Bytes::from(rest);
            self.lake
                .write(self.kind, &self.path, rest, durable)
                .await?;
            return Ok(self.bytes);
        }
        if !rest.is_empty() {
            self.put_part(rest).await?;
        }
        if let Some(parts) = &mut self.parts {
            let made = parts.complete().await;
            made.map_err(|error| fault("writing", &self.path, error))?;
        }
        if durable {
            self.lake.make_durable(&self.path).await?;
        }
        Ok(self.bytes)
    }

    /// Takes back what was written. Where even that fails the store forgets unfinished objects by its own rules.
    pub(crate) async fn abort(self) {
        if let Some(mut parts) = self.parts {
            drop(parts.abort().await);
        }
    }
}
