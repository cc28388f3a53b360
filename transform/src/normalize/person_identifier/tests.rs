use jiff::civil::date;
use proptest::prelude::*;

use super::{PersonIdClass, parse};

#[test]
fn ranks_put_the_resident_id_first_and_the_birth_certificate_last() {
    let ranks = PersonIdClass::ALL.map(PersonIdClass::rank);
    assert_eq!(ranks, [0, 1, 1, 2, 3, 3, 4, 4, 5]);
}

#[test]
fn codes_and_classes_are_a_bijection() {
    for class in PersonIdClass::ALL {
        assert_eq!(PersonIdClass::from_code(class.code()), Some(class));
    }
    assert_eq!(PersonIdClass::from_code("OTHER"), None);
}

#[test]
fn fifteen_and_eighteen_digits_of_one_person_are_one_identifier() {
    let event = Some(date(2026, 11, 23));
    let old = parse(Some(PersonIdClass::Ric), "350203750101001", event).unwrap();
    let new = parse(None, "350203197501010015", event).unwrap();
    assert_eq!((old.class, old.canonical), (new.class, new.canonical));
    assert_eq!(old.birth_date, Some(date(1975, 1, 1)));
}

#[test]
fn the_number_decides_between_resident_id_and_residence_permit() {
    let permit = parse(Some(PersonIdClass::Ric), "830000199201300022", None).unwrap();
    assert_eq!(permit.class, PersonIdClass::Twrp);
}

#[test]
fn without_a_class_only_shapes_of_the_resident_id_are_read() {
    assert_eq!(
        parse(None, "911398199012310021", None).unwrap().class,
        PersonIdClass::Fpr
    );
    assert_eq!(
        parse(None, "990426199112010074", None).unwrap_err().code(),
        "ID_PROVINCE"
    );
    assert_eq!(parse(None, "01234567", None).unwrap_err().code(), "ID_LEN");
    assert_eq!(parse(None, "E12345678", None).unwrap_err().code(), "ID_LEN");
    assert_eq!(
        parse(None, "3502***********011", None).unwrap_err().code(),
        "ID_MASKED"
    );
}

/// Code and canonical code of each row of the lists of document types.
fn document_types() -> Vec<(String, String, String)> {
    let files = &crate::kit::embedded().bundle.files;
    let lists = files
        .iter()
        .filter(|(file, _)| file.starts_with("codes/document-type-"));
    let rows = lists.flat_map(|(file, text)| {
        let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        rows.map(move |row| {
            let cells: Vec<&str> = row.split(',').collect();
            (file.clone(), cells[0].to_owned(), cells[2].to_owned())
        })
    });
    rows.collect()
}

#[test]
fn every_listed_document_type_is_a_class_or_identifies_nobody() {
    let rows = document_types();
    assert!(rows.len() > 40, "{}", rows.len());
    for (file, code, canonical) in &rows {
        let known = PersonIdClass::from_code(canonical).is_some() || canonical == "OTHER";
        assert!(known, "{file} {code} {canonical}");
    }
    assert_eq!(PersonIdClass::from_code("OTHER"), None);
}

#[test]
fn a_type_that_means_two_things_in_two_systems_is_in_no_list_of_many() {
    let ambiguous = |(file, code, _): &(String, String, String)| {
        file.contains("service") && matches!(code.as_str(), "3" | "4")
    };
    assert!(!document_types().iter().any(ambiguous));
}

#[test]
fn debug_hides_the_number() {
    let shown = format!(
        "{:?}",
        parse(Some(PersonIdClass::PptCn), "E12345678", None).unwrap()
    );
    assert_eq!(shown, "PersonIdentifier(PptCn, 9 characters)");
}

proptest! {
    #[test]
    fn no_text_panics(raw in "\\PC*") {
        if let Ok(found) = parse(None, &raw, None) {
            let again = parse(None, &found.canonical, None).map(|again| again.canonical);
            prop_assert_eq!(again, Ok(found.canonical));
        }
    }
}
