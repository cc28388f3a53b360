//! Defects applied to fields and bytes.
//!
//! Defects that keep a wrong but usable value (a contradicting sex, a garbled name) are already in the facts; here only
//! the way in which a fact is written changes.

use super::{Fields, Json};
use crate::defect::{Defect, effect, person_name_field};
use crate::feed::Feed;
use crate::gazetteer::{INDUSTRIES, REPAIRED};
use crate::identifier::{
    ResidentId, fifteen_digits, resident_check_holds, unknown_authority, with_valid_check,
    wrong_credit_check,
};
use crate::random::variant;
use crate::record::Record;

/// The code that no list knows.
pub const UNKNOWN_CODE: &str = "999";

/// A person's number as a sender with this defect writes it.
pub fn spoiled_id(id: &ResidentId, defect: Defect, salt: u64) -> String {
    let text = id.text();
    let (body, check) = text.split_at(17);
    match defect {
        Defect::IdLowerCaseX => text.to_ascii_lowercase(),
        Defect::IdLookAlikeX => text.replace('X', variant(&["×", "Х", "Χ", "ｘ"], salt)),
        Defect::IdFullWidth => full_width(text),
        Defect::IdLeadingApostrophe => format!("'{text}"),
        Defect::IdHiddenSpace if salt.is_multiple_of(2) => format!("{text}\u{200B}"),
        Defect::IdHiddenSpace => format!("{} {}\u{A0}", part(text, ..6), part(text, 6..)),
        Defect::IdFifteenDigits => fifteen_digits(id),
        Defect::IdBadCheck => wrong_check(body, check, salt),
        Defect::IdMasked => format!("{}***********{}", part(text, ..4), part(text, 15..)),
        Defect::IdFloatTruncated => float_truncated(body, check, salt),
        Defect::IdWrongLength => body.to_owned(),
        Defect::IdImpossibleDate => {
            with_valid_check(&format!("{}0230{}", part(body, ..10), part(body, 14..)))
        }
        Defect::IdUnknownProvince => with_valid_check(&format!("99{}", part(body, 2..))),
        _ => text.to_owned(),
    }
}

/// A part of a number, which is ASCII and long enough.
fn part(text: &str, range: impl std::slice::SliceIndex<str, Output = str>) -> &str {
    text.get(range)
        .expect("numbers of this crate have 18 ASCII characters")
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c))
        .collect()
}

fn wrong_check(body: &str, check: &str, salt: u64) -> String {
    const CHECKS: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X"];
    let others: Vec<&str> = CHECKS.into_iter().filter(|other| *other != check).collect();
    format!("{body}{}", variant(&others, salt))
}

/// What a spreadsheet or a double leaves of the number, as long as that is no valid number by chance.
fn float_truncated(body: &str, check: &str, salt: u64) -> String {
    let double = format!("{body}{}", if check == "X" { "0" } else { check })
        .parse::<f64>()
        .map(|number| format!("{number:.0}"))
        .unwrap_or_default();
    let spreadsheet = format!("{}000", part(body, ..15));
    let original = format!("{body}{check}");
    [double, spreadsheet]
        .into_iter()
        .find(|text| *text != original && text.len() == 18 && !resident_check_holds(text))
        .unwrap_or_else(|| wrong_check(body, check, salt))
}

/// A person's name as a sender with this defect writes it.
pub fn name_as_sent(name: &str, defect: Option<Defect>, salt: u64) -> String {
    match defect {
        Some(Defect::NamePrivateUseRepaired) => name
            .chars()
            .map(|c| {
                REPAIRED
                    .iter()
                    .find(|(repaired, _)| *repaired == c)
                    .map_or(c, |(_, old)| *old)
            })
            .collect(),
        Some(Defect::NameDotVariant) => name.replace('·', variant(&["・", "•", "．"], salt)),
        Some(Defect::NameSpaced) => {
            let mut characters = name.chars();
            let first: String = characters.by_ref().take(1).collect();
            format!(" {first}\u{3000}{} ", characters.as_str())
        }
        Some(Defect::PlaceholderName) => variant(&["测试", "无", "不详", "xxx"], salt).to_owned(),
        _ => name.to_owned(),
    }
}

