//! The store probe: does this store keep the promises that the commit protocol stands on?
//!
//! Some servers accept a conditional put and ignore the condition; two writers would then overwrite each other's log
//! entries without a sign. So a store has to show it once at every start. Leaves alone: tables.

use bytes::Bytes;
use object_store::Error as StoreError;
use uuid::Uuid;
use yidang_schemas::fault::{Fault, FaultKind};

use crate::store::{Kind, Lake, fault};

const TRIES: usize = 3;

impl Lake {
    /// Two conditional creates of one fresh key at once, of which exactly one may win; then the key is overwritten and
    /// must read and list as written. The key is removed again.
    ///
    /// # Errors
    /// `Invalid` for a store that fails, `Unavailable` for one that cannot be reached or written.
    pub async fn probe(&self) -> Result<(), Fault> {
        let mut outcome = Ok(());
        for _ in 0..TRIES {
            let path = format!("_yidang/probe/{}", Uuid::new_v4().simple());
            let raced = self.race(&path).await;
            let seen = match &raced {
                Ok(true) => self.overwrite(&path).await,
                _ => Ok(()),
            };
            // A store that is out of reach has nothing to take away, and asking it again takes time.
            let gone = match &raced {
                Err(fault) if fault.kind == FaultKind::Unavailable => Ok(()),
                _ => self.delete(&path).await,
            };
            let won = raced?;
            seen?;
            gone?;
            if won {
                return Ok(());
            }
            // A store that answers late may refuse both; a broken one does so every time.
            outcome = Err(Fault::invalid(format!(
                "probing {}: no conditional create of a fresh key succeeded",
                self.uri()
            )));
        }
        outcome
    }

    async fn race(&self, path: &str) -> Result<bool, Fault> {
        let (left, right) = futures::join!(
            self.create(Kind::Other, path, Bytes::from_static(b"left")),
            self.create(Kind::Other, path, Bytes::from_static(b"right")),
        );
        match (self.won(left)?, self.won(right)?) {
            (true, true) => Err(Fault::invalid(format!(
                "probing {}: the store accepts a conditional create (If-None-Match: *) and ignores the condition, so \
                 two writers would overwrite each other",
                self.uri()
            ))),
            (left, right) => Ok(left || right),
        }
    }

    async fn overwrite(&self, path: &str) -> Result<(), Fault> {
        let bytes = Bytes::from_static(b"overwritten");
        self.put(path, bytes.clone()).await?;
        let read = self.get(path).await?;
        let listed = self.list("_yidang/probe").await?;
        let listed = listed
            .iter()
            .any(|found| found.path == path && found.size_bytes == bytes.len() as u64);
        if read == Some(bytes) && listed {
            return Ok(());
        }
        Err(Fault::invalid(format!(
            "probing {}: what was written cannot be read and listed at once",
            self.uri()
        )))
    }

    fn won(&self, result: Result<(), StoreError>) -> Result<bool, Fault> {
        match result {
            Ok(()) => Ok(true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(false),
            Err(error) => Err(fault("probing by a first write to", self.uri(), error)),
        }
    }
}
