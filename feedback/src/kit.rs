//! A small catalog and verdicts by hand, for the tests of this crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_schemas::agency::Agency;
use yidang_schemas::authority::Authority;
use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_schemas::contract::{
    Contract, Encoding, Envelope, Format, Mode, Order, OrderPart, Place, Reading, Removal, Rows,
    Tombstone,
};
use yidang_schemas::defect::{Code, Outcome};
use yidang_schemas::field::{Classification, Field, LogicalType};
use yidang_schemas::origin::Origin;
use yidang_schemas::predicate::{Operand, Predicate, Test, Text};
use yidang_schemas::rule::{Action, Check, Dimension, Rule, Severity};
use yidang_transform::merge::KeptPass;
use yidang_transform::order::{OrderKey, REMOVAL_HASH};
use yidang_transform::record::{Effect, RecordId};
use yidang_transform::token::IdKey;
use yidang_transform::verdict::{Failure, RecordKey, Verdict};

use crate::fold::{FeedbackSettings, FoldedIssues, fold_issues};
use crate::identity::{IssueId, RecordRef};
use crate::issue::{IssueState, Status};
use crate::memory::IssueMemory;

/// Places of the rules in both contracts.
pub(crate) const PARSE: u16 = 0;
pub(crate) const KEY: u16 = 1;
pub(crate) const ORDER: u16 = 2;
pub(crate) const HEADER: u16 = 3;
pub(crate) const PLATFORM: u16 = 4;
pub(crate) const ID: u16 = 5;
pub(crate) const NAME: u16 = 6;
pub(crate) const CONDITION: u16 = 9;
pub(crate) const NOTE: u16 = 7;
pub(crate) const CODE: u16 = 8;
pub(crate) const RULES: u16 = 9;

pub(crate) const FEED: u16 = 0;
pub(crate) const OTHER_FEED: u16 = 1;
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const START_MS: i64 = 1_790_000_000_000;

pub(crate) fn id_key() -> IdKey {
    IdKey::new([7; 32])
}

pub(crate) fn settings() -> FeedbackSettings {
    FeedbackSettings {
        type_prefix: "yidang".to_owned(),
        recorded_at_ms: START_MS + 5_000,
        epoch: 3,
    }
}

fn field(name: &str, title_zh: &str, classification: Classification) -> Field {
    Field {
        in_element: false,
        name: name.to_owned(),
        title_zh: title_zh.to_owned(),
        title_en: name.to_owned(),
        logical_type: LogicalType::String,
        required: false,
        classification,
        forms: String::new(),
        codes: None,
        identifier: None,
    }
}

fn rule(id: &str, field: Option<usize>, check: Check, action: Action) -> Rule {
    Rule {
        id: id.to_owned(),
        field,
        header: None,
        indicator: check.indicator(),
        check,
        action,
        severity: Severity::Major,
        dimension: Dimension::Accuracy,
        told: Vec::new(),
        fingerprint: "0123456789abcdef".to_owned(),
    }
}

/// A rule over two fields.
fn condition() -> Rule {
    let is_null = |field| Test::IsNull(Box::new(Operand::Text(Text::Field(field))));
    let predicate = Predicate {
        test: Test::Or(vec![is_null(1), is_null(2)]),
        text: "(\"name\" IS NULL) OR (\"note\" IS NULL)".to_owned(),
        fields: vec![1, 2],
        patterns: Vec::new(),
        lists: Vec::new(),
    };
    Rule {
        told: vec![1, 2],
        ..rule(
            "not-both",
            None,
            Check::Predicate(Box::new(predicate)),
            Action::Flag,
        )
    }
}

fn contract(agency: &str, feed: &str) -> Contract {
    let part = OrderPart {
        place: Place::Header("seq".to_owned()),
        reading: Reading::Integer,
    };
    Contract {
        snapshot: None,
        horizon: None,
        array: None,
        id: format!("{agency}.{feed}"),
        agency: agency.to_owned(),
        title_zh: "户籍".to_owned(),
        title_en: "Registration".to_owned(),
        version: "1.2.0".to_owned(),
        topic: format!("src.{agency}.{feed}.v1"),
        format: Format::Json,
        encoding: Encoding::Utf8,
        alternatives: Vec::new(),
        record_element: None,
        byte_ranges: Vec::new(),
        envelope: Envelope::None,
        rows: Rows::One,
        mode: Mode::Full,
        record_key: vec![0],
        order: Order::Parts(vec![part.clone()]),
        business_time: part,
        business_time_required: true,
        removal: Removal {
            operation: None,
            delete: Vec::new(),
            tombstone: Tombstone::Delete,
        },
        subjects: Vec::new(),
        fields: vec![
            field("id", "公民身份号码", Classification::Sensitive),
            field("name", "人名", Classification::Personal),
            field("note", "备注", Classification::Public),
            field("code", "代码", Classification::Internal),
        ],
        mappings: Vec::new(),
        constants: Vec::new(),
        rules: vec![
            rule("auto:parse", None, Check::Parse, Action::Reject),
            rule("auto:key", None, Check::Key, Action::Reject),
            rule("auto:order", None, Check::Order, Action::Quarantine),
            rule("auto:corrects", None, Check::Corrects, Action::Observe),
            rule("auto:platform", None, Check::Platform, Action::Quarantine),
            rule(
                "auto:id:resident_id",
                Some(0),
                Check::ResidentId,
                Action::Reject,
            ),
            rule("auto:name:required", Some(1), Check::Required, Action::Flag),
            rule(
                "auto:note:placeholder",
                Some(2),
                Check::Placeholder,
                Action::Flag,
            ),
            rule(
                "auto:code:codeset",
                Some(3),
                Check::CodeSet,
                Action::Quarantine,
            ),
            condition(),
        ],
        ruleset_fingerprint: "feedfacefeedface".to_owned(),
    }
}

