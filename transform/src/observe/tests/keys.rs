//! Record keys and orders: one key for every way of naming a record, and nothing guessed.

use crate::kit::{ARRIVAL_MS, Sent, embedded, failed, observe, observe_of, observe_one};
use crate::order::REMOVAL_HASH;

const STAY: &str = r#"{"sfzhm":"350206198507151226","xm":"林晓梅","djrq":"2026/10/08"}"#;

fn stay(body: &str) -> Sent {
    Sent::new(body)
        .header("seq", "1")
        .header("business-time", "1795300000000")
}

#[test]
fn a_removal_by_message_key_finds_the_record_however_its_key_was_written() {
    let stated = observe_one("ga.residence", stay(STAY));
    let removals = [
        Sent::tombstone("350206198507151226|2026-10-08"),
        Sent::tombstone(" 35020619850715122６|20261008"),
        Sent::new("")
            .header("op", "D")
            .key("350206198507151226|2026/10/8"),
    ];
    for removal in removals {
        let removal = removal
            .header("seq", "2")
            .header("business-time", "1795300000000");
        let removal = observe_one("ga.residence", removal);
        assert_eq!(removal.outcome.name(), "accepted");
        assert_eq!(
            removal.key.as_ref().unwrap().id,
            stated.key.as_ref().unwrap().id
        );
        assert!(removal.order.as_ref().unwrap() > stated.order.as_ref().unwrap());
        let statement = removal.statement.unwrap();
        assert!(statement.removal && statement.cells.is_empty() && statement.targets.is_empty());
    }
}

#[test]
fn a_defective_key_is_kept_as_sent_and_its_removal_finds_it() {
    let bad = STAY.replace("350206198507151226", " 350206198507151227 ");
    let stated = observe_one("ga.residence", stay(&bad));
    assert_eq!(stated.outcome.name(), "rejected");
    let key = stated.key.unwrap();
    assert!(!key.sound);
    assert_eq!(key.text, "350206198507151227\u{1F}2026-10-08");
    let removal = Sent::tombstone("350206198507151227|2026-10-08").header("seq", "2");
    let removal = observe_one(
        "ga.residence",
        removal.header("business-time", "1795300000000"),
    );
    assert_eq!(removal.outcome.name(), "accepted");
    assert_eq!(removal.key.unwrap().id, key.id);
}

#[test]
fn a_removal_wins_over_what_is_older_and_loses_a_tie() {
    let stated = observe_one("ga.residence", stay(STAY)).order.unwrap();
    let removal = |seq: &str| {
        let sent = Sent::tombstone("350206198507151226|2026-10-08").header("seq", seq);
        observe_one(
            "ga.residence",
            sent.header("business-time", "1795300000000"),
        )
        .order
        .unwrap()
    };
    assert!(removal("1") < stated);
    assert!(removal("2") > stated);
    assert_eq!(removal("1").content_hash(), REMOVAL_HASH);
}

#[test]
fn a_removal_without_a_body_takes_its_time_from_the_header_at_the_precision_of_the_field() {
    let number = r#"{"nsrsbh":"350203MA2YCJ5K4","shxydm":"","nsrmc":"厦门示例科技有限公司","gxrq":"20261103"}"#;
    let stated = observe_one("sw.taxpayer", Sent::new(number).header("seq", "5"));
    // 2026-11-03T15:30:00+08:00, a day only.
    let removal = |time: &str, seq: &str| {
        let sent = Sent::tombstone("350203MA2YCJ5K4")
            .header("business-time", time)
            .header("seq", seq);
        observe_one("sw.taxpayer", sent)
    };
    let same_day = removal("1793691000000", "6").order.unwrap();
    assert_eq!(
        same_day.business_time_ms(),
        stated.order.as_ref().unwrap().business_time_ms()
    );
    assert!(same_day > *stated.order.as_ref().unwrap());
    assert!(removal("1793691000000", "4").order.unwrap() < stated.order.unwrap());
    for removal in [
        observe_one(
            "sw.taxpayer",
            Sent::tombstone("350203MA2YCJ5K4").header("seq", "6"),
        ),
        observe_one(
            "sw.taxpayer",
            Sent::tombstone("350203MA2YCJ5K4").header("business-time", "1793691000000"),
        ),
    ] {
        assert_eq!(removal.outcome.name(), "quarantined");
        assert_eq!(
            failed(&embedded(), "sw.taxpayer", &removal),
            ["order:ORDER_MISSING"]
        );
    }
}

