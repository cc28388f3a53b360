//! The whole path of a message of any feed: decode, read, check, state, fold, keep, project.
//!
//! An input is written like a mail: the id of the feed on the first line, a line for each header (`@key` is the message key,
//! `@time` the broker's timestamp, `@null` stands for no value), an empty line, and the value. So a kept input reads well and
//! means the same when feeds are added.
//! Laws: a message is judged alike in any batch; what is kept of it reads back from its bytes.

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use yidang_schemas::catalog::Bundle;
use yidang_schemas::contract::Format;
use yidang_transform::message::RawMessage;
use yidang_transform::observe::Observation;
use yidang_transform::project::{Member, Projector, Stamp};
use yidang_transform::record::packed::Packed;
use yidang_transform::record::{Effect, RecordId, RecordState, fold};

use crate::decoders::assert_bounds;
use crate::world::{ARRIVAL_MS, catalog, observer};

/// Bytes of headers, that no input is headers alone.
const HEADERS_MAX: usize = 16;

/// A message as an input tells it.
#[derive(Default)]
struct Told<'b> {
    feed: u16,
    key: Option<&'b [u8]>,
    timestamp_ms: i64,
    headers: Vec<(String, Option<Bytes>)>,
    value: Option<&'b [u8]>,
}

/// The first line, and what stands behind it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    (parts.next().unwrap_or(b""), parts.next().unwrap_or(b""))
}

impl<'b> Told<'b> {
    /// Nothing where the first line is no feed.
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let (feed, mut rest) = line(bytes);
        let feed = catalog().feed_of_id(std::str::from_utf8(feed).ok()?)?;
        let mut told = Self {
            feed,
            timestamp_ms: ARRIVAL_MS,
            ..Self::default()
        };
        let mut is_null = false;
        loop {
            let (header, after) = line(rest);
            rest = after;
            if header.is_empty() || told.headers.len() == HEADERS_MAX {
                break;
            }
            let mut parts = header.splitn(2, |byte| *byte == b':');
            let name = String::from_utf8_lossy(parts.next().unwrap_or(b"")).into_owned();
            let value = parts.next();
            match name.as_str() {
                "@null" => is_null = true,
                "@key" => told.key = value,
                "@time" => told.timestamp_ms = number(value).unwrap_or(-1),
                _ => told.headers.push((name, value.map(Bytes::copy_from_slice))),
            }
        }
        told.value = (!is_null).then_some(rest);
        Some(told)
    }

    fn message(&self, offset: i64) -> RawMessage<'_> {
        RawMessage {
            incarnation: 0,
            partition: 0,
            offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key,
            headers: &self.headers,
            value: self.value,
        }
    }
}

fn number(bytes: Option<&[u8]>) -> Option<i64> {
    std::str::from_utf8(bytes?).ok()?.parse().ok()
}

pub(crate) fn record(bytes: &[u8]) {
    let Some(told) = Told::read(bytes) else {
        return;
    };
    let observer = observer(told.feed);
    let contract = observer.contract();
    let decoded = yidang_transform::decode::decode(
        contract,
        yidang_transform::decode::Bounds::default(),
        yidang_transform::schema_book::SchemaView::empty(),
        &[told.message(0)],
    );
    let longest = told.value.map_or(0, <[u8]>::len) + told.key.map_or(0, <[u8]>::len);
    assert_bounds(contract, &decoded, longest);
    let alone = observer.observe(&[told.message(0)], ARRIVAL_MS);
    let batch = observer.observe(&[told.message(0), told.message(1)], ARRIVAL_MS);
    let first = batch.observations.get(..alone.observations.len());
    assert!(
        first == Some(&*alone.observations),
        "judged otherwise in a batch"
    );
    for observation in &alone.observations {
        for failure in &observation.failures {
            assert!(usize::from(failure.rule) < contract.rules.len());
        }
        keep(told.feed, observation);
    }
}

