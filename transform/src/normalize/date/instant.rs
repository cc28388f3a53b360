//! Between calendar and instants, with the zone's whole history where it matters and plain arithmetic where it cannot.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::form::Form;
use super::reading::{self, Reading};
use super::{DateForms, DateOutcome, DateProblem, judged, special, trimmed};

const MILLISECONDS_PER_DAY: i64 = 86_400_000;
/// UTC+8, which Asia/Shanghai keeps without exception since 1991-09-15.
const SHANGHAI_OFFSET_MILLISECONDS: i64 = 8 * 3_600_000;
/// First year of which every instant is known to lie at UTC+8.
const FIRST_PLAIN_YEAR: i16 = 1992;
/// 1992-01-01T00:00:00+08:00.
const FIRST_PLAIN_INSTANT_MILLISECONDS: i64 = 694_195_200_000;

static SHANGHAI: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("Asia/Shanghai")
        .expect("the zone database is compiled in and knows Asia/Shanghai")
});

/// The zone in which a feed writes its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
    is_shanghai: bool,
}

impl Zone {
    /// Asia/Shanghai.
    pub fn shanghai() -> Self {
        Self {
            zone: SHANGHAI.clone(),
            is_shanghai: true,
        }
    }

    /// A zone of the IANA database by name.
    ///
    /// # Errors
    /// Says that the database has no such zone.
    pub fn named(name: &str) -> Result<Self, String> {
        if name == "Asia/Shanghai" {
            return Ok(Self::shanghai());
        }
        let zone = TimeZone::get(name).map_err(|_| format!("no time zone is called `{name}`"))?;
        Ok(Self {
            zone,
            is_shanghai: false,
        })
    }

    /// Milliseconds since the epoch of a day and a time on it; in a gap or an overlap of daylight saving as RFC 5545
    /// says (the offset before the change).
    fn instant(&self, day: Date, milliseconds: i64) -> Option<i64> {
        if self.is_shanghai && day.year() >= FIRST_PLAIN_YEAR {
            return Some(
                utc_midnight_milliseconds(day) + milliseconds - SHANGHAI_OFFSET_MILLISECONDS,
            );
        }
        let moment = DateTime::from_parts(day, Time::midnight())
            .checked_add(jiff::Span::new().milliseconds(milliseconds))
            .ok()?;
        Some(self.zone.to_timestamp(moment).ok()?.as_millisecond())
    }

    /// Milliseconds east of UTC at an instant.
    fn offset_milliseconds(&self, milliseconds: i64) -> Option<i64> {
        if self.is_shanghai && milliseconds >= FIRST_PLAIN_INSTANT_MILLISECONDS {
            return Some(SHANGHAI_OFFSET_MILLISECONDS);
        }
        let instant = Timestamp::from_millisecond(milliseconds).ok()?;
        Some(i64::from(self.zone.to_offset(instant).seconds()) * 1000)
    }
}

/// How fine a field's times are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    Day,
    Second,
    Millisecond,
}

impl DateForms {
    /// The precision of the finest allowed form.
    pub fn precision(self) -> Precision {
        if self.is_days_only() {
            Precision::Day
        } else if self.has_fractions() {
            Precision::Millisecond
        } else {
            Precision::Second
        }
    }
}

/// Reads an order or business time as milliseconds since 1970-01-01T00:00:00Z. Texts without an offset are in `zone`,
/// days without a time begin at its midnight.
///
/// # Errors
/// [`DateProblem`], with sentinels, open ends and bare months as `Sentinel`: nothing can be ordered by them.
pub fn epoch_milliseconds(raw: &str, forms: &DateForms, zone: &Zone) -> Result<i64, DateProblem> {
    if let Some(milliseconds) = everyday(raw.as_bytes(), *forms, zone) {
        return Ok(milliseconds);
    }
    let text = trimmed(raw);
    if special(&text).is_some() {
        return Err(DateProblem::Sentinel);
    }
    let instant = |day, milliseconds| match judged(day) {
        DateOutcome::Sentinel(_) => Err(DateProblem::Sentinel),
        _ => zone.instant(day, milliseconds).ok_or(DateProblem::Invalid),
    };
    match reading::read(&text, *forms)? {
        Reading::Instant(milliseconds) => Ok(milliseconds),
        Reading::Day(day) => instant(day, 0),
        Reading::Moment { day, milliseconds } => instant(day, milliseconds),
        Reading::Month { .. } => Err(DateProblem::Sentinel),
    }
}

/// An instant cut down to a precision in a zone: the midnight before it, or its whole second. One with none before it stays.
pub fn truncated(milliseconds: i64, precision: Precision, zone: &Zone) -> i64 {
    match precision {
        Precision::Millisecond => milliseconds,
        Precision::Second => milliseconds.saturating_sub(milliseconds.rem_euclid(1000)),
        Precision::Day => midnight_before(milliseconds, zone).unwrap_or(milliseconds),
    }
}

fn midnight_before(milliseconds: i64, zone: &Zone) -> Option<i64> {
    let offset = zone.offset_milliseconds(milliseconds)?;
    if zone.is_shanghai && milliseconds >= FIRST_PLAIN_INSTANT_MILLISECONDS {
        let local = milliseconds.checked_add(offset)?;
        return Some(local.div_euclid(MILLISECONDS_PER_DAY) * MILLISECONDS_PER_DAY - offset);
    }
    let instant = Timestamp::from_millisecond(milliseconds).ok()?;
    zone.instant(zone.zone.to_datetime(instant).date(), 0)
}

/// The day of an instant in Asia/Shanghai.
pub(super) fn day_in_shanghai(milliseconds: i64) -> Option<Date> {
    let instant = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(SHANGHAI.to_datetime(instant).date())
}

/// Midnight UTC of a day, in milliseconds since the epoch.
pub(super) fn utc_midnight_milliseconds(day: Date) -> i64 {
    days_since_epoch(
        i64::from(day.year()),
        i64::from(day.month()),
        i64::from(day.day()),
    ) * MILLISECONDS_PER_DAY
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar: years begin in March, so that the leap day is the
/// last and months have a linear formula.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `yyyyMMddHHmmss` and `yyyy-MM-dd HH:mm:ss` in Asia/Shanghai from 1992 on: no folding, no zone look-up.
fn everyday(bytes: &[u8], forms: DateForms, zone: &Zone) -> Option<i64> {
    if !zone.is_shanghai {
        return None;
    }
    let digits: [u8; 14] = match *bytes {
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n] if forms.allows(Form::CompactTime) => {
            [a, b, c, d, e, f, g, h, i, j, k, l, m, n]
        }
        [
            a,
            b,
            c,
            d,
            b'-',
            e,
            f,
            b'-',
            g,
            h,
            b' ',
            i,
            j,
            b':',
            k,
            l,
            b':',
            m,
            n,
        ] if forms.allows(Form::DashTime) => [a, b, c, d, e, f, g, h, i, j, k, l, m, n],
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = digits.map(|digit| i64::from(digit - b'0'));
    let year = i16::try_from(a * 1000 + b * 100 + c * 10 + d).ok()?;
    if !(FIRST_PLAIN_YEAR..9999).contains(&year) {
        return None;
    }
    let day = Date::new(
        year,
        i8::try_from(e * 10 + f).ok()?,
        i8::try_from(g * 10 + h).ok()?,
    )
    .ok()?;
    zone.instant(
        day,
        reading::time_of_day(i * 10 + j, k * 10 + l, m * 10 + n, 0).ok()?,
    )
}
