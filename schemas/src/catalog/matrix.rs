//! Compiling `authority.yaml`, and holding the claims of contracts against it.
//!
//! An agency can claim a rank in its contract, but only this file grants it. Leaves alone: ranking values.

use std::collections::BTreeMap;

use super::contracts::Claim;
use super::page::{Page, nearest};
use super::yaml::{Entry, parse};
use crate::authority::Authority;
use crate::dossier::{Dossier, Shape};

/// The matrix; columns and feeds that do not exist are noted.
pub(super) fn compile(
    page: &mut Page<'_>,
    text: &str,
    dossiers: &[Dossier],
    feeds: &[&str],
) -> Authority {
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err((spot, why)) => {
            page.syntax(spot, &why);
            return Authority::default();
        }
    };
    page.mapping(&tree, "authority.yaml");
    let mut columns = BTreeMap::new();
    for Entry { name, spot, node } in tree.entries() {
        if name == "rulesVersion" {
            continue;
        }
        let Some(dossier) = dossiers.iter().find(|dossier| dossier.name == *name) else {
            let help = nearest(name, dossiers.iter().map(|dossier| dossier.name.as_str()));
            page.note(
                "CT071",
                *spot,
                format!("there is no dossier of kind '{name}'"),
                help,
            );
            continue;
        };
        page.mapping(node, name);
        for entry in node.entries() {
            let ranked = ranked(page, entry, dossier, feeds);
            columns.insert(format!("{name}.{}", entry.name), ranked);
        }
    }
    let version = page.need(&tree, "rulesVersion");
    let number = version
        .and_then(|node| node.scalar())
        .and_then(|text| text.parse::<i32>().ok());
    if let (Some(node), None) = (version, number) {
        page.note(
            "CT009",
            node.spot,
            "rulesVersion is no whole number",
            "write 1",
        );
    }
    Authority {
        rules_version: number.unwrap_or(0),
        columns,
    }
}

fn ranked(page: &mut Page<'_>, entry: &Entry, dossier: &Dossier, feeds: &[&str]) -> Vec<String> {
    let facts = || {
        let columns = dossier.columns.iter();
        let facts = columns.filter(|column| !matches!(column.shape, Shape::Platform(_)));
        facts.map(|column| column.name.as_str())
    };
    if !facts().any(|column| column == entry.name) {
        let sentence = format!(
            "the dossier '{}' has no column '{}'",
            dossier.name, entry.name
        );
        page.note("CT071", entry.spot, sentence, nearest(&entry.name, facts()));
    }
    let mut ranked: Vec<String> = Vec::new();
    for item in page.items(&entry.node, &entry.name) {
        let Some(feed) = page.scalar(item, "feed") else {
            continue;
        };
        if !feeds.contains(&feed) {
            let help = nearest(feed, feeds.iter().copied());
            page.note(
                "CT070",
                item.spot,
                format!("there is no feed '{feed}'"),
                help,
            );
        }
        if ranked.iter().any(|earlier| earlier == feed) {
            page.note(
                "CT070",
                item.spot,
                format!("'{feed}' is ranked twice"),
                "keep one of the two",
            );
        }
        ranked.push(feed.to_owned());
    }
    ranked
}

/// Claims above what the matrix grants.
pub(super) fn check_claims(
    page: &mut Page<'_>,
    feed: &str,
    claims: &[Claim],
    authority: &Authority,
) {
    for claim in claims {
        for column in &claim.columns {
            let (kind, name) = column.split_once('.').unwrap_or((column, ""));
            let granted = u16::from(authority.rank(kind, name, feed)) + 1;
            if u16::from(claim.rank) < granted {
                let sentence = format!("the feed claims rank {} for '{column}'", claim.rank);
                let help = match authority.columns.get(column) {
                    Some(feeds) if feeds.iter().any(|known| known == feed) => {
                        format!("authority.yaml grants rank {granted}")
                    }
                    _ => "authority.yaml does not name this feed for the column".to_owned(),
                };
                page.note("CT072", claim.spot, sentence, help);
            }
        }
    }
}
