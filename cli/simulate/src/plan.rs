//! The city's life as a list of records: who exists, what happens, what goes wrong and when it is told.
//!
//! The plan knows facts and defects and nothing of bytes. Its parts: `people` and `enterprises` make subjects and their
//! next versions, `spoiled` tells the story of one defect, `tales` the stories that need several records, `routine` fills
//! up with ordinary life, `headers` names wrong issues, `arrange` decides the order of arrival and the coordinates.

pub mod arrange;
mod enterprises;
mod further;
mod headers;
mod people;
mod routine;
mod spoiled;
mod tales;

use crate::calendar::{DAY_MS, HOUR_MS};
use crate::defect::Defect;
use crate::feed::Feed;
use crate::plan::enterprises::Enterprise;
use crate::plan::people::Person;
use crate::random::{Random, small};
use crate::record::{Body, Corrects, Operation, Record};
use crate::sheet::Citizen;

/// Days of the simulated period.
const PERIOD_DAYS: i64 = 400;
/// Time kept free before the end for latencies, late deliveries and repeats.
const MARGIN_MS: i64 = 5 * DAY_MS;
/// Each kind of defect and story occurs at least this often in a city of any size.
const LEAST: u64 = 3;

/// What the city is made from.
#[derive(Clone, Copy)]
pub struct PlanSettings {
    pub seed: u64,
    pub records: u64,
    pub subjects: Option<u64>,
    pub end_ms: i64,
    pub oversized: bool,
}

/// The plan while it is made.
pub struct Planner {
    settings: PlanSettings,
    random: Random,
    people: Vec<Person>,
    enterprises: Vec<Enterprise>,
    records: Vec<Record>,
    resident_ids: std::collections::HashSet<crate::identifier::ResidentId>,
    /// The next number of certificates, accounts and documents.
    counter: u64,
    cursor: usize,
    /// Records whose issues stay open, for headers that name the wrong one.
    open_defective: Vec<usize>,
    open_sound: Vec<usize>,
    start_ms: i64,
    last_ms: i64,
}

/// Makes the records of a city.
pub fn plan(settings: PlanSettings) -> Vec<Record> {
    let last_ms = settings.end_ms - MARGIN_MS;
    let mut planner = Planner {
        settings,
        random: Random::derive(settings.seed, "city", 0),
        people: Vec::new(),
        enterprises: Vec::new(),
        records: Vec::with_capacity(small(settings.records)),
        resident_ids: std::collections::HashSet::new(),
        counter: 0,
        cursor: 0,
        open_defective: Vec::new(),
        open_sound: Vec::new(),
        start_ms: last_ms - PERIOD_DAYS * DAY_MS,
        last_ms,
    };
    planner.settle();
    planner.tell_defects();
    planner.tell_tales();
    planner.fill();
    planner.tell_further();
    planner.number();
    planner.records
}

impl Planner {
    /// Makes the subjects and their first records: enterprises first, because people work there.
    fn settle(&mut self) {
        let subjects = self
            .settings
            .subjects
            .unwrap_or(self.settings.records / 5)
            .max(250);
        for _ in 0..(subjects / 5).max(60) {
            self.add_enterprise(true);
        }
        for _ in 0..subjects * 4 / 5 {
            self.add_person(None, true);
        }
    }

    /// The feeds beside the registers, about the people and enterprises that there are by now.
    fn tell_further(&mut self) {
        let citizens = self.people.iter().map(|person| Citizen {
            id: person.id,
            name: person.name.clone(),
            name_kind: person.name_kind,
            sex: person.sex,
            birth: person.birth,
        });
        let enterprises = self.enterprises.iter();
        let enterprises = enterprises.map(|one| (one.credit, one.name.clone()));
        let told = further::further(&further::Setting {
            seed: self.settings.seed,
            records: self.settings.records,
            rounds: self.rounds(),
            start_ms: self.start_ms,
            last_ms: self.last_ms,
            citizens: &citizens.collect::<Vec<_>>(),
            enterprises: &enterprises.collect::<Vec<_>>(),
        });
        let before = self.records.len();
        self.records.extend(told.into_iter().map(|mut record| {
            if let Some(Corrects::Right(place)) = &mut record.corrects {
                *place += before;
            }
            record
        }));
    }

