//! Which lanes a leader reads: looked at when due, left where a feed has to stop, taken up again after a restart.
//!
//! Leaves alone: how a topic is compared with the lake (`lanes`), and what is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use yidang_schemas::fault::Fault;

use super::{LAG, LOOK, Lead, positions};
use crate::epoch::Lane;
use crate::kafka::source::Source;
use crate::lanes::incarnations;
use crate::worker::Worker;
use crate::worker::gather::Gatherer;

impl Worker {
    pub(super) async fn look(&self, lead: &mut Lead) -> Result<(), Fault> {
        self.look_at_lags(lead).await?;
        if lead.looked_at.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(());
        }
        if !lead.stopped.is_empty() {
            self.unstop(lead).await?;
        }
        let known = lead.engine.lanes().clone();
        let stopped = lead.stopped.keys().copied().collect();
        let (looker, reading) = (Arc::clone(&lead.looker), lead.reading.clone());
        let incarnations = lead.incarnations.clone();
        let looked = self
            .blocking(move || looker.look(&incarnations, &known, &reading, &stopped))
            .await?;
        lead.looked_at = Some(Instant::now());
        for feed in looked.missing {
            if lead.told_missing.insert(feed)
                && let Some(contract) = self.catalog.feed(feed)
            {
                self.report.topic_missing(&contract.id, &contract.topic);
            }
        }
        for (feed, why) in looked.stopped {
            self.stop_feed(lead, feed, &why);
        }
        let mut found: BTreeMap<u16, i32> = BTreeMap::new();
        for start in &looked.start {
            lead.reading.insert(start.lane);
            *found.entry(start.lane.feed).or_default() += 1;
        }
        for (feed, partitions) in found {
            if let Some(contract) = self.catalog.feed(feed) {
                self.report
                    .topic_found(&contract.id, &contract.topic, partitions);
            }
        }
        if !looked.start.is_empty() {
            lead.lag_at = None;
            lead.source.read(looked.start);
        }
        Ok(())
    }

    fn stop_feed(&self, lead: &mut Lead, feed: u16, why: &str) {
        let Some(contract) = self.catalog.feed(feed) else {
            return;
        };
        self.report.feed_stopped(&contract.id, why);
        let incarnation = lead
            .incarnations
            .get(usize::from(feed))
            .copied()
            .unwrap_or(0);
        lead.stopped.insert(feed, incarnation);
        let left: Vec<Lane> = lead
            .reading
            .iter()
            .filter(|lane| lane.feed == feed)
            .copied()
            .collect();
        lead.reading.retain(|lane| lane.feed != feed);
        lead.lags.retain(|lane, _| lane.feed != feed);
        lead.source.leave(left);
    }

    /// Feeds whose incarnation an operator has raised go on.
    async fn unstop(&self, lead: &mut Lead) -> Result<(), Fault> {
        lead.incarnations = incarnations(&self.lake, &self.catalog).await?;
        let raised: Vec<u16> = lead
            .stopped
            .iter()
            .filter(|(feed, before)| {
                lead.incarnations
                    .get(usize::from(**feed))
                    .is_some_and(|now| now > *before)
            })
            .map(|(feed, _)| *feed)
            .collect();
        for feed in raised {
            lead.stopped.remove(&feed);
            if let Some(contract) = self.catalog.feed(feed) {
                self.report.feed_restarted(&contract.id);
            }
        }
        Ok(())
    }

    /// librdkafka lost a lane without saying which: all are looked at anew.
    pub(super) fn recheck(&self, lead: &mut Lead) -> Result<(), Fault> {
        // A new reading side: what the old one still had under way must not meet what is read again.
        lead.source = Source::start(&self.settings.broker, &self.identity.lake_id)?;
        lead.reading.clear();
        lead.lags.clear();
        lead.gatherer = Gatherer::default();
        lead.looked_at = None;
        Ok(())
    }

    async fn look_at_lags(&self, lead: &mut Lead) -> Result<(), Fault> {
        if lead.lag_at.is_some_and(|at| at.elapsed() < LAG) || lead.reading.is_empty() {
            return Ok(());
        }
        lead.lag_at = Some(Instant::now());
        let known = positions(&lead.engine);
        let position = |lane: &Lane| (*lane, known.get(lane).copied().unwrap_or(0));
        let wanted: BTreeMap<Lane, i64> = lead.reading.iter().map(position).collect();
        let looker = Arc::clone(&lead.looker);
        lead.lags = self.blocking(move || looker.lags(&wanted)).await?;
        self.report.lag(&self.catalog, &lead.lags);
        Ok(())
    }
}
