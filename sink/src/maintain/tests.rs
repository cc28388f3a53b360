use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use bytes::Bytes;
use futures::TryStreamExt;
use proptest::prelude::*;
use tempfile::tempdir;
use yidang_schemas::fault::FaultKind;

use crate::log::entry_path;
use crate::proof::{
    Keyed, NOON, appended_spec, batch, by, content, key_of, keyed_spec, lake, settings,
};
use crate::{
    Change, Kind, Lake, LakeSettings, LiveBatch, Maintenance, Merge, MergeOutcome, Table,
    TableSpec, Upkeep,
};

const HOUR_MS: i64 = 3_600_000;

fn done(outcome: MergeOutcome) -> Merge {
    match outcome {
        MergeOutcome::Done(merge) => *merge,
        MergeOutcome::NotNow => panic!("not now"),
    }
}

impl Keyed {
    async fn merge_all_due(&mut self) -> u64 {
        let mut bytes = 0;
        while let Some(plan) = self.table.plan_merge(&self.by()) {
            let merge = done(self.table.merge(plan).await.unwrap());
            bytes += merge.data_bytes;
            self.follow(&merge);
        }
        bytes
    }
}

/// A small generator, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(below)).unwrap()
    }
}

#[tokio::test]
async fn eight_files_of_a_tier_become_one_sorted_file_and_every_place_is_known() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    for round in 0..8 {
        keyed
            .upsert_range(700 - round * 100, 150, i64::from(round))
            .await;
    }
    assert!(keyed.table.files().count() >= 8);
    let plan = keyed.table.plan_merge(&keyed.by()).unwrap();
    let merge = done(keyed.table.merge(plan).await.unwrap());
    keyed.follow(&merge);
    assert_eq!(keyed.table.files().count(), 1);
    keyed.check().await;
    let file = keyed.table.files().next().unwrap();
    assert_eq!((file.epochs, file.deleted.len()), (Some((1, 8)), 0));
    let ids: Vec<String> = keyed.places.keys().cloned().collect();
    let rows: Vec<u32> = keyed.places.values().map(|(_, row)| *row).collect();
    assert!(ids.is_sorted() && rows.is_sorted());
    keyed.upsert_range(0, 10, 77).await;
    keyed.check().await;
}

#[tokio::test]
async fn rows_that_die_while_a_merge_is_prepared_stay_dead() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    for round in 0..8 {
        keyed.upsert_range(round * 100, 100, 1).await;
    }
    let prepared = keyed
        .table
        .plan_merge(&keyed.by())
        .unwrap()
        .prepare()
        .await
        .unwrap();
    // One file loses some rows, one loses all of them, meanwhile.
    keyed.upsert_range(50, 20, 2).await;
    keyed.upsert_range(300, 100, 3).await;
    let merge = done(keyed.table.finish_merge(prepared).await.unwrap());
    keyed.follow(&merge);
    assert!(merge.vector_bytes > 0);
    keyed.check().await;
    keyed.reopen().await;
    keyed.check().await;
}

#[tokio::test]
async fn a_file_with_many_deleted_rows_is_purged() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    keyed.upsert_range(0, 10_000, 1).await;
    keyed.upsert_range(0, 3_000, 2).await;
    assert!(keyed.table.plan_merge(&keyed.by()).is_none());
    keyed.upsert_range(0, 3_001, 3).await;
    keyed.upsert_range(3_001, 1, 3).await;
    let before = keyed.table.snapshot_summary();
    assert_eq!(before.deleted_rows, 3_002);
    keyed.merge_all_due().await;
    assert_eq!(keyed.table.snapshot_summary().deleted_rows, 0);
    keyed.check().await;
    keyed.upsert_range(0, 1, 4).await;
    let plan = keyed.table.plan_purge(&keyed.by()).unwrap();
    let merge = done(keyed.table.merge(plan).await.unwrap());
    keyed.follow(&merge);
    assert!(keyed.table.plan_purge(&keyed.by()).is_none());
    keyed.check().await;
}

