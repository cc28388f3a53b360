//! What the proofs stand on: a real broker, a real object store, readers and clients that are not ours, and the product as a process.
//!
//! Nothing here knows what the product should answer; the tests in `it/` say that. Where something cannot start, the function
//! that wanted it panics with what was tried, so the test fails: a proof is never skipped.
#![expect(
    clippy::panic,
    reason = "a proof that cannot be set up fails, with what was tried"
)]

pub mod broker;
pub mod lab;
pub mod lake_log;
pub mod messages;
pub mod patience;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod readers;
pub mod records;
pub mod registry;
pub mod schemas;
pub mod seaweed;
pub mod spawn;
pub mod station;
pub mod wire;

use std::path::PathBuf;

/// The repository's root folder: scripts, contracts and oracles are found from here.
#[must_use]
pub fn repository() -> PathBuf {
    let crate_folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    crate_folder
        .parent()
        .expect("the crate lies in the repository")
        .to_path_buf()
}
