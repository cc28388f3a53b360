//! Rows by hand: what ranks, what ends, what contradicts, and what a cell says of its origin.

mod lives;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use yidang_schemas::dossier::LeafRef;
use yidang_schemas::origin::Origin;

use super::*;
use crate::cell::Cells;
use crate::identity::Target;
use crate::kit::embedded;
use crate::order::OrderKey;
use crate::record::{Statement, fold};
use crate::token::Token;

const DAY_MS: i64 = 86_400_000;
/// 2026-11-20T11:00:00+08:00.
const NOON_MS: i64 = 20_777 * DAY_MS + 3 * 3_600_000;

fn subject() -> Subject {
    Subject {
        kind: kind(),
        token: Token([9; 16]),
    }
}

fn kind() -> KindIndex {
    embedded().kind_of_name("person").unwrap()
}

/// A live record of a feed: its business time in days before noon of 2026-11-20, and its cells by name.
struct Record {
    feed: &'static str,
    key: u8,
    days_ago: i64,
    cells: Vec<(&'static str, Value<'static>)>,
    failed: Vec<&'static str>,
}

fn record(
    feed: &'static str,
    key: u8,
    days_ago: i64,
    cells: &[(&'static str, Value<'static>)],
) -> Record {
    Record {
        feed,
        key,
        days_ago,
        cells: cells.to_vec(),
        failed: Vec::new(),
    }
}

fn date(text: &str) -> Value<'static> {
    Value::Date(crate::calendar::days_of_iso(text).unwrap())
}

impl Record {
    fn state(&self) -> (RecordId, RecordState) {
        let catalog = embedded();
        let (feed, contract) = crate::kit::feed(&catalog, self.feed);
        let dossier = catalog.dossier(kind()).unwrap();
        let mut cells = Cells::default();
        for (name, value) in &self.cells {
            let target = LeafRef {
                kind: kind(),
                leaf: dossier.by_name[*name],
            };
            cells.push(Cell::new(target, *value));
        }
        let time = NOON_MS - self.days_ago * DAY_MS;
        let version = Version {
            order: OrderKey::new(&[], time, [self.key; 16], 1),
            origin: Origin {
                feed,
                incarnation: 0,
                partition: 0,
                offset: i64::from(self.key),
                row: 0,
            },
            landed_at_ms: NOON_MS + i64::from(self.key),
            contract_version: Arc::from(contract.version.as_str()),
        };
        let rule = |id: &&str| u16::try_from(contract.rule_index(id).unwrap()).unwrap();
        let statement = Statement {
            standing: None,
            version,
            removal: false,
            cells,
            targets: vec![Target {
                kind: kind(),
                slot: 0,
                token: subject().token,
                class_rank: 0,
                weak: false,
            }],
            failed: self.failed.iter().map(rule).collect(),
            unjudged: Vec::new(),
        };
        let state = fold(Mode::Full, None, &statement).1.unwrap();
        (
            RecordId {
                feed,
                key_hash: [self.key; 16],
            },
            state,
        )
    }
}

