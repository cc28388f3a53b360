//! `contract export`: the built-in contracts, dossiers, code lists and samples as a folder, to begin one's own with.

use std::path::{Path, PathBuf};

use clap::Args;
use yidang_schemas::catalog::Bundle;

use crate::exit::{Exit, Failure};
use crate::output;

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Folder that is absent or empty
    folder: PathBuf,
}

pub fn run(arguments: &ExportArguments) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let taken = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if taken || folder.is_file() {
        let text = format!("{} is there already; nothing was written", folder.display());
        return Err(
            Failure::new(Exit::Refused, text).with_next("name a folder that is absent or empty")
        );
    }
    let bundle = Bundle::embedded().map_err(|_| {
        Failure::new(
            Exit::Corrupt,
            "the built-in schemas cannot be read; report it",
        )
    })?;
    for (path, text) in &bundle.files {
        write(&folder.join(path), text.as_bytes())?;
    }
    let mut written = bundle.files.len();
    for (path, bytes) in Bundle::embedded_samples() {
        write(&folder.join(path), bytes)?;
        written += 1;
    }
    output::print(&format!("{}: {written} files", folder.display()));
    output::note(&format!(
        "next: put a contract under {0}/contracts/<agency>/, then yidang contract lint {0}",
        folder.display()
    ));
    Ok(Exit::Good)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    parent
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| {
            Failure::new(
                Exit::Unreachable,
                format!("write {}: {error}", path.display()),
            )
            .with_next("name another folder")
        })
}

#[cfg(test)]
mod tests {
    use yidang_schemas::catalog::Catalog;

    use super::*;

    #[test]
    fn what_was_exported_is_the_built_in_catalog_and_is_never_written_over() {
        let parent = tempfile::tempdir().unwrap();
        let arguments = ExportArguments {
            folder: parent.path().join("schemas"),
        };
        run(&arguments).unwrap();
        let read = Catalog::load(&arguments.folder).unwrap();
        assert_eq!(read.bundle.hash, Catalog::embedded().unwrap().bundle.hash);
        assert_eq!(run(&arguments).unwrap_err().exit, Exit::Refused);
    }
}