/// Folds what a record says, keeps it as bytes, and puts it into the files of its subjects.
fn keep(feed: u16, observation: &Observation) {
    let (Some(statement), Some(key)) = (&observation.statement, &observation.key) else {
        return;
    };
    let mode = observer(feed).contract().mode;
    let (effect, state) = fold(mode, None, statement);
    let state = state.expect("the first statement of a key is kept");
    assert!(effect == Effect::Applied);
    let (_, changed) = fold(mode, Some(&state), statement);
    assert!(
        changed.is_none_or(|changed| changed == state),
        "said twice is said once"
    );
    let packed = Packed::of(&state);
    let read = Packed::read(packed.as_bytes().to_vec(), feed);
    assert!(
        read.is_some_and(|(again, kept)| again == packed && kept == state),
        "kept otherwise"
    );
    project(key.id, &state);
}

static PROJECTORS: LazyLock<Vec<Projector>> = LazyLock::new(|| {
    let kinds = u8::try_from(catalog().dossiers.len()).expect("kinds are few");
    (0..kinds)
        .map(|kind| Projector::new(catalog(), kind))
        .collect()
});

/// Rows of all subjects that a live state names.
fn project(id: RecordId, state: &RecordState) {
    if !state.is_live() {
        return;
    }
    for target in &state.targets {
        let Some(projector) = PROJECTORS.get(usize::from(target.kind)) else {
            continue;
        };
        let member = Member {
            subject: target.subject(),
            records: vec![(id, Cow::Borrowed(state))],
        };
        let stamp = Stamp {
            epoch: 1,
            landed_at_ms: ARRIVAL_MS,
        };
        assert_eq!(projector.project(&[member], stamp).num_rows(), 1);
    }
}

/// The samples beside the contracts, each with the headers that bare files are read with.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for contract in &catalog().feeds {
        let stem = format!("contracts/{}", contract.id.replace('.', "/"));
        let ending = contract.format.ending();
        for kind in ["good", "bad"] {
            let file = format!("{stem}.{kind}.{ending}");
            let bytes = Bundle::embedded_sample(&file).unwrap_or(b"");
            let body = |body: &[u8]| {
                mail(
                    &contract.id,
                    &[
                        ("business-time", ARRIVAL_MS.to_string()),
                        ("seq", "1".to_owned()),
                    ],
                    Some(body),
                )
            };
            match contract.format {
                Format::Json => seeds.extend(
                    bytes
                        .split(|byte| *byte == b'\n')
                        .filter(|line| !line.is_empty())
                        .map(body),
                ),
                _ => seeds.extend(
                    short_files(bytes, contract.format)
                        .iter()
                        .map(|file| body(file)),
                ),
            }
        }
        let file = format!("{stem}.bad.messages.jsonl");
        let text = Bundle::embedded_sample(&file).unwrap_or(b"");
        let lines = text.split(|byte| *byte == b'\n');
        seeds.extend(lines.filter_map(|line| message_of(&contract.id, line)));
    }
    seeds
}

/// One file for each line, behind the header line where the format has one.
fn short_files(bytes: &[u8], format: Format) -> Vec<Vec<u8>> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let head = match format {
        Format::Csv => lines.next().unwrap_or(b""),
        _ => b"",
    };
    lines.map(|line| [head, line].concat()).collect()
}

fn mail(feed: &str, headers: &[(&str, String)], value: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = format!("{feed}\n").into_bytes();
    for (name, text) in headers {
        bytes.extend_from_slice(format!("{name}:{text}\n").as_bytes());
    }
    if value.is_none() {
        bytes.extend_from_slice(b"@null\n");
    }
    bytes.push(b'\n');
    bytes.extend_from_slice(value.unwrap_or(b""));
    bytes
}

/// A message as sample files hold it.
fn message_of(feed: &str, line: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let message: serde_json::Value = serde_json::from_slice(line).ok()?;
    let mut headers = vec![("@time", message.get("timestamp")?.to_string())];
    if let Some(key) = message.get("key").and_then(|key| key.as_str()) {
        headers.push(("@key", key.to_owned()));
    }
    for (name, value) in message.get("headers")?.as_object()? {
        headers.push((name, value.as_str()?.to_owned()));
    }
    let value = message.get("value").and_then(|value| value.as_str());
    let binary = message.get("value_base64").and_then(|value| value.as_str());
    let binary =
        binary.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    let value = value.map(|text| text.as_bytes().to_vec()).or(binary);
    Some(mail(feed, &headers, value.as_deref()))
}
