//! The ten feeds beside the registers: their seeded defects, their stories and their ordinary life.
//!
//! They tell of the people and enterprises that the registers made and come after everything that these tell, with a
//! stream of random numbers for each feed: what the registers send does not depend on them, nor one of them on another.

mod assist;
mod stories;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::LEAST;
use crate::calendar::{DAY_MS, HOUR_MS, local_date, midnight_ms};
use crate::defect::KeyState;
use crate::feed::Feed;
use crate::identifier::Credit;
use crate::random::Random;
use crate::record::{Body, Corrects, Operation, Record};
use crate::sheet::seeds::{self, Seeded};
use crate::sheet::{self, Citizen, Draw, Sheet, Statement, Twist};

/// Ordinary records per 10,000 records of the registers.
const SHARES: [(Feed, u64); 9] = [
    (Feed::Hmt, 60),
    (Feed::Birth, 60),
    (Feed::Marriage, 150),
    (Feed::HousingFund, 1_000),
    (Feed::Enrol, 400),
    (Feed::RealEstate, 200),
    (Feed::Lease, 250),
    (Feed::Dishonest, 60),
    (Feed::Utility, 900),
];
/// Room at the end of the period for what follows a defect.
const ROOM_MS: i64 = 40 * DAY_MS;
/// Less than the months that feeds with a horizon keep.
const KEPT_MS: i64 = 330 * DAY_MS;
/// Rows of an ordinary file, at most.
const FILE_ROWS: u64 = 12;

/// What these feeds are made from.
pub struct Setting<'a> {
    pub seed: u64,
    pub records: u64,
    pub rounds: u64,
    pub start_ms: i64,
    pub last_ms: i64,
    pub citizens: &'a [Citizen],
    pub enterprises: &'a [(Credit, Arc<str>)],
}

/// All records of the ten feeds; `corrects` names records by their place among them.
pub fn further(setting: &Setting<'_>) -> Vec<Record> {
    let mut told = Vec::new();
    let mut files = 0;
    for (feed, share) in SHARES {
        let mut teller = Teller::new(setting, feed, files, told);
        teller.tell_seeds();
        teller.tell_stories();
        teller.live(setting.records * share / 10_000);
        (told, files) = (teller.records, teller.files);
    }
    let mut teller = Teller::new(setting, Feed::Assist, files, told);
    teller.tell_snapshots();
    teller.records
}

/// Whether a feed tells of one thing month after month.
fn is_monthly(feed: Feed) -> bool {
    matches!(feed, Feed::HousingFund | Feed::Utility)
}

/// Tells one feed.
struct Teller<'a> {
    setting: &'a Setting<'a>,
    feed: Feed,
    draw: Draw<'a>,
    records: Vec<Record>,
    /// The last number of a message with many rows.
    files: u32,
    /// Keys of a list that were told of.
    listed: HashSet<Vec<(&'static str, String)>>,
}

/// A statement that was told, and when.
#[derive(Clone)]
struct Told {
    statement: Arc<dyn Statement>,
    at_ms: i64,
}

impl<'a> Teller<'a> {
    fn new(setting: &'a Setting<'a>, feed: Feed, files: u32, records: Vec<Record>) -> Self {
        Self {
            setting,
            feed,
            draw: Draw {
                random: Random::derive(setting.seed, feed.contract(), 0),
                citizens: setting.citizens,
                enterprises: setting.enterprises,
                today: local_date(setting.last_ms),
                number: 0,
            },
            records,
            files,
            listed: HashSet::new(),
        }
    }

    /// A moment in the period that leaves room for what is to follow.
    fn moment(&mut self) -> i64 {
        let last = self.setting.last_ms - ROOM_MS;
        let start = match is_monthly(self.feed) {
            // Months that the feed keeps.
            true => self.setting.last_ms - KEPT_MS,
            false => self.setting.start_ms,
        };
        self.draw.random.between(start, last)
    }

    /// Some days later.
    fn later(&mut self, at_ms: i64) -> i64 {
        at_ms + DAY_MS + self.draw.random.between(HOUR_MS, 4 * DAY_MS)
    }

    fn date(&mut self, at_ms: i64) -> Date {
        self.draw.today = local_date(at_ms);
        self.draw.today
    }

    fn first(&mut self, at_ms: i64) -> Arc<dyn Statement> {
        self.date(at_ms);
        sheet::first(self.feed, &mut self.draw)
    }

