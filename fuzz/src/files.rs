//! Targets over the catalog: any text in the place of a contract, a dossier, or another file of a schemas folder.
//!
//! A contract of a few thousand characters is not hit well by random bytes, so an input is an edit: the number of a file
//! (one byte), a place in it (two bytes), how much goes out (one byte), and what comes in. An input that begins with `=` is the
//! whole text. Law: what is wrong is told with its place inside the file, and can be shown.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use yidang_schemas::catalog::Problem;
use yidang_schemas::messages::Language;

use crate::identifiers::text;
use crate::world::{FLAT, FLAT_FILE, LISTED, compiled, embedded_files};

type Files = BTreeMap<String, String>;

/// The files that every feed needs, without divisions and without feeds.
pub(crate) fn small_folder() -> Files {
    static FILES: LazyLock<Files> = LazyLock::new(|| {
        let mut files = embedded_files();
        files.retain(|file, _| !file.starts_with("contracts/") && !file.starts_with("divisions/"));
        files.insert("authority.yaml".to_owned(), "rulesVersion: 1\n".to_owned());
        files
    });
    FILES.clone()
}

fn contracts() -> &'static Vec<String> {
    static CONTRACTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let files = embedded_files().into_iter();
        let contracts = files.filter(|(file, _)| file.starts_with("contracts/"));
        let mut texts: Vec<String> = contracts.map(|(_, text)| text).collect();
        texts.extend([FLAT.to_owned(), LISTED.to_owned()]);
        texts
    });
    &CONTRACTS
}

/// The text that an input says, of those that it may change.
fn edited(texts: &[String], bytes: &[u8]) -> Option<String> {
    if let Some(whole) = bytes.strip_prefix(b"=") {
        return Some(text(whole).into_owned());
    }
    let (&[file, high, low, length], insertion) = bytes.split_first_chunk::<4>()?;
    let before = texts.get(usize::from(file) % texts.len())?;
    let characters = before.chars().count();
    let start = usize::from(u16::from_be_bytes([high, low])) % (characters + 1);
    let kept = before.chars();
    let head = kept.clone().take(start);
    let tail = kept.skip(start + usize::from(length));
    let insertion = text(insertion);
    Some(head.chain(insertion.chars()).chain(tail).collect())
}

/// Compiles the files and looks at every problem as a reader would.
fn compile(files: &Files) {
    if let Err(problems) = compiled(files.clone()) {
        assert!(!problems.is_empty());
        problems.iter().for_each(|problem| look(files, problem));
    }
}

fn look(files: &Files, problem: &Problem) {
    let lines = files
        .get(&problem.file)
        .map_or(0, |text| text.lines().count());
    let line = usize::try_from(problem.spot.line).unwrap_or(usize::MAX);
    assert!(line <= lines + 1, "a problem behind the end of its file");
    for language in [Language::Chinese, Language::English] {
        assert!(Problem::explain(problem.code.0, language).is_some());
    }
    assert!(!problem.to_string().is_empty());
}

pub(crate) fn contract(bytes: &[u8]) {
    let Some(text) = edited(contracts(), bytes) else {
        return;
    };
    let mut files = small_folder();
    files.insert(FLAT_FILE.to_owned(), text);
    compile(&files);
}

/// Edits at some places of each contract, and each small contract as a whole.
pub(crate) fn contract_seeds() -> Vec<Vec<u8>> {
    let mut seeds = edits(contracts());
    seeds.push(format!("={FLAT}").into_bytes());
    seeds
}

