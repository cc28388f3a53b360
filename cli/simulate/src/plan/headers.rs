//! Good records whose header `corrects` names an issue that they cannot close.

use super::Planner;
use super::spoiled::Host;
use crate::calendar::DAY_MS;
use crate::feed::Feed;
use crate::random::small;
use crate::record::Corrects;

impl Planner {
    /// Good records whose header names an issue that they cannot close.
    pub(super) fn wrong_headers(&mut self, turn: u64) {
        let record = self.header_carrier(Feed::Hukou);
        self.corrects(record, Corrects::Unknown);
        self.mark(record, "corrects_unknown_issue", true);
        let open: Vec<usize> = self.open_defective.clone();
        let defective = open
            .get(small::<u64, usize>(turn) * 3 % open.len().max(1))
            .copied();
        if let Some(target) = defective {
            let other = if self.record(target).feed() == Feed::Medins {
                Feed::Insurance
            } else {
                Feed::Medins
            };
            let record = self.header_carrier(other);
            self.corrects(record, Corrects::Foreign(target));
            self.mark(record, "corrects_issue_of_another_feed", true);
        }
        let sound: Vec<usize> = self.open_sound.clone();
        let target = sound
            .iter()
            .cycle()
            .skip(small::<u64, usize>(turn) * 5)
            .take(sound.len())
            .copied()
            .find(|index| {
                self.records.get(*index).is_some_and(|record| {
                    record.feed() != Feed::Penalty && record.feed() != Feed::Death
                })
            });
        if let Some(target) = target {
            let feed = self.record(target).feed();
            let record = self.header_carrier(feed);
            self.corrects(record, Corrects::SoundKey(target));
            self.mark(record, "corrects_issue_with_a_sound_key", true);
        }
    }

    /// A good record late in the period.
    fn header_carrier(&mut self, feed: Feed) -> usize {
        let host = if feed.is_person() {
            Host::Person(self.told_person(feed))
        } else {
            Host::Enterprise(self.find_enterprise(feed))
        };
        self.take(host, feed);
        let late_ms = self.last_ms - 3 * DAY_MS;
        match host {
            Host::Person(index) => self.person(index).clock_ms = late_ms,
            Host::Enterprise(index) => self.enterprise(index).clock_ms = late_ms,
        }
        self.next(host, feed)
    }
}
