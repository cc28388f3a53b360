//! A schemas folder of somebody else: an agency, a feed, a column and a code list that the program has never seen.

use std::fs;

use super::super::*;
use crate::rule::Action;

const CONTRACT: &str = r#"apiVersion: v3.2.0
kind: DataContract
id: lib.readers
version: 2.1.0
status: draft
name: Library readers
description: { purpose: Who borrows books. }
customProperties:
  - { property: profile, value: yidang/1, vendor: yidang }
  - { property: sourceAgency, value: lib, vendor: yidang }
  - { property: anything, value: 1, vendor: somebody-else }
servers:
  - { server: k, type: kafka, host: h, format: json, encoding: GB18030 }
schema:
  - name: readers
    businessName: 读者
    physicalType: topic
    physicalName: src.lib.readers.v2
    customProperties:
      - { property: recordKey, value: [card], vendor: yidang }
      - { property: order, value: log, vendor: yidang }
      - { property: businessTime, value: { from: "header:at", type: epoch_ms }, vendor: yidang }
      - { property: mode, value: full, vendor: yidang }
      - { property: removal, value: { tombstone: delete }, vendor: yidang }
      - property: subjects
        vendor: yidang
        value:
          - { kind: person, identifiers: [ { field: citizen, class: resident_id } ] }
    properties:
      - { name: card, logicalType: string, classification: internal }
      - { name: citizen, logicalType: string, classification: personal }
      - name: grade
        logicalType: string
        classification: internal
        customProperties:
          - { property: mapsTo, value: person.reader_grade, vendor: yidang }
          - { property: codeSet, value: "reader-grade@7", vendor: yidang }
          - { property: authorityClaim, value: 1, vendor: yidang }
team: { id: lib }
"#;

const COLUMN: &str = "      - name: reader_grade
        businessName: 读者等级
        logicalType: string
        customProperties: [ { property: level, value: L2, vendor: yidang } ]
";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The folder of this crate with one agency, feed, column and list more.
fn foreign_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["contracts", "dossiers", "codes"] {
        copy(&own.join(name), &folder.path().join(name));
    }
    for name in ["agencies.yaml", "authority.yaml", "bundle.yaml"] {
        fs::copy(own.join(name), folder.path().join(name)).unwrap();
    }
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("contracts/lib")).unwrap();
    fs::write(path("contracts/lib/readers.odcs.yaml"), CONTRACT).unwrap();
    fs::write(
        path("codes/reader-grade.csv"),
        "# reader-grade@7\ncode,label,canonical\nA,甲,1\n甲,甲,1\n",
    )
    .unwrap();
    edit(
        &path("agencies.yaml"),
        "- { slug: ga",
        "- { slug: lib, zh: 图书馆, en: Library }\n- { slug: ga",
    );
    edit(
        &path("authority.yaml"),
        "\nperson:\n",
        "\nperson:\n  reader_grade: [lib.readers]\n",
    );
    let person = path("dossiers/person.odcs.yaml");
    edit(
        &person,
        "      - name: provenance",
        &format!("{COLUMN}      - name: provenance"),
    );
    folder
}

#[test]
fn a_feed_an_agency_a_column_and_a_list_more_need_no_code() {
    let folder = foreign_folder();
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|problems| {
        panic!(
            "{}",
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    });
    let feed = catalog
        .feed(catalog.feed_of_topic("src.lib.readers.v2").unwrap())
        .unwrap();
    let person = catalog
        .dossier(catalog.kind_of_name("person").unwrap())
        .unwrap();
    assert_eq!(catalog.feeds.len(), 19);
    assert_eq!(
        person.leaf_name(feed.mappings[0].target.leaf),
        "reader_grade"
    );
    assert_eq!(feed.fields[2].codes.as_ref().unwrap().get("甲"), Some("1"));
    assert_eq!(catalog.agency("lib").unwrap().name_zh, "图书馆");
    let rule = &feed.rules[feed.rule_index("auto:citizen:resident_id").unwrap()];
    assert_eq!(rule.action, Action::Reject);
    assert_eq!(
        catalog
            .ranks("person", "reader_grade")
            .iter()
            .filter(|rank| **rank == 0)
            .count(),
        1
    );
}

#[test]
fn a_stray_file_in_a_folder_is_named() {
    let folder = foreign_folder();
    fs::write(folder.path().join("contracts/lib/loans.yaml"), "x").unwrap();
    fs::write(folder.path().join("contracts/lib/readers.good.jsonl"), "").unwrap();
    let problems = Catalog::lint(folder.path());
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code.0, problem.file.as_str()))
        .collect();
    assert_eq!(told, [("CT006", "contracts/lib/loans.yaml")]);
}

