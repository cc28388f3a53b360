//! A slow reading of a plan over one record of JSON, written without the columns, decimals and calendar of the engine.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde_json::{Map, Value};
use yidang_schemas::contract::{Contract, Mode};
use yidang_schemas::field::FieldIndex;
use yidang_schemas::predicate::{
    Comparison, Day, Instant, Number, Operand, Operator, Part, Pattern, Predicate, Test, Text,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Fail,
    Unjudged,
    Error,
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Null,
    Unreadable,
    Error,
}

type Found<T> = Result<T, Lack>;

/// A fraction in lowest terms is not needed: numbers here are small.
#[derive(Debug, Clone, Copy)]
struct Fraction(i128, i128);

impl Fraction {
    fn compare(self, other: Self) -> Ordering {
        (self.0 * other.1).cmp(&(other.0 * self.1))
    }
}

struct Reading<'r> {
    contract: &'r Contract,
    predicate: &'r Predicate,
    members: &'r Map<String, Value>,
}

pub(super) fn judge(
    contract: &Contract,
    predicate: &Predicate,
    members: &Map<String, Value>,
) -> Verdict {
    let reading = Reading {
        contract,
        predicate,
        members,
    };
    if !predicate
        .fields
        .iter()
        .all(|field| reading.is_stated(*field))
    {
        return Verdict::Unjudged;
    }
    match reading.test(&predicate.test) {
        Ok(true) | Err(Lack::Null) => Verdict::Pass,
        Ok(false) => Verdict::Fail,
        Err(Lack::Unreadable) => Verdict::Unjudged,
        Err(Lack::Error) => Verdict::Error,
    }
}

fn both<T, U>(one: Found<T>, other: Found<U>) -> Found<(T, U)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(one.max(other)),
        (Err(lack), Ok(_)) | (Ok(_), Err(lack)) => Err(lack),
    }
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Unequal => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

fn fraction(text: &str) -> Found<Fraction> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !whole.is_empty()
        && whole
            .chars()
            .chain(behind.chars())
            .all(|digit| digit.is_ascii_digit());
    if !is_number {
        return Err(Lack::Unreadable);
    }
    let number: i128 = format!("{whole}{behind}").parse().unwrap();
    Ok(Fraction(
        sign * number,
        10i128.pow(u32::try_from(behind.len()).unwrap()),
    ))
}

fn first<T>(all: impl Iterator<Item = Found<T>>) -> Found<T> {
    let mut all = all.filter(|found| !matches!(found, Err(Lack::Null)));
    all.next().unwrap_or(Err(Lack::Null))
}

fn days(date: Date) -> i32 {
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}

fn date(days: i32) -> Date {
    jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days)
}

