//! Protobuf schemas: `.proto` text, or a descriptor, to a table of message types.
//!
//! Registries store either: the source of the file, or, as Python's serialiser registers it, the file's descriptor in
//! base 64. Imports come from the registry; those of `google/protobuf/` are built in.

use base64::Engine;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use protox::prost_reflect::{FieldDescriptor, FileDescriptor, Kind, MessageDescriptor};

use crate::schema_book::SchemaText;

/// Place of a message type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageIndex(usize);

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Double,
    Float,
    /// `int32`, `int64`: two's complement.
    Signed,
    /// `uint32`, `uint64`.
    Unsigned,
    /// `sint32`, `sint64`.
    Zigzag,
    Fixed32,
    Fixed64,
    SignedFixed32,
    SignedFixed64,
    Bool,
    Text,
    Bytes,
    /// Names by number, in order of declaration: of aliases the first one counts.
    Enum(Vec<(i32, String)>),
    Message(MessageIndex),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Absent where it is not set.
    Present,
    /// Its default where it is not set.
    Implicit,
    Repeated,
    Map,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub number: u32,
    pub name: String,
    pub label: Label,
    pub scalar: Scalar,
    /// Of the members of one `oneof` only the last set one counts.
    pub oneof: Option<String>,
}

/// Message types that stand for a plain value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    /// google.protobuf.Timestamp
    Timestamp,
    /// google.type.Date
    Date,
    /// google.protobuf.StringValue and its relatives: the value itself.
    Wrapper,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub meaning: Meaning,
    /// In order of declaration.
    pub fields: Vec<Field>,
    /// Field numbers, ascending, with the place of their field.
    by_number: Vec<(u32, usize)>,
}

impl Message {
    pub(super) fn place_of(&self, number: u32) -> Option<usize> {
        let found = self
            .by_number
            .binary_search_by_key(&number, |(known, _)| *known);
        self.by_number.get(found.ok()?).map(|(_, place)| *place)
    }
}

/// A message type and those declared in it, in order of declaration.
#[derive(Debug, PartialEq)]
struct Declared {
    message: MessageIndex,
    inner: Vec<Declared>,
}

/// A compiled schema.
#[derive(Debug, PartialEq)]
pub struct Schema {
    messages: Vec<Message>,
    declared: Vec<Declared>,
}

/// Name of the file that is compiled; imports have the names by which it calls them.
const MAIN: &str = "yidang-registered.proto";
/// Braces inside one another: the parser goes one call deeper for each.
const NESTING_MAX: usize = 64;

impl Schema {
    /// Compiles a schema and what it imports; nothing where it breaks the rules.
    pub fn compile(schema: &SchemaText) -> Option<Self> {
        let texts = schema.imports.iter().map(|import| &import.text);
        if !texts.chain([&schema.text]).all(|text| is_shallow(text)) {
            return None;
        }
        let mut resolver = ChainFileResolver::new();
        resolver.add(Registered(schema.clone()));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true).open_file(MAIN).ok()?;
        let pool = compiler.descriptor_pool();
        let file = pool.get_file_by_name(MAIN)?;
        let all: Vec<MessageDescriptor> = pool.all_messages().collect();
        let builder = Builder { all: &all };
        Some(Self {
            messages: all
                .iter()
                .map(|message| builder.message(message))
                .collect::<Option<_>>()?,
            declared: builder.declared_in(&file)?,
        })
    }

    pub(super) fn message_at(&self, path: &[usize]) -> Option<MessageIndex> {
        let (last, around) = path.split_last()?;
        let mut level = &self.declared;
        for place in around {
            level = &level.get(*place)?.inner;
        }
        level.get(*last).map(|declared| declared.message)
    }

    pub(super) fn message(&self, index: MessageIndex) -> &Message {
        self.messages
            .get(index.0)
            .expect("places of messages are made by the compiler of their schema")
    }
}

/// Whether braces, and parentheses and brackets of options, stay within the bound. Those in comments and texts count too:
/// no sane file holds so many.
fn is_shallow(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().all(|byte| {
        match byte {
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth <= NESTING_MAX
    })
}

/// The registered file and its imports, by name.
struct Registered(SchemaText);

impl FileResolver for Registered {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let mut imports = self.0.imports.iter();
        let text = match name {
            MAIN => Some(&self.0.text),
            _ => imports
                .find(|import| import.name == name)
                .map(|import| &import.text),
        };
        let text = text.ok_or_else(|| protox::Error::file_not_found(name))?;
        match descriptor(text) {
            Some(bytes) => named(&bytes, name),
            None => File::from_source(name, text),
        }
    }
}

