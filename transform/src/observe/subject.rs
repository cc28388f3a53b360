//! Which subjects a record names.

use yidang_schemas::contract::{Subject, SubjectIdentifier};
use yidang_schemas::field::{FieldIndex, IdentifierClass};

use super::Stage;
use crate::cell::Cells;
pub(super) use crate::check::SubjectState;
use crate::decode::column::Presence;
use crate::identity::Target;
use crate::parse::{Facet, OrganisationIdentifier, means_nothing};
use crate::record::push_identity;
use crate::token::Token;

/// Token classes of enterprises; those of persons are the codes of their documents.
const ORGANISATION_CLASS: &str = "ORG";
const REGISTRATION_CLASS: &str = "REG";
const WEAK_CLASS: &str = "WEAK";

/// The targets of a record, one per slot that names one.
pub(super) struct Named {
    pub targets: Vec<Target>,
    pub state: SubjectState,
}

pub(super) fn named(stage: &Stage<'_>, row: usize) -> Named {
    let mut targets = Vec::new();
    let mut state = SubjectState::Named;
    for (slot, subject) in stage.contract.subjects.iter().enumerate() {
        let slot = u8::try_from(slot).expect("a contract has few subjects");
        let (target, slot_state) = target_of(stage, subject, slot, row);
        targets.extend(target);
        state = match (state, slot_state) {
            (SubjectState::Missing, _) | (_, SubjectState::Missing) => SubjectState::Missing,
            (SubjectState::Defective, _) | (_, SubjectState::Defective) => SubjectState::Defective,
            (SubjectState::Ambiguous, _) | (_, SubjectState::Ambiguous) => SubjectState::Ambiguous,
            _ => SubjectState::Named,
        };
    }
    if state == SubjectState::Missing && !targets.is_empty() {
        state = SubjectState::Named;
    }
    Named { targets, state }
}

/// The identifier of smallest class rank; of two unequal ones of one class the field first in the contract.
fn target_of(
    stage: &Stage<'_>,
    subject: &Subject,
    slot: u8,
    row: usize,
) -> (Option<Target>, SubjectState) {
    let mut best: Option<Target> = None;
    let mut state = SubjectState::Missing;
    for identifier in &subject.identifiers {
        match read(stage, subject, identifier, slot, row) {
            Read::Nothing => {}
            Read::Defective if best.is_none() => state = SubjectState::Defective,
            Read::Defective => {}
            Read::Target(target) => {
                let rival = best.filter(|best| best.class_rank == target.class_rank);
                if rival.is_some_and(|best| best.token != target.token) {
                    state = SubjectState::Ambiguous;
                } else if best.is_none_or(|best| target.class_rank < best.class_rank) {
                    best = Some(target);
                    state = SubjectState::Named;
                }
            }
        }
    }
    (best, state)
}

enum Read {
    Nothing,
    Defective,
    Target(Target),
}

fn read(
    stage: &Stage<'_>,
    subject: &Subject,
    identifier: &SubjectIdentifier,
    slot: u8,
    row: usize,
) -> Read {
    let id_key = &stage.observer.id_key;
    let token = match stage.facets.get(identifier.field) {
        Some(Facet::Person(read)) => match read.get(row) {
            Some(Some(Ok(id))) => Some((
                id.class.code(),
                id_key.token(id.class.code(), &id.canonical),
            )),
            Some(Some(Err(_))) => return Read::Defective,
            _ => None,
        },
        Some(Facet::Organisation(read)) => match read.get(row) {
            Some(Some(Ok(id))) => Some(organisation_token(id_key, id)),
            Some(Some(Err(_))) => return Read::Defective,
            _ => None,
        },
        _ => weak_token(stage, identifier, row),
    };
    let Some((class, token)) = token else {
        return unread(stage, identifier, row);
    };
    let dossier = stage
        .observer
        .catalog
        .dossiers
        .get(usize::from(subject.kind));
    let Some(class_rank) = dossier.and_then(|dossier| dossier.class_rank(class)) else {
        return Read::Nothing;
    };
    let weak = dossier
        .and_then(|dossier| dossier.classes.get(usize::from(class_rank)))
        .is_some_and(|class| class.weak);
    Read::Target(Target {
        kind: subject.kind,
        slot,
        token,
        class_rank,
        weak,
    })
}

/// A value that is there but was not read is defective where another rule says so (wrong JSON type, a document type
/// that is not in its list); a filler, or a number without a type, names nobody.
fn unread(stage: &Stage<'_>, identifier: &SubjectIdentifier, row: usize) -> Read {
    let presence = |field: usize| {
        stage
            .decoded
            .columns
            .get(field)
            .map_or(Presence::Absent, |column| column.presence(row))
    };
    let column = stage.decoded.columns.get(identifier.field);
    if column.is_none_or(|column| {
        means_nothing(column.text(row)) && column.presence(row) == Presence::Text
    }) {
        return Read::Nothing;
    }
    let has_type = match identifier.class {
        IdentifierClass::PersonDocument { type_field } => presence(type_field).has_value(),
        _ => false,
    };
    match presence(identifier.field) {
        Presence::Absent | Presence::Null => Read::Nothing,
        Presence::Text if !has_type => Read::Nothing,
        _ => Read::Defective,
    }
}

fn organisation_token(
    id_key: &crate::token::IdKey,
    identifier: &OrganisationIdentifier,
) -> (&'static str, Token) {
    match identifier.organisation_code() {
        Some(code) => (ORGANISATION_CLASS, id_key.token(ORGANISATION_CLASS, code)),
        None => (
            REGISTRATION_CLASS,
            id_key.token(REGISTRATION_CLASS, identifier.text()),
        ),
    }
}

fn weak_token(
    stage: &Stage<'_>,
    identifier: &SubjectIdentifier,
    row: usize,
) -> Option<(&'static str, Token)> {
    let IdentifierClass::Weak { name } = &identifier.class else {
        return None;
    };
    let text = stage
        .decoded
        .columns
        .get(identifier.field)?
        .value(row)?
        .trim();
    let number = format!("{}\u{1F}{name}\u{1F}{text}", stage.contract.agency);
    Some((WEAK_CLASS, stage.observer.id_key.token(WEAK_CLASS, &number)))
}

/// In patch feeds identifiers are cells too, one for each that the contract lists: stated, emptied or silent.
pub(super) fn push_identities(stage: &Stage<'_>, row: usize, cells: &mut Cells) {
    for (slot, subject) in stage.contract.subjects.iter().enumerate() {
        let slot = u8::try_from(slot).expect("a contract has few subjects");
        for (place, identifier) in subject.identifiers.iter().enumerate() {
            let place = u8::try_from(place).expect("a subject has few identifiers");
            match read(stage, subject, identifier, slot, row) {
                Read::Target(target) => push_identity(cells, (slot, place), Some(&target)),
                Read::Nothing if is_emptied(stage, identifier.field, row) => {
                    push_identity(cells, (slot, place), None);
                }
                Read::Nothing | Read::Defective => {}
            }
        }
    }
}

/// Null where the contract lets the field be emptied; elsewhere null states nothing.
fn is_emptied(stage: &Stage<'_>, field: FieldIndex, row: usize) -> bool {
    let column = stage.decoded.columns.get(field);
    let null = column.is_some_and(|column| column.presence(row) == Presence::Null);
    let described = stage.contract.fields.get(field);
    null && described.is_some_and(|field| !field.required)
}