#[test]
fn a_tombstone_is_control_in_an_enveloped_feed_and_names_a_key_or_nothing_elsewhere() {
    let control = observe_one("rs.insurance", Sent::tombstone("P1|110"));
    assert_eq!(control.outcome.name(), "control");
    assert!(control.statement.is_none() && control.failures.is_empty());
    for key in ["", "350206198507151226", "a|b|c"] {
        let nameless = observe_one("ga.residence", Sent::tombstone(key).header("seq", "1"));
        assert_eq!(nameless.outcome.name(), "rejected", "{key}");
    }
}

#[test]
fn rows_of_a_log_feed_are_ordered_by_their_place_and_an_empty_removal_by_its_own() {
    let header = "行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)\n";
    let row = "厦门示例科技有限公司,91350203MA3UERU19L,1号,2026-10-01,1\n";
    let sent = [
        Sent::new(format!("{header}{row}{row}")).key("file.csv"),
        Sent::new("").header("op", "D").key("1号"),
        Sent::new(format!("{header}{row}")).key("file.csv"),
    ];
    let observations = observe("scjg.penalty", &sent);
    let orders: Vec<_> = observations
        .iter()
        .map(|observation| observation.order.clone().unwrap())
        .collect();
    assert!(orders.is_sorted() && orders.windows(2).all(|pair| pair[0] != pair[1]));
    let keys: Vec<_> = observations
        .iter()
        .map(|observation| observation.key.as_ref().unwrap().id)
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert!(observations[2].removal);
}

#[test]
fn content_decides_between_equal_orders_and_the_message_time_is_no_content() {
    let one = observe_one("ga.residence", stay(STAY)).order.unwrap();
    let again = observe_one(
        "ga.residence",
        stay(&STAY.replace("{", "{ ")).at(ARRIVAL_MS + 5),
    )
    .order
    .unwrap();
    assert_eq!(one, again);
    let other = observe_one("ga.residence", stay(&STAY.replace("林晓梅", "林小梅")))
        .order
        .unwrap();
    assert_ne!(one.content_hash(), other.content_hash());
    assert_eq!(one.as_bytes()[..24], other.as_bytes()[..24]);
    // Texts cannot run into one another.
    let body = |xm: &str, jzdz: &str| {
        format!(
            r#"{{"sfzhm":"350206198507151226","xm":"{xm}","jzdz":"{jzdz}","djrq":"2026/10/08"}}"#
        )
    };
    let left = observe_one("ga.residence", stay(&body("林\\u001f\\u0002梅", "路")));
    let right = observe_one("ga.residence", stay(&body("林", "梅\\u001f\\u0002路")));
    assert_ne!(left.order, right.order);
}

#[test]
fn where_no_business_time_is_sent_the_message_time_stands_in_whatever_the_landing() {
    let register = r#"{"PRIPID":"1","UNISCID":"91350203MA3UERU19L","ENTNAME":"厦门示例科技有限公司","REGSTATE":"1"}"#;
    let sent = |at: i64| {
        observe_one(
            "scjg.register",
            Sent::new(register).header("seq", "1").at(at),
        )
    };
    assert_eq!(
        sent(ARRIVAL_MS - 7).order.unwrap().business_time_ms(),
        ARRIVAL_MS - 7
    );
    let early = sent(ARRIVAL_MS + 1_000);
    assert_eq!(early.order.unwrap().business_time_ms(), ARRIVAL_MS + 1_000);
    assert_eq!(early.outcome.name(), "accepted");
    // A clock that runs far ahead would win for ever: held.
    let future = sent(ARRIVAL_MS + 86_400_000);
    assert_eq!(
        failed(&embedded(), "scjg.register", &future),
        ["business-time:not_future:FUTURE"]
    );
    let dated = Sent::new(register)
        .header("seq", "1")
        .header("business-time", "5");
    assert_eq!(
        observe_one("scjg.register", dated)
            .order
            .unwrap()
            .business_time_ms(),
        5
    );
}

