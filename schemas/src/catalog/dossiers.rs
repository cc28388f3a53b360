//! Compiling `dossiers/<kind>.odcs.yaml`: columns, leaves and how cells of a column are ranked.
//!
//! Leaves alone: which feed fills a column (`contracts`) and whose word wins (`authority`).

mod laws;
mod platform;

use std::collections::HashMap;

use super::page::{Customs, Page, nearest};
use super::standard::keys;
use super::yaml::{Node, Spot};
use crate::dossier::{Column, Dossier, Leaf, LeafIndex, LeafType, Shape, TokenClass};

const ROOT_CUSTOMS: [&str; 7] = [
    "profile",
    "kind",
    "observationTable",
    "classes",
    "identifierSex",
    "identifierBirth",
    "lifeLaws",
];
const COLUMN_CUSTOMS: [&str; 9] = [
    "level",
    "platform",
    "elementKey",
    "valueOrder",
    "rankBy",
    "endedBy",
    "contested",
    "internal",
    "statistics",
];
const LEVELS: [&str; 4] = ["L1", "L2", "L3", "L4"];

/// The dossier of one file, as far as it can be read; every mistake is noted on `page`.
pub(super) fn compile(page: &mut Page<'_>, text: &str) -> Option<Dossier> {
    let tree = page.document(text)?;
    let customs = page.customs(&tree, &ROOT_CUSTOMS);
    page.profile(&tree, &customs);
    let table = page.only_schema(&tree)?;
    page.known_keys(table, keys::SCHEMA);
    let mut draft = Draft::default();
    let properties = page.need(table, "properties")?;
    for property in page.items(properties, "properties") {
        draft.column(page, property);
    }
    draft.resolve(page);
    draft.platform.complete(page, properties);
    Some(Dossier {
        name: page
            .custom_text(&tree, &customs, "kind")
            .unwrap_or_default(),
        title_zh: page
            .optional_text(table, "businessName")
            .unwrap_or_default()
            .to_owned(),
        version: page.text(&tree, "version").unwrap_or_default().to_owned(),
        table: page
            .text(table, "physicalName")
            .unwrap_or_default()
            .to_owned(),
        observation_table: page
            .custom_text(&tree, &customs, "observationTable")
            .unwrap_or_default(),
        classes: classes(page, &tree, &customs),
        identifier_sex: draft.named(page, customs.get("identifierSex")),
        identifier_birth: draft.named(page, customs.get("identifierBirth")),
        laws: laws::read(page, customs.get("lifeLaws"), &draft),
        columns: draft.columns,
        leaves: draft.leaves,
        by_name: draft.by_name,
    })
}

fn classes(page: &mut Page<'_>, tree: &Node, customs: &Customs<'_>) -> Vec<TokenClass> {
    let Some(listed) = customs.get("classes") else {
        page.note(
            "CT002",
            tree.spot,
            "the custom property 'classes' is missing",
            "list the identifier classes, strongest first",
        );
        return Vec::new();
    };
    let items = page.items(listed, "classes");
    let mut classes = Vec::new();
    for item in items {
        page.known_keys(item, &["name", "weak"]);
        let weak = page.flag(item.get("weak"), "weak");
        let name = page.text(item, "name").unwrap_or_default().to_owned();
        classes.push(TokenClass { name, weak });
    }
    classes
}

/// References by name that can be resolved only after all columns are known.
struct Later {
    column: usize,
    rank_by: Option<(String, Spot)>,
    ended_by: Option<(String, Spot)>,
}

#[derive(Default)]
struct Draft {
    columns: Vec<Column>,
    leaves: Vec<Leaf>,
    by_name: HashMap<String, LeafIndex>,
    later: Vec<Later>,
    platform: platform::Filled,
}

impl Draft {
    fn column(&mut self, page: &mut Page<'_>, property: &Node) {
        page.known_keys(property, keys::PROPERTY);
        let customs = page.customs(property, &COLUMN_CUSTOMS);
        let name = page.text(property, "name").unwrap_or_default().to_owned();
        if self.columns.iter().any(|column| column.name == name) {
            let sentence = format!("the column '{name}' stands in the dossier twice");
            page.note("CT080", property.spot, sentence, "keep one of the two");
        }
        let place = self.columns.len();
        let shape = self.shape(page, property, &customs, place, &name);
        let internal = page.flag(customs.get("internal"), "internal");
        let value_order = customs
            .get("valueOrder")
            .map(|node| page.texts(node, "valueOrder"));
        let value_order = value_order.unwrap_or_default();
        let scalar = matches!(shape, Shape::Scalar(_));
        let contested = match customs.get("contested") {
            Some(node) => page.flag(Some(node), "contested"),
            None => scalar && value_order.is_empty() && !internal,
        };
        self.later.push(Later {
            column: place,
            rank_by: reference(page, &customs, "rankBy"),
            ended_by: reference(page, &customs, "endedBy"),
        });
        self.columns.push(Column {
            name,
            title_zh: page
                .optional_text(property, "businessName")
                .unwrap_or_default()
                .to_owned(),
            description: page
                .optional_text(property, "description")
                .unwrap_or_default()
                .to_owned(),
            level: level(page, property, &customs),
            shape,
            internal,
            value_order,
            rank_by: None,
            ended_by: None,
            contested,
            statistics: page.flag(customs.get("statistics"), "statistics"),
        });
    }

