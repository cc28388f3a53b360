//! Reading `codes/<list>.csv`.
//!
//! A file holds one list. Its name and version stand in its first line, `# name@version`; then a header line with at
//! least `code,label,canonical`, then a row per text that a source may send. Leaves alone: looking codes up.

use std::collections::{BTreeMap, HashMap};

use super::problem::Problem;
use crate::codes::{CodeMap, folded};

const HEADER: [&str; 3] = ["code", "label", "canonical"];

/// Code lists by `name@version`.
pub(super) type CodeLists = BTreeMap<String, CodeMap>;

/// The list of one file.
pub(super) fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<CodeMap> {
    let text = text.trim_start_matches('\u{feff}');
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
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
    let canonical = rows(file, &mut reader, problems);
    Some(CodeMap {
        name: name.to_owned(),
        canonical,
    })
}

fn rows(
    file: &str,
    reader: &mut csv::Reader<&[u8]>,
    problems: &mut Vec<Problem>,
) -> HashMap<String, String> {
    let mut canonical = HashMap::new();
    // Two lines stand above the first row: the name and the header.
    for (line, row) in reader
        .records()
        .enumerate()
        .map(|(index, row)| (index + 3, row))
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
        let (code, target) = (folded(&cell(0)), cell(2));
        if code.is_empty() || target.is_empty() {
            let sentence = format!("line {line} lacks its code or its canonical code");
            problems.push(Problem::of_file(
                "CT091",
                file,
                sentence,
                "fill both or drop the row",
            ));
        } else if canonical.insert(code.clone(), target).is_some() {
            let sentence = format!("the code '{code}' stands in the list twice (line {line})");
            problems.push(Problem::of_file(
                "CT091",
                file,
                sentence,
                "keep one of the rows",
            ));
        }
    }
    canonical
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
}
