//! The nouns: the vocabulary of the platform and the data files it is loaded from.
//!
//! Leaves alone: everything that happens to data (see `transform`, `feedback`) and every door to the world.

pub mod agency;
pub mod area;
pub mod authority;
pub mod catalog;
pub mod codes;
pub mod contract;
pub mod date_form;
pub mod day;
pub mod decimal;
pub mod defect;
pub mod diff;
pub mod division;
pub mod dossier;
pub mod fault;
pub mod field;
pub mod hints;
pub mod indicator;
pub mod messages;
pub mod origin;
pub mod predicate;
pub mod rule;
