//! Housing fund accounts (gjj.account): lines of fixed width in GB18030, one account and month each.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Damage, Layout, Left, Rule, Seeded, Sent, all, damages, writes};
use super::{
    Citizen, Draw, Said, SaidCell, Statement, Twist, month_text, months_after, name_cells,
};
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::identifier::Credit;
use crate::issue_id::IdKey;
use crate::render::{Fields, text};

const STATES: [(&str, &str); 3] = [("01", "NORMAL"), ("02", "SEALED"), ("03", "CLOSED")];

#[derive(Clone)]
struct Account {
    number: u64,
    month: u32,
    owner: Citizen,
    state: (&'static str, &'static str),
    base_cents: u64,
    paid: u32,
    unit: (Credit, Arc<str>),
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let month = draw.month_before();
    Arc::new(account(draw, month))
}

/// A statement about a month that the feed no longer keeps.
pub fn beyond_the_horizon(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let month = months_after(draw.month_before(), -30);
    Arc::new(account(draw, month))
}

fn account(draw: &mut Draw<'_>, month: u32) -> Account {
    Account {
        number: draw.next(),
        month,
        owner: draw.adult(None),
        state: STATES[0],
        base_cents: draw.random.between(2_000, 32_000).unsigned_abs() * 100,
        paid: month,
        unit: draw.enterprise(),
    }
}

impl Account {
    fn account(&self) -> String {
        format!("3502030{:013}", self.number)
    }
}

impl Statement for Account {
    fn feed(&self) -> Feed {
        Feed::HousingFund
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![
            ("account", self.account()),
            ("month", month_text(self.month)),
        ]
    }

    fn fields(&self, _salt: u64) -> Fields {
        let unit: String = self.unit.1.chars().take(20).collect();
        Fields(vec![
            ("account", text(self.account())),
            ("month", text(self.month)),
            ("certno", text(self.owner.id.text())),
            ("name", text(&self.owner.name)),
            ("status", text(self.state.0)),
            ("base", text(format!("{:012}", self.base_cents))),
            ("paid", text(self.paid)),
            ("unit", text(unit)),
            ("unitcode", text(self.unit.0.text())),
        ])
    }

    fn says(&self, _today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut cells: Vec<SaidCell> = name_cells(&self.owner.name, "name").into();
        let parts = vec![
            ("status", "status", json!(self.state.1)),
            ("base_cents", "base", json!(self.base_cents)),
            ("paid_through", "paid", json!(month_text(self.paid))),
            ("unit_uscc", "unitcode", json!(self.unit.0.text())),
        ];
        cells.push(SaidCell::Struct(
            "housing_fund",
            i64::from(self.month),
            parts,
        ));
        vec![Said {
            class: "RIC",
            number: self.owner.id.text().to_owned(),
            field: "certno",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        next.month = months_after(self.month, 1);
        next.state = match draw.random.below(40) {
            0 => STATES[1],
            1 => STATES[2],
            _ => STATES[0],
        };
        if next.state.1 == "NORMAL" {
            next.paid = next.month;
        }
        Arc::new(next)
    }

    fn twisted(&self, _twist: Twist) -> Arc<dyn Statement> {
        Arc::new(self.clone())
    }

    fn period(&self) -> Option<u32> {
        Some(self.month)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::HousingFund,
    number: Some(("certno", "resident_id")),
    name: Some("name"),
    required: &["status", "unitcode"],
    dates: &[("paid", "2026/1", "")],
    codes: &[("status", "09", "enum")],
    mistyped: &[],
    has_time_in_order: true,
    is_json: false,
};

pub(super) fn kinds() -> Vec<Seeded> {
    let whole = |field| Rule::Field(field, "whole_characters");
    vec![
        damages("line_of_another_length", Damage::ShortRow),
        writes(
            "key_of_another_shape",
            Outcome::Quarantined,
            ("account", Sent::Unique("3502 0300 0000 "), Left::Text),
            &["pattern"],
        ),
        writes(
            "key_of_no_month",
            Outcome::Quarantined,
            ("month", Sent::Text("2026-0"), Left::Lost),
            &["type"],
        ),
        writes(
            "statement_of_the_future",
            Outcome::Quarantined,
            ("month", Sent::Text("209301"), Left::Is("2093-01")),
            &["not_future"],
        ),
        writes(
            "nobody_named",
            Outcome::Quarantined,
            ("certno", Sent::Text(""), Left::Lost),
            &[],
        )
        .with(Rule::Record("subject")),
        all(
            "cut_in_a_character",
            Outcome::Flagged,
            vec![(
                "unit",
                Sent::Text("厦门A示例股份有限公司第一分公司第二营业部"),
                Left::Text,
            )],
            vec![whole("unit")],
        ),
        all(
            "cut_in_a_character",
            Outcome::Flagged,
            vec![(
                "name",
                Sent::Text("阿卜杜拉 买买提艾合提"),
                Left::Names("阿卜杜拉买买提艾合", "阿卜杜拉 买买提艾合"),
            )],
            vec![whole("name")],
        ),
        writes(
            "amount_that_is_none",
            Outcome::Flagged,
            ("base", Sent::Text("0000005200-0"), Left::Lost),
            &["readable"],
        ),
        writes(
            "employer_unusable",
            Outcome::Flagged,
            ("unitcode", Sent::Credit, Left::Lost),
            &["uscc"],
        ),
        all(
            "paid_beyond_the_month",
            Outcome::Flagged,
            vec![("paid", Sent::Text("202912"), Left::Is("2029-12"))],
            vec![Rule::Named("paid", "account_paid_through")],
        ),
    ]
}
