//! The record fold: of all versions of one record key, which cells count.
//!
//! `full` feeds keep the version of greatest order whole. `patch` feeds keep an order per cell and the order of the
//! last withdrawal. Maximum over a total order is commutative, associative and idempotent, so any arrival order, any
//! repetition and any batching give the same state (architecture, order law).

pub mod packed;

use std::cmp::Ordering;
use std::sync::Arc;

use yidang_schemas::contract::Mode;
use yidang_schemas::dossier::{KindIndex, LeafRef};
use yidang_schemas::origin::Origin;

use crate::cell::{Cell, Cells, Value};
use crate::identity::Target;
use crate::order::OrderKey;
use crate::standing;
use crate::token::Token;

/// Kind of the pseudo cells that hold the identifiers a patch stated: `leaf` is the slot times 256 plus the place of the
/// identifier among those of its subject, so that each lives and dies by itself.
pub const IDENTITY_KIND: KindIndex = KindIndex::MAX;
/// Kind of the pseudo cells that say which rules a patch failed: `leaf` is the rule. They go with the cells of their
/// version, so that a cell keeps its marks when later patches are silent about it.
pub const FLAG_KIND: KindIndex = KindIndex::MAX - 1;

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
    /// At what the feed's floor is compared with, see [`crate::standing`].
    pub standing: Option<i64>,
    /// Version 0 throughout; in patch feeds with the pseudo cells of identifiers and flags.
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

impl Statement {
    /// A withdrawal passes every rule; else those that were judged and not failed.
    fn passes(&self, rule: u16) -> bool {
        self.removal || !(self.failed.contains(&rule) || self.unjudged.contains(&rule))
    }
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
    /// At what the feed's floor is compared with; that of rows that were held, too.
    pub standing: Option<i64>,
    /// Only rows that were held named it: the version says where the greatest of them stands, and nothing is stated.
    pub hollow: bool,
}

impl RecordState {
    /// The version of greatest order.
    pub fn newest(&self) -> &Version {
        self.versions
            .first()
            .expect("a state holds at least one version")
    }

    /// Whether anything is stated: a full record that was not withdrawn, even one without a value, or a patch cell
    /// above the last withdrawal.
    pub fn is_live(&self) -> bool {
        !self.hollow && (self.removed.is_none() || !self.cells.is_empty())
    }

    /// Whether it stands at the floor of its feed or above.
    pub fn stands(&self, floor: Option<i64>) -> bool {
        standing::stands(self.standing, floor)
    }

    /// Order at which the kept version, or one before it, passed `rule`; nothing where none did.
    pub fn pass_order(&self, rule: u16) -> Option<&OrderKey> {
        if self.hollow {
            return None;
        }
        if let Some(remembered) = self.remembered.iter().find(|kept| kept.rule == rule) {
            return remembered.passed.as_ref();
        }
        let passed = !self.failed.contains(&rule);
        passed.then(|| &self.newest().order)
    }

    /// Least landing instant of the live versions, epoch milliseconds.
    pub fn first_landed_at_ms(&self) -> i64 {
        self.versions
            .iter()
            .map(|version| version.landed_at_ms)
            .min()
            .unwrap_or(i64::MAX)
    }
}

/// Folds one statement into what is kept of its key. The state is given back only where it changed.
pub fn fold(
    mode: Mode,
    kept: Option<&RecordState>,
    statement: &Statement,
) -> (Effect, Option<RecordState>) {
    let Some(kept) = kept else {
        return (Effect::Applied, Some(first(mode, statement)));
    };
    match mode {
        Mode::Full | Mode::Snapshot => fold_full(kept, statement),
        Mode::Patch => fold_patch(kept, statement),
    }
}

fn first(mode: Mode, statement: &Statement) -> RecordState {
    let removed = statement.removal.then(|| statement.version.order.clone());
    let targets = match mode {
        Mode::Full | Mode::Snapshot => statement.targets.clone(),
        Mode::Patch => targets_of(&statement.cells),
    };
    let (failed, remembered) = judged(None, statement);
    RecordState {
        versions: vec![statement.version.clone()],
        removed,
        cells: statement.cells.clone(),
        targets,
        failed,
        remembered,
        standing: statement.standing,
        hollow: false,
    }
}

/// Notes that a row named its key although nothing of it counts.
pub fn fold_naming(
    kept: Option<&RecordState>,
    version: &Version,
    standing: i64,
) -> Option<RecordState> {
    let Some(kept) = kept else {
        return Some(RecordState {
            versions: vec![version.clone()],
            removed: None,
            cells: Cells::default(),
            targets: Vec::new(),
            failed: Vec::new(),
            remembered: Vec::new(),
            standing: Some(standing),
            hollow: true,
        });
    };
    let greater = kept.hollow && version.order > kept.newest().order;
    if !greater && kept.standing >= Some(standing) {
        return None;
    }
    let mut next = kept.clone();
    next.standing = next.standing.max(Some(standing));
    if greater {
        next.versions = vec![version.clone()];
    }
    Some(next)
}

