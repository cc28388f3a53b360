//! Where the rows of keyed tables stand: read from their key columns, once at start.

use arrow::array::AsArray;
use futures::TryStreamExt;
use yidang_feedback::identity::IssueId;
use yidang_schemas::fault::Fault;
use yidang_sink::Table;
use yidang_transform::identity::Subject;
use yidang_transform::merge::Location;
use yidang_transform::token::Token;

use crate::engine::Engine;
use crate::lake::{Tables, subject_column};

pub(super) async fn read_locations(tables: &Tables, engine: &mut Engine) -> Result<(), Fault> {
    let dossiers: Vec<String> = engine
        .catalog()
        .dossiers
        .iter()
        .map(subject_column)
        .collect();
    for (kind, (table, column)) in tables.files.iter().zip(&dossiers).enumerate() {
        let kind = u8::try_from(kind).expect("a catalog has fewer kinds than 255");
        for (key, location) in keys(table, column).await? {
            let token = Token::parse(&key).ok_or_else(|| unreadable(table, column))?;
            engine.locate(Subject { kind, token }, Some(location));
        }
    }
    for (key, location) in keys(&tables.issue, "issue_id").await? {
        let issue = IssueId::parse(&key).ok_or_else(|| unreadable(&tables.issue, "issue_id"))?;
        engine.locate_issue(issue, location);
    }
    Ok(())
}

fn unreadable(table: &Table, column: &str) -> Fault {
    Fault::corrupt(format!(
        "read where rows of table {} stand: {column} holds a key that is none",
        table.name()
    ))
}

async fn keys(table: &Table, column: &str) -> Result<Vec<(String, Location)>, Fault> {
    let mut keys = Vec::new();
    let mut batches = table.live_rows(Some(&[column]), None)?;
    while let Some(batch) = batches.try_next().await? {
        let texts = batch
            .batch
            .column(0)
            .as_string_opt::<i32>()
            .ok_or_else(|| unreadable(table, column))?;
        for (text, row) in texts.iter().zip(&batch.rows) {
            let location = Location {
                file: batch.file.0,
                row: *row,
            };
            keys.push((text.unwrap_or_default().to_owned(), location));
        }
    }
    Ok(keys)
}
