//! What can be wrong with one record, and what a judge must say about it.
//!
//! A [`Defect`] is applied while a record is serialised; [`effect`] states, for each feed, which rule fails, what
//! becomes of the record and whether the field keeps its value. The table is the simulator's own reading of the
//! published rules; nothing of the engine's contracts or checks is used.
//!
//! # Decisions where the published rules leave room
//!
//! * An identifier that can be folded (full width, lower-case or look-alike X, apostrophe, spaces, 15 digits, the letter
//!   O in a credit code) is repaired and no defect of the record: accepted, nothing fails.
//! * A missing key is rejected (`auto:key`); a record with an unreadable order is quarantined (`auto:order`).
//! * A retired district is a code outside the list of today's districts: `codeset`, flagged, the cell is empty.
//! * A future time quarantines the record, whatever the field. A sentinel fails `placeholder` and nothing else.
//! * A private-use character that no table repairs fails `pattern` and `readable`; the name is kept. The residue of a
//!   wrong decoder fails both as well; the cell is empty.
//! * A division that its pattern refuses is kept where it is a division of another level; where it is none, `readable`
//!   fails too and the cell is empty.
//! * A declared sex or birth date that contradicts the number fails `id_sex` or `id_birth`; the value is kept.
//! * An unknown code in a key field or an unmapped document type quarantines, everywhere else it flags.

mod effects;

use crate::feed::Feed;
use crate::sheet::seeds;

pub use effects::{effect, person_name_field};

/// One way to spoil (or merely to disfigure) a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Defect {
    // Disfigured, but repaired by normalization or harmless: nothing fails.
    IdLowerCaseX,
    IdLookAlikeX,
    IdFullWidth,
    IdLeadingApostrophe,
    IdHiddenSpace,
    IdFifteenDigits,
    NamePrivateUseRepaired,
    NameDotVariant,
    NameSpaced,
    PrivateCode,
    AddressFreeText,
    ExtraField,
    DiagnosisByMistake,
    CapitalOddDecimals,
    CapitalWithUnit,
    CurrencyLetters,
    BracketVariant,
    EnterpriseTypeName,
    IndustryWithSection,
    IndustryDivisionOnly,
    CreditLetterO,
    CreditLowerCase,
    // Identifiers that cannot be used.
    IdBadCheck,
    IdMasked,
    IdFloatTruncated,
    IdWrongLength,
    IdJsonNumber,
    IdImpossibleDate,
    IdUnknownProvince,
    UnknownDocumentType,
    CreditBadCheck,
    CreditUnknownAuthority,
    EmployerBadCheck,
    MissingSubject,
    SlashForCode,
    // Fields.
    WrongSex,
    WrongBirthDate,
    FutureDate,
    FutureOrder,
    SentinelDate,
    PlaceholderName,
    NamePrivateUse,
    NameMojibake,
    UnknownCode,
    RetiredDistrict,
    IndustryNameOnly,
    BadDivision,
    ShortDivision,
    MissingRequired,
    WrongType,
    // Key, order, bytes.
    UnknownKeyCode,
    MissingKey,
    MissingOrder,
    MissingOrderHeader,
    RemovalWithoutOrder,
    TruncatedJson,
    WrongEncoding,
    EmptyBody,
    DeepNesting,
    Oversized,
}

/// Names of the defect kinds that every city shows, each once; messages above the bound of brokers are apart.
pub fn defect_kinds() -> Vec<String> {
    let shown = Defect::ALL
        .iter()
        .filter(|defect| **defect != Defect::Oversized);
    let seeded = Feed::ALL.into_iter().flat_map(seeds::of);
    let kinds: std::collections::BTreeSet<String> = shown
        .map(|defect| defect.name())
        .chain(seeded.map(|seeded| seeded.kind.to_owned()))
        .chain(REFUSED_LISTS.map(str::to_owned))
        .collect();
    kinds.into_iter().collect()
}

/// Kinds of lists that no marker can close.
pub const REFUSED_LISTS: [&str; 3] = [
    "list_with_rows_without_keys",
    "list_with_rows_missing",
    "list_shrunk",
];

/// The kind of rule that fails; with the field it makes the rule id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Check {
    Required,
    Type,
    Enum,
    Codeset,
    Pattern,
    NotFuture,
    Placeholder,
    ResidentId,
    Uscc,
    IdSex,
    IdBirth,
    Readable,
    Key,
    Order,
    Parse,
    Subject,
}

impl Check {
    /// The name used in rule ids.
    pub fn name(self) -> &'static str {
        match self {
            Check::Required => "required",
            Check::Type => "type",
            Check::Enum => "enum",
            Check::Codeset => "codeset",
            Check::Pattern => "pattern",
            Check::NotFuture => "not_future",
            Check::Placeholder => "placeholder",
            Check::ResidentId => "resident_id",
            Check::Uscc => "uscc",
            Check::IdSex => "id_sex",
            Check::IdBirth => "id_birth",
            Check::Readable => "readable",
            Check::Key => "key",
            Check::Order => "order",
            Check::Parse => "parse",
            Check::Subject => "subject",
        }
    }

    /// Whether the rule is about the whole record and so names no field.
    pub fn is_record_wide(self) -> bool {
        matches!(
            self,
            Check::Key | Check::Order | Check::Parse | Check::Subject
        )
    }
}

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    Accepted,
    Flagged,
    Quarantined,
    Rejected,
    Control,
}