/// Rewrites the fields that the record's defect touches.
pub fn spoil_fields(record: &Record, fields: &mut Fields) {
    let (feed, salt) = (record.feed(), record.salt);
    let Some(defect) = record.defect else { return };
    let field = effect(feed, defect).map_or("", |effect| effect.field);
    if let Some(id) = record.body.resident_id() {
        let sent = spoiled_id(id, defect, salt);
        if sent != id.text() {
            fields.set(feed.identifier_field(), Json::Text(sent));
        }
        if defect == Defect::IdJsonNumber {
            fields.set(
                feed.identifier_field(),
                Json::Raw(id.text().trim_end_matches('X').to_owned()),
            );
        }
    }
    if let Some(name_field) = person_name_field(feed) {
        let sent = name_as_sent(&fields.text(name_field), Some(defect), salt);
        fields.set(name_field, Json::Text(sent));
    }
    spoil_codes(defect, feed, field, salt, fields);
    spoil_dates(defect, feed, field, salt, fields);
    spoil_enterprise(defect, field, salt, fields);
    spoil_presence(defect, feed, field, salt, fields);
}

fn set(fields: &mut Fields, field: &'static str, value: impl Into<String>) {
    fields.set(field, Json::Text(value.into()));
}

fn spoil_codes(defect: Defect, feed: Feed, field: &'static str, salt: u64, fields: &mut Fields) {
    match (defect, feed) {
        (Defect::UnknownCode, Feed::Hukou) => set(fields, field, "88"),
        (Defect::UnknownCode, Feed::Insurance) => set(fields, field, "9"),
        (Defect::UnknownCode, Feed::Medins) => set(fields, field, "8"),
        (Defect::UnknownCode, Feed::Register) => set(fields, field, "K7"),
        (Defect::UnknownCode, Feed::Taxpayer) => set(fields, field, "E"),
        (Defect::RetiredDistrict, _) => set(
            fields,
            field,
            variant(&["350202", "350204", "350221"], salt),
        ),
        (Defect::PrivateCode, Feed::Hukou) => {
            let short: String = fields.text(field).chars().take(1).collect();
            set(fields, field, short);
        }
        (Defect::PrivateCode, Feed::Register) => {
            let letter = match fields.text(field).as_str() {
                "2" => "C",
                "3" => "D",
                _ => "A",
            };
            set(fields, field, letter);
        }
        (Defect::UnknownKeyCode, _) => set(fields, field, UNKNOWN_CODE),
        (Defect::UnknownDocumentType, Feed::Medins) => set(fields, field, "97"),
        (Defect::BadDivision, _) => set(
            fields,
            field,
            variant(&["殿前街道", "35020600200", "3502060"], salt),
        ),
        (Defect::ShortDivision, _) => {
            let short: String = fields.text(field).chars().take(6).collect();
            set(fields, field, short);
        }
        (Defect::WrongType, Feed::Hukou) => fields.set(field, Json::Raw("[\"20\"]".to_owned())),
        (Defect::WrongType, Feed::Residence) => {
            fields.set(field, Json::Raw("{\"road\":\"未知\"}".to_owned()))
        }
        (Defect::WrongType, Feed::Insurance) => fields.set(field, Json::Raw("520000".to_owned())),
        (Defect::WrongType, Feed::Medins) => fields.set(field, Json::Raw("202601".to_owned())),
        (Defect::WrongType, Feed::Register) => fields.set(field, Json::Raw("500.25".to_owned())),
        (Defect::WrongType, Feed::Taxpayer) => fields.set(field, Json::Raw("true".to_owned())),
        _ => {}
    }
}

fn spoil_dates(defect: Defect, feed: Feed, field: &'static str, salt: u64, fields: &mut Fields) {
    match (defect, feed) {
        (Defect::FutureDate, Feed::Death) => set(fields, field, "2093-02-01T08:00:00+08:00"),
        (Defect::FutureDate, Feed::Register) => set(fields, field, "2093-02-01 00:00:00"),
        (Defect::FutureDate, Feed::Penalty) => set(fields, field, "2093-02-01"),
        (Defect::FutureOrder, Feed::Hukou) => set(fields, field, "20930201083000"),
        (Defect::FutureOrder, Feed::Medins) => set(fields, field, "2093-02-01 08:30:00"),
        (Defect::FutureOrder, Feed::Taxpayer) => set(fields, field, "20930201"),
        (Defect::SentinelDate, Feed::Hukou | Feed::Insurance) => {
            set(
                fields,
                field,
                variant(&["00000000", "99991231", "19000101"], salt),
            );
        }
        (Defect::SentinelDate, Feed::Medins) => {
            set(fields, field, variant(&["1900-01-01", "9999-12-31"], salt));
        }
        (Defect::SentinelDate, Feed::Register) => {
            set(
                fields,
                field,
                variant(&["1900-01-01 00:00:00", "9999-12-31 00:00:00"], salt),
            );
        }
        (Defect::MissingOrder, Feed::Hukou | Feed::Taxpayer) if salt.is_multiple_of(2) => {
            set(fields, field, "")
        }
        (Defect::MissingOrder, Feed::Hukou | Feed::Taxpayer | Feed::Medins) => fields.remove(field),
        _ => {}
    }
}

