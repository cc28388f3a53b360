//! Canonical bytes of a row: every value with its type and length, columns and parts in the order of their names.
//!
//! They depend on the values alone: not on file layout, not on the width of an integer, not on the order in which a
//! schema or a map lists its members. Leaves alone: which columns count, and what is done with the bytes.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, Schema, TimeUnit,
    TimestampMicrosecondType,
};
use yidang_schemas::fault::Fault;

/// What of a column does not count: all of it, or some parts at any depth. Lists and maps are passed through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Omit {
    pub all: bool,
    pub parts: Vec<(String, Omit)>,
}

impl Omit {
    /// Leaves out whatever stands at these paths, `column.part.part`.
    pub fn paths<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut root = Self::default();
        for path in paths {
            let mut at = &mut root;
            for name in path.split('.') {
                let place = at
                    .parts
                    .iter()
                    .position(|(part, _)| part == name)
                    .unwrap_or_else(|| {
                        at.parts.push((name.to_owned(), Self::default()));
                        at.parts.len() - 1
                    });
                let (_, part) = at
                    .parts
                    .get_mut(place)
                    .expect("the place was just found or made");
                at = part;
            }
            at.all = true;
        }
        root
    }

    fn part(&self, name: &str) -> Self {
        let found = self.parts.iter().find(|(part, _)| part == name);
        found.map(|(_, omit)| omit.clone()).unwrap_or_default()
    }
}

/// How one type is written.
#[derive(Debug)]
enum Form {
    Flag,
    Int8,
    Int16,
    Int32,
    Int64,
    Date,
    Time,
    Text,
    Bytes,
    List(Box<Form>),
    /// Place, name and form of each part, in the order of names.
    Struct(Vec<(usize, String, Form)>),
    Map(Box<Form>, Box<Form>),
}

/// Writes the rows of one schema.
#[derive(Debug)]
pub struct RowForm(Vec<(usize, String, Form)>);

impl RowForm {
    /// # Errors
    /// `Invalid` for a column type that no table of ours has.
    pub fn new(schema: &Schema, omit: &Omit) -> Result<Self, Fault> {
        let fields = schema
            .fields()
            .iter()
            .map(|field| (field.name(), field.data_type()));
        parts(fields, omit).map(Self)
    }

    /// Appends the bytes of one row.
    pub fn write(&self, batch: &RecordBatch, row: usize, bytes: &mut Vec<u8>) {
        for (place, name, form) in &self.0 {
            text(name.as_bytes(), bytes);
            form.write(batch.column(*place), row, bytes);
        }
    }
}

fn parts<'a>(
    fields: impl Iterator<Item = (&'a String, &'a DataType)>,
    omit: &Omit,
) -> Result<Vec<(usize, String, Form)>, Fault> {
    let mut parts = Vec::new();
    for (place, (name, data_type)) in fields.enumerate() {
        let omit = omit.part(name);
        if !omit.all {
            parts.push((place, name.clone(), form(data_type, &omit)?));
        }
    }
    parts.sort_by(|left, right| left.1.cmp(&right.1));
    Ok(parts)
}

fn form(data_type: &DataType, omit: &Omit) -> Result<Form, Fault> {
    Ok(match data_type {
        DataType::Boolean => Form::Flag,
        DataType::Int8 => Form::Int8,
        DataType::Int16 => Form::Int16,
        DataType::Int32 => Form::Int32,
        DataType::Int64 => Form::Int64,
        DataType::Date32 => Form::Date,
        DataType::Timestamp(TimeUnit::Microsecond, _) => Form::Time,
        DataType::Utf8 => Form::Text,
        DataType::Binary => Form::Bytes,
        DataType::List(element) => Form::List(Box::new(form(element.data_type(), omit)?)),
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| (field.name(), field.data_type()));
            Form::Struct(parts(fields, omit)?)
        }
        DataType::Map(entry, _) => {
            let DataType::Struct(pair) = entry.data_type() else {
                return Err(unknown(data_type));
            };
            let [key, value] = pair.as_ref() else {
                return Err(unknown(data_type));
            };
            let key = form(key.data_type(), &Omit::default())?;
            Form::Map(Box::new(key), Box::new(form(value.data_type(), omit)?))
        }
        other => return Err(unknown(other)),
    })
}

fn unknown(data_type: &DataType) -> Fault {
    Fault::invalid(format!(
        "digest a column of type {data_type}: no table of this version has one"
    ))
}