/// Law 5: merging is amortised. Bytes of all data files by bytes of the epochs' own, over 500 epochs.
#[tokio::test]
async fn five_hundred_epochs_write_at_most_six_times_their_own_bytes() {
    for keys in [3_000, 100_000] {
        let folder = tempdir().unwrap();
        let lake = lake(&folder);
        let mut keyed = Keyed::create(&lake, "person").await;
        let (mut dice, mut own, mut merged) = (Dice(7), 0, 0);
        for epoch in 0..500_i64 {
            let upserts = (0..60).map(|_| (key_of(dice.roll(keys)), epoch)).collect();
            own += keyed.commit(&upserts, &[]).await.data_bytes;
            merged += keyed.merge_all_due().await;
            if let Some(plan) = keyed.table.plan_checkpoint(NOON) {
                let made = plan.run().await.unwrap();
                keyed.table.note_checkpoint(&made);
            }
        }
        keyed.check().await;
        keyed.reopen().await;
        keyed.check().await;
        let counted = lake.counters().of(Kind::Data).bytes_written;
        let vectors = lake.counters().of(Kind::Vector).bytes_written;
        assert_eq!(counted, own + merged);
        println!(
            "keys {keys}: own {own}, merged {merged}, vectors {vectors}, {:?}",
            keyed.table.snapshot_summary()
        );
        assert!(counted <= 6 * own, "{counted} of {own}");
        assert!(keyed.table.snapshot_summary().files < 40);
    }
}

#[tokio::test]
async fn sixty_four_small_files_of_an_appended_table_become_one_in_order() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut table = Table::create(&lake, &appended_spec("finding"), NOON)
        .await
        .unwrap();
    for epoch in 1..=64 {
        let rows = [
            (key_of(1000 - epoch), i64::from(epoch)),
            (key_of(2000 - epoch), i64::from(epoch)),
        ];
        let change = Change::new(1, i64::from(epoch), NOON).with_batch(batch(&rows));
        assert!(table.plan_merge(&by(1, i64::from(epoch), NOON)).is_none());
        table.commit(change).await.unwrap();
    }
    let plan = table.plan_merge(&by(1, 64, NOON)).unwrap();
    let merge = done(table.merge(plan).await.unwrap());
    assert_eq!(
        (merge.removed.len(), merge.moves.len(), table.epoch()),
        (64, 128, 64)
    );
    let found: Vec<_> = table
        .live_rows(Some(&["value"]), None)
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let values: Vec<i64> = found
        .iter()
        .flat_map(|live| {
            live.batch
                .column(0)
                .as_primitive::<Int64Type>()
                .values()
                .to_vec()
        })
        .collect();
    assert!(values.is_sorted() && values.len() == 128);
}

fn state_spec() -> TableSpec {
    let fields = vec![
        Field::new("feed", DataType::Utf8, false),
        Field::new("key", DataType::Utf8, false),
        Field::new("epoch", DataType::Int64, false),
    ];
    let key = vec!["feed".to_owned(), "key".to_owned()];
    TableSpec {
        upkeep: Upkeep::Latest {
            key,
            epoch: "epoch".to_owned(),
        },
        ..TableSpec::new("state", Arc::new(Schema::new(fields)))
    }
}

fn state_batch(rows: &[(String, i64)]) -> RecordBatch {
    let feeds = StringArray::from_iter_values(rows.iter().map(|_| "civil"));
    let keys = StringArray::from_iter_values(rows.iter().map(|(key, _)| key));
    let epochs = Int64Array::from_iter_values(rows.iter().map(|(_, epoch)| *epoch));
    RecordBatch::try_new(
        state_spec().schema,
        vec![Arc::new(feeds), Arc::new(keys), Arc::new(epochs)],
    )
    .unwrap()
}