/// Two agencies with a feed each.
pub(crate) fn catalog() -> Catalog {
    let agency = |slug: &str| Agency {
        slug: slug.to_owned(),
        name_zh: slug.to_owned(),
        name_en: slug.to_owned(),
    };
    Catalog {
        agencies: vec![agency("aa"), agency("bb")],
        feeds: vec![contract("aa", "people"), contract("bb", "people")],
        dossiers: Vec::new(),
        authority: Authority::default(),
        divisions: Arc::default(),
        code_lists: BTreeMap::new(),
        bundle: Bundle {
            hash: String::new(),
            generation: 1,
            files: BTreeMap::new(),
        },
    }
}

pub(crate) fn code_of(rule: u16) -> &'static str {
    match rule {
        PARSE => "SYNTAX",
        KEY => "KEY_MISSING",
        ORDER => "ORDER_MISSING",
        HEADER => "CORRECTS_FORMAT",
        PLATFORM => "PLATFORM_ERROR",
        ID => "ID_CHECK",
        NAME => "REQUIRED",
        NOTE => "PLACEHOLDER",
        _ => "CODESET",
    }
}

/// Order of a version: its number, the hash of its content, the bundle generation.
pub(crate) fn order(number: i64, content: u8, generation: u32) -> OrderKey {
    OrderKey::new(&[number], START_MS, [content; 16], generation)
}

fn content_of(number: i64) -> u8 {
    u8::try_from(number + 1).unwrap()
}

pub(crate) fn key(text: &str) -> RecordKey {
    let hash = blake3::hash(text.as_bytes());
    let key_hash = *hash.as_bytes().first_chunk().unwrap();
    RecordKey {
        id: RecordId {
            feed: FEED,
            key_hash,
        },
        text: text.to_owned(),
        sound: !text.starts_with("bad"),
    }
}

/// One record of feed [`FEED`], to be changed by the methods below. Keys that begin with `bad` are not sound.
#[derive(Debug, Clone)]
pub(crate) struct Sent(pub Verdict);

impl Sent {
    /// Applied, of order `number`; its content is its number.
    pub(crate) fn good(key_text: &str, number: i64, offset: i64) -> Self {
        Self(Verdict {
            origin: Origin {
                feed: FEED,
                incarnation: 0,
                partition: 0,
                offset,
                row: 0,
            },
            timestamp_ms: START_MS + offset * MINUTE_MS,
            key: Some(key(key_text)),
            order: Some(order(number, content_of(number), 1)),
            removal: false,
            outcome: Outcome::Accepted,
            effect: Some(Effect::Applied),
            failures: Vec::new(),
            unjudged: Vec::new(),
            kept_passes: Vec::new(),
            corrects: None,
            alone: true,
            generation: 1,
        })
    }

    /// Without a readable key and without an order; every rule but `parse` is unjudged.
    pub(crate) fn unreadable(offset: i64) -> Self {
        let mut sent = Self::good("", 0, offset).fails(PARSE);
        sent.0.key = None;
        sent.0.order = None;
        sent.0.unjudged = (1..RULES).collect();
        sent
    }

    pub(crate) fn removal(key_text: &str, number: i64, offset: i64) -> Self {
        let mut sent = Self::good(key_text, number, offset);
        sent.0.removal = true;
        sent.0.order = Some(OrderKey::new(&[number], START_MS, REMOVAL_HASH, 1));
        sent
    }

    pub(crate) fn fails(self, rule: u16) -> Self {
        self.fails_with(rule, Some("raw"))
    }

