//! What each format makes of good and bad bytes: the codes, and that good neighbours are not touched.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Encoding, Place, Rows};

use super::column::Presence;
use super::{Bounds, Decoded, Operation, decode};
use crate::kit::{Sent, embedded, feed};
use crate::schema_book::SchemaView;

mod envelopes;
mod fixed_width;
mod laws;
mod measure;
mod registered;
mod xml;

fn contract(id: &str) -> Contract {
    let catalog: &Catalog = &embedded();
    feed(catalog, id).1.clone()
}

fn decoded(contract: &Contract, sent: &[Sent]) -> Decoded {
    let messages: Vec<_> = sent.iter().map(Sent::raw).collect();
    decode(contract, Bounds::default(), SchemaView::empty(), &messages)
}

/// The problem of the only record of a message.
fn problem_of(contract: &Contract, sent: Sent) -> Option<&'static str> {
    let decoded = decoded(contract, &[sent]);
    assert_eq!(decoded.records.len(), 1);
    assert!(decoded.columns.iter().all(|column| column.len() == 1));
    decoded.records[0].problem.map(|code| code.0)
}

fn value<'d>(
    contract: &Contract,
    decoded: &'d Decoded,
    name: &str,
    row: usize,
) -> (Presence, &'d str) {
    let column = &decoded.columns[contract.field_index(name).unwrap()];
    (column.presence(row), column.text(row))
}

/// Arrays so deep, around nothing.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// Row of each record, and why it could not be read.
fn rows(decoded: &Decoded) -> Vec<(u32, Option<&'static str>)> {
    let records = decoded.records.iter();
    records
        .map(|record| (record.row, record.problem.map(|code| code.0)))
        .collect()
}

#[test]
fn members_are_told_apart_as_absent_null_blank_and_of_each_json_type() {
    let contract = contract("ga.hukou");
    let body = r#"{"XM":null,"XB":"","MZ":" \t　","CSRQ":19900101,"HH":true,"HKXZ":{"a":1},"YHZGX":"\u5f20\n","ZXBS":" 0 "}"#;
    let decoded = decoded(&contract, &[Sent::new(body)]);
    let of = |name| value(&contract, &decoded, name, 0);
    assert_eq!(of("GMSFHM").0, Presence::Absent);
    assert_eq!(of("XM").0, Presence::Null);
    assert_eq!(of("XB").0, Presence::Null);
    assert_eq!(of("MZ").0, Presence::Null);
    assert_eq!(of("CSRQ"), (Presence::Number, "19900101"));
    assert_eq!(of("HH"), (Presence::Boolean, "true"));
    assert_eq!(of("HKXZ"), (Presence::Nested, ""));
    assert_eq!(of("YHZGX"), (Presence::Text, "张\n"));
    assert_eq!(of("ZXBS"), (Presence::Text, " 0 "));
}

#[test]
fn numbers_keep_every_digit_and_unknown_members_are_counted() {
    let contract = contract("ga.hukou");
    let body = r#"{"CSRQ":12345678901234567890.10,"extra":[{}],"GMSFHM":"1","other":"}{"}"#;
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(
        value(&contract, &decoded, "CSRQ", 0),
        (Presence::Number, "12345678901234567890.10")
    );
    assert_eq!(decoded.unknown_fields, 2);
    assert!(decoded.records[0].problem.is_none());
}

#[test]
fn what_is_no_json_object_is_a_syntax_defect() {
    let contract = contract("ga.hukou");
    let bad = [
        r#"{"GMSFHM":"1","XM":"#,
        r#"{"GMSFHM":"1""#,
        r#"{"GMSFHM":"1"} x"#,
        r#"{"GMSFHM":"1"}{}"#,
        r#"["GMSFHM"]"#,
        "\"GMSFHM\"",
        "17",
        "null",
        " ",
        "GMSFHM=1",
        "{'GMSFHM':'1'}",
        r#"{"GMSFHM":01}"#,
        r#"{"GMSFHM":"\ud800"}"#,
        "{\"GMSFHM\":\"a\u{0}b\"}",
        r#"{"GMSFHM":"1","GMSFHM":"2"}"#,
    ];
    for body in bad {
        assert_eq!(
            problem_of(&contract, Sent::new(body)),
            Some("SYNTAX"),
            "{body:?}"
        );
    }
}

