//! Cases that break careless normalizers, one test each, as the domain page numbers them.

use jiff::civil::{Date, date};
use yidang_schemas::division::{Standing, System};

use super::address::{AddressReader, Precision};
use super::date::{DateForms, DateOutcome};
use super::name::{self, Equality};
use super::resident_id::{self, Limits};
use super::{date as dates, division, fold, money, person_identifier, shape, uscc};
use crate::kit::embedded;

fn today() -> Date {
    date(2026, 11, 23)
}

fn accepted(number: &str) -> bool {
    resident_id::parse(number, &Limits::born_by(today())).is_ok()
}

#[test]
fn trap_01_numbers_whose_region_is_younger_or_retired_are_accepted() {
    assert!(accepted("350204197501010011"));
    assert!(accepted("350213199001010010"));
    // What the dictionary knows of their regions is no reason to refuse them.
    let divisions = &embedded().divisions;
    assert_eq!(
        divisions.standing("350213", System::Mca, 1990),
        Standing::OtherYears
    );
}

#[test]
fn trap_02_letters_in_front_are_accepted_and_letters_outside_the_alphabet_refused() {
    for code in [
        "N2350213MF0A12BC3J",
        "J1350206MJA34D5E4H",
        "A1110000MA27Y4U477",
    ] {
        assert!(uscc::parse(code).is_ok(), "{code}");
    }
    // Check characters 0 and Y.
    assert!(uscc::parse("51350203MA07P0NJ10").is_ok());
    assert!(uscc::parse("11350205MA9B91GW9Y").is_ok());
    for letter in ["O", "I", "S", "V", "Z"] {
        let code = "91110000600037341L".replacen('6', letter, 1);
        assert!(uscc::parse(&code).is_err(), "{letter}");
    }
    // A firm that moved from 湖里 to 翔安 keeps the region of its first registration.
    let moved = uscc::parse("J1350206MJA34D5E4H").unwrap();
    assert!(moved.text.as_str().contains("350206"));
    assert!(division::parse("350213", System::Mca).is_ok());
}

#[test]
fn trap_03_two_numbers_of_one_person_by_arithmetic() {
    let limits = Limits::born_by(today());
    for (short, long) in [
        ("350203750101001", "350203197501010015"),
        ("350221500615123", "350221195006151236"),
        ("350202990101999", "350202189901019995"),
    ] {
        let upgraded = resident_id::parse(short, &limits).unwrap();
        assert_eq!(upgraded.canonical.as_str(), long);
    }
    // The two cards of a foreigner stay two numbers until somebody links them.
    use person_identifier::PersonIdClass::Fpr;
    let read = |number| {
        person_identifier::parse(Some(Fpr), number, Some(today()))
            .unwrap()
            .canonical
    };
    assert_ne!(read("CAN110081080310"), read("911124198108030024"));
}

#[test]
fn trap_04_a_glyph_that_became_a_character_is_the_same_name_and_an_unknown_one_is_flagged() {
    let old = name::person("李\u{E863}").unwrap();
    let new = name::person("李\u{4DAE}").unwrap();
    assert_eq!(name::equality(&old, &new), Equality::EqualAfterRepair);
    assert!(!old.private_use);
    let unknown = name::person("李\u{E79F}").unwrap();
    assert_eq!(unknown.warnings().collect::<Vec<_>>(), ["NAME_PUA"]);
    assert_eq!(name::equality(&unknown, &new), Equality::Different);
}

#[test]
fn trap_05_every_dot_between_han_is_one_and_latin_dots_stay() {
    let canonical = name::person("阿卜杜拉·买买提").unwrap();
    for dot in ["\u{30FB}", "\u{2022}", "．"] {
        let raw = format!("阿卜杜拉{dot}买买提");
        let read = name::person(&raw).unwrap();
        assert_eq!(name::equality(&read, &canonical), Equality::Equal, "{dot}");
    }
    assert_eq!(name::person("J.R. SMITH").unwrap().text, "J.R. SMITH");
}

#[test]
fn trap_06_epochs_follow_the_daylight_saving_of_their_year() {
    let forms = DateForms::parse("epoch_ms").unwrap();
    for (raw, expected) in [
        ("583686000000", date(1988, 7, 1)),
        ("684860400000", date(1991, 9, 15)),
        ("631123200000", date(1990, 1, 1)),
    ] {
        assert_eq!(
            dates::parse(raw, &forms),
            DateOutcome::Date(expected),
            "{raw}"
        );
    }
}

#[test]
fn trap_07_codes_need_their_system_and_streets_are_not_districts() {
    let divisions = &embedded().divisions;
    let named = |code, system| {
        let division = division::parse(code, system).unwrap();
        division::name(&division, divisions)
    };
    assert_eq!(named("350213003", System::Mca), Some("民安街道"));
    assert_eq!(named("350213003", System::Nbs), Some("新店街道"));
    let reader = AddressReader::new(divisions);
    let street = reader.read("厦门市开元街道").unwrap();
    assert_eq!(street.part(Precision::District), Some("思明区"));
    assert_eq!(street.division.unwrap().as_str(), "350203007");
    let then = divisions.county("350205").first().unwrap();
    assert_eq!((then.name.as_str(), then.until), ("杏林区", Some(2002)));
    let apart = division::parse("350205", System::Mca).unwrap();
    assert_eq!(division::standing(&apart, divisions, 1995), Standing::Valid);
}

#[test]
fn trap_19_numbers_as_agencies_type_them() {
    let sound = "350203199001010018";
    for raw in [
        "'350203199001010018",
        "\"'350203199001010018\"",
        "350203199001010018\u{200B}",
    ] {
        let read = resident_id::parse(raw, &Limits::born_by(today())).unwrap();
        assert_eq!(read.canonical.as_str(), sound, "{raw:?}");
    }
    assert_eq!(
        fold::identifier("３５０２０３１９４９１２３１００２ｘ").text,
        "35020319491231002X"
    );
    // What a JSON number makes of it fails its check, and the tail tells why.
    let damaged = resident_id::parse("350203199001010048", &Limits::born_by(today()));
    assert_eq!(damaged.unwrap_err().code(), "ID_CHECK");
}

#[test]
fn trap_20_long_numbers_stay_texts_and_ten_thousands_become_cents_exactly() {
    // A real-estate unit has 28 characters (TD/T 1001, GB/T 37346): longer than any number type keeps.
    let unit = "350203001001GB00001F00010001";
    assert_eq!(unit.len(), 28);
    assert_eq!(fold::identifier(unit).text, unit);
    assert_eq!(
        money::cents("500.0000", money::Unit::WanYuan).unwrap(),
        500_000_000
    );
    assert_eq!(money::cents("0.0001", money::Unit::WanYuan).unwrap(), 100);
    assert_eq!(shape::of("闽D12345"), "汉A99999");
}
