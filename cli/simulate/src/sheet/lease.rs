//! Registered leases (zj.lease): dates with the month first.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{How, Layout, Left, Rule, Seeded, Sent, all, missed, writes};
use super::{Citizen, Draw, Said, SaidCell, Statement, Twist, name_cells};
use crate::calendar::plus_days;
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::gazetteer::place;
use crate::issue_id::IdKey;
use crate::render::{Fields, text};

#[derive(Clone)]
struct Lease {
    number: u64,
    lessee: Citizen,
    phone: u64,
    address: Arc<str>,
    from: Date,
    to: Date,
    state: &'static str,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let from = draw.day_before(10);
    let home = place(&mut draw.random);
    Arc::new(Lease {
        number: draw.next(),
        lessee: draw.adult(None),
        phone: 13_800_000_000 + draw.random.below(99_000_000),
        address: home.address,
        from,
        to: plus_days(from, draw.random.between(600, 900)),
        state: "NEW",
    })
}

impl Lease {
    fn contract(&self) -> String {
        format!("ZL{}-{:06}", self.from.year(), self.number)
    }
}

fn month_first(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.month(), date.day(), date.year())
}

impl Statement for Lease {
    fn feed(&self) -> Feed {
        Feed::Lease
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("contractNo", self.contract())]
    }

    fn fields(&self, salt: u64) -> Fields {
        let date = |date: Date| match salt % 4 {
            0 => date.to_string(),
            _ => month_first(date),
        };
        let phone = match salt >> 4 & 3 {
            0 => format!("+86 {}", self.phone),
            _ => self.phone.to_string(),
        };
        Fields(vec![
            ("contractNo", text(self.contract())),
            ("lesseeCert", text(self.lessee.id.text())),
            ("lesseeName", text(&self.lessee.name)),
            ("lesseePhone", text(phone)),
            ("houseAddr", text(&self.address)),
            ("startDate", text(date(self.from))),
            ("endDate", text(date(self.to))),
            ("status", text(self.state)),
        ])
    }

    fn says(&self, _today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut cells: Vec<SaidCell> = name_cells(&self.lessee.name, "lesseeName").into();
        let phone = self.phone.to_string();
        cells.push(SaidCell::Element(
            "phones",
            format!("{phone}|zj"),
            vec![
                ("msisdn", "lesseePhone", json!(phone)),
                ("agency", "", json!("zj")),
            ],
        ));
        // A cancelled contract is in no file.
        if self.state != "CANCELLED" {
            let parts = vec![
                ("no", "contractNo", json!(self.contract())),
                ("address", "houseAddr", json!(&*self.address)),
                ("from", "startDate", json!(self.from.to_string())),
                ("to", "endDate", json!(self.to.to_string())),
            ];
            cells.push(SaidCell::Element("leases", self.contract(), parts));
        }
        vec![Said {
            class: "RIC",
            number: self.lessee.id.text().to_owned(),
            field: "lesseeCert",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        next.state = draw.random.pick(&["ACTIVE", "ACTIVE", "CANCELLED"]);
        Arc::new(next)
    }

    fn twisted(&self, _twist: Twist) -> Arc<dyn Statement> {
        Arc::new(self.clone())
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Lease,
    number: Some(("lesseeCert", "resident_id")),
    name: Some("lesseeName"),
    required: &["houseAddr", "startDate"],
    dates: &[
        ("startDate", "23/11/2026", "1900-01-01"),
        ("endDate", "2027年11月22日", ""),
    ],
    codes: &[("status", "DRAFT", "enum")],
    mistyped: &["lesseeName", "lesseePhone", "houseAddr", "startDate"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    let running = vec![("status", Sent::Text("NEW"), Left::Same)];
    vec![
        writes(
            "nobody_named",
            Outcome::Quarantined,
            ("lesseeCert", Sent::Text(""), Left::Lost),
            &[],
        )
        .with(Rule::Record("subject")),
        writes(
            "month_first",
            Outcome::Accepted,
            (
                "startDate",
                Sent::Text("05/20/2025"),
                Left::Is("2025-05-20"),
            ),
            &[],
        ),
        writes(
            "telephone_that_is_none",
            Outcome::Flagged,
            ("lesseePhone", Sent::Text("12345"), Left::Lost),
            &["readable"],
        ),
        writes(
            "address_filler",
            Outcome::Flagged,
            ("houseAddr", Sent::Text("无"), Left::Lost),
            &["placeholder"],
        ),
        all(
            "ends_before_it_begins",
            Outcome::Flagged,
            vec![
                (
                    "startDate",
                    Sent::Text("2027-11-23"),
                    Left::Is("2027-11-23"),
                ),
                ("endDate", Sent::Text("2026-11-22"), Left::Is("2026-11-22")),
                ("status", Sent::Text("ACTIVE"), Left::Same),
            ],
            vec![Rule::Named("endDate", "lease_dates")],
        ),
        all(
            "new_and_long_over",
            Outcome::Flagged,
            vec![
                (
                    "startDate",
                    Sent::Text("2023-01-01"),
                    Left::Is("2023-01-01"),
                ),
                ("endDate", Sent::Text("2024-01-01"), Left::Is("2024-01-01")),
            ],
            vec![Rule::Named("endDate", "lease_new_is_not_over")],
        ),
        missed("cancelled_and_new_again", How::Writes(running)),
    ]
}
