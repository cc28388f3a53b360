//! Which statement of each record key counts in the end.
//!
//! Per (feed, record key) the accepted version of greatest order; of a patch feed all accepted versions above the last
//! withdrawal, cell by cell. Orders: the feed's own time, then its counter; the counter alone for certificates and
//! registrations; the place in the log for penalties.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::defect::Defect;
use crate::feed::Feed;
use crate::identifier::ResidentId;
use crate::plan::arrange::Unit;
use crate::random::small;
use crate::record::{Body, Cell, Record};
use crate::sheet::seeds::Seeded;
use crate::sheet::{Sheet, months_after};

/// Where a version stands among the versions of its key.
pub type Order = (i64, i64);
/// Below every order: a version that has none.
pub const NO_ORDER: Order = (i64::MIN, i64::MIN);
/// Above every order: a version that claims to come from the future.
pub const FUTURE_ORDER: Order = (i64::MAX, i64::MAX);

/// One delivery of one record.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    pub record: &'a Record,
    pub index: u32,
    pub unit: &'a Unit,
    pub row: u32,
    pub order: Order,
}

/// All deliveries of the city in order of arrival.
pub fn deliveries<'a>(records: &'a [Record], units: &'a [Unit]) -> Vec<Delivery<'a>> {
    let mut all = Vec::with_capacity(records.len());
    for unit in units {
        for (row, index) in unit.rows.iter().enumerate() {
            let Some(record) = records.get(*index as usize) else {
                continue;
            };
            let row = small(row);
            all.push(Delivery {
                record,
                index: *index,
                unit,
                row,
                order: order_of(record, unit, row),
            });
        }
    }
    all
}

fn order_of(record: &Record, unit: &Unit, row: u32) -> Order {
    if let Some(sheet) = record.sheet() {
        return order_of_sheet(record, sheet);
    }
    match record.defect {
        Some(Defect::MissingOrder | Defect::MissingOrderHeader | Defect::RemovalWithoutOrder) => {
            return NO_ORDER;
        }
        Some(Defect::FutureOrder) => return FUTURE_ORDER,
        _ => {}
    }
    match record.feed() {
        Feed::Death | Feed::Register => (record.sequence as i64, 0),
        Feed::Penalty => (unit.offset, i64::from(row)),
        _ => (record.time_ms, record.sequence as i64),
    }
}

fn order_of_sheet(record: &Record, sheet: &Sheet) -> Order {
    let seeded = sheet.seeded.filter(|_| !record.operation.is_removal());
    if seeded.is_some_and(Seeded::lacks_order) {
        return NO_ORDER;
    }
    if seeded.is_some_and(|seeded| seeded.comes_from_the_future(record.feed())) {
        return FUTURE_ORDER;
    }
    let sequence = record.sequence as i64;
    match (sheet.snapshot, record.feed()) {
        (Some(snapshot), _) => (snapshot.number as i64, i64::from(snapshot.marker.is_some())),
        (_, Feed::Hmt | Feed::HousingFund | Feed::Enrol | Feed::RealEstate) => {
            (record.time_ms, sequence)
        }
        _ => (sequence, 0),
    }
}

/// Below which snapshot and which months of a feed nothing lives.
pub struct Floors {
    /// The greatest snapshot that was closed.
    pub snapshot: Option<i64>,
    /// Feed to the least month that is kept.
    months: BTreeMap<Feed, u32>,
    /// Key to the greatest snapshot that names it, by a row of any outcome.
    pub named: BTreeMap<VersionKey, i64>,
}

/// Months that feeds of readings and statements keep.
const MONTHS_KEPT: i64 = 13;

