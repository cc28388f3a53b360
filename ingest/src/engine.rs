//! The deterministic state machine: the state after an epoch is a pure function of the state before it, the landed
//! rows and the bundle that they name.
//!
//! [`Engine::plan`] computes everything an epoch writes and changes, and changes nothing; [`Engine::apply`] takes the
//! change over once the epoch is landed. Leaves alone: where messages come from, and how rows reach the lake.

mod judge;
mod kept;
pub mod owed;
mod plan;
mod project;
mod rows;
mod standing;
pub mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;
use yidang_feedback::identity::IssueId;
use yidang_feedback::memory::IssueMemory;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::decode::Bounds;
use yidang_transform::identity::Subject;
use yidang_transform::merge::{Location, Memory, Stored};
use yidang_transform::observe::Observer;
use yidang_transform::project::Projector;
use yidang_transform::record::RecordId;
use yidang_transform::schema_book::{Fact, SchemaBook};
use yidang_transform::standing::Standings;
use yidang_transform::token::IdKey;

use crate::epoch::{LandedMessage, Lane, LaneState};
use crate::registry::stored::FactName;
use owed::Owed;
pub use plan::{FeedCounts, FilePlan, IssuePlan, Plan};

/// Settings that shape verdicts and events; the same on every worker of a lake.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    pub bounds: Bounds,
    /// Prefix of CloudEvents types, the reverse DNS name of the city.
    pub event_prefix: String,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            bounds: Bounds::default(),
            event_prefix: "yidang".to_owned(),
        }
    }
}

/// State and verbs of one lake under one bundle.
#[derive(Debug)]
pub struct Engine {
    catalog: Arc<Catalog>,
    id_key: IdKey,
    settings: EngineSettings,
    observers: Vec<Observer>,
    projectors: Vec<Projector>,
    memory: Memory,
    issues: IssueMemory,
    issue_locations: HashMap<IssueId, Location>,
    lanes: BTreeMap<Lane, LaneState>,
    /// Last applied epoch, 0 before the first.
    epoch: i64,
    dirty: Dirty,
    /// What feeds say as a whole, as the last checkpoint has it.
    settled: Standings,
    owed: Owed,
    schemas: Arc<SchemaBook>,
    probe: Option<fn(&LandedMessage)>,
}

/// What changed since the last checkpoint.
#[derive(Debug, Default)]
pub struct Dirty {
    pub records: BTreeSet<RecordId>,
    /// Rows of the feedback memory, by key.
    pub feedback: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Messages landed since, and their bytes.
    pub messages: u64,
    pub bytes: u64,
}

impl Engine {
    pub fn new(catalog: Arc<Catalog>, id_key: IdKey, settings: EngineSettings) -> Self {
        let feeds =
            u16::try_from(catalog.feeds.len()).expect("a catalog has fewer feeds than 65,536");
        let kinds =
            u8::try_from(catalog.dossiers.len()).expect("a catalog has fewer kinds than 255");
        Self {
            observers: (0..feeds)
                .map(|feed| Observer::new(&catalog, &id_key, feed, settings.bounds))
                .collect(),
            projectors: (0..kinds)
                .map(|kind| Projector::new(&catalog, kind))
                .collect(),
            catalog,
            id_key,
            settings,
            memory: Memory::default(),
            issues: IssueMemory::default(),
            issue_locations: HashMap::new(),
            lanes: BTreeMap::new(),
            epoch: 0,
            dirty: Dirty::default(),
            settled: Standings::default(),
            owed: Owed::default(),
            schemas: Arc::default(),
            probe: None,
        }
    }

    /// A seam for proofs: called with each message that is judged, between the folds and the projection. Where it
    /// panics, a bug of ours is played that no message can cause.
    #[must_use]
    pub fn with_probe(mut self, probe: fn(&LandedMessage)) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Takes over what the lake knows of writers' schemas.
    pub fn know(&mut self, schemas: Arc<SchemaBook>) {
        self.schemas = schemas;
    }

    /// Notes a fact that the lake has stored.
    pub fn learn(&mut self, name: &FactName, fact: &Fact) {
        let book = Arc::make_mut(&mut self.schemas);
        book.learn(&name.registry, name.id, name.epoch, fact);
    }

