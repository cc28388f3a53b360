//! Dossiers (档案): the merged files, their columns and how cells of one column are ranked.

use std::collections::{BTreeMap, HashMap};

/// Place of a dossier kind in the catalog.
pub type KindIndex = u8;
/// Place of a leaf in its dossier.
pub type LeafIndex = u16;

/// One leaf of one dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafRef {
    pub kind: KindIndex,
    pub leaf: LeafIndex,
}

/// Types of leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafType {
    Text,
    Date,
    Integer,
}

/// Columns that the platform fills itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformColumn {
    SubjectId,
    Token,
    Provenance,
    Conflicts,
    /// Columns whose value is doubted; a list that nothing fills yet.
    Disputed,
    /// Legal limits on what may be done with the row; likewise.
    Restriction,
    /// Where the file went when two became one; null until links join subjects.
    MergedInto,
    /// Where it came from when one became two; likewise.
    SplitFrom,
    Completeness,
    RulesVersion,
    RecordVersion,
    FirstSeenAt,
    LastBusinessTime,
    UpdatedAt,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One leaf.
    Scalar(LeafIndex),
    /// A struct that one record fills: its leaves in order.
    Struct(Vec<LeafIndex>),
    /// A list of structs, one element per value of the element key.
    List {
        parts: Vec<LeafIndex>,
        key: Vec<LeafIndex>,
    },
    Platform(PlatformColumn),
}

/// A column of a file table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub title_zh: String,
    pub description: String,
    /// Level L1 to L4.
    pub level: String,
    pub shape: Shape,
    /// Read by ranking and endings only, never a column of the table.
    pub internal: bool,
    /// Values that win over all that stand after them, before authority is asked; empty: none.
    pub value_order: Vec<String>,
    /// A scalar leaf of the same record whose greatest value wins before authority is asked.
    pub rank_by: Option<LeafIndex>,
    /// A date leaf of the same record: on or before the record's business date the record says nothing here.
    pub ended_by: Option<LeafIndex>,
    /// Whether different agencies' values are a contradiction to be shown.
    pub contested: bool,
    /// Min and max may stand in the Delta log: dates and codes only.
    pub statistics: bool,
}

/// One leaf: a scalar column, or a part of a struct or list column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Place of the column in [`Dossier::columns`].
    pub column: usize,
    /// Name of the part; none for scalar columns.
    pub part: Option<String>,
    pub leaf_type: LeafType,
}

/// A class of identifiers of one kind, strongest first in [`Dossier::classes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClass {
    /// Name that goes into the token, for example `RIC`.
    pub name: String,
    /// A weak identifier can be linked but never makes a row by itself.
    pub weak: bool,
}

/// What no life does. A row of which the sources together say it nevertheless tells so among its conflicts, whatever
/// order they came in; nothing is left out or changed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifeLaw {
    /// No value of `part`, a date or a month as `yyyy-MM`, lies after the date in `end`: nobody pays beyond a death.
    NotAfter {
        column: usize,
        part: LeafIndex,
        end: LeafIndex,
    },
    /// Where one column has one of some values, another has none of these: who is deregistered pays no tax.
    Excludes {
        when: (LeafIndex, Vec<String>),
        column: usize,
        never: (LeafIndex, Vec<String>),
    },
    /// The elements of a list in the order of the date `at` are events that may follow one another.
    Succession {
        column: usize,
        at: LeafIndex,
        event: LeafIndex,
        /// Event, and what may come next. The first known event may be any: what was before may be unknown.
        next: BTreeMap<String, Vec<String>>,
    },
}

/// One kind of dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// `person`, `enterprise`.
    pub name: String,
    pub title_zh: String,
    pub version: String,
    /// `person_file`.
    pub table: String,
    /// `observation_person`.
    pub observation_table: String,
    pub columns: Vec<Column>,
    pub laws: Vec<LifeLaw>,
    pub leaves: Vec<Leaf>,
    pub classes: Vec<TokenClass>,
    /// The leaf that a person's identifier states as sex digit, where the kind has one.
    pub identifier_sex: Option<LeafIndex>,
    /// The leaf that a person's identifier states as birth date, where the kind has one.
    pub identifier_birth: Option<LeafIndex>,
    /// `column` or `column.part` to leaf.
    pub by_name: HashMap<String, LeafIndex>,
}

impl Dossier {
    /// `column` or `column.part` of a leaf.
    pub fn leaf_name(&self, leaf: LeafIndex) -> String {
        let Some(found) = self.leaves.get(usize::from(leaf)) else {
            return String::new();
        };
        let column = self
            .columns
            .get(found.column)
            .map_or("", |column| column.name.as_str());
        match &found.part {
            Some(part) => format!("{column}.{part}"),
            None => column.to_owned(),
        }
    }

    /// Rank of a token class by name, 0 the strongest.
    pub fn class_rank(&self, name: &str) -> Option<u8> {
        let place = self.classes.iter().position(|class| class.name == name)?;
        u8::try_from(place).ok()
    }
}
