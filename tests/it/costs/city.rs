//! The worker's own steps over a simulated city: plan, land, derive, apply, checkpoint, keep house.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use yidang_ingest::checkpoint;
use yidang_ingest::engine::{Engine, EngineSettings, Plan};
use yidang_ingest::epoch::{EpochInput, LandedMessage};
use yidang_ingest::lake::{Moves, Tables};
use yidang_ingest::maintain::Maintainer;
use yidang_ingest::report::Report;
use yidang_schemas::catalog::Catalog;
use yidang_simulate::{City, CitySettings};
use yidang_sink::Lake;
use yidang_transform::token::IdKey;

/// 2026-11-01T00:00:00Z, after the city's end.
const START_MS: i64 = 1_793_491_200_000;
const CITY_END_MS: i64 = START_MS - 86_400_000;
/// Half a minute from epoch to epoch: five hundred of them see four hours end, and their landing files merged.
const STEP_MS: i64 = 30_000;
const CHECKPOINT_EPOCHS: i64 = 16;

/// Messages of a city as they lie in a broker.
pub fn messages(catalog: &Catalog, records: u64) -> Vec<LandedMessage> {
    let mut next: HashMap<(u16, i32), i64> = HashMap::new();
    let city = City::new(CitySettings::new(5, records, CITY_END_MS));
    let landed = city.messages().map(|message| {
        let feed = catalog
            .feeds
            .iter()
            .position(|feed| feed.topic == message.topic)
            .expect("its feeds are ours");
        let feed = u16::try_from(feed).expect("few feeds");
        let offset = next.entry((feed, message.partition)).or_default();
        *offset += 1;
        LandedMessage {
            feed,
            incarnation: 0,
            partition: message.partition,
            offset: *offset - 1,
            timestamp_ms: message.timestamp_ms,
            log_append_time: false,
            key: message.key.map(Bytes::from),
            headers: message
                .headers
                .into_iter()
                .map(|(name, value)| (name, value.map(Bytes::from)))
                .collect(),
            value: message.value.map(Bytes::from),
            held: false,
        }
    });
    landed.collect()
}

pub fn engine() -> Engine {
    let catalog =
        Catalog::embedded().unwrap_or_else(|problems| panic!("{} problems", problems.len()));
    Engine::new(
        Arc::new(catalog),
        IdKey::new([3; 32]),
        EngineSettings::default(),
    )
}

/// What one epoch asked of the store.
pub struct EpochCost {
    /// Data, vectors and log entries of landing and derived tables.
    pub puts: u64,
    /// Besides landing it changed one file and its observations, nothing else.
    pub is_lone: bool,
    /// Of the checkpoint, where one was due.
    pub state_puts: Option<u64>,
}

/// A leader without a broker.
pub struct Driver {
    lake: Lake,
    tables: Tables,
    engine: Engine,
    maintainer: Maintainer,
    report: Report,
    now_ms: i64,
}

impl Driver {
    pub async fn start(lake: &Lake) -> Self {
        let engine = engine();
        let mut tables = Tables::open(lake, engine.catalog(), START_MS)
            .await
            .expect("the lake is empty");
        tables
            .take_lead(engine.catalog(), START_MS)
            .await
            .expect("nobody else leads");
        Self {
            lake: lake.clone(),
            tables,
            engine,
            maintainer: Maintainer::default(),
            report: Report::new("0", "0"),
            now_ms: START_MS,
        }
    }

    pub fn catalog(&self) -> &Catalog {
        self.engine.catalog()
    }

    /// Does one epoch, the checkpoint if it is due, and all upkeep that is due.
    pub async fn epoch(&mut self, messages: Vec<LandedMessage>) -> EpochCost {
        self.now_ms += STEP_MS;
        let input = EpochInput {
            epoch: self.engine.epoch() + 1,
            landed_at_ms: self.now_ms,
            messages,
        };
        let plan = self
            .engine
            .plan(input)
            .unwrap_or_else(|_| panic!("planning panicked"));
        let before = super::puts(&self.lake);
        let mut cost = self.put(plan).await;
        cost.puts = super::puts(&self.lake) - before;
        if self.engine.epoch() - self.tables.state.epoch() >= CHECKPOINT_EPOCHS {
            let before = super::puts(&self.lake);
            checkpoint::put(&mut self.engine, &mut self.tables, self.now_ms)
                .await
                .expect("the store is there");
            cost.state_puts = Some(super::puts(&self.lake) - before);
        }
        self.keep_house().await;
        cost
    }

    async fn put(&mut self, plan: Plan) -> EpochCost {
        let catalog = Arc::clone(self.engine.catalog());
        self.tables
            .land(&catalog, &plan, 0)
            .await
            .expect("the store is there");
        let derived = self
            .tables
            .derive(&plan, plan.input.landed_at_ms)
            .await
            .expect("the store is there");
        let cost = EpochCost {
            puts: 0,
            is_lone: is_lone(&plan),
            state_puts: None,
        };
        let moves = Moves::of(&plan, &self.tables);
        self.engine.apply(plan);
        moves.tell(&mut self.engine, &derived, |_| true);
        cost
    }

    /// Until nothing is due: more than a worker with a job at a time would do, so amplification at its greatest.
    async fn keep_house(&mut self) {
        loop {
            let turn = self.maintainer.turn(
                &mut self.tables,
                &mut self.engine,
                &self.report,
                self.now_ms,
            );
            turn.await.expect("the store is there");
            if !self.maintainer.is_busy() {
                // The turn finished a job or found none; another tells which.
                let turn = self.maintainer.turn(
                    &mut self.tables,
                    &mut self.engine,
                    &self.report,
                    self.now_ms,
                );
                turn.await.expect("the store is there");
                if !self.maintainer.is_busy() {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn is_lone(plan: &Plan) -> bool {
    let files = plan
        .files
        .iter()
        .filter(|file| file.rows.is_some() || !file.replaced.is_empty())
        .count();
    let observations = plan.observations.iter().flatten().count();
    let others = [
        &plan.quarantine,
        &plan.findings,
        &plan.events,
        &plan.issue.rows,
    ];
    files == 1 && observations == 1 && others.iter().all(|rows| rows.is_none())
}
