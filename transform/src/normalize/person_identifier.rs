//! The documents by which persons are known, as one canonical class and text.
//!
//! The class of a document is never guessed from a number that could be another's: without a class only the shapes of
//! the resident id and its 18-character relatives are read. Links between documents (a renewed permanent residence
//! card, a birth certificate before the first number) are made elsewhere.

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use super::identifier_text::IdentifierText;
use super::permit;
use super::resident_id::{self, IdProblem, IdProblemKind, Limits, ResidentId};

/// Canonical document classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonIdClass {
    /// 居民身份证.
    Ric,
    /// 港澳居民居住证.
    Hmrp,
    /// 台湾居民居住证.
    Twrp,
    /// 外国人永久居留身份证.
    Fpr,
    /// 港澳居民来往内地通行证.
    Hmtp,
    /// 台湾居民来往大陆通行证.
    Twtp,
    /// 中华人民共和国护照.
    PptCn,
    /// A foreign passport.
    PptF,
    /// 出生医学证明.
    Birth,
}

impl PersonIdClass {
    pub const ALL: [Self; 9] = [
        Self::Ric,
        Self::Hmrp,
        Self::Twrp,
        Self::Fpr,
        Self::Hmtp,
        Self::Twtp,
        Self::PptCn,
        Self::PptF,
        Self::Birth,
    ];

    /// The canonical code, for example `RIC`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ric => "RIC",
            Self::Hmrp => "HMRP",
            Self::Twrp => "TWRP",
            Self::Fpr => "FPR",
            Self::Hmtp => "HMTP",
            Self::Twtp => "TWTP",
            Self::PptCn => "PPT_CN",
            Self::PptF => "PPT_F",
            Self::Birth => "BIRTH",
        }
    }

    /// The class of a canonical code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// Smaller wins when one record or component has several identifiers: resident id, residence permits, permanent
    /// residence, travel permits, passports, birth certificate.
    pub fn rank(self) -> u8 {
        match self {
            Self::Ric => 0,
            Self::Hmrp | Self::Twrp => 1,
            Self::Fpr => 2,
            Self::Hmtp | Self::Twtp => 3,
            Self::PptCn | Self::PptF => 4,
            Self::Birth => 5,
        }
    }
}

/// A sound identifier of a person. `Debug` shows no character of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PersonIdentifier {
    /// What the number itself says where it says it, else what was declared.
    pub class: PersonIdClass,
    /// The text that is compared and made into a token; without reissue digits.
    pub canonical: IdentifierText,
    /// The reissue digits of a travel permit.
    pub reissue: Option<IdentifierText>,
    /// Birth date inside the number, where it has a whole one.
    pub birth_date: Option<Date>,
    /// All that a number of the resident id's shape says.
    pub resident: Option<ResidentId>,
    /// An X was written as a look-alike (`ID_FOLDED`).
    pub folded: bool,
}

impl std::fmt::Debug for PersonIdentifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "PersonIdentifier({:?}, {} characters)",
            self.class,
            self.canonical.len()
        )
    }
}

impl From<ResidentId> for PersonIdentifier {
    fn from(id: ResidentId) -> Self {
        Self {
            class: id.class,
            canonical: id.canonical,
            reissue: None,
            birth_date: Some(id.birth_date),
            resident: Some(id),
            folded: id.folded,
        }
    }
}

/// Reads the number of a person's document. `class`: as declared, none where the feed has no document type;
/// `event_date`: the day no birth may be after.
///
/// # Errors
/// [`IdProblem`]: the text is no number of that class, or without one no number of the resident id's shape.
pub fn parse(
    class: Option<PersonIdClass>,
    raw: &str,
    event_date: Option<Date>,
) -> Result<PersonIdentifier, IdProblem> {
    let limits = Limits {
        latest_birth: event_date,
        numeric_source: false,
    };
    match class {
        Some(PersonIdClass::Ric | PersonIdClass::Hmrp | PersonIdClass::Twrp) => {
            resident_id::parse(raw, &limits).map(PersonIdentifier::from)
        }
        Some(class) => permit::parse(class, raw, &limits),
        None => resident_id::parse(raw, &limits)
            .map(PersonIdentifier::from)
            .or_else(|problem| {
                // The 2023 permanent residence card was made to pass wherever a resident id is asked for; its leading 9
                // is no province.
                let foreigner = problem.kind == IdProblemKind::Province;
                let card = foreigner
                    .then(|| permit::parse(PersonIdClass::Fpr, raw, &limits).ok())
                    .flatten();
                card.ok_or(problem)
            }),
    }
}
