//! The tables of a lake as Arrow: schemas, and rows from what an epoch found.
//!
//! One module per table; file tables come from `transform::project`, findings, issues and events from `feedback`.

pub mod landing;
pub mod observation;
pub mod quarantine;
pub mod state;
