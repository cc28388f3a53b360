//! For every problem code a copy of the embedded files with one mistake in it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Bundle, Catalog, Problem};
use crate::messages::Language;

const HUKOU: &str = "contracts/ga/hukou.odcs.yaml";
const RESIDENCE: &str = "contracts/ga/residence.odcs.yaml";
const INSURANCE: &str = "contracts/rs/insurance.odcs.yaml";
const MEDINS: &str = "contracts/yb/medins.odcs.yaml";
const TAXPAYER: &str = "contracts/sw/taxpayer.odcs.yaml";
const PERSON: &str = "dossiers/person.odcs.yaml";

/// Code, file, text to replace and what to put there (first occurrence). Empty texts: the file is taken out.
type Case = (&'static str, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        "CT001",
        HUKOU,
        "tenant: xiamen",
        "tenant: xiamen\ntenant: xiamen",
    ),
    ("CT001", PERSON, "tenant: xiamen", "\ttenant: xiamen"),
    ("CT002", HUKOU, "    physicalName: src.ga.hukou.v1\n", ""),
    (
        "CT002",
        PERSON,
        "  - { property: kind, value: person, vendor: yidang }\n",
        "",
    ),
    ("CT003", HUKOU, "value: [GMSFHM]", "value: GMSFHM"),
    ("CT003", "agencies.yaml", "zh: 公安局", "zh: [公安局]"),
    ("CT004", HUKOU, "required: true", "requried: true"),
    ("CT004", HUKOU, "property: recordKey", "property: recordkey"),
    ("CT004", PERSON, "property: level", "property: levle"),
    (
        "CT005",
        HUKOU,
        "{ property: mapsTo, value: person.sex_code, vendor: yidang }",
        "{ property: mapsTo, value: person.sex_code }",
    ),
    ("CT005", HUKOU, "value: person.sex_code", "value: \"\""),
    ("CT006", "authority.yaml", "", ""),
    ("CT007", HUKOU, "apiVersion: v3.2.0", "apiVersion: v3.1.0"),
    ("CT007", HUKOU, "value: yidang/1", "value: yidang/2"),
    ("CT007", HUKOU, "status: active", "status: living"),
    ("CT008", HUKOU, "version: 1.0.0", "version: \"1\""),
    (
        "CT009",
        "authority.yaml",
        "rulesVersion: 2",
        "rulesVersion: one",
    ),
    ("CT010", HUKOU, "id: ga.hukou", "id: ga.households"),
    ("CT010", HUKOU, "id: ga.hukou", "id: GA.hukou"),
    (
        "CT011",
        HUKOU,
        "sourceAgency, value: ga",
        "sourceAgency, value: gaa",
    ),
    ("CT011", HUKOU, "team:\n  id: ga", "team:\n  id: gx"),
    ("CT012", HUKOU, "src.ga.hukou.v1", "src.ga.hukou.v2"),
    ("CT012", HUKOU, "physicalType: topic", "physicalType: table"),
    ("CT013", "agencies.yaml", "slug: fy,", "slug: ga,"),
    ("CT014", RESIDENCE, "src.ga.residence.v1", "src.ga.hukou.v1"),
    (
        "CT015",
        HUKOU,
        "schema:\n",
        "schema:\n  - { name: second }\n",
    ),
    ("CT016", "agencies.yaml", "slug: fy,", "slug: fy-1,"),
    ("CT020", HUKOU, "- name: MZ", "- name: XB"),
    ("CT021", HUKOU, "logicalType: string", "logicalType: text"),
    (
        "CT022",
        HUKOU,
        "format: yyyyMMdd|yyyy-MM-dd }",
        "format: yyyyMMdd|ddMMyyyy }",
    ),
    (
        "CT022",
        HUKOU,
        "        logicalTypeOptions: { format: yyyyMMdd|yyyy-MM-dd }\n",
        "",
    ),
    ("CT023", HUKOU, "{ pattern: '^[", "{ pattern: '^(["),
    (
        "CT023",
        HUKOU,
        "{ pattern:",
        "{ minLength: 5, maxLength: 4, pattern:",
    ),
    (
        "CT023",
        HUKOU,
        "{ format: yyyyMMdd|yyyy-MM-dd }",
        "{ format: yyyyMMdd|yyyy-MM-dd, minimum: \"19490101\" }",
    ),
    (
        "CT024",
        HUKOU,
        "classification: personal",
        "classification: secret",
    ),
    (
        "CT025",
        HUKOU,
        "classification: personal",
        "examples: [\"1\"]\n        classification: personal",
    ),
    (
        "CT026",
        MEDINS,
        "      - name: psn_cert_type\n",
        "      - { name: a, logicalType: array, classification: internal, items: { logicalType: object, properties: [ { name: b, logicalType: string, classification: internal } ] } }\n      - { name: c, logicalType: array, classification: internal, items: { logicalType: object, properties: [ { name: d, logicalType: string, classification: internal } ] } }\n      - name: psn_cert_type\n",
    ),
    (
        "CT027",
        MEDINS,
        "      - name: psn_cert_type\n",
        "      - { name: a, logicalType: array, classification: internal, items: { logicalType: object, properties: [ { name: b, logicalType: string, classification: internal } ] } }\n      - name: psn_cert_type\n",
    ),
    ("CT030", HUKOU, "value: [GMSFHM]", "value: []"),
    (
        "CT030",
        HUKOU,
        "      - { property: recordKey, value: [GMSFHM], vendor: yidang }\n",
        "",
    ),
    ("CT031", HUKOU, "value: [GMSFHM]", "value: [GMSFH]"),
    (
        "CT032",
        "contracts/scjg/penalty.odcs.yaml",
        "      - { property: order, value: log, vendor: yidang }\n",
        "",
    ),
    ("CT033", HUKOU, "from: \"header:seq\"", "from: \"head:seq\""),
    (
        "CT033",
        HUKOU,
        "from: \"header:seq\"",
        "from: \"envelope:seq\"",
    ),
    (
        "CT033",
        INSURANCE,
        "from: \"envelope:ts_ms\"",
        "from: \"envelope:lsn\"",
    ),
    (
        "CT033",
        INSURANCE,
        "from: \"envelope:op\"",
        "from: \"envelope:operation\"",
    ),
    ("CT033", HUKOU, "zone: Asia/Shanghai", "zone: UTC"),
    ("CT033", HUKOU, "type: integer", "type: number"),
    (
        "CT033",
        HUKOU,
        "forms: yyyyMMddHHmmss",
        "forms: yyyyMMddHHmmss|yyyyMMdd",
    ),
    (
        "CT034",
        RESIDENCE,
        "businessTime, value: { from: \"header:business-time\", type: epoch_ms }",
        "businessTime, value: { from: \"header:business-time\", type: integer }",
    ),
    ("CT035", HUKOU, "value: full", "value: whole"),
    ("CT036", INSURANCE, "value: debezium", "value: attunity"),
    (
        "CT037",
        INSURANCE,
        "property: rows, value: one",
        "property: rows, value: many",
    ),
    (
        "CT033",
        INSURANCE,
        "- { from: \"envelope:ts_ms\", type: epoch_ms }",
        "- { from: \"envelope:ts_ms\", type: epoch_s }",
    ),
    (
        "CT037",
        INSURANCE,
        "property: envelope, value: debezium",
        "property: envelope, value: canal",
    ),
    ("CT036", INSURANCE, "format: json", "format: csv"),
    (
        "CT037",
        HUKOU,
        "property: rows, value: one",
        "property: rows, value: some",
    ),
    ("CT038", HUKOU, "format: json", "format: avro"),
    ("CT029", HUKOU, "format: json", "format: xml"),
    (
        "CT029",
        HUKOU,
        "property: rows, value: one",
        "property: recordElement, value: record",
    ),
    ("CT028", HUKOU, "format: json", "format: fixed_width"),
    (
        "CT028",
        HUKOU,
        "{ property: mapsTo, value: person.sex_code, vendor: yidang }",
        "{ property: width, value: 20, vendor: yidang }",
    ),
    (
        "CT038",
        HUKOU,
        "servers:\n",
        "servers:\n  - { server: old, type: kafka, host: h, format: json, encoding: GBK }\n",
    ),
    ("CT038", HUKOU, "encoding: UTF-8", "encoding: GB2312"),
    ("CT039", HUKOU, "tombstone: delete", "tombstone: remove"),
    ("CT039", HUKOU, "delete: [D]", "delete: []"),
    (
        "CT039",
        INSURANCE,
        "tombstone: control",
        "tombstone: delete",
    ),
    ("CT040", HUKOU, "kind: person", "kind: persons"),
    ("CT041", HUKOU, "class: resident_id", "class: resident"),
    ("CT041", MEDINS, ", typeField: psn_cert_type", ""),
    (
        "CT042",
        HUKOU,
        "value: person.sex_code",
        "value: enterprise.status",
    ),
    (
        "CT043",
        RESIDENCE,
        "class: resident_id",
        "class: registration_number",
    ),
    (
        "CT044",
        HUKOU,
        "- kind: person\n            identifiers:",
        "- kind: person\n            each: HH\n            identifiers:",
    ),
    (
        "CT045",
        HUKOU,
        "property: mode, value: full",
        "property: mode, value: snapshot",
    ),
    (
        "CT045",
        HUKOU,
        "      - { property: envelope,",
        "      - { property: snapshot, value: { maxShrink: 0.2 }, vendor: yidang }\n      - { property: envelope,",
    ),
    (
        "CT046",
        HUKOU,
        "      - { property: envelope,",
        "      - { property: horizon, value: { field: CSRQ, months: 13 }, vendor: yidang }\n      - { property: envelope,",
    ),
    (
        "CT047",
        HUKOU,
        "          - { property: kept, value: true, vendor: yidang, description: No column of the person file holds it. }\n",
        "          - { property: unit, value: none, vendor: somebody-else }\n",
    ),
    (
        "CT047",
        HUKOU,
        "          - { property: mapsTo, value: person.sex_code, vendor: yidang }\n",
        "          - { property: mapsTo, value: person.sex_code, vendor: yidang }\n          - { property: kept, value: true, vendor: yidang }\n",
    ),
    (
        "CT048",
        "contracts/sw/taxpayer.odcs.yaml",
        "    properties:\n",
        "    properties:\n      - { name: nsrsbh, logicalType: string, classification: public }\n    tags:\n",
    ),
    (
        "CT050",
        HUKOU,
        "value: person.sex_code",
        "value: person.sex",
    ),
    (
        "CT050",
        HUKOU,
        "value: person.sex_code",
        "value: people.sex_code",
    ),
    (
        "CT051",
        HUKOU,
        "transform: person_name",
        "transform: personname",
    ),
    ("CT051", HUKOU, ", class: HOUSEHOLD", ""),
    ("CT051", INSURANCE, ", unit: fen", ""),
    (
        "CT052",
        HUKOU,
        "value: person.sex_code",
        "value: person.birth_date",
    ),
    (
        "CT052",
        HUKOU,
        "to: person.name, transform: person_name",
        "to: person.name, transform: uscc",
    ),
    ("CT053", HUKOU, "sex@2003", "sex@2004"),
    (
        "CT053",
        HUKOU,
        "{ property: mapsTo, value: person.hukou_status, vendor: yidang }",
        "{ property: mapsTo, value: person.hukou_status, vendor: yidang }\n          - { property: codeSet, value: \"sex@2003\", vendor: yidang }",
    ),
    (
        "CT054",
        HUKOU,
        "{ field: ZXYY, in: [死亡] }",
        "{ field: ZXYY }",
    ),
    ("CT054", HUKOU, "in: [死亡]", "in: [true]"),
    ("CT054", HUKOU, "in: [死亡]", "in: [~]"),
    (
        "CT055",
        TAXPAYER,
        "      - property: subjects",
        "      - property: constants\n        vendor: yidang\n        value:\n          - { to: enterprise.est_date, value: \"2026-01-01\" }\n      - property: subjects",
    ),
    (
        "CT056",
        HUKOU,
        "value: person.marital_code",
        "value: person.ethnic_code",
    ),
    (
        "CT057",
        HUKOU,
        "value: person.sex_code",
        "value: person.hukou_status",
    ),
    (
        "CT058",
        HUKOU,
        "{ to: person.id_no, transform: person_identifier }",
        "{ to: person.id_no, transform: person_identifier, subject: twin }",
    ),
    ("CT060", HUKOU, "check: placeholder", "check: filler"),
    ("CT061", HUKOU, "value: quarantine", "value: hold"),
    ("CT061", HUKOU, "severity: minor", "severity: small"),
    (
        "CT061",
        HUKOU,
        ", customProperties: [ { property: action, value: flag, vendor: yidang } ]",
        "",
    ),
    (
        "CT062",
        HUKOU,
        "{ type: custom, engine: yidang, implementation: { check: placeholder }",
        "{ id: auto:key, type: custom, engine: yidang, implementation: { check: placeholder }",
    ),
    (
        "CT063",
        HUKOU,
        "{ type: custom, engine: yidang, implementation: { check: placeholder }",
        "{ metric: nullValues, mustBe: 0",
    ),
    (
        "CT063",
        HUKOU,
        "    properties:\n      - name: GMSFHM",
        "    quality:\n      - { metric: rowCount, mustBe: 0 }\n    properties:\n      - name: GMSFHM",
    ),
    (
        "CT063",
        HUKOU,
        "{ format: yyyyMMdd|yyyy-MM-dd }",
        "{ format: yyyyMMdd|yyyy-MM-dd, multipleOf: 2 }",
    ),
    ("CT064", HUKOU, "check: placeholder", "check: not_future"),
    ("CT064", HUKOU, "check: placeholder", "check: length"),
    (
        "CT065",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: now() > CSRQ }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT065",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: GMSFHM IN (SELECT 1) }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT065",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: length(GMSFHM }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT031",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: GMSFH IS NOT NULL }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT066",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: CSRQ > '2026-01-31' AND GMSFHM <> '' }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT067",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: GMSFHM IS NOT NULL, fields: [GMSFHM, XM] }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT067",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { predicate: XM IS NOT NULL }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT068",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { check: unique_in_feed }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT069",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { check: placeholder }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang }, { property: indicator, value: \"0107\", vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT064",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { check: date_order, fields: [CSRQ] }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT064",
        HUKOU,
        "classification: personal",
        "quality:\n          - { id: r, type: custom, engine: yidang, implementation: { check: geo_in_city, fields: [GMSFHM, XM] }, dimension: conformity, severity: minor, customProperties: [ { property: action, value: flag, vendor: yidang } ] }\n        classification: personal",
    ),
    (
        "CT070",
        "authority.yaml",
        "employer_uscc: [rs.insurance]",
        "employer_uscc: [rs.insurances]",
    ),
    ("CT071", "authority.yaml", "employer_uscc:", "employer:"),
    ("CT071", "authority.yaml", "person:\n", "people:\n"),
    (
        "CT072",
        RESIDENCE,
        "{ property: mapsTo, value: person.residence_until, vendor: yidang }",
        "{ property: mapsTo, value: person.birth_date, vendor: yidang }\n          - { property: authorityClaim, value: 1, vendor: yidang }",
    ),
    (
        "CT072",
        HUKOU,
        "{ property: mapsTo, value: person.sex_code, vendor: yidang }",
        "{ property: mapsTo, value: person.sex_code, vendor: yidang }\n          - { property: authorityClaim, value: 0, vendor: yidang }",
    ),
    ("CT080", PERSON, "- name: birth_date", "- name: sex_code"),
    ("CT080", PERSON, "{ name: system,", "{ name: code,"),
    (
        "CT080",
        PERSON,
        ", customProperties: [ { property: platform, value: source, vendor: yidang } ]",
        "",
    ),
    ("CT081", PERSON, "logicalType: date", "logicalType: time"),
    ("CT082", PERSON, "value: L2", "value: L9"),
    ("CT083", PERSON, "value: [kind]", "value: [sort]"),
    ("CT083", PERSON, "value: [kind]", "value: []"),
    (
        "CT083",
        PERSON,
        "rankBy, value: residence_since",
        "rankBy, value: residence_from",
    ),
    (
        "CT083",
        PERSON,
        "identifierSex, value: sex_code",
        "identifierSex, value: sex",
    ),
    ("CT084", PERSON, "value: subject_id", "value: subject"),
    ("CT084", PERSON, "value: token", "value: subject_id"),
    ("CT084", PERSON, "value: source", "value: sources"),
    (
        "CT085",
        PERSON,
        "property: kind, value: person",
        "property: kind, value: enterprise",
    ),
    (
        "CT086",
        PERSON,
        "          - { property: platform, value: completeness, vendor: yidang }\n",
        "",
    ),
    (
        "CT087",
        PERSON,
        "{ notAfter: death_date, part: social_insurance.last_month }",
        "{ notAfter: life_status, part: social_insurance.last_month }",
    ),
    (
        "CT087",
        PERSON,
        "event: marriage_events.kind",
        "event: sex_code",
    ),
    ("CT090", "codes/sex.csv", "# sex@2003", "# sexes@2003"),
    (
        "CT090",
        "codes/sex.csv",
        "code,label,canonical",
        "code,canonical",
    ),
    ("CT091", "codes/sex.csv", "2,女,2", "1,女,2"),
    (
        "CT091",
        HUKOU,
        "value: \"1\", label: 注销",
        "value: \"0\", label: 注销",
    ),
    (
        "CT095",
        "divisions/counties.csv",
        "# counties@",
        "# county@",
    ),
    ("CT096", "divisions/counties.csv", "350203,", "35020,"),
    ("CT097", "divisions/successors.csv", ",350211", ",350204"),
];

