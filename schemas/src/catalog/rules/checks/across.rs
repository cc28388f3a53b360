//! Checks that read several fields of one record.

use super::{Read, Scope};
use crate::area::Area;
use crate::catalog::page::{Page, nearest};
use crate::catalog::yaml::{Node, Spot};
use crate::field::{FieldIndex, IdentifierClass, LogicalType};
use crate::rule::Check;

/// The check of this name; nothing where it is none over several fields. The inner nothing was noted.
pub(super) fn read(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    node: &Node,
    name: &str,
) -> Option<Option<Read>> {
    Some(match name {
        "date_order" => date_order(page, scope, node),
        "geo_in_city" => geo_in_city(page, scope, node),
        "required_if" => required_if(page, scope, node),
        "one_of_fields" => one_of_fields(page, scope, node),
        "card_validity" => card_validity(page, scope, node),
        "admin_division" => admin_division(page, scope, node),
        _ => return None,
    })
}

fn date_order(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let told = several(
        page,
        scope,
        node,
        "two dates, the earlier one first",
        |count| count == 2,
    )?;
    let &[earlier, later] = told.as_slice() else {
        return None;
    };
    for field in [earlier, later] {
        need_type(page, scope, node, field, is_time)?;
    }
    let check = Check::DateOrder { earlier, later };
    Some(Read { check, told })
}

fn geo_in_city(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let told = several(page, scope, node, "longitude, then latitude", |count| {
        count == 2
    })?;
    let &[longitude, latitude] = told.as_slice() else {
        return None;
    };
    let area = match (node.get("box"), node.get("polygon")) {
        (Some(edges), None) => as_box(&numbers(page, edges)?),
        (None, Some(corners)) => {
            let items = page.items(corners, "polygon");
            let corners: Option<Vec<_>> = items.iter().map(|item| numbers(page, item)).collect();
            as_polygon(&corners?)
        }
        _ => None,
    };
    let Some(area) = area else {
        let sentence = "the check 'geo_in_city' lacks its area";
        let help = "add box: [west, south, east, north] or polygon: [[longitude, latitude], …], in degrees";
        page.note("CT064", node.spot, sentence, help);
        return None;
    };
    for field in [longitude, latitude] {
        need_type(page, scope, node, field, is_number)?;
    }
    let check = Check::GeoInCity {
        longitude,
        latitude,
        area,
    };
    Some(Read { check, told })
}

fn required_if(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let own = own_field(page, scope, node, "required_if")?;
    if scope.described().is_some_and(|field| field.in_element) {
        let sentence =
            "'required_if' compares fields of the record, and this one stands in its elements";
        page.note(
            "CT064",
            node.spot,
            sentence,
            "write required, or a rule over the record",
        );
        return None;
    }
    let named = page.need(node, "field")?;
    let other = field(page, scope, named)?;
    let listed = page.need(node, "in")?;
    let values = page.texts(listed, "in");
    if values.is_empty() {
        let sentence = "the check 'required_if' lacks the values of the other field";
        page.note("CT064", listed.spot, sentence, "list one or more");
        return None;
    }
    if other == own {
        let sentence = "the field cannot depend on itself";
        page.note("CT067", named.spot, sentence, "name another field");
        return None;
    }
    let check = Check::RequiredIf { other, values };
    let told = vec![own, other];
    Some(Read { check, told })
}

fn one_of_fields(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let told = several(page, scope, node, "two fields or more", |count| count > 1)?;
    let check = Check::OneOfFields(told.clone());
    Some(Read { check, told })
}

fn card_validity(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    let wanted = "birth date or resident id, beginning and end of the validity";
    let told = several(page, scope, node, wanted, |count| count == 3)?;
    let &[birth, from, until] = told.as_slice() else {
        return None;
    };
    let declared = scope.contract.fields.get(birth);
    let is_identifier =
        declared.is_some_and(|declared| declared.identifier == Some(IdentifierClass::ResidentId));
    if !is_identifier {
        need_type(page, scope, node, birth, |logical| {
            logical == LogicalType::Date
        })?;
    }
    for field in [from, until] {
        need_type(page, scope, node, field, |logical| {
            logical == LogicalType::Date
        })?;
    }
    let check = Check::CardValidity { birth, from, until };
    Some(Read { check, told })
}

fn admin_division(page: &mut Page<'_>, scope: &Scope<'_>, node: &Node) -> Option<Read> {
    own_field(page, scope, node, "admin_division")?;
    let as_of = match node.get("asOf") {
        None => None,
        Some(named) => {
            let found = field(page, scope, named)?;
            need_type(page, scope, named, found, is_time)?;
            Some(found)
        }
    };
    Some(Read::alone(Check::AdminDivision { as_of }))
}

/// The field at which the rule stands.
fn own_field(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    node: &Node,
    name: &str,
) -> Option<FieldIndex> {
    if scope.field.is_none() {
        let sentence = format!("'{name}' judges one field and stands over a whole topic");
        page.note(
            "CT064",
            node.spot,
            sentence,
            "write the rule at the field it judges",
        );
    }
    scope.field
}

