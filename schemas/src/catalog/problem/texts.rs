//! The long form of each problem code.

/// Code and explanation, sorted by code.
pub(super) const EXPLANATIONS: &[(&str, &str)] = &[];
