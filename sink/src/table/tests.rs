use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use proptest::prelude::*;
use tempfile::tempdir;
use url::Url;
use yidang_schemas::fault::FaultKind;

use crate::log::entry_path;
use crate::proof::faulty::{Faulty, Trouble};
use crate::proof::{
    Keyed, NOON, appended_spec, batch, content, key_of, keyed_spec, lake, settings,
};
use crate::{Change, Foreign, Kind, Lake, Seen, Table};

fn rows(from: u32, count: u32, value: i64) -> BTreeMap<String, i64> {
    (from..from + count)
        .map(|key| (key_of(key), value))
        .collect()
}

fn faulty(folder: &tempfile::TempDir) -> (Arc<Faulty>, Lake) {
    let store = Faulty::new(Arc::new(LocalFileSystem::new()));
    let url = Url::from_directory_path(folder.path()).unwrap();
    let lake = Lake::with_store(Arc::clone(&store) as _, url, settings()).unwrap();
    (store, lake)
}

#[tokio::test]
async fn a_table_that_was_made_opens_with_its_protocol_and_properties() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    assert!(
        Table::open(&lake, &keyed_spec("person"))
            .await
            .unwrap()
            .is_none()
    );
    let table = Table::create(&lake, &keyed_spec("person"), NOON)
        .await
        .unwrap();
    let again = Table::create(&lake, &keyed_spec("person"), NOON + 1)
        .await
        .unwrap();
    assert_eq!(table.state.meta_data, again.state.meta_data);
    assert_eq!(
        table.property("delta.dataSkippingStatsColumns"),
        Some("day")
    );
    let protocol = table.state.protocol.clone().unwrap();
    assert_eq!(
        (protocol.min_reader_version, protocol.min_writer_version),
        (3, 7)
    );
    let plain = crate::TableSpec {
        stats_columns: Vec::new(),
        ..appended_spec("landing")
    };
    let table = Table::create(&lake, &plain, NOON).await.unwrap();
    assert_eq!(
        table.property("delta.dataSkippingNumIndexedCols"),
        Some("0")
    );
    let protocol = table.state.protocol.clone().unwrap();
    assert_eq!(
        (protocol.min_reader_version, protocol.reader_features),
        (1, None)
    );
}

#[tokio::test]
async fn upserts_and_deletes_show_the_last_value_once() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    keyed.upsert_range(0, 1000, 1).await;
    keyed.upsert_range(500, 1000, 2).await;
    keyed
        .commit(&rows(10, 5, 3), &[key_of(0), key_of(1400)])
        .await;
    keyed.check().await;
    let log = lake(&folder)
        .get(&entry_path("person", 2))
        .await
        .unwrap()
        .unwrap();
    let log = String::from_utf8(log.to_vec()).unwrap();
    assert!(log.contains("\\\"tightBounds\\\":false"), "{log}");
    assert!(!log.contains(&key_of(500)), "no key may stand in the log");
    keyed.reopen().await;
    keyed.check().await;
}

#[tokio::test]
async fn a_file_without_live_rows_leaves_by_a_plain_remove() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    keyed.upsert_range(0, 100, 1).await;
    let committed = keyed.upsert_range(0, 100, 2).await;
    assert_eq!(committed.vector_bytes, 0);
    assert_eq!(keyed.table.files().count(), 1);
    let ids: Vec<String> = (0..100).map(key_of).collect();
    let committed = keyed.commit(&BTreeMap::new(), &ids).await;
    assert_eq!(committed.file, None);
    assert_eq!(keyed.table.files().count(), 0);
    keyed.reopen().await;
    keyed.check().await;
}

#[tokio::test]
async fn a_vector_beyond_one_container_reads_back() {
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    keyed.upsert_range(0, 150_000, 1).await;
    let dead: Vec<String> = (0..150_000)
        .filter(|key| key % 2 == 0)
        .map(key_of)
        .collect();
    keyed.commit(&BTreeMap::new(), &dead).await;
    keyed.reopen().await;
    keyed.check().await;
    assert_eq!(keyed.table.snapshot_summary().deleted_rows, 75_000);
}

