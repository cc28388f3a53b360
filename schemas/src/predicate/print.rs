//! The one spelling of a predicate: what is planned reads back as the same plan.
//!
//! Words in capitals, functions in lower case, field names always quoted, parentheses around every compound part.

use std::fmt::{self, Display, Formatter, Write};

use super::{
    Comparison, Day, Instant, Number, Operand, Operator, Part, Pattern, Predicate, Test, Text,
};
use crate::day::civil;
use crate::field::Field;

/// A predicate as text. Its plan names fields by place: `fields` gives their names.
pub fn print(predicate: &Predicate, fields: &[Field]) -> String {
    let printer = Printer { predicate, fields };
    printer.test(&predicate.test)
}

struct Printer<'p> {
    predicate: &'p Predicate,
    fields: &'p [Field],
}

impl Printer<'_> {
    fn name(&self, field: usize) -> String {
        let name = self.fields.get(field).map_or("", |field| &field.name);
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn test(&self, test: &Test) -> String {
        match test {
            Test::Constant(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Test::Field(field) => self.name(*field),
            Test::Not(inner) => self.negated(inner),
            Test::And(parts) => self.joined(parts, " AND "),
            Test::Or(parts) => self.joined(parts, " OR "),
            Test::IsNull(operand) => format!("{} IS NULL", self.operand(operand)),
            Test::Truths(comparison, one, other) => {
                format!("{} {comparison} {}", self.inner(one), self.inner(other))
            }
            Test::Texts(comparison, one, other) => {
                format!("{} {comparison} {}", self.text(one), self.text(other))
            }
            Test::Numbers(comparison, one, other) => {
                format!("{} {comparison} {}", self.number(one), self.number(other))
            }
            Test::Days(comparison, one, other) => {
                format!("{} {comparison} {}", self.day(one), self.day(other))
            }
            Test::Instants(comparison, one, other) => {
                format!("{} {comparison} {}", self.instant(one), self.instant(other))
            }
            Test::TextIn(text, all) => self.within(test, &self.text(text), "", all.len()),
            Test::NumberIn(number, all) => self.within(test, &self.number(number), "", all.len()),
            Test::DayIn(day, all) => self.within(test, &self.day(day), "", all.len()),
            Test::Matches(text, place) => self.matches(&self.text(text), *place, ""),
            Test::CodeIn(text, place) => {
                let list = self.predicate.lists.get(*place);
                let name = literal(list.map_or("", |list| &list.name));
                format!("code_in({name}, {})", self.text(text))
            }
            Test::ResidentId(text) => format!("cn_resident_id({})", self.text(text)),
            Test::Uscc(text) => format!("cn_uscc({})", self.text(text)),
        }
    }

    fn negated(&self, inner: &Test) -> String {
        match inner {
            Test::IsNull(operand) => format!("{} IS NOT NULL", self.operand(operand)),
            Test::TextIn(text, all) => self.within(inner, &self.text(text), "NOT ", all.len()),
            Test::NumberIn(number, all) => {
                self.within(inner, &self.number(number), "NOT ", all.len())
            }
            Test::DayIn(day, all) => self.within(inner, &self.day(day), "NOT ", all.len()),
            Test::Matches(text, place) if self.is_like(*place) => {
                self.matches(&self.text(text), *place, "NOT ")
            }
            other => format!("NOT {}", self.inner(other)),
        }
    }

    fn within(&self, test: &Test, value: &str, not: &str, count: usize) -> String {
        let mut text = format!("{value} {not}IN (");
        for place in 0..count {
            if place > 0 {
                text.push_str(", ");
            }
            text.push_str(&item(test, place));
        }
        text.push(')');
        text
    }

    fn is_like(&self, place: usize) -> bool {
        let pattern = self.predicate.patterns.get(place);
        matches!(pattern, Some(Pattern::Like(_)))
    }

    fn matches(&self, value: &str, place: usize, not: &str) -> String {
        match self.predicate.patterns.get(place) {
            Some(Pattern::Like(pattern)) => format!("{value} {not}LIKE {}", literal(pattern)),
            Some(Pattern::Regex(pattern)) => format!("regexp_like({value}, {})", literal(pattern)),
            None => String::new(),
        }
    }

    fn joined(&self, parts: &[Test], word: &str) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.inner(part)).collect();
        parts.join(word)
    }

    /// In parentheses where it is no single word or call.
    fn inner(&self, test: &Test) -> String {
        let text = self.test(test);
        match test {
            Test::Constant(_)
            | Test::Field(_)
            | Test::CodeIn(..)
            | Test::ResidentId(_)
            | Test::Uscc(_) => text,
            _ => format!("({text})"),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Test(test) => self.inner(test),
            Operand::Text(text) => self.text(text),
            Operand::Number(number) => self.number(number),
            Operand::Day(day) => self.day(day),
            Operand::Instant(instant) => self.instant(instant),
        }
    }

    fn text(&self, text: &Text) -> String {
        match text {
            Text::Constant(value) => literal(value),
            Text::Field(field) => self.name(*field),
            Text::Substring(inner, from, None) => format!("substr({}, {from})", self.text(inner)),
            Text::Substring(inner, from, Some(count)) => {
                format!("substr({}, {from}, {count})", self.text(inner))
            }
            Text::Left(inner, count) => format!("left({}, {count})", self.text(inner)),
            Text::Right(inner, count) => format!("right({}, {count})", self.text(inner)),
            Text::Trim(inner) => format!("trim({})", self.text(inner)),
            Text::Upper(inner) => format!("upper({})", self.text(inner)),
            Text::Lower(inner) => format!("lower({})", self.text(inner)),
            Text::Coalesce(all) => coalesce(all.iter().map(|each| self.text(each))),
            Text::OfNumber(number) => format!("CAST({} AS VARCHAR)", self.number(number)),
            Text::OfDay(day) => format!("CAST({} AS VARCHAR)", self.day(day)),
        }
    }

    fn number(&self, number: &Number) -> String {
        match number {
            // Two minus signs in a row would begin a comment.
            Number::Constant(value) if value < &crate::decimal::Decimal::ZERO => {
                format!("({value})")
            }
            Number::Constant(value) => value.to_string(),
            Number::Field(field) => self.name(*field),
            Number::Negative(inner) => format!("(-{})", self.number(inner)),
            Number::Absolute(inner) => format!("abs({})", self.number(inner)),
            Number::Arithmetic(operator, one, other) => {
                format!("({} {operator} {})", self.number(one), self.number(other))
            }
            Number::Length(text) => format!("length({})", self.text(text)),
            Number::Part(part, day) => format!("{part}({})", self.day(day)),
            Number::AgeAt(birth, day) => format!("age_at({}, {})", self.day(birth), self.day(day)),
            Number::Coalesce(all) => coalesce(all.iter().map(|each| self.number(each))),
            Number::OfText(text) => format!("CAST({} AS DECIMAL)", self.text(text)),
            Number::Whole(inner) => format!("CAST({} AS INTEGER)", self.number(inner)),
        }
    }

    fn day(&self, day: &Day) -> String {
        match day {
            Day::Constant(days) => day_literal(*days),
            Day::Field(field) => self.name(*field),
            Day::Message => "message_day()".to_owned(),
            Day::OfInstant(instant) => format!("CAST({} AS DATE)", self.instant(instant)),
            Day::OfText(text) => format!("CAST({} AS DATE)", self.text(text)),
            Day::Coalesce(all) => coalesce(all.iter().map(|each| self.day(each))),
        }
    }

    fn instant(&self, instant: &Instant) -> String {
        match instant {
            Instant::Field(field) => self.name(*field),
            Instant::Coalesce(all) => coalesce(all.iter().map(|each| self.instant(each))),
        }
    }
}

/// One literal of a list.
fn item(test: &Test, place: usize) -> String {
    let found = match test {
        Test::TextIn(_, all) => all.get(place).map(|text| literal(text)),
        Test::NumberIn(_, all) => all.get(place).map(ToString::to_string),
        Test::DayIn(_, all) => all.get(place).map(|days| day_literal(*days)),
        _ => None,
    };
    found.unwrap_or_default()
}

fn coalesce(all: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = all.collect();
    format!("coalesce({})", all.join(", "))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn day_literal(days: i32) -> String {
    let (year, month, day) = civil(days);
    let mut text = String::new();
    write!(text, "DATE '{year:04}-{month:02}-{day:02}'").expect("a string takes all");
    text
}

impl Display for Comparison {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl Display for Operator {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        })
    }
}

impl Display for Part {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        })
    }
}
