//! `explain`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct ExplainArguments {}

pub async fn run(_arguments: ExplainArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "explain is not there yet"))
}
