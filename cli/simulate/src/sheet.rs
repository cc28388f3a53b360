//! Records of the ten feeds beside the registers: what an agency states, what is wrong with it, and how it travels.
//!
//! Each feed is one file below: facts, the fields in which its agency writes them, what they say of whom, and the kinds
//! of defects of `docs/quality.md` that it shows. Everything else is generic: spoiling and writing (`render`), planning
//! (`plan::further`) and the truth. No type here has `Debug`, because all of them hold values.

pub mod assist;
pub mod birth;
pub mod dishonest;
pub mod enrol;
pub mod hmt;
pub mod housing_fund;
pub mod lease;
pub mod marriage;
pub mod realestate;
pub mod seeds;
pub mod utility;

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::calendar::{month_of, plus_days};
use crate::defect::{KeyState, Outcome};
use crate::feed::Feed;
use crate::gazetteer::NameKind;
use crate::identifier::{Credit, ResidentId};
use crate::issue_id::IdKey;
use crate::random::Random;
use crate::render::Fields;
use seeds::{Left, Seeded};

/// What one feed states in one record, before anything is spoiled or serialised.
pub trait Statement: Send + Sync {
    /// The feed that carries it.
    fn feed(&self) -> Feed;
    /// The fields of the record key with their canonical values.
    fn key(&self) -> Vec<(&'static str, String)>;
    /// The fields as the agency writes them; `salt` chooses among its spellings.
    fn fields(&self, salt: u64) -> Fields;
    /// Puts fields of elements, which are spoiled one by one, into their list.
    fn nest(&self, _fields: &mut Fields) {}
    /// What it says of each subject. `today`: the day of the statement; `key`: of the lake, for tokens.
    fn says(&self, today: Date, key: Option<&IdKey>) -> Vec<Said>;
    /// The next version under the same key, or the next period of the same thing.
    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement>;
    /// The same with other facts, such that a rule over several fields fails; itself where a feed has none of the kind.
    fn twisted(&self, twist: Twist) -> Arc<dyn Statement>;
    /// The day that dates the statement where a field does that, not a header.
    fn day(&self) -> Option<Date> {
        None
    }
    /// Year × 100 + month of its period, in feeds that keep a number of months.
    fn period(&self) -> Option<u32> {
        None
    }
}

/// Ways in which facts contradict one another, though each of them can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    /// Both parties have one number.
    OneNumber,
    /// The parties stand in each other's place.
    Exchanged,
    /// The second party is left out.
    Alone,
    /// The number of one business with the other business.
    OtherBusiness,
    /// The other sex than the number says.
    OtherSex,
    /// A day after the birth that the number says.
    OtherBirth,
    /// The same period with another quantity.
    OtherQuantity,
}

/// What a statement says of one subject.
pub struct Said {
    /// Class of the identifier; only strong ones have rows.
    pub class: &'static str,
    pub number: String,
    /// The field that holds the identifier: without it the subject is not named.
    pub field: &'static str,
    pub cells: Vec<SaidCell>,
}

/// A part of a value: its name (empty for a whole column), the field that it comes from (empty for a constant), the value.
pub type Part = (&'static str, &'static str, Value);

