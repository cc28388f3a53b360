//! Order and business time of a record, from fields, headers or the envelope.

use yidang_schemas::contract::{Contract, Order, OrderPart, Place, Reading};
use yidang_schemas::defect::Code;

use super::Stage;
use crate::check::MISTYPED;
use crate::decode::Operation;
use crate::decode::column::Presence;
use crate::normalize::date::{self, DateForms, Zone};

const ORDER_MISSING: Code = Code("ORDER_MISSING");
const ORDER_FORMAT: Code = Code("ORDER_FORMAT");
/// So far clocks of brokers may run ahead of ours before a message's own time, where it stands in for the business time,
/// is held for the future: it is no statement of the agency.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;
const SECOND_MS: i64 = 1_000;
/// Header that dates messages and stands in for a field where a removal has no body.
const BUSINESS_TIME: &str = "business-time";

/// The contract's order and business time, compiled.
#[derive(Debug)]
pub(super) struct OrderReader {
    /// Nothing for feeds ordered by their log.
    parts: Option<Vec<Part>>,
    business_time: Part,
    business_time_required: bool,
    zone: Zone,
}

#[derive(Debug)]
struct Part {
    place: Place,
    form: Form,
    /// Which of the batch's envelope columns holds it.
    member: Option<usize>,
}

#[derive(Debug)]
enum Form {
    Integer,
    Milliseconds,
    Seconds,
    Time(DateForms),
}

impl Form {
    /// Whether a member of an envelope can be read so: capture programs write counts of time as numbers, and positions
    /// in their logs often as text.
    fn fits(&self, presence: Presence) -> bool {
        match presence {
            Presence::Absent | Presence::Null | Presence::Number => true,
            Presence::Text => matches!(self, Self::Integer | Self::Time(_)),
            Presence::Boolean | Presence::Nested => false,
        }
    }
}

/// What orders and dates one record.
pub(super) struct Times<'a> {
    pub parts: Result<Vec<i64>, Code>,
    pub business_time_ms: i64,
    /// Times that stand in headers or the envelope, each with the name of its place.
    pub header_times: Vec<(&'a str, i64)>,
}

impl Part {
    fn new(contract: &Contract, part: &OrderPart) -> Self {
        let form = match &part.reading {
            Reading::Integer => Form::Integer,
            Reading::EpochMilliseconds => Form::Milliseconds,
            Reading::EpochSeconds => Form::Seconds,
            Reading::Time { forms, .. } => Form::Time(forms_of(forms)),
        };
        let member = match &part.place {
            Place::Envelope(name) => {
                let members = contract.envelope_members();
                members.iter().position(|member| member == name)
            }
            Place::Field(_) | Place::Header(_) => None,
        };
        Self {
            place: part.place.clone(),
            form,
            member,
        }
    }

    fn read(&self, stage: &Stage<'_>, row: usize) -> Result<i64, Code> {
        let record = stage.record(row);
        let text = match &self.place {
            Place::Field(_) if record.operation == Operation::RemoveByMessageKey => {
                return self.instead_of_field(stage, row);
            }
            Place::Field(field) => {
                let column = stage.decoded.columns.get(*field).ok_or(ORDER_MISSING)?;
                if column.presence(row) == Presence::Nested {
                    return Err(MISTYPED);
                }
                column.value(row)
            }
            Place::Header(name) => stage.message(row).header(name),
            Place::Envelope(_) => {
                let column = self
                    .member
                    .and_then(|place| stage.decoded.envelope.get(place));
                let column = column.ok_or(ORDER_MISSING)?;
                if !self.form.fits(column.presence(row)) {
                    return Err(ORDER_FORMAT);
                }
                column.value(row)
            }
        };
        let text = text
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .ok_or(ORDER_MISSING)?;
        self.parse(text, &stage.observer.order.zone)
            .ok_or(ORDER_FORMAT)
    }

    fn parse(&self, text: &str, zone: &Zone) -> Option<i64> {
        match &self.form {
            Form::Integer | Form::Milliseconds => text.parse().ok(),
            Form::Seconds => text.parse::<i64>().ok()?.checked_mul(SECOND_MS),
            Form::Time(forms) => date::epoch_milliseconds(text, forms, zone).ok(),
        }
    }

