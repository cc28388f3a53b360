//! Which rule a defect fails in which feed, and what becomes of the record.

use super::{Check, Defect, Effect, Outcome};
use crate::feed::Feed;

fn repaired(field: &'static str) -> Option<Effect> {
    Some(Effect {
        field,
        check: None,
        also: None,
        outcome: Outcome::Accepted,
        loses_value: false,
    })
}

fn flagged(field: &'static str, check: Check) -> Option<Effect> {
    Some(Effect {
        field,
        check: Some(check),
        also: None,
        outcome: Outcome::Flagged,
        loses_value: true,
    })
}

fn kept(field: &'static str, check: Check) -> Option<Effect> {
    Some(Effect {
        field,
        check: Some(check),
        also: None,
        outcome: Outcome::Flagged,
        loses_value: false,
    })
}

fn held(field: &'static str, check: Check) -> Option<Effect> {
    Some(Effect {
        field,
        check: Some(check),
        also: None,
        outcome: Outcome::Quarantined,
        loses_value: true,
    })
}

fn rejected(field: &'static str, check: Check) -> Option<Effect> {
    Some(Effect {
        field,
        check: Some(check),
        also: None,
        outcome: Outcome::Rejected,
        loses_value: true,
    })
}

/// What `defect` does in `feed`; none where the feed cannot show it, or is no register: seeds tell of the others.
pub fn effect(feed: Feed, defect: Defect) -> Option<Effect> {
    if !feed.is_register() {
        return None;
    }
    match defect {
        Defect::IdLowerCaseX
        | Defect::IdLookAlikeX
        | Defect::IdFullWidth
        | Defect::IdLeadingApostrophe
        | Defect::IdHiddenSpace
        | Defect::IdFifteenDigits
        | Defect::IdBadCheck
        | Defect::IdMasked
        | Defect::IdFloatTruncated
        | Defect::IdWrongLength
        | Defect::IdJsonNumber
        | Defect::IdImpossibleDate
        | Defect::IdUnknownProvince
        | Defect::UnknownDocumentType => person_identifier(feed, defect),
        Defect::CreditLetterO
        | Defect::CreditLowerCase
        | Defect::CreditBadCheck
        | Defect::CreditUnknownAuthority
        | Defect::EmployerBadCheck => enterprise_identifier(feed, defect),
        Defect::NamePrivateUseRepaired
        | Defect::NameDotVariant
        | Defect::NameSpaced
        | Defect::PlaceholderName
        | Defect::NamePrivateUse
        | Defect::NameMojibake => person_name(feed, defect),
        Defect::WrongSex
        | Defect::WrongBirthDate
        | Defect::FutureDate
        | Defect::FutureOrder
        | Defect::SentinelDate => dates_and_sex(feed, defect),
        Defect::PrivateCode
        | Defect::UnknownCode
        | Defect::RetiredDistrict
        | Defect::UnknownKeyCode
        | Defect::WrongType
        | Defect::BadDivision
        | Defect::ShortDivision => codes(feed, defect),
        Defect::AddressFreeText
        | Defect::ExtraField
        | Defect::DiagnosisByMistake
        | Defect::CapitalOddDecimals
        | Defect::CapitalWithUnit
        | Defect::CurrencyLetters
        | Defect::BracketVariant
        | Defect::EnterpriseTypeName
        | Defect::IndustryWithSection
        | Defect::IndustryDivisionOnly
        | Defect::IndustryNameOnly => shapes(feed, defect),
        Defect::MissingSubject
        | Defect::SlashForCode
        | Defect::MissingRequired
        | Defect::MissingKey
        | Defect::MissingOrder
        | Defect::MissingOrderHeader
        | Defect::RemovalWithoutOrder => missing(feed, defect),
        Defect::TruncatedJson | Defect::WrongEncoding | Defect::DeepNesting | Defect::Oversized => {
            (feed != Feed::Penalty)
                .then_some(())
                .and(rejected("", Check::Parse))
        }
        Defect::EmptyBody => rejected("", Check::Parse),
    }
}

fn person_identifier(feed: Feed, defect: Defect) -> Option<Effect> {
    if !feed.is_person() {
        return None;
    }
    let field = feed.identifier_field();
    match defect {
        Defect::IdBadCheck
        | Defect::IdMasked
        | Defect::IdFloatTruncated
        | Defect::IdWrongLength => rejected(field, Check::ResidentId),
        Defect::IdImpossibleDate | Defect::IdUnknownProvince => held(field, Check::ResidentId),
        // Where the number is the key itself, a number of the wrong type leaves no key to speak of.
        Defect::IdJsonNumber if feed.key_fields().contains(&field) => None,
        Defect::IdJsonNumber => rejected(field, Check::Type),
        Defect::UnknownDocumentType if feed == Feed::Medins => {
            held("psn_cert_type", Check::Codeset)
        }
        Defect::UnknownDocumentType => None,
        _ => repaired(field),
    }
}

