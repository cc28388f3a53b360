//! Ordinary life: updates, deaths, new penalties, until the city has the records that were asked for; then late and
//! repeated deliveries.

use super::Planner;
use super::tales::LATE;
use crate::calendar::DAY_MS;
use crate::feed::Feed;
use crate::random::small;
use crate::record::{Cancellation, Operation};

/// Repeated deliveries per 10,000 records.
const REPEATS: u64 = 150;
/// Late deliveries per 10,000 records.
const LATE_SHARE: u64 = 50;

impl Planner {
    /// Fills up with routine updates, then delays and repeats some deliveries.
    pub(super) fn fill(&mut self) {
        let repeats = self.settings.records * REPEATS / 10_000;
        let wanted = small(self.settings.records.saturating_sub(repeats));
        let mut idle = 0_u32;
        while self.records.len() < wanted {
            if self.random.chance(8_000) {
                self.live_person()
            } else {
                self.live_enterprise()
            }
            idle += 1;
            if idle.is_multiple_of(1_000_000) && self.records.len() < wanted / 2 {
                break;
            }
        }
        self.delay();
        let repeated = self.records.iter().filter(|record| record.duplicate);
        let told = self.records.len() + repeated.count();
        self.repeat(small::<u64, usize>(self.settings.records).saturating_sub(told));
    }

    fn live_person(&mut self) {
        let count = self.people.len() as u64;
        let index = small(self.random.below(count));
        let last_ms = self.last_ms;
        let person = self.person(index);
        if person.dead || person.clock_ms + 2 * DAY_MS > last_ms {
            // The pool is used up in this place: a newcomer keeps the city going.
            if self.random.chance(200) {
                self.add_person(None, true);
            }
            return;
        }
        let feed = match self.random.below(100) {
            0..55 => Feed::Insurance,
            55..80 => Feed::Medins,
            80..92 => Feed::Hukou,
            92..99 => Feed::Residence,
            _ => Feed::Death,
        };
        let person = self.person(index);
        let free = person.taken & (1 << feed.index()) == 0;
        if !free || (feed != Feed::Residence && !person.is_told_by(feed)) {
            return;
        }
        if feed == Feed::Hukou && self.random.chance(300) {
            self.tell_cancelled(index, Cancellation::MovedAway);
            return;
        }
        self.tell_next(index, feed);
        if feed == Feed::Death && self.person(index).hukou.is_some() && self.random.chance(6_000) {
            let untouched = self.person(index).taken & (1 << Feed::Hukou.index()) == 0;
            if untouched {
                self.tell_cancelled(index, Cancellation::Death);
            }
        }
    }

    fn live_enterprise(&mut self) {
        let count = self.enterprises.len() as u64;
        let index = small(self.random.below(count));
        let feed = self.random.pick(&[
            Feed::Register,
            Feed::Register,
            Feed::Taxpayer,
            Feed::Taxpayer,
            Feed::Penalty,
        ]);
        let last_ms = self.last_ms;
        let enterprise = self.enterprise(index);
        let told = match feed {
            Feed::Register => enterprise.register.is_some(),
            Feed::Taxpayer => enterprise.taxpayer.is_some(),
            _ => true,
        };
        if !told
            || enterprise.taken & (1 << feed.index()) != 0
            || enterprise.clock_ms + 12 * DAY_MS > last_ms
        {
            if self.random.chance(200) {
                self.add_enterprise(true);
            }
            return;
        }
        self.tell_enterprise(index, feed);
    }

    fn delay(&mut self) {
        let room_ms = self.settings.end_ms - DAY_MS;
        for index in 0..self.records.len() {
            let late = self.random.chance(LATE_SHARE);
            let by_ms = self.random.between(DAY_MS / 24, 20 * DAY_MS);
            let record = self.record(index);
            if late && !record.pinned && record.feed() != Feed::Penalty {
                record.arrival_ms = (record.arrival_ms + by_ms).min(room_ms);
                record.story = record.story.or(Some(LATE));
            }
        }
    }

    fn repeat(&mut self, count: usize) {
        let total = self.records.len() as u64;
        let mut left = count;
        let mut tries = 0;
        while left > 0 && tries < total * 20 {
            tries += 1;
            let index = small(self.random.below(total));
            let record = self.record(index);
            if !record.pinned && !record.duplicate && record.operation == Operation::Upsert {
                record.duplicate = true;
                left -= 1;
            }
        }
    }
}