    fn changed(&mut self, statement: &Arc<dyn Statement>, at_ms: i64) -> Arc<dyn Statement> {
        self.date(at_ms);
        statement.changed(&mut self.draw)
    }

    /// Adds a record that states something at a time; returns its place.
    fn tell(&mut self, sheet: Sheet, at_ms: i64) -> usize {
        let produced_ms = at_ms + self.draw.random.between(2_000, 1_200_000);
        let day = sheet.statement.day();
        self.records.push(Record {
            body: Body::Sheet(sheet),
            operation: Operation::Upsert,
            time_ms: day.map_or(at_ms, midnight_ms),
            produced_ms,
            arrival_ms: produced_ms,
            sequence: 0,
            defect: None,
            story: None,
            corrects: None,
            salt: self.draw.random.next(),
            pinned: true,
            duplicate: false,
        });
        self.records.len() - 1
    }

    fn tell_sound(&mut self, statement: &Arc<dyn Statement>, at_ms: i64) -> usize {
        self.tell(Sheet::new(Arc::clone(statement)), at_ms)
    }

    fn record(&mut self, index: usize) -> &mut Record {
        let record = self.records.get_mut(index);
        record.expect("only places of records that were told are kept")
    }

    fn mark(&mut self, index: usize, story: &'static str) {
        self.record(index).story = Some(story);
    }

    /// Takes back what a record stated, under the key that it was sent with.
    fn take_back(&mut self, index: usize, operation: Operation, at_ms: i64) -> usize {
        let (body, salt, time_ms) = {
            let record = self.record(index);
            (record.body.clone(), record.salt, record.time_ms)
        };
        let Body::Sheet(mut sheet) = body else {
            unreachable!("these feeds are told by statements")
        };
        sheet.file = None;
        let dated = sheet.statement.day().is_some();
        sheet.seeded = sheet
            .seeded
            .filter(|seeded| seeded.key_state(sheet.statement.feed()) == KeyState::Defective);
        let removal = self.tell(sheet, at_ms);
        let record = self.record(removal);
        (record.operation, record.salt) = (operation, salt);
        if dated {
            record.time_ms = time_ms;
        }
        removal
    }

    fn any_removal(&mut self) -> Operation {
        let forms = [
            Operation::Tombstone,
            Operation::RemovalWithBody,
            Operation::RemovalEmpty,
        ];
        self.draw.random.pick(&forms)
    }

    fn tell_seeds(&mut self) {
        for seeded in seeds::of(self.feed) {
            for turn in 0..LEAST + self.setting.rounds {
                self.tell_seeded(seeded, turn);
            }
        }
    }

    /// A statement into which the defect can be written.
    fn host(&mut self, seeded: &Seeded, at_ms: i64) -> Arc<dyn Statement> {
        self.date(at_ms);
        let draw = &mut self.draw;
        match (self.feed, seeded.kind) {
            (Feed::Hmt, "contradicted_birth") => sheet::hmt::home(draw),
            (Feed::Hmt, "nationality_of_another_document" | "permanent_card_unusable") => {
                sheet::hmt::card(draw)
            }
            (Feed::Hmt, _) => sheet::hmt::permit(draw),
            (Feed::RealEstate, _) => sheet::realestate::couple(draw),
            (Feed::Dishonest, "organisation_unusable" | "persons_and_organisations") => {
                sheet::dishonest::organisation(draw)
            }
            (Feed::Dishonest, _) => sheet::dishonest::person(draw),
            (Feed::Marriage, _) => sheet::marriage::wedding(draw),
            (Feed::Birth, _) => sheet::birth::named(draw),
            _ => sheet::first(self.feed, draw),
        }
    }

