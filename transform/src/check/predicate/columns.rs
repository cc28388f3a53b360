//! The fields of a batch as values of their types, read when a predicate first asks and kept for the others.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::civil::Date;
use yidang_schemas::date_form::{DateForm, Precision};
use yidang_schemas::day;
use yidang_schemas::decimal::{Decimal, DecimalProblem};
use yidang_schemas::field::{FieldIndex, LogicalType};

use super::slot::{Slot, Vector};
use crate::calendar;
use crate::check::Batch;
use crate::check::stated::{self, Stated};
use crate::normalize::date::{self, DateOutcome, Zone};
use crate::parse::{Facet, as_boolean};
use crate::project::business_day;

/// Stands for a validity without end: later than every day.
pub(in crate::check) const NO_END: i32 = i32::MAX;

/// One field of a batch.
struct Column<'a> {
    values: Values<'a>,
    /// By record: whether it states a value that can be read, or null.
    stated: Vec<bool>,
}

enum Values<'a> {
    Texts(Vec<Slot<Cow<'a, str>>>),
    Numbers(Vec<Slot<Decimal>>),
    Days(Vec<Slot<i32>>),
    Instants(Vec<Slot<i64>>),
    Truths(Vec<Slot<bool>>),
}

impl Values<'_> {
    fn is_readable(&self, row: usize) -> bool {
        fn readable<T: PartialEq>(slots: &[Slot<T>], row: usize) -> bool {
            slots.get(row).is_some_and(|slot| *slot != Slot::Unreadable)
        }
        match self {
            Self::Texts(slots) => readable(slots, row),
            Self::Numbers(slots) => readable(slots, row),
            Self::Days(slots) => readable(slots, row),
            Self::Instants(slots) => readable(slots, row),
            Self::Truths(slots) => readable(slots, row),
        }
    }
}

/// All fields of a batch, and the days of its messages.
pub(in crate::check) struct Columns<'a> {
    batch: &'a Batch<'a>,
    rows: usize,
    fields: Vec<OnceCell<Column<'a>>>,
    message_days: OnceCell<Vec<Slot<i32>>>,
}

impl<'a> Columns<'a> {
    pub(in crate::check) fn new(batch: &'a Batch<'a>) -> Self {
        let fields = batch.contract.fields.iter();
        Self {
            batch,
            rows: batch.decoded.records.len(),
            fields: fields.map(|_| OnceCell::new()).collect(),
            message_days: OnceCell::new(),
        }
    }

