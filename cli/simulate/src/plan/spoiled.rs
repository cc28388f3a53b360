//! The story of one defect: the bad record and what comes after it.
//!
//! What follows depends on the turn, so that of every defect some are corrected under the same key or with `corrects`,
//! some are withdrawn and some are left as they are. Situations whose result the published rules leave open are not told:
//! a record without an order only opens a key, and nothing follows a record whose order lies in the future.

use super::people::Needs;
use super::{LEAST, Planner};
use crate::calendar::plus_days;
use crate::defect::{Defect, Effect, KeyState, effect};
use crate::feed::Feed;
use crate::gazetteer::NameKind;
use crate::random::variant;
use crate::record::{Body, Cell, Corrects, Operation};

/// The subject of a story.
#[derive(Clone, Copy)]
pub enum Host {
    Person(usize),
    Enterprise(usize),
}

impl Planner {
    /// Tells every defect in every feed that can show it, as often as the mix of the city wants.
    pub(super) fn tell_defects(&mut self) {
        for defect in Defect::ALL {
            if defect == Defect::Oversized && !self.settings.oversized {
                continue;
            }
            let feeds: Vec<Feed> = Feed::REGISTERS
                .into_iter()
                .filter(|feed| effect(*feed, defect).is_some())
                .collect();
            let wanted = self.settings.records * defect.share() / 10_000;
            let turns = (wanted / feeds.len().max(1) as u64).max(LEAST + self.rounds());
            for feed in feeds {
                let Some(effect) = effect(feed, defect) else {
                    continue;
                };
                // These two also show a record that leaves the failed field out, on every fourth turn.
                let shows_silence = matches!(
                    (feed, defect),
                    (Feed::Hukou, Defect::WrongSex) | (Feed::Medins, Defect::UnknownCode)
                );
                let turns = if shows_silence { turns.max(10) } else { turns };
                for turn in 0..turns {
                    self.tell_defect(feed, defect, effect, turn);
                }
            }
        }
    }

    /// How often rare things happen beyond the minimum: once more for each 20,000 records.
    pub(super) fn rounds(&self) -> u64 {
        self.settings.records / 20_000
    }

    fn tell_defect(&mut self, feed: Feed, defect: Defect, effect: Effect, turn: u64) {
        if matches!(
            defect,
            Defect::MissingOrder | Defect::MissingOrderHeader | Defect::RemovalWithoutOrder
        ) {
            return self.tell_without_order(feed, defect, turn);
        }
        let host = self.find_host(feed, defect);
        let bad = self.tell_spoiled(host, feed, defect);
        if effect.check.is_none() {
            return;
        }
        self.take(host, feed);
        self.record(bad).pinned = true;
        match defect.key_state(feed) {
            _ if defect == Defect::FutureOrder => {}
            KeyState::Sound => self.after_sound_key(host, feed, bad, turn),
            state => self.after_bad_key(host, feed, bad, state, turn),
        }
    }

    fn find_host(&mut self, feed: Feed, defect: Defect) -> Host {
        if !feed.is_person() {
            return Host::Enterprise(self.find_enterprise(feed));
        }
        Host::Person(self.find_person(Needs {
            check_x: matches!(defect, Defect::IdLowerCaseX | Defect::IdLookAlikeX),
            born_before_2000: defect == Defect::IdFifteenDigits,
            name: match defect {
                Defect::NameDotVariant => Some(NameKind::Dotted),
                Defect::NamePrivateUseRepaired => Some(NameKind::Rare),
                _ => None,
            },
            feed: Some(feed),
        }))
    }

    pub(super) fn take(&mut self, host: Host, feed: Feed) {
        match host {
            Host::Person(index) => self.take_person(index, feed),
            Host::Enterprise(index) => self.take_enterprise(index, feed),
        }
    }

    pub(super) fn moment(&mut self, host: Host) -> i64 {
        match host {
            Host::Person(index) => self.person_moment(index),
            Host::Enterprise(index) => self.enterprise_moment(index),
        }
    }

