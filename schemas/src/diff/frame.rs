//! The frame of a record: how it travels, its key, order, mode, removal and subjects. Nearly all of it is breaking, for
//! the same bytes would mean something else.

use super::{Found, Kind, Side, listed, word};
use crate::contract::{
    ByteRange, Contract, Horizon, Order, OrderPart, Place, Reading, Removal, Snapshot, Subject,
};
use crate::field::IdentifierClass;

pub(super) fn changes(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let [before, after] = [old, new].map(|side| frame(side));
    for (was, is) in before.iter().zip(&after) {
        found.became(was.kind, was.place, was.names, &was.told, &is.told);
    }
    let required = |side: &Side<'_>| side.contract.business_time_required;
    let place = "businessTime/required";
    match (required(old), required(new)) {
        (false, true) => {
            let en = "the business time is required now";
            found.tell(Kind::Tightening, place, "业务时间改为必填", en);
        }
        (true, false) => {
            let en = "the business time is no longer required";
            found.tell(Kind::Loosening, place, "业务时间不再必填", en);
        }
        _ => {}
    }
    alternatives(old, new, found);
    shrinking(old, new, found);
    subjects(old, new, found);
}

/// One member of the frame, told as text: equal texts are equal members.
struct Member {
    kind: Kind,
    place: &'static str,
    names: (&'static str, &'static str),
    told: String,
}

/// The members of a frame, always the same in the same order.
fn frame(side: &Side<'_>) -> Vec<Member> {
    every_member_has_its_place(side.contract);
    let mut members = titles(side.contract);
    members.extend(as_sent(side));
    members.extend(as_read(side));
    members
}

/// Named one by one, so that a new member of a contract stops the compiler until it is placed here or in a sibling.
fn every_member_has_its_place(contract: &Contract) {
    let Contract {
        // Of whom, and not of what is promised.
        id: _,
        agency: _,
        // In `titles`.
        title_zh: _,
        title_en: _,
        version: _,
        // In `as_sent`.
        topic: _,
        format: _,
        encoding: _,
        record_element: _,
        byte_ranges: _,
        envelope: _,
        rows: _,
        // In `as_read`.
        mode: _,
        record_key: _,
        order: _,
        business_time: _,
        removal: _,
        horizon: _,
        array: _,
        // What has an order between old and new: in `changes`, and the headers of snapshots in `as_read`.
        alternatives: _,
        business_time_required: _,
        snapshot: _,
        subjects: _,
        // In the siblings.
        fields: _,
        mappings: _,
        constants: _,
        rules: _,
        ruleset_fingerprint: _,
    } = contract;
}

fn titles(contract: &Contract) -> Vec<Member> {
    let member = |place, names, told: &String| Member {
        kind: Kind::Neutral,
        place,
        names,
        told: told.clone(),
    };
    vec![
        member("version", ("版本", "the version"), &contract.version),
        member(
            "businessName",
            ("中文名称", "the Chinese title"),
            &contract.title_zh,
        ),
        member(
            "name",
            ("英文名称", "the English title"),
            &contract.title_en,
        ),
    ]
}

/// How the bytes of a record are written.
fn as_sent(side: &Side<'_>) -> Vec<Member> {
    let contract = side.contract;
    let element = contract.record_element.clone();
    vec![
        breaking("topic", ("主题", "the topic"), contract.topic.clone()),
        breaking("format", ("格式", "the format"), word(&contract.format)),
        breaking(
            "encoding",
            ("编码", "the encoding"),
            word(&contract.encoding),
        ),
        breaking(
            "recordElement",
            ("记录元素", "the element that is a record"),
            element.unwrap_or_else(none),
        ),
        breaking(
            "widths",
            ("定长位置", "where the fields of a line stand"),
            line(side, &contract.byte_ranges),
        ),
        breaking(
            "envelope",
            ("信封", "the envelope"),
            word(&contract.envelope),
        ),
        breaking(
            "rows",
            ("每条消息的记录数", "the number of records in a message"),
            word(&contract.rows),
        ),
    ]
}

/// What a record of these bytes means.
fn as_read(side: &Side<'_>) -> Vec<Member> {
    let contract = side.contract;
    let key = contract.record_key.iter().map(|field| side.field(*field));
    let key: Vec<&str> = key.collect();
    let horizon = |horizon: Horizon| format!("{} {}", side.field(horizon.field), horizon.months);
    let array = contract.array.map(|field| side.field(field).to_owned());
    let removal = taken_back(side, &contract.removal);
    vec![
        breaking("mode", ("报送方式", "the mode"), word(&contract.mode)),
        breaking("recordKey", ("记录主键", "the record key"), key.join(" + ")),
        breaking(
            "order",
            ("次序", "the order"),
            ordering(side, &contract.order),
        ),
        breaking(
            "businessTime",
            ("业务时间", "the business time"),
            part(side, &contract.business_time),
        ),
        breaking("removal", ("撤回方式", "what removes a record"), removal),
        breaking(
            "horizon",
            ("保留期", "the horizon"),
            contract.horizon.map_or_else(none, horizon),
        ),
        breaking(
            "array",
            ("所读数组", "the array that is read"),
            array.unwrap_or_else(none),
        ),
        breaking(
            "snapshot",
            ("快照约定", "how snapshots are told apart"),
            contract.snapshot.as_ref().map_or_else(none, headers),
        ),
    ]
}

fn breaking(place: &'static str, names: (&'static str, &'static str), told: String) -> Member {
    Member {
        kind: Kind::Breaking,
        place,
        names,
        told,
    }
}