fn fold_full(kept: &RecordState, statement: &Statement) -> (Effect, Option<RecordState>) {
    if kept.hollow {
        let mut next = first(Mode::Full, statement);
        next.standing = next.standing.max(kept.standing);
        return (Effect::Applied, Some(next));
    }
    match statement.version.order.cmp(&kept.newest().order) {
        Ordering::Less => (Effect::Stale, with_passes(kept, statement)),
        Ordering::Equal => (Effect::Duplicate, None),
        Ordering::Greater => {
            let mut next = first(Mode::Full, statement);
            (next.failed, next.remembered) = judged(Some(kept), statement);
            next.standing = next.standing.max(kept.standing);
            (Effect::Applied, Some(next))
        }
    }
}

/// Rules failed by the new greatest version, and the passes before it of those that it was not judged by.
fn judged(kept: Option<&RecordState>, statement: &Statement) -> (Vec<u16>, Vec<Remembered>) {
    if statement.removal {
        return (Vec::new(), Vec::new());
    }
    let passed = |rule: u16| kept.and_then(|kept| kept.pass_order(rule)).cloned();
    let unjudged = statement.unjudged.iter();
    let remembered = unjudged.map(|rule| Remembered {
        rule: *rule,
        passed: passed(*rule),
    });
    (statement.failed.clone(), remembered.collect())
}

/// A version below the greatest one may still have passed what that one is silent about: the state with those passes,
/// nothing where there are none.
fn with_passes(kept: &RecordState, statement: &Statement) -> Option<RecordState> {
    let order = &statement.version.order;
    let adds = |entry: &Remembered| {
        entry.passed.as_ref().is_none_or(|passed| passed < order) && statement.passes(entry.rule)
    };
    if !kept.remembered.iter().any(adds) {
        return None;
    }
    let mut next = kept.clone();
    for entry in next.remembered.iter_mut().filter(|entry| adds(entry)) {
        entry.passed = Some(order.clone());
    }
    Some(next)
}

