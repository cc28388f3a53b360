//! `purge`: rows that ended leave the store now.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use yidang_ingest::purge::{Purged, purge};
use yidang_ingest::worker;
use yidang_schemas::fault::FaultKind;

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang purge --lake ./lake\n  yidang purge --lake s3://bucket/city --json\n\n\
Stop the workers first. Rows that a later one replaced, or that ended, are in no file of the files, of issue and of \
state afterwards; older versions of all tables can no longer be read. landing and the observations keep what was \
sent, and _yidang/aside/ what a rebuild put aside."
)]
pub struct PurgeArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// One JSON object per table instead of words
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: PurgeArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let progress = spinner();
    let done = purge(&opened.lake, &opened.catalog, worker::now_ms(), |purged| {
        progress.set_message(purged.table.clone())
    })
    .await;
    progress.finish_and_clear();
    let all = done.map_err(|fault| {
        let again = format!("yidang purge --lake {}", opened.lake.uri());
        let next = match fault.kind {
            FaultKind::Conflict => format!(
                "stop the worker (SIGTERM), or where none runs let one start and end (yidang run … --until-idle 1), then {again}"
            ),
            FaultKind::Unavailable => format!("when the store answers: {again}"),
            FaultKind::Invalid | FaultKind::Corrupt => {
                format!("yidang verify reconcile --lake {}", opened.lake.uri())
            }
        };
        Failure::from(fault).with_next(next)
    })?;
    for purged in &all {
        say(purged, arguments.json);
    }
    let aside = opened.lake.list("_yidang/aside").await?;
    if !aside.is_empty() {
        output::note(&format!(
            "{} objects of tables that were made anew are in _yidang/aside/ still; remove them by hand",
            aside.len()
        ));
    }
    Ok(Exit::Good)
}

fn say(purged: &Purged, json: bool) {
    if json {
        output::print_json(&serde_json::json!({
            "table": purged.table,
            "version": purged.version,
            "rewritten_files": purged.rewritten,
            "purged_rows": purged.rows,
            "removed_files": purged.files,
            "removed_bytes": purged.bytes,
        }));
    } else {
        output::print(&format!(
            "{}: {} rows purged, {} files written anew, {} files ({} bytes) removed, version {}",
            purged.table, purged.rows, purged.rewritten, purged.files, purged.bytes, purged.version
        ));
    }
}

/// Shown on a terminal only: indicatif draws nothing elsewhere.
fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} purging {msg}")
        .expect("the template is fixed text");
    ProgressBar::new_spinner().with_style(style)
}
