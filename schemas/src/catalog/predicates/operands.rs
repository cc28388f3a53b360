//! Fields, literals, casts and arithmetic: the parts that conditions compare.

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Ident, TypedString, UnaryOperator,
    Value, ValueWithSpan,
};

use super::{NOT_ALLOWED, Planner, Refusal, TYPES, start};
use crate::catalog::page::nearest;
use crate::day;
use crate::decimal::Decimal;
use crate::field::LogicalType;
use crate::predicate::{Day, Instant, Number, Operand, Operator, Test, Text};

impl Planner<'_> {
    /// The field of a name, by the type that the contract declares.
    pub(super) fn field(&mut self, name: &Ident) -> Result<Operand, Refusal> {
        let at = start(name.span);
        let Some(index) = self.contract.field_index(&name.value) else {
            let known = self.contract.fields.iter().map(|field| field.name.as_str());
            let sentence = format!("no property named '{}'", name.value);
            return Err(Refusal::new(
                at,
                "CT031",
                sentence,
                nearest(&name.value, known),
            ));
        };
        let described = self.contract.fields.get(index);
        if described.is_some_and(|field| field.in_element) {
            let sentence = format!(
                "a record has many values of '{}', one in each element",
                name.value
            );
            let help = "compare fields of the record itself";
            return Err(Refusal::new(at, TYPES, sentence, help));
        }
        let logical = self
            .contract
            .fields
            .get(index)
            .map(|field| field.logical_type);
        let operand = match logical {
            Some(LogicalType::String) => Operand::Text(Text::Field(index)),
            Some(LogicalType::Date) => Operand::Day(Day::Field(index)),
            Some(LogicalType::Timestamp) => Operand::Instant(Instant::Field(index)),
            Some(LogicalType::Integer | LogicalType::Number) => {
                Operand::Number(Number::Field(index))
            }
            Some(LogicalType::Boolean) => Operand::Test(Test::Field(index)),
            Some(LogicalType::Object | LogicalType::Elements) | None => {
                let sentence = format!("'{}' has an inner structure and is never read", name.value);
                return Err(Refusal::new(at, TYPES, sentence, "compare another field"));
            }
        };
        if !self.fields.contains(&index) {
            self.fields.push(index);
        }
        Ok(operand)
    }

    pub(super) fn text(&mut self, expression: &Expr) -> Result<Text, Refusal> {
        match self.operand(expression)? {
            Operand::Text(text) => Ok(text),
            other => Err(wanted(expression, "a text", &other)),
        }
    }

    pub(super) fn number(&mut self, expression: &Expr) -> Result<Number, Refusal> {
        match self.operand(expression)? {
            Operand::Number(number) => Ok(number),
            other => Err(wanted(expression, "a number", &other)),
        }
    }

    pub(super) fn day(&mut self, expression: &Expr) -> Result<Day, Refusal> {
        match self.operand(expression)? {
            Operand::Day(day) => Ok(day),
            other => Err(wanted(expression, "a date", &other)),
        }
    }

    pub(super) fn unary(
        &mut self,
        expression: &Expr,
        operator: UnaryOperator,
        inner: &Expr,
    ) -> Result<Operand, Refusal> {
        match operator {
            UnaryOperator::Not => {
                let test = self.test(inner)?;
                Ok(Operand::Test(Test::Not(Box::new(test))))
            }
            UnaryOperator::Plus => self.number(inner).map(Operand::Number),
            UnaryOperator::Minus => {
                let number = self.number(inner)?;
                Ok(Operand::Number(negative(number)))
            }
            other => {
                let sentence = format!("the sign '{other}' is not for predicates");
                let help = "write NOT, + or -";
                Err(Refusal::at(expression, NOT_ALLOWED, sentence, help))
            }
        }
    }

    pub(super) fn arithmetic(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Result<Option<Number>, Refusal> {
        let operator = match operator {
            BinaryOperator::Plus => Operator::Add,
            BinaryOperator::Minus => Operator::Subtract,
            BinaryOperator::Multiply => Operator::Multiply,
            BinaryOperator::Divide => Operator::Divide,
            _ => return Ok(None),
        };
        let (one, other) = (self.number(left)?, self.number(right)?);
        let (one, other) = (Box::new(one), Box::new(other));
        Ok(Some(Number::Arithmetic(operator, one, other)))
    }

    pub(super) fn cast(&mut self, expression: &Expr) -> Result<Operand, Refusal> {
        let Expr::Cast {
            kind: CastKind::Cast,
            expr,
            data_type,
            array: false,
            format: None,
        } = expression
        else {
            let sentence = "this way to cast is not for predicates";
            let help = "write CAST(x AS DATE), AS INTEGER, AS DECIMAL or AS VARCHAR";
            return Err(Refusal::at(expression, NOT_ALLOWED, sentence, help));
        };
        let inner = self.operand(expr)?;
        let kind = inner.kind();
        let cast = match target(data_type) {
            Some(Target::Day) => to_day(inner).map(Operand::Day),
            Some(Target::Decimal) => to_number(inner).map(Operand::Number),
            Some(Target::Integer) => {
                to_number(inner).map(|number| Operand::Number(Number::Whole(Box::new(number))))
            }
            Some(Target::Text) => to_text(inner).map(Operand::Text),
            None => {
                let sentence = format!("there is no type '{data_type}' here");
                let help = "known are: DATE, DECIMAL, INTEGER, VARCHAR, without digits or lengths";
                return Err(Refusal::at(expression, NOT_ALLOWED, sentence, help));
            }
        };
        cast.ok_or_else(|| {
            let sentence = format!("{kind} cannot be cast to {data_type}");
            let help =
                "dates come of timestamps and texts, numbers of texts, texts of dates and numbers";
            Refusal::at(expression, TYPES, sentence, help)
        })
    }
}