impl Outcome {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Flagged => "flagged",
            Outcome::Quarantined => "quarantined",
            Outcome::Rejected => "rejected",
            Outcome::Control => "control",
        }
    }

    /// Whether the record takes part in the files.
    pub fn counts(self) -> bool {
        matches!(self, Outcome::Accepted | Outcome::Flagged)
    }
}

/// What a defect does to a record of one feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effect {
    /// The field that is touched; empty for the whole record.
    pub field: &'static str,
    /// The rule that fails; none where normalization repairs the value.
    pub check: Option<Check>,
    /// A second rule that fails on the same field.
    pub also: Option<Check>,
    pub outcome: Outcome,
    /// Whether the field's cell is left without a value.
    pub loses_value: bool,
}

impl Effect {
    /// Every rule that fails.
    pub fn checks(&self) -> impl Iterator<Item = Check> + use<> {
        self.check.into_iter().chain(self.also)
    }

    fn with(self, also: Check) -> Self {
        Self {
            also: Some(also),
            ..self
        }
    }
}

/// How the record key fares under a defect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// The key is what it should be.
    Sound,
    /// The key is there, but it is not the key of the right record.
    Defective,
    /// No key can be read.
    Absent,
}

impl Defect {
    /// Every defect, in a fixed order.
    pub const ALL: [Defect; 60] = [
        Defect::IdLowerCaseX,
        Defect::IdLookAlikeX,
        Defect::IdFullWidth,
        Defect::IdLeadingApostrophe,
        Defect::IdHiddenSpace,
        Defect::IdFifteenDigits,
        Defect::NamePrivateUseRepaired,
        Defect::NameDotVariant,
        Defect::NameSpaced,
        Defect::PrivateCode,
        Defect::AddressFreeText,
        Defect::ExtraField,
        Defect::DiagnosisByMistake,
        Defect::CapitalOddDecimals,
        Defect::CapitalWithUnit,
        Defect::CurrencyLetters,
        Defect::BracketVariant,
        Defect::EnterpriseTypeName,
        Defect::IndustryWithSection,
        Defect::IndustryDivisionOnly,
        Defect::CreditLetterO,
        Defect::CreditLowerCase,
        Defect::IdBadCheck,
        Defect::IdMasked,
        Defect::IdFloatTruncated,
        Defect::IdWrongLength,
        Defect::IdJsonNumber,
        Defect::IdImpossibleDate,
        Defect::IdUnknownProvince,
        Defect::UnknownDocumentType,
        Defect::CreditBadCheck,
        Defect::CreditUnknownAuthority,
        Defect::EmployerBadCheck,
        Defect::MissingSubject,
        Defect::SlashForCode,
        Defect::WrongSex,
        Defect::WrongBirthDate,
        Defect::FutureDate,
        Defect::FutureOrder,
        Defect::SentinelDate,
        Defect::PlaceholderName,
        Defect::NamePrivateUse,
        Defect::NameMojibake,
        Defect::UnknownCode,
        Defect::RetiredDistrict,
        Defect::IndustryNameOnly,
        Defect::BadDivision,
        Defect::ShortDivision,
        Defect::MissingRequired,
        Defect::WrongType,
        Defect::UnknownKeyCode,
        Defect::MissingKey,
        Defect::MissingOrder,
        Defect::MissingOrderHeader,
        Defect::RemovalWithoutOrder,
        Defect::TruncatedJson,
        Defect::WrongEncoding,
        Defect::EmptyBody,
        Defect::DeepNesting,
        Defect::Oversized,
    ];

    /// The name of the defect kind in the truth, in snake case.
    pub fn name(self) -> String {
        let mut name = String::new();
        for character in format!("{self:?}").chars() {
            if character.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(character.to_ascii_lowercase());
        }
        name
    }

    /// Records per 10,000 that carry the defect beyond the guaranteed minimum (the mix of a city's real feeds).
    pub fn share(self) -> u64 {
        match self {
            Defect::IdLowerCaseX => 60,
            Defect::IdFullWidth => 40,
            Defect::IdBadCheck => 30,
            Defect::UnknownCode | Defect::RetiredDistrict => 40,
            Defect::WrongSex => 25,
            Defect::IdMasked => 15,
            Defect::SentinelDate => 15,
            Defect::FutureDate | Defect::NamePrivateUse => 5,
            Defect::NameMojibake => 2,
            Defect::TruncatedJson | Defect::WrongBirthDate | Defect::MissingRequired => 1,
            _ => 0,
        }
    }

    /// How the record key reads under the defect.
    pub fn key_state(self, feed: Feed) -> KeyState {
        match self {
            Defect::MissingKey
            | Defect::TruncatedJson
            | Defect::WrongEncoding
            | Defect::EmptyBody
            | Defect::DeepNesting
            | Defect::Oversized => KeyState::Absent,
            Defect::UnknownKeyCode => KeyState::Defective,
            Defect::IdBadCheck
            | Defect::IdMasked
            | Defect::IdFloatTruncated
            | Defect::IdWrongLength
            | Defect::IdImpossibleDate
            | Defect::IdUnknownProvince
                if feed.key_fields().contains(&feed.identifier_field()) =>
            {
                KeyState::Defective
            }
            _ => KeyState::Sound,
        }
    }
}
