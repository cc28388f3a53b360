//! The repository's text files, as one that was cloned has them: nothing built, fetched or made by a run.

use std::path::Path;

use yidang_tests::repository;

/// Folders that no rule reads. The vendored schema is a foreign text, as it was published.
const SKIPPED: [&str; 6] = [
    ".git",
    "target",
    ".tools",
    "__pycache__",
    "node_modules",
    "odcs",
];

/// One text file.
pub(crate) struct TextFile {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl TextFile {
    /// Whether the whole file is proof, not product.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
    }
}

/// All of them, sorted by path. Files that are not UTF-8 are no text: samples of other encodings.
pub(crate) fn text_files() -> Vec<TextFile> {
    let root = repository();
    let mut files = Vec::new();
    gather(&root, &root, &mut files);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(
        files.len() > 50,
        "only {} files were found in {}",
        files.len(),
        root.display()
    );
    files
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<TextFile>) {
    for entry in std::fs::read_dir(folder).expect("the repository is readable") {
        let entry = entry.expect("the repository is readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("the repository is readable");
        if kind.is_dir() {
            if !SKIPPED.contains(&name.as_str()) && !name.starts_with("yidang-demo-") {
                gather(root, &entry.path(), files);
            }
        } else if kind.is_file()
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            let path = entry
                .path()
                .strip_prefix(root)
                .expect("it was found below")
                .to_string_lossy()
                .into_owned();
            files.push(TextFile { path, text });
        }
    }
}