#[tokio::test]
async fn merging_a_state_keeps_the_row_of_greatest_epoch_of_each_key() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut table = Table::create(&lake, &state_spec(), NOON).await.unwrap();
    let (mut dice, mut model, mut own) = (Dice(3), BTreeMap::new(), 0);
    for epoch in 1..=200_i64 {
        let keys: std::collections::BTreeSet<u32> = (0..40).map(|_| dice.roll(500)).collect();
        let rows: Vec<(String, i64)> = keys.into_iter().map(|key| (key_of(key), epoch)).collect();
        model.extend(rows.iter().cloned());
        own += table
            .commit(Change::new(1, epoch, NOON).with_batch(state_batch(&rows)))
            .await
            .unwrap()
            .data_bytes;
        while let Some(plan) = table.plan_merge(&by(1, epoch, NOON)) {
            done(table.merge(plan).await.unwrap());
        }
    }
    let mut latest: BTreeMap<String, i64> = BTreeMap::new();
    for live in table
        .live_rows(None, None)
        .unwrap()
        .try_collect::<Vec<_>>()
        .await
        .unwrap()
    {
        let keys = live.batch.column(1).as_string::<i32>();
        let epochs = live.batch.column(2).as_primitive::<Int64Type>();
        for row in 0..keys.len() {
            let kept = latest.entry(keys.value(row).to_owned()).or_default();
            *kept = (*kept).max(epochs.value(row));
        }
    }
    assert_eq!(latest, model);
    assert!(
        table.snapshot_summary().rows < 3 * 500,
        "{:?}",
        table.snapshot_summary()
    );
    assert!(lake.counters().of(Kind::Data).bytes_written <= 6 * own);
}

/// Law 12: neither the files that are read nor the one that is written are ever whole in memory.
#[tokio::test]
async fn a_large_state_is_merged_a_row_group_and_a_part_at_a_time() {
    let folder = tempdir().unwrap();
    let settings = LakeSettings {
        part_bytes: 20_000,
        ..settings()
    };
    let lake = Lake::open(folder.path().to_str().unwrap(), settings).unwrap();
    let mut table = Table::create(&lake, &state_spec(), NOON).await.unwrap();
    let mut model = BTreeMap::new();
    for epoch in 1..=8_u32 {
        // The first file has two row groups, the others one.
        let (from, count) = (epoch * 20_000, if epoch == 1 { 140_000 } else { 33_000 });
        let rows = (from..from + count).map(|key| (key_of(key), i64::from(epoch)));
        let rows: Vec<(String, i64)> = rows.collect();
        let change = Change::new(1, epoch.into(), NOON).with_batch(state_batch(&rows));
        table.commit(change).await.unwrap();
        model.extend(rows);
    }
    let before = lake.counters().of(Kind::Data);
    let plan = table.plan_merge(&by(1, 8, NOON)).unwrap();
    let merge = done(table.merge(plan).await.unwrap());
    let after = lake.counters().of(Kind::Data);
    assert_eq!(
        after.gets - before.gets,
        8 + 9,
        "each footer and each row group once"
    );
    assert_eq!(after.bytes_written - before.bytes_written, merge.data_bytes);
    let parts = merge.data_bytes.div_ceil(20_000);
    assert_eq!(after.puts - before.puts, parts);
    assert!(parts > 10, "{parts}");
    assert_eq!(merge.moves.len(), model.len());
    let table = Table::open(&lake, &state_spec()).await.unwrap().unwrap();
    let read = table.live_rows(None, None).unwrap();
    let mut found = BTreeMap::new();
    for live in read.try_collect::<Vec<_>>().await.unwrap() {
        let keys = live.batch.column(1).as_string::<i32>();
        let epochs = live.batch.column(2).as_primitive::<Int64Type>();
        for (key, epoch) in keys.iter().flatten().zip(epochs.values()) {
            assert_eq!(found.insert(key.to_owned(), *epoch), None, "{key}");
        }
    }
    assert!(found == model, "a row is missing or old");
}

