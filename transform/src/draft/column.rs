//! What the values of one column are, whatever the column is called.
//!
//! Leaves alone: the header, and what a field should fill (`field`).

use std::collections::HashSet;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::codes::{CodeMap, folded};
use yidang_schemas::date_form::{DateForm, Precision};

use super::sample::{Cell, Column};
use crate::normalize::date::{self, DateForms, DateOutcome};
use crate::normalize::{
    name, organisation_code, person_identifier, registration_number, tax_number, uscc,
};
use crate::parse::means_nothing;

/// Share of the filled values that have to pass a check for the column to be of its class, in percent.
const ENOUGH_PERCENT: usize = 95;
/// Fewer values than this show nothing of a column's class.
const VALUES_MIN: usize = 3;
/// Years that dates of people and enterprises are in; other digits of a date's length are numbers of something.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2100;

/// Forms that cannot be told from plain numbers, or stand for several.
const NOT_SHOWN: [&str; 4] = ["any", "excel", "epoch_s", "epoch_ms"];

/// A test of one value.
type Passes = fn(&str) -> bool;

/// What a column's values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// An identifier of this class.
    Identifier(&'static str),
    Date,
    Phone,
    PersonName,
    OrganisationName,
    Address,
    /// JSON numbers without and with a fraction, and truth values.
    Integer,
    Number,
    Boolean,
    Nested,
    Text,
    /// Not one value.
    Empty,
}

/// One column, looked at.
pub(super) struct Seen<'s> {
    pub name: &'s str,
    pub look: Look,
    /// Records with a value.
    pub filled: usize,
    pub distinct: usize,
    /// Date forms that all values fit.
    pub forms: Vec<DateForm>,
    /// Code lists that hold all values.
    pub lists: Vec<&'s str>,
    values: Vec<&'s str>,
}

impl<'s> Seen<'s> {
    pub(super) fn of(column: &'s Column, catalog: &'s Catalog) -> Self {
        let cells = &column.cells;
        let text = |cell: &'s Cell| match cell {
            Cell::Text(text) | Cell::Number(text) => {
                Some(text.trim()).filter(|text| !means_nothing(text))
            }
            _ => None,
        };
        let values: Vec<&str> = cells.iter().filter_map(text).collect();
        let plain = |cell: &&Cell| matches!(cell, Cell::Boolean | Cell::Nested);
        let others = cells.iter().filter(plain).count();
        let forms = forms(&values);
        let distinct: HashSet<&str> = values.iter().copied().collect();
        Self {
            name: &column.name,
            look: look(cells, &values, !forms.is_empty()),
            filled: values.len() + others,
            distinct: distinct.len(),
            forms,
            lists: lists(&distinct, catalog),
            values,
        }
    }

    /// Whether (nearly) all values pass a check.
    pub(super) fn all(&self, passes: impl Fn(&str) -> bool) -> bool {
        nearly_all(&self.values, passes)
    }

    /// Whether it can be told apart what a value belongs to: neither free text nor a count.
    pub(super) fn can_be_key(&self) -> bool {
        let texts = [
            Look::PersonName,
            Look::OrganisationName,
            Look::Address,
            Look::Phone,
        ];
        let others = [Look::Number, Look::Boolean, Look::Nested, Look::Empty];
        !texts.contains(&self.look) && !others.contains(&self.look)
    }

    /// How many distinct values a code list does not have.
    pub(super) fn outside(&self, list: &CodeMap) -> usize {
        let outside: HashSet<&&str> = self
            .values
            .iter()
            .filter(|value| !holds(list, value))
            .collect();
        outside.len()
    }

    pub(super) fn is_time(&self) -> bool {
        !self.forms.is_empty()
            && self
                .forms
                .iter()
                .all(|form| form.precision == Precision::Instant)
    }
}

fn nearly_all(values: &[&str], passes: impl Fn(&str) -> bool) -> bool {
    let passed = values.iter().filter(|value| passes(value)).count();
    values.len() >= VALUES_MIN && passed * 100 >= values.len() * ENOUGH_PERCENT
}

fn look(cells: &[Cell], values: &[&str], dated: bool) -> Look {
    let any = |wanted: fn(&Cell) -> bool| cells.iter().any(wanted);
    if any(|cell| matches!(cell, Cell::Nested)) {
        return Look::Nested;
    }
    if any(|cell| matches!(cell, Cell::Boolean)) {
        return Look::Boolean;
    }
    if values.is_empty() {
        return Look::Empty;
    }
    if let Some(class) = identifier(values) {
        return Look::Identifier(class);
    }
    if !any(|cell| matches!(cell, Cell::Text(_))) {
        let whole = values.iter().all(|value| value.parse::<i64>().is_ok());
        return if whole { Look::Integer } else { Look::Number };
    }
    let looks: [(Look, Passes); 4] = [
        (Look::Phone, is_phone),
        (Look::OrganisationName, is_organisation_name),
        (Look::Address, is_address),
        (Look::PersonName, is_person_name),
    ];
    if dated {
        return Look::Date;
    }
    let found = looks
        .into_iter()
        .find(|(_, passes)| nearly_all(values, passes));
    found.map_or(Look::Text, |(look, _)| look)
}

