//! Messages that wait for the schema they were written by.
//!
//! A lane whose next message names an id that nobody has asked for waits, and only that lane: its messages are kept in
//! their order, it is paused at the broker, its position stands. The registry is asked until it answers. Ids that are
//! known need no registry. Where it answers, for as long as an id may be late, that there is no such schema, that is the
//! agency's defect; it is stored as a fact first, as every answer is, so that the epoch can be judged again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::Lake;
use yidang_transform::decode::{Bounds, wire};
use yidang_transform::schema_book::{Fact, Known, SchemaBook, SchemaId};

use crate::epoch::{LandedMessage, Lane};
use crate::registry::RegistrySettings;
use crate::registry::client::RegistryClient;
use crate::registry::stored;

/// An id of a registry.
pub(super) type Wanted = (String, SchemaId);

/// Pauses between two questions for one id: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// How often an id is asked for again that the registry did not have.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// One id that is asked for.
#[derive(Debug)]
struct Asked {
    is_running: bool,
    next_at: Instant,
    pause: Duration,
    /// Since when the registry answers without a break that there is no such schema.
    unknown_since: Option<Instant>,
}

/// What an answer makes of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A fact to be stored and learnt.
    Fact(Fact),
    /// It is asked again.
    Later,
}

/// All lanes that wait, and the ids they wait for.
#[derive(Debug)]
pub(super) struct Desk {
    clients: BTreeMap<String, RegistryClient>,
    /// How long a registry may say that there is no such schema before it is believed.
    unknown_after: Duration,
    asked: BTreeMap<Wanted, Asked>,
    running: JoinSet<(Wanted, Result<Fact, Fault>)>,
    held: BTreeMap<Lane, (Wanted, VecDeque<LandedMessage>)>,
    /// Registries that were seen to be those whose ids the lake knows.
    proved: BTreeSet<String>,
}

impl Desk {
    /// # Errors
    /// `Invalid` where an address cannot be used.
    pub(super) fn new(
        registries: &RegistrySettings,
        unknown_after: Duration,
    ) -> Result<Self, Fault> {
        let addresses = registries.addresses.iter();
        let clients = addresses.map(|(name, address)| {
            let client = RegistryClient::new(name, address, registries)?;
            Ok((name.clone(), client))
        });
        Ok(Self {
            clients: clients.collect::<Result<_, Fault>>()?,
            unknown_after,
            asked: BTreeMap::new(),
            running: JoinSet::new(),
            held: BTreeMap::new(),
            proved: BTreeSet::new(),
        })
    }

