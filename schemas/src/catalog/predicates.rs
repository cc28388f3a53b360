//! Planning predicates: from the SQL text of a rule to a typed plan, or to one sentence about why not.
//!
//! What a predicate may say is a small part of SQL over the fields of one record: no subquery, no clock, no function
//! that gives another answer tomorrow (law 11). Leaves alone: evaluation (`transform::check`).

mod comparisons;
mod functions;
mod grammar;
mod operands;
mod place;

#[cfg(test)]
mod tests;

use sqlparser::ast::{Expr, Spanned};
use sqlparser::tokenizer::{Location, Span};

use super::codes::CodeLists;
use super::page::Page;
use super::yaml::Node;
use crate::codes::CodeMap;
use crate::contract::Contract;
use crate::field::FieldIndex;
use crate::predicate::{Operand, Pattern, Predicate, Test, print::print};

/// The text or one of its words is not understood, or not allowed here.
pub(super) const NOT_ALLOWED: &str = "CT065";
/// Types that do not fit.
pub(super) const TYPES: &str = "CT066";

/// How deep a predicate may be nested; a chain of AND or OR is one level.
const DEPTH_MAX: usize = 48;

/// Plans the predicate that stands at `node`; what is wrong with it is noted where it stands in the file.
pub(super) fn plan(
    page: &mut Page<'_>,
    node: &Node,
    contract: &Contract,
    lists: &CodeLists,
) -> Option<Predicate> {
    let text = page.scalar(node, "predicate")?;
    match plan_text(text, contract, lists) {
        Ok(predicate) => Some(predicate),
        Err(refusal) => {
            let spot = place::in_file(page.lines(), node.spot, text, refusal.at);
            page.note(refusal.code, spot, refusal.sentence, refusal.help);
            None
        }
    }
}

/// The plan of a text.
fn plan_text(text: &str, contract: &Contract, lists: &CodeLists) -> Result<Predicate, Refusal> {
    let expression = grammar::parse(text)?;
    let mut planner = Planner {
        contract,
        lists,
        fields: Vec::new(),
        patterns: Vec::new(),
        sets: Vec::new(),
        depth: 0,
    };
    let test = planner.test(&expression)?;
    if planner.fields.is_empty() {
        let sentence = "the predicate reads no field";
        let help = "compare a field of the record";
        return Err(Refusal::at(&expression, NOT_ALLOWED, sentence, help));
    }
    let mut predicate = Predicate {
        test,
        text: String::new(),
        fields: planner.fields,
        patterns: planner.patterns,
        lists: planner.sets,
    };
    predicate.text = print(&predicate, &contract.fields);
    Ok(predicate)
}

/// Why a text is no predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    code: &'static str,
    /// Place in the text.
    at: Location,
    sentence: String,
    help: String,
}

impl Refusal {
    fn new(
        at: Location,
        code: &'static str,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            at,
            sentence: sentence.into(),
            help: help.into(),
        }
    }

    fn at(
        expression: &Expr,
        code: &'static str,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::new(start_of(expression), code, sentence, help)
    }
}

/// Where a span begins; the beginning of the text where nobody knows.
fn start(span: Span) -> Location {
    match span.start {
        Location { line: 0, .. } => Location::new(1, 1),
        known => known,
    }
}

/// Where an expression begins: a long chain is walked to its first part, never recursed into.
fn start_of(mut expression: &Expr) -> Location {
    loop {
        expression = match expression {
            Expr::BinaryOp { left: inner, .. }
            | Expr::Nested(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::InList { expr: inner, .. }
            | Expr::Between { expr: inner, .. }
            | Expr::Like { expr: inner, .. }
            | Expr::Cast { expr: inner, .. } => inner,
            Expr::Function(call) => return start(call.name.span()),
            other => return start(other.span()),
        };
    }
}

/// A plan being made.
struct Planner<'c> {
    contract: &'c Contract,
    lists: &'c CodeLists,
    fields: Vec<FieldIndex>,
    patterns: Vec<Pattern>,
    sets: Vec<CodeMap>,
    depth: usize,
}

impl Planner<'_> {
    /// An expression of any type.
    fn operand(&mut self, expression: &Expr) -> Result<Operand, Refusal> {
        if self.depth >= DEPTH_MAX {
            let sentence = "the predicate is nested too deeply";
            let help = "make several rules of it, or write IN instead of many comparisons";
            return Err(Refusal::new(
                Location::new(1, 1),
                NOT_ALLOWED,
                sentence,
                help,
            ));
        }
        self.depth += 1;
        let planned = self.operand_of(expression);
        self.depth -= 1;
        planned
    }

    fn operand_of(&mut self, expression: &Expr) -> Result<Operand, Refusal> {
        match expression {
            Expr::Nested(inner) => self.operand(inner),
            Expr::Identifier(name) => self.field(name),
            Expr::Value(value) => operands::literal(value),
            Expr::TypedString(typed) => operands::typed_literal(expression, typed),
            Expr::Cast { .. } => self.cast(expression),
            Expr::Function(call) => self.call(expression, call),
            Expr::Substring { .. } => self.substring(expression).map(Operand::Text),
            Expr::Trim { .. } => self.trim(expression).map(Operand::Text),
            Expr::UnaryOp { op, expr } => self.unary(expression, *op, expr),
            Expr::BinaryOp { left, op, right } => self.binary(expression, left, op, right),
            Expr::IsNull(inner) => self.is_null(inner).map(Operand::Test),
            Expr::IsNotNull(inner) => {
                let test = self.is_null(inner)?;
                Ok(Operand::Test(Test::Not(Box::new(test))))
            }
            Expr::InList { .. } | Expr::Between { .. } | Expr::Like { .. } => {
                self.test_over(expression).map(Operand::Test)
            }
            other => Err(grammar::not_allowed(other)),
        }
    }

    fn is_null(&mut self, inner: &Expr) -> Result<Test, Refusal> {
        Ok(Test::IsNull(Box::new(self.operand(inner)?)))
    }

    /// An expression that has to give a truth value.
    fn test(&mut self, expression: &Expr) -> Result<Test, Refusal> {
        match self.operand(expression)? {
            Operand::Test(test) => Ok(test),
            other => {
                let sentence = format!("a condition is needed here, this is {}", other.kind());
                let help = "compare it with something";
                Err(Refusal::at(expression, TYPES, sentence, help))
            }
        }
    }
}
