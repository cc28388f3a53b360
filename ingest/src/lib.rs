//! The worker: Kafka in and out, epochs, and the tables that they write.
//!
//! Leaves alone: what a message means (`transform`), what an issue is (`feedback`), how a table is written (`sink`).

pub mod bundle;
pub mod checkpoint;
pub mod copied;
pub mod engine;
pub mod epoch;
pub mod forget;
pub mod kafka;
pub mod lake;
pub mod lanes;
pub mod maintain;
pub mod purge;
pub mod rebuild;
pub mod recover;
pub mod registry;
pub mod report;
pub mod tables;
pub mod worker;
