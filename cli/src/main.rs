//! `yidang`: one program, its verbs, and the only reader of the environment.
//!
//! Leaves alone: everything that a verb does beyond reading its arguments, calling the crates and showing the result.

mod arguments;
mod command;
mod compare;
mod exit;
mod http;
mod key;
mod lake;
mod language;
mod logs;
mod names;
mod output;
mod producer;
mod progress;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use exit::Exit;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Five lines and the next command, for somebody who typed only the name of the program.
const FIRST_WORDS: &str = "\
yidang 一档: agencies stream to Kafka, two Delta tables fill, defects go back to whoever caused them.
  person_file (一人一档) and enterprise_file (一企一档): one row per subject, on a folder or any S3 store.
  Every cell names its source, and by which rule it won: yidang explain.
  Only a corrected record from the source closes an issue.
  All verbs: yidang --help    One verb: yidang <verb> --help
next: yidang demo    (nothing else needed: a broker, a synthetic city and a worker in one process)";

/// Longest wait for threads that are still busy when a verb has ended.
const STRAGGLERS: std::time::Duration = std::time::Duration::from_secs(3);

fn main() -> ExitCode {
    if std::env::args_os().len() == 1 {
        output::print(FIRST_WORDS);
        return ExitCode::SUCCESS;
    }
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap knows whether it is help (standard output, 0) or an error (standard error, 2).
            drop(error.print());
            return ExitCode::from(if error.use_stderr() {
                Exit::Usage.code()
            } else {
                0
            });
        }
    };
    logs::start(arguments.log_format);
    logs::quiet_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("the operating system gives a process its threads");
    let outcome = runtime.block_on(run(arguments));
    // Nothing of them is needed any more, but a thread that is inside librdkafka while the process ends may abort it.
    runtime.shutdown_timeout(STRAGGLERS);
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            output::note(&failure.to_string());
            ExitCode::from(failure.exit.code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<Exit, exit::Failure> {
    match arguments.command {
        Command::Demo(verb) => Box::pin(command::demo::run(verb)).await,
        Command::Run(verb) => command::run::run(verb).await,
        Command::Explain(verb) => command::explain::run(verb).await,
        Command::Issue(verb) => command::issue::run(verb).await,
        Command::Verify(verb) => command::verify::run(verb).await,
        Command::Contract(verb) => command::contract::run(verb).await,
        Command::Rebuild(verb) => command::rebuild::run(verb).await,
        Command::Purge(verb) => command::purge::run(verb).await,
        Command::Bench(verb) => command::bench::run(verb).await,
        Command::Simulate(verb) => command::simulate::run(verb).await,
        Command::Feed(verb) => command::feed::run(verb).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_alone_gives_five_lines_and_the_next_command() {
        let lines: Vec<&str> = FIRST_WORDS.lines().collect();
        assert_eq!(lines.len(), 6);
        assert!(lines.last().unwrap().starts_with("next: yidang demo"));
        assert!(lines.iter().all(|line| line.chars().count() <= 120));
    }
}