impl Reading<'_> {
    fn member(&self, field: FieldIndex) -> Option<&Value> {
        self.members.get(&self.contract.fields[field].name)
    }

    fn raw(&self, field: FieldIndex) -> Found<String> {
        match self.member(field) {
            None | Some(Value::Null) => Err(Lack::Null),
            Some(Value::String(text)) => Ok(text.trim().to_owned()),
            Some(other) => Ok(other.to_string()),
        }
    }

    fn is_stated(&self, field: FieldIndex) -> bool {
        if self.member(field).is_none() && self.contract.mode == Mode::Patch {
            return false;
        }
        let text = self.raw(field).unwrap_or_default();
        !matches!(text.as_str(), "bad" | "x" | "00000000")
    }

    fn test(&self, test: &Test) -> Found<bool> {
        match test {
            Test::Constant(value) => Ok(*value),
            Test::Field(field) => self.raw(*field).map(|text| text == "true"),
            Test::Not(inner) => self.test(inner).map(|value| !value),
            Test::And(parts) => self.all(parts, false),
            Test::Or(parts) => self.all(parts, true),
            Test::IsNull(operand) => match self.lack(operand) {
                None => Ok(false),
                Some(Lack::Null) => Ok(true),
                Some(worse) => Err(worse),
            },
            Test::Truths(comparison, one, other) => both(self.test(one), self.test(other))
                .map(|(one, other)| holds(*comparison, one.cmp(&other))),
            Test::Texts(comparison, one, other) => both(self.text(one), self.text(other))
                .map(|(one, other)| holds(*comparison, one.cmp(&other))),
            Test::Numbers(comparison, one, other) => both(self.number(one), self.number(other))
                .map(|(one, other)| holds(*comparison, one.compare(other))),
            Test::Days(comparison, one, other) => both(self.day(one), self.day(other))
                .map(|(one, other)| holds(*comparison, one.cmp(&other))),
            Test::Instants(comparison, one, other) => both(self.instant(one), self.instant(other))
                .map(|(one, other)| holds(*comparison, one.cmp(&other))),
            Test::TextIn(text, all) => self.text(text).map(|text| all.contains(&text)),
            Test::NumberIn(number, all) => self.number(number).map(|number| {
                let known = |text: String| fraction(&text).unwrap().compare(number).is_eq();
                all.iter().any(|each| known(each.to_string()))
            }),
            Test::DayIn(day, all) => self.day(day).map(|day| all.contains(&day)),
            Test::Matches(text, place) => {
                self.text(text)
                    .map(|text| match &self.predicate.patterns[*place] {
                        Pattern::Like(like) if like == "A_%" => {
                            text.starts_with('A') && text.chars().count() > 1
                        }
                        Pattern::Regex(_) => {
                            !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit())
                        }
                        Pattern::Like(other) => panic!("{other} is not made here"),
                    })
            }
            Test::CodeIn(text, place) => self.text(text).map(|text| {
                self.predicate.lists[*place]
                    .canonical
                    .contains_key(text.trim())
            }),
            Test::ResidentId(_) | Test::Uscc(_) => panic!("not made here"),
        }
    }

    /// AND where `decides` is false, OR where it is true.
    fn all(&self, parts: &[Test], decides: bool) -> Found<bool> {
        let found: Vec<_> = parts.iter().map(|part| self.test(part)).collect();
        if found.contains(&Ok(decides)) {
            return Ok(decides);
        }
        let worst = found.iter().filter_map(|found| found.err()).max();
        worst.map_or(Ok(!decides), Err)
    }

    fn lack(&self, operand: &Operand) -> Option<Lack> {
        match operand {
            Operand::Test(test) => self.test(test).err(),
            Operand::Text(text) => self.text(text).err(),
            Operand::Number(number) => self.number(number).err(),
            Operand::Day(day) => self.day(day).err(),
            Operand::Instant(instant) => self.instant(instant).err(),
        }
    }

    fn text(&self, text: &Text) -> Found<String> {
        let letters = |inner: &Text| {
            self.text(inner)
                .map(|text| text.chars().collect::<Vec<char>>())
        };
        let count = |number: u32| usize::try_from(number).unwrap();
        match text {
            Text::Constant(value) => Ok(value.clone()),
            Text::Field(field) => self.raw(*field),
            Text::Substring(inner, from, None) => {
                Ok(letters(inner)?.into_iter().skip(count(*from) - 1).collect())
            }
            Text::Substring(inner, from, Some(length)) => Ok(letters(inner)?
                .into_iter()
                .skip(count(*from) - 1)
                .take(count(*length))
                .collect()),
            Text::Left(inner, length) => {
                Ok(letters(inner)?.into_iter().take(count(*length)).collect())
            }
            Text::Right(inner, length) => {
                let mut last: Vec<char> = letters(inner)?
                    .into_iter()
                    .rev()
                    .take(count(*length))
                    .collect();
                last.reverse();
                Ok(last.into_iter().collect())
            }
            Text::Trim(inner) => Ok(self.text(inner)?.trim().to_owned()),
            Text::Upper(inner) => Ok(self.text(inner)?.to_uppercase()),
            Text::Lower(inner) => Ok(self.text(inner)?.to_lowercase()),
            Text::Coalesce(all) => first(all.iter().map(|each| self.text(each))),
            Text::OfNumber(_) | Text::OfDay(_) => panic!("not made here"),
        }
    }

    fn number(&self, number: &Number) -> Found<Fraction> {
        let whole = |number: i32| Fraction(i128::from(number), 1);
        match number {
            Number::Constant(value) => fraction(&value.to_string()),
            Number::Field(field) => fraction(&self.raw(*field)?),
            Number::Negative(inner) => self
                .number(inner)
                .map(|Fraction(above, below)| Fraction(-above, below)),
            Number::Absolute(inner) => self
                .number(inner)
                .map(|Fraction(above, below)| Fraction(above.abs(), below)),
            Number::Arithmetic(operator, one, other) => {
                let (one, other) = both(self.number(one), self.number(other))?;
                match operator {
                    Operator::Add => {
                        Ok(Fraction(one.0 * other.1 + other.0 * one.1, one.1 * other.1))
                    }
                    Operator::Subtract => {
                        Ok(Fraction(one.0 * other.1 - other.0 * one.1, one.1 * other.1))
                    }
                    Operator::Multiply => Ok(Fraction(one.0 * other.0, one.1 * other.1)),
                    Operator::Divide if other.0 == 0 => Err(Lack::Error),
                    Operator::Divide => {
                        let sign = other.0.signum();
                        Ok(Fraction(one.0 * other.1 * sign, one.1 * other.0 * sign))
                    }
                }
            }
            Number::Length(text) => Ok(whole(
                i32::try_from(self.text(text)?.chars().count()).unwrap(),
            )),
            Number::Part(part, day) => {
                let date = date(self.day(day)?);
                Ok(whole(match part {
                    Part::Year => i32::from(date.year()),
                    Part::Month => i32::from(date.month()),
                    Part::Day => i32::from(date.day()),
                }))
            }
            Number::AgeAt(birth, day) => {
                let (birth, day) = both(self.day(birth), self.day(day))?;
                let (birth, day) = (date(birth), date(day));
                let before = (day.month(), day.day()) < (birth.month(), birth.day());
                Ok(whole(
                    i32::from(day.year() - birth.year()) - i32::from(before),
                ))
            }
            Number::Coalesce(all) => first(all.iter().map(|each| self.number(each))),
            Number::OfText(text) => fraction(self.text(text)?.trim()),
            Number::Whole(inner) => self
                .number(inner)
                .map(|Fraction(above, below)| Fraction(above / below, 1)),
        }
    }

    fn day(&self, day: &Day) -> Found<i32> {
        match day {
            Day::Constant(days) => Ok(*days),
            Day::Field(field) => Ok(days(self.raw(*field)?.parse().unwrap())),
            Day::Message => Ok(days(jiff::civil::date(2026, 11, 23))),
            Day::OfInstant(instant) => {
                let city = self.instant(instant)? + 8 * 3_600_000;
                Ok(i32::try_from(city.div_euclid(86_400_000)).unwrap())
            }
            Day::Coalesce(all) => first(all.iter().map(|each| self.day(each))),
            Day::OfText(_) => panic!("not made here"),
        }
    }

    fn instant(&self, instant: &Instant) -> Found<i64> {
        match instant {
            Instant::Field(field) => {
                let time: jiff::Timestamp = self.raw(*field)?.parse().unwrap();
                Ok(time.as_millisecond())
            }
            Instant::Coalesce(all) => first(all.iter().map(|each| self.instant(each))),
        }
    }
}
