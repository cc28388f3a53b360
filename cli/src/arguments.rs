//! What can be typed. Flags win over `YIDANG_*`.

use clap::{Parser, Subcommand};

use crate::command;
use crate::logs::LogFormat;

/// 一档: Kafka streams of a city's agencies become one file per person and per enterprise, defects go back.
#[derive(Debug, Parser)]
#[command(
    name = "yidang",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Exit codes: 0 good, 1 findings or a difference, 2 usage, 3 contract or settings invalid, \
4 refused, 5 broker or store unreachable, 6 stored data contradicts itself, 101 bug."
)]
pub struct Arguments {
    /// Form of the logs on standard error; RUST_LOG chooses what is logged
    #[arg(
        long,
        env = "YIDANG_LOG_FORMAT",
        value_enum,
        default_value = "text",
        global = true
    )]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything here: a synthetic city streams, the files fill, defects go back; nothing to install
    Demo(command::demo::DemoArguments),
    /// Work: read the source topics, keep the files, send feedback
    Run(command::run::RunArguments),
    /// Say where each cell of a person or an enterprise comes from, and which values lost
    Explain(command::explain::ExplainArguments),
    /// List issues, or show one
    Issue(command::issue::IssueArguments),
    /// Prove from the tables that nothing is lost or doubled, or print digests of the files
    Verify(command::verify::VerifyArguments),
    /// Lint contracts, or run their samples
    Contract(command::contract::ContractArguments),
    /// Check a file of records against its contract, or restart a feed
    Feed(command::feed::FeedArguments),
    /// Make a synthetic city: its streams with every kind of defect, and the truth about it
    Simulate(command::simulate::SimulateArguments),
    /// Make a derived table anew from what was landed
    Rebuild(command::rebuild::RebuildArguments),
    /// Measure on this machine
    Bench(command::bench::BenchArguments),
}
