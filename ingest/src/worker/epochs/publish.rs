//! Events out: those of committed rows, in their order, and what is known of their arrival.

use std::time::Duration;

use yidang_schemas::fault::Fault;

use super::Lead;
use crate::epoch::EpochInput;
use crate::kafka::publisher::{Outgoing, WAITING_EPOCHS_MAX};
use crate::lake::PUBLISHED;
use crate::report::StepTimer;
use crate::worker::{Worker, now_ms};

/// Longest wait for acknowledgements when stopping.
const SETTLE: Duration = Duration::from_secs(20);

impl Worker {
    /// Takes acknowledgements, tells what keeps events from going out, and waits where too many are on their way.
    pub(super) async fn serve_publisher(&self, lead: &mut Lead) -> Result<(), Fault> {
        let mut step = StepTimer::start();
        self.tell_published(lead).await?;
        if lead.publisher.waiting_epochs() > WAITING_EPOCHS_MAX {
            lead.publisher.settle(SETTLE).await?;
            self.tell_published(lead).await?;
        }
        self.report.step("publish", step.lap());
        Ok(())
    }

    async fn tell_published(&self, lead: &mut Lead) -> Result<(), Fault> {
        let (epoch, waiting) = (
            lead.publisher.acknowledged(),
            lead.publisher.waiting_epochs(),
        );
        self.report
            .acknowledged(epoch, waiting, &lead.publisher.take_arrivals());
        let troubles = lead.publisher.take_troubles();
        for trouble in &troubles {
            let doing = format!("publish to {}", trouble.topic);
            self.report.trouble(&doing, &trouble.why);
        }
        // A feedback topic that somebody deleted is made again, as at the start.
        if troubles.iter().any(|trouble| trouble.is_missing) {
            self.make_topics().await?;
        }
        Ok(())
    }

    /// Events out, the position of the last one landed with an empty epoch, a checkpoint.
    pub(super) async fn stop_well(&self, lead: &mut Lead) -> Result<(), Fault> {
        let acknowledged = match lead.publisher.settle(SETTLE).await {
            Ok(acknowledged) => acknowledged,
            // Events are rows already: whoever leads next sends them.
            Err(fault) => {
                self.report
                    .trouble("publish events before stopping", &fault.chain());
                lead.publisher.acknowledged()
            }
        };
        let landed = lead
            .tables
            .landing
            .txns()
            .get(PUBLISHED)
            .copied()
            .unwrap_or(0);
        if acknowledged > landed {
            let input = EpochInput {
                epoch: lead.tables.landing.epoch() + 1,
                landed_at_ms: now_ms(),
                messages: Vec::new(),
            };
            if let Ok(plan) = lead.engine.plan(input) {
                lead.tables.land(&self.catalog, &plan, acknowledged).await?;
                lead.engine.apply(plan);
            }
        }
        let (waiting, arrivals) = (
            lead.publisher.waiting_epochs(),
            lead.publisher.take_arrivals(),
        );
        self.report.acknowledged(acknowledged, waiting, &arrivals);
        self.checkpoint_now(lead).await
    }
}

pub(super) fn outgoing(event: &yidang_feedback::event::Event) -> Outgoing {
    Outgoing {
        topic: event.topic.clone(),
        key: event.key(),
        headers: event.headers.clone(),
        payload: event.payload.clone(),
    }
}
