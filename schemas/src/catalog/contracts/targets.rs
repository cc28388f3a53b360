//! Help for targets of mappings that are not there.

use crate::catalog::page::nearest;
use crate::dossier::Dossier;

/// What a target that is not there may have meant: the parts of its column where it has that, else the nearest name.
pub(super) fn there_is(kind: &str, name: &str, dossier: &Dossier) -> String {
    let column = name.split('.').next().unwrap_or_default();
    let inside = dossier.by_name.keys().filter(|known| {
        known
            .strip_prefix(column)
            .is_some_and(|rest| rest.starts_with('.'))
    });
    let mut parts: Vec<String> = inside.map(|known| format!("{kind}.{known}")).collect();
    if parts.is_empty() {
        let known: Vec<String> = dossier
            .by_name
            .keys()
            .map(|known| format!("{kind}.{known}"))
            .collect();
        return nearest(&format!("{kind}.{name}"), known.iter().map(String::as_str));
    }
    parts.sort_unstable();
    format!("its parts are: {}", parts.join(", "))
}