#[tokio::test]
async fn a_put_with_an_ambiguous_answer_lands_once() {
    let all = [
        Trouble::Before,
        Trouble::After,
        Trouble::AfterAsExists,
        Trouble::BeforeAndBlind(2),
        Trouble::AfterAndBlind(2),
    ];
    for trouble in all {
        let folder = tempdir().unwrap();
        let (store, lake) = faulty(&folder);
        let mut keyed = Keyed::create(&lake, "person").await;
        keyed.upsert_range(0, 10, 1).await;
        store.next([trouble]);
        keyed.upsert_range(5, 10, 2).await;
        keyed.upsert_range(8, 10, 3).await;
        keyed.check().await;
        assert_eq!(keyed.table.version(), 3, "{trouble:?}");
        keyed.reopen().await;
        keyed.check().await;
    }
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_found_out_before_the_next_put() {
    let folder = tempdir().unwrap();
    let (store, lake) = faulty(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 10, 1).await;
    store.next([Trouble::AfterAndBlind(5)]);
    let error = keyed.try_commit(&rows(5, 10, 2), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Unavailable);
    // The same epoch again: the entry is there, so it is refused instead of being doubled.
    let error = keyed.try_commit(&rows(5, 10, 2), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Conflict);
    assert_eq!(content(&keyed.table).await.len(), 15);
    // Where it was not written, the same epoch goes through.
    let (epoch, error) = (keyed.table.epoch(), {
        keyed.epoch = keyed.table.epoch();
        keyed.reopen().await;
        store.next([Trouble::BeforeAndBlind(5)]);
        keyed.try_commit(&rows(0, 3, 9), &[]).await.unwrap_err()
    });
    assert_eq!(error.kind, FaultKind::Unavailable);
    keyed.try_commit(&rows(0, 3, 9), &[]).await.unwrap();
    assert_eq!(keyed.table.epoch(), epoch + 1);
}

#[tokio::test]
async fn whoever_reads_a_greater_term_stops_being_a_writer() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut old = Keyed::create(&lake, "person").await;
    old.upsert_range(0, 10, 1).await;
    let mut new = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    new.claim(2, NOON).await.unwrap();
    let error = old.try_commit(&rows(0, 10, 2), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Conflict);
    assert!(error.doing.contains("fenced by term 2"), "{}", error.doing);
    assert_eq!(content(&new).await, old.model);
    assert!(new.claim(2, NOON).await.is_err());
    let mut standby = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    let change = Change::new(2, 2, NOON).with_batch(batch(&[(key_of(77), 1)]));
    new.commit(change).await.unwrap();
    let seen = standby.catch_up().await.unwrap();
    assert!(
        matches!(seen.as_slice(), [Seen::Ours { term: 2, epoch: Some(2), added, .. }] if added.len() == 1)
    );
    assert_eq!(standby.catch_up().await.unwrap(), []);
}

#[tokio::test]
async fn only_statistics_columns_have_bounds_in_the_footer() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let file = crate::encode(&keyed_spec("person"), &batch(&[(key_of(1), 1)])).unwrap();
    let reader = SerializedFileReader::new(file.bytes).unwrap();
    let columns = reader.metadata().row_group(0).columns();
    let bounded = columns
        .iter()
        .filter(|column| column.statistics().is_some());
    assert_eq!(
        bounded
            .map(|column| column.column_path().string())
            .collect::<Vec<_>>(),
        ["day"]
    );
    assert!(
        columns
            .iter()
            .all(|column| column.column_path().string() == "day"
                || column.column_index_offset().is_none())
    );
}

#[tokio::test]
async fn a_property_that_lets_positions_expire_is_refused() {
    let folder = tempdir().unwrap();
    let mut spec = keyed_spec("person");
    spec.properties.insert(
        "delta.setTransactionRetentionDuration".to_owned(),
        "interval 1 days".to_owned(),
    );
    let error = Table::create(&lake(&folder), &spec, NOON)
        .await
        .unwrap_err();
    assert_eq!(error.kind, FaultKind::Invalid);
}

/// The engine runs these beside one another on any thread.
#[tokio::test]
async fn commits_and_upkeep_may_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let folder = tempdir().unwrap();
    let mut keyed = Keyed::create(&lake(&folder), "person").await;
    keyed.upsert_range(0, 10, 1).await;
    keyed.upsert_range(0, 1, 2).await;
    let by = crate::Maintenance {
        term: 1,
        epoch: 2,
        state_epoch: 2,
        now_ms: NOON,
    };
    is_send(&keyed.table.commit(Change::new(1, 9, NOON)));
    is_send(&keyed.table.catch_up());
    is_send(&keyed.table.plan_purge(&by).unwrap().prepare());
    is_send(&keyed.table.checkpoint_now(NOON).run());
}

