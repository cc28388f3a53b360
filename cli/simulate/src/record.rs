//! What an agency states in one record, before anything is spoiled or serialised.
//!
//! A body holds canonical facts, small enough that a million of them fit in memory. Rendering turns facts and defect into
//! bytes; the truth reads the facts and the effect of the defect and never the bytes. No type here has `Debug`, because
//! all of them hold values.

mod judged;

use std::sync::Arc;

use jiff::civil::Date;

use crate::defect::{Defect, KeyState};
use crate::feed::Feed;
use crate::identifier::{Credit, Organisation, Registration, ResidentId, organisation_of};
use crate::sheet::Sheet;

pub use judged::{Expectation, Failure};

/// Household registration (ga.hukou).
#[derive(Clone)]
pub struct Hukou {
    pub id: ResidentId,
    pub name: Arc<str>,
    pub sex: u8,
    pub ethnic: u8,
    pub birth: Date,
    pub district: u32,
    pub address: Arc<str>,
    pub household: u64,
    pub relation: &'static str,
    pub marital: &'static str,
    /// Why and when the registration was cancelled; none while it stands.
    pub cancelled: Option<(Cancellation, Date)>,
}

/// Why a household registration ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    Death,
    MovedAway,
}

impl Cancellation {
    /// The agency's own word.
    pub fn word(self) -> &'static str {
        match self {
            Cancellation::Death => "死亡",
            Cancellation::MovedAway => "迁出",
        }
    }
}

/// A registered stay of a person from elsewhere (ga.residence).
#[derive(Clone)]
pub struct Stay {
    pub id: ResidentId,
    pub name: Arc<str>,
    pub address: Arc<str>,
    pub division: u64,
    pub since: Date,
    /// The end, none for an open end.
    pub until: Option<Date>,
}

/// A medical certificate of death (wj.death).
#[derive(Clone)]
pub struct Death {
    pub number: u64,
    pub id: ResidentId,
    pub name: Arc<str>,
    pub at_ms: i64,
}

/// One kind of social insurance of one person (rs.insurance).
#[derive(Clone)]
pub struct Insurance {
    pub number: u64,
    pub id: ResidentId,
    pub name: Arc<str>,
    pub sex: u8,
    pub birth: Date,
    pub employer: Option<(Credit, Arc<str>)>,
    pub kind: &'static str,
    pub status: &'static str,
    pub region: u32,
    pub since: Date,
    pub base_cents: u64,
    /// Year × 100 + month.
    pub last_month: u32,
}

/// A cell of a patch: silence, an emptied value or a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell<T> {
    Absent,
    Null,
    Value(T),
}

/// A patch of one medical insurance (yb.medins).
#[derive(Clone)]
pub struct Medins {
    pub number: u64,
    pub kind: &'static str,
    pub id: Option<ResidentId>,
    pub birth: Option<Date>,
    pub status: Cell<&'static str>,
    pub since: Cell<Date>,
    pub paid_through: Cell<u32>,
}

/// The registration of an enterprise (scjg.register).
#[derive(Clone)]
pub struct Register {
    pub number: u64,
    pub credit: Option<Credit>,
    pub registration: Option<Registration>,
    pub name: Arc<str>,
    pub entity_type: &'static str,
    pub representative: Arc<str>,
    pub capital_cents: i64,
    pub currency: &'static str,
    pub established: Date,
    pub authority: u32,
    /// The source's own code.
    pub status: &'static str,
    /// Class and section.
    pub industry: (&'static str, &'static str),
    pub district: u32,
    pub address: Arc<str>,
}

/// An administrative penalty (scjg.penalty).
#[derive(Clone)]
pub struct Penalty {
    pub document: Arc<str>,
    pub credit: Credit,
    pub name: Arc<str>,
    pub date: Date,
    pub amount_cents: Option<u64>,
}

/// A tax number: today's is the credit code, the old one has 15 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TaxNumber {
    Eighteen,
    Fifteen {
        region: u32,
        organisation: Organisation,
    },
}

/// A taxpayer (sw.taxpayer).
#[derive(Clone)]
pub struct Taxpayer {
    pub number: TaxNumber,
    /// The credit code of the enterprise; sent only if `states_credit`.
    pub credit: Credit,
    pub states_credit: bool,
    pub name: Arc<str>,
    pub status: &'static str,
    pub kind: &'static str,
    pub credit_level: Option<(u16, &'static str)>,
}

impl Taxpayer {
    /// The tax number as text.
    pub fn number_text(&self) -> String {
        match &self.number {
            TaxNumber::Eighteen => self.credit.text().to_owned(),
            TaxNumber::Fifteen {
                region,
                organisation,
            } => format!("{region:06}{}", organisation.text()),
        }
    }
}

/// The facts of a record, by feed.
#[derive(Clone)]
pub enum Body {
    Hukou(Hukou),
    Stay(Stay),
    Death(Death),
    Insurance(Insurance),
    Medins(Medins),
    Register(Register),
    Penalty(Penalty),
    Taxpayer(Taxpayer),
    /// Of the feeds beside the registers.
    Sheet(Sheet),
}

impl Body {
    /// The feed that carries such facts.
    pub fn feed(&self) -> Feed {
        match self {
            Body::Hukou(_) => Feed::Hukou,
            Body::Stay(_) => Feed::Residence,
            Body::Death(_) => Feed::Death,
            Body::Insurance(_) => Feed::Insurance,
            Body::Medins(_) => Feed::Medins,
            Body::Register(_) => Feed::Register,
            Body::Penalty(_) => Feed::Penalty,
            Body::Taxpayer(_) => Feed::Taxpayer,
            Body::Sheet(sheet) => sheet.statement.feed(),
        }
    }

