//! One module per verb.

pub mod bench;
pub mod contract;
pub mod demo;
pub mod explain;
pub mod feed;
pub mod issue;
pub mod purge;
pub mod rebuild;
pub mod run;
pub mod simulate;
pub mod verify;
