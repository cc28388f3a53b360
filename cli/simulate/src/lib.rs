//! A city to try Yidang on: persons, enterprises and their lives over 400 days, told by eighteen feeds of fourteen agencies
//! with all the defects that real feeds show, and the truth about it.
//!
//! The city is deterministic: the same settings give the same bytes for ever. All people, companies and numbers are
//! invented from the seed. The crate depends on no other crate of the project, so that the truth cannot share a mistake
//! with the engine that is judged by it.

mod calendar;
mod city;
mod debug;
mod defect;
mod feed;
mod gazetteer;
mod identifier;
mod issue_id;
mod message;
mod plan;
mod random;
mod record;
mod render;
mod sheet;
mod truth;

pub use city::{City, CitySettings, LEAST_RECORDS};
pub use defect::defect_kinds;
pub use issue_id::{IdKey, made_up_id};
pub use message::{CorrectsRef, Message};
pub use truth::{
    Coordinates, Counts, ENTERPRISE_COLUMNS, ENTERPRISE_NOT_TOLD, Expectation, FailedRule,
    IssueState, IssueTruth, NOT_COMPARED, PERSON_COLUMNS, PERSON_NOT_TOLD, RecordTruth, Row,
    SubjectTruth, Truth,
};

#[cfg(test)]
mod tests;
