use jiff::civil::date;
use proptest::prelude::*;

use super::{IdProblem, IdProblemKind, Limits, PersonIdClass, ResidentId, check_character, parse};

fn read(raw: &str) -> Result<ResidentId, IdProblem> {
    parse(raw, &Limits::born_by(date(2026, 11, 23)))
}

fn code_of(raw: &str) -> &'static str {
    read(raw).unwrap_err().code()
}

#[test]
fn valid_numbers_of_the_standard_and_of_xiamen_are_accepted_unchanged() {
    for number in [
        "11010519491231002X",
        "110105195001010039",
        "11010519500101999X",
        "11010519500102000X",
        "360426199101010071",
        "412723199010050012",
        "120110198012010073",
        "120110199212010072",
        "440308199901101512",
        "350206198507151234",
        "350205201509100025",
        "350212202401310459",
        "350203200002290010",
        "350204197501010011",
        "350213199001010010",
    ] {
        let id = read(number).unwrap_or_else(|problem| panic!("{number}: {}", problem.code()));
        assert_eq!(id.canonical.as_str(), number);
        assert!(!id.folded && !id.upgraded_from_15 && !id.region_unknown);
        assert_eq!(id.class, PersonIdClass::Ric);
    }
}

#[test]
fn lower_case_x_folds_and_is_flagged() {
    let id = read("44011320141005001x").unwrap();
    assert_eq!(id.canonical.as_str(), "44011320141005001X");
    assert_eq!(id.warnings().collect::<Vec<_>>(), ["ID_FOLDED"]);
}

#[test]
fn invalid_numbers_fail_with_their_own_code() {
    assert_eq!(code_of("36042619910102009X"), "ID_CHECK");
    assert_eq!(code_of("T60426199101010078"), "ID_FORMAT");
    assert_eq!(code_of("360426199113010079"), "ID_BIRTHDATE");
    assert_eq!(code_of("350213199902290013"), "ID_BIRTHDATE");
    assert_eq!(code_of("990426199112010074"), "ID_PROVINCE");
    assert_eq!(code_of("12345"), "ID_LEN");
    assert_eq!(code_of(""), "ID_LEN");
    assert_eq!(code_of("3502***********011"), "ID_MASKED");
    assert_eq!(code_of("11010519491231002*"), "ID_MASKED");
    assert_eq!(code_of("11010519491231002＊"), "ID_MASKED");
    assert_eq!(code_of("35020375010100A"), "ID_FORMAT");
    assert_eq!(code_of("000000000000000000"), "ID_CHECK");
}

#[test]
fn births_after_the_event_or_before_1875_are_refused() {
    let born_on = |latest| parse("350212202401310459", &Limits::born_by(latest));
    assert!(born_on(date(2024, 1, 31)).is_ok());
    assert_eq!(
        born_on(date(2024, 1, 30)).unwrap_err().kind,
        IdProblemKind::BirthDate
    );
    assert!(parse("350212202401310459", &Limits::default()).is_ok());
    let mut old = *b"35020318740101001";
    let number = format!(
        "{}{}",
        std::str::from_utf8(&old).unwrap(),
        char::from(check_character(&old))
    );
    assert_eq!(code_of(&number), "ID_BIRTHDATE");
    old[9] = b'5';
    let number = format!(
        "{}{}",
        std::str::from_utf8(&old).unwrap(),
        char::from(check_character(&old))
    );
    assert!(read(&number).is_ok());
}

#[test]
fn first_generation_numbers_become_eighteen_characters() {
    for (old, new) in [
        ("110101781027002", "110101197810270029"),
        ("610104620927690", "610104196209276908"),
        ("350203750101001", "350203197501010015"),
        ("350221500615123", "350221195006151236"),
        ("350202990101999", "350202189901019995"),
    ] {
        let id = read(old).unwrap();
        assert_eq!(id.canonical.as_str(), new);
        assert!(id.upgraded_from_15);
        assert_eq!(read(new).unwrap().canonical, id.canonical);
    }
}

