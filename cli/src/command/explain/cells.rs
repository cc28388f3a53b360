//! One explanation per cell, by the projection's own ranking: nothing here decides anew.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use yidang_feedback::event::rfc3339;
use yidang_feedback::issue::{IssueState, Status};
use yidang_ingest::engine::Engine;
use yidang_schemas::contract::Contract;
use yidang_schemas::dossier::{Column, Dossier, LeafIndex, Shape};
use yidang_schemas::messages::{self, Language};
use yidang_transform::calendar;
use yidang_transform::cell::Value;
use yidang_transform::project::rank::{Reason, winner};
use yidang_transform::project::{Candidate, Member, Projector, View, column_leaves};
use yidang_transform::record::Version;

use super::words::{self, Lost};

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SourceTold {
    pub agency: String,
    pub feed: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub row: u32,
    pub business_time: String,
    pub contract_version: String,
}

impl SourceTold {
    pub fn coordinates(&self) -> String {
        format!(
            "{}/{}/{}/{}",
            self.topic, self.partition, self.offset, self.row
        )
    }
}

/// A value that did not win.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LoserTold {
    pub value: Json,
    #[serde(flatten)]
    pub source: SourceTold,
    pub rule: &'static str,
    pub why: String,
}

/// An open issue on a cell.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct IssueTold {
    pub issue_id: String,
    pub feed: String,
    pub rule_id: String,
    pub code: String,
    pub title: String,
}

/// What won a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct WinnerTold {
    pub value: Json,
    pub source: SourceTold,
    /// Sources of the parts that other messages stated.
    pub parts: Vec<(String, SourceTold)>,
    pub rule: &'static str,
    pub why: String,
    pub flags: Vec<String>,
}

/// One cell, or one element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CellTold {
    pub column: String,
    pub title_zh: String,
    /// The key of the element, in list columns.
    pub element: Option<Json>,
    pub winner: Option<WinnerTold>,
    pub losers: Vec<LoserTold>,
    pub issues: Vec<IssueTold>,
}

/// Explains the cells of one subject.
pub struct Explainer<'a> {
    engine: &'a Engine,
    pub projector: &'a Projector,
    views: Vec<View<'a>>,
    pub language: Language,
}

impl<'a> Explainer<'a> {
    pub fn new(engine: &'a Engine, member: &'a Member<'_>, language: Language) -> Self {
        let projector = engine
            .projector(member.subject.kind)
            .expect("the kind is one of the catalog");
        Self {
            engine,
            projector,
            views: projector.views(member),
            language,
        }
    }

    pub fn rules_version(&self) -> i32 {
        self.projector.catalog().authority.rules_version
    }

    /// Live records of the subject.
    pub fn records(&self) -> usize {
        self.views.len()
    }

