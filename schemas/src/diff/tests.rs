use std::collections::BTreeMap;

use super::*;
use crate::catalog::Bundle;

const HUKOU: &str = "contracts/ga/hukou.odcs.yaml";
const SEX: &str = "          - { property: mapsTo, value: person.sex_code, vendor: yidang }\n";

/// The embedded catalog with texts of one file replaced.
fn changed(file: &str, edits: &[(&str, &str)]) -> Catalog {
    let mut files: BTreeMap<String, String> = Bundle::embedded().unwrap().files;
    let text = files.get_mut(file).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    Catalog::from_bundle(&Bundle::of_files(files).unwrap()).unwrap_or_else(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}

/// `kind place` of every change that these edits make.
fn told(file: &str, edits: &[(&str, &str)]) -> Vec<String> {
    let old = Catalog::embedded().unwrap();
    let changes = catalogs(&old, &changed(file, edits));
    for change in &changes {
        assert!(!change.sentence.zh.is_empty() && !change.sentence.en.is_empty());
        assert!(!change.sentence.en.ends_with('.'), "{}", change.sentence.en);
    }
    let line = |change: &Change| format!("{} {}", change.kind.name(), change.place);
    changes.iter().map(line).collect()
}

fn hukou(edits: &[(&str, &str)]) -> Vec<String> {
    told(HUKOU, edits)
}

#[test]
fn a_catalog_differs_from_itself_in_nothing() {
    let catalog = Catalog::embedded().unwrap();
    assert_eq!(catalogs(&catalog, &catalog), []);
}

#[test]
fn the_frame_is_breaking() {
    let key = hukou(&[("value: [GMSFHM]", "value: [GMSFHM, HH]")]);
    assert!(key.contains(&"breaking recordKey".to_owned()), "{key:?}");
    assert_eq!(
        hukou(&[("mode, value: full", "mode, value: patch")])[0],
        "breaking mode"
    );
    assert_eq!(
        hukou(&[("encoding: UTF-8", "encoding: GBK")]),
        ["breaking encoding"]
    );
    assert_eq!(
        hukou(&[("rows, value: one", "rows, value: many")]),
        ["breaking rows"]
    );
    assert_eq!(
        hukou(&[("delete: [D]", "delete: [D, X]")]),
        ["breaking removal"]
    );
    let order = hukou(&[("          - { from: \"header:seq\", type: integer }\n", "")]);
    assert_eq!(order, ["breaking order"]);
    let topic = hukou(&[
        ("version: 1.0.0", "version: 2.0.0"),
        ("src.ga.hukou.v1", "src.ga.hukou.v2"),
    ]);
    assert_eq!(topic, ["breaking topic", "neutral version"]);
}

#[test]
fn what_a_field_fills_and_means_is_breaking() {
    assert_eq!(
        hukou(&[(
            "label: 注销, customProperties: [ { property: canonicalCode, value: CANCELLED",
            "label: 注销, customProperties: [ { property: canonicalCode, value: REGISTERED"
        )]),
        ["breaking fields/ZXBS/codes"]
    );
    // Without its mapping nothing reads the field, so its rules go as well.
    assert_eq!(
        hukou(&[(SEX, "")]),
        [
            "breaking fields/XB/person.sex_code",
            "loosening rules/auto:XB:id_sex",
            "loosening rules/auto:XB:type"
        ]
    );
    assert_eq!(
        hukou(&[("transform, value: address", "transform, value: text")]),
        ["breaking fields/HKXZ/person.hukou_address"]
    );
    assert_eq!(
        hukou(&[(
            "in: [死亡] }] }\n          - { to: person.residence_kind",
            "in: [死亡, 亡故] }] }\n          - { to: person.residence_kind"
        )]),
        ["breaking constants/person.life_status"]
    );
}

#[test]
fn a_removed_field_breaks_only_what_it_filled() {
    let mapped = "      - name: MZ\n        businessName: 民族\n        description: Ethnic group\n        logicalType: string\n        \
        classification: personal\n        customProperties:\n          - { property: mapsTo, value: person.ethnic_code, vendor: yidang }\n          \
        - { property: codeSet, value: \"ethnic@1991\", vendor: yidang }\n";
    assert_eq!(hukou(&[(mapped, "")]), ["breaking fields/MZ"]);
    let kept = "      - name: CSZMBH\n        businessName: 出生医学证明编号\n        description: Number of the birth certificate\n        \
        logicalType: string\n        classification: personal\n        customProperties:\n          \
        - { property: kept, value: true, vendor: yidang, description: No column of the person file holds it. }\n";
    assert_eq!(hukou(&[(kept, "")]), ["neutral fields/CSZMBH"]);
}

#[test]
fn a_new_field_tightens_only_where_it_is_required() {
    let field = |more: &str| {
        format!(
            "    properties:\n      - {{ name: NEW, logicalType: string, classification: public{more} }}\n"
        )
    };
    assert_eq!(
        hukou(&[("    properties:\n", &field(""))]),
        ["neutral fields/NEW"]
    );
    assert_eq!(
        hukou(&[("    properties:\n", &field(", required: true"))]),
        ["tightening fields/NEW"]
    );
}

#[test]
fn stricter_and_softer_rules_are_told_apart() {
    let required = (
        "        description: Ethnic group\n",
        "        description: Ethnic group\n        required: true\n",
    );
    assert_eq!(hukou(&[required]), ["tightening rules/auto:MZ:required"]);
    let softer = (
        "severity: critical, customProperties: [ { property: action, value: quarantine",
        "severity: major, customProperties: [ { property: action, value: flag",
    );
    assert_eq!(
        hukou(&[softer]),
        [
            "loosening rules/auto:CSRQ:not_future/action",
            "loosening rules/auto:CSRQ:not_future/severity"
        ]
    );
    assert_eq!(
        hukou(&[(
            "critical, customProperties",
            "critical, id: no-birth-to-come, customProperties"
        )])
        .first()
        .map(String::as_str),
        Some("neutral rules/no-birth-to-come/id")
    );
    let forms = (
        "format: yyyyMMdd|yyyy-MM-dd }",
        "format: yyyyMMdd|yyyy/MM/dd }",
    );
    assert_eq!(
        hukou(&[forms]),
        [
            "tightening fields/CSRQ/forms",
            "loosening fields/CSRQ/forms"
        ]
    );
}

#[test]
fn a_harder_action_and_a_higher_severity_tighten() {
    let from = "severity: critical, customProperties: [ { property: action, value: quarantine";
    let to = "severity: major, customProperties: [ { property: action, value: flag";
    let softer = changed(HUKOU, &[(from, to)]);
    let changes = catalogs(&softer, &Catalog::embedded().unwrap());
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.kind, change.place.as_str()))
        .collect();
    let rule = "rules/auto:CSRQ:not_future";
    let (action, severity) = (format!("{rule}/action"), format!("{rule}/severity"));
    let expected = [
        (Kind::Tightening, action.as_str()),
        (Kind::Tightening, severity.as_str()),
    ];
    assert_eq!(told, expected);
}

