//! Copy-on-write: a file that loses rows is copied without them, for tables whose readers know no deletion vectors.
//!
//! What it costs follows the files that are touched, which is why whoever owns such a table collects changes for a
//! while. Leaves alone: how rows are read, ordered and encoded, which is that of a merge of one file.

use std::sync::Arc;

use arrow::array::RecordBatch;
use yidang_schemas::fault::Fault;

use super::commit::{Buried, Dead, Marks};
use crate::maintain::{Maintenance, Merge, MergePlan};
use crate::read::Source;
use crate::state::{FileId, TableFile, TableState};

/// A copy that was put and is not part of the table yet.
pub(super) struct Copied {
    from: FileId,
    path: String,
    pub bytes: u64,
    moves: Vec<(FileId, u32)>,
    keys: Vec<RecordBatch>,
}

impl Copied {
    /// What happened, once the entry at this version stands.
    pub(super) fn into_merge(self, version: i64, state: &TableState) -> Merge {
        Merge {
            version,
            file: state.file_at(&self.path).map(|file| file.id),
            removed: vec![self.from],
            moves: self.moves,
            keys: self.keys,
            data_bytes: self.bytes,
            vector_bytes: 0,
        }
    }
}

/// Copies every touched file without its dead rows, one after the other, so that one at a time is in memory; a file
/// without live rows just leaves.
pub(super) async fn copy(source: &Source, dead: Vec<Dead>, marks: Marks) -> Result<Buried, Fault> {
    let mut buried = Buried::default();
    for dead in dead {
        let vector = dead.file.vector.clone();
        buried.touched.push((dead.file.path.clone(), vector));
        let remove = dead.remove(&source.spec, marks.data_change, marks.at_ms);
        buried.actions.push(remove.into());
        if dead.is_all() {
            continue;
        }
        let from = dead.file.id;
        let by = Maintenance {
            term: marks.term,
            epoch: marks.epoch,
            state_epoch: marks.epoch,
            now_ms: marks.at_ms,
        };
        let plan = MergePlan::of(source.clone(), vec![without(dead)], by);
        let prepared = plan.prepare().await?;
        let Some(mut landed) = prepared.landed else {
            continue;
        };
        landed.add.data_change = marks.data_change;
        buried.copies.push(Copied {
            from,
            path: landed.path,
            bytes: landed.bytes,
            moves: prepared.moves,
            keys: prepared.keys,
        });
        buried.actions.push(landed.add.into());
    }
    Ok(buried)
}

/// The file as if its dead rows were marked already: reading it leaves them out.
fn without(dead: Dead) -> TableFile {
    TableFile {
        deleted: Arc::new(dead.rows),
        ..dead.file
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tempfile::{TempDir, tempdir};

    use crate::log::entry_path;
    use crate::maintain::MergeOutcome;
    use crate::proof::{Keyed, key_of, keyed_spec, lake};
    use crate::spec::Deletion;
    use crate::table::Table;

    async fn copied(folder: &TempDir) -> Keyed {
        Keyed::create_by(&lake(folder), "person", Deletion::Copies).await
    }

    #[tokio::test]
    async fn rows_end_without_a_vector_and_only_in_the_files_that_are_touched() {
        let folder = tempdir().unwrap();
        let mut keyed = copied(&folder).await;
        keyed.upsert_range(0, 1_000, 1).await;
        keyed.upsert_range(1_000, 1_000, 1).await;
        let untouched = keyed.table.files().next().unwrap().path.clone();
        let committed = keyed.upsert_range(1_500, 10, 2).await;
        assert_eq!(committed.vector_bytes, 0);
        assert_eq!(committed.copies.len(), 1);
        assert_eq!(committed.copies[0].moves.len(), 990);
        keyed.check().await;
        let files: Vec<_> = keyed.table.files().collect();
        assert_eq!(files.len(), 3);
        assert!(files.iter().any(|file| file.path == untouched));
        assert!(files.iter().all(|file| file.vector.is_none()));
        keyed.upsert_range(0, 1_000, 3).await;
        assert!(
            keyed.table.files().all(|file| file.path != untouched),
            "a file without live rows just leaves"
        );
        keyed.reopen().await;
        keyed.check().await;
        let protocol = keyed.table.state.protocol.clone().unwrap();
        assert_eq!(
            (protocol.min_reader_version, protocol.min_writer_version),
            (1, 2)
        );
    }

    #[tokio::test]
    async fn a_reader_that_follows_changes_sees_them() {
        let folder = tempdir().unwrap();
        let mut keyed = copied(&folder).await;
        keyed.upsert_range(0, 10, 1).await;
        keyed.upsert_range(5, 1, 2).await;
        let path = entry_path("person", keyed.table.version());
        let entry = lake(&folder).get(&path).await.unwrap().unwrap();
        let entry = String::from_utf8(entry.to_vec()).unwrap();
        assert_eq!(entry.matches("\"dataChange\":true").count(), 3, "{entry}");
        assert!(!entry.contains("\"dataChange\":false"), "{entry}");
    }

    #[tokio::test]
    async fn a_table_keeps_its_own_way_whatever_the_spec_wishes() {
        let folder = tempdir().unwrap();
        let mut keyed = copied(&folder).await;
        keyed.upsert_range(0, 10, 1).await;
        let spec = keyed_spec("person");
        assert_eq!(spec.deletion, Deletion::Vectors);
        keyed.table = Table::open(&lake(&folder), &spec).await.unwrap().unwrap();
        assert_eq!(keyed.table.spec().deletion, Deletion::Copies);
        keyed.table.widen(&spec, keyed.term, 0).await.unwrap();
        keyed.upsert_range(0, 5, 2).await;
        assert!(keyed.table.files().all(|file| file.vector.is_none()));
        keyed.check().await;
    }

    #[tokio::test]
    async fn a_merge_whose_file_was_copied_meanwhile_is_planned_again() {
        let folder = tempdir().unwrap();
        let mut keyed = copied(&folder).await;
        for round in 0..8 {
            keyed.upsert_range(round * 100, 100, 1).await;
        }
        let plan = keyed.table.plan_merge(&keyed.by()).unwrap();
        let prepared = plan.prepare().await.unwrap();
        keyed.upsert_range(50, 20, 2).await;
        let outcome = keyed.table.finish_merge(prepared).await.unwrap();
        assert!(matches!(outcome, MergeOutcome::NotNow));
        keyed.check().await;
    }

    fn step() -> impl Strategy<Value = (Vec<(u32, i64)>, Vec<u32>, u8)> {
        let upserts = proptest::collection::vec((0..40_u32, 0..1_000_i64), 0..12);
        (upserts, proptest::collection::vec(0..40_u32, 0..4), 0..6_u8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_changes_merges_and_starts_equal_the_model(steps in proptest::collection::vec(step(), 1..24)) {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let folder = tempdir().unwrap();
                let mut keyed = copied(&folder).await;
                for (upserts, deletes, what) in steps {
                    let upserts: BTreeMap<String, i64> =
                        upserts.into_iter().map(|(key, value)| (key_of(key), value)).collect();
                    let deletes: Vec<String> = deletes.into_iter().map(key_of).collect();
                    keyed.commit(&upserts, &deletes).await;
                    match what {
                        0 => keyed.reopen().await,
                        1..=3 => {
                            if let Some(plan) = keyed.table.plan_merge(&keyed.by())
                                && let MergeOutcome::Done(merge) = keyed.table.merge(plan).await.unwrap()
                            {
                                keyed.follow(&merge);
                            }
                        }
                        _ => {}
                    }
                    keyed.check().await;
                }
            });
        }
    }
}
