//! Facets: what each field's text is read as, once, before rules and mappings use it.
//!
//! A resident id is parsed once although a check, the record key, the subject and three columns ask for it. A value of
//! a wrong JSON type is not read at all.

use yidang_schemas::codes::folded;
use yidang_schemas::contract::Contract;
use yidang_schemas::field::{
    Field, IdentifierClass, LogicalType, ORGANISATION_DOCUMENT, Transform,
};

use crate::calendar;
use crate::decode::Decoded;
use crate::decode::column::{Presence, TextColumn};
use crate::normalize::date::{self, DateForms, DateOutcome};
use crate::normalize::identifier_text::IdentifierText;
use crate::normalize::name::{self, NameProblem};
use crate::normalize::person_identifier::{self, PersonIdClass, PersonIdentifier};
use crate::normalize::resident_id::IdProblem;
use crate::normalize::tax_number::{self, TaxNumber};
use crate::normalize::uscc::{self, Uscc};
use crate::normalize::{organisation_code, registration_number};

/// A sound identifier of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationIdentifier {
    Uscc(Uscc),
    Code(IdentifierText),
    Registration(IdentifierText),
    Tax(TaxNumber),
}

impl OrganisationIdentifier {
    /// Canonical text of the number itself.
    pub fn text(&self) -> &str {
        match self {
            Self::Uscc(uscc) => uscc.text.as_str(),
            Self::Code(text) | Self::Registration(text) => text.as_str(),
            Self::Tax(tax) => tax.text(),
        }
    }

    /// The organisation code inside, the strongest equality between organisations (GB 32100-2015, 5.4).
    pub fn organisation_code(&self) -> Option<&str> {
        match self {
            Self::Uscc(uscc) => Some(uscc.organisation_code()),
            Self::Code(text) => Some(text.as_str()),
            Self::Tax(tax) => Some(tax.organisation_code()),
            Self::Registration(_) => None,
        }
    }
}

/// A sound identifier of somebody: a person's or an organisation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    Person(PersonIdentifier),
    Organisation(OrganisationIdentifier),
}

/// Check characters of both kinds hold, and nothing says which is meant.
const AMBIGUOUS: &str = "PARTY_AMBIGUOUS";

impl Facet<'_> {
    /// The person's identifier in a row, or what is wrong with it; nothing where none stands there.
    pub fn person(&self, row: usize) -> Option<Result<&PersonIdentifier, &'static str>> {
        match self {
            Self::Person(read) => match read.get(row)?.as_ref()? {
                Ok(identifier) => Some(Ok(identifier)),
                Err(problem) => Some(Err(problem.code())),
            },
            Self::Party(read) => match read.get(row)?.as_ref()? {
                Ok(Party::Person(identifier)) => Some(Ok(identifier)),
                Ok(Party::Organisation(_)) => None,
                Err(code) => Some(Err(code)),
            },
            _ => None,
        }
    }

    /// The same of an organisation's identifier.
    pub fn organisation(
        &self,
        row: usize,
    ) -> Option<Result<&OrganisationIdentifier, &'static str>> {
        match self {
            Self::Organisation(read) => match read.get(row)?.as_ref()? {
                Ok(identifier) => Some(Ok(identifier)),
                Err(code) => Some(Err(code)),
            },
            Self::Party(read) => match read.get(row)?.as_ref()? {
                Ok(Party::Organisation(identifier)) => Some(Ok(identifier)),
                Ok(Party::Person(_)) => None,
                Err(code) => Some(Err(code)),
            },
            _ => None,
        }
    }
}