    /// The person's number that the record states, where its feed states one.
    pub fn resident_id(&self) -> Option<&ResidentId> {
        match self {
            Body::Hukou(body) => Some(&body.id),
            Body::Stay(body) => Some(&body.id),
            Body::Death(body) => Some(&body.id),
            Body::Insurance(body) => Some(&body.id),
            Body::Medins(body) => body.id.as_ref(),
            Body::Register(_) | Body::Penalty(_) | Body::Taxpayer(_) | Body::Sheet(_) => None,
        }
    }
}

/// What a record does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// States facts.
    Upsert,
    /// Header `op` = D beside a full body (in an envelope: op d).
    RemovalWithBody,
    /// Header `op` = D and an empty body.
    RemovalEmpty,
    /// A null value.
    Tombstone,
}

impl Operation {
    /// Whether the record takes back what its key stated.
    pub fn is_removal(self) -> bool {
        self != Operation::Upsert
    }
}

/// Which issue a record says that it corrects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Corrects {
    /// The issue that the record of this index opened.
    Right(usize),
    /// An id that nobody ever issued.
    Unknown,
    /// An issue of another feed, opened by the record of this index.
    Foreign(usize),
    /// An issue whose record has a sound key, opened by the record of this index.
    SoundKey(usize),
}

impl Corrects {
    /// The record whose issue is named.
    pub fn target(self) -> Option<usize> {
        match self {
            Corrects::Right(index) | Corrects::Foreign(index) | Corrects::SoundKey(index) => {
                Some(index)
            }
            Corrects::Unknown => None,
        }
    }
}

/// Marks the first version of a key, which a log reader calls a creation.
pub const FIRST_VERSION: &str = "first_version";

/// A record of the city, ready to be serialised.
#[derive(Clone)]
pub struct Record {
    pub body: Body,
    pub operation: Operation,
    /// Business time in epoch milliseconds, in the precision of the feed.
    pub time_ms: i64,
    /// When the producer made the message (CreateTime), epoch milliseconds.
    pub produced_ms: i64,
    /// When the message is sent; the order of arrival.
    pub arrival_ms: i64,
    /// The source's own counter, unique in its feed.
    pub sequence: u64,
    pub defect: Option<Defect>,
    /// What the record is an example of beside its defect.
    pub story: Option<&'static str>,
    pub corrects: Option<Corrects>,
    /// Chooses among variants of one defect.
    pub salt: u64,
    /// The delivery may not be moved or repeated, because the truth depends on it.
    pub pinned: bool,
    /// Delivered a second time, byte for byte.
    pub duplicate: bool,
}

impl Record {
    /// The feed of the record.
    pub fn feed(&self) -> Feed {
        self.body.feed()
    }

    /// The record as a sheet, if its feed is told by statements.
    pub fn sheet(&self) -> Option<&Sheet> {
        match &self.body {
            Body::Sheet(sheet) => Some(sheet),
            _ => None,
        }
    }

    /// The story that the record belongs to; being the first version of its key is none.
    pub fn told_story(&self) -> Option<&'static str> {
        self.story.filter(|story| *story != FIRST_VERSION)
    }

    /// The record key in canonical text, or as sent and trimmed where a field cannot be normalized; none if no key can
    /// be read.
    pub fn key(&self) -> Option<Vec<String>> {
        if let Some(sheet) = self.sheet() {
            return sheet.key(self.salt);
        }
        let state = self
            .defect
            .map_or(KeyState::Sound, |defect| defect.key_state(self.feed()));
        if state == KeyState::Absent {
            return None;
        }
        let identifier = |id: &ResidentId| match (state, self.defect) {
            (KeyState::Defective, Some(defect)) => crate::render::spoiled_id(id, defect, self.salt),
            _ => id.text().to_owned(),
        };
        let code = |kind: &str, names: &[(&'static str, &'static str)]| match state {
            KeyState::Defective => crate::render::UNKNOWN_CODE.to_owned(),
            _ => crate::truth::codes::translated(names, kind)
                .unwrap_or_default()
                .to_owned(),
        };
        Some(match &self.body {
            Body::Hukou(body) => vec![identifier(&body.id)],
            Body::Stay(body) => vec![identifier(&body.id), body.since.to_string()],
            Body::Death(body) => vec![body.number.to_string()],
            Body::Insurance(body) => {
                vec![
                    body.number.to_string(),
                    code(body.kind, &crate::truth::codes::SOCIAL_KINDS),
                ]
            }
            Body::Medins(body) => {
                vec![
                    body.number.to_string(),
                    code(body.kind, &crate::truth::codes::MEDICAL_KINDS),
                ]
            }
            Body::Register(body) => vec![body.number.to_string()],
            Body::Penalty(body) => vec![body.document.to_string()],
            Body::Taxpayer(body) => vec![body.number_text()],
            Body::Sheet(_) => return None,
        })
    }

    /// The subject that the record names: identifier class and canonical number.
    pub fn subject(&self) -> Option<(&'static str, String)> {
        if let Some(id) = self.body.resident_id() {
            return Some(("RIC", id.text().to_owned()));
        }
        match &self.body {
            Body::Register(body) => match (&body.credit, &body.registration) {
                (Some(credit), _) => Some(("ORG", organisation_of(credit).to_owned())),
                (None, Some(number)) => Some(("REG", number.text().to_owned())),
                (None, None) => None,
            },
            Body::Penalty(body) => Some(("ORG", organisation_of(&body.credit).to_owned())),
            Body::Taxpayer(body) => Some(("ORG", organisation_of(&body.credit).to_owned())),
            _ => None,
        }
    }
}
