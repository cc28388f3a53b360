//! The city as its users see it: settings in, messages and truth out.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::calendar;
use crate::feed::Feed;
use crate::issue_id::{IdKey, made_up_id};
use crate::message::{CorrectsRef, Message};
use crate::plan::arrange::{Unit, arrange};
use crate::plan::{PlanSettings, plan};
use crate::random::small;
use crate::record::{Corrects, Record};
use crate::truth::{self, Delivery, Truth};

/// Fewer records than this cannot show every defect three times.
pub const LEAST_RECORDS: u64 = 3_000;

/// What the city is made from. The same settings give the same bytes for ever.
#[derive(Clone, Copy)]
pub struct CitySettings {
    pub seed: u64,
    /// Records wanted of the eight registers, repeats included; at least [`LEAST_RECORDS`] are made. The other feeds come on
    /// top, so that what the registers send depends on nothing else.
    pub records: u64,
    /// Persons and enterprises together; a fifth of the records if not given.
    pub subjects: Option<u64>,
    /// The lake's id key: with it `corrects` headers hold real issue ids, and the truth holds tokens and issue ids.
    pub id_key: Option<[u8; 32]>,
    /// Without the key: whether the sender will fill the headers in with [`Message::resolve`]. If neither, the headers
    /// hold made-up ids and the truth knows that they close nothing.
    pub sender_resolves: bool,
    /// End of the simulated period, epoch milliseconds; it has to lie before now.
    pub end_ms: i64,
    /// Fewer records are made, if need be, so that no partition gets more bytes than this.
    pub max_partition_bytes: Option<u64>,
    /// Also make messages above 1 MiB, which brokers refuse by default.
    pub oversized: bool,
}

impl CitySettings {
    /// A city of `records` records from `seed` that ends at `end_ms`.
    pub fn new(seed: u64, records: u64, end_ms: i64) -> Self {
        Self {
            seed,
            records,
            subjects: None,
            id_key: None,
            sender_resolves: false,
            end_ms,
            max_partition_bytes: None,
            oversized: false,
        }
    }
}

/// A city: its records and the order in which they are told.
pub struct City {
    settings: CitySettings,
    records: Vec<Record>,
    units: Vec<Unit>,
    zone: TimeZone,
    largest_partition_bytes: u64,
}

impl City {
    /// Makes the city. Takes some 200 bytes of memory per record.
    pub fn new(settings: CitySettings) -> Self {
        let mut wanted = settings.records.max(LEAST_RECORDS);
        loop {
            let city = Self::of(settings, wanted);
            let bound = settings.max_partition_bytes.unwrap_or(u64::MAX);
            let largest = city.largest_partition_bytes;
            if largest <= bound || wanted == LEAST_RECORDS {
                return city;
            }
            let scaled =
                u128::from(wanted) * u128::from(bound) * 96 / 100 / u128::from(largest.max(1));
            wanted = small::<u128, u64>(scaled).clamp(LEAST_RECORDS, wanted - 1);
        }
    }

    fn of(settings: CitySettings, records: u64) -> Self {
        let zone = calendar::zone();
        let records = plan(PlanSettings {
            seed: settings.seed,
            records,
            subjects: settings.subjects,
            end_ms: settings.end_ms,
            oversized: settings.oversized,
        });
        let (units, largest_partition_bytes) = arrange(&records, &zone);
        Self {
            settings,
            records,
            units,
            zone,
            largest_partition_bytes,
        }
    }

    /// Topics of the city with their partition counts.
    pub fn topics() -> Vec<(String, i32)> {
        Feed::ALL
            .into_iter()
            .map(|feed| (feed.topic(), feed.partitions()))
            .collect()
    }

    /// Records that are delivered, repeats included.
    pub fn record_count(&self) -> u64 {
        self.units.iter().map(|unit| unit.rows.len() as u64).sum()
    }

    /// Messages that are sent.
    pub fn message_count(&self) -> u64 {
        self.units.len() as u64
    }

    /// An upper bound of the bytes in the fullest partition.
    pub fn largest_partition_bytes(&self) -> u64 {
        self.largest_partition_bytes
    }

