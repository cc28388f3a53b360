//! Disclosure: how much of a failed value an event may carry, by the classification of its field.
//!
//! The commonest leak is an identifier typed into a field that is no identifier, so a value that looks sensitive is
//! treated as sensitive wherever it stands, and the event says so.

use serde::Serialize;
use yidang_schemas::field::Classification;
use yidang_transform::normalize::shape;
use yidang_transform::token::{IdKey, base32};

#[cfg(test)]
mod tests;

/// Characters of a value or shape that are shown at most.
pub const SHOWN_CHARACTERS: usize = 64;

/// What is said of a value, and how it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// Nothing was stated.
    Absent,
    /// As it is.
    Value,
    /// Its shape, length and fingerprint.
    Shape,
    /// Its length class and fingerprint.
    Fingerprint,
}

impl Disclosure {
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Value => "value",
            Self::Shape => "shape",
            Self::Fingerprint => "fingerprint",
        }
    }
}

/// A failed value as an event may show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    pub disclosure: Disclosure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Digits as `9`, letters as `A`, Han characters as `汉`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// In characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// Where even the length would say too much: `1-8`, `9-16`, `17-32`, `33+`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_class: Option<&'static str>,
    /// `f_` and 26 characters, keyed: only the agency can match it in its own system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// `looks_sensitive` where the value, not its field, forbade more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
}

/// What may be said of `raw`. Without a classification (headers, whole messages) it counts as sensitive.
pub fn observed(
    agency_key: &IdKey,
    classification: Option<Classification>,
    raw: Option<&str>,
) -> Observed {
    let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
        return Observed::absent();
    };
    match classification {
        Some(Classification::Public | Classification::Internal) if shape::looks_sensitive(raw) => {
            Observed {
                because: Some("looks_sensitive"),
                ..sensitive(agency_key, raw)
            }
        }
        Some(Classification::Public | Classification::Internal) => Observed {
            value: Some(shown(raw)),
            ..nothing(Disclosure::Value)
        },
        Some(Classification::Personal) => personal(agency_key, raw),
        Some(Classification::Sensitive) | None => sensitive(agency_key, raw),
    }
}

impl Observed {
    /// Nothing was stated, or nothing may be said.
    pub fn absent() -> Self {
        nothing(Disclosure::Absent)
    }
}

fn nothing(disclosure: Disclosure) -> Observed {
    Observed {
        disclosure,
        value: None,
        shape: None,
        length: None,
        length_class: None,
        fingerprint: None,
        because: None,
    }
}

fn personal(agency_key: &IdKey, raw: &str) -> Observed {
    Observed {
        shape: Some(shown(&shape::of(raw))),
        length: Some(raw.chars().count()),
        fingerprint: Some(fingerprint(agency_key, raw)),
        ..nothing(Disclosure::Shape)
    }
}

fn sensitive(agency_key: &IdKey, raw: &str) -> Observed {
    Observed {
        length_class: Some(length_class(raw.chars().count())),
        fingerprint: Some(fingerprint(agency_key, raw)),
        ..nothing(Disclosure::Fingerprint)
    }
}

/// Keyed hash of a value: equal values of one agency have equal fingerprints.
pub fn fingerprint(agency_key: &IdKey, raw: &str) -> String {
    format!("f_{}", base32(&agency_key.keyed_hash(&[raw.as_bytes()])))
}

fn length_class(characters: usize) -> &'static str {
    match characters {
        0..=8 => "1-8",
        9..=16 => "9-16",
        17..=32 => "17-32",
        _ => "33+",
    }
}

/// At most [`SHOWN_CHARACTERS`], control characters escaped.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(SHOWN_CHARACTERS) {
        if character.is_control() {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}
