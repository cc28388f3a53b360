//! The record fold: of all versions of one record key, which cells count.
//!
//! `full` feeds keep the version of greatest order whole. `patch` feeds keep an order per cell and the order of the
//! last withdrawal. Maximum over a total order is commutative, associative and idempotent, so any arrival order, any
//! repetition and any batching give the same state (architecture, order law).

use std::sync::Arc;

use yidang_schemas::contract::Mode;
use yidang_schemas::dossier::{KindIndex, LeafRef};
use yidang_schemas::origin::Origin;

use crate::cell::{Cell, Cells, Value};
use crate::identity::Target;
use crate::order::OrderKey;
use crate::token::Token;

/// Kind of the pseudo cells that hold the identifiers a patch stated: `leaf` is the slot.
pub const IDENTITY_KIND: KindIndex = KindIndex::MAX;

/// Key of a record: its feed and the hash of its canonical record key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    pub feed: u16,
    pub key_hash: [u8; 16],
}

/// One version of a record as it was landed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub order: OrderKey,
    pub origin: Origin,
    pub landed_at_ms: i64,
    pub contract_version: Arc<str>,
}

/// What became of an accepted record in the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    Applied,
    Stale,
    Duplicate,
}

impl Effect {
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Stale => "stale",
            Self::Duplicate => "duplicate",
        }
    }
}

/// What an accepted record says, ready to be folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub version: Version,
    pub removal: bool,
    /// Version 0 throughout; in patch feeds with identity pseudo cells.
    pub cells: Cells,
    pub targets: Vec<Target>,
    /// Rules that failed.
    pub failed: Vec<u16>,
    /// Rules that gave neither true nor false.
    pub unjudged: Vec<u16>,
}

/// A rule that the kept version was not judged by, with the order of the last pass before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub rule: u16,
    pub passed: Option<OrderKey>,
}

/// What is kept of one record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordState {
    /// The version of greatest order first; after it those that live cells refer to.
    pub versions: Vec<Version>,
    /// Order of the greatest withdrawal; cells at or below it are dead.
    pub removed: Option<OrderKey>,
    pub cells: Cells,
    pub targets: Vec<Target>,
    /// Rules that the version of greatest order failed.
    pub failed: Vec<u16>,
    pub remembered: Vec<Remembered>,
}

impl RecordState {
    /// The version of greatest order.
    pub fn newest(&self) -> &Version {
        self.versions.first().expect("a state holds at least one version")
    }

    /// Whether any cell is live.
    pub fn is_live(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Order at which the kept version, or one before it, passed `rule`; nothing where none did.
    pub fn pass_order(&self, rule: u16) -> Option<&OrderKey> {
        if let Some(remembered) = self.remembered.iter().find(|kept| kept.rule == rule) {
            return remembered.passed.as_ref();
        }
        let passed = !self.failed.contains(&rule);
        passed.then(|| &self.newest().order)
    }

    /// Least landing instant of the live versions, epoch milliseconds.
    pub fn first_landed_at_ms(&self) -> i64 {
        self.versions.iter().map(|version| version.landed_at_ms).min().unwrap_or(i64::MAX)
    }
}

/// Folds one statement into what is kept of its key. The state is given back only where it changed.
pub fn fold(
    mode: Mode,
    kept: Option<&RecordState>,
    statement: &Statement,
) -> (Effect, Option<RecordState>) {
    let Some(kept) = kept else { return (Effect::Applied, Some(first(mode, statement))) };
    match mode {
        Mode::Full => fold_full(kept, statement),
        Mode::Patch => fold_patch(kept, statement),
    }
}

fn first(mode: Mode, statement: &Statement) -> RecordState {
    let removed = statement.removal.then(|| statement.version.order.clone());
    let targets = match mode {
        Mode::Full => statement.targets.clone(),
        Mode::Patch => targets_of(&statement.cells),
    };
    let unjudged = statement.unjudged.iter();
    RecordState {
        versions: vec![statement.version.clone()],
        removed,
        cells: statement.cells.clone(),
        targets,
        failed: statement.failed.clone(),
        remembered: unjudged.map(|rule| Remembered { rule: *rule, passed: None }).collect(),
    }
}

fn fold_full(kept: &RecordState, statement: &Statement) -> (Effect, Option<RecordState>) {
    match statement.version.order.cmp(&kept.newest().order) {
        std::cmp::Ordering::Less => (Effect::Stale, None),
        std::cmp::Ordering::Equal => (Effect::Duplicate, None),
        std::cmp::Ordering::Greater => {
            let mut next = first(Mode::Full, statement);
            remember(&mut next, kept);
            (Effect::Applied, Some(next))
        }
    }
}

/// Carries over the passes that the new version says nothing about.
fn remember(next: &mut RecordState, kept: &RecordState) {
    for entry in &mut next.remembered {
        entry.passed = kept.pass_order(entry.rule).cloned();
    }
}

fn fold_patch(kept: &RecordState, statement: &Statement) -> (Effect, Option<RecordState>) {
    let order = statement.version.order.clone();
    if kept.versions.iter().any(|version| version.order == order) {
        return (Effect::Duplicate, None);
    }
    let dead = kept.removed.as_ref().is_some_and(|removed| &order <= removed);
    let newest = order > kept.newest().order;
    if dead && !newest {
        return (Effect::Stale, None);
    }
    let mut merge = PatchMerge::new(kept, statement);
    if statement.removal {
        merge.withdraw(&statement.version.order);
    } else {
        merge.state(&statement.cells);
    }
    if !merge.changed && !newest {
        return (Effect::Stale, None);
    }
    (Effect::Applied, Some(merge.finish(kept, statement, newest)))
}

/// The cells of a record key while one patch is folded in: each with the version that stated it.
struct PatchMerge<'a> {
    /// Versions that cells may refer to: those kept, then the new one.
    orders: Vec<&'a OrderKey>,
    removed: Option<&'a OrderKey>,
    cells: Vec<Cell<'a>>,
    changed: bool,
}