fn enterprise_identifier(feed: Feed, defect: Defect) -> Option<Effect> {
    let field = feed.identifier_field();
    match (feed, defect) {
        (Feed::Insurance, Defect::EmployerBadCheck) => flagged("aab998", Check::Uscc),
        (_, Defect::EmployerBadCheck) => None,
        (Feed::Register | Feed::Penalty, Defect::CreditLetterO | Defect::CreditLowerCase) => {
            repaired(field)
        }
        (Feed::Register | Feed::Penalty | Feed::Taxpayer, Defect::CreditBadCheck) => {
            rejected(field, Check::Uscc)
        }
        (Feed::Register | Feed::Penalty, Defect::CreditUnknownAuthority) => {
            rejected(field, Check::Uscc)
        }
        _ => None,
    }
}

/// The field of a feed that holds a person's name.
pub fn person_name_field(feed: Feed) -> Option<&'static str> {
    match feed {
        Feed::Hukou => Some("XM"),
        Feed::Residence => Some("xm"),
        Feed::Death => Some("name"),
        Feed::Insurance => Some("aac003"),
        Feed::Register => Some("LEREP"),
        _ => None,
    }
}

fn person_name(feed: Feed, defect: Defect) -> Option<Effect> {
    let field = person_name_field(feed)?;
    match defect {
        Defect::NamePrivateUseRepaired | Defect::NameDotVariant if feed == Feed::Register => None,
        Defect::NamePrivateUseRepaired | Defect::NameDotVariant | Defect::NameSpaced => {
            repaired(field)
        }
        Defect::PlaceholderName => flagged(field, Check::Placeholder),
        // What a wrong decoder leaves is no name: the reader of names refuses it beside the pattern.
        Defect::NameMojibake => {
            flagged(field, Check::Pattern).map(|effect| effect.with(Check::Readable))
        }
        // A glyph of the sender's own: the reader of names marks it too, and keeps the name.
        _ => kept(field, Check::Pattern).map(|effect| effect.with(Check::Readable)),
    }
}

fn dates_and_sex(feed: Feed, defect: Defect) -> Option<Effect> {
    match (feed, defect) {
        (Feed::Hukou, Defect::WrongSex) => kept("XB", Check::IdSex),
        (Feed::Insurance, Defect::WrongSex) => kept("aac004", Check::IdSex),
        (Feed::Hukou, Defect::WrongBirthDate) => kept("CSRQ", Check::IdBirth),
        (Feed::Insurance, Defect::WrongBirthDate) => kept("aac006", Check::IdBirth),
        (Feed::Medins, Defect::WrongBirthDate) => kept("brdy", Check::IdBirth),
        (Feed::Death, Defect::FutureDate) => held("dod", Check::NotFuture),
        (Feed::Register, Defect::FutureDate) => held("ESTDATE", Check::NotFuture),
        (Feed::Penalty, Defect::FutureDate) => held("处罚决定日期", Check::NotFuture),
        (Feed::Hukou, Defect::FutureOrder) => held("GXSJ", Check::NotFuture),
        (Feed::Insurance, Defect::FutureOrder) => held("ts_ms", Check::NotFuture),
        (Feed::Medins, Defect::FutureOrder) => held("updt_time", Check::NotFuture),
        (Feed::Taxpayer, Defect::FutureOrder) => held("gxrq", Check::NotFuture),
        (Feed::Hukou, Defect::SentinelDate) => flagged("CSRQ", Check::Placeholder),
        (Feed::Insurance, Defect::SentinelDate) => flagged("aac030", Check::Placeholder),
        (Feed::Medins, Defect::SentinelDate) => flagged("begndate", Check::Placeholder),
        (Feed::Register, Defect::SentinelDate) => flagged("ESTDATE", Check::Placeholder),
        _ => None,
    }
}