    pub(crate) fn fails_with(mut self, rule: u16, raw: Option<&str>) -> Self {
        let action = catalog().feeds[0].rules[usize::from(rule)].action;
        self.0.failures.push(Failure {
            rule,
            code: Code(code_of(rule)),
            action,
            raw: raw.map(str::to_owned),
        });
        self.0.outcome = Outcome::of(self.0.failures.iter().map(|failure| failure.action).max());
        if !self.0.outcome.is_accepted() {
            self.0.effect = None;
        }
        self
    }

    /// A doubt that `rule` tells of without failing the record.
    pub(crate) fn doubts(mut self, rule: u16) -> Self {
        self.0.failures.push(Failure {
            rule,
            code: Code("ID_REGION_UNKNOWN"),
            action: Action::Observe,
            raw: Some("raw".to_owned()),
        });
        self
    }

    pub(crate) fn unjudged(mut self, rule: u16) -> Self {
        self.0.unjudged.push(rule);
        self.0.unjudged.sort_unstable();
        self
    }

    pub(crate) fn effect(mut self, effect: Effect) -> Self {
        self.0.effect = Some(effect);
        self
    }

    pub(crate) fn kept_pass(mut self, rule: u16, number: i64) -> Self {
        self.0.kept_passes.push(KeptPass {
            rule,
            order: order(number, content_of(number), 1),
            by: None,
        });
        self
    }

    pub(crate) fn unordered(mut self) -> Self {
        self.0.order = None;
        self
    }

    pub(crate) fn at(mut self, minutes: i64) -> Self {
        self.0.timestamp_ms = START_MS + minutes * MINUTE_MS;
        self
    }

    pub(crate) fn partition(mut self, partition: i32) -> Self {
        self.0.origin.partition = partition;
        self
    }

    pub(crate) fn generation(mut self, generation: u32) -> Self {
        let before = self.0.order.take().unwrap();
        let mut bytes = before.as_bytes().to_vec();
        let tail = bytes.len() - 4;
        bytes[tail..].copy_from_slice(&generation.to_be_bytes());
        self.0.order = OrderKey::from_bytes(&bytes);
        self.0.generation = generation;
        self
    }

    pub(crate) fn corrects(mut self, id: IssueId) -> Self {
        self.0.corrects = Some(id.to_string());
        self
    }
}

/// The issue of one rule over a key of feed [`FEED`].
pub(crate) fn issue_id(key_text: &str, rule: u16) -> IssueId {
    let sent = Sent::good(key_text, 0, 0).0;
    issue_id_of(&sent, rule)
}

pub(crate) fn issue_id_of(verdict: &Verdict, rule: u16) -> IssueId {
    let catalog = catalog();
    let contract = &catalog.feeds[usize::from(verdict.origin.feed)];
    let agency = id_key().of_agency(&contract.agency);
    let record = RecordRef::new(&agency, contract, verdict.key.as_ref(), verdict.origin);
    IssueId::of_record(contract, &contract.rules[usize::from(rule)], record)
}

/// A lake of issues that takes epochs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) memory: IssueMemory,
    /// `<transition>{<reason>}` of every event so far.
    pub(crate) told: Vec<String>,
    pub(crate) codes: Vec<&'static str>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            catalog: catalog(),
            memory: IssueMemory::default(),
            told: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// Every record an epoch of its own.
    pub(crate) fn after(sent: impl IntoIterator<Item = Sent>) -> Self {
        let mut world = Self::new();
        for sent in sent {
            world.epoch(&[sent]);
        }
        world
    }

    pub(crate) fn epoch(&mut self, sent: &[Sent]) {
        let verdicts: Vec<Verdict> = sent.iter().map(|sent| sent.0.clone()).collect();
        let folded = self.fold(&verdicts);
        self.take(folded);
    }

    pub(crate) fn fold(&self, verdicts: &[Verdict]) -> FoldedIssues {
        fold_issues(
            &self.memory,
            &self.catalog,
            &id_key(),
            &settings(),
            verdicts,
        )
    }

    pub(crate) fn take(&mut self, folded: FoldedIssues) {
        let told = |event: &crate::event::Event| {
            format!("{}{{{}}}", event.transition.name(), event.reason)
        };
        self.told.extend(folded.events.iter().map(told));
        self.codes
            .extend(folded.findings.iter().map(|finding| finding.code));
        self.memory.apply(folded, &self.catalog);
    }

    pub(crate) fn state(&self, key_text: &str, rule: u16) -> Option<&IssueState> {
        self.memory.issue(&issue_id(key_text, rule))
    }

    pub(crate) fn is_open(&self, key_text: &str, rule: u16) -> bool {
        self.state(key_text, rule)
            .is_some_and(|state| state.status == Status::Open)
    }

    /// Ids of open issues.
    pub(crate) fn open(&self) -> Vec<IssueId> {
        self.memory
            .iter()
            .filter(|state| state.status == Status::Open)
            .map(|state| state.id)
            .collect()
    }
}
