//! The issue fold: verdicts of one epoch into changed issues, events and findings.
//!
//! Memory is read, never changed. Verdicts are taken one after the other in landed order, in each verdict one finding
//! at a time, so that events and their numbers are a function of the log alone and repeat byte for byte.
//!
//! The caller passes a verdict for every record that fails a rule or carries the header `corrects`, and for every
//! record whose key [`IssueMemory::concerns`] or that a verdict of the same epoch fails; more verdicts change nothing
//! but the time it takes. `kept_passes` is wanted for every failing record with a key and an order, whatever became of
//! it: without them the issue would stay open until the next good record.

mod corrects;
mod evidence;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Order};
use yidang_schemas::rule::{Action, Rule};
use yidang_transform::record::{Effect, RecordId};
use yidang_transform::token::IdKey;
use yidang_transform::verdict::{Failure, Verdict};

use crate::correction::WaitingList;
use crate::disclose::{Observed, observed};
use crate::event::Event;
use crate::finding::{Finding, Scene};
use crate::identity::{IssueId, RecordRef};
use crate::issue::IssueState;
use crate::memory::IssueMemory;
use crate::note::KeyNote;

/// What the fold cannot know by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackSettings {
    /// First part of event types: the city's domain name reversed.
    pub type_prefix: String,
    /// Landing instant of the epoch, epoch milliseconds.
    pub recorded_at_ms: i64,
    pub epoch: u64,
}

/// The prefix of event types where none is set.
pub const DEFAULT_TYPE_PREFIX: &str = "yidang";

/// What an epoch changes, nothing of it applied yet.
#[derive(Debug, Default)]
pub struct FoldedIssues {
    /// Issues that changed, each as it is after the epoch.
    pub issues: BTreeMap<IssueId, IssueState>,
    /// Of these, the ones whose row in the table `issue` changed; the others only remember a pass.
    pub visible: BTreeSet<IssueId>,
    /// Corrections whose issue is not known yet.
    pub waiting: BTreeMap<IssueId, WaitingList>,
    pub notes: BTreeMap<RecordId, KeyNote>,
    /// In the order in which they happened; by issue their numbers ascend.
    pub events: Vec<Event>,
    /// In landed order, by record in the order of its rules.
    pub findings: Vec<Finding>,
}

/// Folds the verdicts of an epoch, in landed order. Every verdict's feed is one of the catalog.
pub fn fold_issues(
    memory: &IssueMemory,
    catalog: &Catalog,
    id_key: &IdKey,
    settings: &FeedbackSettings,
    verdicts: &[Verdict],
) -> FoldedIssues {
    let mut fold = Fold {
        memory,
        catalog,
        settings,
        keys: AgencyKeys {
            id_key,
            made: BTreeMap::new(),
        },
        by_record: BTreeMap::new(),
        out: FoldedIssues::default(),
    };
    for verdict in verdicts {
        fold.verdict(verdict);
    }
    fold.out
}

/// The keys of agencies, made once each.
#[derive(Debug)]
struct AgencyKeys<'a> {
    id_key: &'a IdKey,
    made: BTreeMap<&'a str, IdKey>,
}

impl<'a> AgencyKeys<'a> {
    fn of(&mut self, agency: &'a str) -> &IdKey {
        self.made
            .entry(agency)
            .or_insert_with(|| self.id_key.of_agency(agency))
    }
}

/// The fold while it runs.
#[derive(Debug)]
struct Fold<'a> {
    memory: &'a IssueMemory,
    catalog: &'a Catalog,
    settings: &'a FeedbackSettings,
    keys: AgencyKeys<'a>,
    /// Issues that this epoch made known, by record.
    by_record: BTreeMap<RecordId, BTreeSet<IssueId>>,
    out: FoldedIssues,
}

/// A rule of a verdict's contract, with its place.
#[derive(Debug, Clone, Copy)]
struct Failed<'a> {
    place: u16,
    rule: &'a Rule,
    failure: &'a Failure,
    /// Keyed hash of the failing value.
    value: Option<u64>,
}