#[test]
fn damage_by_floating_point_is_hinted() {
    let as_number = Limits {
        numeric_source: true,
        ..Limits::default()
    };
    let damaged = parse("350203199001010048", &as_number).unwrap_err();
    assert_eq!(
        (damaged.code(), damaged.hint()),
        ("ID_CHECK", Some("FLOAT_TRUNCATED"))
    );
    let spreadsheet = read("350203199001010000").unwrap_err();
    assert_eq!(
        (spreadsheet.code(), spreadsheet.hint()),
        ("ID_CHECK", Some("FLOAT_TRUNCATED"))
    );
    let scientific = read("3.5020319900101005e+17").unwrap_err();
    assert_eq!(
        (scientific.code(), scientific.hint()),
        ("ID_LEN", Some("FLOAT_TRUNCATED"))
    );
    assert_eq!(read("36042619910102009X").unwrap_err().hint(), None);
}

#[test]
fn residence_permits_have_their_own_class() {
    assert_eq!(
        read("810000199408230021").unwrap().class,
        PersonIdClass::Hmrp
    );
    assert_eq!(
        read("820000199408230023").unwrap().class,
        PersonIdClass::Hmrp
    );
    assert_eq!(
        read("830000199201300022").unwrap().class,
        PersonIdClass::Twrp
    );
}

#[test]
fn parts_of_the_number_are_read() {
    let id = read("350206198507151234").unwrap();
    assert_eq!(id.birth_date, date(1985, 7, 15));
    assert_eq!(
        (id.region(), id.sex_digit, id.sex_code()),
        ("350206", 3, "1")
    );
    assert_eq!(read("810000199408230021").unwrap().sex_code(), "2");
}

#[test]
fn unknown_regions_and_sequence_zero_warn_only() {
    let digits = *b"35020719900101000";
    let number = format!("35020719900101000{}", char::from(check_character(&digits)));
    let warnings: Vec<_> = read(&number).unwrap().warnings().collect();
    assert_eq!(warnings, ["ID_REGION_UNKNOWN", "ID_SEQUENCE_000"]);
}

#[test]
fn typists_spellings_all_reach_the_same_number() {
    for raw in [
        "\"'350203199001010018",
        "３５０２０３１９９００１０１００１８",
        "350203199001010018\u{200B}",
        " 350203 19900101 0018 ",
    ] {
        assert_eq!(read(raw).unwrap().canonical.as_str(), "350203199001010018");
    }
    assert_eq!(
        read("１１０１０５１９４９１２３１００２ｘ")
            .unwrap()
            .canonical
            .as_str(),
        "11010519491231002X"
    );
}

#[test]
fn debug_hides_the_number() {
    let shown = format!("{:?}", read("350206198507151234").unwrap());
    assert!(!shown.contains("1985"), "{shown}");
}

prop_compose! {
    fn sound_number()(region in 0usize..6, day in 0i64..40_000, sequence in 0u32..1000) -> String {
        let region = ["350202", "350203", "350204", "350213", "110105", "830000"][region];
        let birth = date(1900, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let digits = format!("{region}{}{sequence:03}", birth.strftime("%Y%m%d"));
        let check = check_character(digits.as_bytes().try_into().unwrap());
        format!("{digits}{}", char::from(check))
    }
}

proptest! {
    #[test]
    fn sound_numbers_are_their_own_canonical_form(number in sound_number()) {
        let id = parse(&number, &Limits::default()).unwrap();
        prop_assert_eq!(id.canonical.as_str(), number);
    }

    #[test]
    fn every_single_substitution_is_caught(number in sound_number(), place in 0usize..18, digit in b'0'..=b'9') {
        let mut bytes = number.clone().into_bytes();
        if bytes[place] == digit {
            return Ok(());
        }
        bytes[place] = digit;
        let problem = parse(std::str::from_utf8(&bytes).unwrap(), &Limits::default()).unwrap_err();
        prop_assert_eq!(problem.kind, IdProblemKind::Check);
    }

    #[test]
    fn every_adjacent_transposition_is_caught(number in sound_number(), place in 0usize..17) {
        let mut bytes = number.clone().into_bytes();
        if bytes[place] == bytes[place + 1] {
            return Ok(());
        }
        bytes.swap(place, place + 1);
        prop_assert!(parse(std::str::from_utf8(&bytes).unwrap(), &Limits::default()).is_err());
    }

    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(raw in "\\PC*|[0-9xX*Х ]{15,18}|[0-9]{15}") {
        if let Ok(id) = parse(&raw, &Limits::default()) {
            prop_assert_eq!(parse(&id.canonical, &Limits::default()).unwrap().canonical, id.canonical);
        }
    }
}
