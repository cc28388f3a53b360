//! YAML as a tree in which every node knows where it stands, so that a mistake can be shown at its place.
//!
//! Leaves alone: what the nodes mean.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

/// A place in a file, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spot {
    pub line: u32,
    pub column: u32,
    /// Length of the marked text in characters, 1 where it is not known.
    pub width: u32,
}

impl Spot {
    /// The column behind the last marked character.
    pub fn end_column(self) -> u32 {
        self.column.saturating_add(self.width.max(1))
    }
}

/// One YAML node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub spot: Spot,
    pub value: Value,
    /// Where the value itself stands: elsewhere than `spot` for an alias.
    written_at: Spot,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub name: String,
    pub spot: Spot,
    pub node: Node,
}

/// What a node holds. Numbers keep the text they were written with, so that `01` stays a code of two digits.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

impl Value {
    /// The kind in plain words, for sentences about a value of the wrong kind.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// The member `name` of a mapping.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| &entry.node)
    }

    /// Entries of a mapping, nothing for other nodes.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Items of a list, nothing for other nodes.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar: texts, and numbers as they are written.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }
}

/// The tree of a file, or where and why it could not be read.
pub(super) fn parse(text: &str) -> Result<Node, (Spot, String)> {
    let read = serde_saphyr::from_str_with_options::<Node>(text, options());
    let mut tree = read.map_err(|error| {
        let spot = error.location().map(spot_of).unwrap_or(Spot {
            line: 1,
            column: 1,
            width: 1,
        });
        (spot, first_line(&error.without_snippet().to_string()))
    })?;
    let lines: Vec<&str> = text.lines().collect();
    restore_numbers(&mut tree, &lines);
    Ok(tree)
}

/// Only `true` and `false` are truth values: `N`, `Y` and `NO` are codes that agencies send.
fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
    }
}

/// Gives numbers the text that stands in the file: the parser hands out their values, to which `01`, `1.10` and `1e3`
/// are other texts.
fn restore_numbers(node: &mut Node, lines: &[&str]) {
    match &mut node.value {
        Value::Number(text) => {
            let written = text_at(node.written_at, lines);
            if written.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
                *text = written;
            }
        }
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| restore_numbers(item, lines)),
        Value::Map(entries) => {
            let nodes = entries.iter_mut().map(|entry| &mut entry.node);
            nodes.for_each(|node| restore_numbers(node, lines));
        }
        Value::Null | Value::Bool(_) | Value::Text(_) => {}
    }
}

fn text_at(spot: Spot, lines: &[&str]) -> String {
    let place = |number: u32| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = lines.get(place(spot.line)).copied().unwrap_or_default();
    let width = usize::try_from(spot.width).unwrap_or(usize::MAX);
    line.chars().skip(place(spot.column)).take(width).collect()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn spot_of(location: Location) -> Spot {
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let width = u32::try_from(location.span().len()).unwrap_or(1).max(1);
    Spot {
        line: number(location.line()),
        column: number(location.column()),
        width,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self {
            spot: spot_of(spanned.referenced),
            value: spanned.value,
            written_at: spot_of(spanned.defined),
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Node>()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = access.next_key::<Spanned<String>>()? {
            let spot = spot_of(name.referenced);
            entries.push(Entry {
                name: name.value,
                spot,
                node: access.next_value::<Node>()?,
            });
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_line_and_column() {
        let tree = parse("id: ga.hukou\nlist:\n  - { name: XM, size: 3 }\n  - 姓名\n").unwrap();
        let list = tree.get("list").unwrap();
        let size = list.items()[0].get("size").unwrap();
        assert_eq!((size.spot.line, size.spot.column), (3, 23));
        assert_eq!(size.scalar(), Some("3"));
        assert_eq!(
            list.items()[1].spot,
            Spot {
                line: 4,
                column: 5,
                width: 2
            }
        );
        assert_eq!(
            tree.entries()[1].spot,
            Spot {
                line: 2,
                column: 1,
                width: 4
            }
        );
    }

    #[test]
    fn numbers_keep_the_text_they_were_written_with() {
        let tree = parse(
            "codes: [01, 007, -01, 1.10, 1e3, 0x1F, 1_000, 3]\nversion: 1.0 # note\nfirst: &code 05\nagain: *code\n",
        )
        .unwrap();
        let scalars = |name: &str| {
            let node = tree.get(name).unwrap();
            let own = node.items().iter().chain(node.scalar().map(|_| node));
            own.map(|item| item.scalar().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let codes = ["01", "007", "-01", "1.10", "1e3", "0x1F", "1_000", "3"];
        assert_eq!(scalars("codes"), codes);
        assert_eq!(scalars("version"), ["1.0"]);
        assert_eq!(
            (scalars("first"), scalars("again")),
            (vec!["05".to_owned()], vec!["05".to_owned()])
        );
    }

    #[test]
    fn only_true_and_false_are_truth_values() {
        let tree = parse("codes: [N, Y, NO, off, true, False]\n").unwrap();
        let kinds: Vec<_> = tree
            .get("codes")
            .unwrap()
            .items()
            .iter()
            .map(|item| item.value.kind())
            .collect();
        let (text, truth) = ("a text", "true or false");
        assert_eq!(kinds, [text, text, text, text, truth, truth]);
    }

    #[test]
    fn a_key_written_twice_is_refused_with_its_place() {
        let (spot, text) = parse("a: 1\na: 2\n").unwrap_err();
        assert_eq!(spot.line, 2);
        assert!(text.contains("duplicate"), "{text}");
    }

    #[test]
    fn broken_syntax_is_refused_with_its_place() {
        let (spot, _) = parse("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(spot.line >= 1);
    }
}
