//! The plan of an epoch: every row it writes and everything it changes, computed before anything is landed.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::record_batch::RecordBatch;
use yidang_feedback::event::Event;
use yidang_feedback::fold::{FeedbackSettings, FoldedIssues, fold_issues};
use yidang_feedback::identity::IssueId;
use yidang_schemas::defect::Outcome;
use yidang_transform::identity::Subject;
use yidang_transform::merge::{Entry, FoldedEpoch, Location, fold_epoch};
use yidang_transform::project::Stamp;
use yidang_transform::record::Effect;
use yidang_transform::verdict::Verdict;

use super::Engine;
use super::judge::JudgedEpoch;
use super::kept::KeptStates;
use super::standing::Stood;
use crate::epoch::EpochInput;
use crate::report::{StepTime, StepTimer};

/// What an epoch does to one file table.
#[derive(Default)]
pub struct FilePlan {
    /// New rows, in the order of `subjects`.
    pub rows: Option<RecordBatch>,
    pub subjects: Vec<Subject>,
    /// Rows that become dead.
    pub replaced: Vec<(Subject, Location)>,
    /// Subjects without a live record: their rows end.
    pub gone: Vec<Subject>,
}

impl fmt::Debug for FilePlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, gone) = (self.subjects.len(), self.gone.len());
        write!(
            formatter,
            "FilePlan({rows} rows, {} replaced, {gone} gone)",
            self.replaced.len()
        )
    }
}

/// What an epoch does to the issue table.
#[derive(Default)]
pub struct IssuePlan {
    pub rows: Option<RecordBatch>,
    pub issues: Vec<IssueId>,
    pub replaced: Vec<Location>,
}

impl fmt::Debug for IssuePlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "IssuePlan({} rows, {} replaced)",
            self.issues.len(),
            self.replaced.len()
        )
    }
}

/// Counts of one feed in an epoch, for metrics and progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedCounts {
    pub messages: u64,
    /// Records by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; 5],
    pub unknown_fields: u64,
    /// By rule, for how many records it could not be computed.
    pub rule_errors: BTreeMap<u16, u64>,
    /// Failures by rule and action.
    pub failures: BTreeMap<u16, u64>,
    /// Records that rules were asked about, and by rule how many of them it could not judge.
    pub asked: u64,
    pub unjudged: BTreeMap<u16, u64>,
    /// Records of equal order and different content, where only the content hash decided.
    pub ties: u64,
    /// Greatest business time seen, epoch milliseconds.
    pub last_business_ms: Option<i64>,
}

/// Everything that follows from an epoch.
pub struct Plan {
    pub input: EpochInput,
    pub landing: RecordBatch,
    /// By kind.
    pub observations: Vec<Option<RecordBatch>>,
    /// By kind.
    pub files: Vec<FilePlan>,
    pub quarantine: Option<RecordBatch>,
    pub findings: Option<RecordBatch>,
    pub issue: IssuePlan,
    pub events: Option<RecordBatch>,
    /// The events themselves, to be published once their rows are committed.
    pub to_publish: Vec<Event>,
    /// By feed.
    pub counts: Vec<FeedCounts>,
    /// What each step of the computing took, in their order.
    pub steps: Vec<(&'static str, StepTime)>,
    pub(super) folded: FoldedEpoch,
    pub(super) feedback: FoldedIssues,
}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Plan")
            .field("epoch", &self.input.epoch)
            .field("messages", &self.input.messages.len())
            .field("files", &self.files)
            .field("issue", &self.issue)
            .field("events", &self.to_publish.len())
            .finish_non_exhaustive()
    }
}

/// The verbs panicked over this batch; memory is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

