//! Laws of a life: what the sources of a row may not say together.
//!
//! Leaves alone: looking at rows (`transform::project`).

use std::collections::BTreeMap;

use super::Draft;
use crate::catalog::page::Page;
use crate::catalog::yaml::Node;
use crate::dossier::{LeafIndex, LeafType, LifeLaw, Shape};

pub(super) fn read(page: &mut Page<'_>, listed: Option<&Node>, draft: &Draft) -> Vec<LifeLaw> {
    let items = listed.map(|listed| page.items(listed, "lifeLaws"));
    let items = items.unwrap_or_default();
    items
        .iter()
        .filter_map(|item| law(page, item, draft))
        .collect()
}

fn law(page: &mut Page<'_>, item: &Node, draft: &Draft) -> Option<LifeLaw> {
    if item.get("notAfter").is_some() {
        page.known_keys(item, &["notAfter", "part"]);
        let end = leaf(page, item, "notAfter", draft)?;
        dated(page, item, "notAfter", end, draft);
        let part = leaf(page, item, "part", draft)?;
        let column = draft.leaves.get(usize::from(part))?.column;
        return Some(LifeLaw::NotAfter { column, part, end });
    }
    if item.get("when").is_some() {
        page.known_keys(item, &["when", "is", "never", "in"]);
        let when = (leaf(page, item, "when", draft)?, values(page, item, "is")?);
        let never = (leaf(page, item, "never", draft)?, values(page, item, "in")?);
        let column = draft.leaves.get(usize::from(never.0))?.column;
        return Some(LifeLaw::Excludes {
            when,
            column,
            never,
        });
    }
    page.known_keys(item, &["at", "event", "next"]);
    let at = leaf(page, item, "at", draft)?;
    dated(page, item, "at", at, draft);
    let event = leaf(page, item, "event", draft)?;
    let column = draft.leaves.get(usize::from(at))?.column;
    let same = draft.leaves.get(usize::from(event)).map(|leaf| leaf.column) == Some(column);
    let list = draft
        .columns
        .get(column)
        .is_some_and(|column| matches!(column.shape, Shape::List { .. }));
    if !same || !list {
        let sentence = "the date and the event of a succession are parts of one list";
        page.note(
            "CT087",
            item.spot,
            sentence,
            "name two parts of the same list",
        );
    }
    let next = next(page, item)?;
    Some(LifeLaw::Succession {
        column,
        at,
        event,
        next,
    })
}

fn values(page: &mut Page<'_>, item: &Node, key: &str) -> Option<Vec<String>> {
    let node = page.need(item, key)?;
    Some(page.texts(node, key))
}

/// Event to what may come next.
fn next(page: &mut Page<'_>, item: &Node) -> Option<BTreeMap<String, Vec<String>>> {
    let node = page.need(item, "next")?;
    let mut next = BTreeMap::new();
    for entry in page.items(node, "next") {
        page.known_keys(entry, &["after", "comes"]);
        let comes = page
            .need(entry, "comes")
            .map(|node| page.texts(node, "comes"));
        if let (Some(after), Some(comes)) = (page.text(entry, "after"), comes) {
            next.insert(after.to_owned(), comes);
        }
    }
    Some(next)
}

fn leaf(page: &mut Page<'_>, item: &Node, key: &str, draft: &Draft) -> Option<LeafIndex> {
    let node = page.need(item, key)?;
    draft.named(page, Some(node))
}

fn dated(page: &mut Page<'_>, item: &Node, key: &str, leaf: LeafIndex, draft: &Draft) {
    let leaf_type = draft
        .leaves
        .get(usize::from(leaf))
        .map(|leaf| leaf.leaf_type);
    if leaf_type != Some(LeafType::Date) {
        let spot = item.get(key).map_or(item.spot, |node| node.spot);
        page.note(
            "CT087",
            spot,
            format!("'{key}' is no date"),
            "name a column or part of type date",
        );
    }
}
