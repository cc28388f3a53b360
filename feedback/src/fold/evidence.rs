//! Evidence: what one failing or passing record does to one issue, and which event tells of it.

use yidang_schemas::contract::Contract;
use yidang_transform::order::{OrderKey, REMOVAL_HASH};
use yidang_transform::record::Effect;
use yidang_transform::verdict::Verdict;

use super::{Failed, Fold};
use crate::correction::Correction;
use crate::disclose::Observed;
use crate::event::{Cause, Event, Step, Transition};
use crate::finding::Scene;
use crate::identity::IssueId;
use crate::issue::{Birth, IssueState, Passing, Reason, Status};
use crate::position::{EndedBy, Sighting};

/// Least time between two events that only say that a failure came again, by message times.
const RECURRENCE_MS: i64 = 3_600_000;

/// What ended an issue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub reason: Reason,
    /// The record that did, where it is known.
    pub by: Option<EndedBy>,
}

impl<'a> Fold<'a> {
    /// Notes a failure. Whether it belongs to an issue: an exact duplicate opens none.
    pub(super) fn fail(
        &mut self,
        scene: &Scene<'a>,
        id: IssueId,
        failed: Failed<'a>,
        observed: Observed,
    ) -> bool {
        let verdict = scene.verdict;
        let known = self.issue(&id).cloned();
        if known.is_none() && verdict.effect == Some(Effect::Duplicate) {
            return false;
        }
        let is_new = known.is_none();
        let mut state = known.unwrap_or_else(|| self.birth(scene, id, &failed));
        let before = state.clone();
        let fresh = note_failure(&mut state, scene, &failed);
        if is_new {
            state.marks.correction = self.waiting_correction(&state);
        }
        let recalled = self.recall_passes(&mut state, scene, &failed);
        let cause = Cause {
            contract: scene.contract,
            rule: Some(failed.rule),
            verdict,
            observed: Some(observed),
            resolved_by: None,
        };
        if is_new {
            self.tell(&mut state, Step::failing(Transition::Opened, None), &cause);
        } else if state.fails() && before.status != Status::Open {
            reopen(&mut state, verdict);
            self.tell(
                &mut state,
                Step::failing(Transition::Reopened, Some(before.status)),
                &cause,
            );
        } else if state.fails() && fresh && recurrence_is_due(&state, verdict) {
            state.last_notice_ms = verdict.timestamp_ms;
            self.tell(
                &mut state,
                Step::failing(Transition::Recurred, Some(before.status)),
                &cause,
            );
        }
        if !state.fails() && state.status == Status::Open {
            let ending = remembered_ending(&state, recalled);
            self.end(
                &mut state,
                ending,
                &Cause {
                    observed: None,
                    ..cause
                },
            );
        }
        self.keep(scene.verdict, &before, state, is_new);
        true
    }

    fn birth(&self, scene: &Scene<'a>, id: IssueId, failed: &Failed<'a>) -> IssueState {
        IssueState::new(Birth {
            id,
            contract: scene.contract,
            rule: failed.rule,
            record_ref: scene.record_ref,
            key_hash: scene.verdict.key.as_ref().map(|key| key.id.key_hash),
            sighting: Sighting::new(scene.verdict, scene.landed_at_ms),
        })
    }

    /// Passes that this verdict cannot show: of the kept version, and of versions outside the record fold. Where the
    /// kept version is the greatest of them, where it stands.
    fn recall_passes(
        &self,
        state: &mut IssueState,
        scene: &Scene<'a>,
        failed: &Failed<'a>,
    ) -> Option<EndedBy> {
        let verdict = scene.verdict;
        let mut by = None;
        let kept = verdict
            .kept_passes
            .iter()
            .filter(|pass| pass.rule == failed.place);
        for pass in kept {
            state.marks.remembered_pass(passing(&pass.order));
            by = pass.by.map(EndedBy::from);
        }
        let key = verdict.key.as_ref()?;
        let note = self
            .out
            .notes
            .get(&key.id)
            .or_else(|| self.memory.note(&key.id));
        let noted = note.and_then(|note| note.pass_order(failed.place, verdict.generation));
        match noted {
            Some(order) if state.marks.remembered_pass(passing(order)) => None,
            _ => by,
        }
    }

