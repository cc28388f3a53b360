//! Which schemas are meant: a folder, one contract file, or the ones that the binary carries; and where samples come
//! from.

use std::path::{Path, PathBuf};

use clap::Args;
use yidang_schemas::catalog::{Bundle, Catalog, Problem};

use crate::exit::{Exit, Failure};
use crate::lake::SchemaArguments;

/// The folder, named as an argument of its own or as all other verbs name it.
#[derive(Debug, Args)]
pub struct FolderArguments {
    /// Schemas folder with contracts, dossiers, code lists and samples, the same as --schemas and before it; or one
    /// contract file, which is read together with the folder it stands in, with --schemas, or with the built-in schemas
    #[arg(value_name = "DIR|FILE")]
    named: Option<PathBuf>,
    #[command(flatten)]
    schemas: SchemaArguments,
}

impl FolderArguments {
    pub fn source(&self) -> Source {
        Source::of(self.named.as_deref(), self.schemas.schemas.as_deref())
    }
}

/// Schemas to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    BuiltIn,
    Folder(PathBuf),
    /// One contract, and the folder whose agencies, dossiers and code lists it is read with; none: the built-in one.
    File {
        file: PathBuf,
        base: Option<PathBuf>,
    },
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    pub catalog: Catalog,
    /// The one contract that was asked for; none: all of them.
    pub only: Option<String>,
}

impl Source {
    /// What was named, before `base`, the schemas folder of other verbs.
    pub fn of(named: Option<&Path>, base: Option<&Path>) -> Self {
        match named {
            Some(file) if file.is_file() => Self::File {
                file: file.to_owned(),
                base: base.map(Path::to_path_buf).or_else(|| folder_of(file)),
            },
            _ => named
                .or(base)
                .map_or(Self::BuiltIn, |folder| Self::Folder(folder.to_owned())),
        }
    }

    /// How people call it.
    pub fn name(&self) -> String {
        match self {
            Self::BuiltIn => "the built-in schemas".to_owned(),
            Self::Folder(path) | Self::File { file: path, .. } => path.display().to_string(),
        }
    }

    /// The same as an argument of `contract lint`.
    pub fn argument(&self) -> String {
        match self {
            Self::BuiltIn => String::new(),
            Self::Folder(_) | Self::File { .. } => self.name(),
        }
    }

    /// Where the samples stand.
    pub fn samples(&self) -> Samples {
        match self {
            Self::BuiltIn => Samples::BuiltIn,
            Self::Folder(folder) => Samples::Folder(folder.clone()),
            Self::File { file, .. } => Samples::Beside(file.clone()),
        }
    }

    /// The catalog, or every problem of the files.
    pub fn load(&self) -> Result<Loaded, Vec<Problem>> {
        let whole = |catalog| Loaded {
            catalog,
            only: None,
        };
        match self {
            Self::BuiltIn => Catalog::embedded().map(whole),
            Self::Folder(folder) => Catalog::load(folder).map(whole),
            Self::File { file, base } => {
                let base = base
                    .as_deref()
                    .map_or_else(Bundle::embedded, Bundle::load)?;
                let name = file.display().to_string();
                let text = std::fs::read_to_string(file).map_err(|error| {
                    let sentence = format!("the file cannot be read: {error}");
                    let help = "make it readable, as UTF-8 text";
                    vec![Problem::of_file("CT006", &name, sentence, help)]
                })?;
                let (catalog, id) = Catalog::with_contract(&base, &name, &text)?;
                Ok(Loaded {
                    catalog,
                    only: Some(id),
                })
            }
        }
    }
}

/// The schemas folder that a contract stands in: `<folder>/contracts/<agency>/<feed>.odcs.yaml`.
fn folder_of(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?.parent()?.parent()?;
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    folder
        .join("bundle.yaml")
        .is_file()
        .then(|| folder.to_owned())
}

/// A place with samples.
#[derive(Debug)]
pub enum Samples {
    BuiltIn,
    /// A schemas folder.
    Folder(PathBuf),
    /// Beside one contract file, whatever its folder.
    Beside(PathBuf),
}

impl Samples {
    /// The bytes of the sample `<stem>.<ending>` of a contract; nothing where there is none. `stem` is the path of the
    /// contract inside the schemas folder, without its ending.
    pub fn read(&self, stem: &str, ending: &str) -> Result<Option<Vec<u8>>, Failure> {
        let path = format!("{stem}.{ending}");
        let file = match self {
            Self::BuiltIn => return Ok(Bundle::embedded_sample(&path).map(<[u8]>::to_vec)),
            Self::Folder(folder) => folder.join(path),
            Self::Beside(contract) => {
                let name = contract.file_name().and_then(|name| name.to_str());
                let name = name.unwrap_or_default();
                let own = name.strip_suffix(".odcs.yaml").unwrap_or(name);
                contract.with_file_name(format!("{own}.{ending}"))
            }
        };
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

    fn source(words: &[&str]) -> Source {
        let typed = Typed::try_parse_from([&["lint"], words].concat()).unwrap();
        typed.folder.source()
    }

    #[test]
    fn a_folder_is_named_as_for_other_verbs_or_alone() {
        let folder = |path: &str| Source::Folder(path.into());
        assert_eq!(source(&["here"]), folder("here"));
        assert_eq!(source(&["--schemas", "there"]), folder("there"));
        assert_eq!(source(&["here", "--schemas", "there"]), folder("here"));
        assert_eq!(source(&[]), Source::BuiltIn);
    }

    #[test]
    fn a_contract_file_is_read_with_the_folder_it_stands_in() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("contracts/ab");
        std::fs::create_dir_all(&place).unwrap();
        let file = place.join("cd.odcs.yaml");
        std::fs::write(&file, "id: ab.cd\n").unwrap();
        let name = file.to_str().unwrap();
        let base = |words: &[&str]| match source(words) {
            Source::File { base, .. } => base,
            other => panic!("{other:?}"),
        };
        assert_eq!(base(&[name]), None);
        std::fs::write(root.path().join("bundle.yaml"), "generation: 1\n").unwrap();
        assert_eq!(base(&[name]), Some(root.path().to_owned()));
        assert_eq!(base(&[name, "--schemas", "there"]), Some("there".into()));
    }
}
