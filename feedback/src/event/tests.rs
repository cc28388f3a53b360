mod schema;

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::kit::*;

fn events(sent: &[Sent]) -> Vec<Event> {
    let verdicts: Vec<_> = sent.iter().map(|sent| sent.0.clone()).collect();
    World::new().fold(&verdicts).events
}

#[test]
fn headers_are_cloud_events_attributes_in_binary_mode() {
    let event = events(&[Sent::good("k", 1, 7).fails(NAME)]).remove(0);
    let headers: BTreeMap<&str, &str> = event
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let issue = issue_id("k", NAME).to_string();
    let id = format!("{issue}-000001");
    for (name, value) in [
        ("content-type", "application/json"),
        ("ce_specversion", "1.0"),
        ("ce_id", id.as_str()),
        ("ce_source", "/dq/engine"),
        ("ce_type", "yidang.dq.issue.opened.v1"),
        ("ce_subject", issue.as_str()),
        ("ce_dataschema", "urn:yidang:schema:issue-1"),
        ("ce_partitionkey", issue.as_str()),
        ("ce_sequence", "000001"),
        ("ce_causationid", "src.aa.people.v1/0/7/0"),
        ("ce_severitytext", "major"),
        ("ce_severitynumber", "17"),
        ("ce_dataclassification", "internal"),
        ("ce_agency", "aa"),
        ("ce_feed", "aa.people"),
        ("ce_ruleid", "auto:name:required"),
        ("ce_dimension", "accuracy"),
    ] {
        assert_eq!(headers.get(name), Some(&value), "{name}");
    }
    assert_eq!(headers["ce_time"], rfc3339(START_MS + 7 * MINUTE_MS));
    assert_eq!(headers["ce_recordedtime"], rfc3339(START_MS + 5_000));
    assert_eq!(
        (event.topic.as_str(), event.key()),
        ("dq.feedback.aa.v1", issue.clone())
    );
    assert_eq!(headers.len(), event.headers.len(), "no header stands twice");
}

#[test]
fn attribute_names_are_lower_case_letters_and_digits_of_at_most_twenty() {
    let event = events(&[Sent::good("k", 1, 7).fails(NAME)]).remove(0);
    for (name, _) in event
        .headers
        .iter()
        .filter(|(name, _)| name != "content-type")
    {
        let attribute = name.strip_prefix("ce_").unwrap();
        assert!(attribute.len() <= 20);
        assert!(
            attribute
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
            "{name}"
        );
    }
}

