//! `demo`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct DemoArguments {}

pub async fn run(_arguments: DemoArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "demo is not there yet"))
}
