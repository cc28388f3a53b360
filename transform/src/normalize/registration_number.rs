//! Business registration numbers of 15 digits (GS 15-2006), the key before unified social credit codes.
//!
//! Older numbers of 13 digits have no check and are refused; agencies keep them in their own fields.

#[cfg(test)]
mod tests;

use super::fold;
use super::identifier_text::IdentifierText;

/// Why a text is no registration number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationNumberProblem {
    Length,
    Format,
    Check,
}

impl RegistrationNumberProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "REG_LEN",
            Self::Format => "REG_FORMAT",
            Self::Check => "REG_CHECK",
        }
    }
}

/// Reads a number: 6 digits region, 8 sequence, 1 check.
///
/// # Errors
/// [`RegistrationNumberProblem`]: length, digits or check are wrong.
pub fn parse(raw: &str) -> Result<IdentifierText, RegistrationNumberProblem> {
    let folded = fold::identifier(raw);
    let digits: [u8; 15] = folded
        .text
        .as_bytes()
        .try_into()
        .map_err(|_| RegistrationNumberProblem::Length)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(RegistrationNumberProblem::Format);
    }
    let (body, check) = digits
        .split_first_chunk::<14>()
        .expect("15 is more than 14");
    if check != [check_digit(body)] {
        return Err(RegistrationNumberProblem::Check);
    }
    Ok(IdentifierText::fixed(digits))
}

/// Check digit of 14 ASCII digits (ISO 7064 MOD 11,10).
pub fn check_digit(body: &[u8; 14]) -> u8 {
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + u32::from(digit.wrapping_sub(b'0'))) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    b'0' + u8::try_from((11 - product) % 10).expect("a remainder of 10 is below 10")
}