#[tokio::test]
async fn a_store_that_ends_within_a_file_is_out_of_reach_and_the_file_not_corrupt() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 10, 1).await;
    let file = keyed.table.files().next().unwrap().clone();
    let path = format!("person/{}", file.path);
    let columns = ["id".to_owned()];
    let input = crate::read::input::fetch_by_group(&lake, &path, file.size_bytes, &columns)
        .await
        .unwrap();
    lake.delete(&path).await.unwrap();
    let read = move || {
        let read = input.reader(&columns, 8192).unwrap().next().unwrap();
        (read.is_err(), input.take_fault().map(|fault| fault.kind))
    };
    let read = tokio::task::spawn_blocking(read).await.unwrap();
    assert_eq!(read, (true, Some(FaultKind::Unavailable)));
}

#[tokio::test]
async fn a_keep_filter_drops_rows_that_are_dead_by_predicate() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut table = Table::create(&lake, &state_spec(), NOON).await.unwrap();
    for epoch in 1..=8 {
        let rows = [
            (key_of(1), epoch),
            (key_of(100 + u32::try_from(epoch).unwrap()), epoch),
        ];
        table
            .commit(Change::new(1, epoch, NOON).with_batch(state_batch(&rows)))
            .await
            .unwrap();
    }
    let plan = table
        .plan_merge(&by(1, 8, NOON))
        .unwrap()
        .with_keep(Arc::new(|batch: &RecordBatch| {
            let epochs = batch
                .column_by_name("epoch")
                .unwrap()
                .as_primitive::<Int64Type>();
            BooleanArray::from_iter(epochs.iter().map(|epoch| Some(epoch > Some(6))))
        }));
    let merge = done(table.merge(plan).await.unwrap());
    // Of epochs 7 and 8: two keys of their own, and the shared one once.
    assert_eq!(merge.moves.len(), 3);
    assert_eq!(table.snapshot_summary().rows, 3);
}

#[tokio::test]
async fn landing_is_merged_by_closed_hours_and_spares_epochs_above_the_state() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let upkeep = Upkeep::Hourly {
        sort_by: vec!["value".to_owned()],
    };
    let spec = TableSpec {
        partition_by: Some("day".to_owned()),
        upkeep,
        stats_columns: Vec::new(),
        ..appended_spec("landing")
    };
    let mut table = Table::create(&lake, &spec, NOON).await.unwrap();
    for epoch in 1..=12_i64 {
        let at_ms = NOON + (epoch - 1) * HOUR_MS / 4;
        let mut change = Change::new(1, epoch, at_ms).with_batch(batch(&[
            (key_of(1), epoch * 10 + 1),
            (key_of(2), epoch * 10),
        ]));
        change.partition = Some("2026-11-24".to_owned());
        table.commit(change).await.unwrap();
    }
    // Epochs 1-4 lie in hour 0, 5-8 in hour 1, 9-12 in hour 2.
    let early = Maintenance {
        term: 1,
        epoch: 12,
        state_epoch: 6,
        now_ms: NOON + 5 * HOUR_MS / 2,
    };
    let merge = done(
        table
            .merge(table.plan_merge(&early).unwrap())
            .await
            .unwrap(),
    );
    let file = table.file(merge.file.unwrap()).unwrap();
    assert_eq!(file.epochs, Some((1, 4)));
    assert!(file.path.starts_with("day=2026-11-24/"));
    assert!(
        table.plan_merge(&early).is_none(),
        "epoch 7 is not in the state yet"
    );
    let late = Maintenance {
        state_epoch: 12,
        ..early
    };
    done(table.merge(table.plan_merge(&late).unwrap()).await.unwrap());
    assert!(
        table.plan_merge(&late).is_none(),
        "the hour of epoch 9 is not over yet"
    );
    let live: Vec<_> = table
        .live_rows(Some(&["value", "day"]), Some(&[merge.file.unwrap()]))
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        live[0]
            .batch
            .column(0)
            .as_primitive::<Int64Type>()
            .values()
            .to_vec(),
        [10, 11, 20, 21, 30, 31, 40, 41]
    );
    assert_eq!(live[0].batch.column(1).null_count(), 0);
}

