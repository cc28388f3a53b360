//! Residents from Hong Kong, Macao, Taiwan and abroad (yimin.hmt): one document of one person.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::seeds::{How, Layout, Left, Rule, Seeded, Sent, all, missed, twists, writes};
use super::{Draw, Said, SaidCell, Statement, Twist, name_cells, spelled, token};
use crate::calendar::plus_days;
use crate::defect::{Defect, Outcome};
use crate::feed::Feed;
use crate::identifier::with_valid_check;
use crate::issue_id::IdKey;
use crate::random::{small, variant};
use crate::render::{Fields, text};

/// The agency's code of a type of document, and the class.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    code: &'static str,
    class: &'static str,
    /// Which residents have it.
    residents: &'static str,
}

const PERMIT: Kind = kind("516", "HMTP", "HMT");
const TAIWAN: Kind = kind("511", "TWTP", "HMT");
const CARD: Kind = kind("553", "FPR", "FOREIGN");
const PASSPORT: Kind = kind("F01", "PPT_F", "FOREIGN");
const HOME: Kind = kind("H01", "HMRP", "HMT");
const TAIWAN_HOME: Kind = kind("T01", "TWRP", "HMT");

const fn kind(code: &'static str, class: &'static str, residents: &'static str) -> Kind {
    Kind {
        code,
        class,
        residents,
    }
}

const LATIN: [&str; 6] = [
    "CHAN TAI MAN",
    "LEE KA YAN",
    "LIN HSIAO-MEI",
    "SMITH, JOHN",
    "WONG SIU MING",
    "MARTIN, ANNE",
];
const HAN: [&str; 5] = ["陳大文", "李家欣", "林曉梅", "黃小明", "張國榮華"];

#[derive(Clone)]
struct Hmt {
    kind: Kind,
    /// The number without reissue digits.
    number: String,
    /// Reissue digits of a permit.
    reissue: &'static str,
    latin: &'static str,
    han: Option<&'static str>,
    nation: &'static str,
    birth: Date,
    former: Option<(Kind, String)>,
}

pub(super) fn first(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    // In turn, so that the smallest city has them all.
    let kind = match draw.number % 12 {
        0..5 => PERMIT,
        5..7 => TAIWAN,
        7 => CARD,
        8 => PASSPORT,
        9 => TAIWAN_HOME,
        _ => HOME,
    };
    Arc::new(hmt(draw, kind))
}

/// A permit of nine characters: most seeded defects are written into one.
pub fn permit(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    Arc::new(Hmt {
        reissue: "",
        ..hmt(draw, PERMIT)
    })
}

/// A residence permit whose number tells the birth.
pub fn home(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    Arc::new(hmt(draw, HOME))
}

/// A card of foreigners.
pub fn card(draw: &mut Draw<'_>) -> Arc<dyn Statement> {
    Arc::new(hmt(draw, CARD))
}

/// The cards of fifteen and of eighteen characters of one foreigner, each in a record of its own.
pub fn both_cards(draw: &mut Draw<'_>) -> [Arc<dyn Statement>; 2] {
    let mut new = hmt(draw, CARD);
    let (_, old) = new.former.take().expect("a card of today has a former one");
    let old = Hmt {
        number: old,
        ..new.clone()
    };
    [Arc::new(old), Arc::new(new)]
}

fn hmt(draw: &mut Draw<'_>, kind: Kind) -> Hmt {
    let serial = draw.next();
    let year: i16 = small(1_950 + serial % 50);
    let birth = jiff::civil::date(year, small(1 + serial % 12), small(1 + serial % 28));
    let foreign = kind.residents == "FOREIGN";
    let reissue = variant(&["", "01", "02"], serial);
    let former = (kind == CARD).then(|| (CARD, number_of(CARD, serial, birth, true)));
    Hmt {
        number: number_of(kind, serial, birth, false),
        reissue: if kind == PERMIT { reissue } else { "" },
        latin: draw.random.pick(&LATIN),
        han: (!foreign).then(|| draw.random.pick(&HAN)),
        nation: if foreign { "CAN" } else { "CHN" },
        birth,
        former,
        kind,
    }
}

