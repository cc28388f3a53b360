//! Who may depend on whom, read from the crates' `Cargo.toml` files.
//!
//! The table below is the decision; a new crate, or a new edge between two, is a line here and in `docs/decisions/`.

use yidang_tests::repository;

/// Which of our crates may be depended on.
enum Ring {
    Only(&'static [&'static str]),
    Any,
}

const RINGS: [(&str, Ring); 9] = [
    ("schemas", Ring::Only(&[])),
    ("transform", Ring::Only(&["schemas"])),
    ("feedback", Ring::Only(&["schemas", "transform"])),
    ("sink", Ring::Only(&["schemas"])),
    (
        "ingest",
        Ring::Only(&["schemas", "transform", "feedback", "sink"]),
    ),
    // What it makes is the truth that the engine is compared with, so it shares no code with the engine.
    ("cli/simulate", Ring::Only(&[])),
    ("cli", Ring::Any),
    ("fuzz", Ring::Only(&["schemas", "transform", "feedback"])),
    ("tests", Ring::Any),
];

/// Foreign crates that only some of ours may use; nobody may use those with an empty list.
const WALLS: [(&str, &[&str]); 5] = [
    ("rdkafka", &["ingest", "cli", "tests"]),
    ("deltalake", &["sink", "cli", "tests"]),
    ("parquet", &["sink", "cli", "tests"]),
    ("object_store", &["sink", "cli", "tests"]),
    ("datafusion", &[]),
];

const PREFIX: &str = "yidang-";

fn manifest(folder: &str) -> String {
    let path = repository().join(folder).join("Cargo.toml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Folders of the workspace's crates.
fn members() -> Vec<String> {
    let root = manifest("");
    let list = root
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .expect("the workspace lists its members")
        .0;
    list.split(',')
        .map(|each| each.trim().trim_matches('"').to_owned())
        .filter(|each| !each.is_empty())
        .collect()
}

/// Names of all dependencies, those for tests and build scripts included.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            names.extend((!name.is_empty()).then(|| name.to_owned()));
        }
    }
    names
}

pub(crate) fn offences() -> Vec<String> {
    let mut offences = Vec::new();
    for folder in members() {
        let Some((_, ring)) = RINGS.iter().find(|(name, _)| *name == folder) else {
            offences.push(format!("{folder}: the ring table does not know this crate"));
            continue;
        };
        for name in dependencies(&manifest(&folder)) {
            offences.extend(offence(&folder, ring, &name));
        }
    }
    offences
}

fn offence(folder: &str, ring: &Ring, name: &str) -> Option<String> {
    if let (Some(ours), Ring::Only(allowed)) = (name.strip_prefix(PREFIX), ring) {
        return (!allowed.contains(&ours)).then(|| format!("{folder} depends on {ours}"));
    }
    let (_, users) = WALLS
        .iter()
        .find(|(wall, _)| name == *wall || name.starts_with(&format!("{wall}-")))?;
    (!users.contains(&folder)).then(|| format!("{folder} depends on {name}"))
}

pub(crate) fn crates_without_lints() -> Vec<String> {
    let inherits = |folder: &String| {
        let manifest = manifest(folder);
        let table = manifest
            .split_once("[lints]")
            .map(|(_, rest)| rest.trim_start().to_owned());
        table.is_some_and(|table| table.starts_with("workspace = true"))
    };
    members()
        .into_iter()
        .filter(|folder| !inherits(folder))
        .collect()
}

#[test]
fn dependencies_are_read_from_every_table() {
    let manifest = "[dependencies]\na.workspace = true\n# b\nc = { path = \"x\" }\n[dev-dependencies]\nd = \"1\"\n[lints]\nworkspace = true\n";
    assert_eq!(dependencies(manifest), ["a", "c", "d"]);
    assert!(offence("schemas", &Ring::Only(&[]), "yidang-sink").is_some());
    assert!(offence("sink", &Ring::Only(&["schemas"]), "datafusion-common").is_some());
    assert!(offence("sink", &Ring::Only(&["schemas"]), "parquet").is_none());
}
