//! Tax numbers: since 2015 the unified social credit code, before that region and organisation code, 15 characters.
//!
//! The 20-digit numbers of natural persons are refused here: they are identifiers of persons.

use super::division::is_province;
use super::fold;
use super::identifier_text::IdentifierText;
use super::organisation_code::{self, OrganisationCodeProblem};
use super::uscc::{self, Uscc, UsccProblem};

/// A sound tax number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxNumber {
    Uscc(Uscc),
    /// 15 characters.
    Legacy {
        text: IdentifierText,
        /// Nine characters without dash.
        organisation_code: IdentifierText,
    },
}

impl TaxNumber {
    /// The number as compared, 18 or 15 characters.
    pub fn text(&self) -> &str {
        match self {
            Self::Uscc(code) => &code.text,
            Self::Legacy { text, .. } => text,
        }
    }

    /// The organisation code inside, nine characters.
    pub fn organisation_code(&self) -> &str {
        match self {
            Self::Uscc(code) => code.organisation_code(),
            Self::Legacy {
                organisation_code, ..
            } => organisation_code,
        }
    }
}

/// Why a text is no tax number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaxNumberProblem {
    /// Neither 15 nor 18 characters.
    Length,
    /// 15 characters that do not begin with a region.
    Format,
    Uscc(UsccProblem),
    OrganisationCode(OrganisationCodeProblem),
}

impl TaxNumberProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "TAX_LEN",
            Self::Format => "TAX_FORMAT",
            Self::Uscc(problem) => problem.code(),
            Self::OrganisationCode(problem) => problem.code(),
        }
    }
}

/// Reads a tax number of 18 or 15 characters.
///
/// # Errors
/// [`TaxNumberProblem`]: the text is neither kind of number.
pub fn parse(raw: &str) -> Result<TaxNumber, TaxNumberProblem> {
    let folded = fold::identifier(raw);
    match folded.text.len() {
        // The raw text again: its flags belong to the code.
        18 => uscc::parse(raw)
            .map(TaxNumber::Uscc)
            .map_err(TaxNumberProblem::Uscc),
        15 => legacy(&folded.text),
        _ => Err(TaxNumberProblem::Length),
    }
}

fn legacy(text: &str) -> Result<TaxNumber, TaxNumberProblem> {
    let (region, code) = text.split_at_checked(6).ok_or(TaxNumberProblem::Format)?;
    if !region.bytes().all(|byte| byte.is_ascii_digit()) || !is_province(region) {
        return Err(TaxNumberProblem::Format);
    }
    let organisation_code =
        organisation_code::parse(code).map_err(TaxNumberProblem::OrganisationCode)?;
    let text = IdentifierText::new(text.as_bytes()).ok_or(TaxNumberProblem::Format)?;
    Ok(TaxNumber::Legacy {
        text,
        organisation_code,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TaxNumber, parse};

    #[test]
    fn eighteen_characters_are_a_unified_social_credit_code() {
        let number = parse("91330106MA27Y4U47R").unwrap();
        assert!(matches!(number, TaxNumber::Uscc(_)));
        assert_eq!(
            (number.text(), number.organisation_code()),
            ("91330106MA27Y4U47R", "MA27Y4U47")
        );
    }

    #[test]
    fn fifteen_characters_are_region_and_organisation_code() {
        let number = parse("350203ma27y4u47").unwrap();
        assert_eq!(
            (number.text(), number.organisation_code()),
            ("350203MA27Y4U47", "MA27Y4U47")
        );
    }

    #[test]
    fn wrong_numbers_fail_with_their_own_code() {
        assert_eq!(
            parse("91110000600037341N").unwrap_err().code(),
            "USCC_CHECK"
        );
        assert_eq!(parse("350203MA27Y4U46").unwrap_err().code(), "ORG_CHECK");
        assert_eq!(parse("990203MA27Y4U47").unwrap_err().code(), "TAX_FORMAT");
        assert_eq!(parse("35020319900101001800").unwrap_err().code(), "TAX_LEN");
        assert_eq!(parse("").unwrap_err().code(), "TAX_LEN");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_is_stable(raw in "\\PC*|3502[0-9]{2}[0-9A-Z]{9}") {
            if let Ok(number) = parse(&raw) {
                let again = parse(number.text()).unwrap();
                prop_assert_eq!(again.text(), number.text());
            }
        }
    }
}