    pub(super) fn next(&mut self, host: Host, feed: Feed) -> usize {
        match host {
            Host::Person(index) => self.tell_next(index, feed),
            Host::Enterprise(index) => self.tell_enterprise(index, feed),
        }
    }

    /// A record with the defect; its facts are made such that the defect can show.
    fn tell_spoiled(&mut self, host: Host, feed: Feed, defect: Defect) -> usize {
        let index = match (host, feed) {
            // A patch that states the number and everything else, so that any of its fields can be spoiled.
            (Host::Person(person), Feed::Medins) => self.tell_whole_patch(person),
            _ => self.next(host, feed),
        };
        let salt = self.random.next();
        let mut body = self.record(index).body.clone();
        prepare(&mut body, defect, salt);
        if let (Body::Register(body), Host::Enterprise(enterprise)) = (&mut body, host)
            && matches!(
                defect,
                Defect::CreditBadCheck
                    | Defect::CreditUnknownAuthority
                    | Defect::CreditLetterO
                    | Defect::CreditLowerCase
            )
        {
            body.credit = Some(self.enterprise(enterprise).credit);
        }
        let record = self.record(index);
        record.body = body;
        record.defect = Some(defect);
        index
    }

    fn tell_whole_patch(&mut self, person: usize) -> usize {
        let moment = self.person_moment(person);
        let state = self.person(person).clone();
        let Some(account) = state.accounts.last() else {
            let body = self.new_account(person, moment, "310");
            return self.tell(Body::Medins(body), moment);
        };
        let body = crate::record::Medins {
            number: account.number,
            kind: account.kind,
            id: Some(state.id),
            birth: Some(state.birth),
            status: Cell::Value("1"),
            since: Cell::Value(account.since),
            paid_through: Cell::Value(account.paid_through),
        };
        self.tell(Body::Medins(body), moment)
    }

    /// The next good version under the key of the bad record.
    fn same_key_again(&mut self, host: Host, bad: usize) -> usize {
        let moment = self.moment(host);
        let original = self.record(bad).body.clone();
        let mut body = original;
        let defect = self.record(bad).defect;
        restore(&mut body, defect, self.host_facts(host));
        let index = self.tell(body, moment);
        self.record(index).pinned = true;
        index
    }

    fn host_facts(&mut self, host: Host) -> Option<(std::sync::Arc<str>, u8, jiff::civil::Date)> {
        match host {
            Host::Person(index) => {
                let person = self.person(index);
                Some((person.name.clone(), person.sex, person.birth))
            }
            Host::Enterprise(_) => None,
        }
    }

    /// A record that fails, fails again later, is put right and fails once more.
    pub(super) fn fails_again_and_after_its_correction(&mut self) {
        let (feed, defect) = (Feed::Hukou, Defect::UnknownCode);
        let host = self.find_host(feed, defect);
        let first = self.tell_spoiled(host, feed, defect);
        self.take(host, feed);
        self.record(first).pinned = true;
        let again = self.same_key_again(host, first);
        self.spoil(again, defect);
        self.mark(again, "fails_again", true);
        let good = self.same_key_again(host, first);
        self.mark(good, "corrected_under_the_same_key", true);
        let last = self.same_key_again(host, first);
        self.spoil(last, defect);
        self.mark(last, "fails_after_its_correction", true);
    }