    /// Notes what a record passes of the issues about its key.
    pub(super) fn passes(&mut self, contract: &'a Contract, verdict: &'a Verdict) {
        let Some(key) = &verdict.key else { return };
        for id in self.issues_of(&key.id) {
            let Some(state) = self.issue(&id) else {
                continue;
            };
            let rule = contract
                .rule_index(&state.rule)
                .and_then(|place| u16::try_from(place).ok());
            let failed = rule.is_some_and(|rule| self.counted_against(contract, verdict, rule));
            let passed = match verdict.removal {
                true => verdict.outcome.is_accepted() && !failed,
                false => rule.is_some_and(|rule| verdict.passed(contract, rule)),
            };
            if passed {
                self.pass(contract, verdict, id);
            }
        }
    }

    fn counted_against(&self, contract: &Contract, verdict: &Verdict, place: u16) -> bool {
        let Some(rule) = contract.rules.get(usize::from(place)) else {
            return false;
        };
        verdict.failed(contract, place) && !super::excused(contract, rule, verdict)
    }

    fn pass(&mut self, contract: &'a Contract, verdict: &'a Verdict, id: IssueId) {
        let Some(before) = self.issue(&id).cloned() else {
            return;
        };
        let mut state = before.clone();
        let order = verdict.order.as_ref();
        let passed = order.map(|order| Passing {
            order: order.clone(),
            withdrawn: verdict.removal,
        });
        state
            .marks
            .pass(passed, verdict.origin.into(), verdict.timestamp_ms);
        if state == before {
            return;
        }
        let reason = reason(&before, order, verdict.removal);
        let ended = before.status == Status::Open && !state.fails();
        let mended = before.reason == Some(Reason::Withdrawn)
            && reason == Reason::Corrected
            && state.marks.passing != before.marks.passing;
        if ended || mended {
            let ending = Ending {
                reason,
                by: Some(Sighting::new(verdict, self.settings.recorded_at_ms).into()),
            };
            self.end(&mut state, ending, &quiet(contract, &before, verdict));
        }
        self.keep(verdict, &before, state, false);
    }

    /// Ends an open issue, or says of a withdrawn one that it was corrected.
    pub(super) fn end(&mut self, state: &mut IssueState, ending: Ending, cause: &Cause<'a>) {
        let Ending { reason, by } = ending;
        let from = state.status;
        state.status = reason.status();
        state.reason = Some(reason);
        state.resolved_at_ms = Some(cause.verdict.timestamp_ms);
        let transition = match state.status {
            Status::Dismissed => Transition::Dismissed,
            Status::Open | Status::Resolved => Transition::Resolved,
        };
        let step = Step {
            transition,
            from: Some(from),
            reason: reason.name(),
        };
        self.tell(
            state,
            step,
            &Cause {
                resolved_by: by,
                ..cause.clone()
            },
        );
    }

    fn tell(&mut self, state: &mut IssueState, step: Step, cause: &Cause<'a>) {
        let event = Event::new(self.catalog, self.settings, state, step, cause);
        state.seq = event.seq;
        state.last_hash = event.hash;
        self.out.events.push(event);
    }

    pub(super) fn keep(
        &mut self,
        verdict: &Verdict,
        before: &IssueState,
        state: IssueState,
        is_new: bool,
    ) {
        if is_new {
            self.out.waiting.remove(&state.id);
            if let Some(key) = &verdict.key {
                self.by_record.entry(key.id).or_default().insert(state.id);
            }
        } else if state == *before {
            return;
        }
        if is_new || shows(before) != shows(&state) {
            self.out.visible.insert(state.id);
        }
        self.out.issues.insert(state.id, state);
    }

    fn waiting_correction(&self, state: &IssueState) -> Option<Correction> {
        let waiting = self
            .out
            .waiting
            .get(&state.id)
            .or_else(|| self.memory.waiting(&state.id));
        waiting.and_then(|list| list.best_for(state))
    }
}

