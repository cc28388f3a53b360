//! Bundles in the lake: stored before the landing entry that names them, one content per generation. Beside them the
//! settings that shape rows: a landed epoch done again has to be judged as it was.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_schemas::fault::Fault;
use yidang_sink::Lake;
use yidang_transform::decode::Bounds;

use crate::engine::EngineSettings;

fn bundle_path(hash: &str) -> String {
    format!("_yidang/bundle/{hash}")
}

fn generation_path(generation: u32) -> String {
    format!("_yidang/generation/{generation}")
}

/// Stores the bundle of a catalog under its hash and claims its generation.
///
/// # Errors
/// `Invalid` where the lake knows this generation with other content, or a greater one.
pub async fn store(lake: &Lake, catalog: &Catalog) -> Result<(), Fault> {
    let bundle = &catalog.bundle;
    let bytes = serde_json::to_vec(bundle).expect("a bundle is texts and numbers");
    keep(lake, &bundle_path(&bundle.hash), bytes.into()).await?;
    let path = generation_path(bundle.generation);
    keep(lake, &path, bundle.hash.clone().into_bytes().into()).await?;
    let known = lake.get(&path).await?.unwrap_or_default();
    if known.as_ref() != bundle.hash.as_bytes() {
        return Err(Fault::invalid(format!(
            "start on lake {}: bundle generation {} is known with other content; raise `generation` in \
             schemas/bundle.yaml after the review of the change",
            lake.uri(),
            bundle.generation
        )));
    }
    let greatest = greatest_generation(lake).await?;
    if greatest > bundle.generation {
        return Err(Fault::invalid(format!(
            "start on lake {}: it runs bundle generation {greatest}, these schemas are generation {}; start with the \
             newer schemas",
            lake.uri(),
            bundle.generation
        )));
    }
    Ok(())
}

/// Stores an object where there is none. The beginning of one is what a power loss left of a put that was not flushed
/// yet, so that nothing names it: it is written again.
pub(crate) async fn keep(lake: &Lake, path: &str, bytes: Bytes) -> Result<(), Fault> {
    if lake.put_if_absent(path, bytes.clone()).await? {
        return Ok(());
    }
    let known = lake.get(path).await?.unwrap_or_default();
    if known.len() < bytes.len() && bytes.starts_with(&known) {
        lake.put(path, bytes).await?;
    }
    Ok(())
}

/// Where the settings of a lake stand.
const SETTINGS: &str = "_yidang/settings.json";

/// Settings as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredSettings {
    message_bytes: usize,
    depth: usize,
    event_prefix: String,
}

impl StoredSettings {
    fn of(settings: &EngineSettings) -> Self {
        Self {
            message_bytes: settings.bounds.message_bytes_max,
            depth: settings.bounds.depth_max,
            event_prefix: settings.event_prefix.clone(),
        }
    }

    fn restored(self) -> EngineSettings {
        EngineSettings {
            bounds: Bounds {
                message_bytes_max: self.message_bytes,
                depth_max: self.depth,
            },
            event_prefix: self.event_prefix,
        }
    }

    /// Each setting by the name of its flag, as the lake has it and as this one has it.
    fn differences(&self, other: &Self) -> Vec<String> {
        let told = |name: &str, ours: String, theirs: String| {
            (ours != theirs).then(|| format!("{name} {theirs}, the lake {ours}"))
        };
        let all = [
            told(
                "--message-bytes",
                self.message_bytes.to_string(),
                other.message_bytes.to_string(),
            ),
            told("depth", self.depth.to_string(), other.depth.to_string()),
            told(
                "--event-prefix",
                self.event_prefix.clone(),
                other.event_prefix.clone(),
            ),
        ];
        all.into_iter().flatten().collect()
    }
}

/// The settings that shape the rows of a lake; nothing where no worker has stored them yet.
pub async fn settings(lake: &Lake) -> Result<Option<EngineSettings>, Fault> {
    let Some(bytes) = lake.get(SETTINGS).await? else {
        return Ok(None);
    };
    let stored: StoredSettings = serde_json::from_slice(&bytes).map_err(|error| {
        Fault::corrupt(format!("read {SETTINGS} of lake {}", lake.uri())).with_source(error)
    })?;
    Ok(Some(stored.restored()))
}

