use std::sync::Arc;

use tempfile::TempDir;
use yidang_schemas::catalog::Catalog;
use yidang_sink::{Lake, LakeSettings, Table};

use super::{Tables, specs};
use crate::recover::{StateReader, follow};

const NOW: i64 = 1_795_478_400_000;

fn lake(folder: &TempDir) -> Lake {
    Lake::open(folder.path().to_str().unwrap(), LakeSettings::default()).unwrap()
}

async fn opened(folder: &TempDir, catalog: &Catalog) -> Tables {
    Tables::open(&lake(folder), catalog, NOW).await.unwrap()
}

fn versions(tables: &Tables) -> Vec<i64> {
    tables.all().map(Table::version).collect()
}

#[tokio::test]
async fn a_standby_follows_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Arc::new(Catalog::embedded().unwrap());
    let mut leader = opened(&folder, &catalog).await;
    leader.take_lead(&catalog, NOW).await.unwrap();
    let mut standby = opened(&folder, &catalog).await;
    let mut reader = StateReader::new(Arc::clone(&catalog));
    reader.read_all(&standby).await.unwrap();
    leader.take_lead(&catalog, NOW).await.unwrap();
    assert_ne!(versions(&standby), versions(&leader));
    for _ in 1..leader.all().count() {
        follow(&mut standby, &mut reader).await.unwrap();
    }
    assert_eq!(versions(&standby), versions(&leader));
}

#[tokio::test]
async fn a_table_that_was_made_anew_beside_a_standby_is_led_from_its_new_log() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::embedded().unwrap();
    let mut leader = opened(&folder, &catalog).await;
    for _ in 0..5 {
        leader.take_lead(&catalog, NOW).await.unwrap();
    }
    let mut standby = opened(&folder, &catalog).await;
    let lake = lake(&folder);
    for found in lake.list("finding").await.unwrap() {
        lake.delete(&found.path).await.unwrap();
    }
    let mut fresh = Table::create(&lake, &specs(&catalog).finding, NOW)
        .await
        .unwrap();
    fresh.claim(6, NOW).await.unwrap();
    assert_eq!(standby.take_lead(&catalog, NOW).await.unwrap(), 7);
    assert_eq!(
        (standby.finding.version(), standby.landing.version()),
        (2, 6)
    );
    let entries = lake.list("finding/_delta_log").await.unwrap();
    assert_eq!(entries.len(), 3, "{entries:?}");
}

#[tokio::test]
async fn what_others_wrote_is_told_by_table_once() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::embedded().unwrap();
    let mut tables = opened(&folder, &catalog).await;
    let entry = r#"{"commitInfo":{"operation":"SET TBLPROPERTIES"}}"#;
    let path = format!("finding/_delta_log/{:020}.json", 1);
    lake(&folder).put(&path, entry.into()).await.unwrap();
    tables.catch_up().await.unwrap();
    let told: Vec<_> = tables
        .drain_foreign()
        .into_iter()
        .map(|(table, entry)| (table, entry.version, entry.kind))
        .collect();
    assert_eq!(told, [("finding".to_owned(), 1, "other")]);
    assert!(tables.drain_foreign().is_empty());
}
