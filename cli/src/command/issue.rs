//! `issue`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct IssueArguments {}

pub async fn run(_arguments: IssueArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "issue is not there yet"))
}