impl Form {
    fn write(&self, array: &dyn Array, row: usize, bytes: &mut Vec<u8>) {
        if array.is_null(row) {
            bytes.push(b'n');
            return;
        }
        match self {
            Self::Flag => bytes.extend([b'b', u8::from(array.as_boolean().value(row))]),
            Self::Int8 => integer(
                i64::from(array.as_primitive::<Int8Type>().value(row)),
                bytes,
            ),
            Self::Int16 => integer(
                i64::from(array.as_primitive::<Int16Type>().value(row)),
                bytes,
            ),
            Self::Int32 => integer(
                i64::from(array.as_primitive::<Int32Type>().value(row)),
                bytes,
            ),
            Self::Int64 => integer(array.as_primitive::<Int64Type>().value(row), bytes),
            Self::Date => {
                bytes.push(b'd');
                bytes.extend_from_slice(
                    &array.as_primitive::<Date32Type>().value(row).to_le_bytes(),
                );
            }
            Self::Time => {
                bytes.push(b't');
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                bytes.extend_from_slice(&micros.to_le_bytes());
            }
            Self::Text => {
                bytes.push(b's');
                text(array.as_string::<i32>().value(row).as_bytes(), bytes);
            }
            Self::Bytes => {
                bytes.push(b'x');
                text(array.as_binary::<i32>().value(row), bytes);
            }
            Self::List(element) => write_list(element, array, row, bytes),
            Self::Struct(parts) => {
                let array = array.as_struct();
                bytes.push(b'r');
                count(parts.len(), bytes);
                for (place, name, part) in parts {
                    text(name.as_bytes(), bytes);
                    part.write(array.column(*place), row, bytes);
                }
            }
            Self::Map(key, value) => write_map(key, value, array, row, bytes),
        }
    }
}

fn write_list(element: &Form, array: &dyn Array, row: usize, bytes: &mut Vec<u8>) {
    let list = array.as_list::<i32>();
    let values = list.value(row);
    bytes.push(b'l');
    count(values.len(), bytes);
    for place in 0..values.len() {
        element.write(&values, place, bytes);
    }
}

/// Entries in the order of their keys' bytes: a map has no order of its own.
fn write_map(key: &Form, value: &Form, array: &dyn Array, row: usize, bytes: &mut Vec<u8>) {
    let entries = array.as_map().value(row);
    let (keys, values) = (entries.column(0), entries.column(1));
    let entry = |place: usize| {
        let (mut name, mut content) = (Vec::new(), Vec::new());
        key.write(keys, place, &mut name);
        value.write(values, place, &mut content);
        (name, content)
    };
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = (0..entries.len()).map(entry).collect();
    written.sort_unstable();
    bytes.push(b'm');
    count(written.len(), bytes);
    for (name, content) in written {
        bytes.extend(name);
        bytes.extend(content);
    }
}

fn integer(value: i64, bytes: &mut Vec<u8>) {
    bytes.push(b'i');
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn text(value: &[u8], bytes: &mut Vec<u8>) {
    count(value.len(), bytes);
    bytes.extend_from_slice(value);
}

fn count(items: usize, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&(items as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, Int64Array, StringArray, StructArray};
    use arrow::datatypes::Field;

    use super::*;

    fn bytes_of(columns: Vec<(&str, ArrayRef)>, omit: &[&str]) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let form = RowForm::new(&batch.schema(), &Omit::paths(omit.iter().copied())).unwrap();
        let mut bytes = Vec::new();
        form.write(&batch, 0, &mut bytes);
        bytes
    }

    fn texts(value: &str) -> ArrayRef {
        Arc::new(StringArray::from(vec![value]))
    }

    #[test]
    fn the_order_of_columns_and_the_width_of_integers_do_not_show() {
        let narrow: ArrayRef = Arc::new(Int32Array::from(vec![5]));
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![5]));
        let one = bytes_of(vec![("a", texts("x")), ("b", narrow)], &[]);
        assert_eq!(one, bytes_of(vec![("b", wide), ("a", texts("x"))], &[]));
    }

    #[test]
    fn values_cannot_move_between_neighbours() {
        let one = bytes_of(vec![("a", texts("xy")), ("b", texts("z"))], &[]);
        assert_ne!(
            one,
            bytes_of(vec![("a", texts("x")), ("b", texts("yz"))], &[])
        );
        let null: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>]));
        assert_ne!(
            bytes_of(vec![("a", null)], &[]),
            bytes_of(vec![("a", texts(""))], &[])
        );
    }

    #[test]
    fn what_is_omitted_at_any_depth_does_not_count() {
        let source = |offset: i64, agency: &str| -> ArrayRef {
            let offset: ArrayRef = Arc::new(Int64Array::from(vec![offset]));
            Arc::new(StructArray::from(vec![
                (
                    Arc::new(Field::new("offset", DataType::Int64, true)),
                    offset,
                ),
                (
                    Arc::new(Field::new("agency", DataType::Utf8, true)),
                    texts(agency),
                ),
            ]))
        };
        let digest =
            |offset, agency| bytes_of(vec![("source", source(offset, agency))], &["source.offset"]);
        assert_eq!(digest(1, "a"), digest(2, "a"));
        assert_ne!(digest(1, "a"), digest(1, "b"));
    }
}
