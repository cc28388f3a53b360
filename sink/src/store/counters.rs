//! Requests and bytes by kind of object. What a commit costs is a law, so it is counted, not guessed.
//!
//! Leaves alone: time. Checkpoints are written by the Delta library and counted by their size afterwards.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Kind;

/// Totals of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub puts: u64,
    pub gets: u64,
    pub bytes_written: u64,
    pub bytes_read: u64,
}

#[derive(Debug, Default)]
struct Cell {
    puts: AtomicU64,
    gets: AtomicU64,
    bytes_written: AtomicU64,
    bytes_read: AtomicU64,
}

/// Totals since the lake was opened. A put that is tried again counts again.
#[derive(Debug, Default)]
pub struct Counters {
    data: Cell,
    vector: Cell,
    log: Cell,
    checkpoint: Cell,
    other: Cell,
}

impl Counters {
    /// The totals of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Tally {
        let cell = self.cell(kind);
        Tally {
            puts: cell.puts.load(Ordering::Relaxed),
            gets: cell.gets.load(Ordering::Relaxed),
            bytes_written: cell.bytes_written.load(Ordering::Relaxed),
            bytes_read: cell.bytes_read.load(Ordering::Relaxed),
        }
    }

    /// The totals of every kind, with its name as a metric label.
    #[must_use]
    pub fn all(&self) -> [(&'static str, Tally); 5] {
        [
            ("data", self.of(Kind::Data)),
            ("vector", self.of(Kind::Vector)),
            ("log", self.of(Kind::Log)),
            ("checkpoint", self.of(Kind::Checkpoint)),
            ("other", self.of(Kind::Other)),
        ]
    }

    pub(crate) fn put(&self, kind: Kind, bytes: usize) {
        let cell = self.cell(kind);
        cell.puts.fetch_add(1, Ordering::Relaxed);
        cell.bytes_written
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn got(&self, kind: Kind, bytes: usize) {
        let cell = self.cell(kind);
        cell.gets.fetch_add(1, Ordering::Relaxed);
        cell.bytes_read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn cell(&self, kind: Kind) -> &Cell {
        match kind {
            Kind::Data => &self.data,
            Kind::Vector => &self.vector,
            Kind::Log => &self.log,
            Kind::Checkpoint => &self.checkpoint,
            Kind::Other => &self.other,
        }
    }
}
