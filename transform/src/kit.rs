//! What tests share: the embedded catalog, catalogs of their own, and messages as agencies send them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_schemas::contract::Contract;

use crate::decode::Bounds;
use crate::message::RawMessage;
use crate::observe::{Observation, Observed, Observer};
use crate::token::IdKey;

/// 2026-11-23T10:13:20+08:00, when test messages arrive.
pub(crate) const ARRIVAL_MS: i64 = 1_795_400_000_000;

/// The catalog that the binary carries.
pub(crate) fn embedded() -> Arc<Catalog> {
    static CATALOG: LazyLock<Arc<Catalog>> =
        LazyLock::new(|| Arc::new(Catalog::embedded().expect("the embedded catalog is sound")));
    Arc::clone(&CATALOG)
}

/// A catalog of these files.
pub(crate) fn catalog_of(files: &[(&str, String)]) -> Arc<Catalog> {
    let files: BTreeMap<String, String> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.clone()))
        .collect();
    let told = |problems: Vec<yidang_schemas::catalog::Problem>| -> String {
        problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect()
    };
    let bundle = Bundle::of_files(files).unwrap_or_else(|problems| panic!("{}", told(problems)));
    Arc::new(Catalog::from_bundle(&bundle).unwrap_or_else(|problems| panic!("{}", told(problems))))
}

/// A contract of version 1 of an agency: what every one says, and the rest of it.
pub(crate) fn contract_text(agency: &str, rest: &str) -> String {
    format!(
        "apiVersion: v3.2.0
kind: DataContract
version: 1.0.0
status: active
customProperties:
  - {{ property: profile, value: yidang/1, vendor: yidang }}
  - {{ property: sourceAgency, value: {agency}, vendor: yidang }}
team: {{ id: {agency} }}
{rest}"
    )
}

/// The embedded schemas folder with one file put in the place of another or beside it.
pub(crate) fn embedded_with(changes: &[(&str, String)]) -> Arc<Catalog> {
    let mut files: BTreeMap<String, String> = embedded().bundle.files.clone();
    for (name, text) in changes {
        files.insert((*name).to_owned(), text.clone());
    }
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    catalog_of(&files)
}

pub(crate) fn id_key() -> IdKey {
    IdKey::new([7; 32])
}

/// A message being made.
#[derive(Clone, Default)]
pub(crate) struct Sent {
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Bytes>)>,
    pub value: Option<Vec<u8>>,
    pub timestamp_ms: i64,
    pub partition: i32,
    pub offset: i64,
}

impl Sent {
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self {
            value: Some(value.into()),
            timestamp_ms: ARRIVAL_MS,
            ..Self::default()
        }
    }

    pub fn tombstone(key: &str) -> Self {
        Self {
            key: Some(key.into()),
            timestamp_ms: ARRIVAL_MS,
            ..Self::default()
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((
            name.to_owned(),
            Some(Bytes::copy_from_slice(value.as_bytes())),
        ));
        self
    }

    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    pub fn at(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = timestamp_ms;
        self
    }

    pub fn raw(&self) -> RawMessage<'_> {
        RawMessage {
            incarnation: 0,
            partition: self.partition,
            offset: self.offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key.as_deref(),
            headers: &self.headers,
            value: self.value.as_deref(),
        }
    }
}

pub(crate) fn feed<'c>(catalog: &'c Catalog, id: &str) -> (u16, &'c Contract) {
    let index = catalog.feed_of_id(id).expect("the feed is in the catalog");
    (
        index,
        catalog.feed(index).expect("the feed is in the catalog"),
    )
}

/// Judges messages of one feed; each gets its place as offset.
pub(crate) fn observe_of(catalog: &Arc<Catalog>, feed_id: &str, sent: &[Sent]) -> Observed {
    let (feed, _) = feed(catalog, feed_id);
    let observer = Observer::new(catalog, &id_key(), feed, Bounds::default());
    let messages: Vec<RawMessage<'_>> = sent
        .iter()
        .enumerate()
        .map(|(place, sent)| RawMessage {
            offset: i64::try_from(place).unwrap(),
            ..sent.raw()
        })
        .collect();
    observer.observe(&messages, ARRIVAL_MS)
}

/// Judges messages of one embedded feed.
pub(crate) fn observe(feed_id: &str, sent: &[Sent]) -> Vec<Observation> {
    observe_of(&embedded(), feed_id, sent).observations
}

/// Judges one message of one record.
pub(crate) fn observe_one(feed_id: &str, sent: Sent) -> Observation {
    let mut observations = observe(feed_id, &[sent]);
    assert_eq!(observations.len(), 1);
    observations.remove(0)
}

/// `rule:CODE` of every failure, observations included.
pub(crate) fn failed(catalog: &Catalog, feed_id: &str, observation: &Observation) -> Vec<String> {
    let (_, contract) = feed(catalog, feed_id);
    let told = |failure: &crate::verdict::Failure| {
        format!(
            "{}:{}",
            contract.rules[usize::from(failure.rule)]
                .id
                .trim_start_matches("auto:"),
            failure.code.0
        )
    };
    observation.failures.iter().map(told).collect()
}

/// `column=value` of every cell of an observation, in leaf order, pseudo cells left out.
pub(crate) fn cells(catalog: &Catalog, observation: &Observation) -> Vec<String> {
    use crate::cell::Value;
    let Some(statement) = &observation.statement else {
        return Vec::new();
    };
    let mut cells: Vec<_> = statement.cells.iter().collect();
    cells.sort_by_key(|cell| cell.target);
    let cells = cells.iter().filter_map(|cell| {
        let dossier = catalog.dossier(cell.target.kind)?;
        let value = match cell.value {
            Value::Null => "∅".to_owned(),
            Value::Text(text) => text.to_owned(),
            Value::Date(days) => crate::calendar::date_of(days).to_string(),
            Value::Integer(number) => number.to_string(),
        };
        Some(format!("{}={value}", dossier.leaf_name(cell.target.leaf)))
    });
    cells.collect()
}
