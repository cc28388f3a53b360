//! Mistakes in data files, told so that the reader can mend them: code, sentence, place, next step.
//!
//! Leaves alone: how they are found. A problem speaks of contracts and code lists, never of a person's data.

mod texts;

use std::fmt;

use super::yaml::Spot;
use crate::messages::Language;

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
    pub fn explain(code: &str, language: Language) -> Option<&'static str> {
        let texts = match language {
            Language::Chinese => texts::chinese::EXPLANATIONS,
            Language::English => texts::EXPLANATIONS,
        };
        let found = texts.iter().find(|(known, _)| *known == code);
        found.map(|(_, text)| *text)
    }

    /// What a code is about: the first sentence of its long form, without its full stop.
    pub fn title(code: &str, language: Language) -> &'static str {
        let text = Self::explain(code, language).unwrap_or_default();
        let end = match language {
            Language::Chinese => "。",
            Language::English => ". ",
        };
        let first = text.split(end).next().unwrap_or(text);
        first.trim_end_matches(['.', '。'])
    }

    /// The problem as text, at most one screenful. Its sentence and help are English; in Chinese the title of the code
    /// stands above them.
    pub fn told(&self, language: Language) -> String {
        let words = match language {
            Language::English => return self.to_string(),
            Language::Chinese => &CHINESE,
        };
        let mut told = format!(
            "{}[{}]：{}\n{}",
            words.error,
            self.code.0,
            Self::title(self.code.0, language),
            self.shown(),
        );
        for (name, text) in [
            (words.sentence, self.sentence.as_str()),
            (words.help, &chinese_help(&self.help)),
        ] {
            told.push_str(&format!("  {name}：{text}\n"));
        }
        told + &format!(
            "  {}：yidang contract explain {} --lang zh",
            words.more, self.code.0
        )
    }

    /// The line with the place marked.
    fn shown(&self) -> String {
        let Spot {
            line,
            column,
            width,
        } = self.spot;
        if line == 0 {
            return format!("   ╭─[{}]\n", self.file);
        }
        let gutter = line.to_string().len();
        let (before, marks) = marks(&self.excerpt, column, width);
        format!(
            "{blank:gutter$} ╭─[{}:{line}:{column}]\n{line} │ {}\n{blank:gutter$} · {before}{marks}\n{blank:gutter$} ╰────\n",
            self.file,
            self.excerpt,
            blank = "",
        )
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
        formatter.write_str(&self.shown())?;
        writeln!(formatter, "  help: {}", self.help)?;
        write!(formatter, "  more: yidang contract explain {}", self.code.0)
    }
}

/// The words of the frame in which a problem is told.
struct Frame {
    error: &'static str,
    sentence: &'static str,
    help: &'static str,
    more: &'static str,
}

const CHINESE: Frame = Frame {
    error: "错误",
    sentence: "详情",
    help: "下一步",
    more: "详解",
};

/// The help lines that say which name to write; the others stay English.
fn chinese_help(help: &str) -> String {
    let forms = [
        ("use '", "请写 '"),
        ("write '", "请写 '"),
        ("known are: ", "可用："),
    ];
    let found = forms
        .iter()
        .find_map(|(english, chinese)| Some(format!("{chinese}{}", help.strip_prefix(english)?)));
    found.unwrap_or_else(|| help.to_owned())
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
        let chinese = "错误[CT050]：mapsTo 指向档案中不存在的列\n   \
            ╭─[contracts/ga/hukou.odcs.yaml:78:7]\n78 │ to: 姓 name\n   ·        ────\n   ╰────\n  \
            详情：there is no column 'person.nam'\n  下一步：请写 'person.name'\n  \
            详解：yidang contract explain CT050 --lang zh";
        assert_eq!(problem.told(Language::Chinese), chinese);
    }

    #[test]
    fn both_languages_explain_the_same_codes() {
        let codes = |texts: &[(&'static str, &str)]| {
            texts.iter().map(|(code, _)| *code).collect::<Vec<_>>()
        };
        assert_eq!(
            codes(texts::EXPLANATIONS),
            codes(texts::chinese::EXPLANATIONS)
        );
        for code in Problem::codes() {
            for language in [Language::Chinese, Language::English] {
                let title = Problem::title(code, language);
                assert!(
                    !title.is_empty() && !title.ends_with(['.', '。']),
                    "{code}: {title}"
                );
            }
        }
    }
}