impl<'a> PatchMerge<'a> {
    fn new(kept: &'a RecordState, statement: &'a Statement) -> Self {
        let mut orders: Vec<&OrderKey> = kept.versions.iter().map(|version| &version.order).collect();
        orders.push(&statement.version.order);
        let cells = kept.cells.iter().collect();
        Self { orders, removed: kept.removed.as_ref(), cells, changed: false }
    }

    fn order_of(&self, cell: &Cell<'_>) -> &'a OrderKey {
        self.orders.get(usize::from(cell.version)).expect("cells refer to versions that are kept")
    }

    fn withdraw(&mut self, order: &'a OrderKey) {
        self.removed = Some(self.removed.map_or(order, |removed| removed.max(order)));
        let orders = std::mem::take(&mut self.orders);
        self.cells.retain(|cell| {
            orders.get(usize::from(cell.version)).is_some_and(|stated| *stated > order)
        });
        self.orders = orders;
        self.changed = true;
    }

    fn state(&mut self, cells: &'a Cells) {
        let version = u8::try_from(self.orders.len() - 1).expect("a record has fewer cells than 255");
        for stated in cells.iter() {
            let stated = Cell { version, ..stated };
            let order = self.order_of(&stated);
            let place = self.cells.iter().position(|cell| cell.target == stated.target);
            match place {
                Some(place) => {
                    let Some(cell) = self.cells.get(place).copied() else { continue };
                    if self.order_of(&cell) < order {
                        self.cells.splice(place..=place, [stated]);
                        self.changed = true;
                    }
                }
                None => {
                    self.cells.push(stated);
                    self.changed = true;
                }
            }
        }
    }

    /// The new state: cells in leaf order, only the versions they refer to and the newest.
    fn finish(mut self, kept: &RecordState, statement: &Statement, newest: bool) -> RecordState {
        self.cells.sort_unstable_by_key(|cell| cell.target);
        let all: Vec<&Version> = kept.versions.iter().chain([&statement.version]).collect();
        let top = if newest { all.len() - 1 } else { 0 };
        let mut places = vec![top];
        let mut cells = Cells::default();
        for cell in &self.cells {
            let place = usize::from(cell.version);
            let version = places.iter().position(|kept| *kept == place).unwrap_or_else(|| {
                places.push(place);
                places.len() - 1
            });
            let version = u8::try_from(version).expect("a record has fewer cells than 255");
            cells.push(Cell { version, ..*cell });
        }
        let versions = places.iter().filter_map(|place| all.get(*place)).map(|&version| version.clone()).collect();
        let targets = targets_of(&cells);
        let (failed, remembered) = judged(kept, statement, newest);
        RecordState { versions, removed: self.removed.cloned(), cells, targets, failed, remembered }
    }
}

/// Rules failed and remembered after a patch: those of the newest version, with every pass before it.
fn judged(kept: &RecordState, statement: &Statement, newest: bool) -> (Vec<u16>, Vec<Remembered>) {
    if newest {
        let unjudged = statement.unjudged.iter();
        let remembered =
            unjudged.map(|rule| Remembered { rule: *rule, passed: kept.pass_order(*rule).cloned() });
        return (statement.failed.clone(), remembered.collect());
    }
    let order = &statement.version.order;
    let passed_by = |rule: u16| !statement.failed.contains(&rule) && !statement.unjudged.contains(&rule);
    let remembered = kept.remembered.iter().map(|entry| {
        let later = entry.passed.as_ref().is_none_or(|passed| passed < order);
        let passed = if later && passed_by(entry.rule) { Some(order.clone()) } else { entry.passed.clone() };
        Remembered { rule: entry.rule, passed }
    });
    (kept.failed.clone(), remembered.collect())
}

/// The pseudo cell that states, or with nothing empties, the identifier of a slot.
pub fn push_identity(cells: &mut Cells, slot: u8, target: Option<&Target>) {
    let leaf = LeafRef { kind: IDENTITY_KIND, leaf: u16::from(slot) };
    let text = target.map(|target| {
        let weak = if target.weak { 'w' } else { 's' };
        format!("{:02x}{:02x}{weak}{}", target.kind, target.class_rank, target.token)
    });
    let value = text.as_deref().map_or(Value::Null, Value::Text);
    cells.push(Cell { target: leaf, version: 0, value });
}

fn targets_of(cells: &Cells) -> Vec<Target> {
    cells.iter().filter(|cell| cell.target.kind == IDENTITY_KIND).filter_map(|cell| identity(&cell)).collect()
}

fn identity(cell: &Cell<'_>) -> Option<Target> {
    let Value::Text(text) = cell.value else { return None };
    let kind = u8::from_str_radix(text.get(0..2)?, 16).ok()?;
    let class_rank = u8::from_str_radix(text.get(2..4)?, 16).ok()?;
    let weak = text.get(4..5)? == "w";
    let token = Token::parse(text.get(5..)?)?;
    let slot = u8::try_from(cell.target.leaf).ok()?;
    Some(Target { kind, slot, token, class_rank, weak })
}

#[cfg(test)]
mod tests;
