//! From messages of one feed to judged observations: decode, read, judge, state.
//!
//! Pure and without memory: two messages never meet here, so batches may be cut anywhere and run on all cores.

pub mod cells;
mod consequence;
mod content;
mod key;
mod order;
mod standing;
mod subject;

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Mode};
use yidang_schemas::defect::{Code, Defect, Outcome};
use yidang_schemas::origin::Origin;
use yidang_schemas::rule::Action;

use crate::calendar;
use crate::cell::Cells;
use crate::check::{Batch, Checker, Judgement, Precheck, judge};
use crate::decode::{Bounds, Decoded, Operation, Record, decode};
use crate::message::RawMessage;
use crate::order::{OrderKey, REMOVAL_HASH};
use crate::parse::{Facet, FieldReader, facets};
use crate::project::business_day;
use crate::record::{Statement, Version, push_flags};
use crate::schema_book::SchemaView;
use crate::standing::Marker;
use crate::token::IdKey;
use crate::verdict::{Failure, RecordKey};
use consequence::{failed_rules, loses_value, outcome_of};
use subject::Named;

/// One judged record.
#[derive(Clone, PartialEq, Eq)]
pub struct Observation {
    /// Place of its message in the batch.
    pub message: usize,
    pub origin: Origin,
    /// Broker timestamp, or the landing instant where the message has none; epoch milliseconds.
    pub timestamp_ms: i64,
    pub outcome: Outcome,
    pub removal: bool,
    pub key: Option<RecordKey>,
    pub order: Option<OrderKey>,
    pub failures: Vec<Failure>,
    pub unjudged: Vec<u16>,
    /// What it says, where it was accepted.
    pub statement: Option<Statement>,
    /// Targets that its own bytes name, also where they do not count in the end.
    pub named: Vec<crate::identity::Target>,
    pub corrects: Option<String>,
    /// The only record of its message.
    pub alone: bool,
    /// At what the feed's floor is compared with, see [`crate::standing`].
    pub standing: Option<i64>,
    /// The headers of a message that ends a snapshot.
    pub marker: Option<Marker>,
}

