//! Whether a demo stays up after its comparison.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::arguments::is_typed;

/// What happens after the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Stay up where somebody watches, end elsewhere.
    AsWatched,
    Exit,
    Stay,
}

impl Ending {
    pub fn stays(self, watched: bool) -> bool {
        match self {
            Self::AsWatched => watched,
            Self::Exit => false,
            Self::Stay => true,
        }
    }
}

/// The options as they are given.
#[derive(Debug, Args)]
struct Options {
    /// End after the comparison, even on a terminal
    #[arg(long)]
    exit: bool,
    /// Stay up after the comparison until a signal comes, even without a terminal
    #[arg(long, overrides_with = "exit")]
    stay: bool,
}

impl Args for Ending {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

impl FromArgMatches for Ending {
    /// What is typed counts over what the environment says; of two that are typed, the last.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = Options::from_arg_matches(matches)?;
        Ok(match (given.exit, given.stay) {
            (false, false) => Self::AsWatched,
            (true, true) if is_typed(matches, "stay") => Self::Stay,
            (true, _) => Self::Exit,
            (false, true) => Self::Stay,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(typed: &[&str]) -> Ending {
        let command = Ending::augment_args(Command::new("demo"));
        let matches = command
            .try_get_matches_from([&["demo"], typed].concat())
            .unwrap();
        Ending::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn a_demo_stays_where_somebody_watches_unless_told_otherwise() {
        assert!(ending(&[]).stays(true) && !ending(&[]).stays(false));
        assert!(!ending(&["--exit"]).stays(true));
        assert!(ending(&["--stay"]).stays(false));
    }
}