fn row(records: &[Record]) -> RecordBatch {
    let projector = Projector::new(&embedded(), kind());
    let states: Vec<(RecordId, RecordState)> = records.iter().map(Record::state).collect();
    let mut records: Vec<(RecordId, Cow<'_, RecordState>)> = states
        .iter()
        .map(|(id, state)| (*id, Cow::Borrowed(state)))
        .collect();
    records.sort_by_key(|(id, _)| *id);
    let member = Member {
        subject: subject(),
        records,
    };
    projector.project(
        &[member],
        Stamp {
            epoch: 7,
            landed_at_ms: NOON_MS,
        },
    )
}

fn text(batch: &RecordBatch, column: &str) -> Option<String> {
    let array = batch.column_by_name(column).unwrap();
    (!array.is_null(0)).then(|| array.as_string::<i32>().value(0).to_owned())
}

/// Source feed, rule and flags of a cell.
fn origin(batch: &RecordBatch, column: &str) -> Option<(String, String, Vec<String>)> {
    let provenance = batch.column_by_name("provenance").unwrap().as_struct();
    let sources = provenance.column(0).as_list::<i32>().value(0);
    let entries = provenance.column(1).as_map().value(0);
    let place = entries
        .column(0)
        .as_string::<i32>()
        .iter()
        .position(|name| name == Some(column))?;
    let cell = entries.column(1).as_struct();
    let source = cell.column(0).as_primitive::<Int32Type>().value(place);
    let feeds = sources.as_struct().column_by_name("feed").unwrap();
    let feed = feeds
        .as_string::<i32>()
        .value(usize::try_from(source).unwrap())
        .to_owned();
    let flags = cell.column(2).as_list::<i32>().value(place);
    let flags = flags
        .as_string::<i32>()
        .iter()
        .map(|flag| flag.unwrap().to_owned())
        .collect();
    Some((
        feed,
        cell.column(1).as_string::<i32>().value(place).to_owned(),
        flags,
    ))
}

fn won(batch: &RecordBatch, column: &str) -> (String, String) {
    let (feed, rule, _) = origin(batch, column).unwrap();
    (feed, rule)
}

/// Columns in contradiction, with their agencies.
fn conflicts(batch: &RecordBatch) -> Vec<(String, Vec<String>)> {
    let all = batch
        .column_by_name("conflicts")
        .unwrap()
        .as_list::<i32>()
        .value(0);
    let all = all.as_struct();
    let agencies = |place: usize| {
        let agencies = all.column(1).as_list::<i32>().value(place);
        agencies
            .as_string::<i32>()
            .iter()
            .map(|agency| agency.unwrap().to_owned())
            .collect()
    };
    (0..all.len())
        .map(|place| {
            (
                all.column(0).as_string::<i32>().value(place).to_owned(),
                agencies(place),
            )
        })
        .collect()
}

#[test]
fn authority_decides_before_time_and_the_loser_stays_a_contradiction() {
    let batch = row(&[
        record("ga.hukou", 1, 30, &[("name", Value::Text("甲"))]),
        record("rs.insurance", 2, 1, &[("name", Value::Text("乙"))]),
    ]);
    assert_eq!(text(&batch, "name").as_deref(), Some("甲"));
    assert_eq!(won(&batch, "name"), ("ga.hukou".into(), "authority".into()));
    assert_eq!(
        conflicts(&batch),
        [("name".to_owned(), vec!["ga".to_owned(), "rs".to_owned()])]
    );
}

#[test]
fn within_one_rank_the_later_business_time_wins_then_the_content() {
    let name = |feed, key, days, name| record(feed, key, days, &[("name", Value::Text(name))]);
    let batch = row(&[name("wj.death", 1, 3, "甲"), name("wj.death", 2, 5, "乙")]);
    assert_eq!(text(&batch, "name").as_deref(), Some("甲"));
    assert_eq!(won(&batch, "name").1, "business_time");
    // The same agency does not contradict itself.
    assert!(conflicts(&batch).is_empty());
    let tie = row(&[name("wj.death", 1, 3, "甲"), name("wj.death", 2, 3, "乙")]);
    assert_eq!(text(&tie, "name").as_deref(), Some("乙"));
    assert_eq!(won(&tie, "name").1, "tie");
    let only = row(&[name("wj.death", 1, 3, "甲")]);
    assert_eq!(won(&only, "name").1, "only");
}

#[test]
fn an_order_of_values_decides_before_authority() {
    let batch = row(&[
        record("ga.hukou", 1, 1, &[("life_status", Value::Text("ALIVE"))]),
        record(
            "wj.death",
            2,
            9,
            &[("life_status", Value::Text("REPORTED_DEAD"))],
        ),
    ]);
    assert_eq!(
        text(&batch, "life_status").as_deref(),
        Some("REPORTED_DEAD")
    );
    assert_eq!(
        won(&batch, "life_status"),
        ("wj.death".into(), "value_order".into())
    );
}

#[test]
fn the_current_stay_is_the_latest_begun_that_its_own_record_does_not_call_ended() {
    let stay = |key: u8, days_ago: i64, since: &str, until: Option<&str>, address: &'static str| {
        let mut cells = vec![
            ("residence_kind", Value::Text("FLOATING")),
            ("residence_address", Value::Text(address)),
            ("residence_since", date(since)),
        ];
        cells.extend(until.map(|until| ("residence_until", date(until))));
        Record {
            feed: "ga.residence",
            key,
            days_ago,
            cells,
            failed: Vec::new(),
        }
    };
    let address = |records: &[Record]| text(&row(records), "residence_address");
    let old = || stay(1, 1, "2020-01-01", None, "甲路");
    assert_eq!(
        address(&[old(), stay(2, 9, "2024-01-01", None, "乙路")]).as_deref(),
        Some("乙路")
    );
    let batch = row(&[old(), stay(2, 9, "2024-01-01", None, "乙路")]);
    assert_eq!(won(&batch, "residence_address").1, "rank_by");
    // An end on the day of the statement is over; one after it is not, whatever day it is today.
    assert_eq!(
        address(&[old(), stay(2, 0, "2024-01-01", Some("2026-11-20"), "乙路")]).as_deref(),
        Some("甲路")
    );
    assert_eq!(
        address(&[old(), stay(2, 0, "2024-01-01", Some("2026-11-21"), "乙路")]).as_deref(),
        Some("乙路")
    );
    assert_eq!(
        address(&[stay(2, 0, "2024-01-01", Some("2026-11-20"), "乙路")]),
        None
    );
    // A registration ranks before a stay, and leaves the stay its address.
    let registered = record(
        "ga.hukou",
        3,
        20,
        &[("residence_kind", Value::Text("HUKOU"))],
    );
    let batch = row(&[registered, old()]);
    assert_eq!(text(&batch, "residence_kind").as_deref(), Some("HUKOU"));
    assert_eq!(text(&batch, "residence_address").as_deref(), Some("甲路"));
}

