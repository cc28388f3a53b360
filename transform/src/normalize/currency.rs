//! Currencies: the spellings that agencies send, as alpha-3 codes of ISO 4217.

use super::fold;

/// Alpha-3, numeric and Chinese names of the currencies that capital is registered in.
const CURRENCIES: [(&str, &str, &[&str]); 27] = [
    (
        "CNY",
        "156",
        &["人民币", "人民币元", "元", "RMB", "￥", "¥", "CNH"],
    ),
    ("USD", "840", &["美元", "美金", "US$", "$"]),
    ("HKD", "344", &["港元", "港币", "香港元", "HK$"]),
    ("EUR", "978", &["欧元", "€"]),
    ("JPY", "392", &["日元", "日圆"]),
    ("GBP", "826", &["英镑", "£"]),
    ("TWD", "901", &["新台币", "台币", "新台湾元", "NT$"]),
    ("MOP", "446", &["澳门元", "澳门币", "葡币"]),
    ("SGD", "702", &["新加坡元", "新币", "新加坡币"]),
    ("AUD", "036", &["澳大利亚元", "澳元"]),
    ("CAD", "124", &["加拿大元", "加元"]),
    ("CHF", "756", &["瑞士法郎"]),
    ("KRW", "410", &["韩元", "韩圆", "韩国元"]),
    ("THB", "764", &["泰铢", "泰国铢"]),
    ("MYR", "458", &["马来西亚林吉特", "林吉特", "马币"]),
    ("PHP", "608", &["菲律宾比索"]),
    ("IDR", "360", &["印度尼西亚卢比", "印尼卢比", "印尼盾"]),
    ("VND", "704", &["越南盾"]),
    ("INR", "356", &["印度卢比"]),
    ("RUB", "643", &["俄罗斯卢布", "卢布"]),
    ("NZD", "554", &["新西兰元"]),
    ("SEK", "752", &["瑞典克朗"]),
    ("NOK", "578", &["挪威克朗"]),
    ("DKK", "208", &["丹麦克朗"]),
    ("AED", "784", &["阿联酋迪拉姆"]),
    ("SAR", "682", &["沙特里亚尔"]),
    ("ZAR", "710", &["南非兰特"]),
];

/// Alpha-3 code of a currency given by numeric code (156), alpha-3 code or name; none for others.
pub fn alpha3(raw: &str) -> Option<&'static str> {
    let folded = fold::identifier(raw);
    let text = folded.text.as_ref();
    CURRENCIES
        .iter()
        .find(|(alpha, numeric, names)| text == *alpha || text == *numeric || names.contains(&text))
        .map(|(alpha, ..)| *alpha)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CURRENCIES, alpha3};

    #[test]
    fn codes_and_names_of_one_currency_are_one_code() {
        for raw in [
            "156",
            "CNY",
            "cny",
            "人民币",
            "人民币元",
            "RMB",
            "１５６",
            " 156 ",
        ] {
            assert_eq!(alpha3(raw), Some("CNY"), "{raw}");
        }
        assert_eq!(alpha3("840"), Some("USD"));
        assert_eq!(alpha3("美元"), Some("USD"));
        assert_eq!(alpha3("344"), Some("HKD"));
        assert_eq!(alpha3("新台币"), Some("TWD"));
    }

    #[test]
    fn unknown_currencies_are_none() {
        for raw in ["", "999", "XYZ", "15", "万元"] {
            assert_eq!(alpha3(raw), None, "{raw}");
        }
    }

    #[test]
    fn no_spelling_stands_for_two_currencies() {
        for (alpha, numeric, names) in CURRENCIES {
            assert_eq!(alpha3(alpha), Some(alpha));
            assert_eq!(alpha3(numeric), Some(alpha));
            for name in names {
                assert_eq!(alpha3(name), Some(alpha), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(raw in "\\PC*") {
            let _ = alpha3(&raw);
        }
    }
}