    /// A removal without a body: the header's time, cut to the precision of the field.
    fn instead_of_field(&self, stage: &Stage<'_>, row: usize) -> Result<i64, Code> {
        let time: i64 = match stage
            .message(row)
            .header(BUSINESS_TIME)
            .map(|text| text.trim().parse())
        {
            Some(Ok(time)) => time,
            Some(Err(_)) => return Err(ORDER_FORMAT),
            None => return Err(ORDER_MISSING),
        };
        match &self.form {
            Form::Time(forms) => Ok(date::truncated(
                time,
                forms.precision(),
                &stage.observer.order.zone,
            )),
            Form::Milliseconds => Ok(time),
            Form::Seconds => Ok(time.saturating_sub(time.rem_euclid(SECOND_MS))),
            Form::Integer => Err(ORDER_MISSING),
        }
    }

    /// The header or member of the envelope that holds a time; nothing for fields and plain numbers.
    fn header(&self) -> Option<&str> {
        match (&self.place, &self.form) {
            (Place::Field(_), _) | (_, Form::Integer) => None,
            (Place::Header(name) | Place::Envelope(name), _) => Some(name),
        }
    }
}

impl OrderReader {
    pub(super) fn new(contract: &Contract) -> Self {
        let parts = match &contract.order {
            Order::Parts(parts) => {
                Some(parts.iter().map(|part| Part::new(contract, part)).collect())
            }
            Order::Log => None,
        };
        Self {
            parts,
            business_time: Part::new(contract, &contract.business_time),
            business_time_required: contract.business_time_required,
            zone: Zone::shanghai(),
        }
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// `now_ms`: least of the message's timestamp and the landing instant.
    pub(super) fn read(&self, stage: &Stage<'_>, row: usize, now_ms: i64) -> Times<'_> {
        let mut header_times = Vec::new();
        let mut parts = Ok(Vec::new());
        match &self.parts {
            None => parts = Ok(log_position(stage, row)),
            Some(read) => {
                for part in read {
                    let value = read_part(part, stage, row, &mut header_times);
                    parts = parts.and_then(|mut parts: Vec<i64>| {
                        parts.push(value?);
                        Ok(parts)
                    });
                }
            }
        }
        if stage.contract.snapshot.is_some() {
            // Of two rows of one snapshot the later one counts; all of it is in one lane.
            let position = log_position(stage, row);
            parts = parts.map(|parts| parts.into_iter().chain(position).collect());
        }
        let business_time = read_part(&self.business_time, stage, row, &mut header_times);
        if let Err(code) = business_time
            && !self.may_lack(stage, row, code)
        {
            parts = parts.and(Err(code));
        }
        let business_time_ms = business_time.unwrap_or_else(|_| {
            let time = stand_in(stage, row, now_ms);
            if time > now_ms.saturating_add(CLOCK_SKEW_MS) {
                header_times.extend(self.business_time.header().map(|name| (name, time)));
            }
            time
        });
        Times {
            parts,
            business_time_ms,
            header_times,
        }
    }

    /// Whether a record has an order although its business time could not be read for this reason: an optional one that
    /// is missing, or a field whose own rule says what is wrong with it. A removal by key has no field, but where the
    /// log orders it, its time decides nothing.
    fn may_lack(&self, stage: &Stage<'_>, row: usize, code: Code) -> bool {
        let by_key = stage.record(row).operation == Operation::RemoveByMessageKey;
        let is_field = matches!(self.business_time.place, Place::Field(_));
        let told_elsewhere = is_field && (!by_key || self.parts.is_none());
        !self.business_time_required && (code == ORDER_MISSING || told_elsewhere)
    }
}

/// A part of the order, noted where it is a time that no field rule judges. Every part is read, so that a bad one hides
/// no other.
fn read_part<'a>(
    part: &'a Part,
    stage: &Stage<'_>,
    row: usize,
    header_times: &mut Vec<(&'a str, i64)>,
) -> Result<i64, Code> {
    let time = part.read(stage, row)?;
    header_times.extend(part.header().map(|name| (name, time)));
    Ok(time)
}

/// The message's own time stands in for a missing business time, not the landing instant: that would let the order
/// depend on arrival.
fn stand_in(stage: &Stage<'_>, row: usize, now_ms: i64) -> i64 {
    let timestamp = stage.message(row).timestamp_ms;
    if timestamp < 0 { now_ms } else { timestamp }
}

fn log_position(stage: &Stage<'_>, row: usize) -> Vec<i64> {
    let origin = stage.origin(row);
    vec![
        i64::from(origin.incarnation),
        origin.offset,
        i64::from(origin.row),
    ]
}

/// Forms were checked when the catalog was read.
fn forms_of(forms: &str) -> DateForms {
    DateForms::parse(forms).unwrap_or_else(|_| DateForms::any())
}