    /// A number that no other certificate, account or document has.
    fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A moment early in the period, at which a subject is first told of.
    fn first_moment(&mut self) -> i64 {
        let span = self.last_ms - self.start_ms;
        self.start_ms + self.random.between(0, span * 2 / 5)
    }

    /// The next moment in a subject's life: at least an hour later, with room for what else is to come.
    fn later(&mut self, clock_ms: i64) -> i64 {
        let rest = (self.last_ms - clock_ms).max(0);
        clock_ms + HOUR_MS + self.random.between(1_000, (rest / 7).max(2_000))
    }

    /// Adds a record that states `body` at `time_ms`; returns its index.
    fn tell(&mut self, body: Body, time_ms: i64) -> usize {
        let produced_ms = time_ms + self.random.between(2_000, 1_200_000);
        let precise_ms = match body.feed() {
            Feed::Hukou | Feed::Medins => time_ms.div_euclid(1_000) * 1_000,
            Feed::Taxpayer => crate::calendar::midnight_ms(crate::calendar::local_date(time_ms)),
            _ => time_ms,
        };
        let time_ms = match &body {
            Body::Penalty(penalty) => crate::calendar::midnight_ms(penalty.date),
            _ => precise_ms,
        };
        self.records.push(Record {
            body,
            operation: Operation::Upsert,
            time_ms,
            produced_ms,
            arrival_ms: produced_ms,
            sequence: 0,
            defect: None,
            story: None,
            corrects: None,
            salt: self.random.next(),
            pinned: false,
            duplicate: false,
        });
        self.records.len() - 1
    }

    /// The record of an index that [`Planner::tell`] returned.
    fn record(&mut self, index: usize) -> &mut Record {
        self.records
            .get_mut(index)
            .expect("the planner only keeps indices of records that it made")
    }

    /// Marks a record as part of a story.
    fn mark(&mut self, index: usize, story: &'static str, pinned: bool) {
        let record = self.record(index);
        record.story = Some(story);
        record.pinned |= pinned;
    }

    fn spoil(&mut self, index: usize, defect: Defect) {
        self.record(index).defect = Some(defect);
    }

    /// Takes back what the record of `index` stated: the same key, written in the same way.
    fn take_back(&mut self, index: usize, operation: Operation, time_ms: i64) -> usize {
        let original = self.record(index).clone();
        let removal = self.tell(original.body, time_ms);
        let record = self.record(removal);
        record.operation = operation;
        record.defect = original.defect.filter(|defect| {
            defect.key_state(record.body.feed()) == crate::defect::KeyState::Defective
        });
        record.salt = original.salt;
        record.pinned = true;
        removal
    }

    fn corrects(&mut self, index: usize, corrects: Corrects) {
        let record = self.record(index);
        record.corrects = Some(corrects);
        record.pinned = true;
    }

    /// Gives every record the counter of its source, in the order in which the source made them.
    fn number(&mut self) {
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        order.sort_by_key(|index| {
            (
                self.records
                    .get(*index)
                    .map_or(0, |record| record.produced_ms),
                *index,
            )
        });
        let mut next = [1_000_u64; Feed::ALL.len()];
        let mut file = None;
        for index in order {
            let record = self.record(index);
            let slot = next
                .get_mut(record.feed().index())
                .expect("every feed has a counter");
            // Rows of one message share its headers.
            let same = record.sheet().and_then(|sheet| sheet.file);
            *slot += u64::from(same.is_none() || same != file);
            file = same;
            record.sequence = *slot;
        }
    }
}
