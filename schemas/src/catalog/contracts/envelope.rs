//! Change-data envelopes: which there are, and which of their members a contract may name.
//!
//! The members are those that the capture programs write: Debezium 2 and 3 (connector documentation, "change event
//! values"), Canal's flat message, Maxwell's row format, and the JSON formatter of Oracle GoldenGate for Big Data in
//! its operation form. Leaves alone: reading them (`transform::decode`).

use super::writing::Written;
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::yaml::Node;
use crate::contract::{Envelope, Format, Reading, Rows};

pub(in crate::catalog) const ENVELOPES: [(&str, Envelope); 5] = [
    ("none", Envelope::None),
    ("debezium", Envelope::Debezium),
    ("canal", Envelope::Canal),
    ("maxwell", Envelope::Maxwell),
    ("ogg", Envelope::GoldenGate),
];

/// What stands in a member that orders or dates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Milliseconds,
    Seconds,
    /// A date and a time of day as text.
    Text,
    /// A whole number that is no time.
    Number,
}

impl Holds {
    /// The word under `type` that reads it.
    fn word(self) -> &'static str {
        match self {
            Self::Milliseconds => "epoch_ms",
            Self::Seconds => "epoch_s",
            Self::Text => "time",
            Self::Number => "integer",
        }
    }

    /// Counts of milliseconds or seconds order as plain numbers too.
    fn is_read_by(self, reading: &Reading) -> bool {
        match reading {
            Reading::Integer => self != Self::Text,
            Reading::EpochMilliseconds => self == Self::Milliseconds,
            Reading::EpochSeconds => self == Self::Seconds,
            Reading::Time { .. } => self == Self::Text,
        }
    }
}

/// Members that order or date a change.
fn members(envelope: Envelope) -> &'static [(&'static str, Holds)] {
    match envelope {
        Envelope::None => &[],
        Envelope::Debezium => &[
            ("ts_ms", Holds::Milliseconds),
            ("source.ts_ms", Holds::Milliseconds),
            ("source.lsn", Holds::Number),
            ("source.pos", Holds::Number),
            ("source.row", Holds::Number),
            ("transaction.total_order", Holds::Number),
        ],
        Envelope::Canal => &[
            ("es", Holds::Milliseconds),
            ("ts", Holds::Milliseconds),
            ("id", Holds::Number),
        ],
        Envelope::Maxwell => &[
            ("ts", Holds::Seconds),
            ("xid", Holds::Number),
            ("xoffset", Holds::Number),
        ],
        Envelope::GoldenGate => &[
            ("op_ts", Holds::Text),
            ("current_ts", Holds::Text),
            ("pos", Holds::Number),
            ("csn", Holds::Number),
        ],
    }
}

/// Names of the members that order or date a change.
#[cfg(test)]
pub(in crate::catalog) fn names(envelope: Envelope) -> impl Iterator<Item = &'static str> {
    members(envelope).iter().map(|(name, _)| *name)
}

/// The envelope of a contract; only JSON and what becomes it has one.
pub(super) fn read(page: &mut Page<'_>, customs: &Customs<'_>, written: &Written) -> Envelope {
    let Some(node) = customs.get("envelope") else {
        return Envelope::None;
    };
    let found = page.choice(node, "envelope", "CT036", &ENVELOPES);
    let envelope = found.unwrap_or(Envelope::None);
    let has_members = |format: Format| format == Format::Json || format.is_registered();
    if envelope != Envelope::None && !written.all().all(|writing| has_members(writing.format)) {
        let help = "write format: json, avro or protobuf, or envelope: none";
        let sentence = "only JSON, Avro and Protobuf travel in an envelope";
        page.note("CT036", node.spot, sentence, help);
    }
    envelope
}

/// How many records a message holds. An envelope decides it by itself.
pub(super) fn rows(page: &mut Page<'_>, customs: &Customs<'_>, envelope: Envelope) -> Rows {
    const ROWS: [(&str, Rows); 2] = [("one", Rows::One), ("many", Rows::Many)];
    let Some(node) = customs.get("rows") else {
        return match envelope {
            Envelope::Canal => Rows::Many,
            _ => Rows::One,
        };
    };
    let rows = page
        .choice(node, "rows", "CT037", &ROWS)
        .unwrap_or(Rows::One);
    match (envelope, rows) {
        (Envelope::Canal, Rows::One) => {
            let sentence = "this envelope holds the rows of one statement";
            page.note("CT037", node.spot, sentence, "write rows: many");
        }
        (Envelope::Debezium | Envelope::Maxwell | Envelope::GoldenGate, Rows::Many) => {
            let sentence = "this envelope holds the change of one record";
            page.note("CT037", node.spot, sentence, "write rows: one");
        }
        _ => {}
    }
    rows
}

/// The member that names the operation, where a contract asks for it under `name`.
pub(super) fn operation(
    page: &mut Page<'_>,
    node: &Node,
    envelope: Envelope,
    name: &str,
) -> Option<String> {
    let member = envelope.operation()?;
    if name != member {
        let sentence = format!("'{name}' of the envelope names no operation");
        page.note(
            "CT033",
            node.spot,
            sentence,
            format!("write envelope:{member}"),
        );
    }
    Some(member.to_owned())
}

/// A member that orders or dates, where a contract asks for it under `name`.
pub(super) fn time(page: &mut Page<'_>, node: &Node, envelope: Envelope, name: &str) -> String {
    let known = members(envelope);
    if !known.iter().any(|(member, _)| *member == name) {
        let sentence = format!("'{name}' of the envelope neither orders nor dates a change");
        let help = nearest(name, known.iter().map(|(member, _)| *member));
        page.note("CT033", node.spot, sentence, help);
    }
    name.to_owned()
}

/// Notes a reading that would take seconds for milliseconds or text for a number.
pub(super) fn fits(
    page: &mut Page<'_>,
    node: &Node,
    envelope: Envelope,
    name: &str,
    reading: &Reading,
) {
    let known = members(envelope).iter();
    let holds = known
        .filter(|(member, _)| *member == name)
        .map(|(_, holds)| *holds)
        .next();
    if let Some(holds) = holds.filter(|holds| !holds.is_read_by(reading)) {
        let sentence = format!("'{name}' of the envelope holds something else");
        let help = format!("write type: {}", holds.word());
        page.note("CT033", node.spot, sentence, help);
    }
}
