//! Canonical cells of a record, as the contract maps them.
//!
//! In a full record only values are kept: what it does not state is null by law 3. In a patch an explicit null is kept
//! where the contract lets the field be emptied; what cannot be normalized is silence.

mod value;

use std::borrow::Cow;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, EVERY_SLOT, GROUPS_START, Mode};
use yidang_schemas::dossier::{KindIndex, LeafRef, LeafType, Shape};
use yidang_schemas::field::{Condition, FieldIndex, Mapping, Scope};

use crate::calendar;
use crate::cell::{Cell, Cells, Value};
use crate::check::Batch;
use crate::decode::column::Presence;
use crate::normalize::address::AddressReader;
use crate::parse::code_spellings;
use crate::token::IdKey;
pub(crate) use value::unreadable;
use value::{Aids, Canonical, is_address, state};

/// Room for the cells of most records; what is left is given back.
const CELL_BYTES: usize = 512;

/// What the mappings of a contract need of the dossiers.
#[derive(Debug)]
pub(super) struct CellPlan {
    /// Of each constant: the columns whose other leaves have to speak before it counts; none for scalar columns.
    companions: Vec<Option<(KindIndex, usize)>>,
    /// Column of each mapping's target.
    columns: Vec<(KindIndex, usize)>,
    leaf_types: Vec<LeafType>,
    /// Cells that more than one mapping or constant may fill: the first one with a value speaks.
    shared: Vec<(LeafRef, Scope)>,
    /// By subject of the contract: whether elements name it.
    each: Vec<(KindIndex, bool)>,
    /// Set where a mapping reads addresses.
    addresses: Option<AddressReader>,
}

/// The part of a record whose cells are being made: the record with its own fields, or one of its elements.
#[derive(Clone, Copy)]
struct Part {
    record: usize,
    /// The element among those of the batch, and its place among those of the record.
    element: Option<(usize, usize)>,
}

impl Part {
    /// Row of a field's column; nothing for fields of elements seen from the record.
    fn row(self, batch: &Batch<'_>, field: FieldIndex) -> Option<usize> {
        let described = batch.contract.fields.get(field)?;
        match (described.in_element, self.element) {
            (false, _) => Some(self.record),
            (true, element) => element.map(|(row, _)| row),
        }
    }

    /// Whether cells of a scope are made here.
    fn makes(self, scope: Scope) -> bool {
        (scope == Scope::Element) == self.element.is_some()
    }
}

/// What one part of a record has stated so far.
#[derive(Default)]
struct Stated {
    /// Columns with a value.
    columns: Vec<((KindIndex, usize), Scope)>,
    /// Shared targets with a value.
    shared: Vec<(LeafRef, Scope)>,
    /// Shared targets that were emptied, unless a value comes yet.
    emptied: Vec<(LeafRef, Scope)>,
}

impl CellPlan {
    pub(super) fn new(catalog: &Catalog, contract: &Contract) -> Self {
        let leaf_of = |target: LeafRef| {
            let dossier = catalog.dossiers.get(usize::from(target.kind));
            dossier.and_then(|dossier| dossier.leaves.get(usize::from(target.leaf)))
        };
        let column_of = |target: LeafRef| {
            let column = leaf_of(target).map_or(usize::MAX, |leaf| leaf.column);
            (target.kind, column)
        };
        let companion = |target: LeafRef| {
            let (kind, column) = column_of(target);
            let dossier = catalog.dossiers.get(usize::from(kind))?;
            let shape = &dossier.columns.get(column)?.shape;
            (!matches!(shape, Shape::Scalar(_))).then_some((kind, column))
        };
        let leaf_type =
            |target: LeafRef| leaf_of(target).map_or(LeafType::Text, |leaf| leaf.leaf_type);
        let constants = contract.constants.iter();
        let fixed = constants
            .clone()
            .map(|constant| (constant.target, constant.scope));
        let mapped = contract.mappings.iter();
        let targets: Vec<(LeafRef, Scope)> = mapped
            .clone()
            .map(|mapping| (mapping.target, mapping.scope))
            .chain(fixed)
            .collect();
        let is_shared =
            |target: &&(LeafRef, Scope)| targets.iter().filter(|other| other == target).count() > 1;
        let subjects = contract.subjects.iter();
        let reads_address = |mapping: &Mapping| is_address(&mapping.transform);
        let addresses = contract.mappings.iter().any(reads_address);
        Self {
            addresses: addresses.then(|| AddressReader::new(&catalog.divisions)),
            shared: targets.iter().filter(is_shared).copied().collect(),
            companions: constants.clone().map(|one| companion(one.target)).collect(),
            columns: mapped.map(|mapping| column_of(mapping.target)).collect(),
            leaf_types: constants.map(|one| leaf_type(one.target)).collect(),
            each: subjects
                .map(|subject| (subject.kind, subject.each))
                .collect(),
        }
    }

    /// Cells of one record; fields in `lost` have no value in that row of their column.
    pub(super) fn cells(
        &self,
        batch: &Batch<'_>,
        id_key: &IdKey,
        record: usize,
        lost: &[(FieldIndex, usize)],
    ) -> Cells {
        let mut cells = Cells::with_capacity(CELL_BYTES);
        let whole = Part {
            record,
            element: None,
        };
        let elements = batch.decoded.elements(record).enumerate();
        let elements = elements.map(|(place, row)| Part {
            record,
            element: Some((row, place)),
        });
        for part in std::iter::once(whole).chain(elements) {
            self.push_part(batch, id_key, part, lost, &mut cells);
        }
        cells.shrink();
        cells
    }

