//! Record states in the `state` table: their keys, and their places under another bundle.
//!
//! Leaves and rules are stored by their place under the bundle that wrote the row; a row of another bundle is read
//! through a [`Remap`] by name, so that adding a column or a rule never invalidates a checkpoint. Leaves alone: the
//! bytes of a state, which are those that memory keeps (see `transform::record::packed`).

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::dossier::{KindIndex, LeafIndex, LeafRef};
use yidang_schemas::rule::{Action, Rule};
use yidang_transform::cell::{Cell, Cells, Value};
use yidang_transform::merge::Stored;
use yidang_transform::record::packed::Packed;
use yidang_transform::record::{
    FLAG_KIND, IDENTITY_KIND, RecordId, RecordState, Remembered, identity_in_kinds,
};
use yidang_transform::token::UNIT_SEPARATOR;

/// Key of a record in the `state` table: feed id, 0x1F, key hash.
pub fn record_key(catalog: &Catalog, id: &RecordId) -> Vec<u8> {
    let feed = catalog
        .feeds
        .get(usize::from(id.feed))
        .map_or("", |feed| feed.id.as_str());
    let mut key = feed.as_bytes().to_vec();
    key.push(UNIT_SEPARATOR);
    key.extend_from_slice(&id.key_hash);
    key
}

/// Reads a key back; nothing where the catalog has no such feed.
pub fn read_record_key(catalog: &Catalog, key: &[u8]) -> Option<RecordId> {
    let (head, key_hash) = key.split_last_chunk::<16>()?;
    let feed = head.strip_suffix(&[UNIT_SEPARATOR])?;
    let place = catalog
        .feeds
        .iter()
        .position(|candidate| candidate.id.as_bytes() == feed)?;
    Some(RecordId {
        feed: u16::try_from(place).ok()?,
        key_hash: *key_hash,
    })
}

/// Reads a record of `feed`, in the places of the bundle in force; nothing where the bytes are not one.
pub fn read(bytes: Vec<u8>, feed: u16, remap: Option<&Remap>) -> Option<Stored> {
    match remap {
        None => Stored::read(bytes, feed),
        Some(remap) => {
            let (_, state) = Packed::read(bytes, feed)?;
            Some(Stored::of(&remap.apply(state, feed)))
        }
    }
}

/// Places under one bundle to places under another, by name.
#[derive(Debug, Clone)]
pub struct Remap {
    kinds: Vec<Option<KindIndex>>,
    leaves: Vec<Vec<Option<LeafRef>>>,
    /// By feed of the new bundle: rules of the old one.
    rules: Vec<Vec<Option<u16>>>,
    /// By feed of the new bundle: rules that no version of the old one was judged by, for they were not there, or were
    /// only watched.
    unjudged: Vec<Vec<u16>>,
}

impl Remap {
    pub fn between(old: &Catalog, new: &Catalog) -> Self {
        let kind_of = |name: &str| {
            let place = new.dossiers.iter().position(|dossier| dossier.name == name);
            place.and_then(|place| KindIndex::try_from(place).ok())
        };
        let kinds: Vec<Option<KindIndex>> = old
            .dossiers
            .iter()
            .map(|dossier| kind_of(&dossier.name))
            .collect();
        let leaves = old.dossiers.iter().zip(&kinds).map(|(dossier, kind)| {
            let names = (0..dossier.leaves.len()).filter_map(|leaf| LeafIndex::try_from(leaf).ok());
            names
                .map(|leaf| same_leaf(new, (*kind)?, &dossier.leaf_name(leaf)))
                .collect()
        });
        let rules = new.feeds.iter().map(|feed| {
            let before = old.feeds.iter().find(|candidate| candidate.id == feed.id);
            let rules = before.into_iter().flat_map(|before| &before.rules);
            rules
                .map(|rule| u16::try_from(feed.rule_index(&rule.id)?).ok())
                .collect()
        });
        let unjudged = new.feeds.iter().map(|feed| {
            let before = old.feeds.iter().find(|candidate| candidate.id == feed.id);
            before.map_or_else(Vec::new, |before| unjudged_rules(before, feed))
        });
        Self {
            leaves: leaves.collect(),
            rules: rules.collect(),
            unjudged: unjudged.collect(),
            kinds,
        }
    }

