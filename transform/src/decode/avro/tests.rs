//! Avro bodies that fastavro wrote, and bodies that lie.

use proptest::prelude::*;
use yidang_schemas::contract::Contract;

use super::*;
use crate::decode::SIZE;
use crate::kit::{embedded, feed};
use crate::schema_book::{Import, SchemaKind, SchemaText};

const PERSON: &str = r#"{"type": "record", "name": "Person", "namespace": "city.ga", "fields": [{"name": "sfzh", "type": "string"}, {"name": "xm", "type": ["null", "string"], "default": null}, {"name": "note", "type": ["null", "string"], "default": null}, {"name": "xb", "type": {"type": "enum", "name": "Sex", "symbols": ["UNKNOWN", "MALE", "FEMALE"]}}, {"name": "csrq", "type": {"type": "int", "logicalType": "date"}}, {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}, {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-micros"}}, {"name": "lt", "type": {"type": "long", "logicalType": "local-timestamp-millis"}}, {"name": "tm", "type": {"type": "int", "logicalType": "time-millis"}}, {"name": "je", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}}, {"name": "fj", "type": {"type": "fixed", "name": "F", "size": 8, "logicalType": "decimal", "precision": 12, "scale": 4}}, {"name": "n", "type": "int"}, {"name": "l", "type": "long"}, {"name": "f", "type": "float"}, {"name": "d", "type": "double"}, {"name": "b", "type": "boolean"}, {"name": "raw", "type": "bytes"}, {"name": "hh", "type": {"type": "array", "items": {"type": "record", "name": "M", "fields": [{"name": "a", "type": "string"}, {"name": "next", "type": ["null", "M"]}]}}}, {"name": "mp", "type": {"type": "map", "values": "long"}}]}"#;
/// One `PERSON` as fastavro 1.13 writes it.
const BODY: &str = "243131303130353139343931323331303032580212e5bca022e4b8895c0a000293728088efe2c0688ac0d6b384bab00680d8aafec068f4f68c0b06ff3cab000000000000000c0d80808080808080808001cdcccc3d48afbc9af2d77a3e010ce58ea6e997a804027802027900027a000004026b0206e58ea60300";

fn compiled(text: &str) -> Option<Schema> {
    Schema::compile(&SchemaText {
        kind: SchemaKind::Avro,
        text: text.to_owned(),
        imports: Vec::new(),
    })
}

fn schema(text: &str) -> Schema {
    compiled(text).expect("the schema is sound")
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pairs = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16));
    pairs.collect::<Result<_, _>>().expect("it is hexadecimal")
}

fn contract() -> Contract {
    feed(&embedded(), "ga.hukou").1.clone()
}

fn read(schema: &Schema, body: &[u8]) -> Result<String, Code> {
    let contract = contract();
    text(schema, Bounds::default(), &TimeStyle::new(&contract), body)
}

#[test]
fn every_type_is_written_as_a_person_would_send_it() {
    let text = read(&schema(PERSON), &bytes(BODY)).expect("it is read");
    let wanted = concat!(
        r#"{"sfzh":"11010519491231002X","xm":"张\"三\\\u000a","note":null,"xb":"MALE","csrq":"1949-12-31","#,
        r#""at":"2026-11-23T02:13:20Z","ts":"2026-11-23T02:13:20.000005Z","lt":"2026-11-23 10:13:20","#,
        r#""tm":"03:14:00.25","je":-500.05,"fj":0.0012,"n":-7,"l":4611686018427387904,"f":0.1,"d":0.0000001,"#,
        r#""b":true,"raw":"厦门","hh":[{"a":"x","next":{"a":"y","next":null}},{"a":"z","next":null}],"#,
        r#""mp":{"k":1,"厦":-2}}"#,
    );
    assert_eq!(text, wanted);
}

