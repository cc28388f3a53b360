//! Making the rows of every changed subject, on all cores, in token order.

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use yidang_transform::identity::Subject;
use yidang_transform::merge::{FoldedEpoch, Location};
use yidang_transform::project::columns::file_schema;
use yidang_transform::project::{Member, Projector, Stamp};

use super::Engine;
use super::plan::FilePlan;

/// Subjects that one task projects.
const CHUNK: usize = 1_024;

impl Engine {
    /// What an epoch does to the file table of each kind, in the order of the catalog.
    pub(super) fn project(&self, folded: &FoldedEpoch, stamp: Stamp) -> Vec<FilePlan> {
        self.projectors
            .iter()
            .map(|projector| self.project_kind(projector, folded, stamp))
            .collect()
    }

    fn project_kind(&self, projector: &Projector, folded: &FoldedEpoch, stamp: Stamp) -> FilePlan {
        let mut plan = FilePlan::default();
        let mut members = Vec::new();
        let changed = folded
            .members
            .iter()
            .filter(|(subject, _)| subject.kind == projector.kind);
        for (subject, records) in changed {
            let location = self.memory.subject(subject).and_then(|kept| kept.location);
            plan.replaced
                .extend(location.map(|location: Location| (*subject, location)));
            if records.is_empty() {
                plan.gone.push(*subject);
                continue;
            }
            let state = |id| {
                let state = folded
                    .record(&self.memory, id)
                    .expect("members are records that are kept");
                (*id, state)
            };
            members.push(Member {
                subject: *subject,
                records: records.iter().map(state).collect(),
            });
        }
        plan.subjects = members
            .iter()
            .map(|member| member.subject)
            .collect::<Vec<Subject>>();
        let batches: Vec<RecordBatch> = members
            .par_chunks(CHUNK)
            .map(|chunk| projector.project(chunk, stamp))
            .collect();
        if !batches.is_empty() {
            let schema = file_schema(projector.dossier());
            plan.rows = Some(
                concat_batches(&schema, &batches).expect("batches of one schema fit together"),
            );
        }
        plan
    }
}
