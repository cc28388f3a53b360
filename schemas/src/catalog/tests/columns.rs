//! The columns of both files, by the numbers that the list of columns gives them, and who fills them.

use std::collections::BTreeSet;

use super::super::*;
use super::embedded;
use crate::dossier::{PlatformColumn, Shape};

/// Number and columns; several numbers hold two columns or more. Number 0: no number of its own.
const PERSON: &[(u8, &str)] = &[
    (1, "person_id"),
    (2, "id_type"),
    (3, "id_no"),
    (4, "id_token"),
    (5, "id_status"),
    (6, "other_ids"),
    (7, "name"),
    (8, "name_raw"),
    (9, "former_names"),
    (10, "foreign_name"),
    (11, "sex_code"),
    (12, "birth_date"),
    (13, "ethnic_code"),
    (14, "nationality"),
    (15, "native_place_code"),
    (16, "hukou_status"),
    (17, "household_token"),
    (18, "household_relation"),
    (19, "hukou_address"),
    (20, "hukou_division"),
    (21, "residence_kind"),
    (22, "residence_permit"),
    (23, "residence_address"),
    (24, "residence_division"),
    (25, "residence_since"),
    (26, "grid_code"),
    (27, "marital_code"),
    (28, "marriage_events"),
    (29, "birth_cert_no"),
    (30, "parents"),
    (31, "education_code"),
    (32, "degree_code"),
    (33, "enrolment"),
    (34, "employment_status"),
    (35, "employer_uscc"),
    (36, "social_insurance"),
    (37, "pension"),
    (38, "unemployment"),
    (39, "talent_certs"),
    (40, "medical_insurance"),
    (41, "chronic_flags"),
    (42, "vaccination_last"),
    (43, "housing_fund"),
    (44, "properties"),
    (45, "leases"),
    (46, "public_housing"),
    (47, "disability"),
    (48, "assistance"),
    (49, "veteran"),
    (50, "elder_benefits"),
    (51, "dishonest"),
    (52, "penalties"),
    (53, "credit_level"),
    (54, "driving_licence"),
    (55, "vehicles"),
    (56, "phones"),
    (57, "life_status"),
    (58, "death_date"),
    (59, "death_evidence"),
    (60, "provenance"),
    (61, "conflicts"),
    (62, "disputed"),
    (63, "completeness"),
    (64, "restriction"),
    (65, "merged_into split_from"),
    (0, "rules_version"),
    (
        66,
        "record_version first_seen_at last_business_time updated_at",
    ),
];
const ENTERPRISE: &[(u8, &str)] = &[
    (1, "ent_id"),
    (2, "uscc"),
    (3, "org_code"),
    (4, "reg_no"),
    (5, "former_ids"),
    (6, "name"),
    (7, "former_names"),
    (8, "org_category"),
    (9, "entity_type"),
    (10, "economic_type"),
    (11, "status"),
    (12, "status_date"),
    (13, "status_reason"),
    (14, "est_date"),
    (15, "approved_date"),
    (16, "term_from term_to"),
    (17, "capital"),
    (18, "paid_in"),
    (19, "reg_authority"),
    (20, "division"),
    (21, "address"),
    (22, "biz_address biz_division"),
    (23, "scope"),
    (24, "industry_class industry_section"),
    (25, "parent_uscc"),
    (26, "filing_contact"),
    (27, "legal_rep_name"),
    (28, "legal_rep_person"),
    (29, "legal_rep_id"),
    (30, "shareholders"),
    (31, "officers"),
    (32, "branches"),
    (33, "changes"),
    (34, "licences"),
    (35, "qualifications"),
    (36, "e_certs"),
    (37, "penalties"),
    (38, "inspections"),
    (39, "abnormal"),
    (40, "serious_illegal"),
    (41, "annual_report"),
    (42, "tax_status"),
    (43, "taxpayer_kind"),
    (44, "tax_credit"),
    (45, "tax_arrears"),
    (46, "tax_band"),
    (47, "insured_count"),
    (48, "si_status"),
    (49, "housing_fund"),
    (50, "utilities"),
    (51, "customs"),
    (52, "ip_counts"),
    (53, "tech_titles"),
    (54, "land"),
    (55, "dishonest"),
    (56, "credit_eval"),
    (57, "bankruptcy"),
    (58, "benefits"),
    (59, "provenance conflicts disputed completeness restriction"),
    (60, "merged_into"),
    (0, "rules_version"),
    (
        60,
        "record_version first_seen_at last_business_time updated_at",
    ),
];
/// Columns that no feed fills yet: they are there and null. Whoever fills one takes it out.
const PERSON_EMPTY: &str = "id_status former_names native_place_code residence_permit grid_code education_code degree_code \
    employment_status pension unemployment talent_certs chronic_flags vaccination_last public_housing disability \
    veteran elder_benefits penalties credit_level driving_licence vehicles";
