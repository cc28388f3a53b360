//! What the proof is made of: the coordinates and counts of every row, without any content.

use std::collections::BTreeMap;
use std::fmt;

/// One ordered log as the tables name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaneName {
    pub topic: String,
    pub incarnation: i32,
    pub partition: i32,
}

/// Number of a lane in [`Lanes`].
pub type LaneId = u32;

/// Lanes by number: rows keep the number.
#[derive(Debug, Default)]
pub struct Lanes {
    ids: BTreeMap<LaneName, LaneId>,
    names: Vec<LaneName>,
}

impl Lanes {
    pub fn id(&mut self, topic: &str, incarnation: i32, partition: i32) -> LaneId {
        let name = LaneName {
            topic: topic.to_owned(),
            incarnation,
            partition,
        };
        if let Some(id) = self.ids.get(&name) {
            return *id;
        }
        let id = LaneId::try_from(self.names.len()).expect("a lake has fewer lanes than 2^32");
        self.names.push(name.clone());
        self.ids.insert(name, id);
        id
    }

    pub fn name(&self, id: LaneId) -> &LaneName {
        self.names
            .get(id as usize)
            .expect("lanes are only named by numbers that were given out")
    }
}

/// A row of `landing`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    pub lane: LaneId,
    pub offset: i64,
    /// Offset of the message landed before it on its lane.
    pub previous: Option<i64>,
    pub epoch: i64,
    pub ordinal: i32,
    pub digest: [u8; 16],
    /// Records by outcome, in the order of `Outcome::ALL`.
    pub outcomes: [i32; 5],
    /// Rows expected in each derived table, in the order of [`Facts::derived`].
    pub expected: Box<[i32]>,
}

impl Landed {
    /// Records of the message.
    pub fn records(&self) -> i32 {
        self.outcomes.iter().sum()
    }
}

/// A row of a derived table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Derived {
    pub lane: LaneId,
    pub offset: i64,
    pub row: i32,
    /// What else tells rows of one record apart: target, rule.
    pub mark: u64,
    pub epoch: i64,
}

/// All rows of a derived table, sorted.
#[derive(Debug)]
pub struct DerivedTable {
    pub name: String,
    /// Its rows stand for whole records: a missing row can be told by its number.
    pub by_record: bool,
    pub rows: Vec<Derived>,
}

impl DerivedTable {
    /// Rows of one message.
    pub fn of_message(&self, lane: LaneId, offset: i64) -> &[Derived] {
        let start = self
            .rows
            .partition_point(|row| (row.lane, row.offset) < (lane, offset));
        let rest = self.rows.get(start..).unwrap_or(&[]);
        let end = rest.partition_point(|row| (row.lane, row.offset) == (lane, offset));
        rest.get(..end).unwrap_or(&[])
    }
}

/// Everything that is compared.
#[derive(Debug)]
pub struct Facts {
    pub lanes: Lanes,
    /// Sorted by lane and offset, doubled rows included.
    pub landed: Vec<Landed>,
    /// The next offset of each lane, as the log of `landing` says.
    pub positions: BTreeMap<LaneId, i64>,
    pub derived: Vec<DerivedTable>,
    /// The last landed epoch.
    pub epoch: i64,
}

impl Facts {
    /// Rows of `landing` with these coordinates: one where all is well.
    pub fn landed_at(&self, lane: LaneId, offset: i64) -> Option<&Landed> {
        let place = self
            .landed
            .partition_point(|row| (row.lane, row.offset) < (lane, offset));
        self.landed
            .get(place)
            .filter(|row| (row.lane, row.offset) == (lane, offset))
    }

    /// The last landed message of a lane.
    pub fn last_of(&self, lane: LaneId) -> Option<&Landed> {
        let end = self.landed.partition_point(|row| row.lane <= lane);
        self.landed
            .get(..end)?
            .last()
            .filter(|row| row.lane == lane)
    }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A row that has to be there is not.
    Missing,
    /// The same row more than once.
    Doubled,
    /// A row of a message that landing does not have.
    Orphan,
    /// More different rows than landing expects.
    Surplus,
    /// The chain of a lane, or its position, contradicts the rows.
    Chain,
    /// An epoch lacks an ordinal or has it twice.
    Ordinal,
    /// The broker holds a message that is not landed.
    NotLanded,
    /// The broker holds another message at these coordinates.
    OtherContent,
    /// Landed beyond the end of what the broker holds.
    BeyondEnd,
}

/// One difference, named by coordinates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub lane: LaneId,
    pub offset: i64,
    pub row: Option<i32>,
    pub table: String,
    pub problem: Problem,
    /// Rows concerned.
    pub count: i64,
    pub epoch: Option<i64>,
    pub text: String,
}

impl Difference {
    pub fn new(
        table: &str,
        problem: Problem,
        lane: LaneId,
        offset: i64,
        text: impl Into<String>,
    ) -> Self {
        Self {
            lane,
            offset,
            row: None,
            table: table.to_owned(),
            problem,
            count: 1,
            epoch: None,
            text: text.into(),
        }
    }

    #[must_use]
    pub fn in_epoch(mut self, epoch: i64) -> Self {
        self.epoch = Some(epoch);
        self
    }

    #[must_use]
    pub fn of_row(mut self, row: Option<i32>) -> Self {
        self.row = row;
        self
    }

    #[must_use]
    pub fn counting(mut self, count: i64) -> Self {
        self.count = count;
        self
    }
}

/// Coordinates as people read them: `topic/partition/offset`, with the row where it is known.
pub struct Coordinates<'a> {
    pub lane: &'a LaneName,
    pub offset: i64,
    pub row: Option<i32>,
}

impl fmt::Display for Coordinates<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LaneName {
            topic,
            incarnation,
            partition,
        } = self.lane;
        write!(formatter, "{topic}/{partition}/{}", self.offset)?;
        if let Some(row) = self.row {
            write!(formatter, "/{row}")?;
        }
        if *incarnation > 0 {
            write!(formatter, " (incarnation {incarnation})")?;
        }
        Ok(())
    }
}
