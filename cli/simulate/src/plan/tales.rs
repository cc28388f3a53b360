//! Stories that need several records: withdrawals, records that change their subject, deliveries in the wrong order,
//! agencies that contradict each other.

use super::people::Needs;
use super::spoiled::Host;
use super::{LEAST, Planner};
use crate::calendar::{DAY_MS, local_date};
use crate::feed::Feed;
use crate::gazetteer::{NameKind, person_name};
use crate::random::{small, variant};
use crate::record::{Body, Cancellation, Cell, Operation};

/// Story of every record that arrives long after its time.
pub(super) const LATE: &str = "late";

/// Feeds whose subjects are persons.
const PERSONAL: [Feed; 5] = [
    Feed::Hukou,
    Feed::Residence,
    Feed::Death,
    Feed::Insurance,
    Feed::Medins,
];

impl Planner {
    /// Tells every story at least three times.
    pub(super) fn tell_tales(&mut self) {
        // Stories that alternate between two orders of arrival need twice as many turns.
        for turn in 0..2 * LEAST + self.rounds() {
            self.death_of_a_relative(turn);
            self.only_record_withdrawn(turn);
            self.insurance_changes_subject(turn);
            self.stays_that_end_and_stay_open(turn);
        }
        for turn in 0..LEAST + self.rounds() {
            self.death_and_cancellation();
            self.next_best_after_withdrawal(turn);
            for feed in Feed::REGISTERS {
                self.removal(feed, turn);
            }
            self.removal_before_its_record(turn);
            self.penalty_removals(turn);
            self.tombstone_in_envelope();
            self.register_changes_subject();
            self.account_changes_subject();
            self.patch_without_identifier_first();
            self.several_accounts();
            self.contradicting_agencies();
            self.former_employer();
            self.stale_marriage();
            self.old_tax_number();
            self.older_after_newer(turn);
            self.wrong_headers(turn);
            self.fails_again_and_after_its_correction();
            self.revoked_and_not_at_its_place();
            self.death_told_days_later(turn);
            self.stay_told_twice();
        }
    }

    pub(super) fn told_person(&mut self, feed: Feed) -> usize {
        self.find_person(Needs {
            check_x: false,
            born_before_2000: false,
            name: None,
            feed: Some(feed),
        })
    }

    /// A person that nobody has told of.
    fn new_person(&mut self) -> usize {
        self.add_person(None, false)
    }

    /// Makes the record of `index` arrive after the record of `other`.
    fn arrive_after(&mut self, index: usize, other: usize) {
        let arrival_ms = self.record(other).arrival_ms + 60_000;
        self.record(index).arrival_ms = arrival_ms;
        self.record(index).pinned = true;
        self.record(other).pinned = true;
    }

    fn death_of_a_relative(&mut self, turn: u64) {
        let relative = self.told_person(Feed::Hukou);
        let victim = self.told_person(Feed::Death);
        if victim == relative {
            return;
        }
        self.take_person(victim, Feed::Death);
        self.take_person(relative, Feed::Hukou);
        let wrong = self.tell_next(victim, Feed::Death);
        let right_body = self.record(wrong).body.clone();
        let relative_id = self.person(relative).id;
        if let Body::Death(body) = &mut self.record(wrong).body {
            body.id = relative_id;
        }
        self.mark(wrong, "death_with_a_relatives_id", true);
        let moment = self.person_moment(victim);
        let right = self.tell(right_body, moment);
        self.mark(right, "death_re_sent_with_the_right_id", true);
        if turn % 2 == 1 {
            self.arrive_after(wrong, right);
        }
    }

    fn death_and_cancellation(&mut self) {
        let person = self.told_person(Feed::Hukou);
        self.take_person(person, Feed::Death);
        let death = self.tell_next(person, Feed::Death);
        self.mark(death, "death_reported", false);
        let end = self.tell_cancelled(person, Cancellation::Death);
        self.mark(end, "death_confirmed", false);
    }

    fn next_best_after_withdrawal(&mut self, turn: u64) {
        let person = self.new_person();
        let hukou = self.tell_next(person, Feed::Hukou);
        self.record(hukou).pinned = true;
        self.new_insurance(person);
        self.tell_next(person, Feed::Medins);
        self.take_person(person, Feed::Hukou);
        let moment = self.person_moment(person);
        let operation = self.any_removal(Feed::Hukou, turn);
        let removal = self.take_back(hukou, operation, moment);
        self.mark(removal, "next_best_after_withdrawal", true);
    }