    fn shape(
        &mut self,
        page: &mut Page<'_>,
        property: &Node,
        customs: &Customs<'_>,
        column: usize,
        name: &str,
    ) -> Shape {
        if let Some(node) = customs.get("platform") {
            return Shape::Platform(self.platform.column(page, node));
        }
        let kind = page.text(property, "logicalType").unwrap_or_default();
        match kind {
            "object" => {
                let parts = page.need(property, "properties");
                Shape::Struct(self.parts(page, parts, column, name, false))
            }
            "array" => {
                let items = page.need(property, "items");
                let parts = items.and_then(|items| page.need(items, "properties"));
                let parts = self.parts(page, parts, column, name, true);
                Shape::List {
                    parts,
                    key: self.element_key(page, property, customs, name),
                }
            }
            _ => Shape::Scalar(self.leaf(page, property, column, None, name)),
        }
    }

    fn parts(
        &mut self,
        page: &mut Page<'_>,
        listed: Option<&Node>,
        column: usize,
        name: &str,
        in_list: bool,
    ) -> Vec<LeafIndex> {
        let items = listed
            .map(|listed| page.items(listed, "properties"))
            .unwrap_or_default();
        let (mut parts, mut names) = (Vec::new(), Vec::new());
        for item in items {
            page.known_keys(item, keys::PROPERTY);
            let customs = page.customs(item, &["platform"]);
            let part = page.text(item, "name").unwrap_or_default();
            if names.contains(&part) {
                let sentence = format!("the part '{part}' stands in '{name}' twice");
                page.note("CT080", item.spot, sentence, "keep one of the two");
            }
            names.push(part);
            if !platform::is_part(page, item, &customs, part, in_list) {
                let full = format!("{name}.{part}");
                parts.push(self.leaf(page, item, column, Some(part.to_owned()), &full));
            }
        }
        parts
    }

    fn leaf(
        &mut self,
        page: &mut Page<'_>,
        property: &Node,
        column: usize,
        part: Option<String>,
        full: &str,
    ) -> LeafIndex {
        let leaf_type = match page.text(property, "logicalType") {
            Some("string") | None => LeafType::Text,
            Some("date") => LeafType::Date,
            Some("integer") => LeafType::Integer,
            Some(other) => {
                let sentence = format!("a dossier has no columns of type '{other}'");
                page.note(
                    "CT081",
                    property.spot,
                    sentence,
                    "use string, date, integer, object or array",
                );
                LeafType::Text
            }
        };
        let index = LeafIndex::try_from(self.leaves.len()).unwrap_or(LeafIndex::MAX);
        self.leaves.push(Leaf {
            column,
            part,
            leaf_type,
        });
        self.by_name.insert(full.to_owned(), index);
        index
    }

    fn element_key(
        &self,
        page: &mut Page<'_>,
        property: &Node,
        customs: &Customs<'_>,
        name: &str,
    ) -> Vec<LeafIndex> {
        let Some(node) = customs.get("elementKey") else {
            let help = "add elementKey with the parts that tell two elements apart";
            page.note(
                "CT083",
                property.spot,
                format!("the list '{name}' has no elementKey"),
                help,
            );
            return Vec::new();
        };
        let mut key = Vec::new();
        let named = page.texts(node, "elementKey");
        if named.is_empty() {
            let sentence = format!("the elementKey of '{name}' is empty");
            let help = "name the parts that tell two elements apart";
            page.note("CT083", node.spot, sentence, help);
        }
        for part in named {
            match self.by_name.get(&format!("{name}.{part}")) {
                Some(leaf) => key.push(*leaf),
                None => {
                    let sentence = format!("the list '{name}' has no part '{part}'");
                    page.note("CT083", node.spot, sentence, "name parts of this list");
                }
            }
        }
        key
    }

    /// Columns named by other columns.
    fn resolve(&mut self, page: &mut Page<'_>) {
        for Later {
            column,
            rank_by,
            ended_by,
        } in std::mem::take(&mut self.later)
        {
            let rank_by = rank_by.and_then(|(name, spot)| self.leaf_named(page, &name, spot));
            let ended_by = ended_by.and_then(|(name, spot)| self.leaf_named(page, &name, spot));
            if let Some(column) = self.columns.get_mut(column) {
                (column.rank_by, column.ended_by) = (rank_by, ended_by);
            }
        }
    }

    fn named(&self, page: &mut Page<'_>, node: Option<&Node>) -> Option<LeafIndex> {
        let node = node?;
        let name = page.scalar(node, "column")?;
        self.leaf_named(page, name, node.spot)
    }

    fn leaf_named(&self, page: &mut Page<'_>, name: &str, spot: Spot) -> Option<LeafIndex> {
        let leaf = self.by_name.get(name).copied();
        if leaf.is_none() {
            let help = nearest(name, self.by_name.keys().map(String::as_str));
            page.note(
                "CT083",
                spot,
                format!("the dossier has no scalar column '{name}'"),
                help,
            );
        }
        leaf
    }
}

fn reference(page: &mut Page<'_>, customs: &Customs<'_>, name: &str) -> Option<(String, Spot)> {
    let node = customs.get(name)?;
    Some((page.scalar(node, name)?.to_owned(), node.spot))
}

fn level(page: &mut Page<'_>, property: &Node, customs: &Customs<'_>) -> String {
    let level = customs
        .get("level")
        .and_then(Node::scalar)
        .unwrap_or_default();
    if !LEVELS.contains(&level) {
        let sentence = "the column has no level L1 to L4";
        page.note(
            "CT082",
            property.spot,
            sentence,
            "add the custom property 'level'",
        );
    }
    level.to_owned()
}
