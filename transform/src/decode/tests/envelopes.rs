//! Change-data envelopes: operations, images, members that order, and keys that change.

use yidang_schemas::contract::{Contract, Envelope, Order, OrderPart, Place, Reading, Rows};

use super::{Presence, Sent, contract, decoded, nested, operations, problem_of, value};
use crate::decode::{Decoded, Operation};

#[test]
fn an_envelope_beside_its_schema_is_read_from_the_payload() {
    let contract = contract("rs.insurance");
    let beside = |payload: &str| {
        Sent::new(format!(
            r#"{{"schema":{{"type":"struct","name":"x.Envelope"}},"payload":{payload}}}"#
        ))
    };
    let sent = [
        beside(r#"{"op":"u","ts_ms":7,"before":null,"after":{"aac001":"P1"}}"#),
        beside(r#"{"op":"d","ts_ms":8,"before":{"aac001":"P2"},"after":null}"#),
    ];
    let decoded = decoded(&contract, &sent);
    assert_eq!(operations(&decoded), [Operation::Upsert, Operation::Remove]);
    assert_eq!(decoded.envelope[0].text(1), "8");
    assert_eq!(value(&contract, &decoded, "aac001", 0).1, "P1");
    assert_eq!(value(&contract, &decoded, "aac001", 1).1, "P2");
    for payload in ["null", "7", "[]"] {
        assert_eq!(problem_of(&contract, beside(payload)), Some("ENVELOPE"));
    }
}

#[test]
fn members_of_an_envelope_are_told_apart_like_fields() {
    let contract = contract("rs.insurance");
    let member = |text: &str| {
        let body = format!(r#"{{"op":"u"{text},"after":{{"aac001":"P1"}}}}"#);
        let decoded = decoded(&contract, &[Sent::new(body)]);
        let column = &decoded.envelope[0];
        (column.presence(0), column.text(0).to_owned())
    };
    assert_eq!(member("").0, Presence::Absent);
    assert_eq!(member(r#","ts_ms":null"#).0, Presence::Null);
    assert_eq!(member(r#","ts_ms":"7""#), (Presence::Text, "7".to_owned()));
    assert_eq!(
        member(r#","ts_ms":7.5"#),
        (Presence::Number, "7.5".to_owned())
    );
    assert_eq!(member(r#","ts_ms":[]"#).0, Presence::Nested);
}

#[test]
fn an_envelope_gives_the_image_after_or_before_and_its_own_time() {
    let contract = contract("rs.insurance");
    let sent = [
        Sent::new(
            r#"{"op":"c","ts_ms":7,"source":{"db":"x"},"before":null,"after":{"aac001":"P1"}}"#,
        ),
        Sent::new(r#"{"op":"d","ts_ms":8,"before":{"aac001":"P2"},"after":null}"#),
        Sent::tombstone("P2|110"),
    ];
    let decoded = decoded(&contract, &sent);
    use Operation::{Control, Remove, Upsert};
    assert_eq!(operations(&decoded), [Upsert, Remove, Control]);
    let times: Vec<Option<&str>> = (0..3).map(|row| decoded.envelope[0].value(row)).collect();
    assert_eq!(times, [Some("7"), Some("8"), None]);
    assert_eq!(value(&contract, &decoded, "aac001", 0).1, "P1");
    assert_eq!(value(&contract, &decoded, "aac001", 1).1, "P2");
}

#[test]
fn a_broken_envelope_is_told_from_broken_json() {
    let contract = contract("rs.insurance");
    let cases = [
        (
            r#"{"op":"u","ts_ms":7,"before":null,"after":null}"#,
            "ENVELOPE",
        ),
        (
            r#"{"op":"d","ts_ms":7,"after":{"aac001":"P1"}}"#,
            "ENVELOPE",
        ),
        (r#"{"op":5,"ts_ms":7,"after":{"aac001":"P1"}}"#, "ENVELOPE"),
        (r#"[]"#, "ENVELOPE"),
        (r#"{"op":"u","after":[]}"#, "SYNTAX"),
        (r#"{"op":"u","after":{"aac001":"P1"}"#, "SYNTAX"),
        ("", "EMPTY"),
    ];
    for (body, code) in cases {
        assert_eq!(problem_of(&contract, Sent::new(body)), Some(code), "{body}");
    }
    let deep = format!(
        r#"{{"op":"u","source":{},"after":{{"aac001":"P1"}}}}"#,
        nested(10_000)
    );
    assert_eq!(problem_of(&contract, Sent::new(deep)), Some("DEPTH"));
}

/// The embedded contract with an envelope, told to read another one.
fn enveloped(envelope: Envelope, rows: Rows, time: &str) -> Contract {
    let mut contract = contract("rs.insurance");
    contract.envelope = envelope;
    contract.rows = rows;
    let member = |name: &str| Place::Envelope(name.to_owned());
    contract.removal.operation = envelope.operation().map(member);
    contract.removal.delete = Vec::new();
    contract.business_time.place = member(time);
    contract.order = Order::Parts(vec![contract.business_time.clone()]);
    contract
}

/// Row, operation, key and time of every record.
fn told(contract: &Contract, decoded: &Decoded) -> Vec<String> {
    let key = |row| {
        let (person, kind) = (
            value(contract, decoded, "aac001", row).1,
            value(contract, decoded, "aae140", row).1,
        );
        format!("{person}|{kind}")
    };
    let time = |row| decoded.envelope[0].value(row).unwrap_or("-");
    let records = decoded.records.iter().enumerate();
    records
        .map(|(row, record)| match record.problem {
            Some(code) => format!("{} {}", record.row, code.0),
            None => format!(
                "{} {:?} {} {}",
                record.row,
                record.operation,
                key(row),
                time(row)
            ),
        })
        .collect()
}

fn read(contract: &Contract, body: &str) -> Vec<String> {
    told(contract, &decoded(contract, &[Sent::new(body)]))
}

#[test]
fn canal_holds_the_rows_of_a_statement() {
    let contract = enveloped(Envelope::Canal, Rows::Many, "es");
    let row = |person: &str| format!(r#"{{"aac001":"{person}","aae140":"110","aac003":null}}"#);
    let statement = |kind: &str, data: &str, old: &str| {
        format!(
            r#"{{"data":{data},"database":"x","es":1795400000000,"id":3,"isDdl":false,"mysqlType":{{"aac001":"varchar(20)"}},"old":{old},"pkNames":["aac001"],"sql":"","table":"t","ts":1795400000123,"type":"{kind}"}}"#
        )
    };
    let two = format!("[{},{}]", row("P1"), row("P2"));
    assert_eq!(
        read(&contract, &statement("INSERT", &two, "null")),
        [
            "0 Upsert P1|110 1795400000000",
            "1 Upsert P2|110 1795400000000"
        ]
    );
    assert_eq!(
        read(&contract, &statement("DELETE", &two, "null")),
        [
            "0 Remove P1|110 1795400000000",
            "1 Remove P2|110 1795400000000"
        ]
    );
    // The second row had another key; the first one only another name.
    let old = r#"[{"aac003":"甲"},{"aae140":"210"}]"#;
    assert_eq!(
        read(&contract, &statement("UPDATE", &two, old)),
        [
            "0 Upsert P1|110 1795400000000",
            "1 Upsert P2|110 1795400000000",
            "2 Remove P2|210 1795400000000"
        ]
    );
    let mixed = format!("[{},7,{}]", row("P1"), row("P3"));
    assert_eq!(
        read(&contract, &statement("INSERT", &mixed, "null")),
        [
            "0 Upsert P1|110 1795400000000",
            "1 SYNTAX",
            "2 Upsert P3|110 1795400000000"
        ]
    );
    for data in ["[]", "null", "{}", "7"] {
        assert_eq!(
            read(&contract, &statement("INSERT", data, "null")),
            ["0 ENVELOPE"]
        );
    }
    assert_eq!(
        read(&contract, &statement("UPDATE", &two, "{}")),
        ["0 ENVELOPE"]
    );
    assert_eq!(
        read(&contract, &statement("UPSERT", &two, "null")),
        ["0 ENVELOPE"]
    );
}

#[test]
fn a_change_of_the_table_is_control_and_an_emptied_table_is_told() {
    let canal = enveloped(Envelope::Canal, Rows::Many, "es");
    let ddl = |kind: &str| {
        format!(
            r#"{{"data":null,"database":"x","es":1,"id":0,"isDdl":true,"old":null,"pkNames":null,"sql":"…","table":"t","ts":1,"type":"{kind}"}}"#
        )
    };
    for kind in ["CREATE", "ALTER", "ERASE", "RENAME", "QUERY", "CINDEX"] {
        let decoded = decoded(&canal, &[Sent::new(ddl(kind))]);
        assert_eq!(operations(&decoded), [Operation::Control], "{kind}");
    }
    assert_eq!(read(&canal, &ddl("TRUNCATE")), ["0 TABLE_EMPTIED"]);
    let golden_gate = enveloped(Envelope::GoldenGate, Rows::One, "op_ts");
    let emptied = r#"{"table":"A.B","op_type":"T","op_ts":"2026-11-23 10:00:00.000000","pos":"1"}"#;
    assert_eq!(read(&golden_gate, emptied), ["0 TABLE_EMPTIED"]);
    let debezium = contract("rs.insurance");
    let emptied = r#"{"op":"t","ts_ms":7,"before":null,"after":null}"#;
    assert_eq!(read(&debezium, emptied), ["0 TABLE_EMPTIED"]);
    let maxwell = enveloped(Envelope::Maxwell, Rows::One, "ts");
    for kind in [
        "bootstrap-start",
        "bootstrap-complete",
        "table-alter",
        "database-create",
    ] {
        let body = format!(r#"{{"type":"{kind}","ts":1,"data":{{}}}}"#);
        let decoded = decoded(&maxwell, &[Sent::new(body)]);
        assert_eq!(operations(&decoded), [Operation::Control], "{kind}");
    }
}

#[test]
fn maxwell_holds_one_row_and_its_time_in_seconds() {
    let contract = enveloped(Envelope::Maxwell, Rows::One, "ts");
    let body = |kind: &str, old: &str| {
        format!(
            r#"{{"database":"x","table":"t","type":"{kind}","ts":1795400000,"xid":9,"commit":true,"data":{{"aac001":"P1","aae140":110}}{old}}}"#
        )
    };
    for kind in ["insert", "bootstrap-insert"] {
        assert_eq!(
            read(&contract, &body(kind, "")),
            ["0 Upsert P1|110 1795400000"]
        );
    }
    assert_eq!(
        read(&contract, &body("delete", "")),
        ["0 Remove P1|110 1795400000"]
    );
    assert_eq!(
        read(&contract, &body("update", r#","old":{"aac003":"甲"}"#)),
        ["0 Upsert P1|110 1795400000"]
    );
    assert_eq!(
        read(&contract, &body("update", r#","old":{"aac001":"P0"}"#)),
        ["0 Upsert P1|110 1795400000", "1 Remove P0|110 1795400000"]
    );
    assert_eq!(read(&contract, &body("replace", "")), ["0 ENVELOPE"]);
}

#[test]
fn golden_gate_holds_both_images_and_a_time_as_text() {
    let contract = enveloped(Envelope::GoldenGate, Rows::One, "op_ts");
    let body = |kind: &str, before: &str, after: &str| {
        format!(
            r#"{{"table":"A.B","op_type":"{kind}","op_ts":"2026-11-23 10:00:00.000123","current_ts":"2026-11-23T10:00:01.310002","pos":"00000000010000002928","primary_keys":["aac001"]{before}{after}}}"#
        )
    };
    let image =
        |name: &str, person: &str| format!(r#","{name}":{{"aac001":"{person}","aae140":"110"}}"#);
    let time = "2026-11-23 10:00:00.000123";
    assert_eq!(
        read(&contract, &body("I", "", &image("after", "P1"))),
        [format!("0 Upsert P1|110 {time}")]
    );
    assert_eq!(
        read(&contract, &body("D", &image("before", "P1"), "")),
        [format!("0 Remove P1|110 {time}")]
    );
    assert_eq!(
        read(
            &contract,
            &body("U", &image("before", "P1"), &image("after", "P1"))
        ),
        [format!("0 Upsert P1|110 {time}")]
    );
    assert_eq!(
        read(
            &contract,
            &body("U", &image("before", "P0"), &image("after", "P1"))
        ),
        [
            format!("0 Upsert P1|110 {time}"),
            format!("1 Remove P0|110 {time}")
        ]
    );
    assert_eq!(
        read(&contract, &body("D", "", &image("after", "P1"))),
        ["0 ENVELOPE"]
    );
}

#[test]
fn a_changed_key_takes_the_old_record_back_at_the_time_of_the_change() {
    let mut contract = contract("rs.insurance");
    let time = contract.field_index("aac030").unwrap();
    contract.order = Order::Parts(vec![OrderPart {
        place: Place::Field(time),
        reading: Reading::Integer,
    }]);
    let body = r#"{"op":"u","ts_ms":7,
        "before":{"aac001":"P0","aae140":"110","aac003":"甲","aac030":"1"},
        "after":{"aac001":"P1","aae140":"110","aac003":"乙","aac030":"2"}}"#;
    let all = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(
        told(&contract, &all),
        ["0 Upsert P1|110 7", "1 Remove P0|110 7"]
    );
    assert_eq!(value(&contract, &all, "aac003", 1).1, "甲");
    assert_eq!(value(&contract, &all, "aac030", 1).1, "2");

    let same = |before: &str| {
        let body = format!(
            r#"{{"op":"u","ts_ms":7,"before":{before},"after":{{"aac001":"P1","aae140":"110"}}}}"#
        );
        read(&contract, &body)
    };
    // What an old image does not state, or states as the same key, changes nothing.
    for before in [
        "null",
        "{}",
        r#"{"aac001":null}"#,
        r#"{"aac001":" P1 "}"#,
        r#"{"aae140":110}"#,
    ] {
        assert_eq!(same(before), ["0 Upsert P1|110 7"], "{before}");
    }
    assert_eq!(same("7"), ["0 ENVELOPE"]);
    assert_eq!(same(r#"{"aac001":"P0","aac001":"P2"}"#), ["0 SYNTAX"]);
}

#[test]
fn members_inside_members_and_of_several_names_order_as_well() {
    let mut contract = contract("rs.insurance");
    let part = |name: &str| OrderPart {
        place: Place::Envelope(name.to_owned()),
        reading: Reading::Integer,
    };
    contract.order = Order::Parts(vec![part("source.lsn"), part("ts_ms"), part("source.lsn")]);
    assert_eq!(contract.envelope_members(), ["source.lsn", "ts_ms"]);
    let body = |source: &str| {
        format!(
            r#"{{"op":"c","ts_ms":7,"source":{source},"after":{{"aac001":"P1","aae140":"110"}}}}"#
        )
    };
    for (source, lsn) in [
        (r#"{"db":"x","lsn":42}"#, Some("42")),
        (r#"{"db":"x"}"#, None),
        ("7", None),
        ("null", None),
    ] {
        let decoded = decoded(&contract, &[Sent::new(body(source))]);
        assert_eq!(decoded.envelope[0].value(0), lsn, "{source}");
        assert_eq!(decoded.envelope[1].value(0), Some("7"));
    }
    let twice = r#"{"op":"c","ts_ms":7,"ts_ms":8,"after":{"aac001":"P1"}}"#;
    assert_eq!(problem_of(&contract, Sent::new(twice)), Some("ENVELOPE"));
}

#[test]
fn a_changed_key_keeps_the_elements_of_both_rows_apart() {
    let mut contract = contract("zr.realestate");
    contract.envelope = Envelope::Debezium;
    let owner = contract.fields.iter().position(|field| field.in_element);
    let owners = |decoded: &Decoded, record| {
        let column = &decoded.columns[owner.unwrap()];
        let rows = decoded.elements(record);
        rows.map(|row| column.text(row).to_owned())
            .collect::<Vec<_>>()
    };
    let after = r#"{"bdcdyh":"2","bdcqzh":"1","qlr":[{"mc":"甲"},{"mc":"乙"}]}"#;
    // An old image with an array, with an empty one, and without: then the array did not change.
    for (old, expected) in [
        (r#","qlr":[{"mc":"丙"}]"#, vec!["丙"]),
        (r#","qlr":[]"#, vec![]),
        ("", vec!["甲", "乙"]),
    ] {
        let body =
            format!(r#"{{"op":"u","before":{{"bdcdyh":"1","bdcqzh":"1"{old}}},"after":{after}}}"#);
        let next = format!(r#"{{"op":"c","before":null,"after":{after}}}"#);
        let decoded = decoded(&contract, &[Sent::new(body), Sent::new(next)]);
        use Operation::{Remove, Upsert};
        assert_eq!(operations(&decoded), [Upsert, Remove, Upsert], "{old}");
        assert_eq!(owners(&decoded, 0), ["甲", "乙"], "{old}");
        assert_eq!(owners(&decoded, 1), expected, "{old}");
        assert_eq!(owners(&decoded, 2), ["甲", "乙"], "{old}");
    }
}
