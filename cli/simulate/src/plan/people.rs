//! Persons: their numbers, what the five personal feeds state of them, and how that changes.

use std::sync::Arc;

use jiff::civil::Date;

use super::Planner;
use crate::calendar::{local_date, month_of, plus_days};
use crate::feed::Feed;
use crate::gazetteer::{NameKind, Place, person_name, place};
use crate::identifier::{ResidentId, resident};
use crate::random::{small, variant};
use crate::record::{Body, Cancellation, Cell, Death, Hukou, Insurance, Medins, Stay};

/// Regions of first registration, retired ones included: a number keeps the code of its time.
const ID_REGIONS: [u32; 10] = [
    350_203, 350_204, 350_205, 350_206, 350_211, 350_212, 350_213, 350_202, 350_221, 350_203,
];
const MARITAL: [&str; 5] = ["10", "20", "21", "30", "40"];
const RELATIONS: [&str; 6] = ["02", "10", "20", "30", "51", "52"];

/// What a story asks of the person it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    pub check_x: bool,
    pub born_before_2000: bool,
    pub name: Option<NameKind>,
    /// The feed that must already tell of the person; none for a person nobody has told of.
    pub feed: Option<Feed>,
}

/// A medical insurance account of a person.
#[derive(Clone)]
pub struct Account {
    pub number: u64,
    pub kind: &'static str,
    pub since: Date,
    pub paid_through: u32,
}

/// A person and the last state that each agency has of it.
#[derive(Clone)]
pub struct Person {
    pub id: ResidentId,
    pub name: Arc<str>,
    pub name_kind: NameKind,
    pub sex: u8,
    pub ethnic: u8,
    pub birth: Date,
    pub hukou: Option<Hukou>,
    pub stays: Vec<Stay>,
    pub insurances: Vec<Insurance>,
    pub accounts: Vec<Account>,
    pub dead: bool,
    pub clock_ms: i64,
    /// Feeds (bits by index) that a story has taken: ordinary life stays out of them.
    pub taken: u8,
}

impl Person {
    /// Whether the feed already tells of the person.
    pub fn is_told_by(&self, feed: Feed) -> bool {
        match feed {
            Feed::Hukou => self.hukou.is_some(),
            Feed::Residence => !self.stays.is_empty(),
            Feed::Insurance => !self.insurances.is_empty(),
            Feed::Medins => !self.accounts.is_empty(),
            _ => true,
        }
    }

    fn meets(&self, needs: Needs) -> bool {
        (!needs.check_x || self.id.text().ends_with('X'))
            && (!needs.born_before_2000 || self.birth.year() < 2000)
            && needs.name.is_none_or(|kind| kind == self.name_kind)
            && needs
                .feed
                .is_some_and(|feed| self.is_told_by(feed) && self.taken & (1 << feed.index()) == 0)
    }
}

impl Planner {
    /// A person of the ordinary mix, told of by the feeds that usually would.
    pub(super) fn add_person(&mut self, needs: Option<Needs>, told: bool) -> usize {
        let number = self.people.len() as u64;
        let kind = match (needs.and_then(|needs| needs.name), number % 16) {
            (Some(kind), _) => kind,
            (None, 1) => NameKind::Dotted,
            (None, 2) => NameKind::Rare,
            (None, _) => NameKind::Usual,
        };
        let want_x = needs.is_some_and(|needs| needs.check_x) || number.is_multiple_of(8);
        let old = needs.is_some_and(|needs| needs.born_before_2000);
        let sex = 1 + small::<u64, u8>(self.random.below(2));
        let (id, birth) = self.new_resident(sex, want_x, if old { 1999 } else { 2023 });
        let clock_ms = self.first_moment();
        let ethnic = match (kind, self.random.below(40)) {
            (NameKind::Dotted, _) => 5,
            (_, 0) => 22,
            (_, 1) => 11,
            _ => 1,
        };
        let name = person_name(&mut self.random, kind);
        self.people.push(Person {
            id,
            name,
            name_kind: kind,
            sex,
            ethnic,
            birth,
            hukou: None,
            stays: Vec::new(),
            insurances: Vec::new(),
            accounts: Vec::new(),
            dead: false,
            clock_ms,
            taken: 0,
        });
        let index = self.people.len() - 1;
        if told {
            self.tell_first(index);
        }
        index
    }

    fn new_resident(&mut self, sex: u8, want_x: bool, latest: i64) -> (ResidentId, Date) {
        loop {
            let year = small(self.random.between(1936, latest));
            let month = small(self.random.between(1, 12));
            let day = small(self.random.between(1, 28));
            let birth = jiff::civil::date(year, month, day);
            let sequence = self.random.below(497) * 2 + 2 - u64::from(sex == 1);
            let id = resident(self.random.pick(&ID_REGIONS), birth, sequence);
            if (!want_x || id.text().ends_with('X')) && self.resident_ids.insert(id) {
                return (id, birth);
            }
        }
    }

