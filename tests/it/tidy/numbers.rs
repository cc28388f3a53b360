//! No real person's number: every text that passes the check of GB 11643 is a listed vector or carries a code of Xiamen, as all
//! that is made up here does.

use std::collections::BTreeSet;

use yidang_tests::repository;

use super::tree::TextFile;

/// GB 11643-1999, weights of the first seventeen digits, and check characters by remainder.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";
const XIAMEN: &str = "3502";

fn passes_check(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ([digits @ .., last], 18) = (bytes, bytes.len()) else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let remainder = usize::try_from(sum % 11).expect("less than eleven");
    CHECKS[remainder] == last.to_ascii_uppercase()
}

/// Runs of letters and digits. A longer run that holds a number is a hash or a list without separators.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|each: char| !each.is_ascii_alphanumeric())
        .filter(|word| word.len() == 18)
}

pub(crate) fn offences(files: &[TextFile]) -> Vec<String> {
    let path = repository().join("tests/oracles/known_numbers.txt");
    let list = std::fs::read_to_string(path).expect("the list of known numbers is readable");
    let known: BTreeSet<&str> = words(&list).collect();
    let mut offences = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let unknown = words(line).any(|word| {
                let is_vector =
                    known.contains(word.to_ascii_uppercase().as_str()) || word.starts_with(XIAMEN);
                passes_check(word) && !is_vector
            });
            if unknown {
                // Coordinates, not contents.
                offences.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    offences
}

#[test]
fn the_check_is_that_of_the_standard() {
    assert!(passes_check("11010519491231002X") && passes_check("11010519491231002x"));
    assert!(!passes_check("110105194912310021") && !passes_check("1101051949123100"));
    // Put together at run time, or this file would be its own first offender.
    let body = ["1101051990", "0307123"].concat();
    let number = CHECKS
        .iter()
        .map(|check| format!("{body}{}", char::from(*check)))
        .find(|each| passes_check(each));
    let text = format!(
        "one\nnumber {}.",
        number.expect("every body has a check character")
    );
    assert_eq!(
        offences(&[TextFile {
            path: "a".to_owned(),
            text
        }]),
        ["a:2"]
    );
}
