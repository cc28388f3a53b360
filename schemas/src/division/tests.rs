use crate::catalog::Catalog;

use super::{Divisions, Standing, System, village_stem};

fn embedded() -> std::sync::Arc<Divisions> {
    Catalog::embedded().unwrap().divisions
}

#[test]
fn the_two_numberings_of_one_street_differ() {
    let divisions = embedded();
    for (name, mca, nbs) in [
        ("民安街道", "350213003", "350213005"),
        ("凤翔街道", "350213004", "350213004"),
        ("新店街道", "350213005", "350213003"),
        ("金海街道", "350213006", "350213007"),
        ("香山街道", "350213007", "350213006"),
    ] {
        assert_eq!(divisions.township(System::Mca, mca).unwrap().name, name);
        assert_eq!(divisions.township(System::Nbs, nbs).unwrap().name, name);
    }
    assert_eq!(divisions.edition_of(System::Mca), Some("2026.9"));
    assert_eq!(divisions.edition_of(System::Nbs), Some("2023"));
}

#[test]
fn one_numbering_has_units_that_the_other_lacks() {
    let divisions = embedded();
    assert_eq!(divisions.townships(System::Mca).len(), 45);
    assert_eq!(divisions.townships(System::Nbs).len(), 54);
    assert!(divisions.township(System::Mca, "350206405").is_none());
    assert_eq!(divisions.townships_named("火炬高技术开发区").count(), 0);
}

#[test]
fn a_code_has_its_name_of_the_year() {
    let divisions = embedded();
    let names: Vec<&str> = divisions
        .county("350205")
        .iter()
        .map(|county| county.name.as_str())
        .collect();
    assert_eq!(names, ["杏林区", "海沧区"]);
    assert_eq!(divisions.name_today("350205"), Some("海沧区"));
    assert_eq!(divisions.name_today("350204"), None);
}

#[test]
fn a_code_is_valid_of_other_years_or_unknown() {
    let divisions = embedded();
    let standing = |code, year| divisions.standing(code, System::Mca, year);
    assert_eq!(standing("350204", 1975), Standing::Valid);
    assert_eq!(standing("350204", 2003), Standing::Valid);
    assert_eq!(standing("350204", 2010), Standing::OtherYears);
    assert_eq!(standing("350213", 1990), Standing::OtherYears);
    assert_eq!(standing("350213", 2003), Standing::Valid);
    assert_eq!(standing("350207", 2010), Standing::Unknown);
    assert_eq!(standing("", 2010), Standing::Unknown);
    assert_eq!(standing("123", 2010), Standing::Unknown);
}

#[test]
fn townships_are_asked_in_their_own_system() {
    let divisions = embedded();
    let standing = |code, system| divisions.standing(code, system, 2026);
    assert_eq!(standing("350206405", System::Nbs), Standing::Valid);
    assert_eq!(standing("350206405", System::Mca), Standing::Unknown);
    assert_eq!(standing("350203010007", System::Nbs), Standing::Valid);
    assert_eq!(standing("350203010999", System::Nbs), Standing::Unknown);
    // Townships of other cities are not held; their county speaks for them.
    assert_eq!(standing("110101001", System::Mca), Standing::Valid);
}

#[test]
fn land_that_was_split_has_several_successors() {
    let divisions = embedded();
    assert_eq!(divisions.successors("350204", "开元区"), ["350203"]);
    assert_eq!(
        divisions.successors("350205", "杏林区"),
        ["350205", "350211"]
    );
    assert!(divisions.successors("350205", "海沧区").is_empty());
    assert_eq!(divisions.home(), Some("3502"));
}

#[test]
fn villages_are_found_without_their_committee() {
    let divisions = embedded();
    let found: Vec<&str> = divisions
        .villages_named("前埔南")
        .map(|village| village.name.as_str())
        .collect();
    assert_eq!(found, ["前埔南社区居委会"]);
    assert_eq!(village_stem("村"), "村");
    assert_eq!(village_stem("西洋村委会"), "西洋");
}