#[test]
fn an_element_whose_end_is_not_after_its_business_time_is_not_shown() {
    let listing = |key: u8, number: &'static str, to: Option<&str>| {
        let mut cells = vec![
            ("dishonest.case_no", Value::Text(number)),
            ("dishonest.from", date("2026-10-01")),
        ];
        cells.extend(to.map(|to| ("dishonest.to", date(to))));
        record("fy.dishonest", key, 0, &cells)
    };
    let batch = row(&[
        listing(1, "甲", None),
        listing(2, "乙", Some("2026-11-20")),
        listing(3, "丙", Some("2026-11-21")),
    ]);
    let lists = batch.column_by_name("dishonest").unwrap();
    let elements = lists.as_list::<i32>().value(0);
    let numbers = elements.as_struct().column_by_name("case_no").unwrap();
    let mut numbers: Vec<_> = numbers.as_string::<i32>().iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["丙", "甲"]);
}

#[test]
fn a_null_never_hides_another_records_value_and_the_next_best_returns() {
    let hukou = |name| {
        record(
            "ga.hukou",
            1,
            1,
            &[("name", name), ("sex_code", Value::Text("1"))],
        )
    };
    let other = || record("rs.insurance", 2, 9, &[("name", Value::Text("乙"))]);
    let batch = row(&[hukou(Value::Null), other()]);
    assert_eq!(text(&batch, "name").as_deref(), Some("乙"));
    assert_eq!(text(&batch, "sex_code").as_deref(), Some("1"));
    assert_eq!(won(&batch, "name"), ("rs.insurance".into(), "only".into()));
    assert!(conflicts(&batch).is_empty());
    assert_eq!(text(&row(&[other()]), "name").as_deref(), Some("乙"));
}

#[test]
fn a_list_is_the_union_of_elements_each_with_its_own_winner_and_source() {
    let insurance = |key: u8, days_ago: i64, kind: &'static str, status: &'static str| {
        let cells = [
            ("social_insurance.kind", Value::Text(kind)),
            ("social_insurance.status", Value::Text(status)),
        ];
        record("rs.insurance", key, days_ago, &cells)
    };
    let batch = row(&[
        insurance(1, 5, "PENSION", "INSURED"),
        insurance(2, 3, "PENSION", "SUSPENDED"),
        insurance(3, 9, "MEDICAL", "INSURED"),
        record(
            "rs.insurance",
            4,
            1,
            &[("social_insurance.status", Value::Text("INSURED"))],
        ),
    ]);
    let list = batch
        .column_by_name("social_insurance")
        .unwrap()
        .as_list::<i32>()
        .value(0);
    let list = list.as_struct();
    let texts = |name: &str| -> Vec<String> {
        let column = list
            .column_by_name(name)
            .unwrap()
            .as_string::<i32>()
            .clone();
        column
            .iter()
            .map(|text| text.unwrap_or("∅").to_owned())
            .collect()
    };
    assert_eq!(texts("kind"), ["MEDICAL", "PENSION"]);
    assert_eq!(texts("status"), ["INSURED", "SUSPENDED"]);
    let sources = list
        .column_by_name("source")
        .unwrap()
        .as_primitive::<Int32Type>();
    assert_eq!(sources.values(), &[0, 1]);
    assert!(list.column_by_name("since").unwrap().is_null(0));
}

