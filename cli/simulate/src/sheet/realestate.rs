//! Rights in real estate (zr.realestate): one right of one unit, with its owners in a list.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{How, Layout, Left, Rule, Seeded, Sent, all, missed, twists, writes};
use super::{Citizen, Draw, Said, SaidCell, Statement, Twist, spelled};
use crate::calendar::plus_days;
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::identifier::{Credit, organisation_of};
use crate::issue_id::IdKey;
use crate::random::variant;
use crate::render::{Fields, Json, text};

#[derive(Clone)]
enum Owner {
    Person(Citizen),
    Organisation(Credit, Arc<str>),
}

#[derive(Clone)]
struct RealEstate {
    number: u64,
    /// One owner of the whole, or two with a half each.
    owners: Vec<Owner>,
    since: Date,
    until: Option<Date>,
}

/// Fields of the first owner, which are spoiled one by one.
const OWNER: [(&str, &str); 5] = [
    ("qlr[].mc", "mc"),
    ("qlr[].zjzl", "zjzl"),
    ("qlr[].zjh", "zjh"),
    ("qlr[].gyqk", "gyqk"),
    ("qlr[].qlbl", "qlbl"),
];

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let one = Owner::Person(draw.adult(Some(1)));
    let owners = match draw.random.below(4) {
        0 => {
            let (credit, name) = draw.enterprise();
            vec![Owner::Organisation(credit, name)]
        }
        1 => vec![one],
        _ => vec![one, Owner::Person(draw.adult(Some(2)))],
    };
    Arc::new(right(draw, owners))
}

/// A couple owns a half each: most seeded defects are written into such a right.
pub fn couple(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let owners = vec![
        Owner::Person(draw.adult(Some(1))),
        Owner::Person(draw.adult(Some(2))),
    ];
    Arc::new(right(draw, owners))
}

fn right(draw: &mut Draw<'_>, owners: Vec<Owner>) -> RealEstate {
    RealEstate {
        number: draw.next(),
        owners,
        since: plus_days(draw.today, -1),
        until: None,
    }
}

impl RealEstate {
    fn unit(&self) -> String {
        format!(
            "350203001001GB{:05}F{:08}",
            1 + self.number % 9,
            10_000 + self.number
        )
    }

    fn right(&self) -> String {
        format!("闽(2026)厦门市不动产权第{:07}号", self.number)
    }

    /// The share of each owner in lowest terms, and how it is written.
    fn share(&self, salt: u64) -> (&'static str, &'static str) {
        match self.owners.len() {
            1 => ("1/1", "100%"),
            _ => ("1/2", variant(&["50%", "1/2", "５０％"], salt)),
        }
    }

    fn owner(&self, owner: &Owner, salt: u64) -> Fields {
        let (name, kind, number) = match owner {
            Owner::Person(citizen) => (&citizen.name, "1", citizen.id.text()),
            Owner::Organisation(credit, name) => (name, "6", credit.text()),
        };
        let how = if self.owners.len() == 1 {
            "单独所有"
        } else {
            "按份共有"
        };
        Fields(vec![
            ("mc", text(name)),
            ("zjzl", text(kind)),
            ("zjh", text(number)),
            ("gyqk", text(how)),
            ("qlbl", text(self.share(salt).1)),
        ])
    }
}

