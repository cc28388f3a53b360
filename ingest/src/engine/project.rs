//! Making the rows of every changed subject, on all cores, in token order.

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::identity::Subject;
use yidang_transform::merge::{FoldedEpoch, Location};
use yidang_transform::project::columns::file_schema;
use yidang_transform::project::{Member, Projector, Stamp};
use yidang_transform::token::Token;

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
        plan.rows = rows_of(projector, &members, stamp);
        plan
    }

    /// The rows of subjects as they are kept now, in their order, without those that have no live record; nothing
    /// where none has.
    pub(crate) fn project_kept(
        &self,
        kind: KindIndex,
        tokens: &[Token],
        stamp: Stamp,
    ) -> Option<RecordBatch> {
        let member = |token: &Token| {
            let subject = Subject {
                kind,
                token: *token,
            };
            let records = self.memory.subject(&subject)?.records.iter();
            let records: Vec<_> = records
                .filter_map(|id| Some((*id, self.memory.record(id)?)))
                .collect();
            (!records.is_empty()).then_some(Member { subject, records })
        };
        let members: Vec<Member<'_>> = tokens.iter().filter_map(member).collect();
        rows_of(self.projector(kind)?, &members, stamp)
    }
}

fn rows_of(projector: &Projector, members: &[Member<'_>], stamp: Stamp) -> Option<RecordBatch> {
    let chunks = members.par_chunks(CHUNK);
    let batches: Vec<RecordBatch> = chunks
        .map(|chunk| projector.project(chunk, stamp))
        .collect();
    if batches.is_empty() {
        return None;
    }
    let schema = file_schema(projector.dossier());
    Some(concat_batches(&schema, &batches).expect("batches of one schema fit together"))
}
