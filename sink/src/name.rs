//! File names that say who wrote a file and which epochs are in it.
//!
//! `<term>-<epoch>-<n>.parquet` for the rows of an epoch, `<term>-<epoch>-<n>-<least>-<greatest>.parquet` for merged
//! rows of several epochs, with *n* eight hexadecimal digits that are fresh for every put. A deletion-vector file must
//! be named by a UUID (Delta protocol, "Deletion Vector Descriptor Schema"): it is a UUID of version 8 (RFC 9562, 5.8)
//! that holds epoch and term. Whatever is named otherwise is foreign and never removed by us.

use uuid::Uuid;

/// What a name of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    pub term: i64,
    /// The epoch that was running when the file was written.
    pub epoch: i64,
    /// Epochs of the rows, both included; none for deletion vectors.
    pub epochs: Option<(i64, i64)>,
    /// Rows of a merge, in the order that the table wants.
    pub is_merged: bool,
}

/// A fresh name for the rows of one epoch.
pub(crate) fn data(term: i64, epoch: i64) -> String {
    format!("{term}-{epoch}-{}.parquet", fresh())
}

/// A fresh name for merged rows; `epochs` where every input said its own.
pub(crate) fn merged(term: i64, epoch: i64, epochs: Option<(i64, i64)>) -> String {
    let (least, greatest) = epochs.unwrap_or((0, epoch));
    format!("{term}-{epoch}-{}-{least}-{greatest}.parquet", fresh())
}

/// A fresh UUID for a deletion-vector file: 48 bits epoch, 32 bits term, the rest random.
pub(crate) fn vector(term: i64, epoch: i64) -> Uuid {
    let mut bytes = *Uuid::new_v4().as_bytes();
    let (epoch, term) = (epoch.to_be_bytes(), term.to_be_bytes());
    bytes[..6].copy_from_slice(&epoch[2..]);
    bytes[9..13].copy_from_slice(&term[4..]);
    bytes[6] = (bytes[6] & 0x0F) | 0x80;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    Uuid::from_bytes(bytes)
}

/// Reads the name of a data or deletion-vector file, given with or without folders.
#[must_use]
pub fn read(path: &str) -> Option<Tag> {
    let file = path.rsplit('/').next()?;
    if let Some(stem) = file.strip_suffix(".parquet") {
        return read_data(stem);
    }
    let text = file
        .strip_prefix("deletion_vector_")?
        .strip_suffix(".bin")?;
    let uuid = Uuid::parse_str(text).ok()?;
    if uuid.get_version_num() != 8 {
        return None;
    }
    let bytes = uuid.as_bytes();
    let mut epoch = [0_u8; 8];
    let mut term = [0_u8; 8];
    epoch[2..].copy_from_slice(&bytes[..6]);
    term[4..].copy_from_slice(&bytes[9..13]);
    Some(Tag {
        term: i64::from_be_bytes(term),
        epoch: i64::from_be_bytes(epoch),
        epochs: None,
        is_merged: false,
    })
}

fn read_data(stem: &str) -> Option<Tag> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (term, epoch, fresh, span) = match parts.as_slice() {
        [term, epoch, fresh] => (term, epoch, fresh, None),
        [term, epoch, fresh, least, greatest] => (
            term,
            epoch,
            fresh,
            Some((least.parse().ok()?, greatest.parse().ok()?)),
        ),
        _ => return None,
    };
    let (term, epoch) = (term.parse().ok()?, epoch.parse().ok()?);
    let is_fresh = fresh.len() == 8 && fresh.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_fresh.then_some(Tag {
        term,
        epoch,
        epochs: Some(span.unwrap_or((epoch, epoch))),
        is_merged: span.is_some(),
    })
}

fn fresh() -> String {
    format!("{:08x}", Uuid::new_v4().as_fields().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_say_term_and_epoch_and_others_say_nothing() {
        let tag = |term, epoch, epochs, is_merged| {
            Some(Tag {
                term,
                epoch,
                epochs,
                is_merged,
            })
        };
        assert_eq!(read(&data(3, 17)), tag(3, 17, Some((17, 17)), false));
        let merged = format!("day=2026-11-24/{}", merged(3, 17, Some((2, 9))));
        assert_eq!(read(&merged), tag(3, 17, Some((2, 9)), true));
        let vector = format!("deletion_vector_{}.bin", vector(70_000, 1 << 40));
        assert_eq!(read(&vector), tag(70_000, 1 << 40, None, false));
        assert_eq!(
            read("part-00000-8a1f7a0e-5a0b-4e5a-9c48-0a3f2f1f6e55-c000.zstd.parquet"),
            None
        );
        assert_eq!(
            read("deletion_vector_8a1f7a0e-5a0b-4e5a-9c48-0a3f2f1f6e55.bin"),
            None
        );
    }
}
