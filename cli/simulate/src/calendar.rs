//! Local time of the city.
//!
//! Shanghai has kept UTC+8 without daylight saving since September 1991, so times of the simulated period are plain
//! arithmetic; birth dates go through the time-zone database, because summers of 1986–1991 were an hour ahead.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::random::small;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;
const OFFSET_MS: i64 = 8 * HOUR_MS;

/// The local date of an instant after 1991.
pub fn local_date(instant_ms: i64) -> Date {
    let days = (instant_ms + OFFSET_MS).div_euclid(DAY_MS);
    date_from_days(days)
}

fn date_from_days(days: i64) -> Date {
    // Civil-from-days after Howard Hinnant, "chrono-compatible low-level date algorithms", in days since 1970-01-01.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date::new(small(year), small(month), small(day))
        .expect("the days of the simulated centuries are dates")
}

/// Local midnight of a date after 1991, epoch milliseconds.
pub fn midnight_ms(date: Date) -> i64 {
    days_of(date) * DAY_MS - OFFSET_MS
}

fn days_of(date: Date) -> i64 {
    let month = i64::from(date.month());
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(date.day()) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A date some days away.
pub fn plus_days(date: Date, days: i64) -> Date {
    date_from_days(days_of(date) + days)
}

/// Year × 100 + month.
pub fn month_of(date: Date) -> u32 {
    u32::from(date.year().unsigned_abs()) * 100 + u32::from(date.month().unsigned_abs())
}

/// Local midnight of any date by the time-zone database, epoch milliseconds.
pub fn historic_midnight_ms(date: Date, zone: &TimeZone) -> i64 {
    zone.to_ambiguous_zoned_datetime(date.at(0, 0, 0, 0))
        .compatible()
        .expect("dates of this crate lie far inside the range of the library")
        .timestamp()
        .as_millisecond()
}

/// The zone of the city.
pub fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("the time-zone database is bundled")
}

/// Parts of a local time after 1991: (date, hour, minute, second).
pub fn local_parts(instant_ms: i64) -> (Date, i64, i64, i64) {
    let local = instant_ms + OFFSET_MS;
    let second = local.div_euclid(1_000).rem_euclid(86_400);
    (
        local_date(instant_ms),
        second / 3_600,
        second / 60 % 60,
        second % 60,
    )
}

/// `yyyyMMdd`.
pub fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_way_through_days() {
        for days in [-40_000, -1, 0, 58, 59, 60, 11_016, 20_781] {
            assert_eq!(days_of(date_from_days(days)), days);
        }
        assert_eq!(
            midnight_ms(jiff::civil::date(2026, 1, 1)),
            1_767_196_800_000
        );
    }

    #[test]
    fn summer_births_of_1988_begin_an_hour_earlier() {
        let midnight = historic_midnight_ms(jiff::civil::date(1988, 7, 1), &zone());
        assert_eq!(midnight, 583_686_000_000);
    }
}