fn files() -> BTreeMap<String, String> {
    Bundle::embedded().unwrap().files
}

fn problems_of(case: &Case) -> Vec<Problem> {
    let (_, file, from, to) = case;
    let mut files = files();
    if from.is_empty() {
        files.remove(*file);
    } else {
        let text = files.get_mut(*file).unwrap();
        assert!(text.contains(from), "{file} does not contain {from:?}");
        *text = text.replacen(from, to, 1);
    }
    match Bundle::of_files(files) {
        Ok(bundle) => Catalog::checked(&bundle).err().unwrap_or_default(),
        Err(problems) => problems,
    }
}

#[test]
fn every_mistake_is_found_under_its_code_in_its_file() {
    for case in CASES {
        let (code, file, from, to) = case;
        let problems = problems_of(case);
        let found = problems
            .iter()
            .any(|problem| problem.code.0 == *code && problem.file == *file);
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(
            found,
            "{code}: {from:?} -> {to:?} in {file} gives\n{}",
            told.join("\n")
        );
    }
}

#[test]
fn every_problem_has_a_place_a_next_step_and_an_explanation() {
    for problem in CASES.iter().flat_map(problems_of) {
        assert!(!problem.help.is_empty(), "{problem}");
        assert!(
            !Problem::title(problem.code.0, Language::English).is_empty(),
            "{problem}"
        );
        assert!(!problem.sentence.ends_with('.'), "{problem}");
        let whole_file = ["CT006", "CT085", "CT090", "CT091"];
        let placed = problem.spot.line > 0 || whole_file.contains(&problem.code.0);
        assert!(placed, "{problem}");
    }
}

