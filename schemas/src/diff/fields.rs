//! Fields: those that came and went, their types, date forms, codes and classification.
//!
//! Leaves alone: what a field fills (`mappings`) and how it is judged (`rules`).

use std::collections::BTreeSet;

use super::frame::class;
use super::{Found, Kind, Side, listed, word};
use crate::codes::CodeMap;
use crate::field::{Field, FieldIndex};
use crate::rule::Check;

pub(super) fn changes(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    for (index, before) in old.contract.fields.iter().enumerate() {
        match new
            .contract
            .fields
            .iter()
            .find(|after| after.name == before.name)
        {
            Some(after) => one((old, before), (new, after), found),
            None => gone(old, index, before, found),
        }
    }
    for (index, after) in new.contract.fields.iter().enumerate() {
        if old.contract.field_index(&after.name).is_none() {
            came(new, index, after, found);
        }
    }
}

fn gone(old: &Side<'_>, index: FieldIndex, field: &Field, found: &mut Found) {
    let fills = old
        .contract
        .mappings
        .iter()
        .any(|mapping| mapping.field == index);
    let place = format!("fields/{}", field.name);
    if fills {
        found.tell(
            Kind::Breaking,
            place,
            "字段被删除，其所填的列不再有值",
            "the field is gone, and with it what it filled",
        );
    } else {
        found.tell(
            Kind::Neutral,
            place,
            "未映射的字段被删除",
            "a field that filled nothing is gone",
        );
    }
}

fn came(new: &Side<'_>, index: FieldIndex, field: &Field, found: &mut Found) {
    let place = format!("fields/{}", field.name);
    let needed =
        |rule: &&crate::rule::Rule| rule.field == Some(index) && rule.check == Check::Required;
    if new.contract.rules.iter().any(|rule| needed(&rule)) {
        found.tell(
            Kind::Tightening,
            place,
            "新增必填字段",
            "the field is new and required",
        );
    } else {
        found.tell(
            Kind::Neutral,
            place,
            "新增选填字段",
            "the field is new and may be left out",
        );
    }
}

fn one((old, before): (&Side<'_>, &Field), (new, after): (&Side<'_>, &Field), found: &mut Found) {
    // Named one by one, so that a new member has to be placed here. `required` is a rule.
    let Field {
        name,
        // Part of the name: a member of elements is called `array[].member`.
        in_element: _,
        title_zh,
        title_en,
        logical_type,
        required: _,
        classification,
        forms,
        codes: listed_codes,
        identifier,
    } = before;
    let place = |what: &str| format!("fields/{name}/{what}");
    found.became(
        Kind::Neutral,
        &place("businessName"),
        ("中文名称", "the Chinese title"),
        title_zh,
        &after.title_zh,
    );
    if *title_en != after.title_en {
        found.tell(
            Kind::Neutral,
            place("description"),
            "说明文字已改",
            "the description is another",
        );
    }
    found.became(
        Kind::Breaking,
        &place("type"),
        ("类型", "the type"),
        &word(logical_type),
        &word(&after.logical_type),
    );
    // A lower classification lets feedback say more of a value.
    let lowered = after.classification < *classification;
    let kind = if lowered {
        Kind::Loosening
    } else {
        Kind::Neutral
    };
    found.became(
        kind,
        &place("classification"),
        ("分级", "the classification"),
        &word(classification),
        &word(&after.classification),
    );
    date_forms(&place("forms"), forms, &after.forms, found);
    codes(
        &place("codes"),
        listed_codes.as_ref(),
        after.codes.as_ref(),
        found,
    );
    if let (Some(was), Some(is)) = (identifier, &after.identifier) {
        let (was, is) = (class(old, was), class(new, is));
        found.became(
            Kind::Breaking,
            &place("identifier"),
            ("标识类别", "the identifier class"),
            &was,
            &is,
        );
    }
}

fn date_forms(place: &str, old: &str, new: &str, found: &mut Found) {
    let split = |forms: &str| -> BTreeSet<String> {
        forms
            .split('|')
            .map(|form| form.trim().to_owned())
            .filter(|form| !form.is_empty())
            .collect()
    };
    let (before, now) = (split(old), split(new));
    // A field that becomes a date, or stops being one, changes its type, and that is told.
    if before.is_empty() || now.is_empty() {
        return;
    }
    let lost = listed(before.difference(&now).map(String::as_str));
    if !lost.is_empty() {
        found.tell(
            Kind::Tightening,
            place,
            format!("不再接受日期形式 {lost}"),
            format!("dates may no longer be written as {lost}"),
        );
    }
    let more = listed(now.difference(&before).map(String::as_str));
    if !more.is_empty() {
        found.tell(
            Kind::Loosening,
            place,
            format!("新接受日期形式 {more}"),
            format!("dates may be written as {more} too"),
        );
    }
}

/// Codes of both versions. A field that gets codes or loses them gets or loses a rule, and that is told.
fn codes(place: &str, old: Option<&CodeMap>, new: Option<&CodeMap>, found: &mut Found) {
    let (Some(old), Some(new)) = (old, new) else {
        return;
    };
    let named = |codes: &CodeMap| {
        if codes.name.is_empty() {
            "enum".to_owned()
        } else {
            codes.name.clone()
        }
    };
    found.became(
        Kind::Neutral,
        place,
        ("代码表", "the code list"),
        &named(old),
        &named(new),
    );
    let sorted =
        |codes: &CodeMap| -> BTreeSet<String> { codes.canonical.keys().cloned().collect() };
    let (before, now) = (sorted(old), sorted(new));
    let other: Vec<&str> = before
        .intersection(&now)
        .filter(|code| old.get(code) != new.get(code))
        .map(String::as_str)
        .collect();
    if !other.is_empty() {
        let told = listed(other);
        found.tell(
            Kind::Breaking,
            place,
            format!("代码含义已改：{told}"),
            format!("codes mean something else: {told}"),
        );
    }
    let lost = listed(before.difference(&now).map(String::as_str));
    if !lost.is_empty() {
        found.tell(
            Kind::Tightening,
            place,
            format!("不再接受代码 {lost}"),
            format!("codes are no longer known: {lost}"),
        );
    }
    let more = listed(now.difference(&before).map(String::as_str));
    if !more.is_empty() {
        found.tell(
            Kind::Neutral,
            place,
            format!("新增代码 {more}"),
            format!("codes are new: {more}"),
        );
    }
}
