//! Poison never stops a lane: each bad message, through a real broker and between good ones of its partition, becomes a row with
//! its outcome, code and coordinates and an event that says what is wrong, and the good record after it stands in the file.

mod header_names;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_topic};
use yidang_tests::process::{Launch, Running};
use yidang_tests::readers::{Reader, read_lines};
use yidang_tests::records::{
    DEATH, HUKOU, PENALTY, SIYUAN, START_MS, death, hukou, hukou_with, penalties, removal,
};

/// Far below what the broker takes, so that a message over it is small.
const BOUND_BYTES: usize = 30_000;

/// One bad message and what becomes of it.
struct Poison {
    name: &'static str,
    message: Message,
    outcome: &'static str,
    codes: &'static [&'static str],
}

/// A sound number (GB 11643-1999) of the `ordinal`-th man born on 1 January 1990.
fn number(ordinal: usize) -> String {
    let body = format!("35020319900101{:03}", 101 + 2 * ordinal);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let last = "10X98765432".as_bytes()[usize::try_from(sum % 11).expect("it is small")];
    format!("{body}{}", char::from(last))
}

fn good(ordinal: usize) -> Message {
    hukou(
        &number(ordinal),
        "陈好人",
        100 + u32::try_from(ordinal).expect("few"),
    )
    .partition(0)
}

/// A sound message whose value is made something else.
fn spoiled(value: impl Into<Vec<u8>>) -> Message {
    let mut message = hukou(SIYUAN, "陈思远", 7).partition(0);
    message.value = Some(value.into());
    message
}

fn sound() -> String {
    String::from_utf8(hukou(SIYUAN, "陈思远", 7).value.expect("it has a value"))
        .expect("it is UTF-8")
}

fn without(header: &str, mut message: Message) -> Message {
    message.headers.retain(|(name, _)| name != header);
    message
}

fn with(members: &str) -> Message {
    hukou_with(SIYUAN, "陈思远", 7, members).partition(0)
}

/// 陈 in GB 18030, which is no UTF-8.
fn other_encoding() -> Vec<u8> {
    let text = sound();
    let (before, after) = text.split_once("陈思远").expect("the name is there");
    [before.as_bytes(), &[0xB3, 0xC2], after.as_bytes()].concat()
}

