//! The functions of predicates: each gives the same for the same record, today and in ten years.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
};

use super::{NOT_ALLOWED, Planner, Refusal, TYPES};
use crate::catalog::page::nearest;
use crate::predicate::{Day, Instant, Number, Operand, Part, Pattern, Test, Text};

/// Name and how it is called.
pub(super) const FUNCTIONS: [(&str, &str); 19] = [
    ("abs", "abs(number)"),
    ("age_at", "age_at(birth, day)"),
    ("cn_resident_id", "cn_resident_id(text)"),
    ("cn_uscc", "cn_uscc(text)"),
    ("coalesce", "coalesce(one, other, …)"),
    ("code_in", "code_in('list@version', text)"),
    ("day", "day(date)"),
    ("left", "left(text, letters)"),
    ("length", "length(text)"),
    ("lower", "lower(text)"),
    ("message_day", "message_day()"),
    ("month", "month(date)"),
    ("regexp_like", "regexp_like(text, 'pattern')"),
    ("right", "right(text, letters)"),
    ("substr", "substr(text, from, letters)"),
    ("substring", "substr(text, from, letters)"),
    ("trim", "trim(text)"),
    ("upper", "upper(text)"),
    ("year", "year(date)"),
];
/// What elsewhere reads the clock.
const CLOCKS: [&str; 9] = [
    "now",
    "today",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "getdate",
    "sysdate",
];

impl Planner<'_> {
    pub(super) fn call(&mut self, expression: &Expr, call: &Function) -> Result<Operand, Refusal> {
        let name = call.name.to_string().to_lowercase();
        if CLOCKS.contains(&name.as_str()) {
            let sentence = format!("'{name}' depends on when it is asked");
            let help = "use message_day(), the day of the message";
            return Err(Refusal::at(expression, NOT_ALLOWED, sentence, help));
        }
        if !FUNCTIONS.iter().any(|(known, _)| *known == name) {
            let help = nearest(&name, FUNCTIONS.into_iter().map(|(known, _)| known));
            let sentence = format!("there is no function '{name}'");
            return Err(Refusal::at(expression, NOT_ALLOWED, sentence, help));
        }
        let Some(arguments) = arguments(call) else {
            return Err(misused(expression, &name));
        };
        self.function(expression, &name, &arguments)
    }

    fn function(
        &mut self,
        expression: &Expr,
        name: &str,
        arguments: &[&Expr],
    ) -> Result<Operand, Refusal> {
        Ok(match (name, arguments) {
            ("message_day", []) => Operand::Day(Day::Message),
            ("length", [text]) => Operand::Number(Number::Length(Box::new(self.text(text)?))),
            ("trim", [text]) => Operand::Text(Text::Trim(Box::new(self.text(text)?))),
            ("upper", [text]) => Operand::Text(Text::Upper(Box::new(self.text(text)?))),
            ("lower", [text]) => Operand::Text(Text::Lower(Box::new(self.text(text)?))),
            ("left", [text, count]) => {
                let (text, count) = (self.text(text)?, whole(count, 0)?);
                Operand::Text(Text::Left(Box::new(text), count))
            }
            ("right", [text, count]) => {
                let (text, count) = (self.text(text)?, whole(count, 0)?);
                Operand::Text(Text::Right(Box::new(text), count))
            }
            ("substr" | "substring", [text, from]) => {
                Operand::Text(self.part_of(text, from, None)?)
            }
            ("substr" | "substring", [text, from, count]) => {
                Operand::Text(self.part_of(text, from, Some(count))?)
            }
            ("abs", [number]) => Operand::Number(Number::Absolute(Box::new(self.number(number)?))),
            ("year", [day]) => self.part(Part::Year, day)?,
            ("month", [day]) => self.part(Part::Month, day)?,
            ("day", [day]) => self.part(Part::Day, day)?,
            ("age_at", [birth, day]) => {
                let (birth, day) = (self.day(birth)?, self.day(day)?);
                Operand::Number(Number::AgeAt(Box::new(birth), Box::new(day)))
            }
            ("cn_resident_id", [text]) => Operand::Test(Test::ResidentId(self.text(text)?)),
            ("cn_uscc", [text]) => Operand::Test(Test::Uscc(self.text(text)?)),
            ("regexp_like", [text, pattern]) => Operand::Test(self.regexp(text, pattern)?),
            ("code_in", [list, text]) => Operand::Test(self.code_in(list, text)?),
            ("coalesce", [_, _, ..]) => self.coalesce(arguments)?,
            _ => return Err(misused(expression, name)),
        })
    }

    fn part(&mut self, part: Part, day: &Expr) -> Result<Operand, Refusal> {
        let day = Box::new(self.day(day)?);
        Ok(Operand::Number(Number::Part(part, day)))
    }

    fn part_of(&mut self, text: &Expr, from: &Expr, count: Option<&Expr>) -> Result<Text, Refusal> {
        let text = Box::new(self.text(text)?);
        let from = whole(from, 1)?;
        let count = count.map(|count| whole(count, 0)).transpose()?;
        Ok(Text::Substring(text, from, count))
    }

    /// `substr(…)` and `substring(… from … for …)`, which the grammar reads by itself.
    pub(super) fn substring(&mut self, expression: &Expr) -> Result<Text, Refusal> {
        match expression {
            Expr::Substring {
                expr,
                substring_from: Some(from),
                substring_for,
                ..
            } => self.part_of(expr, from, substring_for.as_deref()),
            other => Err(misused(other, "substr")),
        }
    }

    pub(super) fn trim(&mut self, expression: &Expr) -> Result<Text, Refusal> {
        match expression {
            Expr::Trim {
                trim_where: None,
                trim_what: None,
                expr,
                trim_characters: None,
            } => Ok(Text::Trim(Box::new(self.text(expr)?))),
            other => Err(misused(other, "trim")),
        }
    }

    fn regexp(&mut self, text: &Expr, pattern: &Expr) -> Result<Test, Refusal> {
        let text = self.text(text)?;
        let written = quoted(pattern, "a pattern")?;
        if let Err(error) = regex::Regex::new(written) {
            let told = error.to_string();
            let why = told.lines().last().unwrap_or_default();
            let sentence = format!("the pattern cannot be read: {why}");
            let help = "write a regular expression without look-around";
            return Err(Refusal::at(pattern, "CT023", sentence, help));
        }
        self.patterns.push(Pattern::Regex(written.to_owned()));
        Ok(Test::Matches(text, self.patterns.len() - 1))
    }

    fn code_in(&mut self, list: &Expr, text: &Expr) -> Result<Test, Refusal> {
        let name = quoted(list, "the name of a code list")?;
        let Some(found) = self.lists.get(name) else {
            let help = nearest(name, self.lists.keys().map(String::as_str));
            let sentence = format!("there is no code list '{name}'");
            return Err(Refusal::at(list, "CT053", sentence, help));
        };
        self.sets.push(found.clone());
        let place = self.sets.len() - 1;
        Ok(Test::CodeIn(self.text(text)?, place))
    }

    /// The first of several values of one type that is there.
    fn coalesce(&mut self, arguments: &[&Expr]) -> Result<Operand, Refusal> {
        let [first, rest @ ..] = arguments else {
            unreachable!("a call of coalesce has two arguments or more");
        };
        Ok(match self.operand(first)? {
            Operand::Text(one) => {
                let mut all = vec![one];
                for other in rest {
                    all.push(self.text(other)?);
                }
                Operand::Text(Text::Coalesce(all))
            }
            Operand::Number(one) => {
                let mut all = vec![one];
                for other in rest {
                    all.push(self.number(other)?);
                }
                Operand::Number(Number::Coalesce(all))
            }
            Operand::Day(one) => {
                let mut all = vec![one];
                for other in rest {
                    all.push(self.day(other)?);
                }
                Operand::Day(Day::Coalesce(all))
            }
            Operand::Instant(one) => {
                let mut all = vec![one];
                for other in rest {
                    all.push(self.instant(other)?);
                }
                Operand::Instant(Instant::Coalesce(all))
            }
            Operand::Test(_) => {
                let sentence = "a truth value is needed by itself, not the first of several";
                let help = "write AND, OR and IS NULL";
                return Err(Refusal::at(first, TYPES, sentence, help));
            }
        })
    }

    fn instant(&mut self, expression: &Expr) -> Result<Instant, Refusal> {
        match self.operand(expression)? {
            Operand::Instant(instant) => Ok(instant),
            other => {
                let sentence = format!("a timestamp is needed here, this is {}", other.kind());
                let help = "cast all of them to DATE";
                Err(Refusal::at(expression, TYPES, sentence, help))
            }
        }
    }
}