    fn after_sound_key(&mut self, host: Host, feed: Feed, bad: usize, turn: u64) {
        let defect = self.record(bad).defect;
        match turn % 4 {
            0 => {
                let good = self.same_key_again(host, bad);
                self.mark(good, "corrected_under_the_same_key", true);
            }
            1 if defect == Some(Defect::WrongSex) && feed == Feed::Hukou => {
                // A full record that leaves the field out, where it may not be empty, closes nothing.
                let index = self.same_key_again(host, bad);
                self.spoil(index, Defect::MissingRequired);
                self.mark(index, "leaves_the_failed_field_out", true);
            }
            1 if defect == Some(Defect::UnknownCode) && feed == Feed::Medins => {
                let index = self.same_key_again(host, bad);
                if let Body::Medins(body) = &mut self.record(index).body {
                    body.status = Cell::Absent;
                }
                self.mark(index, "leaves_the_failed_field_out", true);
            }
            2 => {
                let operation = self.any_removal(feed, turn);
                let moment = self.moment(host);
                let removal = self.take_back(bad, operation, moment);
                self.mark(removal, "withdrawn_after_a_defect", true);
                self.after_withdrawal(host, feed);
            }
            3 if feed != Feed::Penalty => {
                // A good record that is older than the bad one and comes after it closes nothing.
                let good = self.same_key_again(host, bad);
                let (bad_time, bad_produced) = {
                    let record = self.record(bad);
                    (record.time_ms, record.produced_ms)
                };
                let day = crate::calendar::DAY_MS;
                let record = self.record(good);
                record.time_ms = bad_time - day;
                record.produced_ms = bad_produced - day;
                if let Body::Death(body) = &mut record.body {
                    body.at_ms -= day;
                }
                self.mark(good, "older_good_after_bad", true);
                self.open_sound.push(bad);
            }
            _ => self.open_sound.push(bad),
        }
    }

    /// The state that agencies hold after a withdrawal: nothing.
    fn after_withdrawal(&mut self, host: Host, feed: Feed) {
        let Host::Person(index) = host else { return };
        let person = self.person(index);
        match feed {
            Feed::Death => person.dead = false,
            Feed::Hukou => person.hukou = None,
            _ => {}
        }
    }

    pub(super) fn any_removal(&mut self, feed: Feed, turn: u64) -> Operation {
        let forms = [
            Operation::Tombstone,
            Operation::RemovalWithBody,
            Operation::RemovalEmpty,
        ];
        match feed {
            Feed::Insurance => Operation::RemovalWithBody,
            Feed::Penalty => variant(&[Operation::RemovalEmpty, Operation::Tombstone], turn),
            _ => self.random.pick(&forms),
        }
    }

    fn after_bad_key(&mut self, host: Host, feed: Feed, bad: usize, state: KeyState, turn: u64) {
        let correct = matches!(turn % 4, 0 | 3);
        if correct {
            let good = self.same_key_again(host, bad);
            self.mark(good, "corrected_by_header", true);
            self.corrects(good, Corrects::Right(bad));
        }
        if matches!(turn % 4, 2 | 3) && state == KeyState::Defective {
            let moment = self.moment(host);
            let operation = self.any_removal(feed, turn);
            let removal = self.take_back(bad, operation, moment);
            self.mark(removal, "removal_of_the_bad_key", true);
        } else if !correct {
            self.open_defective.push(bad);
        }
    }

    /// A record without an order is the first of its key; a good one may follow.
    fn tell_without_order(&mut self, feed: Feed, defect: Defect, turn: u64) {
        let host = if feed.is_person() {
            Host::Person(self.add_person(None, false))
        } else {
            Host::Enterprise(self.add_enterprise(false))
        };
        let bad = self.tell_spoiled(host, feed, defect);
        self.take(host, feed);
        self.record(bad).pinned = true;
        if defect == Defect::RemovalWithoutOrder {
            let operation = if turn.is_multiple_of(2) {
                Operation::Tombstone
            } else {
                Operation::RemovalEmpty
            };
            self.record(bad).operation = operation;
        }
        if turn.is_multiple_of(2) {
            let good = self.same_key_again(host, bad);
            self.mark(good, "corrected_under_the_same_key", true);
        } else {
            self.open_sound.push(bad);
        }
    }
}

