//! Finding where a log starts: the last checkpoint and the entries after it.
//!
//! Leaves alone: what the actions mean. `_last_checkpoint` is a hint; the listing decides.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use yidang_schemas::fault::Fault;

use super::actions::Action;
use super::{Entry, checkpoint, entry, entry_path, mark, split_name};
use crate::store::{Kind, Lake, Listed};

const AT_ONCE: usize = 16;

/// A log as it was listed: actions of the checkpoint, then whole entries.
pub(crate) struct Loaded {
    /// Version of the checkpoint; -1 without one.
    pub checkpoint_version: i64,
    pub checkpoint: Vec<Action>,
    /// Ascending and without a gap after the checkpoint.
    pub entries: Vec<Entry>,
    /// Mark of the last entry; none where it is part of the checkpoint and was cleaned.
    pub last_mark: Option<u32>,
}

#[derive(Deserialize)]
struct Hint {
    version: i64,
}

/// Reads the log of a table; none when there is no log.
///
/// # Errors
/// `Corrupt` for a gap or an unreadable file, `Unavailable` from the store.
pub(crate) async fn load(lake: &Lake, table: &str) -> Result<Option<Loaded>, Fault> {
    let hint = lake
        .read(Kind::Log, &format!("{table}/_delta_log/_last_checkpoint"))
        .await?;
    let hint = hint.and_then(|bytes| serde_json::from_slice::<Hint>(&bytes).ok());
    let Some(found) = find(lake, table, hint.as_ref()).await? else {
        return Ok(None);
    };
    let (checkpoint_version, files) = found.last_checkpoint().unwrap_or((-1, Vec::new()));
    let checkpoint = read_checkpoint(lake, &files).await?;
    let versions: Vec<i64> = found
        .entries
        .into_iter()
        .filter(|version| *version > checkpoint_version)
        .collect();
    check_gaps(table, checkpoint_version, &versions)?;
    let entries: Vec<Entry> = stream::iter(versions)
        .map(|version| read_entry(lake, table, version))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let last_mark = match entries.last() {
        Some(last) => Some(last.mark),
        None => {
            let path = entry_path(table, checkpoint_version);
            let bytes = lake.read(Kind::Log, &path).await?;
            bytes.map(|bytes| mark(&bytes))
        }
    };
    Ok(Some(Loaded {
        checkpoint_version,
        checkpoint,
        entries,
        last_mark,
    }))
}

/// The files of a log from the hinted checkpoint on, or all of them where the hint names one that is not there; none
/// where there is no log.
async fn find(lake: &Lake, table: &str, hint: Option<&Hint>) -> Result<Option<Found>, Fault> {
    let prefix = format!("{table}/_delta_log");
    if let Some(hint) = hint {
        let after = format!("{prefix}/{:020}", hint.version);
        let found = Found::of(&lake.list_after(&prefix, &after).await?);
        if found.last_checkpoint().is_some() {
            return Ok(Some(found));
        }
    }
    let found = Found::of(&lake.list(&prefix).await?);
    Ok((!found.is_empty()).then_some(found))
}

async fn read_entry(lake: &Lake, table: &str, version: i64) -> Result<Entry, Fault> {
    let bytes = lake.read(Kind::Log, &entry_path(table, version)).await?;
    let cleaned = || {
        Fault::conflict(format!(
            "reload: entry {version} of table {table} was cleaned"
        ))
    };
    entry(table, version, &bytes.ok_or_else(cleaned)?)
}

#[derive(Default)]
struct Found {
    entries: Vec<i64>,
    /// Version → (parts named, files).
    checkpoints: BTreeMap<i64, (usize, Vec<String>)>,
}

impl Found {
    fn of(listed: &[Listed]) -> Self {
        let mut found = Self::default();
        listed.iter().for_each(|file| found.note(&file.path));
        found
    }

    fn note(&mut self, path: &str) {
        let Some((version, rest)) = split_name(path) else {
            return;
        };
        match rest.split('.').collect::<Vec<_>>().as_slice() {
            ["json"] => self.entries.push(version),
            ["checkpoint", "parquet"] => {
                self.checkpoints.insert(version, (1, vec![path.to_owned()]));
            }
            ["checkpoint", _, parts, "parquet"] => {
                let parts = parts.parse().unwrap_or(usize::MAX);
                let found = self
                    .checkpoints
                    .entry(version)
                    .or_insert((parts, Vec::new()));
                found.1.push(path.to_owned());
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.checkpoints.is_empty()
    }

    fn last_checkpoint(&self) -> Option<(i64, Vec<String>)> {
        let complete = self
            .checkpoints
            .iter()
            .rev()
            .find(|(_, (parts, files))| files.len() == *parts);
        complete.map(|(version, (_, files))| (*version, files.clone()))
    }
}

async fn read_checkpoint(lake: &Lake, files: &[String]) -> Result<Vec<Action>, Fault> {
    let mut actions = Vec::new();
    for file in files {
        let bytes: Option<Bytes> = lake.read(Kind::Checkpoint, file).await?;
        let bytes = bytes
            .ok_or_else(|| Fault::conflict(format!("reload: checkpoint {file} was cleaned")))?;
        let read = tokio::task::spawn_blocking(move || checkpoint::read(bytes));
        actions.extend(read.await.expect("reading a checkpoint does not panic")?);
    }
    Ok(actions)
}

fn check_gaps(table: &str, checkpoint_version: i64, versions: &[i64]) -> Result<(), Fault> {
    for (expected, version) in (checkpoint_version + 1..).zip(versions) {
        if *version != expected {
            return Err(Fault::corrupt(format!(
                "reading the log of table {table}: entry {expected} is missing"
            )));
        }
    }
    Ok(())
}
