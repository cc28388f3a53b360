//! School records (jy.enrol).

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{Layout, Left, Rule, Seeded, Sent, all, twists, writes};
use super::{Citizen, Draw, Said, SaidCell, Statement, Twist, name_cells};
use crate::calendar::{compact, plus_days};
use crate::defect::Outcome;
use crate::feed::Feed;
use crate::issue_id::IdKey;
use crate::random::variant;
use crate::render::{Fields, text};

/// Grades by the age at which a child enters them, from six; with their stage.
const GRADES: [(&str, &str); 13] = [
    ("一年级", "PRIMARY"),
    ("二年级", "PRIMARY"),
    ("三年级", "PRIMARY"),
    ("四年级", "PRIMARY"),
    ("五年级", "PRIMARY"),
    ("六年级", "PRIMARY"),
    ("七年级", "JUNIOR"),
    ("初二", "JUNIOR"),
    ("九年级", "JUNIOR"),
    ("高一", "SENIOR"),
    ("高二", "SENIOR"),
    ("高三", "SENIOR"),
    ("高三", "SENIOR"),
];
const STATES: [(&str, &str); 5] = [
    ("在读", "ENROLLED"),
    ("休学", "SUSPENDED"),
    ("转学", "TRANSFERRED"),
    ("毕业", "GRADUATED"),
    ("退学", "LEFT"),
];

#[derive(Clone)]
struct Enrol {
    number: u64,
    child: Citizen,
    sex: u8,
    birth: Date,
    school: u64,
    grade: (&'static str, &'static str),
    state: (&'static str, &'static str),
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    let child = draw.citizen(|citizen| (2006..=2019).contains(&citizen.birth.year()));
    let years = u64::from(draw.today.year().abs_diff(child.birth.year()));
    Arc::new(Enrol {
        number: draw.next(),
        sex: child.sex,
        birth: child.birth,
        school: 2_135_000_000 + draw.random.below(60),
        grade: variant(&GRADES, years.clamp(6, 18) - 6),
        state: STATES[0],
        child,
    })
}

impl Enrol {
    fn record_number(&self) -> String {
        format!("G3502{:014}", self.number)
    }
}

impl Statement for Enrol {
    fn feed(&self) -> Feed {
        Feed::Enrol
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![("xjh", self.record_number())]
    }

    fn fields(&self, salt: u64) -> Fields {
        let birth = match salt % 3 {
            0 => compact(self.birth),
            _ => self.birth.to_string(),
        };
        Fields(vec![
            ("xjh", text(self.record_number())),
            ("xsxm", text(&self.child.name)),
            ("sfzjlxm", text("1")),
            ("sfzjh", text(self.child.id.text())),
            ("xbm", text(self.sex)),
            ("csrq", text(birth)),
            ("xxbsm", text(self.school)),
            ("njmc", text(self.grade.0)),
            ("xszt", text(self.state.0)),
        ])
    }

    fn says(&self, _today: Date, _key: Option<&IdKey>) -> Vec<Said> {
        let mut cells: Vec<SaidCell> = name_cells(&self.child.name, "xsxm").into();
        cells.push(SaidCell::Column(
            "sex_code",
            ("", "xbm", json!(self.sex.to_string())),
        ));
        cells.push(SaidCell::Column(
            "birth_date",
            ("", "csrq", json!(self.birth.to_string())),
        ));
        let parts = vec![
            ("school_code", "xxbsm", json!(self.school.to_string())),
            ("stage", "njmc", json!(self.grade.1)),
            ("grade", "njmc", json!(self.grade.0)),
            ("student_no", "xjh", json!(self.record_number())),
            ("status", "xszt", json!(self.state.1)),
        ];
        cells.push(SaidCell::Struct("enrolment", 0, parts));
        vec![Said {
            class: "RIC",
            number: self.child.id.text().to_owned(),
            field: "sfzjh",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match draw.random.below(3) {
            0 => next.school = 2_135_000_000 + draw.random.below(60),
            _ => next.state = draw.random.pick(&STATES),
        }
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        match twist {
            Twist::OtherSex => next.sex = 3 - next.sex,
            Twist::OtherBirth => next.birth = plus_days(next.birth, 11),
            _ => {}
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Enrol,
    number: Some(("sfzjh", "resident_id")),
    name: Some("xsxm"),
    required: &["xsxm", "xxbsm", "njmc", "xszt"],
    dates: &[("csrq", "10/09/15", "19000101")],
    codes: &[
        ("xbm", "男", "codeset"),
        ("xszt", "在籍", "enum"),
        ("njmc", "小五", "enum"),
    ],
    mistyped: &["xsxm", "sfzjh", "csrq", "njmc"],
    has_time_in_order: true,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    let birth = Rule::Field("csrq", "id_birth");
    vec![
        writes(
            "key_of_another_shape",
            Outcome::Quarantined,
            ("xjh", Sent::Unique("未编号"), Left::Text),
            &["pattern"],
        ),
        writes(
            "document_type_unknown",
            Outcome::Quarantined,
            ("sfzjlxm", Sent::Text("Z"), Left::Lost),
            &["enum"],
        ),
        writes(
            "no_document",
            Outcome::Flagged,
            ("sfzjh", Sent::Text(""), Left::Lost),
            &["required"],
        ),
        writes(
            "school_by_its_name",
            Outcome::Flagged,
            ("xxbsm", Sent::Text("示例小学"), Left::Text),
            &["pattern"],
        ),
        all(
            "age_of_no_pupil",
            Outcome::Flagged,
            vec![("csrq", Sent::Text("1985-03-02"), Left::Is("1985-03-02"))],
            vec![birth, Rule::Named("csrq", "enrol_age")],
        ),
        all(
            "statement_of_the_future",
            Outcome::Quarantined,
            vec![("csrq", Sent::Text("2093-02-01"), Left::Lost)],
            vec![
                birth,
                Rule::Field("csrq", "not_future"),
                Rule::Named("csrq", "enrol_age"),
            ],
        ),
        twists(
            "contradicted_sex",
            Twist::OtherSex,
            vec![Rule::Field("xbm", "id_sex")],
        ),
        twists("contradicted_birth", Twist::OtherBirth, vec![birth]),
    ]
}
