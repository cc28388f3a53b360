//! What the data files that come with the program say.

use super::super::*;
use super::embedded;
use crate::codes::folded;
use crate::contract::{Envelope, Mode, Order, Reading, Rows, Tombstone};
use crate::dossier::{PlatformColumn, Shape};
use crate::field::Classification;
use crate::rule::{Action, Check, Severity};

fn contract<'c>(catalog: &'c Catalog, id: &str) -> &'c Contract {
    catalog.feed(catalog.feed_of_id(id).unwrap()).unwrap()
}

fn rule_action(contract: &Contract, id: &str) -> Option<Action> {
    contract
        .rule_index(id)
        .map(|index| contract.rules[index].action)
}

#[test]
fn the_folder_and_the_embedded_files_are_the_same_catalog() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(Catalog::load(folder).unwrap(), embedded());
    assert!(Catalog::lint(folder).is_empty());
}

#[test]
fn feeds_and_dossiers_stand_in_name_order() {
    let catalog = embedded();
    let feeds: Vec<_> = catalog.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let wanted = [
        "fy.dishonest",
        "ga.hukou",
        "ga.residence",
        "gjj.account",
        "gy.utility",
        "jy.enrol",
        "mz.assist",
        "mz.marriage",
        "rs.insurance",
        "scjg.penalty",
        "scjg.register",
        "sw.taxpayer",
        "wj.birth",
        "wj.death",
        "yb.medins",
        "yimin.hmt",
        "zj.lease",
        "zr.realestate",
    ];
    assert_eq!(feeds, wanted);
    assert_eq!(catalog.kind_of_name("enterprise"), Some(0));
    assert_eq!(catalog.kind_of_name("person"), Some(1));
    assert_eq!(catalog.feed_of_topic("src.wj.death.v1"), Some(13));
    assert_eq!(catalog.feed_of_topic("src.wj.death.v2"), None);
    let sending: Vec<_> = catalog
        .sending_agencies()
        .map(|agency| agency.slug.as_str())
        .collect();
    assert_eq!(
        sending,
        [
            "fy", "ga", "gjj", "gy", "jy", "mz", "rs", "scjg", "sw", "wj", "yb", "yimin", "zj",
            "zr"
        ]
    );
}

#[test]
fn both_files_have_their_tables_and_classes() {
    let catalog = embedded();
    let person = catalog.dossier(1).unwrap();
    assert_eq!(
        (person.table.as_str(), person.observation_table.as_str()),
        ("person_file", "observation_person")
    );
    let enterprise = catalog.dossier(0).unwrap();
    assert_eq!(person.class_rank("RIC"), Some(0));
    assert!(enterprise.classes.last().unwrap().weak);
    assert_eq!(
        person.columns[0].shape,
        Shape::Platform(PlatformColumn::SubjectId)
    );
}

#[test]
fn the_current_stay_is_ranked_and_ended_by_its_own_dates() {
    let catalog = embedded();
    let person = catalog.dossier(1).unwrap();
    for name in [
        "residence_kind",
        "residence_address",
        "residence_division",
        "residence_since",
    ] {
        let column = person
            .columns
            .iter()
            .find(|column| column.name == name)
            .unwrap();
        assert_eq!(
            column.rank_by,
            person.by_name.get("residence_since").copied(),
            "{name}"
        );
        assert_eq!(
            column.ended_by,
            person.by_name.get("residence_until").copied(),
            "{name}"
        );
    }
    let until = person
        .columns
        .iter()
        .find(|column| column.name == "residence_until")
        .unwrap();
    assert!(until.internal && !until.contested);
}

/// The log of a table is read by whoever may list it: nothing of a person stands there, not even as a least value.
#[test]
fn no_column_that_a_personal_field_fills_has_statistics() {
    let catalog = embedded();
    let mut shown = 0;
    for feed in &catalog.feeds {
        for mapping in &feed.mappings {
            let dossier = catalog.dossier(mapping.target.kind).unwrap();
            let leaf = &dossier.leaves[usize::from(mapping.target.leaf)];
            let column = &dossier.columns[leaf.column];
            let field = &feed.fields[mapping.field];
            if column.statistics {
                shown += 1;
                let open = field.classification <= Classification::Internal;
                assert!(open, "{}: {} fills {}", feed.id, field.name, column.name);
                assert!(
                    ["L1", "L2"].contains(&column.level.as_str()),
                    "{}",
                    column.name
                );
            }
        }
    }
    assert!(shown > 8, "{shown}");
}

