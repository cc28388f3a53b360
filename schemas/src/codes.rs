//! Code lists: which source codes exist and which canonical code each stands for.

use std::collections::HashMap;

/// A code list or the `enum` of one contract field, compiled for look-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeMap {
    /// `name@version` of `codes/<name>.csv`, or empty for an `enum` written in a contract.
    pub name: String,
    /// Code as sent (trimmed) to canonical code. Sources, and where the list says so labels, are keys as well.
    pub canonical: HashMap<String, String>,
}

impl CodeMap {
    /// The canonical code of `code`, or nothing where the list does not have it.
    pub fn get(&self, code: &str) -> Option<&str> {
        self.canonical.get(code).map(String::as_str)
    }
}
