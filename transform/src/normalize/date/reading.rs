//! From text to calendar fields: which form a text has, and whether the contract allows it.

use jiff::civil::{Date, date};

use super::form::Form;
use super::{DateForms, DateProblem};

/// What a text says, before any time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Day(Date),
    Month {
        year: i16,
        month: i8,
    },
    /// A day and the time on it, milliseconds since midnight, in the field's own zone.
    Moment {
        day: Date,
        milliseconds: i64,
    },
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
}

const MILLISECONDS_PER_SECOND: i64 = 1000;
/// Later than any date that a text can name, so sums below cannot overflow.
const EPOCH_LIMIT_MILLISECONDS: i64 = 253_402_300_800_000;

/// Reads a trimmed text in half width.
pub(super) fn read(text: &str, forms: DateForms) -> Result<Reading, DateProblem> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text, forms);
    }
    if forms.allows(Form::Excel)
        && let Some((serial, fraction)) = text.split_once('.')
        && serial.len() <= 7
        && [serial, fraction]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        // A fraction is the time of day.
        return excel(serial);
    }
    separated(text, forms)
}

/// Nothing but digits: a calendar form first where the day exists, then a count.
fn digits(text: &str, forms: DateForms) -> Result<Reading, DateProblem> {
    let bytes = text.as_bytes();
    let calendar = match bytes.len() {
        8 if forms.allows(Form::Compact) => Some(compact_day(bytes).map(Reading::Day)),
        14 if forms.allows(Form::CompactTime) => Some(compact_time(bytes)),
        6 if forms.allows(Form::CompactMonth) => Some(compact_month(bytes)),
        _ => None,
    };
    if let Some(Ok(reading)) = calendar {
        return Ok(reading);
    }
    if forms.allows(Form::Excel) && bytes.len() <= 7 && !text.starts_with('-') {
        return excel(text);
    }
    if forms.allows(Form::EpochMilliseconds) {
        return epoch(text, 1);
    }
    if forms.allows(Form::EpochSeconds) {
        return epoch(text, MILLISECONDS_PER_SECOND);
    }
    calendar.unwrap_or(Err(DateProblem::Format))
}

fn epoch(text: &str, unit: i64) -> Result<Reading, DateProblem> {
    let count: i64 = text.parse().map_err(|_| DateProblem::Invalid)?;
    let milliseconds = count.checked_mul(unit).ok_or(DateProblem::Invalid)?;
    if milliseconds.abs() > EPOCH_LIMIT_MILLISECONDS {
        return Err(DateProblem::Invalid);
    }
    Ok(Reading::Instant(milliseconds))
}

/// Days since 1899-12-31 in a spreadsheet that believes in 1900-02-29 (serial 60).
fn excel(serial: &str) -> Result<Reading, DateProblem> {
    let serial: i64 = serial.parse().map_err(|_| DateProblem::Format)?;
    let days = match serial {
        1..=59 => serial,
        61.. => serial - 1,
        _ => return Err(DateProblem::Invalid),
    };
    let day = date(1899, 12, 31)
        .checked_add(jiff::Span::new().days(days))
        .map_err(|_| DateProblem::Invalid)?;
    Ok(Reading::Day(day))
}

fn compact_day(bytes: &[u8]) -> Result<Date, DateProblem> {
    day(
        number(bytes, 0, 4)?,
        number(bytes, 4, 6)?,
        number(bytes, 6, 8)?,
    )
}

fn compact_time(bytes: &[u8]) -> Result<Reading, DateProblem> {
    let day = compact_day(bytes)?;
    let milliseconds = time_of_day(
        number(bytes, 8, 10)?,
        number(bytes, 10, 12)?,
        number(bytes, 12, 14)?,
        0,
    )?;
    Ok(Reading::Moment { day, milliseconds })
}

fn compact_month(bytes: &[u8]) -> Result<Reading, DateProblem> {
    month(number(bytes, 0, 4)?, number(bytes, 4, 6)?)
}

/// The decimal number in `bytes[from..to]`.
fn number(bytes: &[u8], from: usize, to: usize) -> Result<i64, DateProblem> {
    let digits = bytes.get(from..to).ok_or(DateProblem::Format)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DateProblem::Format);
    }
    Ok(digits
        .iter()
        .fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn day(year: i64, month: i64, day: i64) -> Result<Date, DateProblem> {
    let narrow = |number: i64| i8::try_from(number).map_err(|_| DateProblem::Invalid);
    let year = i16::try_from(year)
        .ok()
        .filter(|year| *year > 0)
        .ok_or(DateProblem::Invalid)?;
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| DateProblem::Invalid)
}

