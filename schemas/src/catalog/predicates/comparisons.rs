//! Conditions: AND, OR, comparisons, IN, BETWEEN and LIKE.

use sqlparser::ast::{BinaryOperator, Expr};

use super::operands::help_for;
use super::{NOT_ALLOWED, Planner, Refusal, TYPES};
use crate::decimal::Decimal;
use crate::predicate::{Comparison, Day, Number, Operand, Pattern, Test, Text};

impl Planner<'_> {
    pub(super) fn binary(
        &mut self,
        expression: &Expr,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Result<Operand, Refusal> {
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.chain(expression, operator).map(Operand::Test);
        }
        if let Some(comparison) = comparison_of(operator) {
            let (one, other) = (self.operand(left)?, self.operand(right)?);
            return compared(comparison, (left, one), (right, other)).map(Operand::Test);
        }
        if let Some(number) = self.arithmetic(left, operator, right)? {
            return Ok(Operand::Number(number));
        }
        let sentence = format!("the sign '{operator}' is not for predicates");
        let help = "known are: AND OR = <> < <= > >= + - * /";
        Err(Refusal::at(expression, NOT_ALLOWED, sentence, help))
    }

    /// All parts of a chain of one connective, in the order written, however it is nested.
    fn chain(&mut self, expression: &Expr, connective: &BinaryOperator) -> Result<Test, Refusal> {
        let mut parts = Vec::new();
        let mut waiting = vec![expression];
        while let Some(next) = waiting.pop() {
            match next {
                Expr::BinaryOp { left, op, right } if op == connective => {
                    waiting.push(right);
                    waiting.push(left);
                }
                Expr::Nested(inner) => waiting.push(inner),
                other => parts.push(self.test(other)?),
            }
        }
        Ok(match connective {
            BinaryOperator::And => Test::And(parts),
            _ => Test::Or(parts),
        })
    }

    pub(super) fn test_over(&mut self, expression: &Expr) -> Result<Test, Refusal> {
        let (test, negated) = match expression {
            Expr::InList {
                expr,
                list,
                negated,
            } => (self.within(expr, list)?, *negated),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => (self.between(expr, low, high)?, *negated),
            Expr::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char: None,
            } => (self.like(expr, pattern)?, *negated),
            other => {
                let sentence = "this form of LIKE is not for predicates";
                let help = "write x LIKE 'A%' or regexp_like(x, 'pattern')";
                return Err(Refusal::at(other, NOT_ALLOWED, sentence, help));
            }
        };
        Ok(if negated {
            Test::Not(Box::new(test))
        } else {
            test
        })
    }

    fn between(&mut self, value: &Expr, low: &Expr, high: &Expr) -> Result<Test, Refusal> {
        let operand = self.operand(value)?;
        let (least, most) = (self.operand(low)?, self.operand(high)?);
        let from = compared(Comparison::AtLeast, (value, operand.clone()), (low, least))?;
        let to = compared(Comparison::AtMost, (value, operand), (high, most))?;
        Ok(Test::And(vec![from, to]))
    }

    fn like(&mut self, value: &Expr, pattern: &Expr) -> Result<Test, Refusal> {
        let text = self.text(value)?;
        match self.operand(pattern)? {
            Operand::Text(Text::Constant(like)) => {
                self.patterns.push(Pattern::Like(like));
                Ok(Test::Matches(text, self.patterns.len() - 1))
            }
            other => {
                let sentence = format!("a pattern is a text in quotes, this is {}", other.kind());
                Err(Refusal::at(pattern, TYPES, sentence, "write LIKE 'A%'"))
            }
        }
    }

    /// A list holds literals of the type of what is looked for.
    fn within(&mut self, value: &Expr, list: &[Expr]) -> Result<Test, Refusal> {
        let operand = self.operand(value)?;
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push((item, self.operand(item)?));
        }
        match operand {
            Operand::Text(text) => Ok(Test::TextIn(text, texts(items)?)),
            Operand::Number(number) => Ok(Test::NumberIn(number, numbers(items)?)),
            Operand::Day(day) => Ok(Test::DayIn(day, days(items)?)),
            other @ (Operand::Test(_) | Operand::Instant(_)) => {
                let sentence = format!("{} is looked for in no list", other.kind());
                let help = "write = and OR, or CAST(… AS DATE)";
                Err(Refusal::at(value, TYPES, sentence, help))
            }
        }
    }
}

