//! What can be typed. Flags win over `YIDANG_*`.

use clap::{Parser, Subcommand};

use crate::command;
use crate::logs::LogFormat;

/// 一档: Kafka streams of a city's agencies become one file per person and per enterprise, defects go back.
#[derive(Debug, Parser)]
#[command(name = "yidang", version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 good, 1 findings or a difference, 2 usage, 3 contract or settings invalid, \
4 refused, 5 broker or store unreachable, 6 stored data contradicts itself, 101 bug.")]
pub struct Arguments {
    /// Form of the logs on standard error; RUST_LOG chooses what is logged
    #[arg(long, env = "YIDANG_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Work: read the source topics, keep the files, send feedback
    Run(command::run::RunArguments),
    /// Check a file of records against its contract, or restart a feed
    Feed(command::feed::FeedArguments),
}
