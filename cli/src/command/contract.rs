//! `contract`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct ContractArguments {}

pub async fn run(_arguments: ContractArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "contract is not there yet"))
}