const ENTERPRISE_EMPTY: &str = "former_ids former_names economic_type status_date status_reason approved_date term_from term_to \
    paid_in biz_address biz_division scope parent_uscc filing_contact legal_rep_person legal_rep_id shareholders officers \
    branches changes licences qualifications e_certs inspections abnormal serious_illegal annual_report tax_arrears \
    tax_band insured_count si_status housing_fund customs ip_counts tech_titles credit_eval bankruptcy benefits";

/// By column of a dossier: the feeds that fill it.
fn sources(catalog: &Catalog, kind: usize) -> BTreeMap<&str, BTreeSet<&str>> {
    let dossier = &catalog.dossiers[kind];
    let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for feed in &catalog.feeds {
        let mapped = feed.mappings.iter().map(|mapping| mapping.target);
        let targets = mapped.chain(feed.constants.iter().map(|constant| constant.target));
        for target in targets.filter(|target| usize::from(target.kind) == kind) {
            let column = &dossier.columns[dossier.leaves[usize::from(target.leaf)].column];
            sources.entry(&column.name).or_default().insert(&feed.id);
        }
    }
    sources
}

#[test]
fn both_files_have_all_their_numbered_columns_in_order() {
    let catalog = embedded();
    for (kind, numbered, highest) in [(1, PERSON, 66), (0, ENTERPRISE, 60)] {
        let numbers: BTreeSet<u8> = numbered.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (0..=highest).collect());
        let dossier = catalog.dossier(kind).unwrap();
        let columns = dossier.columns.iter().filter(|column| !column.internal);
        let columns: Vec<_> = columns.map(|column| column.name.as_str()).collect();
        let wanted = numbered
            .iter()
            .flat_map(|(_, names)| names.split_whitespace());
        assert_eq!(columns, wanted.collect::<Vec<_>>());
        for column in &dossier.columns {
            let has_words = !column.title_zh.is_empty() && !column.description.is_empty();
            assert!(has_words, "{}.{}", dossier.name, column.name);
        }
    }
}

#[test]
fn what_a_feed_fills_has_an_authority_and_the_rest_is_known_to_be_empty() {
    let catalog = embedded();
    for (kind, empty) in [(1, PERSON_EMPTY), (0, ENTERPRISE_EMPTY)] {
        let dossier = &catalog.dossiers[kind];
        let filled = sources(&catalog, kind);
        let facts = dossier.columns.iter();
        let facts = facts.filter(|column| !matches!(column.shape, Shape::Platform(_)));
        let unfilled = facts.filter(|column| !filled.contains_key(column.name.as_str()));
        let unfilled: BTreeSet<_> = unfilled.map(|column| column.name.as_str()).collect();
        assert_eq!(unfilled, empty.split_whitespace().collect());
        for (column, feeds) in &filled {
            let key = format!("{}.{column}", dossier.name);
            let ranked = catalog.authority.columns.get(&key);
            let ranked = ranked.unwrap_or_else(|| panic!("{key} has no authority"));
            let named: BTreeSet<_> = ranked.iter().map(String::as_str).collect();
            assert!(feeds.is_subset(&named), "{key}: {feeds:?} {named:?}");
        }
    }
}

#[test]
fn each_feed_alone_fills_a_column() {
    let catalog = embedded();
    assert_eq!(catalog.feeds.len(), 18);
    let all = [sources(&catalog, 0), sources(&catalog, 1)];
    for feed in &catalog.feeds {
        let mut of_feed = all.iter().flat_map(BTreeMap::values);
        let alone = of_feed.any(|feeds| feeds.len() == 1 && feeds.contains(feed.id.as_str()));
        assert!(alone, "{} fills nothing that no other feed fills", feed.id);
    }
}

#[test]
fn what_the_platform_does_not_fill_yet_says_so() {
    let catalog = embedded();
    for dossier in &catalog.dossiers {
        for column in &dossier.columns {
            let is_later = matches!(
                column.shape,
                Shape::Platform(
                    PlatformColumn::Disputed
                        | PlatformColumn::Restriction
                        | PlatformColumn::MergedInto
                        | PlatformColumn::SplitFrom
                )
            );
            let told = column.description.contains("until") || column.description.contains("yet");
            assert!(!is_later || told, "{}: {}", column.name, column.description);
        }
    }
}
