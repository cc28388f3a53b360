//! Identity: what makes two failures the same defect.
//!
//! Ids are derived from what was judged, never from when or where it was read, so that a second wrong value of the
//! same field is one more occurrence. Record references are keyed with the agency's own key: nobody else can test
//! guesses, and the references of two agencies cannot be joined.

use std::fmt;

use yidang_schemas::contract::Contract;
use yidang_schemas::origin::{Coordinates, Origin};
use yidang_schemas::rule::Rule;
use yidang_transform::token::{IdKey, Token, UNIT_SEPARATOR, base32};
use yidang_transform::verdict::RecordKey;

/// First part of what an issue id is the hash of.
const ISSUE_DOMAIN: &str = "dq-issue/1";
/// First part of what a finding id is the hash of.
const FINDING_DOMAIN: &str = "dq-finding/1";
/// The scope of issues about one record.
pub const RECORD_SCOPE: &str = "record";
const ISSUE_PREFIX: &str = "dqi_";

/// Identity of an issue, shown as `dqi_` and 26 characters of base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueId(pub [u8; 16]);

impl IssueId {
    /// The issue of one rule over one record.
    pub fn of_record(contract: &Contract, rule: &Rule, record: RecordRef) -> Self {
        let record = record.to_string();
        let field = field_path(contract, rule);
        Self(derived(&[
            ISSUE_DOMAIN,
            &contract.agency,
            &contract.id,
            &rule.id,
            RECORD_SCOPE,
            &record,
            field,
        ]))
    }

    /// Reads what [`fmt::Display`] writes; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let token = Token::parse(text.strip_prefix(ISSUE_PREFIX)?)?;
        Some(Self(token.0))
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{ISSUE_PREFIX}{}", base32(&self.0))
    }
}

impl fmt::Debug for IssueId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Which record of an agency, without its key: `r_` and 26 characters of base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordRef(pub [u8; 16]);

impl RecordRef {
    /// Of a record key, or of the record's coordinates where it has none. `agency_key` is [`IdKey::of_agency`].
    pub fn new(
        agency_key: &IdKey,
        contract: &Contract,
        key: Option<&RecordKey>,
        origin: Origin,
    ) -> Self {
        let coordinates;
        let text = match key {
            Some(key) => key.text.as_str(),
            None => {
                coordinates = unkeyed(contract, origin);
                coordinates.as_str()
            }
        };
        Self(agency_key.keyed_hash(&[contract.id.as_bytes(), text.as_bytes()]))
    }
}

impl fmt::Display for RecordRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "r_{}", base32(&self.0))
    }
}

/// `topic/incarnation/partition/offset/row`.
fn unkeyed(contract: &Contract, origin: Origin) -> String {
    let Origin {
        incarnation,
        partition,
        offset,
        row,
        ..
    } = origin;
    format!(
        "{}/{incarnation}/{partition}/{offset}/{row}",
        contract.topic
    )
}

/// `topic/partition/offset/row`, as events and people read it.
pub fn coordinates(contract: &Contract, origin: Origin) -> String {
    Coordinates {
        topic: &contract.topic,
        origin,
    }
    .to_string()
}

/// Name of the judged field as sent; empty for rules over whole records and headers.
pub fn field_path<'a>(contract: &'a Contract, rule: &Rule) -> &'a str {
    let field = rule.field.and_then(|field| contract.fields.get(field));
    field.map_or("", |field| field.name.as_str())
}

/// `fnd_` and 26 characters: one rule failed by one record under one bundle generation.
pub fn finding_id(
    contract: &Contract,
    rule_id: &str,
    code: &str,
    origin: Origin,
    generation: u32,
) -> String {
    let generation = generation.to_string();
    let origin = unkeyed(contract, origin);
    let hash = derived(&[
        FINDING_DOMAIN,
        &contract.id,
        rule_id,
        code,
        &origin,
        &generation,
    ]);
    format!("fnd_{}", base32(&hash))
}

/// First 16 bytes of BLAKE3 over `parts` with 0x1F between them.
fn derived(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            hasher.update(&[UNIT_SEPARATOR]);
        }
        hasher.update(part.as_bytes());
    }
    *hasher
        .finalize()
        .as_bytes()
        .first_chunk()
        .expect("a BLAKE3 digest has 32 bytes")
}
