//! Lines of fixed width: bytes before characters, cuts, padding, and lines that are wrong alone.

use yidang_schemas::contract::{ByteRange, Contract, Encoding, Format};

use super::{Presence, Sent, contract, decoded, problem_of, value};
use crate::decode::Decoded;
use crate::kit::{cells, embedded_with, failed, observe_of};

/// Number (20 bytes), name (9), amount (8).
fn account(encoding: Encoding) -> Contract {
    let mut contract = contract("rs.insurance");
    contract.fields.truncate(3);
    contract.envelope = yidang_schemas::contract::Envelope::None;
    contract.format = Format::FixedWidth;
    contract.encoding = encoding;
    contract.removal.operation = None;
    let range = |start, width| ByteRange { start, width };
    contract.byte_ranges = vec![range(0, 20), range(20, 9), range(29, 8)];
    contract
}

/// One line in GB 18030, its name cut or filled up to nine bytes.
fn line(number: &str, name: &str, amount: &str) -> Vec<u8> {
    let (name, _, _) = encoding_rs::GB18030.encode(name);
    let mut name = name.into_owned();
    name.resize(9, b' ');
    let mut line = format!("{number:<20}").into_bytes();
    line.extend(name);
    line.extend(format!("{amount:>8}").into_bytes());
    line
}

fn row<'d>(contract: &Contract, decoded: &'d Decoded, row: usize) -> [&'d str; 3] {
    ["aac001", "aac002", "aac003"].map(|name| value(contract, decoded, name, row).1)
}

fn told(decoded: &Decoded) -> Vec<(u32, Option<&'static str>)> {
    let records = decoded.records.iter();
    records
        .map(|record| (record.row, record.problem.map(|code| code.0)))
        .collect()
}

#[test]
fn fields_are_bytes_and_blanks_around_them_are_padding() {
    let contract = account(Encoding::Gb18030);
    let mut body = line("00000000000000000042", "陈思远", "00012345");
    body.extend(b"\r\n");
    body.extend(line("7", " 㑇　", ""));
    body.extend(b"\n");
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(told(&decoded), [(0, None), (1, None)]);
    let first = ["00000000000000000042", "陈思远", "00012345"];
    assert_eq!(row(&contract, &decoded, 0), first);
    assert_eq!(row(&contract, &decoded, 1), ["7", "㑇", ""]);
    assert_eq!(value(&contract, &decoded, "aac003", 1).0, Presence::Null);
    assert!(decoded.cuts.is_empty());
}

#[test]
fn a_character_cut_at_the_end_of_a_field_costs_only_itself() {
    let contract = account(Encoding::Gb18030);
    // Nine bytes end inside the fifth character; in the second line inside one of four bytes.
    let mut body = line("1", "欧阳思远山", "1");
    body.extend(b"\n");
    body.extend(line("2", "陈思远𠮷", "2"));
    body.extend(b"\n");
    body.extend(line("3", "陈思远", "3"));
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(told(&decoded), [(0, None), (1, None), (2, None)]);
    assert_eq!(row(&contract, &decoded, 0), ["1", "欧阳思远", "1"]);
    assert_eq!(row(&contract, &decoded, 1), ["2", "陈思远", "2"]);
    assert_eq!(
        decoded.cuts.iter().copied().collect::<Vec<_>>(),
        [(0, 1), (1, 1)]
    );
}

#[test]
fn half_of_a_wide_blank_is_padding() {
    let contract = account(Encoding::Gbk);
    let body = line("1", "陈思　　　", "1");
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(row(&contract, &decoded, 0), ["1", "陈思", "1"]);
    assert!(decoded.cuts.is_empty());
}

#[test]
fn utf8_is_cut_likewise() {
    let contract = account(Encoding::Utf8);
    let mut body = format!("\u{FEFF}{:<20}", "1").into_bytes();
    body.extend(&"陈思·远".as_bytes()[..9]);
    body.extend(b"       1");
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(row(&contract, &decoded, 0), ["1", "陈思·", "1"]);
    assert_eq!(decoded.cuts.len(), 1);
}

