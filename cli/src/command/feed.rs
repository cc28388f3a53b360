//! `feed`: what concerns one feed.

mod check;
pub mod input;
pub mod judge;
mod show;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::output;

#[derive(Debug, Args)]
pub struct FeedArguments {
    #[command(subcommand)]
    verb: FeedVerb,
}

#[derive(Debug, Subcommand)]
enum FeedVerb {
    /// Say what would become of the records of a file, without a broker; exit 1 if anything would not be accepted
    Check(check::CheckArguments),
    /// Go on with a feed whose topic was made anew: its lanes start at 0 under a new incarnation
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
        FeedVerb::Restart(restart) => run_restart(restart).await,
    }
}

async fn run_restart(arguments: RestartArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let Some(feed) = opened.catalog.feed_of_id(&arguments.feed) else {
        let known: Vec<&str> = opened
            .catalog
            .feeds
            .iter()
            .map(|feed| feed.id.as_str())
            .collect();
        let text = format!("no feed {}; there are {}", arguments.feed, known.join(", "));
        return Err(Failure::new(Exit::Usage, text));
    };
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
