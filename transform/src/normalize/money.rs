//! Amounts of money in whole cents of CNY, exactly: decimal digits are moved, never rounded, never a float.
//!
//! Whether an amount may be negative or zero is a range rule of the contract.

#[cfg(test)]
mod tests;

use super::characters::{is_invisible, is_space};
use super::currency;
use super::fold;

/// What one unit of the number means where the text names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 分, a hundredth of a yuan.
    Fen,
    /// 元.
    Yuan,
    /// 万元, ten thousand yuan.
    WanYuan,
}

impl Unit {
    /// Power of ten from the unit to cents.
    fn cents_exponent(self) -> i32 {
        match self {
            Self::Fen => 0,
            Self::Yuan => 2,
            Self::WanYuan => 6,
        }
    }
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoneyProblem {
    /// No decimal number with a known unit.
    Format,
    /// Finer than a cent.
    Precision,
    /// More than 64 bits of cents hold.
    Range,
    /// Names a currency other than CNY.
    Currency,
}

impl MoneyProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "MONEY_FORMAT",
            Self::Precision => "MONEY_PRECISION",
            Self::Range => "MONEY_RANGE",
            Self::Currency => "MONEY_CURRENCY",
        }
    }
}

/// Reads an amount as cents. A unit in the text (`1000万元人民币`, `￥520.00`) goes before `unit`. Thousand separators
/// must part groups of three.
///
/// # Errors
/// [`MoneyProblem`]: no amount, or none that is a whole number of cents of CNY.
pub fn cents(raw: &str, unit: Unit) -> Result<i64, MoneyProblem> {
    if let Some(amount) = plain_integer(raw.as_bytes(), unit) {
        return Ok(amount);
    }
    let folded = fold::width(raw);
    let text: String = folded
        .chars()
        .filter(|character| !is_space(*character) && !is_invisible(*character))
        .collect();
    let number_start =
        text.find(|character: char| matches!(character, '0'..='9' | '.' | '-' | '+'));
    let (prefix, rest) = text
        .split_at_checked(number_start.ok_or(MoneyProblem::Format)?)
        .unwrap_or_default();
    let number_end =
        rest.find(|character: char| !matches!(character, '0'..='9' | '.' | ',' | '-' | '+'));
    let (number, suffix) = rest
        .split_at_checked(number_end.unwrap_or(rest.len()))
        .unwrap_or_default();
    require_cny(prefix)?;
    let exponent = exponent_of(suffix)?.unwrap_or(unit.cents_exponent());
    decimal(number)?.into_cents(exponent)
}

/// The everyday case without any copying: up to 12 digits and nothing else.
fn plain_integer(bytes: &[u8], unit: Unit) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 12 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = bytes
        .iter()
        .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    number.checked_mul(10_i64.checked_pow(u32::try_from(unit.cents_exponent()).ok()?)?)
}

/// Power of ten to cents that a unit behind the number states; none where it states none.
fn exponent_of(suffix: &str) -> Result<Option<i32>, MoneyProblem> {
    let (exponent, rest) = if let Some(rest) = suffix.strip_prefix("亿") {
        (Some(10), rest)
    } else if let Some(rest) = suffix
        .strip_prefix('万')
        .or_else(|| suffix.strip_prefix('萬'))
    {
        (Some(6), rest)
    } else if let Some(rest) = suffix.strip_prefix('分') {
        (Some(0), rest)
    } else {
        (None, suffix)
    };
    let (has_yuan, rest) = match rest.strip_prefix('元').or_else(|| rest.strip_prefix('圆')) {
        Some(rest) => (true, rest.strip_prefix('整').unwrap_or(rest)),
        None => (false, rest),
    };
    require_cny(rest.trim_matches(['(', ')']))?;
    Ok(exponent.or(has_yuan.then_some(2)))
}

fn require_cny(words: &str) -> Result<(), MoneyProblem> {
    if words.is_empty() {
        return Ok(());
    }
    match currency::alpha3(words) {
        Some("CNY") => Ok(()),
        Some(_) => Err(MoneyProblem::Currency),
        None => Err(MoneyProblem::Format),
    }
}

/// `digits` × 10^−`decimals`.
struct Decimal {
    digits: i128,
    decimals: i32,
}

impl Decimal {
    fn into_cents(self, exponent: i32) -> Result<i64, MoneyProblem> {
        let shift = exponent - self.decimals;
        let power = 10_i128.checked_pow(shift.unsigned_abs());
        let cents = if shift >= 0 {
            power
                .and_then(|power| self.digits.checked_mul(power))
                .ok_or(MoneyProblem::Range)?
        } else {
            match power {
                Some(power) if self.digits % power == 0 => self.digits / power,
                _ if self.digits == 0 => 0,
                _ => return Err(MoneyProblem::Precision),
            }
        };
        i64::try_from(cents).map_err(|_| MoneyProblem::Range)
    }
}

/// Sign, digits with or without thousand separators, perhaps a fraction.
fn decimal(number: &str) -> Result<Decimal, MoneyProblem> {
    let (negative, unsigned) = match number.as_bytes() {
        [b'-', ..] => (true, number.trim_start_matches('-')),
        _ => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    if negative && number.len() - unsigned.len() != 1 {
        return Err(MoneyProblem::Format);
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() && fraction.is_empty() || !has_sound_groups(whole) {
        return Err(MoneyProblem::Format);
    }
    let fraction = fraction.trim_end_matches('0');
    let mut digits: i128 = 0;
    for byte in whole
        .bytes()
        .filter(|byte| *byte != b',')
        .chain(fraction.bytes())
    {
        if !byte.is_ascii_digit() {
            return Err(MoneyProblem::Format);
        }
        digits = digits
            .checked_mul(10)
            .and_then(|digits| digits.checked_add(i128::from(byte - b'0')))
            .ok_or(MoneyProblem::Range)?;
    }
    let decimals = i32::try_from(fraction.len()).map_err(|_| MoneyProblem::Range)?;
    Ok(Decimal {
        digits: if negative { -digits } else { digits },
        decimals,
    })
}

/// No separator at all, or one to three digits and then groups of exactly three.
fn has_sound_groups(whole: &str) -> bool {
    let Some((first, rest)) = whole.split_once(',') else {
        return true;
    };
    (1..=3).contains(&first.len()) && rest.split(',').all(|group| group.len() == 3)
}
