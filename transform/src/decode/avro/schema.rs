//! Avro schemas: JSON to a table of types. Specification 1.12, "Schema Declaration", "Names", "Logical Types".

use std::collections::HashMap;

use serde_json::Value;

use crate::schema_book::SchemaText;

/// Place of a type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct TypeIndex(usize);

/// Unit of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Unit {
    pub(super) fn nanoseconds(self, count: i64) -> i128 {
        let each = match self {
            Self::Millisecond => 1_000_000,
            Self::Microsecond => 1_000,
            Self::Nanosecond => 1,
        };
        i128::from(count) * each
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub name: String,
    pub value: TypeIndex,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed {
        bytes: usize,
    },
    Enum {
        symbols: Vec<String>,
    },
    Array {
        items: TypeIndex,
    },
    Map {
        values: TypeIndex,
    },
    Union {
        branches: Vec<TypeIndex>,
    },
    Record {
        fields: Vec<Field>,
    },
    Date,
    /// `int` of milliseconds, else `long`.
    TimeOfDay {
        unit: Unit,
    },
    Instant {
        unit: Unit,
    },
    LocalTime {
        unit: Unit,
    },
    /// Unscaled two's complement: of so many bytes, or behind its own length.
    Decimal {
        bytes: Option<usize>,
        scale: u32,
    },
    FixedUuid,
}

/// A compiled schema.
#[derive(Debug, PartialEq)]
pub struct Schema {
    types: Vec<Type>,
    root: TypeIndex,
}

/// Greatest scale of a decimal: 38 digits are read.
const SCALE_MAX: u64 = 38;
/// Levels of declarations inside one another; types that name themselves have no end and need none.
const NESTING_MAX: usize = 64;

impl Schema {
    /// Compiles a schema and what it imports; nothing where it breaks the rules.
    pub fn compile(schema: &SchemaText) -> Option<Self> {
        let mut compiler = Compiler {
            types: Vec::new(),
            named: HashMap::new(),
        };
        for import in &schema.imports {
            compiler.declare(&parsed(&import.text)?, "", NESTING_MAX)?;
        }
        let root = compiler.declare(&parsed(&schema.text)?, "", NESTING_MAX)?;
        let schema = Self {
            types: compiler.types,
            root,
        };
        (!schema.has_endless_type()).then_some(schema)
    }

    pub(super) fn root(&self) -> TypeIndex {
        self.root
    }

    pub(super) fn type_at(&self, index: TypeIndex) -> &Type {
        self.types
            .get(index.0)
            .expect("places of types are made by the compiler of their schema")
    }

    /// A union that holds itself, through a name, would be read for ever without a byte.
    fn has_endless_type(&self) -> bool {
        let is_union = |index: &TypeIndex| matches!(self.type_at(*index), Type::Union { .. });
        self.types
            .iter()
            .any(|kind| matches!(kind, Type::Union { branches } if branches.iter().any(is_union)))
    }
}

