//! Days as numbers: the form that Arrow and the folds keep dates in.

use jiff::civil::Date;
use yidang_schemas::field::Field;

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
pub fn days_of(date: Date) -> i32 {
    (date - EPOCH).get_days()
}

/// The day so many days after 1970-01-01; the nearest day that the calendar has.
pub fn date_of(days: i32) -> Date {
    let nearest = if days < 0 { Date::MIN } else { Date::MAX };
    let span = jiff::Span::new().try_days(days);
    span.map_or(nearest, |span| EPOCH.saturating_add(span))
}

/// Days to a day written `yyyy-MM-dd`; nothing for anything else.
pub fn days_of_iso(text: &str) -> Option<i32> {
    (text.len() == 10)
        .then(|| text.parse().ok().map(days_of))
        .flatten()
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Whether the date forms of a field are ones that JSON may write as numbers.
pub fn accepts_numbers(field: &Field) -> bool {
    field
        .forms
        .split('|')
        .any(|form| matches!(form.trim(), "epoch_ms" | "epoch_s" | "excel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for text in [
            "1875-01-01",
            "1969-12-31",
            "1970-01-01",
            "1988-07-01",
            "2000-02-29",
            "2026-11-24",
        ] {
            let days = days_of_iso(text).unwrap();
            assert_eq!(date_of(days).to_string(), text);
        }
        assert_eq!(days_of_iso("1970-01-02"), Some(1));
        assert_eq!(days_of_iso("19700102"), None);
    }

    #[test]
    fn days_that_no_calendar_has_are_its_first_or_its_last() {
        assert_eq!(
            (date_of(i32::MIN), date_of(i32::MAX)),
            (Date::MIN, Date::MAX)
        );
        assert_eq!(
            (date_of(-7_304_485), date_of(7_304_485)),
            (Date::MIN, Date::MAX)
        );
    }
}
