//! Schemas folders for proofs: the built-in one as a copy, or as the product exports it, to be changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::Launch;
use crate::repository;

const PATIENCE: Duration = Duration::from_secs(120);

/// A folder with all that is in it.
///
/// # Panics
/// If one cannot be read or the other not be written.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder is ours");
    for entry in std::fs::read_dir(from).expect("what is copied is readable") {
        let path = entry.expect("what is copied is readable").path();
        let target = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, target).expect("the folder is ours");
        }
    }
}

/// The repository's contracts, dossiers, code lists and the files beside them.
///
/// # Panics
/// If the folder cannot be written.
pub fn copy_schemas(to: &Path) {
    let schemas = repository().join("schemas");
    for part in ["contracts", "dossiers", "codes"] {
        copy_folder(&schemas.join(part), &to.join(part));
    }
    for file in ["agencies.yaml", "authority.yaml", "bundle.yaml"] {
        std::fs::copy(schemas.join(file), to.join(file)).expect("the folder is ours");
    }
}

/// What `contract export` writes, in `schemas` of a folder, with an agency `jg` more and a place for its contracts.
///
/// # Panics
/// If the product cannot export, or the folder not be written.
#[must_use]
pub fn exported_schemas(folder: &Path) -> PathBuf {
    let schemas = folder.join("schemas");
    let arguments = [Path::new("contract"), Path::new("export"), &schemas];
    drop(Launch::yidang(arguments).run(PATIENCE).expect_code(0));
    let file = schemas.join("agencies.yaml");
    let agencies = std::fs::read_to_string(&file).expect("it was just exported");
    let agency = "- { slug: jg, zh: 公安交管, en: Traffic Police }\n";
    std::fs::write(&file, agencies + agency).expect("the folder is ours");
    std::fs::create_dir(schemas.join("contracts/jg")).expect("the folder is ours");
    schemas
}