impl Statement for RealEstate {
    fn feed(&self) -> Feed {
        Feed::RealEstate
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("bdcdyh", self.unit()), ("bdcqzh", self.right())]
    }

    fn fields(&self, salt: u64) -> Fields {
        let mut fields = Fields(vec![
            ("bdcdyh", text(self.unit())),
            ("bdcqzh", text(self.right())),
            ("qlr", Json::Null),
        ]);
        let first = self.owners.first().map(|owner| self.owner(owner, salt));
        for ((path, _), (_, value)) in OWNER.into_iter().zip(first.into_iter().flat_map(|f| f.0)) {
            fields.set(path, value);
        }
        let rest = self.owners.iter().skip(1);
        let rest: Vec<String> = rest
            .map(|owner| self.owner(owner, salt >> 9).json())
            .collect();
        fields.set("qlr", Json::Raw(rest.join(",")));
        fields.set("djsj", text(spelled(self.since, salt)));
        let until = self.until.map(|until| text(spelled(until, salt)));
        fields.set("zzrq", until.unwrap_or(Json::Null));
        fields
    }

    fn nest(&self, fields: &mut Fields) {
        let mut first = Fields(Vec::new());
        for (path, name) in OWNER {
            first.0.extend(fields.take(path).map(|value| (name, value)));
        }
        // Another owner stands there as JSON; whatever else stands there is a defect of the whole list.
        let rest = match fields.get("qlr") {
            Some(Json::Raw(rest)) if !rest.starts_with('[') => rest.clone(),
            _ => return,
        };
        let comma = if rest.is_empty() { "" } else { "," };
        fields.set("qlr", Json::Raw(format!("[{}{comma}{rest}]", first.json())));
    }

    fn says(&self, _today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut said = Vec::new();
        for (place, owner) in self.owners.iter().enumerate() {
            // Only the first owner's fields are spoiled.
            let field = |name| if place == 0 { name } else { "qlr" };
            let element = || format!("{}|{}", self.unit(), self.right());
            let mut parts = vec![
                ("unit_no", "bdcdyh", json!(self.unit())),
                ("right_no", "bdcqzh", json!(self.right())),
                ("share", field("qlr[].qlbl"), json!(self.share(0).0)),
            ];
            let number = field("qlr[].zjh");
            said.push(match owner {
                Owner::Person(citizen) => {
                    parts.push(("since", "djsj", json!(self.since.to_string())));
                    let until = self.until.map(|until| json!(until.to_string()));
                    parts.extend(until.map(|until| ("until", "zzrq", until)));
                    Said {
                        class: "RIC",
                        number: citizen.id.text().to_owned(),
                        field: number,
                        cells: vec![SaidCell::Element("properties", element(), parts)],
                    }
                }
                Owner::Organisation(credit, _) => {
                    let mut cells = super::credit_cells(credit, number);
                    cells.push(SaidCell::Element("land", element(), parts));
                    Said {
                        class: "ORG",
                        number: organisation_of(credit).to_owned(),
                        field: number,
                        cells,
                    }
                }
            });
        }
        said
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        next.since = plus_days(draw.today, -1).max(self.since);
        next.until = Some(next.since);
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        if twist == Twist::Exchanged {
            next.until = Some(plus_days(self.since, -90));
        }
        Arc::new(next)
    }

    fn day(&self) -> Option<Date> {
        Some(self.since)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::RealEstate,
    number: Some(("qlr[].zjh", "party")),
    name: None,
    required: &["qlr[].mc"],
    dates: &[("zzrq", "长期", "")],
    codes: &[("qlr[].gyqk", "各半", "enum")],
    mistyped: &["zzrq", "qlr[].zjh", "qlr[].qlbl"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    held_back().into_iter().chain(owners()).collect()
}

/// Kinds that keep a record out of the files.
fn held_back() -> Vec<Seeded> {
    let held = |kind, field, sent: &'static str, left, rules| {
        all(
            kind,
            Outcome::Quarantined,
            vec![(field, Sent::Text(sent), left)],
            rules,
        )
    };
    let order = Rule::Record("order");
    let nobody = Rule::Record("subject");
    let none = vec![("qlr", Sent::Raw("[]"), Left::Lost)];
    vec![
        held(
            "key_of_another_shape",
            "bdcdyh",
            "350203-1-2",
            Left::Text,
            vec![Rule::Field("bdcdyh", "pattern")],
        ),
        held(
            "document_type_unknown",
            "qlr[].zjzl",
            "7",
            Left::Lost,
            vec![Rule::Field("qlr[].zjzl", "enum")],
        ),
        held(
            "order_missing",
            "djsj",
            "",
            Left::Lost,
            vec![Rule::Field("djsj", "required"), order],
        ),
        held(
            "order_missing",
            "djsj",
            "23.11.2026",
            Left::Lost,
            vec![Rule::Field("djsj", "type"), order],
        ),
        held(
            "date_filler",
            "djsj",
            "99991231",
            Left::Lost,
            vec![Rule::Field("djsj", "placeholder"), order],
        ),
        held(
            "statement_of_the_future",
            "djsj",
            "2093-02-01",
            Left::Lost,
            vec![Rule::Field("djsj", "not_future")],
        ),
        all("nobody_named", Outcome::Quarantined, none, vec![nobody]),
    ]
}

/// Kinds of owners, shares and dates.
fn owners() -> Vec<Seeded> {
    vec![
        writes(
            "several_owners_in_one_text",
            Outcome::Flagged,
            ("qlr[].mc", Sent::Text("张三、李四"), Left::Text),
            &["pattern"],
        ),
        writes(
            "certificate_without_a_number",
            Outcome::Flagged,
            ("qlr[].zjh", Sent::Text(""), Left::Lost),
            &["required"],
        ),
        writes(
            "share_that_is_none",
            Outcome::Flagged,
            ("qlr[].qlbl", Sent::Text("一半"), Left::Lost),
            &["readable"],
        ),
        twists(
            "ends_before_it_begins",
            Twist::Exchanged,
            vec![Rule::Named("zzrq", "realestate_dates")],
        ),
        writes(
            "share_in_another_spelling",
            Outcome::Accepted,
            ("qlr[].qlbl", Sent::Text("５０％"), Left::Is("1/2")),
            &[],
        ),
        missed(
            "shares_that_do_not_add_up",
            How::Writes(vec![("qlr[].qlbl", Sent::Text("40%"), Left::Is("2/5"))]),
        ),
    ]
}