    /// The messages in the order in which they are sent, each made when it is asked for.
    pub fn messages(&self) -> impl Iterator<Item = Message> + '_ {
        let deliveries = truth::deliveries(&self.records, &self.units);
        let mut first = vec![None; self.records.len()];
        for (place, delivery) in deliveries.iter().enumerate().rev() {
            if let Some(slot) = first.get_mut(delivery.index as usize) {
                *slot = Some(place);
            }
        }
        let targets: Vec<Option<CorrectsTarget>> = self
            .records
            .iter()
            .map(|record| self.target_of(record, &deliveries, &first))
            .collect();
        self.units
            .iter()
            .map(move |unit| self.message(unit, &targets))
    }

    fn target_of(
        &self,
        record: &Record,
        deliveries: &[Delivery<'_>],
        first: &[Option<usize>],
    ) -> Option<CorrectsTarget> {
        let fake = made_up_id(self.settings.seed ^ record.salt);
        let target = match record.corrects? {
            Corrects::Unknown => {
                return Some(CorrectsTarget {
                    id: fake,
                    reference: None,
                });
            }
            other => other.target()?,
        };
        let bad = deliveries.get((*first.get(target)?)?)?;
        let crate::record::Failure { rule, field, .. } =
            bad.record.failures().into_iter().next()?;
        if let Some(key) = self.settings.id_key {
            let id = IdKey(key).issue_id(bad.record.feed(), &truth::identity(bad).0, &rule, field);
            return Some(CorrectsTarget {
                id,
                reference: None,
            });
        }
        let reference = CorrectsRef {
            feed: bad.record.feed().contract().to_owned(),
            topic: bad.record.feed().topic(),
            partition: bad.unit.partition,
            offset: bad.unit.offset,
            row: bad.row,
            rule,
            field: field.to_owned(),
        };
        Some(CorrectsTarget {
            id: fake,
            reference: Some(reference),
        })
    }

    fn message(&self, unit: &Unit, targets: &[Option<CorrectsTarget>]) -> Message {
        let target = unit
            .rows
            .iter()
            .find_map(|index| targets.get(*index as usize)?.as_ref());
        let rendered = unit.render(
            &self.records,
            &self.zone,
            target.map(|target| target.id.as_str()),
        );
        Message {
            topic: unit.feed.topic(),
            partition: unit.partition,
            timestamp_ms: unit.timestamp_ms,
            key: rendered.key,
            headers: rendered.headers,
            value: rendered.value,
            corrects: target.and_then(|target| target.reference.clone()),
        }
    }

    /// What must come out of the messages.
    pub fn truth(&self) -> Truth {
        let key = self.settings.id_key.map(IdKey);
        let headers_count = key.is_some() || self.settings.sender_resolves;
        truth::truth(&self.records, &self.units, key.as_ref(), headers_count)
    }

    /// The truth with the tokens and issue ids of a lake whose id key the senders did not know: headers hold what the
    /// settings say.
    pub fn truth_for(&self, id_key: [u8; 32]) -> Truth {
        let headers_count = self.settings.id_key.is_some() || self.settings.sender_resolves;
        truth::truth(
            &self.records,
            &self.units,
            Some(&IdKey(id_key)),
            headers_count,
        )
    }

    /// Writes `messages.jsonl` and `truth.jsonl` into an existing folder. Each line of the truth is an object with one
    /// key: `counts`, `record`, `person`, `enterprise` or `issue`.
    pub fn write_files(&self, folder: &Path) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(folder.join("messages.jsonl"))?);
        for message in self.messages() {
            line(&mut out, &message)?;
        }
        out.flush()?;
        let mut out = BufWriter::new(File::create(folder.join("truth.jsonl"))?);
        let truth = self.truth();
        line(&mut out, &TruthLine::Counts(&truth.counts))?;
        for record in &truth.records {
            line(&mut out, &TruthLine::Record(record))?;
        }
        for person in &truth.persons {
            line(&mut out, &TruthLine::Person(person))?;
        }
        for enterprise in &truth.enterprises {
            line(&mut out, &TruthLine::Enterprise(enterprise))?;
        }
        for issue in &truth.issues {
            line(&mut out, &TruthLine::Issue(issue))?;
        }
        out.flush()
    }
}

/// The issue that a record's header names: the id to send, and what a sender needs to find the real one.
struct CorrectsTarget {
    id: String,
    reference: Option<CorrectsRef>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum TruthLine<'a> {
    Counts(&'a truth::Counts),
    Record(&'a truth::RecordTruth),
    Person(&'a truth::SubjectTruth),
    Enterprise(&'a truth::SubjectTruth),
    Issue(&'a truth::IssueTruth),
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
