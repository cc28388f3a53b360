//! The catalog: every contract, dossier, code list and authority rule, read from data files and compiled.
//!
//! Nothing here knows a particular agency, feed or dossier. All mistakes of all files are collected and returned
//! together. Leaves alone: values; what a contract does to a record is the business of `transform`.

mod bundle;
mod codes;
mod contracts;
mod divisions;
mod dossiers;
mod matrix;
mod page;
mod predicates;
mod problem;
mod registry;
mod rules;
mod standard;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use bundle::Bundle;
pub use problem::{Problem, ProblemCode};
pub use registry::is_topic_part;
pub use yaml::Spot;

use crate::agency::Agency;
use crate::authority::Authority;
use crate::codes::CodeMap;
use crate::contract::Contract;
use crate::division::Divisions;
use crate::dossier::{Dossier, KindIndex};

/// Problems that change no verdict. A bundle that a lake already judges by is not refused for them, or a younger program
/// could not open an older lake.
const ASKED_OF_WRITERS: [&str; 2] = ["CT047", "CT048"];

/// Everything that the data files say, compiled and checked as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    /// Sorted by slug.
    pub agencies: Vec<Agency>,
    /// Sorted by id; the place is the feed index of `origin::Origin`.
    pub feeds: Vec<Contract>,
    /// Sorted by name; the place is the `KindIndex`.
    pub dossiers: Vec<Dossier>,
    pub authority: Authority,
    /// Provinces, cities, counties and the townships of the home city; empty where the folder has none.
    pub divisions: Arc<Divisions>,
    /// The code lists by `name@version`.
    pub code_lists: BTreeMap<String, CodeMap>,
    /// The files themselves, as they are kept in the lake beside the epochs they judged.
    pub bundle: Bundle,
}

impl Catalog {
    /// The catalog that the binary carries.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        Self::checked(&Bundle::embedded()?)
    }

    /// The catalog of a schemas folder. What is wrong with a file as a file hides nothing of the others.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        let (bundle, problems) = Bundle::collect(folder);
        Self::compile(&bundle, problems, &[])
    }

    /// The catalog of files that are being written, as [`Catalog::load`] reads them from a folder.
    pub fn checked(bundle: &Bundle) -> Result<Self, Vec<Problem>> {
        Self::compile(bundle, bundle.damage(), &[])
    }

    /// The catalog of `base` with one contract more, or another one in the place of its own, and the id of that
    /// contract. Problems name `file` where they are those of the contract.
    pub fn with_contract(
        base: &Bundle,
        file: &str,
        text: &str,
    ) -> Result<(Self, String), Vec<Problem>> {
        let id = contracts::id_of(text).unwrap_or_else(|| "unnamed.unnamed".to_owned());
        let place = format!("contracts/{}.odcs.yaml", id.replace('.', "/"));
        let mut files = base.files.clone();
        files.insert(place.clone(), text.to_owned());
        let catalog = Bundle::of_files(files).and_then(|bundle| Self::checked(&bundle));
        catalog
            .map(|catalog| (catalog, id))
            .map_err(|mut problems| {
                let own = problems.iter_mut().filter(|problem| problem.file == place);
                own.for_each(|problem| file.clone_into(&mut problem.file));
                problems
            })
    }

    /// The catalog of a bundle that was in use already, for example one that an epoch in a lake names. All problems of
    /// all files, in the order of files and lines; what is only asked of files that are being written is let pass.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, Vec<Problem>> {
        Self::compile(bundle, bundle.damage(), &ASKED_OF_WRITERS)
    }

    fn compile(
        bundle: &Bundle,
        mut problems: Vec<Problem>,
        let_pass: &[&str],
    ) -> Result<Self, Vec<Problem>> {
        let mut reading = Reading {
            bundle,
            problems: &mut problems,
        };
        let agencies = reading.agencies();
        let lists = reading.lists();
        let divisions = reading.divisions();
        let dossiers = reading.dossiers();
        let context = contracts::Context {
            agencies: &agencies,
            dossiers: &dossiers,
            lists: &lists,
        };
        let placed = reading.contracts(&context);
        let authority = reading.authority(&dossiers, &placed);
        problems.retain(|problem| !let_pass.contains(&problem.code.0));
        if problems.is_empty() {
            let feeds = placed
                .into_iter()
                .map(|(_, placed)| placed.contract)
                .collect();
            return Ok(Self {
                agencies,
                feeds,
                dossiers,
                authority,
                divisions: Arc::new(divisions),
                code_lists: lists,
                bundle: bundle.clone(),
            });
        }
        problems.sort_by(|one, other| {
            let place = |problem: &Problem| (problem.spot.line, problem.spot.column, problem.code);
            one.file
                .cmp(&other.file)
                .then(place(one).cmp(&place(other)))
        });
        problems.dedup();
        Err(problems)
    }

    /// All problems of a schemas folder; none: the folder can be used.
    pub fn lint(folder: &Path) -> Vec<Problem> {
        Self::load(folder).err().unwrap_or_default()
    }

    /// The feed that a topic carries.
    pub fn feed_of_topic(&self, topic: &str) -> Option<u16> {
        feed_index(self.feeds.iter().position(|feed| feed.topic == topic)?)
    }

    /// The feed with this id, `<agency>.<feed>`.
    pub fn feed_of_id(&self, id: &str) -> Option<u16> {
        feed_index(
            self.feeds
                .binary_search_by(|feed| feed.id.as_str().cmp(id))
                .ok()?,
        )
    }

    /// The contract of a feed index.
    pub fn feed(&self, index: u16) -> Option<&Contract> {
        self.feeds.get(usize::from(index))
    }

    /// The kind with this name, `person`.
    pub fn kind_of_name(&self, name: &str) -> Option<KindIndex> {
        let place = self
            .dossiers
            .binary_search_by(|dossier| dossier.name.as_str().cmp(name))
            .ok()?;
        KindIndex::try_from(place).ok()
    }

    /// The dossier of a kind.
    pub fn dossier(&self, kind: KindIndex) -> Option<&Dossier> {
        self.dossiers.get(usize::from(kind))
    }

    pub fn agency(&self, slug: &str) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.slug == slug)
    }

    /// Agencies that have at least one feed, sorted by slug.
    pub fn sending_agencies(&self) -> impl Iterator<Item = &Agency> {
        let sends = |agency: &&Agency| self.feeds.iter().any(|feed| feed.agency == agency.slug);
        self.agencies.iter().filter(sends)
    }

    /// Rank of each feed (by feed index) for a column of a kind, 0 for the lead.
    pub fn ranks(&self, kind: &str, column: &str) -> Vec<u8> {
        self.feeds
            .iter()
            .map(|feed| self.authority.rank(kind, column, &feed.id))
            .collect()
    }
}