    fn push_part(
        &self,
        batch: &Batch<'_>,
        id_key: &IdKey,
        part: Part,
        lost: &[(FieldIndex, usize)],
        cells: &mut Cells,
    ) {
        let mut stated = Stated::default();
        let aids = Aids {
            id_key,
            addresses: self.addresses.as_ref(),
        };
        for (place, mapping) in batch.contract.mappings.iter().enumerate() {
            if !part.makes(mapping.scope) || !holds(batch, &mapping.when, part) {
                continue;
            }
            let target = (mapping.target, mapping.scope);
            match state(batch, aids, mapping, part, lost) {
                Some(Some(canonical)) if self.is_first(target, &mut stated) => {
                    self.push(batch, cells, target, part, &canonical);
                    let column = self.columns.get(place).copied();
                    stated
                        .columns
                        .extend(column.map(|column| (column, mapping.scope)));
                }
                Some(None) if self.shared.contains(&target) => stated.emptied.push(target),
                Some(None) => cells.push(Cell::new(mapping.target, Value::Null)),
                Some(Some(_)) | None => {}
            }
        }
        self.push_constants(batch, part, &mut stated, cells);
        for (place, target) in stated.emptied.iter().enumerate() {
            let repeated = stated
                .emptied
                .get(..place)
                .is_some_and(|before| before.contains(target));
            if !repeated && !stated.shared.contains(target) {
                cells.push(Cell::new(target.0, Value::Null));
            }
        }
    }

    /// Whether nothing has filled a target yet; notes that something does now.
    fn is_first(&self, target: (LeafRef, Scope), stated: &mut Stated) -> bool {
        if !self.shared.contains(&target) {
            return true;
        }
        let first = !stated.shared.contains(&target);
        if first {
            stated.shared.push(target);
        }
        first
    }

    fn push_constants(
        &self,
        batch: &Batch<'_>,
        part: Part,
        stated: &mut Stated,
        cells: &mut Cells,
    ) {
        for (place, constant) in batch.contract.constants.iter().enumerate() {
            let companion = self.companions.get(place).copied().flatten();
            let accompanied = companion.is_none_or(|column| {
                let mut others = stated.columns.iter();
                others.any(|(other, scope)| *other == column && goes_with(constant.scope, *scope))
            });
            let made = part.makes(constant.scope) && accompanied;
            if !made || !holds(batch, &constant.when, part) {
                continue;
            }
            let canonical = match self.leaf_types.get(place) {
                Some(LeafType::Integer) => constant.value.parse().ok().map(Canonical::Integer),
                Some(LeafType::Date) => calendar::days_of_iso(&constant.value).map(Canonical::Date),
                _ => Some(Canonical::Text(Cow::Borrowed(constant.value.as_str()))),
            };
            let target = (constant.target, constant.scope);
            if let Some(canonical) = canonical
                && self.is_first(target, stated)
            {
                self.push(batch, cells, target, part, &canonical);
            }
        }
    }

    /// Adds the cell, once for each slot that it is about.
    fn push(
        &self,
        batch: &Batch<'_>,
        cells: &mut Cells,
        (target, scope): (LeafRef, Scope),
        part: Part,
        canonical: &Canonical<'_>,
    ) {
        let value = match canonical {
            Canonical::Text(text) => Value::Text(text),
            Canonical::Date(days) => Value::Date(*days),
            Canonical::Integer(number) => Value::Integer(*number),
        };
        let mut push = |slot| {
            cells.push(Cell {
                slot,
                ..Cell::new(target, value)
            });
        };
        match (scope, part.element) {
            (Scope::Record, _) | (Scope::Element, None) => push(EVERY_SLOT),
            (Scope::Subject(slot), _) => push(slot),
            (Scope::Group(number), _) => push(GROUPS_START + number),
            (Scope::Element, Some((_, place))) => {
                let of_kind = self.each.iter().enumerate();
                let named = of_kind.filter(|(_, (kind, each))| *each && *kind == target.kind);
                let slots = named.filter_map(|(subject, _)| batch.contract.slot(subject, place));
                slots.for_each(push);
            }
        }
    }
}

/// Whether parts of one column with these scopes stand in one element.
fn goes_with(scope: Scope, other: Scope) -> bool {
    let is_group = |scope| matches!(scope, Scope::Group(_));
    scope == other || !(is_group(scope) || is_group(other))
}

/// Whether every condition holds. In a patch a field that is absent says nothing, so nothing follows from it.
fn holds(batch: &Batch<'_>, conditions: &[Condition], part: Part) -> bool {
    conditions.iter().all(|condition| {
        let Some(row) = part.row(batch, condition.field) else {
            return false;
        };
        let column = batch.decoded.columns.get(condition.field);
        let presence = column.map_or(Presence::Absent, |column| column.presence(row));
        if presence == Presence::Absent && batch.contract.mode == Mode::Patch {
            return false;
        }
        let listed = |text: &str| condition.values.iter().any(|value| value == text);
        code_spellings(column.map_or("", |column| column.text(row)), listed) == condition.one_of
    })
}
