//! No record is held without a reason, whatever the contract is like and whatever is sent.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_schemas::rule::Action;

use crate::kit::{ARRIVAL_MS, Sent, embedded_with, failed, observe_of};
use crate::observe::Observation;

/// What makes one contract differ from the others.
#[derive(Debug, Clone, Copy)]
struct Variant {
    mode: &'static str,
    order: &'static str,
    business_time: &'static str,
    removal: &'static str,
    missing: &'static str,
    /// Action of hand-written rules over key, order and identifier; empty where there are none.
    action: &'static str,
}

const ORDERS: [&str; 3] = [
    r#"[ { from: "header:seq", type: integer } ]"#,
    r#"[ { from: "field:stamp", type: time, forms: "yyyy-MM-dd", zone: Asia/Shanghai } ]"#,
    "log",
];
const TIMES: [&str; 3] = [
    r#"{ from: "header:business-time", type: epoch_ms }"#,
    r#"{ from: "header:business-time", type: epoch_ms, required: true }"#,
    r#"{ from: "field:stamp", type: time, forms: "yyyy-MM-dd", zone: Asia/Shanghai }"#,
];
const REMOVALS: [&str; 2] = [
    r#"{ from: "header:op", delete: [D], tombstone: delete }"#,
    r#"{ from: "field:op", delete: [D], tombstone: delete }"#,
];
const ACTIONS: [&str; 5] = ["", "observe", "flag", "quarantine", "reject"];

fn variants() -> Vec<Variant> {
    let mut variants = Vec::new();
    for (place, order) in ORDERS.into_iter().enumerate() {
        for (other, business_time) in TIMES.into_iter().enumerate() {
            for (third, action) in ACTIONS.into_iter().enumerate() {
                let number = place + other + third;
                variants.push(Variant {
                    mode: ["full", "full", "patch"][number % 3],
                    order,
                    business_time,
                    removal: REMOVALS[number % 2],
                    missing: ["quarantine", "observe"][(number / 2) % 2],
                    action,
                });
            }
        }
    }
    variants
}

fn rule(check: &str, action: &str) -> String {
    if action.is_empty() {
        return String::new();
    }
    format!(
        "{{ type: custom, engine: yidang, implementation: {{ check: {check} }}, dimension: accuracy, severity: minor, customProperties: [ {{ property: action, value: {action}, vendor: yidang }} ] }}"
    )
}

fn contract(name: &str, variant: Variant) -> String {
    let Variant {
        mode,
        order,
        business_time,
        removal,
        missing,
        action,
    } = variant;
    let typed = rule("type", action);
    let citizen = rule("resident_id", action);
    format!(
        r#"apiVersion: v3.2.0
kind: DataContract
id: mz.{name}
version: 1.0.0
status: active
name: {name}
customProperties:
  - {{ property: profile, value: yidang/1, vendor: yidang }}
  - {{ property: sourceAgency, value: mz, vendor: yidang }}
servers:
  - {{ server: k, type: kafka, host: h, format: json, encoding: UTF-8 }}
schema:
  - name: {name}
    businessName: 试
    physicalType: topic
    physicalName: src.mz.{name}.v1
    customProperties:
      - {{ property: recordKey, value: [number], vendor: yidang }}
      - {{ property: order, value: {order}, vendor: yidang }}
      - {{ property: businessTime, value: {business_time}, vendor: yidang }}
      - {{ property: mode, value: {mode}, vendor: yidang }}
      - {{ property: removal, value: {removal}, vendor: yidang }}
      - {{ property: subjectMissing, value: {missing}, vendor: yidang }}
      - property: subjects
        vendor: yidang
        value:
          - {{ kind: person, identifiers: [ {{ field: citizen, class: resident_id }} ] }}
    properties:
      - {{ name: number, logicalType: string, classification: internal, quality: [ {typed} ] }}
      - {{ name: citizen, logicalType: string, classification: personal, customProperties: [ {{ property: mapsTo, value: [ {{ to: person.id_no, transform: person_identifier }} ], vendor: yidang }} ], quality: [ {citizen} ] }}
      - {{ name: stamp, logicalType: date, logicalTypeOptions: {{ format: yyyy-MM-dd }}, classification: internal, quality: [ {typed} ] }}
      - {{ name: op, logicalType: string, required: true, classification: internal }}
team: {{ id: mz }}
"#
    )
}

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let files: Vec<(String, String)> = variants()
        .into_iter()
        .enumerate()
        .map(|(place, variant)| {
            let name = format!("held{place}");
            let text = contract(&name, variant);
            (format!("contracts/mz/{name}.odcs.yaml"), text)
        })
        .collect();
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    embedded_with(&files)
});

