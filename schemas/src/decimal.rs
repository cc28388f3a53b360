//! Decimal numbers without rounding: a whole number and a power of ten.
//!
//! Amounts are compared and added as they are written: 0.1 + 0.2 is 0.3. What does not fit is told as nothing, never cut
//! off. Leaves alone: currencies and units (`transform::normalize::money`).

use std::cmp::Ordering;
use std::fmt;

/// `mantissa` · 10^-`scale`. Two numbers are equal where their values are: 1.50 = 1.5.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    mantissa: i128,
    /// Digits behind the point, at most [`SCALE_MAX`].
    scale: u8,
}

/// Digits behind the point that a number may have.
const SCALE_MAX: u8 = 28;
/// Digits behind the point of a quotient; the last one is rounded half away from zero.
const QUOTIENT_SCALE: u8 = 12;
/// Exponents beyond this are no amounts.
const EXPONENT_MAX: i32 = 40;

/// Why a text is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalProblem {
    /// Not written as a number.
    Format,
    /// A number with more digits than are kept here.
    TooLong,
}

impl Decimal {
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    /// Reads `-12.50`, `.5`, `1e3`: what JSON and CSV write.
    ///
    /// # Errors
    /// [`DecimalProblem`]: the text is no number, or a longer one than can be kept.
    pub fn parse(text: &str) -> Result<Self, DecimalProblem> {
        let (text, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0),
            Some((text, exponent)) => (text, exponent_of(exponent)?),
        };
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let read = Digits::read(digits)?;
        let mantissa = if negative {
            -read.mantissa
        } else {
            read.mantissa
        };
        Self::of_parts(mantissa, read.scale - exponent).ok_or(DecimalProblem::TooLong)
    }

    /// A number of so many digits behind the point; fewer than none are zeros before it.
    fn of_parts(mut mantissa: i128, mut scale: i32) -> Option<Self> {
        while scale > i32::from(SCALE_MAX) && mantissa % 10 == 0 && mantissa != 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        if scale < 0 {
            let zeros = power(u8::try_from(-scale).ok()?)?;
            mantissa = mantissa.checked_mul(zeros)?;
            scale = 0;
        }
        let scale = u8::try_from(scale)
            .ok()
            .filter(|scale| *scale <= SCALE_MAX)?;
        Some(Self { mantissa, scale })
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (one, two, scale) = self.aligned(other)?;
        let mantissa = one.checked_add(two)?;
        Some(Self { mantissa, scale })
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.negated()?)
    }

    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let mantissa = match (i64::try_from(self.mantissa), i64::try_from(other.mantissa)) {
            (Ok(one), Ok(other)) => i128::from(one) * i128::from(other),
            _ => self.mantissa.checked_mul(other.mantissa)?,
        };
        Self::of_parts(mantissa, i32::from(self.scale) + i32::from(other.scale))
    }

    /// The quotient to twelve digits behind the point, rounded half away from zero; nothing for a division by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        let digits = i32::from(QUOTIENT_SCALE) + i32::from(other.scale) - i32::from(self.scale);
        let zeros = power(u8::try_from(digits.abs()).ok()?)?;
        let (above, below) = match digits >= 0 {
            true => (self.mantissa.checked_mul(zeros)?, other.mantissa),
            false => (self.mantissa, other.mantissa.checked_mul(zeros)?),
        };
        let whole = above.checked_div(below)?;
        let rest = above.checked_rem(below)?;
        let up = rest.unsigned_abs() >= below.unsigned_abs() - rest.unsigned_abs();
        let towards = if (above < 0) == (below < 0) { 1 } else { -1 };
        let mantissa = if up {
            whole.checked_add(towards)?
        } else {
            whole
        };
        Self::of_parts(mantissa, i32::from(QUOTIENT_SCALE))
    }

    pub fn negated(self) -> Option<Self> {
        let mantissa = self.mantissa.checked_neg()?;
        Some(Self { mantissa, ..self })
    }

    pub fn absolute(self) -> Option<Self> {
        if self.mantissa < 0 {
            self.negated()
        } else {
            Some(self)
        }
    }

    /// Without its digits behind the point, towards zero.
    #[must_use]
    pub fn whole(self) -> Self {
        let tens = power(self.scale).expect("a scale is at most 28");
        Self::from(self.mantissa / tens)
    }

    /// Both as whole numbers of the finer scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        Some((self.scaled(scale)?, other.scaled(scale)?, scale))
    }

    /// The mantissa of a finer scale.
    fn scaled(self, scale: u8) -> Option<i128> {
        let zeros = scale - self.scale;
        if zeros == 0 {
            return Some(self.mantissa);
        }
        let tens = power(zeros)?;
        match (i64::try_from(self.mantissa), i64::try_from(tens)) {
            // Two factors of 64 bits have a product of 128.
            (Ok(mantissa), Ok(tens)) => Some(i128::from(mantissa) * i128::from(tens)),
            _ => self.mantissa.checked_mul(tens),
        }
    }
}

