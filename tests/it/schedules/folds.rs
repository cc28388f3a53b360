//! Schedules about what records say, in which order, with a crash between.

use yidang_ingest::epoch::{LandedMessage, Narrowed};
use yidang_tests::lab::{Lab, Row, same};
use yidang_tests::messages::Message;
use yidang_tests::records::{
    COMPANY, DEATH, PENALTY, SIYUAN, XIAOMEI, death, hukou, hukou_with, medical, penalties,
    removal, residence,
};

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

fn column(lab: &Lab, table: &str, column: &str) -> Vec<String> {
    lab.rows(table)
        .iter()
        .map(|row| text(row, column).to_owned())
        .collect()
}

/// One message an epoch, with a crash after each where `crashes`, and a checkpoint before it in every second.
fn told(messages: &[Message], crashes: bool) -> Lab {
    let mut lab = Lab::new();
    for (place, message) in messages.iter().enumerate() {
        lab.epoch(std::slice::from_ref(message));
        if crashes {
            if place % 2 == 0 {
                lab.checkpoint();
            }
            lab = lab.crash();
        }
    }
    lab
}

#[test]
fn schedule_01_a_death_sent_with_a_relatives_id_moves_to_the_right_person_in_both_orders() {
    let people = [hukou(SIYUAN, "陈思远", 1), hukou(XIAOMEI, "林晓梅", 2)];
    let wrong = death("D1", XIAOMEI, 10);
    let right = death("D1", SIYUAN, 11);
    let first = [people.clone().as_slice(), &[wrong.clone(), right.clone()]].concat();
    let second = [people.as_slice(), &[right, wrong.clone()]].concat();
    let expected = told(&first, false).files();
    for (messages, crashes) in [(&first, true), (&second, false), (&second, true)] {
        let lab = told(messages, crashes);
        same(&lab.files(), &expected, "");
        let dead = lab.person(SIYUAN).expect("he has a row");
        let alive = lab.person(XIAOMEI).expect("she has a row");
        assert!(
            text(&dead, "death_evidence").contains("D1"),
            "the certificate is on his file"
        );
        assert_eq!(
            text(&alive, "death_evidence"),
            text(
                &told(&[hukou(XIAOMEI, "林晓梅", 2)], false).rows("person_file")[0],
                "death_evidence"
            )
        );
        assert_eq!(text(&alive, "death_date"), "");
        assert_eq!(text(&dead, "death_date"), "2026-11-02");
    }
    // Without the correction she would be the dead one: the certificate is what moved.
    let mistaken = told(&[hukou(XIAOMEI, "林晓梅", 2), wrong], false);
    assert!(
        text(
            &mistaken.person(XIAOMEI).expect("she has a row"),
            "death_evidence"
        )
        .contains("D1")
    );
}

#[test]
fn schedule_02_a_penalty_removed_by_its_number_is_gone_before_and_after_its_file() {
    let file = penalties(&[("罚1号", "0.5"), ("罚2号", "1.25")], 5);
    let gone = removal(PENALTY, "罚1号", 6);
    let after = told(&[file.clone(), gone.clone()], true);
    let row = &after.rows("enterprise_file")[0];
    assert_eq!(text(row, "uscc"), COMPANY);
    assert!(text(row, "penalties").contains("罚2号") && !text(row, "penalties").contains("罚1号"));

    // The feed's order is its log: a removal that lies before the file in the lane is older than it.
    let before = told(&[gone, file], true);
    let row = &before.rows("enterprise_file")[0];
    assert!(text(row, "penalties").contains("罚1号") && text(row, "penalties").contains("罚2号"));
    assert_eq!(
        column(&before, "observation_enterprise", "effect"),
        ["applied"; 3]
    );
}