/// A number of its kind; `old`: the card of foreigners of 15 characters.
fn number_of(kind: Kind, serial: u64, birth: Date, old: bool) -> String {
    let day = crate::calendar::compact(birth);
    let with_check = |start: &str| with_valid_check(&format!("{start}{day}{:03}", serial % 1_000));
    match kind.class {
        "HMTP" => format!(
            "{}{:08}",
            if serial.is_multiple_of(3) { 'M' } else { 'H' },
            10_000_000 + serial
        ),
        "TWTP" => format!("{:08}", 20_000_000 + serial),
        "HMRP" => with_check("810000"),
        "TWRP" => with_check("830000"),
        "FPR" if old => {
            let day = day.get(2..).unwrap_or_default();
            let body = format!("CAN3502{day}{}", serial % 10);
            format!("{body}{}", seven_three_one(&body))
        }
        "FPR" => with_check("935124"),
        _ => format!("P{:08}", 30_000_000 + serial),
    }
}

/// The check digit of ICAO 9303: weights 7, 3 and 1, letters from A = 10.
fn seven_three_one(body: &str) -> u32 {
    let weights = [7, 3, 1].into_iter().cycle();
    let values = body.chars().map(|c| c.to_digit(36).unwrap_or(0));
    values
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum::<u32>()
        % 10
}

impl Statement for Hmt {
    fn feed(&self) -> Feed {
        Feed::Hmt
    }

    fn key(&self) -> Vec<(&'static str, String)> {
        vec![
            ("zjlx", self.kind.class.to_owned()),
            ("zjhm", self.number.clone()),
        ]
    }

    fn fields(&self, salt: u64) -> Fields {
        let nation = match (self.nation, salt >> 6 & 3) {
            ("CHN", 0) => "中国",
            ("CHN", 1) => "156",
            (nation, _) => nation,
        };
        let (kind, number) = match &self.former {
            Some((kind, number)) => (kind.code, number.as_str()),
            None => ("", ""),
        };
        Fields(vec![
            ("zjlx", text(self.kind.code)),
            ("zjhm", text(format!("{}{}", self.number, self.reissue))),
            ("ywxm", text(self.latin)),
            ("zwxm", self.han.map_or(crate::render::Json::Null, text)),
            ("gj", text(nation)),
            ("csrq", text(spelled(self.birth, salt))),
            ("yzjlx", text(kind)),
            ("yzjhm", text(number)),
        ])
    }

    fn says(&self, _today: Date, key: Option<&IdKey>) -> Vec<Said> {
        let mut cells = Vec::new();
        if let Some(han) = self.han {
            cells.extend(name_cells(han, "zwxm"));
        }
        let mut column = |column, field, value| {
            cells.push(SaidCell::Column(column, ("", field, value)));
        };
        column("foreign_name", "ywxm", json!(self.latin));
        column("nationality", "gj", json!(self.nation));
        column("birth_date", "csrq", json!(self.birth.to_string()));
        column("residence_kind", "zjlx", json!(self.kind.residents));
        let mut element = |(class, number): (&str, &str), field, issuer: bool| {
            let mut parts = vec![
                ("type", field, json!(class)),
                ("no", field, json!(number)),
                ("token", field, token(key, class, number)),
            ];
            if issuer {
                parts.push(("issuer", "", json!("yimin")));
            }
            cells.push(SaidCell::Element(
                "other_ids",
                format!("{class}|{number}"),
                parts,
            ));
        };
        element((self.kind.class, &self.number), "zjhm", true);
        if let Some((kind, number)) = &self.former {
            element((kind.class, number), "yzjhm", false);
        }
        vec![Said {
            class: self.kind.class,
            number: self.number.clone(),
            field: "zjhm",
            cells,
        }]
    }

    fn changed(&self, draw: &mut Draw<'_>) -> Arc<dyn Statement> {
        let mut next = self.clone();
        next.latin = draw.random.pick(&LATIN);
        Arc::new(next)
    }

