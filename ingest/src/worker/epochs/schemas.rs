//! Schemas while leading: lanes that wait for one are held back, what registries answer is stored, learnt, and the lanes
//! go on.

use yidang_schemas::fault::{Fault, FaultKind};
use yidang_transform::schema_book::{Fact, Known};

use super::Lead;
use crate::epoch::LandedMessage;
use crate::registry::stored::{self, FactName};
use crate::worker::Worker;
use crate::worker::schemas::{Answer, Wanted};

impl Worker {
    /// The messages that can be judged; the others wait with their lanes.
    pub(super) fn admit(
        &self,
        lead: &mut Lead,
        messages: Vec<LandedMessage>,
    ) -> Vec<LandedMessage> {
        let bounds = self.settings.engine.bounds;
        let schemas = (lead.engine.schemas(), next_epoch(lead));
        let (admitted, begun) = lead.desk.admit(&self.catalog, bounds, schemas, messages);
        if !begun.is_empty() {
            self.tell_waiting(lead);
            lead.source.pause(begun);
        }
        admitted
    }

    /// Asks, takes what was answered, and lets go on what can.
    ///
    /// # Errors
    /// `Invalid` where a registry is another one than the lake knows; faults of the store.
    pub(super) async fn serve_schemas(&self, lead: &mut Lead) -> Result<(), Fault> {
        lead.desk.keep_only(&lead.watch.reading);
        lead.desk.ask(&self.lake);
        let answers = lead.desk.answers();
        if answers.is_empty() {
            return Ok(());
        }
        for (wanted, answer) in answers {
            self.take_answer(lead, wanted, answer).await?;
        }
        let released = lead.desk.release(lead.engine.schemas(), next_epoch(lead));
        for (lane, messages) in released {
            lead.gatherer.put_back(messages.into());
            lead.source.resume(vec![lane]);
        }
        self.tell_waiting(lead);
        Ok(())
    }

    async fn take_answer(
        &self,
        lead: &mut Lead,
        wanted: Wanted,
        answer: Result<Fact, Fault>,
    ) -> Result<(), Fault> {
        let (registry, id) = &wanted;
        match &answer {
            Err(fault) if fault.kind == FaultKind::Unavailable => {
                self.report.registry_silent(registry, *id, &fault.chain());
            }
            Err(_) => return answer.map(drop),
            Ok(fact) => self.report.registry_answered(registry, *id, fact),
        }
        let name = FactName {
            registry: registry.clone(),
            id: *id,
            epoch: next_epoch(lead),
        };
        let known = lead.engine.schemas().at(name.epoch).find(registry, *id);
        let is_known_unknown = matches!(known, Some(Known::Unknown));
        if let Answer::Fact(fact) = lead.desk.weigh(&wanted, answer, is_known_unknown) {
            let fact = self.keep_fact(lead, &name, fact).await?;
            lead.engine.learn(&name, &fact);
        }
        Ok(())
    }

    /// Stores a fact, waiting while the store is out of reach.
    async fn keep_fact(&self, lead: &mut Lead, name: &FactName, fact: Fact) -> Result<Fact, Fault> {
        loop {
            match stored::store(&self.lake, name, &fact).await {
                Ok(stands) => return Ok(stands),
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.wait_out(lead, fault).await?;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Says anew which lanes wait for what.
    fn tell_waiting(&self, lead: &Lead) {
        let waiting = lead.desk.waiting().filter_map(|(lane, wanted)| {
            let contract = self.catalog.feed(lane.feed)?;
            Some((contract, lane.partition, wanted.1))
        });
        self.report
            .schemas_awaited(&self.catalog, waiting.collect());
    }
}

/// The epoch that is landed next: facts that are learnt now count from there on.
fn next_epoch(lead: &Lead) -> i64 {
    lead.tables.landing.epoch() + 1
}
