//! Bounds of a value: pattern, length and range, as `logicalTypeOptions` and rules written by hand state them.
//!
//! Leaves alone: which rule they make and what becomes of a record that fails it.

use std::fmt;

use crate::catalog::page::Page;
use crate::catalog::yaml::Node;
use crate::field::LogicalType;
use crate::rule::Check;

/// A pattern over the whole trimmed text.
pub(super) fn pattern(page: &mut Page<'_>, node: &Node) -> Option<Check> {
    let found = node.get("pattern")?;
    let text = page.scalar(found, "pattern")?;
    if let Err(error) = regex::Regex::new(text) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default();
        let sentence = format!("the pattern cannot be read: {why}");
        let help = "write a regular expression without look-around";
        page.note("CT023", found.spot, sentence, help);
    }
    Some(Check::Pattern(text.to_owned()))
}

pub(super) fn length(page: &mut Page<'_>, node: &Node) -> Option<Check> {
    let mut bound = |name: &str| {
        let found = node.get(name)?;
        let number = page.scalar(found, name)?.parse::<u32>().ok();
        if number.is_none() {
            let sentence = format!("'{name}' is no length");
            page.note("CT023", found.spot, sentence, "write a whole number");
        }
        number
    };
    let (at_least, at_most) = (bound("minLength"), bound("maxLength"));
    if let (Some(low), Some(high)) = (at_least, at_most)
        && low > high
    {
        let sentence = "minLength is above maxLength";
        page.note("CT023", node.spot, sentence, "swap the two");
    }
    (at_least.is_some() || at_most.is_some()).then_some(Check::Length { at_least, at_most })
}

/// The bounds that a value of this type has to lie between, both included. A bound that the standard excludes is
/// moved by one where the type has a next value.
pub(super) fn range(page: &mut Page<'_>, node: &Node, logical: LogicalType) -> Option<Check> {
    let least = bound(page, node, "minimum", logical);
    let above = bound(page, node, "exclusiveMinimum", logical);
    let above = above.and_then(|bound| moved(page, node, "exclusiveMinimum", &bound, 1));
    let most = bound(page, node, "maximum", logical);
    let below = bound(page, node, "exclusiveMaximum", logical);
    let below = below.and_then(|bound| moved(page, node, "exclusiveMaximum", &bound, -1));
    let at_least = both(least, above, Bound::greater);
    let at_most = both(most, below, |one, other| Bound::greater(other, one));
    if let (Some(low), Some(high)) = (&at_least, &at_most)
        && low.greater(high)
    {
        let sentence = "minimum is above maximum";
        page.note("CT023", node.spot, sentence, "swap the two");
    }
    (at_least.is_some() || at_most.is_some()).then(|| Check::Range {
        at_least: at_least.map(|bound| bound.to_string()),
        at_most: at_most.map(|bound| bound.to_string()),
    })
}

/// A bound of the standard that nothing checks yet looks like a rule and is none.
pub(super) fn refuse_unevaluated(page: &mut Page<'_>, options: &Node) {
    if let Some(found) = options.get("multipleOf") {
        let sentence = "nothing evaluates 'multipleOf'";
        page.note("CT063", found.spot, sentence, "take it out");
    }
}

/// One end of a range.
enum Bound {
    Day(Day),
    Number { text: String, value: f64 },
}

impl Bound {
    /// Bounds of one range are of one kind.
    fn greater(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Day(one), Self::Day(other)) => one > other,
            (Self::Number { value: one, .. }, Self::Number { value: other, .. }) => one > other,
            _ => false,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(formatter),
            Self::Number { text, .. } => formatter.write_str(text),
        }
    }
}

/// The stricter of two bounds of one end.
fn both(
    one: Option<Bound>,
    other: Option<Bound>,
    stricter: impl Fn(&Bound, &Bound) -> bool,
) -> Option<Bound> {
    match (one, other) {
        (Some(one), Some(other)) if stricter(&one, &other) => Some(one),
        (one, other) => other.or(one),
    }
}

fn bound(page: &mut Page<'_>, node: &Node, name: &str, logical: LogicalType) -> Option<Bound> {
    let found = node.get(name)?;
    let text = page.scalar(found, name)?;
    let (read, help) = match logical {
        LogicalType::Date | LogicalType::Timestamp => (
            Day::parse(text).map(Bound::Day),
            "write a day of the calendar as yyyy-MM-dd",
        ),
        _ => (number(text), "write a number"),
    };
    if read.is_none() {
        let sentence = format!("'{text}' cannot be compared with values of the field");
        page.note("CT023", found.spot, sentence, help);
    }
    read
}

fn number(text: &str) -> Option<Bound> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    let text = text.to_owned();
    Some(Bound::Number { text, value })
}

