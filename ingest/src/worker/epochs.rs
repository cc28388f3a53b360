//! Leading: the epoch loop, and with it the order of effects.
//!
//! Gather, plan (pure), land, derive, apply, publish, now and then checkpoint. Nothing in memory changes before the
//! landing entry stands; the next epoch is landed only after the derived tables of this one.

mod checkpoints;
mod lanes_read;
mod publish;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use yidang_feedback::event::Transition;
use yidang_feedback::identity::IssueId;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};

use super::gather::Gatherer;
use super::idle::{Idle, is_read};
use super::memory::MemoryWatch;
use super::patience::Patience;
use super::schemas::Desk;
use super::{Ended, LeadEnd, Worker, beside, now_ms};
use crate::bundle;
use crate::engine::{Engine, Plan};
use crate::epoch::{EpochInput, LandedMessage, Lane, Narrowed};
use crate::kafka::election::Election;
use crate::kafka::publisher::{Outgoing, Publisher};
use crate::kafka::source::Source;
use crate::lake::{Moves, Tables};
use crate::lanes::{Looker, incarnations};
use crate::maintain::Maintainer;
use crate::recover::{Access, Recovered, StateReader, follow, recover_from, unpublished};
use crate::report::{EpochLine, Role, StepTimer};

/// How long the loop waits for a first message.
const WAIT: Duration = Duration::from_millis(100);

use lanes_read::Watch;

/// Everything a leader holds.
struct Lead {
    tables: Tables,
    engine: Engine,
    election: Election,
    source: Source,
    watch: Watch,
    publisher: Publisher,
    gatherer: Gatherer,
    desk: Desk,
    maintainer: Maintainer,
    told_time: BTreeSet<u16>,
    checkpoint_at: Instant,
    patience: Patience,
    memory: MemoryWatch,
    idle: Idle,
}

impl Worker {
    /// Takes the lead and keeps it as long as it can.
    pub(super) async fn lead(
        &mut self,
        mut tables: Tables,
        reader: StateReader,
        election: Election,
    ) -> Result<LeadEnd, Fault> {
        self.report.role(Role::Recovering);
        let started = Instant::now();
        // A load may take longer than the group waits for a silent member.
        let loading = Box::pin(self.take_over(&mut tables, reader, &election));
        let (engine, recovered) = beside(&election, loading).await?;
        self.report.recovered(&recovered, started.elapsed());
        let mut memory = MemoryWatch::new(self.settings.memory_bytes);
        memory.note(&engine, &self.report, now_ms())?;
        let mut publisher = Publisher::new(&self.settings.broker, recovered.published)?;
        let rows = beside(&election, unpublished(&tables, recovered.published)).await?;
        for (epoch, events) in rows {
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
            watch: Watch::new(looker, incarnations),
            publisher,
            gatherer: Gatherer::default(),
            desk: Desk::new(
                &self.settings.registries,
                self.settings.schema_unknown_after,
            )?,
            maintainer: Maintainer::default(),
            told_time: BTreeSet::new(),
            checkpoint_at: Instant::now(),
            patience: Patience::default(),
            memory,
            idle: Idle::default(),
        };
        self.report.role(Role::Leader);
        let copied = lead.tables.copied();
        self.report
            .copies_on_write(&copied, self.settings.files.freshness);
        match self.epochs(&mut lead).await {
            // Whoever leads has waited already: what comes out here lasted for too long.
            Err(fault) if fault.kind == FaultKind::Unavailable => Ok(LeadEnd::OutOfReach(fault)),
            ended => ended,
        }
    }

