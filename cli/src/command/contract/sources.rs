//! Where samples come from: beside the contracts of a folder, or the ones that the binary carries.

use std::path::PathBuf;

use yidang_schemas::catalog::Bundle;

use crate::exit::{Exit, Failure};

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
