//! The two streams of a terminal program: data on standard output, words for people on standard error.

use std::io::{IsTerminal, Write};

/// A line of data. A reader that went away ends nothing.
pub fn print(line: &str) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// A line for people.
pub fn note(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// Data as one JSON object on a line.
pub fn print_json(value: &impl serde::Serialize) {
    print(&serde_json::to_string(value).expect("values of ours are texts and numbers"));
}

/// Whether somebody watches: progress is shown and Ctrl-C is expected.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
