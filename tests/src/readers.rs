//! Readers and clients that are not ours, through the scripts in `oracles/`: `deltalake`, Polars and `DuckDB` for tables,
//! confluent-kafka for topics, and whatever a proof brings as a script of its own.
//!
//! Their Python environment is made when it is missing (`oracles/venv`) and kept in the user's cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use crate::messages::Message;
use crate::process::{Finished, Launch};
use crate::repository;

const PATIENCE: Duration = Duration::from_secs(300);

static ENVIRONMENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let output = Command::new(oracles().join("venv"))
        .stdin(Stdio::null())
        .output()
        .expect("tests/oracles/venv can be run");
    assert!(
        output.status.success(),
        "the Python environment cannot be had: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
});

/// Engines that read Delta tables with deletion vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `QueryBuilder` of the Python package `deltalake`.
    DeltaLake,
    Polars,
    /// With its Delta extension; local tables only.
    DuckDb,
}

impl Reader {
    pub const ALL: [Self; 3] = [Self::DeltaLake, Self::Polars, Self::DuckDb];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DeltaLake => "deltalake",
            Self::Polars => "polars",
            Self::DuckDb => "duckdb",
        }
    }
}

/// The folder of the Python environment; `bin/` in it has `python`, `datacontract` and `weed`.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn environment() -> &'static Path {
    &ENVIRONMENT
}

fn oracles() -> PathBuf {
    repository().join("tests/oracles")
}

/// A script of `oracles/` that is about to run.
///
/// # Panics
/// If the environment cannot be made.
pub fn oracle<'a>(script: &str, arguments: impl IntoIterator<Item = &'a str>) -> Launch {
    let path = oracles().join(script);
    let arguments = arguments.into_iter().map(PathBuf::from);
    let launch = Launch::program(
        environment().join("bin/python"),
        std::iter::once(path).chain(arguments),
    );
    launch
        .variable("PYTHONDONTWRITEBYTECODE", "1")
        .variable("PYTHONUTF8", "1")
}

/// Python text that is about to run: what a document prints for its reader, exactly as printed.
///
/// # Panics
/// If the environment cannot be made.
#[must_use]
pub fn python(text: &str) -> Launch {
    let launch = Launch::program(environment().join("bin/python"), ["-c", text]);
    launch.variable("PYTHONUTF8", "1")
}

/// A table as canonical JSON lines, sorted by `key`: the same bytes from every reader that reads the same rows.
///
/// # Panics
/// If the reader refuses the table.
#[must_use]
pub fn read_lines(reader: Reader, table: &str, key: &str) -> Vec<String> {
    let launch = oracle(
        "read_table.py",
        ["--reader", reader.name(), "--table", table, "--key", key],
    );
    finished(launch, &format!("{} reading {table}", reader.name())).out
}

/// A table as all three readers see it, which must be the same in every byte.
///
/// # Panics
/// If a reader refuses the table or two differ; the message names the first row in which they do by its number, not its content.
#[must_use]
pub fn read_agreed(table: &str, key: &str) -> Vec<Value> {
    let [first, rest @ ..] = Reader::ALL;
    let expected = read_lines(first, table, key);
    for reader in rest {
        let lines = read_lines(reader, table, key);
        let names = format!("{} and {}", first.name(), reader.name());
        assert_eq!(
            expected.len(),
            lines.len(),
            "{names} see different numbers of rows in {table}"
        );
        let different = expected
            .iter()
            .zip(&lines)
            .position(|(one, other)| one != other);
        assert_eq!(
            different, None,
            "{names} differ in {table}, row number above"
        );
    }
    expected
        .iter()
        .map(|line| serde_json::from_str(line).expect("the script prints JSON"))
        .collect()
}

/// What [`delta_edit`] does to the one row that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    Delete,
    /// Appends the row once more.
    Double,
}

/// Tampers with a table through another Delta writer; gives the coordinates of the row.
///
/// # Panics
/// If not exactly one row matches the SQL predicate.
#[must_use]
pub fn delta_edit(edit: Edit, table: &str, predicate: &str) -> Value {
    let verb = match edit {
        Edit::Delete => "delete",
        Edit::Double => "double",
    };
    let launch = oracle(
        "delta_edit.py",
        [verb, "--table", table, "--where", predicate],
    );
    single(&finished(launch, &format!("{verb} in {table}")).json())
}

fn single(values: &[Value]) -> Value {
    values.first().expect("the script prints one line").clone()
}

/// Sends messages with confluent-kafka; gives (partition, offset) of each.
///
/// # Panics
/// If one is not taken.
pub fn produce_with_confluent(brokers: &str, messages: &[Message]) -> Vec<(i32, i64)> {
    let lines: Vec<String> = messages.iter().map(Message::to_json_line).collect();
    let launch = oracle("produce.py", ["--brokers", brokers]).input(lines.join("\n"));
    let placed = finished(launch, "confluent-kafka producing").json();
    placed
        .iter()
        .map(|place| (number(place, "partition"), number(place, "offset").into()))
        .collect()
}

/// Every message of a topic as confluent-kafka reads it, one JSON object each (see `consume.py`).
///
/// # Panics
/// If the topic cannot be read to its end.
#[must_use]
pub fn consume_with_confluent(brokers: &str, topic: &str) -> Vec<Value> {
    finished(
        oracle("consume.py", ["--brokers", brokers, "--topic", topic]),
        "confluent-kafka consuming",
    )
    .json()
}

fn number(place: &Value, name: &str) -> i32 {
    let number = place
        .get(name)
        .and_then(Value::as_i64)
        .expect("the script prints where each message went");
    i32::try_from(number).expect("proofs send few messages")
}

fn finished(launch: Launch, doing: &str) -> Finished {
    let finished = launch.run(PATIENCE);
    assert_eq!(finished.code, 0, "{doing}: {}", finished.error.join("\n"));
    finished
}