impl std::fmt::Debug for Observation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Observation")
            .field("origin", &self.origin)
            .field("key", &self.key)
            .field("outcome", &self.outcome)
            .field("failures", &self.failures)
            .field("statement", &self.statement)
            .field("corrects_bytes", &self.corrects.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// A judged batch.
#[derive(Debug, Default)]
pub struct Observed {
    /// In message order, then row order.
    pub observations: Vec<Observation>,
    pub unknown_fields: u64,
    /// By rule, for how many records it could not be computed, which is the platform's own matter.
    pub rule_errors: BTreeMap<u16, u64>,
}

/// Judges the messages of one feed under one catalog; made once, used for every batch.
#[derive(Debug)]
pub struct Observer {
    catalog: Arc<Catalog>,
    id_key: IdKey,
    feed: u16,
    readers: Vec<FieldReader>,
    checker: Checker,
    order: order::OrderReader,
    cells: cells::CellPlan,
    contract_version: Arc<str>,
    bounds: Bounds,
}

impl Observer {
    /// `feed` is an index into the catalog's feeds.
    pub fn new(catalog: &Arc<Catalog>, id_key: &IdKey, feed: u16, bounds: Bounds) -> Self {
        let contract = contract_of(catalog, feed);
        Self {
            catalog: Arc::clone(catalog),
            id_key: id_key.clone(),
            feed,
            readers: FieldReader::all(contract),
            checker: Checker::new(catalog, contract),
            order: order::OrderReader::new(contract),
            cells: cells::CellPlan::new(catalog, contract),
            contract_version: contract.version.as_str().into(),
            bounds,
        }
    }

    pub fn contract(&self) -> &Contract {
        contract_of(&self.catalog, self.feed)
    }

    /// Judges a batch that landed, or will land, at `landed_at_ms`.
    pub fn observe(&self, messages: &[RawMessage<'_>], landed_at_ms: i64) -> Observed {
        self.observe_with(messages, landed_at_ms, SchemaView::empty())
    }

    /// As [`Observer::observe`], with the writers' schemas of registries as of the epoch of the batch.
    pub fn observe_with(
        &self,
        messages: &[RawMessage<'_>],
        landed_at_ms: i64,
        schemas: SchemaView<'_>,
    ) -> Observed {
        let contract = self.contract();
        let decoded = decode(contract, self.bounds, schemas, messages);
        let now = |record: &Record| {
            let timestamp = messages
                .get(record.message)
                .map_or(-1, |message| message.timestamp_ms);
            if timestamp < 0 {
                landed_at_ms
            } else {
                timestamp.min(landed_at_ms)
            }
        };
        let now_ms: Vec<i64> = decoded.records.iter().map(now).collect();
        let births = now_ms
            .iter()
            .map(|now| calendar::date_of(business_day(*now)))
            .collect::<Vec<_>>();
        let facets = facets(contract, &self.readers, &decoded, &births);
        let stage = Stage {
            observer: self,
            contract,
            messages,
            decoded: &decoded,
            facets: &facets,
        };
        let (drafts, prechecks): (Vec<Draft>, Vec<Precheck<'_>>) = (0..decoded.records.len())
            .map(|row| stage.draft(row, &now_ms))
            .unzip();
        let batch = Batch {
            contract,
            checker: &self.checker,
            readers: &self.readers,
            decoded: &decoded,
            facets: &facets,
            prechecks: &prechecks,
        };
        let judgements = judge(&batch);
        let mut rule_errors = BTreeMap::new();
        for rule in judgements.iter().flat_map(|judgement| &judgement.errors) {
            *rule_errors.entry(*rule).or_default() += 1;
        }
        let rows_of = rows_by_message(&decoded, messages.len());
        let finished = drafts.into_iter().zip(judgements).enumerate();
        let observations = finished
            .map(|(row, (draft, judgement))| {
                stage.finish(&batch, row, draft, judgement, landed_at_ms, &rows_of)
            })
            .collect();
        Observed {
            observations,
            unknown_fields: decoded.unknown_fields,
            rule_errors,
        }
    }
}

fn contract_of(catalog: &Catalog, feed: u16) -> &Contract {
    catalog
        .feeds
        .get(usize::from(feed))
        .expect("an observer is made for a feed of its catalog")
}

fn rows_by_message(decoded: &Decoded, messages: usize) -> Vec<u32> {
    let mut rows = vec![0; messages];
    for record in &decoded.records {
        if let Some(rows) = rows.get_mut(record.message) {
            *rows += 1;
        }
    }
    rows
}

/// One batch between decoding and judging.
struct Stage<'a> {
    observer: &'a Observer,
    contract: &'a Contract,
    messages: &'a [RawMessage<'a>],
    decoded: &'a Decoded,
    facets: &'a [Facet<'a>],
}

/// What a record is, before its rules are judged.
struct Draft {
    key: Option<RecordKey>,
    order: Option<OrderKey>,
    named: Vec<crate::identity::Target>,
    corrects: Option<String>,
    standing: Option<i64>,
    marker: Option<Marker>,
}

impl Stage<'_> {
    fn record(&self, row: usize) -> &Record {
        self.decoded
            .records
            .get(row)
            .expect("rows are those of the decoded batch")
    }

    fn message(&self, row: usize) -> &RawMessage<'_> {
        self.messages
            .get(self.record(row).message)
            .expect("records name messages of their batch")
    }

    fn origin(&self, row: usize) -> Origin {
        let message = self.message(row);
        Origin {
            feed: self.observer.feed,
            incarnation: message.incarnation,
            partition: message.partition,
            offset: message.offset,
            row: self.record(row).row,
        }
    }

    fn draft(&self, row: usize, now_ms: &[i64]) -> (Draft, Precheck<'_>) {
        let now_ms = now_ms.get(row).copied().unwrap_or(0);
        let record = self.record(row);
        let (corrects, corrects_problem) = self.corrects(row);
        let mut precheck = Precheck {
            key: None,
            order: None,
            subject: subject::SubjectState::Defective,
            nameless: false,
            corrects: corrects_problem,
            now_ms,
            removal: record.operation.is_removal(),
            header_times: Vec::new(),
        };
        let mut draft = Draft {
            key: None,
            order: None,
            named: Vec::new(),
            corrects,
            standing: None,
            marker: None,
        };
        if record.operation == Operation::Marker {
            self.draft_marker(row, now_ms, &mut draft);
        }
        if record.problem.is_some() || record.operation.is_control() {
            return (draft, precheck);
        }
        let key = key::record_key(self, row);
        let Named { targets, state } = subject::named(self, row);
        let times = self.observer.order.read(self, row, now_ms);
        draft.order = times
            .parts
            .as_ref()
            .ok()
            .map(|parts| self.order_key(row, parts, times.business_time_ms));
        precheck.key = key.as_ref().err().copied();
        let first = times.parts.as_ref().ok().and_then(|parts| parts.first());
        draft.standing = match self.contract.snapshot {
            Some(_) => first.copied(),
            None => self.period(row),
        };
        precheck.order = times.parts.err();
        precheck.subject = state;
        precheck.nameless = targets.is_empty() && self.needs_subject(record);
        precheck.header_times = times.header_times;
        draft.key = key.ok();
        draft.named = targets;
        (draft, precheck)
    }

    fn generation(&self) -> u32 {
        self.observer.catalog.bundle.generation
    }

    /// The header `corrects`, trimmed, and what is wrong with it. Of two headers nobody could say which one counts.
    fn corrects(&self, row: usize) -> (Option<String>, Option<Code>) {
        const FORMAT: Code = Code("CORRECTS_FORMAT");
        let headers = self.message(row).headers.iter();
        let named = headers.filter(|(name, _)| name == "corrects");
        let mut texts = named.filter_map(|(_, text)| text.as_deref());
        match (texts.next(), texts.next()) {
            (None, _) => (None, None),
            (Some(_), Some(_)) => (None, Some(FORMAT)),
            (Some(bytes), None) => {
                let text = String::from_utf8_lossy(bytes).trim().to_owned();
                let problem = (!is_issue_id(&text)).then_some(FORMAT);
                (Some(text), problem)
            }
        }
    }

    fn order_key(&self, row: usize, parts: &[i64], business_time_ms: i64) -> OrderKey {
        let hash = if self.record(row).operation.is_removal() {
            REMOVAL_HASH
        } else {
            self.content_hash(row)
        };
        OrderKey::new(parts, business_time_ms, hash, self.generation())
    }

    /// A full record that names nobody has no file it could stand in.
    fn needs_subject(&self, record: &Record) -> bool {
        record.operation == Operation::Upsert
            && self.contract.mode.is_full()
            && !self.contract.subjects.is_empty()
    }

    fn finish(
        &self,
        batch: &Batch<'_>,
        row: usize,
        draft: Draft,
        judgement: Judgement,
        landed_at_ms: i64,
        rows_of: &[u32],
    ) -> Observation {
        let record = self.record(row);
        let message = self.message(row);
        let outcome = match record.operation {
            operation if operation.is_control() => Outcome::Control,
            _ => outcome_of(&judgement),
        };
        let key = draft.key.map(|key| self.judge_key(key, &judgement.defects));
        let removal = record.operation.is_removal();
        let version = draft.order.clone().map(|order| Version {
            order,
            origin: self.origin(row),
            landed_at_ms,
            contract_version: Arc::clone(&self.observer.contract_version),
        });
        let statement = version
            .filter(|_| outcome.is_accepted() && key.is_some())
            .map(|version| {
                let cells = match removal {
                    true => Cells::default(),
                    false => self.cells(batch, row, &judgement),
                };
                let targets = if removal {
                    Vec::new()
                } else {
                    draft.named.clone()
                };
                let failed = failed_rules(&judgement.defects);
                Statement {
                    version,
                    removal,
                    standing: draft.standing,
                    cells,
                    targets,
                    failed,
                    unjudged: judgement.unjudged.clone(),
                }
            });
        Observation {
            message: record.message,
            origin: self.origin(row),
            timestamp_ms: if message.timestamp_ms < 0 {
                landed_at_ms
            } else {
                message.timestamp_ms
            },
            outcome,
            removal,
            key,
            order: draft.order,
            failures: self.failures(&judgement.defects),
            unjudged: judgement.unjudged,
            statement,
            named: draft.named,
            corrects: draft.corrects,
            standing: draft.standing,
            marker: draft.marker,
            alone: rows_of.get(record.message) == Some(&1),
        }
    }

    /// A key is sound where nothing worse than an observation failed over its fields.
    fn judge_key(&self, key: RecordKey, defects: &[Defect]) -> RecordKey {
        let over_key = |defect: &Defect| {
            defect.action > Action::Observe
                && defect
                    .field
                    .is_some_and(|field| self.contract.record_key.contains(&field))
        };
        // A doubt about sex or birth date is about the field that declares it, never about the key.
        RecordKey {
            sound: !defects.iter().any(over_key),
            ..key
        }
    }

    fn cells(&self, batch: &Batch<'_>, row: usize, judgement: &Judgement) -> Cells {
        let lost = |defect: &&Defect| {
            let rule = self.contract.rules.get(defect.rule);
            let loses = rule.is_none_or(|rule| loses_value(rule, defect.code));
            defect.action > Action::Observe && loses
        };
        let defects = judgement.defects.iter().chain(&judgement.lost);
        let lost: Vec<(usize, usize)> = defects
            .filter(lost)
            .filter_map(|defect| Some((defect.field?, defect.row)))
            .collect();
        let mut cells = self
            .observer
            .cells
            .cells(batch, &self.observer.id_key, row, &lost);
        if self.contract.mode == Mode::Patch {
            subject::push_identities(self, row, &mut cells);
            push_flags(&mut cells, &failed_rules(&judgement.defects));
        }
        cells
    }

    fn failures(&self, defects: &[Defect]) -> Vec<Failure> {
        let failure = |defect: &Defect| {
            let column = defect
                .field
                .and_then(|field| self.decoded.columns.get(field));
            Failure {
                rule: u16::try_from(defect.rule).expect("a contract has few rules"),
                code: defect.code,
                action: defect.action,
                raw: column
                    .and_then(|column| column.value(defect.row))
                    .map(str::to_owned),
            }
        };
        defects.iter().map(failure).collect()
    }
}

/// `dqi_` and 26 characters of base 32.
fn is_issue_id(text: &str) -> bool {
    text.strip_prefix("dqi_")
        .and_then(crate::token::Token::parse)
        .is_some()
}

#[cfg(test)]
mod tests;