    fn only_record_withdrawn(&mut self, turn: u64) {
        let person = self.new_person();
        let feed = self.random.pick(&[
            Feed::Hukou,
            Feed::Residence,
            Feed::Death,
            Feed::Insurance,
            Feed::Medins,
        ]);
        let first = self.tell_next(person, feed);
        for taken in PERSONAL {
            self.take_person(person, taken);
        }
        let moment = self.person_moment(person);
        let operation = self.any_removal(feed, turn);
        let removal = self.take_back(first, operation, moment);
        self.mark(removal, "only_record_withdrawn", true);
        if turn % 2 == 1 {
            self.arrive_after(first, removal);
            self.mark(first, "older_after_withdrawal", true);
        }
    }

    fn removal(&mut self, feed: Feed, turn: u64) {
        let host = if feed.is_person() {
            Host::Person(self.told_person(feed))
        } else {
            Host::Enterprise(self.find_enterprise(feed))
        };
        let last = self.next(host, feed);
        self.record(last).pinned = true;
        self.take(host, feed);
        let moment = self.moment(host);
        let forms = [
            Operation::Tombstone,
            Operation::RemovalWithBody,
            Operation::RemovalEmpty,
        ];
        let operation = match feed {
            Feed::Insurance | Feed::Penalty => self.any_removal(feed, turn),
            _ => variant(&forms, turn),
        };
        let removal = self.take_back(last, operation, moment);
        self.mark(removal, "removal", true);
        if turn % 3 == 2 && feed != Feed::Penalty {
            let body = self.record(last).body.clone();
            let moment = self.moment(host);
            let again = self.tell(body, moment);
            self.mark(again, "sent_again_after_removal", true);
        }
    }

    fn removal_before_its_record(&mut self, turn: u64) {
        for feed in [
            Feed::Hukou,
            Feed::Residence,
            Feed::Insurance,
            Feed::Medins,
            Feed::Register,
            Feed::Taxpayer,
        ] {
            let host = if feed.is_person() {
                Host::Person(self.new_person())
            } else {
                Host::Enterprise(self.add_enterprise(false))
            };
            let first = self.next(host, feed);
            self.take(host, feed);
            let moment = self.moment(host);
            let operation = self.any_removal(feed, turn);
            let removal = self.take_back(first, operation, moment);
            self.mark(removal, "removal_before_its_record", true);
            self.arrive_after(first, removal);
        }
    }

    /// The penalty list is ordered by its log: a removal takes back what came before it and nothing else.
    fn penalty_removals(&mut self, turn: u64) {
        let enterprise = self.find_enterprise(Feed::Penalty);
        let row = self.tell_enterprise(enterprise, Feed::Penalty);
        let moment = self.enterprise_moment(enterprise);
        let operation = self.any_removal(Feed::Penalty, turn);
        let removal = self.take_back(row, operation, moment);
        self.mark(removal, "penalty_removed_by_document_number", true);
        let row = self.tell_enterprise(enterprise, Feed::Penalty);
        let early = self.record(row).produced_ms - 60_000;
        let operation = self.any_removal(Feed::Penalty, turn + 1);
        let removal = self.take_back(row, operation, early);
        self.record(removal).arrival_ms = early;
        self.record(removal).produced_ms = early;
        self.mark(removal, "penalty_removed_before_its_file", true);
        self.record(row).pinned = true;
    }

    /// In a feed with an envelope a null value after the deletion only tidies the log.
    fn tombstone_in_envelope(&mut self) {
        let person = self.told_person(Feed::Insurance);
        let last = self.tell_next(person, Feed::Insurance);
        self.take_person(person, Feed::Insurance);
        let moment = self.person_moment(person);
        let removal = self.take_back(last, Operation::RemovalWithBody, moment);
        self.mark(removal, "removal", true);
        let tombstone = self.take_back(last, Operation::Tombstone, moment + 1_000);
        self.mark(tombstone, "tombstone_in_envelope", true);
        self.arrive_after(tombstone, removal);
    }

    /// An old row that knew only the registration number gets its credit code.
    fn register_changes_subject(&mut self) {
        let enterprise = self.add_enterprise(false);
        let facts = self.enterprise(enterprise).clone();
        let region = facts
            .credit
            .text()
            .get(2..8)
            .and_then(|text| text.parse().ok())
            .unwrap_or(350_200);
        let number = 20_000_000 + self.next_number();
        self.enterprise(enterprise).registration =
            Some(crate::identifier::registration(region, number));
        let old = self.tell_enterprise(enterprise, Feed::Register);
        self.mark(old, "credit_code_empty_on_an_old_row", false);
        let new = self.tell_enterprise(enterprise, Feed::Register);
        if let Body::Register(body) = &mut self.record(new).body {
            body.credit = Some(facts.credit);
        }
        self.mark(new, "register_changes_subject", true);
        self.take_enterprise(enterprise, Feed::Register);
        self.tell_enterprise(enterprise, Feed::Taxpayer);
    }

