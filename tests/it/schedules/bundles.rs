//! Schedules about a bundle that changes under records that were judged before it: a rule that is gone, one that is new, a
//! column that is new.

use std::sync::Arc;

use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_tests::lab::{Lab, Row, same};
use yidang_tests::messages::Message;
use yidang_tests::records::{SIYUAN, START_MS, XIAOMEI, hukou, hukou_with};

const DAY_MS: i64 = 86_400_000;
const HUKOU: &str = "contracts/ga/hukou.odcs.yaml";
const PERSON: &str = "dossiers/person.odcs.yaml";

/// The built-in schemas one generation later: addresses may be placeholders, numbers of birth certificates have a form, and
/// stand on the file.
fn newer() -> Arc<Catalog> {
    let mut files = Bundle::embedded()
        .expect("the built-in schemas compile")
        .files;
    files.insert("bundle.yaml".to_owned(), "generation: 2\n".to_owned());
    let contract = files.get(HUKOU).expect("it is built in");
    let (head, address) = contract
        .split_once("      - name: HKXZ\n")
        .expect("the field of addresses");
    let (address, ruled) = address.split_once("        quality:").expect("its rule");
    let (_, tail) = ruled.split_once("      - name:").expect("the next field");
    let contract = format!("{head}      - name: HKXZ\n{address}      - name:{tail}").replace(
        "        description: Number of the birth certificate\n        logicalType: string\n        classification: personal\n        \
         customProperties:\n          - { property: kept, value: true, vendor: yidang, description: No column of the person file \
         holds it. }\n",
        "        description: Number of the birth certificate\n        logicalType: string\n        \
         logicalTypeOptions: { pattern: '^R[0-9]+$' }\n        classification: personal\n        customProperties:\n          \
         - { property: mapsTo, value: person.birth_certificate, vendor: yidang }\n",
    );
    files.insert(HUKOU.to_owned(), contract);
    let dossier = files.get(PERSON).expect("it is built in");
    let dossier = dossier.replacen(
        "      - name: name_raw\n",
        "      - name: birth_certificate\n        businessName: 出生医学证明编号\n        description: Number of the birth \
         certificate\n        logicalType: string\n        customProperties:\n          - { property: level, value: L3, vendor: \
         yidang }\n      - name: name_raw\n",
        1,
    );
    files.insert(PERSON.to_owned(), dossier);
    let bundle = Bundle::of_files(files).expect("the files are sound");
    Arc::new(Catalog::from_bundle(&bundle).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn without_address(id: &str, seq: u32) -> Message {
    hukou_with(id, "陈思远", seq, r#","HKXZ":"无""#)
}

fn certificate(seq: u32, number: &str) -> Message {
    hukou_with(SIYUAN, "陈思远", seq, &format!(r#","CSZMBH":"{number}""#))
}

fn take_over(lab: Lab) -> Lab {
    Lab::try_start(lab.stop(), newer(), START_MS + 3 * DAY_MS).expect("a newer bundle may lead")
}

fn states(lab: &Lab, rule: &str) -> Vec<String> {
    let of_rule = |row: &Row| row.get("rule_id").is_some_and(|id| id.contains(rule));
    let rows = lab.rows("issue").into_iter().filter(of_rule);
    rows.filter_map(|row| row.get("state").cloned()).collect()
}

#[test]
fn schedule_06_a_pending_epoch_is_done_under_its_own_rules_and_columns() {
    let first = [without_address(SIYUAN, 5), hukou(XIAOMEI, "林晓梅", 6)];
    let pending = [without_address(SIYUAN, 4), without_address(XIAOMEI, 7)];
    let mut whole = Lab::new();
    whole.epoch(&first);
    whole.epoch(&pending);
    let expected = whole.everything();
    assert_eq!(states(&whole, "HKXZ"), ["open", "open"]);

    let mut lab = Lab::new();
    lab.epoch(&first);
    lab.checkpoint();
    lab.land(&pending);
    let mut lab = take_over(lab);
    assert_eq!(lab.recovered.replayed, 1);
    same(&lab.everything(), &expected, "under its own bundle");

    lab.epoch(&[certificate(9, "R1")]);
    let row = lab.person(SIYUAN).expect("he has a row");
    assert_eq!(row.get("birth_certificate").map(String::as_str), Some("R1"));
    let before = lab.everything();
    lab.checkpoint();
    let again = Lab::try_start(lab.stop(), newer(), START_MS + 4 * DAY_MS).expect("it goes on");
    same(&again.everything(), &before, "after a restart");
}

#[test]
fn a_rule_that_came_later_is_passed_by_no_version_that_it_never_judged() {
    for is_restarted in [false, true] {
        let mut lab = Lab::new();
        lab.epoch(&[certificate(5, "X5")]);
        if is_restarted {
            lab.checkpoint();
        }
        let mut lab = take_over(lab);
        lab.epoch(&[certificate(4, "X4")]);
        assert_eq!(states(&lab, "CSZMBH"), ["open"]);
        lab.epoch(&[certificate(6, "R6")]);
        assert_eq!(states(&lab, "CSZMBH"), ["resolved"]);
    }
}
