//! What the epochs give one table, gathered into bounded commits of rising epochs.
//!
//! Rows of append-only tables are kept as each epoch gives them. Of keyed tables only the last row of each key counts:
//! it is noted with the epoch that wrote it and made at the end, so that nothing is written to be replaced.

use std::collections::{BTreeMap, BTreeSet};

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use yidang_feedback::fold::FoldedIssues;
use yidang_feedback::identity::IssueId;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::project::Stamp;
use yidang_transform::token::Token;

use crate::engine::{Engine, Plan};

/// Rows of one commit, about.
const COMMIT_ROWS: usize = 50_000;

/// Which part of a plan a table takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Observation { kind: String },
    File { kind: String },
    Quarantine,
    Finding,
    Issue,
    IssueEvent,
}

impl Part {
    pub(super) fn of(catalog: &Catalog, table: &str) -> Option<Self> {
        let specs = crate::lake::specs(catalog);
        for dossier in &catalog.dossiers {
            if dossier.table == table {
                return Some(Self::File {
                    kind: dossier.name.clone(),
                });
            }
            if dossier.observation_table == table {
                return Some(Self::Observation {
                    kind: dossier.name.clone(),
                });
            }
        }
        let named = [
            (specs.quarantine.name, Self::Quarantine),
            (specs.finding.name, Self::Finding),
            (specs.issue.name, Self::Issue),
            (specs.issue_event.name, Self::IssueEvent),
        ];
        named
            .into_iter()
            .find(|(name, _)| name == table)
            .map(|(_, part)| part)
    }
}

/// One commit.
#[derive(Debug)]
pub(super) struct Batch {
    pub epoch: i64,
    /// Nothing where the last epochs only ended rows.
    pub rows: Option<RecordBatch>,
}

/// Gathers rows while epochs are done again.
#[derive(Debug)]
pub(super) struct Collector {
    part: Part,
    appended: Vec<RecordBatch>,
    appended_rows: usize,
    /// Last epoch that gave rows to the table or took rows from it.
    touched: i64,
    /// Last epoch that was handed out.
    put: i64,
    subjects: BTreeMap<Token, Stamp>,
    issues: BTreeMap<IssueId, i64>,
}

