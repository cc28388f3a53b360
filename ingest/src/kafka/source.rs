//! Reading source topics: one thread polls all lanes from the positions that the lake holds.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;
use yidang_schemas::fault::Fault;

use super::message::landed;
use super::{BrokerSettings, broker_fault};
use crate::epoch::{LandedMessage, Lane};

/// What the reading thread hands over.
#[derive(Debug)]
pub enum Fetched {
    Messages(Vec<LandedMessage>),
    /// The lane was read to this offset, the end at that moment.
    End {
        lane: Lane,
        position: i64,
    },
    /// The lane can't be read on.
    Broken {
        lane: Lane,
        why: String,
    },
    /// The broker as a whole is out of reach; librdkafka goes on trying.
    Trouble {
        why: String,
    },
}

/// A lane to be read from an offset; nothing: from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartAt {
    pub lane: Lane,
    pub topic: String,
    pub offset: Option<i64>,
}

#[derive(Debug)]
enum Command {
    Read(Vec<StartAt>),
    Leave(Vec<Lane>),
    Pause(Vec<Lane>),
    Resume(Vec<Lane>),
    Commit(Vec<(Lane, i64)>),
}

/// Messages in one hand-over, and hand-overs that may wait: bounds of what is read ahead.
const CHUNK_MESSAGES: usize = 512;
const CHUNK_BYTES: usize = 512 << 10;
const CHUNKS_WAITING: usize = 128;
const COMMANDS_WAITING: usize = 1_024;
const POLL: Duration = Duration::from_millis(20);

/// The reading side of all lanes.
#[derive(Debug)]
pub struct Source {
    commands: Option<SyncSender<Command>>,
    fetched: mpsc::Receiver<Fetched>,
    /// Closed by the reading thread when it has freed its client.
    ended: Receiver<()>,
}

/// Longest wait for the reading thread.
const FAREWELL: Duration = Duration::from_secs(3);

/// Waits for the reading thread: a process that ends while librdkafka still frees its client can be aborted by the clean-up
/// of the libraries below. Not for ever: closing a consumer waits for the group's coordinator, and was seen to wait
/// without end; whoever lost the lead has to go on.
impl Drop for Source {
    fn drop(&mut self) {
        self.fetched.close();
        drop(self.commands.take());
        // Nothing is ever sent: the end of the thread ends the wait.
        self.ended.recv_timeout(FAREWELL).unwrap_or(());
    }
}

impl Source {
    /// Starts reading; lanes are added with [`Source::read`].
    pub fn start(settings: &BrokerSettings, lake_id: &str) -> Result<Self, Fault> {
        let consumer: BaseConsumer = settings
            .client()
            .set("group.id", format!("yidang.{lake_id}.position"))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("fetch.wait.max.ms", "100")
            .set("queued.max.messages.kbytes", "65536")
            .set("fetch.message.max.bytes", "4194304")
            .create()
            .map_err(|error| broker_fault("make the consumer of sources", settings, error))?;
        let (commands, received) = sync_channel(COMMANDS_WAITING);
        let (hand_over, fetched) = mpsc::channel(CHUNKS_WAITING);
        let reader = Reader {
            consumer,
            lanes: BTreeMap::new(),
            commands: received,
            hand_over,
        };
        let (ending, ended) = sync_channel(0);
        let thread = std::thread::Builder::new().name("source".to_owned());
        let started = thread.spawn(move || {
            reader.run();
            drop(ending);
        });
        started.map_err(|error| Fault::unavailable("start the reading thread", error))?;
        Ok(Self {
            commands: Some(commands),
            fetched,
            ended,
        })
    }

    fn command(&self, command: Command) {
        // A thread that ended has closed the other channel as well, which is where it is noticed.
        drop(
            self.commands
                .as_ref()
                .map(|commands| commands.send(command)),
        );
    }

    /// Adds lanes.
    pub fn read(&self, lanes: Vec<StartAt>) {
        self.command(Command::Read(lanes));
    }

    /// Stops reading lanes.
    pub fn leave(&self, lanes: Vec<Lane>) {
        self.command(Command::Leave(lanes));
    }

    /// Reads nothing more of lanes for a while; what is under way still comes.
    pub fn pause(&self, lanes: Vec<Lane>) {
        self.command(Command::Pause(lanes));
    }

    /// Reads on where a pause began.
    pub fn resume(&self, lanes: Vec<Lane>) {
        self.command(Command::Resume(lanes));
    }

    /// Shows positions to whoever watches the group.
    pub fn show_positions(&self, positions: Vec<(Lane, i64)>) {
        self.command(Command::Commit(positions));
    }

    /// The next hand-over; nothing when the thread has ended.
    pub async fn next(&mut self) -> Option<Fetched> {
        self.fetched.recv().await
    }
}

struct Reader {
    consumer: BaseConsumer,
    /// Topic and partition to lane.
    lanes: BTreeMap<(String, i32), Lane>,
    commands: Receiver<Command>,
    hand_over: mpsc::Sender<Fetched>,
}

