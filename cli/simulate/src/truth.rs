//! What must come out, computed from what the generator knew before it spoiled and serialised anything.
//!
//! The truth uses facts, defects and coordinates. It uses no decoder, normalizer, check, fold or projection of the engine,
//! and it never looks at rendered bytes (the raw form of a name apart, which is a fact about the sender).
//!
//! Not in the truth: the arrival facts `record_version`, `first_seen_at`, `updated_at`, and of `provenance` all but the agency
//! and the feed of each column. Findings about the header `corrects` itself are not in it either.

pub mod codes;
mod issues;
mod rows;
mod versions;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::defect::Outcome;
use crate::feed::Feed;
use crate::issue_id::IdKey;
use crate::plan::arrange::Unit;
use crate::record::Record;

pub use crate::record::Expectation;

pub use issues::identity;
pub use rows::Row;
pub use versions::{Delivery, deliveries};

/// Columns of `person_file` that the truth states; a column without a value is left out of a row.
pub const PERSON_COLUMNS: [&str; 43] = [
    "person_id",
    "id_type",
    "id_no",
    "id_token",
    "other_ids",
    "name",
    "name_raw",
    "foreign_name",
    "sex_code",
    "birth_date",
    "ethnic_code",
    "nationality",
    "hukou_status",
    "household_token",
    "household_relation",
    "hukou_address",
    "hukou_division",
    "residence_kind",
    "residence_address",
    "residence_division",
    "residence_since",
    "marital_code",
    "marriage_events",
    "birth_cert_no",
    "parents",
    "enrolment",
    "employer_uscc",
    "social_insurance",
    "medical_insurance",
    "housing_fund",
    "properties",
    "leases",
    "assistance",
    "dishonest",
    "phones",
    "life_status",
    "death_date",
    "death_evidence",
    "provenance",
    "conflicts",
    "completeness",
    "rules_version",
    "last_business_time",
];
/// Columns of `enterprise_file` that the truth states.
pub const ENTERPRISE_COLUMNS: [&str; 28] = [
    "ent_id",
    "uscc",
    "org_code",
    "reg_no",
    "name",
    "org_category",
    "entity_type",
    "status",
    "est_date",
    "capital",
    "reg_authority",
    "division",
    "address",
    "industry_class",
    "industry_section",
    "legal_rep_name",
    "penalties",
    "tax_status",
    "taxpayer_kind",
    "tax_credit",
    "utilities",
    "land",
    "dishonest",
    "provenance",
    "conflicts",
    "completeness",
    "rules_version",
    "last_business_time",
];
/// Columns of `person_file` that only feeds fill which the city does not tell: none.
pub const PERSON_NOT_TOLD: [&str; 0] = [];
/// The same of `enterprise_file`.
pub const ENTERPRISE_NOT_TOLD: [&str; 0] = [];
/// Columns that no truth is stated for: they say when a row was made.
pub const NOT_COMPARED: [&str; 3] = ["record_version", "first_seen_at", "updated_at"];

/// Where a record lies if the messages went, in the order given, into empty topics.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coordinates {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// From 0; 0 for a message of one record.
    pub row: u32,
}

impl Coordinates {
    fn of(delivery: &Delivery<'_>) -> Self {
        Self {
            topic: delivery.record.feed().topic(),
            partition: delivery.unit.partition,
            offset: delivery.unit.offset,
            row: delivery.row,
        }
    }
}

/// The expected verdict on one delivered record.
#[derive(Clone, Serialize)]
pub struct RecordTruth {
    pub feed: &'static str,
    #[serde(flatten)]
    pub at: Coordinates,
    /// Values of the record key, none where none can be read.
    pub key: Option<Vec<String>>,
    pub outcome: &'static str,
    /// The rules that fail, each with its source field.
    pub failed: Vec<FailedRule>,
    pub defect: Option<String>,
    pub story: Option<&'static str>,
    /// What becomes of the kind of defect that it shows.
    pub expects: Option<Expectation>,
    /// The second delivery of the same bytes.
    pub repeat: bool,
}

/// A rule that a record fails.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct FailedRule {
    pub rule: String,
    pub field: String,
}

/// The expected row of one subject.
#[derive(Clone, Serialize)]
pub struct SubjectTruth {
    /// Class of the canonical identifier: ORG or REG, or the class of a person's document.
    pub class: &'static str,
    pub number: String,
    /// The subject's token; none without the id key.
    pub token: Option<String>,
    /// Column to canonical value: dates as `YYYY-MM-DD`, months as `YYYY-MM`, money in cents, structs as objects, lists
    /// as arrays in order of their element keys (empty without elements), `last_business_time` in epoch milliseconds,
    /// `name_raw` as sent without the spaces around it; of `provenance` the agencies and feeds by column.
    pub columns: Row,
}

/// How an issue stands at the end.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    Open,
    Corrected,
    Withdrawn,
}

/// An expected issue.
#[derive(Clone, Serialize)]
pub struct IssueTruth {
    pub feed: &'static str,
    /// Values of the record key; none where the record had none and its coordinates speak.
    pub key: Option<Vec<String>>,
    pub rule: String,
    pub field: String,
    /// The first record that failed, in order of arrival.
    pub first: Coordinates,
    pub defect: String,
    /// `open`, or resolved as `corrected` or `withdrawn`.
    pub state: IssueState,
    /// By the published formula; none without the id key.
    pub issue_id: Option<String>,
}