#[tokio::test]
async fn of_two_that_draw_the_same_term_one_wins() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut left = Table::create(&lake, &keyed_spec("person"), NOON)
        .await
        .unwrap();
    let mut right = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    left.claim(1, NOON).await.unwrap();
    let error = right.claim(1, NOON).await.unwrap_err();
    assert_eq!((error.kind, right.term()), (FaultKind::Conflict, 1));
    right.claim(2, NOON).await.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one batch with every nested shape")]
fn nested_rows() -> arrow::array::RecordBatch {
    use arrow::array::*;
    use arrow::datatypes::{Fields, TimeUnit};
    let source = Fields::from(vec![
        Field::new("agency", DataType::Utf8, false),
        Field::new(
            "at",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            true,
        ),
    ]);
    let item = Arc::new(Field::new(
        "element",
        DataType::Struct(source.clone()),
        true,
    ));
    let entry = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Int32, true),
    ]);
    let entries = Arc::new(Field::new(
        "key_value",
        DataType::Struct(entry.clone()),
        false,
    ));
    let nested = Fields::from(vec![
        Field::new("sources", DataType::List(Arc::clone(&item)), true),
        Field::new("cells", DataType::Map(Arc::clone(&entries), false), true),
    ]);
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("provenance", DataType::Struct(nested.clone()), false),
        Field::new("digest", DataType::FixedSizeBinary(4), false),
        Field::new(
            "seen_at",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            false,
        ),
        Field::new(
            "code",
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            true,
        ),
    ]));
    let instants =
        TimestampMicrosecondArray::from(vec![Some(1), None, Some(3)]).with_timezone("UTC");
    let sources = StructArray::new(
        source,
        vec![
            Arc::new(StringArray::from(vec!["a", "b", "c"])),
            Arc::new(instants),
        ],
        None,
    );
    let lists = ListArray::new(
        item,
        arrow::buffer::OffsetBuffer::from_lengths([2, 1]),
        Arc::new(sources),
        None,
    );
    let pairs = StructArray::new(
        entry,
        vec![
            Arc::new(StringArray::from(vec!["name"])),
            Arc::new(Int32Array::from(vec![7])),
        ],
        None,
    );
    let maps = MapArray::new(
        entries,
        arrow::buffer::OffsetBuffer::from_lengths([1, 0]),
        pairs,
        None,
        false,
    );
    let provenance = StructArray::new(nested, vec![Arc::new(lists), Arc::new(maps)], None);
    let digests =
        FixedSizeBinaryArray::try_from_iter([[1_u8, 2, 3, 4], [5, 6, 7, 8]].into_iter()).unwrap();
    let codes: DictionaryArray<arrow::datatypes::Int32Type> =
        [Some("x"), None].into_iter().collect();
    RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(StringArray::from(vec!["one", "two"])),
            Arc::new(provenance),
            Arc::new(digests),
            Arc::new(TimestampMicrosecondArray::from(vec![
                1_795_478_400_000_001,
                5,
            ])),
            Arc::new(codes),
        ],
    )
    .unwrap()
}

