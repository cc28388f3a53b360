//! A feed is data: the binary as built, given a schemas folder with an agency, a feed, a dossier column and a code list that no
//! line of code names, fills the column and sends that agency's defects to its own topic.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, produce, read_topic};
use yidang_tests::process::Launch;
use yidang_tests::readers::read_agreed;
use yidang_tests::records::{START_MS, hukou};
use yidang_tests::schemas::copy_schemas;

pub(super) const TOPIC: &str = "src.tsg.readers.v3";
const HUKOU: &str = "src.ga.hukou.v1";
const SIYUAN: &str = "350203199001010018";
const XIAOMEI: &str = "350206198507151226";

/// Its own encoding, Chinese member names, a time header of another name, and log order.
const CONTRACT: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: tsg.readers
version: 3.0.1
status: active
name: Library readers
description: { purpose: Who borrows books. }
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: sourceAgency, value: tsg, vendor: yidang }
servers:
  - { server: k, type: kafka, host: h, format: json, encoding: GB18030 }
schema:
  - name: readers
    businessName: 图书馆读者
    description: One reader's card per message
    physicalType: topic
    physicalName: src.tsg.readers.v3
    customProperties:
      - { property: recordKey, value: [证号], vendor: yidang }
      - { property: order, value: log, vendor: yidang }
      - { property: businessTime, value: { from: "header:at", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { kind: person, identifiers: [ { field: 身份证, class: resident_id } ] }
    properties:
      - { name: 证号, businessName: 证号, logicalType: string, classification: internal }
      - name: 身份证
        businessName: 身份证
        logicalType: string
        classification: personal
        customProperties:
          - property: mapsTo
            vendor: yidang
            value:
              - { to: person.id_type, transform: person_identifier_class }
              - { to: person.id_no, transform: person_identifier }
      - name: 等级
        businessName: 等级
        logicalType: string
        classification: internal
        customProperties:
          - { property: mapsTo, value: person.reader_grade, vendor: yidang }
          - { property: codeSet, value: "reader-grade@7", vendor: yidang }
          - { property: authorityClaim, value: 1, vendor: yidang }
team: { id: tsg }
"#;

const COLUMN: &str = "      - name: reader_grade
        businessName: 读者等级
        logicalType: string
        customProperties: [ { property: level, value: L2, vendor: yidang } ]
";

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).expect("it was just copied");
    assert!(text.contains(from), "{from} is not in {}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).expect("the folder is ours");
}

/// The built-in folder one generation later, with a ninth feed, a column of persons and a code list more.
pub(super) fn schemas() -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    copy_schemas(folder.path());
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("contracts/tsg")).expect("the folder is ours");
    let list = "# reader-grade@7\ncode,label,canonical\nA,甲,1\n甲,甲,1\n乙,乙,2\n";
    std::fs::write(path("contracts/tsg/readers.odcs.yaml"), CONTRACT).expect("the folder is ours");
    std::fs::write(path("codes/reader-grade.csv"), list).expect("the folder is ours");
    edit(
        &path("agencies.yaml"),
        "- { slug: ga",
        "- { slug: tsg, zh: 图书馆, en: Library }\n- { slug: ga",
    );
    edit(
        &path("authority.yaml"),
        "\nperson:\n",
        "\nperson:\n  reader_grade: [tsg.readers]\n",
    );
    let column = format!("{COLUMN}      - name: provenance");
    edit(
        &path("dossiers/person.odcs.yaml"),
        "      - name: provenance",
        &column,
    );
    edit(&path("bundle.yaml"), "generation: 1", "generation: 2");
    folder
}

/// `{"证号":…,"身份证":…,"等级":…}` in GB 18030; `grade` already is.
fn record(card: &str, person: &str, grade: &[u8]) -> Vec<u8> {
    let (card_name, person_name, grade_name) = (
        b"\xd6\xa4\xba\xc5",
        b"\xc9\xed\xb7\xdd\xd6\xa4",
        b"\xb5\xc8\xbc\xb6",
    );
    let member = |name: &[u8], value: &[u8]| [b"\"", name, b"\":\"", value, b"\""].concat();
    let members = [
        member(card_name, card.as_bytes()),
        member(person_name, person.as_bytes()),
        member(grade_name, grade),
    ];
    [b"{", members.join(&b","[..]).as_slice(), b"}"].concat()
}

/// The card of a reader.
pub(super) fn sent(card: &str, person: &str, grade: &[u8], seconds: i64) -> Message {
    let at = START_MS + seconds * 1_000;
    Message::new(TOPIC, record(card, person, grade))
        .key(card)
        .header("at", at.to_string())
        .partition(0)
        .at(at)
}