    /// The fence, then everything that was landed before it.
    async fn take_over(
        &self,
        tables: &mut Tables,
        mut reader: StateReader,
        election: &Election,
    ) -> Result<(Engine, Recovered), Fault> {
        // Before the fence: a worker with an older bundle stops without disturbing anybody.
        bundle::store(&self.lake, &self.catalog).await?;
        // What the leader before wrote since the last look, so that little is left to read behind the fence.
        follow(tables, &mut reader).await?;
        let term = tables.take_lead(&self.catalog, now_ms()).await?;
        self.report.took_lead(term);
        bundle::store(&self.lake, &self.catalog).await?;
        reader.read_new(tables).await?;
        // Between two epochs that are done again: each of them computes, and serves nobody meanwhile.
        let beat = || {
            election.poll(Duration::ZERO);
        };
        let settings = &self.settings.engine;
        recover_from(
            tables,
            reader,
            &self.id_key,
            settings,
            Access::Write { at_ms: now_ms() },
            beat,
        )
        .await
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
            self.look(lead).await?;
            match self.turn(lead).await {
                Ok(()) => lead.patience.restored(),
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.wait_out(lead, fault).await?
                }
                Err(fault) => return Err(fault),
            }
            if let Some(long) = self.settings.until_idle {
                let done = is_done(lead);
                if lead.idle.note(done, lead.watch.seen_at(), long) {
                    self.stop_well(lead).await?;
                    return Ok(LeadEnd::Ended(Ended::Idle));
                }
            }
        }
    }

    /// One turn: gather, do an epoch, publish, keep house.
    async fn turn(&self, lead: &mut Lead) -> Result<(), Fault> {
        let mut step = StepTimer::start();
        let gathered = lead
            .gatherer
            .gather(&mut lead.source, self.settings.epoch, WAIT)
            .await;
        self.report.step("gather", step.lap());
        if gathered.closed {
            panic!("the reading thread ends only after its source is dropped");
        }
        if let Some(why) = &gathered.trouble {
            self.report.trouble("read sources", why);
        }
        if !gathered.broken.is_empty() {
            return self.recheck(lead);
        }
        let messages = self.admit(lead, gathered.messages);
        if !messages.is_empty() {
            self.epoch(lead, messages).await?;
        }
        self.serve_schemas(lead).await?;
        self.serve_publisher(lead).await?;
        self.checkpoint(lead).await?;
        let mut step = StepTimer::start();
        lead.maintainer
            .turn(&mut lead.tables, &mut lead.engine, &self.report, now_ms())
            .await?;
        self.report.step("maintain", step.lap());
        Ok(())
    }

    /// Does one epoch. A batch that panics is halved until the message that panics stands alone, and is held.
    async fn epoch(&self, lead: &mut Lead, messages: Vec<LandedMessage>) -> Result<(), Fault> {
        let mut messages = unread(&lead.engine, &lead.watch.reading, messages);
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
                Ok(plan) => return self.put(lead, plan, started).await,
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
                    if let Some(contract) = self.catalog.feed(alone.feed) {
                        self.report
                            .message_held(contract, alone.partition, alone.offset);
                    }
                }
                Ok(input.messages)
            }
            Narrowed::InVain(input) => Err(held_in_vain(&self.catalog, &input)),
        }
    }

    /// Lands and derives a planned epoch, then takes it over.
    async fn put(&self, lead: &mut Lead, plan: Plan, started: Instant) -> Result<(), Fault> {
        let published = lead.publisher.acknowledged();
        let mut step = StepTimer::start();
        self.land(lead, &plan, published).await?;
        self.report.step("land", step.lap());
        // Only what is landed counts: a lead that was lost before lets the next leader count it.
        self.report.planned(&self.catalog, &plan);
        let derived = self.derive(lead, &plan).await?;
        self.report.step("derive", step.lap());
        let line = epoch_line(&plan, started);
        let moves = Moves::of(&plan, &lead.tables);
        let events: Vec<Outgoing> = plan.to_publish.iter().map(publish::outgoing).collect();
        let (epoch, resolved) = (plan.input.epoch, resolved(&plan));
        self.tell_times(lead, &plan);
        lead.engine.apply(plan);
        moves.tell(&mut lead.engine, &derived, |_| true);
        self.report.step("apply", step.lap());
        self.tell_resolved(lead, &resolved);
        lead.publisher.publish(epoch, events);
        self.report.step("publish", step.lap());
        lead.source
            .show_positions(positions(&lead.engine).into_iter().collect());
        self.report
            .committed(&line, &lead.engine, &lead.tables, now_ms());
        lead.memory.note(&lead.engine, &self.report, now_ms())
    }

    /// The landing put, tried again while the store is out of reach: the same rows, so it stays the same epoch.
    async fn land(&self, lead: &mut Lead, plan: &Plan, published: i64) -> Result<(), Fault> {
        loop {
            let mut step = StepTimer::start();
            let landed = lead.tables.land(&self.catalog, plan, published).await;
            let result = landed.as_ref().map_err(|fault| fault.kind).copied();
            self.report.commit("landing", result, step.lap());
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
        match lead.tables.derive(plan, now_ms()).await {
            Ok(derived) => Ok(derived),
            // Which tables have it is known only to their logs: recovery finds out. Conflict drops the lead.
            Err(fault) if fault.kind == FaultKind::Unavailable => {
                self.report.trouble("put derived tables", &fault.chain());
                self.pause().await;
                Err(Fault::conflict(
                    "put derived tables: the store was out of reach; recover from the logs",
                )
                .with_source(fault))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Waits while broker or store are out of reach, serving the group meanwhile; gives up in the end, and at once
    /// where the worker is to stop: nothing can be written anyway, and what was landed stands.
    async fn wait_out(&self, lead: &mut Lead, fault: Fault) -> Result<(), Fault> {
        self.report.trouble("go on", &fault.chain());
        if self.is_stopping() {
            return Err(fault);
        }
        lead.patience.bear(fault)?;
        self.pause().await;
        // Whether the lead is still ours is decided by the tables; the poll keeps the membership alive.
        lead.election.poll(Duration::ZERO);
        Ok(())
    }

    fn tell_resolved(&self, lead: &Lead, resolved: &[(IssueId, i64)]) {
        for (issue, at_ms) in resolved {
            if let Some(issue) = lead.engine.issues().issue(issue) {
                let took = u64::try_from(at_ms - issue.opened_at_ms).unwrap_or(0);
                let took = Duration::from_millis(took);
                self.report.resolved(issue.severity.name(), took);
            }
        }
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
}

/// Positions in the tables at the end of every source topic, every event acknowledged.
fn is_done(lead: &Lead) -> bool {
    lead.watch.seen_at().is_some()
        && lead.gatherer.is_empty()
        && lead.desk.is_empty()
        && lead.publisher.waiting_epochs() == 0
        && is_read(
            &lead.watch.lags,
            &positions(&lead.engine),
            &lead.gatherer.read_to,
        )
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

/// Messages of lanes that are read, above the positions in the tables: a lane that was left has messages under way
/// still, and positions only grow, whatever the reading side hands over.
fn unread(
    engine: &Engine,
    reading: &BTreeSet<Lane>,
    messages: Vec<LandedMessage>,
) -> Vec<LandedMessage> {
    let mut next = positions(engine);
    let above = |message: &LandedMessage| {
        let lane = Lane {
            feed: message.feed,
            incarnation: message.incarnation,
            partition: message.partition,
        };
        let position = next.entry(lane).or_insert(0);
        let is_new = message.offset >= *position && reading.contains(&lane);
        if is_new {
            *position = message.offset + 1;
        }
        is_new
    };
    let mut messages = messages;
    messages.retain(above);
    messages
}

/// Issues that a correction of this epoch ended, with the time of its message.
fn resolved(plan: &Plan) -> Vec<(IssueId, i64)> {
    plan.to_publish
        .iter()
        .filter(|event| event.transition == Transition::Resolved)
        .map(|event| (event.issue_id, event.occurred_at_ms))
        .collect()
}

fn positions(engine: &Engine) -> BTreeMap<Lane, i64> {
    engine
        .lanes()
        .iter()
        .map(|(lane, state)| (*lane, state.position()))
        .collect()
}

fn epoch_line(plan: &Plan, started: Instant) -> EpochLine {
    let mut oldest: Vec<Option<i64>> = vec![None; plan.counts.len()];
    let times = plan.input.messages.iter();
    for message in times.filter(|message| message.timestamp_ms >= 0) {
        if let Some(oldest) = oldest.get_mut(usize::from(message.feed)) {
            let before = oldest.unwrap_or(message.timestamp_ms);
            *oldest = Some(before.min(message.timestamp_ms));
        }
    }
    let now = now_ms();
    let age = |time: i64| (now - time).max(0) as f64 / 1_000.0;
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
        freshness_seconds: oldest.iter().flatten().min().copied().map(age),
        oldest_seconds: oldest.into_iter().map(|time| time.map(age)).collect(),
        outcomes,
    }
}
