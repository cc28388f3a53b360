//! The frame of a record: how it travels, its key, order, mode, removal and subjects. Nearly all of it is breaking, for
//! the same bytes would mean something else.

use super::{Found, Kind, Side, listed, word};
use crate::contract::{Contract, Order, OrderPart, Place, Reading, Removal, Subject};
use crate::field::IdentifierClass;

pub(super) fn changes(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    // Named one by one, so that a new member has to be placed here or in a sibling.
    let Contract {
        id: _,
        agency: _,
        title_zh,
        title_en,
        version,
        topic,
        format,
        encoding,
        envelope,
        rows,
        mode,
        record_key,
        order,
        business_time,
        business_time_required: required,
        removal,
        subjects: _,
        fields: _,
        mappings: _,
        constants: _,
        rules: _,
        ruleset_fingerprint: _,
    } = old.contract;
    let after = new.contract;
    let (breaking, neutral) = (Kind::Breaking, Kind::Neutral);
    found.became(
        neutral,
        "version",
        ("版本", "the version"),
        version,
        &after.version,
    );
    found.became(
        neutral,
        "businessName",
        ("中文名称", "the Chinese title"),
        title_zh,
        &after.title_zh,
    );
    found.became(
        neutral,
        "name",
        ("英文名称", "the English title"),
        title_en,
        &after.title_en,
    );
    found.became(
        breaking,
        "topic",
        ("主题", "the topic"),
        topic,
        &after.topic,
    );
    let words = [
        (
            "format",
            ("格式", "the format"),
            word(format),
            word(&after.format),
        ),
        (
            "encoding",
            ("编码", "the encoding"),
            word(encoding),
            word(&after.encoding),
        ),
        (
            "envelope",
            ("信封", "the envelope"),
            word(envelope),
            word(&after.envelope),
        ),
        (
            "rows",
            ("每条消息的记录数", "the number of records in a message"),
            word(rows),
            word(&after.rows),
        ),
        (
            "mode",
            ("报送方式", "the mode"),
            word(mode),
            word(&after.mode),
        ),
    ];
    for (place, names, before, now) in words {
        found.became(breaking, place, names, &before, &now);
    }
    let key = |side: &Side<'_>, key: &[usize]| {
        key.iter()
            .map(|field| side.field(*field))
            .collect::<Vec<_>>()
            .join(" + ")
    };
    let (before, now) = (key(old, record_key), key(new, &after.record_key));
    found.became(
        breaking,
        "recordKey",
        ("记录主键", "the record key"),
        &before,
        &now,
    );
    let (before, now) = (ordering(old, order), ordering(new, &after.order));
    found.became(breaking, "order", ("次序", "the order"), &before, &now);
    let (before, now) = (part(old, business_time), part(new, &after.business_time));
    found.became(
        breaking,
        "businessTime",
        ("业务时间", "the business time"),
        &before,
        &now,
    );
    match (*required, after.business_time_required) {
        (false, true) => found.tell(
            Kind::Tightening,
            "businessTime/required",
            "业务时间改为必填",
            "the business time is required now",
        ),
        (true, false) => found.tell(
            Kind::Loosening,
            "businessTime/required",
            "业务时间不再必填",
            "the business time is no longer required",
        ),
        _ => {}
    }
    let (before, now) = (taken_back(old, removal), taken_back(new, &after.removal));
    found.became(
        breaking,
        "removal",
        ("撤回方式", "what removes a record"),
        &before,
        &now,
    );
    subjects(old, new, found);
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
    let operation = operation.unwrap_or_else(|| "-".to_owned());
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
    dossier.map_or_else(String::new, |dossier| dossier.name.clone())
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
        IdentifierClass::Weak { name } => format!("weak {name}"),
        other => word(other),
    }
}
