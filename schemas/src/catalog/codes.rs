//! Reading `codes/<list>.csv`.
//!
//! A file holds one list. Its name and version stand in its first line, `# name@version`, its source in further lines that
//! begin with `#`; then a header line with at least `code,label,canonical`, then a row per text that a source may send.
//! One of the `#` lines may be `# accepts: label, code+label`: then the labels are codes as well, and so is a code with its
//! label behind it, in one field. Leaves alone: looking codes up.

use std::collections::{BTreeMap, HashMap};

use super::problem::Problem;
use crate::codes::{CodeMap, folded};

const HEADER: [&str; 3] = ["code", "label", "canonical"];

/// Code lists by `name@version`.
pub(super) type CodeLists = BTreeMap<String, CodeMap>;

/// The list of one file.
pub(super) fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<CodeMap> {
    let text = text.trim_start_matches('\u{feff}');
    let (first, after) = text.split_once('\n').unwrap_or((text, ""));
    let name = first.strip_prefix('#').map(str::trim).unwrap_or_default();
    let stem = file
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".csv");
    if name
        .split_once('@')
        .is_none_or(|(list, version)| list != stem || version.is_empty())
    {
        let help = format!("write '# {stem}@<version>' as the first line");
        problems.push(Problem::of_file(
            "CT090",
            file,
            "the list does not name itself",
            help,
        ));
        return None;
    }
    let head = Head::read(file, after, problems);
    let rest = head.rest;
    let mut reader = csv::ReaderBuilder::new().from_reader(rest.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    if !HEADER
        .iter()
        .zip(header.iter())
        .all(|(wanted, found)| *wanted == found)
        || header.len() < 3
    {
        let help = "start the second line with 'code,label,canonical'";
        problems.push(Problem::of_file(
            "CT090",
            file,
            "the header line is not that of a list",
            help,
        ));
        return None;
    }
    let canonical = rows(file, &mut reader, &head, problems);
    Some(CodeMap {
        name: name.to_owned(),
        canonical,
    })
}

/// The lines between the name of a list and its header.
struct Head<'t> {
    /// The header line and everything below it.
    rest: &'t str,
    /// Number of the header line in the file.
    header_line: usize,
    label: bool,
    code_and_label: bool,
}

impl<'t> Head<'t> {
    fn read(file: &str, mut rest: &'t str, problems: &mut Vec<Problem>) -> Self {
        let mut head = Self {
            rest,
            header_line: 2,
            label: false,
            code_and_label: false,
        };
        while let Some(line) = rest.strip_prefix('#') {
            let (comment, after) = line.split_once('\n').unwrap_or((line, ""));
            if let Some(accepted) = comment.trim().strip_prefix("accepts:") {
                head.accept(file, accepted, problems);
            }
            rest = after;
            head.header_line += 1;
        }
        head.rest = rest;
        head
    }

    fn accept(&mut self, file: &str, accepted: &str, problems: &mut Vec<Problem>) {
        for spelling in accepted.split(',').map(str::trim) {
            match spelling {
                "label" => self.label = true,
                "code+label" => self.code_and_label = true,
                other => {
                    let sentence = format!("a list cannot accept '{other}'");
                    let help = "write 'label', 'code+label' or both with a comma";
                    problems.push(Problem::of_file("CT090", file, sentence, help));
                }
            }
        }
    }
}

fn rows(
    file: &str,
    reader: &mut csv::Reader<&[u8]>,
    head: &Head<'_>,
    problems: &mut Vec<Problem>,
) -> HashMap<String, String> {
    let mut canonical = HashMap::new();
    let mut labelled = Vec::new();
    for (line, row) in reader
        .records()
        .enumerate()
        .map(|(index, row)| (index + 1 + head.header_line, row))
    {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let sentence = format!("line {line} is no CSV row: {error}");
                problems.push(Problem::of_file("CT090", file, sentence, "mend the row"));
                continue;
            }
        };
        let cell = |place: usize| row.get(place).unwrap_or_default().trim().to_owned();
        let (code, label, target) = (folded(&cell(0)), folded(&cell(1)), cell(2));
        if code.is_empty() || target.is_empty() {
            let sentence = format!("line {line} lacks its code or its canonical code");
            problems.push(Problem::of_file(
                "CT091",
                file,
                sentence,
                "fill both or drop the row",
            ));
            continue;
        }
        if canonical.insert(code.clone(), target.clone()).is_some() {
            let sentence = format!("the code '{code}' stands in the list twice (line {line})");
            problems.push(Problem::of_file(
                "CT091",
                file,
                sentence,
                "keep one of the rows",
            ));
        }
        labelled.push((line, code, label, target));
    }
    for (line, code, label, target) in labelled {
        for spelling in head.spellings(&code, &label) {
            let known = canonical.entry(spelling).or_insert_with(|| target.clone());
            if *known != target {
                let sentence = format!("the label '{label}' stands for two codes (line {line})");
                let help = "give the rows different labels, or take 'label' from the list";
                problems.push(Problem::of_file("CT091", file, sentence, help));
            }
        }
    }
    canonical
}

