//! Leading: the epoch loop, and with it the order of effects.
//!
//! Gather, plan (pure), land, derive, apply, publish, now and then checkpoint. Nothing in memory changes before the
//! landing entry stands; the next epoch is landed only after the derived tables of this one.

mod lanes_read;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};

use super::gather::Gatherer;
use super::idle::{Idle, is_read};
use super::{Ended, LeadEnd, OUT_OF_REACH, PAUSE, Worker, now_ms};
use crate::bundle;
use crate::checkpoint;
use crate::engine::{Engine, Plan};
use crate::epoch::{EpochInput, LandedMessage, Lane, Narrowed};
use crate::kafka::election::Election;
use crate::kafka::publisher::{Outgoing, Publisher, WAITING_EPOCHS_MAX};
use crate::kafka::source::Source;
use crate::lake::{Moves, Tables};
use crate::lanes::{Looker, incarnations};
use crate::maintain::Maintainer;
use crate::recover::{Access, StateReader, follow, recover_from, unpublished};
use crate::report::{EpochLine, Role};

/// How often topics are looked at, and how long the loop waits for a first message.
const LOOK: Duration = Duration::from_secs(5);
const LAG: Duration = Duration::from_secs(1);
const WAIT: Duration = Duration::from_millis(100);
/// Longest wait for acknowledgements when stopping.
const SETTLE: Duration = Duration::from_secs(20);

/// Everything a leader holds.
struct Lead {
    tables: Tables,
    engine: Engine,
    election: Election,
    source: Source,
    looker: Arc<Looker>,
    publisher: Publisher,
    gatherer: Gatherer,
    maintainer: Maintainer,
    reading: BTreeSet<Lane>,
    stopped: BTreeMap<u16, u32>,
    incarnations: Vec<u32>,
    told_missing: BTreeSet<u16>,
    told_time: BTreeSet<u16>,
    lags: BTreeMap<Lane, i64>,
    looked_at: Option<Instant>,
    lag_at: Option<Instant>,
    checkpoint_at: Instant,
    trouble_since: Option<Instant>,
    idle: Idle,
}

impl Worker {
    /// Takes the lead and keeps it as long as it can.
    pub(super) async fn lead(
        &mut self,
        mut tables: Tables,
        mut reader: StateReader,
        election: Election,
    ) -> Result<LeadEnd, Fault> {
        self.report.role(Role::Recovering);
        let started = Instant::now();
        // Before the fence: a worker with an older bundle stops without disturbing anybody.
        bundle::store(&self.lake, &self.catalog).await?;
        // What the leader before wrote since the last look, so that little is left to read behind the fence.
        follow(&mut tables, &mut reader).await?;
        let term = tables.take_lead(&self.catalog, now_ms()).await?;
        self.report.took_lead(term);
        bundle::store(&self.lake, &self.catalog).await?;
        reader.read_new(&tables).await?;
        let beat = || {
            election.poll(Duration::ZERO);
        };
        let (engine, recovered) = recover_from(
            &mut tables,
            reader,
            &self.id_key,
            &self.settings.engine,
            Access::Write,
            beat,
        )
        .await?;
        self.report.recovered(&recovered, started.elapsed());
        let mut publisher = Publisher::new(&self.settings.broker, recovered.published)?;
        for (epoch, events) in unpublished(&tables, recovered.published).await? {
            publisher.publish(epoch, events);
        }
        let broker = self.settings.broker.clone();
        let (catalog, uri) = (Arc::clone(&self.catalog), self.lake.uri().to_owned());
        let looker = self
            .blocking(move || Looker::new(&broker, &catalog, &uri))
            .await?;
        let incarnations = incarnations(&self.lake, &self.catalog).await?;
        let mut lead = Lead {
            tables,
            engine,
            election,
            source: Source::start(&self.settings.broker, &self.identity.lake_id)?,
            looker: Arc::new(looker),
            publisher,
            gatherer: Gatherer::default(),
            maintainer: Maintainer::default(),
            reading: BTreeSet::new(),
            stopped: BTreeMap::new(),
            incarnations,
            told_missing: BTreeSet::new(),
            told_time: BTreeSet::new(),
            lags: BTreeMap::new(),
            looked_at: None,
            lag_at: None,
            checkpoint_at: Instant::now(),
            trouble_since: None,
            idle: Idle::default(),
        };
        self.report.role(Role::Leader);
        self.epochs(&mut lead).await
    }

