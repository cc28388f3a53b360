//! What the tests of this crate share: a lake in a temporary folder, a keyed table beside a model, a store that lies.

pub mod faulty;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use futures::TryStreamExt;
use roaring::RoaringBitmap;
use tempfile::TempDir;
use yidang_schemas::fault::Fault;

use crate::{
    Change, Committed, Deletion, FileId, Lake, LakeSettings, Maintenance, Merge, Table, TableSpec,
    Upkeep,
};

/// 2026-11-24T00:00:00Z.
pub const NOON: i64 = 1_795_478_400_000;

pub fn settings() -> LakeSettings {
    LakeSettings {
        pause_ms: 1,
        ..LakeSettings::default()
    }
}

pub fn lake(folder: &TempDir) -> Lake {
    Lake::open(folder.path().to_str().unwrap(), settings()).unwrap()
}

/// `id` (key), `value`, `day` (statistics), with vectors.
pub fn keyed_spec(name: &str) -> TableSpec {
    let fields = vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("value", DataType::Int64, true),
        Field::new("day", DataType::Date32, true),
    ];
    TableSpec {
        deletion: Deletion::Vectors,
        stats_columns: vec!["day".to_owned()],
        upkeep: Upkeep::Tiered {
            sort_by: vec!["id".to_owned()],
        },
        ..TableSpec::new(name, Arc::new(Schema::new(fields)))
    }
}

pub fn appended_spec(name: &str) -> TableSpec {
    TableSpec {
        deletion: Deletion::Never,
        upkeep: Upkeep::Appended,
        ..keyed_spec(name)
    }
}

pub fn batch(rows: &[(String, i64)]) -> RecordBatch {
    let ids = StringArray::from_iter_values(rows.iter().map(|(id, _)| id));
    let values = Int64Array::from_iter_values(rows.iter().map(|(_, value)| *value));
    let days = Date32Array::from_iter_values(
        rows.iter()
            .map(|(_, value)| i32::try_from(*value % 20_000).unwrap()),
    );
    let spec = keyed_spec("any");
    RecordBatch::try_new(
        spec.schema,
        vec![Arc::new(ids), Arc::new(values), Arc::new(days)],
    )
    .unwrap()
}

/// A keyed table driven as the engine drives one: locations in memory, a model beside it.
pub struct Keyed {
    pub table: Table,
    pub places: BTreeMap<String, (FileId, u32)>,
    pub model: BTreeMap<String, i64>,
    pub epoch: i64,
    pub term: i64,
}

impl Keyed {
    pub async fn create(lake: &Lake, name: &str) -> Self {
        Self::create_by(lake, name, Deletion::Vectors).await
    }

    pub async fn create_by(lake: &Lake, name: &str, deletion: Deletion) -> Self {
        let spec = TableSpec {
            deletion,
            ..keyed_spec(name)
        };
        let table = Table::create(lake, &spec, NOON).await.unwrap();
        Self {
            table,
            places: BTreeMap::new(),
            model: BTreeMap::new(),
            epoch: 0,
            term: 1,
        }
    }

    /// The change that upserts some keys and deletes others.
    pub fn change(&self, upserts: &BTreeMap<String, i64>, deletes: &[String]) -> Change {
        let mut dead: BTreeMap<FileId, RoaringBitmap> = BTreeMap::new();
        for id in upserts.keys().chain(deletes) {
            if let Some((file, row)) = self.places.get(id) {
                dead.entry(*file).or_default().insert(*row);
            }
        }
        let rows: Vec<(String, i64)> = upserts
            .iter()
            .map(|(id, value)| (id.clone(), *value))
            .collect();
        Change::new(self.term, self.epoch + 1, NOON + self.epoch * 1000)
            .with_batch(batch(&rows))
            .with_deletes(dead.into_iter().collect())
    }

    pub async fn try_commit(
        &mut self,
        upserts: &BTreeMap<String, i64>,
        deletes: &[String],
    ) -> Result<Committed, Fault> {
        let committed = self.table.commit(self.change(upserts, deletes)).await?;
        self.epoch += 1;
        for copy in &committed.copies {
            self.follow(copy);
        }
        for id in deletes.iter().filter(|id| !upserts.contains_key(*id)) {
            self.places.remove(id);
            self.model.remove(id);
        }
        for (row, (id, value)) in upserts.iter().enumerate() {
            self.places.insert(
                id.clone(),
                (committed.file.unwrap(), u32::try_from(row).unwrap()),
            );
            self.model.insert(id.clone(), *value);
        }
        Ok(committed)
    }

    pub async fn commit(
        &mut self,
        upserts: &BTreeMap<String, i64>,
        deletes: &[String],
    ) -> Committed {
        self.try_commit(upserts, deletes).await.unwrap()
    }

    /// Upserts `count` keys from a number on, all with one value.
    pub async fn upsert_range(&mut self, from: u32, count: u32, value: i64) -> Committed {
        let rows = (from..from + count)
            .map(|key| (key_of(key), value))
            .collect();
        self.commit(&rows, &[]).await
    }

    pub fn by(&self) -> Maintenance {
        by(self.term, self.epoch, NOON + self.epoch * 1000)
    }

    /// As the engine does it: a place changes where memory still holds the old one.
    pub fn follow(&mut self, merge: &Merge) {
        let ids = merge
            .keys
            .iter()
            .flat_map(|keys| keys.column(0).as_string::<i32>().iter().flatten());
        for ((id, old), row) in ids.zip(&merge.moves).zip(0..) {
            if let Some(place) = self.places.get_mut(id).filter(|place| *place == old) {
                *place = (merge.file.unwrap(), row);
            }
        }
    }

    /// The table equals the model, and its rows lie where memory says.
    pub async fn check(&self) {
        assert_eq!(content(&self.table).await, self.model);
        assert_eq!(places(&self.table).await, self.places);
    }

    pub async fn reopen(&mut self) {
        let lake = self.table.lake().clone();
        let spec = Arc::clone(self.table.spec());
        self.table = Table::open(&lake, &spec).await.unwrap().unwrap();
        self.places = places(&self.table).await;
    }
}

pub fn by(term: i64, epoch: i64, now_ms: i64) -> Maintenance {
    Maintenance {
        term,
        epoch,
        state_epoch: epoch,
        now_ms,
    }
}

pub fn key_of(number: u32) -> String {
    format!("key-{number:07}")
}

/// Live rows by key; a key that stands twice fails the test.
pub async fn content(table: &Table) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    let mut stream = table.live_rows(Some(&["id", "value"]), None).unwrap();
    while let Some(found) = stream.try_next().await.unwrap() {
        let ids = found.batch.column(0).as_string::<i32>();
        let values = found.batch.column(1).as_primitive::<Int64Type>();
        for row in 0..ids.len() {
            let doubled = rows.insert(ids.value(row).to_owned(), values.value(row));
            assert!(doubled.is_none(), "{} stands twice", ids.value(row));
        }
    }
    rows
}

pub async fn places(table: &Table) -> BTreeMap<String, (FileId, u32)> {
    let mut found = BTreeMap::new();
    let mut stream = table.live_rows(Some(&["id"]), None).unwrap();
    while let Some(live) = stream.try_next().await.unwrap() {
        let ids = live.batch.column(0).as_string::<i32>();
        for (id, row) in ids.iter().flatten().zip(&live.rows) {
            found.insert(id.to_owned(), (live.file, *row));
        }
    }
    found
}