impl Head<'_> {
    /// What else a row may be sent as.
    fn spellings(&self, code: &str, label: &str) -> impl Iterator<Item = String> {
        let has_label = !label.is_empty();
        let alone = (has_label && self.label).then(|| label.to_owned());
        // A row whose code is a word already has no code in front of its label.
        let joins = has_label && self.code_and_label && code.is_ascii();
        let joined = joins.then(|| format!("{code}{label}"));
        alone.into_iter().chain(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_of(text: &str) -> (Option<CodeMap>, Vec<&'static str>) {
        let mut problems = Vec::new();
        let list = read("codes/sex.csv", text, &mut problems);
        (
            list,
            problems.iter().map(|problem| problem.code.0).collect(),
        )
    }

    #[test]
    fn a_list_maps_each_code_to_its_canonical_code() {
        let (list, problems) = codes_of("# sex@2003\ncode,label,canonical\n1,男,1\n男,男,1\n");
        let list = list.unwrap();
        assert!(problems.is_empty());
        assert_eq!(
            (list.name.as_str(), list.get("男"), list.get("3")),
            ("sex@2003", Some("1"), None)
        );
    }

    #[test]
    fn codes_stand_in_the_list_as_they_are_looked_up() {
        let (list, _) = codes_of("# sex@2003\ncode,label,canonical\n（男）,男,1\n");
        assert_eq!(list.unwrap().get("(男)"), Some("1"));
        let twice = "# sex@2003\ncode,label,canonical\n（男）,男,1\n(男),男,1\n";
        assert_eq!(codes_of(twice).1, ["CT091"]);
    }

    #[test]
    fn a_list_of_another_name_or_header_is_refused() {
        assert_eq!(codes_of("# age@1\ncode,label,canonical\n").1, ["CT090"]);
        assert_eq!(codes_of("# sex@1\nlabel,code\n").1, ["CT090"]);
    }

    #[test]
    fn a_code_named_twice_and_an_empty_one_are_noted() {
        let text = "# sex@1\ncode,label,canonical\n1,男,1\n1,男,2\n,x,1\n";
        assert_eq!(codes_of(text).1, ["CT091", "CT091"]);
    }

    #[test]
    fn where_a_list_says_so_labels_and_codes_with_labels_are_codes() {
        let text = "# marital@1\n# GB/T 2261.2-2003\n# accepts: label, code+label\n\
            code,label,canonical\n10,未婚,10\n01,结婚,20\n已婚,结婚,20\n";
        let mut problems = Vec::new();
        let list = read("codes/marital.csv", text, &mut problems).unwrap();
        assert!(problems.is_empty());
        for (sent, canonical) in [
            ("01", "20"),
            ("结婚", "20"),
            ("01结婚", "20"),
            ("已婚", "20"),
        ] {
            assert_eq!(list.get(sent), Some(canonical), "{sent}");
        }
        assert_eq!((list.get("10结婚"), list.get("已婚结婚")), (None, None));
    }

    #[test]
    fn a_label_of_two_codes_and_an_unknown_wish_are_noted_with_their_line() {
        let text = "# sex@1\n# accepts: label\ncode,label,canonical\n1,男,1\n2,男,2\n";
        let mut problems = Vec::new();
        read("codes/sex.csv", text, &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].sentence.contains("(line 5)"),
            "{}",
            problems[0].sentence
        );
        assert_eq!(
            codes_of("# sex@1\n# accepts: anything\ncode,label,canonical\n1,男,1\n").1,
            ["CT090"]
        );
    }

    #[test]
    fn lines_are_counted_below_a_long_head() {
        let mut problems = Vec::new();
        let text = "# sex@1\n# one\n# two\ncode,label,canonical\n1,男,1\n1,女,2\n";
        read("codes/sex.csv", text, &mut problems);
        assert!(
            problems[0].sentence.contains("(line 6)"),
            "{}",
            problems[0].sentence
        );
    }
}