/// Words of contracts, put in at places that are spread over each text.
fn edits(texts: &[String]) -> Vec<Vec<u8>> {
    const INSERTIONS: [&str; 8] = [
        "",
        "x",
        "\n",
        ": ",
        "- ",
        "[",
        "{ property: mode, value: patch, vendor: yidang }",
        "&a *a",
    ];
    let mut seeds = Vec::new();
    for (file, text) in (0u8..).zip(texts) {
        let characters = text.chars().count();
        // Every other one: a seed of the big files takes a compilation of the catalog.
        let steps = INSERTIONS.iter().enumerate();
        for (step, insertion) in steps.filter(|(step, _)| step % 2 == usize::from(file % 2)) {
            let place = characters * (step + 1) / (INSERTIONS.len() + 1);
            let [high, low] = u16::try_from(place).unwrap_or(u16::MAX).to_be_bytes();
            let length = u8::try_from(step * 3).unwrap_or(0);
            let head = [file, high, low, length];
            seeds.push([&head[..], insertion.as_bytes()].concat());
        }
    }
    seeds
}

fn dossiers() -> &'static Vec<(String, String)> {
    static DOSSIERS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let files = embedded_files().into_iter();
        files
            .filter(|(file, _)| file.starts_with("dossiers/"))
            .collect()
    });
    &DOSSIERS
}

fn dossier_texts() -> Vec<String> {
    dossiers().iter().map(|(_, text)| text.clone()).collect()
}

pub(crate) fn dossier(bytes: &[u8]) {
    let Some(text) = edited(&dossier_texts(), bytes) else {
        return;
    };
    // The other dossier stays away: it would take most of the time.
    let mut files = small_folder();
    files.retain(|file, _| !file.starts_with("dossiers/"));
    files.insert("dossiers/person.odcs.yaml".to_owned(), text);
    compile(&files);
}

pub(crate) fn dossier_seeds() -> Vec<Vec<u8>> {
    edits(&dossier_texts())
}

/// Files that are neither contract nor dossier: code lists, divisions, agencies, authority, the bundle.
fn others() -> &'static Vec<(String, String)> {
    static OTHERS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let mut files = embedded_files();
        files.retain(|file, _| !file.starts_with("contracts/") && !file.starts_with("dossiers/"));
        let head = |text: &str| {
            text.lines()
                .take(60)
                .map(|line| format!("{line}\n"))
                .collect()
        };
        files
            .into_iter()
            .map(|(file, text)| (file, head(&text)))
            .collect()
    });
    &OTHERS
}

pub(crate) fn catalog_file(bytes: &[u8]) {
    let Some(file) = bytes.first() else {
        return;
    };
    let Some((path, before)) = others().get(usize::from(*file) % others().len()) else {
        return;
    };
    // Behind the number of the file stands a whole text, or an edit of its head.
    let text = match bytes.get(1..) {
        Some(whole) if whole.starts_with(b"=") => edited(&[], whole),
        _ => edited(std::slice::from_ref(before), bytes),
    };
    let Some(text) = text else {
        return;
    };
    let mut files = small_folder();
    files.retain(|file, _| !file.starts_with("dossiers/"));
    files.insert(path.clone(), text);
    compile(&files);
}

pub(crate) fn catalog_file_seeds() -> Vec<Vec<u8>> {
    let texts: Vec<String> = others().iter().map(|(_, text)| text.clone()).collect();
    edits(&texts)
}

#[cfg(test)]
mod tests {
    use super::{FLAT_FILE, compiled, edited, small_folder};
    use crate::world::{FLAT, FLAT_FEED};

    #[test]
    fn the_small_folder_holds_a_feed() {
        let mut files = small_folder();
        files.insert(FLAT_FILE.to_owned(), FLAT.to_owned());
        let catalog = compiled(files).expect("the small folder is sound");
        assert!(catalog.feed_of_id(FLAT_FEED).is_some());
    }

    #[test]
    fn an_edit_takes_out_and_puts_in() {
        let texts = ["abc".to_owned(), "陈思远".to_owned()];
        assert_eq!(edited(&texts, b"\x01\x00\x01\x01x").unwrap(), "陈x远");
        assert_eq!(edited(&texts, b"\x02\x00\x03\x09y").unwrap(), "abcy");
        assert_eq!(edited(&texts, b"=z").unwrap(), "z");
        assert_eq!(edited(&texts, b"\x00\x00"), None);
    }
}
