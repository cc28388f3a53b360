//! The `provenance` column: which source stands behind each cell of a row.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int32Array, Int64Array, ListArray, MapArray, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};
use yidang_schemas::catalog::Catalog;

use super::columns::{cell_entry, cell_fields, provenance_fields, source_fields};
use crate::record::Version;

/// Provenance of many rows, column by column.
pub(super) struct Provenance<'p, 'a> {
    sources: Vec<&'a Version>,
    source_ends: Vec<i32>,
    cell_names: Vec<Cow<'p, str>>,
    cell_sources: Vec<i32>,
    cell_rules: Vec<&'static str>,
    flags: Vec<Cow<'p, str>>,
    flag_ends: Vec<i32>,
    cell_ends: Vec<i32>,
}

impl<'p, 'a> Provenance<'p, 'a> {
    pub(super) fn new() -> Self {
        Self {
            sources: Vec::new(),
            source_ends: vec![0],
            cell_names: Vec::new(),
            cell_sources: Vec::new(),
            cell_rules: Vec::new(),
            flags: Vec::new(),
            flag_ends: vec![0],
            cell_ends: vec![0],
        }
    }

    /// Index of a version among the sources of the row being written, in the order of first use.
    pub(super) fn source(&mut self, version: &'a Version) -> i32 {
        let start = usize::try_from(self.source_ends.last().copied().unwrap_or(0)).unwrap_or(0);
        let row = self.sources.get(start..).unwrap_or(&[]);
        let place = row.iter().position(|known| known.origin == version.origin);
        let place = place.unwrap_or_else(|| {
            self.sources.push(version);
            self.sources.len() - 1 - start
        });
        i32::try_from(place).expect("a row has far fewer sources than 2^31")
    }

    pub(super) fn cell(
        &mut self,
        name: Cow<'p, str>,
        source: i32,
        rule: &'static str,
        flags: impl IntoIterator<Item = Cow<'p, str>>,
    ) {
        self.cell_names.push(name);
        self.cell_sources.push(source);
        self.cell_rules.push(rule);
        self.flags.extend(flags);
        self.flag_ends
            .push(i32::try_from(self.flags.len()).expect("an epoch is bounded"));
    }

    pub(super) fn end_row(&mut self) {
        let end = |length: usize| i32::try_from(length).expect("an epoch is bounded");
        self.source_ends.push(end(self.sources.len()));
        self.cell_ends.push(end(self.cell_names.len()));
    }

    pub(super) fn finish(self, catalog: &Catalog) -> ArrayRef {
        let sources = list(
            DataType::Struct(source_fields()),
            self.source_ends,
            Arc::new(source_array(catalog, &self.sources)),
        );
        let cells: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(self.cell_sources)),
            Arc::new(StringArray::from(self.cell_rules)),
            list(
                DataType::Utf8,
                self.flag_ends,
                Arc::new(StringArray::from_iter_values(self.flags)),
            ),
        ];
        let cells = StructArray::new(cell_fields(), cells, None);
        let names: ArrayRef = Arc::new(StringArray::from_iter_values(self.cell_names));
        let entry = cell_entry();
        let DataType::Struct(entry_fields) = entry.data_type().clone() else {
            panic!("the entry of a map is a struct by its definition")
        };
        let entries = StructArray::new(entry_fields, vec![names, Arc::new(cells)], None);
        let cells = MapArray::new(entry, offsets(self.cell_ends), entries, None, false);
        Arc::new(StructArray::new(
            provenance_fields(),
            vec![sources, Arc::new(cells)],
            None,
        ))
    }
}

pub(super) fn offsets(ends: Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(ends))
}

pub(super) fn list(element: DataType, ends: Vec<i32>, values: ArrayRef) -> ArrayRef {
    let field = Arc::new(Field::new("element", element, true));
    Arc::new(ListArray::new(field, offsets(ends), values, None))
}

fn source_array(catalog: &Catalog, sources: &[&Version]) -> StructArray {
    let feed = |version: &Version| catalog.feeds.get(usize::from(version.origin.feed));
    let text = |part: fn(&yidang_schemas::contract::Contract) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            sources.iter().map(|version| feed(version).map_or("", part)),
        ))
    };
    let row = |version: &&Version| i32::try_from(version.origin.row).unwrap_or(i32::MAX);
    let micros = |version: &&Version| version.order.business_time_ms().saturating_mul(1_000);
    let times = TimestampMicrosecondArray::from_iter_values(sources.iter().map(micros));
    let columns: Vec<ArrayRef> = vec![
        text(|feed| &feed.agency),
        text(|feed| &feed.id),
        text(|feed| &feed.topic),
        Arc::new(Int32Array::from_iter_values(
            sources.iter().map(|version| version.origin.partition),
        )),
        Arc::new(Int64Array::from_iter_values(
            sources.iter().map(|version| version.origin.offset),
        )),
        Arc::new(Int32Array::from_iter_values(sources.iter().map(row))),
        Arc::new(times.with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values(
            sources
                .iter()
                .map(|version| version.contract_version.as_ref()),
        )),
    ];
    StructArray::new(source_fields(), columns, None)
}
