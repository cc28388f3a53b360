//! The bytes of an issue in `state`: version byte first, then the members in a fixed order.

use yidang_schemas::rule::{Action, Dimension, Severity};

use super::{Failing, IssueState, LaneMarks, Marks, Passing, Reason, Stamp, Status};
use crate::correction::Correction;
use crate::identity::{IssueId, RecordRef};
use crate::position::Sighting;
use yidang_transform::codec::{Reader, Writer};

const VERSION: u8 = 1;
/// First byte after the version; tells an issue from what waits for one.
pub(crate) const KIND: u8 = b'i';

const STATUSES: [Status; 3] = [Status::Open, Status::Resolved, Status::Dismissed];
const REASONS: [Reason; 3] = [Reason::Corrected, Reason::Withdrawn, Reason::RuleChanged];
const SEVERITIES: [Severity; 4] = [
    Severity::Info,
    Severity::Minor,
    Severity::Major,
    Severity::Critical,
];
const ACTIONS: [Action; 4] = [
    Action::Observe,
    Action::Flag,
    Action::Quarantine,
    Action::Reject,
];
const DIMENSIONS: [Dimension; 7] = [
    Dimension::Accuracy,
    Dimension::Completeness,
    Dimension::Conformity,
    Dimension::Consistency,
    Dimension::Coverage,
    Dimension::Timeliness,
    Dimension::Uniqueness,
];

impl IssueState {
    /// Version byte first; [`IssueState::decode`] reads it back exactly.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(VERSION);
        writer.u8(KIND);
        self.write_identity(&mut writer);
        self.marks.write(&mut writer);
        self.write_standing(&mut writer);
        self.write_counts(&mut writer);
        writer.finish()
    }

    /// Nothing where the bytes are no issue of this version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION || reader.u8()? != KIND {
            return None;
        }
        let state = Self::read(&mut reader)?;
        reader.is_done().then_some(state)
    }

    fn write_identity(&self, writer: &mut Writer) {
        writer.fixed(&self.id.0);
        for text in [&self.agency, &self.feed, &self.rule, &self.field] {
            writer.text(text);
        }
        writer.option(self.key_hash.as_ref(), |writer, hash| writer.fixed(hash));
        writer.fixed(&self.record_ref.0);
        writer.flag(self.key_sound);
    }

    fn write_standing(&self, writer: &mut Writer) {
        writer.u8(place(&STATUSES, &self.status));
        writer.option(self.reason.as_ref(), |writer, reason| {
            writer.u8(place(&REASONS, reason))
        });
        writer.text(&self.code);
        writer.u8(place(&SEVERITIES, &self.severity));
        writer.u8(place(&ACTIONS, &self.action));
        writer.u8(place(&DIMENSIONS, &self.dimension));
        writer.u32(self.seq);
        writer.fixed(&self.last_hash);
    }

    fn write_counts(&self, writer: &mut Writer) {
        writer.i64(self.opened_at_ms);
        writer.option(self.resolved_at_ms.as_ref(), |writer, time| {
            writer.i64(*time)
        });
        writer.u64(self.occurrences);
        writer.u32(self.reopened);
        writer.i64(self.last_notice_ms);
        writer.list(&self.values, |writer, hash| writer.u64(*hash));
        writer.list(&self.recent, |writer, hash| writer.u64(*hash));
        self.first.write(writer);
        self.latest.write(writer);
    }

    /// Fields of a struct expression are evaluated in the order in which they stand.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            id: IssueId(reader.array()?),
            agency: reader.text()?.into(),
            feed: reader.text()?.into(),
            rule: reader.text()?.into(),
            field: reader.text()?.into(),
            key_hash: reader.option(Reader::array)?,
            record_ref: RecordRef(reader.array()?),
            key_sound: reader.flag()?,
            marks: Marks::read(reader)?,
            status: pick(&STATUSES, reader)?,
            reason: reader.option(|reader| pick(&REASONS, reader))?,
            code: reader.text()?.into(),
            severity: pick(&SEVERITIES, reader)?,
            action: pick(&ACTIONS, reader)?,
            dimension: pick(&DIMENSIONS, reader)?,
            seq: reader.u32()?,
            last_hash: reader.array()?,
            opened_at_ms: reader.i64()?,
            resolved_at_ms: reader.option(Reader::i64)?,
            occurrences: reader.u64()?,
            reopened: reader.u32()?,
            last_notice_ms: reader.i64()?,
            values: reader.list(Reader::u64)?,
            recent: reader.list(Reader::u64)?,
            first: Sighting::read(reader)?,
            latest: Sighting::read(reader)?,
        })
    }
}

impl Marks {
    fn write(&self, writer: &mut Writer) {
        writer.option(self.failing.as_ref(), |writer, failing| {
            writer.order(&failing.order);
            writer.i64(failing.timestamp_ms);
        });
        writer.option(self.passing.as_ref(), |writer, passing| {
            writer.order(&passing.order);
            writer.flag(passing.withdrawn);
        });
        writer.list(&self.lanes, |writer, lane| {
            writer.u32(lane.incarnation);
            writer.i32(lane.partition);
            for stamp in [&lane.failing, &lane.passing] {
                writer.option(stamp.as_ref(), |writer, stamp| write_stamp(writer, *stamp));
            }
        });
        writer.option(self.correction.as_ref(), |writer, correction| {
            correction.sighting.write(writer)
        });
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            failing: reader.option(|reader| {
                Some(Failing {
                    order: reader.order()?,
                    timestamp_ms: reader.i64()?,
                })
            })?,
            passing: reader.option(|reader| {
                Some(Passing {
                    order: reader.order()?,
                    withdrawn: reader.flag()?,
                })
            })?,
            lanes: reader.list(|reader| {
                Some(LaneMarks {
                    incarnation: reader.u32()?,
                    partition: reader.i32()?,
                    failing: reader.option(read_stamp)?,
                    passing: reader.option(read_stamp)?,
                })
            })?,
            correction: reader.option(|reader| {
                Some(Correction {
                    sighting: Sighting::read(reader)?,
                })
            })?,
        })
    }
}

fn write_stamp(writer: &mut Writer, stamp: Stamp) {
    writer.i64(stamp.offset);
    writer.u32(stamp.row);
    writer.i64(stamp.timestamp_ms);
}

fn read_stamp(reader: &mut Reader<'_>) -> Option<Stamp> {
    Some(Stamp {
        offset: reader.i64()?,
        row: reader.u32()?,
        timestamp_ms: reader.i64()?,
    })
}

fn place<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let place = all
        .iter()
        .position(|one| one == value)
        .expect("the list holds every value");
    u8::try_from(place).expect("the list is short")
}

fn pick<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Option<T> {
    all.get(usize::from(reader.u8()?)).copied()
}