/// Stores the settings of a lake that has none.
///
/// # Errors
/// `Invalid` where the lake has others: rows that were landed under those would be judged otherwise when they are done
/// again.
pub async fn store_settings(lake: &Lake, wanted: &EngineSettings) -> Result<(), Fault> {
    let wanted = StoredSettings::of(wanted);
    let bytes = serde_json::to_vec(&wanted).expect("settings are texts and numbers");
    lake.put_if_absent(SETTINGS, bytes.into()).await?;
    let Some(stored) = settings(lake).await? else {
        return Err(Fault::corrupt(format!(
            "read {SETTINGS} of lake {}: it was just written",
            lake.uri()
        )));
    };
    let differences = StoredSettings::of(&stored).differences(&wanted);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "start on lake {}: its rows were made with other settings ({}); leave these settings away to take the lake's \
         own, or make a new lake",
        lake.uri(),
        differences.join("; ")
    )))
}

async fn greatest_generation(lake: &Lake) -> Result<u32, Fault> {
    let listed = lake.list("_yidang/generation").await?;
    let number = |path: &str| path.rsplit('/').next().and_then(|name| name.parse().ok());
    Ok(listed
        .iter()
        .filter_map(|entry| number(&entry.path))
        .max()
        .unwrap_or(0))
}

/// The catalog of a stored bundle.
pub async fn fetch(lake: &Lake, hash: &str) -> Result<Catalog, Fault> {
    let path = bundle_path(hash);
    let missing = || {
        Fault::corrupt(format!(
            "read bundle {hash}: landed rows name it and the lake lacks it"
        ))
    };
    let bytes = lake.get(&path).await?.ok_or_else(missing)?;
    let bundle: Bundle = serde_json::from_slice(&bytes)
        .map_err(|error| Fault::corrupt(format!("read bundle {hash}")).with_source(error))?;
    Catalog::from_bundle(&bundle).map_err(|problems| {
        Fault::corrupt(format!(
            "read bundle {hash}: this version finds {} problems in it",
            problems.len()
        ))
    })
}

/// The catalog of the newest generation that the lake was worked on under; nothing in a lake that nobody worked on.
pub async fn fetch_newest(lake: &Lake) -> Result<Option<Catalog>, Fault> {
    match greatest_generation(lake).await? {
        0 => Ok(None),
        generation => fetch_generation(lake, generation).await.map(Some),
    }
}

/// The catalog of a generation.
pub async fn fetch_generation(lake: &Lake, generation: u32) -> Result<Catalog, Fault> {
    let missing = || {
        Fault::corrupt(format!(
            "read bundle generation {generation}: the lake lacks it"
        ))
    };
    let hash = lake
        .get(&generation_path(generation))
        .await?
        .ok_or_else(missing)?;
    fetch(lake, &String::from_utf8_lossy(&hash)).await
}

#[cfg(test)]
mod tests {
    use yidang_schemas::fault::FaultKind;
    use yidang_sink::LakeSettings;

    use super::*;

    #[tokio::test]
    async fn what_a_power_loss_cut_off_is_stored_again_and_other_content_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().to_str().unwrap(), LakeSettings::default()).unwrap();
        let catalog = Catalog::embedded().unwrap();
        store(&lake, &catalog).await.unwrap();
        let (hash, generation) = (catalog.bundle.hash.clone(), catalog.bundle.generation);
        for path in [bundle_path(&hash), generation_path(generation)] {
            let whole = lake.get(&path).await.unwrap().unwrap();
            for length in [0, 5] {
                lake.put(&path, whole.slice(..length)).await.unwrap();
                store(&lake, &catalog).await.unwrap();
                assert_eq!(lake.get(&path).await.unwrap(), Some(whole.clone()));
            }
        }
        let path = generation_path(generation);
        lake.put(&path, Bytes::from_static(b"another"))
            .await
            .unwrap();
        let fault = store(&lake, &catalog).await.unwrap_err();
        assert!(
            fault.doing.contains("known with other content"),
            "{}",
            fault.doing
        );
    }

    #[tokio::test]
    async fn settings_that_shape_rows_stay_those_of_the_lake() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let place = folder.path().to_str().expect("it has a plain name");
        let lake = Lake::open(place, LakeSettings::default()).expect("it opens");
        assert!(settings(&lake).await.expect("it answers").is_none());
        let mut first = EngineSettings::default();
        first.bounds.message_bytes_max = 30_000;
        store_settings(&lake, &first).await.expect("it has none");
        store_settings(&lake, &first)
            .await
            .expect("they are its own");
        let fault = store_settings(&lake, &EngineSettings::default())
            .await
            .expect_err("they differ");
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(
            fault
                .chain()
                .contains("--message-bytes 1048576, the lake 30000"),
            "{fault}"
        );
        let kept = settings(&lake)
            .await
            .expect("it answers")
            .expect("it has them");
        assert_eq!(kept.bounds.message_bytes_max, 30_000);
    }
}
