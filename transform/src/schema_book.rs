//! The writers' schemas of registries, as far as the lake knows them: which id stood for what, from which epoch on.
//!
//! A registry never changes what an id stands for, so a schema is a fact, and facts are stored with the lake before the
//! first epoch that needs them: a verdict depends on bytes, bundle and these facts, never on whether a registry answers.
//! That a registry did *not* know an id is a fact as well, from the epoch on that was judged by it, until a later epoch
//! knows better.
//!
//! Leaves alone: asking a registry, and storing its answers (`ingest`).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::decode::{avro, protobuf};

/// What a registry calls a schema; counted by each registry for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub u32);

impl std::fmt::Display for SchemaId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The language of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaKind {
    Avro,
    Protobuf,
    /// One that no feed can be in.
    Other,
}

/// A schema that another one imports, under the name by which it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub name: String,
    pub text: String,
}

/// A schema as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaText {
    pub kind: SchemaKind,
    pub text: String,
    /// What it imports, directly or not; each stands behind those that it imports itself.
    pub imports: Vec<Import>,
}

/// Longest schema with all that it imports, bytes.
pub const SCHEMA_BYTES_MAX: usize = 4 << 20;
/// Schemas that one may import at most.
pub const IMPORTS_MAX: usize = 64;

impl SchemaText {
    /// Whether it keeps to the bounds.
    pub fn is_bounded(&self) -> bool {
        let imported = self.imports.iter().map(|import| import.text.len());
        let bytes = imported.fold(self.text.len(), usize::saturating_add);
        bytes <= SCHEMA_BYTES_MAX && self.imports.len() <= IMPORTS_MAX
    }
}

/// What a registry said of an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Registered(SchemaText),
    /// It is up and has no such schema.
    Unknown,
}

/// A fact, made ready for decoding.
#[derive(Debug, PartialEq)]
pub enum Known {
    Unknown,
    /// Of a language that is not read, beyond the bounds, or broken.
    Unusable,
    Avro(avro::Schema),
    Protobuf(protobuf::Schema),
}

impl Known {
    /// Compiles a fact. Whoever can write to a registry can write any text there, so a compiler that fails on it takes
    /// nothing else with it.
    pub fn of(fact: &Fact) -> Self {
        let Fact::Registered(schema) = fact else {
            return Self::Unknown;
        };
        if !schema.is_bounded() {
            return Self::Unusable;
        }
        let compiled = catch_unwind(AssertUnwindSafe(|| match schema.kind {
            SchemaKind::Avro => avro::Schema::compile(schema).map(Self::Avro),
            SchemaKind::Protobuf => protobuf::Schema::compile(schema).map(Self::Protobuf),
            SchemaKind::Other => None,
        }));
        compiled.ok().flatten().unwrap_or(Self::Unusable)
    }
}

/// All facts that are known, of all registries.
#[derive(Debug, Clone, Default)]
pub struct SchemaBook {
    /// By registry and id: what is known from which epoch on, ascending.
    facts: BTreeMap<String, BTreeMap<SchemaId, BTreeMap<i64, Arc<Known>>>>,
    /// Stands for every id: a schema that was handed over instead of registered.
    only: Option<Arc<Known>>,
}

static EMPTY: SchemaBook = SchemaBook {
    facts: BTreeMap::new(),
    only: None,
};

impl SchemaBook {
    /// A book in which every id of every registry stands for this fact: for trying a feed without a registry.
    pub fn of_one(fact: &Fact) -> Self {
        Self {
            only: Some(Arc::new(Known::of(fact))),
            ..Self::default()
        }
    }

    /// Notes what a registry said of an id before this epoch.
    pub fn learn(&mut self, registry: &str, id: SchemaId, epoch: i64, fact: &Fact) {
        let ids = self.facts.entry(registry.to_owned()).or_default();
        let epochs = ids.entry(id).or_default();
        epochs.insert(epoch, Arc::new(Known::of(fact)));
    }

    /// Whether this fact was noted already.
    pub fn has(&self, registry: &str, id: SchemaId, epoch: i64) -> bool {
        let epochs = self.facts.get(registry).and_then(|ids| ids.get(&id));
        epochs.is_some_and(|epochs| epochs.contains_key(&epoch))
    }

    /// The book as it was when an epoch was landed.
    pub fn at(&self, epoch: i64) -> SchemaView<'_> {
        SchemaView { book: self, epoch }
    }
}

/// A book as of one epoch.
#[derive(Debug, Clone, Copy)]
pub struct SchemaView<'b> {
    book: &'b SchemaBook,
    epoch: i64,
}

impl<'b> SchemaView<'b> {
    /// Knows nothing: for feeds whose format needs no schema.
    pub fn empty() -> Self {
        EMPTY.at(0)
    }

    /// What is known of an id; nothing where no registry was asked.
    pub fn find(self, registry: &str, id: SchemaId) -> Option<&'b Known> {
        if let Some(only) = &self.book.only {
            return Some(only);
        }
        let epochs = self.book.facts.get(registry)?.get(&id)?;
        let (_, known) = epochs.range(..=self.epoch).next_back()?;
        Some(known)
    }
}

#[cfg(test)]
mod tests;
