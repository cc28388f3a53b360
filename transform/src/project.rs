//! Projection: the row of a subject from its live records.
//!
//! Pure: the same live records give the same row whatever their arrival. Per column the live cells are ranked and the
//! greatest wins; lists are the union of live elements by element key, each element with its own winner. Nothing here
//! reads a clock or another subject.

pub mod columns;
mod laws;
mod provenance;
pub mod rank;
mod row;
mod values;

pub use values::value_array;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, GROUPS_START, Mode};
use yidang_schemas::dossier::{Column, Dossier, KindIndex, LeafIndex, Shape};
use yidang_schemas::field::Scope;

use crate::cell::{Cell, Value};
use crate::identity::Subject;
use crate::record::{FLAG_KIND, RecordId, RecordState, Version};
use rank::Ranking;
use row::Rows;

/// When and as what a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub epoch: i64,
    /// Landing instant of the epoch in epoch milliseconds.
    pub landed_at_ms: i64,
}

/// One subject with its live records.
#[derive(Debug)]
pub struct Member<'a> {
    pub subject: Subject,
    pub records: Vec<(RecordId, Cow<'a, RecordState>)>,
}

/// What projection needs of the catalog for one kind, computed once.
#[derive(Debug)]
pub struct Projector {
    pub kind: KindIndex,
    catalog: Arc<Catalog>,
    /// Authority rank by column, then feed.
    authority: Vec<Vec<u8>>,
    /// Columns that at least one contract maps.
    mapped: Vec<bool>,
    /// Feed, then rule, to the leaves that its field fills: a failed rule flags those cells.
    flagged: Vec<Vec<Vec<LeafIndex>>>,
    /// By feed: slots of the further list elements that its records fill.
    groups: Vec<Vec<u8>>,
}

impl Projector {
    pub fn new(catalog: &Arc<Catalog>, kind: KindIndex) -> Self {
        let dossier = dossier_of(catalog, kind);
        let rank = |column: &Column| {
            let feeds = catalog.feeds.iter();
            feeds
                .map(|feed| {
                    catalog
                        .authority
                        .rank(&dossier.name, &column.name, &feed.id)
                })
                .collect()
        };
        let authority = dossier.columns.iter().map(rank).collect();
        let mut mapped = vec![false; dossier.columns.len()];
        let targets = catalog.feeds.iter().flat_map(|feed| {
            let mappings = feed.mappings.iter().map(|mapping| mapping.target);
            mappings.chain(feed.constants.iter().map(|constant| constant.target))
        });
        for target in targets.filter(|target| target.kind == kind) {
            let leaf = dossier.leaves.get(usize::from(target.leaf));
            if let Some(place) = leaf.and_then(|leaf| mapped.get_mut(leaf.column)) {
                *place = true;
            }
        }
        let flagged = catalog
            .feeds
            .iter()
            .map(|feed| flagged_leaves(feed, kind))
            .collect();
        Self {
            kind,
            catalog: Arc::clone(catalog),
            authority,
            mapped,
            flagged,
            groups: catalog
                .feeds
                .iter()
                .map(|feed| groups(feed, kind))
                .collect(),
        }
    }

