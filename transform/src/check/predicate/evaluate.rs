//! Evaluating each part of a plan, column by column.

use std::borrow::Cow;

use regex::Regex;
use yidang_schemas::codes::CodeMap;
use yidang_schemas::day;
use yidang_schemas::decimal::Decimal;
use yidang_schemas::predicate::{
    Comparison, Day, Instant, Number, Operand, Operator, Part, Predicate, Test, Text,
};

use super::columns::{Columns, NO_END, number};
use super::slot::{Slot, Vector};
use crate::calendar;
use crate::normalize::{person_identifier, uscc};
use crate::parse::code_spellings;

type Letters<'t> = Cow<'t, str>;

/// One predicate over one batch.
pub(super) struct Evaluation<'e, 'a> {
    pub columns: &'e Columns<'a>,
    pub predicate: &'e Predicate,
    pub patterns: &'e [Regex],
    pub rows: usize,
}

impl<'e, 'a: 'e> Evaluation<'e, 'a> {
    pub(super) fn test(&self, test: &'e Test) -> Vector<'e, bool> {
        match test {
            Test::Constant(value) => Vector::Same(Slot::Value(*value)),
            Test::Field(field) => self.columns.truths(*field),
            Test::Not(inner) => self.test(inner).map(self.rows, |value| Slot::Value(!value)),
            Test::And(parts) => self.folded(parts, Slot::and),
            Test::Or(parts) => self.folded(parts, Slot::or),
            Test::IsNull(operand) => self.is_null(operand),
            Test::Truths(comparison, one, other) => {
                compared(*comparison, &self.test(one), &self.test(other), self.rows)
            }
            Test::Texts(comparison, one, other) => {
                compared(*comparison, &self.text(one), &self.text(other), self.rows)
            }
            Test::Numbers(comparison, one, other) => compared(
                *comparison,
                &self.number(one),
                &self.number(other),
                self.rows,
            ),
            Test::Days(comparison, one, other) => {
                compared(*comparison, &self.day(one), &self.day(other), self.rows)
            }
            Test::Instants(comparison, one, other) => compared(
                *comparison,
                &self.instant(one),
                &self.instant(other),
                self.rows,
            ),
            Test::TextIn(text, all) => self.text(text).map(self.rows, |text| {
                let found = all.binary_search_by(|known| known.as_str().cmp(text));
                Slot::Value(found.is_ok())
            }),
            Test::NumberIn(number, all) => self.number(number).map(self.rows, |number| {
                Slot::Value(all.binary_search(number).is_ok())
            }),
            Test::DayIn(day, all) => self
                .day(day)
                .map(self.rows, |day| Slot::Value(all.binary_search(day).is_ok())),
            Test::Matches(text, place) => self.matches(text, *place),
            Test::CodeIn(text, place) => self.code_in(text, *place),
            Test::ResidentId(text) => self.holds(text, is_resident_id),
            Test::Uscc(text) => self.holds(text, |text| uscc::parse(text).is_ok()),
        }
    }

    fn holds(&self, text: &'e Text, test: impl Fn(&str) -> bool) -> Vector<'e, bool> {
        self.text(text)
            .map(self.rows, |text| Slot::Value(test(text)))
    }

    fn folded(
        &self,
        parts: &'e [Test],
        join: impl Fn(Slot<bool>, Slot<bool>) -> Slot<bool>,
    ) -> Vector<'e, bool> {
        let vectors: Vec<_> = parts.iter().map(|part| self.test(part)).collect();
        let at = |row: usize| {
            let mut slots = vectors
                .iter()
                .map(|vector| vector.get(row).then(|value| Slot::Value(*value)));
            let first = slots.next().unwrap_or(Slot::Null);
            slots.fold(first, &join)
        };
        Vector::Each((0..self.rows).map(at).collect())
    }

    fn is_null(&self, operand: &'e Operand) -> Vector<'e, bool> {
        match operand {
            Operand::Test(test) => nulls(&self.test(test), self.rows),
            Operand::Text(text) => nulls(&self.text(text), self.rows),
            Operand::Number(number) => nulls(&self.number(number), self.rows),
            Operand::Day(day) => nulls(&self.day(day), self.rows),
            Operand::Instant(instant) => nulls(&self.instant(instant), self.rows),
        }
    }

    fn matches(&self, text: &'e Text, place: usize) -> Vector<'e, bool> {
        let pattern = self
            .patterns
            .get(place)
            .expect("a plan names patterns of its own");
        self.holds(text, |text| pattern.is_match(text))
    }

    fn code_in(&self, text: &'e Text, place: usize) -> Vector<'e, bool> {
        let list = self
            .predicate
            .lists
            .get(place)
            .expect("a plan names lists of its own");
        self.holds(text, |text| is_listed(list, text))
    }

    fn text(&self, text: &'e Text) -> Vector<'e, Letters<'e>> {
        let rows = self.rows;
        match text {
            Text::Constant(value) => Vector::Same(Slot::Value(Cow::Borrowed(value))),
            Text::Field(field) => self.columns.texts(*field),
            Text::Substring(inner, from, count) => {
                let skip = usize::try_from(from - 1).unwrap_or(usize::MAX);
                self.text(inner).map(rows, |text| taken(text, skip, *count))
            }
            Text::Left(inner, count) => self
                .text(inner)
                .map(rows, |text| taken(text, 0, Some(*count))),
            Text::Right(inner, count) => self.text(inner).map(rows, |text| {
                let letters = text.chars().count();
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                taken(text, letters.saturating_sub(count), None)
            }),
            Text::Trim(inner) => self
                .text(inner)
                .map(rows, |text| Slot::Value(part(text, str::trim))),
            Text::Upper(inner) => self
                .text(inner)
                .map(rows, |text| Slot::Value(Cow::Owned(text.to_uppercase()))),
            Text::Lower(inner) => self
                .text(inner)
                .map(rows, |text| Slot::Value(Cow::Owned(text.to_lowercase()))),
            Text::Coalesce(all) => {
                let all: Vec<_> = all.iter().map(|each| self.text(each)).collect();
                Vector::first_of(&all, rows)
            }
            Text::OfNumber(number) => self
                .number(number)
                .map(rows, |number| Slot::Value(Cow::Owned(number.to_string()))),
            Text::OfDay(day) => self.day(day).map(rows, |day| {
                dated(*day).then(|day| Slot::Value(Cow::Owned(calendar::date_of(day).to_string())))
            }),
        }
    }

    fn number(&self, planned: &'e Number) -> Vector<'e, Decimal> {
        let rows = self.rows;
        match planned {
            Number::Constant(value) => Vector::Same(Slot::Value(*value)),
            Number::Field(field) => self.columns.numbers(*field),
            Number::Negative(inner) => self
                .number(inner)
                .map(rows, |value| Slot::computed(value.negated())),
            Number::Absolute(inner) => self
                .number(inner)
                .map(rows, |value| Slot::computed(value.absolute())),
            Number::Arithmetic(operator, one, other) => {
                let (one, other) = (self.number(one), self.number(other));
                one.zip(&other, rows, |one, other| computed(*operator, *one, *other))
            }
            Number::Length(text) => self.text(text).map(rows, |text| {
                let letters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                Slot::Value(Decimal::from(letters))
            }),
            Number::Part(part, day) => self.day(day).map(rows, |day| {
                dated(*day).then(|day| Slot::Value(part_of(*part, day)))
            }),
            Number::AgeAt(birth, day) => {
                let (birth, day) = (self.day(birth), self.day(day));
                birth.zip(&day, rows, |birth, day| {
                    let both = dated(*birth).with(dated(*day));
                    both.then(|(birth, day)| {
                        Slot::Value(Decimal::from(i64::from(age_at(birth, day))))
                    })
                })
            }
            Number::Coalesce(all) => {
                let all: Vec<_> = all.iter().map(|each| self.number(each)).collect();
                Vector::first_of(&all, rows)
            }
            Number::OfText(text) => self.text(text).map(rows, |text| number(text.trim())),
            Number::Whole(inner) => self
                .number(inner)
                .map(rows, |value| Slot::Value(value.whole())),
        }
    }

    fn day(&self, planned: &'e Day) -> Vector<'e, i32> {
        let rows = self.rows;
        match planned {
            Day::Constant(days) => Vector::Same(Slot::Value(*days)),
            Day::Field(field) => self.columns.dates(*field),
            Day::Message => self.columns.message_days(),
            Day::OfInstant(instant) => self.instant(instant).map(rows, |milliseconds| {
                Slot::Value(crate::project::business_day(*milliseconds))
            }),
            Day::OfText(text) => self.text(text).map(rows, |text| {
                day::parse_iso(text.trim()).map_or(Slot::Unreadable, Slot::Value)
            }),
            Day::Coalesce(all) => {
                let all: Vec<_> = all.iter().map(|each| self.day(each)).collect();
                Vector::first_of(&all, rows)
            }
        }
    }

    fn instant(&self, planned: &'e Instant) -> Vector<'e, i64> {
        match planned {
            Instant::Field(field) => self.columns.times(*field),
            Instant::Coalesce(all) => {
                let all: Vec<_> = all.iter().map(|each| self.instant(each)).collect();
                Vector::first_of(&all, self.rows)
            }
        }
    }
}

fn compared<T: Clone + Ord>(
    comparison: Comparison,
    one: &Vector<'_, T>,
    other: &Vector<'_, T>,
    rows: usize,
) -> Vector<'static, bool> {
    one.zip(other, rows, |one, other| {
        Slot::Value(holds(comparison, one, other))
    })
}

pub(super) fn holds<T: Ord + ?Sized>(comparison: Comparison, one: &T, other: &T) -> bool {
    match comparison {
        Comparison::Equal => one == other,
        Comparison::Unequal => one != other,
        Comparison::Less => one < other,
        Comparison::AtMost => one <= other,
        Comparison::Greater => one > other,
        Comparison::AtLeast => one >= other,
    }
}

fn nulls<T: Clone>(vector: &Vector<'_, T>, rows: usize) -> Vector<'static, bool> {
    let at = |row| match vector.get(row) {
        Slot::Null => Slot::Value(true),
        slot => slot.then(|_| Slot::Value(false)),
    };
    Vector::Each((0..rows).map(at).collect())
}

/// So many letters after some, borrowed where the text is.
fn taken<'t>(text: &Letters<'t>, skip: usize, count: Option<u32>) -> Slot<Letters<'t>> {
    Slot::Value(part(text, |text| slice(text, skip, count)))
}

pub(super) fn slice(text: &str, skip: usize, count: Option<u32>) -> &str {
    let place = |text: &str, letters: usize| {
        let found = text.char_indices().nth(letters);
        found.map_or(text.len(), |(place, _)| place)
    };
    let (_, rest) = text.split_at(place(text, skip));
    match count.and_then(|count| usize::try_from(count).ok()) {
        None => rest,
        Some(count) => rest.split_at(place(rest, count)).0,
    }
}

fn part<'t>(text: &Letters<'t>, of: impl for<'s> Fn(&'s str) -> &'s str) -> Letters<'t> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(of(text)),
        Cow::Owned(text) => Cow::Owned(of(text).to_owned()),
    }
}

/// A day of the calendar; a validity without end has none.
pub(super) fn dated(day: i32) -> Slot<i32> {
    Slot::of(Some(day).filter(|day| *day != NO_END))
}

pub(super) fn computed(operator: Operator, one: Decimal, other: Decimal) -> Slot<Decimal> {
    Slot::computed(match operator {
        Operator::Add => one.checked_add(other),
        Operator::Subtract => one.checked_sub(other),
        Operator::Multiply => one.checked_mul(other),
        Operator::Divide => one.checked_div(other),
    })
}

pub(super) fn part_of(part: Part, days: i32) -> Decimal {
    let (year, month, day) = day::civil(days);
    Decimal::from(match part {
        Part::Year => i64::from(year),
        Part::Month => i64::from(month),
        Part::Day => i64::from(day),
    })
}

/// Full years (周岁) on a day; who is born on 29 February is older on 1 March of other years.
pub(in crate::check) fn age_at(birth: i32, on: i32) -> i32 {
    let (birth_year, birth_month, birth_day) = day::civil(birth);
    let (year, month, day) = day::civil(on);
    let reached = (month, day) >= (birth_month, birth_day);
    year - birth_year - i32::from(!reached)
}

pub(super) fn is_resident_id(text: &str) -> bool {
    person_identifier::parse(None, text, None).is_ok()
}

pub(super) fn is_listed(list: &CodeMap, text: &str) -> bool {
    code_spellings(text, |text| list.get(text).is_some())
}
