//! Protobuf bodies that Google's Python library wrote, and bodies that lie.

use proptest::prelude::*;
use yidang_schemas::contract::Contract;

use super::*;
use crate::decode::{DEPTH, ENCODING};
use crate::kit::{embedded, feed};
use crate::schema_book::{Import, SchemaKind, SchemaText};

const PERSON: &str = r#"
syntax = "proto3";
package city;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Outer {
  int32 x = 1;
  message Person {
    string sfzh = 1;
    optional string xm = 2;
    optional string note = 3;
    Sex xb = 4;
    google.protobuf.Timestamp at = 5;
    google.protobuf.Timestamp gone = 6;
    google.protobuf.StringValue w = 7;
    int64 l = 8;
    sint64 s = 9;
    uint64 u = 10;
    double d = 11;
    float ff = 12;
    bool b = 13;
    bytes raw = 14;
    repeated sint32 nums = 15;
    repeated string names = 16;
    sfixed64 fx = 17;
    oneof doc {
      string ido = 18;
      string pass_no = 19;
    }
    int32 unset = 20;
    repeated Person hh = 21;
    map<string, int64> mp = 22;
  }
}
enum Sex { SEX_UNKNOWN = 0; MALE = 1; FEMALE = 2; }
"#;
/// The same file as a descriptor in base 64, as Python's serialiser registers it.
const DESCRIPTOR: &str = "CgdwLnByb3RvEgRjaXR5Gh9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvGh5nb29nbGUvcHJvdG9idWYvd3JhcHBlcnMucHJvdG8ilQQKBU91dGVyEgkKAXgYASABKAUagAQKBlBlcnNvbhIMCgRzZnpoGAEgASgJEg8KAnhtGAIgASgJSAGIAQESEQoEbm90ZRgDIAEoCUgCiAEBEhUKAnhiGAQgASgOMgkuY2l0eS5TZXgSJgoCYXQYBSABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wEigKBGdvbmUYBiABKAsyGi5nb29nbGUucHJvdG9idWYuVGltZXN0YW1wEicKAXcYByABKAsyHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUSCQoBbBgIIAEoAxIJCgFzGAkgASgSEgkKAXUYCiABKAQSCQoBZBgLIAEoARIKCgJmZhgMIAEoAhIJCgFiGA0gASgIEgsKA3JhdxgOIAEoDBIMCgRudW1zGA8gAygREg0KBW5hbWVzGBAgAygJEgoKAmZ4GBEgASgQEg0KA2lkbxgSIAEoCUgAEhEKB3Bhc3Nfbm8YEyABKAlIABINCgV1bnNldBgUIAEoBRIeCgJoaBgVIAMoCzISLmNpdHkuT3V0ZXIuUGVyc29uEiYKAm1wGBYgAygLMhouY2l0eS5PdXRlci5QZXJzb24uTXBFbnRyeRopCgdNcEVudHJ5EgsKA2tleRgBIAEoCRINCgV2YWx1ZRgCIAEoAzoCOAFCBQoDZG9jQgUKA194bUIHCgVfbm90ZSosCgNTZXgSDwoLU0VYX1VOS05PV04QABIICgRNQUxFEAESCgoGRkVNQUxFEAJiBnByb3RvMw==";
/// One `Outer.Person` as protobuf 7.36 for Python writes it.
const BODY: &str = "0a123131303130353139343931323331303032581207e5bca022e4b88920012a0908c0c28ed8061088273a080a06e58ea6e997a840fbffffffffffffffff01480b50ffffffffffffffffff0159000000000000e03f65cdcccc3d6801720261627a040203d80482010161820101628901f7ffffffffffffff9a01024531aa01030a0178b201050a016b1007";
/// `Outer` is message 0 of the file, `Person` message 0 in it: two places, zigzag.
const PATH: [u8; 3] = [4, 0, 0];

fn compiled(text: &str, imports: &[(&str, &str)]) -> Option<Schema> {
    let import = |(name, text): &(&str, &str)| Import {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    Schema::compile(&SchemaText {
        kind: SchemaKind::Protobuf,
        text: text.to_owned(),
        imports: imports.iter().map(import).collect(),
    })
}

fn schema(text: &str) -> Schema {
    compiled(text, &[]).expect("the schema is sound")
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pairs = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16));
    pairs.collect::<Result<_, _>>().expect("it is hexadecimal")
}

fn person() -> Vec<u8> {
    [PATH.as_slice(), &bytes(BODY)].concat()
}

