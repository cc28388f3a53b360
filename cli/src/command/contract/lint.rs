//! `contract lint`: every mistake of a schemas folder, with its place and the next step.

use clap::Args;
use yidang_schemas::catalog::{Catalog, Problem};

use super::sources::FolderArguments;
use crate::exit::Exit;
use crate::output;

#[derive(Debug, Args)]
pub struct LintArguments {
    #[command(flatten)]
    folder: FolderArguments,
    /// One JSON object a problem
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &LintArguments) -> Exit {
    let (read, place) = match arguments.folder.folder() {
        Some(folder) => (Catalog::load(folder), folder.display().to_string()),
        None => (Catalog::embedded(), "the built-in schemas".to_owned()),
    };
    match read {
        Ok(catalog) => {
            output::note(&format!(
                "{place}: sound; {} contracts, {} dossiers, bundle generation {}",
                catalog.feeds.len(),
                catalog.dossiers.len(),
                catalog.bundle.generation
            ));
            Exit::Good
        }
        Err(problems) => {
            for problem in &problems {
                show(problem, arguments.json);
            }
            let noun = if problems.len() == 1 {
                "problem"
            } else {
                "problems"
            };
            output::note(&format!("{place}: {} {noun}", problems.len()));
            Exit::Invalid
        }
    }
}

fn show(problem: &Problem, json: bool) {
    if !json {
        return output::print(&format!("{problem}\n"));
    }
    let line = Some(problem.spot.line).filter(|line| *line > 0);
    output::print_json(&serde_json::json!({
        "code": problem.code.0,
        "file": problem.file,
        "line": line,
        "column": line.map(|_| problem.spot.column),
        "sentence": problem.sentence,
        "help": problem.help,
    }));
}
