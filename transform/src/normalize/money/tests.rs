use proptest::prelude::*;

use super::{Unit, cents};

fn code_of(raw: &str, unit: Unit) -> &'static str {
    cents(raw, unit).unwrap_err().code()
}

#[test]
fn ten_thousands_of_yuan_become_cents_exactly() {
    assert_eq!(cents("500.0000", Unit::WanYuan), Ok(500_000_000));
    assert_eq!(cents("0.0001", Unit::WanYuan), Ok(100));
    assert_eq!(cents("1234.5678", Unit::WanYuan), Ok(1_234_567_800));
    assert_eq!(cents("0.000001", Unit::WanYuan), Ok(1));
    assert_eq!(cents("500", Unit::WanYuan), Ok(500_000_000));
}

#[test]
fn fen_and_yuan_become_cents() {
    assert_eq!(cents("520000", Unit::Fen), Ok(520_000));
    assert_eq!(cents("520000.00", Unit::Fen), Ok(520_000));
    assert_eq!(cents("0.1", Unit::Yuan), Ok(10));
    assert_eq!(cents(".5", Unit::Yuan), Ok(50));
    assert_eq!(cents("5.", Unit::Yuan), Ok(500));
    assert_eq!(cents("-12.34", Unit::Yuan), Ok(-1234));
    assert_eq!(cents("1,234,567.89", Unit::Yuan), Ok(123_456_789));
    assert_eq!(cents("１，２３４．５", Unit::Yuan), Ok(123_450));
    assert_eq!(
        cents("90071992547409.93", Unit::Yuan),
        Ok(9_007_199_254_740_993)
    );
}

#[test]
fn a_unit_in_the_text_goes_before_the_contract() {
    for unit in [Unit::Fen, Unit::Yuan, Unit::WanYuan] {
        for raw in [
            "1000万元人民币",
            "1000万元",
            "人民币1000万元",
            "1000万人民币",
            "￥10,000,000元",
            "1000万元(人民币)",
            "0.1亿元",
            "1000 万元",
        ] {
            assert_eq!(cents(raw, unit), Ok(1_000_000_000), "{raw}");
        }
        assert_eq!(cents("12分", unit), Ok(12));
        assert_eq!(cents("12元整", unit), Ok(1200));
    }
    assert_eq!(cents("¥12.5", Unit::Yuan), Ok(1250));
}

#[test]
fn what_is_no_exact_amount_is_refused() {
    for raw in [
        "",
        "-",
        "/",
        "无",
        "万元",
        "1e5",
        "12.3.4",
        "1,00",
        "1,0000",
        ",100",
        "--5",
        "5-",
        "12.34元x",
        "1 2a",
        ".",
    ] {
        assert_eq!(code_of(raw, Unit::Yuan), "MONEY_FORMAT", "{raw}");
    }
    assert_eq!(code_of("0.001", Unit::Yuan), "MONEY_PRECISION");
    assert_eq!(code_of("1.5", Unit::Fen), "MONEY_PRECISION");
    assert_eq!(code_of("1000万美元", Unit::Yuan), "MONEY_CURRENCY");
    assert_eq!(code_of("HKD1000", Unit::Yuan), "MONEY_CURRENCY");
    assert_eq!(code_of("92233720368547758.08", Unit::Yuan), "MONEY_RANGE");
    assert_eq!(code_of(&"9".repeat(60), Unit::Yuan), "MONEY_RANGE");
    assert_eq!(cents("92233720368547758.07", Unit::Yuan), Ok(i64::MAX));
}

proptest! {
    #[test]
    fn cents_as_text_are_the_same_cents(amount: i64) {
        prop_assert_eq!(cents(&amount.to_string(), Unit::Fen), Ok(amount));
        let sign = if amount < 0 { "-" } else { "" };
        let size = amount.unsigned_abs();
        let yuan = format!("{sign}{}.{:02}", size / 100, size % 100);
        prop_assert_eq!(cents(&yuan, Unit::Yuan), Ok(amount));
        let ten_thousands = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
        prop_assert_eq!(cents(&ten_thousands, Unit::WanYuan), Ok(amount));
    }

    #[test]
    fn no_text_panics(raw in "\\PC*|[-+0-9.,万元]{0,50}") {
        if let Err(problem) = cents(&raw, Unit::WanYuan) {
            prop_assert!(problem.code().starts_with("MONEY_"));
        }
    }
}