/// A schema is JSON; a bare name is accepted as registries store it.
fn parsed(text: &str) -> Option<Value> {
    let trimmed = text.trim();
    serde_json::from_str(trimmed)
        .ok()
        .or_else(|| is_name(trimmed).then(|| Value::String(trimmed.to_owned())))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

struct Compiler {
    types: Vec<Type>,
    named: HashMap<String, TypeIndex>,
}

impl Compiler {
    fn add(&mut self, kind: Type) -> TypeIndex {
        self.types.push(kind);
        TypeIndex(self.types.len() - 1)
    }

    fn declare(&mut self, value: &Value, namespace: &str, depth_left: usize) -> Option<TypeIndex> {
        let depth_left = depth_left.checked_sub(1)?;
        match value {
            Value::String(name) => self.by_name(name, namespace),
            Value::Array(branches) => {
                let branches = branches
                    .iter()
                    .map(|branch| self.declare(branch, namespace, depth_left));
                let branches: Vec<TypeIndex> = branches.collect::<Option<_>>()?;
                Some(self.add(Type::Union { branches }))
            }
            Value::Object(_) => self.complex(value, namespace, depth_left),
            _ => None,
        }
    }

    fn by_name(&mut self, name: &str, namespace: &str) -> Option<TypeIndex> {
        let kind = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" => Type::Int,
            "long" => Type::Long,
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" => Type::Bytes,
            "string" => Type::String,
            _ => {
                let full = full_name(name, namespace);
                let found = self.named.get(&full).or_else(|| self.named.get(name));
                return found.copied();
            }
        };
        Some(self.add(kind))
    }

    fn complex(&mut self, value: &Value, namespace: &str, depth_left: usize) -> Option<TypeIndex> {
        let kind = value.get("type")?;
        let Some(kind) = kind.as_str() else {
            // `{"type": {"type": …}}`: a type around a type.
            return self.declare(kind, namespace, depth_left);
        };
        match kind {
            "record" | "error" => self.record(value, namespace, depth_left),
            "enum" => {
                let symbols = value.get("symbols")?.as_array()?;
                let symbols = symbols
                    .iter()
                    .map(|symbol| symbol.as_str().map(str::to_owned));
                let symbols = symbols.collect::<Option<_>>()?;
                self.name(value, namespace, Type::Enum { symbols })
            }
            "fixed" => {
                let bytes = usize::try_from(value.get("size")?.as_u64()?).ok()?;
                let kind = logical_fixed(value, bytes).unwrap_or(Type::Fixed { bytes });
                self.name(value, namespace, kind)
            }
            "array" => {
                let items = self.declare(value.get("items")?, namespace, depth_left)?;
                Some(self.add(Type::Array { items }))
            }
            "map" => {
                let values = self.declare(value.get("values")?, namespace, depth_left)?;
                Some(self.add(Type::Map { values }))
            }
            plain => match logical(value, plain) {
                Some(kind) => Some(self.add(kind)),
                None => self.by_name(plain, namespace),
            },
        }
    }

    /// The place of a record is known before its fields, which may name it.
    fn record(&mut self, value: &Value, namespace: &str, depth_left: usize) -> Option<TypeIndex> {
        let place = self.name(value, namespace, Type::Record { fields: Vec::new() })?;
        let inner = namespace_of(value, namespace)?;
        let mut fields: Vec<Field> = Vec::new();
        for field in value.get("fields")?.as_array()? {
            let name = field.get("name")?.as_str()?.to_owned();
            if fields.iter().any(|known| known.name == name) {
                return None;
            }
            let value = self.declare(field.get("type")?, &inner, depth_left)?;
            fields.push(Field { name, value });
        }
        *self.types.get_mut(place.0)? = Type::Record { fields };
        Some(place)
    }

    fn name(&mut self, value: &Value, namespace: &str, kind: Type) -> Option<TypeIndex> {
        let name = value.get("name")?.as_str()?;
        let inner = namespace_of(value, namespace)?;
        let full = full_name(name, &inner);
        let place = self.add(kind);
        // The same name twice: nobody could say which one is meant.
        self.named.insert(full, place).is_none().then_some(place)
    }
}

/// The namespace inside a named type.
fn namespace_of(value: &Value, around: &str) -> Option<String> {
    let name = value.get("name")?.as_str()?;
    if let Some((namespace, _)) = name.rsplit_once('.') {
        return Some(namespace.to_owned());
    }
    let own = value.get("namespace").and_then(Value::as_str);
    Some(own.unwrap_or(around).to_owned())
}

fn full_name(name: &str, namespace: &str) -> String {
    match name.contains('.') || namespace.is_empty() {
        true => name.to_owned(),
        false => format!("{namespace}.{name}"),
    }
}

/// The logical type over a primitive one; one that is unknown or malformed is ignored, as the specification asks.
fn logical(value: &Value, plain: &str) -> Option<Type> {
    use Unit::{Microsecond, Millisecond, Nanosecond};
    let unit = |name: &str| match name.rsplit_once('-')?.1 {
        "millis" => Some(Millisecond),
        "micros" => Some(Microsecond),
        "nanos" => Some(Nanosecond),
        _ => None,
    };
    match (value.get("logicalType")?.as_str()?, plain) {
        ("date", "int") => Some(Type::Date),
        ("decimal", "bytes") => Some(Type::Decimal {
            bytes: None,
            scale: scale(value)?,
        }),
        ("time-millis", "int") => Some(Type::TimeOfDay { unit: Millisecond }),
        ("time-micros", "long") => Some(Type::TimeOfDay { unit: Microsecond }),
        (name, "long") if name.starts_with("local-timestamp-") => {
            Some(Type::LocalTime { unit: unit(name)? })
        }
        (name, "long") if name.starts_with("timestamp-") => {
            Some(Type::Instant { unit: unit(name)? })
        }
        _ => None,
    }
}

fn logical_fixed(value: &Value, bytes: usize) -> Option<Type> {
    match value.get("logicalType")?.as_str()? {
        "decimal" => Some(Type::Decimal {
            bytes: Some(bytes),
            scale: scale(value)?,
        }),
        "uuid" if bytes == 16 => Some(Type::FixedUuid),
        _ => None,
    }
}

fn scale(value: &Value) -> Option<u32> {
    value.get("precision")?.as_u64()?;
    let scale = value.get("scale").map_or(Some(0), Value::as_u64)?;
    u32::try_from(scale).ok().filter(|_| scale <= SCALE_MAX)
}