#[test]
fn an_instant_is_counted_where_the_contract_counts_it() {
    let mut contract = contract();
    let field = contract.fields.first_mut().expect("it has fields");
    field.name = "at".to_owned();
    field.forms = "epoch_ms|yyyy-MM-dd".to_owned();
    let schema = schema(PERSON);
    let text = text(
        &schema,
        Bounds::default(),
        &TimeStyle::new(&contract),
        &bytes(BODY),
    );
    let text = text.expect("it is read");
    assert!(text.contains(r#""at":1795400000000,"ts":"2026-"#), "{text}");
}

#[test]
fn names_are_found_in_their_namespace_and_in_imports() {
    let address = r#"{"type":"record","name":"Address","namespace":"city","fields":[{"name":"line","type":"string"}]}"#;
    let main = r#"{"type":"record","name":"city.Person","fields":[{"name":"home","type":"Address"},{"name":"work","type":["null","city.Address"]}]}"#;
    let with_import = SchemaText {
        kind: SchemaKind::Avro,
        text: main.to_owned(),
        imports: vec![Import {
            name: "city.Address".to_owned(),
            text: address.to_owned(),
        }],
    };
    let schema = Schema::compile(&with_import).expect("the import is found");
    let text = read(&schema, &[2, b'a', 0]);
    assert_eq!(text.as_deref(), Ok(r#"{"home":{"line":"a"},"work":null}"#));
    assert!(
        compiled(main).is_none(),
        "without it the name means nothing"
    );
}

#[test]
fn a_schema_that_breaks_the_rules_is_none() {
    let deep = format!(
        "{}\"int\"{}",
        r#"{"type":"array","items":"#.repeat(100),
        "}".repeat(100)
    );
    let deeper = format!(
        "{}\"int\"{}",
        r#"{"type":"array","items":"#.repeat(9_000),
        "}".repeat(9_000)
    );
    let broken = [
        "",
        "{",
        "17",
        "\"nothing\"",
        r#"{"type":"record","name":"A"}"#,
        r#"{"type":"record","fields":[]}"#,
        r#"["int",["null","int"]]"#,
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
        r#"{"type":"enum","name":"E","symbols":[1]}"#,
        r#"{"type":"fixed","name":"F","size":-1}"#,
        r#"{"type":"array"}"#,
        &deep,
        &deeper,
    ];
    for text in broken {
        assert!(compiled(text).is_none(), "{:.80}", text);
    }
    // Malformed logical types are ignored, as the specification asks.
    let decimal = r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":99}"#;
    assert_eq!(read(&schema(decimal), &[2, b'7']).as_deref(), Ok("\"7\""));
}

#[test]
fn lengths_and_counts_that_lie_are_a_syntax_defect() {
    let cases: [(&str, &[u8], Code); 12] = [
        ("\"string\"", &[0x10, b'a'], SYNTAX),
        ("\"string\"", &[0x01], SYNTAX),
        ("\"string\"", &[0xFF; 10], SYNTAX),
        (
            "\"string\"",
            &[
                0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, b'a',
            ],
            SYNTAX,
        ),
        ("\"string\"", &[2, 0xFF], ENCODING),
        ("\"int\"", &[0xFE, 0xFF, 0xFF, 0xFF, 0x7F], SYNTAX),
        ("\"boolean\"", &[2], SYNTAX),
        ("[\"null\",\"int\"]", &[4, 0], SYNTAX),
        (
            r#"{"type":"enum","name":"E","symbols":["A"]}"#,
            &[2],
            SYNTAX,
        ),
        (
            r#"{"type":"array","items":"null"}"#,
            &[0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0],
            SIZE,
        ),
        (r#"{"type":"array","items":"int"}"#, &[1, 1, 2, 0], SYNTAX),
        ("\"null\"", &[0], SYNTAX),
    ];
    for (text, body, code) in cases {
        assert_eq!(read(&schema(text), body), Err(code), "{text} {body:?}");
    }
}

#[test]
fn blocks_of_negative_count_carry_their_size() {
    let array = schema(r#"{"type":"array","items":"int"}"#);
    assert_eq!(
        read(&array, &[3, 4, 2, 4, 2, 6, 0]).as_deref(),
        Ok("[1,2,3]")
    );
    assert_eq!(read(&array, &[0]).as_deref(), Ok("[]"));
}

#[test]
fn what_holds_itself_ends_at_the_bound_of_depth() {
    let endless = schema(r#"{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}"#);
    assert_eq!(read(&endless, &[]), Err(DEPTH));
    let list =
        schema(r#"{"type":"record","name":"A","fields":[{"name":"a","type":["null","A"]}]}"#);
    assert_eq!(read(&list, &[2; 200]), Err(DEPTH));
}

#[test]
fn decimals_keep_every_digit_up_to_38() {
    let decimal = schema(r#"{"type":"bytes","logicalType":"decimal","precision":38,"scale":3}"#);
    let of = |unscaled: &[u8]| {
        let mut body = vec![u8::try_from(unscaled.len() * 2).expect("it is short")];
        body.extend_from_slice(unscaled);
        read(&decimal, &body)
    };
    assert_eq!(of(&[]).as_deref(), Ok("0.000"));
    assert_eq!(of(&[0xFF]).as_deref(), Ok("-0.001"));
    assert_eq!(of(&[0, 0xFF]).as_deref(), Ok("0.255"));
    let most = i128::MIN.to_be_bytes();
    let wanted = "-170141183460469231731687303715884105.728";
    assert_eq!(of(&most).as_deref(), Ok(wanted));
    assert_eq!(
        of(&[&[0xFF; 4], most.as_slice()].concat()).as_deref(),
        Ok(wanted)
    );
    assert_eq!(of(&[&[0; 4], most.as_slice()].concat()), Err(SIZE));
    assert_eq!(of(&[0x7F; 17]), Err(SIZE));
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _read = read(&schema(PERSON), &body);
    }

    #[test]
    fn a_damaged_body_never_panics_and_what_is_read_is_json(
        place in 0_usize..200,
        byte in any::<u8>(),
        length in 0_usize..220,
    ) {
        let mut body = bytes(BODY);
        body.truncate(length);
        if let Some(damaged) = body.get_mut(place) {
            *damaged = byte;
        }
        if let Ok(text) = read(&schema(PERSON), &body) {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }

    #[test]
    fn no_schema_panics(text in ".{0,200}") {
        let _compiled = compiled(&text);
    }

    #[test]
    fn no_damaged_schema_panics(place in 0_usize..PERSON.len(), with in "[\\[\\]{}\",a0]{0,3}") {
        let mut text: Vec<char> = PERSON.chars().collect();
        let end = (place + 2).min(text.len());
        text.splice(place.min(end)..end, with.chars());
        let text: String = text.into_iter().collect();
        if let Some(schema) = compiled(&text) {
            let _read = read(&schema, &bytes(BODY));
        }
    }
}