#[test]
fn encodings_are_as_declared_and_a_byte_order_mark_is_dropped() {
    let mut contract = contract("ga.hukou");
    assert_eq!(
        problem_of(&contract, Sent::new("\u{FEFF}{\"GMSFHM\":\"1\"}")),
        None
    );
    let gbk = encoding_rs::GBK
        .encode("{\"XM\":\"陈思远\"}")
        .0
        .into_owned();
    assert_eq!(
        problem_of(&contract, Sent::new(gbk.clone())),
        Some("ENCODING")
    );
    for encoding in [Encoding::Gbk, Encoding::Gb18030] {
        contract.encoding = encoding;
        let decoded = decoded(&contract, &[Sent::new(gbk.clone())]);
        assert_eq!(
            value(&contract, &decoded, "XM", 0),
            (Presence::Text, "陈思远")
        );
        assert_eq!(
            problem_of(&contract, Sent::new(b"{\"XM\":\"\xFF\"}".to_vec())),
            Some("ENCODING")
        );
    }
}

#[test]
fn size_depth_and_emptiness_have_their_own_codes() {
    let contract = contract("ga.hukou");
    let long = format!("{{\"HKXZ\":\"{}\"}}", "甲".repeat(400_000));
    assert_eq!(problem_of(&contract, Sent::new(long)), Some("SIZE"));
    for field in ["XM", "unknown"] {
        for (depth, problem) in [
            (62, None),
            (63, None),
            (64, Some("DEPTH")),
            (10_000, Some("DEPTH")),
        ] {
            let body = format!("{{\"GMSFHM\":\"1\",\"{field}\":{}}}", nested(depth));
            assert_eq!(
                problem_of(&contract, Sent::new(body)),
                problem,
                "{field} {depth}"
            );
        }
    }
    let flat = format!("{{\"XM\":[{}]}}", "[],".repeat(200) + "[]");
    assert_eq!(problem_of(&contract, Sent::new(flat)), None);
    let text = format!("{{\"XM\":\"{}\"}}", nested(200));
    assert_eq!(problem_of(&contract, Sent::new(text)), None);
    assert_eq!(problem_of(&contract, Sent::new("")), Some("EMPTY"));
}