impl From<i128> for Decimal {
    fn from(mantissa: i128) -> Self {
        Self { mantissa, scale: 0 }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::from(i128::from(number))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        if let Some((one, two, _)) = self.aligned(*other) {
            return one.cmp(&two);
        }
        // The coarser of the two has so many digits before the point that they alone decide.
        self.whole().mantissa.cmp(&other.whole().mantissa)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

/// Plain digits without zeros at the end of the fraction: equal numbers read alike.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mut mantissa,
            mut scale,
        } = *self;
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let tens = power(scale).expect("a scale is at most 28").unsigned_abs();
        let sign = if mantissa < 0 { "-" } else { "" };
        let digits = mantissa.unsigned_abs();
        write!(formatter, "{sign}{}", digits / tens)?;
        if scale > 0 {
            let width = usize::from(scale);
            write!(formatter, ".{:0width$}", digits % tens)?;
        }
        Ok(())
    }
}

/// Digits of a number without sign and exponent.
struct Digits {
    mantissa: i128,
    scale: i32,
}

impl Digits {
    fn read(digits: &[u8]) -> Result<Self, DecimalProblem> {
        match Self::short(digits) {
            Some(read) => Ok(read),
            None => Self::any(digits),
        }
    }

    /// Most numbers are short: 64 bits hold them without a look at each step.
    fn short(digits: &[u8]) -> Option<Self> {
        if digits.len() > 18 {
            return None;
        }
        let (mut mantissa, mut scale, mut point) = (0i64, 0, false);
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    scale += i32::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        let mantissa = i128::from(mantissa);
        (digits.len() > usize::from(point)).then_some(Self { mantissa, scale })
    }

    fn any(digits: &[u8]) -> Result<Self, DecimalProblem> {
        let (mut mantissa, mut scale, mut seen, mut point) = (0i128, 0, false, false);
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    let next = mantissa.checked_mul(10);
                    let next = next.and_then(|next| next.checked_add(i128::from(byte - b'0')));
                    mantissa = next.ok_or(DecimalProblem::TooLong)?;
                    scale += i32::from(point);
                    seen = true;
                }
                b'.' if !point => point = true,
                _ => return Err(DecimalProblem::Format),
            }
        }
        if seen {
            Ok(Self { mantissa, scale })
        } else {
            Err(DecimalProblem::Format)
        }
    }
}

fn exponent_of(text: &str) -> Result<i32, DecimalProblem> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalProblem::Format);
    }
    let exponent: i32 = text.parse().map_err(|_| DecimalProblem::TooLong)?;
    let bounded = exponent.abs() <= EXPONENT_MAX;
    bounded.then_some(exponent).ok_or(DecimalProblem::TooLong)
}

/// Ten to a power; nothing where 128 bits do not hold it.
fn power(digits: u8) -> Option<i128> {
    match digits {
        0..=18 => Some(i128::from(10i64.pow(u32::from(digits)))),
        _ => 10i128.checked_pow(u32::from(digits)),
    }
}

#[cfg(test)]
mod tests;