#[test]
fn every_code_has_a_broken_copy() {
    let tested: BTreeSet<_> = CASES.iter().map(|(code, ..)| *code).collect();
    let known: BTreeSet<_> = Problem::codes().collect();
    assert_eq!(tested, known);
}

#[test]
fn one_mistake_does_not_hide_another() {
    let mut files = files();
    for (file, from, to) in [
        (HUKOU, "value: person.sex_code", "value: person.sex"),
        (HUKOU, "classification: internal", "classification: secret"),
        (RESIDENCE, "value: full", "value: whole"),
        ("codes/sex.csv", "2,女,2", "1,女,2"),
    ] {
        let text = files.get_mut(file).unwrap();
        *text = text.replacen(from, to, 1);
    }
    let bundle = Bundle::of_files(files).unwrap();
    let problems = Catalog::from_bundle(&bundle).unwrap_err();
    let found: Vec<_> = problems.iter().map(|problem| problem.code.0).collect();
    assert_eq!(found, ["CT091", "CT050", "CT024", "CT035"]);
}

#[test]
fn a_matrix_that_is_no_map_is_told_of() {
    for (text, line) in [
        ("rulesVersion: 1\nenterprise: {}\nperson: [ga.hukou]\n", 3),
        ("- rulesVersion: 1\n- person: {}\n", 1),
    ] {
        let mut files = files();
        files.insert("authority.yaml".to_owned(), text.to_owned());
        let bundle = Bundle::of_files(files).unwrap();
        let problems = Catalog::from_bundle(&bundle).unwrap_err();
        let found = problems.iter().any(|problem| {
            (problem.code.0, problem.spot.line, problem.file.as_str())
                == ("CT003", line, "authority.yaml")
        });
        assert!(found, "{problems:?}");
    }
}

