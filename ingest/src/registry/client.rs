//! Asking a registry over HTTP: the protocol of Confluent Schema Registry, which Apicurio, Karapace and others speak too.
//!
//! `GET /schemas/ids/{id}`, and `GET /subjects/{subject}/versions/{version}` for what a schema imports. A registry that
//! says "no such schema" says it with error code 40403; any other refusal, whatever its status, is no answer.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use yidang_schemas::fault::Fault;
use yidang_transform::schema_book::{
    Fact, IMPORTS_MAX, Import, SCHEMA_BYTES_MAX, SchemaId, SchemaKind, SchemaText,
};

use super::{Address, RegistrySettings};

const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);
/// What "no schema of this id" is called; any other 404 may as well be a wrong address.
const SCHEMA_NOT_FOUND: u32 = 40403;
/// JSON may write a byte in six.
const BODY_BYTES_MAX: usize = SCHEMA_BYTES_MAX * 6;

/// One registry.
#[derive(Debug, Clone)]
pub struct RegistryClient {
    name: String,
    address: Address,
    http: Client,
}

#[derive(Debug, Deserialize)]
struct Registered {
    schema: String,
    #[serde(rename = "schemaType")]
    kind: Option<String>,
    #[serde(default)]
    references: Option<Vec<Reference>>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    name: String,
    subject: String,
    version: i64,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    error_code: u32,
}

impl RegistryClient {
    /// # Errors
    /// `Invalid` where the address or an authority cannot be read.
    pub fn new(name: &str, address: &Address, settings: &RegistrySettings) -> Result<Self, Fault> {
        // The address itself may hold a login: it is not shown.
        let refused = |what: &str| Fault::invalid(format!("use schema registry {name}: {what}"));
        let url = Url::parse(&address.url).map_err(|_malformed| refused("this is no address"))?;
        if !["http", "https"].contains(&url.scheme()) || url.cannot_be_a_base() {
            return Err(refused("an address begins with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "a login belongs into its file, not into the address",
            ));
        }
        let mut builder = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none());
        if let Some(pem) = &settings.authorities {
            let known = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|_malformed| refused("its certificate authority is no PEM file"))?;
            for authority in known {
                builder = builder.add_root_certificate(authority);
            }
        }
        let http = builder
            .build()
            .map_err(|error| refused("no client can be made").with_source(error))?;
        Ok(Self {
            name: name.to_owned(),
            address: address.clone(),
            http,
        })
    }

    /// What the registry says of an id.
    ///
    /// # Errors
    /// `Unavailable` where it says nothing that could be relied upon.
    pub async fn ask(&self, id: SchemaId) -> Result<Fact, Fault> {
        let asked = format!("ask registry {} for schema {id}", self.name);
        let (status, body) = self
            .get(&["schemas", "ids", &id.to_string()], &asked)
            .await?;
        if status == StatusCode::NOT_FOUND
            && serde_json::from_slice::<Refusal>(&body)
                .is_ok_and(|refusal| refusal.error_code == SCHEMA_NOT_FOUND)
        {
            return Ok(Fact::Unknown);
        }
        let registered = read(status, &body, &asked)?;
        let kind = kind_of(registered.kind.as_deref());
        let imports = self.imports(registered.references, &asked).await?;
        Ok(Fact::Registered(SchemaText {
            kind,
            text: registered.schema,
            imports,
        }))
    }

    /// Everything that a schema imports, each behind what it imports itself.
    async fn imports(
        &self,
        references: Option<Vec<Reference>>,
        asked: &str,
    ) -> Result<Vec<Import>, Fault> {
        let mut imports = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        // What is left to do: a reference to follow, or an import whose own imports are there.
        let mut left: Vec<Step> = steps(references);
        while let Some(step) = left.pop() {
            match step {
                Step::Add(import) => imports.push(import),
                Step::Follow(reference) => {
                    if !seen.insert(reference.name.clone()) {
                        continue;
                    }
                    if seen.len() > IMPORTS_MAX {
                        let what = format!("it imports more than {IMPORTS_MAX} others");
                        return Err(Fault::unavailable(asked, what));
                    }
                    let version = reference.version.to_string();
                    let path = ["subjects", &reference.subject, "versions", &version];
                    let (status, body) = self.get(&path, asked).await?;
                    let found = read(status, &body, asked)?;
                    left.push(Step::Add(Import {
                        name: reference.name,
                        text: found.schema,
                    }));
                    left.extend(steps(found.references));
                }
            }
        }
        Ok(imports)
    }

    /// Status and body of one request.
    async fn get(&self, path: &[&str], asked: &str) -> Result<(StatusCode, Vec<u8>), Fault> {
        let mut url = Url::parse(&self.address.url).expect("it was parsed before");
        url.path_segments_mut()
            .expect("an http address has a path")
            .pop_if_empty()
            .extend(path);
        let mut request = self.http.get(url).header(
            "accept",
            "application/vnd.schemaregistry.v1+json, application/json",
        );
        if let Some((name, password)) = &self.address.login {
            request = request.basic_auth(name, Some(password));
        }
        // The address stands in the error of a request, a login never does.
        let failed = |error: reqwest::Error| Fault::unavailable(asked, error);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(Fault::unavailable(asked, "its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }
}

enum Step {
    Follow(Reference),
    Add(Import),
}

/// The last one is done first: the stack is taken from its end.
fn steps(references: Option<Vec<Reference>>) -> Vec<Step> {
    let references = references.unwrap_or_default().into_iter().rev();
    references.map(Step::Follow).collect()
}

fn read(status: StatusCode, body: &[u8], asked: &str) -> Result<Registered, Fault> {
    if !status.is_success() {
        return Err(Fault::unavailable(asked, format!("it answers {status}")));
    }
    serde_json::from_slice(body).map_err(|error| Fault::unavailable(asked, error))
}

/// Registries leave the kind of Avro schemas away.
fn kind_of(name: Option<&str>) -> SchemaKind {
    match name {
        None | Some("AVRO") => SchemaKind::Avro,
        Some("PROTOBUF") => SchemaKind::Protobuf,
        Some(_) => SchemaKind::Other,
    }
}