/// Sources with instants, a map, raw bytes: the shapes that the file tables have.
#[tokio::test]
async fn nested_columns_and_instants_read_as_they_were_written() {
    let rows = nested_rows();
    let schema = rows.schema();
    let folder = tempdir().unwrap();
    let lake = std::env::var("KEEP_LAKE").map_or_else(
        |_| lake(&folder),
        |kept| Lake::open(&kept, settings()).unwrap(),
    );
    let spec = crate::TableSpec {
        stats_columns: vec!["seen_at".to_owned(), "code".to_owned()],
        ..crate::TableSpec::new("nested", schema)
    };
    let mut table = Table::create(&lake, &spec, NOON).await.unwrap();
    table
        .commit(Change::new(1, 1, NOON).with_batch(rows.clone()))
        .await
        .unwrap();
    let read: Vec<_> = table.read(None, None).unwrap().try_collect().await.unwrap();
    assert_eq!(read[0].batch, rows);
    let stats = table.files().next().unwrap().stats.clone().unwrap();
    assert!(
        stats.contains(r#""maxValues":{"code":"x","seen_at":"2026-11-24T00:00:00.000001Z"}"#),
        "{stats}"
    );
    assert!(
        stats.contains(r#""nullCount":{"code":1,"seen_at":0}"#),
        "{stats}"
    );
}

/// Puts a table out of the way, as a rebuild does, and makes it anew.
async fn made_anew(lake: &Lake) -> Table {
    for found in lake.list("person").await.unwrap() {
        lake.delete(&found.path).await.unwrap();
    }
    Table::create(lake, &keyed_spec("person"), NOON)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_table_that_was_made_anew_is_noticed_before_anything_is_put() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    for round in 0..5 {
        keyed.upsert_range(round, 10, 1).await;
    }
    let mut standby = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    let mut fresh = made_anew(&lake).await;
    fresh.claim(2, NOON).await.unwrap();
    let error = standby.claim(3, NOON).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Conflict);
    assert!(error.doing.contains("reload"), "{}", error.doing);
    let error = keyed.try_commit(&rows(0, 3, 2), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Conflict);
    for epoch in 1..=8 {
        let change = Change::new(2, epoch, NOON).with_batch(batch(&[(key_of(1), epoch)]));
        fresh.commit(change).await.unwrap();
    }
    // The new log is longer by now: what follows in it follows another entry than the one that was read.
    let error = standby.catch_up().await.unwrap_err();
    assert_eq!((error.kind, standby.version()), (FaultKind::Conflict, 5));
    let entries = lake.list("person/_delta_log").await.unwrap();
    assert_eq!(entries.len(), 10, "{entries:?}");
    let mut reloaded = Table::open(&lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    reloaded.claim(3, NOON).await.unwrap();
}

#[tokio::test]
async fn a_table_names_the_id_key_of_its_tokens() {
    let folder = tempdir().unwrap();
    let old = lake(&folder);
    let plain = Table::create(&old, &appended_spec("finding"), NOON)
        .await
        .unwrap();
    assert_eq!(plain.property("yidang.idKeyFingerprint"), None);
    let one = lake(&folder);
    one.identity("key-one", "", || "0123456789AB".to_owned())
        .await
        .unwrap();
    let made = Table::create(&one, &keyed_spec("person"), NOON)
        .await
        .unwrap();
    assert_eq!(made.property("yidang.idKeyFingerprint"), Some("key-one"));
    // Made before tables had the property.
    assert!(
        Table::open(&one, &appended_spec("finding"))
            .await
            .unwrap()
            .is_some()
    );
    one.delete("_yidang/lake.json").await.unwrap();
    let two = lake(&folder);
    two.identity("key-two", "", || "0123456789AB".to_owned())
        .await
        .unwrap();
    let error = Table::open(&two, &keyed_spec("person")).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Invalid);
    assert!(
        error.doing.ends_with("person: lake of another id key"),
        "{}",
        error.doing
    );
    // Who reads no token has no key.
    assert!(
        Table::open(&lake(&folder), &keyed_spec("person"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn an_entry_that_a_power_loss_emptied_is_no_entry_of_somebody_else() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 10, 1).await;
    lake.put(&entry_path("person", 2), Bytes::new())
        .await
        .unwrap();
    let followed = keyed.table.catch_up().await.unwrap_err();
    let opened = Table::open(&lake, &keyed_spec("person")).await.unwrap_err();
    let put = keyed.try_commit(&rows(0, 3, 2), &[]).await.unwrap_err();
    for error in [followed, opened, put] {
        assert_eq!(error.kind, FaultKind::Corrupt);
        assert!(
            error
                .doing
                .contains("entry 2 of table person: it is empty, as after a power loss"),
            "{}",
            error.doing
        );
        assert!(
            error.doing.contains("yidang rebuild person --lake"),
            "{}",
            error.doing
        );
    }
}

#[tokio::test]
async fn a_hint_that_names_no_checkpoint_is_passed_over() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 10, 1).await;
    for version in [1, 99] {
        let hint = format!(r#"{{"version":{version},"size":1}}"#);
        lake.put("person/_delta_log/_last_checkpoint", Bytes::from(hint))
            .await
            .unwrap();
        keyed.reopen().await;
        keyed.check().await;
    }
}

/// What OPTIMIZE of another engine writes: the same rows in one file of a foreign name.
async fn optimize_around(lake: &Lake, data_change: bool, keep: Option<&[u8]>) {
    let table = Table::open(lake, &keyed_spec("person"))
        .await
        .unwrap()
        .unwrap();
    let rows: Vec<(String, i64)> = content(&table).await.into_iter().rev().collect();
    let file = crate::encode(table.spec(), &batch(&rows)).unwrap();
    let name = "part-00000-0f0e0d0c-0000-4000-8000-000000000000-c000.snappy.parquet";
    let bytes = keep.map_or(file.bytes.clone(), Bytes::copy_from_slice);
    lake.put(&format!("person/{name}"), bytes).await.unwrap();
    let mut lines = Vec::new();
    for old in table.files() {
        lines.push(serde_json::json!({"remove": {"path": old.path, "deletionTimestamp": NOON, "dataChange": data_change,
            "deletionVector": old.vector}}).to_string());
    }
    lines.push(
        serde_json::json!({"add": {"path": name, "partitionValues": {}, "size": file.bytes.len(),
        "modificationTime": NOON, "dataChange": data_change, "stats": file.stats}})
        .to_string(),
    );
    lake.put(
        &entry_path("person", table.version() + 1),
        Bytes::from(lines.join("\n")),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_foreign_rewrite_of_the_same_rows_is_followed() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 100, 1).await;
    keyed.upsert_range(50, 100, 2).await;
    optimize_around(&lake, false, None).await;
    // The plan of this commit is void: its rows lie elsewhere now.
    let error = keyed.try_commit(&rows(0, 10, 3), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Conflict);
    assert!(error.doing.contains("reload"), "{}", error.doing);
    keyed.places = crate::proof::places(&keyed.table).await;
    keyed.upsert_range(0, 10, 3).await;
    keyed.check().await;
}

#[tokio::test]
async fn a_foreign_rewrite_is_reported_with_the_files_to_read_again() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 100, 1).await;
    optimize_around(&lake, false, None).await;
    let seen = keyed.table.catch_up().await.unwrap();
    let [
        Seen::Foreign {
            version: 2,
            what: Foreign::Remap { added, removed },
        },
    ] = seen.as_slice()
    else {
        panic!("{seen:?}");
    };
    assert_eq!((added.len(), removed.len()), (1, 1));
    assert_eq!(content(&keyed.table).await, keyed.model);
}

