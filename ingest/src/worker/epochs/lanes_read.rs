//! Which lanes a leader reads: looked at when due, left where a feed has to stop, taken up again after a restart.
//!
//! Looking waits for brokers, so it is done beside the epochs: a look is asked for, and what it found is taken when it
//! is there. Leaves alone: how a topic is compared with the lake (`lanes`), and what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use yidang_schemas::fault::{Fault, FaultKind};

use super::Lead;
use crate::epoch::{Lane, LaneState};
use crate::kafka::source::Source;
use crate::lanes::{Known, Lags, Looked, Looker, incarnations};
use crate::worker::patience::Patience;
use crate::worker::{Worker, gather::Gatherer, now_ms};

/// How often topics are looked at, and how often their ends.
const LOOK: Duration = Duration::from_secs(5);
const LAG: Duration = Duration::from_secs(1);

/// What a leader knows of the topics.
pub(super) struct Watch {
    looker: Arc<Looker>,
    running: Option<JoinHandle<Result<Seen, Fault>>>,
    pub reading: BTreeSet<Lane>,
    pub stopped: BTreeSet<u16>,
    incarnations: Vec<u32>,
    marks: BTreeMap<Lane, LaneState>,
    unreached: BTreeSet<Lane>,
    told_missing: BTreeSet<u16>,
    pub lags: BTreeMap<Lane, i64>,
    looked_at: Option<Instant>,
    lag_at: Option<Instant>,
    patience: Patience,
}

/// One look, and when it was asked for.
struct Seen {
    asked_at: Instant,
    /// Topics too, with what was landed when it began.
    topics: Option<(Looked, BTreeMap<Lane, LaneState>)>,
    lags: Lags,
}

impl Watch {
    pub(super) fn new(looker: Looker, incarnations: Vec<u32>) -> Self {
        Self {
            looker: Arc::new(looker),
            running: None,
            reading: BTreeSet::new(),
            stopped: BTreeSet::new(),
            incarnations,
            marks: BTreeMap::new(),
            unreached: BTreeSet::new(),
            told_missing: BTreeSet::new(),
            lags: BTreeMap::new(),
            looked_at: None,
            lag_at: None,
            patience: Patience::default(),
        }
    }

    /// When the ends that are known were asked for; nothing while topics or a lane are not known.
    pub(super) fn seen_at(&self) -> Option<Instant> {
        let all = self.unreached.is_empty() && self.lags.len() == self.reading.len();
        self.lag_at.filter(|_| all && self.looked_at.is_some())
    }

    /// Whatever is on its way was asked before the lanes changed: it is not waited for.
    fn ask_anew(&mut self) {
        self.running = None;
        self.looked_at = None;
        self.lag_at = None;
    }

    fn forget(&mut self, goes: impl Fn(&Lane) -> bool) -> Vec<Lane> {
        let left: Vec<Lane> = self
            .reading
            .iter()
            .filter(|lane| goes(lane))
            .copied()
            .collect();
        self.reading.retain(|lane| !goes(lane));
        self.lags.retain(|lane, _| !goes(lane));
        self.marks.retain(|lane, _| !goes(lane));
        self.unreached.retain(|lane| !goes(lane));
        left
    }

    fn is_due(at: Option<Instant>, every: Duration) -> bool {
        at.is_none_or(|at| at.elapsed() >= every)
    }

    /// Asks for a look if one is due and none is on its way.
    fn ask(&mut self, lanes: &BTreeMap<Lane, LaneState>) {
        let topics_due = Self::is_due(self.looked_at, LOOK);
        if self.running.is_some() || !(topics_due || Self::is_due(self.lag_at, LAG)) {
            return;
        }
        let known = topics_due.then(|| Known {
            incarnations: self.incarnations.clone(),
            lanes: lanes.clone(),
            marks: self.marks.clone(),
            reading: self.reading.clone(),
            stopped: self.stopped.clone(),
        });
        let position = |lane: &Lane| (*lane, lanes.get(lane).map_or(0, LaneState::position));
        let positions: BTreeMap<Lane, i64> = self.reading.iter().map(position).collect();
        let (looker, asked_at) = (Arc::clone(&self.looker), Instant::now());
        self.running = Some(tokio::task::spawn_blocking(move || {
            let looked = known.map(|known| {
                let looked = looker.look(&known)?;
                Ok::<_, Fault>((looked, known.lanes))
            });
            Ok(Seen {
                asked_at,
                topics: looked.transpose()?,
                lags: looker.lags(&positions)?,
            })
        }));
    }