#[test]
fn what_is_wrong_with_a_file_hides_nothing_of_the_others() {
    let folder = foreign_folder();
    fs::write(folder.path().join("contracts/lib/loans.yaml"), "x").unwrap();
    fs::remove_file(folder.path().join("bundle.yaml")).unwrap();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    edit(&contract, "mode, value: full", "mode, value: whole");
    let problems = Catalog::lint(folder.path());
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code.0, problem.file.as_str()))
        .collect();
    let wanted = [
        ("CT006", "bundle.yaml"),
        ("CT006", "contracts/lib/loans.yaml"),
        ("CT035", "contracts/lib/readers.odcs.yaml"),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_json_array_may_hold_many_records() {
    let folder = foreign_folder();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    edit(
        &contract,
        "      - { property: mode, value: full, vendor: yidang }",
        "      - { property: mode, value: full, vendor: yidang }\n      - { property: rows, value: many, vendor: yidang }",
    );
    let catalog = Catalog::load(folder.path()).unwrap();
    let feed = catalog.feed(catalog.feed_of_id("lib.readers").unwrap());
    assert_eq!(feed.unwrap().rows, crate::contract::Rows::Many);
}

#[test]
fn codes_keep_their_zeros_and_their_letters() {
    let folder = foreign_folder();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    edit(
        &contract,
        "      - { name: card, logicalType: string, classification: internal }",
        "      - { name: card, logicalType: string, classification: internal }\n      - name: lent\n        logicalType: \
         string\n        classification: internal\n        enum:\n          - { value: 01, customProperties: [ { \
         property: canonicalCode, value: 007, vendor: yidang } ] }\n          - { value: N }\n          - { value: 1.10 }",
    );
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let feed = catalog
        .feed(catalog.feed_of_id("lib.readers").unwrap())
        .unwrap();
    let codes = feed.fields[1].codes.as_ref().unwrap();
    let told = ["01", "1", "N", "1.10", "1.1"].map(|code| codes.get(code));
    assert_eq!(told, [Some("007"), None, Some("N"), Some("1.10"), None]);
}

#[test]
fn two_rules_of_one_kind_both_run() {
    let folder = foreign_folder();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    let rule = |id: &str, pattern: &str| {
        format!(
            "          - {{ id: {id}, type: custom, engine: yidang, implementation: {{ check: pattern, pattern: '{pattern}' }}, \
             dimension: conformity, severity: minor, customProperties: [ {{ property: action, value: flag, vendor: \
             yidang }} ] }}\n"
        )
    };
    edit(
        &contract,
        "      - name: grade\n        logicalType: string\n",
        &format!(
            "      - name: grade\n        logicalType: string\n        logicalTypeOptions: {{ pattern: '^.$' }}\n        \
             quality:\n{}{}",
            rule("short", "^.{1,2}$"),
            rule("no-digit", "^[^0-9]*$")
        ),
    );
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let feed = catalog
        .feed(catalog.feed_of_id("lib.readers").unwrap())
        .unwrap();
    let own = feed
        .rules
        .iter()
        .filter(|rule| rule.check.name() == "pattern");
    assert_eq!(
        own.map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
        ["short", "no-digit"]
    );
}

#[test]
fn a_folder_that_is_none_is_a_problem_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        Catalog::lint(folder.path())
            .iter()
            .all(|problem| problem.code.0 == "CT006")
    );
    assert!(!Catalog::lint(&folder.path().join("absent")).is_empty());
}

#[test]
fn one_topic_may_be_written_in_several_formats() {
    use crate::contract::{Encoding, Format, Writing};
    let folder = foreign_folder();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    let server = "  - { server: k, type: kafka, host: h, format: json, encoding: GB18030 }\n";
    let others = "  - { server: t, type: kafka, host: t, format: json, encoding: GB18030 }\n  \
        - { server: x, type: kafka, host: h, format: xml, encoding: UTF-8 }\n";
    edit(&contract, server, &format!("{server}{others}"));
    let problems = Catalog::lint(folder.path());
    let told: Vec<_> = problems.iter().map(|problem| problem.code.0).collect();
    assert_eq!(told, ["CT029"]);
    edit(
        &contract,
        "      - { property: mode, value: full, vendor: yidang }",
        "      - { property: mode, value: full, vendor: yidang }\n      - { property: recordElement, value: list/reader, vendor: yidang }",
    );
    let catalog = Catalog::load(folder.path()).unwrap();
    let feed = catalog
        .feed(catalog.feed_of_id("lib.readers").unwrap())
        .unwrap();
    let xml = Writing {
        format: Format::Xml,
        encoding: Encoding::Utf8,
    };
    assert_eq!(
        (feed.format, &feed.alternatives),
        (Format::Json, &vec![xml])
    );
    assert_eq!(feed.record_element.as_deref(), Some("list/reader"));
}

