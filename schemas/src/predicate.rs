//! Predicates: a boolean SQL expression over the fields of one record, planned.
//!
//! Every node has its type, so that a plan cannot compare a date with a text. Days are counted from 1970-01-01. Planning
//! is the business of `catalog`, evaluation that of `transform::check`.

pub mod print;

use crate::codes::CodeMap;
use crate::decimal::Decimal;
use crate::field::FieldIndex;

/// A planned predicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    pub test: Test,
    /// The same in one spelling: equal for predicates that differ in spacing and letter case of words only.
    pub text: String,
    /// The fields read, in the order of the text, each once.
    pub fields: Vec<FieldIndex>,
    /// What [`Test::Matches`] refers to.
    pub patterns: Vec<Pattern>,
    /// What [`Test::CodeIn`] refers to.
    pub lists: Vec<CodeMap>,
}

/// A pattern that texts are matched with; it was compiled once when it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// A regular expression that has to be found somewhere in the text.
    Regex(String),
    /// `%` for any letters, `_` for one, over the whole text.
    Like(String),
}

impl Pattern {
    /// The regular expression that says the same.
    pub fn regex(&self) -> String {
        match self {
            Self::Regex(text) => text.clone(),
            Self::Like(text) => {
                let letter = |letter: char| match letter {
                    '%' => ".*".to_owned(),
                    '_' => ".".to_owned(),
                    other => regex::escape(other.encode_utf8(&mut [0; 4])),
                };
                format!("^(?s:{})$", text.chars().map(letter).collect::<String>())
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Gives true, false or null.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Constant(bool),
    Field(FieldIndex),
    Not(Box<Test>),
    /// Two or more.
    And(Vec<Test>),
    /// Two or more.
    Or(Vec<Test>),
    IsNull(Box<Operand>),
    Truths(Comparison, Box<Test>, Box<Test>),
    Texts(Comparison, Text, Text),
    Numbers(Comparison, Number, Number),
    Days(Comparison, Day, Day),
    Instants(Comparison, Instant, Instant),
    /// One of the texts, which are sorted.
    TextIn(Text, Vec<String>),
    /// One of the numbers, which are sorted.
    NumberIn(Number, Vec<Decimal>),
    /// One of the days, which are sorted.
    DayIn(Day, Vec<i32>),
    /// Place in [`Predicate::patterns`].
    Matches(Text, usize),
    /// Place in [`Predicate::lists`].
    CodeIn(Text, usize),
    /// A sound identifier of a person (GB 11643-1999 and the permits of its shape).
    ResidentId(Text),
    /// A sound unified social credit code (GB 32100-2015).
    Uscc(Text),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    Constant(String),
    /// As sent, without white space at its ends.
    Field(FieldIndex),
    /// From which letter, counted from 1, and how many; all that follow where nothing says.
    Substring(Box<Text>, u32, Option<u32>),
    Left(Box<Text>, u32),
    Right(Box<Text>, u32),
    Trim(Box<Text>),
    Upper(Box<Text>),
    Lower(Box<Text>),
    Coalesce(Vec<Text>),
    OfNumber(Box<Number>),
    /// `yyyy-MM-dd`.
    OfDay(Box<Day>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    Constant(Decimal),
    Field(FieldIndex),
    Negative(Box<Number>),
    Absolute(Box<Number>),
    Arithmetic(Operator, Box<Number>, Box<Number>),
    /// In letters.
    Length(Box<Text>),
    Part(Part, Box<Day>),
    /// Full years from a birth to a day.
    AgeAt(Box<Day>, Box<Day>),
    Coalesce(Vec<Number>),
    OfText(Box<Text>),
    /// Without the digits behind the point.
    Whole(Box<Number>),
}

/// A part of a day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Year,
    Month,
    Day,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Day {
    Constant(i32),
    Field(FieldIndex),
    /// The day of the message, in Asia/Shanghai.
    Message,
    OfInstant(Box<Instant>),
    /// Written `yyyy-MM-dd`.
    OfText(Box<Text>),
    Coalesce(Vec<Day>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Instant {
    Field(FieldIndex),
    Coalesce(Vec<Instant>),
}

/// An expression of any type.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Test(Test),
    Text(Text),
    Number(Number),
    Day(Day),
    Instant(Instant),
}

impl Operand {
    /// Its type in plain words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Test(_) => "a truth value",
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Day(_) => "a date",
            Self::Instant(_) => "a timestamp",
        }
    }
}
