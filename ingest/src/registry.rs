//! Schema registries: where writers' schemas come from, and where they stay.
//!
//! A registry is asked once for an id; what it said is stored with the lake before the first epoch that needs it, so
//! that recovery, a rebuild and a standby need no registry. Leaves alone: what a schema means (`transform`), and which
//! messages wait meanwhile (`worker`).

pub mod client;
pub mod stored;

use std::collections::BTreeMap;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::fault::Fault;

/// Where one registry answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Without a `/` at its end.
    pub url: String,
    /// Name and password; neither is ever shown.
    pub login: Option<(String, String)>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Address")
            .field("url", &self.url)
            .field("has_login", &self.login.is_some())
            .finish()
    }
}

/// The registries that contracts may name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrySettings {
    pub addresses: BTreeMap<String, Address>,
    /// Certificate authorities to trust beside those of the machine, PEM.
    pub authorities: Option<Vec<u8>>,
}

/// Whether messages of a feed may name their schemas by id.
pub fn is_registered(contract: &Contract) -> bool {
    contract
        .writings()
        .any(|writing| writing.format.is_registered())
}

impl RegistrySettings {
    /// Every registry that a contract names has an address.
    ///
    /// # Errors
    /// `Invalid`, naming feed, registry and flag.
    pub fn check(&self, catalog: &Catalog) -> Result<(), Fault> {
        let mut feeds = catalog.feeds.iter().filter(|feed| is_registered(feed));
        let lacking = feeds.find(|feed| !self.addresses.contains_key(&feed.registry));
        let Some(feed) = lacking else { return Ok(()) };
        Err(Fault::invalid(format!(
            "read feed {}: its schemas are in registry {}, of which no address is known; say --schema-registry \
             {}=http://HOST:PORT",
            feed.id, feed.registry, feed.registry
        )))
    }
}

#[cfg(test)]
mod tests;
