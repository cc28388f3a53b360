//! Rows of a file table, gathered column by column.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int16Array, Int32Array, Int64Array, StringArray, StructArray,
    TimestampMicrosecondArray, new_empty_array, new_null_array,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use yidang_schemas::dossier::{Column, LeafIndex, LeafType, PlatformColumn, Shape};

use super::columns::{column_type, conflict_fields, file_schema, part_fields};
use super::laws;
use super::provenance::{Provenance, list};
use super::rank::winner;
use super::values::value_array;
use super::{Candidate, Projector, Stamp, View, column_leaves};
use crate::cell::Value;
use crate::identity::Subject;

/// At most so many elements of a list stand in a row: the greatest by business time and hash.
const ELEMENTS_MAX: usize = 1_000;
/// Rule in `provenance.cells` of a list of which only the greatest elements stand in the row.
const GREATEST: &str = "greatest";

/// Columns being written: the values of each leaf, and what lists, structs and platform columns add.
pub(super) struct Rows<'p, 'a> {
    projector: &'p Projector,
    /// By leaf; for list columns one value per element.
    values: Vec<Vec<Value<'a>>>,
    /// By column: ends of the lists, validity of the structs, source of each element.
    ends: Vec<Vec<i32>>,
    valid: Vec<Vec<bool>>,
    element_sources: Vec<Vec<i32>>,
    /// By column: the feed that each value of the row being written comes from; empty where the dossier has no laws.
    feeds: Vec<Vec<u16>>,
    provenance: Provenance<'p, 'a>,
    conflicts: Vec<Vec<(String, Vec<String>)>>,
    subjects: Vec<Subject>,
    completeness: Vec<i16>,
    first_seen_us: Vec<i64>,
    last_business_us: Vec<i64>,
    stamps: Vec<Stamp>,
    /// Candidates of the column being written; kept so that columns share one allocation.
    candidates: Vec<Candidate<'a>>,
}

