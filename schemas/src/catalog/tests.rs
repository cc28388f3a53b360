use super::*;

fn embedded() -> Catalog {
    Catalog::embedded().unwrap_or_else(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{} problems\n{}", told.len(), told.join("\n"))
    })
}

#[test]
fn the_embedded_catalog_has_no_problems() {
    let catalog = embedded();
    assert_eq!(catalog.dossiers.iter().map(|dossier| dossier.name.as_str()).collect::<Vec<_>>(), ["enterprise", "person"]);
}
