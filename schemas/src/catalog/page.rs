//! One file being read: typed getters that note a problem at its place instead of failing.
//!
//! Leaves alone: what the values mean to a contract or a dossier.

use super::problem::{Problem, ProblemCode};
use super::standard::keys;
use super::yaml::{Entry, Node, Spot, Value};

/// The vendor whose custom properties are ours. Those of others are theirs and left alone.
const VENDOR: &str = "yidang";

/// A file, its lines, and what was found wrong with it.
pub(super) struct Page<'a> {
    pub file: &'a str,
    lines: Vec<&'a str>,
    pub problems: Vec<Problem>,
}

/// The custom properties of one place that belong to our profile.
pub(super) struct Customs<'n> {
    found: Vec<(&'n str, &'n Node)>,
}

impl<'n> Customs<'n> {
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.found
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, node)| *node)
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            lines: text.lines().collect(),
            problems: Vec::new(),
        }
    }

    pub(super) fn lines(&self) -> &[&'a str] {
        &self.lines
    }

    /// Notes a mistake at a place.
    pub(super) fn note(
        &mut self,
        code: &'static str,
        spot: Spot,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) {
        let line = usize::try_from(spot.line.saturating_sub(1)).unwrap_or(usize::MAX);
        let excerpt = self.lines.get(line).copied().unwrap_or_default().to_owned();
        let (sentence, help) = (sentence.into(), help.into());
        let file = self.file.to_owned();
        self.problems.push(Problem {
            code: ProblemCode(code),
            file,
            spot,
            sentence,
            help,
            excerpt,
        });
    }

    /// Every key of a mapping has to be one of `known`.
    pub(super) fn known_keys(&mut self, node: &Node, known: &[&str]) {
        for Entry { name, spot, .. } in node.entries() {
            if !known.contains(&name.as_str()) {
                let help = nearest(name, known.iter().copied());
                self.note(
                    "CT004",
                    *spot,
                    format!("the key '{name}' is not known here"),
                    help,
                );
            }
        }
    }

    /// A member that has to be there.
    pub(super) fn need<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n Node> {
        let found = node.get(name);
        if found.is_none() {
            let help = format!("add '{name}:' to this mapping");
            self.note(
                "CT002",
                node.spot,
                format!("the key '{name}' is missing"),
                help,
            );
        }
        found
    }

    /// The text of a scalar node.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        match node.scalar() {
            Some("") => {
                self.note(
                    "CT003",
                    node.spot,
                    format!("'{name}' is empty"),
                    "write its value",
                );
                None
            }
            Some(text) => Some(text),
            None => {
                self.wrong_kind(node, name, "a text");
                None
            }
        }
    }

    /// The text of a member that has to be there.
    pub(super) fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        let found = self.need(node, name)?;
        self.scalar(found, name)
    }

    /// The text of a member that may be absent.
    pub(super) fn optional_text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        let found = node.get(name)?;
        self.scalar(found, name)
    }

    /// A truth value that is false when absent.
    pub(super) fn flag(&mut self, node: Option<&Node>, name: &str) -> bool {
        match node.map(|node| &node.value) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                node.into_iter()
                    .for_each(|node| self.wrong_kind(node, name, "true or false"));
                false
            }
        }
    }

    /// Items of a list node; a value of another kind is noted.
    pub(super) fn items<'n>(&mut self, node: &'n Node, name: &str) -> &'n [Node] {
        if !matches!(node.value, Value::List(_)) {
            self.wrong_kind(node, name, "a list");
        }
        node.items()
    }

    /// Notes a node that is no mapping: its entries would silently be none.
    pub(super) fn mapping(&mut self, node: &Node, name: &str) {
        if !matches!(node.value, Value::Map(_)) {
            self.wrong_kind(node, name, "a mapping");
        }
    }

    /// The texts of a list node.
    pub(super) fn texts(&mut self, node: &Node, name: &str) -> Vec<String> {
        let items = self.items(node, name);
        items
            .iter()
            .filter_map(|item| self.scalar(item, name))
            .map(str::to_owned)
            .collect()
    }

    pub(super) fn wrong_kind(&mut self, node: &Node, name: &str, wanted: &str) {
        let sentence = format!("'{name}' has to be {wanted}, this is {}", node.value.kind());
        self.note("CT003", node.spot, sentence, format!("write {wanted}"));
    }

    /// Our custom properties of `node`; unknown ones, empty ones and ours without our vendor name are noted.
    pub(super) fn customs<'n>(&mut self, node: &'n Node, known: &[&str]) -> Customs<'n> {
        let mut found: Vec<(&str, &Node)> = Vec::new();
        let listed = node.get("customProperties");
        for item in listed
            .map(|listed| self.items(listed, "customProperties"))
            .unwrap_or_default()
        {
            let Some((name, value)) = self.custom(item, known) else {
                continue;
            };
            if found.iter().any(|(earlier, _)| *earlier == name) {
                let sentence = format!("the custom property '{name}' stands here twice");
                self.note("CT005", item.spot, sentence, "keep one of the two");
            }
            found.push((name, value));
        }
        Customs { found }
    }

    fn custom<'n>(&mut self, item: &'n Node, known: &[&str]) -> Option<(&'n str, &'n Node)> {
        self.known_keys(item, keys::CUSTOM_PROPERTY);
        let name = self.text(item, "property")?;
        let ours = item.get("vendor").and_then(Node::scalar) == Some(VENDOR);
        if !ours {
            if known.contains(&name) {
                let sentence = format!("'{name}' without 'vendor: yidang' would be ignored");
                self.note("CT005", item.spot, sentence, "add 'vendor: yidang'");
            }
            return None;
        }
        if !known.contains(&name) {
            let spot = item.get("property").map_or(item.spot, |node| node.spot);
            let sentence = format!("the profile has no custom property '{name}' here");
            self.note(
                "CT004",
                spot,
                sentence,
                nearest(name, known.iter().copied()),
            );
            return None;
        }
        let value = self.need(item, "value")?;
        let empty = match &value.value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        };
        if empty {
            let sentence = format!("the custom property '{name}' has no value");
            self.note(
                "CT005",
                value.spot,
                sentence,
                "write its value or take the entry out",
            );
            return None;
        }
        Some((name, value))
    }
}

/// A help line: the known name closest to `name`, or all of them where none is close.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let closest = known
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .min();
    match closest {
        Some((steps, candidate)) if steps <= 2 || steps * 3 <= name.chars().count() => {
            format!("use '{candidate}'")
        }
        Some(_) if known.len() <= 40 => format!("known are: {}", known.join(", ")),
        Some(_) => "see the list of names in the file that defines them".to_owned(),
        None => "none is defined yet".to_owned(),
    }
}

/// Edit distance of two names (Levenshtein), in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut previous = index + 1;
        let mut next = vec![previous];
        for (to, above) in right.iter().zip(row.iter().skip(1)) {
            let cost = diagonal + usize::from(from != *to);
            previous = cost.min(above + 1).min(previous + 1);
            diagonal = *above;
            next.push(previous);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_offered_and_else_all() {
        assert_eq!(
            nearest("recordkey", ["order", "recordKey"].into_iter()),
            "use 'recordKey'"
        );
        assert_eq!(
            nearest("zzzzz", ["order", "mode"].into_iter()),
            "known are: mode, order"
        );
    }

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