/// The list `fields` of a check, which names the field at which it stands where there is one.
fn several(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    node: &Node,
    wanted: &str,
    enough: impl Fn(usize) -> bool,
) -> Option<Vec<FieldIndex>> {
    let named = page.need(node, "fields")?;
    let found = fields(page, scope, named)?;
    if !enough(found.len()) {
        let sentence = "'fields' names another number of fields than the check reads";
        page.note("CT064", named.spot, sentence, format!("name {wanted}"));
        return None;
    }
    agree(page, scope, named.spot, &found, &found)?;
    Some(found)
}

/// The fields of a list.
pub(super) fn fields(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    named: &Node,
) -> Option<Vec<FieldIndex>> {
    let items = page.items(named, "fields");
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let index = field(page, scope, item)?;
        if found.contains(&index) {
            let sentence = "the field stands in the list twice";
            page.note("CT067", item.spot, sentence, "keep one of the two");
            return None;
        }
        found.push(index);
    }
    Some(found)
}

fn field(page: &mut Page<'_>, scope: &Scope<'_>, named: &Node) -> Option<FieldIndex> {
    let name = page.scalar(named, "field")?;
    let found = scope.contract.field_index(name);
    if found.is_none() {
        let known = scope
            .contract
            .fields
            .iter()
            .map(|field| field.name.as_str());
        let sentence = format!("no property named '{name}'");
        page.note("CT031", named.spot, sentence, nearest(name, known));
    }
    let many = |index: &FieldIndex| {
        let field = scope.contract.fields.get(*index);
        field.is_some_and(|field| field.in_element)
    };
    if found.as_ref().is_some_and(many) {
        let sentence = format!("a record has many values of '{name}', one in each element");
        let help = "name a field of the record itself";
        page.note("CT064", named.spot, sentence, help);
        return None;
    }
    found
}

/// What an agency is told has to be what the rule reads, and a rule at a field has to read it.
pub(super) fn agree(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    spot: Spot,
    told: &[FieldIndex],
    read: &[FieldIndex],
) -> Option<()> {
    let name = |index: &FieldIndex| {
        let field = scope.contract.fields.get(*index);
        field.map_or("", |field| field.name.as_str())
    };
    let unread = told.iter().find(|field| !read.contains(field));
    let untold = read.iter().find(|field| !told.contains(field));
    let missing = scope.field.filter(|own| !read.contains(own));
    let (sentence, help) = if let Some(field) = unread {
        let sentence = format!("the rule does not read '{}'", name(field));
        (sentence, "take it out of 'fields'")
    } else if let Some(field) = untold {
        let sentence = format!(
            "the rule reads '{}', and 'fields' does not say so",
            name(field)
        );
        (sentence, "add it to 'fields', or leave 'fields' out")
    } else if let Some(own) = missing {
        let sentence = format!("the rule stands at '{}' and does not read it", name(&own));
        (
            sentence,
            "write it at a field that it reads, or over the topic",
        )
    } else {
        return Some(());
    };
    page.note("CT067", spot, sentence, help);
    None
}

fn need_type(
    page: &mut Page<'_>,
    scope: &Scope<'_>,
    node: &Node,
    field: FieldIndex,
    fits: impl Fn(LogicalType) -> bool,
) -> Option<()> {
    let declared = scope.contract.fields.get(field)?;
    if fits(declared.logical_type) {
        return Some(());
    }
    let sentence = format!(
        "the check cannot read '{}', which is of another type",
        declared.name
    );
    let help = "name a field of the type that the check compares";
    page.note("CT064", node.spot, sentence, help);
    None
}

fn is_time(logical: LogicalType) -> bool {
    matches!(logical, LogicalType::Date | LogicalType::Timestamp)
}

/// Coordinates are sent as numbers and as texts.
fn is_number(logical: LogicalType) -> bool {
    matches!(
        logical,
        LogicalType::Number | LogicalType::Integer | LogicalType::String
    )
}

fn numbers(page: &mut Page<'_>, node: &Node) -> Option<Vec<f64>> {
    let items = page.items(node, "area");
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let number = item.scalar().and_then(|text| text.parse::<f64>().ok());
        let Some(number) = number.filter(|number| number.is_finite()) else {
            page.note(
                "CT023",
                item.spot,
                "this is no coordinate",
                "write degrees as a number",
            );
            return None;
        };
        found.push(number);
    }
    Some(found)
}

fn as_box(edges: &[f64]) -> Option<Area> {
    let &[west, south, east, north] = edges else {
        return None;
    };
    (west < east && south < north).then_some(Area::Box {
        west,
        south,
        east,
        north,
    })
}

fn as_polygon(corners: &[Vec<f64>]) -> Option<Area> {
    let corner = |pair: &Vec<f64>| match pair.as_slice() {
        &[longitude, latitude] => Some((longitude, latitude)),
        _ => None,
    };
    let corners: Option<Vec<_>> = corners.iter().map(corner).collect();
    corners
        .filter(|corners| corners.len() > 2)
        .map(Area::Polygon)
}
