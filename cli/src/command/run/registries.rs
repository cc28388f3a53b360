//! Which schema registries a worker asks, from flags and environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use yidang_ingest::registry::client::RegistryClient;
use yidang_ingest::registry::{Address, RegistrySettings};

use crate::exit::{Exit, Failure};

/// The name of the registry where an address has none, and of contracts that name none.
const MAIN: &str = "main";

#[derive(Debug, Args)]
pub struct RegistryArguments {
    /// Schema registry of feeds in Avro or Protobuf: its address, or NAME=URL for one that contracts name; once for
    /// each. Without any, YIDANG_SCHEMA_REGISTRY holds them with commas between
    #[arg(long = "schema-registry", value_name = "URL")]
    schema_registry: Vec<String>,
    /// File with the login of the registries, name:password on one line
    #[arg(long, env = "YIDANG_SCHEMA_REGISTRY_LOGIN_FILE", value_name = "FILE")]
    schema_registry_login_file: Option<PathBuf>,
    /// File with certificate authorities to trust for registries, PEM
    #[arg(long, env = "YIDANG_SCHEMA_REGISTRY_CA_FILE", value_name = "FILE")]
    schema_registry_ca_file: Option<PathBuf>,
    /// How long a registry may answer that it has no schema of an id before the message is held for its agency
    #[arg(
        long,
        env = "YIDANG_SCHEMA_UNKNOWN_SECONDS",
        default_value_t = 300,
        value_name = "SECONDS"
    )]
    schema_unknown_seconds: u64,
}

impl RegistryArguments {
    pub fn unknown_after(&self) -> Duration {
        Duration::from_secs(self.schema_unknown_seconds)
    }

    /// # Errors
    /// An address that is none, a file that cannot be read.
    pub fn settings(&self) -> Result<RegistrySettings, Failure> {
        let given = if self.schema_registry.is_empty() {
            let all = std::env::var("YIDANG_SCHEMA_REGISTRY").unwrap_or_default();
            let parts = all
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        } else {
            self.schema_registry.clone()
        };
        let login = self.login()?;
        let addresses: BTreeMap<String, Address> = given
            .iter()
            .map(|text| named(text, login.clone()))
            .collect();
        let authorities = self.schema_registry_ca_file.as_deref().map(read);
        let settings = RegistrySettings {
            addresses,
            authorities: authorities.transpose()?,
        };
        for (name, address) in &settings.addresses {
            RegistryClient::new(name, address, &settings).map_err(|fault| {
                Failure::new(Exit::Invalid, fault.chain())
                    .with_next("yidang run --schema-registry http://registry:8081 …")
            })?;
        }
        Ok(settings)
    }

    fn login(&self) -> Result<Option<(String, String)>, Failure> {
        let Some(file) = &self.schema_registry_login_file else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&read(file)?).into_owned();
        let login = text.trim_end_matches(['\r', '\n']).split_once(':');
        let login = login.map(|(name, password)| (name.to_owned(), password.to_owned()));
        let refused = || {
            let place = file.display();
            Failure::new(Exit::Invalid, format!("{place} holds no name:password"))
        };
        login.ok_or_else(refused).map(Some)
    }
}

/// `NAME=URL`, or the address of the one registry.
fn named(text: &str, login: Option<(String, String)>) -> (String, Address) {
    let plain = |name: &str| {
        name.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let (name, url) = match text.split_once('=') {
        Some((name, url)) if plain(name) => (name, url),
        _ => (MAIN, text),
    };
    let url = url.trim_end_matches('/').to_owned();
    (name.to_owned(), Address { url, login })
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::new(Exit::Invalid, format!("read {}: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_name_before_it_or_that_of_the_main_one() {
        let of = |text: &str| {
            let (name, address) = named(text, None);
            (name, address.url)
        };
        let url = "http://registry:8081/apis/ccompat/v7";
        assert_eq!(of(url), ("main".to_owned(), url.to_owned()));
        assert_eq!(
            of(&format!("city={url}/")),
            ("city".to_owned(), url.to_owned())
        );
        let query = "https://r/x?a=b";
        assert_eq!(of(query), ("main".to_owned(), query.to_owned()));
    }
}
