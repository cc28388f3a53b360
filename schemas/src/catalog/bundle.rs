//! The bundle: the data files of a schemas folder as one value with a name of its own.
//!
//! A lake keeps the bundle under which each epoch was judged, so that the epoch can be judged again. Leaves alone:
//! what the files mean.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::problem::Problem;
use super::registry;

/// Files that stand at the root of a schemas folder.
const ROOT_FILES: [&str; 3] = ["agencies.yaml", "authority.yaml", "bundle.yaml"];
/// The folder that a schemas folder may do without: then no division is known.
const OPTIONAL: &str = "divisions";
/// Folders of data files and how their files end.
const FOLDERS: [(&str, &str); 4] = [
    ("codes", ".csv"),
    ("contracts", ".odcs.yaml"),
    ("divisions", ".csv"),
    ("dossiers", ".odcs.yaml"),
];

/// The data files of a schemas folder. Serialises to one JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// BLAKE3 in hexadecimal over paths and contents in path order.
    pub hash: String,
    /// Of `bundle.yaml`: raised with every change that judges records anew.
    pub generation: u32,
    /// Path inside the folder, `/` between its parts, to contents.
    pub files: BTreeMap<String, String>,
}

include!(concat!(env!("OUT_DIR"), "/embedded_schemas.rs"));

impl Bundle {
    /// The files that the binary carries.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        let files = EMBEDDED
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        Self::of_files(files.collect())
    }

    /// Every sample beside a contract that the binary carries, by its path inside the schemas folder.
    pub fn embedded_samples() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        EMBEDDED_SAMPLES.iter().copied()
    }

    /// A sample beside a contract that the binary carries, by its path inside the schemas folder.
    pub fn embedded_sample(path: &str) -> Option<&'static [u8]> {
        let found = EMBEDDED_SAMPLES.iter().find(|(file, _)| *file == path);
        found.map(|(_, bytes)| *bytes)
    }

    /// The files of a folder. Samples beside contracts are no part of it.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        sound(Self::collect(folder))
    }

    /// The bundle of these files.
    pub fn of_files(files: BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        sound(Self::build(files))
    }

    /// What a folder holds, and what is wrong with its files as files; their contents can be read all the same.
    pub(super) fn collect(folder: &Path) -> (Self, Vec<Problem>) {
        let mut files = BTreeMap::new();
        let mut problems = Vec::new();
        for file in ROOT_FILES {
            if folder.join(file).is_file() {
                read_file(folder, file, &mut files, &mut problems);
            }
        }
        for (name, ending) in FOLDERS {
            if name == OPTIONAL && !folder.join(name).exists() {
                continue;
            }
            read_folder(folder, name, ending, &mut files, &mut problems);
        }
        let (bundle, more) = Self::build(files);
        problems.extend(more);
        (bundle, problems)
    }

    /// A bundle without a sound `bundle.yaml` has generation 0.
    fn build(files: BTreeMap<String, String>) -> (Self, Vec<Problem>) {
        let file = "bundle.yaml";
        let (generation, problems) = match files.get(file) {
            Some(text) => {
                let mut page = Page::new(file, text);
                (registry::generation(&mut page, text), page.problems)
            }
            None => {
                let sentence = "the schemas folder has no bundle.yaml";
                let help = "add the file with one line, 'generation: 1'";
                (0, vec![Problem::of_file("CT006", file, sentence, help)])
            }
        };
        let bundle = Self {
            hash: hash(&files),
            generation,
            files,
        };
        (bundle, problems)
    }

    /// A bundle that was stored and came back other than it was.
    pub(super) fn damage(&self) -> Vec<Problem> {
        if hash(&self.files) == self.hash {
            return Vec::new();
        }
        let sentence = "the stored files do not have the hash they were stored with";
        let help = "restore the bundle, or give the schemas folder again";
        vec![Problem::of_file("CT006", "bundle.yaml", sentence, help)]
    }
}

fn sound((bundle, problems): (Bundle, Vec<Problem>)) -> Result<Bundle, Vec<Problem>> {
    if problems.is_empty() {
        Ok(bundle)
    } else {
        Err(problems)
    }
}

/// BLAKE3 in hexadecimal; each text goes in behind its length, so that no two sets of files read alike.
fn hash(files: &BTreeMap<String, String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in files.iter().flat_map(|(file, text)| [file, text]) {
        let length = u64::try_from(text.len()).expect("a text in memory fits into 64 bits");
        hasher.update(&length.to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn read_file(
    folder: &Path,
    file: &str,
    files: &mut BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) {
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => drop(files.insert(file.to_owned(), text)),
        Err(error) => {
            let sentence = format!("the file cannot be read: {error}");
            let help = "make it readable, as UTF-8 text";
            problems.push(Problem::of_file("CT006", file, sentence, help));
        }
    }
}

/// All files below `name`, each of which has to be a data file or a sample.
fn read_folder(
    folder: &Path,
    name: &str,
    ending: &str,
    files: &mut BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) {
    let entries = match fs::read_dir(folder.join(name)) {
        Ok(entries) => entries,
        Err(error) => {
            let sentence = format!("the folder cannot be read: {error}");
            let help = "a schemas folder has contracts, dossiers and codes";
            problems.push(Problem::of_file("CT006", name, sentence, help));
            return;
        }
    };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for entry in names.iter().filter_map(|entry| entry.to_str()) {
        let path = format!("{name}/{entry}");
        if folder.join(&path).is_dir() {
            read_folder(folder, &path, ending, files, problems);
        } else if path.ends_with(ending) {
            read_file(folder, &path, files, problems);
        } else if !is_sample(entry) {
            let sentence = "this file would be ignored";
            let help = format!("let its name end in {ending}, or take it out");
            problems.push(Problem::of_file("CT006", &path, sentence, help));
        }
    }
}

fn is_sample(name: &str) -> bool {
    name.contains(".good.") || name.contains(".bad.") || name.starts_with('.')
}
