//! Protobuf's wire types. Lengths may lie: nothing is believed that the bytes do not hold.

use super::super::{DEPTH, SYNTAX};
use yidang_schemas::defect::Code;

/// A value as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum WireValue<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// Groups inside one another that are skipped at most.
const GROUPS_MAX: u32 = 64;
const GROUP_END: u32 = 4;

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Code> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(SYNTAX)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn varint(&mut self) -> Result<u64, Code> {
        let mut bits = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let part = u64::from(byte & 0x7F);
            // The tenth byte has room for one bit.
            if shift == 63 && part > 1 {
                return Err(SYNTAX);
            }
            bits |= part << shift;
            if byte < 0x80 {
                return Ok(bits);
            }
        }
        Err(SYNTAX)
    }

    pub(super) fn fixed32(&mut self) -> Result<u32, Code> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn fixed64(&mut self) -> Result<u64, Code> {
        self.array().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Code> {
        let length = usize::try_from(self.varint()?).map_err(|_too_long| SYNTAX)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(SYNTAX)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next field with its number; nothing at the end. Groups, which no current language writes, are skipped.
    pub(super) fn field(&mut self) -> Result<Option<(u32, WireValue<'a>)>, Code> {
        while !self.is_at_end() {
            let (number, kind) = self.tag()?;
            if kind == 3 {
                self.skip_group(number)?;
                continue;
            }
            return Ok(Some((number, self.value(kind)?)));
        }
        Ok(None)
    }

    fn tag(&mut self) -> Result<(u32, u32), Code> {
        let tag = u32::try_from(self.varint()?).map_err(|_too_large| SYNTAX)?;
        match (tag >> 3, tag & 7) {
            (0, _) => Err(SYNTAX),
            parts => Ok(parts),
        }
    }

    fn value(&mut self, kind: u32) -> Result<WireValue<'a>, Code> {
        match kind {
            0 => self.varint().map(WireValue::Varint),
            1 => self.fixed64().map(WireValue::Fixed64),
            2 => self.bytes().map(WireValue::Bytes),
            5 => self.fixed32().map(WireValue::Fixed32),
            _ => Err(SYNTAX),
        }
    }

    fn skip_group(&mut self, number: u32) -> Result<(), Code> {
        let mut open = vec![number];
        while let Some(innermost) = open.last() {
            match self.tag()? {
                (end, GROUP_END) if end == *innermost => {
                    open.pop();
                }
                (number, 3) => open.push(number),
                (_, kind) => {
                    self.value(kind)?;
                }
            }
            if u32::try_from(open.len()).map_or(true, |depth| depth > GROUPS_MAX) {
                return Err(DEPTH);
            }
        }
        Ok(())
    }
}
