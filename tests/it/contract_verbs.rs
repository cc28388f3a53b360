//! `contract lint`, `contract test` and `contract explain`: each mistake with its place, each sample with its verdict, each code
//! with its meaning.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use yidang_tests::process::{Finished, Launch};
use yidang_tests::repository;

fn contract(arguments: &[&str]) -> Finished {
    Launch::yidang(["contract"].iter().chain(arguments)).run(Duration::from_secs(30))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("the repository is readable") {
        let path = entry.expect("the repository is readable").path();
        let target = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).expect("the folder is ours");
        }
    }
}

/// A copy of the repository's schemas with one text changed.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    for part in ["contracts", "dossiers", "codes"] {
        copy(
            &repository().join("schemas").join(part),
            &folder.path().join(part),
        );
    }
    for name in ["agencies.yaml", "authority.yaml", "bundle.yaml"] {
        std::fs::copy(
            repository().join("schemas").join(name),
            folder.path().join(name),
        )
        .expect("the folder is ours");
    }
    let path = folder.path().join(file);
    let sound = std::fs::read_to_string(&path).expect("it was just copied");
    assert!(sound.contains(from), "{from} is not in {file}");
    std::fs::write(path, sound.replacen(from, to, 1)).expect("the folder is ours");
    folder
}

#[test]
fn the_built_in_contracts_are_sound_and_so_is_their_folder() {
    assert!(
        contract(&["lint"])
            .expect_code(0)
            .text()
            .contains("18 contracts, 2 dossiers")
    );
    let schemas = repository().join("schemas");
    assert!(
        contract(&["lint", text(&schemas)])
            .expect_code(0)
            .out
            .is_empty()
    );
    assert!(contract(&["lint", "--json"]).expect_code(0).out.is_empty());
    for verb in ["lint", "test"] {
        let named = contract(&[verb, "--schemas", text(&schemas)]).expect_code(0);
        assert!(named.out.is_empty(), "{}", named.text());
    }
}

#[test]
fn a_mistake_is_shown_with_its_place_and_its_next_step() {
    let folder = changed(
        "contracts/ga/hukou.odcs.yaml",
        "person.sex_code",
        "person.sex_cod",
    );
    let finished = contract(&["lint", text(folder.path())]).expect_code(3);
    let told = finished.out.join("\n");
    for part in [
        "error[CT050]: there is no column 'person.sex_cod'",
        "─[contracts/ga/hukou.odcs.yaml:",
        "──────────────",
        "help: use 'sex_code'",
        "more: yidang contract explain CT050",
    ] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    let finished = contract(&["lint", text(folder.path()), "--json"]).expect_code(3);
    let problems = finished.json();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (&problems[0]["code"], &problems[0]["help"]),
        (&"CT050".into(), &"use 'sex_code'".into())
    );
    assert_eq!(problems[0]["file"], "contracts/ga/hukou.odcs.yaml");
    assert!(problems[0]["line"].as_u64().is_some_and(|line| line > 50));
    let absent = folder.path().join("absent");
    assert!(
        !contract(&["lint", text(&absent)])
            .expect_code(3)
            .out
            .is_empty()
    );
}

#[test]
fn every_sample_gives_what_is_expected_of_it() {
    let finished = contract(&["test", "--json"]).expect_code(0);
    let samples = finished.json();
    let feeds: std::collections::BTreeSet<_> = samples
        .iter()
        .map(|sample| sample["feed"].to_string())
        .collect();
    assert!(
        feeds.len() == 18 && samples.len() > 500,
        "{} feeds, {} samples",
        feeds.len(),
        samples.len()
    );
    assert!(
        samples
            .iter()
            .all(|sample| sample["same"] == true && sample["given"] == sample["expected"])
    );
    let schemas = repository().join("schemas");
    let finished = contract(&["test", text(&schemas)]).expect_code(0);
    assert!(
        finished.out.is_empty()
            && finished
                .text()
                .contains(&format!("{} samples", samples.len()))
    );
}

#[test]
fn a_sample_that_gives_another_verdict_is_a_difference() {
    let from = "record: 5, outcome: rejected";
    let folder = changed(
        "contracts/ga/hukou.bad.expect.yaml",
        from,
        "record: 5, outcome: flagged",
    );
    let finished = contract(&["test", text(folder.path())]).expect_code(1);
    let told = "contracts/ga/hukou.bad.jsonl record 5: rejected by auto:GMSFHM:resident_id, expected flagged by \
                auto:GMSFHM:resident_id";
    assert_eq!(finished.out, [told]);
    let folder = changed("contracts/ga/hukou.good.jsonl", "350203", "350204");
    assert_eq!(
        contract(&["test", text(folder.path())]).code,
        1,
        "a good sample that is bad"
    );
    let folder = changed("contracts/ga/hukou.bad.expect.yaml", "at: ", "at: then ");
    assert!(
        contract(&["test", text(folder.path())])
            .expect_code(3)
            .text()
            .contains("hukou.bad.expect.yaml")
    );
}

#[test]
fn without_expectations_a_bad_sample_is_anything_but_accepted() {
    let folder = changed("contracts/ga/hukou.bad.jsonl", "XM", "XM");
    let remove = |file: &str| {
        std::fs::remove_file(folder.path().join(file)).expect("it was just copied");
    };
    remove("contracts/ga/hukou.bad.expect.yaml");
    // Its one record is sound but for an observation, which only an expectation can ask for.
    remove("contracts/ga/hukou.bad.messages.jsonl");
    let _sound = contract(&["test", text(folder.path())]).expect_code(0);
    let good = repository().join("schemas/contracts/ga/hukou.good.jsonl");
    std::fs::copy(good, folder.path().join("contracts/ga/hukou.bad.jsonl"))
        .expect("the folder is ours");
    let finished = contract(&["test", text(folder.path())]).expect_code(1);
    assert!(
        finished
            .out
            .iter()
            .all(|line| line.ends_with("accepted, expected not accepted")),
        "{}",
        finished.text()
    );
}

#[test]
fn a_code_of_either_kind_is_explained() {
    let finished = contract(&["explain", "CT050"]).expect_code(0);
    assert!(
        finished.out[0] == "CT050" && finished.out[1].contains("mapsTo"),
        "{}",
        finished.text()
    );
    let finished = contract(&["explain", "ID_CHECK"]).expect_code(0);
    assert!(
        finished.text().contains("GB 11643") && finished.text().contains("help:"),
        "{}",
        finished.text()
    );
    let finished = contract(&["explain", "id_check", "--lang", "zh", "--json"]).expect_code(0);
    assert_eq!(finished.json()[0]["title"], "校验位不符");
    let all = contract(&["explain"]).expect_code(0);
    assert!(all.out.len() > 60, "{} codes", all.out.len());
}
