//! Rules: new, gone, stricter, softer, or another.
//!
//! Equal fingerprints mean that two rules judge every record alike, so only rules with different ones are compared.

use std::cmp::Ordering;

use super::{Found, Kind, Side};
use crate::rule::{Check, Rule};

pub(super) fn changes(old: &Side<'_>, new: &Side<'_>, found: &mut Found) {
    let mut matched = vec![false; new.contract.rules.len()];
    let mut gone = Vec::new();
    for before in &old.contract.rules {
        let same_id = |after: &Rule| after.id == before.id;
        let same_kind = |after: &Rule| key(new, after) == key(old, before);
        let free = |place: usize| !matched.get(place).copied().unwrap_or(true);
        let find = |fits: &dyn Fn(&Rule) -> bool| {
            let mut rules = new.contract.rules.iter().enumerate();
            rules.find(|(place, rule)| free(*place) && fits(rule))
        };
        match find(&same_id).or_else(|| find(&same_kind)) {
            Some((place, after)) => {
                if let Some(slot) = matched.get_mut(place) {
                    *slot = true;
                }
                pair((old, before), (new, after), found);
            }
            None => gone.push(before),
        }
    }
    for before in gone {
        if !follows(before, new, old) {
            found.tell(
                Kind::Loosening,
                place(before, ""),
                "规则被删除",
                "the rule is gone",
            );
        }
    }
    for (after, matched) in new.contract.rules.iter().zip(matched) {
        if !matched && !follows(after, old, new) {
            let name = after.action.name();
            let zh = format!("新增规则，处置为 {name}");
            found.tell(
                Kind::Tightening,
                place(after, ""),
                zh,
                format!("the rule is new, its action is {name}"),
            );
        }
    }
}

fn place(rule: &Rule, what: &str) -> String {
    let end = if what.is_empty() {
        String::new()
    } else {
        format!("/{what}")
    };
    format!("rules/{}{end}", rule.id)
}

/// What a rule judges and how, by name. Codes of a list and codes of an enum are one kind.
fn key<'s>(side: &Side<'s>, rule: &'s Rule) -> (Option<&'s str>, Option<&'s str>, &'static str) {
    let field = rule.field.map(|field| side.field(field));
    let kind = match rule.check {
        Check::CodeSet => Check::Enum.name(),
        _ => rule.check.name(),
    };
    (field, rule.header.as_deref(), kind)
}

/// Whether a rule that only `own` has follows from a change that is told elsewhere: of the frame, or of a field that
/// the other version does not have.
fn follows(rule: &Rule, other: &Side<'_>, own: &Side<'_>) -> bool {
    match rule.field {
        Some(field) => other.contract.field_index(own.field(field)).is_none(),
        None => rule.check != Check::Subject,
    }
}

