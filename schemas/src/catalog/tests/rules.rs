//! Rules over several fields: what their fingerprints depend on, which indicator they count for, what they make of types.

use super::super::{Bundle, Catalog};
use crate::contract::Contract;
use crate::indicator::Indicator;
use crate::rule::{Action, Rule};

const FILE: &str = "contracts/wj/death.odcs.yaml";

/// The contract with one rule `r` over its records, and texts of the file put in the place of others.
fn contract_with(implementation: &str, customs: &str, changes: &[(&str, &str)]) -> Contract {
    let mut files = Bundle::embedded().unwrap().files;
    let text = files.get_mut(FILE).unwrap();
    let rule = format!(
        "    quality:\n      - {{ id: r, type: custom, engine: yidang, implementation: {implementation}, dimension: consistency, severity: minor, customProperties: [ {customs} ] }}\n    properties:\n"
    );
    *text = text.replacen("    properties:\n", &rule, 1);
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    let bundle = Bundle::of_files(files).unwrap();
    let catalog = Catalog::from_bundle(&bundle).unwrap_or_else(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    });
    let index = catalog.feed_of_id("wj.death").unwrap();
    catalog.feed(index).unwrap().clone()
}

fn flag() -> &'static str {
    "{ property: action, value: flag, vendor: yidang }"
}

fn rule_of(contract: &Contract) -> &Rule {
    contract.rules.iter().find(|rule| rule.id == "r").unwrap()
}

fn fingerprint(implementation: &str, customs: &str, changes: &[(&str, &str)]) -> String {
    rule_of(&contract_with(implementation, customs, changes))
        .fingerprint
        .clone()
}

#[test]
fn spacing_and_case_of_words_make_no_other_rule() {
    let of = |text: &str| fingerprint(&format!("{{ predicate: \"{text}\" }}"), flag(), &[]);
    let one = of("swzbh IS NULL OR length(idcard) = 18");
    assert_eq!(one, of("swzbh  is null or (LENGTH(idcard)=18.0)"));
    assert_ne!(one, of("swzbh IS NULL OR length(idcard) = 15"));
    assert_ne!(one, of("swzbh IS NULL AND length(idcard) = 18"));
}

#[test]
fn only_another_indicator_makes_another_rule() {
    let check = "{ check: one_of_fields, fields: [swzbh, idcard] }";
    let with = |code: &str| {
        format!(
            "{}, {{ property: indicator, value: \"{code}\", vendor: yidang }}",
            flag()
        )
    };
    let plain = fingerprint(check, flag(), &[]);
    assert_eq!(plain, fingerprint(check, &with("0201"), &[]));
    assert_ne!(plain, fingerprint(check, &with("0104"), &[]));
    let written = contract_with(check, &with("0104"), &[]);
    assert_eq!(rule_of(&written).indicator.code, "0104");
}

#[test]
fn a_fingerprint_depends_on_how_the_fields_are_read() {
    let contract = contract_with(
        "{ check: one_of_fields, fields: [swzbh, idcard] }",
        flag(),
        &[],
    );
    let dates: Vec<_> = contract
        .fields
        .iter()
        .filter(|field| !field.forms.is_empty())
        .collect();
    let date = dates.first().unwrap();
    let predicate = format!("{{ predicate: \"{} IS NULL\" }}", date.name);
    let form = format!("format: {} }}", date.forms);
    let other = format!("format: {}|yyyy/MM/dd }}", date.forms);
    let changed = fingerprint(&predicate, flag(), &[(&form, &other)]);
    assert_ne!(fingerprint(&predicate, flag(), &[]), changed);
}

#[test]
fn a_code_list_counts_with_its_codes() {
    let predicate = "{ predicate: \"code_in('sex@2003', swzbh)\" }";
    let before = fingerprint(predicate, flag(), &[]);
    let mut files = Bundle::embedded().unwrap().files;
    let list = files.get_mut("codes/sex.csv").unwrap();
    *list = list.replacen("9,未说明,9", "8,未说明,9", 1);
    let text = files.get_mut(FILE).unwrap();
    let rule = format!(
        "    quality:\n      - {{ id: r, type: custom, engine: yidang, implementation: {predicate}, dimension: consistency, severity: minor, customProperties: [ {} ] }}\n    properties:\n",
        flag()
    );
    *text = text.replacen("    properties:\n", &rule, 1);
    let catalog = Catalog::from_bundle(&Bundle::of_files(files).unwrap()).unwrap();
    let contract = catalog
        .feed(catalog.feed_of_id("wj.death").unwrap())
        .unwrap();
    assert_ne!(before, rule_of(contract).fingerprint);
}

#[test]
fn every_rule_has_an_indicator_of_the_standard() {
    for feed in &Catalog::embedded().unwrap().feeds {
        for rule in &feed.rules {
            assert!(Indicator::ALL.contains(&rule.indicator), "{}", rule.id);
        }
    }
}

#[test]
fn a_field_that_only_rules_read_is_judged_no_harder_than_they_do() {
    let embedded = Catalog::embedded().unwrap();
    let feed = embedded
        .feed(embedded.feed_of_id("wj.death").unwrap())
        .unwrap();
    let has_rule = |name: &str| {
        feed.rules
            .iter()
            .any(|rule| rule.id == format!("auto:{name}:type"))
    };
    let unread = feed
        .fields
        .iter()
        .find(|field| !has_rule(&field.name))
        .unwrap();
    let predicate = format!(
        "{{ predicate: \"{} IS NULL OR idcard IS NOT NULL\" }}",
        unread.name
    );
    for (name, action) in [
        ("observe", Action::Observe),
        ("flag", Action::Flag),
        ("quarantine", Action::Quarantine),
    ] {
        let customs = format!("{{ property: action, value: {name}, vendor: yidang }}");
        let contract = contract_with(&predicate, &customs, &[]);
        let of_type = |field: &str| {
            let id = format!("auto:{field}:type");
            contract
                .rules
                .iter()
                .find(|rule| rule.id == id)
                .unwrap()
                .action
        };
        assert_eq!(of_type(&unread.name), action);
        assert_eq!(of_type("idcard"), Action::Reject);
    }
}