#[rustfmt::skip]
fn poisons() -> Vec<Poison> {
    let row = |name, message, outcome, codes| Poison { name, message, outcome, codes };
    let text = sound();
    let number = text.replace(&format!("\"{SIYUAN}\""), SIYUAN);
    let deep = format!("{{\"GMSFHM\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let keyless = text.replace("GMSFHM", "GMSFHX");
    let big = with(&format!(r#","CSZMBH":"{}""#, "x".repeat(BOUND_BYTES)));
    vec![
        row("truncated JSON", spoiled(&text.as_bytes()[..60]), "rejected", &["SYNTAX"]),
        row("two values in one message", spoiled(text.repeat(2)), "rejected", &["SYNTAX"]),
        row("no JSON at all", spoiled([0_u8, 1, 2]), "rejected", &["SYNTAX"]),
        row("a list where an object belongs", spoiled("[]"), "rejected", &["SYNTAX"]),
        row("wrong encoding", spoiled(other_encoding()), "rejected", &["ENCODING"]),
        row("message over the bound", big, "rejected", &["SIZE"]),
        row("10,000-deep nesting", spoiled(deep), "rejected", &["DEPTH"]),
        row("wrong type", with(r#","XM":["a"]"#), "rejected", &["TYPE"]),
        row("identifier as JSON number", spoiled(number), "rejected", &["TYPE"]),
        row("missing key", spoiled(keyless), "rejected", &["KEY_MISSING"]),
        row("missing order field", with(r#","GXSJ":"""#), "quarantined", &["ORDER_MISSING"]),
        row("missing order header", without("seq", with("")), "quarantined", &["ORDER_MISSING"]),
        row("future order", with(r#","GXSJ":"20990101000000""#), "quarantined", &["FUTURE"]),
        row("future date", with(r#","CSRQ":"20990101""#), "quarantined", &["FUTURE", "ID_BIRTH_MISMATCH"]),
        row("empty body", spoiled(""), "rejected", &["EMPTY"]),
        row("tombstone that nothing orders", Message::tombstone(HUKOU, SIYUAN).partition(0), "quarantined", &["ORDER_MISSING"]),
        row("tombstone without a key", Message { key: None, ..Message::tombstone(HUKOU, "").partition(0) }, "rejected", &["KEY_MISSING", "ORDER_MISSING"]),
    ]
}

fn start(broker: &RealBroker, lake: &str) -> Running {
    let bound = BOUND_BYTES.to_string();
    let address = broker.address();
    let run = [
        "run",
        "--brokers",
        &address,
        "--lake",
        lake,
        "--listen",
        "127.0.0.1:0",
        "--message-bytes",
        &bound,
    ];
    let mut running = Launch::yidang(run).start();
    running.wait_for_line(Duration::from_secs(30), |line| line == "role: leader");
    running
}

/// Records of all epochs so far, as the worker tells them.
fn landed(running: &Running) -> usize {
    let count = |line: String| {
        let (_, told) = line.strip_prefix("epoch ")?.split_once(": ")?;
        told.split_once(" records")?.0.parse::<usize>().ok()
    };
    running.error().into_iter().filter_map(count).sum()
}

fn wait_for_records(running: &mut Running, records: usize) {
    let reached = yidang_tests::patience::wait_for(Duration::from_secs(60), || {
        assert_eq!(running.code(), None, "the worker ended: {}", running.said());
        (landed(running) >= records).then_some(())
    });
    assert!(
        reached.is_some(),
        "{records} records did not land: {}",
        running.said()
    );
}

fn rows(lake: &Path, table: &str) -> Vec<Value> {
    let table = lake.join(table);
    let path = table.to_str().expect("temporary folders have plain names");
    let lines = read_lines(Reader::DeltaLake, path, "offset");
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("the script prints JSON"))
        .collect()
}

/// Rows of a table with coordinates, by topic and offset.
fn by_place(lake: &Path, table: &str) -> BTreeMap<(String, i64), Vec<Value>> {
    let mut placed: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for row in rows(lake, table) {
        let topic = row["topic"].as_str().expect("a topic").to_owned();
        placed
            .entry((topic, row["offset"].as_i64().expect("an offset")))
            .or_default()
            .push(row);
    }
    placed
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_lane_goes_on_behind_every_poisoned_message() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let lake = folder.path().join("lake");
    let broker = RealBroker::start();
    for topic in [HUKOU, PENALTY] {
        broker.create_topic(topic, 1);
    }
    let mut running = start(
        &broker,
        lake.to_str().expect("temporary folders have plain names"),
    );
    let poisons = poisons();
    let mut stream = vec![good(0)];
    for (place, poison) in poisons.iter().enumerate() {
        stream.extend([poison.message.clone(), good(place + 1)]);
    }
    let placed = produce(&broker.address(), &stream);
    let ragged = [penalties(
        &[
            ("厦市监罚〔2026〕1号", "0.5"),
            ("厦市监罚〔2026〕2号", "0.5,one,more"),
        ],
        1,
    )];
    produce(&broker.address(), &ragged);
    wait_for_records(&mut running, stream.len() + 2);
    // A second time, in an epoch of its own, the same lane still reads.
    produce(&broker.address(), &[good(poisons.len() + 1)]);
    wait_for_records(&mut running, stream.len() + 3);
    running.terminate();
    drop(running.finish(Duration::from_secs(30)).expect_code(0));

    let (landing, quarantine, finding) = (
        by_place(&lake, "landing"),
        by_place(&lake, "quarantine"),
        by_place(&lake, "finding"),
    );
    let events = read_topic(&broker.address(), "dq.feedback.ga.v1");
    let events: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(&event.text()).expect("events are JSON"))
        .collect();
    let written = persons(&lake);
    for (place, poison) in poisons.iter().enumerate() {
        let (_, offset) = placed[2 * place + 1];
        let at = (HUKOU.to_owned(), offset);
        let epoch = |offset: i64| {
            landing[&(HUKOU.to_owned(), offset)][0]["epoch"]
                .as_i64()
                .expect("an epoch")
        };
        assert_eq!(landing[&at][0][poison.outcome], 1, "{}", poison.name);
        told(poison, &quarantine[&at], &finding[&at], &events, offset);
        assert!(
            epoch(offset + 1) - epoch(offset) <= 1,
            "{}: the good one after it waited",
            poison.name
        );
        assert!(
            written.contains(&number(place + 1)),
            "{}: the good one after it is not in the file",
            poison.name
        );
    }
    assert!(
        written.contains(&number(poisons.len() + 1)),
        "the lane stopped"
    );
    assert!(!written.contains(SIYUAN), "poison reached the file");
    one_row_of_a_sheet(&landing, &quarantine);
    println!(
        "poison: {} kinds between {} good records, {} events",
        poisons.len(),
        poisons.len() + 2,
        events.len()
    );
}

const INSURANCE: &str = "src.rs.insurance.v1";

/// A change log's message about the insurance of a good person.
fn envelope(operation: &str, before: &str, after: &str, seq: usize) -> Message {
    let seq = i64::try_from(seq).expect("few");
    let time = START_MS + seq * 1_000;
    let body =
        format!(r#"{{"op":"{operation}","ts_ms":{time},"before":{before},"after":{after}}}"#);
    Message::new(INSURANCE, body)
        .partition(0)
        .header("seq", seq.to_string())
        .at(time)
}

fn insured(ordinal: usize) -> Message {
    let image = format!(
        r#"{{"aac001":"P{ordinal}","aac002":"{}","aac003":"陈好人","aac004":"1","aac006":631123200000,"aae140":"110",
            "aac008":"1","aab301":"350203","aac030":"20150701","aae180":"520000","aae041":"202610"}}"#,
        number(ordinal)
    );
    envelope("u", "null", &image, ordinal)
}

/// A lane of envelopes, each with its outcome and the code of what is wrong with it.
fn envelopes() -> [(Message, &'static str, Option<&'static str>); 9] {
    let mut truncated = insured(1);
    truncated
        .value
        .as_mut()
        .expect("it has a value")
        .truncate(60);
    let nothing = envelope("u", "null", "null", 2);
    let removal_of_first = envelope("d", r#"{"aac001":"P0","aae140":"110"}"#, "null", 50);
    let tidied = Message::tombstone(INSURANCE, "P0|110").partition(0);
    [
        (insured(0), "accepted", None),
        (truncated, "rejected", Some("SYNTAX")),
        (insured(1), "accepted", None),
        (nothing, "rejected", Some("ENVELOPE")),
        (insured(2), "accepted", None),
        (removal_of_first, "accepted", None),
        (insured(3), "accepted", None),
        (tidied, "control", None),
        (insured(4), "accepted", None),
    ]
}

#[test]
fn lanes_of_envelopes_and_of_tombstones_go_on_as_well() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let lake = folder.path().join("lake");
    let broker = RealBroker::start();
    for topic in [INSURANCE, DEATH] {
        broker.create_topic(topic, 1);
    }
    let mut running = start(
        &broker,
        lake.to_str().expect("temporary folders have plain names"),
    );
    let stream = envelopes();
    let messages: Vec<Message> = stream.iter().map(|(message, ..)| message.clone()).collect();
    produce(&broker.address(), &messages);
    let deaths = [
        death("D1", &number(10), 1),
        removal(DEATH, "D1", 2),
        death("D2", &number(11), 3),
    ];
    produce(&broker.address(), &deaths);
    wait_for_records(&mut running, messages.len() + deaths.len());
    running.terminate();
    drop(running.finish(Duration::from_secs(30)).expect_code(0));

    let (landing, quarantine) = (by_place(&lake, "landing"), by_place(&lake, "quarantine"));
    let events = read_topic(&broker.address(), "dq.feedback.rs.v1");
    let events: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(&event.text()).expect("events are JSON"))
        .collect();
    for (offset, (_, outcome, code)) in (0_i64..).zip(&stream) {
        let at = (INSURANCE.to_owned(), offset);
        assert_eq!(landing[&at][0][*outcome], 1, "offset {offset}");
        let held = quarantine.get(&at).map(|rows| &rows[0]["codes"]);
        assert_eq!(held, code.map(|code| serde_json::json!([code])).as_ref());
        let told = events.iter().filter(|event| {
            let first = &event["where"]["first"];
            first["offset"] == offset && Some(event["code"].as_str()) == code.map(Some)
        });
        assert_eq!(told.count(), usize::from(code.is_some()), "offset {offset}");
    }
    assert_eq!(events.len(), 2);
    assert!((0..3).all(|offset| landing[&(DEATH.to_owned(), offset)][0]["accepted"] == 1));
    let written = persons(&lake);
    for (ordinal, is_there) in [
        (0, false),
        (1, true),
        (2, true),
        (3, true),
        (4, true),
        (10, false),
        (11, true),
    ] {
        assert_eq!(written.contains(&number(ordinal)), is_there, "{ordinal}");
    }
}

/// Identifiers of everybody in the file.
fn persons(lake: &Path) -> String {
    let table = lake.join("person_file");
    let path = table.to_str().expect("temporary folders have plain names");
    let ids = read_lines(Reader::DeltaLake, path, "person_id");
    let id = |line: &String| {
        let row: Value = serde_json::from_str(line).expect("the script prints JSON");
        row["id_no"].as_str().map(str::to_owned)
    };
    ids.iter().filter_map(id).collect::<Vec<_>>().join(" ")
}

/// The tables and the agency both learn what was wrong and where.
fn told(poison: &Poison, held: &[Value], found: &[Value], events: &[Value], offset: i64) {
    let name = poison.name;
    assert_eq!((held.len(), found.len()), (1, poison.codes.len()), "{name}");
    assert_eq!(held[0]["outcome"], poison.outcome, "{name}");
    assert_eq!(
        (&held[0]["partition"], &held[0]["row"]),
        (&0.into(), &0.into()),
        "{name}"
    );
    let mut codes: Vec<&str> = held[0]["codes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|code| code.as_str().expect("a code"))
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, poison.codes, "{name}");
    for code in poison.codes {
        assert!(
            found
                .iter()
                .any(|row| row["code"] == *code && row["outcome"] == poison.outcome),
            "{name}: {code}"
        );
        let event = events.iter().find(|event| {
            let place = &event["where"]["latest"];
            place["topic"] == HUKOU && place["offset"] == offset && event["code"] == *code
        });
        let event = event.unwrap_or_else(|| panic!("{name}: no event says {code}"));
        for part in ["title", "expected", "help"] {
            for language in ["zh", "en"] {
                let text = event[part][language].as_str().unwrap_or_default();
                assert!(
                    text.chars().count() > 3,
                    "{name}: {code} has no {part} in {language}"
                );
            }
        }
        assert!(
            event["where"]["latest"]["partition"] == 0 && event["where"]["latest"]["row"] == 0,
            "{name}"
        );
    }
}

/// A row of a sheet that cannot be read takes no other row with it.
fn one_row_of_a_sheet(
    landing: &BTreeMap<(String, i64), Vec<Value>>,
    quarantine: &BTreeMap<(String, i64), Vec<Value>>,
) {
    let at = (PENALTY.to_owned(), 0);
    assert_eq!(
        (&landing[&at][0]["accepted"], &landing[&at][0]["rejected"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&quarantine[&at][0]["row"], &quarantine[&at][0]["codes"][0]),
        (&1.into(), &"COLUMNS".into())
    );
}
