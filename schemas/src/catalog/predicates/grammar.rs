//! The grammar: which texts are read at all, and what is said of SQL that is not for predicates.

use std::any::TypeId;

use sqlparser::ast::Expr;
use sqlparser::dialect::Dialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::{NOT_ALLOWED, Refusal};

/// Words, numbers and signs of a predicate; a longer one is several rules.
const TOKENS_MAX: usize = 500;
/// Nesting that the parser goes into; the planner allows less.
const RECURSION_MAX: usize = 64;

/// Standard SQL with names in any script, and nothing of any vendor.
#[derive(Debug)]
struct Predicates;

impl Dialect for Predicates {
    fn dialect(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    fn is_delimited_identifier_start(&self, letter: char) -> bool {
        letter == '"'
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        letter.is_alphabetic() || letter == '_'
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        letter.is_alphanumeric() || letter == '_'
    }
}

/// The one expression of a text.
pub(super) fn parse(text: &str) -> Result<Expr, Refusal> {
    let tokens = Tokenizer::new(&Predicates, text)
        .tokenize_with_location()
        .map_err(|error| unread(&error.into()))?;
    let is_blank = |token: &TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    let words = tokens.iter().filter(|token| !is_blank(token)).count();
    if words > TOKENS_MAX {
        let sentence = format!("the predicate has more than {TOKENS_MAX} words and signs");
        let help = "make several rules of it";
        return Err(Refusal::new(first(), NOT_ALLOWED, sentence, help));
    }
    let mut parser = Parser::new(&Predicates)
        .with_recursion_limit(RECURSION_MAX)
        .with_tokens_with_locations(tokens);
    let expression = parser.parse_expr().map_err(|error| unread(&error))?;
    let next = parser.peek_token();
    match next.token {
        Token::EOF => Ok(expression),
        found => {
            let sentence = format!("the predicate should end before '{found}'");
            let help = "write one condition; join two by AND or OR";
            Err(Refusal::new(next.span.start, NOT_ALLOWED, sentence, help))
        }
    }
}

fn first() -> Location {
    Location::new(1, 1)
}

fn unread(error: &ParserError) -> Refusal {
    let help = "write a condition of SQL, for example ended_on IS NULL OR ended_on >= begun_on";
    let (sentence, at) = match error {
        ParserError::RecursionLimitExceeded => ("it is nested too deeply".to_owned(), first()),
        ParserError::TokenizerError(told) | ParserError::ParserError(told) => placed(told),
    };
    let sentence = format!("the predicate cannot be read: {sentence}");
    Refusal::new(at, NOT_ALLOWED, sentence, help)
}

/// The parser tells the place at the end of its sentence: ` at Line: 1, Column: 5`.
fn placed(told: &str) -> (String, Location) {
    let Some((sentence, place)) = told.rsplit_once(" at Line: ") else {
        return (told.to_owned(), first());
    };
    let numbers = place.split_once(", Column: ");
    let read = numbers.and_then(|(line, column)| {
        let column = column.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        Some(Location::new(line.parse().ok()?, column.parse().ok()?))
    });
    (sentence.to_owned(), read.unwrap_or(first()))
}

/// What is said of an expression that SQL has and predicates do not.
pub(super) fn not_allowed(expression: &Expr) -> Refusal {
    let (what, help) = match expression {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => (
            "a subquery",
            "a rule judges one record by itself; what needs others is no rule over a record",
        ),
        Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => (
            "a name of several parts",
            "write the name of the field alone, in double quotes if it has a point",
        ),
        Expr::Case { .. } => ("CASE", "write AND and OR"),
        Expr::Extract { .. } => ("EXTRACT", "write year(x), month(x) or day(x)"),
        Expr::ILike { .. } => ("ILIKE", "write lower(x) LIKE '…'"),
        Expr::RLike { .. } | Expr::SimilarTo { .. } => {
            ("this way to match", "write regexp_like(x, 'pattern')")
        }
        Expr::IsTrue(_) | Expr::IsNotFalse(_) => ("IS TRUE", "write the condition alone"),
        Expr::IsFalse(_) | Expr::IsNotTrue(_) => ("IS FALSE", "write NOT before the condition"),
        Expr::Interval(_) => ("an interval", "compare days, or ages by age_at(birth, day)"),
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => (
            "IS DISTINCT FROM",
            "write = or <> and say what holds of null",
        ),
        _ => (
            "this kind of expression",
            "predicates have AND, OR, NOT, comparisons, IN, BETWEEN, LIKE, IS NULL, + - * /, CAST and a few functions",
        ),
    };
    let sentence = format!("{what} is not for predicates");
    Refusal::at(expression, NOT_ALLOWED, sentence, help)
}
