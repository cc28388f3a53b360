//! `bench`.

use clap::Args;

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct BenchArguments {}

pub async fn run(_arguments: BenchArguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Usage, "bench is not there yet"))
}