/// The bytes of a descriptor in base 64. No `.proto` source is base 64: it has spaces and braces.
fn descriptor(text: &str) -> Option<Vec<u8>> {
    let standard = base64::engine::general_purpose::STANDARD;
    standard
        .decode(text.trim())
        .ok()
        .filter(|bytes| !bytes.is_empty())
}

fn named(bytes: &[u8], name: &str) -> Result<File, protox::Error> {
    use protox::prost::Message as _;
    use protox::prost_reflect::prost_types::FileDescriptorProto;
    let mut file = FileDescriptorProto::decode(bytes).map_err(protox::Error::new)?;
    file.name = Some(name.to_owned());
    Ok(File::from_file_descriptor_proto(file))
}

struct Builder<'a> {
    all: &'a [MessageDescriptor],
}

impl Builder<'_> {
    fn index(&self, message: &MessageDescriptor) -> Option<MessageIndex> {
        self.all
            .iter()
            .position(|known| known == message)
            .map(MessageIndex)
    }

    fn declared_in(&self, file: &FileDescriptor) -> Option<Vec<Declared>> {
        file.messages()
            .map(|message| self.declared(&message))
            .collect()
    }

    fn declared(&self, message: &MessageDescriptor) -> Option<Declared> {
        let inner = message.child_messages().map(|inner| self.declared(&inner));
        Some(Declared {
            message: self.index(message)?,
            inner: inner.collect::<Option<_>>()?,
        })
    }

    fn message(&self, message: &MessageDescriptor) -> Option<Message> {
        let order = &message.descriptor_proto().field;
        let by_name = |name: &str| message.get_field_by_name(name);
        let fields = order
            .iter()
            .map(|field| self.field(&by_name(field.name())?));
        let fields: Vec<Field> = fields.collect::<Option<_>>()?;
        let numbers = fields.iter().enumerate();
        let mut by_number: Vec<(u32, usize)> = numbers
            .map(|(place, field)| (field.number, place))
            .collect();
        by_number.sort_unstable();
        Some(Message {
            meaning: meaning(message.full_name()),
            fields,
            by_number,
        })
    }

    fn field(&self, field: &FieldDescriptor) -> Option<Field> {
        let oneof = field
            .containing_oneof()
            .filter(|oneof| !oneof.is_synthetic());
        Some(Field {
            number: field.number(),
            name: field.name().to_owned(),
            label: label(field),
            scalar: self.scalar(field.kind())?,
            oneof: oneof.map(|oneof| oneof.name().to_owned()),
        })
    }

    fn scalar(&self, kind: Kind) -> Option<Scalar> {
        Some(match kind {
            Kind::Double => Scalar::Double,
            Kind::Float => Scalar::Float,
            Kind::Int32 | Kind::Int64 => Scalar::Signed,
            Kind::Uint32 | Kind::Uint64 => Scalar::Unsigned,
            Kind::Sint32 | Kind::Sint64 => Scalar::Zigzag,
            Kind::Fixed32 => Scalar::Fixed32,
            Kind::Fixed64 => Scalar::Fixed64,
            Kind::Sfixed32 => Scalar::SignedFixed32,
            Kind::Sfixed64 => Scalar::SignedFixed64,
            Kind::Bool => Scalar::Bool,
            Kind::String => Scalar::Text,
            Kind::Bytes => Scalar::Bytes,
            Kind::Enum(names) => Scalar::Enum(
                names
                    .values()
                    .map(|value| (value.number(), value.name().to_owned()))
                    .collect(),
            ),
            Kind::Message(message) => Scalar::Message(self.index(&message)?),
        })
    }
}

fn label(field: &FieldDescriptor) -> Label {
    match (field.is_map(), field.is_list(), field.supports_presence()) {
        (true, _, _) => Label::Map,
        (_, true, _) => Label::Repeated,
        (_, _, true) => Label::Present,
        _ => Label::Implicit,
    }
}

fn meaning(full_name: &str) -> Meaning {
    const WRAPPED: [&str; 9] = [
        "DoubleValue",
        "FloatValue",
        "Int64Value",
        "UInt64Value",
        "Int32Value",
        "UInt32Value",
        "BoolValue",
        "StringValue",
        "BytesValue",
    ];
    match full_name {
        "google.protobuf.Timestamp" => Meaning::Timestamp,
        "google.type.Date" => Meaning::Date,
        name => match name.strip_prefix("google.protobuf.") {
            Some(name) if WRAPPED.contains(&name) => Meaning::Wrapper,
            _ => Meaning::Plain,
        },
    }
}