    fn column(&self, field: FieldIndex) -> &Column<'a> {
        let cell = self
            .fields
            .get(field)
            .expect("a plan names fields of its contract");
        cell.get_or_init(|| self.read(field))
    }

    fn read(&self, field: FieldIndex) -> Column<'a> {
        let described = self.batch.contract.fields.get(field);
        let values = match described.map(|described| described.logical_type) {
            Some(LogicalType::Date) => Values::Days(self.days(field)),
            Some(LogicalType::Timestamp) => Values::Instants(self.instants(field)),
            Some(LogicalType::Integer | LogicalType::Number) => {
                Values::Numbers(self.each(field, |text| number(text.trim())))
            }
            Some(LogicalType::Boolean) => Values::Truths(self.each(field, |text| {
                as_boolean(text).map_or(Slot::Unreadable, Slot::Value)
            })),
            _ => Values::Texts(self.each(field, |text| Slot::Value(Cow::Borrowed(text.trim())))),
        };
        let silent = |row: &usize| stated::of(self.batch, field, *row) == Stated::Silent;
        let rows = 0..self.rows;
        let stated = rows
            .map(|row| !silent(&row) && values.is_readable(row))
            .collect();
        Column { values, stated }
    }

    /// By record: whether it states the field, and what it states can be read.
    pub(super) fn stated(&self, field: FieldIndex) -> &[bool] {
        &self.column(field).stated
    }

    fn each<T>(&self, field: FieldIndex, read: impl Fn(&'a str) -> Slot<T>) -> Vec<Slot<T>> {
        let rows = 0..self.rows;
        rows.map(|row| match stated::of(self.batch, field, row) {
            Stated::Silent | Stated::Null => Slot::Null,
            Stated::Value(text) => read(text),
        })
        .collect()
    }

    /// Days were read before, unless the field holds something else beside.
    fn days(&self, field: FieldIndex) -> Vec<Slot<i32>> {
        let is_end = self.batch.checker.ends.contains(&field);
        let described = self.batch.contract.fields.get(field);
        let forms = described.and_then(|described| DateForm::list(&described.forms).ok());
        let months_only = forms.is_some_and(|forms| {
            let mut forms = forms.iter();
            forms.all(|form| form.precision == Precision::Month)
        });
        let day = |outcome: DateOutcome| match outcome {
            DateOutcome::Date(date) => Slot::Value(days_of(date)),
            // Where only months are sent, a month is compared by its first day.
            DateOutcome::Partial { year, month } if months_only => {
                let first = Date::new(year, month, 1);
                first.map_or(Slot::Unreadable, |date| Slot::Value(days_of(date)))
            }
            DateOutcome::OpenEnded if is_end => Slot::Value(NO_END),
            _ => Slot::Unreadable,
        };
        if let Some(Facet::Date(dates)) = self.batch.facets.get(field) {
            let rows = dates.iter();
            return rows.map(|read| read.map_or(Slot::Null, day)).collect();
        }
        let Some(reader) = self.batch.readers.get(field) else {
            return Vec::new();
        };
        self.each(field, |text| day(date::parse(text, &reader.forms)))
    }

    fn instants(&self, field: FieldIndex) -> Vec<Slot<i64>> {
        let Some(reader) = self.batch.readers.get(field) else {
            return Vec::new();
        };
        let zone = Zone::shanghai();
        self.each(field, |text| {
            let read = date::epoch_milliseconds(text, &reader.forms, &zone);
            read.map_or(Slot::Unreadable, Slot::Value)
        })
    }

    pub(super) fn texts(&self, field: FieldIndex) -> Vector<'_, Cow<'a, str>> {
        match &self.column(field).values {
            Values::Texts(slots) => Vector::Read(slots),
            _ => panic!("a plan reads a field by its type: {field} is no text"),
        }
    }

    pub(super) fn numbers(&self, field: FieldIndex) -> Vector<'_, Decimal> {
        match &self.column(field).values {
            Values::Numbers(slots) => Vector::Read(slots),
            _ => panic!("a plan reads a field by its type: {field} is no number"),
        }
    }

    pub(in crate::check) fn dates(&self, field: FieldIndex) -> Vector<'_, i32> {
        match &self.column(field).values {
            Values::Days(slots) => Vector::Read(slots),
            _ => panic!("a plan reads a field by its type: {field} is no date"),
        }
    }

    pub(in crate::check) fn times(&self, field: FieldIndex) -> Vector<'_, i64> {
        match &self.column(field).values {
            Values::Instants(slots) => Vector::Read(slots),
            _ => panic!("a plan reads a field by its type: {field} is no timestamp"),
        }
    }

    pub(super) fn truths(&self, field: FieldIndex) -> Vector<'_, bool> {
        match &self.column(field).values {
            Values::Truths(slots) => Vector::Read(slots),
            _ => panic!("a plan reads a field by its type: {field} is no truth value"),
        }
    }

    /// The day on which each message came, in Asia/Shanghai.
    pub(super) fn message_days(&self) -> Vector<'_, i32> {
        let days = self.message_days.get_or_init(|| {
            let rows = 0..self.rows;
            let precheck = |row| self.batch.prechecks.get(row);
            rows.map(|row| Slot::of(precheck(row).map(|known| business_day(known.now_ms))))
                .collect()
        });
        Vector::Read(days)
    }
}

/// The same as the calendar's count, without its spans.
fn days_of(date: Date) -> i32 {
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    let year = i32::from(date.year());
    let counted = day::days_of(year, small(date.month()), small(date.day()));
    counted.unwrap_or_else(|| calendar::days_of(date))
}

/// A number; one that is longer than can be kept is our matter, not the sender's.
pub(super) fn number(text: &str) -> Slot<Decimal> {
    match Decimal::parse(text) {
        Ok(number) => Slot::Value(number),
        Err(DecimalProblem::Format) => Slot::Unreadable,
        Err(DecimalProblem::TooLong) => Slot::Error,
    }
}