    fn twisted(&self, twist: Twist) -> Arc<dyn Statement> {
        let mut next = self.clone();
        if twist == Twist::OtherBirth {
            next.birth = plus_days(next.birth, 1);
        }
        Arc::new(next)
    }
}

pub(super) const LAYOUT: Layout = Layout {
    feed: Feed::Hmt,
    number: None,
    name: None,
    required: &[],
    dates: &[("csrq", "01/01/90", "1900-01-01")],
    codes: &[("gj", "XXX", "codeset")],
    mistyped: &["ywxm", "zwxm", "csrq", "yzjhm"],
    has_time_in_order: true,
    is_json: true,
};

pub(super) fn kinds() -> Vec<Seeded> {
    documents().into_iter().chain(details()).collect()
}

fn flagged(
    kind: &'static str,
    field: &'static str,
    sent: &'static str,
    left: Left,
    checks: &[&'static str],
) -> Seeded {
    writes(
        kind,
        Outcome::Flagged,
        (field, Sent::Text(sent), left),
        checks,
    )
}

/// Kinds of the documents.
fn documents() -> Vec<Seeded> {
    let number = |kind, sent| {
        writes(
            kind,
            Outcome::Rejected,
            ("zjhm", sent, Left::Lost),
            &["resident_id"],
        )
    };
    let former = |sent: &'static str, number: &'static str, rule| {
        all(
            "former_document_unusable",
            Outcome::Flagged,
            vec![
                ("yzjlx", Sent::Text(sent), Left::Lost),
                ("yzjhm", Sent::Text(number), Left::Lost),
            ],
            vec![rule],
        )
    };
    vec![
        writes(
            "document_type_unknown",
            Outcome::Quarantined,
            ("zjlx", Sent::Text("990"), Left::Lost),
            &["enum"],
        ),
        writes(
            "reissue_digits",
            Outcome::Accepted,
            ("zjhm", Sent::With("01"), Left::Same),
            &[],
        ),
        number("number_of_another_document", Sent::Unique("0123")),
        number("unusable_number", Sent::Unique("H****")),
        number("permanent_card_unusable", Sent::Number(Defect::IdBadCheck)),
        former("990", "123456789", Rule::Field("yzjlx", "enum")),
        former("516", "123", Rule::Field("yzjhm", "resident_id")),
        former("", "H0123456702", Rule::Field("yzjhm", "resident_id")),
    ]
}

/// Kinds of what a record says of the person.
fn details() -> Vec<Seeded> {
    vec![
        flagged(
            "names_exchanged",
            "ywxm",
            "陳大文",
            Left::Text,
            &["pattern"],
        ),
        flagged(
            "names_exchanged",
            "zwxm",
            "CHAN TAI MAN",
            Left::Text,
            &["pattern"],
        ),
        flagged(
            "unreadable_name",
            "zwxm",
            "陳\u{E5E5}",
            Left::Text,
            &["pattern", "readable"],
        ),
        flagged("name_filler", "zwxm", "不详", Left::Lost, &["placeholder"]),
        flagged(
            "name_filler",
            "ywxm",
            "不详",
            Left::Lost,
            &["pattern", "placeholder"],
        ),
        missed(
            "given_name_first",
            How::Writes(vec![("ywxm", Sent::Text("TAI MAN CHAN"), Left::Text)]),
        ),
        all(
            "nationality_of_another_document",
            Outcome::Flagged,
            vec![
                ("zjlx", Sent::Text("553"), Left::Same),
                ("gj", Sent::Text("CHN"), Left::Is("CHN")),
            ],
            vec![Rule::Named("gj", "hmt_nationality")],
        ),
        writes(
            "statement_of_the_future",
            Outcome::Quarantined,
            ("csrq", Sent::Text("2093-01-01"), Left::Lost),
            &["not_future"],
        ),
        twists(
            "contradicted_birth",
            Twist::OtherBirth,
            vec![Rule::Field("csrq", "id_birth")],
        ),
    ]
}
