//! Mappings: which canonical cells a field fills and how, and which cells get a fixed value.
//!
//! Leaves alone: which transforms there are (`transforms`), and carrying the mappings out, which is
//! `transform::normalize`.

use super::Claim;
use super::fields::Read;
use super::frame::field_named;
use super::targets::there_is;
use super::transforms::{Written, fits, transform};
use crate::catalog::page::{Customs, Page, nearest};
use crate::catalog::yaml::{Node, Value};
use crate::contract::Subject;
use crate::dossier::{Column, Dossier, LeafRef, LeafType, Shape};
use crate::field::{Classification, Condition, Constant, FieldIndex, Mapping, Scope as CellScope};

/// A record fills at most so many further elements of a list.
const GROUPS_MAX: u8 = 30;

/// Everything a contract fills.
#[derive(Default)]
pub(super) struct Mapped {
    pub mappings: Vec<Mapping>,
    pub constants: Vec<Constant>,
    pub claims: Vec<Claim>,
}

/// All mappings in contract order, then the constants.
pub(super) fn read(
    page: &mut Page<'_>,
    customs: &Customs<'_>,
    fields: &[Read<'_>],
    subjects: &[Subject],
    dossiers: &[Dossier],
) -> Mapped {
    let scope = Scope {
        fields,
        subjects,
        dossiers,
    };
    let mut mapped = Mapped::default();
    for (index, read) in fields.iter().enumerate() {
        let first = mapped.mappings.len();
        scope.field(page, index, read, &mut mapped.mappings);
        let added = mapped.mappings.get(first..).unwrap_or_default();
        mapped.claims.extend(scope.claim(page, read, added));
    }
    scope.twice_filled(page, &mapped.mappings);
    let items = customs
        .get("constants")
        .map(|node| page.items(node, "constants"));
    for item in items.unwrap_or_default() {
        let constant = scope.constant(page, item, &mapped.mappings);
        mapped.constants.extend(constant);
    }
    mapped
}

struct Scope<'s, 'n> {
    fields: &'s [Read<'n>],
    subjects: &'s [Subject],
    dossiers: &'s [Dossier],
}

impl Scope<'_, '_> {
    fn field(
        &self,
        page: &mut Page<'_>,
        index: FieldIndex,
        read: &Read<'_>,
        mappings: &mut Vec<Mapping>,
    ) {
        let named = read.customs.get("transform");
        let Some(maps_to) = read.customs.get("mapsTo") else {
            if let Some(named) = named {
                page.note(
                    "CT051",
                    named.spot,
                    "a transform without mapsTo does nothing",
                    "add mapsTo",
                );
            }
            return;
        };
        if let Value::List(items) = &maps_to.value {
            if let Some(named) = named {
                let help = "write the transform into each entry of mapsTo";
                page.note(
                    "CT051",
                    named.spot,
                    "one transform cannot serve several targets",
                    help,
                );
            }
            for item in items {
                page.known_keys(
                    item,
                    &[
                        "to",
                        "transform",
                        "unit",
                        "class",
                        "area",
                        "when",
                        "subject",
                        "element",
                    ],
                );
                let Some(to) = page.need(item, "to") else {
                    continue;
                };
                let when = item.get("when").map(|when| self.conditions(page, when));
                let when = when.unwrap_or_default();
                let written = Written {
                    to,
                    item: Some(item),
                    transform: item.get("transform"),
                };
                mappings.extend(self.mapping(page, index, read, &written, when));
            }
            return;
        }
        let written = Written {
            to: maps_to,
            item: None,
            transform: named,
        };
        mappings.extend(self.mapping(page, index, read, &written, Vec::new()));
    }

    fn mapping(
        &self,
        page: &mut Page<'_>,
        index: FieldIndex,
        read: &Read<'_>,
        written: &Written<'_>,
        when: Vec<Condition>,
    ) -> Option<Mapping> {
        let (target, leaf_type) = self.target(page, written.to)?;
        let transform = transform(page, &read.field, written)?;
        fits(page, &read.field, &transform, leaf_type, written);
        self.stays_hidden(page, read, target, written.to);
        let scope = self.scope(
            page,
            read.field.in_element,
            target,
            written.item,
            written.to,
        );
        self.stated_together(page, scope, &when, written.to);
        Some(Mapping {
            field: index,
            target,
            scope,
            transform,
            when,
        })
    }

    /// Whom a cell is about: the subject that is named, that of its element, or all of its kind.
    fn scope(
        &self,
        page: &mut Page<'_>,
        in_element: bool,
        target: LeafRef,
        item: Option<&Node>,
        to: &Node,
    ) -> CellScope {
        if let Some(node) = item.and_then(|item| item.get("subject")) {
            return self.named_subject(page, target, in_element, node);
        }
        if let Some(node) = item.and_then(|item| item.get("element")) {
            return self.group(page, target, in_element, node);
        }
        let mut of_kind = self.subjects.iter().filter(|one| one.kind == target.kind);
        if in_element && !of_kind.any(|subject| subject.each) {
            let help = "add a subject of this kind with each:, or map a field of the record";
            page.note(
                "CT058",
                to.spot,
                "an element fills cells of the subject that it names, and it names none of this kind",
                help,
            );
        }
        if in_element {
            CellScope::Element
        } else {
            CellScope::Record
        }
    }

