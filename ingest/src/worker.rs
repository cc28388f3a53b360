//! The worker: standby until elected, then epochs until it is told to stop or loses the lead.
//!
//! The order of effects stands in [`epochs`]. A worker that lost the lead drops everything it holds and stands by
//! again, so that nothing it remembers can reach a table that somebody else writes.

mod epochs;
mod gather;
mod idle;
mod memory;
mod patience;
mod schemas;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::{Deletion, Lake, LakeIdentity};
use yidang_transform::token::IdKey;

use crate::bundle;
use crate::checkpoint::CheckpointBounds;
use crate::engine::EngineSettings;
use crate::kafka::BrokerSettings;
use crate::kafka::election::{Election, wanted_leader_topic};
use crate::kafka::topics::{Topics, WantedTopic, create_missing};
use crate::lake::Tables;
use crate::recover::{StateReader, follow};
use crate::registry::RegistrySettings;
use crate::report::{Report, Role};
use patience::Patience;

/// Bounds of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochBounds {
    /// Longest gathering, milliseconds.
    pub milliseconds: u64,
    /// A lull of so many milliseconds ends the gathering.
    pub lull_milliseconds: u64,
    pub messages: usize,
    pub bytes: usize,
}

impl Default for EpochBounds {
    fn default() -> Self {
        Self {
            milliseconds: 2_000,
            lull_milliseconds: 200,
            messages: 50_000,
            bytes: 32 << 20,
        }
    }
}

/// How file tables are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSettings {
    /// False: tables that any reader reads, copied on write. Nothing: as they are; with vectors where they are made.
    pub deletion_vectors: Option<bool>,
    /// How old a file table that is copied on write may get while records come in.
    pub freshness: Duration,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            deletion_vectors: None,
            freshness: Duration::from_secs(60),
        }
    }
}

/// The way of [`FileSettings::deletion_vectors`].
pub fn deletion(vectors: bool) -> Deletion {
    if vectors {
        Deletion::Vectors
    } else {
        Deletion::Copies
    }
}

/// Settings of a worker.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub broker: BrokerSettings,
    pub engine: EngineSettings,
    pub epoch: EpochBounds,
    pub checkpoint: CheckpointBounds,
    pub files: FileSettings,
    /// Ends when everything is in the tables and acknowledged, and that held for so long.
    pub until_idle: Option<Duration>,
    /// Resident memory at most; nothing for no bound.
    pub memory_bytes: Option<u64>,
    /// Where writers' schemas come from.
    pub registries: RegistrySettings,
    /// How long a registry may say that it has no schema of an id before that is taken for the agency's defect.
    pub schema_unknown_after: Duration,
}

/// Default of [`WorkerSettings::schema_unknown_after`]: longer than a registry that is copied lags behind.
pub const SCHEMA_UNKNOWN_AFTER: Duration = Duration::from_secs(300);

impl WorkerSettings {
    /// Nothing but the defaults.
    pub fn new(broker: BrokerSettings) -> Self {
        Self {
            broker,
            engine: EngineSettings::default(),
            epoch: EpochBounds::default(),
            checkpoint: CheckpointBounds::default(),
            files: FileSettings::default(),
            until_idle: None,
            memory_bytes: None,
            registries: RegistrySettings::default(),
            schema_unknown_after: SCHEMA_UNKNOWN_AFTER,
        }
    }
}

/// What a worker works on and with.
#[derive(Debug)]
pub struct Worker {
    pub lake: Lake,
    pub identity: LakeIdentity,
    pub catalog: Arc<Catalog>,
    pub id_key: IdKey,
    pub settings: WorkerSettings,
    pub report: Arc<Report>,
    /// Turns true when the worker is to stop.
    pub stop: watch::Receiver<bool>,
}

/// Why a worker ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Stopped,
    Idle,
}

/// How a lead ended.
enum LeadEnd {
    Ended(Ended),
    /// Somebody else leads, or should.
    Lost(String),
    /// Broker or store stayed out of reach for too long.
    OutOfReach(Fault),
}

/// Now, in epoch milliseconds. The only clock of the crate beside [`Instant`].
#[expect(
    clippy::disallowed_methods,
    reason = "an edge has a clock: instants are handed to the verbs from here"
)]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// How often a standby follows `state`.
const FOLLOW: Duration = Duration::from_millis(500);
/// Pauses between tries while broker or store are out of reach.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the group is served while something else takes its time.
const BEAT: Duration = Duration::from_secs(1);

impl Worker {
    /// Runs until told to stop, or until idle where that is asked for.
    ///
    /// # Errors
    /// Every fault that trying again cannot mend.
    pub async fn run(self) -> Result<Ended, Fault> {
        let overdue = overdue(self.stop.clone());
        tokio::select! {
            ended = Box::pin(self.work()) => ended,
            fault = overdue => Err(fault),
        }
    }

