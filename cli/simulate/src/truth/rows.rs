//! The rows of both files: candidates for each cell and the choice among them.
//!
//! Ranks are those of the published authority lists: for facts of persons the police register, then stays, social
//! insurance, medical insurance, certificates of death; for enterprises the registrar, then the tax office, then the
//! penalty list. Among equal ranks the later business time wins. Where a column has an order of values, that decides.
//!
//! Here is what each feed states; the choice, and what a row says of itself, is in `choice`.

mod choice;
mod laws;
mod said;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::codes::{
    MEDICAL_KINDS, MEDICAL_STATUS, REGISTRATION_STATUS, SOCIAL_KINDS, SOCIAL_STATUS, TAX_STATUS,
    TAXPAYER_KINDS, translated,
};
use super::versions::{AccountCells, Live, loses};
use crate::calendar::local_date;
use crate::defect::Defect;
use crate::feed::Feed;
use crate::identifier::{Credit, organisation_of};
use crate::issue_id::IdKey;
use crate::record::{
    Body, Cancellation, Hukou, Insurance, Medins, Penalty, Record, Register, Stay, TaxNumber,
    Taxpayer,
};
use crate::render::name_as_sent;

pub use choice::{ENTERPRISE_FILE, PERSON_FILE};

/// A row: column to value; columns without a value are left out.
pub type Row = BTreeMap<&'static str, Value>;

/// One statement about one cell: the least rank wins, then the greatest tie. Elements of lists compete per element.
struct Candidate {
    feed: Feed,
    column: &'static str,
    element: String,
    value: Value,
    rank: u8,
    tie: i64,
}

/// Collects the candidates of one subject.
pub struct Candidates {
    /// The feed of the record that states something now.
    feed: Feed,
    list: Vec<Candidate>,
    last_business_ms: Option<i64>,
}

impl Candidates {
    /// None yet; `feed` is the one of the first record.
    pub fn new(feed: Feed) -> Self {
        Self {
            feed,
            list: Vec::new(),
            last_business_ms: None,
        }
    }

    fn add(&mut self, column: &'static str, rank: u8, tie: i64, value: Option<Value>) {
        if let Some(value) = value {
            self.list.push(Candidate {
                feed: self.feed,
                column,
                element: String::new(),
                value,
                rank,
                tie,
            });
        }
    }

    fn add_element(
        &mut self,
        column: &'static str,
        element: String,
        rank: u8,
        tie: i64,
        value: Value,
    ) {
        self.list.push(Candidate {
            feed: self.feed,
            column,
            element,
            value,
            rank,
            tie,
        });
    }

    /// Adds everything that a live record states about its subject of this number.
    pub fn state(&mut self, live: &Live<'_>, number: &str, key: Option<&IdKey>) {
        let record = live.record;
        self.feed = record.feed();
        self.resident_id(record, number);
        self.last_business_ms = self.last_business_ms.max(Some(record.time_ms));
        match &record.body {
            Body::Hukou(body) => self.hukou(record, body, key),
            Body::Stay(body) => self.stay(record, body),
            Body::Death(body) => {
                let tie = record.time_ms;
                self.person_name(record, 5, tie, &body.name, "name");
                let day = date(local_date(body.at_ms));
                self.add("life_status", 1, tie, Some(json!("REPORTED_DEAD")));
                self.add("death_date", 2, tie, Some(day.clone()));
                let number = body.number.to_string();
                let element = json!({"agency": "wj", "doc_no": number, "date": day});
                self.add_element("death_evidence", format!("wj|{number}"), 1, tie, element);
            }
            Body::Insurance(body) => self.insurance(record, body),
            Body::Medins(body) => self.medins(record, body, live.account.as_ref()),
            Body::Register(body) => self.register(record, body),
            Body::Penalty(body) => self.penalty(record, body),
            Body::Taxpayer(body) => self.taxpayer(record, body),
            Body::Sheet(_) => {}
        }
    }

    /// Every record of a person names the person.
    fn resident_id(&mut self, record: &Record, number: &str) {
        let rank = match record.feed() {
            Feed::Hukou => 1,
            Feed::Residence => 2,
            Feed::Insurance => 3,
            Feed::Medins => 4,
            Feed::Death => 5,
            _ => return,
        };
        self.add("id_type", rank, record.time_ms, Some(json!("RIC")));
        self.add("id_no", rank, record.time_ms, Some(json!(number)));
    }