    async fn epochs(&mut self, lead: &mut Lead) -> Result<LeadEnd, Fault> {
        loop {
            if !lead.election.poll(Duration::ZERO) {
                return Ok(LeadEnd::Lost(
                    "the group gave the lead to another worker".to_owned(),
                ));
            }
            if self.is_stopping() {
                self.stop_well(lead).await?;
                return Ok(LeadEnd::Ended(Ended::Stopped));
            }
            match self.turn(lead).await {
                Ok(()) => lead.trouble_since = None,
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.wait_out(lead, fault).await?
                }
                Err(fault) => return Err(fault),
            }
            if let Some(long) = self.settings.until_idle {
                let done = self.is_done(lead);
                // Ends are looked at now and then: a shorter while would judge by an old look.
                if lead.idle.note(done, long.max(LAG)) {
                    self.stop_well(lead).await?;
                    return Ok(LeadEnd::Ended(Ended::Idle));
                }
            }
        }
    }

    /// One turn: look at topics when due, gather, do an epoch, keep house.
    async fn turn(&self, lead: &mut Lead) -> Result<(), Fault> {
        self.look(lead).await?;
        let gathered = lead
            .gatherer
            .gather(&mut lead.source, self.settings.epoch, WAIT)
            .await;
        if gathered.closed {
            panic!("the reading thread ends only after its source is dropped");
        }
        if let Some(why) = &gathered.trouble {
            self.report.trouble("read sources", why);
        }
        if !gathered.broken.is_empty() {
            return self.recheck(lead);
        }
        if !gathered.messages.is_empty() {
            self.epoch(lead, gathered.messages).await?;
        }
        let acknowledged = lead.publisher.acknowledged();
        self.report
            .acknowledged(acknowledged, lead.publisher.waiting_epochs(), None);
        if lead.publisher.waiting_epochs() > WAITING_EPOCHS_MAX {
            lead.publisher.settle(SETTLE).await?;
        }
        self.checkpoint(lead).await?;
        lead.maintainer
            .turn(&mut lead.tables, &mut lead.engine, &self.report, now_ms())
            .await
    }

    /// Does one epoch. A batch that panics is halved until the message that panics stands alone, and is held.
    async fn epoch(&self, lead: &mut Lead, messages: Vec<LandedMessage>) -> Result<(), Fault> {
        let mut messages = unread(&lead.engine, messages);
        if messages.is_empty() {
            return Ok(());
        }
        loop {
            let input = EpochInput {
                epoch: lead.tables.landing.epoch() + 1,
                landed_at_ms: now_ms(),
                messages,
            };
            let started = Instant::now();
            match tokio::task::block_in_place(|| lead.engine.plan(input)) {
                Ok(plan) => {
                    self.report.planned(&self.catalog, &plan, started.elapsed());
                    return self.put(lead, plan, started).await;
                }
                Err((_panicked, input)) => messages = self.narrow(lead, input)?,
            }
        }
    }

    /// The messages that are tried next after a panic.
    fn narrow(&self, lead: &mut Lead, input: EpochInput) -> Result<Vec<LandedMessage>, Fault> {
        match input.narrowed() {
            Narrowed::Halved { first, rest } => {
                lead.gatherer.put_back(rest);
                Ok(first.messages)
            }
            Narrowed::Held(input) => {
                for alone in &input.messages {
                    let feed = self
                        .catalog
                        .feed(alone.feed)
                        .map_or("", |feed| feed.id.as_str());
                    self.report
                        .message_held(feed, alone.partition, alone.offset);
                }
                Ok(input.messages)
            }
            Narrowed::InVain(input) => Err(held_in_vain(&self.catalog, &input)),
        }
    }

    /// Lands and derives a planned epoch, then takes it over.
    async fn put(&self, lead: &mut Lead, plan: Plan, started: Instant) -> Result<(), Fault> {
        let published = lead.publisher.acknowledged();
        let step = Instant::now();
        self.land(lead, &plan, published).await?;
        self.report.put("land", step.elapsed());
        let step = Instant::now();
        let derived = self.derive(lead, &plan).await?;
        self.report.put("derive", step.elapsed());
        let line = epoch_line(&plan, started);
        let moves = Moves::of(&plan);
        let events: Vec<Outgoing> = plan.to_publish.iter().map(outgoing).collect();
        let epoch = plan.input.epoch;
        self.tell_times(lead, &plan);
        lead.engine.apply(plan);
        moves.tell(&mut lead.engine, &derived, |_| true);
        lead.publisher.publish(epoch, events);
        lead.source
            .show_positions(positions(&lead.engine).into_iter().collect());
        self.report
            .committed(&line, &lead.engine, &lead.tables, now_ms());
        Ok(())
    }

    /// The landing put, tried again while the store is out of reach: the same rows, so it stays the same epoch.
    async fn land(&self, lead: &mut Lead, plan: &Plan, published: i64) -> Result<(), Fault> {
        loop {
            let landed = lead.tables.land(&self.catalog, plan, published).await;
            let Err(fault) = landed else { return Ok(()) };
            if fault.kind != FaultKind::Unavailable {
                return Err(fault);
            }
            self.wait_out(lead, fault).await?;
            self.look_whether_landed(lead).await?;
            if lead.tables.landing.epoch() >= plan.input.epoch {
                return Ok(());
            }
        }
    }

    /// Nobody knows whether the put arrived; the log says. The plan is kept meanwhile: its messages stand nowhere else.
    async fn look_whether_landed(&self, lead: &mut Lead) -> Result<(), Fault> {
        loop {
            match lead.tables.landing.catch_up().await {
                Ok(_) if lead.tables.landing.term() > lead.tables.term => {
                    return Err(Fault::conflict(
                        "land an epoch: another worker took the lead",
                    ));
                }
                Ok(_) => return Ok(()),
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.wait_out(lead, fault).await?
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn derive(&self, lead: &mut Lead, plan: &Plan) -> Result<crate::lake::Derived, Fault> {
        match lead.tables.derive(plan).await {
            Ok(derived) => Ok(derived),
            // Which tables have it is known only to their logs: recovery finds out. Conflict drops the lead.
            Err(fault) if fault.kind == FaultKind::Unavailable => {
                self.report.trouble("put derived tables", &fault.chain());
                tokio::time::sleep(PAUSE).await;
                Err(Fault::conflict(
                    "put derived tables: the store was out of reach; recover from the logs",
                )
                .with_source(fault))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn checkpoint(&self, lead: &mut Lead) -> Result<(), Fault> {
        let bounds = self.settings.checkpoint;
        let epochs = lead.engine.epoch() - lead.tables.state.epoch();
        let seconds = i64::try_from(lead.checkpoint_at.elapsed().as_secs()).unwrap_or(i64::MAX);
        let due = epochs >= bounds.epochs
            || seconds >= bounds.seconds
            || lead.engine.dirty().messages >= bounds.messages;
        if epochs == 0 || !due {
            if epochs == 0 {
                lead.checkpoint_at = Instant::now();
            }
            return Ok(());
        }
        self.checkpoint_now(lead).await
    }

    async fn checkpoint_now(&self, lead: &mut Lead) -> Result<(), Fault> {
        let started = Instant::now();
        checkpoint::put(&mut lead.engine, &mut lead.tables, now_ms()).await?;
        lead.checkpoint_at = Instant::now();
        self.report
            .checkpointed(lead.engine.epoch(), started.elapsed());
        Ok(())
    }

    /// Events out, the position of the last one landed with an empty epoch, a checkpoint.
    async fn stop_well(&self, lead: &mut Lead) -> Result<(), Fault> {
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
            .get(crate::lake::PUBLISHED)
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
        self.report
            .acknowledged(acknowledged, lead.publisher.waiting_epochs(), None);
        self.checkpoint_now(lead).await
    }

    /// Waits while broker or store are out of reach, serving the group meanwhile; gives up in the end.
    async fn wait_out(&self, lead: &mut Lead, fault: Fault) -> Result<(), Fault> {
        self.report.trouble("go on", &fault.chain());
        if lead
            .trouble_since
            .get_or_insert_with(Instant::now)
            .elapsed()
            > OUT_OF_REACH
        {
            return Err(fault);
        }
        tokio::time::sleep(PAUSE).await;
        // Whether the lead is still ours is decided by the tables; the poll keeps the membership alive.
        lead.election.poll(Duration::ZERO);
        Ok(())
    }

    fn tell_times(&self, lead: &mut Lead, plan: &Plan) {
        for message in plan
            .input
            .messages
            .iter()
            .filter(|message| !message.log_append_time)
        {
            if lead.told_time.insert(message.feed)
                && let Some(contract) = self.catalog.feed(message.feed)
            {
                self.report.without_append_time(&contract.id);
            }
        }
    }

    /// Positions in the tables at the end of every source topic, every event acknowledged.
    fn is_done(&self, lead: &Lead) -> bool {
        let looked = lead.looked_at.is_some() && lead.lags.len() == lead.reading.len();
        looked
            && lead.gatherer.is_empty()
            && lead.publisher.waiting_epochs() == 0
            && is_read(&lead.lags, &positions(&lead.engine), &lead.gatherer.read_to)
    }
}

/// A message that is held is not judged, and yet the verbs panicked: going on would land nothing, for ever.
fn held_in_vain(catalog: &Catalog, input: &EpochInput) -> Fault {
    let place = |message: &LandedMessage| {
        let feed = catalog
            .feed(message.feed)
            .map_or("", |feed| feed.id.as_str());
        format!(
            "message {} of {feed}, partition {}",
            message.offset, message.partition
        )
    };
    let places: Vec<String> = input.messages.iter().map(place).collect();
    let what = places.join(", ");
    Fault::corrupt(format!(
        "hold {what}: this version fails on it even unread; start another version"
    ))
}

/// Messages above the positions in the tables: positions only grow, whatever the reading side hands over.
fn unread(engine: &Engine, messages: Vec<LandedMessage>) -> Vec<LandedMessage> {
    let mut next = positions(engine);
    let above = |message: &LandedMessage| {
        let lane = Lane {
            feed: message.feed,
            incarnation: message.incarnation,
            partition: message.partition,
        };
        let position = next.entry(lane).or_insert(0);
        let is_new = message.offset >= *position;
        if is_new {
            *position = message.offset + 1;
        }
        is_new
    };
    let mut messages = messages;
    messages.retain(above);
    messages
}

fn positions(engine: &Engine) -> BTreeMap<Lane, i64> {
    engine
        .lanes()
        .iter()
        .map(|(lane, state)| (*lane, state.position()))
        .collect()
}

fn outgoing(event: &yidang_feedback::event::Event) -> Outgoing {
    Outgoing {
        topic: event.topic.clone(),
        key: event.key(),
        headers: event.headers.clone(),
        payload: event.payload.clone(),
    }
}

fn epoch_line(plan: &Plan, started: Instant) -> EpochLine {
    let times = plan
        .input
        .messages
        .iter()
        .map(|message| message.timestamp_ms)
        .filter(|time| *time >= 0);
    let freshness = times
        .min()
        .map(|time| (now_ms() - time).max(0) as f64 / 1_000.0);
    let outcomes: Vec<[u64; 5]> = plan.counts.iter().map(|counts| counts.outcomes).collect();
    EpochLine {
        epoch: plan.input.epoch,
        messages: plan.input.messages.len() as u64,
        records: outcomes.iter().flatten().sum(),
        subjects: plan
            .files
            .iter()
            .map(|file| file.subjects.len() as u64)
            .sum(),
        events: plan.to_publish.len() as u64,
        seconds: started.elapsed().as_secs_f64(),
        freshness_seconds: freshness,
        outcomes,
    }
}