    fn dossier(&self) -> &'a Dossier {
        self.projector.dossier()
    }

    /// All cells that sources fill, or those of one column.
    pub fn cells(&self, only: Option<usize>) -> Vec<CellTold> {
        let columns = self.dossier().columns.iter().enumerate();
        let chosen = columns
            .filter(|(place, column)| only.is_none_or(|only| only == *place) && !column.internal);
        chosen
            .flat_map(|(place, column)| self.column(place, column))
            .collect()
    }

    fn column(&self, place: usize, column: &Column) -> Vec<CellTold> {
        let candidates = self.projector.candidates(place, &self.views);
        match &column.shape {
            Shape::Platform(_) => Vec::new(),
            Shape::Scalar(_) | Shape::Struct(_) => {
                let all: Vec<usize> = (0..self.views.len()).collect();
                vec![self.cell(column, None, &candidates, &all)]
            }
            Shape::List { key, .. } => self.elements(column, key, candidates),
        }
    }

    fn elements(
        &self,
        column: &Column,
        key: &[LeafIndex],
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<CellTold> {
        let mut elements: BTreeMap<Vec<Value<'a>>, Vec<Candidate<'a>>> = BTreeMap::new();
        for candidate in candidates {
            let Some(view) = self.views.get(candidate.record) else {
                continue;
            };
            let element: Vec<Value<'a>> = key.iter().map(|leaf| view.value(*leaf)).collect();
            if element.iter().any(|value| !value.is_null()) {
                elements.entry(element).or_default().push(candidate);
            }
        }
        if elements.is_empty() {
            return vec![self.cell(column, None, &[], &[])];
        }
        let told = |(element, rivals): (Vec<Value<'a>>, Vec<Candidate<'a>>)| {
            let names = key.iter().map(|leaf| self.part_name(*leaf));
            let element = names
                .zip(&element)
                .map(|(name, value)| (name, json_of(*value)));
            let records: Vec<usize> = rivals.iter().map(|rival| rival.record).collect();
            self.cell(
                column,
                Some(Json::Object(element.collect())),
                &rivals,
                &records,
            )
        };
        elements.into_iter().map(told).collect()
    }

    /// `records`: views whose endings and issues concern this cell.
    fn cell(
        &self,
        column: &Column,
        element: Option<Json>,
        candidates: &[Candidate<'a>],
        records: &[usize],
    ) -> CellTold {
        let won = winner(candidates);
        let mut losers = Vec::new();
        if let Some((best, _)) = won {
            let mut others: Vec<&Candidate<'a>> = candidates
                .iter()
                .filter(|other| !std::ptr::eq(*other, best))
                .collect();
            others.sort_by(|left, right| right.ranking.compare(&left.ranking).0);
            losers.extend(
                others
                    .into_iter()
                    .filter_map(|other| self.loser(column, best, other)),
            );
        }
        losers.extend(self.ended(column, candidates, records));
        CellTold {
            column: column.name.clone(),
            title_zh: column.title_zh.clone(),
            element,
            winner: won.and_then(|(best, reason)| self.winner(column, best, reason)),
            losers,
            issues: self.issues(column, records),
        }
    }

    fn winner(&self, column: &Column, best: &Candidate<'a>, reason: Reason) -> Option<WinnerTold> {
        let view = self.views.get(best.record)?;
        let leaves = column_leaves(column);
        let stated = leaves
            .iter()
            .filter_map(|leaf| Some((*leaf, view.version(*leaf)?)));
        let elsewhere = stated.filter(|(_, version)| version.origin != best.version.origin);
        Some(WinnerTold {
            value: self.value(column, view),
            source: self.source(best.version),
            parts: elsewhere
                .map(|(leaf, version)| (self.part_name(leaf), self.source(version)))
                .collect(),
            rule: reason.name(),
            why: words::won(
                self.language,
                reason,
                &self.rank_by(column),
                best.ranking.authority,
            ),
            flags: self
                .projector
                .flags(view, leaves)
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    fn loser(
        &self,
        column: &Column,
        best: &Candidate<'a>,
        other: &Candidate<'a>,
    ) -> Option<LoserTold> {
        let (_, reason) = best.ranking.compare(&other.ranking);
        let view = self.views.get(other.record)?;
        let value = self.value(column, view);
        let same = self
            .views
            .get(best.record)
            .is_some_and(|best| self.value(column, best) == value);
        let lost = Lost {
            reason,
            rank_by: self.rank_by(column),
            authority: other.ranking.authority,
            best_authority: best.ranking.authority,
            same,
        };
        let why = words::lost(self.language, &lost);
        Some(LoserTold {
            value,
            source: self.source(other.version),
            rule: reason.name(),
            why,
        })
    }

    /// Values of records that say themselves that they are over.
    fn ended(
        &self,
        column: &Column,
        candidates: &[Candidate<'a>],
        records: &[usize],
    ) -> Vec<LoserTold> {
        if column.ended_by.is_none() {
            return Vec::new();
        }
        let silent = records.iter().filter(|record| {
            candidates
                .iter()
                .all(|candidate| candidate.record != **record)
        });
        let ended = silent.filter_map(|record| {
            let view = self.views.get(*record)?;
            let version = column_leaves(column)
                .iter()
                .find_map(|leaf| view.version(*leaf))?;
            let why = words::ended(self.language);
            Some(LoserTold {
                value: self.value(column, view),
                source: self.source(version),
                rule: "ended",
                why,
            })
        });
        ended.collect()
    }

    fn rank_by(&self, column: &Column) -> String {
        column
            .rank_by
            .map(|leaf| self.dossier().leaf_name(leaf))
            .unwrap_or_default()
    }

    fn part_name(&self, leaf: LeafIndex) -> String {
        let part = self
            .dossier()
            .leaves
            .get(usize::from(leaf))
            .and_then(|leaf| leaf.part.clone());
        part.unwrap_or_else(|| self.dossier().leaf_name(leaf))
    }

    fn value(&self, column: &Column, view: &View<'a>) -> Json {
        if let Shape::Scalar(leaf) = &column.shape {
            return json_of(view.value(*leaf));
        }
        let parts = column_leaves(column)
            .iter()
            .map(|leaf| (self.part_name(*leaf), view.value(*leaf)));
        let stated = parts.filter(|(_, value)| !value.is_null());
        Json::Object(
            stated
                .map(|(name, value)| (name, json_of(value)))
                .collect::<Map<String, Json>>(),
        )
    }

    fn source(&self, version: &Version) -> SourceTold {
        let contract = self.contract(version.origin.feed);
        let text = |part: fn(&Contract) -> &str| contract.map_or("", part).to_owned();
        SourceTold {
            agency: text(|contract| &contract.agency),
            feed: text(|contract| &contract.id),
            topic: text(|contract| &contract.topic),
            partition: version.origin.partition,
            offset: version.origin.offset,
            row: version.origin.row,
            business_time: rfc3339(version.order.business_time_ms()),
            contract_version: version.contract_version.to_string(),
        }
    }

    fn contract(&self, feed: u16) -> Option<&'a Contract> {
        self.projector.catalog().feed(feed)
    }

    /// Open issues of these records whose field fills a leaf of the column.
    fn issues(&self, column: &Column, records: &[usize]) -> Vec<IssueTold> {
        let leaves = column_leaves(column);
        let views = records.iter().filter_map(|record| self.views.get(*record));
        let found =
            views
                .flat_map(|view| self.open_issues(view))
                .filter_map(|(contract, issue)| {
                    let field = contract
                        .rules
                        .get(contract.rule_index(&issue.rule)?)?
                        .field?;
                    let mut mappings = contract
                        .mappings
                        .iter()
                        .filter(|mapping| mapping.field == field);
                    let concerns = mappings.any(|mapping| {
                        mapping.target.kind == self.projector.kind
                            && leaves.contains(&mapping.target.leaf)
                    });
                    concerns.then(|| self.issue(contract, issue))
                });
        found.collect()
    }

    /// Open issues of the subject's records as wholes: no field is at fault.
    pub fn whole_record_issues(&self) -> Vec<IssueTold> {
        let open = self.views.iter().flat_map(|view| self.open_issues(view));
        open.filter(|(_, issue)| issue.field.is_empty())
            .map(|(contract, issue)| self.issue(contract, issue))
            .collect()
    }

    fn open_issues(&self, view: &View<'a>) -> Vec<(&'a Contract, &'a IssueState)> {
        let Some(contract) = self.contract(view.id.feed) else {
            return Vec::new();
        };
        let issues = self.engine.issues();
        let all = issues
            .issues_of(&view.id)
            .iter()
            .filter_map(|id| issues.issue(id));
        all.filter(|issue| issue.status == Status::Open)
            .map(|issue| (contract, issue))
            .collect()
    }

    fn issue(&self, contract: &Contract, issue: &IssueState) -> IssueTold {
        let field = contract
            .fields
            .iter()
            .find(|field| *field.name == *issue.field);
        let title = messages::title(contract, field, &issue.code);
        IssueTold {
            issue_id: issue.id.to_string(),
            feed: issue.feed.to_string(),
            rule_id: issue.rule.to_string(),
            code: issue.code.to_string(),
            title: match self.language {
                Language::Chinese => title.zh,
                Language::English => title.en,
            },
        }
    }
}

fn json_of(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => json!(text),
        Value::Date(days) => json!(calendar::date_of(days).to_string()),
        Value::Integer(number) => json!(number),
    }
}
