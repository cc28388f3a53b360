//! Positions: where in the log a record stands, and what is known of the moment.

use yidang_schemas::origin::Origin;
use yidang_transform::merge::PassedBy;
use yidang_transform::verdict::Verdict;

use yidang_transform::codec::{Reader, Writer};

/// Coordinates inside one feed. The derived order is only a tie-break between lanes, no order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub incarnation: u32,
    pub partition: i32,
    pub offset: i64,
    pub row: u32,
}

impl From<Origin> for Position {
    fn from(origin: Origin) -> Self {
        let Origin {
            incarnation,
            partition,
            offset,
            row,
            ..
        } = origin;
        Self {
            incarnation,
            partition,
            offset,
            row,
        }
    }
}

impl Position {
    /// Whether both stand in one ordered log.
    pub fn same_lane(&self, other: &Self) -> bool {
        self.incarnation == other.incarnation && self.partition == other.partition
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u32(self.incarnation);
        writer.i32(self.partition);
        writer.i64(self.offset);
        writer.u32(self.row);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            incarnation: reader.u32()?,
            partition: reader.i32()?,
            offset: reader.i64()?,
            row: reader.u32()?,
        })
    }
}

/// One record as events name it: where it stands, its message time, and when it was landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    pub position: Position,
    /// Message time, epoch milliseconds.
    pub timestamp_ms: i64,
    /// Landing instant, epoch milliseconds.
    pub landed_at_ms: i64,
}

impl Sighting {
    pub fn new(verdict: &Verdict, landed_at_ms: i64) -> Self {
        Self {
            position: verdict.origin.into(),
            timestamp_ms: verdict.timestamp_ms,
            landed_at_ms,
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.position.write(writer);
        writer.i64(self.timestamp_ms);
        writer.i64(self.landed_at_ms);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let position = Position::read(reader)?;
        Some(Self {
            position,
            timestamp_ms: reader.i64()?,
            landed_at_ms: reader.i64()?,
        })
    }
}

/// The record that ended an issue: as much as is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedBy {
    pub position: Position,
    /// Message time, epoch milliseconds; not kept of a version that came before the failure it ends.
    pub timestamp_ms: Option<i64>,
    /// Landing instant, epoch milliseconds.
    pub landed_at_ms: i64,
}

impl From<Sighting> for EndedBy {
    fn from(sighting: Sighting) -> Self {
        Self {
            position: sighting.position,
            timestamp_ms: Some(sighting.timestamp_ms),
            landed_at_ms: sighting.landed_at_ms,
        }
    }
}

impl From<PassedBy> for EndedBy {
    fn from(passed: PassedBy) -> Self {
        Self {
            position: passed.origin.into(),
            timestamp_ms: None,
            landed_at_ms: passed.landed_at_ms,
        }
    }
}