#[test]
fn an_optional_business_time_may_be_missing_and_not_malformed() {
    let register = r#"{"PRIPID":"1","UNISCID":"91350203MA3UERU19L","ENTNAME":"厦门示例科技有限公司","REGSTATE":"1"}"#;
    let dated = |text: &str| {
        let sent = Sent::new(register).header("seq", "1");
        observe_one("scjg.register", sent.header("business-time", text))
    };
    for text in ["yesterday", "1795300000000.5", "2026-11-23"] {
        let observation = dated(text);
        assert_eq!(
            failed(&embedded(), "scjg.register", &observation),
            ["order:ORDER_FORMAT"],
            "{text}"
        );
        assert_eq!(observation.outcome.name(), "quarantined");
    }
    assert_eq!(dated(" ").outcome.name(), "accepted");
    // A field that dates a record has a rule of its own.
    let header = "行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)\n";
    let row = "厦门示例科技有限公司,91350203MA3UERU19L,1号,去年,1\n";
    let observation = observe_one("scjg.penalty", Sent::new(format!("{header}{row}")));
    assert_eq!(
        failed(&embedded(), "scjg.penalty", &observation),
        ["处罚决定日期:type:DATE_FORMAT"]
    );
    assert_eq!(observation.outcome.name(), "flagged");
}

#[test]
fn a_time_of_an_envelope_that_cannot_be_read_is_no_missing_one() {
    let told = |time: &str| {
        let body = format!(
            r#"{{"op":"u"{time},"after":{{"aac001":"P1","aac002":"350203199001010018","aac003":"陈思远","aae140":"110"}}}}"#
        );
        let observation = observe_one("rs.insurance", Sent::new(body).header("seq", "7"));
        failed(&embedded(), "rs.insurance", &observation)
    };
    assert_eq!(told(""), ["order:ORDER_MISSING"]);
    assert_eq!(told(r#","ts_ms":"1795392800000""#), ["order:ORDER_FORMAT"]);
    assert_eq!(told(r#","ts_ms":1.5"#), ["order:ORDER_FORMAT"]);
}

#[test]
fn the_last_header_of_a_name_counts_and_one_that_is_no_text_is_missing() {
    let twice = stay(STAY).header("seq", "9");
    let nine = observe_one("ga.residence", twice).order.unwrap();
    assert_eq!(
        nine,
        observe_one(
            "ga.residence",
            Sent::new(STAY)
                .header("business-time", "1795300000000")
                .header("seq", "9")
        )
        .order
        .unwrap()
    );
    let mut bytes = Sent::new(STAY).header("business-time", "1795300000000");
    bytes
        .headers
        .push(("seq".to_owned(), Some(bytes::Bytes::from_static(b"\xFF"))));
    let observation = observe_one("ga.residence", bytes);
    assert_eq!(
        failed(&embedded(), "ga.residence", &observation),
        ["order:ORDER_MISSING"]
    );
}

#[test]
fn batches_may_be_cut_anywhere() {
    let sent: Vec<Sent> = (0..40)
        .map(|place| match place % 4 {
            0 => stay(STAY),
            1 => stay("{\"sfzhm\":"),
            2 => stay(&STAY.replace("林晓梅", "9")),
            _ => Sent::tombstone("350206198507151226|2026-10-08").header("seq", "3"),
        })
        .collect();
    let catalog = embedded();
    let whole = observe_of(&catalog, "ga.residence", &sent).observations;
    for (place, one) in sent.iter().enumerate() {
        let mut alone = observe_of(&catalog, "ga.residence", std::slice::from_ref(one))
            .observations
            .remove(0);
        alone.message = place;
        alone.origin.offset = i64::try_from(place).unwrap();
        if let Some(statement) = &mut alone.statement {
            statement.version.origin = alone.origin;
        }
        assert_eq!(whole[place], alone);
    }
}
