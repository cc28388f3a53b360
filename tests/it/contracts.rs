//! Every contract and dossier is a valid ODCS document to a tool that we did not write (`datacontract lint`), under its own copy
//! of the standard's schema. What our profile asks beyond the standard is `yidang contract lint`'s business.

use std::path::{Path, PathBuf};
use std::time::Duration;

use yidang_tests::process::{Finished, Launch};
use yidang_tests::{readers, repository};

const LINT_PATIENCE: Duration = Duration::from_secs(60);

fn lint(path: &Path) -> Finished {
    let arguments = ["lint".as_ref(), path.as_os_str()];
    Launch::program(readers::environment().join("bin/datacontract"), arguments).run(LINT_PATIENCE)
}

/// All files of the standard's form below a folder of `schemas/`, sorted.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the repository is readable").path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.to_string_lossy().ends_with(".odcs.yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_contract_and_dossier_passes_a_foreign_lint() {
    let schemas = repository().join("schemas");
    let contracts = documents(&schemas.join("contracts"));
    let dossiers = documents(&schemas.join("dossiers"));
    assert!(
        contracts.len() >= 18 && dossiers.len() >= 2,
        "{} contracts, {} dossiers",
        contracts.len(),
        dossiers.len()
    );
    for path in contracts.iter().chain(&dossiers) {
        let finished = lint(path);
        assert_eq!(finished.code, 0, "{}:\n{}", path.display(), finished.text());
    }
}

#[test]
fn the_foreign_lint_refuses_a_contract_without_its_kind() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let contracts = documents(&repository().join("schemas/contracts"));
    let sound = std::fs::read_to_string(contracts.first().expect("there are contracts"))
        .expect("it is readable");
    let spoiled = folder.path().join("spoiled.odcs.yaml");
    std::fs::write(
        &spoiled,
        sound.replace("kind: DataContract", "kind: Nothing"),
    )
    .expect("the folder is ours");
    assert_ne!(lint(&spoiled).code, 0);
}
