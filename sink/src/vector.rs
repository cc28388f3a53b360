//! Deletion vectors byte by byte (Delta protocol, "Deletion Vector Format").
//!
//! File: one byte version 1; then for each vector a big-endian u32 payload size, the payload, and a big-endian CRC-32
//! (IEEE) of the payload. Payload: little-endian magic 1681511377, then the portable 64-bit roaring format: u64 bucket
//! count, and for each bucket its u32 high key and a 32-bit roaring bitmap. Rows are physical positions in the data
//! file. Leaves alone: which rows are dead, and where the bytes are put.

use bytes::Bytes;
use roaring::{RoaringBitmap, RoaringTreemap};
use uuid::Uuid;
use yidang_schemas::fault::Fault;

use crate::log::actions::Descriptor;

const MAGIC: u32 = 1_681_511_377;
const VERSION: u8 = 1;
const UUID_CHARACTERS: usize = 20;

/// Several vectors in one file, and the descriptor of each in the order given.
pub(crate) fn write(file: Uuid, vectors: &[&RoaringBitmap]) -> (Bytes, Vec<Descriptor>) {
    let name = z85::encode(file.as_bytes());
    let mut bytes = vec![VERSION];
    let mut descriptors = Vec::with_capacity(vectors.len());
    for vector in vectors {
        let offset = bytes.len();
        let payload = payload(vector);
        let size = u32::try_from(payload.len()).expect("a bitmap of u32 rows stays below 4 GiB");
        bytes.extend_from_slice(&size.to_be_bytes());
        bytes.extend_from_slice(&payload);
        bytes.extend_from_slice(&crc32fast::hash(&payload).to_be_bytes());
        descriptors.push(Descriptor {
            storage_type: "u".to_owned(),
            path_or_inline_dv: name.clone(),
            offset: Some(i32::try_from(offset).expect("one commit's vectors stay below 2 GiB")),
            size_in_bytes: i32::try_from(size).expect("one vector stays below 2 GiB"),
            cardinality: i64::try_from(vector.len()).expect("rows are u32"),
        });
    }
    (Bytes::from(bytes), descriptors)
}

fn payload(vector: &RoaringBitmap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(vector.serialized_size() + 16);
    bytes.extend_from_slice(&MAGIC.to_le_bytes());
    bytes.extend_from_slice(&1_u64.to_le_bytes());
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    vector
        .serialize_into(&mut bytes)
        .expect("writing to memory");
    bytes
}

/// Path of the file of a descriptor, relative to the table; none for an inline vector.
///
/// # Errors
/// `Corrupt` for a name that is no UUID in Z85, or for an absolute address, which we never write.
pub(crate) fn path(descriptor: &Descriptor) -> Result<Option<String>, Fault> {
    match descriptor.storage_type.as_str() {
        "i" => Ok(None),
        "u" => relative_path(&descriptor.path_or_inline_dv).map(Some),
        other => Err(Fault::corrupt(format!(
            "reading a deletion vector of storage type {other}"
        ))),
    }
}

fn relative_path(name: &str) -> Result<String, Fault> {
    let bad = || Fault::corrupt("reading the name of a deletion vector");
    let cut = name.len().checked_sub(UUID_CHARACTERS).ok_or_else(bad)?;
    let (prefix, encoded) = name.split_at_checked(cut).ok_or_else(bad)?;
    let decoded = z85::decode(encoded).map_err(|error| bad().with_source(error))?;
    let uuid = Uuid::from_slice(&decoded).map_err(|error| bad().with_source(error))?;
    let file = format!("deletion_vector_{}.bin", uuid.hyphenated());
    Ok(if prefix.is_empty() {
        file
    } else {
        format!("{prefix}/{file}")
    })
}

