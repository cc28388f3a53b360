//! Making the rows of every changed subject, on all cores, in token order.

use std::borrow::Cow;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::identity::Subject;
use yidang_transform::merge::{FoldedEpoch, Location};
use yidang_transform::project::columns::file_schema;
use yidang_transform::project::{Member, Projector, Stamp};
use yidang_transform::record::{RecordId, RecordState};
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
        let mut live = Vec::new();
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
            plan.subjects.push(*subject);
            live.push((*subject, records.as_slice()));
        }
        let state = |id: &RecordId| {
            let state = folded.record(&self.memory, id);
            (*id, state.expect("members are records that are kept"))
        };
        plan.rows = rows_of(projector, &live, state, stamp);
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
        let records = |token: &Token| {
            let subject = Subject {
                kind,
                token: *token,
            };
            let records = self.memory.subject(&subject)?.records.as_slice();
            (!records.is_empty()).then_some((subject, records))
        };
        let live: Vec<_> = tokens.iter().filter_map(records).collect();
        let state = |id: &RecordId| {
            let state = self.memory.record(id);
            let state = state.expect("a subject lists records that are kept");
            (*id, Cow::Owned(state))
        };
        rows_of(self.projector(kind)?, &live, state, stamp)
    }
}

/// Rows of these subjects and their live records, in their order.
fn rows_of<'a>(
    projector: &Projector,
    live: &[(Subject, &[RecordId])],
    state: impl Fn(&RecordId) -> (RecordId, Cow<'a, RecordState>) + Sync,
    stamp: Stamp,
) -> Option<RecordBatch> {
    let project = |chunk: &[(Subject, &[RecordId])]| {
        let members = chunk.iter().map(|(subject, records)| Member {
            subject: *subject,
            records: records.iter().map(&state).collect(),
        });
        let members: Vec<Member<'_>> = members.collect();
        projector.project(&members, stamp)
    };
    let batches: Vec<RecordBatch> = live.par_chunks(CHUNK).map(project).collect();
    if batches.is_empty() {
        return None;
    }
    let schema = file_schema(projector.dossier());
    Some(concat_batches(&schema, &batches).expect("batches of one schema fit together"))
}
