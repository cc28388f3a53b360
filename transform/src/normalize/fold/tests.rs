use std::borrow::Cow;

use proptest::prelude::*;

use super::{identifier, width};

#[test]
fn canonical_identifiers_are_borrowed() {
    for text in [
        "11010519491231002X",
        "D2143569-X",
        "3502***********011",
        "1234567890(B)",
        "",
    ] {
        let folded = identifier(text);
        assert!(matches!(folded.text, Cow::Borrowed(same) if same == text));
        assert!(!folded.folded);
    }
}

#[test]
fn width_spaces_and_quotes_fold_to_the_plain_number() {
    for raw in [
        "３５０２０３１９９００１０１００１８",
        "'350203199001010018",
        "\"'350203199001010018\"",
        "350203 19900101 0018",
        "350203199001010018\u{200B}",
        "\u{FEFF}350203199001010018",
        "\u{3000}350203\u{A0}199001010018\t",
        "‘350203199001010018’",
        "＇350203199001010018",
    ] {
        let folded = identifier(raw);
        assert_eq!(folded.text, "350203199001010018");
        assert!(!folded.folded);
    }
}

#[test]
fn every_look_alike_of_x_maps_and_is_flagged() {
    for last in ['x', 'ｘ', '×', 'Х', 'х', 'Χ', 'χ'] {
        let raw = format!("11010519491231002{last}");
        let folded = identifier(&raw);
        assert_eq!(folded.text, "11010519491231002X");
        assert!(folded.folded);
        assert_eq!(folded.look_alike, !matches!(last, 'x' | 'ｘ'));
    }
    let wide_capital = identifier("11010519491231002Ｘ");
    assert_eq!(
        (wide_capital.text.as_ref(), wide_capital.folded),
        ("11010519491231002X", false)
    );
    assert_eq!(identifier("44011320141005001x").text, "44011320141005001X");
}

#[test]
fn asterisks_stay_masked() {
    assert_eq!(identifier("3502＊＊011").text, "3502**011");
}

#[test]
fn debug_hides_the_value() {
    assert_eq!(format!("{:?}", identifier("E1234567")), "Folded(8 bytes)");
}

#[test]
fn width_folds_ascii_twins_only() {
    assert_eq!(width("（ＡＢ）　厦门，１号"), "(AB) 厦门,1号");
    assert!(matches!(width("厦门市"), Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(raw in "\\PC*|[0-9xX×ХΧｘ*'\" \u{3000}０-９ａ-ｚ]{0,24}") {
        let once = identifier(&raw).text.into_owned();
        let twice = identifier(&once);
        prop_assert_eq!(twice.text.as_ref(), once.as_str());
        prop_assert!(!twice.folded);
        let narrow = width(&raw).into_owned();
        prop_assert_eq!(width(&narrow).into_owned(), narrow.clone());
    }
}
