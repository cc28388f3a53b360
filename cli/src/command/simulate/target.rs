//! Where a city goes: to files or to a broker, never to both.
//!
//! What is typed counts over what the environment says, and of two that only the environment names the files win: nobody
//! fills a Kafka by leaving a variable set.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::arguments::is_typed;

/// Where a city goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Files(PathBuf),
    Brokers(String),
}

/// The options as they are given.
#[derive(Debug, Args)]
struct Options {
    /// Folder for messages.jsonl and the truth beside it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Kafka to send the messages to; source topics it lacks are made
    #[arg(long, env = "YIDANG_BROKERS", value_name = "HOST:PORT")]
    brokers: Option<String>,
}

impl Args for Target {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

impl FromArgMatches for Target {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = Options::from_arg_matches(matches)?;
        let is_typed = |option| is_typed(matches, option);
        match (given.out, given.brokers) {
            (Some(_), Some(_)) if is_typed("out") && is_typed("brokers") => Err(refused(
                ErrorKind::ArgumentConflict,
                "--out and --brokers exclude one another: files or a Kafka",
            )),
            (Some(_), Some(brokers)) if is_typed("brokers") => Ok(Self::Brokers(brokers)),
            (Some(folder), _) => Ok(Self::Files(folder)),
            (None, Some(brokers)) => Ok(Self::Brokers(brokers)),
            (None, None) => Err(refused(
                ErrorKind::MissingRequiredArgument,
                "either --out DIR or --brokers HOST:PORT is needed",
            )),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn refused(kind: ErrorKind, text: &str) -> clap::Error {
    clap::Error::raw(kind, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is meant where a variable names a broker, and maybe one a folder.
    fn target(typed: &[&str], folder: Option<&'static str>) -> Result<Target, clap::Error> {
        let command = Target::augment_args(Command::new("simulate"))
            .mut_arg("brokers", |option| {
                // As if the environment had it: a default is not typed either.
                option.default_value("kafka:9092")
            })
            .mut_arg("out", |option| match folder {
                Some(folder) => option.default_value(folder),
                None => option,
            });
        let matches = command.try_get_matches_from([&["simulate"], typed].concat())?;
        Target::from_arg_matches(&matches)
    }

    #[test]
    fn a_typed_folder_wins_over_a_broker_of_the_environment() {
        let files = Target::Files("city".into());
        assert_eq!(target(&["--out", "city"], None).unwrap(), files);
        assert_eq!(target(&[], Some("city")).unwrap(), files);
        let brokers = Target::Brokers("here:9092".to_owned());
        let typed = ["--brokers", "here:9092"];
        assert_eq!(target(&typed, Some("city")).unwrap(), brokers);
        assert_eq!(
            target(&[], None).unwrap(),
            Target::Brokers("kafka:9092".to_owned())
        );
    }

    #[test]
    fn both_typed_are_a_conflict() {
        let both = ["--out", "city", "--brokers", "here:9092"];
        assert_eq!(
            target(&both, None).unwrap_err().kind(),
            ErrorKind::ArgumentConflict
        );
    }
}
