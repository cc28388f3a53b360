//! Primitive values of Avro's binary encoding. Lengths and counts may lie: nothing is believed that the bytes do not hold.

use super::super::SYNTAX;
use yidang_schemas::defect::Code;

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Code> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(SYNTAX)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Code> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(SYNTAX)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A zigzag number of variable length.
    pub(super) fn long(&mut self) -> Result<i64, Code> {
        let mut bits: u64 = 0;
        for shift in (0..70).step_by(7) {
            let [byte] = self.array()?;
            let part = u64::from(byte & 0x7F);
            let shifted = part << (shift % 64);
            // The tenth byte has room for one bit.
            if shift == 63 && part > 1 {
                return Err(SYNTAX);
            }
            bits |= shifted;
            if byte < 0x80 {
                return Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed());
            }
        }
        Err(SYNTAX)
    }

    pub(super) fn int(&mut self) -> Result<i32, Code> {
        i32::try_from(self.long()?).map_err(|_too_large| SYNTAX)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Code> {
        let length = usize::try_from(self.long()?).map_err(|_negative| SYNTAX)?;
        self.take(length)
    }

    /// Items of the next block of an array or map; nothing at its end. A negative count announces the block's size in
    /// bytes, which only those need who skip.
    pub(super) fn block(&mut self) -> Result<Option<u64>, Code> {
        let count = self.long()?;
        if count < 0 {
            let size = self.long()?;
            usize::try_from(size).map_err(|_negative| SYNTAX)?;
        }
        Ok(Some(count.unsigned_abs()).filter(|count| *count > 0))
    }
}