    /// What the last look found, once it is there.
    async fn answer(&mut self) -> Option<Result<Seen, Fault>> {
        let done = self.running.take_if(|running| running.is_finished())?;
        Some(done.await.expect("looking at topics does not panic"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A look that is on its way holds up the end of the process no longer than one lane takes.
        self.looker.leave();
    }
}

impl Worker {
    /// Takes what a look found, and asks for the next one when it is due.
    ///
    /// # Errors
    /// Faults that waiting does not mend: brokers out of reach for too long among them.
    pub(super) async fn look(&self, lead: &mut Lead) -> Result<(), Fault> {
        match lead.watch.answer().await {
            None => {}
            Some(Ok(seen)) => {
                lead.watch.patience.restored();
                self.take(lead, seen);
            }
            Some(Err(fault)) if fault.kind == FaultKind::Unavailable => {
                self.report.trouble("look at topics", &fault.chain());
                lead.watch.patience.bear(fault)?;
                lead.watch.ask_anew();
                self.pause().await;
            }
            Some(Err(fault)) => return Err(fault),
        }
        if lead.watch.running.is_none() && Watch::is_due(lead.watch.looked_at, LOOK) {
            self.take_raised(lead).await?;
        }
        lead.watch.ask(lead.engine.lanes());
        Ok(())
    }

    fn take(&self, lead: &mut Lead, seen: Seen) {
        lead.watch.lag_at = Some(seen.asked_at);
        lead.watch.lags = seen.lags.waiting;
        let mut unreached = seen.lags.unreached;
        if let Some((looked, landed)) = seen.topics {
            lead.watch.looked_at = Some(seen.asked_at);
            lead.watch.marks = landed;
            unreached.extend(looked.unreached.clone());
            self.take_looked(lead, looked);
        } else {
            // Lanes that are not read yet are tried by the next look at topics.
            let unread = lead.watch.unreached.difference(&lead.watch.reading);
            unreached.extend(unread.map(|lane| (*lane, String::new())));
        }
        self.tell_unreached(lead, unreached);
        self.report.lag(&self.catalog, &lead.watch.lags);
    }

    fn tell_unreached(&self, lead: &mut Lead, unreached: BTreeMap<Lane, String>) {
        for (lane, why) in &unreached {
            if !lead.watch.unreached.contains(lane) {
                self.report.trouble("look at a lane", why);
            }
        }
        lead.watch.unreached = unreached.into_keys().collect();
    }

    fn take_looked(&self, lead: &mut Lead, looked: Looked) {
        self.report.lag_seconds(
            &self.catalog,
            &lead.watch.reading,
            &looked.next_ms,
            now_ms(),
        );
        for feed in looked.missing {
            let left = lead.watch.forget(|lane| lane.feed == feed);
            lead.source.leave(left);
            if lead.watch.told_missing.insert(feed)
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
            lead.watch.reading.insert(start.lane);
            *found.entry(start.lane.feed).or_default() += 1;
        }
        for (feed, partitions) in found {
            if let Some(contract) = self.catalog.feed(feed) {
                self.report
                    .topic_found(&contract.id, &contract.topic, partitions);
            }
        }
        if !looked.start.is_empty() {
            lead.watch.lag_at = None;
            lead.source.read(looked.start);
        }
    }

    fn stop_feed(&self, lead: &mut Lead, feed: u16, why: &str) {
        let Some(contract) = self.catalog.feed(feed) else {
            return;
        };
        self.report.feed_stopped(&contract.id, why);
        lead.watch.stopped.insert(feed);
        let left = lead.watch.forget(|lane| lane.feed == feed);
        lead.source.leave(left);
    }

    /// Feeds whose incarnation an operator has raised: their old lanes are left before the new ones are read, and one
    /// that was stopped goes on.
    async fn take_raised(&self, lead: &mut Lead) -> Result<(), Fault> {
        let now = match incarnations(&self.lake, &self.catalog).await {
            Ok(now) => now,
            // What is known stays true; the next look reads them again.
            Err(fault) if fault.kind == FaultKind::Unavailable => {
                self.report.trouble("look at incarnations", &fault.chain());
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        let before = std::mem::replace(&mut lead.watch.incarnations, now.clone());
        for (feed, (now, before)) in (0_u16..).zip(now.iter().zip(&before)) {
            if now <= before {
                continue;
            }
            lead.watch.stopped.remove(&feed);
            let left = lead.watch.forget(|lane| lane.feed == feed);
            lead.source.leave(left);
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
        lead.watch.reading.clear();
        lead.watch.lags.clear();
        lead.watch.ask_anew();
        lead.gatherer = Gatherer::default();
        lead.desk.clear();
        Ok(())
    }
}