fn pair(
    (old_side, old): (&Side<'_>, &Rule),
    (new_side, new): (&Side<'_>, &Rule),
    found: &mut Found,
) {
    if old.id != new.id {
        let zh = format!("规则改名，原为 {}", old.id);
        let en = format!(
            "the rule was called {}; open issues of it stay under the old name",
            old.id
        );
        found.tell(Kind::Neutral, place(new, "id"), zh, en);
    }
    if old.fingerprint == new.fingerprint {
        return;
    }
    ordered(
        found,
        &place(new, "action"),
        ("处置", "the action"),
        old.action.cmp(&new.action),
        (old.action.name(), new.action.name()),
    );
    let names = (old.severity.name(), new.severity.name());
    ordered(
        found,
        &place(new, "severity"),
        ("严重程度", "the severity"),
        old.severity.cmp(&new.severity),
        names,
    );
    let (before, now) = (old.dimension.name(), new.dimension.name());
    found.became(
        Kind::Neutral,
        &place(new, "dimension"),
        ("质量维度", "the dimension"),
        before,
        now,
    );
    let reads = |side: &Side<'_>, rule: &Rule| -> Vec<String> {
        let fields = rule.check.fields().into_iter();
        fields.map(|field| side.field(field).to_owned()).collect()
    };
    let (before, now) = (reads(old_side, old), reads(new_side, new));
    if before != now && old.check.name() == new.check.name() && !is_predicate(&old.check) {
        found.unordered(
            &place(new, "check"),
            "所对照的字段",
            "the field that the check compares with",
        );
    } else {
        parameters(old, new, found);
    }
}

/// A greater value is stricter.
fn ordered(
    found: &mut Found,
    place: &str,
    names: (&str, &str),
    order: Ordering,
    (old, new): (&str, &str),
) {
    match order {
        Ordering::Less => found.became(Kind::Tightening, place, names, old, new),
        Ordering::Greater => found.became(Kind::Loosening, place, names, old, new),
        Ordering::Equal => {}
    }
}

/// What a check compares with. A check without an arm here is told as changed where it is not equal.
fn parameters(old: &Rule, new: &Rule, found: &mut Found) {
    let place = place(new, "check");
    match (&old.check, &new.check) {
        (
            Check::Length { at_least, at_most },
            Check::Length {
                at_least: least,
                at_most: most,
            },
        ) => {
            let text = |bound: &Option<u32>| bound.map(|bound| bound.to_string());
            bound(found, &place, Bound::Least, &text(at_least), &text(least));
            bound(found, &place, Bound::Most, &text(at_most), &text(most));
        }
        (
            Check::Range { at_least, at_most },
            Check::Range {
                at_least: least,
                at_most: most,
            },
        ) => {
            bound(found, &place, Bound::Least, at_least, least);
            bound(found, &place, Bound::Most, at_most, most);
        }
        // What these read is declared of the field or the record, and told there.
        (
            Check::Parse
            | Check::Key
            | Check::Order
            | Check::Subject
            | Check::Corrects
            | Check::Platform
            | Check::Required
            | Check::Type
            | Check::Enum
            | Check::CodeSet
            | Check::NotFuture
            | Check::Placeholder
            | Check::ResidentId
            | Check::Uscc
            | Check::Party
            | Check::Readable
            // All that these compare with is other fields, and those were compared by name.
            | Check::IdSex { .. }
            | Check::IdBirth { .. }
            | Check::DateOrder { .. }
            | Check::OneOfFields(_)
            | Check::CardValidity { .. }
            | Check::AdminDivision { .. },
            after,
        ) if old.check.name() == after.name() || is_codes(&old.check) && is_codes(after) => {}
        // Places of fields differ between versions; the fields were compared by name, or stand in the text.
        (Check::GeoInCity { area: was, .. }, Check::GeoInCity { area: is, .. }) if was == is => {}
        (Check::RequiredIf { values: was, .. }, Check::RequiredIf { values: is, .. })
            if was == is => {}
        (Check::Predicate(before), Check::Predicate(after)) if before.text == after.text => {}
        (before, after) if before == after => {}
        (before, after) => {
            let (zh, en) = (
                format!("检查 {}", before.name()),
                format!("the check {}", after.name()),
            );
            found.unordered(&place, &zh, &en);
        }
    }
}

fn is_predicate(check: &Check) -> bool {
    matches!(check, Check::Predicate(_))
}

fn is_codes(check: &Check) -> bool {
    matches!(check, Check::Enum | Check::CodeSet)
}

#[derive(Clone, Copy)]
enum Bound {
    Least,
    Most,
}

/// A lower bound that rises and an upper one that falls are stricter; none is the widest.
fn bound(found: &mut Found, place: &str, side: Bound, old: &Option<String>, new: &Option<String>) {
    let names = match side {
        Bound::Least => ("下限", "the lower bound"),
        Bound::Most => ("上限", "the upper bound"),
    };
    let stricter = match (old, new) {
        (None, Some(_)) => Some(true),
        (Some(_), None) => Some(false),
        (Some(old), Some(new)) => {
            rises(old, new).map(|rises| rises == matches!(side, Bound::Least))
        }
        (None, None) => None,
    };
    let told = |bound: &Option<String>| bound.clone().unwrap_or_else(|| "-".to_owned());
    let kind = match stricter {
        Some(true) => Kind::Tightening,
        Some(false) => Kind::Loosening,
        None => return,
    };
    found.became(kind, place, names, &told(old), &told(new));
}

/// Whether `new` is greater, as numbers or else as texts, which is the order of days; nothing where they are equal.
fn rises(old: &str, new: &str) -> Option<bool> {
    let order = match (old.parse::<f64>(), new.parse::<f64>()) {
        (Ok(old), Ok(new)) => old.partial_cmp(&new)?,
        _ => old.cmp(new),
    };
    (order != Ordering::Equal).then_some(order == Ordering::Less)
}
