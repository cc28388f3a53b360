//! Records in files as messages: a message file, or a bare file in a feed's own format.
//!
//! A message file is JSON lines {topic, partition, timestamp, key, headers, value}; bytes that are no UTF-8 stand in
//! `value_base64` and `key_base64`. A bare file says nothing about messages, so each of its lines becomes one with its
//! number as header `seq` and one given time as header `business-time` and timestamp. A file of CSV, of fixed width or of
//! XML is one message of many rows.

use std::collections::BTreeMap;
use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::Deserialize;
use yidang_schemas::contract::{Contract, Format};
use yidang_simulate::Message;
use yidang_transform::message::RawMessage;

use crate::exit::{Exit, Failure};

/// What a file is.
#[derive(Debug, Clone)]
pub enum Form {
    Messages,
    Bare {
        topic: String,
        format: Format,
        at_ms: i64,
    },
}

impl Form {
    /// A bare file of one feed whose records arrive at an instant, epoch milliseconds.
    pub fn bare(contract: &Contract, at_ms: i64) -> Self {
        Self::Bare {
            topic: contract.topic.clone(),
            format: contract.format,
            at_ms,
        }
    }
}

/// One message of a file. Its content never appears in `Debug`.
pub struct Sent {
    /// Place in the file, from 1.
    pub line: u64,
    pub topic: String,
    pub partition: i32,
    /// Epoch milliseconds; below zero where the line names none.
    pub timestamp_ms: i64,
    key: Option<Vec<u8>>,
    headers: Vec<(String, Option<Bytes>)>,
    value: Option<Vec<u8>>,
    /// Rows of the message are lines of the file, after the header line.
    pub rows_are_lines: bool,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sent")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Sent {
    /// The message as a producer sends it; one that names no time is sent at `now_ms`.
    pub fn into_message(self, now_ms: i64) -> Message {
        let headers = self.headers.into_iter();
        Message {
            topic: self.topic,
            partition: self.partition,
            timestamp_ms: if self.timestamp_ms < 0 {
                now_ms
            } else {
                self.timestamp_ms
            },
            key: self.key,
            headers: headers
                .map(|(name, value)| (name, value.map(Vec::from)))
                .collect(),
            value: self.value,
            corrects: None,
        }
    }

    /// The message as the verbs see it, at a made-up offset.
    pub fn raw(&self, offset: i64) -> RawMessage<'_> {
        RawMessage {
            incarnation: 0,
            partition: self.partition,
            offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key.as_deref(),
            headers: &self.headers,
            value: self.value.as_deref(),
        }
    }
}