#[test]
fn a_list_keeps_its_thousand_greatest_elements() {
    let records: Vec<Record> = (0..1_005)
        .map(|place: i64| {
            let number: &'static str = Box::leak(format!("{place:04}").into_boxed_str());
            let mut one = record(
                "wj.death",
                1,
                place,
                &[
                    ("death_evidence.agency", Value::Text("wj")),
                    ("death_evidence.doc_no", Value::Text(number)),
                ],
            );
            one.key = u8::try_from(place % 250).unwrap();
            one
        })
        .collect();
    let batch = row(&records);
    let list = batch
        .column_by_name("death_evidence")
        .unwrap()
        .as_list::<i32>()
        .value(0);
    assert_eq!(list.len(), 1_000);
    let numbers = list.as_struct().column_by_name("doc_no").unwrap();
    let numbers = numbers.as_string::<i32>();
    assert_eq!((numbers.value(0), numbers.value(999)), ("0000", "0999"));
    // How many there are stands beside them, from the source of the greatest one.
    let (feed, rule, flags) = origin(&batch, "death_evidence").unwrap();
    assert_eq!((feed.as_str(), rule.as_str()), ("wj.death", "greatest"));
    assert_eq!(flags, ["total:1005"]);
    let whole = row(&records[..1_000]);
    assert_eq!(origin(&whole, "death_evidence"), None);
}

#[test]
fn a_struct_is_null_where_nobody_speaks_and_silence_about_a_part_contradicts_nothing() {
    let batch = row(&[record(
        "ga.hukou",
        1,
        1,
        &[("hukou_division.code", Value::Text("350203"))],
    )]);
    let division = batch.column_by_name("hukou_division").unwrap();
    assert_eq!(
        division.as_struct().column(0).as_string::<i32>().value(0),
        "350203"
    );
    assert!(division.as_struct().column(1).is_null(0));
    assert!(
        batch
            .column_by_name("residence_division")
            .unwrap()
            .is_null(0)
    );
    assert_eq!(won(&batch, "hukou_division").1, "only");
}

#[test]
fn failed_rules_mark_the_cells_that_their_field_fills_and_no_others() {
    let mut doubtful = record(
        "ga.hukou",
        1,
        1,
        &[("sex_code", Value::Text("2")), ("name", Value::Text("甲"))],
    );
    doubtful.failed = vec!["auto:XB:id_sex"];
    let batch = row(&[doubtful]);
    assert_eq!(origin(&batch, "sex_code").unwrap().2, ["auto:XB:id_sex"]);
    assert!(origin(&batch, "name").unwrap().2.is_empty());
}

#[test]
fn platform_columns_say_when_what_and_how_much() {
    let batch = row(&[
        record(
            "ga.hukou",
            1,
            4,
            &[("name", Value::Text("甲")), ("sex_code", Value::Text("1"))],
        ),
        record("wj.death", 2, 2, &[("death_date", date("2026-11-01"))]),
    ]);
    let time = |name: &str| {
        batch
            .column_by_name(name)
            .unwrap()
            .as_primitive::<TimestampMicrosecondType>()
            .value(0)
    };
    assert_eq!(text(&batch, "person_id"), Some(subject().token.to_string()));
    assert_eq!(text(&batch, "id_token"), text(&batch, "person_id"));
    assert_eq!(
        batch
            .column_by_name("record_version")
            .unwrap()
            .as_primitive::<Int64Type>()
            .value(0),
        7
    );
    assert_eq!(time("first_seen_at"), (NOON_MS + 1) * 1_000);
    assert_eq!(time("updated_at"), NOON_MS * 1_000);
    assert_eq!(time("last_business_time"), (NOON_MS - 2 * DAY_MS) * 1_000);
    // Three of the columns that some feed maps are filled; what no feed maps and what is internal do not count.
    let projector = Projector::new(&embedded(), kind());
    let columns = projector.dossier().columns.iter().zip(&projector.mapped);
    let facts = columns.filter(|(column, mapped)| !column.internal && **mapped);
    let expected = i16::try_from(300 / facts.count()).unwrap();
    assert_eq!(
        batch
            .column_by_name("completeness")
            .unwrap()
            .as_primitive::<Int16Type>()
            .value(0),
        expected
    );
    assert!(batch.column_by_name("residence_until").is_none());
}

#[test]
fn days_of_business_begin_at_midnight_in_the_city() {
    assert_eq!(business_day(16 * 3_600_000 - 1), 0);
    assert_eq!(business_day(16 * 3_600_000), 1);
    assert_eq!(business_day(-8 * 3_600_000 - 1), -1);
}