#[test]
fn severities_follow_the_key_and_the_critical_elements() {
    let catalog = embedded();
    let severity = |feed: &str, rule: &str| {
        let feed = contract(&catalog, feed);
        let index = feed.rule_index(rule).unwrap_or_else(|| panic!("{rule}"));
        (feed.rules[index].severity, feed.rules[index].action)
    };
    use Severity::{Critical, Major, Minor};
    for (feed, rule, wanted) in [
        (
            "ga.hukou",
            "auto:GMSFHM:resident_id",
            (Critical, Action::Reject),
        ),
        ("ga.hukou", "auto:XM:required", (Major, Action::Flag)),
        ("ga.hukou", "auto:XB:id_sex", (Major, Action::Flag)),
        ("ga.hukou", "auto:MZ:codeset", (Minor, Action::Flag)),
        ("ga.hukou", "auto:HH:type", (Minor, Action::Reject)),
        (
            "ga.hukou",
            "auto:GXSJ:not_future",
            (Critical, Action::Quarantine),
        ),
        (
            "rs.insurance",
            "auto:aae140:codeset",
            (Critical, Action::Quarantine),
        ),
        (
            "rs.insurance",
            "auto:aac002:resident_id",
            (Critical, Action::Reject),
        ),
        ("rs.insurance", "auto:aab998:uscc", (Minor, Action::Flag)),
        (
            "yb.medins",
            "auto:psn_cert_type:codeset",
            (Critical, Action::Quarantine),
        ),
        (
            "scjg.register",
            "auto:REGSTATE:required",
            (Major, Action::Flag),
        ),
        (
            "scjg.register",
            "auto:INDUSTRYCO:readable",
            (Minor, Action::Flag),
        ),
    ] {
        assert_eq!(severity(feed, rule), wanted, "{feed} {rule}");
    }
}

#[test]
fn code_lists_hold_what_sources_send() {
    let catalog = embedded();
    let code = |feed: &str, field: &str, sent: &str| {
        let feed = contract(&catalog, feed);
        let field = &feed.fields[feed.field_index(field).unwrap()];
        let codes = field.codes.as_ref().unwrap();
        codes.get(&folded(sent)).map(str::to_owned)
    };
    for (feed, field, sent, wanted) in [
        ("ga.hukou", "YHZGX", "0", "01"),
        ("ga.hukou", "YHZGX", "8", "80"),
        ("ga.hukou", "YHZGX", "38", "38"),
        ("ga.hukou", "YHZGX", "99", "99"),
        ("scjg.register", "REGCAPCUR", "978", "EUR"),
        ("scjg.register", "REGCAPCUR", "日元", "JPY"),
        ("scjg.register", "ENTTYPE", "5150", "5150"),
        (
            "scjg.register",
            "ENTTYPE",
            "有限责任公司（自然人独资）",
            "1151",
        ),
        ("scjg.register", "REGSTATE", "在业", "ACTIVE"),
        (
            "scjg.register",
            "REGSTATE",
            "存续（在营、开业、在册）",
            "ACTIVE",
        ),
        ("scjg.register", "REGSTATE", "吊销，未注销", "REVOKED"),
        ("scjg.register", "REGSTATE", "吊销已注销", "REVOKED_DEREG"),
        ("rs.insurance", "aae140", "170", "PENSION_RESIDENT"),
    ] {
        assert_eq!(
            code(feed, field, sent).as_deref(),
            Some(wanted),
            "{field} {sent}"
        );
    }
}

#[test]
fn frames_follow_the_table_of_orders_modes_and_removals() {
    let catalog = embedded();
    let insurance = contract(&catalog, "rs.insurance");
    assert_eq!(insurance.envelope, Envelope::Debezium);
    assert_eq!(insurance.removal.tombstone, Tombstone::Control);
    let penalty = contract(&catalog, "scjg.penalty");
    assert_eq!((penalty.rows, &penalty.order), (Rows::Many, &Order::Log));
    assert_eq!(contract(&catalog, "yb.medins").mode, Mode::Patch);
    let taxpayer = contract(&catalog, "sw.taxpayer");
    assert!(matches!(
        taxpayer.business_time.reading,
        Reading::Time { day: true, .. }
    ));
    let hukou = contract(&catalog, "ga.hukou");
    assert!(matches!(
        hukou.business_time.reading,
        Reading::Time { day: false, .. }
    ));
    let required: Vec<_> = catalog
        .feeds
        .iter()
        .filter(|feed| feed.business_time_required)
        .collect();
    assert_eq!(
        required
            .iter()
            .map(|feed| feed.id.as_str())
            .collect::<Vec<_>>(),
        ["wj.death"]
    );
}

