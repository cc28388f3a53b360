//! Traps of the domain page that need the engine and its tables, one test each, as the page numbers them.
//!
//! Those that a normalizer falls into are unit tests of `transform`. The city of `yidang simulate` tells several of these
//! as stories too: `death_confirmed` (8), `married_to_two` (9), `licence_revoked` and `abnormal_for_the_tax_office` (10),
//! masked numbers of the court's list (11), `older_after_newer` and repeated deliveries (12).

use serde_json::{Value, json};
use yidang_tests::lab::{Lab, Row};
use yidang_tests::messages::Message;
use yidang_tests::records::{
    COMPANY, DEATH, SIYUAN, START_MS, XIAOMEI, death, hukou, hukou_with, residence, resident,
};

const INSURANCE: &str = "src.rs.insurance.v1";
const REGISTER: &str = "src.scjg.register.v1";
const TAXPAYER: &str = "src.sw.taxpayer.v1";
const MARRIAGE: &str = "src.mz.marriage.v1";
const DISHONEST: &str = "src.fy.dishonest.v1";

fn headed(topic: &str, value: &Value, seq: u32) -> Message {
    let business = START_MS + i64::from(seq) * 1_000;
    let message = Message::new(topic, value.to_string()).at(business);
    let message = message.header("seq", seq.to_string());
    message.header("business-time", business.to_string())
}

/// A payment into the pension of a person, as the change log of the insurer has it; `op` r is a row of its snapshot.
fn pension(op: &str, id: &str, base: &str, seq: u32) -> Message {
    let after = json!({
        "aac001": "20000001", "aac002": id, "aac003": "陈思远", "aac004": "1", "aac006": 631_123_200_000_i64,
        "aab004": "厦门示例科技有限公司", "aab998": COMPANY, "aae140": "110", "aac008": "1", "aab301": "350203",
        "aac030": "20150701", "aae180": base, "aae041": "202610"
    });
    let time = START_MS + i64::from(seq) * 1_000;
    let envelope = json!({"op": op, "ts_ms": time, "before": null, "after": after});
    headed(INSURANCE, &envelope, seq)
}

fn register(state: &str, name: &str, seq: u32) -> Message {
    let value = json!({
        "PRIPID": "3502000000001", "UNISCID": COMPANY, "REGNO": "", "ENTNAME": name, "ENTTYPE": "1130",
        "LEREP": "陈思远", "REGCAP": "500.0000", "REGCAPCUR": "156", "ESTDATE": "2016-03-18 00:00:00",
        "REGORG": "350206", "REGSTATE": state, "INDUSTRYCO": "6510", "DOMDISTRICT": "350206",
        "DOM": "福建省厦门市湖里区殿前街道示例路1号"
    });
    headed(REGISTER, &value, seq)
}

fn taxpayer(state: &str, seq: u32) -> Message {
    let value = json!({
        "nsrsbh": COMPANY, "shxydm": COMPANY, "nsrmc": "厦门示例科技有限公司", "nsrztDm": state, "nslxDm": "1",
        "xydj": "A", "xypjnd": "2025", "gxrq": "20261118"
    });
    headed(TAXPAYER, &value, seq)
}

fn marriage(number: &str, wife: &str, seq: u32) -> Message {
    let value = json!({
        "djh": number, "ywlx": "01结婚", "nfsfz": SIYUAN, "nvfsfz": wife, "djrq": "2026年11月11日"
    });
    headed(MARRIAGE, &value, seq)
}

/// The police call a registration ended by death.
fn cancellation(seq: u32) -> Message {
    let ended = r#","ZXBS":"1","ZXYY":"死亡","ZXSJ":"20261103""#;
    hukou_with(SIYUAN, "陈思远", seq, ended)
}

