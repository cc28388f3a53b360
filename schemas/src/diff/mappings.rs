//! What a contract fills: mappings and constants. A cell that is filled by another rule holds another thing.

use std::collections::BTreeMap;

use super::{Found, Kind, Side, listed};
use crate::field::{Condition, Scope};

/// What fills one cell, told: by whom and how.
type Fillings = BTreeMap<(String, String), String>;

pub(super) fn changes(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let (before, now) = (fillings(old), fillings(new));
    for ((source, target), how) in &before {
        let place = format!("{source}/{target}");
        match now.get(&(source.clone(), target.clone())) {
            Some(other) => found.became(
                Kind::Breaking,
                &place,
                ("填列方式", "the way the column is filled"),
                how,
                other,
            ),
            // A field that is gone is told as such.
            None if is_gone(source, new) => {}
            None => {
                let zh = format!("不再填写 {target}");
                found.tell(
                    Kind::Breaking,
                    place,
                    zh,
                    format!("{target} is no longer filled from here"),
                );
            }
        }
    }
    for ((source, target), how) in &now {
        if !before.contains_key(&(source.clone(), target.clone())) {
            let zh = format!("新填写 {target}（{how}）");
            let en = format!("{target} is filled from here too ({how})");
            found.tell(Kind::Neutral, format!("{source}/{target}"), zh, en);
        }
    }
}

fn is_gone(source: &str, new: &Side<'_>) -> bool {
    let name = source.strip_prefix("fields/");
    name.is_some_and(|name| new.contract.field_index(name).is_none())
}

/// By source and target. Several of one field into one cell, each under its condition, are told together.
fn fillings(side: &Side<'_>) -> Fillings {
    let mut fillings = Fillings::new();
    let mut add = |source: String, target: String, how: String| {
        let told = fillings.entry((source, target)).or_default();
        if !told.is_empty() {
            told.push_str("; ");
        }
        told.push_str(&how);
    };
    for mapping in &side.contract.mappings {
        let about = scope(side, mapping.scope);
        let how = format!(
            "{:?}{about}{}",
            mapping.transform,
            conditions(side, &mapping.when)
        );
        add(
            format!("fields/{}", side.field(mapping.field)),
            side.leaf(mapping.target),
            how,
        );
    }
    for constant in &side.contract.constants {
        let about = scope(side, constant.scope);
        let how = format!(
            "'{}'{about}{}",
            constant.value,
            conditions(side, &constant.when)
        );
        add("constants".to_owned(), side.leaf(constant.target), how);
    }
    fillings
}

/// Of which subjects the cell is; nothing where it is of all.
fn scope(side: &Side<'_>, scope: Scope) -> String {
    match scope {
        Scope::Record => String::new(),
        Scope::Element => " of its element".to_owned(),
        Scope::Group(number) => format!(" in element {number}"),
        Scope::Subject(place) => {
            let subject = side.contract.subjects.get(usize::from(place));
            let name = subject.and_then(|subject| subject.name.as_deref());
            format!(" of {}", name.unwrap_or("one subject"))
        }
    }
}

fn conditions(side: &Side<'_>, when: &[Condition]) -> String {
    let told = |condition: &Condition| {
        let verb = if condition.one_of { "in" } else { "not in" };
        let mut values: Vec<&str> = condition.values.iter().map(String::as_str).collect();
        values.sort_unstable();
        format!(
            "{} {verb} [{}]",
            side.field(condition.field),
            listed(values)
        )
    };
    let each: Vec<String> = when.iter().map(told).collect();
    if each.is_empty() {
        String::new()
    } else {
        format!(" when {}", each.join(" and "))
    }
}
