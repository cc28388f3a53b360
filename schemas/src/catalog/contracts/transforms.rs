//! Transforms: how a mapping names one, which is taken where none is named, and whether it fits its column.
//!
//! Leaves alone: which cells a field fills (`mappings`), and what a transform does to a value (`transform::normalize`).

use crate::catalog::page::{Page, nearest};
use crate::catalog::yaml::Node;
use crate::dossier::LeafType;
use crate::field::{Field, IdentifierClass, LogicalType, MoneyUnit, Transform};

/// Names of `Transform` in contracts.
pub(in crate::catalog) const TRANSFORMS: [&str; 32] = [
    "text",
    "person_name",
    "raw",
    "organisation_name",
    "address",
    "address_standard",
    "address_division",
    "address_precision",
    "address_confidence",
    "phone",
    "plate",
    "code",
    "date",
    "month",
    "month_start",
    "integer",
    "money",
    "thousandths",
    "share",
    "currency",
    "division",
    "person_identifier",
    "person_identifier_class",
    "uscc",
    "organisation_code",
    "organisation_category",
    "registration_number",
    "tax_uscc",
    "industry_class",
    "industry_section",
    "token",
    "person_reference",
];

/// The nodes of one target as written.
pub(super) struct Written<'n> {
    pub to: &'n Node,
    /// The entry of a list of targets, where `unit` and `class` stand.
    pub item: Option<&'n Node>,
    pub transform: Option<&'n Node>,
}

/// The transform that is written, or the one that the field's type gives.
pub(super) fn transform(
    page: &mut Page<'_>,
    field: &Field,
    written: &Written<'_>,
) -> Option<Transform> {
    let Some(node) = written.transform else {
        return Some(default_transform(field));
    };
    let option = |name: &str| {
        written
            .item
            .and_then(|item| item.get(name))
            .and_then(Node::scalar)
    };
    Some(match page.scalar(node, "transform")? {
        "text" => Transform::Text,
        "person_name" => Transform::PersonName,
        "raw" => Transform::Raw,
        "organisation_name" => Transform::OrganisationName,
        "address" => Transform::Address,
        "address_standard" => Transform::AddressStandard,
        "address_division" => Transform::AddressDivision,
        "address_precision" => Transform::AddressPrecision,
        "address_confidence" => Transform::AddressConfidence,
        "phone" => Transform::Phone {
            area: area(page, node, option("area"))?,
        },
        "plate" => Transform::Plate,
        "code" => Transform::Code,
        "date" => Transform::Date,
        "month" => Transform::Month,
        "month_start" => Transform::MonthStart,
        "thousandths" => Transform::Thousandths,
        "share" => Transform::Share,
        "integer" => Transform::Integer,
        "money" => Transform::Money {
            unit: unit(page, node, option("unit"))?,
        },
        "currency" => Transform::Currency,
        "division" => Transform::Division,
        "person_identifier" => Transform::PersonIdentifier,
        "person_identifier_class" => Transform::PersonIdentifierClass,
        "uscc" => Transform::Uscc,
        "organisation_code" => Transform::OrganisationCode,
        "organisation_category" => Transform::OrganisationCategory,
        "registration_number" => Transform::RegistrationNumber,
        "tax_uscc" => Transform::TaxUscc,
        "industry_class" => Transform::IndustryClass,
        "industry_section" => Transform::IndustrySection,
        "person_reference" => Transform::PersonReference,
        "token" => {
            let Some(class) = option("class") else {
                let help = "add class: with a word in capitals, for example HOUSEHOLD";
                page.note("CT051", node.spot, "a token needs its class", help);
                return None;
            };
            Transform::Token {
                class: class.to_owned(),
            }
        }
        other => {
            let help = nearest(other, TRANSFORMS.into_iter());
            page.note(
                "CT051",
                node.spot,
                format!("there is no transform '{other}'"),
                help,
            );
            return None;
        }
    })
}

