//! Dossiers are a promise to readers: a column that goes or changes its type breaks what they built on it.

use std::collections::BTreeMap;

use super::{Change, Kind};
use crate::catalog::Catalog;
use crate::dossier::{Column, Dossier, LeafIndex};
use crate::messages::Sentence;

pub(super) fn changes(old: &Catalog, new: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for before in &old.dossiers {
        let mut scope = Scope {
            name: &before.name,
            changes: &mut changes,
        };
        match new.dossiers.iter().find(|after| after.name == before.name) {
            Some(after) => one(before, after, &mut scope),
            None => scope.tell(Kind::Breaking, "", "档案被删除", "the dossier is gone"),
        }
    }
    changes.extend(authority(old, new));
    changes
}

struct Scope<'s> {
    name: &'s str,
    changes: &'s mut Vec<Change>,
}

impl Scope<'_> {
    fn tell(&mut self, kind: Kind, place: &str, zh: &str, en: &str) {
        self.changes.push(Change {
            kind,
            subject: format!("dossier:{}", self.name),
            place: place.to_owned(),
            sentence: Sentence {
                zh: zh.to_owned(),
                en: en.to_owned(),
            },
        });
    }
}

fn one(old: &Dossier, new: &Dossier, scope: &mut Scope<'_>) {
    let (before, after) = (sorted(old), sorted(new));
    for (name, leaf) in &before {
        let place = format!("columns/{name}");
        let type_of = |dossier: &Dossier, leaf: u16| {
            dossier
                .leaves
                .get(usize::from(leaf))
                .map(|leaf| leaf.leaf_type)
        };
        match after.get(name) {
            None => scope.tell(Kind::Breaking, &place, "列被删除", "the column is gone"),
            Some(other) if type_of(old, *leaf) != type_of(new, *other) => {
                scope.tell(
                    Kind::Breaking,
                    &place,
                    "列的类型已改",
                    "the column is of another type",
                );
            }
            Some(_) => {}
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        scope.tell(
            Kind::Neutral,
            &format!("columns/{name}"),
            "新增列",
            "the column is new",
        );
    }
    if old.laws != new.laws {
        let en = "laws of the life are others: conflicts of rows are found anew";
        scope.tell(
            Kind::Neutral,
            "lifeLaws",
            "生命规律已改，各行的矛盾将重新判断",
            en,
        );
    }
    for before in &old.columns {
        let after = new.columns.iter().find(|after| after.name == before.name);
        if after.is_some_and(|after| choice(old, before) != choice(new, after)) {
            let en = "the column chooses among values in another way: rows are made anew";
            scope.tell(
                Kind::Neutral,
                &format!("columns/{}", before.name),
                "取值方式已改，各行将重新生成",
                en,
            );
        }
    }
}

fn sorted(dossier: &Dossier) -> BTreeMap<&str, LeafIndex> {
    let leaves = dossier.by_name.iter();
    leaves.map(|(name, leaf)| (name.as_str(), *leaf)).collect()
}

/// How a column chooses among the values of several records.
fn choice(
    dossier: &Dossier,
    column: &Column,
) -> (Vec<String>, Option<String>, Option<String>, bool) {
    let name = |leaf: Option<u16>| leaf.map(|leaf| dossier.leaf_name(leaf));
    (
        column.value_order.clone(),
        name(column.rank_by),
        name(column.ended_by),
        column.contested,
    )
}

/// Whose word wins is the data authority's decision.
fn authority(old: &Catalog, new: &Catalog) -> Vec<Change> {
    let columns = old
        .authority
        .columns
        .keys()
        .chain(new.authority.columns.keys());
    let mut changed: Vec<&String> = columns
        .filter(|column| old.authority.columns.get(*column) != new.authority.columns.get(*column))
        .collect();
    changed.sort();
    changed.dedup();
    let told = |column: &String| Change {
        kind: Kind::Neutral,
        subject: "authority".to_owned(),
        place: column.clone(),
        sentence: Sentence {
            zh: "来源优先级已改，须经数据主管部门同意".to_owned(),
            en: "feeds are ranked in another way, which the data authority has to grant".to_owned(),
        },
    };
    changed.into_iter().map(told).collect()
}
