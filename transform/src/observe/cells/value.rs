//! The canonical value of one cell: what a transform makes of a field's text.

use std::borrow::Cow;

use yidang_schemas::contract::Mode;
use yidang_schemas::field::{FieldIndex, Mapping, MoneyUnit, Transform};

use super::{Part, holds};
use crate::calendar;
use crate::check::Batch;
use crate::decode::column::Presence;
use crate::normalize::address::{self, Address, AddressReader};
use crate::normalize::date::DateOutcome;
use crate::normalize::{currency, division, industry, money, phone, plate, quantity, share};
use crate::parse::{Facet, OrganisationIdentifier};
use crate::token::IdKey;

/// What reading a value may need beside the value.
#[derive(Clone, Copy)]
pub(super) struct Aids<'p> {
    pub id_key: &'p IdKey,
    pub addresses: Option<&'p AddressReader>,
}

/// A canonical value that may own its text.
pub(super) enum Canonical<'a> {
    Text(Cow<'a, str>),
    Date(i32),
    Integer(i64),
}

/// What a mapping states: nothing (silence), null, or a value.
pub(super) fn state<'a>(
    batch: &'a Batch<'_>,
    aids: Aids<'_>,
    mapping: &Mapping,
    part: Part,
    lost: &[(FieldIndex, usize)],
) -> Option<Option<Canonical<'a>>> {
    let row = part.row(batch, mapping.field)?;
    let column = batch.decoded.columns.get(mapping.field)?;
    let field = batch.contract.fields.get(mapping.field)?;
    match (column.presence(row), batch.contract.mode) {
        (Presence::Null, Mode::Patch) if !field.required => return Some(None),
        (Presence::Absent | Presence::Null, _) => return None,
        _ if lost.contains(&(mapping.field, row)) => return None,
        _ => {}
    }
    canonical(batch, aids, mapping, row).map(Some)
}

fn canonical<'a>(
    batch: &'a Batch<'_>,
    aids: Aids<'_>,
    mapping: &Mapping,
    row: usize,
) -> Option<Canonical<'a>> {
    let text = batch.decoded.columns.get(mapping.field)?.text(row);
    let facet = batch.facets.get(mapping.field)?;
    let borrowed = |text: &'a str| Some(Canonical::Text(Cow::Borrowed(text)));
    match &mapping.transform {
        Transform::Text => clean(text).map(Canonical::Text),
        Transform::Raw => match facet {
            Facet::Name(names) if !matches!(names.get(row), Some(Some(Ok(_)))) => None,
            _ => non_empty(text.trim()).and_then(borrowed),
        },
        Transform::PersonName | Transform::OrganisationName => match facet {
            Facet::Name(names) => match names.get(row) {
                Some(Some(Ok(name))) => borrowed(name.text.as_ref()),
                _ => None,
            },
            _ => None,
        },
        Transform::Address => Some(Canonical::Text(address::clean(text))).filter(has_text),
        Transform::AddressStandard
        | Transform::AddressDivision
        | Transform::AddressPrecision
        | Transform::AddressConfidence => {
            addressed(aids.addresses?.read(text)?, &mapping.transform)
        }
        Transform::Phone { area } => phone::parse(text, area.as_deref())
            .ok()
            .map(|phone| owned(phone.text.as_str())),
        Transform::Plate => plate::parse(text).ok().map(|plate| owned(&plate.text)),
        Transform::Code => match facet {
            Facet::Code(codes) => codes
                .get(row)
                .copied()
                .flatten()
                .flatten()
                .and_then(borrowed),
            _ => non_empty(text.trim()).and_then(borrowed),
        },
        Transform::Date | Transform::Month | Transform::MonthStart => {
            dated(facet, &mapping.transform, row)
        }
        Transform::Integer => whole(text).map(Canonical::Integer),
        Transform::Money { unit } => money::cents(text, money_unit(*unit))
            .ok()
            .map(Canonical::Integer),
        Transform::Thousandths => quantity::thousandths(text).map(Canonical::Integer),
        Transform::Share => share::fraction(text).map(|share| Canonical::Text(Cow::Owned(share))),
        Transform::Currency => currency::alpha3(text).and_then(borrowed),
        Transform::Division => division::parse(text, division::System::Mca)
            .ok()
            .map(|division| owned(division.text.as_str())),
        Transform::IndustryClass => {
            let industry = industry::class_and_section(text).ok()?;
            industry.class().map(owned)
        }
        Transform::IndustrySection => {
            let industry = industry::class_and_section(text).ok()?;
            Some(owned(&industry.section.to_string()))
        }
        Transform::Token { class } => {
            let number = non_empty(text.trim())?;
            Some(owned(&aids.id_key.token(class, number).to_string()))
        }
        Transform::PersonIdentifier
        | Transform::PersonIdentifierClass
        | Transform::PersonReference => person(facet, &mapping.transform, aids.id_key, row),
        Transform::Uscc
        | Transform::OrganisationCode
        | Transform::OrganisationCategory
        | Transform::RegistrationNumber
        | Transform::TaxUscc => organisation(facet, &mapping.transform, row),
    }
}

/// Whether a transform reads levels and division of an address.
pub(super) fn is_address(transform: &Transform) -> bool {
    matches!(
        transform,
        Transform::AddressStandard
            | Transform::AddressDivision
            | Transform::AddressPrecision
            | Transform::AddressConfidence
    )
}