/// The values of one field, read. `None` where there is no value or one of a wrong JSON type.
#[derive(Debug)]
pub enum Facet<'c> {
    Plain,
    Person(Vec<Option<Result<PersonIdentifier, IdProblem>>>),
    Organisation(Vec<Option<Result<OrganisationIdentifier, &'static str>>>),
    Party(Vec<Option<Result<Party, &'static str>>>),
    Date(Vec<Option<DateOutcome>>),
    /// Canonical codes; the inner `None` is a code that the list does not have.
    Code(Vec<Option<Option<&'c str>>>),
    Integer(Vec<Option<Option<i64>>>),
    Name(Vec<Option<Result<name::Name<'c>, NameProblem>>>),
}

/// How a field is read, compiled once per contract.
#[derive(Debug)]
pub struct FieldReader {
    pub forms: DateForms,
    reading: FieldReading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldReading {
    Plain,
    Person,
    Organisation,
    Party,
    Date,
    Code,
    Integer,
    PersonName,
    OrganisationName,
}

impl FieldReader {
    /// Readers of all fields of a contract.
    pub fn all(contract: &Contract) -> Vec<Self> {
        contract
            .fields
            .iter()
            .enumerate()
            .map(|(place, field)| Self::new(contract, place, field))
            .collect()
    }

    fn new(contract: &Contract, place: usize, field: &Field) -> Self {
        let forms = DateForms::parse(&field.forms).unwrap_or_else(|_| DateForms::any());
        Self {
            forms,
            reading: reading_of(contract, place, field),
        }
    }
}

fn reading_of(contract: &Contract, place: usize, field: &Field) -> FieldReading {
    match &field.identifier {
        Some(
            IdentifierClass::ResidentId
            | IdentifierClass::PersonDocument { .. }
            | IdentifierClass::BirthCertificate,
        ) => return FieldReading::Person,
        Some(IdentifierClass::Party { .. }) => return FieldReading::Party,
        Some(IdentifierClass::Number { .. } | IdentifierClass::Weak { .. }) | None => {}
        Some(_) => return FieldReading::Organisation,
    }
    if field.codes.is_some() {
        return FieldReading::Code;
    }
    match field.logical_type {
        LogicalType::Date | LogicalType::Timestamp => return FieldReading::Date,
        LogicalType::Integer => return FieldReading::Integer,
        _ => {}
    }
    let transform = |wanted: &Transform| {
        contract
            .mappings
            .iter()
            .any(|mapping| mapping.field == place && mapping.transform == *wanted)
    };
    if transform(&Transform::PersonName) {
        FieldReading::PersonName
    } else if transform(&Transform::OrganisationName) {
        FieldReading::OrganisationName
    } else {
        FieldReading::Plain
    }
}

/// Whether a JSON value of this presence can be a value of the field.
pub fn type_fits(field: &Field, presence: Presence) -> bool {
    match (field.logical_type, presence) {
        (_, Presence::Absent | Presence::Null) => true,
        (LogicalType::Object, _) | (LogicalType::Elements, Presence::Nested) => true,
        (LogicalType::Elements, _) | (_, Presence::Nested) => false,
        (LogicalType::Boolean, Presence::Boolean | Presence::Text) => true,
        (_, Presence::Boolean) => false,
        (LogicalType::Integer | LogicalType::Number, Presence::Number | Presence::Text) => true,
        (LogicalType::Date | LogicalType::Timestamp, Presence::Number) => {
            calendar::accepts_numbers(field)
        }
        (_, Presence::Number) => false,
        (_, Presence::Text) => true,
    }
}

/// Reads every field of a decoded batch. `latest_birth` by record: the day no birth may be after.
pub fn facets<'c>(
    contract: &'c Contract,
    readers: &[FieldReader],
    decoded: &'c Decoded,
    latest_birth: &[jiff::civil::Date],
) -> Vec<Facet<'c>> {
    let mut facets: Vec<Facet<'c>> = Vec::with_capacity(contract.fields.len());
    // Codes first: the class of a document stands in another field.
    let fields = contract.fields.iter().zip(readers).zip(&decoded.columns);
    for ((field, reader), column) in fields {
        let column = Texts { column, field };
        facets.push(match reader.reading {
            FieldReading::Code => Facet::Code(column.map(|text| code_of(field, text))),
            FieldReading::Date => Facet::Date(column.map(|text| date::parse(text, &reader.forms))),
            FieldReading::Integer => Facet::Integer(column.map(|text| text.trim().parse().ok())),
            FieldReading::PersonName => Facet::Name(column.map(name::person)),
            FieldReading::OrganisationName => Facet::Name(column.map(name::organisation)),
            FieldReading::Organisation => Facet::Organisation(
                column.map_identifier(|text| organisation(field.identifier.as_ref(), text)),
            ),
            FieldReading::Plain | FieldReading::Person | FieldReading::Party => Facet::Plain,
        });
    }
    for (place, (field, column)) in contract.fields.iter().zip(&decoded.columns).enumerate() {
        let records = decoded.records_of(place);
        let births = records.map(|record| latest_birth.get(record).copied());
        let texts = Texts { column, field };
        let read = match readers.get(place).map(|reader| reader.reading) {
            Some(FieldReading::Person) => Facet::Person(texts.persons(&facets, births)),
            Some(FieldReading::Party) => Facet::Party(texts.parties(&facets, births)),
            _ => continue,
        };
        if let Some(facet) = facets.get_mut(place) {
            *facet = read;
        }
    }
    facets
}

/// The readable texts of one column.
struct Texts<'a> {
    column: &'a TextColumn,
    field: &'a Field,
}

impl<'a> Texts<'a> {
    fn text(&self, row: usize) -> Option<&'a str> {
        let presence = self.column.presence(row);
        let readable = presence.has_value() && type_fits(self.field, presence);
        readable.then(|| self.column.text(row))
    }

    fn map<T>(&self, mut read: impl FnMut(&'a str) -> T) -> Vec<Option<T>> {
        (0..self.column.len())
            .map(|row| self.text(row).map(&mut read))
            .collect()
    }

    fn map_identifier<T>(&self, mut read: impl FnMut(&'a str) -> T) -> Vec<Option<T>> {
        let text = |row| self.text(row).filter(|text| !means_nothing(text));
        (0..self.column.len())
            .map(|row| text(row).map(&mut read))
            .collect()
    }

    /// `latest_birth` by row of the column.
    fn persons(
        &self,
        facets: &[Facet<'_>],
        latest_birth: impl Iterator<Item = Option<jiff::civil::Date>>,
    ) -> Vec<Option<Result<PersonIdentifier, IdProblem>>> {
        let type_field = self
            .field
            .identifier
            .as_ref()
            .and_then(IdentifierClass::type_field);
        let is_birth = self.field.identifier == Some(IdentifierClass::BirthCertificate);
        let fixed = is_birth.then_some(PersonIdClass::Birth);
        let read = latest_birth.enumerate().map(|(row, latest)| {
            let text = self.text(row).filter(|text| !means_nothing(text))?;
            // A document of unknown class is never guessed: it is no identifier here.
            let class = match type_field {
                Some(field) => Some(document_class(facets.get(field), row)?),
                None => fixed,
            };
            Some(person_identifier::parse(class, text, latest))
        });
        read.collect()
    }

    fn parties(
        &self,
        facets: &[Facet<'_>],
        latest_birth: impl Iterator<Item = Option<jiff::civil::Date>>,
    ) -> Vec<Option<Result<Party, &'static str>>> {
        let type_field = self
            .field
            .identifier
            .as_ref()
            .and_then(IdentifierClass::type_field);
        let read = latest_birth.enumerate().map(|(row, latest)| {
            let text = self.text(row).filter(|text| !means_nothing(text))?;
            let person = |class| {
                let read = person_identifier::parse(class, text, latest);
                read.map(Party::Person).map_err(|problem| problem.code())
            };
            let uscc = || {
                let read = uscc::parse(text).map_err(|problem| problem.code());
                read.map(|uscc| Party::Organisation(OrganisationIdentifier::Uscc(uscc)))
            };
            let stated = type_field.and_then(|field| match facets.get(field) {
                Some(Facet::Code(codes)) => codes.get(row).copied().flatten(),
                _ => None,
            });
            match stated {
                Some(Some(ORGANISATION_DOCUMENT)) => Some(uscc()),
                Some(code) => Some(person(Some(PersonIdClass::from_code(code?)?))),
                None => Some(either(person(None), uscc())),
            }
        });
        read.collect()
    }
}

/// What both readings of one number come to. Where neither is sound it is taken for the person's that its shape is, and
/// else for an organisation's.
fn either(
    person: Result<Party, &'static str>,
    organisation: Result<Party, &'static str>,
) -> Result<Party, &'static str> {
    match (person, organisation) {
        (Ok(_), Ok(_)) => Err(AMBIGUOUS),
        (Ok(person), Err(_)) => Ok(person),
        (Err(_), Ok(organisation)) => Ok(organisation),
        (Err("ID_LEN" | "ID_FORMAT"), Err(code)) | (Err(code), Err(_)) => Err(code),
    }
}

/// Class of a document by the code in another field; nothing where that field says nothing usable.
fn document_class(facet: Option<&Facet<'_>>, row: usize) -> Option<PersonIdClass> {
    let Some(Facet::Code(codes)) = facet else {
        return None;
    };
    PersonIdClass::from_code(codes.get(row).copied().flatten().flatten()?)
}

/// Fillers that stand for "no number" in identifier fields, in either width.
pub(crate) fn means_nothing(text: &str) -> bool {
    let mut letters = text.trim().chars();
    match (letters.next(), letters.next()) {
        (None, _) => true,
        (Some(letter), None) => matches!(letter, '/' | '／' | '-' | '－' | '—' | '无'),
        _ => false,
    }
}

/// A decimal number; the words that stand for infinity and for no number are none.
pub(crate) fn as_number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// A truth value: JSON's own, or what stands for it where everything is text.
pub(crate) fn as_boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    if text == "1" || text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    (text == "0" || text.eq_ignore_ascii_case("false")).then_some(false)
}

fn organisation(
    class: Option<&IdentifierClass>,
    text: &str,
) -> Result<OrganisationIdentifier, &'static str> {
    match class {
        Some(IdentifierClass::OrganisationCode) => organisation_code::parse(text)
            .map(OrganisationIdentifier::Code)
            .map_err(|problem| problem.code()),
        Some(IdentifierClass::RegistrationNumber) => registration_number::parse(text)
            .map(OrganisationIdentifier::Registration)
            .map_err(|problem| problem.code()),
        Some(IdentifierClass::TaxNumber) => tax_number::parse(text)
            .map(OrganisationIdentifier::Tax)
            .map_err(|problem| problem.code()),
        _ => uscc::parse(text)
            .map(OrganisationIdentifier::Uscc)
            .map_err(|problem| problem.code()),
    }
}

/// Look-up of a code: as sent, else with width folded and white space dropped.
fn code_of<'c>(field: &'c Field, text: &str) -> Option<&'c str> {
    let codes = field.codes.as_ref()?;
    codes.get(text.trim()).or_else(|| codes.get(&folded(text)))
}

/// Whether a code is known as sent, or with width folded and white space dropped: one reading for lists and conditions.
pub(crate) fn code_spellings(text: &str, known: impl Fn(&str) -> bool) -> bool {
    let text = text.trim();
    // Most codes are plain, and folding them changes nothing.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    known(text) || (!plain && known(&folded(text)))
}