/// Reads one message after another.
pub struct Input<'i> {
    reader: &'i mut dyn BufRead,
    form: Form,
    name: String,
    line: u64,
    /// Bytes read so far, for progress.
    pub bytes: u64,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Input")
            .field("name", &self.name)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl<'i> Input<'i> {
    /// `name` is how messages to people call the file.
    pub fn new(reader: &'i mut dyn BufRead, form: Form, name: &str) -> Self {
        Self {
            reader,
            form,
            name: name.to_owned(),
            line: 0,
            bytes: 0,
        }
    }

    /// The next message; nothing at the end of the file.
    ///
    /// # Errors
    /// A file that cannot be read, or a line of a message file that is no message.
    pub fn next(&mut self) -> Result<Option<Sent>, Failure> {
        match self.form.clone() {
            Form::Bare {
                topic,
                format: format @ (Format::Csv | Format::FixedWidth | Format::Xml),
                at_ms,
            } => self.whole(topic, at_ms, format == Format::Csv),
            Form::Bare {
                topic,
                format: Format::Json,
                at_ms,
            } => {
                let Some(bytes) = self.next_line()? else {
                    return Ok(None);
                };
                Ok(Some(bare(self.line, topic, at_ms, bytes, false)))
            }
            Form::Messages => {
                let Some(bytes) = self.next_line()? else {
                    return Ok(None);
                };
                message(self.line, &bytes).map(Some).map_err(|why| {
                    let text = format!("read {}: line {} is no message: {why}", self.name, self.line);
                    Failure::new(Exit::Usage, text).with_next(
                        "write each line as {\"topic\", \"partition\", \"timestamp\", \"key\", \"headers\", \"value\"}, \
                         or name the feed of a bare file with --feed",
                    )
                })
            }
        }
    }

    /// The whole file as one message.
    fn whole(
        &mut self,
        topic: String,
        at_ms: i64,
        rows_are_lines: bool,
    ) -> Result<Option<Sent>, Failure> {
        let mut bytes = Vec::new();
        self.reader
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(&self.name, &error))?;
        self.bytes += bytes.len() as u64;
        if self.line > 0 {
            return Ok(None);
        }
        self.line = 1;
        Ok(Some(bare(1, topic, at_ms, bytes, rows_are_lines)))
    }

    /// The next line that is not blank, without its end.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            let mut bytes = Vec::new();
            let read = self
                .reader
                .read_until(b'\n', &mut bytes)
                .map_err(|error| unreadable(&self.name, &error))?;
            if read == 0 {
                return Ok(None);
            }
            self.bytes += read as u64;
            self.line += 1;
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}

/// A file that cannot be read.
pub fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("read {name}: {error}"))
        .with_next("give a file that can be read, or - for standard input")
}

fn bare(line: u64, topic: String, at_ms: i64, value: Vec<u8>, rows_are_lines: bool) -> Sent {
    let header = |name: &str, number: String| (name.to_owned(), Some(Bytes::from(number)));
    Sent {
        line,
        topic,
        partition: 0,
        timestamp_ms: at_ms,
        key: None,
        headers: vec![
            header("seq", line.to_string()),
            header("business-time", at_ms.to_string()),
        ],
        value: Some(value),
        rows_are_lines,
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Headers {
    List(Vec<(String, Option<String>)>),
    Object(BTreeMap<String, Option<String>>),
}

#[derive(Deserialize)]
struct Line {
    topic: String,
    #[serde(default)]
    partition: i32,
    timestamp: Option<i64>,
    key: Option<String>,
    key_base64: Option<String>,
    headers: Option<Headers>,
    value: Option<String>,
    value_base64: Option<String>,
}

/// Whether a line is one of a message file.
pub fn is_message(line: &[u8]) -> bool {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(line) else {
        return false;
    };
    let has = |name: &str| members.contains_key(name);
    members
        .get("topic")
        .is_some_and(serde_json::Value::is_string)
        && (has("value") || has("value_base64"))
}

/// Never says what stands in the line: the parser's own words may quote it.
fn message(line: u64, bytes: &[u8]) -> Result<Sent, String> {
    let read: Line = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "a member is missing or of another type".to_owned(),
        _ => format!("no JSON, at column {}", error.column()),
    })?;
    let decoded = |text: Option<String>, encoded: Option<String>, name: &str| match encoded {
        Some(encoded) => BASE64
            .decode(encoded)
            .map(Some)
            .map_err(|_| format!("{name} is no base64")),
        None => Ok(text.map(String::into_bytes)),
    };
    let headers: Vec<(String, Option<String>)> = match read.headers {
        None => Vec::new(),
        Some(Headers::List(list)) => list,
        Some(Headers::Object(object)) => object.into_iter().collect(),
    };
    Ok(Sent {
        line,
        topic: read.topic,
        partition: read.partition,
        timestamp_ms: read.timestamp.unwrap_or(-1),
        key: decoded(read.key, read.key_base64, "key_base64")?,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name, value.map(Bytes::from)))
            .collect(),
        value: decoded(read.value, read.value_base64, "value_base64")?,
        rows_are_lines: false,
    })
}

#[cfg(test)]
mod tests;