impl Floors {
    /// What the feeds as a whole say.
    pub fn of(deliveries: &[Delivery<'_>]) -> Self {
        let mut floors = Self {
            snapshot: None,
            months: BTreeMap::new(),
            named: BTreeMap::new(),
        };
        for delivery in deliveries {
            floors.note(delivery);
        }
        floors
    }

    fn note(&mut self, delivery: &Delivery<'_>) {
        let record = delivery.record;
        let Some(sheet) = record.sheet() else { return };
        if let Some(snapshot) = sheet.snapshot {
            let number = snapshot.number as i64;
            match snapshot.marker {
                Some(marker) if marker.refused.is_none() => {
                    self.snapshot = self.snapshot.max(Some(number));
                }
                Some(_) => {}
                None if delivery.order == NO_ORDER => {}
                None => {
                    let Some(key) = record.key() else { return };
                    let named = self.named.entry((record.feed(), key)).or_insert(number);
                    *named = number.max(*named);
                }
            }
        }
        let counts = record.outcome().counts() && !record.operation.is_removal();
        if let Some(period) = sheet.statement.period().filter(|_| counts) {
            let floor = months_after(period, -MONTHS_KEPT);
            let kept = self.months.entry(record.feed()).or_insert(floor);
            *kept = floor.max(*kept);
        }
    }

    /// Whether a version lives by what its feed says as a whole.
    fn stands(&self, version: &Delivery<'_>, key: &VersionKey) -> bool {
        let Some(sheet) = version.record.sheet() else {
            return true;
        };
        let named = self.named.get(key).copied();
        let by_snapshot = sheet.snapshot.is_none() || named >= self.snapshot;
        let least = self.months.get(&version.record.feed()).copied();
        by_snapshot && sheet.statement.period() >= least
    }
}

/// The key of a version within all feeds.
pub type VersionKey = (Feed, Vec<String>);

/// What counts of one record key.
pub struct Live<'a> {
    pub record: &'a Record,
    /// The folded cells of a patch feed.
    pub account: Option<AccountCells>,
}

/// The cells of a medical insurance account after all its patches.
#[derive(Default)]
pub struct AccountCells {
    pub id: Option<ResidentId>,
    pub birth: Option<Date>,
    pub status: Option<&'static str>,
    pub since: Option<Date>,
    pub paid_through: Option<u32>,
}

/// The live statement of every record key that has one, in key order.
pub fn live<'a>(deliveries: &[Delivery<'a>]) -> Vec<Live<'a>> {
    let mut versions: BTreeMap<VersionKey, Vec<Delivery<'a>>> = BTreeMap::new();
    let floors = Floors::of(deliveries);
    for delivery in deliveries
        .iter()
        .filter(|delivery| delivery.record.outcome().counts())
    {
        if let Some(key) = delivery.record.key() {
            versions
                .entry((delivery.record.feed(), key))
                .or_default()
                .push(*delivery);
        }
    }
    versions.retain(|key, versions| versions.iter().any(|version| floors.stands(version, key)));
    versions.into_values().filter_map(settle).collect()
}

fn settle(mut versions: Vec<Delivery<'_>>) -> Option<Live<'_>> {
    versions.sort_by_key(|version| version.order);
    let last = versions.last()?.record;
    if last.feed() != Feed::Medins {
        return (!last.operation.is_removal()).then_some(Live {
            record: last,
            account: None,
        });
    }
    let begin = versions
        .iter()
        .rposition(|version| version.record.operation.is_removal())
        .map_or(0, |at| at + 1);
    let patches = versions.get(begin..).unwrap_or_default();
    let last = patches.last()?.record;
    let mut account = AccountCells::default();
    for patch in patches {
        apply(&mut account, patch.record);
    }
    Some(Live {
        record: last,
        account: Some(account),
    })
}

fn apply(account: &mut AccountCells, record: &Record) {
    let Body::Medins(patch) = &record.body else {
        return;
    };
    // A value that cannot be used is silence in a patch.
    let usable = |field: &str| !loses(record, field);
    account.id = patch.id.filter(|_| usable("certno")).or(account.id);
    account.birth = patch.birth.filter(|_| usable("brdy")).or(account.birth);
    set(&mut account.status, patch.status, usable("psn_insu_stas"));
    set(&mut account.since, patch.since, usable("begndate"));
    set(
        &mut account.paid_through,
        patch.paid_through,
        usable("clct_ym"),
    );
}

fn set<T>(slot: &mut Option<T>, cell: Cell<T>, usable: bool) {
    match cell {
        Cell::Value(value) if usable => *slot = Some(value),
        Cell::Null => *slot = None,
        Cell::Value(_) | Cell::Absent => {}
    }
}

/// Whether the record's defect leaves the field without a value.
pub fn loses(record: &Record, field: &str) -> bool {
    record
        .effect()
        .is_some_and(|effect| effect.loses_value && effect.field == field)
}
