//! Gathering an epoch: everything that is ready on all lanes, up to the bounds.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::EpochBounds;
use crate::epoch::{LandedMessage, Lane};
use crate::kafka::source::{Fetched, Source};

/// What was gathered, and what was learnt on the way.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub messages: Vec<LandedMessage>,
    /// Lanes that can't be read on.
    pub broken: BTreeMap<Lane, String>,
    /// The broker is out of reach.
    pub trouble: Option<String>,
    /// The reading thread has ended.
    pub closed: bool,
}

/// Messages that were read and belong to no epoch yet, and how far each lane was read.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    waiting: VecDeque<LandedMessage>,
    /// Next offset of each lane that was read to its end, beyond gaps that hold no message.
    pub read_to: BTreeMap<Lane, i64>,
}

impl Gatherer {
    /// Puts messages back in front: what a halved epoch did not take.
    pub(super) fn put_back(&mut self, messages: Vec<LandedMessage>) {
        for message in messages.into_iter().rev() {
            self.waiting.push_front(message);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits at most `wait` for a first message, then gathers until a lull or a bound.
    pub(super) async fn gather(
        &mut self,
        source: &mut Source,
        bounds: EpochBounds,
        wait: Duration,
    ) -> Gathered {
        let mut gathered = Gathered::default();
        let mut bytes = 0;
        let start = Instant::now();
        let mut until = start + wait;
        loop {
            while let Some(message) = self.waiting.pop_front() {
                let size = message.size_bytes();
                let full =
                    gathered.messages.len() >= bounds.messages || bytes + size > bounds.bytes;
                if full && !gathered.messages.is_empty() {
                    self.waiting.push_front(message);
                    return gathered;
                }
                bytes += size;
                gathered.messages.push(message);
            }
            if !gathered.messages.is_empty() {
                let last = start + Duration::from_millis(bounds.milliseconds);
                until = last.min(Instant::now() + Duration::from_millis(bounds.lull_milliseconds));
            }
            match timeout_at(until, source.next()).await {
                Err(_elapsed) => return gathered,
                Ok(None) => {
                    gathered.closed = true;
                    return gathered;
                }
                Ok(Some(fetched)) => self.take(fetched, &mut gathered),
            }
            if gathered.trouble.is_some() || !gathered.broken.is_empty() {
                return gathered;
            }
        }
    }

    fn take(&mut self, fetched: Fetched, gathered: &mut Gathered) {
        match fetched {
            Fetched::Messages(messages) => self.waiting.extend(messages),
            Fetched::End { lane, position } => {
                self.read_to.insert(lane, position);
            }
            Fetched::Broken { lane, why } => {
                gathered.broken.insert(lane, why);
            }
            Fetched::Trouble { why } => gathered.trouble = Some(why),
        }
    }
}
