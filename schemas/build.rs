//! Writes the list of data files that the library carries, so that a new file needs no line of code.
//!
//! Samples beside contracts are a list of their own: they judge nothing. Leaves alone: what the files mean.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let (mut files, mut samples) = (Vec::new(), Vec::new());
    for name in ["agencies.yaml", "authority.yaml", "bundle.yaml"] {
        println!("cargo::rerun-if-changed={name}");
        files.extend(root.join(name).is_file().then(|| name.to_owned()));
    }
    for (folder, ending) in [
        ("codes", ".csv"),
        ("contracts", ".odcs.yaml"),
        ("divisions", ".csv"),
        ("dossiers", ".odcs.yaml"),
    ] {
        walk(&root, folder, &mut |path| {
            if path.ends_with(ending) {
                files.push(path);
            } else if path.contains(".good.") || path.contains(".bad.") {
                samples.push(path);
            }
        });
    }
    let mut source = list(
        &root,
        &mut files,
        "EMBEDDED: &[(&str, &str)]",
        "include_str",
    );
    source += &list(
        &root,
        &mut samples,
        "EMBEDDED_SAMPLES: &[(&str, &[u8])]",
        "include_bytes",
    );
    let target = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(target.join("embedded_schemas.rs"), source).expect("the build folder is writable");
}

/// A constant with all files, sorted.
fn list(root: &Path, files: &mut [String], declared: &str, include: &str) -> String {
    files.sort();
    let mut source = format!("const {declared} = &[\n");
    for file in files {
        let path = root.join(&*file);
        source.push_str(&format!(
            "    ({file:?}, {include}!({:?})),\n",
            path.display()
        ));
    }
    source.push_str("];\n");
    source
}

fn walk(root: &Path, folder: &str, found: &mut dyn FnMut(String)) {
    println!("cargo::rerun-if-changed={folder}");
    let entries = fs::read_dir(root.join(folder)).expect("the schemas folder is readable");
    for entry in entries.flatten() {
        let name = entry
            .file_name()
            .into_string()
            .expect("file names are ASCII");
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            walk(root, &path, found);
        } else {
            found(path);
        }
    }
}
