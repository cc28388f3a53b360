//! Second implementations of the identifier checks, slow and close to the words of the standards, to be compared with the first.
//!
//! They share no code and no table with `transform`, and read only canonical spellings.

/// Provinces of GB/T 2260, with 83 of residence permits.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];
/// GB 32100-2015, table of the 31 symbols.
const SYMBOLS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars()
        .map(|each| each.to_digit(10).filter(|_| each.is_ascii()))
        .collect()
}

fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + digit)
}

/// ISO 7064: a pure system of modulus 11 and radix 2, by the recursion of its section 7, the check character as its value.
fn remainder_11_2(values: &[u32], check: u32) -> u32 {
    let carried = values.iter().fold(0, |sum, value| (sum + value) * 2 % 11);
    (carried + check) % 11
}

fn check_value(character: char) -> Option<u32> {
    match character {
        'X' => Some(10),
        digit => digit.to_digit(10),
    }
}

fn is_province(two: &[u32]) -> bool {
    PROVINCES
        .iter()
        .any(|known| u32::from(*known) == number(two))
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leaps = year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100));
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leaps => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    day >= 1 && day <= length
}

/// GB 11643-1999: 18 characters, check character, day of birth from 1875 on, province. No latest day.
pub(crate) fn is_resident_id(text: &str) -> bool {
    let Some((body, check)) = text.split_at_checked(17) else {
        return false;
    };
    let mut checks = check.chars();
    let (Some(body), Some(check), None) = (
        digits(body),
        checks.next().and_then(check_value),
        checks.next(),
    ) else {
        return false;
    };
    let of = |from: usize, to: usize| body.get(from..to).unwrap_or(&[]);
    let year = number(of(6, 10));
    remainder_11_2(&body, check) == 1
        && year >= 1875
        && is_day(year, number(of(10, 12)), number(of(12, 14)))
        && is_province(of(0, 2))
}

/// GB 11714-1997: nine characters without a dash; all zeros are none.
pub(crate) fn is_organisation_code(text: &str) -> bool {
    let mut values = Vec::new();
    for character in text.chars() {
        match character {
            '0'..='9' | 'A'..='Z' => values.extend(character.to_digit(36)),
            _ => return false,
        }
    }
    let check = text.chars().last().and_then(check_value);
    match (values.split_last(), check) {
        (Some((_, body)), Some(check)) if body.len() == 8 => {
            text != "000000000" && remainder_11_2(body, check) == 0
        }
        _ => false,
    }
}

/// GB 32100-2015: powers of 3 modulo 31 over 17 symbols, and the organisation code inside.
pub(crate) fn is_uscc(text: &str) -> bool {
    let values: Option<Vec<usize>> = text.chars().map(|each| SYMBOLS.find(each)).collect();
    let Some((check, body)) = values.as_deref().and_then(<[usize]>::split_last) else {
        return false;
    };
    let inside = text.get(8..17).unwrap_or("");
    let region = text.get(2..8).unwrap_or("x");
    let is_known = text.starts_with(|first| "123456789ANQYGJ".contains(first));
    if body.len() != 17 || digits(region).is_none() || !is_known || !is_organisation_code(inside) {
        return false;
    }
    let weighted = body
        .iter()
        .rev()
        .fold(0, |sum, value| (sum * 3 + value) % 31);
    (weighted + check).is_multiple_of(31)
}

/// GS 15-2006: 15 digits, ISO 7064 MOD 11,10.
pub(crate) fn is_registration_number(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 15) else {
        return false;
    };
    let mut product = 10;
    let mut sum = 0;
    for digit in digits {
        sum = product + digit;
        let left = if sum.is_multiple_of(10) { 10 } else { sum % 10 };
        product = left * 2 % 11;
    }
    sum % 10 == 1
}

/// 15 characters: a region of a province and an organisation code.
pub(crate) fn is_legacy_tax_number(text: &str) -> bool {
    let Some((region, code)) = text.split_at_checked(6) else {
        return false;
    };
    let region = digits(region).unwrap_or_default();
    region.get(..2).is_some_and(is_province) && is_organisation_code(code)
}

#[cfg(test)]
mod tests {
    use super::{is_organisation_code, is_registration_number, is_resident_id, is_uscc};

    /// Vectors of the standards themselves.
    #[test]
    fn vectors_of_the_standards_pass_and_their_neighbours_fail() {
        assert!(is_resident_id("11010519491231002X") && is_resident_id("110101197810270029"));
        assert!(!is_resident_id("110105194912310021") && !is_resident_id("11010519491231002"));
        assert!(is_uscc("91350100M000100Y43") && !is_uscc("91350100M000100Y44"));
        assert!(is_organisation_code("MA27Y4U47") && !is_organisation_code("MA27Y4U46"));
        assert!(
            is_registration_number("110108000000016") && !is_registration_number("110108000000017")
        );
    }
}
