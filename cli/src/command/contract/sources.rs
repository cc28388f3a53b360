//! Which schemas folder is meant, and where its samples come from: beside its contracts, or the ones that the binary
//! carries.

use std::path::{Path, PathBuf};

use clap::Args;
use yidang_schemas::catalog::Bundle;

use crate::exit::{Exit, Failure};
use crate::lake::SchemaArguments;

/// The folder, named as an argument of its own or as all other verbs name it.
#[derive(Debug, Args)]
pub struct FolderArguments {
    /// Schemas folder with contracts, dossiers, code lists and samples; the same as --schemas and before it
    #[arg(value_name = "DIR")]
    named: Option<PathBuf>,
    #[command(flatten)]
    schemas: SchemaArguments,
}

impl FolderArguments {
    /// The folder that is meant; none: the built-in schemas.
    pub fn folder(&self) -> Option<&Path> {
        let folder = self.named.as_ref().or(self.schemas.schemas.as_ref());
        folder.map(PathBuf::as_path)
    }
}

/// A place with samples.
#[derive(Debug)]
pub struct Samples {
    pub folder: Option<PathBuf>,
}

impl Samples {
    /// The bytes of a sample, by its path inside the schemas folder; nothing where there is none.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(folder) = &self.folder else {
            return Ok(Bundle::embedded_sample(path).map(<[u8]>::to_vec));
        };
        let file = folder.join(path);
        match std::fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::new(
                Exit::Invalid,
                format!("read {}: {error}", file.display()),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Typed {
        #[command(flatten)]
        folder: FolderArguments,
    }

    #[test]
    fn a_folder_is_named_as_for_other_verbs_or_alone() {
        let folder = |words: &[&str]| {
            let typed = Typed::try_parse_from([&["lint"], words].concat()).unwrap();
            typed.folder.folder().map(Path::to_path_buf)
        };
        assert_eq!(folder(&["here"]), Some("here".into()));
        assert_eq!(folder(&["--schemas", "there"]), Some("there".into()));
        assert_eq!(folder(&["here", "--schemas", "there"]), Some("here".into()));
    }
}