fn spoil_enterprise(defect: Defect, field: &'static str, salt: u64, fields: &mut Fields) {
    let sent = fields.text(field);
    match defect {
        Defect::AddressFreeText => {
            let spoiled = sent
                .replace("号", "號")
                .replace('区', "区 ")
                .replace('1', "１")
                .replace('2', "２");
            set(fields, field, format!(" {spoiled}"));
        }
        Defect::CapitalWithUnit => {
            let whole = sent.split('.').next().unwrap_or_default();
            set(fields, field, format!("{whole}万元人民币"));
        }
        Defect::CurrencyLetters => {
            let letters = match sent.as_str() {
                "840" => "USD",
                "344" => "HKD",
                _ => "CNY",
            };
            set(fields, field, letters);
        }
        Defect::BracketVariant if salt.is_multiple_of(2) => {
            set(fields, field, sent.replace('(', "（").replace(')', "）"));
        }
        Defect::BracketVariant => set(fields, field, sent.replace('(', " (").replace(')', ") ")),
        Defect::EnterpriseTypeName => {
            let name = if salt.is_multiple_of(2) {
                "有限责任公司（自然人投资或控股）"
            } else {
                "有限责任公司(自然人投资或控股)"
            };
            set(fields, field, name);
        }
        Defect::IndustryWithSection => set(fields, field, format!("{}{sent}", section_of(&sent))),
        Defect::IndustryDivisionOnly => {
            set(fields, field, sent.chars().take(2).collect::<String>())
        }
        Defect::IndustryNameOnly => set(fields, field, "软件开发"),
        Defect::CreditLetterO => set(fields, field, sent.replacen('0', "O", 1)),
        Defect::CreditLowerCase => set(fields, field, sent.to_ascii_lowercase()),
        Defect::CreditBadCheck | Defect::EmployerBadCheck if sent.len() == 18 => {
            set(fields, field, wrong_credit_check(&sent, salt));
        }
        Defect::CreditUnknownAuthority if sent.len() == 18 => {
            set(fields, field, unknown_authority(&sent))
        }
        _ => {}
    }
}

fn section_of(class: &str) -> &'static str {
    INDUSTRIES
        .iter()
        .find(|(code, _)| *code == class)
        .map_or("", |(_, section)| section)
}

fn spoil_presence(defect: Defect, feed: Feed, field: &'static str, salt: u64, fields: &mut Fields) {
    match defect {
        Defect::MissingSubject => {
            set(fields, field, "");
            if feed == Feed::Register {
                set(fields, "REGNO", "");
            }
        }
        Defect::SlashForCode => set(fields, field, "/"),
        Defect::MissingRequired if salt.is_multiple_of(2) => set(fields, field, ""),
        Defect::MissingRequired => fields.remove(field),
        Defect::MissingKey if salt.is_multiple_of(2) => set(fields, field, ""),
        Defect::MissingKey => fields.remove(field),
        Defect::ExtraField => set(fields, "bz", "系统升级后新增的备注"),
        Defect::DiagnosisByMistake => {
            set(fields, "diag_code", "E11.9");
            set(fields, "diag_name", "2型糖尿病");
        }
        Defect::WrongEncoding => set(fields, "bz", "历史系统导出"),
        Defect::DeepNesting => {
            fields.set(
                "bz",
                Json::Raw(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
            );
        }
        Defect::Oversized => set(fields, "bz", "9".repeat(1_200_000)),
        _ => {}
    }
}

/// The bytes of a value under the record's defect.
pub fn spoil_bytes(record: &Record, text: String) -> Vec<u8> {
    match record.defect {
        Some(Defect::TruncatedJson) => {
            let mut bytes = text.into_bytes();
            bytes.truncate(bytes.len() * 3 / 5);
            bytes
        }
        Some(Defect::WrongEncoding) => {
            let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
            bytes.into_owned()
        }
        Some(Defect::EmptyBody) => Vec::new(),
        _ => text.into_bytes(),
    }
}