    pub fn dossier(&self) -> &Dossier {
        dossier_of(&self.catalog, self.kind)
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Rows of these subjects in their order; each has at least one live record.
    pub fn project(&self, members: &[Member<'_>], stamp: Stamp) -> RecordBatch {
        let mut rows = Rows::new(self, members.len());
        for member in members {
            let views = self.views(member);
            rows.push(member.subject, &views, stamp);
        }
        rows.finish()
    }

    /// The records of a subject as ranking sees them: each once for every slot in which it names the subject, and once
    /// for each further element of a list that it fills.
    pub fn views<'a>(&self, member: &'a Member<'_>) -> Vec<View<'a>> {
        let leaves = self.dossier().leaves.len();
        let mut views = Vec::with_capacity(member.records.len());
        for (id, state) in &member.records {
            let targets = state.targets.iter();
            let own = targets.filter(|target| target.subject() == member.subject);
            let mut slots: Vec<u8> = own.map(|target| target.slot).collect();
            if !slots.is_empty() {
                let groups = self.groups.get(usize::from(id.feed));
                slots.extend(groups.into_iter().flatten());
            }
            let view = |slot: u8| View::new(*id, state, (self.kind, slot), leaves);
            views.extend(slots.into_iter().map(view));
        }
        views
    }

    /// The candidates of a scalar or struct column, unranked; records that an ending silences are left out.
    pub fn candidates<'a>(&self, place: usize, views: &[View<'a>]) -> Vec<Candidate<'a>> {
        let mut candidates = Vec::new();
        if let Some(column) = self.dossier().columns.get(place) {
            self.gather_candidates(place, column, views, &mut candidates);
        }
        candidates
    }

    /// Puts the candidates of a column in the place of what `candidates` holds.
    fn gather_candidates<'a>(
        &self,
        place: usize,
        column: &Column,
        views: &[View<'a>],
        candidates: &mut Vec<Candidate<'a>>,
    ) {
        candidates.clear();
        let leaves = column_leaves(column);
        for (record, view) in views.iter().enumerate() {
            let Some(version) = view.newest_of(leaves) else {
                continue;
            };
            if !self.has_ended(column, view) {
                let ranking = self.ranking(place, column, view, version);
                candidates.push(Candidate {
                    record,
                    version,
                    ranking,
                });
            }
        }
    }

    fn ranking<'a>(
        &self,
        place: usize,
        column: &Column,
        view: &View<'a>,
        version: &'a Version,
    ) -> Ranking<'a> {
        let feed = usize::from(view.id.feed);
        let first = column_leaves(column)
            .first()
            .map_or(Value::Null, |leaf| view.value(*leaf));
        let value_order = match first {
            Value::Text(text) => column.value_order.iter().position(|value| value == text),
            _ => None,
        };
        let authority = self
            .authority
            .get(place)
            .and_then(|feeds| feeds.get(feed))
            .copied();
        Ranking {
            value_order: value_order.unwrap_or(column.value_order.len()),
            rank_by: column.rank_by.map_or(Value::Null, |leaf| view.value(leaf)),
            authority: authority.unwrap_or(u8::MAX),
            business_time_ms: version.order.business_time_ms(),
            feed: view.id.feed,
            content_hash: version.order.content_hash(),
            id: view.id,
            slot: view.slot,
        }
    }

    /// Whether the record itself says that what it stated here is over at its own business time.
    fn has_ended(&self, column: &Column, view: &View<'_>) -> bool {
        let Some(Value::Date(end)) = column.ended_by.map(|leaf| view.value(leaf)) else {
            return false;
        };
        end <= business_day(view.state.newest().order.business_time_ms())
    }

    /// Ids of failed rules whose field fills one of these leaves, as flags of the cell; in patch feeds those of the
    /// versions that the leaves come from.
    pub fn flags(&self, view: &View<'_>, leaves: &[LeafIndex]) -> Vec<&str> {
        if view.state.failed.is_empty() && view.flags.is_empty() {
            return Vec::new();
        }
        let Some(contract) = self.catalog.feeds.get(usize::from(view.id.feed)) else {
            return Vec::new();
        };
        let flagged = self.flagged.get(usize::from(view.id.feed));
        let touched = |rule: u16| {
            flagged
                .and_then(|rules| rules.get(usize::from(rule)))
                .map_or(&[][..], Vec::as_slice)
        };
        let mut failed: Vec<u16> = match contract.mode {
            Mode::Full | Mode::Snapshot => {
                let touches = |rule: &u16| touched(*rule).iter().any(|leaf| leaves.contains(leaf));
                view.state.failed.iter().copied().filter(touches).collect()
            }
            Mode::Patch => {
                let states = |version: u8, leaf: &LeafIndex| {
                    view.cell(*leaf).is_some_and(|cell| cell.version == version)
                };
                let of_version = view.flags.iter().filter(|(rule, version)| {
                    let mut touched = touched(*rule).iter();
                    touched.any(|leaf| leaves.contains(leaf) && states(*version, leaf))
                });
                of_version.map(|(rule, _)| *rule).collect()
            }
        };
        failed.dedup();
        let rules = failed
            .iter()
            .filter_map(|rule| contract.rules.get(usize::from(*rule)));
        rules.map(|rule| rule.id.as_str()).collect()
    }
}

/// The leaves of a fact column in their order; none for platform columns.
pub fn column_leaves(column: &Column) -> &[LeafIndex] {
    match &column.shape {
        Shape::Scalar(leaf) => std::slice::from_ref(leaf),
        Shape::Struct(leaves) | Shape::List { parts: leaves, .. } => leaves,
        Shape::Platform(_) => &[],
    }
}

