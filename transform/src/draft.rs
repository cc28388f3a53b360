//! Drafts: what a sample of records lets one propose as a contract, and what it does not.
//!
//! A draft proposes and never decides. Each proposal says whether the values show it, whether it is a guess, or that
//! somebody has to say it. No value of the sample is kept in a draft: it holds names of fields, types and counts.
//! Leaves alone: writing the draft as a file.

mod column;
mod field;
mod record;
pub mod sample;
#[cfg(test)]
mod tests;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::hints::Hints;

use column::Seen;
use sample::Sample;

/// How sure a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The values show it.
    Inferred,
    /// Likely, to be confirmed.
    Guessed,
    /// Nothing shows it: somebody has to say it.
    Missing,
}

/// What is said of a proposal, in both languages, without any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub certainty: Certainty,
    pub zh: String,
    pub en: String,
}

/// Where in the draft a note stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Encoding,
    Key,
    Order,
    BusinessTime,
    Mode,
    Removal,
    Subjects,
    Field(usize),
}

/// One column that a field may fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `<kind>.<column>[.<part>]`.
    pub to: String,
    pub transform: String,
    /// Of money: `fen`, `yuan` or `wan_yuan`.
    pub unit: Option<&'static str>,
}

/// What is proposed of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDraft {
    /// As sent.
    pub name: String,
    /// Logical type as contracts write it.
    pub logical_type: &'static str,
    /// Date forms joined by `|`, of dates and timestamps.
    pub forms: Option<String>,
    /// Every record of the sample has it.
    pub filled: bool,
    pub classification: String,
    /// Identifier class, of a subject or of another.
    pub identifier: Option<&'static str>,
    /// `name@version`.
    pub code_list: Option<String>,
    pub targets: Vec<Target>,
}

/// A draft of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Kind of the dossier that the records fill; empty where nothing shows one.
    pub kind: String,
    pub fields: Vec<FieldDraft>,
    /// Places of the fields of the record key; empty: none found.
    pub key: Vec<usize>,
    /// The time field that orders versions; none: the log.
    pub order: Option<usize>,
    /// The field that says what a record does.
    pub operation: Option<usize>,
    /// Places of the fields that name the subject.
    pub subject: Vec<usize>,
    pub notes: Vec<(Part, Note)>,
}

impl Draft {
    /// Whether a field reaches anything: a column, the subject or another link, the key, the order or the removal.
    pub fn uses(&self, place: usize) -> bool {
        let field = self.fields.get(place);
        let linked =
            field.is_some_and(|field| !field.targets.is_empty() || field.identifier.is_some());
        let of_record = [self.order, self.operation].contains(&Some(place));
        linked || of_record || self.key.contains(&place)
    }

    /// The notes of one part.
    pub fn notes_of(&self, part: Part) -> impl Iterator<Item = &Note> {
        let own = self.notes.iter().filter(move |(other, _)| *other == part);
        own.map(|(_, note)| note)
    }
}

/// Notes being collected.
#[derive(Default)]
struct Notes(Vec<(Part, Note)>);

impl Notes {
    fn add(
        &mut self,
        part: Part,
        certainty: Certainty,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let (zh, en) = (zh.into(), en.into());
        self.0.push((part, Note { certainty, zh, en }));
    }
}

/// Proposes a contract for the records of a sample. `kind`: the dossier they fill, where that is known.
pub fn draft(sample: &Sample, catalog: &Catalog, hints: &Hints, kind: Option<&str>) -> Draft {
    let seen: Vec<Seen<'_>> = sample
        .columns
        .iter()
        .map(|column| Seen::of(column, catalog))
        .collect();
    let mut notes = Notes::default();
    let kind = match kind {
        Some(kind) => kind.to_owned(),
        None => record::kind(&seen, catalog, hints, &mut notes),
    };
    let subject = record::subject(&seen, hints, &kind, &mut notes);
    let scope = field::Scope {
        catalog,
        hints,
        kind: &kind,
        subject: &subject,
    };
    let fields = scope.fields(&seen, sample.records, &mut notes);
    let key = record::key(sample, &seen, &mut notes);
    let order = record::order(&seen, &fields, hints, &kind, &mut notes);
    let operation = record::operation(&seen, hints, &kind, &mut notes);
    record::mode(sample, &mut notes);
    let mut draft = Draft {
        kind,
        fields,
        key,
        order,
        operation,
        subject,
        notes: Vec::new(),
    };
    for place in (0..draft.fields.len()).filter(|place| !draft.uses(*place)) {
        let zh = "用 mapsTo 映射到档案的列，或写 kept 表示只留存";
        let en = "map it with mapsTo, or say { property: kept, value: true, vendor: yidang }";
        notes.add(Part::Field(place), Certainty::Missing, zh, en);
    }
    draft.notes = notes.0;
    draft
}
