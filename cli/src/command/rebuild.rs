//! `rebuild`: a derived table anew from what was landed.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use yidang_ingest::bundle;
use yidang_ingest::rebuild::{Rebuild, rebuildable};
use yidang_ingest::worker;
use yidang_schemas::fault::FaultKind;

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang rebuild person_file --lake ./lake\n  \
yidang rebuild observation_person --lake ./lake --json\n  \
yidang rebuild person_file --deletion-vectors false --lake ./lake\n\n\
Stop the workers first. Every landed epoch is done again in memory, so this needs the memory that a worker needs.\n\
The old folder is kept under _yidang/aside/ until you remove it. landing and state are not derived."
)]
pub struct RebuildArguments {
    /// The table: a file, observation_*, quarantine, finding, issue or issue_event
    table: String,
    #[command(flatten)]
    lake: LakeArguments,
    /// Make a file table with or without deletion vectors; start workers without --deletion-vectors afterwards
    /// [default: as it was]
    #[arg(long, value_name = "BOOL")]
    deletion_vectors: Option<bool>,
    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: RebuildArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let known = rebuildable(&opened.catalog);
    if !known.contains(&arguments.table) {
        let text = format!(
            "no derived table {}; there are {}",
            arguments.table,
            known.join(", ")
        );
        return Err(
            Failure::new(Exit::Usage, text).with_next("yidang rebuild person_file --lake URI")
        );
    }
    let settings = bundle::settings(&opened.lake).await?.unwrap_or_default();
    let rebuild = Rebuild {
        lake: &opened.lake,
        catalog: &opened.catalog,
        id_key: &opened.id_key,
        settings: &settings,
        at_ms: worker::now_ms(),
        deletion: arguments.deletion_vectors.map(worker::deletion),
    };
    let progress = spinner(&arguments.table);
    let done = rebuild
        .run(&arguments.table, |epoch| {
            progress.set_message(format!("epoch {epoch}"))
        })
        .await;
    progress.finish_and_clear();
    let rebuilt = done.map_err(|fault| {
        let again = format!(
            "yidang rebuild {} --lake {}",
            arguments.table,
            opened.lake.uri()
        );
        let next = match fault.kind {
            FaultKind::Conflict => format!("a worker leads: stop it (SIGTERM), then {again}"),
            FaultKind::Unavailable => format!("when the store answers: {again}"),
            FaultKind::Invalid | FaultKind::Corrupt => {
                format!("yidang verify reconcile --lake {}", opened.lake.uri())
            }
        };
        Failure::from(fault).with_next(next)
    })?;
    if arguments.json {
        output::print_json(&serde_json::json!({
            "table": rebuilt.table,
            "version": rebuilt.version,
            "rows": rebuilt.rows,
            "epochs": rebuilt.epochs,
            "commits": rebuilt.commits,
            "aside": rebuilt.aside,
        }));
    } else {
        let aside = rebuilt
            .aside
            .map_or("there was none before".to_owned(), |folder| {
                format!("the old one is in {folder}")
            });
        output::print(&format!(
            "{}: {} rows from {} epochs, version {}; {aside}",
            rebuilt.table, rebuilt.rows, rebuilt.epochs, rebuilt.version
        ));
    }
    Ok(Exit::Good)
}

/// Shown on a terminal only: indicatif draws nothing elsewhere.
fn spinner(table: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {prefix} {msg}")
        .expect("the template is fixed text");
    ProgressBar::new_spinner()
        .with_style(style)
        .with_prefix(format!("rebuilding {table}"))
}