/// One record of a subject with its cells of the projected kind.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub id: RecordId,
    /// In which slot it names the subject.
    pub slot: u8,
    pub state: &'a RecordState,
    cells: Vec<Cell<'a>>,
    /// By leaf: its place in `cells` plus one; 0 where it is silent.
    places: Vec<u16>,
    /// Rules that versions of a patch feed failed.
    flags: Vec<(u16, u8)>,
}

impl<'a> View<'a> {
    fn new(
        id: RecordId,
        state: &'a RecordState,
        (kind, slot): (KindIndex, u8),
        leaves: usize,
    ) -> Self {
        let mut view = Self {
            id,
            slot,
            state,
            cells: Vec::with_capacity(leaves),
            places: vec![0; leaves],
            flags: Vec::new(),
        };
        for cell in state.cells.iter() {
            if cell.target.kind == kind && cell.is_about(slot) {
                view.cells.push(cell);
                if let Some(place) = view.places.get_mut(usize::from(cell.target.leaf)) {
                    *place = u16::try_from(view.cells.len()).unwrap_or(0);
                }
            } else if cell.target.kind == FLAG_KIND {
                view.flags.push((cell.target.leaf, cell.version));
            }
        }
        view
    }

    fn cell(&self, leaf: LeafIndex) -> Option<&Cell<'a>> {
        let place = self.places.get(usize::from(leaf)).copied()?;
        self.cells.get(usize::from(place).checked_sub(1)?)
    }

    /// The value of a leaf, null where it is silent.
    pub fn value(&self, leaf: LeafIndex) -> Value<'a> {
        self.cell(leaf).map_or(Value::Null, |cell| cell.value)
    }

    /// The version that stated a leaf's value; nothing where it has none.
    pub fn version(&self, leaf: LeafIndex) -> Option<&'a Version> {
        let cell = self.cell(leaf).filter(|cell| !cell.value.is_null())?;
        self.state.versions.get(usize::from(cell.version))
    }

    /// The greatest version that stated a value among these leaves.
    fn newest_of(&self, leaves: &[LeafIndex]) -> Option<&'a Version> {
        let versions = leaves.iter().filter_map(|leaf| self.version(*leaf));
        versions.max_by(|left, right| left.order.cmp(&right.order))
    }
}

/// A record that has something to say for a column.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Place of its record among the views.
    pub record: usize,
    pub version: &'a Version,
    pub ranking: Ranking<'a>,
}

/// Slots of the further list elements of a kind that records of a feed fill, each once.
fn groups(feed: &Contract, kind: KindIndex) -> Vec<u8> {
    let mapped = feed
        .mappings
        .iter()
        .map(|mapping| (mapping.target, mapping.scope));
    let fixed = feed
        .constants
        .iter()
        .map(|constant| (constant.target, constant.scope));
    let slots = mapped
        .chain(fixed)
        .filter_map(|(target, scope)| match scope {
            Scope::Group(number) if target.kind == kind => Some(GROUPS_START + number),
            _ => None,
        });
    slots.collect::<BTreeSet<u8>>().into_iter().collect()
}

fn dossier_of(catalog: &Catalog, kind: KindIndex) -> &Dossier {
    catalog
        .dossiers
        .get(usize::from(kind))
        .expect("a projector is made for a kind of its catalog")
}

fn flagged_leaves(feed: &Contract, kind: KindIndex) -> Vec<Vec<LeafIndex>> {
    let leaves_of = |field| {
        let mappings = feed
            .mappings
            .iter()
            .filter(move |mapping| mapping.field == field);
        let targets = mappings
            .map(|mapping| mapping.target)
            .filter(|target| target.kind == kind);
        targets.map(|target| target.leaf).collect()
    };
    feed.rules
        .iter()
        .map(|rule| rule.field.map_or_else(Vec::new, leaves_of))
        .collect()
}

/// Day of an instant in the zone of the city (UTC+8 without daylight saving since 1991), days since 1970-01-01.
pub fn business_day(instant_ms: i64) -> i32 {
    const ZONE_MS: i64 = 8 * 3_600_000;
    let day = (instant_ms.saturating_add(ZONE_MS)).div_euclid(86_400_000);
    i32::try_from(day).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