fn comparison_of(operator: &BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Eq => Comparison::Equal,
        BinaryOperator::NotEq => Comparison::Unequal,
        BinaryOperator::Lt => Comparison::Less,
        BinaryOperator::LtEq => Comparison::AtMost,
        BinaryOperator::Gt => Comparison::Greater,
        BinaryOperator::GtEq => Comparison::AtLeast,
        _ => return None,
    })
}

/// A comparison of two operands of one type.
fn compared(
    comparison: Comparison,
    (left, one): (&Expr, Operand),
    (right, other): (&Expr, Operand),
) -> Result<Test, Refusal> {
    Ok(match (one, other) {
        (Operand::Text(one), Operand::Text(other)) => Test::Texts(comparison, one, other),
        (Operand::Number(one), Operand::Number(other)) => Test::Numbers(comparison, one, other),
        (Operand::Day(one), Operand::Day(other)) => Test::Days(comparison, one, other),
        (Operand::Instant(one), Operand::Instant(other)) => Test::Instants(comparison, one, other),
        (Operand::Test(one), Operand::Test(other)) => {
            if !matches!(comparison, Comparison::Equal | Comparison::Unequal) {
                let sentence = "truth values are equal or not, none is greater";
                return Err(Refusal::at(left, TYPES, sentence, "write = or <>"));
            }
            Test::Truths(comparison, Box::new(one), Box::new(other))
        }
        (one, other) => {
            let sentence = format!("{} is compared with {}", one.kind(), other.kind());
            // A literal is what can be written otherwise; else the left side sets the type.
            let (at, help) = match is_literal(&one) {
                true => (left, help_for(other.kind(), &one)),
                false => (right, help_for(one.kind(), &other)),
            };
            return Err(Refusal::at(at, TYPES, sentence, help));
        }
    })
}

fn is_literal(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Text(Text::Constant(_))
            | Operand::Number(Number::Constant(_))
            | Operand::Day(Day::Constant(_))
            | Operand::Test(Test::Constant(_))
    )
}

fn misfit(item: &Expr, kind: &str, found: &Operand) -> Refusal {
    let sentence = format!(
        "the list needs {kind} in digits or quotes, this is {}",
        found.kind()
    );
    Refusal::at(item, TYPES, sentence, help_for(kind, found))
}

fn texts(items: Vec<(&Expr, Operand)>) -> Result<Vec<String>, Refusal> {
    let text = |(item, operand)| match operand {
        Operand::Text(Text::Constant(text)) => Ok(text),
        other => Err(misfit(item, "a text", &other)),
    };
    let read: Result<Vec<String>, _> = items.into_iter().map(text).collect();
    read.map(sorted)
}

fn numbers(items: Vec<(&Expr, Operand)>) -> Result<Vec<Decimal>, Refusal> {
    let number = |(item, operand)| match operand {
        Operand::Number(Number::Constant(number)) => Ok(number),
        other => Err(misfit(item, "a number", &other)),
    };
    let read: Result<Vec<Decimal>, _> = items.into_iter().map(number).collect();
    read.map(sorted)
}

fn days(items: Vec<(&Expr, Operand)>) -> Result<Vec<i32>, Refusal> {
    let day = |(item, operand)| match operand {
        Operand::Day(Day::Constant(days)) => Ok(days),
        other => Err(misfit(item, "a date", &other)),
    };
    let read: Result<Vec<i32>, _> = items.into_iter().map(day).collect();
    read.map(sorted)
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items.dedup();
    items
}