impl Engine {
    /// Computes an epoch. Changes nothing.
    ///
    /// # Errors
    /// [`Panicked`] where a bug of ours came up: the caller halves the batch until one message stands alone.
    pub fn plan(&self, input: EpochInput) -> Result<Plan, (Panicked, EpochInput)> {
        // Nothing is changed before the end, so a panic leaves no broken state behind.
        match catch_unwind(AssertUnwindSafe(|| self.compute(&input))) {
            Ok(computed) => Ok(computed.with_input(input)),
            Err(_) => Err((Panicked, input)),
        }
    }

    fn compute(&self, input: &EpochInput) -> Computed {
        let stamp = Stamp {
            epoch: input.epoch,
            landed_at_ms: input.landed_at_ms,
        };
        let (mut timer, mut steps) = (StepTimer::start(), Vec::new());
        let mut judged = self.judge(input);
        let mut stood = self.stand(input, &mut judged);
        steps.push(("judge", timer.lap()));
        let stated = judged
            .records
            .iter()
            .enumerate()
            .filter_map(|(place, judged)| {
                let statement = judged.observation.statement.as_ref()?;
                let id = judged.observation.key.as_ref()?.id;
                Some((place, Entry { id, statement }))
            });
        let (places, entries): (Vec<usize>, Vec<Entry<'_>>) = stated.unzip();
        let modes: Vec<_> = self.catalog.feeds.iter().map(|feed| feed.mode).collect();
        let mode_of = |feed: u16| {
            *modes
                .get(usize::from(feed))
                .expect("entries are of feeds of the catalog")
        };
        let standings = std::mem::take(&mut stood.standings);
        let folded = fold_epoch(&self.memory, &entries, &stood.namings, standings, mode_of);
        let mut effects: Vec<Option<Effect>> = vec![None; judged.records.len()];
        for (place, effect) in places.iter().zip(&folded.effects) {
            if let Some(slot) = effects.get_mut(*place) {
                *slot = Some(*effect);
            }
        }
        if let Some(probe) = self.probe {
            input
                .messages
                .iter()
                .filter(|message| !message.held)
                .for_each(probe);
        }
        steps.push(("fold", timer.lap()));
        let files = self.project(&folded, stamp);
        steps.push(("project", timer.lap()));
        let verdicts = self.verdicts(&judged, &effects, &stood);
        let settings = FeedbackSettings {
            type_prefix: self.settings.event_prefix.clone(),
            recorded_at_ms: input.landed_at_ms,
            epoch: input.epoch.unsigned_abs(),
        };
        let feedback = fold_issues(
            &self.issues,
            &self.catalog,
            &self.id_key,
            &settings,
            &verdicts,
        );
        steps.push(("issue", timer.lap()));
        let rows = self.observation_rows(&judged, &effects);
        let mut computed = Computed {
            landing: self.landing(input, &judged, &rows, &feedback.findings),
            observations: self.observation_batches(&rows, stamp),
            files,
            quarantine: self.quarantine(&judged, stamp),
            issue: self.issue_plan(&feedback),
            counts: self.counts(input, &judged, &folded),
            steps,
            folded,
            feedback,
        };
        computed.steps.push(("encode", timer.lap()));
        computed
    }

    /// Verdicts that the issue fold has to see; good records of clean keys cost nothing.
    fn verdicts(
        &self,
        judged: &JudgedEpoch,
        effects: &[Option<Effect>],
        stood: &Stood,
    ) -> Vec<Verdict> {
        let generation = self.catalog.bundle.generation;
        let mut kept = KeptStates::new(self, judged);
        let mut verdicts = Vec::new();
        for (place, judged) in judged.records.iter().enumerate() {
            let observation = &judged.observation;
            kept.follow(observation);
            verdicts.extend(stood.withdrawals(place, observation, generation));
            let concerns = kept.follows(observation)
                || !observation.failures.is_empty()
                || observation.corrects.is_some()
                || observation
                    .key
                    .as_ref()
                    .is_some_and(|key| self.issues.concerns(&key.id));
            if !concerns {
                continue;
            }
            let mut kept_passes = kept.passes(observation);
            kept_passes.extend(stood.passes(place, &observation.failures, generation));
            verdicts.push(Verdict {
                origin: observation.origin,
                timestamp_ms: observation.timestamp_ms,
                key: observation.key.clone(),
                order: observation.order.clone(),
                removal: observation.removal,
                outcome: observation.outcome,
                effect: effects.get(place).copied().flatten(),
                failures: observation.failures.clone(),
                unjudged: observation.unjudged.clone(),
                kept_passes,
                corrects: observation.corrects.clone(),
                alone: observation.alone,
                generation,
            });
        }
        verdicts
    }

    fn issue_plan(&self, feedback: &FoldedIssues) -> IssuePlan {
        if feedback.visible.is_empty() {
            return IssuePlan::default();
        }
        let issues: Vec<IssueId> = feedback.visible.iter().copied().collect();
        let replaced = issues
            .iter()
            .filter_map(|issue| self.issue_locations.get(issue))
            .copied()
            .collect();
        let rows = Some(yidang_feedback::tables::issue_batch(
            feedback,
            &self.catalog,
        ));
        IssuePlan {
            rows,
            issues,
            replaced,
        }
    }

    fn counts(
        &self,
        input: &EpochInput,
        judged: &JudgedEpoch,
        folded: &FoldedEpoch,
    ) -> Vec<FeedCounts> {
        let mut counts = vec![FeedCounts::default(); self.catalog.feeds.len()];
        for message in &input.messages {
            if let Some(count) = counts.get_mut(usize::from(message.feed)) {
                count.messages += 1;
            }
        }
        for (feed, ties) in &folded.ties {
            if let Some(count) = counts.get_mut(usize::from(*feed)) {
                count.ties = *ties;
            }
        }
        for (count, seen) in counts.iter_mut().zip(&judged.seen) {
            count.unknown_fields = seen.unknown_fields;
            count.rule_errors.clone_from(&seen.rule_errors);
        }
        for record in &judged.records {
            let observation = &record.observation;
            let Some(count) = counts.get_mut(usize::from(observation.origin.feed)) else {
                continue;
            };
            let place = Outcome::ALL
                .iter()
                .position(|outcome| *outcome == observation.outcome);
            if let Some(outcome) = place.and_then(|place| count.outcomes.get_mut(place)) {
                *outcome += 1;
            }
            if observation.outcome != Outcome::Control {
                count.asked += 1;
                for rule in &observation.unjudged {
                    *count.unjudged.entry(*rule).or_default() += 1;
                }
            }
            for failure in &observation.failures {
                *count.failures.entry(failure.rule).or_default() += 1;
            }
            let business = observation
                .order
                .as_ref()
                .map(|order| order.business_time_ms());
            count.last_business_ms = count.last_business_ms.max(business);
        }
        counts
    }
}

/// A plan without its input.
struct Computed {
    landing: RecordBatch,
    observations: Vec<Option<RecordBatch>>,
    files: Vec<FilePlan>,
    quarantine: Option<RecordBatch>,
    issue: IssuePlan,
    counts: Vec<FeedCounts>,
    steps: Vec<(&'static str, StepTime)>,
    folded: FoldedEpoch,
    feedback: FoldedIssues,
}

impl Computed {
    fn with_input(self, input: EpochInput) -> Plan {
        let findings = &self.feedback.findings;
        let events = &self.feedback.events;
        Plan {
            findings: (!findings.is_empty())
                .then(|| yidang_feedback::tables::finding_batch(findings)),
            events: (!events.is_empty())
                .then(|| yidang_feedback::tables::issue_event_batch(events)),
            to_publish: events.clone(),
            input,
            landing: self.landing,
            observations: self.observations,
            files: self.files,
            quarantine: self.quarantine,
            issue: self.issue,
            counts: self.counts,
            steps: self.steps,
            folded: self.folded,
            feedback: self.feedback,
        }
    }
}