    pub fn schemas(&self) -> &SchemaBook {
        &self.schemas
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    pub fn id_key(&self) -> &IdKey {
        &self.id_key
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    pub fn issues(&self) -> &IssueMemory {
        &self.issues
    }

    pub fn projector(&self, kind: u8) -> Option<&Projector> {
        self.projectors.get(usize::from(kind))
    }

    pub fn lanes(&self) -> &BTreeMap<Lane, LaneState> {
        &self.lanes
    }

    /// Last applied epoch, 0 before the first.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    pub fn dirty(&self) -> &Dirty {
        &self.dirty
    }

    /// Takes over what a landed epoch changed; locations of rows follow with [`Engine::locate`].
    pub fn apply(&mut self, plan: Plan) {
        self.epoch = plan.input.epoch;
        self.dirty.messages += plan.input.messages.len() as u64;
        let sizes = plan.input.messages.iter().map(LandedMessage::size_bytes);
        self.dirty.bytes += sizes.sum::<usize>() as u64;
        self.dirty
            .records
            .extend(plan.folded.records.keys().copied());
        for dead in &plan.folded.dead {
            self.dirty.records.remove(dead);
        }
        let rows = plan.feedback.state_rows(&self.catalog);
        self.dirty
            .feedback
            .extend(rows.into_iter().map(|row| (row.key, row.value)));
        self.memory.apply(plan.folded);
        self.issues.apply(plan.feedback, &self.catalog);
        for message in &plan.input.messages {
            let lane = Lane {
                feed: message.feed,
                incarnation: message.incarnation,
                partition: message.partition,
            };
            let state = LaneState {
                last_offset: message.offset,
                last_digest: message.digest(),
                last_timestamp_ms: message.timestamp_ms,
            };
            self.lanes.insert(lane, state);
        }
    }

    /// Notes where the row of a subject stands now; nothing where it has none.
    pub fn locate(&mut self, subject: Subject, location: Option<Location>) {
        self.memory.locate(subject, location);
        if location.is_none() {
            self.memory.forget_empty([subject]);
        }
    }

    /// Notes where the row of an issue stands now.
    pub fn locate_issue(&mut self, issue: IssueId, location: Location) {
        self.issue_locations.insert(issue, location);
    }

    /// Forgets all locations of one kind's rows, before they are read anew.
    pub fn issue_location(&self, issue: &IssueId) -> Option<Location> {
        self.issue_locations.get(issue).copied()
    }

    /// What feeds say as a whole, as the last checkpoint has it.
    pub fn settled(&self) -> &Standings {
        &self.settled
    }

    /// Puts what the checkpoint has of the feeds, after their records.
    pub fn restore_standings(&mut self, standings: Standings) {
        self.settled = standings.clone();
        self.memory.restore_standings(standings);
    }

    /// Starts a new count of changes: a checkpoint took those before.
    pub fn checkpointed(&mut self) {
        self.dirty = Dirty::default();
        self.settled = self.memory.standings().clone();
    }

    /// Raises the lanes of a feed to a new incarnation: the old lanes are closed and stay known.
    pub fn restore_lane(&mut self, lane: Lane, state: LaneState) {
        self.lanes.insert(lane, state);
    }

    /// Sets the epoch that the restored state stands for.
    pub fn restore_epoch(&mut self, epoch: i64) {
        self.epoch = epoch;
    }

    /// The same state under another bundle. Everything is written by the next checkpoint.
    #[must_use]
    pub fn rebased(
        self,
        catalog: &Arc<Catalog>,
        settings: EngineSettings,
        remap: &stored::Remap,
    ) -> Self {
        let mut next = Self::new(Arc::clone(catalog), self.id_key.clone(), settings);
        let feed_of = |feed: u16| {
            let feed = self.catalog.feeds.get(usize::from(feed))?;
            let place = catalog
                .feeds
                .iter()
                .position(|candidate| candidate.id == feed.id)?;
            u16::try_from(place).ok()
        };
        for id in self.memory.record_ids_sorted() {
            let (Some(feed), Some(state)) = (feed_of(id.feed), self.memory.record(&id)) else {
                continue;
            };
            let id = RecordId { feed, ..id };
            let state = remap.apply(state, feed);
            next.memory.restore(id, Stored::of(&state));
            next.dirty.records.insert(id);
        }
        for row in self.issues.state_rows(&self.catalog) {
            next.issues
                .restore(&row, catalog)
                .expect("a row that was just written can be read");
            next.dirty.feedback.insert(row.key, row.value);
        }
        let kind_of = |kind: KindIndex| {
            let name = &self.catalog.dossiers.get(usize::from(kind))?.name;
            catalog.kind_of_name(name)
        };
        for kind in (0..=u8::MAX).take(self.catalog.dossiers.len()) {
            let Some(new_kind) = kind_of(kind) else {
                continue;
            };
            for subject in self.memory.subjects_sorted(kind) {
                let location = self.memory.subject(&subject).and_then(|kept| kept.location);
                next.locate(
                    Subject {
                        kind: new_kind,
                        ..subject
                    },
                    location,
                );
            }
        }
        let mut standings = Standings::default();
        for (feed, standing) in self.memory.standings().iter() {
            if let Some(feed) = feed_of(feed) {
                standings.restore(feed, standing.clone());
            }
        }
        next.memory.restore_standings(standings);
        for (lane, state) in &self.lanes {
            if let Some(feed) = feed_of(lane.feed) {
                next.lanes.insert(Lane { feed, ..*lane }, state.clone());
            }
        }
        next.owed = self.owed.moved(kind_of);
        next.issue_locations = self.issue_locations;
        next.epoch = self.epoch;
        next.schemas = self.schemas;
        next.probe = self.probe;
        next
    }

    pub fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    pub fn issues_mut(&mut self) -> &mut IssueMemory {
        &mut self.issues
    }
}
