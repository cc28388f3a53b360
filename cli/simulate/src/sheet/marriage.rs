//! Registrations of marriage and divorce (mz.marriage): one record, two persons.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Layout, Left, Rule, Seeded, Sent, all, twists, writes};
use super::{Draw, Said, SaidCell, Statement, Twist, spelled, token};
use crate::calendar::plus_days;
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::identifier::ResidentId;
use crate::issue_id::IdKey;
use crate::random::variant;
use crate::render::{Fields, Json, text};

#[derive(Clone)]
struct Marriage {
    number: u64,
    /// What the number says; the same as `divorce` unless two businesses were mixed up.
    divorce_by_number: bool,
    divorce: bool,
    /// None for a foreigner, whose document the register does not take.
    husband: Option<ResidentId>,
    wife: Option<ResidentId>,
    date: Date,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let husband = draw.adult(Some(1)).id;
    let wife = draw.adult(Some(2)).id;
    let divorce = draw.random.chance(2_500);
    Arc::new(Marriage {
        number: draw.next(),
        divorce_by_number: divorce,
        divorce,
        husband: Some(husband),
        wife: (!draw.random.chance(600)).then_some(wife),
        date: draw.day_before(20),
    })
}

/// A marriage of two people who both have a number: most seeded defects are written into one.
pub fn wedding(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let (husband, wife) = (draw.adult(Some(1)).id, draw.adult(Some(2)).id);
    Arc::new(Marriage {
        number: draw.next(),
        divorce_by_number: false,
        divorce: false,
        husband: Some(husband),
        wife: Some(wife),
        date: draw.day_before(20),
    })
}

/// Somebody is married to another person, and both registrations stand.
pub fn to_another(draw: &mut Draw<'_>) -> [Arc<dyn Statement>; 2] {
    let husband = draw.adult(Some(1)).id;
    let number = (draw.next(), draw.next());
    let wives = (draw.adult(Some(2)).id, draw.adult(Some(2)).id);
    let date = draw.day_before(20);
    let marriage = |number, wife| Marriage {
        number,
        divorce_by_number: false,
        divorce: false,
        husband: Some(husband),
        wife: Some(wife),
        date,
    };
    [
        Arc::new(marriage(number.0, wives.0)),
        Arc::new(marriage(number.1, wives.1)),
    ]
}

impl Marriage {
    fn registration(&self) -> String {
        let letter = if self.divorce_by_number { 'L' } else { 'J' };
        format!("{letter}350203-{}-{:06}", self.date.year(), self.number)
    }

    fn says_of(
        &self,
        own: ResidentId,
        field: &'static str,
        other: (Option<ResidentId>, &'static str),
        key: Option<&IdKey>,
    ) -> Said {
        let kind = if self.divorce { "DIVORCE" } else { "MARRIAGE" };
        let marital = if self.divorce { "40" } else { "20" };
        let mut parts = vec![
            ("cert_no", "djh", json!(self.registration())),
            ("kind", "ywlx", json!(kind)),
            ("date", "djrq", json!(self.date.to_string())),
        ];
        if let (Some(other), field) = other {
            parts.push(("spouse_id", field, token(key, "RIC", other.text())));
        }
        Said {
            class: "RIC",
            number: own.text().to_owned(),
            field,
            cells: vec![
                SaidCell::Column("marital_code", ("", "ywlx", json!(marital))),
                SaidCell::Element("marriage_events", self.registration(), parts),
            ],
        }
    }
}

impl Statement for Marriage {
    fn feed(&self) -> Feed {
        Feed::Marriage
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("djh", self.registration())]
    }

    fn fields(&self, salt: u64) -> Fields {
        let business = match self.divorce {
            false => variant(&["01结婚", "01", "结婚"], salt >> 4),
            true => variant(&["02离婚", "02", "离婚"], salt >> 4),
        };
        let number = |id: Option<ResidentId>| match id {
            Some(id) => text(id.text()),
            None => text(variant(&["", "/"], salt >> 6)),
        };
        Fields(vec![
            ("djh", text(self.registration())),
            ("ywlx", text(business)),
            ("nfsfz", number(self.husband)),
            ("nvfsfz", number(self.wife)),
            ("djrq", Json::Text(spelled(self.date, salt))),
        ])
    }

    fn says(&self, _today: Date, key: Option<&IdKey>) -> Vec<Said> {
        let husband = self
            .husband
            .map(|id| self.says_of(id, "nfsfz", (self.wife, "nvfsfz"), key));
        let wife = self
            .wife
            .map(|id| self.says_of(id, "nvfsfz", (self.husband, "nfsfz"), key));
        husband.into_iter().chain(wife).collect()
    }

    fn changed(&self, _draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        let corrected = plus_days(self.date, -1);
        // The year is part of the number.
        if corrected.year() == self.date.year() {
            next.date = corrected;
        }
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match twist {
            Twist::OneNumber => next.wife = next.husband,
            Twist::Exchanged => (next.husband, next.wife) = (self.wife, self.husband),
            Twist::Alone => next.wife = None,
            Twist::OtherBusiness => next.divorce = !next.divorce,
            _ => {}
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Marriage,
    number: Some(("nfsfz", "resident_id")),
    name: None,
    required: &["ywlx", "djrq"],
    dates: &[("djrq", "11.11.2026", "99991231")],
    codes: &[],
    mistyped: &["ywlx", "nfsfz", "djrq"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    let sexes = Rule::Named("nvfsfz", "marriage_sexes");
    let persons = Rule::Named("nvfsfz", "marriage_two_persons");
    let business = Rule::Named("ywlx", "marriage_number_and_kind");
    vec![
        all(
            "business_unknown",
            Outcome::Flagged,
            vec![("ywlx", Sent::Text("09撤销"), Left::Lost)],
            vec![Rule::Field("ywlx", "enum"), business],
        ),
        all(
            "nobody_named",
            Outcome::Quarantined,
            vec![
                ("nfsfz", Sent::Text(""), Left::Lost),
                ("nvfsfz", Sent::Text("/"), Left::Lost),
            ],
            vec![Rule::Record("subject")],
        ),
        all(
            "statement_of_the_future",
            Outcome::Quarantined,
            vec![("djrq", Sent::Text("2093-02-01"), Left::Lost)],
            vec![Rule::Field("djrq", "not_future")],
        ),
        writes(
            "date_in_chinese",
            Outcome::Accepted,
            ("djrq", Sent::Text("2025年5月20日"), Left::Is("2025-05-20")),
            &[],
        ),
        writes(
            "code_and_label_in_one",
            Outcome::Accepted,
            ("ywlx", Sent::Text("01结婚"), Left::Same),
            &[],
        ),
        all(
            "foreigner_without_a_number",
            Outcome::Accepted,
            vec![("nvfsfz", Sent::Text(""), Left::Lost)],
            Vec::new(),
        ),
        twists(
            "one_number_for_both",
            Twist::OneNumber,
            vec![sexes, persons],
        ),
        twists("sexes_exchanged", Twist::Exchanged, vec![sexes]),
        twists(
            "number_of_the_other_business",
            Twist::OtherBusiness,
            vec![business],
        ),
    ]
}