#[test]
fn the_payload_says_what_where_and_how_to_mend_it_and_invents_nothing() {
    let event = events(&[Sent::good("k", 1, 7).fails_with(NAME, Some("张三"))]).remove(0);
    let payload: Value = serde_json::from_slice(&event.payload).unwrap();
    assert_eq!(payload["transition"]["from"], Value::Null);
    assert_eq!(payload["transition"]["reason"], "rule_failed");
    assert_eq!(payload["title"]["zh"], "户籍：人名缺少必填值");
    assert_eq!(payload["title"]["en"], "Registration: name is missing");
    assert_eq!(payload["ruleFingerprint"], "b3:0123456789abcdef");
    assert_eq!(payload["where"]["first"]["offset"], 7);
    assert_eq!(payload["where"]["keyFingerprint"], payload["recordRef"]);
    assert_eq!(payload["observed"]["shape"], "汉汉");
    assert_eq!(payload["expected"]["params"]["check"], "required");
    assert_eq!(payload["verify"]["kind"], "record_passes");
    assert_eq!(payload["allowed"], serde_json::json!([]));
    for absent in [
        "clock",
        "evidence",
        "score",
        "members",
        "respondTo",
        "ruleVersion",
    ] {
        assert!(payload.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn members_stand_in_the_order_in_which_a_person_reads_them() {
    let event = events(&[Sent::good("k", 1, 7).fails(NAME)]).remove(0);
    let text = String::from_utf8(event.payload).unwrap();
    let order = [
        "issueId",
        "seq",
        "state",
        "scope",
        "transition",
        "title",
        "responsible",
        "feed",
        "contractVersion",
        "ruleId",
        "dimension",
        "where",
        "recordRef",
        "field",
        "observed",
        "expected",
        "help",
        "occurrences",
        "verify",
        "allowed",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|name| text.find(&format!("\"{name}\":")).unwrap())
        .collect();
    assert!(places.is_sorted());
}

#[test]
fn a_resolved_event_names_the_record_that_passed() {
    let events = events(&[
        Sent::good("k", 1, 7).fails(NAME),
        Sent::good("k", 2, 9).partition(3),
    ]);
    let payload: Value = serde_json::from_slice(&events[1].payload).unwrap();
    assert_eq!(payload["transition"]["from"], "open");
    assert_eq!(payload["transition"]["reason"], "corrected");
    assert_eq!(payload["where"]["resolvedBy"]["partition"], 3);
    assert_eq!(payload["where"]["resolvedBy"]["offset"], 9);
    assert!(payload.get("observed").is_none());
}

#[test]
fn an_issue_of_a_defective_key_says_that_a_correction_needs_the_header() {
    let event = events(&[Sent::good("bad", 1, 7).fails(ID)]).remove(0);
    let payload: Value = serde_json::from_slice(&event.payload).unwrap();
    assert_eq!(payload["verify"]["kind"], "record_corrects");
    let help = &payload["help"];
    assert!(help["en"].as_str().unwrap().contains("header corrects"));
    assert!(!help["en"].as_str().unwrap().contains("with the same key"));
    assert!(!help["zh"].as_str().unwrap().contains("以相同记录键"));
}

#[test]
fn each_event_is_chained_to_the_previous_one_of_its_issue() {
    let events = events(&[Sent::good("k", 1, 7).fails(NAME), Sent::good("k", 2, 9)]);
    assert_eq!(events[0].prev_hash, None);
    assert_eq!(events[1].prev_hash, Some(events[0].hash));
    let forged = chained(None, &events[0].id, b"{}");
    assert_ne!(forged, events[0].hash);
}

#[test]
fn times_are_utc_with_milliseconds_and_bounded() {
    assert_eq!(rfc3339(1_763_877_491_004), "2025-11-23T05:58:11.004Z");
    assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
    assert!(rfc3339(i64::MAX).starts_with("9999-12-3"));
    assert!(rfc3339(i64::MIN).starts_with("0000-01-01"));
}

#[test]
fn header_values_are_printable_ascii() {
    assert_eq!(
        percent_encoded("auto:姓名:required"),
        "auto:%E5%A7%93%E5%90%8D:required"
    );
    assert_eq!(percent_encoded("50% \"x\""), "50%25%20%22x%22");
}

/// The formulas themselves, written again from their publication.
#[test]
fn ids_follow_the_published_formulas() {
    let catalog = catalog();
    let contract = &catalog.feeds[0];
    let agency = id_key().of_agency("aa");
    let record = yidang_transform::token::base32(&agency.keyed_hash(&[b"aa.people", b"k"]));
    let parts = [
        "dq-issue/1",
        "aa",
        "aa.people",
        "auto:name:required",
        "record",
        &format!("r_{record}"),
        "name",
    ];
    let hash = blake3::hash(parts.join("\u{1f}").as_bytes());
    let id = yidang_transform::token::base32(hash.as_bytes().first_chunk().unwrap());
    assert_eq!(issue_id("k", NAME).to_string(), format!("dqi_{id}"));
    let unkeyed = Sent::unreadable(42).0;
    let reference = crate::identity::RecordRef::new(&agency, contract, None, unkeyed.origin);
    let named = agency.keyed_hash(&[b"aa.people", b"src.aa.people.v1/0/0/42/0"]);
    assert_eq!(reference.0, named);
    assert_eq!(
        IssueId::parse(&format!("dqi_{id}")),
        Some(issue_id("k", NAME))
    );
    assert_eq!(IssueId::parse("dqi_zzzz"), None);
}

#[test]
fn an_event_of_a_condition_tells_it_and_its_fields_and_no_value() {
    let event = events(&[Sent::good("k", 1, 7).fails_with(CONDITION, None)]).remove(0);
    let payload: Value = serde_json::from_slice(&event.payload).unwrap();
    let params = serde_json::json!({
        "check": "predicate",
        "fields": ["name", "note"],
        "predicate": "(\"name\" IS NULL) OR (\"note\" IS NULL)",
    });
    assert_eq!(payload["expected"]["params"], params);
    assert!(payload.get("field").is_none());
    assert_eq!(
        payload["observed"],
        serde_json::json!({ "disclosure": "absent" })
    );
    assert_eq!(payload["ruleId"], "not-both");
}

#[test]
fn every_code_has_a_way_to_mend_it_that_is_possible_without_a_key() {
    for message in yidang_schemas::messages::all() {
        let help = crate::words::help_without_key(message.code);
        assert!(
            !help.en.contains("again with the same key"),
            "{}",
            message.code
        );
        assert!(!help.zh.contains("以相同记录键"), "{}", message.code);
    }
}

#[test]
fn an_event_names_the_column_that_its_field_fills() {
    let catalog = Catalog::embedded().unwrap();
    let feed = catalog
        .feeds
        .iter()
        .position(|feed| !feed.mappings.is_empty())
        .unwrap();
    let contract = &catalog.feeds[feed];
    let mapped = |rule: &Rule| {
        contract
            .mappings
            .iter()
            .any(|mapping| Some(mapping.field) == rule.field)
    };
    let rule = contract.rules.iter().position(mapped).unwrap();
    let mut sent = Sent::good("k", 1, 1);
    sent.0.origin.feed = u16::try_from(feed).unwrap();
    sent = sent.fails(NAME);
    sent.0.failures[0].rule = u16::try_from(rule).unwrap();
    let memory = crate::memory::IssueMemory::default();
    let folded = crate::fold::fold_issues(&memory, &catalog, &id_key(), &settings(), &[sent.0]);
    let payload: Value = serde_json::from_slice(&folded.events[0].payload).unwrap();
    let canonical = payload["field"]["canonical"].as_str().unwrap();
    let (kind, column) = canonical.split_once('.').unwrap();
    assert!(
        catalog
            .dossier(catalog.kind_of_name(kind).unwrap())
            .unwrap()
            .by_name
            .contains_key(column)
    );
}