/// Members and headers of one message, as places in lists of good and bad ones.
#[derive(Debug, Clone)]
struct Message {
    variant: usize,
    body: Option<[usize; 4]>,
    headers: [usize; 3],
    ahead: bool,
}

const NUMBERS: [&str; 6] = ["\"1\"", "7", "[\"x\"]", "{}", "null", ""];
const CITIZENS: [&str; 7] = [
    "\"350203199001010018\"",
    "\"350203199001010019\"",
    "\"350203199002300017\"",
    "350203199001010048",
    "[]",
    "\"/\"",
    "",
];
const STAMPS: [&str; 7] = [
    "\"2026-01-01\"",
    "\"2093-01-01\"",
    "\"soon\"",
    "\"9999-12-31\"",
    "{}",
    "null",
    "",
];
const MARKS: [&str; 5] = ["\"U\"", "\"D\"", "[]", "null", ""];
const HEADERS: [&[&str]; 3] = [
    &["", "7", "seven"],
    &["", "1795300000000", "yesterday", "3895300000000"],
    &["", "D"],
];

fn messages() -> impl Strategy<Value = Message> {
    let body = (
        0..NUMBERS.len(),
        0..CITIZENS.len(),
        0..STAMPS.len(),
        0..MARKS.len(),
    );
    let headers = (
        0..HEADERS[0].len(),
        0..HEADERS[1].len(),
        0..HEADERS[2].len(),
    );
    let variant = 0..variants().len();
    (variant, body, headers, any::<bool>(), 0..20_u8).prop_map(
        |(variant, body, headers, ahead, bare)| Message {
            variant,
            body: (bare > 0).then_some([body.0, body.1, body.2, body.3]),
            headers: [headers.0, headers.1, headers.2],
            ahead,
        },
    )
}

fn sent(message: &Message) -> Sent {
    let mut sent = Sent::new("").key("1");
    if let Some([number, citizen, stamp, mark]) = message.body {
        let members = [
            ("number", NUMBERS[number]),
            ("citizen", CITIZENS[citizen]),
            ("stamp", STAMPS[stamp]),
            ("op", MARKS[mark]),
        ];
        let mut body = String::new();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_empty()) {
            let comma = if body.is_empty() { "" } else { "," };
            write!(body, "{comma}\"{name}\":{value}").unwrap();
        }
        sent.value = Some(format!("{{{body}}}").into_bytes());
    }
    let names = ["seq", "business-time", "op"];
    for ((name, texts), place) in names.into_iter().zip(HEADERS).zip(message.headers) {
        if !texts[place].is_empty() {
            sent = sent.header(name, texts[place]);
        }
    }
    if message.ahead {
        sent = sent.at(ARRIVAL_MS + 86_400_000);
    }
    sent
}

fn judge(message: &Message) -> Observation {
    let feed = format!("mz.held{}", message.variant);
    observe_of(&CATALOG, &feed, &[sent(message)])
        .observations
        .remove(0)
}

/// The only findings that hold nobody up by themselves: those of a contract that asks for it.
fn only_observed(observation: &Observation, variant: Variant) -> bool {
    let observed = |failure: &crate::verdict::Failure| {
        failure.code.0 == "SUBJECT_MISSING" && failure.action == Action::Observe
    };
    variant.missing == "observe" && observation.failures.iter().any(observed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_held_has_a_failure_that_holds_it(message in messages()) {
        let observation = judge(&message);
        let variant = variants()[message.variant];
        let wanted = match observation.outcome {
            Outcome::Rejected => Action::Reject,
            Outcome::Quarantined => Action::Quarantine,
            _ => return Ok(()),
        };
        let mut actions = observation.failures.iter().map(|failure| failure.action);
        let told = actions.any(|action| action == wanted)
            || (wanted == Action::Quarantine && only_observed(&observation, variant));
        let failures = failed(&CATALOG, &format!("mz.held{}", message.variant), &observation);
        prop_assert!(told, "{wanted:?} {failures:?} {variant:?} {message:?}");
        let counting = observation.failures.iter().filter(|failure| failure.action > Action::Observe);
        let unjudged = |rule: &u16| observation.unjudged.contains(rule);
        prop_assert!(!counting.map(|failure| &failure.rule).any(unjudged));
    }

    #[test]
    fn what_is_accepted_has_key_order_and_whom_it_is_about(message in messages()) {
        let observation = judge(&message);
        if observation.outcome.is_accepted() {
            prop_assert!(observation.key.is_some() && observation.order.is_some());
            prop_assert!(observation.statement.is_some());
            let full = variants()[message.variant].mode == "full";
            prop_assert!(observation.removal || !full || !observation.named.is_empty());
        }
    }
}
