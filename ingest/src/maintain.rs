//! When tables are kept small: one job at a time, prepared beside the epochs, put between two of them.
//!
//! What is done is the business of `sink::maintain`; here is only when, and telling the engine where rows moved.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use tokio::task::JoinHandle;
use yidang_feedback::identity::IssueId;
use yidang_schemas::fault::Fault;
use yidang_sink::maintain::{
    CheckpointPlan, Checkpointed, Maintenance, Merge, MergeOutcome, MergePlan, PreparedMerge,
    VacuumPlan, Vacuumed,
};
use yidang_sink::{Deletion, Table};
use yidang_transform::identity::Subject;
use yidang_transform::merge::Location;
use yidang_transform::token::Token;

use crate::engine::Engine;
use crate::forget;
use crate::lake::Tables;
use crate::report::Report;

/// Epochs between two vacuums of one table.
const VACUUM_EPOCHS: i64 = 500;

#[derive(Debug)]
enum Job {
    Merge(JoinHandle<Result<PreparedMerge, Fault>>),
    Checkpoint(JoinHandle<Result<Checkpointed, Fault>>),
    Vacuum(JoinHandle<Result<Vacuumed, Fault>>),
}

/// The one job that runs beside the epochs.
#[derive(Debug, Default)]
pub struct Maintainer {
    job: Option<(String, Job)>,
    /// Table that is looked at next.
    turn: usize,
    /// Epoch of the last vacuum, by table.
    vacuumed: BTreeMap<String, i64>,
}

impl Maintainer {
    /// Whether a job is under way: what a turn left alone has nothing to do.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Finishes a job that is ready, or starts the next one. Called between two epochs.
    pub async fn turn(
        &mut self,
        tables: &mut Tables,
        engine: &mut Engine,
        report: &Report,
        now_ms: i64,
    ) -> Result<(), Fault> {
        for (table, entry) in tables.drain_foreign() {
            report.foreign(&table, &entry);
        }
        let by = maintenance(tables, engine, now_ms);
        match self.job.take() {
            Some((table, job)) if !is_finished(&job) => {
                self.job = Some((table, job));
                Ok(())
            }
            Some((table, job)) => finish(tables, engine, report, &table, job).await,
            None => self.start(tables, engine, &by).await,
        }
    }