#[test]
fn servers_of_formats_with_schemas_name_one_registry() {
    use crate::contract::Format;
    let server = "  - { server: k, type: kafka, host: h, format: json, encoding: GB18030 }\n";
    let named = |format: &str, encoding: &str, name: &str| {
        let customs = match name {
            "" => String::new(),
            name => format!(
                ", customProperties: [ {{ property: schemaRegistry, value: {name}, vendor: yidang }} ]"
            ),
        };
        format!(
            "  - {{ server: {format}, type: kafka, host: h, format: {format}, encoding: {encoding}{customs} }}\n"
        )
    };
    let folder = |servers: &[String]| {
        let folder = foreign_folder();
        let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
        edit(&contract, server, &servers.concat());
        folder
    };
    let json = || named("json", "UTF-8", "");
    let sound = [
        (vec![named("avro", "UTF-8", "")], "main"),
        (vec![json(), named("protobuf", "UTF-8", "city")], "city"),
        (
            vec![
                named("avro", "UTF-8", "city"),
                json(),
                named("protobuf", "UTF-8", "city"),
            ],
            "city",
        ),
        (vec![json()], "main"),
    ];
    for (servers, registry) in sound {
        let catalog = Catalog::load(folder(&servers).path()).unwrap();
        let feed = catalog
            .feed(catalog.feed_of_id("lib.readers").unwrap())
            .unwrap();
        assert_eq!(feed.registry, registry);
        assert_eq!(feed.writings().count(), servers.len());
        let typed = |rule: &&crate::rule::Rule| rule.id == "auto:card:type";
        assert_eq!(feed.rules.iter().filter(typed).count(), 1);
        assert!(feed.is_written_in(Format::Json) || feed.format.is_registered());
    }
    for servers in [
        vec![
            named("avro", "UTF-8", "city"),
            named("protobuf", "UTF-8", "other"),
        ],
        vec![
            named("avro", "UTF-8", "city"),
            named("protobuf", "UTF-8", ""),
        ],
        vec![named("json", "UTF-8", "city")],
        vec![named("avro", "GBK", "")],
        vec![named("avro", "UTF-8", "City-1")],
    ] {
        let problems = Catalog::lint(folder(&servers).path());
        let told: Vec<_> = problems.iter().map(|problem| problem.code.0).collect();
        assert_eq!(told, ["CT038"], "{servers:?}");
    }
}

#[test]
fn fields_of_fixed_width_follow_one_another_or_start_where_they_say() {
    use crate::contract::ByteRange;
    let folder = foreign_folder();
    let contract = folder.path().join("contracts/lib/readers.odcs.yaml");
    let width = |custom: &str| format!("{{ property: {custom}, vendor: yidang }}");
    edit(&contract, "format: json", "format: fixed_width");
    for (field, widths) in [
        (
            "name: card, logicalType: string, classification: internal",
            vec!["width, value: 10"],
        ),
        (
            "name: citizen, logicalType: string, classification: personal",
            vec!["start, value: 21", "width, value: 18"],
        ),
    ] {
        let customs: Vec<String> = widths.into_iter().map(width).collect();
        let with = format!("{field}, customProperties: [ {} ]", customs.join(", "));
        edit(&contract, field, &with);
    }
    let claim = "          - { property: authorityClaim";
    edit(
        &contract,
        claim,
        &format!("          - {}\n{claim}", width("width, value: 1")),
    );
    let catalog = Catalog::load(folder.path()).unwrap();
    let feed = catalog
        .feed(catalog.feed_of_id("lib.readers").unwrap())
        .unwrap();
    let range = |start, width| ByteRange { start, width };
    assert_eq!(
        feed.byte_ranges,
        [range(0, 10), range(20, 18), range(38, 1)]
    );
    let cut = |rule: &&crate::rule::Rule| rule.check.name() == "whole_characters";
    assert_eq!(feed.rules.iter().filter(cut).count(), 3);
    edit(&contract, "start, value: 21", "start, value: 9");
    let problems = Catalog::lint(folder.path());
    let told: Vec<_> = problems.iter().map(|problem| problem.code.0).collect();
    assert_eq!(told, ["CT028"]);
}