impl Collector {
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            appended: Vec::new(),
            appended_rows: 0,
            touched: 0,
            put: 0,
            subjects: BTreeMap::new(),
            issues: BTreeMap::new(),
        }
    }

    /// Takes what an epoch gives the table.
    pub(super) fn take(&mut self, engine: &Engine, plan: &Plan) {
        let epoch = plan.input.epoch;
        let part = self.part.clone();
        match &part {
            Part::Observation { kind } => {
                let rows =
                    kind_of(engine, kind).and_then(|kind| plan.observations.get(usize::from(kind)));
                self.append(epoch, rows.and_then(Option::as_ref));
            }
            Part::Quarantine => self.append(epoch, plan.quarantine.as_ref()),
            Part::Finding => self.append(epoch, plan.findings.as_ref()),
            Part::IssueEvent => self.append(epoch, plan.events.as_ref()),
            Part::Issue => {
                if plan.issue.rows.is_some() {
                    self.touched = epoch;
                }
                self.issues
                    .extend(plan.issue.issues.iter().map(|issue| (*issue, epoch)));
            }
            Part::File { kind } => self.note_subjects(engine, kind, plan),
        }
    }

    fn append(&mut self, epoch: i64, rows: Option<&RecordBatch>) {
        let Some(rows) = rows else { return };
        self.touched = epoch;
        self.appended_rows += rows.num_rows();
        self.appended.push(rows.clone());
    }

    fn note_subjects(&mut self, engine: &Engine, kind: &str, plan: &Plan) {
        let Some(file) = kind_of(engine, kind).and_then(|kind| plan.files.get(usize::from(kind)))
        else {
            return;
        };
        let stamp = Stamp {
            epoch: plan.input.epoch,
            landed_at_ms: plan.input.landed_at_ms,
        };
        for subject in &file.subjects {
            self.subjects.insert(subject.token, stamp);
            self.touched = stamp.epoch;
        }
        for subject in &file.gone {
            if self.subjects.remove(&subject.token).is_some() {
                self.touched = stamp.epoch;
            }
        }
    }

    /// A commit, where enough is gathered.
    pub(super) fn full(&mut self) -> Option<Batch> {
        if self.appended_rows < COMMIT_ROWS {
            return None;
        }
        self.appended_rows = 0;
        self.put = self.touched;
        Some(Batch {
            epoch: self.touched,
            rows: joined(&std::mem::take(&mut self.appended)),
        })
    }

    /// What is left when all epochs are done; `engine` stands after the last.
    pub(super) fn rest(mut self, engine: &Engine) -> Vec<Batch> {
        let mut batches = match self.part.clone() {
            Part::File { kind } => self.file_batches(engine, &kind),
            Part::Issue => self.issue_batches(engine),
            _ => Vec::new(),
        };
        if self.touched > self.put {
            // The table then stands where a worker left it: at the last epoch that concerned it.
            batches.push(Batch {
                epoch: self.touched,
                rows: joined(&std::mem::take(&mut self.appended)),
            });
        }
        batches
    }

    fn file_batches(&mut self, engine: &Engine, kind: &str) -> Vec<Batch> {
        let Some(kind) = kind_of(engine, kind) else {
            return Vec::new();
        };
        let mut by_stamp: BTreeMap<(i64, i64), Vec<Token>> = BTreeMap::new();
        for (token, stamp) in &self.subjects {
            by_stamp
                .entry((stamp.epoch, stamp.landed_at_ms))
                .or_default()
                .push(*token);
        }
        let project = |((epoch, landed_at_ms), tokens): ((i64, i64), Vec<Token>)| {
            (
                epoch,
                engine.project_kept(
                    kind,
                    &tokens,
                    Stamp {
                        epoch,
                        landed_at_ms,
                    },
                ),
            )
        };
        self.gather(by_stamp.into_iter().map(project))
    }

    fn issue_batches(&mut self, engine: &Engine) -> Vec<Batch> {
        let mut by_epoch: BTreeMap<i64, BTreeSet<IssueId>> = BTreeMap::new();
        for (issue, epoch) in &self.issues {
            by_epoch.entry(*epoch).or_default().insert(*issue);
        }
        let rows = |(epoch, visible): (i64, BTreeSet<IssueId>)| {
            let known = visible
                .iter()
                .filter_map(|id| Some((*id, engine.issues().issue(id)?.clone())));
            let folded = FoldedIssues {
                issues: known.collect(),
                visible: visible.clone(),
                ..FoldedIssues::default()
            };
            (
                epoch,
                Some(yidang_feedback::tables::issue_batch(
                    &folded,
                    engine.catalog(),
                )),
            )
        };
        self.gather(by_epoch.into_iter().map(rows))
    }

    /// Rows of rising epochs as commits of about [`COMMIT_ROWS`].
    fn gather(&mut self, epochs: impl Iterator<Item = (i64, Option<RecordBatch>)>) -> Vec<Batch> {
        let (mut batches, mut held, mut rows) = (Vec::new(), Vec::new(), 0);
        let mut last = 0;
        for (epoch, batch) in epochs {
            last = epoch;
            rows += batch.as_ref().map_or(0, RecordBatch::num_rows);
            held.extend(batch);
            if rows >= COMMIT_ROWS {
                batches.push(Batch {
                    epoch,
                    rows: joined(&std::mem::take(&mut held)),
                });
                rows = 0;
            }
        }
        if !held.is_empty() {
            batches.push(Batch {
                epoch: last,
                rows: joined(&held),
            });
        }
        self.put = batches.last().map_or(0, |batch| batch.epoch);
        batches
    }
}

fn kind_of(engine: &Engine, name: &str) -> Option<KindIndex> {
    engine.catalog().kind_of_name(name)
}

fn joined(batches: &[RecordBatch]) -> Option<RecordBatch> {
    let schema = batches.first()?.schema();
    // Batches of older bundles may lack columns that were added since.
    let widest = batches
        .iter()
        .map(RecordBatch::schema)
        .max_by_key(|schema| schema.fields().len())
        .unwrap_or(schema);
    let fitted: Vec<RecordBatch> = batches.iter().map(|batch| fitted(batch, &widest)).collect();
    Some(concat_batches(&widest, &fitted).expect("batches of one schema fit together"))
}

fn fitted(batch: &RecordBatch, schema: &arrow::datatypes::SchemaRef) -> RecordBatch {
    let column = |field: &std::sync::Arc<arrow::datatypes::Field>| {
        let found = batch.column_by_name(field.name()).cloned();
        found.unwrap_or_else(|| arrow::array::new_null_array(field.data_type(), batch.num_rows()))
    };
    let columns = schema.fields().iter().map(column).collect();
    RecordBatch::try_new(std::sync::Arc::clone(schema), columns)
        .expect("columns are added, never changed")
}
