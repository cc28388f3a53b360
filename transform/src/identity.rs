//! Identity: which tokens are one subject.
//!
//! Equalities that are arithmetic belong to `normalize` and never come here. Links between identifiers are not read
//! yet: every record stands by its own token, and a subject is one token. The place is kept so that links become a
//! fold of their own and nothing else changes.

use yidang_schemas::dossier::KindIndex;

use crate::token::Token;

/// A subject: kind and the smallest (class rank, token) of its component, today the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    pub kind: KindIndex,
    pub token: Token,
}

/// What one record points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    pub kind: KindIndex,
    /// Place among the subjects of the contract.
    pub slot: u8,
    pub token: Token,
    /// Rank of the identifier's class, 0 the strongest.
    pub class_rank: u8,
    /// A weak identifier never makes a row by itself.
    pub weak: bool,
}

impl Target {
    /// The subject this target belongs to.
    pub fn subject(&self) -> Subject {
        Subject {
            kind: self.kind,
            token: self.token,
        }
    }
}
