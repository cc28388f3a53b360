//! Which of two candidates wins, and by what.

use std::cmp::{Ordering, Reverse};

use crate::cell::Value;
use crate::record::RecordId;

/// Everything that ranks one candidate of a column, most important first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking<'a> {
    /// Place in the column's value order, smaller wins.
    pub value_order: usize,
    /// Value of the ranking cell of the same record, greater wins.
    pub rank_by: Value<'a>,
    /// Authority rank of the feed for the column, smaller wins.
    pub authority: u8,
    /// Later wins.
    pub business_time_ms: i64,
    /// Smaller wins: any fixed choice that does not depend on arrival.
    pub feed: u16,
    pub content_hash: [u8; 16],
    pub id: RecordId,
    /// Of two statements of one record the first counts.
    pub slot: u8,
}

/// What decided between a winner and the next best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There was no other candidate.
    Only,
    ValueOrder,
    RankBy,
    Authority,
    BusinessTime,
    /// Feed, content hash or key: equal in everything that means something.
    Tie,
}

impl Reason {
    /// Word in `provenance.cells.rule`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Only => "only",
            Self::ValueOrder => "value_order",
            Self::RankBy => "rank_by",
            Self::Authority => "authority",
            Self::BusinessTime => "business_time",
            Self::Tie => "tie",
        }
    }
}

impl Ranking<'_> {
    /// Compares two candidates and says by what; `Greater` means that `self` wins.
    pub fn compare(&self, other: &Self) -> (Ordering, Reason) {
        let steps = [
            (other.value_order.cmp(&self.value_order), Reason::ValueOrder),
            (self.rank_by.cmp(&other.rank_by), Reason::RankBy),
            (other.authority.cmp(&self.authority), Reason::Authority),
            (
                self.business_time_ms.cmp(&other.business_time_ms),
                Reason::BusinessTime,
            ),
        ];
        let decided = steps.into_iter().find(|(ordering, _)| ordering.is_ne());
        decided.unwrap_or_else(|| (self.tie_break().cmp(&other.tie_break()), Reason::Tie))
    }

    fn tie_break(&self) -> (Reverse<u16>, [u8; 16], RecordId, Reverse<u8>) {
        let slot = Reverse(self.slot);
        (Reverse(self.feed), self.content_hash, self.id, slot)
    }
}

/// The winner among candidates and what put it before the next best.
pub fn winner<'c, 'a>(
    candidates: &'c [super::Candidate<'a>],
) -> Option<(&'c super::Candidate<'a>, Reason)> {
    let best = candidates
        .iter()
        .max_by(|left, right| left.ranking.compare(&right.ranking).0)?;
    let others = candidates
        .iter()
        .filter(|other| !std::ptr::eq(*other, best));
    let next = others.max_by(|left, right| left.ranking.compare(&right.ranking).0);
    let reason = next.map_or(Reason::Only, |next| best.ranking.compare(&next.ranking).1);
    Some((best, reason))
}
