//! Rows for the tables `finding`, `issue` and `issue_event`.
//!
//! Columns are those whose machinery exists; none is always null. Times are microseconds in UTC. Rows come in the
//! order of their keys, so equal input gives equal files. Leaves alone: files, commits and statistics (`sink`).

mod columns;
mod event;
mod finding;
mod issue;

#[cfg(test)]
mod tests;

pub use event::{issue_event_batch, issue_event_schema};
pub use finding::{finding_batch, finding_schema};
pub use issue::{issue_batch, issue_schema};

/// Table names.
pub const FINDING: &str = "finding";
pub const ISSUE: &str = "issue";
pub const ISSUE_EVENT: &str = "issue_event";
/// Key column of the table `issue`.
pub const ISSUE_KEY: &str = "issue_id";