fn month(year: i64, month: i64) -> Result<Reading, DateProblem> {
    let first = day(year, month, 1)?;
    Ok(Reading::Month {
        year: first.year(),
        month: first.month(),
    })
}

/// Milliseconds since midnight. There are no leap seconds and no hour 24 here.
pub(super) fn time_of_day(
    hour: i64,
    minute: i64,
    second: i64,
    millisecond: i64,
) -> Result<i64, DateProblem> {
    if hour > 23 || minute > 59 || second > 59 {
        return Err(DateProblem::Invalid);
    }
    Ok(((hour * 60 + minute) * 60 + second) * MILLISECONDS_PER_SECOND + millisecond)
}

/// A day whose parts are parted by `-`, `/`, `.` or 年月日, perhaps with a time behind it.
fn separated(text: &str, forms: DateForms) -> Result<Reading, DateProblem> {
    let (first, rest) = leading_digits(text);
    if first.len() != 4 {
        return month_first(text, forms);
    }
    let separator = rest.chars().next().ok_or(DateProblem::Format)?;
    let rest = rest
        .get(separator.len_utf8()..)
        .ok_or(DateProblem::Format)?;
    let (second, rest) = leading_digits(rest);
    let between = if separator == '年' { '月' } else { separator };
    if second.is_empty() || second.len() > 2 {
        return Err(DateProblem::Format);
    }
    let year = number(first.as_bytes(), 0, 4)?;
    let month_number = number(second.as_bytes(), 0, second.len())?;
    let Some(rest) = rest.strip_prefix(between).filter(|rest| !rest.is_empty()) else {
        let form = if separator == '年' {
            Form::ChineseMonth
        } else {
            Form::DashMonth
        };
        let complete = matches!((separator, rest), ('年', "月") | ('-', ""))
            && (separator == '年' || second.len() == 2);
        if !complete || !forms.allows(form) {
            return Err(DateProblem::Format);
        }
        return month(year, month_number);
    };
    let (third, tail) = leading_digits(rest);
    if third.is_empty() || third.len() > 2 {
        return Err(DateProblem::Format);
    }
    let tail = if separator == '年' {
        tail.strip_prefix('日').ok_or(DateProblem::Format)?
    } else {
        tail
    };
    let padded = second.len() == 2 && third.len() == 2;
    let day_number = number(third.as_bytes(), 0, third.len())?;
    if tail.is_empty() {
        if !allows_day(forms, separator, padded) {
            return Err(DateProblem::Format);
        }
        return day(year, month_number, day_number).map(Reading::Day);
    }
    let clock = match Clock::read(tail) {
        Ok(clock) if padded && clock.is_allowed(forms, separator) => clock,
        _ if allows_loose_time(forms, separator) => Clock::read_loose(tail)?,
        Ok(_) => return Err(DateProblem::Format),
        Err(problem) => return Err(problem),
    };
    clock.on(day(year, month_number, day_number)?)
}

fn allows_loose_time(forms: DateForms, separator: char) -> bool {
    match separator {
        '-' => forms.allows(Form::DashTimeLoose),
        '/' => forms.allows(Form::SlashTimeLoose),
        _ => false,
    }
}

fn allows_day(forms: DateForms, separator: char, padded: bool) -> bool {
    match separator {
        '-' => {
            forms.allows(Form::DashLoose)
                || padded && (forms.allows(Form::DashPadded) || forms.allows(Form::Iso))
        }
        '/' => forms.allows(Form::SlashLoose) || padded && forms.allows(Form::SlashPadded),
        '.' => forms.allows(Form::DotLoose) || padded && forms.allows(Form::DotPadded),
        '年' => forms.allows(Form::Chinese),
        _ => false,
    }
}

/// `11/23/2026`.
fn month_first(text: &str, forms: DateForms) -> Result<Reading, DateProblem> {
    let mut parts = text.split('/');
    let (Some(month), Some(day_of_month), Some(year), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(DateProblem::Format);
    };
    let sound =
        (1..=2).contains(&month.len()) && (1..=2).contains(&day_of_month.len()) && year.len() == 4;
    if !sound || !forms.allows(Form::MonthFirst) {
        return Err(DateProblem::Format);
    }
    let whole = |part: &str| number(part.as_bytes(), 0, part.len());
    day(whole(year)?, whole(month)?, whole(day_of_month)?).map(Reading::Day)
}

fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A time of day behind a date.
struct Clock {
    /// `T` or a blank parts it from the day.
    by_letter: bool,
    milliseconds: i64,
    /// Seconds east of UTC, where an offset is written.
    offset_seconds: Option<i64>,
}

impl Clock {
    /// Reads `T` or a blank, `HH:mm:ss`, perhaps a fraction, perhaps `Z` or `±hh:mm` (RFC 3339, section 5.6).
    fn read(tail: &str) -> Result<Self, DateProblem> {
        let bytes = tail.as_bytes();
        let by_letter = match bytes {
            [b'T' | b't', ..] => true,
            [b' ', ..] => false,
            _ => return Err(DateProblem::Format),
        };
        let [_, _, _, b':', _, _, b':', _, _, rest @ ..] = bytes else {
            return Err(DateProblem::Format);
        };
        let (hour, minute, second) = (
            number(bytes, 1, 3)?,
            number(bytes, 4, 6)?,
            number(bytes, 7, 9)?,
        );
        let (millisecond, rest) = fraction(rest)?;
        let offset_seconds = offset(rest)?;
        Ok(Self {
            by_letter,
            milliseconds: time_of_day(hour, minute, second, millisecond)?,
            offset_seconds,
        })
    }

    /// A blank, then hours of one or two digits, minutes, and perhaps seconds.
    fn read_loose(tail: &str) -> Result<Self, DateProblem> {
        let clock = tail.strip_prefix(' ').ok_or(DateProblem::Format)?;
        let mut parts = clock.split(':');
        let (Some(hour), Some(minute), second, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(DateProblem::Format);
        };
        let second = second.unwrap_or("00");
        let sound = (1..=2).contains(&hour.len()) && minute.len() == 2 && second.len() == 2;
        if !sound {
            return Err(DateProblem::Format);
        }
        let whole = |part: &str| number(part.as_bytes(), 0, part.len());
        Ok(Self {
            by_letter: false,
            milliseconds: time_of_day(whole(hour)?, whole(minute)?, whole(second)?, 0)?,
            offset_seconds: None,
        })
    }

    fn is_allowed(&self, forms: DateForms, separator: char) -> bool {
        match separator {
            '-' if self.by_letter || self.offset_seconds.is_some() => forms.allows(Form::Iso),
            '-' => forms.allows(Form::DashTime),
            '/' if !self.by_letter && self.offset_seconds.is_none() => {
                forms.allows(Form::SlashTime)
            }
            _ => false,
        }
    }

    fn on(self, day: Date) -> Result<Reading, DateProblem> {
        let Some(offset) = self.offset_seconds else {
            return Ok(Reading::Moment {
                day,
                milliseconds: self.milliseconds,
            });
        };
        let midnight = super::instant::utc_midnight_milliseconds(day);
        Ok(Reading::Instant(
            midnight + self.milliseconds - offset * MILLISECONDS_PER_SECOND,
        ))
    }
}

/// `.` and digits as whole milliseconds; finer digits are cut off.
fn fraction(rest: &[u8]) -> Result<(i64, &[u8]), DateProblem> {
    let [b'.', after @ ..] = rest else {
        return Ok((0, rest));
    };
    let length = after
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, rest) = after.split_at_checked(length).unwrap_or((after, &[]));
    if digits.is_empty() || digits.len() > 9 {
        return Err(DateProblem::Format);
    }
    let padded = digits
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(3);
    Ok((
        padded.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')),
        rest,
    ))
}

fn offset(rest: &[u8]) -> Result<Option<i64>, DateProblem> {
    match rest {
        [] => Ok(None),
        [b'Z' | b'z'] => Ok(Some(0)),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (number(rest, 1, 3)?, number(rest, 4, 6)?);
            if hours > 23 || minutes > 59 {
                return Err(DateProblem::Invalid);
            }
            let seconds = (hours * 60 + minutes) * 60;
            Ok(Some(if *sign == b'-' { -seconds } else { seconds }))
        }
        _ => Err(DateProblem::Format),
    }
}