impl Reader {
    fn run(mut self) {
        let mut chunk = Vec::new();
        let mut chunk_bytes = 0;
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command),
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
            }
            let wait = if chunk.is_empty() {
                POLL
            } else {
                Duration::ZERO
            };
            let polled = self.consumer.poll(wait);
            let full = chunk.len() >= CHUNK_MESSAGES || chunk_bytes >= CHUNK_BYTES;
            if !chunk.is_empty() && (full || !matches!(polled, Some(Ok(_)))) {
                chunk_bytes = 0;
                if self
                    .give(Fetched::Messages(std::mem::take(&mut chunk)))
                    .is_err()
                {
                    return;
                }
            }
            match polled {
                None => {}
                Some(Ok(message)) => {
                    if let Some(message) = self.own(&message) {
                        chunk_bytes += message.size_bytes();
                        chunk.push(message);
                    }
                }
                Some(Err(error)) if self.note(&error).is_err() => return,
                Some(Err(_noted)) => {}
            }
        }
    }

    fn give(&self, fetched: Fetched) -> Result<(), ()> {
        self.hand_over.blocking_send(fetched).map_err(|_closed| ())
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Read(starts) => self.assign(starts),
            // A lane that is gone meanwhile cannot be paused, nor need it be.
            Command::Pause(lanes) => drop(self.consumer.pause(&self.places(&lanes))),
            Command::Resume(lanes) => drop(self.consumer.resume(&self.places(&lanes))),
            Command::Leave(lanes) => {
                let mut list = TopicPartitionList::new();
                self.lanes.retain(|(topic, partition), lane| {
                    let stays = !lanes.contains(lane);
                    if !stays {
                        list.add_partition(topic, *partition);
                    }
                    stays
                });
                drop(self.consumer.incremental_unassign(&list));
            }
            Command::Commit(positions) => {
                let mut list = TopicPartitionList::new();
                for ((topic, partition), lane) in &self.lanes {
                    let position = positions.iter().find(|(known, _)| known == lane);
                    if let Some((_, position)) = position {
                        drop(list.add_partition_offset(
                            topic,
                            *partition,
                            Offset::Offset(*position),
                        ));
                    }
                }
                // For display only; nothing depends on it.
                drop(
                    self.consumer
                        .commit(&list, rdkafka::consumer::CommitMode::Async),
                );
            }
        }
    }

    fn places(&self, lanes: &[Lane]) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), lane) in &self.lanes {
            if lanes.contains(lane) {
                list.add_partition(topic, *partition);
            }
        }
        list
    }

    fn assign(&mut self, starts: Vec<StartAt>) {
        let mut list = TopicPartitionList::new();
        for StartAt {
            lane,
            topic,
            offset,
        } in starts
        {
            let offset = offset.map_or(Offset::Beginning, Offset::Offset);
            if self.lanes.contains_key(&(topic.clone(), lane.partition)) {
                continue;
            }
            drop(list.add_partition_offset(&topic, lane.partition, offset));
            self.lanes.insert((topic, lane.partition), lane);
        }
        if let Err(error) = self.consumer.incremental_assign(&list) {
            // A receiver that is gone ends the thread at its next turn.
            self.give(Fetched::Trouble {
                why: error.to_string(),
            })
            .unwrap_or(());
        }
    }

    fn own(&self, message: &BorrowedMessage<'_>) -> Option<LandedMessage> {
        let lane = self
            .lanes
            .get(&(message.topic().to_owned(), message.partition()))?;
        Some(landed(*lane, message))
    }

    fn note(&self, error: &KafkaError) -> Result<(), ()> {
        match error {
            KafkaError::PartitionEOF(partition) => {
                let ended: Vec<Fetched> = self.positions(*partition);
                ended.into_iter().try_for_each(|end| self.give(end))
            }
            KafkaError::MessageConsumption(code) | KafkaError::MessageConsumptionFatal(code) => {
                self.note_code(*code, error)
            }
            other => self.give(Fetched::Trouble {
                why: other.to_string(),
            }),
        }
    }

    /// An end names only the partition: every lane of that number whose position is known is told.
    fn positions(&self, partition: i32) -> Vec<Fetched> {
        let Ok(positions) = self.consumer.position() else {
            return Vec::new();
        };
        let lanes = self
            .lanes
            .iter()
            .filter(|((_, number), _)| *number == partition);
        lanes
            .filter_map(|((topic, number), lane)| {
                let found = positions.find_partition(topic, *number)?;
                let position = found.offset().to_raw().filter(|offset| *offset >= 0)?;
                Some(Fetched::End {
                    lane: *lane,
                    position,
                })
            })
            .collect()
    }

    fn note_code(&self, code: RDKafkaErrorCode, error: &KafkaError) -> Result<(), ()> {
        let gone = matches!(
            code,
            RDKafkaErrorCode::AutoOffsetReset
                | RDKafkaErrorCode::OffsetOutOfRange
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicId
        );
        if !gone {
            return self.give(Fetched::Trouble {
                why: error.to_string(),
            });
        }
        // librdkafka does not say which lane; the worker looks at all of them.
        let lanes: Vec<Lane> = self.lanes.values().copied().collect();
        lanes.into_iter().try_for_each(|lane| {
            self.give(Fetched::Broken {
                lane,
                why: error.to_string(),
            })
        })
    }
}
