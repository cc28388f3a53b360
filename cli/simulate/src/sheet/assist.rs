//! The monthly list of social assistance (mz.assist): snapshots as CSV in GBK.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Damage, Layout, Left, Rule, Seeded, Sent, damages, twists, writes};
use super::{
    Citizen, Draw, Said, SaidCell, Statement, Twist, month_text, months_after, name_cells,
};
use crate::calendar::month_of;
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::issue_id::IdKey;
use crate::random::variant;
use crate::render::{Fields, text};

/// Kinds of assistance: the canonical code and the labels that counties write.
const KINDS: [(&str, [&str; 2]); 4] = [
    ("DIBAO", ["低保", "最低生活保障"]),
    ("TEKUN", ["特困", "特困供养"]),
    ("DIBIAN", ["低边", "低保边缘"]),
    ("TEMPORARY", ["临时救助", "临时救助"]),
];

#[derive(Clone)]
struct Assist {
    citizen: Citizen,
    kind: (&'static str, [&'static str; 2]),
    since: u32,
    until: Option<u32>,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let since = months_after(month_of(draw.today), -draw.random.between(1, 30));
    let months = draw.random.between(0, 12);
    Arc::new(Assist {
        citizen: draw.adult(None),
        kind: draw.random.pick(&KINDS),
        since,
        until: draw
            .random
            .chance(3_000)
            .then(|| months_after(since, months)),
    })
}

impl Statement for Assist {
    fn feed(&self) -> Feed {
        Feed::Assist
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![
            ("身份证号", self.citizen.id.text().to_owned()),
            ("救助类型", self.kind.0.to_owned()),
        ]
    }

    fn fields(&self, salt: u64) -> Fields {
        let apostrophe = if salt.is_multiple_of(3) { "'" } else { "" };
        let month = |month: u32| match salt % 4 {
            0 => month_text(month),
            1 => format!("{}年{}月", month / 100, month % 100),
            _ => month.to_string(),
        };
        Fields(vec![
            (
                "身份证号",
                text(format!("{apostrophe}{}", self.citizen.id.text())),
            ),
            ("姓名", text(&self.citizen.name)),
            ("救助类型", text(variant(&self.kind.1, salt >> 8))),
            ("起始月", text(month(self.since))),
            ("终止月", text(self.until.map_or_else(String::new, month))),
        ])
    }

    fn says(&self, _today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut parts = vec![
            ("kind", "救助类型", json!(self.kind.0)),
            ("since", "起始月", json!(month_text(self.since))),
        ];
        parts.extend(
            self.until
                .map(|until| ("until", "终止月", json!(month_text(until)))),
        );
        let mut cells: Vec<SaidCell> = name_cells(&self.citizen.name, "姓名").into();
        cells.push(SaidCell::Element(
            "assistance",
            self.kind.0.to_owned(),
            parts,
        ));
        vec![Said {
            class: "RIC",
            number: self.citizen.id.text().to_owned(),
            field: "身份证号",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        if next.until.is_none() && draw.random.chance(500) {
            next.until = Some(months_after(month_of(draw.today), -1).max(next.since));
        }
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        if twist == Twist::Exchanged {
            next.until = Some(months_after(self.since, -2));
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Assist,
    number: Some(("身份证号", "resident_id")),
    name: Some("姓名"),
    required: &["姓名", "起始月"],
    dates: &[("起始月", "26-01", "99991231"), ("终止月", "长期", "")],
    codes: &[],
    mistyped: &[],
    has_time_in_order: false,
    is_json: false,
};

pub(super) fn kinds() -> Vec<Seeded> {
    vec![
        damages("short_row", Damage::ShortRow),
        writes(
            "number_as_a_spreadsheet_shows_it",
            Outcome::Rejected,
            ("身份证号", Sent::Text("3.50203E+17"), Left::Lost),
            &["resident_id"],
        ),
        writes(
            "kind_unknown",
            Outcome::Quarantined,
            ("救助类型", Sent::Text("医疗救助金"), Left::Lost),
            &["enum"],
        ),
        twists(
            "ends_before_it_begins",
            Twist::Exchanged,
            vec![Rule::Named("终止月", "assist_months")],
        ),
    ]
}
