//! How long a record stands beyond its own versions: while snapshots name it, or until its period is too old.
//!
//! Leaves alone: counting the rows of a snapshot and forgetting what is dead, which are folds.

use super::fields::Read;
use super::frame::field_named;
use crate::catalog::page::{Customs, Page};
use crate::catalog::yaml::Node;
use crate::contract::{Envelope, Horizon, Mode, Order, OrderPart, Place, Reading, Snapshot};
use crate::date_form::{DateForm, Precision};
use crate::field::{FieldIndex, LogicalType};

/// Headers of a snapshot where the contract names none.
const OPERATION: &str = "op";
const MARK: &str = "S";
const ROWS: &str = "rows";

/// What else of the frame decides here.
pub(super) struct Frame<'f> {
    pub mode: Mode,
    pub envelope: Envelope,
    pub order: &'f Order,
    pub record_key: &'f [FieldIndex],
}

/// The snapshots of a feed, or its horizon.
pub(super) fn read(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    frame: &Frame<'_>,
) -> (Option<Snapshot>, Option<Horizon>) {
    let snapshot = snapshot(page, schema, customs, frame);
    (snapshot, horizon(page, customs, fields, frame))
}

/// The custom property `snapshot` of a feed of that mode.
fn snapshot(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    frame: &Frame<'_>,
) -> Option<Snapshot> {
    let node = customs.get("snapshot");
    if frame.mode != Mode::Snapshot {
        if let Some(node) = node {
            let help = "write mode: snapshot, or take the property out";
            page.note(
                "CT045",
                node.spot,
                "a feed of changes has no snapshots",
                help,
            );
        }
        return None;
    }
    let spot = node.map_or(schema.spot, |node| node.spot);
    let sequence = sequence(frame.order);
    if sequence.is_none() || frame.envelope != Envelope::None {
        let help =
            "start the order with { from: \"header:seq\", type: integer } and use no envelope";
        page.note(
            "CT045",
            spot,
            "nothing numbers the snapshots of this feed",
            help,
        );
    }
    let Some(node) = node else {
        let help =
            "add the custom property 'snapshot' with maxShrink, for example { maxShrink: 0.2 }";
        page.note(
            "CT045",
            spot,
            "a snapshot feed says by how much a snapshot may shrink",
            help,
        );
        return None;
    };
    page.known_keys(node, &["operation", "mark", "rows", "maxShrink"]);
    let text = |page: &mut Page<'_>, name: &str, default: &str| {
        let found = node.get(name).and_then(|node| page.scalar(node, name));
        found.unwrap_or(default).to_owned()
    };
    Some(Snapshot {
        sequence: sequence?.to_owned(),
        operation: text(page, "operation", OPERATION),
        mark: text(page, "mark", MARK),
        rows: text(page, "rows", ROWS),
        shrink_permille_max: max_shrink(page, node)?,
    })
}

/// The header that starts the order.
fn sequence(order: &Order) -> Option<&str> {
    let Order::Parts(parts) = order else {
        return None;
    };
    match parts.first()? {
        OrderPart {
            place: Place::Header(name),
            reading: Reading::Integer,
        } => Some(name),
        _ => None,
    }
}

/// A share of one, in thousandths.
fn max_shrink(page: &mut Page<'_>, node: &Node) -> Option<u32> {
    let written = page.need(node, "maxShrink")?;
    let text = page.scalar(written, "maxShrink")?;
    let share = text.parse::<f64>().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        let help = "write a share between 0 and 1, for example 0.2 for a fifth";
        page.note("CT045", written.spot, "this is no share of rows", help);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    share.map(|share| (share * 1000.0).round() as u32)
}

/// The custom property `horizon`.
fn horizon(
    page: &mut Page<'_>,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    frame: &Frame<'_>,
) -> Option<Horizon> {
    let node = customs.get("horizon")?;
    page.known_keys(node, &["field", "months"]);
    let named = page.need(node, "field")?;
    let name = page.scalar(named, "field")?;
    let field = field_named(page, named, name, fields)?;
    if frame.mode != Mode::Full || !frame.record_key.contains(&field) || !is_period(fields, field) {
        let help = "name a date field of the record key of a full feed";
        page.note(
            "CT046",
            named.spot,
            "records grow too old by the period in their key, and this field is none",
            help,
        );
    }
    let months = page.need(node, "months")?;
    let count = page.scalar(months, "months")?.parse::<u32>().ok();
    let count = count.filter(|count| (1..=1_200).contains(count));
    if count.is_none() {
        let help = "write how many months are kept, for example 13";
        page.note("CT046", months.spot, "this is no number of months", help);
    }
    Some(Horizon {
        field,
        months: count?,
    })
}

fn is_period(fields: &[Read<'_>], field: FieldIndex) -> bool {
    let Some(read) = fields.get(field) else {
        return false;
    };
    let forms = DateForm::list(&read.field.forms).unwrap_or_default();
    read.field.logical_type == LogicalType::Date
        && !forms.is_empty()
        && forms
            .iter()
            .all(|form| matches!(form.precision, Precision::Month | Precision::Day))
}