enum Target {
    Day,
    Integer,
    Decimal,
    Text,
}

fn target(data_type: &DataType) -> Option<Target> {
    Some(match data_type {
        DataType::Date => Target::Day,
        DataType::Integer(None) | DataType::Int(None) | DataType::BigInt(None) => Target::Integer,
        DataType::Decimal(ExactNumberInfo::None) | DataType::Numeric(ExactNumberInfo::None) => {
            Target::Decimal
        }
        DataType::Varchar(None) | DataType::Text => Target::Text,
        _ => return None,
    })
}

fn to_day(operand: Operand) -> Option<Day> {
    match operand {
        Operand::Day(day) => Some(day),
        Operand::Instant(instant) => Some(Day::OfInstant(Box::new(instant))),
        Operand::Text(text) => Some(Day::OfText(Box::new(text))),
        Operand::Test(_) | Operand::Number(_) => None,
    }
}

fn to_number(operand: Operand) -> Option<Number> {
    match operand {
        Operand::Number(number) => Some(number),
        Operand::Text(text) => Some(Number::OfText(Box::new(text))),
        Operand::Test(_) | Operand::Day(_) | Operand::Instant(_) => None,
    }
}

fn to_text(operand: Operand) -> Option<Text> {
    match operand {
        Operand::Text(text) => Some(text),
        Operand::Number(number) => Some(Text::OfNumber(Box::new(number))),
        Operand::Day(day) => Some(Text::OfDay(Box::new(day))),
        Operand::Test(_) | Operand::Instant(_) => None,
    }
}

fn negative(number: Number) -> Number {
    if let Number::Constant(value) = &number
        && let Some(negated) = value.negated()
    {
        return Number::Constant(negated);
    }
    Number::Negative(Box::new(number))
}

fn wanted(expression: &Expr, kind: &str, found: &Operand) -> Refusal {
    let sentence = format!("{kind} is needed here, this is {}", found.kind());
    Refusal::at(expression, TYPES, sentence, help_for(kind, found))
}

/// What to write so that `found` becomes of the kind that is needed.
pub(super) fn help_for(kind: &str, found: &Operand) -> String {
    match (kind, found) {
        ("a date", Operand::Text(Text::Constant(_))) => "write DATE '2026-01-31'".to_owned(),
        ("a date", Operand::Text(_) | Operand::Instant(_)) => "write CAST(… AS DATE)".to_owned(),
        ("a number", Operand::Text(Text::Constant(_))) => "write it without quotes".to_owned(),
        ("a number", Operand::Text(_)) => "write CAST(… AS DECIMAL)".to_owned(),
        ("a text", Operand::Number(Number::Constant(_))) => "put it into single quotes".to_owned(),
        ("a text", Operand::Number(_) | Operand::Day(_)) => "write CAST(… AS VARCHAR)".to_owned(),
        _ => format!("write {kind}"),
    }
}

pub(super) fn literal(value: &ValueWithSpan) -> Result<Operand, Refusal> {
    let at = start(value.span);
    match &value.value {
        Value::SingleQuotedString(text) => Ok(Operand::Text(Text::Constant(text.clone()))),
        Value::Boolean(value) => Ok(Operand::Test(Test::Constant(*value))),
        Value::Number(text, false) => match Decimal::parse(text) {
            Ok(number) => Ok(Operand::Number(Number::Constant(number))),
            Err(_) => {
                let sentence = format!("the number {text} has too many digits");
                Err(Refusal::new(
                    at,
                    NOT_ALLOWED,
                    sentence,
                    "write a shorter number",
                ))
            }
        },
        Value::Null => {
            let sentence = "whatever is compared with NULL gives null, and null passes";
            let help = "write IS NULL or IS NOT NULL";
            Err(Refusal::new(at, NOT_ALLOWED, sentence, help))
        }
        other => {
            let sentence = format!("the literal {other} is not for predicates");
            let help = "write texts in single quotes, numbers in digits, days as DATE '2026-01-31'";
            Err(Refusal::new(at, NOT_ALLOWED, sentence, help))
        }
    }
}

/// `DATE '2026-01-31'`.
pub(super) fn typed_literal(expression: &Expr, typed: &TypedString) -> Result<Operand, Refusal> {
    let help = "write DATE '2026-01-31'";
    if typed.data_type != DataType::Date || typed.uses_odbc_syntax {
        let sentence = format!(
            "literals of type {} are not for predicates",
            typed.data_type
        );
        return Err(Refusal::at(expression, NOT_ALLOWED, sentence, help));
    }
    let days = match &typed.value.value {
        Value::SingleQuotedString(text) => day::parse_iso(text),
        _ => None,
    };
    match days {
        Some(days) => Ok(Operand::Day(Day::Constant(days))),
        None => {
            let sentence = format!("{} is no day of the calendar", typed.value);
            Err(Refusal::at(expression, NOT_ALLOWED, sentence, help))
        }
    }
}
