//! The id key: where it comes from, and never what it is.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use yidang_sink::Lake;
use yidang_transform::token::IdKey;

use crate::exit::{Exit, Failure};
use crate::output;

/// Setting that names the file.
pub const ID_KEY_FILE: &str = "YIDANG_ID_KEY_FILE";
const KEY_BYTES: usize = 32;

/// The id key of a lake: from the file that the setting names; a local lake without one gets a file of its own.
pub fn id_key(lake: &Lake, file: Option<&Path>) -> Result<IdKey, Failure> {
    if let Some(file) = file {
        return read(file);
    }
    let Some(path) = local_path(lake) else {
        return Err(none_given(lake));
    };
    if path.exists() {
        return read(&path);
    }
    make(&path)?;
    output::note(&format!(
        "warning: made an id key at {}; whoever has it can turn tokens back into numbers. Keep it apart: set {ID_KEY_FILE}",
        path.display()
    ));
    read(&path)
}

/// As [`id_key`], for verbs that only read: no key is made.
pub fn existing_id_key(lake: &Lake, file: Option<&Path>) -> Result<IdKey, Failure> {
    match (file, local_path(lake)) {
        (Some(file), _) => read(file),
        (None, Some(path)) => read(&path),
        (None, None) => Err(none_given(lake)),
    }
}

/// The bytes of the key of a lake, for whoever makes a city that knows the lake's issues.
pub fn existing_bytes(lake: &Lake, file: Option<&Path>) -> Result<[u8; KEY_BYTES], Failure> {
    match file.map(Path::to_path_buf).or_else(|| local_path(lake)) {
        Some(path) => read_bytes(&path),
        None => Err(none_given(lake)),
    }
}

/// Where the key of a lake on this machine lies.
fn local_path(lake: &Lake) -> Option<PathBuf> {
    Some(lake.local_folder()?.join("_yidang").join("id.key"))
}

fn none_given(lake: &Lake) -> Failure {
    let text = format!(
        "lake {}: no id key; on an object store it is never made up",
        lake.uri()
    );
    Failure::new(Exit::Refused, text).with_next(format!(
        "head -c 32 /dev/urandom | base64 > id.key; chmod 600 id.key; export {ID_KEY_FILE}=$PWD/id.key"
    ))
}

fn read(path: &Path) -> Result<IdKey, Failure> {
    read_bytes(path).map(IdKey::new)
}

/// The bytes of a key file.
pub fn read_bytes(path: &Path) -> Result<[u8; KEY_BYTES], Failure> {
    let problem = |why: String| {
        let text = format!("read the id key at {}: {why}", path.display());
        let next = format!(
            "put 32 bytes, raw or as base64 or 64 hexadecimal digits, there, or set {ID_KEY_FILE}"
        );
        Failure::new(Exit::Invalid, text).with_next(next)
    };
    let mode = std::fs::metadata(path)
        .map_err(|error| problem(error.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        output::note(&format!(
            "warning: {} is readable by others; run chmod 600 on it",
            path.display()
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| problem(error.to_string()))?;
    decode(&bytes).ok_or_else(|| problem("it holds no key of 32 bytes".to_owned()))
}

fn decode(bytes: &[u8]) -> Option<[u8; KEY_BYTES]> {
    use base64::Engine as _;
    if let Ok(raw) = <[u8; KEY_BYTES]>::try_from(bytes) {
        return Some(raw);
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if text.len() == 2 * KEY_BYTES {
        let digit = |place: usize| u8::from_str_radix(text.get(place..place + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..2 * KEY_BYTES).step_by(2).map(digit).collect();
        return bytes?.try_into().ok();
    }
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()?
        .try_into()
        .ok()
}

fn make(path: &Path) -> Result<(), Failure> {
    use base64::Engine as _;
    use std::io::Write as _;
    let failed = |error: std::io::Error| {
        let text = format!("make an id key at {}: {error}", path.display());
        Failure::new(Exit::Unreachable, text)
            .with_next("make the folder writable, or choose another --lake")
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let text = base64::engine::general_purpose::STANDARD.encode(random_bytes());
    // Written aside and linked: of two workers that start at once both end with the same key.
    let aside = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)
        .map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    let linked = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside).map_err(failed)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Thirty-two random bytes of the operating system, through two version-4 UUIDs and their hash.
fn random_bytes() -> [u8; KEY_BYTES] {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        hasher.update(uuid::Uuid::new_v4().as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Twelve random characters of Crockford's base 32, the id of a new lake.
pub fn draw_lake_id() -> String {
    let bytes = random_bytes();
    let half: &[u8; 16] = bytes.first_chunk().expect("32 bytes hold 16");
    yidang_transform::token::base32(half)
        .chars()
        .skip(14)
        .collect()
}

#[cfg(test)]
mod tests {
    use yidang_sink::LakeSettings;

    use super::*;

    #[test]
    fn the_key_lies_in_its_lake_whatever_the_folder_is_called() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("一 档");
        for address in [
            folder.display().to_string(),
            url::Url::from_file_path(&folder).unwrap().to_string(),
        ] {
            let lake = Lake::open(&address, LakeSettings::default()).unwrap();
            let made = id_key(&lake, None).unwrap();
            assert!(folder.join("_yidang").join("id.key").is_file());
            let found = existing_id_key(&lake, None).unwrap();
            assert_eq!(made.fingerprint(), found.fingerprint());
        }
        let beside = std::fs::read_dir(parent.path()).unwrap().count();
        assert_eq!(beside, 1, "nothing lies outside the lake");
    }
}
