//! The compare-and-swap: one conditional put of an entry, and what is done when it does not simply succeed.
//!
//! Version *v + 1* is put only after every entry up to *v* was read, and while *v* is still the entry that was read. After any error the entry at that version is looked
//! at first: it may be ours (the answer was lost), somebody else's (then it is read and judged), or absent (then it is
//! put again). Leaves alone: what the entry says.

use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::Error as StoreError;
use uuid::Uuid;
use yidang_schemas::fault::Fault;

use super::commit::{Named, term_action};
use super::{LONG_AGO, Table};
use crate::log::actions::{Action, Descriptor, commit_id, commit_info};
use crate::log::{self, entry_path};
use crate::state::TableFile;
use crate::store::{Kind, fault};

/// An entry on its way.
pub(crate) struct Draft {
    pub id: String,
    pub term: i64,
    /// The epoch that it gives rows, if it does.
    pub epoch: Option<i64>,
    pub actions: Vec<Action>,
    /// Files that it changes, with the vector that they must still have.
    pub touched: Vec<(String, Option<Descriptor>)>,
    pub vectors: Named,
    /// A take-over: of two that draw the same term, the second must lose.
    pub is_claim: bool,
}

/// Where a draft landed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Landing {
    pub version: i64,
    pub bytes: u64,
}

enum Found {
    Ours,
    Other,
    Nothing,
}

pub(crate) fn fenced(table: &str, term: i64) -> Fault {
    Fault::conflict(format!(
        "committing to table {table}: fenced by term {term}"
    ))
}

impl Draft {
    pub(crate) fn new(
        table: &str,
        term: i64,
        epoch: Option<i64>,
        operation: &str,
        at_ms: i64,
        actions: Vec<Action>,
    ) -> Self {
        let id = format!("{term}-{}-{table}-{}", epoch.unwrap_or(0), Uuid::new_v4());
        let mut all = vec![commit_info(&id, operation, at_ms), term_action(term)];
        all.extend(actions);
        Self {
            id,
            term,
            epoch,
            actions: all,
            touched: Vec::new(),
            vectors: Named::new(),
            is_claim: false,
        }
    }
}

impl Table {
    /// Reads the log where the last put is unsettled or the last look was long ago.
    pub(crate) async fn settle(&mut self) -> Result<(), Fault> {
        if self.is_unsettled || self.looked_at.elapsed() > LONG_AGO {
            self.follow().await?;
        }
        Ok(())
    }

    /// Puts a draft at the next version, once.
    ///
    /// # Errors
    /// As [`Table::commit`].
    pub(crate) async fn put_draft(&mut self, draft: Draft) -> Result<Landing, Fault> {
        self.settle().await?;
        self.verify().await?;
        self.check_draft(&draft)?;
        let bytes = log::write(&draft.actions);
        let settings = self.lake.settings().clone();
        let mut pause = settings.pause_ms;
        let mut last: Option<StoreError> = None;
        for _ in 0..settings.tries.max(1) {
            let version = self.state.version + 1;
            match self.put_entry(version, &bytes).await {
                Ok(()) => return self.adopt(version, draft, &bytes).await,
                Err(error) => match self.look(version, &draft.id).await? {
                    Found::Ours => return self.adopt(version, draft, &bytes).await,
                    Found::Other => {
                        self.follow().await?;
                        self.check_draft(&draft)?;
                    }
                    Found::Nothing => {
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                        (pause, last) = (pause * 2, Some(error));
                    }
                },
            }
        }
        // A put that timed out may still arrive.
        self.is_unsettled = true;
        let path = entry_path(self.name(), self.state.version + 1);
        Err(match last {
            Some(error) => fault("putting the entry", &path, error),
            None => Fault::conflict(format!(
                "reload: others write to table {} without a pause",
                self.name()
            )),
        })
    }

    async fn put_entry(&self, version: i64, bytes: &Bytes) -> Result<(), StoreError> {
        self.lake
            .create(Kind::Log, &entry_path(self.name(), version), bytes.clone())
            .await
    }

    /// Whose entry stands at a version? When even that cannot be read, the outcome stays open.
    async fn look(&mut self, version: i64, id: &str) -> Result<Found, Fault> {
        let path = entry_path(self.name(), version);
        let settings = self.lake.settings().clone();
        let mut pause = settings.pause_ms;
        for tries_left in (0..settings.tries.max(1)).rev() {
            match self.lake.read(Kind::Log, &path).await {
                Ok(None) => return Ok(Found::Nothing),
                Ok(Some(bytes)) => {
                    let read = log::read(self.name(), version, &bytes);
                    let actions = read.map_err(|fault| self.with_way_out(fault))?;
                    return Ok(if commit_id(&actions) == Some(id) {
                        Found::Ours
                    } else {
                        Found::Other
                    });
                }
                Err(fault) if tries_left == 0 => {
                    self.is_unsettled = true;
                    return Err(fault);
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(pause)).await,
            }
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    /// May this draft (still) be put after what was read?
    fn check_draft(&self, draft: &Draft) -> Result<(), Fault> {
        if self.state.term() > draft.term || (draft.is_claim && self.state.term() == draft.term) {
            return Err(fenced(self.name(), self.state.term()));
        }
        if draft.epoch.is_some_and(|epoch| self.state.epoch() >= epoch) {
            return Err(Fault::conflict(format!(
                "reload: table {} has epoch {} already",
                self.name(),
                self.state.epoch()
            )));
        }
        let is_same = |(path, vector): &(String, Option<Descriptor>)| {
            self.state
                .file_at(path)
                .is_some_and(|file: &TableFile| file.vector == *vector)
        };
        if draft.touched.iter().all(is_same) {
            return Ok(());
        }
        Err(Fault::conflict(format!(
            "reload: a file of table {} was changed by somebody else",
            self.name()
        )))
    }

    async fn adopt(&mut self, version: i64, draft: Draft, bytes: &Bytes) -> Result<Landing, Fault> {
        if self.spec.durable {
            self.lake
                .make_durable(&entry_path(self.name(), version))
                .await?;
        }
        let appends_only = self.spec.is_append_only();
        self.state
            .apply(version, draft.actions, &draft.vectors, appends_only)?;
        self.last_mark = Some(log::mark(bytes));
        if self.looked_at.elapsed() > LONG_AGO {
            // The process was stopped before or within the put: the log may have been cleaned past it meanwhile.
            self.check_end().await?;
        }
        self.looked_at = Instant::now();
        Ok(Landing {
            version,
            bytes: bytes.len() as u64,
        })
    }
}
