//! The pure verbs: bytes become observations and defects, observations become dossiers.
//!
//! Two doors: [`observe::observe`] judges a batch of messages of one feed, [`merge`] and [`project`] fold what was
//! accepted. Nothing here has a clock, a network or a memory of its own: instants and states are passed in.

pub mod calendar;
pub mod cell;
pub mod check;
pub mod codec;
pub mod decode;
pub mod draft;
pub mod identity;
#[cfg(test)]
mod kit;
pub mod merge;
pub mod message;
pub mod normalize;
pub mod observe;
pub mod order;
pub mod parse;
pub mod project;
pub mod record;
pub mod standing;
pub mod token;
pub mod verdict;