/// The plain arguments of a call; nothing where it has anything else.
fn arguments(call: &Function) -> Option<Vec<&Expr>> {
    let plain = call.filter.is_none()
        && call.over.is_none()
        && call.null_treatment.is_none()
        && call.within_group.is_empty()
        && !call.uses_odbc_syntax
        && matches!(call.parameters, FunctionArguments::None);
    let FunctionArguments::List(FunctionArgumentList {
        duplicate_treatment: None,
        args,
        clauses,
    }) = &call.args
    else {
        return None;
    };
    let plain = plain && clauses.is_empty();
    let arguments = args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    });
    plain.then(|| arguments.collect()).flatten()
}

fn misused(expression: &Expr, name: &str) -> Refusal {
    let call = FUNCTIONS.iter().find(|(known, _)| *known == name);
    let help = call.map_or("", |(_, call)| call);
    let sentence = format!("'{name}' is not called like this");
    Refusal::at(expression, NOT_ALLOWED, sentence, format!("write {help}"))
}

/// A text in quotes.
fn quoted<'e>(expression: &'e Expr, what: &str) -> Result<&'e str, Refusal> {
    if let Expr::Value(value) = expression
        && let sqlparser::ast::Value::SingleQuotedString(text) = &value.value
    {
        return Ok(text);
    }
    let sentence = format!("{what} is written here as a text in quotes");
    Err(Refusal::at(
        expression,
        TYPES,
        sentence,
        "write it in single quotes",
    ))
}

/// A whole number in digits.
fn whole(expression: &Expr, least: u32) -> Result<u32, Refusal> {
    if let Expr::Value(value) = expression
        && let sqlparser::ast::Value::Number(text, false) = &value.value
        && let Some(number) = text.parse().ok().filter(|number| *number >= least)
    {
        return Ok(number);
    }
    let sentence = format!("a whole number from {least} upwards is written here in digits");
    Err(Refusal::at(
        expression,
        TYPES,
        sentence,
        "count letters from 1",
    ))
}