fn codes(feed: Feed, defect: Defect) -> Option<Effect> {
    match (feed, defect) {
        (Feed::Hukou, Defect::PrivateCode) => repaired("HYZK"),
        (Feed::Register, Defect::PrivateCode) => repaired("REGSTATE"),
        (Feed::Hukou, Defect::UnknownCode) => flagged("MZ", Check::Codeset),
        (Feed::Insurance, Defect::UnknownCode) => flagged("aac008", Check::Codeset),
        (Feed::Medins, Defect::UnknownCode) => flagged("psn_insu_stas", Check::Codeset),
        (Feed::Register, Defect::UnknownCode) => flagged("REGSTATE", Check::Codeset),
        (Feed::Taxpayer, Defect::UnknownCode) => flagged("xydj", Check::Enum),
        (Feed::Hukou, Defect::RetiredDistrict) => flagged("HKXZQH", Check::Codeset),
        (Feed::Register, Defect::RetiredDistrict) => flagged("DOMDISTRICT", Check::Codeset),
        (Feed::Insurance, Defect::UnknownKeyCode) => held("aae140", Check::Codeset),
        (Feed::Medins, Defect::UnknownKeyCode) => held("insutype", Check::Codeset),
        (Feed::Residence, Defect::BadDivision) => {
            flagged("jzdqh12", Check::Pattern).map(|effect| effect.with(Check::Readable))
        }
        (Feed::Residence, Defect::ShortDivision) => kept("jzdqh12", Check::Pattern),
        (Feed::Hukou, Defect::WrongType) => rejected("HYZK", Check::Type),
        (Feed::Residence, Defect::WrongType) => rejected("jzdz", Check::Type),
        (Feed::Insurance, Defect::WrongType) => rejected("aae180", Check::Type),
        (Feed::Medins, Defect::WrongType) => rejected("clct_ym", Check::Type),
        (Feed::Register, Defect::WrongType) => rejected("REGCAP", Check::Type),
        (Feed::Taxpayer, Defect::WrongType) => rejected("nsrmc", Check::Type),
        _ => None,
    }
}

fn shapes(feed: Feed, defect: Defect) -> Option<Effect> {
    match (feed, defect) {
        (Feed::Residence, Defect::AddressFreeText) => repaired("jzdz"),
        (Feed::Register, Defect::AddressFreeText) => repaired("DOM"),
        (Feed::Penalty, Defect::ExtraField) => None,
        (_, Defect::ExtraField) => repaired(""),
        (Feed::Medins, Defect::DiagnosisByMistake) => repaired(""),
        (Feed::Register, Defect::CapitalOddDecimals | Defect::CapitalWithUnit) => {
            repaired("REGCAP")
        }
        (Feed::Register, Defect::CurrencyLetters) => repaired("REGCAPCUR"),
        (Feed::Register, Defect::BracketVariant) => repaired("ENTNAME"),
        (Feed::Taxpayer, Defect::BracketVariant) => repaired("nsrmc"),
        (Feed::Penalty, Defect::BracketVariant) => repaired("行政相对人名称"),
        (Feed::Register, Defect::EnterpriseTypeName) => repaired("ENTTYPE"),
        (Feed::Register, Defect::IndustryWithSection) => repaired("INDUSTRYCO"),
        (Feed::Register, Defect::IndustryDivisionOnly) => {
            repaired("INDUSTRYCO").map(|effect| Effect {
                loses_value: true,
                ..effect
            })
        }
        (Feed::Register, Defect::IndustryNameOnly) => flagged("INDUSTRYCO", Check::Readable),
        _ => None,
    }
}

fn missing(feed: Feed, defect: Defect) -> Option<Effect> {
    match (feed, defect) {
        (
            Feed::Death | Feed::Insurance | Feed::Register | Feed::Penalty,
            Defect::MissingSubject,
        ) => held(feed.identifier_field(), Check::Subject),
        (Feed::Penalty, Defect::SlashForCode) => held(feed.identifier_field(), Check::Subject),
        (Feed::Hukou, Defect::MissingRequired) => flagged("XB", Check::Required),
        (
            Feed::Residence | Feed::Insurance | Feed::Register | Feed::Penalty | Feed::Taxpayer,
            Defect::MissingRequired,
        ) => feed
            .required_fields()
            .first()
            .and_then(|field| flagged(field, Check::Required)),
        (_, Defect::MissingKey) => feed
            .key_fields()
            .first()
            .and_then(|field| rejected(field, Check::Key)),
        (Feed::Hukou, Defect::MissingOrder) => held("GXSJ", Check::Order),
        (Feed::Insurance, Defect::MissingOrder) => held("ts_ms", Check::Order),
        (Feed::Medins, Defect::MissingOrder) => held("updt_time", Check::Order),
        (Feed::Taxpayer, Defect::MissingOrder) => held("gxrq", Check::Order),
        (Feed::Penalty, Defect::MissingOrderHeader | Defect::RemovalWithoutOrder) => None,
        (_, Defect::MissingOrderHeader) => held("", Check::Order),
        (Feed::Insurance, Defect::RemovalWithoutOrder) => None,
        (_, Defect::RemovalWithoutOrder) => held("", Check::Order),
        _ => None,
    }
}