/// The cause of an event that tells of no failing value.
pub(super) fn quiet<'a>(
    contract: &'a Contract,
    state: &IssueState,
    verdict: &'a Verdict,
) -> Cause<'a> {
    let rule = contract.rules.iter().find(|rule| *rule.id == *state.rule);
    Cause {
        contract,
        rule,
        verdict,
        observed: None,
        resolved_by: None,
    }
}

/// What a row of the table `issue` shows beyond what never changes.
fn shows(state: &IssueState) -> (u32, u64, usize, bool) {
    (
        state.seq,
        state.occurrences,
        state.values.len(),
        state.key_sound,
    )
}

/// Notes marks always, and what is counted where the failing version is one that was not seen before.
fn note_failure(state: &mut IssueState, scene: &Scene<'_>, failed: &Failed<'_>) -> bool {
    let verdict = scene.verdict;
    state.marks.fail(
        verdict.order.as_ref(),
        verdict.origin.into(),
        verdict.timestamp_ms,
    );
    state.key_sound |= verdict.key.as_ref().is_some_and(|key| key.sound);
    let version = version_hash(verdict);
    if verdict.effect == Some(Effect::Duplicate) || !state.note_version(version) {
        return false;
    }
    state.occurrences += 1;
    state.latest = Sighting::new(verdict, scene.landed_at_ms);
    state.code = failed.failure.code.0.into();
    state.severity = failed.rule.severity;
    state.action = failed.failure.action;
    state.dimension = failed.rule.dimension;
    if let Some(value) = failed.value {
        state.note_value(value);
    }
    true
}

fn reopen(state: &mut IssueState, verdict: &Verdict) {
    state.status = Status::Open;
    state.reason = None;
    state.resolved_at_ms = None;
    state.reopened += 1;
    state.last_notice_ms = verdict.timestamp_ms;
}

fn recurrence_is_due(state: &IssueState, verdict: &Verdict) -> bool {
    verdict.timestamp_ms.saturating_sub(state.last_notice_ms) >= RECURRENCE_MS
}

/// Why an issue ends that something older than this verdict ends.
fn remembered_ending(state: &IssueState, recalled: Option<EndedBy>) -> Ending {
    let by_header = state.correction();
    let failing = state.marks.failing.as_ref();
    let passing = state
        .marks
        .passing
        .as_ref()
        .filter(|passing| failing.is_none_or(|failing| passing.order >= failing.order));
    match (passing, by_header) {
        (Some(passing), _) => Ending {
            reason: reason(state, Some(&passing.order), passing.withdrawn),
            by: recalled,
        },
        (None, correction) => Ending {
            reason: Reason::Corrected,
            by: correction.map(|correction| correction.sighting.into()),
        },
    }
}

/// Why a pass ends an issue.
fn reason(state: &IssueState, order: Option<&OrderKey>, withdrawn: bool) -> Reason {
    if withdrawn {
        return if state.correction().is_some() {
            Reason::Corrected
        } else {
            Reason::Withdrawn
        };
    }
    let rejudged = state
        .marks
        .failing
        .as_ref()
        .zip(order)
        .is_some_and(|(failing, order)| {
            order.same_source_version(&failing.order)
                && order.generation() > failing.order.generation()
        });
    if rejudged {
        Reason::RuleChanged
    } else {
        Reason::Corrected
    }
}

/// A pass of which only the order is known; the content hash tells a removal.
fn passing(order: &OrderKey) -> Passing {
    Passing {
        order: order.clone(),
        withdrawn: order.content_hash() == REMOVAL_HASH,
    }
}

/// Tells failing versions apart: by order, or without one by coordinates.
fn version_hash(verdict: &Verdict) -> u64 {
    match &verdict.order {
        Some(order) => short_hash(&[order.as_bytes()]),
        None => {
            let origin = verdict.origin;
            short_hash(&[
                &origin.incarnation.to_be_bytes(),
                &origin.partition.to_be_bytes(),
                &origin.offset.to_be_bytes(),
                &origin.row.to_be_bytes(),
            ])
        }
    }
}

fn short_hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let digest = hasher.finalize();
    u64::from_le_bytes(
        *digest
            .as_bytes()
            .first_chunk()
            .expect("a BLAKE3 digest has 32 bytes"),
    )
}