/// One cell, or one element of a list.
pub enum SaidCell {
    /// A column with its value.
    Column(&'static str, Part),
    /// A column of several parts, with what ranks it before the time of the statement.
    Struct(&'static str, i64, Vec<Part>),
    /// An element of a list column by its key.
    Element(&'static str, String, Vec<Part>),
}

/// A record of these feeds.
#[derive(Clone)]
pub struct Sheet {
    pub statement: Arc<dyn Statement>,
    /// What is wrong with it.
    pub seeded: Option<&'static Seeded>,
    /// Rows of one message share a number.
    pub file: Option<u32>,
    pub snapshot: Option<Snapshot>,
}

/// Where a row or marker stands among the snapshots of its feed.
#[derive(Clone, Copy)]
pub struct Snapshot {
    pub number: u64,
    /// Set for the message that closes the snapshot: the rows that it states, and whether these can be believed.
    pub marker: Option<Marker>,
}

/// The message that closes a snapshot.
#[derive(Clone, Copy)]
pub struct Marker {
    pub rows: u64,
    /// Why it closes nothing, as a kind of defect.
    pub refused: Option<&'static str>,
}

impl Sheet {
    /// A sound statement in a message of its own.
    pub fn new(statement: Arc<dyn Statement>) -> Self {
        Self {
            statement,
            seeded: None,
            file: None,
            snapshot: None,
        }
    }

    /// Whether it is the message that closes a snapshot.
    pub fn marker(&self) -> Option<Marker> {
        self.snapshot?.marker
    }

    /// The record key in canonical text, where a field cannot be normalized as sent; none if no key can be read.
    pub fn key(&self, salt: u64) -> Option<Vec<String>> {
        if self.marker().is_some() {
            return Some(vec![String::new()]);
        }
        let Some(seeded) = self.seeded else {
            return Some(values(self.statement.key()));
        };
        match seeded.key_state(self.statement.feed()) {
            KeyState::Absent => None,
            KeyState::Sound => Some(values(self.statement.key())),
            KeyState::Defective => {
                let sent = crate::render::sheet::spoiled_fields(self, salt);
                let part = |(field, canonical): (&'static str, String)| match seeded.left(field) {
                    None | Some(Left::Same) => canonical,
                    Some(Left::Is(text)) => text.to_owned(),
                    Some(_) => sent.text(field).trim().to_owned(),
                };
                Some(self.statement.key().into_iter().map(part).collect())
            }
        }
    }

    /// The verdict on an upsert.
    pub fn outcome(&self) -> Outcome {
        if self.marker().is_some() {
            return Outcome::Control;
        }
        self.seeded
            .map_or(Outcome::Accepted, |seeded| seeded.outcome)
    }

    /// What the record says of each subject that it names after all, with what its defect leaves of the cells.
    pub fn says(&self, salt: u64, today: Date, key: Option<&IdKey>) -> Vec<Said> {
        let mut said = self.statement.says(today, key);
        let Some(seeded) = self.seeded else {
            return said;
        };
        said.retain(|said| !matches!(seeded.left(said.field), Some(Left::Lost)));
        let sent = crate::render::sheet::spoiled_fields(self, salt);
        for said in &mut said {
            said.cells.retain_mut(|cell| match cell {
                SaidCell::Column(column, part) => {
                    let name = *column;
                    keep(seeded, &sent, name, part)
                }
                SaidCell::Struct(_, _, parts) | SaidCell::Element(_, _, parts) => {
                    parts.retain_mut(|part| {
                        let name = part.0;
                        keep(seeded, &sent, name, part)
                    });
                    // Constants only go with what the record states.
                    parts.iter().any(|(_, field, _)| !field.is_empty())
                }
            });
        }
        said
    }
}

/// Puts what is left of a part; false where nothing is.
fn keep(seeded: &Seeded, sent: &Fields, name: &str, (_, field, value): &mut Part) -> bool {
    match seeded.left(field) {
        None | Some(Left::Same) => true,
        Some(Left::Lost) => false,
        Some(Left::Text) => {
            *value = json!(sent.text(field).trim());
            true
        }
        Some(Left::Is(text)) => {
            *value = json!(text);
            true
        }
        Some(Left::Integer(number)) => {
            *value = json!(number);
            true
        }
        Some(Left::Names(repaired, raw)) => {
            *value = json!(if name == "name_raw" { raw } else { repaired });
            true
        }
    }
}

fn values(key: Vec<(&'static str, String)>) -> Vec<String> {
    key.into_iter().map(|(_, value)| value).collect()
}

/// A person as far as further agencies know it.
#[derive(Clone)]
pub struct Citizen {
    pub id: ResidentId,
    pub name: Arc<str>,
    pub name_kind: NameKind,
    pub sex: u8,
    pub birth: Date,
}

/// What statements are drawn from: a stream of numbers of their own, and who there is.
pub struct Draw<'a> {
    pub random: Random,
    pub citizens: &'a [Citizen],
    pub enterprises: &'a [(Credit, Arc<str>)],
    /// The day of the statement.
    pub today: Date,
    pub number: u64,
}

impl Draw<'_> {
    /// A number that no other statement of the feed has.
    pub fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// A person who fits; the last one tried where nobody of many does.
    pub fn citizen(&mut self, fits: impl Fn(&Citizen) -> bool) -> Citizen {
        let mut found = 0;
        for _ in 0..400 {
            found = self.random.place(self.citizens.len());
            if self.citizens.get(found).is_some_and(&fits) {
                break;
            }
        }
        let citizen = self.citizens.get(found).or(self.citizens.first());
        citizen.expect("a city has people").clone()
    }

    /// A grown-up of a sex with a name that every encoding can hold.
    pub fn adult(&mut self, sex: Option<u8>) -> Citizen {
        self.citizen(|citizen| {
            citizen.birth.year() < 2000
                && citizen.name_kind == NameKind::Usual
                && sex.is_none_or(|sex| sex == citizen.sex)
        })
    }

    /// A credit code and the name that goes with it.
    pub fn enterprise(&mut self) -> (Credit, Arc<str>) {
        let place = self.random.place(self.enterprises.len());
        let found = self.enterprises.get(place);
        found.expect("a city has enterprises").clone()
    }

    /// A day before the statement.
    pub fn day_before(&mut self, most: i64) -> Date {
        plus_days(self.today, -self.random.between(1, most))
    }

    /// The month before the statement.
    pub fn month_before(&self) -> u32 {
        months_after(month_of(self.today), -1)
    }
}

/// A month some months away; year × 100 + month.
pub fn months_after(month: u32, months: i64) -> u32 {
    let count = i64::from(month / 100) * 12 + i64::from(month % 100) - 1 + months;
    crate::random::small(count.div_euclid(12) * 100 + count.rem_euclid(12) + 1)
}

/// `yyyy-MM` of a month.
pub fn month_text(month: u32) -> String {
    format!("{:04}-{:02}", month / 100, month % 100)
}

/// Name and name as sent.
pub fn name_cells(name: &str, field: &'static str) -> [SaidCell; 2] {
    [
        SaidCell::Column("name", ("", field, json!(name))),
        SaidCell::Column("name_raw", ("", field, json!(name))),
    ]
}

/// A token, where the lake's key is known.
pub fn token(key: Option<&IdKey>, class: &str, number: &str) -> Value {
    key.map_or(Value::Null, |key| json!(key.token(class, number)))
}

/// `yyyy年M月d日`.
pub fn in_chinese(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// A date in one of the spellings of agencies that write whole dates.
pub fn spelled(date: Date, salt: u64) -> String {
    match salt % 5 {
        0 => in_chinese(date),
        1 => format!("{}/{}/{}", date.year(), date.month(), date.day()),
        2 => crate::calendar::compact(date),
        _ => date.to_string(),
    }
}

/// Makes a first statement of a feed.
pub fn first(feed: Feed, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    match feed {
        Feed::Hmt => hmt::first(draw),
        Feed::Birth => birth::first(draw),
        Feed::Marriage => marriage::first(draw),
        Feed::Assist => assist::first(draw),
        Feed::HousingFund => housing_fund::first(draw),
        Feed::RealEstate => realestate::first(draw),
        Feed::Lease => lease::first(draw),
        Feed::Dishonest => dishonest::first(draw),
        Feed::Utility => utility::first(draw),
        _ => enrol::first(draw),
    }
}

/// What a credit code says of an organisation.
pub fn credit_cells(credit: &Credit, field: &'static str) -> Vec<SaidCell> {
    let code = crate::identifier::organisation_of(credit);
    vec![
        SaidCell::Column("uscc", ("", field, json!(credit.text()))),
        SaidCell::Column("org_code", ("", field, json!(code))),
    ]
}