    fn insurance_changes_subject(&mut self, turn: u64) {
        let (right, wrong) = (
            self.told_person(Feed::Insurance),
            self.told_person(Feed::Insurance),
        );
        if right == wrong {
            return;
        }
        let other = self.person(wrong).id;
        let first = self.tell_next(right, Feed::Insurance);
        self.take_person(right, Feed::Insurance);
        let body = self.record(first).body.clone();
        if let Body::Insurance(body) = &mut self.record(first).body {
            // Sex and birth date follow the number, so that only the person is wrong.
            (body.id, body.sex, body.birth) = (other, sex_of(&other), birth_of(&other));
        }
        self.mark(first, "insurance_under_another_persons_id", true);
        let moment = self.person_moment(right);
        let second = self.tell(body, moment);
        self.mark(second, "insurance_changes_subject", true);
        if turn % 2 == 1 {
            self.arrive_after(first, second);
        }
    }

    fn account_changes_subject(&mut self) {
        let (right, wrong) = (self.new_person(), self.told_person(Feed::Medins));
        let moment = self.person_moment(right);
        let mut body = self.new_account(right, moment, "390");
        let own = body.id;
        (body.id, body.birth) = (Some(self.person(wrong).id), None);
        let first = self.tell(Body::Medins(body.clone()), moment);
        self.mark(first, "account_under_another_persons_id", true);
        self.take_person(right, Feed::Medins);
        let moment = self.person_moment(right);
        (body.id, body.status, body.since) = (own, Cell::Absent, Cell::Absent);
        let second = self.tell(Body::Medins(body), moment);
        self.mark(second, "account_changes_subject", true);
    }

    fn patch_without_identifier_first(&mut self) {
        let person = self.new_person();
        let moment = self.person_moment(person);
        let whole = self.new_account(person, moment, "310");
        let mut bare = whole.clone();
        (bare.id, bare.birth, bare.paid_through) = (None, None, Cell::Absent);
        let first = self.tell(Body::Medins(bare.clone()), moment);
        self.mark(first, "patch_without_identifier_first", true);
        let moment = self.person_moment(person);
        (bare.status, bare.since) = (Cell::Value("2"), Cell::Absent);
        let second = self.tell(Body::Medins(bare), moment);
        self.mark(second, "patch_without_identifier_second", true);
        let moment = self.person_moment(person);
        let third = self.tell(
            Body::Medins(crate::record::Medins {
                status: Cell::Absent,
                since: Cell::Absent,
                ..whole
            }),
            moment,
        );
        self.mark(third, "patch_with_identifier_at_last", true);
    }

    fn several_accounts(&mut self) {
        let person = self.told_person(Feed::Medins);
        let moment = self.person_moment(person);
        let body = self.new_account(person, moment, "310");
        let record = self.tell(Body::Medins(body), moment);
        self.mark(record, "several_psn_no", false);
    }

    /// Three agencies give three names; the lead source wins.
    fn contradicting_agencies(&mut self) {
        let person = self.told_person(Feed::Hukou);
        let stay = self.tell_next(person, Feed::Residence);
        let insurance = self.new_insurance(person);
        let names = [
            person_name(&mut self.random, NameKind::Usual),
            person_name(&mut self.random, NameKind::Usual),
        ];
        let [first, second] = names;
        if let Body::Stay(body) = &mut self.record(stay).body {
            body.name = first;
        }
        if let Body::Insurance(body) = &mut self.record(insurance).body {
            body.name = second;
        }
        self.mark(stay, "conflicting_value", false);
        self.mark(insurance, "conflicting_value", false);
    }

    /// The newest record of a second kind of insurance still names the employer of before.
    fn former_employer(&mut self) {
        let person = self.told_person(Feed::Insurance);
        let former = self
            .person(person)
            .insurances
            .first()
            .and_then(|insurance| insurance.employer.clone());
        let current = self.tell_next(person, Feed::Insurance);
        let employer = self.an_employer();
        if let Body::Insurance(body) = &mut self.record(current).body {
            body.employer = employer;
        }
        let stale = self.new_insurance(person);
        if let Body::Insurance(body) = &mut self.record(stale).body {
            body.employer = former;
        }
        self.mark(stale, "number_of_an_ex_employer", false);
    }

