//! `contract`: what concerns the data files: are they sound, do their samples hold, what does a code mean.

mod diff;
mod explain;
mod export;
mod init;
mod lint;
#[cfg(test)]
mod promise;
mod samples;
mod sources;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub struct ContractArguments {
    #[command(subcommand)]
    verb: ContractVerb,
}

#[derive(Debug, Subcommand)]
enum ContractVerb {
    /// Draft a contract from a sample file: what could be inferred, what is a guess, and what is left to you
    Init(init::InitArguments),
    /// Read every contract, dossier and code list and tell each mistake with its place; exit 3 if there is one
    Lint(lint::LintArguments),
    /// Judge the good and bad samples beside the contracts and compare with what they expect; exit 1 on a difference
    Test(samples::TestArguments),
    /// Tell what changed between two versions, and what each change asks for; exit 1 if a change is breaking
    Diff(diff::DiffArguments),
    /// Write the built-in contracts, dossiers, code lists and samples to a folder, to begin your own with
    Export(export::ExportArguments),
    /// Say at length what a code means: CT### of a contract, or the code of a finding such as `ID_CHECK`
    Explain(explain::ExplainArguments),
}

/// Whether a word is a code that `contract explain` knows, of a contract's mistake or of a record's.
pub fn is_code(word: &str) -> bool {
    explain::is_code(&word.to_ascii_uppercase())
}

#[expect(clippy::unused_async, reason = "every verb has the same shape")]
pub async fn run(arguments: ContractArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        ContractVerb::Lint(verb) => Ok(lint::run(&verb)),
        ContractVerb::Diff(verb) => diff::run(&verb),
        ContractVerb::Init(verb) => init::run(&verb),
        ContractVerb::Test(verb) => samples::run(&verb),
        ContractVerb::Export(verb) => export::run(&verb),
        ContractVerb::Explain(verb) => explain::run(&verb),
    }
}