fn read(schema: &Schema, body: &[u8]) -> Result<String, Code> {
    let contract: Contract = feed(&embedded(), "ga.hukou").1.clone();
    text(schema, Bounds::default(), &TimeStyle::new(&contract), body)
}

/// A message of one field, which is called `a` and has number 1.
fn one(field: &str, body: &[u8]) -> Result<String, Code> {
    let text = format!("syntax = \"proto3\"; message M {{ {field} }}");
    read(&schema(&text), &[&[0], body].concat())
}

#[test]
fn source_and_descriptor_read_every_type_alike() {
    let wanted = concat!(
        r#"{"sfzh":"11010519491231002X","xm":"张\"三","xb":"MALE","at":"2026-11-23T02:13:20.000005Z","w":"厦门","#,
        r#""l":-5,"s":-6,"u":18446744073709551615,"d":0.5,"ff":0.1,"b":true,"raw":"ab","nums":[1,-2,300],"#,
        r#""names":["a","b"],"fx":-9,"pass_no":"E1","unset":0,"hh":[{"sfzh":"x","xb":"SEX_UNKNOWN","l":0,"s":0,"#,
        r#""u":0,"d":0,"ff":0,"b":false,"raw":"","nums":[],"names":[],"fx":0,"unset":0,"hh":[],"mp":{}}],"mp":{"k":7}}"#,
    );
    for text in [PERSON, DESCRIPTOR] {
        assert_eq!(read(&schema(text), &person()).as_deref(), Ok(wanted));
    }
}

