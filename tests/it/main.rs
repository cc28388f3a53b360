//! The proofs: everything that needs more than one crate, a real broker, a real store or readers that are not ours.
//!
//! One module per subject. `make test` runs them all; a name runs one: `cargo test --workspace --test it -- smoke`.
#![cfg(test)]

mod contracts;
mod costs;
mod oracle_numbers;
mod readers_agree;
mod smoke;
mod tidy;
