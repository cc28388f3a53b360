//! Targets over normalization: names, addresses, dates, amounts, and the folding below them.
//!
//! Law: normalizing twice is normalizing once.

use std::sync::LazyLock;

use yidang_transform::normalize::address::{self, AddressReader};
use yidang_transform::normalize::date::{
    self, DateForms, DateOutcome, Precision, Zone, epoch_milliseconds, truncated,
};
use yidang_transform::normalize::money::{self, Unit};
use yidang_transform::normalize::name::{self, Equality};
use yidang_transform::normalize::{currency, fold, industry, placeholder, quantity, shape, share};

use crate::identifiers::text;
use crate::samples::choice;
use crate::world::catalog;

pub(crate) fn name(bytes: &[u8]) {
    let raw = text(bytes);
    for read in [name::person, name::organisation] {
        let Ok(found) = read(&raw) else {
            continue;
        };
        let again = read(&found.text).expect("a name is accepted in its own spelling");
        assert_eq!(again.text, found.text, "a canonical name stays");
        assert!(again.private_use == found.private_use || again.text == raw);
        assert!(!again.repaired, "a repaired name needs no repair");
        assert!(name::equality(&found, &again) != Equality::Different);
    }
}

static ADDRESSES: LazyLock<AddressReader> =
    LazyLock::new(|| AddressReader::new(&catalog().divisions));

pub(crate) fn address(bytes: &[u8]) {
    let raw = text(bytes);
    let clean = address::clean(&raw);
    assert_eq!(address::clean(&clean), clean, "a clean address stays");
    let Some(found) = ADDRESSES.read(&raw) else {
        return;
    };
    let again = ADDRESSES
        .read(&found.text)
        .expect("an address is one in its own spelling");
    assert_eq!(again.text, found.text, "a standard address stays");
    assert!(found.confidence <= 100);
    if let Some(level) = found.precision {
        assert!(
            found
                .part(level)
                .is_none_or(|part| found.text.contains(part))
        );
    }
    assert!(found.warnings().count() <= 3);
}

/// Lists of forms as contracts have them; the first byte chooses.
const FORMS: [&str; 8] = [
    "any",
    "yyyyMMdd",
    "yyyy-M-d|yyyy/M/d|yyyy.M.d|yyyy年M月d日",
    "epoch_ms|iso",
    "epoch_s|yyyyMMddHHmmss",
    "excel|MM/dd/yyyy",
    "yyyyMM|yyyy-MM|yyyy年M月",
    "yyyy-MM-dd HH:mm:ss|yyyy/MM/dd HH:mm:ss|any",
];

static ZONES: LazyLock<[Zone; 3]> = LazyLock::new(|| {
    let named = |name| Zone::named(name).expect("the zone database knows it");
    [Zone::shanghai(), named("America/New_York"), named("UTC")]
});

pub(crate) fn date(bytes: &[u8]) {
    let Some((list, raw)) = choice(bytes, &FORMS) else {
        return;
    };
    let raw = text(raw);
    let forms = DateForms::parse(list).expect("the lists above are sound");
    let outcome = date::parse(&raw, &forms);
    if let DateOutcome::Date(day) = outcome {
        let again = date::parse(&day.to_string(), &DateForms::any());
        let is_plain = (1000..=9998).contains(&day.year());
        assert!(
            !is_plain || again == outcome,
            "a day is the same day as text"
        );
    }
    for zone in &*ZONES {
        let Ok(instant) = epoch_milliseconds(&raw, &forms, zone) else {
            continue;
        };
        for precision in [Precision::Day, Precision::Second, Precision::Millisecond] {
            let cut = truncated(instant, precision, zone);
            assert_eq!(truncated(cut, precision, zone), cut, "what is cut stays");
            assert!(cut <= instant, "cutting goes back");
        }
    }
    let _precision = DateForms::parse(&raw).map(DateForms::precision);
    let _zone = Zone::named(&raw);
}

pub(crate) fn money(bytes: &[u8]) {
    let Some((unit, raw)) = choice(bytes, &[Unit::Fen, Unit::Yuan, Unit::WanYuan]) else {
        return;
    };
    let raw = text(raw);
    if let Ok(cents) = money::cents(&raw, *unit) {
        assert_eq!(money::cents(&cents.to_string(), Unit::Fen), Ok(cents));
        let sign = if cents < 0 { "-" } else { "" };
        let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
        let yuan = format!("{sign}{whole}.{rest:02}");
        assert_eq!(
            money::cents(&yuan, Unit::Yuan),
            Ok(cents),
            "an amount stays"
        );
    }
    amounts_of_other_kinds(&raw);
}

fn amounts_of_other_kinds(raw: &str) {
    if let Some(thousandths) = quantity::thousandths(raw) {
        let sign = if thousandths < 0 { "-" } else { "" };
        let size = thousandths.unsigned_abs();
        let number = format!("{sign}{}.{:03}", size / 1000, size % 1000);
        assert_eq!(
            quantity::thousandths(&number),
            Some(thousandths),
            "a quantity stays"
        );
    }
    if let Some(fraction) = share::fraction(raw) {
        assert_eq!(
            share::fraction(&fraction),
            Some(fraction.clone()),
            "a share stays"
        );
    }
    if let Some(code) = currency::alpha3(raw) {
        assert_eq!(currency::alpha3(code), Some(code));
    }
}

/// What is asked of texts of every kind: fillers, shapes, folds, industries.
pub(crate) fn text_of_any_kind(raw: &str) {
    let folded = fold::identifier(raw);
    assert_eq!(
        fold::identifier(&folded.text).text,
        folded.text,
        "a folded text stays"
    );
    let narrow = fold::width(raw);
    assert_eq!(fold::width(&narrow), narrow, "a narrow text stays");
    let shape = shape::of(raw);
    assert_eq!(shape.chars().count(), raw.chars().count());
    assert_eq!(shape::of(&shape), shape, "a shape is its own shape");
    let _sensitive = shape::looks_sensitive(raw);
    let _filler = placeholder::is_placeholder(raw);
    if let Ok(industry) = industry::class_and_section(raw) {
        let canonical = format!("{}{}", industry.section, industry.text.as_str());
        let again = industry::class_and_section(&canonical);
        assert!(again.is_ok_and(|again| again.text == industry.text && !again.section_differs));
    }
}

pub(crate) fn text_target(bytes: &[u8]) {
    text_of_any_kind(&text(bytes));
}
