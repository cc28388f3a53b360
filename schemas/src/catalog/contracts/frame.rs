//! The frame of a record: its key, what orders its versions, how it travels and how it is taken back.
//!
//! Leaves alone: the record's fields themselves.

use super::envelope;
use super::fields::{Read, check_forms};
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::yaml::{Node, Value};
use crate::contract::{Envelope, Mode, Order, OrderPart, Place, Reading, Removal, Tombstone};
use crate::date_form::Precision;
use crate::field::FieldIndex;

/// The one zone of the city; written in contracts so that nobody has to guess.
const ZONE: &str = "Asia/Shanghai";

/// The zone that `logicalTypeOptions` names for times without one.
pub(super) fn default_zone(page: &mut Page<'_>, options: &Node) {
    if let Some(zone) = options.get("defaultTimezone") {
        only_zone(page, zone, "CT022");
    }
}

fn only_zone(page: &mut Page<'_>, zone: &Node, code: &'static str) {
    if zone.scalar() != Some(ZONE) {
        let help = format!("write {ZONE}");
        page.note(code, zone.spot, "only the zone of the city is read", help);
    }
}

/// The field `name`, or a note that the contract has none.
pub(super) fn field_named(
    page: &mut Page<'_>,
    node: &Node,
    name: &str,
    fields: &[Read<'_>],
) -> Option<FieldIndex> {
    let found = fields.iter().position(|read| read.field.name == name);
    if found.is_none() {
        let help = nearest(name, fields.iter().map(|read| read.field.name.as_str()));
        page.note(
            "CT031",
            node.spot,
            format!("no property named '{name}'"),
            help,
        );
    }
    found
}

pub(super) fn mode(page: &mut Page<'_>, schema: &Node, customs: &Customs<'_>) -> Mode {
    const MODES: [(&str, Mode); 3] = [
        ("full", Mode::Full),
        ("patch", Mode::Patch),
        ("snapshot", Mode::Snapshot),
    ];
    let Some(node) = customs.get("mode") else {
        let help = "add the custom property 'mode' with full, patch or snapshot";
        page.note(
            "CT035",
            schema.spot,
            "the contract does not say its mode",
            help,
        );
        return Mode::Full;
    };
    page.choice(node, "mode", "CT035", &MODES)
        .unwrap_or(Mode::Full)
}

pub(super) fn record_key(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
) -> Vec<FieldIndex> {
    let Some(node) = customs.get("recordKey") else {
        let help = "add the custom property 'recordKey' with the names of the fields of the key";
        page.note("CT030", schema.spot, "the contract has no record key", help);
        return Vec::new();
    };
    let items = page.items(node, "recordKey");
    if items.is_empty() {
        page.note(
            "CT030",
            node.spot,
            "the record key is empty",
            "name at least one field",
        );
    }
    let mut key = Vec::new();
    for item in items {
        let Some(name) = page.scalar(item, "recordKey") else {
            continue;
        };
        key.extend(field_named(page, item, name, fields));
    }
    key
}

pub(super) fn order(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    envelope: Envelope,
) -> Order {
    let Some(node) = customs.get("order") else {
        let help = "add the custom property 'order': a list of parts, or log";
        page.note(
            "CT032",
            schema.spot,
            "nothing orders the versions of a record",
            help,
        );
        return Order::Log;
    };
    if node.scalar() == Some("log") {
        return Order::Log;
    }
    let items = page.items(node, "order");
    if items.is_empty() {
        page.note(
            "CT032",
            node.spot,
            "the order has no parts",
            "name at least one part, or write log",
        );
    }
    Order::Parts(
        items
            .iter()
            .filter_map(|item| part(page, item, fields, envelope))
            .collect(),
    )
}

pub(super) fn business_time(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    envelope: Envelope,
) -> OrderPart {
    let fallback = OrderPart {
        place: Place::Header(String::new()),
        reading: Reading::EpochMilliseconds,
    };
    let Some(node) = customs.get("businessTime") else {
        let help = "add the custom property 'businessTime' with from and type";
        page.note(
            "CT034",
            schema.spot,
            "the contract does not say when a record was true",
            help,
        );
        return fallback;
    };
    let Some(found) = part(page, node, fields, envelope) else {
        return fallback;
    };
    if found.reading == Reading::Integer {
        let help = "use type: epoch_ms or type: time";
        page.note(
            "CT034",
            node.spot,
            "a plain number is no business time",
            help,
        );
    }
    found
}

/// Whether a record without its business time is held back; else the message's own time stands in.
pub(super) fn business_time_required(page: &mut Page<'_>, customs: &Customs<'_>) -> bool {
    let node = customs
        .get("businessTime")
        .and_then(|node| node.get("required"));
    page.flag(node, "required")
}

/// `{from, type, forms, zone}`, and `required` of a business time.
fn part(
    page: &mut Page<'_>,
    node: &Node,
    fields: &[Read<'_>],
    envelope: Envelope,
) -> Option<OrderPart> {
    if !matches!(node.value, Value::Map(_)) {
        page.wrong_kind(node, "part", "a mapping with from and type");
        return None;
    }
    page.known_keys(node, &["from", "type", "forms", "zone", "required"]);
    let from = page.need(node, "from")?;
    let place = place(page, from, fields, envelope, Purpose::Order)?;
    let kind = page.need(node, "type")?;
    let reading = match page.scalar(kind, "type")? {
        "integer" => Reading::Integer,
        "epoch_ms" => Reading::EpochMilliseconds,
        "epoch_s" => Reading::EpochSeconds,
        "time" => time(page, node, &place, fields)?,
        other => {
            let help = nearest(
                other,
                ["integer", "epoch_ms", "epoch_s", "time"].into_iter(),
            );
            page.note(
                "CT033",
                kind.spot,
                format!("an order part cannot be read as '{other}'"),
                help,
            );
            return None;
        }
    };
    if let Place::Envelope(name) = &place {
        envelope::fits(page, kind, envelope, name, &reading);
    }
    Some(OrderPart { place, reading })
}

/// Times of a field are read by its own forms where the part names none, and in the zone of the city.
fn time(page: &mut Page<'_>, node: &Node, place: &Place, fields: &[Read<'_>]) -> Option<Reading> {
    let of_field = match place {
        Place::Field(field) => fields.get(*field).map(|read| read.field.forms.as_str()),
        Place::Header(_) | Place::Envelope(_) => None,
    };
    let of_field = of_field.filter(|forms| !forms.is_empty());
    let (forms_node, forms) = match (node.get("forms"), of_field) {
        (None, Some(forms)) => (node, forms),
        _ => {
            let forms_node = page.need(node, "forms")?;
            (forms_node, page.scalar(forms_node, "forms")?)
        }
    };
    let listed = check_forms(page, forms_node, forms);
    let day = listed.iter().all(|form| form.precision == Precision::Day);
    if !day
        && !listed
            .iter()
            .all(|form| form.precision == Precision::Instant)
    {
        let help = "name forms of whole days only, or of instants only";
        page.note(
            "CT033",
            forms_node.spot,
            "these forms cannot be compared with one another",
            help,
        );
    }
    if let Some(zone) = node.get("zone") {
        only_zone(page, zone, "CT033");
    }
    Some(Reading::Time {
        forms: forms.to_owned(),
        day,
    })
}

/// What a place is named for: of an envelope other members are read.
#[derive(Clone, Copy)]
enum Purpose {
    /// To order or to date a record.
    Order,
    /// To tell removals from statements.
    Operation,
}

/// `field:<name>`, `header:<name>` or `envelope:<member>`.
fn place(
    page: &mut Page<'_>,
    node: &Node,
    fields: &[Read<'_>],
    envelope: Envelope,
    purpose: Purpose,
) -> Option<Place> {
    let text = page.scalar(node, "from")?;
    match text.split_once(':') {
        Some(("field", name)) => field_named(page, node, name, fields).map(Place::Field),
        Some(("header", name)) if !name.is_empty() => Some(Place::Header(name.to_owned())),
        Some(("envelope", name)) if envelope != Envelope::None => match purpose {
            Purpose::Order => Some(envelope::time(page, node, envelope, name)),
            Purpose::Operation => envelope::operation(page, node, envelope, name),
        }
        .map(Place::Envelope),
        Some(("envelope", _)) => {
            let help = "add the custom property 'envelope', or use field: or header:";
            page.note(
                "CT033",
                node.spot,
                "the contract has no envelope to look into",
                help,
            );
            None
        }
        _ => {
            let help = "write field:<name>, header:<name> or envelope:<name>";
            page.note(
                "CT033",
                node.spot,
                format!("'{text}' is no place in a message"),
                help,
            );
            None
        }
    }
}

/// A word that the field's codes do not have would remove nothing, and nobody would notice.
fn known_operations(page: &mut Page<'_>, node: &Node, read: Option<&Read<'_>>, delete: &[String]) {
    let Some(codes) = read.and_then(|read| read.field.codes.as_ref()) else {
        return;
    };
    for word in delete.iter().filter(|word| codes.get(word).is_none()) {
        let help = nearest(word, codes.canonical.keys().map(String::as_str));
        let sentence = format!("'{word}' is no code of the field that takes records back");
        page.note("CT039", node.spot, sentence, help);
    }
}

pub(super) fn removal(
    page: &mut Page<'_>,
    schema: &Node,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    envelope: Envelope,
) -> Removal {
    const TOMBSTONES: [(&str, Tombstone); 2] = [
        ("delete", Tombstone::Delete),
        ("control", Tombstone::Control),
    ];
    let mut removal = Removal {
        operation: None,
        delete: Vec::new(),
        tombstone: Tombstone::Control,
    };
    let Some(node) = customs.get("removal") else {
        let help = "add the custom property 'removal' with from, delete and tombstone";
        page.note(
            "CT039",
            schema.spot,
            "the contract does not say how a record is taken back",
            help,
        );
        return removal;
    };
    page.known_keys(node, &["from", "delete", "tombstone"]);
    if let Some(from) = node.get("from") {
        removal.operation = place(page, from, fields, envelope, Purpose::Operation);
        let delete = page
            .need(node, "delete")
            .map(|delete| page.texts(delete, "delete"));
        removal.delete = delete.unwrap_or_default();
        if removal.delete.is_empty() {
            let help = "list the operations that remove, for example [D]";
            page.note("CT039", node.spot, "no operation removes a record", help);
        }
        if let Some(Place::Field(field)) = &removal.operation {
            known_operations(page, node, fields.get(*field), &removal.delete);
        }
    }
    let Some(tombstone) = node.get("tombstone") else {
        let help =
            "add tombstone: delete, or tombstone: control where an empty message says nothing";
        page.note(
            "CT039",
            node.spot,
            "nobody says what an empty message means",
            help,
        );
        return removal;
    };
    let tombstone =
        Some(tombstone).and_then(|node| page.choice(node, "tombstone", "CT039", &TOMBSTONES));
    removal.tombstone = tombstone.unwrap_or(Tombstone::Control);
    if envelope != Envelope::None && removal.tombstone == Tombstone::Delete {
        let help = "write tombstone: control; the envelope's own operation removes";
        page.note(
            "CT039",
            node.spot,
            "behind an envelope a tombstone says nothing",
            help,
        );
    }
    removal
}
