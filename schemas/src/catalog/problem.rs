//! Mistakes in data files, told so that the reader can mend them: code, sentence, place, next step.
//!
//! Leaves alone: how they are found. A problem speaks of contracts and code lists, never of a person's data.

mod texts;

use std::fmt;

use super::yaml::Spot;

/// A stable code `CT###`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProblemCode(pub &'static str);

/// One mistake in one file of a schemas folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// Path inside the schemas folder, `/` between its parts.
    pub file: String,
    /// Place in the file; line 0 where the file as a whole is meant.
    pub spot: Spot,
    /// What is wrong, one plain sentence without a full stop.
    pub sentence: String,
    /// The concrete next step.
    pub help: String,
    /// The line of the file, empty where there is none.
    pub excerpt: String,
}

impl Problem {
    /// The long form of a code: why the rule exists, and an example. Nothing for a code that does not exist.
    pub fn explain(code: &str) -> Option<&'static str> {
        texts::EXPLANATIONS
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, text)| *text)
    }

    /// All codes in order.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        texts::EXPLANATIONS.iter().map(|(code, _)| *code)
    }

    /// A problem of a whole file.
    pub fn of_file(
        code: &'static str,
        file: &str,
        sentence: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code: ProblemCode(code),
            file: file.to_owned(),
            spot: Spot::default(),
            sentence: sentence.into(),
            help: help.into(),
            excerpt: String::new(),
        }
    }
}

/// One screenful at most: the sentence, the line with the place marked, the next step.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error[{}]: {}", self.code.0, self.sentence)?;
        let Spot {
            line,
            column,
            width,
        } = self.spot;
        if line == 0 {
            writeln!(formatter, "   ╭─[{}]", self.file)?;
        } else {
            let gutter = line.to_string().len();
            let (before, marks) = marks(&self.excerpt, column, width);
            writeln!(
                formatter,
                "{:gutter$} ╭─[{}:{line}:{column}]",
                "", self.file
            )?;
            writeln!(formatter, "{line} │ {}", self.excerpt)?;
            writeln!(formatter, "{:gutter$} · {before}{marks}", "")?;
            writeln!(formatter, "{:gutter$} ╰────", "")?;
        }
        writeln!(formatter, "  help: {}", self.help)?;
        write!(formatter, "  more: yidang contract explain {}", self.code.0)
    }
}

/// Blanks up to the marked text and strokes below it, as wide as a terminal shows the characters.
fn marks(excerpt: &str, column: u32, width: u32) -> (String, String) {
    let skip = usize::try_from(column.saturating_sub(1)).unwrap_or(0);
    let length = usize::try_from(width).unwrap_or(1).max(1);
    let cells = |text: &str| {
        text.chars()
            .map(|found| if found < '\u{2e80}' { 1 } else { 2 })
            .sum()
    };
    let before: usize = cells(&excerpt.chars().take(skip).collect::<String>());
    let marked: usize = cells(&excerpt.chars().skip(skip).take(length).collect::<String>());
    (" ".repeat(before), "─".repeat(marked.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_line_place_and_next_step() {
        let problem = Problem {
            code: ProblemCode("CT050"),
            file: "contracts/ga/hukou.odcs.yaml".to_owned(),
            spot: Spot {
                line: 78,
                column: 7,
                width: 4,
            },
            sentence: "there is no column 'person.nam'".to_owned(),
            help: "use 'person.name'".to_owned(),
            excerpt: "to: 姓 name".to_owned(),
        };
        let expected = "error[CT050]: there is no column 'person.nam'\n   \
            ╭─[contracts/ga/hukou.odcs.yaml:78:7]\n78 │ to: 姓 name\n   ·        ────\n   ╰────\n  \
            help: use 'person.name'\n  more: yidang contract explain CT050";
        assert_eq!(problem.to_string(), expected);
    }
}
