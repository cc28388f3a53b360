//! XML: elements, attributes, nulls, documents that are refused, and the choice between formats.

use yidang_schemas::contract::{Contract, Encoding, Format, Rows, Writing};

use super::{Presence, Sent, contract, decoded, problem_of, rows, value};

/// A household record in XML, fields by name; one field is an attribute and one stands deeper.
fn household(rows: Rows) -> Contract {
    let mut contract = contract("ga.hukou");
    contract.format = Format::Xml;
    contract.rows = rows;
    contract.record_element = Some("person".to_owned());
    for (name, path) in [("HH", "@household"), ("HKXZ", "address/street")] {
        let field = contract.field_index(name).unwrap();
        contract.fields[field].name = path.to_owned();
    }
    contract
}

fn problem(contract: &Contract, body: &str) -> Option<&'static str> {
    problem_of(contract, Sent::new(body))
}

#[test]
fn elements_and_attributes_are_fields() {
    let contract = household(Rows::One);
    let body = r#"<?xml version="1.0" encoding="utf-8"?>
<!-- who -->
<h:list xmlns:h="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x x.xsd">
  <h:person household="3502&amp;1" other="1">
    <h:GMSFHM>350203199001010018</h:GMSFHM>
    <h:XM><![CDATA[陈 & ]]>思&#36828;&lt;</h:XM>
    <XB xsi:nil="true">1</XB>
    <MZ/>
    <CSRQ> </CSRQ>
    <address><street>莲前街道</street><room>1</room></address>
    <HYZK><code>20</code></HYZK>
    <ZXBS>0</ZXBS>
  </h:person>
</h:list>"#;
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(decoded.records.len(), 1);
    assert_eq!(decoded.records[0].problem, None);
    let of = |name| value(&contract, &decoded, name, 0);
    assert_eq!(of("@household"), (Presence::Text, "3502&1"));
    assert_eq!(of("GMSFHM"), (Presence::Text, "350203199001010018"));
    assert_eq!(of("XM"), (Presence::Text, "陈 & 思远<"));
    assert_eq!(of("XB").0, Presence::Null);
    assert_eq!(of("MZ").0, Presence::Null);
    assert_eq!(of("CSRQ").0, Presence::Null);
    assert_eq!(of("address/street"), (Presence::Text, "莲前街道"));
    assert_eq!(of("HYZK").0, Presence::Nested);
    assert_eq!(of("HKXZQH").0, Presence::Absent);
    // other, address/room and HYZK/code.
    assert_eq!(decoded.unknown_fields, 3);
}

#[test]
fn each_record_element_is_a_record_and_fails_alone() {
    let mut contract = household(Rows::Many);
    let body = "<list><person><GMSFHM>1</GMSFHM></person><note>x</note>\
        <person><GMSFHM>2</GMSFHM><GMSFHM>3</GMSFHM></person><person><GMSFHM>4</GMSFHM></person></list>";
    let all = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(rows(&all), [(0, None), (1, Some("SYNTAX")), (2, None)]);
    assert_eq!(value(&contract, &all, "GMSFHM", 2).1, "4");
    contract.record_element = Some("list/person".to_owned());
    assert_eq!(decoded(&contract, &[Sent::new(body)]).records.len(), 3);
    contract.record_element = Some("person/person".to_owned());
    assert_eq!(problem(&contract, body), Some("EMPTY"));
    let one = household(Rows::One);
    assert_eq!(problem(&one, body), Some("SYNTAX"));
}

#[test]
fn a_document_that_is_not_well_formed_gives_no_record() {
    let contract = household(Rows::Many);
    let good = "<person><GMSFHM>1</GMSFHM></person>";
    let bad = [
        format!("<list>{good}"),
        format!("<list>{good}</lost>"),
        format!("<list>{good}</list><list/>"),
        format!("<list>{good}</list>text"),
        format!("<list>{good}&unknown;</list>"),
        "<list><person><XM>&unknown;</XM></person></list>".to_owned(),
        "<list><person a='&unknown;'/></list>".to_owned(),
        format!("<!DOCTYPE list [<!ENTITY a \"b\">]><list>{good}</list>"),
        format!("<list><person><XM>a < b</XM></person>{good}</list>"),
        "text".to_owned(),
        " ".to_owned(),
        "<!-- nothing -->".to_owned(),
        "{\"GMSFHM\":\"1\"}".to_owned(),
        // Names that are none: they would stand for the attribute and for the street inside the address.
        "<list><person><@household>1</@household></person></list>".to_owned(),
        "<list><person><address/street>1</address/street></person></list>".to_owned(),
        "<list><person 1a='1'/></list>".to_owned(),
    ];
    for body in bad {
        assert_eq!(problem(&contract, &body), Some("SYNTAX"), "{body}");
    }
    assert_eq!(problem(&contract, "<list/>"), Some("EMPTY"));
    let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
    assert_eq!(problem(&contract, &deep), Some("DEPTH"));
}

#[test]
fn the_declared_encoding_has_to_be_that_of_the_contract() {
    let mut contract = household(Rows::One);
    let body = |label: &str| {
        format!("<?xml version=\"1.0\" encoding=\"{label}\"?><person><XM>陈思远</XM></person>")
    };
    assert_eq!(problem(&contract, &body("UTF-8")), None);
    assert_eq!(
        problem(&contract, &format!("\u{FEFF}{}", body("utf-8"))),
        None
    );
    for label in ["GBK", "GB18030", "ISO-8859-1", "x-none"] {
        assert_eq!(
            problem(&contract, &body(label)),
            Some("ENCODING"),
            "{label}"
        );
    }
    contract.encoding = Encoding::Gb18030;
    for (label, problem) in [
        ("GB2312", None),
        ("gb18030", None),
        ("UTF-8", Some("ENCODING")),
    ] {
        let text = body(label);
        let sent = Sent::new(encoding_rs::GB18030.encode(&text).0.into_owned());
        assert_eq!(problem_of(&contract, sent), problem, "{label}");
    }
}

#[test]
fn a_header_chooses_among_the_formats_of_a_contract() {
    let mut contract = household(Rows::One);
    let xml = "<person><GMSFHM>1</GMSFHM></person>";
    let json = r#"{"GMSFHM":"1"}"#;
    // One format: headers say nothing.
    let sent = Sent::new(xml).header("content-type", "application/json");
    assert_eq!(problem_of(&contract, sent), None);
    contract.alternatives = vec![Writing {
        format: Format::Json,
        encoding: Encoding::Utf8,
    }];
    let cases = [
        (xml, "", "", None),
        (json, "", "", Some("SYNTAX")),
        (
            json,
            "content-type",
            "application/json; charset=utf-8",
            None,
        ),
        (json, "format", "JSON", None),
        (xml, "content-type", "application/problem+xml", None),
        (xml, "content-type", "application/json", Some("SYNTAX")),
        (xml, "content-type", " ", None),
        (xml, "content-type", "text/csv", Some("FORMAT_UNKNOWN")),
        (xml, "format", "yaml", Some("FORMAT_UNKNOWN")),
    ];
    for (body, header, name, problem) in cases {
        let sent = Sent::new(body);
        let sent = match header {
            "" => sent,
            header => sent.header(header, name),
        };
        assert_eq!(problem_of(&contract, sent), problem, "{header} {name}");
    }
    let both = Sent::new(json)
        .header("content-type", "application/octet-stream")
        .header("format", "json");
    assert_eq!(problem_of(&contract, both), None);
}
