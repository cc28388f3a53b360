//! Order and business time of a record, from fields, headers or the envelope.

use yidang_schemas::contract::{Contract, Order, OrderPart, Place, Reading};
use yidang_schemas::defect::Code;

use super::Stage;
use crate::check::MISTYPED;
use crate::decode::column::Presence;
use crate::decode::{EnvelopeTime, Operation};
use crate::normalize::date::{self, DateForms, Zone};

const ORDER_MISSING: Code = Code("ORDER_MISSING");
const ORDER_FORMAT: Code = Code("ORDER_FORMAT");
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
}

#[derive(Debug)]
enum Form {
    Integer,
    Milliseconds,
    Time(DateForms),
}

/// What orders and dates one record.
pub(super) struct Times {
    pub parts: Result<Vec<i64>, Code>,
    pub business_time_ms: i64,
    /// The greatest time among those that stand in headers or the envelope.
    pub header_time_ms: Option<i64>,
}

impl Part {
    fn new(part: &OrderPart) -> Self {
        let form = match &part.reading {
            Reading::Integer => Form::Integer,
            Reading::EpochMilliseconds => Form::Milliseconds,
            Reading::Time { forms, .. } => Form::Time(forms_of(forms)),
        };
        Self {
            place: part.place.clone(),
            form,
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
                return match record.envelope_time {
                    EnvelopeTime::At(time) => Ok(time),
                    EnvelopeTime::Absent => Err(ORDER_MISSING),
                    EnvelopeTime::Unreadable => Err(ORDER_FORMAT),
                };
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
            Form::Integer => Err(ORDER_MISSING),
        }
    }

    fn is_header_time(&self) -> bool {
        let elsewhere = !matches!(self.place, Place::Field(_));
        elsewhere && !matches!(self.form, Form::Integer)
    }
}

impl OrderReader {
    pub(super) fn new(contract: &Contract) -> Self {
        let parts = match &contract.order {
            Order::Parts(parts) => Some(parts.iter().map(Part::new).collect()),
            Order::Log => None,
        };
        Self {
            parts,
            business_time: Part::new(&contract.business_time),
            business_time_required: contract.business_time_required,
            zone: Zone::shanghai(),
        }
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// `now_ms`: least of the message's timestamp and the landing instant.
    pub(super) fn read(&self, stage: &Stage<'_>, row: usize, now_ms: i64) -> Times {
        let mut header_time_ms = None;
        let mut note = |part: &Part, value: &Result<i64, Code>| {
            if let (true, Ok(time)) = (part.is_header_time(), value) {
                header_time_ms = header_time_ms.max(Some(*time));
            }
        };
        let mut parts = Ok(Vec::new());
        match &self.parts {
            None => parts = Ok(log_position(stage, row)),
            Some(read) => {
                for part in read {
                    let value = part.read(stage, row);
                    note(part, &value);
                    parts = parts.and_then(|mut parts: Vec<i64>| {
                        parts.push(value?);
                        Ok(parts)
                    });
                }
            }
        }
        let business_time = self.business_time.read(stage, row);
        note(&self.business_time, &business_time);
        if let (true, Err(code)) = (self.business_time_required, &business_time) {
            parts = parts.and(Err(*code));
        }
        // The message's own time stands in, not the landing instant: that would let the order depend on arrival.
        let business_time_ms = business_time.unwrap_or_else(|_| {
            let timestamp = stage.message(row).timestamp_ms;
            if timestamp < 0 { now_ms } else { timestamp }
        });
        if business_time_ms > now_ms && business_time.is_err() {
            header_time_ms = header_time_ms.max(Some(business_time_ms));
        }
        Times {
            parts,
            business_time_ms,
            header_time_ms,
        }
    }
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