#[test]
fn a_bad_message_leaves_the_records_beside_it_whole() {
    let contract = contract("ga.hukou");
    let good = |number: &str| Sent::new(format!("{{\"GMSFHM\":\"{number}\",\"XM\":\"甲\"}}"));
    let cut = Sent::new(r#"{"GMSFHM":"cut","XM":"乙","XB":"#);
    let decoded = decoded(&contract, &[good("1"), cut, good("2")]);
    let problems: Vec<bool> = decoded
        .records
        .iter()
        .map(|record| record.problem.is_some())
        .collect();
    assert_eq!(problems, [false, true, false]);
    assert_eq!(value(&contract, &decoded, "GMSFHM", 1).0, Presence::Absent);
    assert_eq!(
        value(&contract, &decoded, "GMSFHM", 2),
        (Presence::Text, "2")
    );
    assert_eq!(value(&contract, &decoded, "XM", 2), (Presence::Text, "甲"));
}

#[test]
fn an_array_is_many_records_and_each_fails_alone() {
    let mut contract = contract("ga.hukou");
    contract.rows = Rows::Many;
    let body = r#"[{"GMSFHM":"1"},17,{"GMSFHM":"3"}]"#;
    let all = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(rows(&all), [(0, None), (1, Some("SYNTAX")), (2, None)]);
    assert_eq!(value(&contract, &all, "GMSFHM", 2), (Presence::Text, "3"));
    assert_eq!(problem_of(&contract, Sent::new("[]")), Some("EMPTY"));
    assert_eq!(problem_of(&contract, Sent::new("{}")), Some("SYNTAX"));
}

#[test]
fn removals_speak_by_header_by_tombstone_and_by_empty_body() {
    let contract = contract("yb.medins");
    let sent = [
        Sent::new(r#"{"psn_no":"M1","insutype":"310"}"#).header("op", "D"),
        Sent::new("").header("op", "D").key("M1|310"),
        Sent::tombstone("M1|310"),
        Sent::tombstone("M1"),
        Sent::new(r#"{"psn_no":"M1","insutype":"310"}"#).header("op", "U"),
    ];
    let decoded = decoded(&contract, &sent);
    let operations: Vec<Operation> = decoded
        .records
        .iter()
        .map(|record| record.operation)
        .collect();
    use Operation::{Remove, RemoveByMessageKey, Upsert};
    assert_eq!(
        operations,
        [
            Remove,
            RemoveByMessageKey,
            RemoveByMessageKey,
            RemoveByMessageKey,
            Upsert
        ]
    );
    for row in 0..3 {
        assert_eq!(value(&contract, &decoded, "psn_no", row).1, "M1");
        assert_eq!(value(&contract, &decoded, "insutype", row).1, "310");
    }
    // A key of another number of parts names nothing.
    assert_eq!(value(&contract, &decoded, "psn_no", 3).0, Presence::Absent);
}

/// Operations in the order of records.
fn operations(decoded: &Decoded) -> Vec<Operation> {
    let records = decoded.records.iter();
    records.map(|record| record.operation).collect()
}

#[test]
fn removals_speak_by_a_field_of_the_record_in_every_format() {
    use Operation::{Remove, Upsert};

    let marked = |id: &str, field: &str, marks: &[&str]| {
        let mut contract = contract(id);
        contract.removal.operation = Some(Place::Field(contract.field_index(field).unwrap()));
        contract.removal.delete = marks.iter().map(|mark| (*mark).to_owned()).collect();
        contract
    };
    let mut people = marked("ga.hukou", "ZXBS", &["9", "true"]);
    let bodies = [
        r#"{"GMSFHM":"1","ZXBS":" 9 "}"#,
        r#"{"GMSFHM":"2","ZXBS":9}"#,
        r#"{"GMSFHM":"3","ZXBS":true}"#,
        r#"{"GMSFHM":"4","ZXBS":"0"}"#,
        r#"{"GMSFHM":"5","ZXBS":null}"#,
        r#"{"GMSFHM":"6"}"#,
    ];
    let expected = [Remove, Remove, Remove, Upsert, Upsert, Upsert];
    let one = decoded(&people, &bodies.map(Sent::new));
    assert_eq!(operations(&one), expected);
    assert_eq!(value(&people, &one, "GMSFHM", 1).1, "2");
    people.rows = Rows::Many;
    let many = decoded(&people, &[Sent::new(format!("[{}]", bodies.join(",")))]);
    assert_eq!(operations(&many), expected);

    let insured = marked("rs.insurance", "aac008", &["9"]);
    let image = |mark: &str| {
        let body = format!(r#"{{"op":"u","ts_ms":7,"after":{{"aac001":"P1","aac008":"{mark}"}}}}"#);
        Sent::new(body)
    };
    let enveloped = decoded(&insured, &[image("9"), image("1")]);
    assert_eq!(operations(&enveloped), [Remove, Upsert]);

    let penalties = marked("scjg.penalty", "行政相对人名称", &["D"]);
    let body = "处罚决定书文号,行政相对人名称\n1号,D\n2号\n3号,甲\n4号, D\n";
    let rows = decoded(&penalties, &[Sent::new(body)]);
    assert_eq!(operations(&rows), [Remove, Upsert, Upsert, Remove]);
    assert_eq!(value(&penalties, &rows, "处罚决定书文号", 3).1, "4号");
}

const HEADER: &str =
    "\u{FEFF}行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)\n";

#[test]
fn csv_rows_are_records_and_one_of_another_length_fails_alone() {
    let contract = contract("scjg.penalty");
    let body = format!(
        "{HEADER}甲,A,1号,2026-01-01,1\n乙,B,2号\n\"丙,\n丙\",C,3号,,\n丁,D,4号,2026-01-01,1,9\n"
    );
    let decoded = decoded(&contract, &[Sent::new(body)]);
    let rows: Vec<(u32, Option<&str>)> = decoded
        .records
        .iter()
        .map(|record| (record.row, record.problem.map(|code| code.0)))
        .collect();
    assert_eq!(
        rows,
        [
            (0, None),
            (1, Some("COLUMNS")),
            (2, None),
            (3, Some("COLUMNS"))
        ]
    );
    assert_eq!(
        value(&contract, &decoded, "行政相对人名称", 2),
        (Presence::Text, "丙,\n丙")
    );
    assert_eq!(
        value(&contract, &decoded, "处罚决定日期", 2).0,
        Presence::Null
    );
}

#[test]
fn csv_headers_may_stand_in_another_order_lack_a_column_or_bring_others() {
    let contract = contract("scjg.penalty");
    let body = "处罚决定书文号,备注, 行政相对人名称 \r\n1号,x,甲\r\n2号,y,乙\r\n";
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(decoded.records.len(), 2);
    assert_eq!(
        value(&contract, &decoded, "处罚决定书文号", 1),
        (Presence::Text, "2号")
    );
    assert_eq!(
        value(&contract, &decoded, "行政相对人名称", 0),
        (Presence::Text, "甲")
    );
    assert_eq!(
        value(&contract, &decoded, "统一社会信用代码", 0).0,
        Presence::Absent
    );
    assert_eq!(decoded.unknown_fields, 2);
}

#[test]
fn a_csv_without_a_row_is_empty_and_one_in_another_encoding_is_refused() {
    let contract = contract("scjg.penalty");
    assert_eq!(problem_of(&contract, Sent::new(HEADER)), Some("EMPTY"));
    assert_eq!(problem_of(&contract, Sent::new("\u{FEFF}")), Some("EMPTY"));
    let gbk = encoding_rs::GBK
        .encode(HEADER.trim_start_matches('\u{FEFF}'))
        .0
        .into_owned();
    assert_eq!(problem_of(&contract, Sent::new(gbk)), Some("ENCODING"));
}

#[test]
fn a_csv_in_gbk_keeps_its_chinese_header_quoted_lines_and_empty_cells() {
    let mut contract = contract("scjg.penalty");
    let text = " 处罚决定书文号\t,行政相对人名称,行政相对人名称,统一社会信用代码\r\n\"1号\",\"甲\r\n\"\"乙\"\"\",丙,\r\n";
    for (encoding, bytes) in [
        (Encoding::Gbk, encoding_rs::GBK.encode(text).0.into_owned()),
        (Encoding::Utf8, format!("\u{FEFF}{text}").into_bytes()),
    ] {
        contract.encoding = encoding;
        let decoded = decoded(&contract, &[Sent::new(bytes)]);
        assert_eq!(decoded.records.len(), 1);
        let of = |name| value(&contract, &decoded, name, 0);
        assert_eq!(of("处罚决定书文号"), (Presence::Text, "1号"));
        // Of a column that stands twice the first one speaks.
        assert_eq!(of("行政相对人名称"), (Presence::Text, "甲\r\n\"乙\""));
        assert_eq!(of("统一社会信用代码").0, Presence::Null);
        assert_eq!(of("处罚决定日期").0, Presence::Absent);
    }
}

#[test]
fn a_csv_whose_header_has_no_column_of_the_contract_is_told_once() {
    let mut contract = contract("scjg.penalty");
    let text = "处罚决定书文号,行政相对人名称\n1号,甲\n2号,乙\n";
    assert_eq!(decoded(&contract, &[Sent::new(text)]).records.len(), 2);
    // UTF-8 read as GBK: no error, and no header either.
    contract.encoding = Encoding::Gbk;
    let sent = Sent::new("处罚决定日期,统一社会信用代码\n甲子,乙丑\n丙寅,丁卯\n");
    assert_eq!(problem_of(&contract, sent), Some("COLUMNS"));
    let sent = Sent::new("a,b\n1,2\n");
    assert_eq!(problem_of(&contract, sent), Some("COLUMNS"));
}