    async fn work(mut self) -> Result<Ended, Fault> {
        bundle::store(&self.lake, &self.catalog).await?;
        bundle::store_settings(&self.lake, &self.settings.engine).await?;
        self.make_topics().await?;
        let mut patience = Patience::default();
        loop {
            let begun = Instant::now();
            match Box::pin(self.stand_by_and_lead()).await {
                Ok(LeadEnd::Ended(ended)) => {
                    self.report.role(Role::Ended);
                    return Ok(ended);
                }
                Ok(LeadEnd::OutOfReach(fault)) => return Err(fault),
                Ok(LeadEnd::Lost(why)) => {
                    patience.restored();
                    self.report.fenced(&why);
                }
                Err(fault) if is_outage(&fault) => {
                    patience.restored();
                    self.report.trouble("recover", &fault.chain());
                    if self.is_stopping() {
                        return Err(Fault::unavailable("stop", fault));
                    }
                }
                Err(fault) if fault.kind == FaultKind::Conflict => {
                    patience.restored();
                    self.report.fenced(&fault.chain());
                }
                // Brokers and store answered at the start, so they are waited for.
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.report.trouble("stand by", &fault.chain());
                    patience.bear_since(begun, fault)?;
                    self.pause().await;
                }
                Err(fault) => return Err(fault),
            }
            self.report.lead_ended();
            if self.is_stopping() {
                self.report.role(Role::Ended);
                return Ok(Ended::Stopped);
            }
        }
    }

    /// A pause between two tries, cut short by the order to stop.
    async fn pause(&self) {
        let mut stop = self.stop.clone();
        let stopped = async {
            // Whoever could order it is gone: the pause lasts as long as it does.
            if stop.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::time::timeout(PAUSE, stopped).await.unwrap_or(());
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Topics of our own that the cluster lacks; source topics are never made here.
    async fn make_topics(&self) -> Result<(), Fault> {
        let topics = self.topics()?;
        let present = self.blocking(move || topics.list()).await?;
        let mut wanted = vec![wanted_leader_topic(&self.identity.lake_id)];
        let feedback = |agency: &str| WantedTopic {
            name: format!("dq.feedback.{agency}.v1"),
            partitions: 6,
            settings: vec![(
                "retention.ms".to_owned(),
                (180_i64 * 86_400_000).to_string(),
            )],
        };
        wanted.extend(
            self.catalog
                .sending_agencies()
                .map(|agency| feedback(&agency.slug)),
        );
        wanted.push(feedback("platform"));
        let made = create_missing(&self.settings.broker, &present, &wanted).await?;
        self.report.topics_created(&made);
        Ok(())
    }

    fn topics(&self) -> Result<Topics, Fault> {
        Topics::new(&self.settings.broker)
    }

    /// Runs something that waits in librdkafka beside the async threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let joined = tokio::task::spawn_blocking(work).await;
        joined.expect("looking at topics does not panic")
    }

    async fn stand_by_and_lead(&mut self) -> Result<LeadEnd, Fault> {
        self.report.role(Role::Starting);
        let wish = self.settings.files.deletion_vectors.map(deletion);
        let mut tables = Tables::open_as(&self.lake, &self.catalog, wish, now_ms()).await?;
        let mut reader = StateReader::new(Arc::clone(&self.catalog));
        // Loaded before it subscribes, so that a take-over costs the fence and the last epochs.
        reader.read_all(&tables).await?;
        memory::fits(self.settings.memory_bytes)?;
        let topics = self.topics()?;
        let (broker, lake_id) = (self.settings.broker.clone(), self.identity.lake_id.clone());
        let election = self
            .blocking(move || Election::join(&broker, &topics, &lake_id))
            .await?;
        self.report.role(Role::Standby);
        let mut patience = Patience::default();
        let mut followed = Instant::now();
        while !election.poll(Duration::ZERO) {
            if self.is_stopping() {
                return Ok(LeadEnd::Ended(Ended::Stopped));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            if followed.elapsed() < FOLLOW {
                continue;
            }
            followed = Instant::now();
            match beside(&election, follow(&mut tables, &mut reader)).await {
                Ok(()) => patience.restored(),
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    self.report.trouble("follow state", &fault.chain());
                    if let Err(fault) = patience.bear(fault) {
                        return Ok(LeadEnd::OutOfReach(fault));
                    }
                    self.pause().await;
                }
                Err(fault) => return Err(fault),
            }
        }
        Box::pin(self.lead(tables, reader, election)).await
    }
}

/// Longest way to the end after the order to stop. A store that takes connections and never answers would hold it up
/// for ever; what was landed stands, whenever a worker ends.
const STOP: Duration = Duration::from_secs(120);

/// What is said of a worker that was told to stop and did not.
async fn overdue(mut stop: watch::Receiver<bool>) -> Fault {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(STOP).await;
    let seconds = STOP.as_secs();
    Fault::unavailable(
        "stop",
        format!(
            "not done after {seconds} s: broker or store do not answer, or a last put takes longer; what was landed stands"
        ),
    )
}

/// Whether the lead was given up because the store was out of reach, not because somebody else took it.
fn is_outage(fault: &Fault) -> bool {
    let cause = std::error::Error::source(fault).and_then(|cause| cause.downcast_ref::<Fault>());
    fault.kind == FaultKind::Conflict
        && cause.is_some_and(|cause| cause.kind == FaultKind::Unavailable)
}

/// Does something that waits for the store and serves the group meanwhile. Only waiting is covered: what computes
/// without end loses the lead, as it should.
async fn beside<T>(election: &Election, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(BEAT, work.as_mut()).await {
            Ok(done) => return done,
            Err(_elapsed) => drop(election.poll(Duration::ZERO)),
        }
    }
}