    async fn start(
        &mut self,
        tables: &mut Tables,
        engine: &Engine,
        by: &Maintenance,
    ) -> Result<(), Fault> {
        let count = tables.all().count();
        for _ in 0..count {
            let place = self.turn % count;
            self.turn += 1;
            let Some(table) = tables.all_mut().nth(place) else {
                continue;
            };
            if let Some(plan) = table.plan_merge(by) {
                let plan: MergePlan = forgetting(plan, table, engine);
                self.job = Some((
                    table.name().to_owned(),
                    Job::Merge(tokio::spawn(plan.prepare())),
                ));
                return Ok(());
            }
            if let Some(plan) = table.plan_checkpoint(by.now_ms) {
                let plan: CheckpointPlan = plan;
                self.job = Some((
                    table.name().to_owned(),
                    Job::Checkpoint(tokio::spawn(plan.run())),
                ));
                return Ok(());
            }
            let vacuumed = self.vacuumed.get(table.name()).copied().unwrap_or(0);
            if by.epoch - vacuumed >= VACUUM_EPOCHS {
                // Files of a table that is put later are named by epochs above the checkpoint.
                let epoch = match table.spec().deletion {
                    Deletion::Copies => by.state_epoch,
                    Deletion::Vectors | Deletion::Never => by.epoch,
                };
                let by = Maintenance { epoch, ..*by };
                let plan: VacuumPlan = table.plan_vacuum(&by, None).await?;
                self.job = Some((
                    table.name().to_owned(),
                    Job::Vacuum(tokio::spawn(plan.run())),
                ));
                self.vacuumed.insert(table.name().to_owned(), by.epoch);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// A merge of `state` leaves out what its feeds forget.
fn forgetting(plan: MergePlan, table: &Table, engine: &Engine) -> MergePlan {
    match forget::keep(engine).filter(|_| table.name() == "state") {
        Some(keep) => plan.with_keep(keep),
        None => plan,
    }
}

/// Who maintains, and up to where.
pub fn maintenance(tables: &Tables, engine: &Engine, now_ms: i64) -> Maintenance {
    Maintenance {
        term: tables.term,
        epoch: engine.epoch(),
        state_epoch: tables.state.epoch(),
        now_ms,
    }
}

fn is_finished(job: &Job) -> bool {
    match job {
        Job::Merge(handle) => handle.is_finished(),
        Job::Checkpoint(handle) => handle.is_finished(),
        Job::Vacuum(handle) => handle.is_finished(),
    }
}

async fn finish(
    tables: &mut Tables,
    engine: &mut Engine,
    report: &Report,
    name: &str,
    job: Job,
) -> Result<(), Fault> {
    let Some(table) = tables.all_mut().find(|table| table.name() == name) else {
        return Ok(());
    };
    let joined = |error| Fault::unavailable(format!("maintain table {name}"), error);
    // A job that failed changed nothing that a reader sees: it is planned again in its turn.
    match job {
        Job::Merge(handle) => match handle.await.map_err(joined)? {
            Ok(prepared) => {
                if let MergeOutcome::Done(merge) = table.finish_merge(prepared).await? {
                    relocate(tables, engine, name, &merge);
                    report.maintained(name, "merge");
                }
            }
            Err(fault) => report.trouble("merge files", &fault.chain()),
        },
        Job::Checkpoint(handle) => match handle.await.map_err(joined)? {
            Ok(made) => {
                table.note_checkpoint(&made);
                report.maintained(name, "checkpoint");
            }
            Err(fault) => report.trouble("write a checkpoint", &fault.chain()),
        },
        Job::Vacuum(handle) => match handle.await.map_err(joined)? {
            Ok(done) => {
                table.note_vacuum(&done);
                report.maintained(name, "vacuum");
            }
            Err(fault) => report.trouble("vacuum", &fault.chain()),
        },
    }
    Ok(())
}

/// Tells the engine where the rows of a merged file stand now. A row that was replaced meanwhile has moved on.
pub fn relocate(tables: &Tables, engine: &mut Engine, name: &str, merge: &Merge) {
    let Some(file) = merge.file else { return };
    let kind = tables
        .files
        .iter()
        .position(|table: &Table| table.name() == name);
    let kind = kind.and_then(|kind| u8::try_from(kind).ok());
    let keys = merge.keys.iter().flat_map(|batch| {
        let column = batch.column(0).as_string::<i32>();
        column
            .iter()
            .map(|key| key.unwrap_or_default().to_owned())
            .collect::<Vec<String>>()
    });
    for (row, (key, (old_file, old_row))) in keys.zip(&merge.moves).enumerate() {
        let row = u32::try_from(row).expect("a file has fewer rows than 2^32");
        let old = Location {
            file: old_file.0,
            row: *old_row,
        };
        let new = Location { file: file.0, row };
        match kind {
            Some(kind) => {
                let Some(subject) = Token::parse(&key).map(|token| Subject { kind, token }) else {
                    continue;
                };
                if engine
                    .memory()
                    .subject(&subject)
                    .and_then(|kept| kept.location)
                    == Some(old)
                {
                    engine.locate(subject, Some(new));
                }
            }
            None if name == tables.issue.name() => {
                let Some(issue) = IssueId::parse(&key) else {
                    continue;
                };
                if engine.issue_location(&issue) == Some(old) {
                    engine.locate_issue(issue, new);
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use yidang_schemas::catalog::Catalog;
    use yidang_sink::{Lake, LakeSettings};
    use yidang_transform::token::IdKey;

    use super::*;
    use crate::engine::EngineSettings;

    const NOW: i64 = 1_795_478_400_000;

    #[tokio::test]
    async fn every_table_is_vacuumed_wherever_the_last_job_was() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().to_str().unwrap(), LakeSettings::default()).unwrap();
        let catalog = Arc::new(Catalog::embedded().unwrap());
        let mut tables = Tables::open(&lake, &catalog, NOW).await.unwrap();
        let mut engine = Engine::new(catalog, IdKey::new([3; 32]), EngineSettings::default());
        engine.restore_epoch(VACUUM_EPOCHS);
        let report = Report::new("0", "0");
        let mut maintainer = Maintainer {
            turn: 4,
            ..Maintainer::default()
        };
        for _ in 0..3 * tables.all().count() {
            let turn = maintainer.turn(&mut tables, &mut engine, &report, NOW);
            turn.await.unwrap();
            while maintainer
                .job
                .as_ref()
                .is_some_and(|(_, job)| !is_finished(job))
            {
                tokio::task::yield_now().await;
            }
        }
        let done: Vec<&String> = maintainer.vacuumed.keys().collect();
        assert_eq!(done.len(), tables.all().count(), "{done:?}");
        assert!(!maintainer.is_busy(), "and not again at once");
    }
}
