//! `feed`: what concerns one feed.

mod check;
pub mod input;
pub mod judge;
mod show;
mod trial;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::{names, output};

#[derive(Debug, Args)]
pub struct FeedArguments {
    #[command(subcommand)]
    verb: FeedVerb,
}

#[derive(Debug, Subcommand)]
enum FeedVerb {
    /// Say what would become of the records of a file, without a broker; exit 1 if anything would not be accepted
    #[command(
        after_help = "Examples:\n  yidang feed check ./city/messages.jsonl\n  \
yidang feed check hukou.csv --feed ga.hukou --at 2026-06-01T00:00:00Z --lang zh\n  \
yidang feed check - --feed scjg.penalty --json < penalties.csv\n\n\
A message file has one JSON object a line: topic, partition, timestamp, key, headers, value or value_base64."
    )]
    Check(check::CheckArguments),
    /// Check the records of a file, then let them flow into a lake of their own; no Kafka needed
    #[command(
        after_help = "Examples:\n  yidang feed try disability.csv --feed cl.disability --schemas ./schemas\n  \
yidang feed try ./city/messages.jsonl --lake ./tried --lang zh\n\n\
The records go through a broker in memory (4 MiB a partition) and the worker that production runs. Exit 1 if anything \
was not accepted."
    )]
    Try(trial::TryArguments),
    /// Go on with a feed whose topic was made anew: its lanes start at 0 under a new incarnation
    #[command(
        after_help = "Example:\n  yidang feed restart ga.hukou --lake ./lake\n\n\
Only for a topic that was deleted and made anew on purpose: what it holds is read from its beginning."
    )]
    Restart(RestartArguments),
}

#[derive(Debug, Args)]
struct RestartArguments {
    /// Feed id, for example ga.hukou
    feed: String,
    #[command(flatten)]
    lake: LakeArguments,
    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: FeedArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        FeedVerb::Check(check) => check::run(&check),
        FeedVerb::Try(arguments) => trial::run(&arguments).await,
        FeedVerb::Restart(restart) => run_restart(restart).await,
    }
}

async fn run_restart(arguments: RestartArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let feed = names::feed(&opened.catalog, &arguments.feed, |first| {
        format!("yidang feed restart {first} --lake {}", opened.lake.uri())
    })?;
    let incarnation =
        yidang_ingest::lanes::raise_incarnation(&opened.lake, &opened.catalog, feed).await?;
    if arguments.json {
        output::print_json(
            &serde_json::json!({ "feed": arguments.feed, "incarnation": incarnation }),
        );
    } else {
        output::print(&format!(
            "{} goes on as incarnation {incarnation}: a running worker picks it up within seconds",
            arguments.feed
        ));
    }
    Ok(Exit::Good)
}
