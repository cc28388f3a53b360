//! Reading `agencies.yaml` and `bundle.yaml`.
//!
//! Leaves alone: what agencies send.

use super::page::Page;
use super::yaml::parse;
use crate::agency::Agency;

/// The agencies sorted by slug.
pub(super) fn agencies(page: &mut Page<'_>, text: &str) -> Vec<Agency> {
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err((spot, why)) => {
            page.syntax(spot, &why);
            return Vec::new();
        }
    };
    let mut agencies: Vec<Agency> = Vec::new();
    for item in page.items(&tree, "agencies") {
        page.known_keys(item, &["slug", "zh", "en"]);
        let slug = page.text(item, "slug").unwrap_or_default().to_owned();
        if !is_topic_part(&slug) {
            let spot = item.get("slug").map_or(item.spot, |node| node.spot);
            let sentence = format!("'{slug}' can be no part of a topic name");
            let help = "write a letter, then lower-case letters, digits and _";
            page.note("CT016", spot, sentence, help);
        }
        if agencies.iter().any(|agency| agency.slug == slug) {
            let sentence = format!("the agency '{slug}' stands in the list twice");
            page.note("CT013", item.spot, sentence, "keep one of the two");
        }
        let name_zh = page.text(item, "zh").unwrap_or_default().to_owned();
        let name_en = page.text(item, "en").unwrap_or_default().to_owned();
        agencies.push(Agency {
            slug,
            name_zh,
            name_en,
        });
    }
    agencies.sort_by(|one, other| one.slug.cmp(&other.slug));
    agencies
}

/// Whether a name can stand between the dots of a topic name: a small letter, then small letters, digits and `_`.
pub fn is_topic_part(name: &str) -> bool {
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(plain)
}

/// The generation that `bundle.yaml` names, at least 1.
pub(super) fn generation(page: &mut Page<'_>, text: &str) -> u32 {
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err((spot, why)) => {
            page.syntax(spot, &why);
            return 0;
        }
    };
    page.known_keys(&tree, &["generation"]);
    let Some(node) = page.need(&tree, "generation") else {
        return 0;
    };
    let found = page
        .scalar(node, "generation")
        .and_then(|text| text.parse::<u32>().ok());
    let Some(generation) = found.filter(|generation| *generation > 0) else {
        page.note(
            "CT009",
            node.spot,
            "the generation is no number from 1 upwards",
            "write 1",
        );
        return 0;
    };
    generation
}
