//! Days of the proleptic Gregorian calendar as counts from 1970-01-01, for days that data files write.
//!
//! Leaves alone: days that agencies send (`transform::normalize::date`) and zones.

/// Days from 1970-01-01; nothing where the calendar has no such day. Years 0 to 9999.
pub fn days_of(year: i32, month: u8, day: u8) -> Option<i32> {
    let known = (0..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=last_of_month(year, month)).contains(&day);
    // Years are counted from March, so that the leap day ends one.
    let years = if month > 2 { year } else { year - 1 };
    let months = (i32::from(month) + 9) % 12;
    let in_year = (153 * months + 2) / 5 + i32::from(day) - 1;
    let leaps = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    known.then_some(years * 365 + leaps + in_year - EPOCH)
}

/// Year, month and day of a count of days.
pub fn civil(days: i32) -> (i32, u8, u8) {
    let days = i64::from(days) + i64::from(EPOCH);
    let (era, in_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    let months = (5 * in_year + 2) / 153;
    let day = in_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = of_era + era * 400 + i64::from(month <= 2);
    let small = |number: i64| u8::try_from(number).expect("months and days are below 32");
    let year = i32::try_from(year).expect("32 bits of days are few years");
    (year, small(month), small(day))
}

/// A day written `yyyy-MM-dd`.
pub fn parse_iso(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let mut part = |width: usize| {
        let part = parts.next()?;
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    days_of(
        i32::from(year),
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )
}

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i32 = 719_468;

fn last_of_month(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        let first = parse_iso("1799-12-31").unwrap();
        let last = parse_iso("2200-01-01").unwrap();
        for days in first..=last {
            let (year, month, day) = civil(days);
            assert_eq!(days_of(year, month, day), Some(days));
        }
        assert_eq!(last - first, 146_098);
    }

    #[test]
    fn known_days() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2026-11-23", 20_780),
        ] {
            assert_eq!(parse_iso(text), Some(days), "{text}");
        }
        for text in [
            "1970-1-1",
            "19700101",
            "2001-02-29",
            "1970-13-01",
            "1970-00-10",
            "1970-01-01x",
            "",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
