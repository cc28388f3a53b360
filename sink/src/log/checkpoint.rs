//! Reading a checkpoint (Delta protocol, "Checkpoints", classic schema): a Parquet file whose rows are actions.
//!
//! Leaves alone: writing one (the Delta library does it, see `maintain::checkpoint`) and sidecars.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{Int32Type, Int64Type};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use yidang_schemas::fault::Fault;

use super::actions::{Action, Add, Descriptor, Format, MetaData, Protocol, Remove, Txn};

/// Every action of one checkpoint file, in its order.
///
/// # Errors
/// `Corrupt` for a file that is no checkpoint.
pub(crate) fn read(bytes: Bytes) -> Result<Vec<Action>, Fault> {
    let bad = |error| Fault::corrupt("reading a checkpoint").with_source(error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .map_err(bad)?
        .build()
        .map_err(bad)?;
    let mut actions = Vec::new();
    for batch in reader {
        let batch =
            batch.map_err(|error| Fault::corrupt("reading a checkpoint").with_source(error))?;
        read_batch(&batch, &mut actions)?;
    }
    Ok(actions)
}

fn read_batch(batch: &RecordBatch, actions: &mut Vec<Action>) -> Result<(), Fault> {
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .and_then(|column| column.as_struct_opt())
    };
    if column("sidecar").is_some_and(|sidecar| sidecar.null_count() < sidecar.len()) {
        return Err(Fault::invalid("reading a checkpoint with sidecars"));
    }
    let (protocol, meta_data) = (column("protocol"), column("metaData"));
    let (txn, add, remove) = (column("txn"), column("add"), column("remove"));
    for row in 0..batch.num_rows() {
        let at = |group: Option<&StructArray>| group.filter(|group| group.is_valid(row)).cloned();
        let action = Action {
            commit_info: None,
            protocol: at(protocol)
                .map(|group| read_protocol(&Row { group, row }))
                .transpose()?,
            meta_data: at(meta_data)
                .map(|group| read_meta_data(&Row { group, row }))
                .transpose()?,
            txn: at(txn)
                .map(|group| read_txn(&Row { group, row }))
                .transpose()?,
            remove: at(remove)
                .map(|group| read_remove(&Row { group, row }))
                .transpose()?,
            add: at(add)
                .map(|group| read_add(&Row { group, row }))
                .transpose()?,
        };
        actions.push(action);
    }
    Ok(())
}

/// One struct value of a checkpoint row.
struct Row {
    group: StructArray,
    row: usize,
}

impl Row {
    fn cell(&self, name: &str) -> Option<&ArrayRef> {
        self.group
            .column_by_name(name)
            .filter(|column| column.is_valid(self.row))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.cell(name)?
            .as_string_opt::<i32>()
            .map(|column| column.value(self.row).to_owned())
    }

    fn long(&self, name: &str) -> Option<i64> {
        self.cell(name)?
            .as_primitive_opt::<Int64Type>()
            .map(|column| column.value(self.row))
    }

    fn integer(&self, name: &str) -> Option<i32> {
        self.cell(name)?
            .as_primitive_opt::<Int32Type>()
            .map(|column| column.value(self.row))
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.cell(name)?
            .as_boolean_opt()
            .map(|column| column.value(self.row))
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.cell(name)?.as_list_opt::<i32>()?.value(self.row);
        let items = items.as_string_opt::<i32>()?;
        Some(items.iter().flatten().map(str::to_owned).collect())
    }

    fn map(&self, name: &str) -> Option<BTreeMap<String, Option<String>>> {
        let entries = self.cell(name)?.as_map_opt()?.value(self.row);
        let keys = entries.column(0).as_string_opt::<i32>()?;
        let values = entries.column(1).as_string_opt::<i32>()?;
        let pairs = keys.iter().zip(values.iter());
        Some(
            pairs
                .filter_map(|(key, value)| Some((key?.to_owned(), value.map(str::to_owned))))
                .collect(),
        )
    }

    fn child(&self, name: &str) -> Option<Row> {
        let group = self.cell(name)?.as_struct_opt()?.clone();
        Some(Row {
            group,
            row: self.row,
        })
    }
}

fn missing(what: &str) -> Fault {
    Fault::corrupt(format!("reading a checkpoint: an action without {what}"))
}

fn read_protocol(row: &Row) -> Result<Protocol, Fault> {
    Ok(Protocol {
        min_reader_version: row
            .integer("minReaderVersion")
            .ok_or_else(|| missing("minReaderVersion"))?,
        min_writer_version: row
            .integer("minWriterVersion")
            .ok_or_else(|| missing("minWriterVersion"))?,
        reader_features: row.texts("readerFeatures"),
        writer_features: row.texts("writerFeatures"),
    })
}

fn read_meta_data(row: &Row) -> Result<MetaData, Fault> {
    Ok(MetaData {
        id: row.text("id").ok_or_else(|| missing("id"))?,
        name: row.text("name"),
        description: row.text("description"),
        format: Format::default(),
        schema_string: row
            .text("schemaString")
            .ok_or_else(|| missing("schemaString"))?,
        partition_columns: row.texts("partitionColumns").unwrap_or_default(),
        created_time: row.long("createdTime"),
        configuration: row.map("configuration").unwrap_or_default(),
    })
}

fn read_txn(row: &Row) -> Result<Txn, Fault> {
    Ok(Txn {
        app_id: row.text("appId").ok_or_else(|| missing("appId"))?,
        version: row.long("version").ok_or_else(|| missing("version"))?,
    })
}

fn read_add(row: &Row) -> Result<Add, Fault> {
    Ok(Add {
        path: row.text("path").ok_or_else(|| missing("path"))?,
        partition_values: row.map("partitionValues").unwrap_or_default(),
        size: row.long("size").ok_or_else(|| missing("size"))?,
        modification_time: row.long("modificationTime").unwrap_or_default(),
        // Kept by the checkpoints that the Delta library writes for us; whoever else writes one may drop it.
        data_change: row.flag("dataChange").unwrap_or(false),
        stats: row.text("stats"),
        deletion_vector: read_descriptor(row)?,
    })
}

fn read_remove(row: &Row) -> Result<Remove, Fault> {
    Ok(Remove {
        path: row.text("path").ok_or_else(|| missing("path"))?,
        deletion_timestamp: row.long("deletionTimestamp"),
        data_change: row.flag("dataChange").unwrap_or(true),
        extended_file_metadata: None,
        partition_values: None,
        size: None,
        deletion_vector: read_descriptor(row)?,
    })
}

fn read_descriptor(row: &Row) -> Result<Option<Descriptor>, Fault> {
    let Some(vector) = row.child("deletionVector") else {
        return Ok(None);
    };
    let Some(storage_type) = vector.text("storageType") else {
        return Ok(None);
    };
    Ok(Some(Descriptor {
        storage_type,
        path_or_inline_dv: vector
            .text("pathOrInlineDv")
            .ok_or_else(|| missing("pathOrInlineDv"))?,
        offset: vector.integer("offset"),
        size_in_bytes: vector
            .integer("sizeInBytes")
            .ok_or_else(|| missing("sizeInBytes"))?,
        cardinality: vector
            .long("cardinality")
            .ok_or_else(|| missing("cardinality"))?,
    }))
}