#[test]
fn declared_properties_give_the_rules_of_the_profile() {
    let catalog = embedded();
    let hukou = contract(&catalog, "ga.hukou");
    for (id, action) in [
        ("auto:parse", Action::Reject),
        ("auto:key", Action::Reject),
        ("auto:order", Action::Quarantine),
        ("auto:subject", Action::Quarantine),
        ("auto:corrects", Action::Observe),
        ("auto:platform", Action::Quarantine),
        ("auto:GMSFHM:resident_id", Action::Reject),
        ("auto:XM:required", Action::Flag),
        ("auto:XM:pattern", Action::Flag),
        ("auto:XM:placeholder", Action::Flag),
        ("auto:XM:readable", Action::Flag),
        ("auto:XB:codeset", Action::Flag),
        ("auto:XB:id_sex", Action::Flag),
        ("auto:CSRQ:id_birth", Action::Flag),
        ("auto:CSRQ:not_future", Action::Quarantine),
        ("auto:GXSJ:not_future", Action::Quarantine),
        ("auto:ZXBS:enum", Action::Flag),
        ("auto:ZXYY:type", Action::Reject),
    ] {
        assert_eq!(rule_action(hukou, id), Some(action), "{id}");
    }
    assert_eq!(rule_action(hukou, "auto:CSZMBH:type"), None);
    assert_eq!(
        rule_action(contract(&catalog, "scjg.penalty"), "auto:subject"),
        Some(Action::Observe)
    );
    assert_eq!(
        rule_action(contract(&catalog, "scjg.penalty"), "auto:order"),
        None
    );
    let insurance = contract(&catalog, "rs.insurance");
    assert_eq!(
        rule_action(insurance, "auto:ts_ms:not_future"),
        Some(Action::Quarantine)
    );
    assert_eq!(
        rule_action(insurance, "auto:aae140:codeset"),
        Some(Action::Quarantine)
    );
    assert_eq!(
        rule_action(insurance, "auto:aab998:uscc"),
        Some(Action::Flag)
    );
    let medins = contract(&catalog, "yb.medins");
    assert_eq!(rule_action(medins, "auto:subject"), None);
    assert_eq!(
        rule_action(medins, "auto:psn_cert_type:codeset"),
        Some(Action::Quarantine)
    );
    let register = contract(&catalog, "scjg.register");
    assert_eq!(
        rule_action(register, "auto:business-time:not_future"),
        Some(Action::Quarantine)
    );
    assert_eq!(
        rule_action(register, "auto:INDUSTRYCO:readable"),
        Some(Action::Flag)
    );
}

#[test]
fn the_cause_of_a_death_is_read_by_nothing() {
    let catalog = embedded();
    let death = contract(&catalog, "wj.death");
    let cause = death.field_index("cause").unwrap();
    assert!(death.rules.iter().all(|rule| rule.field != Some(cause)));
    assert!(death.mappings.iter().all(|mapping| mapping.field != cause));
}

#[test]
fn a_fingerprint_changes_with_the_codes_and_not_with_the_titles() {
    let fingerprint = |file: &str, from: &str, to: &str| {
        let mut files = Bundle::embedded().unwrap().files;
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from));
        *text = text.replacen(from, to, 1);
        let catalog = Catalog::from_bundle(&Bundle::of_files(files).unwrap()).unwrap();
        let hukou = contract(&catalog, "ga.hukou");
        let rule = hukou
            .rules
            .iter()
            .find(|rule| rule.check == Check::CodeSet)
            .unwrap();
        (rule.fingerprint.clone(), hukou.ruleset_fingerprint.clone())
    };
    let before = fingerprint("bundle.yaml", "generation: 1", "generation: 2");
    assert_eq!(before.0.len(), 16);
    assert_eq!(
        before,
        fingerprint(
            "contracts/ga/hukou.odcs.yaml",
            "businessName: 性别",
            "businessName: 男女"
        )
    );
    let after = fingerprint("codes/sex.csv", "9,未说明,9", "9,未说明,0");
    assert!(before.0 != after.0 && before.1 != after.1);
}

#[test]
fn a_bundle_survives_being_stored_as_json() {
    let bundle = Bundle::embedded().unwrap();
    let text = serde_json::to_string(&bundle).unwrap();
    let back: Bundle = serde_json::from_str(&text).unwrap();
    assert_eq!(Catalog::from_bundle(&back).unwrap(), embedded());
}