    /// One of several elements of a list that a record fills from fields of its own.
    fn group(
        &self,
        page: &mut Page<'_>,
        target: LeafRef,
        in_element: bool,
        node: &Node,
    ) -> CellScope {
        let is_list = self
            .column(target)
            .is_some_and(|column| matches!(column.shape, Shape::List { .. }));
        let number = page
            .scalar(node, "element")
            .and_then(|text| text.parse().ok());
        let number =
            number.filter(|number| (1..=GROUPS_MAX).contains(number) && is_list && !in_element);
        if number.is_none() {
            let help = "number the further elements of a list column from 1 to 30";
            page.note(
                "CT058",
                node.spot,
                "this is no further element of a list that the record's own fields fill",
                help,
            );
        }
        number.map_or(CellScope::Record, CellScope::Group)
    }

    fn named_subject(
        &self,
        page: &mut Page<'_>,
        target: LeafRef,
        in_element: bool,
        node: &Node,
    ) -> CellScope {
        let name = page.scalar(node, "subject");
        let mut subjects = self.subjects.iter();
        let place = subjects.position(|subject| subject.name.as_deref() == name);
        let fits = |place: &usize| {
            let subject = self.subjects.get(*place);
            subject.is_some_and(|one| one.kind == target.kind && !one.each && !in_element)
        };
        let slot = place
            .filter(fits)
            .and_then(|place| u8::try_from(place).ok());
        if slot.is_none() {
            let names = self.subjects.iter().filter_map(|one| one.name.as_deref());
            let help = nearest(name.unwrap_or_default(), names);
            page.note(
                "CT058",
                node.spot,
                "no subject of this kind with this name, beside those of elements",
                help,
            );
        }
        slot.map_or(CellScope::Record, CellScope::Subject)
    }

    /// A cell that all share cannot depend on what one element says.
    fn stated_together(
        &self,
        page: &mut Page<'_>,
        scope: CellScope,
        when: &[Condition],
        to: &Node,
    ) {
        let in_element = |condition: &Condition| {
            let read = self.fields.get(condition.field);
            read.is_some_and(|read| read.field.in_element)
        };
        if scope != CellScope::Element && when.iter().any(in_element) {
            let help = "name a field outside the array in the condition";
            page.note(
                "CT058",
                to.spot,
                "a condition over one element cannot decide for the record",
                help,
            );
        }
    }

    /// Least and greatest values of a column with statistics stand in the log of its table, where anybody reads them.
    fn stays_hidden(&self, page: &mut Page<'_>, read: &Read<'_>, target: LeafRef, to: &Node) {
        let shown = self.column(target).is_some_and(|column| column.statistics);
        if shown && read.field.classification >= Classification::Personal {
            let sentence = "a personal field fills a column whose bounds are written in the open";
            let help = "take 'statistics' from the column of the dossier";
            page.note("CT057", to.spot, sentence, help);
        }
    }

    /// The column that a leaf belongs to.
    fn column(&self, target: LeafRef) -> Option<&Column> {
        let dossier = self.dossiers.get(usize::from(target.kind))?;
        let leaf = dossier.leaves.get(usize::from(target.leaf))?;
        dossier.columns.get(leaf.column)
    }

    /// The leaf that `<kind>.<column>[.<part>]` names.
    fn target(&self, page: &mut Page<'_>, node: &Node) -> Option<(LeafRef, LeafType)> {
        let text = page.scalar(node, "mapsTo")?;
        let (kind, name) = text.split_once('.').unwrap_or((text, ""));
        let place = self
            .dossiers
            .iter()
            .position(|dossier| dossier.name == kind);
        let Some((place, dossier)) =
            place.and_then(|place| Some((place, self.dossiers.get(place)?)))
        else {
            let help = nearest(
                kind,
                self.dossiers.iter().map(|dossier| dossier.name.as_str()),
            );
            page.note(
                "CT050",
                node.spot,
                format!("there is no dossier '{kind}'"),
                help,
            );
            return None;
        };
        let Some(leaf) = dossier.by_name.get(name).copied() else {
            let help = there_is(kind, name, dossier);
            page.note(
                "CT050",
                node.spot,
                format!("there is no column '{kind}.{name}'"),
                help,
            );
            return None;
        };
        let kind_index = u8::try_from(place).ok()?;
        if !self
            .subjects
            .iter()
            .any(|subject| subject.kind == kind_index)
        {
            let help = format!("add a subject of kind '{kind}' to the contract");
            page.note(
                "CT042",
                node.spot,
                format!("the record speaks of no {kind}"),
                help,
            );
        }
        let leaf_type = dossier.leaves.get(usize::from(leaf))?.leaf_type;
        Some((
            LeafRef {
                kind: kind_index,
                leaf,
            },
            leaf_type,
        ))
    }