#[tokio::test]
async fn a_table_reopens_from_its_checkpoint_after_the_log_was_cleaned() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    for round in 0..30 {
        keyed.upsert_range(round * 7, 20, i64::from(round)).await;
    }
    assert!(keyed.table.plan_checkpoint(NOON).is_none());
    // Far in the future every entry before the checkpoint is old enough to go.
    let far = 4_102_444_800_000;
    let made = keyed.table.checkpoint_now(far).run().await.unwrap();
    keyed.table.note_checkpoint(&made);
    assert_eq!((made.version, made.cleaned), (30, 30));
    assert_eq!(keyed.table.snapshot_summary().log_entries, 0);
    assert_eq!(lake.counters().of(Kind::Checkpoint).puts, 1);
    keyed.upsert_range(3, 40, 99).await;
    let (epoch, term) = (keyed.table.epoch(), keyed.table.term());
    keyed.reopen().await;
    assert_eq!((keyed.table.epoch(), keyed.table.term()), (epoch, term));
    keyed.check().await;
    keyed.upsert_range(3, 40, 100).await;
    keyed.check().await;
}

/// Files that no log names: of somebody else, of an epoch that runs, of a newer term, and one that may go.
async fn strew(lake: &Lake) {
    lake.put(
        "person/part-00000-foreign.parquet",
        Bytes::from_static(b"x"),
    )
    .await
    .unwrap();
    lake.put(
        "person/1-900-0000abcd.parquet",
        Bytes::from_static(b"running"),
    )
    .await
    .unwrap();
    lake.put(
        "person/2-1-0000abcd.parquet",
        Bytes::from_static(b"newer term"),
    )
    .await
    .unwrap();
    lake.put("person/1-2-0000abcd.parquet", Bytes::from_static(b"orphan"))
        .await
        .unwrap();
}

#[expect(
    clippy::too_many_lines,
    reason = "one story from writing to a second vacuum"
)]
#[tokio::test]
async fn a_vacuum_removes_what_nobody_needs_and_nothing_else() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    for round in 0..8 {
        keyed.upsert_range(0, 100 + round, i64::from(round)).await;
        keyed
            .upsert_range(1000 + round * 100, 150, i64::from(round))
            .await;
    }
    keyed.merge_all_due().await;
    keyed.upsert_range(1000, 10, 50).await;
    strew(&lake).await;
    let young = keyed
        .table
        .plan_vacuum(&keyed.by(), None)
        .await
        .unwrap()
        .run()
        .await
        .unwrap();
    assert_eq!(young.deleted, Vec::<String>::new());
    let old = Maintenance {
        now_ms: 4_102_444_800_000,
        ..keyed.by()
    };
    let vacuumed = keyed
        .table
        .plan_vacuum(&old, None)
        .await
        .unwrap()
        .run()
        .await
        .unwrap();
    keyed.table.note_vacuum(&vacuumed);
    assert!(
        vacuumed
            .deleted
            .iter()
            .any(|path| path.starts_with("deletion_vector_"))
    );
    assert!(
        vacuumed
            .deleted
            .contains(&"1-2-0000abcd.parquet".to_owned())
    );
    let left: Vec<String> = lake
        .list("person")
        .await
        .unwrap()
        .into_iter()
        .map(|found| found.path)
        .collect();
    for kept in [
        "part-00000-foreign.parquet",
        "1-900-0000abcd.parquet",
        "2-1-0000abcd.parquet",
    ] {
        assert!(left.contains(&format!("person/{kept}")), "{left:?}");
    }
    let vectors = left
        .iter()
        .filter(|path| path.contains("deletion_vector_"))
        .count();
    assert!(vectors >= 1);
    keyed.check().await;
    keyed.reopen().await;
    keyed.check().await;
    let again = keyed
        .table
        .plan_vacuum(&old, None)
        .await
        .unwrap()
        .run()
        .await
        .unwrap();
    assert_eq!(again.deleted, Vec::<String>::new());
}

