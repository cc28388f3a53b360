//! Dates and instants in every spelling that feeds send, under the forms that a contract allows.
//!
//! A form that a contract does not list is refused even where a human could read it: the same digits are a day in one
//! system and a count of seconds in another. Epoch values are decoded in Asia/Shanghai with its full history, for China
//! had daylight saving in 1986–1991. Whether a date may lie in the future is the contract's business.

mod form;
mod instant;
mod reading;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use jiff::civil::Date;

pub use form::DateForms;
pub use instant::{Precision, Zone, epoch_milliseconds, truncated};

use self::reading::Reading;
use super::characters::{is_invisible, is_space};
use super::fold;

/// What a text says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOutcome {
    Date(Date),
    /// Year and month only; never taken for the first of the month.
    Partial {
        year: i16,
        month: i8,
    },
    /// Stands for no date at all: null, with the reason.
    Sentinel(Sentinel),
    /// 长期: in the end of a validity no expiry, which is not null.
    OpenEnded,
    Problem(DateProblem),
}

/// Values that systems store where they know no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sentinel {
    /// Nothing but white space.
    Empty,
    /// `00000000` and its spellings.
    Zero,
    /// 1900-01-01.
    Year1900,
    /// Any day of the year 9999.
    Year9999,
}

impl Sentinel {
    /// Stable word of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "DATE_EMPTY",
            Self::Zero => "DATE_ZERO",
            Self::Year1900 => "DATE_1900",
            Self::Year9999 => "DATE_9999",
        }
    }
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateProblem {
    /// None of the allowed forms.
    Format,
    /// An allowed form, but no such day or time of day.
    Invalid,
    /// A sentinel, an open end or a month where an instant is needed.
    Sentinel,
}

impl DateProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "DATE_FORMAT",
            Self::Invalid => "DATE_INVALID",
            Self::Sentinel => "DATE_SENTINEL",
        }
    }
}

/// Words for a validity without end.
const OPEN_ENDED: [&str; 6] = [
    "长期",
    "长期有效",
    "永久",
    "永久有效",
    "无固定期限",
    "无限期",
];

/// Reads a day. Times of day are dropped; epoch values and times with an offset give the day in Asia/Shanghai.
pub fn parse(raw: &str, forms: &DateForms) -> DateOutcome {
    let text = trimmed(raw);
    if let Some(outcome) = special(&text) {
        return outcome;
    }
    match reading::read(&text, *forms) {
        Err(problem) => DateOutcome::Problem(problem),
        Ok(Reading::Month { year, month }) => DateOutcome::Partial { year, month },
        Ok(Reading::Day(day)) => judged(day),
        Ok(Reading::Moment { day, .. }) => judged(day),
        Ok(Reading::Instant(milliseconds)) => instant::day_in_shanghai(milliseconds)
            .map_or(DateOutcome::Problem(DateProblem::Invalid), judged),
    }
}

/// Sentinels that are days of the calendar.
fn judged(day: Date) -> DateOutcome {
    match (day.year(), day.month(), day.day()) {
        (1900, 1, 1) => DateOutcome::Sentinel(Sentinel::Year1900),
        (9999, ..) => DateOutcome::Sentinel(Sentinel::Year9999),
        _ => DateOutcome::Date(day),
    }
}

/// Texts that mean something whatever the forms are.
fn special(text: &str) -> Option<DateOutcome> {
    if text.is_empty() {
        return Some(DateOutcome::Sentinel(Sentinel::Empty));
    }
    if !text.is_ascii() {
        return OPEN_ENDED.contains(&text).then_some(DateOutcome::OpenEnded);
    }
    if !matches!(text.len(), 8 | 10 | 14 | 19 | 21 | 23) {
        return None;
    }
    if text
        .bytes()
        .all(|byte| matches!(byte, b'0' | b'-' | b'/' | b'.' | b':' | b' ' | b'T'))
        && text.starts_with("0000")
    {
        return Some(DateOutcome::Sentinel(Sentinel::Zero));
    }
    match text.as_bytes() {
        b"19000101" | b"1900-01-01" => Some(DateOutcome::Sentinel(Sentinel::Year1900)),
        b"99991231" | b"9999-12-31" => Some(DateOutcome::Sentinel(Sentinel::Year9999)),
        _ => None,
    }
}

/// The text without white space at its ends, half width; borrowed where it is plain ASCII.
fn trimmed(raw: &str) -> Cow<'_, str> {
    let text = raw.trim_matches(|character| {
        is_space(character) || is_invisible(character) || character == '\''
    });
    fold::width(text)
}
