//! Reading `divisions/*.csv`.
//!
//! The first line of a file is `# <name>@<edition>`, the name being that of the file; further lines with `#` name the source;
//! then a header line and one row per line, without quotes. Every mistake is noted at its line. Leaves alone: looking
//! divisions up.

use std::collections::HashSet;

use super::page::Page;
use super::problem::Problem;
use super::yaml::Spot;
use crate::division::{County, DivisionRows, Divisions, Local};

const COUNTIES: &str = "counties";
const TOWNSHIPS_MCA: &str = "townships-mca";
const TOWNSHIPS_NBS: &str = "townships-nbs";
const VILLAGES: &str = "villages-nbs";
const SUCCESSORS: &str = "successors";
/// Files and their header lines.
const FILES: [(&str, &str); 5] = [
    (COUNTIES, "code,name,from,until"),
    (TOWNSHIPS_MCA, "code,name"),
    (TOWNSHIPS_NBS, "code,name"),
    (VILLAGES, "code,name"),
    (SUCCESSORS, "code,name,successor"),
];

/// The divisions of these files; a folder without any knows none.
pub(super) fn read(files: &[(&str, &str)], problems: &mut Vec<Problem>) -> Divisions {
    let mut reading = Reading::default();
    // Counties come first in the order of names: what lies in them is held against them.
    for (file, text) in files {
        let mut page = Page::new(file, text);
        one_file(&mut page, text, &mut reading);
        problems.append(&mut page.problems);
    }
    Divisions::new(reading.rows)
}

#[derive(Default)]
struct Reading {
    rows: DivisionRows,
    /// Counties of today.
    current: HashSet<String>,
}

fn one_file(page: &mut Page<'_>, text: &str, reading: &mut Reading) {
    let name = page.file.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(".csv");
    let Some((name, header)) = FILES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = FILES.iter().map(|(known, _)| *known).collect();
        let help = format!("name it one of {}", known.join(", "));
        page.note(
            "CT095",
            at(1, ""),
            "no such file of divisions is read",
            help,
        );
        return;
    };
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line.trim_end()));
    let Some(edition) = lines.next().and_then(|(_, first)| edition_of(first, name)) else {
        let help = format!("write '# {name}@<edition>' as the first line");
        page.note("CT095", at(1, ""), "the file does not name itself", help);
        return;
    };
    reading.rows.editions.insert((*name).to_owned(), edition);
    let mut body = lines.skip_while(|(_, line)| line.starts_with('#'));
    match body.next() {
        Some((_, found)) if found == *header => {}
        Some((line, found)) => {
            let help = format!("write '{header}'");
            page.note(
                "CT095",
                at(line, found),
                "this is not the header of the file",
                help,
            );
            return;
        }
        None => {
            let help = format!("write '{header}' and the rows");
            page.note("CT095", at(1, ""), "the file has no header", help);
            return;
        }
    }
    for (line, found) in body.filter(|(_, line)| !line.is_empty()) {
        if let Err((code, sentence, help)) = reading.row(name, found) {
            page.note(code, at(line, found), sentence, help);
        }
    }
}

fn edition_of(first: &str, name: &str) -> Option<String> {
    let first = first.trim_start_matches('\u{feff}').strip_prefix('#')?;
    let (stem, edition) = first.trim().split_once('@')?;
    (stem == name && !edition.is_empty()).then(|| edition.to_owned())
}

fn at(line: usize, text: &str) -> Spot {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Spot {
        line: number(line),
        column: 1,
        width: number(text.chars().count().max(1)),
    }
}