    /// No lane waits.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Lanes that wait, and what for.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (Lane, &Wanted)> {
        self.held.iter().map(|(lane, (wanted, _))| (*lane, wanted))
    }

    /// Forgets every message that waits: the lanes are read anew.
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }

    /// Forgets the messages of lanes that are no longer read.
    pub(super) fn keep_only(&mut self, reading: &BTreeSet<Lane>) {
        self.held.retain(|lane, _| reading.contains(lane));
    }

    /// Takes out the messages that have to wait, with those behind them in their lanes. The lanes that begin to wait
    /// are returned beside what goes on.
    pub(super) fn admit(
        &mut self,
        catalog: &Catalog,
        bounds: Bounds,
        schemas: (&SchemaBook, i64),
        messages: Vec<LandedMessage>,
    ) -> (Vec<LandedMessage>, Vec<Lane>) {
        let (book, epoch) = schemas;
        let mut admitted = Vec::with_capacity(messages.len());
        let mut begun = Vec::new();
        for message in messages {
            let lane = lane_of(&message);
            if let Some((_, behind)) = self.held.get_mut(&lane) {
                behind.push_back(message);
                continue;
            }
            let contract = catalog.feed(message.feed);
            let needed = contract.and_then(|contract| {
                let id = wire::needs(contract, bounds, &message.raw())?;
                Some((contract.registry.clone(), id))
            });
            let Some(wanted) = needed else {
                admitted.push(message);
                continue;
            };
            match book.at(epoch).find(&wanted.0, wanted.1) {
                None => {
                    self.want(&wanted, Duration::ZERO);
                    self.held.insert(lane, (wanted, VecDeque::from([message])));
                    begun.push(lane);
                }
                Some(known) => {
                    if matches!(known, Known::Unknown) {
                        self.want(&wanted, ASK_AGAIN);
                    }
                    admitted.push(message);
                }
            }
        }
        (admitted, begun)
    }

    fn want(&mut self, wanted: &Wanted, wait: Duration) {
        let asked = || Asked {
            is_running: false,
            next_at: Instant::now() + wait,
            pause: FIRST_PAUSE,
            unknown_since: None,
        };
        self.asked.entry(wanted.clone()).or_insert_with(asked);
    }

    /// Sends the questions that are due.
    pub(super) fn ask(&mut self, lake: &Lake) {
        let now = Instant::now();
        for (wanted, asked) in &mut self.asked {
            let Some(client) = self.clients.get(&wanted.0) else {
                continue;
            };
            if asked.is_running || asked.next_at > now {
                continue;
            }
            asked.is_running = true;
            let prove = !self.proved.contains(&wanted.0);
            let (client, wanted, lake) = (client.clone(), wanted.clone(), lake.clone());
            self.running.spawn(async move {
                let answer = question(&client, &wanted, prove.then_some(&lake)).await;
                (wanted, answer)
            });
        }
    }

    /// The answers that came since.
    pub(super) fn answers(&mut self) -> Vec<(Wanted, Result<Fact, Fault>)> {
        let mut answers = Vec::new();
        while let Some(joined) = self.running.try_join_next() {
            answers.push(joined.expect("asking a registry does not panic"));
        }
        answers
    }

    /// Decides what an answer means; faults were told of before.
    pub(super) fn weigh(
        &mut self,
        wanted: &Wanted,
        answer: Result<Fact, Fault>,
        is_known_unknown: bool,
    ) -> Answer {
        if answer.is_ok() {
            self.proved.insert(wanted.0.clone());
        }
        let unknown_after = self.unknown_after;
        let Some(asked) = self.asked.get_mut(wanted) else {
            return Answer::Later;
        };
        let now = Instant::now();
        match answer {
            Ok(fact @ Fact::Registered(_)) => {
                self.asked.remove(wanted);
                return Answer::Fact(fact);
            }
            // The next message that names it asks again.
            Ok(Fact::Unknown) if is_known_unknown => {
                self.asked.remove(wanted);
                return Answer::Later;
            }
            Ok(Fact::Unknown) => {
                let since = *asked.unknown_since.get_or_insert(now);
                if now.duration_since(since) >= unknown_after {
                    self.asked.remove(wanted);
                    return Answer::Fact(Fact::Unknown);
                }
            }
            Err(_told) => asked.unknown_since = None,
        }
        asked.is_running = false;
        asked.next_at = now + asked.pause;
        asked.pause = (asked.pause * 2).min(LAST_PAUSE);
        Answer::Later
    }

    /// The messages of lanes that need not wait any more, lane by lane.
    pub(super) fn release(
        &mut self,
        book: &SchemaBook,
        epoch: i64,
    ) -> Vec<(Lane, VecDeque<LandedMessage>)> {
        let is_known = |(registry, id): &Wanted| book.at(epoch).find(registry, *id).is_some();
        let released = self.held.extract_if(.., |_, (wanted, _)| is_known(wanted));
        released
            .map(|(lane, (_, messages))| (lane, messages))
            .collect()
    }
}

/// Asks for an id; where the registry is not proved yet, also for one that the lake knows: another registry under the
/// same name would give old ids other meanings.
async fn question(
    client: &RegistryClient,
    (registry, id): &Wanted,
    prove: Option<&Lake>,
) -> Result<Fact, Fault> {
    let known = match prove {
        Some(lake) => stored::newest(lake, registry).await?,
        None => None,
    };
    if let Some((known, fact)) = known
        && let now @ Fact::Registered(_) = client.ask(known).await?
        && Known::of(&now) != Known::of(&fact)
    {
        return Err(Fault::invalid(format!(
            "ask registry {registry} for schema {id}: it answers schema {known} with another one than the lake knows; it \
             is another registry, so contracts have to call it by another name"
        )));
    }
    client.ask(*id).await
}

pub(super) fn lane_of(message: &LandedMessage) -> Lane {
    Lane {
        feed: message.feed,
        incarnation: message.incarnation,
        partition: message.partition,
    }
}

#[cfg(test)]
mod tests;