impl<'p, 'a> Rows<'p, 'a> {
    pub(super) fn new(projector: &'p Projector, capacity: usize) -> Self {
        let dossier = projector.dossier();
        let (leaves, columns) = (dossier.leaves.len(), dossier.columns.len());
        Self {
            projector,
            values: (0..leaves).map(|_| Vec::with_capacity(capacity)).collect(),
            ends: vec![vec![0]; columns],
            valid: vec![Vec::new(); columns],
            element_sources: vec![Vec::new(); columns],
            feeds: vec![Vec::new(); if dossier.laws.is_empty() { 0 } else { columns }],
            provenance: Provenance::new(),
            conflicts: Vec::with_capacity(capacity),
            subjects: Vec::with_capacity(capacity),
            completeness: Vec::with_capacity(capacity),
            first_seen_us: Vec::with_capacity(capacity),
            last_business_us: Vec::with_capacity(capacity),
            stamps: Vec::with_capacity(capacity),
            candidates: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, subject: Subject, views: &[View<'a>], stamp: Stamp) {
        let projector = self.projector;
        let (mut filled, mut mapped) = (0_usize, 0_usize);
        let mut conflicts = Vec::new();
        self.feeds.iter_mut().for_each(Vec::clear);
        for (place, column) in projector.dossier().columns.iter().enumerate() {
            if column.internal {
                continue;
            }
            let has_value = match &column.shape {
                Shape::Scalar(_) | Shape::Struct(_) => {
                    self.push_single(place, column, views, &mut conflicts)
                }
                Shape::List { key, .. } => self.push_list(place, column, key, views),
                Shape::Platform(_) => continue,
            };
            if projector.mapped.get(place).copied().unwrap_or(false) {
                mapped += 1;
                filled += usize::from(has_value);
            }
        }
        self.provenance.end_row();
        self.add_broken_laws(&mut conflicts);
        self.conflicts.push(conflicts);
        self.subjects.push(subject);
        let share = (100 * filled).checked_div(mapped).unwrap_or(0);
        self.completeness.push(i16::try_from(share).unwrap_or(100));
        self.push_times(views, stamp);
    }

    fn push_times(&mut self, views: &[View<'a>], stamp: Stamp) {
        let first = views
            .iter()
            .map(|view| view.state.first_landed_at_ms())
            .min();
        let versions = views.iter().flat_map(|view| &view.state.versions);
        let last = versions
            .map(|version| version.order.business_time_ms())
            .max();
        self.first_seen_us
            .push(first.unwrap_or(stamp.landed_at_ms).saturating_mul(1_000));
        self.last_business_us
            .push(last.unwrap_or(0).saturating_mul(1_000));
        self.stamps.push(stamp);
    }

    /// A scalar or struct column: the winner's values. True where there is one.
    fn push_single(
        &mut self,
        place: usize,
        column: &'p Column,
        views: &[View<'a>],
        conflicts: &mut Vec<(String, Vec<String>)>,
    ) -> bool {
        let mut candidates = std::mem::take(&mut self.candidates);
        self.projector
            .gather_candidates(place, column, views, &mut candidates);
        if column.contested && candidates.len() > 1 {
            conflicts.extend(self.contradiction(column, views, &candidates));
        }
        let won = winner(&candidates);
        let view = won.and_then(|(candidate, _)| views.get(candidate.record));
        for leaf in column_leaves(column) {
            let value = view.map_or(Value::Null, |view| view.value(*leaf));
            if let Some(values) = self.values.get_mut(usize::from(*leaf)) {
                values.push(value);
            }
        }
        if let Some(valid) = self.valid.get_mut(place) {
            valid.push(view.is_some());
        }
        if let Some(feeds) = self.feeds.get_mut(place) {
            feeds.extend(view.map(|view| view.id.feed));
        }
        if let (Some((candidate, reason)), Some(view)) = (won, view) {
            self.note_cell(column, view, candidate, reason.name());
        }
        self.candidates = candidates;
        view.is_some()
    }

    /// Notes the source of a cell; of each part where the parts of a struct come from different messages.
    fn note_cell(
        &mut self,
        column: &'p Column,
        view: &View<'a>,
        candidate: &Candidate<'a>,
        rule: &'static str,
    ) {
        let leaves = column_leaves(column);
        let elsewhere = |leaf: &LeafIndex| {
            view.version(*leaf)
                .is_some_and(|version| version.origin != candidate.version.origin)
        };
        if !leaves.iter().any(elsewhere) {
            let source = self.provenance.source(candidate.version);
            let flags = self.projector.flags(view, leaves).into_iter();
            let flags = flags.map(Cow::Borrowed);
            self.provenance
                .cell(Cow::Borrowed(&column.name), source, rule, flags);
            return;
        }
        for leaf in leaves {
            let Some(version) = view.version(*leaf) else {
                continue;
            };
            let source = self.provenance.source(version);
            let flags = self.projector.flags(view, &[*leaf]).into_iter();
            let flags = flags.map(Cow::Borrowed);
            let name = self.projector.dossier().leaf_name(*leaf);
            self.provenance.cell(Cow::Owned(name), source, rule, flags);
        }
    }

    /// The agencies that state values for a column, where two of them differ.
    fn contradiction(
        &self,
        column: &Column,
        views: &[View<'a>],
        candidates: &[Candidate<'a>],
    ) -> Option<(String, Vec<String>)> {
        let leaves = column_leaves(column);
        let feeds = &self.projector.catalog().feeds;
        let mut stated: BTreeMap<&str, Vec<Vec<Value<'a>>>> = BTreeMap::new();
        for view in candidates
            .iter()
            .filter_map(|candidate| views.get(candidate.record))
        {
            let agency = feeds
                .get(usize::from(view.id.feed))
                .map_or("", |feed| feed.agency.as_str());
            let values = leaves.iter().map(|leaf| view.value(*leaf)).collect();
            stated.entry(agency).or_default().push(values);
        }
        // Silence about a part contradicts nothing.
        let contradicts = |one: &Vec<Value<'a>>, other: &Vec<Value<'a>>| {
            one.iter()
                .zip(other)
                .any(|(one, other)| !one.is_null() && !other.is_null() && one != other)
        };
        let differs = |left: &Vec<Vec<Value<'a>>>, right: &Vec<Vec<Value<'a>>>| {
            left.iter()
                .any(|value| right.iter().any(|other| contradicts(value, other)))
        };
        let mut pairs = stated.iter().flat_map(|(agency, values)| {
            let others = stated.iter().filter(move |(other, _)| *other > agency);
            others.map(move |(_, other)| (values, other))
        });
        let contradicted = pairs.any(|(left, right)| differs(left, right));
        let agencies = || stated.keys().map(|agency| (*agency).to_owned()).collect();
        contradicted.then(|| (column.name.clone(), agencies()))
    }

    /// Adds what breaks a law of the dossier, in the order of the columns; one entry for each column.
    fn add_broken_laws(&self, conflicts: &mut Vec<(String, Vec<String>)>) {
        let (dossier, feeds) = (self.projector.dossier(), &self.projector.catalog().feeds);
        let broken = laws::broken(dossier, self);
        if broken.is_empty() {
            return;
        }
        for (place, against) in broken {
            let Some(column) = dossier.columns.get(place) else {
                continue;
            };
            let agencies = against
                .iter()
                .filter_map(|feed| feeds.get(usize::from(*feed)));
            let mut agencies: Vec<String> = agencies.map(|feed| feed.agency.clone()).collect();
            let known = conflicts.iter_mut().find(|(name, _)| *name == column.name);
            match known {
                Some((_, known)) => known.append(&mut agencies),
                None => conflicts.push((column.name.clone(), agencies)),
            }
        }
        for (_, agencies) in conflicts.iter_mut() {
            agencies.sort_unstable();
            agencies.dedup();
        }
        let columns = dossier.columns.iter().map(|column| column.name.as_str());
        let place = |name: &str| columns.clone().position(|column| column == name);
        conflicts.sort_by_key(|(name, _)| place(name));
    }

    /// A list column: every element key once, each with its own winner. True where there is any element.
    fn push_list(
        &mut self,
        place: usize,
        column: &'p Column,
        key: &[LeafIndex],
        views: &[View<'a>],
    ) -> bool {
        let mut elements: BTreeMap<Vec<Value<'a>>, Vec<Candidate<'a>>> = BTreeMap::new();
        let mut candidates = std::mem::take(&mut self.candidates);
        self.projector
            .gather_candidates(place, column, views, &mut candidates);
        for candidate in candidates.drain(..) {
            let Some(view) = views.get(candidate.record) else {
                continue;
            };
            let element: Vec<Value<'a>> = key.iter().map(|leaf| view.value(*leaf)).collect();
            if element.iter().any(|value| !value.is_null()) {
                elements.entry(element).or_default().push(candidate);
            }
        }
        let mut winners: Vec<Candidate<'a>> = elements
            .values()
            .filter_map(|rivals| winner(rivals))
            .map(|(won, _)| won.clone())
            .collect();
        self.candidates = candidates;
        let total = winners.len();
        keep_greatest(&mut winners);
        for won in &winners {
            let Some(view) = views.get(won.record) else {
                continue;
            };
            for leaf in column_leaves(column) {
                if let Some(values) = self.values.get_mut(usize::from(*leaf)) {
                    values.push(view.value(*leaf));
                }
            }
            let source = self.provenance.source(won.version);
            if let Some(sources) = self.element_sources.get_mut(place) {
                sources.push(source);
            }
            if let Some(feeds) = self.feeds.get_mut(place) {
                feeds.push(view.id.feed);
            }
        }
        if total > winners.len() {
            self.note_cut(column, &winners, total);
        }
        let end = self.element_sources.get(place).map_or(0, Vec::len);
        if let Some(ends) = self.ends.get_mut(place) {
            ends.push(i32::try_from(end).expect("an epoch is bounded"));
        }
        !winners.is_empty()
    }

    /// A list that was cut has an entry of its own among the cells, with how many elements there are: from the source of
    /// the greatest one.
    fn note_cut(&mut self, column: &'p Column, kept: &[Candidate<'a>], total: usize) {
        let Some(greatest) = kept.iter().max_by_key(|won| element_rank(won)) else {
            return;
        };
        let source = self.provenance.source(greatest.version);
        let total = Cow::Owned(format!("total:{total}"));
        self.provenance
            .cell(Cow::Borrowed(&column.name), source, GREATEST, [total]);
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        let projector = self.projector;
        let dossier = projector.dossier();
        let provenance = std::mem::replace(&mut self.provenance, Provenance::new());
        let mut provenance = Some(provenance.finish(projector.catalog()));
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(dossier.columns.len());
        for (place, column) in dossier
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| !column.internal)
        {
            let array = match &column.shape {
                Shape::Scalar(leaf) => self.leaf_array(*leaf),
                Shape::Struct(leaves) => self.struct_array(place, leaves),
                Shape::List { parts, .. } => self.list_array(place, column, parts),
                Shape::Platform(PlatformColumn::Provenance) => provenance
                    .take()
                    .expect("a dossier has one provenance column"),
                Shape::Platform(platform) => self.platform_array(column, *platform),
            };
            arrays.push(array);
        }
        RecordBatch::try_new(file_schema(dossier), arrays)
            .expect("columns are built from the schema")
    }

    fn leaf_array(&self, leaf: LeafIndex) -> ArrayRef {
        let values = self
            .values
            .get(usize::from(leaf))
            .map_or(&[][..], Vec::as_slice);
        let leaf_type = self
            .projector
            .dossier()
            .leaves
            .get(usize::from(leaf))
            .map(|leaf| leaf.leaf_type);
        value_array(leaf_type.unwrap_or(LeafType::Text), values)
    }

    fn struct_array(&self, place: usize, leaves: &[LeafIndex]) -> ArrayRef {
        let fields = part_fields(self.projector.dossier(), leaves);
        let columns = leaves.iter().map(|leaf| self.leaf_array(*leaf)).collect();
        let valid = self.valid.get(place).cloned().unwrap_or_default();
        Arc::new(StructArray::new(
            fields.into(),
            columns,
            Some(NullBuffer::from(valid)),
        ))
    }

    fn list_array(&self, place: usize, column: &Column, parts: &[LeafIndex]) -> ArrayRef {
        let DataType::List(element) = column_type(self.projector.dossier(), column) else {
            panic!("a list column has a list type by its definition")
        };
        let DataType::Struct(fields) = element.data_type().clone() else {
            panic!("the element of a list column is a struct by its definition")
        };
        let mut columns: Vec<ArrayRef> = parts.iter().map(|leaf| self.leaf_array(*leaf)).collect();
        let sources = self.element_sources.get(place).cloned().unwrap_or_default();
        columns.push(Arc::new(Int32Array::from(sources)));
        let values = StructArray::new(fields.clone(), columns, None);
        let ends = self.ends.get(place).cloned().unwrap_or_else(|| vec![0]);
        list(DataType::Struct(fields), ends, Arc::new(values))
    }

    fn platform_array(&self, described: &Column, column: PlatformColumn) -> ArrayRef {
        let times = |micros: Vec<i64>| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
        };
        let rules_version = self.projector.catalog().authority.rules_version;
        match column {
            PlatformColumn::SubjectId | PlatformColumn::Token => {
                Arc::new(StringArray::from_iter_values(
                    self.subjects
                        .iter()
                        .map(|subject| subject.token.to_string()),
                ))
            }
            PlatformColumn::Conflicts => self.conflicts_array(),
            PlatformColumn::Disputed | PlatformColumn::Restriction => {
                self.empty_lists(&column_type(self.projector.dossier(), described))
            }
            PlatformColumn::MergedInto | PlatformColumn::SplitFrom => {
                let data_type = column_type(self.projector.dossier(), described);
                new_null_array(&data_type, self.subjects.len())
            }
            PlatformColumn::Completeness => Arc::new(Int16Array::from(self.completeness.clone())),
            PlatformColumn::RulesVersion => {
                Arc::new(Int32Array::from(vec![rules_version; self.subjects.len()]))
            }
            PlatformColumn::RecordVersion => Arc::new(Int64Array::from_iter_values(
                self.stamps.iter().map(|stamp| stamp.epoch),
            )),
            PlatformColumn::FirstSeenAt => times(self.first_seen_us.clone()),
            PlatformColumn::LastBusinessTime => times(self.last_business_us.clone()),
            PlatformColumn::UpdatedAt => times(
                self.stamps
                    .iter()
                    .map(|stamp| stamp.landed_at_ms.saturating_mul(1_000))
                    .collect(),
            ),
            PlatformColumn::Provenance => panic!("provenance is built apart"),
        }
    }

    fn empty_lists(&self, data_type: &DataType) -> ArrayRef {
        let DataType::List(element) = data_type else {
            panic!("the column is a list by its definition")
        };
        let ends = vec![0; self.subjects.len() + 1];
        let elements = new_empty_array(element.data_type());
        list(element.data_type().clone(), ends, elements)
    }

    fn conflicts_array(&self) -> ArrayRef {
        let all = || self.conflicts.iter().flatten();
        let names: Vec<&str> = all().map(|(column, _)| column.as_str()).collect();
        let names = StringArray::from(names);
        let mut agency_ends = vec![0];
        let mut agencies = Vec::new();
        for (_, stated) in all() {
            agencies.extend(stated.iter().map(String::as_str));
            agency_ends.push(i32::try_from(agencies.len()).expect("an epoch is bounded"));
        }
        let agencies = list(
            DataType::Utf8,
            agency_ends,
            Arc::new(StringArray::from(agencies)),
        );
        let elements = StructArray::new(conflict_fields(), vec![Arc::new(names), agencies], None);
        let mut ends = vec![0];
        for row in &self.conflicts {
            let before = ends.last().copied().unwrap_or(0);
            ends.push(before + i32::try_from(row.len()).expect("a row has few columns"));
        }
        list(
            DataType::Struct(conflict_fields()),
            ends,
            Arc::new(elements),
        )
    }
}

impl<'a> laws::Row<'a> for Rows<'_, 'a> {
    fn values(&self, leaf: LeafIndex) -> Vec<(Value<'a>, u16)> {
        let column = self.projector.dossier().leaves.get(usize::from(leaf));
        let feeds = column.and_then(|leaf| self.feeds.get(leaf.column));
        let (Some(feeds), Some(values)) = (feeds, self.values.get(usize::from(leaf))) else {
            return Vec::new();
        };
        // The row being written stands at the end.
        let own = values.len().saturating_sub(feeds.len());
        let own = values.get(own..).unwrap_or_default();
        own.iter().copied().zip(feeds.iter().copied()).collect()
    }
}

fn element_rank(won: &Candidate<'_>) -> (i64, [u8; 16]) {
    (won.ranking.business_time_ms, won.ranking.content_hash)
}

/// The greatest elements by business time and content hash, back in element order.
fn keep_greatest(winners: &mut Vec<Candidate<'_>>) {
    if winners.len() <= ELEMENTS_MAX {
        return;
    }
    let mut ranks: Vec<(i64, [u8; 16])> = winners.iter().map(element_rank).collect();
    ranks.sort_unstable_by(|left, right| right.cmp(left));
    let least = ranks.get(ELEMENTS_MAX - 1).copied();
    winners.retain(|won| Some(element_rank(won)) >= least);
    winners.truncate(ELEMENTS_MAX);
}
