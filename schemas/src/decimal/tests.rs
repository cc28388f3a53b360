use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn spellings_of_json_and_csv_are_read() {
    for (text, told) in [
        ("0", "0"),
        ("-0.00", "0"),
        ("+1", "1"),
        ("12.50", "12.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("1.25E-2", "0.0125"),
        ("0e40", "0"),
        (
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000001",
        ),
        ("1.00000000000000000000000000000000", "1"),
        (
            "-170141183460469231731687303715884105727",
            "-170141183460469231731687303715884105727",
        ),
    ] {
        assert_eq!(number(text).to_string(), told, "{text}");
    }
    for text in [
        "", "-", ".", "1,000", "1 000", "ten", "1e", "1e+", "inf", "nan", "0x1F", "--1", "1.2.3",
        "１２",
    ] {
        assert_eq!(
            Decimal::parse(text).unwrap_err(),
            DecimalProblem::Format,
            "{text}"
        );
    }
    for text in [
        "1e41",
        "1e-41",
        "0.00000000000000000000000000001",
        "999999999999999999999999999999999999999",
        "1e99999999999",
    ] {
        assert_eq!(
            Decimal::parse(text).unwrap_err(),
            DecimalProblem::TooLong,
            "{text}"
        );
    }
}

#[test]
fn sums_of_amounts_are_exact() {
    assert_eq!(
        number("0.1").checked_add(number("0.2")),
        Some(number("0.3"))
    );
    assert_eq!(
        number("1000000000000.01").checked_sub(number("0.02")),
        Some(number("999999999999.99"))
    );
    assert_eq!(
        number("0.13").checked_mul(number("200.50")),
        Some(number("26.065"))
    );
}

#[test]
fn quotients_round_half_away_from_zero() {
    for (above, below, told) in [
        ("1", "3", "0.333333333333"),
        ("2", "3", "0.666666666667"),
        ("-2", "3", "-0.666666666667"),
        ("2", "-3", "-0.666666666667"),
        ("1", "8", "0.125"),
        ("0.0000000000005", "1", "0.000000000001"),
        ("0.0000000000000005", "0.001", "0.000000000001"),
        ("-10", "4", "-2.5"),
    ] {
        let quotient = number(above).checked_div(number(below)).unwrap();
        assert_eq!(quotient.to_string(), told, "{above} / {below}");
    }
    assert_eq!(number("1").checked_div(Decimal::ZERO), None);
}

#[test]
fn what_does_not_fit_is_nothing() {
    let large = number("100000000000000000000000000000000000000");
    assert_eq!(large.checked_mul(large), None);
    assert_eq!(large.checked_add(large), None);
    assert_eq!(large.checked_div(number("0.001")), None);
}

#[test]
fn numbers_of_any_length_compare() {
    let large = number("100000000000000000000000000000000000000");
    assert!(large > number("0.0000000000000000000000000001"));
    assert!(large.negated().unwrap() < number("0.5"));
    assert_eq!(number("1.50"), number("1.5"));
    assert!(number("-1.5") < number("-1.4999"));
}

#[test]
fn whole_cuts_towards_zero() {
    assert_eq!(number("1.99").whole(), number("1"));
    assert_eq!(number("-1.99").whole(), number("-1"));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _read = Decimal::parse(&text);
    }

    #[test]
    fn no_number_text_panics(text in "[-+]?[0-9]{0,45}\\.?[0-9]{0,45}([eE][-+]?[0-9]{0,4})?", other in "-?[0-9]{1,38}(\\.[0-9]{0,20})?") {
        if let (Ok(one), Ok(other)) = (Decimal::parse(&text), Decimal::parse(&other)) {
            let _all = (one.checked_add(other), one.checked_sub(other), one.checked_mul(other), one.checked_div(other));
            prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
            prop_assert_eq!(Decimal::parse(&one.to_string()).unwrap(), one);
        }
    }

    #[test]
    fn agrees_with_whole_numbers(one in -1_000_000i64..1_000_000, other in -1_000_000i64..1_000_000) {
        let cents = |number: i64| Decimal::from(number).checked_div(number_100()).unwrap();
        prop_assert_eq!(cents(one).cmp(&cents(other)), one.cmp(&other));
        prop_assert_eq!(cents(one).checked_add(cents(other)), Some(cents(one + other)));
    }
}

fn number_100() -> Decimal {
    Decimal::from(100i64)
}
