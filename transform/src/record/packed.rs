//! What is kept of one record key as one run of bytes, in memory as in `state`: a state as values takes four times as
//! much, most of it for places of its parts.
//!
//! Leaves and rules are numbers under the bundle in force. Leaves alone: what they are under another one.

use std::sync::Arc;

use yidang_schemas::origin::Origin;

use super::{RecordState, Remembered, Version};
use crate::cell::Cells;
use crate::codec::{Reader, Writer};
use crate::identity::Target;
use crate::token::Token;

const FORMAT: u8 = 1;
/// With standing: behind it the flag of a hollow state.
const FORMAT_STANDING: u8 = 2;

/// A [`RecordState`] as bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

impl std::fmt::Debug for Packed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Packed({} bytes)", self.0.len())
    }
}

impl Packed {
    pub fn of(state: &RecordState) -> Self {
        Self(write(state).into_boxed_slice())
    }

    /// Takes bytes as they were stored, with the state of `feed` that they hold; nothing where they hold none.
    pub fn read(bytes: Vec<u8>, feed: u16) -> Option<(Self, RecordState)> {
        let state = read(&bytes, feed)?;
        Some((Self(bytes.into_boxed_slice()), state))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The state, which is one of `feed`.
    pub fn state(&self, feed: u16) -> RecordState {
        parse(&self.0, feed).expect("what was packed can be read")
    }
}

fn write(state: &RecordState) -> Vec<u8> {
    let mut writer = Writer::default();
    let stands = state.standing.is_some() || state.hollow;
    writer.u8(if stands { FORMAT_STANDING } else { FORMAT });
    writer.list(&state.versions, write_version);
    writer.option(state.removed.as_ref(), Writer::order);
    writer.bytes(state.cells.as_bytes());
    writer.list(&state.targets, write_target);
    writer.list(&state.failed, |writer, rule| writer.u16(*rule));
    writer.list(&state.remembered, |writer, remembered| {
        writer.u16(remembered.rule);
        writer.option(remembered.passed.as_ref(), Writer::order);
    });
    if stands {
        writer.option(state.standing.as_ref(), |writer, standing| {
            writer.i64(*standing)
        });
        writer.flag(state.hollow);
    }
    writer.finish()
}

/// Reads a state of `feed`; nothing where the bytes are not one, or one that no fold leaves behind.
pub fn read(bytes: &[u8], feed: u16) -> Option<RecordState> {
    parse(bytes, feed).filter(is_sound)
}

/// Folds and projection rely on it: there is a greatest version, a byte can name each, and every cell was stated by one.
fn is_sound(state: &RecordState) -> bool {
    let versions = state.versions.len();
    let mut cells = state.cells.iter();
    (1..=usize::from(u8::MAX)).contains(&versions)
        && cells.all(|cell| usize::from(cell.version) < versions)
}

fn parse(bytes: &[u8], feed: u16) -> Option<RecordState> {
    let mut reader = Reader::new(bytes);
    let format = reader.u8()?;
    if !matches!(format, FORMAT | FORMAT_STANDING) {
        return None;
    }
    let mut state = RecordState {
        versions: reader.list(|reader| read_version(reader, feed))?,
        removed: reader.option(Reader::order)?,
        cells: Cells::from_bytes(reader.bytes()?)?,
        targets: reader.list(read_target)?,
        failed: reader.list(Reader::u16)?,
        remembered: reader.list(read_remembered)?,
        standing: None,
        hollow: false,
    };
    if format == FORMAT_STANDING {
        state.standing = reader.option(Reader::i64)?;
        state.hollow = reader.flag()?;
    }
    reader.is_done().then_some(state)
}

fn write_version(writer: &mut Writer, version: &Version) {
    writer.order(&version.order);
    writer.u32(version.origin.incarnation);
    writer.i32(version.origin.partition);
    writer.i64(version.origin.offset);
    writer.u32(version.origin.row);
    writer.i64(version.landed_at_ms);
    writer.text(&version.contract_version);
}

fn read_version(reader: &mut Reader<'_>, feed: u16) -> Option<Version> {
    let order = reader.order()?;
    let origin = Origin {
        feed,
        incarnation: reader.u32()?,
        partition: reader.i32()?,
        offset: reader.i64()?,
        row: reader.u32()?,
    };
    let landed_at_ms = reader.i64()?;
    Some(Version {
        order,
        origin,
        landed_at_ms,
        contract_version: Arc::from(reader.text()?),
    })
}

fn write_target(writer: &mut Writer, target: &Target) {
    writer.u8(target.kind);
    writer.u8(target.slot);
    writer.u8(target.class_rank);
    writer.flag(target.weak);
    writer.bytes(&target.token.0);
}

fn read_target(reader: &mut Reader<'_>) -> Option<Target> {
    let (kind, slot, class_rank, weak) = (reader.u8()?, reader.u8()?, reader.u8()?, reader.flag()?);
    let token = Token(reader.bytes()?.try_into().ok()?);
    Some(Target {
        kind,
        slot,
        token,
        class_rank,
        weak,
    })
}

fn read_remembered(reader: &mut Reader<'_>) -> Option<Remembered> {
    Some(Remembered {
        rule: reader.u16()?,
        passed: reader.option(Reader::order)?,
    })
}

#[cfg(test)]
mod tests;
