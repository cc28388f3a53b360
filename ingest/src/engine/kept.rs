//! What is kept of the records that fail something, as each record of an epoch finds it.
//!
//! The record fold gives the states at the end of an epoch. Feedback takes one record at a time in landed order, so a
//! failure must not see the correction that comes after it in the same epoch: else what is told would depend on where
//! epochs are cut. Only keys with a failure in the epoch are followed, so that good records cost nothing.

use std::borrow::Cow;

use hashbrown::{HashMap, HashSet};
use yidang_transform::merge::KeptPass;
use yidang_transform::observe::Observation;
use yidang_transform::record::{RecordId, RecordState, fold};

use super::Engine;
use super::judge::JudgedEpoch;

/// States of the followed keys after the records that were taken so far.
pub(super) struct KeptStates<'a> {
    engine: &'a Engine,
    followed: HashSet<RecordId>,
    changed: HashMap<RecordId, RecordState>,
}

impl<'a> KeptStates<'a> {
    pub(super) fn new(engine: &'a Engine, judged: &JudgedEpoch) -> Self {
        let failing = judged
            .records
            .iter()
            .filter(|judged| !judged.observation.failures.is_empty());
        let keys = failing.filter_map(|judged| judged.observation.key.as_ref());
        Self {
            engine,
            followed: keys.map(|key| key.id).collect(),
            changed: HashMap::new(),
        }
    }

    pub(super) fn follows(&self, observation: &Observation) -> bool {
        let key = observation.key.as_ref();
        key.is_some_and(|key| self.followed.contains(&key.id))
    }

    /// Takes the next record in landed order.
    pub(super) fn follow(&mut self, observation: &Observation) {
        let (Some(key), Some(statement)) = (&observation.key, &observation.statement) else {
            return;
        };
        if !self.followed.contains(&key.id) {
            return;
        }
        let contract = self
            .engine
            .catalog
            .feed(key.id.feed)
            .expect("observations are of feeds of the catalog");
        let (_, next) = fold(contract.mode, self.kept(&key.id).as_deref(), statement);
        if let Some(next) = next {
            self.changed.insert(key.id, next);
        }
    }

    /// Of each rule that the record just taken failed, what the kept version, or one before it, passed.
    pub(super) fn passes(&self, observation: &Observation) -> Vec<KeptPass> {
        let key = observation
            .key
            .as_ref()
            .filter(|_| observation.order.is_some());
        let Some(kept) = key.and_then(|key| self.kept(&key.id)) else {
            return Vec::new();
        };
        let failed = observation.failures.iter().map(|failure| failure.rule);
        failed
            .filter_map(|rule| KeptPass::of(&kept, rule))
            .collect()
    }

    fn kept(&self, id: &RecordId) -> Option<Cow<'_, RecordState>> {
        match self.changed.get(id) {
            Some(state) => Some(Cow::Borrowed(state)),
            None => self.engine.memory.record(id).map(Cow::Owned),
        }
    }
}