#[test]
fn a_bundle_in_use_is_not_refused_for_a_field_that_nothing_uses() {
    let mut files = files();
    let text = files.get_mut(HUKOU).unwrap();
    *text = text.replacen(
        "property: kept, value: true, vendor: yidang",
        "property: kept, value: true",
        1,
    );
    *text = text.replacen("property: kept", "property: aside", 1);
    let bundle = Bundle::of_files(files).unwrap();
    let problems = Catalog::checked(&bundle).unwrap_err();
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.code.0)
            .collect::<Vec<_>>(),
        ["CT047"]
    );
    let _in_use = Catalog::from_bundle(&bundle).unwrap();
}

#[test]
fn a_stored_bundle_that_changed_is_refused() {
    let mut bundle = Bundle::embedded().unwrap();
    bundle.files.get_mut("bundle.yaml").unwrap().push('\n');
    let problems = Catalog::from_bundle(&bundle).unwrap_err();
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.code.0)
            .collect::<Vec<_>>(),
        ["CT006"]
    );
}

#[test]
fn a_misspelt_property_is_shown_at_its_place_with_the_right_name() {
    let problems = problems_of(&("", HUKOU, "value: [GMSFHM]", "value: [GMSFH]"));
    let told = problems
        .iter()
        .find(|problem| problem.code.0 == "CT031")
        .unwrap()
        .to_string();
    let expected = "error[CT031]: no property named 'GMSFH'\n   ╭─[contracts/ga/hukou.odcs.yaml:26:40]\n\
        26 │       - { property: recordKey, value: [GMSFH], vendor: yidang }\n   \
        ·                                        ─────\n   ╰────\n  help: use 'GMSFHM'\n  more: yidang contract explain CT031";
    assert_eq!(told, expected);
}
