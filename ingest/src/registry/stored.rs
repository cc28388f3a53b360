//! Facts of registries in the lake: `_yidang/schema/<registry>/<id>/<epoch>`, one object for each.
//!
//! The epoch is the first that may be judged by the fact. Only the leader stores, before it lands that epoch; a leader
//! that was replaced meanwhile can only store for an epoch that its follower has not landed yet, where the first of the
//! two stands, or for one in which nobody was judged by the id. So what an epoch was judged by never changes afterwards.

use futures::{StreamExt, TryStreamExt};
use yidang_schemas::fault::Fault;
use yidang_sink::Lake;
use yidang_transform::schema_book::{Fact, SchemaBook, SchemaId};

use crate::bundle::keep;

const FOLDER: &str = "_yidang/schema";
/// Facts that are read at the same time.
const READS: usize = 16;

/// Name of a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactName {
    pub registry: String,
    pub id: SchemaId,
    pub epoch: i64,
}

impl FactName {
    fn path(&self) -> String {
        let Self {
            registry,
            id,
            epoch,
        } = self;
        format!("{FOLDER}/{registry}/{id}/{epoch}")
    }

    /// The name in a path; nothing for an object that is none of ours.
    fn of_path(path: &str) -> Option<Self> {
        let (_, name) = path.split_once(&format!("{FOLDER}/"))?;
        let mut parts = name.split('/');
        let (registry, id, epoch) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            registry: registry.to_owned(),
            id: SchemaId(id.parse().ok()?),
            epoch: epoch.parse().ok()?,
        })
    }
}

/// Stores a fact and returns the one that stands there then: that of another leader, where it was first.
pub async fn store(lake: &Lake, name: &FactName, fact: &Fact) -> Result<Fact, Fault> {
    let path = name.path();
    let bytes = serde_json::to_vec(fact).expect("a fact is texts");
    keep(lake, &path, bytes.into()).await?;
    read(lake, name).await
}

/// All facts of a lake.
///
/// # Errors
/// `Corrupt` where one cannot be read: landed rows were judged by it.
pub async fn load(lake: &Lake) -> Result<SchemaBook, Fault> {
    let names = names(lake).await?;
    let reads = names.into_iter().map(|name| async {
        let fact = read(lake, &name).await?;
        Ok::<_, Fault>((name, fact))
    });
    let facts: Vec<(FactName, Fact)> = futures::stream::iter(reads)
        .buffered(READS)
        .try_collect()
        .await?;
    let mut book = SchemaBook::default();
    for (name, fact) in &facts {
        book.learn(&name.registry, name.id, name.epoch, fact);
    }
    Ok(book)
}

/// The registered schema of greatest id that the lake has of a registry.
pub async fn newest(lake: &Lake, registry: &str) -> Result<Option<(SchemaId, Fact)>, Fault> {
    let mut names = names(lake).await?;
    names.retain(|name| name.registry == registry);
    names.sort_by_key(|name| (name.id, name.epoch));
    for name in names.iter().rev() {
        let fact = read(lake, name).await?;
        if matches!(fact, Fact::Registered(_)) {
            return Ok(Some((name.id, fact)));
        }
    }
    Ok(None)
}

async fn names(lake: &Lake) -> Result<Vec<FactName>, Fault> {
    let listed = lake.list(FOLDER).await?;
    let names = listed
        .iter()
        .filter_map(|entry| FactName::of_path(&entry.path));
    Ok(names.collect())
}

async fn read(lake: &Lake, name: &FactName) -> Result<Fact, Fault> {
    let path = name.path();
    let bytes = lake.get(&path).await?.unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|error| {
        Fault::corrupt(format!("read {path} of lake {}", lake.uri())).with_source(error)
    })
}