fn lake_of(messages: &[Message]) -> Lab {
    let mut lab = Lab::new();
    for message in messages {
        lab.epoch(std::slice::from_ref(message));
    }
    lab
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

fn company(lab: &Lab) -> Row {
    let rows = lab.rows("enterprise_file").into_iter();
    let mut rows = rows.filter(|row| text(row, "uscc") == COMPANY);
    rows.next().expect("the company has a row")
}

/// Every order of a few messages.
fn orders(messages: &[Message]) -> Vec<Vec<Message>> {
    if messages.len() < 2 {
        return vec![messages.to_vec()];
    }
    let mut all = Vec::new();
    for place in 0..messages.len() {
        let mut rest = messages.to_vec();
        let first = rest.remove(place);
        for order in orders(&rest) {
            all.push([std::slice::from_ref(&first), order.as_slice()].concat());
        }
    }
    all
}

#[test]
fn trap_08_death_payment_and_cancellation_in_any_order_end_alike() {
    let story = [
        death("D1", SIYUAN, 100),
        pension("u", SIYUAN, "520000", 200),
        cancellation(300),
    ];
    let mut ends = orders(&story).into_iter().map(|order| lake_of(&order));
    let first = ends.next().expect("there is an order");
    let row = first.person(SIYUAN).expect("he has a row");
    assert_eq!(text(&row, "life_status"), "CONFIRMED_DEAD");
    assert!(
        text(&row, "social_insurance").contains("202610")
            || text(&row, "social_insurance").contains("2026-10")
    );
    // The payment resurrects nobody. That it came after the death is no matter of one record (decision 10), so no order
    // opens an issue, and none does so twice.
    assert_eq!(first.rows("issue").len(), 0);
    for lab in ends {
        assert_eq!(lab.files(), first.files());
        assert_eq!(lab.rows("issue").len(), 0);
    }
}

#[test]
fn trap_09_married_to_two_people_merges_nobody() {
    let other = resident(12);
    let lab = lake_of(&[
        marriage("J350203-2026-000001", XIAOMEI, 1),
        marriage("J350203-2026-000002", &other, 2),
    ]);
    let husband = lab.person(SIYUAN).expect("he has a row");
    for number in ["J350203-2026-000001", "J350203-2026-000002"] {
        assert!(text(&husband, "marriage_events").contains(number));
    }
    assert_eq!(lab.rows("person_file").len(), 3);
    for row in lab.rows("person_file") {
        assert_eq!(text(&row, "merged_into"), "");
    }
}

#[test]
fn trap_09_two_live_registrations_of_one_number_are_one_row_of_the_later_one() {
    let moved = hukou_with(SIYUAN, "陈思远", 20, r#","HKXZQH":"350206""#);
    let lab = lake_of(&[moved, hukou(SIYUAN, "陈思远", 10)]);
    assert_eq!(lab.rows("person_file").len(), 1);
    let row = lab.person(SIYUAN).expect("he has a row");
    assert!(text(&row, "hukou_division").contains("350206"));
}

#[test]
fn trap_10_a_late_change_does_not_undo_the_end_of_a_company() {
    let ended = lake_of(&[
        register("3", "厦门示例科技有限公司", 20),
        register("1", "厦门旧名有限公司", 10),
    ]);
    assert_eq!(text(&company(&ended), "status"), "DEREGISTERED");
    assert_eq!(text(&company(&ended), "name"), "厦门示例科技有限公司");
}

#[test]
fn trap_10_revoked_and_still_taxed_shows_both_words() {
    let lab = lake_of(&[
        register("2", "厦门示例科技有限公司", 10),
        taxpayer("03", 20),
    ]);
    let row = company(&lab);
    assert_eq!(
        (text(&row, "status"), text(&row, "tax_status")),
        ("REVOKED", "NORMAL")
    );
}

#[test]
fn trap_10_a_cancelled_company_is_restored_by_a_later_word_alone() {
    let restored = lake_of(&[
        register("5", "厦门示例科技有限公司", 10),
        register("1", "厦门示例科技有限公司", 20),
    ]);
    assert_eq!(text(&company(&restored), "status"), "ACTIVE");
    let late = lake_of(&[
        register("1", "厦门示例科技有限公司", 20),
        register("5", "厦门示例科技有限公司", 10),
    ]);
    assert_eq!(late.files(), restored.files());
}

#[test]
fn trap_11_a_masked_number_of_the_court_joins_nobody_by_name() {
    let listing = json!({
        "iname": "陈思远", "cardNum": "3502***********018", "caseCode": "(2026)闽02执124号",
        "courtName": "示例法院", "publishDate": "2026年11月20日", "exitDate": null
    });
    let lab = lake_of(&[hukou(SIYUAN, "陈思远", 10), headed(DISHONEST, &listing, 20)]);
    assert_eq!(lab.rows("person_file").len(), 1);
    let row = lab.person(SIYUAN).expect("he has a row");
    assert!(!text(&row, "dishonest").contains("124"));
    let held = lab.rows("quarantine");
    assert_eq!(held.len(), 1);
    assert_eq!(text(held.first().expect("one"), "outcome"), "rejected");
}

#[test]
fn trap_12_repeats_wrong_orders_and_a_snapshot_over_a_change_log_end_alike() {
    // The snapshot of the change log tells the state before the change, whenever it comes.
    let story = [
        pension("r", SIYUAN, "480000", 50),
        pension("u", SIYUAN, "520000", 60),
        hukou(SIYUAN, "陈思源", 70),
        hukou(SIYUAN, "陈思远", 80),
    ];
    let expected = lake_of(&story);
    let row = expected.person(SIYUAN).expect("he has a row");
    assert_eq!(text(&row, "name"), "陈思远");
    assert!(text(&row, "social_insurance").contains("520000"));
    for mut order in orders(&story) {
        let again = order.first().expect("there are four").clone();
        order.push(again);
        assert_eq!(lake_of(&order).files(), expected.files());
    }
}

#[test]
fn trap_18_events_hold_no_number_and_no_name() {
    let other = resident(13);
    let bad = [
        hukou_with(SIYUAN, "陈思远", 10, r#","XB":"2""#),
        hukou_with(
            &other,
            "林晓梅\u{E5E5}",
            11,
            &format!(r#","MZ":"{SIYUAN}""#),
        ),
        hukou_with("350203199001010011", "陈思远", 12, ""),
        residence(XIAOMEI, "林晓梅", "不详", 13),
        death("D2", "35020319900101001", 14),
        Message::new(
            DEATH,
            format!("{{\"swzbh\":\"D3\",\"idcard\":\"{SIYUAN}\",\"name\":\"陈思远"),
        )
        .at(START_MS),
    ];
    let lab = lake_of(&bad);
    let events = lab.rows("issue_event");
    assert!(events.len() >= 5, "{}", events.len());
    for event in &events {
        let payload = text(event, "payload_json");
        assert!(!payload.is_empty());
        assert!(
            !has_a_number(payload),
            "a number in an event of {}",
            text(event, "issue_id")
        );
        for name in ["陈思远", "林晓梅"] {
            assert!(
                !payload.contains(name),
                "a name in an event of {}",
                text(event, "issue_id")
            );
        }
    }
}

/// Whether a text has 17 digits in a row with a digit or an X behind them.
fn has_a_number(text: &str) -> bool {
    let mut digits = 0;
    for letter in text.chars() {
        if digits >= 17 && (letter.is_ascii_digit() || matches!(letter, 'X' | 'x')) {
            return true;
        }
        digits = if letter.is_ascii_digit() {
            digits + 1
        } else {
            0
        };
    }
    false
}

#[test]
fn a_number_is_seen_wherever_it_stands() {
    assert!(has_a_number("id=35020319900101001X;") && has_a_number(SIYUAN));
    assert!(!has_a_number("3502031990010100") && !has_a_number("1795104000000 12345"));
}
