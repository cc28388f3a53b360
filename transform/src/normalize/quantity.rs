//! Quantities: decimal numbers as whole thousandths, so that nothing is rounded.

/// Thousandths of a decimal number such as `12345.67`; grouping commas are dropped. Nothing where the text is no such
/// number, has more than three decimals that say something, or does not fit.
pub fn thousandths(raw: &str) -> Option<i64> {
    let text = raw.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = decimals.trim_end_matches('0');
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole: String = whole.chars().filter(|letter| *letter != ',').collect();
    let is_number = !whole.is_empty() && all(&whole) && all(decimals) && decimals.len() <= 3;
    if !is_number {
        return None;
    }
    let value: i64 = format!("{whole}{decimals:0<3}").parse().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::thousandths;

    #[test]
    fn decimals_become_thousandths() {
        for (text, value) in [
            ("12345.67", Some(12_345_670)),
            ("-0.5", Some(-500)),
            ("1,024", Some(1_024_000)),
            (" 7.1230 ", Some(7_123)),
            ("7.1234", None),
            ("", None),
            (".", None),
            ("1e3", None),
            ("9999999999999999999", None),
        ] {
            assert_eq!(thousandths(text), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_read_reads_back(text in ".{0,24}", value in any::<i32>()) {
            let _read = thousandths(&text);
            let value = i64::from(value);
            let sign = if value < 0 { "-" } else { "" };
            let whole = value.abs() / 1_000;
            let text = format!("{sign}{whole}.{:03}", value.abs() % 1_000);
            prop_assert_eq!(thousandths(&text), Some(value));
        }
    }
}
