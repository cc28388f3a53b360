//! Stories of the further feeds that need several records.

use std::sync::Arc;

use super::{Sheet, Teller, Twist};
use crate::calendar::{DAY_MS, HOUR_MS};
use crate::feed::Feed;
use crate::random::variant;
use crate::record::Operation;
use crate::sheet::{self, Statement};

impl Teller<'_> {
    pub(super) fn tell_stories(&mut self) {
        for turn in 0..super::LEAST + self.setting.rounds {
            self.removal(turn);
            self.removal_before_its_record();
            self.older_after_newer();
            self.told_twice_and_late();
            match self.feed {
                Feed::Marriage => self.married_to_two(),
                Feed::HousingFund => self.beyond_the_horizon(),
                Feed::Utility => self.correction_of_a_reading(),
                Feed::Hmt => self.card_of_two_numbers(),
                Feed::Birth => self.certificate_issued_again(),
                _ => {}
            }
        }
    }

    fn removal(&mut self, turn: u64) {
        let forms = [
            Operation::Tombstone,
            Operation::RemovalWithBody,
            Operation::RemovalEmpty,
        ];
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        let told = self.tell_sound(&statement, at_ms);
        let at_ms = self.later(at_ms);
        let removal = self.take_back(told, variant(&forms, turn), at_ms);
        self.mark(removal, "removal");
        if turn % 3 == 2 {
            let at_ms = self.later(at_ms);
            let again = self.tell_sound(&statement, at_ms);
            self.mark(again, "sent_again_after_removal");
        }
    }

    fn removal_before_its_record(&mut self) {
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        let told = self.tell_sound(&statement, at_ms);
        let at_ms = self.later(at_ms);
        let operation = self.any_removal();
        let removal = self.take_back(told, operation, at_ms);
        self.mark(removal, "removal_before_its_record");
        self.arrive_after(told, removal);
    }

    fn older_after_newer(&mut self) {
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        let older = self.tell_sound(&statement, at_ms);
        let at_ms = self.later(at_ms);
        // In feeds of periods the same period again: another one has another key.
        let newer = match statement.period() {
            Some(_) => Arc::clone(&statement),
            None => self.changed(&statement, at_ms),
        };
        let newer = self.tell_sound(&newer, at_ms);
        self.arrive_after(older, newer);
        self.mark(older, "older_after_newer");
    }

    fn told_twice_and_late(&mut self) {
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        let twice = self.tell_sound(&statement, at_ms);
        self.record(twice).duplicate = true;
        self.mark(twice, "told_twice");
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        let late = self.tell_sound(&statement, at_ms);
        self.record(late).arrival_ms += 9 * DAY_MS;
        self.mark(late, "late");
    }

    fn arrive_after(&mut self, index: usize, other: usize) {
        let arrival_ms = self.record(other).arrival_ms + 60_000;
        self.record(index).arrival_ms = arrival_ms;
    }

    /// Trap 9: married to two people, which no rule over one record sees and nothing merges.
    fn married_to_two(&mut self) {
        let at_ms = self.moment();
        self.date(at_ms);
        for (place, statement) in sheet::marriage::to_another(&mut self.draw)
            .into_iter()
            .enumerate()
        {
            let at_ms = at_ms + i64::try_from(place).unwrap_or(0) * HOUR_MS;
            let told = self.tell_sound(&statement, at_ms);
            self.mark(told, "married_to_two");
        }
    }

    /// A month that is no longer kept: accepted, and in no file.
    fn beyond_the_horizon(&mut self) {
        let at_ms = self.setting.last_ms - 20 * DAY_MS;
        self.date(at_ms);
        let statement = sheet::housing_fund::beyond_the_horizon(&mut self.draw);
        let told = self.tell_sound(&statement, at_ms);
        self.mark(told, "beyond_the_horizon");
    }

    fn correction_of_a_reading(&mut self) {
        let at_ms = self.moment();
        let statement = self.first(at_ms);
        self.tell_sound(&statement, at_ms);
        let corrected = statement.twisted(Twist::OtherQuantity);
        let at_ms = self.later(at_ms);
        let told = self.tell_sound(&corrected, at_ms);
        self.mark(told, "reading_corrected");
    }

    /// A second certificate of one child, under a new number, while the first one stands.
    fn certificate_issued_again(&mut self) {
        let at_ms = self.moment();
        self.date(at_ms);
        let [first, again] = sheet::birth::issued_again(&mut self.draw);
        self.tell_sound(&first, at_ms);
        let at_ms = self.later(at_ms);
        let told = self.tell_sound(&again, at_ms);
        self.mark(told, "certificate_issued_again");
    }

    /// Both cards of one foreigner are two persons until documents are linked.
    fn card_of_two_numbers(&mut self) {
        let at_ms = self.moment();
        self.date(at_ms);
        let cards: [Arc<dyn Statement>; 2] = sheet::hmt::both_cards(&mut self.draw);
        for card in cards {
            let told = self.tell(Sheet::new(card), at_ms);
            self.mark(told, "card_of_two_numbers");
        }
    }
}