#[test]
fn a_bad_line_leaves_the_lines_beside_it_whole() {
    let contract = account(Encoding::Gb18030);
    let mut body = line("1", "陈思远", "1");
    body.extend(b"\nshort\n");
    let mut broken = line("3", "陈思远", "3");
    broken[21] = 0xFF;
    body.extend(broken);
    body.extend(b"\n");
    // One byte too many: nobody knows where.
    body.extend(line("4", "陈思远", "123456789"));
    body.extend(b"\n\n");
    body.extend(line("6", "陈思", "6"));
    let decoded = decoded(&contract, &[Sent::new(body)]);
    let expected = [
        (0, None),
        (1, Some("COLUMNS")),
        (2, Some("ENCODING")),
        (3, Some("COLUMNS")),
        (4, Some("COLUMNS")),
        (5, None),
    ];
    assert_eq!(told(&decoded), expected);
    assert_eq!(row(&contract, &decoded, 5), ["6", "陈思", "6"]);
    assert_eq!(row(&contract, &decoded, 2), ["", "", ""]);
}

#[test]
fn a_line_that_does_not_decode_has_no_cuts_either() {
    let contract = account(Encoding::Gb18030);
    let mut body = line("1", "欧阳思远山", "1");
    body[30] = 0xFF;
    let decoded = decoded(&contract, &[Sent::new(body)]);
    assert_eq!(told(&decoded), [(0, Some("ENCODING"))]);
    assert!(decoded.cuts.is_empty());
}

#[test]
fn a_message_without_a_line_is_empty() {
    let contract = account(Encoding::Gb18030);
    for body in ["\n", "\r\n"] {
        assert_eq!(problem_of(&contract, Sent::new(body)), Some("EMPTY"));
    }
}

const CONTRACT: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: ga.account
version: 1.0.0
status: draft
name: Accounts
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: sourceAgency, value: ga, vendor: yidang }
servers:
  - { server: k, type: kafka, host: h, format: fixed_width, encoding: GB18030 }
schema:
  - name: account
    physicalType: topic
    physicalName: src.ga.account.v1
    customProperties:
      - { property: recordKey, value: [number], vendor: yidang }
      - { property: order, value: log, vendor: yidang }
      - { property: businessTime, value: { from: "header:business-time", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: rows, value: many, vendor: yidang }
      - { property: removal, value: { tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { kind: person, identifiers: [ { field: citizen, class: resident_id } ] }
    properties:
      - { name: number, logicalType: string, classification: internal, customProperties: [ { property: width, value: 6, vendor: yidang } ] }
      - name: citizen
        logicalType: string
        classification: personal
        customProperties:
          - { property: width, value: 18, vendor: yidang }
      - name: name
        logicalType: string
        classification: personal
        customProperties:
          - { property: start, value: 25, vendor: yidang }
          - { property: width, value: 5, vendor: yidang }
          - property: mapsTo
            vendor: yidang
            value:
              - { to: person.name, transform: person_name }
              - { to: person.name_raw, transform: raw }
team: { id: ga }
"#;

#[test]
fn a_cut_name_is_used_as_far_as_it_goes_and_the_agency_is_told() {
    let catalog = embedded_with(&[("contracts/ga/account.odcs.yaml", CONTRACT.to_owned())]);
    let (name, _, _) = encoding_rs::GB18030.encode("陈思远");
    let mut body = b"000042350203199001010018".to_vec();
    body.extend(&name[..5]);
    let sent = Sent::new(body).header("business-time", "1795300000000");
    let observation = observe_of(&catalog, "ga.account", &[sent])
        .observations
        .remove(0);
    assert_eq!(
        failed(&catalog, "ga.account", &observation),
        ["name:whole_characters:TRUNCATED_CHARACTER"]
    );
    assert_eq!(observation.outcome.name(), "flagged");
    assert_eq!(observation.key.as_ref().unwrap().text, "000042");
    let cells = cells(&catalog, &observation);
    assert!(cells.contains(&"name=陈思".to_owned()), "{cells:?}");
}
