//! What changed between two versions of the contracts, and what each change asks of whom.
//!
//! Works on compiled contracts: a reordered file or another spelling of the same rule is no change. Four kinds follow
//! the change control of the quality page: a breaking change needs a new major version and a new topic, a tightening
//! the agency's consent and a trial in `observe`, a loosening the quality team. Leaves alone: printing, and who agreed.
//!
//! A new variant of a check, a format or a mode needs no line here to be told as changed; one whose old and new value
//! have an order gets an arm in `rules::parameters`. A new member of `Contract` or `Field` stops the compiler in
//! `frame` or `fields`, where it has to be placed.

mod dossiers;
mod fields;
mod frame;
mod mappings;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt::Debug;

use crate::catalog::Catalog;
use crate::contract::Contract;
use crate::dossier::{Dossier, LeafRef};
use crate::field::FieldIndex;
use crate::messages::{Sentence, Text};

/// What a change does to the promise, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Old readers or old records would be misunderstood.
    Breaking,
    /// Records that were sound may fail now.
    Tightening,
    /// Records that failed may be sound now.
    Loosening,
    /// No verdict and no meaning changes.
    Neutral,
}

impl Kind {
    pub const ALL: [Self; 4] = [
        Self::Breaking,
        Self::Tightening,
        Self::Loosening,
        Self::Neutral,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Tightening => "tightening",
            Self::Loosening => "loosening",
            Self::Neutral => "neutral",
        }
    }

    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Breaking => ("破坏性", "breaking"),
            Self::Tightening => ("收紧", "tightening"),
            Self::Loosening => ("放宽", "loosening"),
            Self::Neutral => ("无影响", "neutral"),
        };
        Text { zh, en }
    }

    /// What has to happen before a change of this kind is merged.
    pub fn next(self) -> Text {
        let (zh, en) = match self {
            Self::Breaking => (
                "升主版本并启用新主题，新旧并行，旧版标为 deprecated 并写明日期",
                "raise the major version and take a new topic; run both side by side and mark the old one deprecated with a date",
            ),
            Self::Tightening => (
                "征得部门同意，先以 observe 试行 14 天再生效",
                "get the agency's consent and run it 14 days as observe before it counts",
            ),
            Self::Loosening => (
                "须经质量组批准",
                "ask the quality team, which has to approve every loosening",
            ),
            Self::Neutral => ("无需其他步骤", "nothing else is needed"),
        };
        Text { zh, en }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    /// Id of the feed, or `dossier:<kind>`.
    pub subject: String,
    /// Where in it, as a path: `mode`, `fields/<name>/type`, `rules/<id>/action`.
    pub place: String,
    pub sentence: Sentence,
}

/// Every change between two catalogs, by subject, the gravest first.
pub fn catalogs(old: &Catalog, new: &Catalog) -> Vec<Change> {
    let mut changes = Vec::new();
    for before in &old.feeds {
        match new.feeds.iter().find(|after| after.id == before.id) {
            Some(after) => changes.extend(feed((old, before), (new, after))),
            None => changes.push(whole(
                &before.id,
                Kind::Breaking,
                "契约被删除",
                "the contract is gone",
            )),
        }
    }
    for after in &new.feeds {
        if old.feeds.iter().all(|before| before.id != after.id) {
            changes.push(whole(
                &after.id,
                Kind::Neutral,
                "新增契约",
                "the contract is new",
            ));
        }
    }
    changes.extend(dossiers::changes(old, new));
    sorted(changes)
}

/// Every change between two versions of one contract, the gravest first. Each comes with its catalog, which names the
/// columns that it fills.
pub fn feed(old: (&Catalog, &Contract), new: (&Catalog, &Contract)) -> Vec<Change> {
    let (old, new) = (Side::new(old.0, old.1), Side::new(new.0, new.1));
    let mut found = Found {
        subject: new.contract.id.clone(),
        changes: Vec::new(),
    };
    frame::changes(&old, &new, &mut found);
    fields::changes(&old, &new, &mut found);
    mappings::changes(&old, &new, &mut found);
    rules::changes(&old, &new, &mut found);
    sorted(found.changes)
}

fn whole(subject: &str, kind: Kind, zh: &str, en: &str) -> Change {
    Change {
        kind,
        subject: subject.to_owned(),
        place: String::new(),
        sentence: Sentence {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
    }
}

/// By subject, kind and place; what stands at one place keeps its order.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|one, other| {
        let key = |change: &Change| (change.subject.clone(), change.kind, change.place.clone());
        key(one).cmp(&key(other))
    });
    changes.dedup();
    changes
}

/// A contract with what it refers to.
struct Side<'s> {
    contract: &'s Contract,
    dossiers: &'s [Dossier],
}

impl<'s> Side<'s> {
    fn new(catalog: &'s Catalog, contract: &'s Contract) -> Self {
        Self {
            contract,
            dossiers: &catalog.dossiers,
        }
    }

    /// Name of a field as sent; places differ between versions, names do not.
    fn field(&self, index: FieldIndex) -> &'s str {
        let field = self.contract.fields.get(index);
        field.map_or("", |field| field.name.as_str())
    }

    /// `<kind>.<column>[.<part>]`.
    fn leaf(&self, target: LeafRef) -> String {
        let dossier = self.dossiers.get(usize::from(target.kind));
        dossier.map_or_else(String::new, |dossier| {
            format!("{}.{}", dossier.name, dossier.leaf_name(target.leaf))
        })
    }
}

/// Changes of one feed being collected.
struct Found {
    subject: String,
    changes: Vec<Change>,
}

impl Found {
    fn tell(
        &mut self,
        kind: Kind,
        place: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.changes.push(Change {
            kind,
            subject: self.subject.clone(),
            place: place.into(),
            sentence: Sentence {
                zh: zh.into(),
                en: en.into(),
            },
        });
    }

    /// A value that stands for itself and became another.
    fn became(&mut self, kind: Kind, place: &str, (zh, en): (&str, &str), old: &str, new: &str) {
        if old != new {
            let zh = format!("{zh}由 {old} 改为 {new}");
            self.tell(kind, place, zh, format!("{en} was {old} and is {new}"));
        }
    }

    /// A change of which old and new have no order.
    fn unordered(&mut self, place: &str, zh: &str, en: &str) {
        for kind in [Kind::Tightening, Kind::Loosening] {
            let zh = format!("{zh}已改，无法比较宽严，按收紧和放宽同时处理");
            let en = format!(
                "{en} is another; a changed rule without an order is treated as tightening and loosening"
            );
            self.tell(kind, place, zh, en);
        }
    }
}

/// The name of a variant in the words of contracts, without what it holds: `Gb18030` is `gb18030`.
fn word(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let name: String = text
        .chars()
        .take_while(|letter| letter.is_alphanumeric())
        .collect();
    name.to_lowercase()
}

/// Texts in a list for a sentence; a long list says how many more there are.
fn listed<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    const SHOWN: usize = 8;
    let texts: Vec<&str> = texts.into_iter().collect();
    let shown = texts
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match texts.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} +{more}"),
    }
}
