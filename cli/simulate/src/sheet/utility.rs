//! Use of water, electricity and gas (gy.utility): an array of readings in a message.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Layout, Left, Rule, Seeded, Sent, all, writes};
use super::{
    Draw, Said, SaidCell, Statement, Twist, credit_cells, month_text, months_after, token,
};
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::identifier::{Credit, organisation_of};
use crate::issue_id::IdKey;
use crate::render::{Fields, Json, text};

/// What is metered: field, kind, unit.
const METERED: [(&str, &str, &str); 3] = [
    ("dl", "ELECTRICITY", "kWh"),
    ("sl", "WATER", "m3"),
    ("ql", "GAS", "m3"),
];

#[derive(Clone)]
struct Utility {
    customer: u64,
    month: u32,
    holder: (Credit, Arc<str>),
    /// Thousandths of each quantity, where it is metered.
    quantities: [Option<i64>; 3],
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let month = draw.month_before();
    let mut quantities = [None, None, None];
    quantities[0] = Some(draw.random.between(100, 900_000) * 10);
    for slot in quantities.iter_mut().skip(1) {
        *slot = draw
            .random
            .chance(3_000)
            .then(|| draw.random.between(1, 9_000) * 500);
    }
    Arc::new(Utility {
        customer: draw.next(),
        month,
        holder: draw.enterprise(),
        quantities,
    })
}

/// Thousandths as a JSON number.
fn number(thousandths: i64) -> Json {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    Json::Raw(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

impl Utility {
    fn customer(&self) -> String {
        format!("0592{:06}", self.customer)
    }
}

impl Statement for Utility {
    fn feed(&self) -> Feed {
        Feed::Utility
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("yhbh", self.customer()), ("ym", month_text(self.month))]
    }

    fn fields(&self, salt: u64) -> Fields {
        // One customer is always written alike, or versions of one key would lie in several partitions.
        let month = match self.customer % 3 {
            0 => month_text(self.month),
            _ => self.month.to_string(),
        };
        let mut fields = Fields(vec![
            ("yhbh", text(self.customer())),
            ("hm", text(&self.holder.1)),
            ("zjhm", text(self.holder.0.text())),
            ("ym", text(month)),
        ]);
        for ((field, _, _), quantity) in METERED.into_iter().zip(self.quantities) {
            match quantity {
                Some(quantity) => fields.set(field, number(quantity)),
                None if salt.is_multiple_of(2) => fields.set(field, Json::Null),
                None => {}
            }
        }
        fields
    }

    fn says(&self, _today: Date, key: Option<&IdKey>) -> Vec<Said> {
        let mut cells = credit_cells(&self.holder.0, "zjhm");
        let month = month_text(self.month);
        let meter = token(key, "METER", &self.customer());
        for ((field, kind, unit), quantity) in METERED.into_iter().zip(self.quantities) {
            let Some(quantity) = quantity else { continue };
            let parts = vec![
                ("month", "ym", json!(month)),
                ("kind", "", json!(kind)),
                ("meter", "yhbh", meter.clone()),
                ("qty", field, json!(quantity)),
                ("unit", "", json!(unit)),
            ];
            let element = format!("{month}|{kind}|{}", meter.as_str().unwrap_or_default());
            cells.push(SaidCell::Element("utilities", element, parts));
        }
        vec![Said {
            class: "ORG",
            number: organisation_of(&self.holder.0).to_owned(),
            field: "zjhm",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        next.month = months_after(self.month, 1);
        next.quantities[0] = Some(draw.random.between(100, 900_000) * 10);
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match twist {
            Twist::Alone => next.quantities = [None; 3],
            // A correction states the same month again.
            Twist::OtherQuantity => next.quantities[0] = Some(1_500),
            _ => {}
        }
        Arc::new(next)
    }

    fn period(&self) -> Option<u32> {
        Some(self.month)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Utility,
    number: None,
    name: None,
    required: &[],
    dates: &[],
    codes: &[],
    mistyped: &["zjhm", "dl"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    let observed = |kind, field, sent: &'static str, left, rule| {
        all(
            kind,
            Outcome::Accepted,
            vec![(field, Sent::Text(sent), left)],
            vec![rule],
        )
    };
    vec![
        observed(
            "customer_number_only",
            "zjhm",
            "",
            Left::Lost,
            Rule::Observed("zjhm", "required"),
        ),
        observed(
            "name_abbreviated",
            "hm",
            "示例公司厦分",
            Left::Text,
            Rule::NamedObserved("hm", "utility_whole_name"),
        ),
        writes(
            "unusable_number",
            Outcome::Rejected,
            ("zjhm", Sent::Credit, Left::Lost),
            &["party"],
        ),
        writes(
            "key_of_no_month",
            Outcome::Quarantined,
            ("ym", Sent::Text("2026"), Left::Lost),
            &["type"],
        ),
        writes(
            "period_to_come",
            Outcome::Quarantined,
            ("ym", Sent::Text("209301"), Left::Is("2093-01")),
            &["not_future"],
        ),
        writes(
            "negative_quantity",
            Outcome::Flagged,
            ("dl", Sent::Raw("-20.5"), Left::Integer(-20_500)),
            &["range"],
        ),
        writes(
            "too_many_decimals",
            Outcome::Flagged,
            ("dl", Sent::Raw("1.23456"), Left::Lost),
            &["readable"],
        ),
        super::seeds::twists(
            "no_quantity",
            Twist::Alone,
            vec![Rule::Named("", "utility_one_reading")],
        ),
    ]
}
