//! Which subjects a record names.

use yidang_schemas::contract::{Subject, SubjectIdentifier};
use yidang_schemas::field::{FieldIndex, IdentifierClass};

use super::Stage;
use crate::cell::Cells;
pub(super) use crate::check::SubjectState;
use crate::decode::column::Presence;
use crate::identity::Target;
use crate::normalize::fold;
use crate::parse::{OrganisationIdentifier, means_nothing};
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

/// Which subject of the contract is asked for, and where its identifiers stand.
#[derive(Clone, Copy)]
struct Asked<'a> {
    subject: &'a Subject,
    slot: u8,
    record: usize,
    /// The element that names it, among those of the batch.
    element: Option<usize>,
}

impl Asked<'_> {
    /// Row of the columns of its identifiers.
    fn row(&self) -> usize {
        self.element.unwrap_or(self.record)
    }
}

pub(super) fn named(stage: &Stage<'_>, row: usize) -> Named {
    let mut targets = Vec::new();
    let (mut defective, mut ambiguous) = (false, false);
    for asked in asked(stage, row) {
        let (target, state) = target_of(stage, asked);
        targets.extend(target);
        defective |= state == SubjectState::Defective;
        ambiguous |= state == SubjectState::Ambiguous;
    }
    let state = match () {
        () if defective => SubjectState::Defective,
        () if ambiguous => SubjectState::Ambiguous,
        () if targets.is_empty() => SubjectState::Missing,
        () => SubjectState::Named,
    };
    Named { targets, state }
}

/// The subjects of a record in slot order: of the record itself, then of its elements.
fn asked<'a>(stage: &'a Stage<'_>, record: usize) -> impl Iterator<Item = Asked<'a>> {
    let subjects = |each| {
        let all = stage.contract.subjects.iter().enumerate();
        all.filter(move |(_, subject)| subject.each == each)
    };
    let ask = move |(place, subject), number: usize, element| {
        let slot = stage.contract.slot(place, number);
        Asked {
            subject,
            slot: slot
                .expect("more elements than there are slots were refused when the record was read"),
            record,
            element,
        }
    };
    let alone = subjects(false).map(move |subject| ask(subject, 0, None));
    let elements = stage.decoded.elements(record).enumerate();
    let each = elements.flat_map(move |(number, element)| {
        subjects(true).map(move |subject| ask(subject, number, Some(element)))
    });
    alone.chain(each)
}

/// The identifier of smallest class rank; of two unequal ones of one class the field first in the contract.
fn target_of(stage: &Stage<'_>, asked: Asked<'_>) -> (Option<Target>, SubjectState) {
    let mut best: Option<Target> = None;
    let mut state = SubjectState::Missing;
    for identifier in &asked.subject.identifiers {
        match read(stage, asked, identifier) {
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

fn read(stage: &Stage<'_>, asked: Asked<'_>, identifier: &SubjectIdentifier) -> Read {
    let id_key = &stage.observer.id_key;
    let Asked { subject, slot, .. } = asked;
    let row = asked.row();
    let facet = stage.facets.get(identifier.field);
    let person = facet.and_then(|facet| facet.person(row));
    let organisation = facet.and_then(|facet| facet.organisation(row));
    let token = match (person, organisation) {
        (Some(Ok(id)), _) => Some((
            id.class.code(),
            id_key.token(id.class.code(), &id.canonical),
        )),
        (_, Some(Ok(id))) => Some(organisation_token(id_key, id)),
        (Some(Err(_)), _) | (_, Some(Err(_))) => return Read::Defective,
        (None, None) => plain_token(stage, identifier, row),
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
    let type_field = identifier.class.type_field();
    let has_type = type_field.is_some_and(|field| presence(field).has_value());
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

/// The token of a number that no check of ours reads: of a class of the dossier, or of the agency alone.
fn plain_token<'i>(
    stage: &Stage<'_>,
    identifier: &'i SubjectIdentifier,
    row: usize,
) -> Option<(&'i str, Token)> {
    let id_key = &stage.observer.id_key;
    let text = || stage.decoded.columns.get(identifier.field)?.value(row);
    match &identifier.class {
        IdentifierClass::Number { class } => {
            let number = one_spelling(text()?).filter(|number| !means_nothing(number))?;
            Some((class, id_key.token(class, &number)))
        }
        IdentifierClass::Weak { name } => {
            let (agency, text) = (&stage.contract.agency, text()?.trim());
            let number = format!("{agency}\u{1F}{name}\u{1F}{text}");
            Some((WEAK_CLASS, id_key.token(WEAK_CLASS, &number)))
        }
        _ => None,
    }
}

/// Half width, in capitals, without white space; nothing where nothing is left.
fn one_spelling(text: &str) -> Option<String> {
    let folded = fold::width(text);
    let number: String = folded
        .chars()
        .filter(|character| !character.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    (!number.is_empty()).then_some(number)
}

/// In patch feeds identifiers are cells too, one for each that the contract lists: stated, emptied or silent.
pub(super) fn push_identities(stage: &Stage<'_>, row: usize, cells: &mut Cells) {
    for asked in asked(stage, row) {
        for (place, identifier) in asked.subject.identifiers.iter().enumerate() {
            let place = u8::try_from(place).expect("a subject has few identifiers");
            match read(stage, asked, identifier) {
                Read::Target(target) => push_identity(cells, (asked.slot, place), Some(&target)),
                Read::Nothing if is_emptied(stage, identifier.field, row) => {
                    push_identity(cells, (asked.slot, place), None);
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
