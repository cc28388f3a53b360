//! Dishonest judgment debtors (fy.dishonest): persons and organisations in one field.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Layout, Left, Rule, Seeded, Sent, all, writes};
use super::{Citizen, Draw, Said, SaidCell, Statement, Twist, credit_cells, spelled};
use crate::calendar::plus_days;
use crate::defect::{Defect, Outcome};
use crate::feed::Feed;
use crate::identifier::{Credit, holds_an_organisation, organisation_of};
use crate::issue_id::IdKey;
use crate::random::variant;
use crate::render::{Fields, Json, spoiled_id, text};

#[derive(Clone)]
enum Debtor {
    Person(Citizen),
    Organisation(Credit, Arc<str>),
}

#[derive(Clone)]
struct Dishonest {
    number: u64,
    debtor: Debtor,
    published: Date,
    left: Option<Date>,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    match draw.random.chance(3_500) {
        true => organisation(draw),
        false => person(draw),
    }
}

/// A person on the list.
pub fn person(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    // A number that names a person and an organisation is held: the field does not say which it is.
    // Nor may what a sender makes of the number be that of an organisation by chance.
    let spoiled = [
        Defect::IdLowerCaseX,
        Defect::IdImpossibleDate,
        Defect::IdFloatTruncated,
    ];
    let unmistakable = |citizen: &Citizen| {
        spoiled
            .iter()
            .all(|defect| !holds_an_organisation(&spoiled_id(&citizen.id, *defect, 0)))
    };
    let debtor = draw.citizen(|citizen| citizen.birth.year() < 2000 && unmistakable(citizen));
    let debtor = Debtor::Person(debtor);
    Arc::new(listing(draw, debtor))
}

/// An organisation on the list.
pub fn organisation(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let (credit, name) = draw.enterprise();
    Arc::new(listing(draw, Debtor::Organisation(credit, name)))
}

fn listing(draw: &mut Draw<'_>, debtor: Debtor) -> Dishonest {
    Dishonest {
        number: draw.next(),
        debtor,
        published: draw.day_before(20),
        left: None,
    }
}

impl Dishonest {
    fn case(&self) -> String {
        format!("({})闽02执{}号", self.published.year(), self.number)
    }

    fn number(&self) -> &str {
        match &self.debtor {
            Debtor::Person(citizen) => citizen.id.text(),
            Debtor::Organisation(credit, _) => credit.text(),
        }
    }

    fn court(&self) -> &'static str {
        variant(&["厦门市思明区人民法院", "厦门市中级人民法院"], self.number)
    }
}

impl Statement for Dishonest {
    fn feed(&self) -> Feed {
        Feed::Dishonest
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![
            ("caseCode", self.case()),
            ("cardNum", self.number().to_owned()),
        ]
    }

    fn fields(&self, salt: u64) -> Fields {
        let name = match &self.debtor {
            Debtor::Person(citizen) => &citizen.name,
            Debtor::Organisation(_, name) => name,
        };
        Fields(vec![
            ("iname", text(name)),
            ("cardNum", text(self.number())),
            ("caseCode", text(self.case())),
            ("courtName", text(self.court())),
            ("publishDate", text(spelled(self.published, salt))),
            (
                "exitDate",
                self.left
                    .map_or(Json::Null, |left| text(spelled(left, salt))),
            ),
        ])
    }

    fn says(&self, today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut cells = Vec::new();
        let (class, number) = match &self.debtor {
            Debtor::Person(citizen) => ("RIC", citizen.id.text()),
            Debtor::Organisation(credit, _) => {
                cells.extend(credit_cells(credit, "cardNum"));
                ("ORG", organisation_of(credit))
            }
        };
        let mut parts = vec![
            ("case_no", "caseCode", json!(self.case())),
            ("court", "courtName", json!(self.court())),
            ("from", "publishDate", json!(self.published.to_string())),
        ];
        parts.extend(
            self.left
                .map(|left| ("to", "exitDate", json!(left.to_string()))),
        );
        // A listing that has ended by its own statement is not shown.
        if self.left.is_none_or(|left| left > today) {
            cells.push(SaidCell::Element("dishonest", self.case(), parts));
        }
        vec![Said {
            class,
            number: number.to_owned(),
            field: "cardNum",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        let days = draw.random.between(-3, 30);
        next.left = Some(plus_days(draw.today, days).max(plus_days(self.published, 1)));
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        if twist == Twist::Exchanged {
            next.left = Some(plus_days(next.published, -19));
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Dishonest,
    number: Some(("cardNum", "party")),
    name: None,
    required: &["iname", "publishDate"],
    dates: &[
        ("publishDate", "20.11.2026", "1900-01-01"),
        ("exitDate", "26.11", ""),
    ],
    codes: &[],
    mistyped: &["caseCode", "courtName", "publishDate", "exitDate"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    vec![
        writes(
            "organisation_unusable",
            Outcome::Rejected,
            ("cardNum", Sent::Credit, Left::Lost),
            &["party"],
        ),
        writes(
            "case_without_year_or_court",
            Outcome::Quarantined,
            ("caseCode", Sent::Unique("执"), Left::Text),
            &["pattern"],
        ),
        writes(
            "statement_of_the_future",
            Outcome::Quarantined,
            ("publishDate", Sent::Text("2093-02-01"), Left::Lost),
            &["not_future"],
        ),
        super::seeds::twists(
            "leaves_before_it_enters",
            Twist::Exchanged,
            vec![Rule::Named("exitDate", "dishonest_dates")],
        ),
        all(
            "persons_and_organisations",
            Outcome::Accepted,
            Vec::new(),
            Vec::new(),
        ),
    ]
}
