//! Enterprises: their numbers, what the three enterprise feeds state of them, and how that changes.

use std::sync::Arc;

use jiff::civil::Date;

use super::Planner;
use crate::calendar::{DAY_MS, local_date, plus_days};
use crate::feed::Feed;
use crate::gazetteer::{INDUSTRIES, NameKind, enterprise_name, person_name, place};
use crate::identifier::{Credit, Organisation, Registration, credit, organisation, registration};
use crate::random::small;
use crate::record::{Body, Penalty, Register, TaxNumber, Taxpayer};

const PREFIXES: [&str; 12] = [
    "91", "91", "91", "91", "91", "91", "92", "92", "93", "52", "51", "N2",
];
const ENTITY_TYPES: [&str; 8] = [
    "1100", "1130", "1130", "1151", "1152", "2100", "4530", "9500",
];

/// An enterprise and the last state that each agency has of it.
#[derive(Clone)]
pub struct Enterprise {
    pub credit: Credit,
    pub organisation: Organisation,
    pub registration: Option<Registration>,
    pub name: Arc<str>,
    pub established: Date,
    pub register: Option<Register>,
    pub taxpayer: Option<Taxpayer>,
    pub penalties: Vec<Penalty>,
    pub clock_ms: i64,
    /// Feeds (bits by index) that a story has taken.
    pub taken: u8,
}

impl Enterprise {
    fn is_told_by(&self, feed: Feed) -> bool {
        match feed {
            Feed::Register => self.register.is_some(),
            Feed::Taxpayer => self.taxpayer.is_some(),
            _ => true,
        }
    }
}

impl Planner {
    pub(super) fn add_enterprise(&mut self, told: bool) -> usize {
        let number = self.enterprises.len() as u64;
        let home = place(&mut self.random);
        let organisation = organisation(&mut self.random);
        let old = number % 5 == 3;
        let year = if old {
            self.random.between(1994, 2014)
        } else {
            self.random.between(2016, 2024)
        };
        let established = jiff::civil::date(
            small(year),
            small(self.random.between(1, 12)),
            small(self.random.between(1, 28)),
        );
        let prefix = self.random.pick(&PREFIXES);
        let clock_ms = self.first_moment();
        self.enterprises.push(Enterprise {
            credit: credit(prefix, home.district, &organisation),
            organisation,
            registration: old.then(|| registration(home.district, 10_000_000 + number)),
            name: enterprise_name(&mut self.random, number % 4 == 1, number),
            established,
            register: None,
            taxpayer: None,
            penalties: Vec::new(),
            clock_ms,
            taken: 0,
        });
        let index = self.enterprises.len() - 1;
        if told {
            self.tell_enterprise(index, Feed::Register);
            if self.random.chance(7_500) {
                self.tell_enterprise(index, Feed::Taxpayer);
            }
            if self.random.chance(3_000) {
                self.tell_enterprise(index, Feed::Penalty);
            }
        }
        index
    }

    pub(super) fn enterprise(&mut self, index: usize) -> &mut Enterprise {
        self.enterprises
            .get_mut(index)
            .expect("the planner only keeps indices of enterprises that it made")
    }

    /// An enterprise that the feed tells of and no story has taken there; made anew if there is none nearby.
    pub(super) fn find_enterprise(&mut self, feed: Feed) -> usize {
        let count = self.enterprises.len();
        let last_ms = self.last_ms;
        for step in 0..count.min(400) {
            let index = (self.cursor + step) % count;
            let enterprise = self.enterprise(index);
            if enterprise.clock_ms + 20 * DAY_MS < last_ms
                && enterprise.is_told_by(feed)
                && enterprise.taken & (1 << feed.index()) == 0
            {
                self.cursor = index + 1;
                return index;
            }
        }
        let index = self.add_enterprise(false);
        self.tell_enterprise(index, feed);
        index
    }

    pub(super) fn take_enterprise(&mut self, index: usize, feed: Feed) {
        self.enterprise(index).taken |= 1 << feed.index();
    }

    /// Moves the clock on by more than a day: tax and penalty records only carry days.
    pub(super) fn enterprise_moment(&mut self, index: usize) -> i64 {
        let clock_ms = self.enterprise(index).clock_ms;
        let moment = self.later(clock_ms) + DAY_MS;
        self.enterprise(index).clock_ms = moment;
        moment
    }

    /// A working place: an enterprise's code and name.
    pub(super) fn an_employer(&mut self) -> Option<(Credit, Arc<str>)> {
        let count = self.enterprises.len() as u64;
        let index = small::<u64, usize>(self.random.below(count));
        self.enterprises
            .get(index)
            .map(|enterprise| (enterprise.credit, enterprise.name.clone()))
    }