    fn person_name(&mut self, record: &Record, rank: u8, tie: i64, name: &str, field: &str) {
        if loses(record, field) {
            return;
        }
        self.add("name", rank, tie, Some(json!(name)));
        self.add(
            "name_raw",
            rank,
            tie,
            Some(json!(name_as_sent(name, record.defect, record.salt).trim())),
        );
    }

    fn hukou(&mut self, record: &Record, body: &Hukou, key: Option<&IdKey>) {
        let tie = record.time_ms;
        let stated = |field: &str, value: Value| (!loses(record, field)).then_some(value);
        self.person_name(record, 1, tie, &body.name, "XM");
        self.add(
            "sex_code",
            1,
            tie,
            stated("XB", json!(body.sex.to_string())),
        );
        self.add("birth_date", 1, tie, stated("CSRQ", date(body.birth)));
        self.add(
            "ethnic_code",
            1,
            tie,
            stated("MZ", json!(format!("{:02}", body.ethnic))),
        );
        let status = if body.cancelled.is_some() {
            "CANCELLED"
        } else {
            "REGISTERED"
        };
        self.add("hukou_status", 1, tie, Some(json!(status)));
        let household = key.map(|key| json!(key.token("HOUSEHOLD", &body.household.to_string())));
        self.add("household_token", 1, tie, household);
        self.add("household_relation", 1, tie, Some(json!(body.relation)));
        self.add("hukou_address", 1, tie, Some(json!(&*body.address)));
        self.add(
            "hukou_division",
            1,
            tie,
            stated("HKXZQH", division(body.district.into())),
        );
        // The marriage register leads.
        self.add("marital_code", 2, tie, stated("HYZK", json!(body.marital)));
        match body.cancelled {
            None => {
                self.add("residence_kind", 1, tie, Some(json!("HUKOU")));
                self.add("life_status", 2, tie, Some(json!("ALIVE")));
            }
            Some((Cancellation::Death, day)) => {
                self.add("life_status", 0, tie, Some(json!("CONFIRMED_DEAD")));
                self.add("death_date", 1, tie, Some(date(day)));
            }
            Some((Cancellation::MovedAway, _)) => {}
        }
    }

    fn stay(&mut self, record: &Record, body: &Stay) {
        let tie = record.time_ms;
        self.person_name(record, 2, tie, &body.name, "xm");
        if body
            .until
            .is_some_and(|until| until <= local_date(record.time_ms))
        {
            return;
        }
        self.add("residence_kind", 2, tie, Some(json!("FLOATING")));
        // Stays compete by the day on which they began.
        let began = i64::from(body.since.year()) * 10_000
            + i64::from(body.since.month()) * 100
            + i64::from(body.since.day());
        let stated = |field: &str, value: Value| (!loses(record, field)).then_some(value);
        self.add(
            "residence_address",
            1,
            began,
            stated("jzdz", json!(&*body.address)),
        );
        self.add(
            "residence_division",
            1,
            began,
            stated("jzdqh12", division(division_sent(record, body.division))),
        );
        self.add("residence_since", 1, began, Some(date(body.since)));
    }

    fn insurance(&mut self, record: &Record, body: &Insurance) {
        let tie = record.time_ms;
        let stated = |field: &str, value: Value| (!loses(record, field)).then_some(value);
        self.person_name(record, 3, tie, &body.name, "aac003");
        self.add(
            "sex_code",
            3,
            tie,
            stated("aac004", json!(body.sex.to_string())),
        );
        self.add("birth_date", 3, tie, stated("aac006", date(body.birth)));
        if let Some((credit, _)) = &body.employer {
            self.add(
                "employer_uscc",
                1,
                tie,
                stated("aab998", json!(credit.text())),
            );
        }
        let Some(kind) = translated(&SOCIAL_KINDS, body.kind) else {
            return;
        };
        let status = translated(&SOCIAL_STATUS, body.status).map(|status| json!(status));
        let element = json!({
            "kind": kind,
            "status": status.filter(|_| !loses(record, "aac008")),
            "region": body.region.to_string(),
            "since": stated("aac030", date(body.since)),
            "base_cents": body.base_cents,
            "last_month": month(body.last_month),
        });
        self.add_element("social_insurance", kind.to_owned(), 1, tie, element);
    }