fn stream() -> Vec<Message> {
    vec![
        sent("C-1", SIYUAN, b"A", 1),
        // 甲 in the agency's own encoding is the same code.
        sent("C-2", XIAOMEI, b"\xbc\xd7", 2),
        // No code of the list.
        sent("C-3", SIYUAN, b"Z", 3),
        // The check character is wrong.
        sent("C-4", "350203199001010019", b"A", 4),
        hukou(SIYUAN, "陈思远", 5).partition(0),
    ]
}

#[test]
fn a_ninth_feed_of_an_agency_that_no_code_names_needs_no_code() {
    let schemas = schemas();
    let sound =
        Launch::yidang(["contract", "lint", text(schemas.path())]).run(Duration::from_secs(30));
    assert!(sound.expect_code(0).text().contains("9 contracts"));
    agrees_offline(schemas.path());

    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let lake = folder.path().join("lake");
    let broker = RealBroker::start();
    for topic in [TOPIC, HUKOU] {
        broker.create_topic(topic, 1);
    }
    produce(&broker.address(), &stream());
    let address = broker.address();
    let run = [
        "run",
        "--brokers",
        &address,
        "--lake",
        text(&lake),
        "--listen",
        "127.0.0.1:0",
        "--until-idle",
        "1",
    ];
    let run = run
        .iter()
        .copied()
        .chain(["--schemas", text(schemas.path())]);
    let finished = Launch::yidang(run)
        .run(Duration::from_secs(60))
        .expect_code(0);
    assert!(
        finished.text().contains("bundle generation 2"),
        "{}",
        finished.text()
    );

    let rows = read_agreed(text(&lake.join("person_file")), "person_id");
    let person = |id: &str| {
        rows.iter()
            .find(|row| row["id_no"] == id)
            .unwrap_or_else(|| panic!("no row"))
    };
    assert_eq!(rows.len(), 2, "C-4 names nobody");
    assert_eq!(person(SIYUAN)["reader_grade"], "1");
    assert_eq!(
        person(SIYUAN)["name"],
        "陈思远",
        "the feeds of the binary still speak"
    );
    assert_eq!(person(XIAOMEI)["reader_grade"], "1");
    assert_eq!(person(XIAOMEI)["name"], Value::Null);
    events_of(&broker);
}

/// What the agency hears, and nobody else.
fn events_of(broker: &RealBroker) {
    let events = read_topic(&broker.address(), "dq.feedback.tsg.v1");
    let mut told: Vec<(String, String, i64)> = events
        .iter()
        .map(|event| {
            let body: Value = serde_json::from_str(&event.text()).expect("events are JSON");
            assert_eq!(
                (&body["feed"], &body["responsible"]["party"]),
                (&"tsg.readers".into(), &"tsg".into())
            );
            assert_eq!(
                event.header("ce_type").as_deref(),
                Some("yidang.dq.issue.opened.v1")
            );
            let title = body["title"]["zh"].as_str().unwrap_or_default();
            assert!(
                title.starts_with("图书馆读者：") && !event.text().contains("35020319900101"),
                "{title}"
            );
            let text = |name: &str| body[name].as_str().expect("a text").to_owned();
            (
                text("ruleId"),
                text("code"),
                body["where"]["first"]["offset"]
                    .as_i64()
                    .expect("an offset"),
            )
        })
        .collect();
    told.sort();
    let expected = [
        ("auto:等级:codeset", "CODESET", 2),
        ("auto:身份证:resident_id", "ID_CHECK", 3),
    ];
    assert_eq!(
        told,
        expected.map(|(rule, code, offset)| (rule.to_owned(), code.to_owned(), offset))
    );
    assert!(read_topic(&broker.address(), "dq.feedback.ga.v1").is_empty());
}

/// `feed check` knows the feed as well, from the agency's own file.
fn agrees_offline(schemas: &Path) {
    let lines: Vec<Vec<u8>> = stream()
        .into_iter()
        .filter(|message| message.topic == TOPIC)
        .filter_map(|message| message.value)
        .collect();
    let check = [
        "feed",
        "check",
        "-",
        "--feed",
        "tsg.readers",
        "--json",
        "--schemas",
        text(schemas),
    ];
    let finished = Launch::yidang(check)
        .input(lines.join(&b"\n"[..]))
        .run(Duration::from_secs(30))
        .expect_code(1);
    let outcomes: Vec<Value> = finished
        .json()
        .iter()
        .map(|record| record["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["accepted", "accepted", "flagged", "rejected"]);
}
