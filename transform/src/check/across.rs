//! Built-in checks over several fields of one record.

use yidang_schemas::area::Area;
use yidang_schemas::field::{FieldIndex, LogicalType};
use yidang_schemas::rule::{Check, Rule};

use super::predicate::{Columns, NO_END, Slot, age_at};
use super::stated::{self, Stated};
use super::{Batch, Finding};
use crate::calendar;
use crate::normalize::date::DateOutcome;
use crate::parse::{Facet, as_number, code_spellings};
use crate::project::business_day;

/// The finding of a rule over several fields; nothing for others.
pub(super) fn find(
    batch: &Batch<'_>,
    columns: &Columns<'_>,
    rule: &Rule,
    row: usize,
) -> Option<Finding> {
    let reader = Reader {
        batch,
        columns,
        row,
    };
    Some(match &rule.check {
        Check::DateOrder { earlier, later } => reader.date_order(*earlier, *later),
        Check::GeoInCity {
            longitude,
            latitude,
            area,
        } => reader.geo_in_city(*longitude, *latitude, area),
        Check::RequiredIf { other, values } => {
            let own = rule
                .field
                .expect("the catalog lets the check stand at a field only");
            reader.required_if(own, *other, values)
        }
        Check::OneOfFields(fields) => reader.one_of_fields(fields),
        Check::CardValidity { birth, from, until } => reader.card_validity(*birth, *from, *until),
        _ => return None,
    })
}

struct Reader<'r, 'a, 'c> {
    batch: &'r Batch<'a>,
    columns: &'r Columns<'c>,
    row: usize,
}