fn feed_index(place: usize) -> Option<u16> {
    u16::try_from(place).ok()
}

/// A bundle being read, and everything found wrong with it.
struct Reading<'r, 'p> {
    bundle: &'r Bundle,
    problems: &'p mut Vec<Problem>,
}

impl<'r> Reading<'r, '_> {
    /// A file that every folder needs, as a page to read.
    fn needed(&mut self, file: &'static str) -> Option<(page::Page<'r>, &'r str)> {
        let text = self.bundle.files.get(file);
        if text.is_none() {
            let sentence = format!("the schemas folder has no {file}");
            self.problems
                .push(Problem::of_file("CT006", file, sentence, "add the file"));
        }
        text.map(|text| (page::Page::new(file, text), text.as_str()))
    }

    fn folder(&self, folder: &'static str, ending: &'static str) -> Vec<(&'r str, &'r str)> {
        let files = self.bundle.files.iter();
        let inside = files.filter(|(file, _)| file.starts_with(folder) && file.ends_with(ending));
        inside
            .map(|(file, text)| (file.as_str(), text.as_str()))
            .collect()
    }

    fn agencies(&mut self) -> Vec<Agency> {
        let Some((mut page, text)) = self.needed("agencies.yaml") else {
            return Vec::new();
        };
        let agencies = registry::agencies(&mut page, text);
        self.problems.append(&mut page.problems);
        agencies
    }

    fn lists(&mut self) -> codes::CodeLists {
        let mut lists = codes::CodeLists::new();
        for (file, text) in self.folder("codes/", ".csv") {
            if let Some(list) = codes::read(file, text, self.problems) {
                lists.insert(list.name.clone(), list);
            }
        }
        lists
    }

    fn divisions(&mut self) -> Divisions {
        let files = self.folder("divisions/", ".csv");
        divisions::read(&files, self.problems)
    }

    fn dossiers(&mut self) -> Vec<Dossier> {
        let mut dossiers: Vec<Dossier> = Vec::new();
        for (file, text) in self.folder("dossiers/", ".odcs.yaml") {
            let mut page = page::Page::new(file, text);
            if let Some(dossier) = dossiers::compile(&mut page, text) {
                if dossiers.iter().any(|other| other.name == dossier.name) {
                    let sentence = format!("two files describe the kind '{}'", dossier.name);
                    let problem = Problem::of_file("CT085", file, sentence, "keep one of the two");
                    page.problems.push(problem);
                }
                dossiers.push(dossier);
            }
            self.problems.append(&mut page.problems);
        }
        dossiers.sort_by(|one, other| one.name.cmp(&other.name));
        dossiers
    }

    /// The contracts sorted by id, each with its file.
    fn contracts(&mut self, context: &contracts::Context<'_>) -> Vec<(&'r str, contracts::Placed)> {
        let mut all = Vec::new();
        for (file, text) in self.folder("contracts/", ".odcs.yaml") {
            let mut page = page::Page::new(file, text);
            let placed = contracts::compile(&mut page, text, context);
            if let Some(placed) = placed {
                contracts::collide(&mut page, &placed, &all);
                all.push((file, placed));
            }
            self.problems.append(&mut page.problems);
        }
        all.sort_by(|(_, one), (_, other)| one.contract.id.cmp(&other.contract.id));
        all
    }

    fn authority(
        &mut self,
        dossiers: &[Dossier],
        placed: &[(&'r str, contracts::Placed)],
    ) -> Authority {
        let Some((mut page, text)) = self.needed("authority.yaml") else {
            return Authority::default();
        };
        let feeds: Vec<&str> = placed
            .iter()
            .map(|(_, one)| one.contract.id.as_str())
            .collect();
        let authority = matrix::compile(&mut page, text, dossiers, &feeds);
        self.problems.append(&mut page.problems);
        for (file, one) in placed {
            let Some(text) = self.bundle.files.get(*file) else {
                continue;
            };
            let mut page = page::Page::new(file, text);
            matrix::check_claims(&mut page, &one.contract.id, &one.claims, &authority);
            self.problems.append(&mut page.problems);
        }
        authority
    }
}
