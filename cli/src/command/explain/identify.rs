//! Which subject is asked for: by its id, or by an identifier that is read as the stream reads it.

use yidang_schemas::dossier::{Dossier, KindIndex};
use yidang_transform::identity::Subject;
use yidang_transform::normalize::person_identifier::{self, PersonIdClass};
use yidang_transform::normalize::{organisation_code, registration_number, tax_number, uscc};
use yidang_transform::token::{IdKey, Token};

/// Token classes of organisations, as `transform` names them.
const ORGANISATION_CLASS: &str = "ORG";
const REGISTRATION_CLASS: &str = "REG";

/// What was asked for. `Debug` shows tokens, never a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Subject(Token),
    /// What the number is under each class that reads it.
    Numbers(Vec<(String, Token)>),
}

impl Asked {
    pub fn subjects(&self, kind: KindIndex) -> Vec<Subject> {
        match self {
            Self::Subject(token) => vec![Subject {
                kind,
                token: *token,
            }],
            Self::Numbers(numbers) => numbers
                .iter()
                .map(|(_, token)| Subject {
                    kind,
                    token: *token,
                })
                .collect(),
        }
    }
}

/// Reads a subject id or an identifier.
///
/// # Errors
/// Why each reading failed; no part of the text is in it.
pub fn asked(
    dossier: &Dossier,
    id_key: &IdKey,
    text: &str,
    class: Option<&str>,
) -> Result<Asked, Vec<String>> {
    if class.is_none()
        && let Some(token) = Token::parse(&text.to_lowercase())
    {
        return Ok(Asked::Subject(token));
    }
    let mut numbers: Vec<(String, Token)> = Vec::new();
    let mut why = Vec::new();
    for (name, read) in readings(dossier, text, class) {
        match read {
            Ok((class, number)) if dossier.class_rank(class).is_some() => {
                let found = (class.to_owned(), id_key.token(class, &number));
                if !numbers.contains(&found) {
                    numbers.push(found);
                }
            }
            Ok((class, _)) => why.push(format!("{name}: class {class} is none of this kind")),
            Err(code) => why.push(format!("{name}: {code}")),
        }
    }
    if numbers.is_empty() {
        Err(why)
    } else {
        Ok(Asked::Numbers(numbers))
    }
}

type Reading = (&'static str, Result<(&'static str, String), &'static str>);

/// Every reading that the classes of the kind allow.
fn readings(dossier: &Dossier, text: &str, class: Option<&str>) -> Vec<Reading> {
    let has =
        |name: &str| dossier.class_rank(name).is_some() && class.is_none_or(|class| class == name);
    let mut readings = Vec::new();
    let document = class.and_then(PersonIdClass::from_code);
    let any_document = PersonIdClass::ALL.iter().any(|class| has(class.code()));
    if any_document && (class.is_none() || document.is_some()) {
        let read = person_identifier::parse(document, text, None);
        let read = read.map(|id| (id.class.code(), id.canonical.as_str().to_owned()));
        let name = document.map_or("resident id", PersonIdClass::code);
        readings.push((
            name,
            read.map_err(yidang_transform::normalize::resident_id::IdProblem::code),
        ));
    }
    if has(ORGANISATION_CLASS) {
        let credit =
            uscc::parse(text).map(|uscc| (ORGANISATION_CLASS, uscc.organisation_code().to_owned()));
        readings.push((
            "unified social credit code",
            credit.map_err(uscc::UsccProblem::code),
        ));
        let code = organisation_code::parse(text)
            .map(|code| (ORGANISATION_CLASS, code.as_str().to_owned()));
        readings.push(("organisation code", code.map_err(|_problem| "ORGCODE")));
        let tax = tax_number::parse(text)
            .map(|tax| (ORGANISATION_CLASS, tax.organisation_code().to_owned()));
        readings.push(("tax number", tax.map_err(|_problem| "TAXNO")));
    }
    if has(REGISTRATION_CLASS) {
        let number = registration_number::parse(text)
            .map(|number| (REGISTRATION_CLASS, number.as_str().to_owned()));
        readings.push(("registration number", number.map_err(|_problem| "REGNO")));
    }
    readings
}

#[cfg(test)]
mod tests {
    use yidang_schemas::catalog::Catalog;

    use super::*;

    fn ask(kind: &str, text: &str, class: Option<&str>) -> Result<Asked, Vec<String>> {
        let catalog = Catalog::embedded().expect("the embedded catalog is sound");
        let kind = catalog.kind_of_name(kind).unwrap();
        asked(
            catalog.dossier(kind).unwrap(),
            &IdKey::new([7; 32]),
            text,
            class,
        )
    }

    #[test]
    fn a_subject_id_is_taken_as_it_is() {
        let token = Token([9; 16]);
        assert_eq!(
            ask("person", &token.to_string(), None),
            Ok(Asked::Subject(token))
        );
        assert_eq!(
            ask("enterprise", &token.to_string().to_uppercase(), None),
            Ok(Asked::Subject(token))
        );
    }

    #[test]
    fn a_resident_id_of_15_digits_is_the_one_of_18() {
        // The example of GB 11643-1999, and the same in the form before 1999.
        let long = ask("person", "11010519491231002X", None);
        assert!(long.is_ok());
        assert_eq!(long, ask("person", "110105491231002", None));
        assert_eq!(long, ask("person", "11010519491231002x", Some("RIC")));
    }

    #[test]
    fn what_is_no_number_says_why_and_does_not_quote_it() {
        let why = ask("person", "110101X", None).unwrap_err().join(" ");
        assert!(why.contains("resident id"), "{why}");
        assert!(!why.contains("110101"), "{why}");
        let why = ask("enterprise", "91", None).unwrap_err();
        assert_eq!(why.len(), 4, "{why:?}");
    }
}
