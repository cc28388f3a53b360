//! The pure verbs: bytes to observations and defects, observations to dossiers.

pub mod normalize;