#[tokio::test]
async fn a_foreign_delete_stops_with_the_way_out() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 100, 1).await;
    optimize_around(&lake, true, None).await;
    let error = keyed.try_commit(&rows(0, 10, 3), &[]).await.unwrap_err();
    assert_eq!(error.kind, FaultKind::Corrupt);
    let text = format!(
        "entry 2 was written by somebody else and removes rows; after a look at it run `yidang rebuild person --lake {}`",
        lake.uri()
    );
    assert!(error.doing.contains(&text), "{}", error.doing);
}

#[tokio::test]
async fn a_foreign_append_to_an_append_only_table_is_skipped_and_reported() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut table = Table::create(&lake, &appended_spec("landing"), NOON)
        .await
        .unwrap();
    table
        .commit(Change::new(1, 1, NOON).with_batch(batch(&[(key_of(1), 1)])))
        .await
        .unwrap();
    let file = crate::encode(table.spec(), &batch(&[(key_of(2), 2)])).unwrap();
    lake.put("landing/foreign.parquet", file.bytes.clone())
        .await
        .unwrap();
    let line = serde_json::json!({"add": {"path": "foreign.parquet", "partitionValues": {}, "size": file.bytes.len(),
        "modificationTime": NOON, "dataChange": true, "stats": file.stats}});
    lake.put(&entry_path("landing", 2), Bytes::from(line.to_string()))
        .await
        .unwrap();
    let change = Change::new(1, 2, NOON).with_batch(batch(&[(key_of(3), 3)]));
    assert_eq!(table.commit(change).await.unwrap().version, 3);
    assert_eq!(content(&table).await.len(), 2);
    let mut other = Table::create(&lake, &appended_spec("landing"), NOON)
        .await
        .unwrap();
    assert_eq!(content(&other).await.len(), 2);
    assert_eq!(other.catch_up().await.unwrap(), []);
}