/// The next value inside an excluded bound.
fn moved(page: &mut Page<'_>, node: &Node, name: &str, bound: &Bound, by: i8) -> Option<Bound> {
    let inside = match bound {
        Bound::Day(day) if by > 0 => day.next().map(Bound::Day),
        Bound::Day(day) => day.previous().map(Bound::Day),
        Bound::Number { text, .. } => {
            let whole = text.parse::<i64>().ok();
            let inside = whole.and_then(|whole| whole.checked_add(i64::from(by)));
            inside.and_then(|inside| number(&inside.to_string()))
        }
    };
    if inside.is_none() {
        let spot = node.get(name).map_or(node.spot, |found| found.spot);
        let sentence = format!("nothing evaluates '{name}' of this value");
        page.note("CT063", spot, sentence, "write a bound that is included");
    }
    inside
}

/// A day of the Gregorian calendar; orders as days do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// `yyyy-MM-dd`, as `Check::Range` compares days.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |width: usize| {
            let part = parts.next()?;
            let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        let found = Self { year, month, day };
        let is_day = (1..=12).contains(&month) && (1..=found.last_of_month()).contains(&day);
        (parts.next().is_none() && is_day).then_some(found)
    }

    fn last_of_month(self) -> u8 {
        let year = self.year;
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn next(self) -> Option<Self> {
        let Self { year, month, day } = self;
        Some(match (month, day) {
            (12, 31) => Self {
                year: year.checked_add(1).filter(|year| *year <= 9999)?,
                month: 1,
                day: 1,
            },
            _ if day == self.last_of_month() => Self {
                month: month + 1,
                day: 1,
                ..self
            },
            _ => Self {
                day: day + 1,
                ..self
            },
        })
    }

    fn previous(self) -> Option<Self> {
        let Self { year, month, day } = self;
        Some(match (month, day) {
            (1, 1) => Self {
                year: year.checked_sub(1)?,
                month: 12,
                day: 31,
            },
            (_, 1) => {
                let before = Self {
                    month: month - 1,
                    ..self
                };
                Self {
                    day: before.last_of_month(),
                    ..before
                }
            }
            _ => Self {
                day: day - 1,
                ..self
            },
        })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::yaml::parse;

    /// The range of these options, or the codes of their problems.
    fn range_of(logical: LogicalType, text: &str) -> Result<(String, String), Vec<&'static str>> {
        let tree = parse(text).unwrap();
        let mut page = Page::new("file", text);
        let check = range(&mut page, &tree, logical);
        let codes: Vec<_> = page.problems.iter().map(|problem| problem.code.0).collect();
        match check {
            Some(Check::Range { at_least, at_most }) if codes.is_empty() => {
                Ok((at_least.unwrap_or_default(), at_most.unwrap_or_default()))
            }
            _ => Err(codes),
        }
    }

    fn between(low: &str, high: &str) -> Result<(String, String), Vec<&'static str>> {
        Ok((low.to_owned(), high.to_owned()))
    }

    #[test]
    fn days_are_iso_days() {
        let of = |text| range_of(LogicalType::Date, text);
        assert_eq!(of("{ minimum: 1949-10-01 }"), between("1949-10-01", ""));
        assert_eq!(
            of("{ exclusiveMinimum: 2024-02-28, exclusiveMaximum: 2025-01-01 }"),
            between("2024-02-29", "2024-12-31")
        );
        assert_eq!(
            of("{ minimum: 2025-03-01, exclusiveMinimum: 2025-03-01 }"),
            between("2025-03-02", "")
        );
        for text in [
            "19491001",
            "1949-10-1",
            "1949-02-30",
            "1949-13-01",
            "now",
            "1949-10-01T00:00:00Z",
        ] {
            let options = format!("{{ minimum: {text:?} }}");
            let told = range_of(LogicalType::Date, &options);
            assert_eq!(told, Err(vec!["CT023"]), "{text}");
        }
        assert_eq!(
            of("{ minimum: 2025-01-02, maximum: 2025-01-01 }"),
            Err(vec!["CT023"])
        );
    }

    #[test]
    fn numbers_keep_their_text() {
        let of = |text| range_of(LogicalType::Integer, text);
        assert_eq!(of("{ minimum: 1.50, maximum: 3 }"), between("1.50", "3"));
        assert_eq!(
            of("{ exclusiveMinimum: 0, exclusiveMaximum: 10 }"),
            between("1", "9")
        );
        assert_eq!(of("{ exclusiveMinimum: 0.5 }"), Err(vec!["CT063"]));
        assert_eq!(of("{ minimum: ten }"), Err(vec!["CT023"]));
        assert_eq!(of("{ minimum: 3, maximum: 1 }"), Err(vec!["CT023"]));
    }
}
