//! Rust text taken apart far enough to search it: code without comments and texts, and the text literals by themselves.
//!
//! No parser: it knows comments, every form of text literal, and characters beside lifetimes. Macros are read like other code.
#![expect(
    clippy::string_slice,
    reason = "every index comes from a search in the same text"
)]

/// A source text, taken apart.
pub(crate) struct RustSource {
    /// The code, with comments and the insides of literals left out.
    pub(crate) code: String,
    /// Line number and content of each text literal, as written (escapes are not resolved).
    pub(crate) literals: Vec<(usize, String)>,
}

impl RustSource {
    pub(crate) fn read(text: &str) -> Self {
        let mut source = Self {
            code: String::new(),
            literals: Vec::new(),
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
            rest = source.step(first, rest, line);
        }
        source
    }

    /// Takes one comment, literal or character off the front.
    fn step<'t>(&mut self, first: char, rest: &'t str, line: usize) -> &'t str {
        if rest.starts_with("//") {
            return rest.find('\n').map_or("", |end| &rest[end..]);
        }
        if rest.starts_with("/*") {
            return rest.find("*/").map_or("", |end| &rest[end + 2..]);
        }
        if first == '"' {
            return self.literal(&rest[1..], line, end_of_text);
        }
        let starts_word = !self
            .code
            .ends_with(|last: char| last.is_alphanumeric() || last == '_');
        if starts_word && let Some((inside, hashes)) = raw_text(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            return self.literal(inside, line, |text| {
                text.find(&close).map(|end| (end, end + close.len()))
            });
        }
        if first == '\''
            && let Some(length) = character(rest)
        {
            self.code.push_str("' '");
            return &rest[length..];
        }
        self.code.push(first);
        &rest[first.len_utf8()..]
    }

    fn literal<'t>(
        &mut self,
        inside: &'t str,
        line: usize,
        end: impl Fn(&str) -> Option<(usize, usize)>,
    ) -> &'t str {
        let (content, after) = end(inside).unwrap_or((inside.len(), inside.len()));
        self.literals.push((line, inside[..content].to_owned()));
        self.code.push_str("\"\"");
        &inside[after..]
    }
}

/// Where the content of a text literal ends, and where the code goes on.
fn end_of_text(inside: &str) -> Option<(usize, usize)> {
    let mut escaped = false;
    for (index, each) in inside.char_indices() {
        match each {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((index, index + 1)),
            _ => {}
        }
    }
    None
}

/// The inside of `r"`, `r#"`, `br#"` … and the number of hashes.
fn raw_text(rest: &str) -> Option<(&str, usize)> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let inside = after.trim_start_matches('#');
    Some((inside.strip_prefix('"')?, after.len() - inside.len()))
}

/// Length of a character literal; `None` if it is a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut inside = rest[1..].char_indices();
    let (_, first) = inside.next()?;
    if first == '\\' {
        let close = rest[2..]
            .char_indices()
            .skip(1)
            .find(|(_, each)| *each == '\'')?
            .0;
        return Some(2 + close + 1);
    }
    let (index, second) = inside.next()?;
    (second == '\'').then_some(1 + index + 1)
}

/// The part of a source before its inline test module. A `#[cfg(test)]` in front of `mod name;` hides nothing behind it.
pub(crate) fn without_tests(text: &str) -> &str {
    let mut offset = 0;
    while let Some(found) = text[offset..].find("#[cfg(test)]") {
        let start = offset + found;
        let item = text[start..]
            .lines()
            .skip(1)
            .find(|line| !line.trim_start().starts_with("#["));
        if item.is_some_and(|line| {
            line.trim_start().starts_with("mod ") && line.trim_end().ends_with('{')
        }) {
            return &text[..start];
        }
        offset = start + "#[cfg(test)]".len();
    }
    text
}

/// Lines of a source before its inline test module.
pub(crate) fn lines_without_tests(text: &str) -> usize {
    without_tests(text).lines().count()
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let source = RustSource::read(
        "fn f<'a>(x: &'a str) -> char { // \"no\"\n let y = \"one\\\"\"; /* \"no\" */ let z = r#\"two \"quoted\"\"#; '\"' }\nlet b = b\"three\"; '\\''",
    );
    let literals: Vec<_> = source
        .literals
        .iter()
        .map(|(line, text)| (*line, text.as_str()))
        .collect();
    assert_eq!(
        literals,
        [(2, "one\\\""), (2, "two \"quoted\""), (3, "three")]
    );
    assert!(source.code.contains("<'a>") && !source.code.contains("no"));
}

#[test]
fn only_an_inline_test_module_ends_the_product() {
    assert_eq!(
        without_tests("a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\nmod tests {\n}"),
        "a\n#[cfg(test)]\nmod tests;\nb\n"
    );
}