#[test]
fn bounds_have_an_order_and_patterns_have_none() {
    let length = |bounds: &str| {
        let to = format!(
            "        description: Household number\n        logicalTypeOptions: {{ {bounds} }}\n"
        );
        changed(HUKOU, &[("        description: Household number\n", &to)])
    };
    let kinds = |old: &Catalog, new: &Catalog| -> Vec<String> {
        let told = |change: Change| format!("{} {}", change.kind.name(), change.place);
        catalogs(old, new).into_iter().map(told).collect()
    };
    let (narrow, wide) = (
        length("minLength: 3, maxLength: 9"),
        length("minLength: 3, maxLength: 12"),
    );
    assert_eq!(
        kinds(&wide, &narrow),
        ["tightening rules/auto:HH:length/check"]
    );
    assert_eq!(
        kinds(&narrow, &wide),
        ["loosening rules/auto:HH:length/check"]
    );
    assert_eq!(
        kinds(&length("pattern: '^a'"), &length("pattern: '^b'")),
        [
            "tightening rules/auto:HH:pattern/check",
            "loosening rules/auto:HH:pattern/check"
        ]
    );
    let later = length("minLength: 10");
    assert_eq!(
        kinds(&length("minLength: 9"), &later),
        ["tightening rules/auto:HH:length/check"],
        "as numbers, not as texts"
    );
}

#[test]
fn a_field_put_in_front_of_others_changes_nothing_else() {
    let text =
        "    properties:\n      - { name: FIRST, logicalType: string, classification: public }\n";
    assert_eq!(
        hukou(&[("    properties:\n", text)]),
        ["neutral fields/FIRST"]
    );
}

#[test]
fn words_for_people_are_neutral() {
    assert_eq!(
        hukou(&[
            ("description: Ethnic group", "description: Nationality"),
            ("businessName: 民族", "businessName: 民族代码")
        ]),
        [
            "neutral fields/MZ/businessName",
            "neutral fields/MZ/description"
        ]
    );
}

#[test]
fn codes_that_go_tighten_and_codes_that_come_do_not() {
    assert_eq!(
        told("codes/sex.csv", &[("2,女,2\n", "")])
            .first()
            .map(String::as_str),
        Some("tightening fields/XB/codes")
    );
    assert!(
        told("codes/sex.csv", &[("2,女,2\n", "2,女,2\nF,女,2\n")])
            .iter()
            .all(|line| line.starts_with("neutral"))
    );
}

#[test]
fn a_classification_may_rise_freely_and_falls_with_leave() {
    assert_eq!(
        hukou(&[("classification: personal", "classification: internal")]),
        ["loosening fields/GMSFHM/classification"]
    );
    assert_eq!(
        hukou(&[("classification: personal", "classification: sensitive")]),
        ["neutral fields/GMSFHM/classification"]
    );
}
