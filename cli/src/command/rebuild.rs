//! `rebuild`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct RebuildArguments {}

pub async fn run(_arguments: RebuildArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "rebuild is not there yet"))
}