impl<'a> Reader<'_, 'a, '_> {
    fn stated(&self, field: FieldIndex) -> Stated<'a> {
        stated::of(self.batch, field, self.row)
    }

    fn logical_type(&self, field: FieldIndex) -> Option<LogicalType> {
        let field = self.batch.contract.fields.get(field);
        field.map(|field| field.logical_type)
    }

    fn all_stated(&self, fields: &[FieldIndex]) -> bool {
        fields
            .iter()
            .all(|field| self.stated(*field) != Stated::Silent)
    }

    /// Null passes: whether a date has to be there is the matter of `required`.
    fn date_order(&self, earlier: FieldIndex, later: FieldIndex) -> Finding {
        if !self.all_stated(&[earlier, later]) {
            return Finding::Unjudged;
        }
        let is_time = |field| self.logical_type(field) == Some(LogicalType::Timestamp);
        let in_order = if is_time(earlier) && is_time(later) {
            let both = self.instant(earlier).with(self.instant(later));
            both.then(|(one, other)| Slot::Value(one <= other))
        } else {
            let both = self.day(earlier).with(self.day(later));
            both.then(|(one, other)| Slot::Value(one <= other))
        };
        finding(in_order, "DATE_ORDER")
    }

    fn instant(&self, field: FieldIndex) -> Slot<i64> {
        let times = self.columns.times(field);
        times.get(self.row).then(|time| Slot::Value(*time))
    }

    fn day(&self, field: FieldIndex) -> Slot<i32> {
        match self.logical_type(field) {
            Some(LogicalType::Timestamp) => {
                let time = self.instant(field);
                time.then(|milliseconds| Slot::Value(business_day(milliseconds)))
            }
            _ => {
                let days = self.columns.dates(field);
                days.get(self.row).then(|day| Slot::Value(*day))
            }
        }
    }

    fn geo_in_city(&self, longitude: FieldIndex, latitude: FieldIndex, area: &Area) -> Finding {
        if !self.all_stated(&[longitude, latitude]) {
            return Finding::Unjudged;
        }
        let both = self.degrees(longitude).with(self.degrees(latitude));
        let inside =
            both.then(|(longitude, latitude)| Slot::Value(area.contains(longitude, latitude)));
        finding(inside, "GEO_OUTSIDE")
    }

    /// A text that is no number lies nowhere; where a number is declared, its own rule speaks.
    fn degrees(&self, field: FieldIndex) -> Slot<f64> {
        let Stated::Value(text) = self.stated(field) else {
            return Slot::Null;
        };
        match (as_number(text), self.logical_type(field)) {
            (Some(number), _) => Slot::Value(number),
            (None, Some(LogicalType::String)) => Slot::Value(f64::NAN),
            (None, _) => Slot::Unreadable,
        }
    }

    fn required_if(&self, own: FieldIndex, other: FieldIndex, values: &[String]) -> Finding {
        let listed = |text: &str| values.iter().any(|value| value == text);
        let needed = match self.stated(other) {
            Stated::Silent => return Finding::Unjudged,
            Stated::Null => false,
            Stated::Value(text) => code_spellings(text, listed),
        };
        match self.stated(own) {
            Stated::Silent => Finding::Unjudged,
            Stated::Null if needed => Finding::fail("REQUIRED_IF"),
            Stated::Null | Stated::Value(_) => Finding::Pass,
        }
    }

    /// One value is enough, whatever is said of the others.
    fn one_of_fields(&self, fields: &[FieldIndex]) -> Finding {
        let mut stated = fields.iter().map(|field| self.stated(*field));
        if stated.any(|stated| matches!(stated, Stated::Value(_))) {
            Finding::Pass
        } else if self.all_stated(fields) {
            Finding::fail("ONE_OF_FIELDS")
        } else {
            Finding::Unjudged
        }
    }

    fn card_validity(&self, birth: FieldIndex, from: FieldIndex, until: FieldIndex) -> Finding {
        if !self.all_stated(&[birth, from, until]) {
            return Finding::Unjudged;
        }
        let issued = self.birth(birth).with(self.day(from));
        let fits = issued.with(self.end(until)).then(|((birth, from), until)| {
            Slot::Value(birth <= from && is_validity(age_at(birth, from), from, until))
        });
        finding(fits, "CARD_VALIDITY")
    }

    /// From a birth date, or from the number that holds one.
    fn birth(&self, field: FieldIndex) -> Slot<i32> {
        let Some(Facet::Person(read)) = self.batch.facets.get(field) else {
            return self.day(field);
        };
        match read.get(self.row) {
            Some(Some(Ok(number))) => {
                let birth = number.birth_date.map(calendar::days_of);
                birth.map_or(Slot::Unreadable, Slot::Value)
            }
            Some(Some(Err(_))) => Slot::Unreadable,
            _ => Slot::Null,
        }
    }

    /// 长期 is an end here, whatever the field fills.
    fn end(&self, field: FieldIndex) -> Slot<i32> {
        let outcome = match self.batch.facets.get(field) {
            Some(Facet::Date(dates)) => dates.get(self.row).copied().flatten(),
            _ => None,
        };
        match outcome {
            Some(DateOutcome::OpenEnded) => Slot::Value(NO_END),
            _ => self.day(field),
        }
    }
}

fn finding(holds: Slot<bool>, code: &'static str) -> Finding {
    match holds {
        Slot::Value(true) | Slot::Null => Finding::Pass,
        Slot::Value(false) => Finding::fail(code),
        Slot::Unreadable => Finding::Unjudged,
        Slot::Error => Finding::Error,
    }
}

/// Resident Identity Card Law, article 5: 5 years below 16, 10 up to 25, 20 up to 45, then no end. Of 29 February both
/// neighbours are taken.
fn is_validity(age: i32, from: i32, until: i32) -> bool {
    let years = match age {
        ..16 => 5,
        16..=25 => 10,
        26..=45 => 20,
        _ => return until == NO_END,
    };
    let (year, month, day) = yidang_schemas::day::civil(from);
    match yidang_schemas::day::days_of(year + years, month, day) {
        Some(end) => until == end,
        None => {
            let first = yidang_schemas::day::days_of(year + years, 3, 1);
            first.is_some_and(|first| until == first || until == first - 1)
        }
    }
}