/// A worker stopped before its merge put on a quiet table; a take-over and a vacuum; then it goes on.
#[tokio::test]
async fn a_merge_of_an_overtaken_worker_is_fenced_and_the_table_reads() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut old = Keyed::create(&lake, "person").await;
    for round in 0..8 {
        old.upsert_range(round * 100, 100, i64::from(round)).await;
    }
    let prepared = old
        .table
        .plan_merge(&old.by())
        .unwrap()
        .prepare()
        .await
        .unwrap();
    let mut new = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    new.claim(2, NOON).await.unwrap();
    let far = by(2, 8, 4_102_444_800_000);
    let vacuumed = new
        .plan_vacuum(&far, None)
        .await
        .unwrap()
        .run()
        .await
        .unwrap();
    assert!(
        vacuumed
            .deleted
            .iter()
            .any(|path| path.ends_with("-1-8.parquet")),
        "the prepared file is an orphan"
    );
    let fault = old.table.finish_merge(prepared).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(old.table.plan_vacuum(&old.by(), None).await.is_err());
    assert_eq!(content(&new).await, old.model);
}

/// What a standby meets that was stopped for long: of the vectors that it never read only the last ones are left.
#[tokio::test]
async fn a_table_that_is_far_behind_reads_no_vector_that_was_replaced() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 100, 1).await;
    let mut standby = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    for round in 0..3 {
        keyed.upsert_range(10 * round, 5, 2).await;
    }
    let far = Maintenance {
        now_ms: 4_102_444_800_000,
        ..keyed.by()
    };
    let plan = keyed.table.plan_vacuum(&far, None).await.unwrap();
    let vacuumed = plan.run().await.unwrap();
    assert_eq!(vacuumed.deleted.len(), 2, "{vacuumed:?}");
    let before = lake.counters().of(Kind::Vector).gets;
    assert_eq!(standby.catch_up().await.unwrap().len(), 3);
    assert_eq!(lake.counters().of(Kind::Vector).gets, before + 1);
    assert_eq!(content(&standby).await, keyed.model);
    standby.claim(2, NOON).await.unwrap();
}

/// What OPTIMIZE of another engine does to one file: the same rows under a foreign name.
async fn optimize_one(lake: &Lake, table: &Table, place: usize) {
    let old = table.files().nth(place).unwrap().clone();
    let rows: Vec<LiveBatch> = table
        .live_rows(None, Some(&[old.id]))
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let file = crate::encode(table.spec(), &rows[0].batch).unwrap();
    let name = format!("part-{place:05}-c000.snappy.parquet");
    let full = format!("{}/{name}", table.name());
    lake.put(&full, file.bytes.clone()).await.unwrap();
    let remove = serde_json::json!({"remove": {"path": old.path, "deletionTimestamp": NOON, "dataChange": false,
        "deletionVector": old.vector}});
    let add = serde_json::json!({"add": {"path": name, "partitionValues": {}, "size": file.bytes.len(),
        "modificationTime": NOON, "dataChange": false, "stats": file.stats}});
    let entry = entry_path(table.name(), table.version() + 1);
    lake.put(&entry, Bytes::from(format!("{remove}\n{add}")))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_row_that_a_foreign_rewrite_moved_under_a_merge_is_not_doubled() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    for round in 0..8 {
        keyed.upsert_range(round * 10, 10, 1).await;
    }
    let plan = keyed.table.plan_merge(&keyed.by()).unwrap();
    let prepared = plan.prepare().await.unwrap();
    optimize_one(&lake, &keyed.table, 0).await;
    // Rows that replace nothing pass the foreign entry by, and so does the merge of the files that are left.
    keyed.upsert_range(100, 1, 2).await;
    let merge = done(keyed.table.finish_merge(prepared).await.unwrap());
    assert_eq!(merge.removed.len(), 7);
    keyed.follow(&merge);
    let row = BTreeMap::from([(key_of(3), 3)]);
    let fault = keyed.try_commit(&row, &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.doing.contains("reload"), "{}", fault.doing);
    keyed.reopen().await;
    keyed.commit(&row, &[]).await;
    keyed.check().await;
}

