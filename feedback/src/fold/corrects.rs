//! The header `corrects`: which records it lets end which issues, and what is found about all the others.

use std::sync::Arc;

use yidang_schemas::rule::Check;
use yidang_transform::record::RecordId;

use super::Fold;
use super::evidence::{Ending, quiet};
use crate::correction::{Correction, Waiting, correcting_record};
use crate::finding::{Scene, corrects};
use crate::identity::IssueId;
use crate::issue::{IssueState, Reason, Status};
use crate::position::Sighting;

/// Issue ids that corrections may wait for at most; beyond them a correction is found unknown and forgotten.
const WAITING_ISSUES: usize = 100_000;

impl<'a> Fold<'a> {
    pub(super) fn corrects(&mut self, scene: &Scene<'a>, text: &str) {
        let verdict = scene.verdict;
        if !verdict.alone {
            if verdict.origin.row == 0 {
                self.refuse(scene, corrects::MANY, None);
            }
            return;
        }
        let Some(id) = IssueId::parse(text.trim()) else {
            if !found_by_rule(scene) {
                self.refuse(scene, corrects::FORMAT, None);
            }
            return;
        };
        match self.issue(&id).cloned() {
            None => self.wait(scene, id),
            Some(state) => match refusal(scene, &state) {
                Some(code) => self.refuse(scene, code, Some(id)),
                None => self.correct(scene, &state),
            },
        }
    }

    fn refuse(&mut self, scene: &Scene<'a>, code: &'static str, issue: Option<IssueId>) {
        self.out
            .findings
            .push(scene.correction_refused(code, issue));
    }

    fn correct(&mut self, scene: &Scene<'a>, before: &IssueState) {
        let verdict = scene.verdict;
        let mut state = before.clone();
        let sighting = Sighting::new(verdict, scene.landed_at_ms);
        state.marks.correction = Some(Correction { sighting }.later(state.marks.correction));
        let ended = before.status == Status::Open && !state.fails();
        let mended = before.reason == Some(Reason::Withdrawn);
        if ended || mended {
            let ending = Ending {
                reason: Reason::Corrected,
                by: Some(sighting.into()),
            };
            self.end(&mut state, ending, &quiet(scene.contract, before, verdict));
        }
        self.keep(verdict, before, state, false);
    }

    /// Keeps a correction whose issue is not known: a fresh lake may read its lane first.
    fn wait(&mut self, scene: &Scene<'a>, id: IssueId) {
        let Some(record) = correcting_record(scene.verdict) else {
            self.refuse(scene, corrects::NOT_PASSED, Some(id));
            return;
        };
        self.refuse(scene, corrects::UNKNOWN, Some(id));
        let kept = self
            .out
            .waiting
            .get(&id)
            .or_else(|| self.memory.waiting(&id));
        if kept.is_none() && self.memory.waiting_len() + self.out.waiting.len() >= WAITING_ISSUES {
            return;
        }
        let mut list = kept.cloned().unwrap_or_default();
        list.add(waiting(scene, record));
        self.out.waiting.insert(id, list);
    }
}

/// Whether the rule over the header found it malformed already.
fn found_by_rule(scene: &Scene<'_>) -> bool {
    scene.verdict.failures.iter().any(|failure| {
        let rule = scene.contract.rules.get(usize::from(failure.rule));
        rule.is_some_and(|rule| rule.check == Check::Corrects)
    })
}

fn waiting(scene: &Scene<'_>, record: RecordId) -> Waiting {
    let rules = scene.contract.rules.iter().enumerate();
    let passed = rules.filter(|(place, _)| passes(scene, *place));
    let mut passed: Vec<String> = passed.map(|(_, rule)| rule.id.clone()).collect();
    passed.sort_unstable();
    Waiting {
        feed: Arc::from(scene.contract.id.as_str()),
        key_hash: record.key_hash,
        sighting: Sighting::new(scene.verdict, scene.landed_at_ms),
        passed,
    }
}

fn passes(scene: &Scene<'_>, place: usize) -> bool {
    u16::try_from(place).is_ok_and(|place| scene.verdict.passed(scene.contract, place))
}

/// Why a correction does not count for a known issue.
fn refusal(scene: &Scene<'_>, state: &IssueState) -> Option<&'static str> {
    let Scene {
        contract, verdict, ..
    } = scene;
    let own_key = verdict.key.as_ref().map(|key| key.id.key_hash);
    if *contract.id != *state.feed {
        return Some(corrects::FOREIGN);
    }
    if own_key.is_some() && own_key == state.key_hash {
        return Some(corrects::SAME_KEY);
    }
    if !state.needs_correction() {
        return Some(corrects::SOUND_KEY);
    }
    let passed = contract
        .rule_index(&state.rule)
        .is_some_and(|place| passes(scene, place));
    (correcting_record(verdict).is_none() || !passed).then_some(corrects::NOT_PASSED)
}