fn none() -> String {
    "-".to_owned()
}

/// Where each field of a line of fixed width stands.
fn line(side: &Side<'_>, ranges: &[ByteRange]) -> String {
    let each = ranges
        .iter()
        .enumerate()
        .map(|(index, range)| format!("{} {}-{}", side.field(index), range.start, range.end()));
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        none()
    } else {
        each.join(", ")
    }
}

/// The headers of a snapshot feed; how far a snapshot may shrink has an order and is told by itself.
fn headers(snapshot: &Snapshot) -> String {
    let Snapshot {
        sequence,
        operation,
        mark,
        rows,
        shrink_permille_max: _,
    } = snapshot;
    format!("{sequence}, {operation} = {mark}, {rows}")
}

/// A format that is added can only be understood more often; one that goes is understood no more.
fn alternatives(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let told = |side: &Side<'_>| -> Vec<String> {
        let others = side.contract.alternatives.iter();
        others
            .map(|other| format!("{} ({})", word(&other.format), word(&other.encoding)))
            .collect()
    };
    let (before, now) = (told(old), told(new));
    let kept = before.iter().all(|was| now.contains(was));
    let kind = if kept {
        Kind::Loosening
    } else {
        Kind::Breaking
    };
    let names = ("其他格式", "the list of other formats");
    found.became(kind, "formats", names, &before.join(", "), &now.join(", "));
}

fn shrinking(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let (Some(was), Some(is)) = (&old.contract.snapshot, &new.contract.snapshot) else {
        return;
    };
    let (was, is) = (was.shrink_permille_max, is.shrink_permille_max);
    let kind = if is < was {
        Kind::Tightening
    } else {
        Kind::Loosening
    };
    let names = (
        "快照允许的缩减（千分之）",
        "the share in thousandths by which a snapshot may shrink",
    );
    found.became(
        kind,
        "snapshot/maxShrink",
        names,
        &was.to_string(),
        &is.to_string(),
    );
}

fn ordering(side: &Side<'_>, order: &Order) -> String {
    match order {
        Order::Log => "log".to_owned(),
        Order::Parts(parts) => {
            let parts: Vec<String> = parts.iter().map(|each| part(side, each)).collect();
            parts.join(", ")
        }
    }
}

fn place(side: &Side<'_>, place: &Place) -> String {
    match place {
        Place::Field(field) => format!("field:{}", side.field(*field)),
        Place::Header(name) => format!("header:{name}"),
        Place::Envelope(name) => format!("envelope:{name}"),
    }
}

fn part(side: &Side<'_>, part: &OrderPart) -> String {
    let read = match &part.reading {
        Reading::Time { forms, .. } => forms.clone(),
        other => word(other),
    };
    format!("{} ({read})", place(side, &part.place))
}

fn taken_back(side: &Side<'_>, removal: &Removal) -> String {
    let mut marks: Vec<&str> = removal.delete.iter().map(String::as_str).collect();
    marks.sort_unstable();
    let operation = removal
        .operation
        .as_ref()
        .map(|operation| place(side, operation));
    let operation = operation.unwrap_or_else(none);
    format!(
        "{operation} [{}], tombstone {}",
        listed(marks),
        word(&removal.tombstone)
    )
}

/// A subject that keeps its identifiers and gets more of them behind can only be named more often.
fn subjects(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let told = |side: &Side<'_>| -> Vec<(String, Vec<String>)> {
        let subjects = side.contract.subjects.iter();
        subjects
            .map(|subject| (kind(side, subject), identifiers(side, subject)))
            .collect()
    };
    let (before, now) = (told(old), told(new));
    if before == now {
        return;
    }
    let grown = before.len() <= now.len()
        && before
            .iter()
            .zip(&now)
            .all(|((kind, old), (other, new))| kind == other && new.starts_with(old));
    let text = |subjects: &[(String, Vec<String>)]| {
        let each: Vec<String> = subjects
            .iter()
            .map(|(kind, names)| format!("{kind} by {}", names.join(", ")))
            .collect();
        each.join("; ")
    };
    let kind = if grown {
        Kind::Loosening
    } else {
        Kind::Breaking
    };
    found.became(
        kind,
        "subjects",
        ("主体", "whom a record speaks of"),
        &text(&before),
        &text(&now),
    );
}

fn kind(side: &Side<'_>, subject: &Subject) -> String {
    let dossier = side.dossiers.get(usize::from(subject.kind));
    let kind = dossier.map_or("", |dossier| dossier.name.as_str());
    let named = subject.name.as_deref().map(|name| format!(" '{name}'"));
    let each = if subject.each { " of each element" } else { "" };
    format!("{kind}{}{each}", named.unwrap_or_default())
}

fn identifiers(side: &Side<'_>, subject: &Subject) -> Vec<String> {
    let named = |identifier: &crate::contract::SubjectIdentifier| {
        format!(
            "{} ({})",
            side.field(identifier.field),
            class(side, &identifier.class)
        )
    };
    subject.identifiers.iter().map(named).collect()
}

/// The class of an identifier with what it refers to.
pub(super) fn class(side: &Side<'_>, class: &IdentifierClass) -> String {
    match class {
        IdentifierClass::PersonDocument { type_field } => {
            format!("document of type in {}", side.field(*type_field))
        }
        IdentifierClass::Party { type_field } => {
            let type_field = type_field.map_or("-", |field| side.field(field));
            format!("person or organisation, type in {type_field}")
        }
        IdentifierClass::Number { class } => format!("number {class}"),
        IdentifierClass::Weak { name } => format!("weak {name}"),
        other => word(other),
    }
}
