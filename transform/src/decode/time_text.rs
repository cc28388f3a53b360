//! Times of binary formats as text: an instant is written the way the contract reads the field that holds it.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use yidang_schemas::contract::{Contract, Order, OrderPart, Place, Reading};
use yidang_schemas::defect::Code;
use yidang_schemas::field::Field;

use super::SYNTAX;
use super::json_text::JsonText;

/// How a contract wants instants written.
pub(super) struct TimeStyle<'c> {
    /// Fields that are read as epoch milliseconds and in no form with an offset of its own.
    milliseconds: HashSet<Holder<'c>>,
    /// The array whose elements are read.
    array: Option<&'c str>,
}

/// What holds a value: a field by its name in its record, or in the element of the array that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Holder<'n> {
    name: &'n str,
    in_element: bool,
}

impl<'n> Holder<'n> {
    /// Nothing holds the record itself.
    pub(super) const NONE: Holder<'static> = Holder {
        name: "",
        in_element: false,
    };

    fn of(field: &'n Field) -> Self {
        let element = field.name.split_once("[].").filter(|_| field.in_element);
        Self {
            name: element.map_or(field.name.as_str(), |(_array, name)| name),
            in_element: field.in_element,
        }
    }
}

impl<'c> TimeStyle<'c> {
    pub(super) fn new(contract: &'c Contract) -> Self {
        let by_forms = contract.fields.iter().filter(|field| {
            let has = |wanted| field.forms.split('|').any(|form| form.trim() == wanted);
            has("epoch_ms") && !has("iso")
        });
        let by_forms = by_forms.map(Holder::of);
        let ordered = match &contract.order {
            Order::Parts(parts) => parts.as_slice(),
            Order::Log => &[],
        };
        let parts = ordered
            .iter()
            .chain(std::iter::once(&contract.business_time));
        let by_part = parts.filter_map(|part| counted(contract, part));
        Self {
            milliseconds: by_forms.chain(by_part).collect(),
            array: contract
                .array
                .and_then(|field| contract.fields.get(field))
                .map(|field| field.name.as_str()),
        }
    }

    fn is_counted(&self, holder: Holder<'_>) -> bool {
        self.milliseconds.contains(&holder)
    }

    /// A member of what `outer` holds.
    pub(super) fn member<'n>(&self, outer: Holder<'_>, name: &'n str) -> Holder<'n> {
        let in_element = outer.in_element || self.array == Some(outer.name);
        Holder { name, in_element }
    }
}

/// The field of an order part that is read as a plain number.
fn counted<'c>(contract: &'c Contract, part: &OrderPart) -> Option<Holder<'c>> {
    let is_number = matches!(part.reading, Reading::Integer | Reading::EpochMilliseconds);
    match part.place {
        Place::Field(field) if is_number => contract.fields.get(field).map(Holder::of),
        _ => None,
    }
}

/// Writes nanoseconds since the epoch: epoch milliseconds where the contract counts, else RFC 3339 in UTC.
pub(super) fn instant(
    json: &mut JsonText,
    style: &TimeStyle<'_>,
    holder: Holder<'_>,
    nanoseconds: i128,
) -> Result<(), Code> {
    if style.is_counted(holder) {
        return json.display(nanoseconds.div_euclid(1_000_000));
    }
    let instant = Timestamp::from_nanosecond(nanoseconds).map_err(|_too_far| SYNTAX)?;
    json.display(format_args!("\"{instant}\""))
}

/// Writes nanoseconds since 1970-01-01T00:00 of a clock that is somewhere: `yyyy-MM-dd HH:mm:ss`, with a fraction where
/// there is one.
pub(super) fn local(json: &mut JsonText, nanoseconds: i128) -> Result<(), Code> {
    let instant = Timestamp::from_nanosecond(nanoseconds).map_err(|_too_far| SYNTAX)?;
    let time: DateTime = jiff::tz::TimeZone::UTC.to_datetime(instant);
    json.display(format_args!("\"{} {}\"", time.date(), time.time()))
}

/// Writes days since 1970-01-01 as `yyyy-MM-dd`.
pub(super) fn day(json: &mut JsonText, days: i32) -> Result<(), Code> {
    let epoch = Date::constant(1970, 1, 1);
    let day = epoch
        .checked_add(
            jiff::Span::new()
                .try_days(days)
                .map_err(|_too_far| SYNTAX)?,
        )
        .map_err(|_too_far| SYNTAX)?;
    json.display(format_args!("\"{day}\""))
}

/// Writes nanoseconds since midnight as `HH:mm:ss`, with a fraction where there is one.
pub(super) fn time_of_day(json: &mut JsonText, nanoseconds: i128) -> Result<(), Code> {
    const DAY: i128 = 86_400_000_000_000;
    if !(0..DAY).contains(&nanoseconds) {
        return Err(SYNTAX);
    }
    let instant = Timestamp::from_nanosecond(nanoseconds).map_err(|_too_far| SYNTAX)?;
    let time = jiff::tz::TimeZone::UTC.to_datetime(instant).time();
    json.display(format_args!("\"{time}\""))
}
