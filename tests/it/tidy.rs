//! House rules that no compiler holds: rings, head comments, sizes, words that must not stand here, and "a feed is data".
//!
//! Reads the repository as text. What clippy can see (long functions, clocks, panics) is clippy's business.

mod feeds;
mod numbers;
mod rings;
mod rust_source;
mod tree;

use rust_source::RustSource;
use tree::{TextFile, text_files};

/// Lines of a file without its tests.
const LINES_MAX: usize = 500;
/// Nothing written by hand is larger; what is fetched or made belongs in a cache.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// Crates whose output is a value, a table or a message; only the cli and the proofs speak to a terminal.
const LIBRARIES: [&str; 6] = [
    "schemas/",
    "transform/",
    "feedback/",
    "sink/",
    "ingest/",
    "cli/simulate/",
];

/// Fails with all offences at once, each on a line of its own.
#[track_caller]
fn refuse(offences: &[String], rule: &str) {
    assert!(offences.is_empty(), "{rule}:\n{}", offences.join("\n"));
}

/// Build scripts print: that is how they speak to cargo.
fn is_library(file: &TextFile) -> bool {
    let inside = LIBRARIES
        .iter()
        .any(|library| file.path.starts_with(library));
    inside && !file.is_test() && !file.path.ends_with("build.rs")
}

fn rust_files() -> Vec<TextFile> {
    let files: Vec<_> = text_files()
        .into_iter()
        .filter(|file| file.path.ends_with(".rs"))
        .collect();
    assert!(
        files.len() > 20,
        "only {} Rust files were found",
        files.len()
    );
    files
}

#[test]
fn crates_depend_inward_only() {
    refuse(
        &rings::offences(),
        "a crate depends on what its ring does not allow (docs/ARCHITECTURE.md)",
    );
}

#[test]
fn every_crate_inherits_the_lint_table() {
    refuse(
        &rings::crates_without_lints(),
        "add `[lints]` with `workspace = true`",
    );
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let silent = rust_files()
        .into_iter()
        .filter(|file| !file.path.ends_with("/tests.rs"))
        .filter(|file| !file.text.trim_start().starts_with("//!"));
    let offences: Vec<_> = silent.map(|file| file.path).collect();
    refuse(
        &offences,
        "a file begins with a head comment (`//!`): what it is for and what it leaves alone",
    );
}

#[test]
fn no_file_is_longer_than_the_ceiling() {
    let mut offences = Vec::new();
    for file in rust_files().iter().filter(|file| !file.is_test()) {
        let lines = rust_source::lines_without_tests(&file.text);
        if lines > LINES_MAX {
            offences.push(format!("{}: {lines} lines", file.path));
        }
    }
    refuse(
        &offences,
        "a file has at most 500 lines without its tests: split it by responsibility",
    );
}

#[test]
fn no_file_is_a_blob() {
    let large = text_files()
        .into_iter()
        .filter(|file| file.text.len() > FILE_BYTES_MAX);
    let offences: Vec<_> = large
        .map(|file| format!("{}: {} bytes", file.path, file.text.len()))
        .collect();
    refuse(&offences, "a file has at most 1 MiB");
}

#[test]
fn nothing_stands_here_that_belongs_elsewhere() {
    // Put together at run time, or this file would be its own first offender.
    let forbidden = [
        ["FIX", "ME"],
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/opt/", "wheels"],
        ["pypi.org/", "simple"],
        ["files.python", "hosted.org"],
        ["repo1.", "maven.org"],
        ["repo.maven.", "apache.org"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["registry.", "npmjs.org"],
        ["proxy.", "golang.org"],
    ];
    let forbidden = forbidden.map(|halves| halves.concat());
    let mut offences = Vec::new();
    for file in text_files().iter().filter(|file| file.path != "Cargo.lock") {
        for (number, line) in file.text.lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(word.as_str())) {
                offences.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    refuse(
        &offences,
        "no unfinished work, no path of one machine, no host of a package registry",
    );
}

#[test]
fn libraries_neither_print_nor_read_the_environment_nor_queue_without_a_bound() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "dbg!",
        "unbounded_channel",
        "mpsc::unbounded",
        "mpsc::channel::<",
        "env::var",
    ];
    let mut offences = Vec::new();
    for file in rust_files().iter().filter(|file| is_library(file)) {
        let source = RustSource::read(rust_source::without_tests(&file.text));
        for word in forbidden.iter().filter(|word| source.code.contains(**word)) {
            offences.push(format!("{}: {word}", file.path));
        }
    }
    refuse(
        &offences,
        "a library returns what it has to say, is told its settings, and every queue has a bound",
    );
}

#[test]
fn crates_of_pure_verbs_have_no_clock() {
    let pure = ["schemas/", "transform/", "feedback/", "cli/simulate/"];
    let mut offences = Vec::new();
    for file in rust_files().iter().filter(|file| is_library(file)) {
        let source = RustSource::read(rust_source::without_tests(&file.text));
        let is_pure = pure.iter().any(|each| file.path.starts_with(each));
        if is_pure && (source.code.contains("Instant::now") || source.code.contains("SystemTime")) {
            offences.push(file.path.clone());
        }
    }
    refuse(
        &offences,
        "a verb receives instants; only an edge has a clock",
    );
}

#[test]
fn a_feed_is_data() {
    let names = feeds::names();
    println!(
        "a feed is data: {} names of agencies, feeds and source fields",
        names.len()
    );
    assert!(
        names.len() > 50,
        "only {} names were read out of schemas/",
        names.len()
    );
    refuse(
        &feeds::offences(&names),
        "the name of an agency, a feed or a source field stands in Rust; it belongs into its contract",
    );
}

#[test]
fn no_number_here_could_be_a_persons() {
    refuse(
        &numbers::offences(&text_files()),
        "a resident number that is neither Xiamen's nor listed in tests/oracles/known_numbers.txt",
    );
}