/// An entry of somebody else on an append-only table.
async fn write_around(lake: &Lake, table: &Table, name: &str, data_change: bool) {
    let rows: Vec<LiveBatch> = table
        .live_rows(None, None)
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let old: Vec<_> = table.files().filter(|file| !file.is_foreign).collect();
    let fresh = batch(&[(key_of(99), 99)]);
    let merged =
        arrow::compute::concat_batches(&table.spec().schema, rows.iter().map(|live| &live.batch));
    let rows = if data_change { fresh } else { merged.unwrap() };
    let file = crate::encode(table.spec(), &rows).unwrap();
    lake.put(&format!("finding/{name}"), file.bytes.clone())
        .await
        .unwrap();
    let mut lines = vec![
        serde_json::json!({"add": {"path": name, "partitionValues": {}, "size": file.bytes.len(),
        "modificationTime": NOON, "dataChange": data_change, "stats": file.stats}}),
    ];
    if !data_change {
        lines.extend(old.iter().map(|file| {
            serde_json::json!({"remove": {"path": file.path, "deletionTimestamp": NOON, "dataChange": false}})
        }));
    }
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let entry = entry_path("finding", table.version() + 1);
    lake.put(&entry, Bytes::from(lines.join("\n")))
        .await
        .unwrap();
}

#[tokio::test]
async fn rows_of_others_stay_theirs_and_rewritten_rows_stay_ours_over_a_checkpoint_and_a_restart() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let spec = appended_spec("finding");
    let mut table = Table::create(&lake, &spec, NOON).await.unwrap();
    let put = |epoch: i64| {
        let rows = [(key_of(u32::try_from(epoch).unwrap()), epoch)];
        Change::new(1, epoch, NOON).with_batch(batch(&rows))
    };
    for epoch in 1..=3 {
        table.commit(put(epoch)).await.unwrap();
    }
    write_around(&lake, &table, "part-optimized.parquet", false).await;
    table.catch_up().await.unwrap();
    write_around(&lake, &table, "part-appended.parquet", true).await;
    table.commit(put(4)).await.unwrap();
    let told = |version, kind| crate::ForeignEntry { version, kind };
    assert_eq!(
        table.drain_foreign(),
        [told(4, "rewrite"), told(5, "append")]
    );
    assert_eq!(table.drain_foreign(), []);
    let expected: BTreeMap<String, i64> = (1..=4).map(|key| (key_of(key), key.into())).collect();
    assert_eq!(content(&table).await, expected);
    let made = table.checkpoint_now(4_102_444_800_000).run().await.unwrap();
    assert_eq!((made.version, made.cleaned), (6, 6));
    let mut table = Table::open(&lake, &spec).await.unwrap().unwrap();
    assert_eq!(content(&table).await, expected);
    assert_eq!(table.snapshot_summary().files, 3);
    table.commit(put(5)).await.unwrap();
    // Rows of ours and of others in one file cannot be told apart any more.
    let old = table.files().find(|file| file.is_foreign).unwrap();
    let line = serde_json::json!({"remove": {"path": old.path, "deletionTimestamp": NOON, "dataChange": false}});
    lake.put(&entry_path("finding", 8), Bytes::from(line.to_string()))
        .await
        .unwrap();
    let fault = table.catch_up().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Corrupt);
    assert!(
        fault.doing.contains("entry 8") && fault.doing.contains("yidang rebuild finding"),
        "{}",
        fault.doing
    );
}