impl<'a> Fold<'a> {
    fn verdict(&mut self, verdict: &'a Verdict) {
        let contract = self
            .catalog
            .feed(verdict.origin.feed)
            .expect("verdicts are of feeds of the catalog");
        if !verdict.failures.is_empty() {
            let scene = self.scene(contract, verdict);
            for failure in &verdict.failures {
                self.failure(&scene, failure);
            }
        }
        self.note(verdict, contract);
        self.passes(contract, verdict);
        if let Some(text) = &verdict.corrects {
            let scene = self.scene(contract, verdict);
            self.corrects(&scene, text);
        }
    }

    fn scene(&mut self, contract: &'a Contract, verdict: &'a Verdict) -> Scene<'a> {
        let key = self.keys.of(&contract.agency);
        Scene {
            contract,
            verdict,
            record_ref: RecordRef::new(key, contract, verdict.key.as_ref(), verdict.origin),
            landed_at_ms: self.settings.recorded_at_ms,
            epoch: self.settings.epoch,
        }
    }

    /// A finding, and where it counts against the record, its issue.
    fn failure(&mut self, scene: &Scene<'a>, failure: &'a Failure) {
        let contract = scene.contract;
        let rule = contract
            .rules
            .get(usize::from(failure.rule))
            .expect("a failure names a rule of its contract");
        let observed = self.observed(contract, rule, failure);
        let mut finding = scene.failed(rule, (failure.code.0, failure.action), &observed);
        if failure.action != Action::Observe && !excused(contract, rule, scene.verdict) {
            let id = IssueId::of_record(contract, rule, scene.record_ref);
            let value = failure
                .raw
                .as_deref()
                .map(|raw| self.value_hash(contract, raw));
            let failed = Failed {
                place: failure.rule,
                rule,
                failure,
                value,
            };
            if self.fail(scene, id, failed, observed) {
                finding.issue_id = Some(id);
            }
        }
        self.out.findings.push(finding);
    }

    fn observed(&mut self, contract: &'a Contract, rule: &Rule, failure: &Failure) -> Observed {
        let field = rule.field.and_then(|field| contract.fields.get(field));
        let key = self.keys.of(&contract.agency);
        observed(
            key,
            field.map(|field| field.classification),
            failure.raw.as_deref(),
        )
    }

    fn value_hash(&mut self, contract: &'a Contract, raw: &str) -> u64 {
        let hash = self.keys.of(&contract.agency).keyed_hash(&[raw.as_bytes()]);
        u64::from_le_bytes(*hash.first_chunk().expect("a keyed hash has 16 bytes"))
    }

    /// What a record outside the record fold passed, kept where a failure may still count that is older than it: its key
    /// has an issue, or what comes later need not be newer.
    fn note(&mut self, verdict: &Verdict, contract: &Contract) {
        let (Some(key), Some(order)) = (&verdict.key, &verdict.order) else {
            return;
        };
        let remembered =
            verdict.effect == Some(Effect::Applied) || verdict.effect == Some(Effect::Duplicate);
        let is_held = verdict.effect.is_none() && contract.order != Order::Log;
        let matters = is_held || !self.issues_of(&key.id).is_empty();
        if remembered || verdict.removal || !matters {
            return;
        }
        let rules = u16::try_from(contract.rules.len()).expect("a contract has few rules");
        let passed: Vec<u16> = (0..rules)
            .filter(|rule| verdict.passed(contract, *rule))
            .collect();
        let kept = self
            .out
            .notes
            .get(&key.id)
            .or_else(|| self.memory.note(&key.id));
        let mut note = kept.cloned().unwrap_or_default();
        if note.add(order, &passed) {
            self.out.notes.insert(key.id, note);
        }
    }

    fn issue(&self, id: &IssueId) -> Option<&IssueState> {
        self.out.issues.get(id).or_else(|| self.memory.issue(id))
    }

    /// Issues about a record, in id order.
    fn issues_of(&self, record: &RecordId) -> BTreeSet<IssueId> {
        let mut ids: BTreeSet<IssueId> = self.memory.issues_of(record).iter().copied().collect();
        ids.extend(self.by_record.get(record).into_iter().flatten());
        ids
    }
}

/// A removal takes its record back whatever the key looks like: a defective key fails again and must not reopen what
/// the removal ends. What makes the removal itself unreadable counts.
fn excused(contract: &Contract, rule: &Rule, verdict: &Verdict) -> bool {
    verdict.removal
        && rule
            .field
            .is_some_and(|field| contract.record_key.contains(&field))
}
