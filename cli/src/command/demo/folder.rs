//! The folder of a lake of its own for a verb. What is there already is never touched.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use yidang_ingest::worker::now_ms;

use crate::exit::{Exit, Failure};
use crate::lake::folder_of;

/// Names that are tried where several start in one second.
const NAMES: u32 = 100;

/// A folder that was looked at and is not taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshFolder {
    verb: &'static str,
    /// The folder that was asked for, or the name that one is made by.
    path: PathBuf,
    is_given: bool,
}

impl FreshFolder {
    /// Looks whether the folder is free, making nothing.
    pub fn choose(given: Option<&str>, verb: &'static str) -> Result<Self, Failure> {
        let Some(given) = given else {
            let now = jiff::Timestamp::from_millisecond(now_ms());
            let now = now.expect("now lies within the calendar");
            let name = format!(
                "yidang-{}-{}",
                verb.replace(' ', "-"),
                now.strftime("%Y%m%d-%H%M%S")
            );
            return Ok(Self {
                verb,
                path: PathBuf::from(name),
                is_given: false,
            });
        };
        let Some(path) = folder_of(given) else {
            let text =
                format!("{verb} keeps its lake in a folder of this machine; {given} is none");
            let next = format!("yidang {verb} --lake ./{verb}, or leave --lake out");
            return Err(Failure::new(Exit::Invalid, text).with_next(next));
        };
        let fresh = Self {
            verb,
            path,
            is_given: true,
        };
        match std::fs::read_dir(&fresh.path).map(Iterator::count) {
            Ok(0) => Ok(fresh),
            Ok(_) => Err(fresh.taken()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(fresh),
            Err(error) => Err(fresh.failed("look into", &error)),
        }
    }

    /// Makes the folder, so that nobody else gets the same one.
    pub fn claim(&self) -> Result<PathBuf, Failure> {
        let claimed = if self.is_given {
            take(&self.path)
        } else {
            first_free(&self.path)
        };
        claimed.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => self.taken(),
            _ => self.failed("make", &error),
        })
    }

    fn taken(&self) -> Failure {
        let (folder, verb) = (self.path.display(), self.verb);
        let text = format!("{folder} is not empty; {verb} makes a lake of its own");
        Failure::new(Exit::Refused, text).with_next(format!(
            "give --lake a folder that is absent or empty, or leave it out: yidang {verb}"
        ))
    }

    fn failed(&self, doing: &str, error: &Error) -> Failure {
        let text = format!("{doing} the folder {}: {error}", self.path.display());
        Failure::new(Exit::Unreachable, text).with_next("choose another folder with --lake")
    }
}

/// A folder that may be there, empty. Of several that want it, whoever makes the folder inside has it.
fn take(folder: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(folder)?;
    std::fs::create_dir(folder.join("_yidang"))?;
    Ok(folder.to_path_buf())
}

/// The folder of this name, or with -2, -3 and so on.
fn first_free(name: &Path) -> Result<PathBuf, Error> {
    let mut number = 1;
    loop {
        let folder = match number {
            1 => name.to_path_buf(),
            number => PathBuf::from(format!("{}-{number}", name.display())),
        };
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < NAMES => number += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(folder: &Path) -> Result<FreshFolder, Failure> {
        FreshFolder::choose(folder.to_str(), "demo")
    }

    #[test]
    fn two_that_start_in_one_second_get_folders_of_their_own() {
        let parent = tempfile::tempdir().unwrap();
        let fresh = FreshFolder {
            verb: "demo",
            path: parent.path().join("yidang-demo-20260101-000000"),
            is_given: false,
        };
        let names = [(); 3].map(|()| fresh.claim().unwrap());
        let names = names.map(|name| name.file_name().unwrap().to_str().unwrap().to_owned());
        let expected = ["", "-2", "-3"].map(|end| format!("yidang-demo-20260101-000000{end}"));
        assert_eq!(names, expected);
    }

    #[test]
    fn of_two_that_are_given_one_folder_one_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("lake");
        let (first, second) = (given(&folder).unwrap(), given(&folder).unwrap());
        assert!(!folder.exists(), "looking makes nothing");
        assert_eq!(first.claim().unwrap(), folder);
        assert_eq!(second.claim().unwrap_err().exit, Exit::Refused);
        assert_eq!(given(&folder).unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn an_address_is_read_as_one_and_another_store_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("一 档");
        let address = url::Url::from_file_path(&folder).unwrap().to_string();
        let fresh = FreshFolder::choose(Some(&address), "demo").unwrap();
        assert_eq!(fresh.claim().unwrap(), folder);
        let failure = FreshFolder::choose(Some("s3://bucket/lake"), "bench").unwrap_err();
        assert_eq!(failure.exit, Exit::Invalid);
        assert!(failure.text.contains("s3://bucket/lake") && failure.next.is_some());
    }
}
