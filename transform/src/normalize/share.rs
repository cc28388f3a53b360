//! Shares of a right: per cent or a fraction, as one reduced fraction, so that `50%` and `1/2` are one value and a third
//! stays a third.

/// Digits that are read of a number of per cent, so that nothing overflows.
const PERCENT_DIGITS_MAX: usize = 9;
/// The same of either side of a fraction: what per cent become is read again.
const DIGITS_MAX: usize = PERCENT_DIGITS_MAX + 3;

/// A share above nothing and up to the whole as `numerator/denominator` in lowest terms; nothing where the text is none.
/// A bare number is none: 50 may be per cent and 1 the whole.
pub fn fraction(raw: &str) -> Option<String> {
    let text: String = raw.trim().chars().filter_map(plain).collect();
    let (numerator, denominator) = match text.strip_suffix('%') {
        Some(percent) => per_cent(percent)?,
        None => {
            let (numerator, denominator) = text.split_once('/')?;
            (
                whole(numerator, DIGITS_MAX)?,
                whole(denominator, DIGITS_MAX)?,
            )
        }
    };
    if numerator == 0 || numerator > denominator {
        return None;
    }
    let divisor = greatest_common_divisor(numerator, denominator);
    Some(format!("{}/{}", numerator / divisor, denominator / divisor))
}

/// Half width, without white space.
fn plain(letter: char) -> Option<char> {
    match letter {
        '％' => Some('%'),
        '／' => Some('/'),
        '．' => Some('.'),
        '０'..='９' => char::from_u32(u32::from(letter) - 0xFEE0),
        letter if letter.is_whitespace() => None,
        letter => Some(letter),
    }
}

fn per_cent(text: &str) -> Option<(u64, u64)> {
    let (units, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let numerator = whole(&format!("{units}{decimals}"), PERCENT_DIGITS_MAX)?;
    let places = u32::try_from(decimals.len()).ok()?;
    Some((numerator, 100 * 10_u64.checked_pow(places)?))
}

fn whole(text: &str, digits_max: usize) -> Option<u64> {
    let is_number = (1..=digits_max).contains(&text.len());
    let is_number = is_number && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

fn greatest_common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fraction;

    #[test]
    fn per_cent_and_fractions_are_one_spelling() {
        for (text, wanted) in [
            ("50%", Some("1/2")),
            ("1/2", Some("1/2")),
            (" ２／４ ", Some("1/2")),
            ("33.3300％", Some("3333/10000")),
            ("1/3", Some("1/3")),
            ("100 %", Some("1/1")),
            ("0.5%", Some("1/200")),
            (".000000001%", Some("1/100000000000")),
            ("1/100000000000", Some("1/100000000000")),
            ("150%", None),
            ("0%", None),
            ("1/0", None),
            ("0/0", None),
            ("50", None),
            ("一半", None),
            ("1/2/3", None),
            ("", None),
            ("%", None),
            ("9999999999999/99999999999999", None),
        ] {
            assert_eq!(fraction(text).as_deref(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_read_stays(text in ".{0,24}", numerator in 1u32..10_000, more in 0u32..10_000) {
            let _read = fraction(&text);
            let denominator = numerator + more;
            let once = fraction(&format!("{numerator}/{denominator}")).expect("a share of the whole");
            prop_assert_eq!(fraction(&once), Some(once.clone()));
            let (a, b) = once.split_once('/').expect("a fraction");
            let (a, b): (u64, u64) = (a.parse().expect("digits"), b.parse().expect("digits"));
            prop_assert_eq!(a * u64::from(denominator), b * u64::from(numerator));
        }
    }
}