#[test]
fn presence_is_what_the_field_declares() {
    assert_eq!(one("string a = 1;", &[]).as_deref(), Ok(r#"{"a":""}"#));
    assert_eq!(one("optional string a = 1;", &[]).as_deref(), Ok("{}"));
    assert_eq!(
        one("optional string a = 1;", &[10, 0]).as_deref(),
        Ok(r#"{"a":""}"#)
    );
    assert_eq!(
        one("repeated int32 a = 1;", &[]).as_deref(),
        Ok(r#"{"a":[]}"#)
    );
    let required = "syntax = \"proto2\"; message M { optional int32 a = 1 [default = 5]; }";
    assert_eq!(read(&schema(required), &[0]).as_deref(), Ok("{}"));
}

#[test]
fn the_last_value_counts_messages_are_merged_and_unknown_fields_skipped() {
    assert_eq!(
        one("int32 a = 1;", &[8, 1, 8, 2]).as_deref(),
        Ok(r#"{"a":2}"#)
    );
    // Field 2 as each wire type, and as a group of groups.
    let skipped = [
        16, 1, 17, 0, 0, 0, 0, 0, 0, 0, 0, 18, 1, 0, 21, 0, 0, 0, 0, 19, 27, 28, 20, 8, 3,
    ];
    assert_eq!(one("int32 a = 1;", &skipped).as_deref(), Ok(r#"{"a":3}"#));
    let inner = "I a = 1; message I { optional int32 x = 1; optional int32 y = 2; }";
    let merged = one(inner, &[10, 2, 8, 1, 10, 2, 16, 2]);
    assert_eq!(merged.as_deref(), Ok(r#"{"a":{"x":1,"y":2}}"#));
    let oneof = "oneof o { int32 a = 1; int32 b = 2; }";
    assert_eq!(one(oneof, &[16, 5, 8, 1]).as_deref(), Ok(r#"{"a":1}"#));
    let map = "map<int32, bool> a = 1;";
    let twice = one(map, &[10, 4, 8, 5, 16, 0, 10, 4, 8, 5, 16, 1]);
    assert_eq!(twice.as_deref(), Ok(r#"{"a":{"5":true}}"#));
    // Packed and not packed, in one message.
    let mixed = one("repeated int32 a = 1;", &[10, 2, 1, 2, 8, 3]);
    assert_eq!(mixed.as_deref(), Ok(r#"{"a":[1,2,3]}"#));
    let number = one("E a = 1; enum E { ZERO = 0; }", &[8, 9]);
    assert_eq!(number.as_deref(), Ok(r#"{"a":9}"#));
}

#[test]
fn the_path_names_the_message_type() {
    let two = schema(
        "syntax = \"proto3\"; message A { int32 a = 1; } message B { int32 b = 1; message C { int32 c = 1; } }",
    );
    assert_eq!(read(&two, &[0, 8, 1]).as_deref(), Ok(r#"{"a":1}"#));
    assert_eq!(read(&two, &[2, 2, 8, 1]).as_deref(), Ok(r#"{"b":1}"#));
    assert_eq!(read(&two, &[4, 2, 0, 8, 1]).as_deref(), Ok(r#"{"c":1}"#));
    for bad in [
        &[2, 4][..],
        &[2, 1],
        &[1],
        &[],
        &[4, 2],
        &[0xFF; 11],
        &[0xFE, 0xFF, 0xFF, 0x7F],
    ] {
        assert_eq!(read(&two, bad), Err(SYNTAX), "{bad:?}");
    }
}

#[test]
fn lies_are_defects() {
    let cases: [(&str, &[u8], Code); 9] = [
        ("string a = 1;", &[10, 5, b'a'], SYNTAX),
        ("string a = 1;", &[10, 1, 0xFF], ENCODING),
        ("string a = 1;", &[8, 1], SYNTAX),
        (
            "int32 a = 1;",
            &[
                8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
            ],
            SYNTAX,
        ),
        ("int32 a = 1;", &[0, 1], SYNTAX),
        ("int32 a = 1;", &[19, 8, 1], SYNTAX),
        ("int32 a = 1;", &[20], SYNTAX),
        ("int32 a = 1;", &[0x0E, 0], SYNTAX),
        ("int32 a = 1;", &[19; 100], DEPTH),
    ];
    for (field, body, code) in cases {
        assert_eq!(one(field, body), Err(code), "{field} {body:?}");
    }
    let nested = "M a = 1;";
    let mut body = Vec::new();
    for _level in 0..40 {
        let length = u8::try_from(body.len()).expect("it is short");
        body = [&[10, length], body.as_slice()].concat();
    }
    assert!(one(nested, &body).is_ok());
    let deep = (0..100).fold(Vec::new(), |body: Vec<u8>, _level| {
        let length = body.len();
        let low = u8::try_from(length & 0x7F).expect("seven bits") | 0x80;
        let high = u8::try_from(length >> 7).expect("it is short");
        [&[10, low, high], body.as_slice()].concat()
    });
    assert_eq!(one(nested, &deep), Err(DEPTH));
}

#[test]
fn imports_come_from_the_registry_and_what_is_broken_is_none() {
    let main = "syntax = \"proto3\"; import \"city/day.proto\"; message M { city.Day a = 1; }";
    let day = "syntax = \"proto3\"; package city; message Day { string d = 1; }";
    assert!(compiled(main, &[]).is_none());
    let with_day = compiled(main, &[("city/day.proto", day)]).expect("the import is found");
    let text = read(&with_day, &[0, 10, 3, 10, 1, b'x']);
    assert_eq!(text.as_deref(), Ok(r#"{"a":{"d":"x"}}"#));
    let deep = format!(
        "syntax = \"proto3\"; {}{}",
        "message A {".repeat(5_000),
        "}".repeat(5_000)
    );
    let circle = "syntax = \"proto3\"; import \"yidang-registered.proto\"; message M {}";
    for broken in [
        "message",
        "syntax = \"proto3\"; message M { X a = 1; }",
        &deep,
        circle,
        "AAAA",
    ] {
        assert!(compiled(broken, &[]).is_none(), "{broken:.60}");
    }
    assert!(compiled("", &[]).is_none_or(|schema| read(&schema, &[0]) == Err(SYNTAX)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 20)) {
        let schema = schema(PERSON);
        for body in bodies {
            let _read = read(&schema, &[PATH.as_slice(), &body].concat());
            let _read = read(&schema, &body);
        }
    }

    #[test]
    fn a_damaged_body_never_panics_and_what_is_read_is_json(
        damages in proptest::collection::vec((0_usize..200, any::<u8>(), 0_usize..200), 20),
    ) {
        let schema = schema(PERSON);
        for (place, byte, length) in damages {
            let mut body = person();
            body.truncate(length);
            if let Some(damaged) = body.get_mut(place) {
                *damaged = byte;
            }
            if let Ok(text) = read(&schema, &body) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            }
        }
    }

    #[test]
    fn no_damaged_schema_panics(place in 0_usize..PERSON.len(), with in "[a-z{};=\"0-9<>()]{0,4}") {
        let mut text: Vec<char> = PERSON.chars().collect();
        let end = (place + 3).min(text.len());
        text.splice(place.min(end)..end, with.chars());
        let text: String = text.into_iter().collect();
        if let Some(schema) = compiled(&text, &[]) {
            let _read = read(&schema, &person());
        }
    }
}