#[test]
fn schedule_03_a_patch_without_identifier_finds_its_person_as_first_and_as_second_message() {
    let named = medical(
        "M1",
        &format!(r#","certno":"{SIYUAN}","psn_cert_type":"01","psn_insu_stas":"1""#),
        10,
    );
    let silent = medical("M1", r#","clct_ym":"202611""#, 20);
    let second = told(&[named.clone(), silent.clone()], true);
    let first = told(&[silent, named], true);
    same(&first.files(), &second.files(), "");
    let row = first.person(SIYUAN).expect("he has a row");
    assert!(
        text(&row, "medical_insurance").contains("2026-11"),
        "the patch that names nobody is on his file"
    );
}

#[test]
fn schedule_04_the_only_record_withdrawn_stays_withdrawn_when_an_older_one_comes_after_a_restart() {
    let mut lab = Lab::new();
    lab.epoch(&[hukou(XIAOMEI, "林晓梅", 1), death("D1", SIYUAN, 20)]);
    assert!(lab.person(SIYUAN).is_some());
    lab.epoch(&[removal(DEATH, "D1", 30)]);
    assert!(lab.person(SIYUAN).is_none(), "no live record, no row");
    lab.checkpoint();
    let mut lab = lab.crash();
    assert_eq!(lab.recovered.replayed, 0);
    lab.epoch(&[death("D1", SIYUAN, 15)]);
    let mut effects = column(&lab, "observation_person", "effect");
    effects.sort();
    assert_eq!(effects, ["applied", "applied", "applied", "stale"]);
    assert!(lab.person(SIYUAN).is_none(), "no live record, no row");
    assert!(lab.person(XIAOMEI).is_some());
}

fn open_rules(lab: &Lab) -> Vec<String> {
    let rows = lab.rows("issue");
    let open = rows
        .iter()
        .filter(|row| text(row, "state") != "resolved" && text(row, "state") != "dismissed");
    let mut rules: Vec<String> = open.map(|row| text(row, "rule_id").to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn schedule_07_a_rule_that_was_not_judged_closes_nothing_and_a_late_failure_opens_nothing() {
    let failing = hukou_with(SIYUAN, "陈思远", 10, r#","MZ":"77""#);
    let rejected = Message::new(&failing.topic, "{\"GMSFHM\":")
        .key(SIYUAN)
        .header("seq", "11")
        .at(failing.timestamp.unwrap_or(0) + 1);
    let unjudged = hukou_with(SIYUAN, "陈思远", 12, r#","MZ":["01"]"#);
    let good = hukou(SIYUAN, "陈思远", 20);
    let mut lab = Lab::new();
    lab.epoch(std::slice::from_ref(&failing));
    let first = open_rules(&lab);
    assert_eq!(first, ["auto:MZ:codeset"]);
    lab.epoch(&[rejected, unjudged]);
    assert!(
        open_rules(&lab).contains(&"auto:MZ:codeset".to_owned()),
        "rejected before the rule ran: still open"
    );
    let mut lab = lab.crash();
    lab.epoch(std::slice::from_ref(&good));
    assert!(!open_rules(&lab).contains(&"auto:MZ:codeset".to_owned()));

    let mut late = Lab::new();
    late.epoch(&[good]);
    let mut late = late.crash();
    late.epoch(&[failing]);
    assert_eq!(
        open_rules(&late),
        Vec::<String>::new(),
        "what was put right stays right"
    );
}

/// Every order of three.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

#[test]
fn schedule_14_the_open_issues_are_the_same_in_every_order_of_arrival() {
    let failing = medical(
        "M1",
        &format!(r#","certno":"{SIYUAN}","psn_cert_type":"01","psn_insu_stas":"99""#),
        10,
    );
    let silent = medical("M1", r#","clct_ym":"202611""#, 30);
    let mut lab = Lab::new();
    lab.epoch(&[failing]);
    let opened = open_rules(&lab);
    assert!(!opened.is_empty(), "the status is in no list");
    lab.epoch(&[silent]);
    assert_eq!(
        open_rules(&lab),
        opened,
        "a patch that leaves the field out judges nothing"
    );

    let mut empty = Lab::new();
    empty.epoch(&[hukou_with(SIYUAN, "陈思远", 1, r#","MZ":"77","XM":"""#)]);
    assert_eq!(open_rules(&empty), ["auto:MZ:codeset", "auto:XM:required"]);
    let mut without = hukou(SIYUAN, "陈思远", 2);
    let value = String::from_utf8(without.value.take().unwrap_or_default()).unwrap_or_default();
    without.value = Some(value.replace(r#""XM":"陈思远","#, "").into_bytes());
    empty.epoch(&[without]);
    assert!(
        open_rules(&empty).contains(&"auto:XM:required".to_owned()),
        "left out where it may not be empty"
    );

    let versions = [
        hukou_with(SIYUAN, "陈思远", 1, r#","MZ":"77""#),
        hukou(SIYUAN, "陈思远", 2),
        hukou_with(SIYUAN, "陈思远", 3, r#","XM":["陈"],"MZ":["77"]"#),
    ];
    let open: Vec<Vec<String>> = ORDERS
        .iter()
        .map(|order| {
            let messages: Vec<Message> =
                order.iter().map(|place| versions[*place].clone()).collect();
            let open = open_rules(&told(&messages, true));
            assert_eq!(open, open_rules(&told(&messages, false)));
            open
        })
        .collect();
    assert!(open.windows(2).all(|pair| pair[0] == pair[1]), "{open:?}");
    assert!(
        !open[0].contains(&"auto:MZ:codeset".to_owned()),
        "v2 put it right"
    );
}

#[test]
fn schedule_15_a_correction_that_arrives_before_its_issue_ends_it() {
    // A number whose check character is wrong is a key that no later record can have.
    let spoiled = format!("{}9", SIYUAN.get(..17).expect("an id of 18 characters"));
    let bad = hukou(&spoiled, "陈思远", 10).partition(0);
    let mut lab = Lab::new();
    lab.epoch(std::slice::from_ref(&bad));
    let rows = lab.rows("issue");
    let issue = rows
        .iter()
        .find(|row| text(row, "rule_id") == "auto:GMSFHM:resident_id")
        .expect("it is opened");
    let id = text(issue, "issue_id").to_owned();
    let correction = hukou(SIYUAN, "陈思远", 20)
        .header("corrects", id)
        .partition(1);

    let usual = told(&[bad.clone(), correction.clone()], true);
    let swapped = told(&[correction.clone(), bad.clone()], true);
    for lab in [&usual, &swapped] {
        assert_eq!(open_rules(lab), Vec::<String>::new());
        let rows = lab.rows("issue");
        let issue = rows
            .iter()
            .find(|row| text(row, "rule_id") == "auto:GMSFHM:resident_id")
            .expect("it is known");
        assert_eq!(
            (text(issue, "state"), text(issue, "reason")),
            ("resolved", "corrected")
        );
    }
    same(&usual.files(), &swapped.files(), "");
    let mut both = Lab::new();
    both.epoch(&[correction, bad]);
    assert_eq!(
        open_rules(&both),
        Vec::<String>::new(),
        "in one epoch as well"
    );
}

/// Panics on the certificate with this body, as a bug of a projection would.
fn bug(message: &LandedMessage) {
    let body = message.value.as_deref().unwrap_or_default();
    assert!(
        !String::from_utf8_lossy(body).contains("D-BUG"),
        "a bug, played"
    );
}

/// What the worker does with a batch that panics, until everything is landed.
fn land_all(lab: &mut Lab, messages: &[Message]) -> usize {
    let mut epochs = 0;
    let mut waiting = vec![lab.read(messages)];
    while let Some(mut input) = waiting.pop() {
        input.epoch = lab.tables.landing.epoch() + 1;
        match lab.engine.plan(input) {
            Ok(plan) => {
                lab.put_landing(&plan).expect("the lead is ours");
                lab.derive(plan);
                epochs += 1;
            }
            Err((_, input)) => match input.clone().narrowed() {
                Narrowed::Halved { first, rest } => {
                    waiting.push(yidang_ingest::epoch::EpochInput {
                        messages: rest,
                        ..input
                    });
                    waiting.push(first);
                }
                Narrowed::Held(held) => waiting.push(held),
                Narrowed::InVain(_) => panic!("a held message is not judged"),
            },
        }
    }
    epochs
}

#[test]
fn schedule_18_a_projection_that_panics_on_one_record_holds_one_message_and_the_lake_goes_on() {
    let mut messages: Vec<Message> = (1..=9)
        .map(|seq| residence(XIAOMEI, "林晓梅", &format!("长乐路{seq}号"), seq))
        .collect();
    messages.insert(4, death("D-BUG", SIYUAN, 30));
    let mut lab = Lab::new();
    lab.engine = std::mem::replace(&mut lab.engine, Lab::new().engine).with_probe(bug);
    let epochs = land_all(&mut lab, &messages);
    assert!(epochs > 1, "the batch was halved");
    assert_eq!(lab.rows("landing").len(), 10, "everything is landed");
    let held: Vec<Row> = lab
        .rows("landing")
        .into_iter()
        .filter(|row| text(row, "held") == "true")
        .collect();
    assert_eq!(held.len(), 1);
    let quarantine = lab.rows("quarantine");
    assert_eq!(quarantine.len(), 1, "one held message");
    assert!(format!("{:?}", quarantine[0]).contains("PLATFORM_ERROR"));
    let other = lab.person(XIAOMEI).expect("the others are there");
    let address = text(&other, "residence_address");
    assert!(address.contains("长乐路9号"));
    let events = lab.rows("issue_event");
    assert_eq!(
        events
            .iter()
            .map(|row| text(row, "topic"))
            .collect::<Vec<_>>(),
        ["dq.feedback.platform.v1"]
    );

    // A version without the bug does not judge it in a replay either: what is landed is landed.
    let before = lab.everything();
    let lab = lab.crash();
    same(&lab.everything(), &before, "");
    assert!(lab.person(SIYUAN).is_none());
}
