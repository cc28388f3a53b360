//! Writes the list of data files that the library carries, so that a new file needs no line of code.
//!
//! Samples beside contracts stay outside. Leaves alone: what the files mean.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    for name in ["agencies.yaml", "authority.yaml", "bundle.yaml"] {
        println!("cargo::rerun-if-changed={name}");
        files.extend(root.join(name).is_file().then(|| name.to_owned()));
    }
    for (folder, ending) in [
        ("codes", ".csv"),
        ("contracts", ".odcs.yaml"),
        ("dossiers", ".odcs.yaml"),
    ] {
        walk(&root, folder, ending, &mut files);
    }
    files.sort();
    let mut source = String::from("const EMBEDDED: &[(&str, &str)] = &[\n");
    for file in &files {
        let path = root.join(file);
        source.push_str(&format!(
            "    ({file:?}, include_str!({:?})),\n",
            path.display()
        ));
    }
    source.push_str("];\n");
    let target = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(target.join("embedded_schemas.rs"), source).expect("the build folder is writable");
}

fn walk(root: &Path, folder: &str, ending: &str, files: &mut Vec<String>) {
    println!("cargo::rerun-if-changed={folder}");
    let entries = fs::read_dir(root.join(folder)).expect("the schemas folder is readable");
    for entry in entries.flatten() {
        let name = entry
            .file_name()
            .into_string()
            .expect("file names are ASCII");
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            walk(root, &path, ending, files);
        } else if path.ends_with(ending) {
            files.push(path);
        }
    }
}