    fn medins(&mut self, record: &Record, body: &Medins, account: Option<&AccountCells>) {
        let (Some(account), tie) = (account, record.time_ms) else {
            return;
        };
        self.add("birth_date", 4, tie, account.birth.map(date));
        let insurance = json!({
            "kind": translated(&MEDICAL_KINDS, body.kind),
            "status": account.status.and_then(|status| translated(&MEDICAL_STATUS, status)),
            "since": account.since.map(date),
            "paid_through": account.paid_through.map(month),
        });
        self.add("medical_insurance", 1, tie, Some(insurance));
    }

    fn credit(&mut self, rank: u8, tie: i64, credit: &Credit) {
        let text = credit.text();
        self.add("uscc", rank, tie, Some(json!(text)));
        self.add("org_code", rank, tie, Some(json!(organisation_of(credit))));
        self.add(
            "org_category",
            rank,
            tie,
            text.get(..2).map(|category| json!(category)),
        );
    }

    fn register(&mut self, record: &Record, body: &Register) {
        let tie = record.time_ms;
        let stated = |field: &str, value: Value| (!loses(record, field)).then_some(value);
        if let Some(credit) = &body.credit {
            self.credit(1, tie, credit);
        }
        self.add(
            "reg_no",
            1,
            tie,
            body.registration.map(|number| json!(number.text())),
        );
        self.add("name", 1, tie, stated("ENTNAME", json!(&*body.name)));
        self.add("entity_type", 1, tie, Some(json!(body.entity_type)));
        let status = translated(&REGISTRATION_STATUS, body.status).map(|status| json!(status));
        self.add(
            "status",
            1,
            tie,
            status.filter(|_| !loses(record, "REGSTATE")),
        );
        self.add(
            "est_date",
            1,
            tie,
            stated("ESTDATE", date(body.established)),
        );
        let capital = json!({"cents": body.capital_cents, "currency": body.currency});
        self.add("capital", 1, tie, Some(capital));
        self.add(
            "reg_authority",
            1,
            tie,
            Some(json!({"code": body.authority.to_string()})),
        );
        self.add(
            "division",
            1,
            tie,
            stated("DOMDISTRICT", division(body.district.into())),
        );
        self.add("address", 1, tie, Some(json!(&*body.address)));
        self.add(
            "industry_class",
            1,
            tie,
            stated("INDUSTRYCO", json!(body.industry.0)),
        );
        let section =
            (record.defect != Some(Defect::IndustryNameOnly)).then(|| json!(body.industry.1));
        self.add("industry_section", 1, tie, section);
        self.add(
            "legal_rep_name",
            1,
            tie,
            stated("LEREP", json!(&*body.representative)),
        );
    }

    fn penalty(&mut self, record: &Record, body: &Penalty) {
        let tie = record.time_ms;
        self.credit(3, tie, &body.credit);
        if !loses(record, "行政相对人名称") {
            self.add("name", 3, tie, Some(json!(&*body.name)));
        }
        let element = json!({
            "doc_no": &*body.document,
            "agency": Feed::Penalty.agency(),
            "date": date(body.date),
            "amount_cents": body.amount_cents,
        });
        self.add_element("penalties", body.document.to_string(), 1, tie, element);
    }

    fn taxpayer(&mut self, record: &Record, body: &Taxpayer) {
        let tie = record.time_ms;
        match &body.number {
            TaxNumber::Fifteen { organisation, .. } if !body.states_credit => {
                self.add("org_code", 2, tie, Some(json!(organisation.text())));
            }
            _ => self.credit(2, tie, &body.credit),
        }
        if !loses(record, "nsrmc") {
            self.add("name", 2, tie, Some(json!(&*body.name)));
        }
        self.add(
            "tax_status",
            1,
            tie,
            translated(&TAX_STATUS, body.status).map(|status| json!(status)),
        );
        self.add(
            "taxpayer_kind",
            1,
            tie,
            translated(&TAXPAYER_KINDS, body.kind).map(|kind| json!(kind)),
        );
        let credit = body.credit_level.map(|(year, level)| {
            json!({"year": year, "level": (!loses(record, "xydj")).then_some(level)})
        });
        self.add("tax_credit", 1, tie, credit);
    }
}

fn date(date: Date) -> Value {
    json!(date.to_string())
}

/// The division as the record states it: some name the county only.
fn division_sent(record: &Record, code: u64) -> u64 {
    if record.defect == Some(Defect::ShortDivision) {
        code / 1_000_000
    } else {
        code
    }
}

fn division(code: u64) -> Value {
    json!({"code": code.to_string(), "system": "MCA", "edition": "2026-09"})
}

fn month(month: u32) -> String {
    format!("{:04}-{:02}", month / 100, month % 100)
}