/// The rows of one vector out of the bytes of its file.
///
/// # Errors
/// `Corrupt` for bytes that are not what the descriptor says, the checksum included.
pub(crate) fn read(file: &[u8], descriptor: &Descriptor) -> Result<RoaringBitmap, Fault> {
    let bad = |what: &str| Fault::corrupt(format!("reading a deletion vector: {what}"));
    if file.first() != Some(&VERSION) {
        return Err(bad("unknown format version"));
    }
    let offset = descriptor
        .offset
        .and_then(|offset| usize::try_from(offset).ok());
    let rest = offset
        .and_then(|offset| file.get(offset..))
        .ok_or_else(|| bad("offset"))?;
    let (size, rest) = rest
        .split_first_chunk::<4>()
        .ok_or_else(|| bad("cut off"))?;
    let size = u32::from_be_bytes(*size);
    if i32::try_from(size) != Ok(descriptor.size_in_bytes) {
        return Err(bad("size differs from the log"));
    }
    let (payload, rest) = rest
        .split_at_checked(size as usize)
        .ok_or_else(|| bad("cut off"))?;
    let (sum, _) = rest
        .split_first_chunk::<4>()
        .ok_or_else(|| bad("cut off"))?;
    if crc32fast::hash(payload) != u32::from_be_bytes(*sum) {
        return Err(bad("checksum"));
    }
    read_payload(payload, descriptor)
}

/// The rows of an inline vector.
pub(crate) fn read_inline(descriptor: &Descriptor) -> Result<RoaringBitmap, Fault> {
    let payload = z85::decode(&descriptor.path_or_inline_dv)
        .map_err(|error| Fault::corrupt("reading an inline deletion vector").with_source(error))?;
    let size = usize::try_from(descriptor.size_in_bytes).unwrap_or(0);
    read_payload(payload.get(..size).unwrap_or(&payload), descriptor)
}

fn read_payload(payload: &[u8], descriptor: &Descriptor) -> Result<RoaringBitmap, Fault> {
    let bad = |what: &str| Fault::corrupt(format!("reading a deletion vector: {what}"));
    let (magic, rest) = payload
        .split_first_chunk::<4>()
        .ok_or_else(|| bad("cut off"))?;
    if u32::from_le_bytes(*magic) != MAGIC {
        return Err(bad("magic number"));
    }
    let tree =
        RoaringTreemap::deserialize_from(rest).map_err(|error| bad("bitmap").with_source(error))?;
    if i64::try_from(tree.len()) != Ok(descriptor.cardinality) {
        return Err(bad("cardinality differs from the log"));
    }
    let mut rows = RoaringBitmap::new();
    for (high, bitmap) in tree.bitmaps() {
        if high != 0 {
            return Err(bad("row beyond 32 bits"));
        }
        rows |= bitmap;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_reads_back_and_a_flipped_bit_is_noticed() {
        let few: RoaringBitmap = [1, 5, 70_000].into_iter().collect();
        let many: RoaringBitmap = (0..200_000).filter(|row| row % 3 != 0).collect();
        let (bytes, descriptors) = write(Uuid::new_v4(), &[&few, &many]);
        assert_eq!(read(&bytes, &descriptors[0]).unwrap(), few);
        assert_eq!(read(&bytes, &descriptors[1]).unwrap(), many);
        let mut broken = bytes.to_vec();
        broken[40] ^= 1;
        assert!(read(&broken, &descriptors[0]).is_err());
    }

    /// The inline vector that the kernels' own tests hold: rows 3, 4, 7, 11, 18, 29.
    #[test]
    fn an_inline_vector_of_another_writer_reads() {
        let descriptor = Descriptor {
            storage_type: "i".to_owned(),
            path_or_inline_dv: "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L".to_owned(),
            offset: None,
            size_in_bytes: 44,
            cardinality: 6,
        };
        let rows: Vec<u32> = read_inline(&descriptor).unwrap().iter().collect();
        assert_eq!(rows, [3, 4, 7, 11, 18, 29]);
    }

    /// The path example of the protocol: prefix `ab` and a Z85 UUID.
    #[test]
    fn a_prefixed_name_gives_the_path_of_the_protocol() {
        assert_eq!(
            relative_path("ab^-aqEH.-t@S}K{vb[*k^").unwrap(),
            "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
        );
    }
}