    fn stale_marriage(&mut self) {
        let person = self.told_person(Feed::Hukou);
        let record = self.tell_next(person, Feed::Hukou);
        if let Body::Hukou(body) = &mut self.record(record).body {
            body.marital = "20";
        }
        self.mark(record, "stale_marriage", false);
    }

    /// A taxpayer of 15 characters without a credit code, and the same enterprise under its code of today.
    fn old_tax_number(&mut self) {
        let enterprise = self.find_enterprise(Feed::Taxpayer);
        let facts = self.enterprise(enterprise).clone();
        let record = self.tell_enterprise(enterprise, Feed::Taxpayer);
        if let Body::Taxpayer(body) = &mut self.record(record).body {
            body.number = super::enterprises::fifteen_of(&facts.credit, facts.organisation);
            body.states_credit = false;
        }
        self.mark(record, "tax_number_of_fifteen_characters", false);
        self.tell_enterprise(enterprise, Feed::Taxpayer);
    }

    /// The tax office no longer finds an enterprise whose licence the registrar has revoked.
    fn revoked_and_not_at_its_place(&mut self) {
        let enterprise = self.add_enterprise(false);
        self.take_enterprise(enterprise, Feed::Register);
        let revoked = self.tell_enterprise(enterprise, Feed::Register);
        if let Body::Register(body) = &mut self.record(revoked).body {
            body.status = "2";
        }
        self.mark(revoked, "licence_revoked", false);
        self.take_enterprise(enterprise, Feed::Taxpayer);
        let missed = self.tell_enterprise(enterprise, Feed::Taxpayer);
        if let Body::Taxpayer(body) = &mut self.record(missed).body {
            body.status = "05";
        }
        self.mark(missed, "abnormal_for_the_tax_office", false);
    }

    /// A certificate of death that its agency sends days after it was written.
    fn death_told_days_later(&mut self, turn: u64) {
        let person = self.new_person();
        let death = self.tell_next(person, Feed::Death);
        let days = 1 + i64::try_from(turn % 3).unwrap_or(0);
        self.record(death).arrival_ms += days * DAY_MS;
        self.mark(death, LATE, true);
    }

    /// The register of stays sends the same bytes twice.
    fn stay_told_twice(&mut self) {
        let person = self.told_person(Feed::Residence);
        let stay = self.tell_next(person, Feed::Residence);
        self.record(stay).duplicate = true;
        self.mark(stay, "stay_told_twice", true);
    }

    fn older_after_newer(&mut self, turn: u64) {
        for feed in [
            Feed::Hukou,
            Feed::Insurance,
            Feed::Medins,
            Feed::Register,
            Feed::Taxpayer,
        ] {
            let host = if feed.is_person() {
                Host::Person(self.told_person(feed))
            } else {
                Host::Enterprise(self.find_enterprise(feed))
            };
            self.take(host, feed);
            let older = self.next(host, feed);
            let newer = self.next(host, feed);
            self.arrive_after(older, newer);
            self.record(older).arrival_ms += (turn as i64 % 5) * DAY_MS / 4;
            self.mark(older, "older_after_newer", true);
        }
    }

    fn stays_that_end_and_stay_open(&mut self, turn: u64) {
        let person = self.new_person();
        let first = self.tell_next(person, Feed::Residence);
        let moment = self.person_moment(person);
        let body = self.record(first).body.clone();
        self.mark(first, "open_ended_stay", false);
        if let Body::Stay(mut stay) = body {
            let today = local_date(moment);
            let days = if turn.is_multiple_of(2) { 0 } else { 30 };
            stay.until = Some(crate::calendar::plus_days(today, days));
            let ended = self.tell(Body::Stay(stay), moment);
            self.mark(
                ended,
                if days == 0 {
                    "stay_ended"
                } else {
                    "stay_that_will_end"
                },
                false,
            );
        }
        self.take_person(person, Feed::Residence);
    }
}

fn sex_of(id: &crate::identifier::ResidentId) -> u8 {
    let digit = id.text().as_bytes().get(16).map_or(0, |byte| byte - b'0');
    if digit % 2 == 1 { 1 } else { 2 }
}

fn birth_of(id: &crate::identifier::ResidentId) -> jiff::civil::Date {
    let part = |range: std::ops::Range<usize>| -> i16 {
        id.text()
            .get(range)
            .and_then(|text| text.parse().ok())
            .expect("numbers of this crate hold a birth date")
    };
    jiff::civil::date(part(6..10), small(part(10..12)), small(part(12..14)))
}
