//! The catalog that the targets read under, made once: the embedded one with two feeds that have a field of each type.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use bytes::Bytes;
use yidang_schemas::catalog::{Bundle, Catalog, Problem};
use yidang_schemas::contract::Contract;
use yidang_transform::decode::Bounds;
use yidang_transform::message::RawMessage;
use yidang_transform::observe::Observer;
use yidang_transform::token::IdKey;

/// A feed without an array.
pub(crate) const FLAT: &str = include_str!("../contracts/flat.odcs.yaml");
/// One with an array of owners.
pub(crate) const LISTED: &str = include_str!("../contracts/listed.odcs.yaml");
pub(crate) const FLAT_FILE: &str = "contracts/mz/flat.odcs.yaml";
const LISTED_FILE: &str = "contracts/mz/listed.odcs.yaml";
pub(crate) const FLAT_FEED: &str = "mz.flat";
pub(crate) const LISTED_FEED: &str = "mz.listed";

/// 2026-11-23T10:13:20+08:00, when messages arrive.
pub(crate) const ARRIVAL_MS: i64 = 1_795_400_000_000;

/// Files of the embedded schemas folder.
pub(crate) fn embedded_files() -> BTreeMap<String, String> {
    let bundle = Bundle::embedded().expect("the embedded files are sound");
    bundle.files
}

/// The catalog of these files, or all that is wrong with them.
pub(crate) fn compiled(files: BTreeMap<String, String>) -> Result<Catalog, Vec<Problem>> {
    Catalog::from_bundle(&Bundle::of_files(files)?)
}

pub(crate) fn catalog() -> &'static Arc<Catalog> {
    static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
        let mut files = embedded_files();
        files.insert(FLAT_FILE.to_owned(), FLAT.to_owned());
        files.insert(LISTED_FILE.to_owned(), LISTED.to_owned());
        let catalog = compiled(files).unwrap_or_else(|problems| {
            let told: String = problems.iter().map(|each| format!("{each}\n")).collect();
            unreachable!("the two feeds here are sound: {told}")
        });
        Arc::new(catalog)
    });
    &CATALOG
}

/// A contract of the catalog, to be changed.
pub(crate) fn contract(feed: &str) -> Contract {
    let catalog = catalog();
    let index = catalog.feed_of_id(feed);
    let contract = index.and_then(|index| catalog.feed(index));
    contract.expect("the feed is in the catalog").clone()
}

/// The observer of a feed; made at its first message.
pub(crate) fn observer(feed: u16) -> &'static Observer {
    static OBSERVERS: LazyLock<Vec<OnceLock<Observer>>> =
        LazyLock::new(|| catalog().feeds.iter().map(|_| OnceLock::new()).collect());
    let place = OBSERVERS.get(usize::from(feed));
    let place = place.expect("there is one for each feed");
    place.get_or_init(|| observer_of(catalog(), feed))
}

pub(crate) fn observer_of(catalog: &Arc<Catalog>, feed: u16) -> Observer {
    Observer::new(catalog, &IdKey::new([7; 32]), feed, Bounds::default())
}

/// A message with nothing but a value.
pub(crate) fn message(value: &[u8]) -> RawMessage<'_> {
    message_with(&[], value)
}

pub(crate) fn message_with<'m>(
    headers: &'m [(String, Option<Bytes>)],
    value: &'m [u8],
) -> RawMessage<'m> {
    RawMessage {
        incarnation: 0,
        partition: 0,
        offset: 0,
        timestamp_ms: ARRIVAL_MS,
        key: None,
        headers,
        value: Some(value),
    }
}
