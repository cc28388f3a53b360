//! Fields of a feed, and how each becomes canonical cells.

use crate::codes::CodeMap;
use crate::dossier::LeafRef;

/// Place of a field in its contract.
pub type FieldIndex = usize;

/// ODCS logical types that feeds use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogicalType {
    String,
    Date,
    Timestamp,
    Integer,
    Number,
    Boolean,
    /// The array whose elements are read.
    Elements,
    /// Kept in `landing`, never read: nested objects and arrays a contract names but does not map.
    Object,
}

/// How sensitive a field is; decides what a feedback event may say of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Classification {
    Public,
    Internal,
    Personal,
    Sensitive,
}

/// Which identifiers a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentifierClass {
    /// Resident id and the residence permits of the same shape.
    ResidentId,
    /// Any person's document; the class stands in another field whose codes map to `id_type` codes.
    PersonDocument { type_field: FieldIndex },
    /// Number of a medical certificate of birth, by which a child is known before it has a number of its own.
    BirthCertificate,
    /// Unified social credit code.
    Uscc,
    /// Organisation code, nine characters.
    OrganisationCode,
    /// Registration number, fifteen digits.
    RegistrationNumber,
    /// Tax number: a unified social credit code, or fifteen characters of region and organisation code.
    TaxNumber,
    /// A person's document or an organisation's number in one field: the document type says which where the contract
    /// names its field and it is stated, else the number's own check characters do.
    Party { type_field: Option<FieldIndex> },
    /// A number of a class that the dossier names, the same for every agency: a vehicle's, a school's. What it looks like
    /// is said by the field's pattern.
    Number { class: String },
    /// The agency's own number of a subject; never makes a row by itself.
    Weak { name: String },
}

impl IdentifierClass {
    /// The field that holds the type of the document.
    pub fn type_field(&self) -> Option<FieldIndex> {
        match self {
            Self::PersonDocument { type_field } => Some(*type_field),
            Self::Party { type_field } => *type_field,
            _ => None,
        }
    }

    /// Whether persons' numbers stand in the field and nothing else.
    pub fn is_document(&self) -> bool {
        matches!(
            self,
            Self::ResidentId | Self::PersonDocument { .. } | Self::BirthCertificate
        )
    }

    /// Whether a person's number may stand in the field.
    pub fn names_persons(&self) -> bool {
        self.is_document() || matches!(self, Self::Party { .. })
    }
}

/// Canonical code of a document type that is an organisation's number.
pub const ORGANISATION_DOCUMENT: &str = "ORG";

/// Which subjects of a record a cell is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that are of the cell's kind.
    Record,
    /// The one at this place among the subjects of the contract.
    Subject(u8),
    /// All of its kind, in one of several elements of a list column that one record fills: parts of one number go
    /// together.
    Group(u8),
    /// That of the element of the contract's array that the value stands in.
    Element,
}

/// How the raw text of a field becomes a canonical value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// Trimmed text, inner control characters dropped.
    Text,
    /// A person's name.
    PersonName,
    /// The same as sent, trimmed at its ends only.
    Raw,
    /// An organisation's name: brackets and width folded.
    OrganisationName,
    /// Spelling of an address alone.
    Address,
    /// An address told from the province downwards.
    AddressStandard,
    /// Code of the finest division of an address that is beyond doubt.
    AddressDivision,
    /// How finely an address tells a place: `CITY` … `ROOM`.
    AddressPrecision,
    /// How sure the division of an address is, 0 to 100.
    AddressConfidence,
    /// Telephone number; `area` is the area code of numbers without one.
    Phone {
        area: Option<String>,
    },
    /// Number plate of a motor vehicle.
    Plate,
    /// The canonical code of the field's `enum` or code list.
    Code,
    Date,
    /// Year and month as `yyyy-MM`.
    Month,
    /// The first day of the month.
    MonthStart,
    Integer,
    /// Cents from 分, 元 or 万元.
    Money {
        unit: MoneyUnit,
    },
    /// A decimal number as whole thousandths.
    Thousandths,
    /// A share in per cent or as a fraction, as a fraction in lowest terms.
    Share,
    /// Alpha-3 currency of ISO 4217.
    Currency,
    /// Division code, 6, 9 or 12 digits.
    Division,
    /// Number of a person's document in canonical form.
    PersonIdentifier,
    /// Its class: `RIC`, `HMRP` …
    PersonIdentifierClass,
    Uscc,
    OrganisationCode,
    /// First two characters of a unified social credit code.
    OrganisationCategory,
    RegistrationNumber,
    /// Tax number as a unified social credit code; 15-digit ones give nothing.
    TaxUscc,
    IndustryClass,
    IndustrySection,
    /// HMAC token of an agency's own number, of the named class.
    Token {
        class: String,
    },
    /// A person's identifier as the token of its subject.
    PersonReference,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyUnit {
    Fen,
    Yuan,
    WanYuan,
}

/// One canonical cell that a field fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub field: FieldIndex,
    pub target: LeafRef,
    pub scope: Scope,
    pub transform: Transform,
    /// Filled only where every condition holds.
    pub when: Vec<Condition>,
}

/// A cell that gets a fixed value where every condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    pub target: LeafRef,
    pub scope: Scope,
    pub value: String,
    pub when: Vec<Condition>,
}

/// A test of one field's text, trimmed or with width folded as in code lists. Null counts as the empty text, and so does
/// absence in a full record; in a patch nothing holds over a field that is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub field: FieldIndex,
    pub values: Vec<String>,
    /// True: one of the values; false: none of them.
    pub one_of: bool,
}

/// One field of a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name as sent: a JSON member, a column header. Of a member of the array's elements `array[].member`.
    pub name: String,
    /// It stands in each element of the contract's array, so that a record has any number of its values.
    pub in_element: bool,
    pub title_zh: String,
    pub title_en: String,
    pub logical_type: LogicalType,
    pub required: bool,
    pub classification: Classification,
    /// Date forms by name, `|` between them; empty for fields without dates.
    pub forms: String,
    /// The codes that the field may hold.
    pub codes: Option<CodeMap>,
    /// Set where the field holds an identifier, of a subject or of another.
    pub identifier: Option<IdentifierClass>,
}