#[derive(Debug, Clone)]
enum Step {
    Commit {
        upserts: Vec<(u8, i64)>,
        deletes: Vec<u8>,
    },
    Merge,
    MergeAround(Vec<(u8, i64)>),
    Checkpoint,
    Vacuum,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let upserts = || prop::collection::vec((0..90_u8, 0..1000_i64), 0..30);
    let commit = (upserts(), prop::collection::vec(0..90_u8, 0..10));
    prop_oneof![
        12 => commit.prop_map(|(upserts, deletes)| Step::Commit { upserts, deletes }),
        3 => Just(Step::Merge),
        3 => upserts().prop_map(Step::MergeAround),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Vacuum),
        1 => Just(Step::Reopen),
    ]
}

fn upserts_of(rows: Vec<(u8, i64)>) -> BTreeMap<String, i64> {
    rows.into_iter()
        .map(|(key, value)| (key_of(key.into()), value))
        .collect()
}

async fn run(keyed: &mut Keyed, step: Step) {
    match step {
        Step::Commit { upserts, deletes } => {
            let deletes: Vec<String> = deletes.into_iter().map(|key| key_of(key.into())).collect();
            keyed.commit(&upserts_of(upserts), &deletes).await;
        }
        Step::Merge => {
            keyed.merge_all_due().await;
        }
        Step::MergeAround(rows) => {
            if let Some(plan) = keyed
                .table
                .plan_merge(&keyed.by())
                .or_else(|| keyed.table.plan_purge(&keyed.by()))
            {
                let prepared = plan.prepare().await.unwrap();
                keyed.commit(&upserts_of(rows), &[]).await;
                if let MergeOutcome::Done(merge) = keyed.table.finish_merge(prepared).await.unwrap()
                {
                    keyed.follow(&merge);
                }
            }
        }
        Step::Checkpoint => {
            let made = keyed
                .table
                .checkpoint_now(4_102_444_800_000)
                .run()
                .await
                .unwrap();
            keyed.table.note_checkpoint(&made);
        }
        Step::Vacuum => {
            let old = Maintenance {
                now_ms: 4_102_444_800_000,
                ..keyed.by()
            };
            let vacuumed = keyed
                .table
                .plan_vacuum(&old, None)
                .await
                .unwrap()
                .run()
                .await
                .unwrap();
            keyed.table.note_vacuum(&vacuumed);
        }
        Step::Reopen => keyed.reopen().await,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn commits_and_upkeep_in_any_order_leave_the_table_equal_to_its_model(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempdir().unwrap();
            let mut keyed = Keyed::create(&lake(&folder), "person").await;
            for step in steps {
                run(&mut keyed, step).await;
            }
            keyed.check().await;
            keyed.reopen().await;
            keyed.check().await;
        });
    }
}

/// Writes a lake for other readers: `KEEP_LAKE=<folder> cargo test … -- --ignored`.
#[tokio::test]
#[ignore = "writes where it is told to, for readers of other engines"]
async fn a_lake_for_other_readers() {
    let folder = std::env::var("KEEP_LAKE").unwrap();
    let lake = Lake::open(&folder, settings()).unwrap();
    lake.probe().await.unwrap();
    let mut keyed = Keyed::create(&lake, "person").await;
    let mut dice = Dice(11);
    for epoch in 0..150_i64 {
        let upserts = (0..400)
            .map(|_| (key_of(dice.roll(200_000)), epoch))
            .collect();
        let deletes: Vec<String> = (0..20).map(|_| key_of(dice.roll(200_000))).collect();
        keyed.commit(&upserts, &deletes).await;
        if epoch == 0 {
            keyed.upsert_range(0, 200_000, -1).await;
        }
        keyed.merge_all_due().await;
        if let Some(plan) = keyed.table.plan_checkpoint(NOON) {
            let made = plan.run().await.unwrap();
            keyed.table.note_checkpoint(&made);
        }
    }
    keyed.check().await;
    let sum: i64 = keyed.model.values().sum();
    println!(
        "rows {} sum {sum} {:?}",
        keyed.model.len(),
        keyed.table.snapshot_summary()
    );
}
