//! Medical certificates of birth (wj.birth): JSON, or by header XML.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Damage, Layout, Left, Rule, Seeded, Sent, all, damages, twists, writes};
use super::{Draw, Said, SaidCell, Statement, Twist, name_cells, token};
use crate::calendar::plus_days;
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::gazetteer::{NameKind, person_name};
use crate::identifier::ResidentId;
use crate::issue_id::IdKey;
use crate::render::{Fields, Json, text};

#[derive(Clone)]
struct Birth {
    number: u64,
    /// None while the child has no name.
    name: Option<Arc<str>>,
    sex: u8,
    date: Date,
    minute: i64,
    mother: ResidentId,
    /// The law asks for none.
    father: Option<ResidentId>,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    Arc::new(birth(draw))
}

/// A child that has its name: most seeded defects are written into its certificate.
pub fn named(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let name = Some(person_name(&mut draw.random, NameKind::Usual));
    Arc::new(Birth {
        name,
        ..birth(draw)
    })
}

/// Two certificates of one child.
pub fn issued_again(draw: &mut Draw<'_>) -> [Arc<dyn Statement>; 2] {
    let first = birth(draw);
    let again = Birth {
        number: draw.next(),
        ..first.clone()
    };
    [Arc::new(first), Arc::new(again)]
}

fn birth(draw: &mut Draw<'_>) -> Birth {
    let name = person_name(&mut draw.random, NameKind::Usual);
    Birth {
        number: draw.next(),
        name: (!draw.random.chance(3_000)).then_some(name),
        sex: if draw.random.chance(5_000) { 1 } else { 2 },
        date: draw.day_before(25),
        minute: draw.random.between(0, 1_439),
        mother: draw.adult(Some(2)).id,
        father: Some(draw.adult(Some(1)).id),
    }
}

impl Birth {
    fn certificate(&self) -> String {
        format!("R35{:07}", self.number)
    }
}

impl Statement for Birth {
    fn feed(&self) -> Feed {
        Feed::Birth
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("cszmbh", self.certificate())]
    }

    fn fields(&self, salt: u64) -> Fields {
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        let time = match salt % 3 {
            0 => format!("{}T{hour:02}:{minute:02}:00+08:00", self.date),
            _ => format!("{} {hour:02}:{minute:02}:00", self.date),
        };
        Fields(vec![
            ("cszmbh", text(self.certificate())),
            ("xsexm", self.name.as_ref().map_or(Json::Null, text)),
            ("xb", text(self.sex)),
            ("cssj", text(time)),
            ("mqsfzh", text(self.mother.text())),
            (
                "fqsfzh",
                text(
                    self.father
                        .map_or_else(String::new, |id| id.text().to_owned()),
                ),
            ),
            ("jgdm", text(47_010 + salt % 9)),
        ])
    }

    fn says(&self, _today: Date, key: Option<&IdKey>) -> Vec<Said> {
        let certificate = self.certificate();
        let mut cells = Vec::new();
        if let Some(name) = &self.name {
            cells.extend(name_cells(name, "xsexm"));
        }
        let mut column = |column, field, value| {
            cells.push(SaidCell::Column(column, ("", field, value)));
        };
        column("birth_cert_no", "cszmbh", json!(certificate));
        column("sex_code", "xb", json!(self.sex.to_string()));
        column("birth_date", "cssj", json!(self.date.to_string()));
        column("life_status", "", json!("ALIVE"));
        let parents = [
            ("MOTHER", "mqsfzh", Some(self.mother)),
            ("FATHER", "fqsfzh", self.father),
        ];
        for (role, field, parent) in parents {
            let Some(parent) = parent else { continue };
            let parts = vec![
                ("role", "", json!(role)),
                ("person_id", field, token(key, "RIC", parent.text())),
            ];
            cells.push(SaidCell::Element("parents", role.to_owned(), parts));
        }
        vec![Said {
            class: "BIRTH",
            number: certificate,
            field: "cszmbh",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match &self.name {
            None => next.name = Some(person_name(&mut draw.random, NameKind::Usual)),
            Some(_) => next.date = plus_days(self.date, -1),
        }
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match twist {
            Twist::OneNumber => next.father = Some(next.mother),
            Twist::Exchanged => {
                let father = next.father.unwrap_or(next.mother);
                (next.mother, next.father) = (father, Some(next.mother));
            }
            Twist::Alone => next.father = None,
            _ => {}
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Birth,
    number: None,
    name: Some("xsexm"),
    required: &["xb", "cssj", "mqsfzh"],
    dates: &[("cssj", "21/11/2026 13:40", "1900-01-01 00:00:00")],
    codes: &[],
    mistyped: &["xsexm", "xb", "cssj", "mqsfzh"],
    has_time_in_order: false,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    use crate::defect::Defect;
    let sexes = Rule::Named("fqsfzh", "birth_sexes");
    let parents = Rule::Named("fqsfzh", "birth_two_parents");
    let parent = |field, defect| {
        let write = (field, Sent::Number(defect), Left::Lost);
        writes("parent_unusable", Outcome::Flagged, write, &["resident_id"])
    };
    let mut alone = twists(
        "father_missing",
        Twist::Alone,
        vec![Rule::Observed("fqsfzh", "required")],
    );
    alone.outcome = Outcome::Accepted;
    vec![
        damages("format_that_the_contract_lacks", Damage::UnknownFormat),
        damages("xml_cut_off", Damage::CutOffXml),
        writes(
            "unusable_number",
            Outcome::Rejected,
            ("cszmbh", Sent::Unique("R35"), Left::Lost),
            &["resident_id"],
        ),
        writes(
            "named_after_its_mother",
            Outcome::Flagged,
            ("xsexm", Sent::Text("林晓梅之女"), Left::Text),
            &[],
        )
        .with(Rule::Named("xsexm", "birth_no_name_of_its_own")),
        writes(
            "sex_of_no_hospital",
            Outcome::Flagged,
            ("xb", Sent::Text("0"), Left::Text),
            &["pattern"],
        ),
        all(
            "unknown_code",
            Outcome::Flagged,
            vec![("xb", Sent::Text("ZZ"), Left::Lost)],
            vec![Rule::Field("xb", "codeset"), Rule::Field("xb", "pattern")],
        ),
        writes(
            "statement_of_the_future",
            Outcome::Quarantined,
            ("cssj", Sent::Text("2093-02-01 08:00:00"), Left::Lost),
            &["not_future"],
        ),
        parent("mqsfzh", Defect::IdBadCheck),
        parent("fqsfzh", Defect::IdMasked),
        alone,
        twists(
            "one_number_for_both",
            Twist::OneNumber,
            vec![sexes, parents],
        ),
        twists("sexes_exchanged", Twist::Exchanged, vec![sexes]),
    ]
}
