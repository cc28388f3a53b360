//! Laws of a life, over one finished row: what the sources say together and no life does.
//!
//! A law that is broken makes an entry of `conflicts`, with the column and the agencies whose word breaks it. Values stay
//! as they are: who is right is not decided here. Pure over the row, so that no arrival order shows.

use std::collections::BTreeSet;

use yidang_schemas::day::civil;
use yidang_schemas::dossier::{Dossier, LeafIndex, LifeLaw};

use crate::cell::Value;

/// Values of the row that was written last.
pub(super) trait Row<'a> {
    /// The values of a leaf: one, or one for each element of its list, with the feed that each comes from.
    fn values(&self, leaf: LeafIndex) -> Vec<(Value<'a>, u16)>;
}

/// Columns whose law is broken, by place, with the feeds whose word breaks it.
pub(super) fn broken<'a>(dossier: &Dossier, row: &impl Row<'a>) -> Vec<(usize, BTreeSet<u16>)> {
    let laws = dossier.laws.iter();
    let broken = laws.map(|law| (column_of(law), feeds_against(law, row)));
    broken.filter(|(_, feeds)| !feeds.is_empty()).collect()
}

fn column_of(law: &LifeLaw) -> usize {
    match law {
        LifeLaw::NotAfter { column, .. }
        | LifeLaw::Excludes { column, .. }
        | LifeLaw::Succession { column, .. } => *column,
    }
}

fn feeds_against<'a>(law: &LifeLaw, row: &impl Row<'a>) -> BTreeSet<u16> {
    match law {
        LifeLaw::NotAfter { part, end, .. } => not_after(row, *part, *end),
        LifeLaw::Excludes { when, never, .. } => excludes(row, when, never),
        LifeLaw::Succession {
            at, event, next, ..
        } => succession(row, *at, *event, &|before, after| {
            next.get(before)
                .is_none_or(|next| next.iter().any(|event| event == after))
        }),
    }
}

fn not_after<'a>(row: &impl Row<'a>, part: LeafIndex, end: LeafIndex) -> BTreeSet<u16> {
    let mut feeds = BTreeSet::new();
    for (end, ends) in row.values(end) {
        let Value::Date(end) = end else { continue };
        let later = row
            .values(part)
            .into_iter()
            .filter(|(value, _)| is_after(value, end));
        for (_, feed) in later {
            feeds.extend([feed, ends]);
        }
    }
    feeds
}

/// Whether a date, or a month as `yyyy-MM`, lies after a day. A month that the day lies in does not.
fn is_after(value: &Value<'_>, end: i32) -> bool {
    match value {
        Value::Date(day) => *day > end,
        Value::Text(month) => {
            let (year, of_year, _) = civil(end);
            let written = month.split_once('-').and_then(|(year, month)| {
                Some((year.parse::<i32>().ok()?, month.parse::<u8>().ok()?))
            });
            written.is_some_and(|written| written > (year, of_year))
        }
        Value::Null | Value::Integer(_) => false,
    }
}

fn excludes<'a>(
    row: &impl Row<'a>,
    (when, is): &(LeafIndex, Vec<String>),
    (never, values): &(LeafIndex, Vec<String>),
) -> BTreeSet<u16> {
    let of = |leaf: LeafIndex, among: &[String]| -> BTreeSet<u16> {
        let found = row.values(leaf).into_iter().filter(
            |(value, _)| matches!(value, Value::Text(text) if among.iter().any(|one| one == text)),
        );
        found.map(|(_, feed)| feed).collect()
    };
    let (holds, breaks) = (of(*when, is), of(*never, values));
    if holds.is_empty() || breaks.is_empty() {
        return BTreeSet::new();
    }
    holds.union(&breaks).copied().collect()
}

/// Events without a date stand nowhere in the order. Of one day they may have come in any order, so that they contradict
/// each other only where neither may follow the other.
fn succession<'a>(
    row: &impl Row<'a>,
    at: LeafIndex,
    event: LeafIndex,
    may_follow: &dyn Fn(&str, &str) -> bool,
) -> BTreeSet<u16> {
    let dated = row.values(at).into_iter().zip(row.values(event));
    let mut events: Vec<(i32, &str, u16)> = dated
        .filter_map(|((at, feed), (event, _))| match (at, event) {
            (Value::Date(day), Value::Text(event)) => Some((day, event, feed)),
            _ => None,
        })
        .collect();
    events.sort_unstable();
    let mut feeds = BTreeSet::new();
    for pair in events.windows(2) {
        let [(day, before, one), (later, after, other)] = pair else {
            continue;
        };
        let same_day = day == later && may_follow(after, before);
        if !may_follow(before, after) && !same_day {
            feeds.extend([*one, *other]);
        }
    }
    feeds
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    impl<'a> Row<'a> for BTreeMap<LeafIndex, Vec<(Value<'a>, u16)>> {
        fn values(&self, leaf: LeafIndex) -> Vec<(Value<'a>, u16)> {
            self.get(&leaf).cloned().unwrap_or_default()
        }
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn trap_10_who_is_deregistered_is_no_taxpayer_and_who_is_revoked_may_be() {
        let law = LifeLaw::Excludes {
            when: (0, texts(&["DEREGISTERED"])),
            column: 1,
            never: (1, texts(&["NORMAL"])),
        };
        let against = |status, tax| {
            let status = vec![(Value::Text(status), 4)];
            let tax = vec![(Value::Text(tax), 7)];
            feeds_against(&law, &BTreeMap::from([(0, status), (1, tax)]))
        };
        assert_eq!(against("DEREGISTERED", "NORMAL"), BTreeSet::from([4, 7]));
        assert!(against("DEREGISTERED", "DEREGISTERED").is_empty());
        assert!(against("REVOKED", "NORMAL").is_empty(), "tax goes on");
        assert!(against("ACTIVE", "NORMAL").is_empty(), "restored");
        let silent = BTreeMap::from([(0, vec![(Value::Text("DEREGISTERED"), 4)])]);
        assert!(feeds_against(&law, &silent).is_empty());
    }
}