/// The identifier class that nearly all values pass, the strictest check first.
fn identifier(values: &[&str]) -> Option<&'static str> {
    let classes: [(&str, Passes); 5] = [
        ("resident_id", is_resident_id),
        ("uscc", |text| uscc::parse(text).is_ok()),
        ("organisation_code", |text| {
            organisation_code::parse(text).is_ok()
        }),
        ("registration_number", |text| {
            registration_number::parse(text).is_ok()
        }),
        ("tax_number", |text| tax_number::parse(text).is_ok()),
    ];
    let found = classes
        .into_iter()
        .find(|(_, passes)| nearly_all(values, passes));
    found.map(|(class, _)| class)
}

/// Whether the name of a field is rather a value: the file has no header then, and a name would be somebody's data.
pub(super) fn is_value(name: &str) -> bool {
    let date = || !forms(&[name]).is_empty();
    let number = || name.parse::<f64>().is_ok();
    is_resident_id(name) || uscc::parse(name).is_ok() || is_phone(name) || number() || date()
}

fn is_resident_id(text: &str) -> bool {
    person_identifier::parse(None, text, None).is_ok()
}

/// Eleven digits of a mobile number.
fn is_phone(text: &str) -> bool {
    let mut digits = text.bytes();
    let begins = digits.next() == Some(b'1')
        && digits
            .next()
            .is_some_and(|digit| (b'3'..=b'9').contains(&digit));
    begins && text.len() == 11 && digits.all(|digit| digit.is_ascii_digit())
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' | '·')
}

fn is_person_name(text: &str) -> bool {
    let length = text.chars().count();
    (2..=15).contains(&length)
        && (length <= 4 || text.contains('·'))
        && text.chars().all(is_han)
        && name::person(text).is_ok()
}

fn is_organisation_name(text: &str) -> bool {
    const ENDS: [&str; 14] = [
        "公司",
        "厂",
        "店",
        "中心",
        "合作社",
        "事务所",
        "经营部",
        "商行",
        "工作室",
        "学校",
        "医院",
        "协会",
        "委员会",
        "分行",
    ];
    text.chars().count() >= 4
        && ENDS.iter().any(|end| text.ends_with(end))
        && name::organisation(text).is_ok()
}

fn is_address(text: &str) -> bool {
    const LEVELS: [char; 12] = [
        '省', '市', '区', '县', '镇', '乡', '村', '街', '路', '里', '号', '室',
    ];
    let found = LEVELS.iter().filter(|level| text.contains(**level)).count();
    found >= 2 && text.chars().count() >= 6
}

/// The fewest forms that all values fit; none where one value fits no form, or nothing is a date.
fn forms(values: &[&str]) -> Vec<DateForm> {
    let known = DateForm::ALL
        .into_iter()
        .filter(|form| !NOT_SHOWN.contains(&form.name));
    let candidates: Vec<(DateForm, DateForms)> = known
        .filter_map(|form| Some((form, DateForms::parse(form.name).ok()?)))
        .collect();
    let mut rest: Vec<&str> = values
        .iter()
        .copied()
        .filter(|value| !is_filler(value))
        .collect();
    let mut chosen = Vec::new();
    while !rest.is_empty() {
        let fitting = |forms: &DateForms| rest.iter().filter(|value| is_date(value, forms)).count();
        // The first of equals: forms that ask for two digits stand before those that do not.
        let best = candidates
            .iter()
            .rev()
            .max_by_key(|(_, forms)| fitting(forms));
        let Some((form, forms)) = best.filter(|(_, forms)| fitting(forms) > 0) else {
            return Vec::new();
        };
        rest.retain(|value| !is_date(value, forms));
        chosen.push(*form);
    }
    chosen
}

/// What is understood in every date field: no date at all.
fn is_filler(text: &str) -> bool {
    let outcome = date::parse(text, &DateForms::any());
    matches!(outcome, DateOutcome::Sentinel(_) | DateOutcome::OpenEnded)
}

fn is_date(text: &str, forms: &DateForms) -> bool {
    match date::parse(text, forms) {
        DateOutcome::Date(day) => YEARS.contains(&day.year()),
        DateOutcome::Partial { year, .. } => YEARS.contains(&year),
        _ => false,
    }
}

/// Names of the lists that hold every value. One value alone, or numbers of one or two digits, show no list: too many
/// lists have them.
fn lists<'c>(distinct: &HashSet<&str>, catalog: &'c Catalog) -> Vec<&'c str> {
    let weak = |value: &&str| value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit());
    if distinct.len() < 2 || distinct.iter().all(weak) {
        return Vec::new();
    }
    let all = |list: &CodeMap| distinct.iter().all(|value| holds(list, value));
    let fitting = catalog.code_lists.iter().filter(|(_, list)| all(list));
    fitting.map(|(name, _)| name.as_str()).collect()
}

fn holds(list: &CodeMap, value: &str) -> bool {
    list.get(value).is_some() || list.get(&folded(value)).is_some()
}