#[tokio::test]
async fn a_newer_spec_widens_the_table_and_old_rows_read_as_null() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let mut keyed = Keyed::create(&lake, "person").await;
    keyed.upsert_range(0, 10, 1).await;
    let mut wide = keyed_spec("person");
    let mut fields: Vec<Field> = wide
        .schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone())
        .collect();
    fields.push(Field::new("name", DataType::Utf8, true));
    wide.schema = Arc::new(Schema::new(fields));
    let mut table = Table::open(&lake, &wide).await.unwrap().unwrap();
    assert!(table.is_narrow().unwrap());
    table.widen(&wide, 1, NOON).await.unwrap();
    assert!(!table.is_narrow().unwrap());
    let batches: Vec<_> = table
        .live_rows(None, None)
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        batches[0]
            .batch
            .column_by_name("name")
            .unwrap()
            .null_count(),
        10
    );
    let narrow = Table::open(&lake, &keyed_spec("person")).await.unwrap_err();
    assert_eq!(narrow.kind, FaultKind::Invalid);
}

#[tokio::test]
async fn a_partition_column_is_read_from_the_log() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let spec = crate::TableSpec {
        partition_by: Some("day".to_owned()),
        stats_columns: Vec::new(),
        durable: true,
        ..appended_spec("landing")
    };
    let mut table = Table::create(&lake, &spec, NOON).await.unwrap();
    let mut change = Change::new(1, 1, NOON).with_batch(batch(&[(key_of(1), 1)]));
    assert_eq!(
        table.commit(change.clone()).await.unwrap_err().kind,
        FaultKind::Invalid
    );
    change.partition = Some("2026-11-24".to_owned());
    table.commit(change).await.unwrap();
    assert!(
        table
            .files()
            .all(|file| file.path.starts_with("day=2026-11-24/1-1-"))
    );
    let batches: Vec<_> = table
        .read(Some(&["day"]), None)
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let text = arrow::util::display::array_value_to_string(batches[0].batch.column(0), 0).unwrap();
    assert_eq!(text, "2026-11-24");
}

/// Law 5: what a commit costs does not follow the size of the table.
#[tokio::test]
async fn a_commit_reads_no_data_and_writes_the_same_whatever_the_table_holds() {
    let mut written = Vec::new();
    for size in [1_000, 100_000] {
        let folder = tempdir().unwrap();
        let lake = lake(&folder);
        let mut keyed = Keyed::create(&lake, "person").await;
        keyed.upsert_range(0, size, 1).await;
        let before = lake.counters().of(Kind::Data);
        let upserts = (0..100)
            .map(|key| (key_of(key * (size / 100)), 2))
            .collect();
        let committed = keyed.commit(&upserts, &[]).await;
        let after = lake.counters().of(Kind::Data);
        assert_eq!(
            (after.gets, after.bytes_read),
            (before.gets, before.bytes_read)
        );
        assert_eq!(after.puts, before.puts + 1);
        written.push(committed.data_bytes + committed.log_bytes);
        keyed.check().await;
    }
    assert!(written[1] * 10 <= written[0] * 13, "{written:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Commit {
        upserts: BTreeMap<u8, i64>,
        deletes: Vec<u8>,
    },
    Reopen,
    Trouble(Trouble),
}

fn step() -> impl Strategy<Value = Step> {
    let commit = (
        prop::collection::btree_map(0..60_u8, 0..1000_i64, 0..25),
        prop::collection::vec(0..60_u8, 0..10),
    )
        .prop_map(|(upserts, deletes)| Step::Commit { upserts, deletes });
    let trouble = prop_oneof![
        Just(Trouble::Before),
        Just(Trouble::After),
        Just(Trouble::AfterAsExists)
    ];
    prop_oneof![8 => commit, 1 => Just(Step::Reopen), 1 => trouble.prop_map(Step::Trouble)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn random_upserts_deletes_and_troubles_leave_the_table_equal_to_its_model(steps in prop::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempdir().unwrap();
            let (store, lake) = faulty(&folder);
            let mut keyed = Keyed::create(&lake, "person").await;
            for step in steps {
                match step {
                    Step::Commit { upserts, deletes } => {
                        let upserts = upserts.into_iter().map(|(key, value)| (key_of(key.into()), value)).collect();
                        let deletes: Vec<String> = deletes.into_iter().map(|key| key_of(key.into())).collect();
                        keyed.commit(&upserts, &deletes).await;
                    }
                    Step::Reopen => keyed.reopen().await,
                    Step::Trouble(trouble) => store.next([trouble]),
                }
            }
            keyed.check().await;
            keyed.reopen().await;
            keyed.check().await;
        });
    }
}
