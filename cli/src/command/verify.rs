//! `verify`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct VerifyArguments {}

pub async fn run(_arguments: VerifyArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "verify is not there yet"))
}
