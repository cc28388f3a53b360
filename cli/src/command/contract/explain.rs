//! `contract explain`: the long form of a code, of a contract's mistake or of a record's.

use clap::Args;
use yidang_schemas::catalog::Problem;
use yidang_schemas::messages;

use crate::exit::{Exit, Failure};
use crate::language::LanguageArguments;
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang contract explain CT050 --lang zh\n  yidang contract explain ID_CHECK\n  \
yidang contract explain --json                  all codes"
)]
pub struct ExplainArguments {
    /// For example CT050 or `ID_CHECK`; all codes when absent
    code: Option<String>,
    /// One JSON object a code
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArguments,
}

/// Whether there is such a code.
pub fn is_code(code: &str) -> bool {
    Problem::codes().any(|known| known == code) || messages::all().any(|known| known.code == code)
}

pub fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let Some(code) = &arguments.code else {
        list(arguments);
        return Ok(Exit::Good);
    };
    let code = code.to_ascii_uppercase();
    let language = arguments.language.language();
    if let Some(text) = Problem::explain(&code, language) {
        show_problem(&code, text, arguments);
    } else if let Some(message) = messages::all().find(|message| message.code == code) {
        show_message(message, arguments);
    } else {
        return Err(
            Failure::new(Exit::Usage, "there is no such code").with_next("yidang contract explain")
        );
    }
    Ok(Exit::Good)
}

fn list(arguments: &ExplainArguments) {
    for code in Problem::codes() {
        let language = arguments.language.language();
        if arguments.json {
            let text = Problem::explain(code, language).unwrap_or_default();
            show_problem(code, text, arguments);
        } else {
            output::print(&format!("{code}  {}", Problem::title(code, language)));
        }
    }
    let mut known: Vec<&messages::Message> = messages::all().collect();
    known.sort_by_key(|message| message.code);
    for message in known {
        if arguments.json {
            show_message(message, arguments);
        } else {
            output::print(&format!(
                "{}  {}",
                message.code,
                message.title.in_language(arguments.language.language())
            ));
        }
    }
}

fn show_problem(code: &str, text: &str, arguments: &ExplainArguments) {
    if arguments.json {
        let title = Problem::title(code, arguments.language.language());
        output::print_json(&serde_json::json!({ "code": code, "title": title, "text": text }));
    } else {
        // Chinese has no blanks to break a line at; a sentence a line then.
        let text = text.replace('。', "。 ");
        output::print(&format!("{code}\n{}", folded(text.trim_end(), 96)));
    }
}

fn show_message(message: &messages::Message, arguments: &ExplainArguments) {
    let language = arguments.language.language();
    let [title, expected, help] =
        [message.title, message.expected, message.help].map(|text| text.in_language(language));
    if arguments.json {
        output::print_json(&serde_json::json!({
            "code": message.code, "title": title, "expected": expected, "help": help,
        }));
    } else {
        output::print(&format!(
            "{}: {title}\n  expected: {expected}\n  help: {help}",
            message.code
        ));
    }
}

/// Columns that a terminal needs for a text.
fn cells(text: &str) -> usize {
    let cells = text
        .chars()
        .map(|letter| if letter < '\u{2e80}' { 1 } else { 2 });
    cells.sum()
}

/// Lines of at most so many columns, broken at blanks.
fn folded(text: &str, width: usize) -> String {
    let (mut lines, mut line) = (String::new(), 0);
    for word in text.split(' ') {
        let length = cells(word);
        if line > 0 && line + 1 + length > width {
            lines.push('\n');
            line = 0;
        }
        let lead = if line == 0 { "  " } else { " " };
        lines.push_str(lead);
        lines.push_str(word);
        line += lead.len() + length;
    }
    lines
}
