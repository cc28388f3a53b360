//! Arrow arrays of canonical values.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, StringBuilder};
use yidang_schemas::dossier::LeafType;

use crate::cell::Value;

/// An Arrow array of one leaf type; values of another type are a bug of the mapping.
pub fn value_array(leaf_type: LeafType, values: &[Value<'_>]) -> ArrayRef {
    match leaf_type {
        LeafType::Text => text_array(values),
        LeafType::Date => Arc::new(
            values
                .iter()
                .map(|value| match value {
                    Value::Date(days) => Some(*days),
                    Value::Null => None,
                    Value::Text(_) | Value::Integer(_) => panic!("a date leaf holds dates"),
                })
                .collect::<Date32Array>(),
        ),
        LeafType::Integer => Arc::new(
            values
                .iter()
                .map(|value| match value {
                    Value::Integer(number) => Some(*number),
                    Value::Null => None,
                    Value::Text(_) | Value::Date(_) => panic!("an integer leaf holds integers"),
                })
                .collect::<Int64Array>(),
        ),
    }
}

fn text_array(values: &[Value<'_>]) -> ArrayRef {
    let bytes = values
        .iter()
        .map(|value| {
            if let Value::Text(text) = value {
                text.len()
            } else {
                0
            }
        })
        .sum();
    let mut builder = StringBuilder::with_capacity(values.len(), bytes);
    for value in values {
        match value {
            Value::Text(text) => builder.append_value(text),
            Value::Null => builder.append_null(),
            Value::Date(_) | Value::Integer(_) => panic!("a text leaf holds text"),
        }
    }
    Arc::new(builder.finish())
}