    fn tell_first(&mut self, index: usize) {
        if self.random.chance(8_500) {
            self.tell_next(index, Feed::Hukou);
        }
        let at_home = self.person(index).hukou.is_some();
        if self.random.chance(if at_home { 1_000 } else { 9_000 }) {
            self.tell_next(index, Feed::Residence);
        }
        if self.random.chance(4_500) {
            self.tell_next(index, Feed::Insurance);
            if self.random.chance(5_000) {
                self.new_insurance(index);
            }
        }
        if self.random.chance(6_500) {
            self.tell_next(index, Feed::Medins);
        }
    }

    pub(super) fn person(&mut self, index: usize) -> &mut Person {
        self.people
            .get_mut(index)
            .expect("the planner only keeps indices of persons that it made")
    }

    /// A living person that meets the needs and whose feed no story has taken; made anew if there is none nearby.
    pub(super) fn find_person(&mut self, needs: Needs) -> usize {
        let count = self.people.len();
        for step in 0..count.min(400) {
            let index = (self.cursor + step) % count;
            let (last_ms, day) = (self.last_ms, 20 * crate::calendar::DAY_MS);
            let person = self.person(index);
            if !person.dead && person.clock_ms + day < last_ms && person.meets(needs) {
                self.cursor = index + 1;
                return index;
            }
        }
        let index = self.add_person(Some(needs), false);
        if let Some(feed) = needs.feed.filter(|feed| *feed != Feed::Death) {
            self.tell_next(index, feed);
        }
        index
    }

    /// Keeps ordinary life and other stories out of a feed of a person.
    pub(super) fn take_person(&mut self, index: usize, feed: Feed) {
        self.person(index).taken |= 1 << feed.index();
    }

    /// Moves the person's clock on and returns the moment.
    pub(super) fn person_moment(&mut self, index: usize) -> i64 {
        let clock_ms = self.person(index).clock_ms;
        let moment = self.later(clock_ms);
        self.person(index).clock_ms = moment;
        moment
    }

    /// Tells the next version of what a feed states of a person: the first one, or a change.
    pub(super) fn tell_next(&mut self, index: usize, feed: Feed) -> usize {
        let moment = self.person_moment(index);
        let first = !self.person(index).is_told_by(feed);
        let body = match feed {
            Feed::Hukou => self.next_hukou(index),
            Feed::Residence => self.next_stay(index, moment),
            Feed::Insurance if first => return self.new_insurance(index),
            Feed::Insurance => self.next_insurance(index, moment),
            Feed::Medins => self.next_medins(index, moment, first),
            _ => self.next_death(index, moment),
        };
        self.tell(body, moment)
    }

    fn next_hukou(&mut self, index: usize) -> Body {
        let person = self.person(index).clone();
        let mut body = match person.hukou {
            Some(mut hukou) => {
                match self.random.below(3) {
                    0 => hukou.marital = self.random.pick(&MARITAL),
                    _ => settle_hukou(&mut hukou, &place(&mut self.random)),
                }
                hukou
            }
            None => {
                let home = place(&mut self.random);
                let household = 350_200_000_000 + self.next_number();
                let adult = person.birth.year() < 2004;
                Hukou {
                    id: person.id,
                    name: person.name,
                    sex: person.sex,
                    ethnic: person.ethnic,
                    birth: person.birth,
                    district: home.district,
                    address: home.address,
                    household,
                    relation: self.random.pick(&RELATIONS),
                    marital: if adult {
                        self.random.pick(&MARITAL)
                    } else {
                        "10"
                    },
                    cancelled: None,
                }
            }
        };
        body.cancelled = None;
        self.person(index).hukou = Some(body.clone());
        Body::Hukou(body)
    }

    /// Cancels the registration.
    pub(super) fn tell_cancelled(&mut self, index: usize, reason: Cancellation) -> usize {
        let moment = self.person_moment(index);
        let Body::Hukou(mut body) = self.next_hukou(index) else {
            unreachable!("the body of a registration")
        };
        body.cancelled = Some((reason, plus_days(local_date(moment), -1)));
        self.person(index).hukou = Some(body.clone());
        self.take_person(index, Feed::Hukou);
        self.tell(Body::Hukou(body), moment)
    }

    fn next_stay(&mut self, index: usize, moment: i64) -> Body {
        let today = local_date(moment);
        let person = self.person(index).clone();
        if let Some(mut stay) = person.stays.last().cloned()
            && self.random.chance(5_000)
        {
            // The stay ends, some time before or after the day on which the agency says so.
            stay.until =
                Some(plus_days(today, self.random.between(-20, 200)).max(plus_days(stay.since, 1)));
            *self
                .person(index)
                .stays
                .last_mut()
                .expect("it was cloned above") = stay.clone();
            return Body::Stay(stay);
        }
        let home = place(&mut self.random);
        let stay = Stay {
            id: person.id,
            name: person.name,
            address: home.address,
            division: home.division,
            since: self.new_stay_date(&person.stays, today),
            until: None,
        };
        self.person(index).stays.push(stay.clone());
        Body::Stay(stay)
    }

