//! The order of arrival: records become messages, messages get partitions and the offsets that they will have when they
//! go, in this order, into empty topics.

use jiff::tz::TimeZone;

use crate::feed::Feed;
use crate::random::small;
use crate::record::Record;
use crate::render::sheet::render_rows;
use crate::render::{Rendered, render, render_file};

/// A message of the city: which records it carries and where it will lie.
pub struct Unit {
    pub feed: Feed,
    pub arrival_ms: i64,
    pub timestamp_ms: i64,
    /// Indices of its records, in row order.
    pub rows: Vec<u32>,
    /// A second delivery of the same bytes.
    pub repeat: bool,
    pub partition: i32,
    pub offset: i64,
}

impl Unit {
    /// The name of the file in which a message of many rows came, from its first record.
    pub fn file_name(&self) -> String {
        format!(
            "sgs-{}-{:06}.csv",
            crate::calendar::compact(crate::calendar::local_date(self.timestamp_ms)),
            self.rows.first().copied().unwrap_or(0)
        )
    }

    /// The message without its coordinates.
    pub fn render(&self, records: &[Record], zone: &TimeZone, corrects: Option<&str>) -> Rendered {
        let rows: Vec<&Record> = self
            .rows
            .iter()
            .filter_map(|index| records.get(*index as usize))
            .collect();
        match rows.as_slice() {
            rows if !self.feed.is_register() => render_rows(rows, corrects),
            [record] if self.feed != Feed::Penalty => render(record, zone, corrects),
            rows => render_file(rows, &self.file_name(), zone, corrects),
        }
    }
}

/// Messages in order of arrival, and the largest number of bytes in one partition.
pub fn arrange(records: &[Record], zone: &TimeZone) -> (Vec<Unit>, u64) {
    let mut units = single_units(records);
    units.extend(penalty_units(records));
    units.extend(file_units(records));
    let repeats: Vec<Unit> = units
        .iter()
        .filter(|unit| is_repeated(unit, records))
        .map(repeat_of)
        .collect();
    units.extend(repeats);
    units.sort_by_key(|unit| (unit.arrival_ms, unit.rows.first().copied(), unit.repeat));
    let mut ends: std::collections::BTreeMap<(Feed, i32), (i64, u64)> =
        std::collections::BTreeMap::new();
    // What the registers send does not depend on the other feeds.
    let (mut of_registers, mut of_others) = (0_u64, 0_u64);
    for unit in &mut units {
        let rendered = unit.render(records, zone, None);
        let sequence = match unit.feed.is_register() {
            true => &mut of_registers,
            false => &mut of_others,
        };
        *sequence += 1;
        let partition = partition_of(unit.feed, rendered.key.as_deref(), *sequence);
        let (end, bytes) = ends.entry((unit.feed, partition)).or_default();
        (unit.partition, unit.offset) = (partition, *end);
        *end += 1;
        *bytes += size_of(&rendered);
    }
    (
        units,
        ends.values().map(|(_, bytes)| *bytes).max().unwrap_or(0),
    )
}

fn size_of(rendered: &Rendered) -> u64 {
    let headers: usize = rendered
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len) + 4)
        .sum();
    // Framing of a record in a batch takes some 20 bytes; a header `corrects` that is filled in later some 40.
    (60 + headers
        + rendered.key.as_ref().map_or(0, Vec::len)
        + rendered.value.as_ref().map_or(0, Vec::len)) as u64
}

fn partition_of(feed: Feed, key: Option<&[u8]>, sequence: u64) -> i32 {
    let partitions: u64 = u64::from(feed.partitions().unsigned_abs());
    let hash = match key {
        Some(key) => blake3::hash(key)
            .as_bytes()
            .iter()
            .take(8)
            .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte)),
        None => sequence,
    };
    small(hash % partitions)
}

fn single_units(records: &[Record]) -> Vec<Unit> {
    let plain = records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.feed() != Feed::Penalty && file_of(record).is_none());
    plain
        .map(|(index, record)| unit_of(record, vec![small(index)]))
        .collect()
}

/// The message of many rows that the record is part of.
fn file_of(record: &Record) -> Option<u32> {
    record.sheet()?.file
}

/// Messages of many rows, whose records were told one after the other.
fn file_units(records: &[Record]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut open = None;
    for (index, record) in records.iter().enumerate() {
        let file = file_of(record);
        match units.last_mut() {
            Some(unit) if file.is_some() && file == open => unit.rows.push(small(index)),
            _ => units.extend(file.map(|_| unit_of(record, vec![small(index)]))),
        }
        open = file;
    }
    units
}

fn unit_of(record: &Record, rows: Vec<u32>) -> Unit {
    Unit {
        feed: record.feed(),
        arrival_ms: record.arrival_ms,
        timestamp_ms: record.produced_ms,
        rows,
        repeat: false,
        partition: 0,
        offset: 0,
    }
}

/// Penalty rows go out in files of one to eight rows; whatever a story depends on has a file of its own.
fn penalty_units(records: &[Record]) -> Vec<Unit> {
    let mut rows: Vec<usize> = (0..records.len())
        .filter(|index| {
            records
                .get(*index)
                .is_some_and(|r| r.feed() == Feed::Penalty)
        })
        .collect();
    rows.sort_by_key(|index| {
        (
            records.get(*index).map_or(0, |record| record.arrival_ms),
            *index,
        )
    });
    let mut units: Vec<Unit> = Vec::new();
    let mut open: Option<(Unit, u64)> = None;
    for index in rows {
        let Some(record) = records.get(index) else {
            continue;
        };
        let alone = record.duplicate
            || record.corrects.is_some()
            || record.operation.is_removal()
            || record.defect == Some(crate::defect::Defect::EmptyBody);
        if alone {
            units.extend(open.take().map(|(unit, _)| unit));
            units.push(unit_of(record, vec![small(index)]));
            continue;
        }
        match &mut open {
            Some((unit, wanted)) => {
                unit.rows.push(small(index));
                unit.arrival_ms = unit.arrival_ms.max(record.arrival_ms);
                unit.timestamp_ms = unit.timestamp_ms.max(record.produced_ms);
                if unit.rows.len() as u64 >= *wanted {
                    units.extend(open.take().map(|(unit, _)| unit));
                }
            }
            None => open = Some((unit_of(record, vec![small(index)]), 1 + record.salt % 8)),
        }
    }
    units.extend(open.map(|(unit, _)| unit));
    units
}

fn is_repeated(unit: &Unit, records: &[Record]) -> bool {
    unit.rows
        .first()
        .and_then(|index| records.get(*index as usize))
        .is_some_and(|record| record.duplicate)
}

fn repeat_of(unit: &Unit) -> Unit {
    let delay_ms =
        1 + i64::from(unit.rows.first().copied().unwrap_or(0)) % 7 * crate::calendar::HOUR_MS / 3;
    Unit {
        feed: unit.feed,
        arrival_ms: unit.arrival_ms + delay_ms,
        timestamp_ms: unit.timestamp_ms,
        rows: unit.rows.clone(),
        repeat: true,
        partition: 0,
        offset: 0,
    }
}
