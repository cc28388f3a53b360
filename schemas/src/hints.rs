//! Hints: what header words usually mean, for drafts of contracts. `hints.csv` holds them; nothing judges by them.
//!
//! Leaves alone: looking at values, which is `transform::draft`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::codes::folded;

/// What one line of the file says of a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hint {
    word: String,
    /// Kind of dossier; empty: of any.
    pub kind: String,
    /// `order`, `operation`, `type`, or empty.
    pub role: String,
    /// `<kind>.<column>[.<part>]`; empty: none.
    pub to: String,
    /// Name of the transform as contracts write it.
    pub transform: String,
    /// Name of a code list without its version; empty: none.
    pub codes: String,
    /// `public`, `internal`, `personal` or `sensitive`.
    pub classification: String,
}

/// All hints by word.
#[derive(Debug, Default)]
pub struct Hints {
    by_word: BTreeMap<String, Vec<Hint>>,
}

impl Hints {
    /// The hints that come with the program.
    pub fn built_in() -> &'static Self {
        static HINTS: LazyLock<Hints> = LazyLock::new(|| {
            Hints::read(include_str!("../hints.csv")).expect("a test reads the built-in hints")
        });
        &HINTS
    }

    /// Reads CSV with the header of `hints.csv`; lines that begin with # are notes.
    pub fn read(text: &str) -> Result<Self, csv::Error> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let mut hints = Self::default();
        for row in reader.deserialize::<Hint>() {
            let hint = row?;
            hints
                .by_word
                .entry(hint.word.clone())
                .or_default()
                .push(hint);
        }
        Ok(hints)
    }

    /// What is known of a header, for a kind of dossier: as sent, else without what stands in brackets behind it.
    pub fn of_header(&self, header: &str, kind: &str) -> Vec<&Hint> {
        let word = plain(header);
        let bare = word.split('(').next().unwrap_or_default().to_owned();
        let found = self.of_word(&word, kind);
        if found.is_empty() {
            self.of_word(&bare, kind)
        } else {
            found
        }
    }

    /// What is known of a field whose values pass the check of an identifier class.
    pub fn of_class(&self, class: &str, kind: &str) -> Vec<&Hint> {
        self.of_word(&format!("@{class}"), kind)
    }

    /// The same for every kind.
    pub fn all_of_class(&self, class: &str) -> impl Iterator<Item = &Hint> {
        self.by_word.get(&format!("@{class}")).into_iter().flatten()
    }

    /// All hints.
    pub fn all(&self) -> impl Iterator<Item = &Hint> {
        self.by_word.values().flatten()
    }

    fn of_word(&self, word: &str, kind: &str) -> Vec<&Hint> {
        let known = self.by_word.get(word).into_iter().flatten();
        known
            .filter(|hint| hint.kind.is_empty() || hint.kind == kind)
            .collect()
    }
}

/// A header without case, width, white space, `_` and `-`.
fn plain(header: &str) -> String {
    let lower = folded(header).to_lowercase();
    lower
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '.'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn a_header_is_found_in_any_spelling() {
        let hints = Hints::built_in();
        let to = |header: &str, kind: &str| -> Vec<String> {
            let found = hints.of_header(header, kind);
            found.iter().map(|hint| hint.to.clone()).collect()
        };
        assert_eq!(to("XM", "person"), ["person.name"]);
        assert_eq!(to(" 姓 名 ", "person"), ["person.name"]);
        assert_eq!(to("birth_date", "person"), ["person.birth_date"]);
        assert_eq!(
            to("注册资本（万元）", "enterprise"),
            ["enterprise.capital.cents"]
        );
        assert!(to("XM", "enterprise").is_empty());
        assert_eq!(hints.of_header("GXSJ", "person")[0].role, "order");
    }

    #[test]
    fn every_hint_names_what_there_is() {
        let catalog = Catalog::embedded().unwrap();
        let classes = ["public", "internal", "personal", "sensitive"];
        for hint in Hints::built_in().all() {
            assert_eq!(
                plain(hint.word.trim_start_matches('@')),
                plain(&hint.word).trim_start_matches('@'),
                "{}",
                hint.word
            );
            assert!(
                hint.word.starts_with('@') || plain(&hint.word) == hint.word,
                "{}",
                hint.word
            );
            assert!(
                classes.contains(&hint.classification.as_str()),
                "{}",
                hint.word
            );
            assert!(
                ["", "order", "operation", "type"].contains(&hint.role.as_str()),
                "{}",
                hint.word
            );
            if !hint.to.is_empty() {
                let (kind, leaf) = hint.to.split_once('.').unwrap();
                let dossier = catalog
                    .dossier(catalog.kind_of_name(kind).unwrap())
                    .unwrap();
                assert!(
                    dossier.by_name.contains_key(leaf) && hint.kind == kind,
                    "{}",
                    hint.to
                );
            }
            let known = |name: &String| name.split('@').next() == Some(hint.codes.as_str());
            assert!(
                hint.codes.is_empty() || catalog.code_lists.keys().any(known),
                "{}",
                hint.codes
            );
        }
    }
}