    /// One defect, and what comes after it: a good record, a withdrawal or nothing, as the turn says.
    fn tell_seeded(&mut self, seeded: &'static Seeded, turn: u64) {
        let at_ms = self.moment();
        let right = self.host(seeded, at_ms);
        let statement = match &seeded.how {
            seeds::How::Twists(twist) => right.twisted(*twist),
            _ => Arc::clone(&right),
        };
        let bad = self.tell(
            Sheet {
                seeded: Some(seeded),
                ..Sheet::new(statement)
            },
            at_ms,
        );
        // Nobody is told of what is repaired or only observed, and nothing follows a time that lies in the future.
        let issues = seeded.rules.iter().any(|rule| !rule.observes());
        if !issues || seeded.comes_from_the_future(self.feed) {
            return;
        }
        let at_ms = self.later(at_ms);
        let state = seeded.key_state(self.feed);
        match (turn % 3, state) {
            (0, KeyState::Sound) => {
                let good = self.tell_sound(&right, at_ms);
                self.mark(good, "corrected_under_the_same_key");
            }
            (0, _) => {
                let good = self.tell_sound(&right, at_ms);
                self.mark(good, "corrected_by_header");
                self.record(good).corrects = Some(Corrects::Right(bad));
            }
            // Without an order nothing can be said to come after it.
            (1, KeyState::Sound) if !seeded.lacks_order() => {
                let operation = self.any_removal();
                let removal = self.take_back(bad, operation, at_ms);
                self.mark(removal, "withdrawn_after_a_defect");
            }
            (1, KeyState::Defective) if self.can_be_removed(seeded) => {
                let operation = self.any_removal();
                let removal = self.take_back(bad, operation, at_ms);
                self.mark(removal, "removal_of_the_bad_key");
            }
            _ => {}
        }
    }

    /// Whether the key of the defect can also be read out of a message key.
    fn can_be_removed(&self, seeded: &Seeded) -> bool {
        let period_lost = matches!(seeded.kind, "key_of_no_month" | "period_to_come");
        !period_lost && !is_monthly(self.feed)
    }

    /// Ordinary life: first statements and changes, in feeds of periods month after month and many in a message.
    fn live(&mut self, wanted: u64) {
        let end = self.records.len() + usize::try_from(wanted).unwrap_or(usize::MAX);
        if is_monthly(self.feed) {
            return self.live_by_months(wanted);
        }
        while self.records.len() < end {
            let at_ms = self.moment();
            let statement = self.first(at_ms);
            self.tell_sound(&statement, at_ms);
            let mut told = Told { statement, at_ms };
            while self.draw.random.chance(4_000) && told.at_ms + 60 * DAY_MS < self.setting.last_ms
            {
                let at_ms = self.later(told.at_ms);
                let statement = self.changed(&told.statement, at_ms);
                self.tell_sound(&statement, at_ms);
                told = Told { statement, at_ms };
            }
        }
    }

    fn live_by_months(&mut self, wanted: u64) {
        const MONTHS: i64 = 10;
        let begin_ms = self.setting.last_ms - (MONTHS + 1) * 31 * DAY_MS;
        let accounts = wanted / MONTHS.unsigned_abs() + 1;
        let mut held: Vec<Arc<dyn Statement>> = Vec::new();
        // One account a person: of two statements of one moment nothing would say which counts.
        let mut owners = HashSet::new();
        // A small city has fewer people than accounts are wanted.
        for _ in 0..accounts * 4 {
            if held.len() as u64 == accounts {
                break;
            }
            let statement = self.first(begin_ms);
            let owner = statement.says(self.draw.today, None);
            let owner = owner.into_iter().next().map(|said| said.number);
            if self.feed == Feed::Utility || owners.insert(owner) {
                held.push(statement);
            }
        }
        for month in 0..MONTHS {
            let mut at_ms = begin_ms + month * 31 * DAY_MS;
            let mut rest = held.as_slice();
            while !rest.is_empty() {
                let rows = 1 + self
                    .draw
                    .random
                    .place(usize::try_from(FILE_ROWS).unwrap_or(1));
                let (file, others) = rest.split_at(rows.min(rest.len()));
                let again = self.draw.random.chance(300);
                self.tell_file(file, at_ms, again);
                at_ms += 60_000;
                rest = others;
            }
            held = held.iter().map(|one| self.changed(one, at_ms)).collect();
        }
    }

    /// Many statements in one message; `again`: it comes twice.
    fn tell_file(&mut self, statements: &[Arc<dyn Statement>], at_ms: i64, again: bool) {
        self.files += 1;
        let file = Some(self.files);
        let mut times: Option<(i64, i64)> = None;
        for statement in statements {
            let sheet = Sheet {
                file,
                ..Sheet::new(Arc::clone(statement))
            };
            let told = self.tell(sheet, at_ms);
            let record = self.record(told);
            let (produced_ms, arrival_ms) =
                *times.get_or_insert((record.produced_ms, record.arrival_ms));
            (record.produced_ms, record.arrival_ms) = (produced_ms, arrival_ms);
            record.duplicate = again;
        }
    }
}
