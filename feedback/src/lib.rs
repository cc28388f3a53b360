//! The feedback loop: failures become issues, issues become events for the agency that has to put something right.
//!
//! An issue is a dossier like any other: [`fold::fold_issues`] reads what is kept and the verdicts of one epoch and
//! returns what changes, and nothing of it is applied before the epoch is landed. Nothing here has a clock, a network
//! or a table: instants are passed in, rows are returned as Arrow batches.
//!
//! Leaves alone: judging records (`transform`), publishing events (`ingest`), storing rows (`sink`); and of the
//! lifecycle everything that needs people or a calendar: responses, deadlines, groups, conflicts, scores.

pub mod correction;
pub mod disclose;
pub mod event;
pub mod finding;
pub mod fold;
pub mod identity;
pub mod issue;
pub mod memory;
pub mod note;
pub mod position;
pub mod tables;
pub mod words;

#[cfg(test)]
pub(crate) mod kit;