fn unit(page: &mut Page<'_>, node: &Node, name: Option<&str>) -> Option<MoneyUnit> {
    match name {
        Some("fen") => Some(MoneyUnit::Fen),
        Some("yuan") => Some(MoneyUnit::Yuan),
        Some("wan_yuan") => Some(MoneyUnit::WanYuan),
        _ => {
            let help = "add unit: fen, yuan or wan_yuan";
            page.note("CT051", node.spot, "money needs its unit", help);
            None
        }
    }
}

/// An area code, with its zero; numbers of senders from elsewhere have their own.
#[expect(
    clippy::option_option,
    reason = "a wrong area is another thing than none"
)]
fn area(page: &mut Page<'_>, node: &Node, area: Option<&str>) -> Option<Option<String>> {
    let Some(area) = area else {
        return Some(None);
    };
    let sound = matches!(area.as_bytes(), [b'0', rest @ ..]
        if matches!(rest.len(), 2 | 3) && rest.iter().all(u8::is_ascii_digit));
    if !sound {
        let help = "write the area code with its zero, for example area: \"0592\"";
        page.note(
            "CT051",
            node.spot,
            format!("'{area}' is no area code"),
            help,
        );
        return None;
    }
    Some(Some(area.to_owned()))
}

fn default_transform(field: &Field) -> Transform {
    match field.logical_type {
        _ if field.codes.is_some() => Transform::Code,
        LogicalType::Date | LogicalType::Timestamp => Transform::Date,
        LogicalType::Integer => Transform::Integer,
        _ => Transform::Text,
    }
}

/// What a transform gives has to fit the column, and what it needs has to be declared of the field.
pub(super) fn fits(
    page: &mut Page<'_>,
    field: &Field,
    transform: &Transform,
    leaf_type: LeafType,
    written: &Written<'_>,
) {
    let gives = match transform {
        Transform::Date | Transform::MonthStart => LeafType::Date,
        Transform::Integer
        | Transform::Money { .. }
        | Transform::Thousandths
        | Transform::AddressConfidence => LeafType::Integer,
        _ => LeafType::Text,
    };
    let spot = written.transform.unwrap_or(written.to).spot;
    if gives != leaf_type {
        let help = "choose another transform or another column";
        page.note(
            "CT052",
            spot,
            "the transform gives another type than the column holds",
            help,
        );
    }
    let lacks = match transform {
        Transform::Code if field.codes.is_none() => "an enum or a codeSet",
        Transform::Date | Transform::Month | Transform::MonthStart if field.forms.is_empty() => {
            "logicalTypeOptions.format"
        }
        _ if !identifies(field, transform) => {
            "a fitting identifier class (subjects, or 'identifier')"
        }
        _ => return,
    };
    page.note(
        "CT052",
        spot,
        format!("this transform needs {lacks}"),
        format!("declare {lacks}"),
    );
}

/// Whether the field holds an identifier from which the transform can be computed; true for all other transforms.
fn identifies(field: &Field, transform: &Transform) -> bool {
    use IdentifierClass as Class;
    let class = field.identifier.as_ref();
    match transform {
        Transform::PersonIdentifier
        | Transform::PersonIdentifierClass
        | Transform::PersonReference => class.is_some_and(Class::names_persons),
        Transform::Uscc | Transform::OrganisationCategory => {
            matches!(
                class,
                Some(Class::Uscc | Class::TaxNumber | Class::Party { .. })
            )
        }
        Transform::OrganisationCode => {
            matches!(
                class,
                Some(
                    Class::Uscc | Class::TaxNumber | Class::OrganisationCode | Class::Party { .. }
                )
            )
        }
        Transform::RegistrationNumber => matches!(class, Some(Class::RegistrationNumber)),
        Transform::TaxUscc => matches!(class, Some(Class::TaxNumber)),
        _ => true,
    }
}