/// Sums over the whole city.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    pub messages: u64,
    pub records: u64,
    /// Feed → outcome → records.
    pub outcomes: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Defect kind → records, over all feeds.
    pub defects: BTreeMap<String, u64>,
    /// Story → records.
    pub stories: BTreeMap<&'static str, u64>,
    pub repeats: u64,
}

/// Everything that is known of the city beforehand.
#[derive(Clone, Serialize)]
pub struct Truth {
    pub counts: Counts,
    pub records: Vec<RecordTruth>,
    pub persons: Vec<SubjectTruth>,
    pub enterprises: Vec<SubjectTruth>,
    pub issues: Vec<IssueTruth>,
}

/// Computes the truth. `headers_count`: the `corrects` headers that are sent name the right issues.
pub fn truth(
    records: &[Record],
    units: &[Unit],
    key: Option<&IdKey>,
    headers_count: bool,
) -> Truth {
    let deliveries = deliveries(records, units);
    let (persons, enterprises) = subjects(&deliveries, key);
    Truth {
        counts: counts(&deliveries, units),
        records: deliveries.iter().map(record_truth).collect(),
        persons,
        enterprises,
        issues: issues::issues(&deliveries, headers_count, key),
    }
}

fn record_truth(delivery: &Delivery<'_>) -> RecordTruth {
    let record = delivery.record;
    RecordTruth {
        feed: record.feed().contract(),
        at: Coordinates::of(delivery),
        key: record.key(),
        outcome: record.outcome().name(),
        failed: record
            .failures()
            .into_iter()
            .map(|failure| FailedRule {
                rule: failure.rule,
                field: failure.field.to_owned(),
            })
            .collect(),
        defect: record.defect_name(),
        story: record.told_story(),
        expects: record.expectation(),
        repeat: delivery.unit.repeat,
    }
}

fn subjects(
    deliveries: &[Delivery<'_>],
    key: Option<&IdKey>,
) -> (Vec<SubjectTruth>, Vec<SubjectTruth>) {
    let mut subjects: BTreeMap<(&'static str, String), rows::Candidates> = BTreeMap::new();
    for live in versions::live(deliveries) {
        let feed = live.record.feed();
        let subject = match &live.account {
            Some(account) => account.id.map(|id| ("RIC", id.text().to_owned())),
            None => live.record.subject(),
        };
        if let Some(subject) = subject {
            let number = subject.1.clone();
            let candidates = subjects
                .entry(subject)
                .or_insert_with(|| rows::Candidates::new(feed));
            candidates.state(&live, &number, key);
        }
        for said in said_by(live.record, key) {
            let candidates = subjects
                .entry((said.class, said.number.clone()))
                .or_insert_with(|| rows::Candidates::new(feed));
            candidates.state_said(live.record, said);
        }
    }
    let told = subjects.into_iter().map(|((class, number), candidates)| {
        let token = key.map(|key| key.token(class, &number));
        subject_row(class, number, token, candidates)
    });
    told.partition(|subject| is_person(subject.class))
}

/// What a record of the feeds beside the registers says of its subjects.
fn said_by(record: &Record, key: Option<&IdKey>) -> Vec<crate::sheet::Said> {
    let today = crate::calendar::local_date(record.time_ms);
    record
        .sheet()
        .map(|sheet| sheet.says(record.salt, today, key))
        .unwrap_or_default()
}

/// Classes of enterprises are few; all others are documents of persons.
fn is_person(class: &str) -> bool {
    !matches!(class, "ORG" | "REG")
}

fn subject_row(
    class: &'static str,
    number: String,
    token: Option<String>,
    candidates: rows::Candidates,
) -> SubjectTruth {
    let (shape, ids): (_, &[&'static str]) = match is_person(class) {
        true => (rows::PERSON_FILE, &["person_id", "id_token"]),
        false => (rows::ENTERPRISE_FILE, &["ent_id"]),
    };
    let mut columns = candidates.into_row(&shape);
    for column in ids {
        let token = token.as_ref().map(|token| serde_json::json!(token));
        columns.extend(token.map(|token| (*column, token)));
    }
    SubjectTruth {
        class,
        number,
        token,
        columns,
    }
}

fn counts(deliveries: &[Delivery<'_>], units: &[Unit]) -> Counts {
    let mut counts = Counts {
        messages: units.len() as u64,
        records: deliveries.len() as u64,
        ..Counts::default()
    };
    for feed in Feed::ALL {
        let outcomes = [
            Outcome::Accepted,
            Outcome::Flagged,
            Outcome::Quarantined,
            Outcome::Rejected,
            Outcome::Control,
        ];
        counts.outcomes.insert(
            feed.contract(),
            outcomes.map(|outcome| (outcome.name(), 0)).into(),
        );
    }
    for delivery in deliveries {
        let record = delivery.record;
        if let Some(outcomes) = counts.outcomes.get_mut(record.feed().contract()) {
            *outcomes.entry(record.outcome().name()).or_default() += 1;
        }
        if let Some(defect) = record
            .defect_name()
            .filter(|_| !record.operation.is_removal() || record.effect().is_some())
        {
            *counts.defects.entry(defect).or_default() += 1;
        }
        if let Some(story) = record.told_story() {
            *counts.stories.entry(story).or_default() += 1;
        }
        counts.repeats += u64::from(delivery.unit.repeat);
    }
    counts
}