    /// A day on which no other stay of the person began.
    fn new_stay_date(&mut self, stays: &[Stay], today: Date) -> Date {
        let mut since = plus_days(today, -self.random.between(2, 9));
        while stays.iter().any(|stay| stay.since == since) {
            since = plus_days(since, -1);
        }
        since
    }

    /// Tells of a kind of insurance that the person does not have yet, or of a new account for a kind it has.
    pub(super) fn new_insurance(&mut self, index: usize) -> usize {
        let moment = self.person_moment(index);
        let person = self.person(index).clone();
        let kind = variant(
            &["110", "210", "410", "510", "310"],
            person.insurances.len() as u64,
        );
        let number = match person.insurances.first() {
            Some(first) if person.insurances.len() < 5 => first.number,
            _ => 20_000_000 + self.next_number(),
        };
        let body = Insurance {
            number,
            id: person.id,
            name: person.name,
            sex: person.sex,
            birth: person.birth,
            employer: self.an_employer(),
            kind,
            status: "1",
            region: place(&mut self.random).district,
            since: plus_days(local_date(moment), -self.random.between(30, 3_000)),
            base_cents: self.random.between(2_000, 30_000).unsigned_abs() * 100,
            last_month: month_of(local_date(moment)),
        };
        self.person(index).insurances.push(body.clone());
        let record = self.tell(Body::Insurance(body), moment);
        self.mark(record, crate::record::FIRST_VERSION, false);
        record
    }

    fn next_insurance(&mut self, index: usize, moment: i64) -> Body {
        let count = self.person(index).insurances.len() as u64;
        let slot = small::<u64, usize>(self.random.below(count));
        let employer = if self.random.chance(1_500) {
            self.an_employer()
        } else {
            None
        };
        let (status, raise) = (self.random.below(20), self.random.chance(2_000));
        let insurance = self
            .person(index)
            .insurances
            .get_mut(slot)
            .expect("callers ask only for persons with insurance");
        insurance.last_month = month_of(local_date(moment));
        insurance.employer = employer.or_else(|| insurance.employer.clone());
        insurance.status = match status {
            0 => "2",
            1 => "4",
            _ => "1",
        };
        insurance.base_cents += u64::from(raise) * 10_000;
        Body::Insurance(insurance.clone())
    }

    /// A patch with everything: what an account starts with.
    pub(super) fn new_account(&mut self, index: usize, moment: i64, kind: &'static str) -> Medins {
        let today = local_date(moment);
        let account = Account {
            number: 35_020_000_000 + self.next_number(),
            kind,
            since: plus_days(today, -self.random.between(10, 4_000)),
            paid_through: month_of(today),
        };
        let person = self.person(index);
        person.accounts.push(account.clone());
        Medins {
            number: account.number,
            kind,
            id: Some(person.id),
            birth: Some(person.birth),
            status: Cell::Value("1"),
            since: Cell::Value(account.since),
            paid_through: Cell::Value(account.paid_through),
        }
    }

    fn next_medins(&mut self, index: usize, moment: i64, first: bool) -> Body {
        let count = self.person(index).accounts.len();
        if first || (count < 3 && self.random.chance(600)) {
            let kind = variant(&["310", "390", "340"], count as u64);
            return Body::Medins(self.new_account(index, moment, kind));
        }
        let slot = self.random.place(count);
        let Some(account) = self.person(index).accounts.get(slot).cloned() else {
            unreachable!("the slot is below the number of accounts")
        };
        let dice = self.random.below(100);
        Body::Medins(Medins {
            number: account.number,
            kind: account.kind,
            id: None,
            birth: None,
            status: match dice {
                0..20 => Cell::Value("1"),
                20..30 => Cell::Value("2"),
                30..35 => Cell::Value("4"),
                _ => Cell::Absent,
            },
            since: if dice.is_multiple_of(10) {
                Cell::Value(account.since)
            } else {
                Cell::Absent
            },
            paid_through: match dice {
                40..45 => Cell::Null,
                0..60 => Cell::Value(month_of(local_date(moment))),
                _ => Cell::Absent,
            },
        })
    }

    fn next_death(&mut self, index: usize, moment: i64) -> Body {
        let number = 350_200_202_600_000_000 + self.next_number();
        let before = self.random.between(3_600_000, 6 * crate::calendar::DAY_MS);
        let person = self.person(index);
        person.dead = true;
        Body::Death(Death {
            number,
            id: person.id,
            name: person.name.clone(),
            at_ms: moment - before,
        })
    }
}

fn settle_hukou(hukou: &mut Hukou, home: &Place) {
    hukou.district = home.district;
    hukou.address = home.address.clone();
}