    pub(super) fn tell_enterprise(&mut self, index: usize, feed: Feed) -> usize {
        let moment = self.enterprise_moment(index);
        let body = match feed {
            Feed::Register => self.next_register(index),
            Feed::Taxpayer => self.next_taxpayer(index, moment),
            _ => self.new_penalty(index, moment),
        };
        self.tell(body, moment)
    }

    fn next_register(&mut self, index: usize) -> Body {
        let enterprise = self.enterprise(index).clone();
        let body = match enterprise.register {
            Some(register) => self.changed_register(register),
            None => self.first_register(&enterprise),
        };
        self.enterprise(index).register = Some(body.clone());
        Body::Register(body)
    }

    fn changed_register(&mut self, mut register: Register) -> Register {
        match self.random.below(6) {
            0 => register.status = self.random.pick(&["1", "1", "2", "3", "6", "4"]),
            1 => register.representative = person_name(&mut self.random, NameKind::Usual),
            2 => register.capital_cents += self.random.between(1, 900) * 1_000_000,
            3 => register.industry = self.random.pick(&INDUSTRIES),
            _ => {
                let home = place(&mut self.random);
                register.district = home.district;
                register.address = home.address;
            }
        }
        register
    }

    fn first_register(&mut self, enterprise: &Enterprise) -> Register {
        let home = place(&mut self.random);
        // Old rows of the registrar have a registration number and no credit code yet.
        let old_row = enterprise.registration.is_some();
        Register {
            number: 3_502_000_000_000 + self.next_number(),
            credit: (!old_row).then_some(enterprise.credit),
            registration: enterprise.registration,
            name: enterprise.name.clone(),
            entity_type: self.random.pick(&ENTITY_TYPES),
            representative: person_name(&mut self.random, NameKind::Usual),
            capital_cents: self.random.between(1, 5_000) * 1_000_000
                + self.random.between(0, 9) * 50_000,
            currency: self
                .random
                .pick(&["CNY", "CNY", "CNY", "CNY", "CNY", "USD", "HKD"]),
            established: enterprise.established,
            authority: home.district,
            status: "1",
            industry: self.random.pick(&INDUSTRIES),
            district: home.district,
            address: home.address,
        }
    }

    fn next_taxpayer(&mut self, index: usize, moment: i64) -> Body {
        let enterprise = self.enterprise(index).clone();
        let mut body = enterprise.taxpayer.unwrap_or_else(|| {
            let fifteen = index % 6 == 2;
            Taxpayer {
                number: if fifteen {
                    fifteen_of(&enterprise.credit, enterprise.organisation)
                } else {
                    TaxNumber::Eighteen
                },
                credit: enterprise.credit,
                // The tax number is the credit code since 2015: some leave the second field to a filler.
                states_credit: if fifteen {
                    index.is_multiple_of(12)
                } else {
                    index % 6 != 4
                },
                name: enterprise.name,
                status: "03",
                kind: "2",
                credit_level: None,
            }
        });
        let year = (local_date(moment).year() - 1).unsigned_abs();
        match self.random.below(4) {
            0 => body.status = self.random.pick(&["03", "03", "05", "07", "08"]),
            1 => body.kind = self.random.pick(&["1", "2"]),
            _ => body.credit_level = Some((year, self.random.pick(&["A", "B", "M", "C", "D"]))),
        }
        self.enterprise(index).taxpayer = Some(body.clone());
        Body::Taxpayer(body)
    }

    fn new_penalty(&mut self, index: usize, moment: i64) -> Body {
        let number = self.next_number();
        let today = local_date(moment);
        let enterprise = self.enterprise(index).clone();
        // One decision a day for an enterprise, so that the day alone orders them.
        let mut date = plus_days(today, -1);
        while enterprise
            .penalties
            .iter()
            .any(|penalty| penalty.date == date)
        {
            date = plus_days(date, -1);
        }
        let body = Penalty {
            document: format!("厦市监罚〔{}〕{number}号", date.year()).into(),
            credit: enterprise.credit,
            name: enterprise.name,
            date,
            amount_cents: (!number.is_multiple_of(7))
                .then(|| self.random.between(1, 4_000).unsigned_abs() * 5_000),
        };
        self.enterprise(index).penalties.push(body.clone());
        Body::Penalty(body)
    }
}

/// The tax number of the time before 2015: region and organisation code.
pub fn fifteen_of(credit: &Credit, organisation: Organisation) -> TaxNumber {
    let region = credit
        .text()
        .get(2..8)
        .and_then(|text| text.parse().ok())
        .unwrap_or(350_200);
    TaxNumber::Fifteen {
        region,
        organisation,
    }
}
