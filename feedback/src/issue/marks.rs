//! Marks: the greatest failing and passing of an issue, and the one predicate over them.
//!
//! Versions that have an order are compared by it. A failing version without one is compared by log position inside
//! its lane; a pass of another lane, which has no position to compare, is later where its message time is (ties by
//! position). Such a pass counts where the issue was known when it came: before that nothing remembers it, and the
//! issue stays open until the next good record.

use yidang_transform::order::OrderKey;

use crate::correction::Correction;
use crate::position::Position;

/// The greatest failing version that has an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub order: OrderKey,
    /// Least message time of the messages that brought this version.
    pub timestamp_ms: i64,
}

/// The greatest passing version that has an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    pub order: OrderKey,
    /// A removal: it passes everything.
    pub withdrawn: bool,
}

/// Greatest position in one lane, with the greatest message time up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub offset: i64,
    pub row: u32,
    pub timestamp_ms: i64,
}

impl Stamp {
    fn of(position: Position, timestamp_ms: i64) -> Self {
        Self {
            offset: position.offset,
            row: position.row,
            timestamp_ms,
        }
    }

    fn place(self) -> (i64, u32) {
        (self.offset, self.row)
    }

    fn join(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        let (offset, row) = self.place().max(other.place());
        Self {
            offset,
            row,
            timestamp_ms: self.timestamp_ms.max(other.timestamp_ms),
        }
    }
}

/// What is known of one lane: only lanes of issues that a version without an order failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneMarks {
    pub incarnation: u32,
    pub partition: i32,
    /// Failing versions without an order.
    pub failing: Option<Stamp>,
    /// Passing versions, with or without an order.
    pub passing: Option<Stamp>,
}

impl LaneMarks {
    /// Rank among lanes by time, then position.
    fn rank(&self, stamp: Stamp) -> (i64, u32, i32, i64, u32) {
        (
            stamp.timestamp_ms,
            self.incarnation,
            self.partition,
            stamp.offset,
            stamp.row,
        )
    }
}

/// All that decides whether an issue is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub failing: Option<Failing>,
    pub passing: Option<Passing>,
    /// Sorted by incarnation and partition.
    pub lanes: Vec<LaneMarks>,
    /// The latest correction by header, counted only where the issue needs one.
    pub correction: Option<Correction>,
}

impl Marks {
    /// Notes a failing version.
    pub fn fail(&mut self, order: Option<&OrderKey>, position: Position, timestamp_ms: i64) {
        let Some(order) = order else {
            let lane = self.lane(position);
            lane.failing = Some(Stamp::of(position, timestamp_ms).join(lane.failing));
            return;
        };
        match &mut self.failing {
            Some(kept) if kept.order > *order => {}
            Some(kept) if kept.order == *order => {
                kept.timestamp_ms = kept.timestamp_ms.min(timestamp_ms)
            }
            kept => {
                *kept = Some(Failing {
                    order: order.clone(),
                    timestamp_ms,
                })
            }
        }
    }

    /// Notes a passing version that was read at `position`.
    pub fn pass(&mut self, passing: Option<Passing>, position: Position, timestamp_ms: i64) {
        if !self.lanes.is_empty() {
            let lane = self.lane(position);
            lane.passing = Some(Stamp::of(position, timestamp_ms).join(lane.passing));
        }
        if let Some(passing) = passing {
            self.remembered_pass(passing);
        }
    }

    /// Notes a passing version of which only the order is known. Whether it is greater than the one kept.
    pub fn remembered_pass(&mut self, passing: Passing) -> bool {
        let greater = self
            .passing
            .as_ref()
            .is_none_or(|kept| kept.order < passing.order);
        if greater {
            self.passing = Some(passing);
        }
        greater
    }

    /// Whether any failing version is neither below a pass nor ended by a correction of this message time.
    pub fn fails(&self, corrected_ms: Option<i64>) -> bool {
        let corrected = |timestamp_ms: i64| corrected_ms.is_some_and(|time| time >= timestamp_ms);
        let ordered = self.failing.as_ref().is_some_and(|failing| {
            let passed = self
                .passing
                .as_ref()
                .is_some_and(|passing| passing.order >= failing.order);
            !passed && !corrected(failing.timestamp_ms)
        });
        let unordered = |lane: &LaneMarks| {
            lane.failing.is_some_and(|failing| {
                !self.passed_after(lane, failing) && !corrected(failing.timestamp_ms)
            })
        };
        ordered || self.lanes.iter().any(unordered)
    }

    fn passed_after(&self, lane: &LaneMarks, failing: Stamp) -> bool {
        self.lanes.iter().any(|other| {
            let Some(passing) = other.passing else {
                return false;
            };
            let same = other.incarnation == lane.incarnation && other.partition == lane.partition;
            if same {
                passing.place() > failing.place()
            } else {
                other.rank(passing) > lane.rank(failing)
            }
        })
    }

    fn lane(&mut self, position: Position) -> &mut LaneMarks {
        let Position {
            incarnation,
            partition,
            ..
        } = position;
        let found = self
            .lanes
            .binary_search_by_key(&(incarnation, partition), |lane| {
                (lane.incarnation, lane.partition)
            });
        let place = found.unwrap_or_else(|place| {
            self.lanes.insert(
                place,
                LaneMarks {
                    incarnation,
                    partition,
                    failing: None,
                    passing: None,
                },
            );
            place
        });
        self.lanes
            .get_mut(place)
            .expect("the lane was found or put at this place")
    }
}