    fn conditions(&self, page: &mut Page<'_>, node: &Node) -> Vec<Condition> {
        let items = page.items(node, "when");
        items
            .iter()
            .filter_map(|item| self.condition(page, item))
            .collect()
    }

    fn condition(&self, page: &mut Page<'_>, item: &Node) -> Option<Condition> {
        page.known_keys(item, &["field", "in", "notIn"]);
        let field = page.need(item, "field")?;
        let name = page.scalar(field, "field")?;
        let field = field_named(page, field, name, self.fields)?;
        let (listed, one_of) = match (item.get("in"), item.get("notIn")) {
            (Some(listed), None) => (listed, true),
            (None, Some(listed)) => (listed, false),
            _ => {
                let help = "write in: [...] or notIn: [...]";
                page.note(
                    "CT054",
                    item.spot,
                    "a condition needs exactly one of in and notIn",
                    help,
                );
                return None;
            }
        };
        let values = condition_values(page, listed);
        Some(Condition {
            field,
            values,
            one_of,
        })
    }

    fn constant(&self, page: &mut Page<'_>, item: &Node, mappings: &[Mapping]) -> Option<Constant> {
        page.known_keys(item, &["to", "value", "when", "subject", "each", "element"]);
        let to = page.need(item, "to")?;
        let (target, leaf_type) = self.target(page, to)?;
        let value = page.text(item, "value")?.to_owned();
        if leaf_type == LeafType::Date
            || (leaf_type == LeafType::Integer && value.parse::<i64>().is_err())
        {
            let help = "give the column a text or a whole number";
            page.note(
                "CT055",
                item.spot,
                "this value does not fit the column's type",
                help,
            );
        }
        let when = item
            .get("when")
            .map(|when| self.conditions(page, when))
            .unwrap_or_default();
        let each = page.flag(item.get("each"), "each") || self.beside_elements(target, mappings);
        let scope = self.scope(page, each, target, Some(item), to);
        self.stated_together(page, scope, &when, to);
        Some(Constant {
            target,
            scope,
            value,
            when,
        })
    }

    /// Whether other parts of the same column are filled by elements, so that this one goes with them.
    fn beside_elements(&self, target: LeafRef, mappings: &[Mapping]) -> bool {
        let column = |target: LeafRef| {
            let dossier = self.dossiers.get(usize::from(target.kind));
            let leaf = dossier.and_then(|dossier| dossier.leaves.get(usize::from(target.leaf)));
            leaf.filter(|leaf| leaf.part.is_some())
                .map(|leaf| leaf.column)
        };
        let mut filled = mappings
            .iter()
            .filter(|mapping| mapping.scope == CellScope::Element);
        column(target).is_some()
            && filled.any(|mapping| {
                mapping.target.kind == target.kind && column(mapping.target) == column(target)
            })
    }

    /// Two fields that both always fill one cell leave it to chance which of them does.
    fn twice_filled(&self, page: &mut Page<'_>, mappings: &[Mapping]) {
        for (index, mapping) in mappings.iter().enumerate() {
            let earlier = mappings.get(..index).unwrap_or_default();
            let clash = earlier.iter().any(|other| {
                other.target == mapping.target
                    && other.scope == mapping.scope
                    && other.when.is_empty()
                    && mapping.when.is_empty()
            });
            if let (true, Some(read)) = (clash, self.fields.get(mapping.field)) {
                let help = "give one of the two a 'when', or drop it";
                page.note(
                    "CT056",
                    read.node.spot,
                    "another field already fills this cell",
                    help,
                );
            }
        }
    }

    fn claim(&self, page: &mut Page<'_>, read: &Read<'_>, added: &[Mapping]) -> Option<Claim> {
        let node = read.customs.get("authorityClaim")?;
        let rank = page
            .scalar(node, "authorityClaim")?
            .parse::<u8>()
            .ok()
            .filter(|rank| *rank > 0);
        let Some(rank) = rank else {
            let help = "write 1 for the lead, 2 for the next";
            page.note("CT072", node.spot, "a claim is a rank from 1 upwards", help);
            return None;
        };
        let column = |mapping: &Mapping| {
            let dossier = self.dossiers.get(usize::from(mapping.target.kind))?;
            let leaf = dossier.leaf_name(mapping.target.leaf);
            let column = leaf.split('.').next().unwrap_or_default();
            Some(format!("{}.{column}", dossier.name))
        };
        Some(Claim {
            rank,
            spot: node.spot,
            columns: added.iter().filter_map(column).collect(),
        })
    }
}

/// The texts that a condition compares with. The empty one is a value here: it stands for absent and null.
fn condition_values(page: &mut Page<'_>, listed: &Node) -> Vec<String> {
    let mut values = Vec::new();
    for item in page.items(listed, "in") {
        match item.scalar() {
            Some(text) => values.push(text.to_owned()),
            None => {
                let sentence = format!("a condition compares texts, this is {}", item.value.kind());
                let help = "put the value into double quotes; \"\" stands for absent and null";
                page.note("CT054", item.spot, sentence, help);
            }
        }
    }
    values
}
