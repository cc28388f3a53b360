//! `issue`: what agencies have to put right, from the tables `issue` and `issue_event`.
//!
//! Shows no personal value: the tables hold none.

mod list;
mod read;
mod show;
mod words;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};
use crate::lake::LakeArguments;
use crate::language::LanguageArguments;

#[derive(Debug, Args)]
pub struct IssueArguments {
    #[command(subcommand)]
    verb: IssueVerb,
}

#[derive(Debug, Subcommand)]
enum IssueVerb {
    /// Issues by agency and feed, the open ones first
    #[command(after_help = "Examples:\n  yidang issue list --lake ./lake --open\n  \
yidang issue list --lake ./lake --agency ga --lang zh\n  \
yidang issue list --lake ./lake --agency ga --json")]
    List(ListArguments),
    /// One issue: what is wrong, where, and what happened to it so far
    #[command(
        after_help = "Example:\n  yidang issue show dqi_0abc… --lake ./lake\n\n\
An issue ends by a later record of the source that passes the same rule, or by a withdrawal; no command ends it."
    )]
    Show(ShowArguments),
}

#[derive(Debug, Args)]
pub struct ListArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Only issues that this agency answers for
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Only issues of this feed, for example ga.hukou
    #[arg(long, value_name = "FEED")]
    feed: Option<String>,
    /// Only open ones
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    lang: LanguageArguments,
    /// One JSON object an issue
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Issue id, dqi_ and 26 characters
    id: String,
    #[command(flatten)]
    lake: LakeArguments,
    #[command(flatten)]
    lang: LanguageArguments,
    /// One JSON object: the issue and its events
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: IssueArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        IssueVerb::List(verb) => list::run(verb).await,
        IssueVerb::Show(verb) => show::run(verb).await,
    }
}
