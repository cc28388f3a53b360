use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use tempfile::tempdir;
use url::Url;
use yidang_schemas::fault::FaultKind;

use crate::proof::faulty::{Faulty, Trouble};
use crate::proof::{NOON, keyed_spec, lake, settings};
use crate::{Kind, Lake};

#[tokio::test]
async fn objects_are_written_listed_and_counted_relative_to_the_lake() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    assert!(lake.is_local());
    assert!(
        lake.put_if_absent("_yidang/a", Bytes::from_static(b"one"))
            .await
            .unwrap()
    );
    assert!(
        !lake
            .put_if_absent("_yidang/a", Bytes::from_static(b"two"))
            .await
            .unwrap()
    );
    assert_eq!(
        lake.get("_yidang/a").await.unwrap(),
        Some(Bytes::from_static(b"one"))
    );
    assert_eq!(lake.get("_yidang/b").await.unwrap(), None);
    let listed = lake.list("_yidang").await.unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|found| found.path.as_str())
            .collect::<Vec<_>>(),
        ["_yidang/a"]
    );
    assert_eq!(lake.counters().of(Kind::Other).puts, 2);
    lake.delete("_yidang/a").await.unwrap();
    lake.delete("_yidang/a").await.unwrap();
}

#[tokio::test]
async fn a_store_with_conditional_creates_passes_the_probe() {
    let folder = tempdir().unwrap();
    let local = lake(&folder);
    local.probe().await.unwrap();
    assert!(local.list("_yidang/probe").await.unwrap().is_empty());
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let memory =
        Lake::with_store(store, Url::parse("memory:///lake").unwrap(), settings()).unwrap();
    memory.probe().await.unwrap();
}

#[tokio::test]
async fn a_store_that_ignores_the_condition_is_refused() {
    let store: Arc<dyn ObjectStore> =
        crate::proof::faulty::Careless::new(Arc::new(InMemory::new()));
    let lake = Lake::with_store(store, Url::parse("memory:///lake").unwrap(), settings()).unwrap();
    let fault = lake.probe().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(
        fault.doing.contains("ignores the condition"),
        "{}",
        fault.doing
    );
}

#[tokio::test]
async fn a_lake_keeps_the_identity_that_was_drawn_first() {
    let folder = tempdir().unwrap();
    let lake = lake(&folder);
    let drawn = lake
        .identity("key-one", "2026-11-24T00:00:00Z", || {
            "0123456789AB".to_owned()
        })
        .await
        .unwrap();
    let again = lake
        .identity("key-one", "2027-01-01T00:00:00Z", || {
            "ZZZZZZZZZZZZ".to_owned()
        })
        .await
        .unwrap();
    assert_eq!(drawn, again);
    let fault = lake.identity("key-two", "", String::new).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.doing.contains("lake of another id key"));
}

/// S3 answers 409 while another conditional create of the same key is under way, and that one may come to nothing.
#[tokio::test]
async fn an_object_that_cannot_be_found_is_created_whatever_the_store_said() {
    let folder = tempdir().unwrap();
    let store = Faulty::new(Arc::new(LocalFileSystem::new()));
    let url = Url::from_directory_path(folder.path()).unwrap();
    let lake = Lake::with_store(Arc::clone(&store) as _, url, settings()).unwrap();
    store.next_other([Trouble::BeforeAsExists, Trouble::BeforeAsExists]);
    let bytes = Bytes::from_static(b"one");
    assert!(
        lake.put_if_absent("_yidang/a", bytes.clone())
            .await
            .unwrap()
    );
    assert_eq!(lake.get("_yidang/a").await.unwrap(), Some(bytes));
    store.next_other([Trouble::BeforeAsExists]);
    let drawn = lake
        .identity("key-one", "", || "0123456789AB".to_owned())
        .await
        .unwrap();
    assert_eq!(drawn.lake_id, "0123456789AB");
    store.next([Trouble::BeforeAsExists]);
    let table = crate::Table::create(&lake, &keyed_spec("person"), NOON)
        .await
        .unwrap();
    assert_eq!(table.version(), 0);
    store.next_other([Trouble::BeforeAsExists; 5]);
    let fault = lake
        .put_if_absent("_yidang/b", Bytes::from_static(b"two"))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unavailable);
}
