//! `contract lint`: every mistake of a schemas folder or of one contract, with its place and the next step.

use clap::Args;
use yidang_schemas::catalog::Problem;
use yidang_schemas::messages::Language;

use super::sources::{FolderArguments, Loaded};
use crate::exit::Exit;
use crate::language::LanguageArguments;
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang contract lint ./schemas\n  yidang contract lint draft.odcs.yaml --lang zh\n  \
yidang contract lint draft.odcs.yaml --schemas ./schemas --json\n\n\
Exit code 3 if there is a problem. A JSON object has code, title, file, line, column, endColumn (behind the last marked\n\
character), sentence and help. In Chinese the title of the code is; its sentence stays English.\n\
A field that reaches no column, link or rule is a problem: map it, or say `kept: true` where it stays in landing."
)]
pub struct LintArguments {
    #[command(flatten)]
    folder: FolderArguments,
    /// One JSON object a problem
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArguments,
}

pub fn run(arguments: &LintArguments) -> Exit {
    let source = arguments.folder.source();
    match source.load() {
        Ok(loaded) => {
            output::note(&format!("{}: sound; {}", source.name(), counted(&loaded)));
            Exit::Good
        }
        Err(problems) => {
            show_all(&problems, arguments.json, arguments.language.language());
            output::note(&format!("{}: {}", source.name(), number(problems.len())));
            Exit::Invalid
        }
    }
}

fn counted(Loaded { catalog, only }: &Loaded) -> String {
    match only {
        Some(id) => format!("contract {id}"),
        None => format!(
            "{} contracts, {} dossiers, bundle generation {}",
            catalog.feeds.len(),
            catalog.dossiers.len(),
            catalog.bundle.generation
        ),
    }
}

fn number(problems: usize) -> String {
    let noun = if problems == 1 { "problem" } else { "problems" };
    format!("{problems} {noun}")
}

/// Every problem, as text or as a JSON object on a line.
pub fn show_all(problems: &[Problem], json: bool, language: Language) {
    for problem in problems {
        if json {
            show_json(problem, language);
        } else {
            output::print(&format!("{}\n", problem.told(language)));
        }
    }
}

fn show_json(problem: &Problem, language: Language) {
    let line = Some(problem.spot.line).filter(|line| *line > 0);
    output::print_json(&serde_json::json!({
        "code": problem.code.0,
        "title": Problem::title(problem.code.0, language),
        "file": problem.file,
        "line": line,
        "column": line.map(|_| problem.spot.column),
        "endColumn": line.map(|_| problem.spot.end_column()),
        "sentence": problem.sentence,
        "help": problem.help,
    }));
}
