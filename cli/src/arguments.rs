//! What can be typed. Flags win over `YIDANG_*`, and every flag of every verb has one.

use std::ffi::OsString;

use clap::builder::FalseyValueParser;
use clap::{
    ArgAction, ArgMatches, Command as Verb, CommandFactory, FromArgMatches, Parser, Subcommand,
};

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

impl Arguments {
    /// Reads the command line, and the environment for what it leaves out.
    pub fn read() -> Result<Self, clap::Error> {
        let mut verb = with_environment(Self::command());
        let words = as_contract_code(std::env::args_os().collect());
        let mut matches = verb.try_get_matches_from_mut(words)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut verb))
    }
}

/// `yidang explain CT050` asks what a code means, which is a verb of contracts: it needs no lake.
fn as_contract_code(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_code = |word: &OsString| word.to_str().is_some_and(command::contract::is_code);
    if words.get(1).is_some_and(|verb| verb == "explain") && words.get(2).is_some_and(is_code) {
        words.insert(1, "contract".into());
    }
    words
}

/// Gives every option that names no variable itself the one of its name: `--epoch-messages` is `YIDANG_EPOCH_MESSAGES`.
/// Lists are left alone: they say themselves how a variable separates their values.
fn with_environment(verb: Verb) -> Verb {
    let verb = verb.mut_args(|option| {
        let Some(name) = option.get_long().filter(|_| option.get_env().is_none()) else {
            return option;
        };
        // Names live as long as the program: it has as many as it has options.
        let variable: &'static str =
            format!("YIDANG_{}", name.replace('-', "_").to_uppercase()).leak();
        match option.get_action() {
            ArgAction::Set => option.env(variable),
            // 1, yes and true set a flag; 0, no, false and nothing do not.
            ArgAction::SetTrue => option.env(variable).value_parser(FalseyValueParser::new()),
            _ => option,
        }
    });
    verb.mut_subcommands(with_environment)
}

/// Whether an option was typed; one that only the environment names gives way to another that was.
pub fn is_typed(matches: &ArgMatches, option: &str) -> bool {
    matches.value_source(option) == Some(clap::parser::ValueSource::CommandLine)
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything here: a synthetic city streams, the files fill, defects go back; nothing to install
    Demo(command::demo::DemoArguments),
    /// Work: read the source topics, keep the files, send feedback
    #[command(
        after_help = "Examples:\n  yidang run --brokers kafka:9092 --lake ./lake\n  \
yidang run --brokers kafka:9092 --lake s3://bucket/city --id-key-file id.key\n  \
yidang run --brokers kafka:9093 --lake ./lake --kafka security.protocol=SSL --until-idle 5\n\n\
A second run with the same brokers and lake stands by and takes over. On an object store AWS_ENDPOINT_URL, \
AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say where it is, AWS_ALLOW_HTTP=true allows one without TLS."
    )]
    Run(command::run::RunArguments),
    /// Say where each cell of a person or an enterprise comes from, and which values lost
    Explain(command::explain::ExplainArguments),
    /// List issues, or show one
    Issue(command::issue::IssueArguments),
    /// Prove from the tables that nothing is lost or doubled, or print digests of the files
    Verify(command::verify::VerifyArguments),
    /// Draft, lint, compare, test and export contracts
    #[command(
        after_help = "Examples:\n  yidang contract init sample.csv --agency scjg --feed licence --out licence.odcs.yaml\n  \
yidang contract lint licence.odcs.yaml\n  yidang contract test ./schemas\n  \
yidang contract diff ./schemas-main ./schemas\n  yidang contract explain ID_CHECK --lang zh"
    )]
    Contract(command::contract::ContractArguments),
    /// Check a file of records, try a feed from file to rows, or restart it
    Feed(command::feed::FeedArguments),
    /// Make a synthetic city: its streams with every kind of defect, and the truth about it
    Simulate(command::simulate::SimulateArguments),
    /// Make a derived table anew from what was landed
    Rebuild(command::rebuild::RebuildArguments),
    /// Remove at once what no reader sees any more: replaced and ended rows, their files and vectors
    Purge(command::purge::PurgeArguments),
    /// Measure on this machine
    Bench(command::bench::BenchArguments),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every verb with the words that lead to it.
    fn verbs(verb: &Verb, path: &str) -> Vec<(String, Verb)> {
        let path = format!("{path} {}", verb.get_name());
        let below = verb.get_subcommands().flat_map(|below| verbs(below, &path));
        std::iter::once((path.clone(), verb.clone()))
            .chain(below)
            .collect()
    }

    fn all() -> Vec<(String, Verb)> {
        verbs(&with_environment(Arguments::command()), "")
    }

    #[test]
    fn every_option_that_is_shown_has_its_variable() {
        let mut seen = 0;
        for (path, verb) in all() {
            for option in verb.get_arguments().filter(|option| !option.is_hide_set()) {
                let Some(name) = option.get_long() else {
                    continue;
                };
                if ["help", "version"].contains(&name) {
                    continue;
                }
                let variable = option.get_env().and_then(|name| name.to_str());
                let plain = name.replace('-', "_").to_uppercase();
                let names = [format!("YIDANG_{plain}"), format!("YIDANG_DEMO_{plain}")];
                let told = option.get_help().map(ToString::to_string);
                // A list may read its variable itself, and says so.
                let reads = |name: &String| {
                    variable == Some(name.as_str())
                        || matches!(option.get_action(), ArgAction::Append)
                            && told.as_ref().is_some_and(|told| told.contains(name))
                };
                assert!(names.iter().any(reads), "{path} --{name} has {variable:?}");
                seen += 1;
            }
        }
        assert!(seen > 50, "only {seen} options were seen");
    }

    #[test]
    fn a_code_is_explained_without_a_lake() {
        let words = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
        let same = |line: &str| assert_eq!(as_contract_code(words(line)), words(line));
        for code in ["CT050", "id_check"] {
            let told = as_contract_code(words(&format!("yidang explain {code} --lang zh")));
            assert_eq!(
                told,
                words(&format!("yidang contract explain {code} --lang zh"))
            );
        }
        same("yidang explain person CT050");
        same("yidang explain CT999");
        same("yidang contract explain CT050");
    }

    #[test]
    fn the_options_fit_together() {
        with_environment(Arguments::command()).debug_assert();
    }

    #[test]
    fn every_verb_shows_examples_or_its_group_does() {
        let shows = |verb: &Verb| {
            let told = verb.get_after_help().map(ToString::to_string);
            told.is_some_and(|told| told.contains("Example") && told.contains("  yidang "))
        };
        let verb = Arguments::command();
        for verb in verb.get_subcommands() {
            let below: Vec<&Verb> = verb
                .get_subcommands()
                .filter(|below| !below.is_hide_set())
                .collect();
            let each_does = !below.is_empty() && below.iter().all(|below| shows(below));
            assert!(
                shows(verb) || each_does,
                "{} lacks examples",
                verb.get_name()
            );
        }
    }
}
