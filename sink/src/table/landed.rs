//! A data file on its way into the table: put under a name that nobody else has, and not named by the log yet.
//!
//! Leaves alone: what is in it, and the entry that makes it part of the table (see `commit` and `maintain::merge`).

use yidang_schemas::fault::Fault;

use crate::encode::EncodedFile;
use crate::log::actions::Add;
use crate::read::Source;
use crate::spec::TableSpec;
use crate::store::Kind;

/// A data file that was put and is not part of the table yet.
pub(crate) struct Landed {
    pub path: String,
    pub add: Add,
    pub bytes: u64,
    pub rows: u32,
}

/// Puts a data file under a name that nobody else has.
pub(crate) async fn land(
    source: &Source,
    file: EncodedFile,
    name: &str,
    partition: Option<&str>,
    modified_ms: i64,
) -> Result<Landed, Fault> {
    let spec = &source.spec;
    let path = path_of(spec, name, partition);
    let bytes = file.bytes.len() as u64;
    let full = format!("{}/{path}", spec.name);
    let put = Put {
        path,
        bytes,
        rows: file.rows,
        stats: file.stats,
    };
    source
        .lake
        .write(Kind::Data, &full, file.bytes, spec.durable)
        .await?;
    Ok(put.landed(spec, partition, modified_ms))
}

/// Where a file of this name lies, relative to the table.
pub(crate) fn path_of(spec: &TableSpec, name: &str, partition: Option<&str>) -> String {
    match (&spec.partition_by, partition) {
        (Some(column), Some(value)) => format!("{column}={value}/{name}"),
        _ => name.to_owned(),
    }
}

/// A data file that was put.
pub(crate) struct Put {
    /// Relative to the table.
    pub path: String,
    pub bytes: u64,
    pub rows: u32,
    pub stats: String,
}

impl Put {
    /// The file with the action that makes it part of the table.
    pub(crate) fn landed(
        self,
        spec: &TableSpec,
        partition: Option<&str>,
        modified_ms: i64,
    ) -> Landed {
        let values = spec
            .partition_by
            .iter()
            .cloned()
            .map(|column| (column, partition.map(str::to_owned)));
        let add = Add {
            path: self.path.clone(),
            partition_values: values.collect(),
            size: i64::try_from(self.bytes).expect("no store takes an object of 2^63 bytes"),
            modification_time: modified_ms,
            data_change: true,
            stats: Some(self.stats),
            deletion_vector: None,
        };
        Landed {
            path: self.path,
            add,
            bytes: self.bytes,
            rows: self.rows,
        }
    }
}

impl Landed {
    /// The same rows in another file: readers of changes skip it.
    pub(crate) fn without_change(mut self) -> Self {
        self.add.data_change = false;
        self
    }
}