    fn target(&self, target: LeafRef, feed: u16) -> Option<LeafRef> {
        match target.kind {
            IDENTITY_KIND => return Some(target),
            // The leaf of such a cell is a rule of the feed.
            FLAG_KIND => {
                return Some(LeafRef {
                    leaf: self.rule(feed, target.leaf)?,
                    ..target
                });
            }
            _ => {}
        }
        *self
            .leaves
            .get(usize::from(target.kind))?
            .get(usize::from(target.leaf))?
    }

    fn rule(&self, feed: u16, rule: u16) -> Option<u16> {
        *self.rules.get(usize::from(feed))?.get(usize::from(rule))?
    }

    /// A state of the old bundle in the places of the new one; `feed` is a place of the new one.
    pub fn apply(&self, mut state: RecordState, feed: u16) -> RecordState {
        for version in &mut state.versions {
            version.origin.feed = feed;
        }
        let mut cells = Cells::default();
        for cell in state.cells.iter() {
            let Some(target) = self.target(cell.target, feed) else {
                continue;
            };
            match cell.value {
                Value::Text(text) if target.kind == IDENTITY_KIND => {
                    if let Some(text) = identity_in_kinds(text, |kind| self.kind(kind)) {
                        let value = Value::Text(&text);
                        cells.push(Cell { value, ..cell });
                    }
                }
                _ => cells.push(Cell { target, ..cell }),
            }
        }
        state.cells = cells;
        state.targets.retain_mut(|target| {
            let kind = self.kind(target.kind);
            target.kind = kind.unwrap_or(target.kind);
            kind.is_some()
        });
        state.failed = state
            .failed
            .iter()
            .filter_map(|rule| self.rule(feed, *rule))
            .collect();
        state.remembered = state
            .remembered
            .into_iter()
            .filter_map(|entry| {
                Some(Remembered {
                    rule: self.rule(feed, entry.rule)?,
                    ..entry
                })
            })
            .collect();
        self.mark_unjudged(&mut state, feed);
        state
    }

    fn kind(&self, kind: KindIndex) -> Option<KindIndex> {
        self.kinds.get(usize::from(kind)).copied().flatten()
    }

    /// What no version was judged by counts as passed by none. A removal passes every rule, whenever it came to be.
    fn mark_unjudged(&self, state: &mut RecordState, feed: u16) {
        let rules = self.unjudged.get(usize::from(feed));
        if rules.is_none_or(Vec::is_empty) || state.removed.as_ref() == Some(&state.newest().order)
        {
            return;
        }
        for rule in rules.into_iter().flatten().copied() {
            state.remembered.retain(|kept| kept.rule != rule);
            state.remembered.push(Remembered { rule, passed: None });
        }
        state.remembered.sort_unstable_by_key(|kept| kept.rule);
    }
}

/// Rules of `new` that `old` had not, or only watched.
fn unjudged_rules(old: &Contract, new: &Contract) -> Vec<u16> {
    let judged = |rule: &Rule| {
        let before = old.rules.iter().find(|before| before.id == rule.id);
        before
            .is_some_and(|before| before.action > Action::Observe || rule.action == Action::Observe)
    };
    let places = new
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| !judged(rule));
    places
        .filter_map(|(place, _)| u16::try_from(place).ok())
        .collect()
}

fn same_leaf(catalog: &Catalog, kind: KindIndex, name: &str) -> Option<LeafRef> {
    let dossier = catalog.dossiers.get(usize::from(kind))?;
    dossier
        .by_name
        .get(name)
        .map(|leaf| LeafRef { kind, leaf: *leaf })
}