fn fold_patch(kept: &RecordState, statement: &Statement) -> (Effect, Option<RecordState>) {
    let order = &statement.version.order;
    let known = kept.versions.iter().any(|version| version.order == *order);
    if known || kept.removed.as_ref() == Some(order) {
        return (Effect::Duplicate, None);
    }
    if kept
        .removed
        .as_ref()
        .is_some_and(|removed| order <= removed)
    {
        return (Effect::Stale, with_passes(kept, statement));
    }
    let newest = *order > kept.newest().order;
    let mut merge = PatchMerge::new(kept, statement);
    if statement.removal {
        merge.withdraw(order);
    } else {
        merge.state(&statement.cells);
    }
    if !merge.changed && !newest {
        return (Effect::Stale, with_passes(kept, statement));
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
        let mut orders: Vec<&OrderKey> =
            kept.versions.iter().map(|version| &version.order).collect();
        orders.push(&statement.version.order);
        let cells = kept.cells.iter().collect();
        Self {
            orders,
            removed: kept.removed.as_ref(),
            cells,
            changed: false,
        }
    }

    fn order_of(&self, cell: &Cell<'_>) -> &'a OrderKey {
        self.orders
            .get(usize::from(cell.version))
            .expect("cells refer to versions that are kept")
    }

    fn withdraw(&mut self, order: &'a OrderKey) {
        self.removed = Some(order);
        let orders = std::mem::take(&mut self.orders);
        self.cells.retain(|cell| {
            orders
                .get(usize::from(cell.version))
                .is_some_and(|stated| *stated > order)
        });
        self.orders = orders;
        self.changed = true;
    }

    fn state(&mut self, cells: &'a Cells) {
        let version =
            u8::try_from(self.orders.len() - 1).expect("a record has fewer cells than 255");
        for stated in cells.iter() {
            let stated = Cell { version, ..stated };
            if stated.target.kind == FLAG_KIND {
                self.cells.push(stated);
                continue;
            }
            let order = self.order_of(&stated);
            let place = self
                .cells
                .iter()
                .position(|cell| cell.target == stated.target);
            match place.and_then(|place| self.cells.get_mut(place)).copied() {
                Some(cell) if self.order_of(&cell) >= order => continue,
                Some(_) => {
                    if let Some(cell) = place.and_then(|place| self.cells.get_mut(place)) {
                        *cell = stated;
                    }
                }
                None => self.cells.push(stated),
            }
            self.changed = true;
        }
    }

    /// Flags go with their version: without a cell of it they say nothing.
    fn drop_idle_flags(&mut self) {
        let speaking: Vec<u8> = self
            .cells
            .iter()
            .filter(|cell| cell.target.kind != FLAG_KIND)
            .map(|cell| cell.version)
            .collect();
        self.cells
            .retain(|cell| cell.target.kind != FLAG_KIND || speaking.contains(&cell.version));
    }

    /// The new state: cells in leaf order, only the versions they refer to and the newest.
    fn finish(mut self, kept: &RecordState, statement: &Statement, newest: bool) -> RecordState {
        self.drop_idle_flags();
        let orders = std::mem::take(&mut self.orders);
        let order_of = |cell: &Cell<'_>| orders.get(usize::from(cell.version));
        self.cells.sort_unstable_by(|one, other| {
            one.target
                .cmp(&other.target)
                .then_with(|| order_of(other).cmp(&order_of(one)))
        });
        let all: Vec<&Version> = kept.versions.iter().chain([&statement.version]).collect();
        let top = if newest { all.len() - 1 } else { 0 };
        let mut places = vec![top];
        let mut cells = Cells::default();
        for cell in &self.cells {
            let place = usize::from(cell.version);
            let version = places
                .iter()
                .position(|kept| *kept == place)
                .unwrap_or_else(|| {
                    places.push(place);
                    places.len() - 1
                });
            let version = u8::try_from(version).expect("a record has fewer cells than 255");
            cells.push(Cell { version, ..*cell });
        }
        let versions = places
            .iter()
            .filter_map(|place| all.get(*place))
            .map(|&version| version.clone())
            .collect();
        let targets = targets_of(&cells);
        let (failed, remembered) = match newest {
            true => judged(Some(kept), statement),
            false => {
                let noted = with_passes(kept, statement);
                let state = noted.as_ref().unwrap_or(kept);
                (state.failed.clone(), state.remembered.clone())
            }
        };
        RecordState {
            versions,
            removed: self.removed.cloned(),
            cells,
            targets,
            failed,
            remembered,
            standing: None,
            hollow: false,
        }
    }
}

/// The pseudo cells that say which rules a patch failed.
pub fn push_flags(cells: &mut Cells, failed: &[u16]) {
    for rule in failed {
        let target = LeafRef {
            kind: FLAG_KIND,
            leaf: *rule,
        };
        cells.push(Cell::new(target, Value::Null));
    }
}

/// The pseudo cell that states, or with nothing empties, the identifier of a slot at its place in the contract.
pub fn push_identity(cells: &mut Cells, (slot, place): (u8, u8), target: Option<&Target>) {
    let leaf = LeafRef {
        kind: IDENTITY_KIND,
        leaf: u16::from_be_bytes([slot, place]),
    };
    let text = target.map(|target| {
        let weak = if target.weak { 'w' } else { 's' };
        format!(
            "{:02x}{:02x}{weak}{}",
            target.kind, target.class_rank, target.token
        )
    });
    let value = text.as_deref().map_or(Value::Null, Value::Text);
    cells.push(Cell::new(leaf, value));
}

/// The text of an identity cell with its kind in the places of another bundle; nothing where that has no such kind.
pub fn identity_in_kinds(
    text: &str,
    kind_of: impl Fn(KindIndex) -> Option<KindIndex>,
) -> Option<String> {
    let (kind, rest) = text.split_at_checked(2)?;
    let kind = kind_of(KindIndex::from_str_radix(kind, 16).ok()?)?;
    Some(format!("{kind:02x}{rest}"))
}

/// Of each slot the live identifier of smallest class rank; of two of one class the one first in the contract.
fn targets_of(cells: &Cells) -> Vec<Target> {
    let mut named: Vec<(u8, Target)> = cells
        .iter()
        .filter(|cell| cell.target.kind == IDENTITY_KIND)
        .filter_map(|cell| identity(&cell))
        .collect();
    named.sort_unstable_by_key(|(place, target)| (target.slot, target.class_rank, *place));
    named.dedup_by_key(|(_, target)| target.slot);
    named.into_iter().map(|(_, target)| target).collect()
}

/// The target of a pseudo cell with its place among the identifiers of its slot.
fn identity(cell: &Cell<'_>) -> Option<(u8, Target)> {
    let Value::Text(text) = cell.value else {
        return None;
    };
    let kind = u8::from_str_radix(text.get(0..2)?, 16).ok()?;
    let class_rank = u8::from_str_radix(text.get(2..4)?, 16).ok()?;
    let weak = text.get(4..5)? == "w";
    let token = Token::parse(text.get(5..)?)?;
    let [slot, place] = cell.target.leaf.to_be_bytes();
    let target = Target {
        kind,
        slot,
        token,
        class_rank,
        weak,
    };
    Some((place, target))
}

#[cfg(test)]
mod tests;