fn addressed<'a>(address: Address, transform: &Transform) -> Option<Canonical<'a>> {
    Some(match transform {
        Transform::AddressDivision => owned(address.division?.as_str()),
        Transform::AddressPrecision => Canonical::Text(Cow::Borrowed(address.precision?.code())),
        Transform::AddressConfidence => Canonical::Integer(i64::from(address.confidence)),
        _ => Canonical::Text(Cow::Owned(address.text)),
    })
}

fn owned<'a>(text: &str) -> Canonical<'a> {
    Canonical::Text(Cow::Owned(text.to_owned()))
}

fn has_text(canonical: &Canonical<'_>) -> bool {
    !matches!(canonical, Canonical::Text(text) if text.is_empty())
}

fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Trimmed, without control characters; nothing where nothing is left.
fn clean(text: &str) -> Option<Cow<'_, str>> {
    if !text.trim().chars().any(char::is_control) {
        return non_empty(text.trim()).map(Cow::Borrowed);
    }
    // A control character may hide a blank at the end.
    let shown: String = text.chars().filter(|letter| !letter.is_control()).collect();
    non_empty(shown.trim()).map(|text| Cow::Owned(text.to_owned()))
}

fn whole(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn money_unit(unit: MoneyUnit) -> money::Unit {
    match unit {
        MoneyUnit::Fen => money::Unit::Fen,
        MoneyUnit::Yuan => money::Unit::Yuan,
        MoneyUnit::WanYuan => money::Unit::WanYuan,
    }
}

fn dated<'a>(facet: &Facet<'_>, transform: &Transform, row: usize) -> Option<Canonical<'a>> {
    let Facet::Date(dates) = facet else {
        return None;
    };
    let outcome = dates.get(row)?.as_ref()?;
    let month = |year: i16, month: i8| Canonical::Text(Cow::Owned(format!("{year:04}-{month:02}")));
    let start = |year: i16, month: i8| {
        let first = jiff::civil::Date::new(year, month, 1).ok()?;
        Some(Canonical::Date(calendar::days_of(first)))
    };
    match (outcome, transform) {
        (DateOutcome::Date(day), Transform::MonthStart) => start(day.year(), day.month()),
        (DateOutcome::Partial { year, month }, Transform::MonthStart) => start(*year, *month),
        (DateOutcome::Date(day), Transform::Month) => Some(month(day.year(), day.month())),
        (DateOutcome::Date(day), _) => Some(Canonical::Date(calendar::days_of(*day))),
        (
            DateOutcome::Partial {
                year,
                month: number,
            },
            Transform::Month,
        ) => Some(month(*year, *number)),
        _ => None,
    }
}

fn person<'a>(
    facet: &'a Facet<'_>,
    transform: &Transform,
    id_key: &IdKey,
    row: usize,
) -> Option<Canonical<'a>> {
    let identifier = facet.person(row)?.ok()?;
    Some(Canonical::Text(match transform {
        Transform::PersonIdentifierClass => Cow::Borrowed(identifier.class.code()),
        Transform::PersonReference => Cow::Owned(
            id_key
                .token(identifier.class.code(), &identifier.canonical)
                .to_string(),
        ),
        _ => Cow::Borrowed(identifier.canonical.as_str()),
    }))
}

fn organisation<'a>(
    facet: &'a Facet<'_>,
    transform: &Transform,
    row: usize,
) -> Option<Canonical<'a>> {
    let identifier = facet.organisation(row)?.ok()?;
    let whole = match identifier {
        OrganisationIdentifier::Uscc(uscc) => Some(uscc.text.as_str()),
        OrganisationIdentifier::Tax(tax) if tax.text().len() == 18 => Some(tax.text()),
        _ => None,
    };
    let text = match transform {
        Transform::OrganisationCode => identifier.organisation_code(),
        Transform::OrganisationCategory => whole.and_then(|uscc| uscc.get(..2)),
        Transform::RegistrationNumber => match identifier {
            OrganisationIdentifier::Registration(text) => Some(text.as_str()),
            _ => None,
        },
        _ => whole,
    };
    text.map(|text| Canonical::Text(Cow::Borrowed(text)))
}

/// Code of what makes the text of a field unreadable for the transforms that read it directly.
pub(crate) fn unreadable(
    batch: &Batch<'_>,
    field: FieldIndex,
    (record, row): (usize, usize),
) -> Option<&'static str> {
    let text = batch.decoded.columns.get(field)?.value(row)?;
    let in_element = batch.contract.fields.get(field)?.in_element;
    let part = Part {
        record,
        element: in_element.then_some((row, 0)),
    };
    let mappings = batch
        .contract
        .mappings
        .iter()
        .filter(|mapping| mapping.field == field);
    mappings
        .filter(|mapping| holds(batch, &mapping.when, part))
        .find_map(|mapping| match &mapping.transform {
            Transform::Money { unit } => money::cents(text, money_unit(*unit))
                .err()
                .map(|problem| problem.code()),
            Transform::Phone { area } => phone::parse(text, area.as_deref())
                .err()
                .map(|problem| problem.code()),
            Transform::Plate => plate::parse(text).err().map(|problem| problem.code()),
            Transform::Integer => whole(text).is_none().then_some("NUMBER_FORMAT"),
            Transform::Share => share::fraction(text).is_none().then_some("SHARE_FORMAT"),
            Transform::Thousandths => quantity::thousandths(text)
                .is_none()
                .then_some("NUMBER_FORMAT"),
            Transform::Currency => currency::alpha3(text).is_none().then_some("CURRENCY"),
            Transform::Division => division::parse(text, division::System::Mca)
                .err()
                .map(|problem| problem.code()),
            Transform::IndustryClass | Transform::IndustrySection => {
                industry::class_and_section(text)
                    .err()
                    .map(|problem| problem.code())
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests;