/// Gives the facts what the defect needs to show, or the wrong but usable value that it leaves.
fn prepare(body: &mut Body, defect: Defect, salt: u64) {
    let garbled = |name: &str| -> Option<std::sync::Arc<str>> {
        let first: String = name.chars().take(1).collect();
        match defect {
            Defect::NamePrivateUse => Some(
                format!(
                    "{first}{}",
                    variant(&['\u{E79F}', '\u{E001}', '\u{E5E5}'], salt)
                )
                .into(),
            ),
            Defect::NameMojibake => {
                Some(format!("{first}{}", variant(&["锟斤拷", "\u{FFFD}\u{FFFD}"], salt)).into())
            }
            _ => None,
        }
    };
    match body {
        Body::Hukou(body) => {
            body.name = garbled(&body.name).unwrap_or_else(|| body.name.clone());
            contradict(defect, salt, &mut body.sex, &mut body.birth);
            if defect == Defect::PrivateCode {
                body.marital = variant(&["10", "20", "40"], salt);
            }
        }
        Body::Insurance(body) => {
            body.name = garbled(&body.name).unwrap_or_else(|| body.name.clone());
            contradict(defect, salt, &mut body.sex, &mut body.birth);
        }
        Body::Stay(body) => body.name = garbled(&body.name).unwrap_or_else(|| body.name.clone()),
        Body::Death(body) => body.name = garbled(&body.name).unwrap_or_else(|| body.name.clone()),
        Body::Medins(body) => {
            if let (Defect::WrongBirthDate, Some(birth)) = (defect, &mut body.birth) {
                *birth = plus_days(*birth, 1 + (salt % 300) as i64);
            }
        }
        Body::Register(body) => {
            body.representative =
                garbled(&body.representative).unwrap_or_else(|| body.representative.clone());
            prepare_register(body, defect, salt);
        }
        Body::Penalty(body) if defect == Defect::BracketVariant => {
            body.name = bracketed(&body.name)
        }
        Body::Taxpayer(body) if defect == Defect::BracketVariant => {
            body.name = bracketed(&body.name)
        }
        // Without its number and its credit code a taxpayer would lack a subject too.
        Body::Taxpayer(body) if matches!(defect, Defect::CreditBadCheck | Defect::MissingKey) => {
            body.states_credit = true;
        }
        Body::Taxpayer(body) if defect == Defect::UnknownCode => {
            body.credit_level = body.credit_level.or(Some((2024, "B")));
        }
        Body::Penalty(_) | Body::Taxpayer(_) | Body::Sheet(_) => {}
    }
}

fn prepare_register(body: &mut crate::record::Register, defect: Defect, salt: u64) {
    match defect {
        Defect::BracketVariant => body.name = bracketed(&body.name),
        Defect::CapitalOddDecimals => {
            body.capital_cents = body.capital_cents / 1_000_000 * 1_000_000 + 333_333
        }
        Defect::CapitalWithUnit => {
            body.capital_cents = body.capital_cents / 1_000_000 * 1_000_000 + 1_000_000;
            body.currency = "CNY";
        }
        Defect::EnterpriseTypeName => body.entity_type = "1130",
        Defect::PrivateCode => body.status = variant(&["1", "2", "3"], salt),
        _ => {}
    }
}

fn bracketed(name: &str) -> std::sync::Arc<str> {
    if name.contains('(') {
        name.into()
    } else {
        name.replace("有限公司", "(集团)有限公司").into()
    }
}

fn contradict(defect: Defect, salt: u64, sex: &mut u8, birth: &mut jiff::civil::Date) {
    match defect {
        Defect::WrongSex => *sex = 3 - *sex,
        Defect::WrongBirthDate => *birth = plus_days(*birth, 1 + (salt % 300) as i64),
        _ => {}
    }
}

/// Puts the true facts back where the defect had changed them.
fn restore(
    body: &mut Body,
    defect: Option<Defect>,
    facts: Option<(std::sync::Arc<str>, u8, jiff::civil::Date)>,
) {
    if let Some((name, sex, birth)) = facts {
        match body {
            Body::Hukou(body) => (body.name, body.sex, body.birth) = (name, sex, birth),
            Body::Insurance(body) => (body.name, body.sex, body.birth) = (name, sex, birth),
            Body::Stay(body) => body.name = name,
            Body::Death(body) => body.name = name,
            Body::Medins(body) => body.birth = body.birth.map(|_| birth),
            Body::Register(_) | Body::Penalty(_) | Body::Taxpayer(_) | Body::Sheet(_) => {}
        }
    }
    if let (Body::Register(body), Some(Defect::NamePrivateUse | Defect::NameMojibake)) =
        (body, defect)
    {
        body.representative = "陈建华".into();
    }
}