/// What is wrong with a row: code, sentence, next step.
type Mistake = (&'static str, &'static str, &'static str);

impl Reading {
    fn row(&mut self, file: &str, line: &str) -> Result<(), Mistake> {
        let cells: Vec<&str> = line.split(',').collect();
        match (file, cells.as_slice()) {
            (COUNTIES, [code, name, from, until]) => self.county(code, name, from, until),
            (SUCCESSORS, [code, name, successor]) => {
                let successor = self.lies_today(digits(successor, 6)?)?;
                let row = (digits(code, 6)?, named(name)?, successor);
                self.rows.successors.push(row);
                Ok(())
            }
            (COUNTIES | SUCCESSORS, _) => Err(CELLS),
            (_, [code, name]) => self.local(file, code, name),
            _ => Err(CELLS),
        }
    }

    fn county(&mut self, code: &str, name: &str, from: &str, until: &str) -> Result<(), Mistake> {
        let county = County {
            code: digits(code, 6)?,
            name: named(name)?,
            from: year(from)?,
            until: year(until)?,
        };
        if county.is_current() {
            self.current.insert(county.code.clone());
        }
        self.rows.counties.push(county);
        Ok(())
    }

    fn local(&mut self, file: &str, code: &str, name: &str) -> Result<(), Mistake> {
        let (length, locals) = match file {
            TOWNSHIPS_MCA => (9, &mut self.rows.townships_mca),
            TOWNSHIPS_NBS => (9, &mut self.rows.townships_nbs),
            _ => (12, &mut self.rows.villages),
        };
        let code = digits(code, length)?;
        // A twin is a neighbour.
        if locals.last().is_some_and(|before| before.code >= code) {
            let sentence = "the codes do not rise from row to row";
            return Err(("CT096", sentence, "sort the rows, and keep one of twins"));
        }
        let name = named(name)?;
        locals.push(Local {
            code: code.clone(),
            name,
        });
        self.lies_today(code).map(drop)
    }

    fn lies_today(&self, code: String) -> Result<String, Mistake> {
        if code
            .get(..6)
            .is_some_and(|county| self.current.contains(county))
        {
            return Ok(code);
        }
        let sentence = "this lies in no county that counties.csv has today";
        Err(("CT097", sentence, "add the county, or take the row out"))
    }
}

const CELLS: Mistake = (
    "CT096",
    "the row has another number of cells than the header",
    "mend the row",
);

fn digits(text: &str, length: usize) -> Result<String, Mistake> {
    if text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let sentence = "the code has another length than codes of this file";
    Err((
        "CT096",
        sentence,
        "counties have 6 digits, townships 9, villages 12",
    ))
}

fn named(text: &str) -> Result<String, Mistake> {
    if text.is_empty() || text.contains(char::is_whitespace) || text.contains('"') {
        let help = "write the official name, without quotes and blanks";
        return Err(("CT096", "the row has no plain name", help));
    }
    Ok(text.to_owned())
}

fn year(text: &str) -> Result<Option<i16>, Mistake> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(year @ 1949..=2999) => Ok(Some(year)),
        _ => Err((
            "CT096",
            "this is no year",
            "write four digits, or leave the cell empty",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTIES_FILE: &str =
        "# counties@1\n# a source\ncode,name,from,until\n350203,思明区,,\n350204,开元区,,2002\n";

    fn told(files: &[(&str, &str)]) -> Vec<(&'static str, u32)> {
        let mut problems = Vec::new();
        read(files, &mut problems);
        problems
            .iter()
            .map(|problem| (problem.code.0, problem.spot.line))
            .collect()
    }

    #[test]
    fn sound_files_are_read_and_none_is_none() {
        assert_eq!(told(&[("divisions/counties.csv", COUNTIES_FILE)]), []);
        assert!(read(&[], &mut Vec::new()).is_empty());
    }

    #[test]
    fn a_wrong_head_is_told_with_its_line() {
        let file = "divisions/counties.csv";
        assert_eq!(told(&[(file, "code,name\n")]), [("CT095", 1)]);
        assert_eq!(told(&[(file, "# towns@1\n")]), [("CT095", 1)]);
        assert_eq!(told(&[(file, "# counties@1\n# source\n")]), [("CT095", 1)]);
        assert_eq!(
            told(&[(file, "# counties@1\n# source\ncode\n")]),
            [("CT095", 3)]
        );
        assert_eq!(
            told(&[("divisions/roads.csv", "# roads@1\n")]),
            [("CT095", 1)]
        );
    }

    #[test]
    fn a_wrong_row_is_told_with_its_line() {
        let file = "divisions/counties.csv";
        for row in [
            "35020,思明区,,",
            "350203,,,",
            "350203,思明区,83,",
            "350203,思明区",
        ] {
            let text = format!("# counties@1\ncode,name,from,until\n{row}\n");
            assert_eq!(told(&[(file, &text)]), [("CT096", 3)], "{row}");
        }
        let twins = "# townships-mca@1\ncode,name\n350203001,厦港街道\n350203001,厦港街道\n";
        let files = [
            ("divisions/counties.csv", COUNTIES_FILE),
            ("divisions/townships-mca.csv", twins),
        ];
        assert_eq!(told(&files), [("CT096", 4)]);
    }

    #[test]
    fn a_township_without_its_county_and_a_retired_successor_are_told() {
        let towns = "# townships-mca@1\ncode,name\n350204001,厦港街道\n";
        let went = "# successors@1\ncode,name,successor\n350203,思明区,350204\n";
        let files = [
            ("divisions/counties.csv", COUNTIES_FILE),
            ("divisions/successors.csv", went),
            ("divisions/townships-mca.csv", towns),
        ];
        assert_eq!(told(&files), [("CT097", 3), ("CT097", 3)]);
    }
}
