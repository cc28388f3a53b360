//! The six things that a demo shows in the end.

use std::path::Path;

use yidang_ingest::lake::Tables;
use yidang_schemas::defect::Outcome;

use super::findings::{Closed, Disputed};
use super::words::Words;
use crate::compare::Comparison;
use crate::output::print;

/// What is shown.
pub struct Shown<'a> {
    pub words: &'a Words,
    pub tables: &'a Tables,
    pub comparison: &'a Comparison,
    pub folder: &'a Path,
    pub disputed: Option<&'a Disputed>,
    pub issue: Option<&'a Closed>,
}

pub fn show(shown: &Shown<'_>) {
    let words = shown.words;
    print(&words.heading(1));
    outcomes(shown);
    print(&words.heading(2));
    truth(shown);
    print(&words.heading(3));
    match shown.disputed {
        Some(disputed) => {
            print(&words.disputed(disputed));
            let (subject, column, folder) =
                (&disputed.subject, &disputed.column, shown.folder.display());
            print(&format!(
                "  yidang explain person {subject} --field {column} --lake '{folder}'"
            ));
        }
        None => print(&words.nothing_found()),
    }
    print(&words.heading(4));
    match shown.issue {
        Some(closed) => words.life(closed).iter().for_each(|line| print(line)),
        None => print(&words.nothing_found()),
    }
    print(&words.heading(5));
    for table in shown.tables.all() {
        let summary = table.snapshot_summary();
        let path = shown.folder.join(table.name()).display().to_string();
        print(&words.table(&path, summary.version, summary.rows, summary.files));
    }
    print(&words.heading(6));
    print(&words.packages());
    commands(&shown.folder.join("person_file"))
        .iter()
        .for_each(|command| print(&format!("  {command}")));
}

fn outcomes(shown: &Shown<'_>) {
    let (words, comparison) = (shown.words, shown.comparison);
    let (mut produced, mut accounted) = (0, 0);
    for (feed, sent) in &comparison.records {
        let landed = comparison.landed.get(feed).copied().unwrap_or_default();
        let parts = Outcome::ALL
            .iter()
            .zip(landed)
            .map(|(outcome, count)| format!("{} {count}", words.outcome(*outcome)));
        let parts: Vec<String> = parts.collect();
        let sum: u64 = landed.iter().sum();
        print(&format!("  {feed:<14} {}", parts.join(", ")));
        print(&format!("  {:<13}{}", "", words.accounted(*sent, sum)));
        produced += sent;
        accounted += sum;
    }
    print(&words.accounted(produced, accounted));
}

fn truth(shown: &Shown<'_>) {
    let (words, comparison) = (shown.words, shown.comparison);
    for (table, file) in &comparison.files {
        print(&words.file(table, file.rows, file.cells, file.different));
    }
    let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
    print(&words.compared(
        ("记录的处理结果", "outcomes of records"),
        sum(&comparison.records),
        comparison.records_different,
    ));
    print(&words.compared(
        ("问题发现", "findings"),
        comparison.findings,
        comparison.findings_different,
    ));
    print(&words.compared(
        ("问题单", "issues"),
        sum(&comparison.issues),
        comparison.issues_different,
    ));
    if comparison.never_compared.is_empty() {
        let columns = comparison
            .files
            .values()
            .map(|file| file.columns.len())
            .sum();
        print(&words.kinds(comparison.defects.len(), comparison.records.len(), columns));
    }
    print(&words.not_stated(&comparison.not_compared.join(", ")));
    for difference in &comparison.differences.told {
        print(&format!("  ≠ {difference}"));
    }
    let told = comparison.differences.told.len() as u64;
    if comparison.differences.count > told {
        print(&words.more_differences(comparison.differences.count - told));
    }
    comparison
        .never_compared
        .iter()
        .for_each(|what| print(&words.never_compared(what)));
    print(&words.verdict(comparison.is_equal()));
}

/// Commands that read a table, for a shell.
pub fn commands(table: &Path) -> [String; 3] {
    let path = table.display();
    [
        format!(
            "python3 -c \"import polars; print(polars.scan_delta('{path}').select('person_id', 'life_status').head(5).collect())\""
        ),
        format!(
            "python3 -c \"import duckdb, duckdb_extension_delta as e, pathlib; c = duckdb.connect(); \
             c.load_extension(str(next(pathlib.Path(e.__file__).parent.rglob('delta.duckdb_extension')))); \
             print(c.sql('SELECT life_status, count(*) FROM delta_scan(\\$\\${path}\\$\\$) GROUP BY ALL'))\""
        ),
        format!(
            "python3 -c \"import deltalake, pyarrow; \
             q = deltalake.QueryBuilder().register('person_file', deltalake.DeltaTable('{path}')); \
             print(pyarrow.table(q.execute('SELECT life_status, count(*) FROM person_file GROUP BY life_status')))\""
        ),
    ]
}
