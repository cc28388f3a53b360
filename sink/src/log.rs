//! The Delta log: names of its files, one entry as lines of actions, checkpoints.
//!
//! Leaves alone: what entries do to a table (see `state`) and who may write one (see `table`).

pub mod actions;
pub mod checkpoint;
pub mod load;

use bytes::Bytes;
use yidang_schemas::fault::Fault;

use actions::Action;

/// Application id of the `txn` action that holds the writer's term.
pub const TERM: &str = "yidang/term";
/// Application id of the `txn` action that holds the epoch of a table.
pub const EPOCH: &str = "yidang/epoch";

/// Path of an entry, relative to the lake.
pub(crate) fn entry_path(table: &str, version: i64) -> String {
    format!("{table}/_delta_log/{version:020}.json")
}

/// The version of a log file, with whatever follows the number.
pub(crate) fn split_name(path: &str) -> Option<(i64, &str)> {
    let file = path.rsplit('/').next()?;
    let (number, rest) = file.split_once('.')?;
    (number.len() == 20)
        .then(|| number.parse().ok())
        .flatten()
        .map(|version| (version, rest))
}

/// One entry as bytes, one action a line.
pub(crate) fn write(actions: &[Action]) -> Bytes {
    let mut bytes = Vec::with_capacity(actions.len() * 256);
    for action in actions {
        serde_json::to_writer(&mut bytes, action).expect("actions are plain data");
        bytes.push(b'\n');
    }
    Bytes::from(bytes)
}

/// One entry as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub version: i64,
    pub actions: Vec<Action>,
    /// By which the entry is known again.
    pub mark: u32,
}

/// By what an entry is known again: a checksum of its bytes. Every entry of ours holds an id that was drawn for it.
pub(crate) fn mark(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// An entry out of its bytes.
///
/// # Errors
/// As [`read`].
pub(crate) fn entry(table: &str, version: i64, bytes: &[u8]) -> Result<Entry, Fault> {
    Ok(Entry {
        version,
        actions: read(table, version, bytes)?,
        mark: mark(bytes),
    })
}

/// The actions of an entry.
///
/// # Errors
/// `Corrupt` for a line that is no action, and for an entry without any: nobody writes one, but a disk that lost its
/// power may keep the name of a file and not its bytes.
pub(crate) fn read(table: &str, version: i64, bytes: &[u8]) -> Result<Vec<Action>, Fault> {
    let actions: Vec<Action> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| {
            serde_json::from_slice(line).map_err(|error| {
                Fault::corrupt(format!("reading entry {version} of table {table}"))
                    .with_source(error)
            })
        })
        .collect::<Result<_, Fault>>()?;
    if actions.is_empty() {
        return Err(Fault::corrupt(format!(
            "reading entry {version} of table {table}: it is empty, as after a power loss before the disk had it"
        )));
    }
    Ok(actions)
}
