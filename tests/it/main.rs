//! The proofs: everything that needs more than one crate, a real broker, a real store or readers that are not ours.
//!
//! One module per subject. `make test` runs them all; a name runs one: `cargo test --workspace --test it -- smoke`.
#![cfg(test)]

mod canary;
mod contract_verbs;
mod contracts;
mod copied;
mod costs;
mod demo;
mod errors;
mod explain;
mod feed_check;
mod feed_is_data;
mod kills;
mod oracle_numbers;
mod poison;
mod purge;
mod readers_agree;
mod s3;
mod schedules;
mod smoke;
mod snapshots;
mod takeover;
mod third_kind;
mod tidy;
mod topics;
mod traps;
mod truth;
mod verify;
