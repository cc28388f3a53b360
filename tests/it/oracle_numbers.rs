//! Our verdict on identifiers against python-stdnum and id-validator, which share no code with it.
//!
//! Ten thousand resident ids, unified social credit codes and registration numbers each, from a seed: half valid by
//! construction (by arithmetic of this file, not of the product), the rest one substitution or one transposition of
//! neighbours away. No number is printed; what the library decides wrongly is counted by `stdnum_check.py`, not passed over.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::date;
use yidang_tests::readers::oracle;
use yidang_transform::normalize::registration_number::{self, RegistrationNumberProblem};
use yidang_transform::normalize::{resident_id, uscc};

const EACH: usize = 10_000;
const SEED: u64 = 20_261_124;
/// GB 32100: digits and capitals without I, O, S, V, Z.
const USCC_SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ID_SYMBOLS: &[u8; 11] = b"0123456789X";
const DIGITS: &[u8; 10] = b"0123456789";
/// Counties of Xiamen: what is made up carries their codes.
const COUNTIES: [&str; 6] = ["350203", "350205", "350206", "350211", "350212", "350213"];
const CATEGORIES: [&str; 10] = ["11", "12", "13", "51", "52", "91", "92", "93", "N1", "Y1"];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).expect("bounds are small");
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("below a usize")
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// ISO 7064 MOD 11-2 in its recursive form: the product uses the table of weights.
fn with_id_check(body: &str) -> String {
    let product = body.bytes().fold(0_u32, |product, digit| {
        (product + u32::from(digit - b'0')) * 2 % 11
    });
    let check = (12 - product) % 11;
    let last = if check == 10 {
        "X".to_owned()
    } else {
        check.to_string()
    };
    format!("{body}{last}")
}

fn resident_number(random: &mut Random) -> String {
    let birth = date(1930, 1, 1)
        + jiff::Span::new().days(i64::try_from(random.below(33_000)).expect("days of 90 years"));
    let body = format!(
        "{}{}{:03}",
        random.of(&COUNTIES),
        birth.strftime("%Y%m%d"),
        1 + random.below(999)
    );
    with_id_check(&body)
}

fn symbol_value(symbol: u8) -> usize {
    USCC_SYMBOLS
        .iter()
        .position(|each| *each == symbol)
        .expect("made of the alphabet")
}

/// GB 11714: eight symbols and a check of weights 3 7 9 10 5 8 4 2 over 0–9 A–Z = 0–35.
fn organisation_code(random: &mut Random) -> String {
    let body: Vec<u8> = (0..8).map(|_| random.of(USCC_SYMBOLS)).collect();
    let value = |symbol: u8| (symbol as char).to_digit(36).expect("letters and digits");
    let sum: u32 = body
        .iter()
        .zip([3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(symbol, weight)| value(*symbol) * weight)
        .sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).expect("below ten"),
    };
    format!("{}{check}", String::from_utf8(body).expect("ASCII"))
}

/// GB 32100 by Horner's rule from the right: powers of three never become a table.
fn credit_code(random: &mut Random) -> String {
    let body = format!(
        "{}{}{}",
        random.of(&CATEGORIES),
        random.of(&COUNTIES),
        organisation_code(random)
    );
    let sum = body
        .bytes()
        .rev()
        .fold(0, |sum, symbol| (sum * 3 + symbol_value(symbol)) % 31);
    let check = char::from(USCC_SYMBOLS[(31 - sum) % 31]);
    format!("{body}{check}")
}

/// ISO 7064 MOD 11,10 as a walk through a table, where the product calculates.
fn registration_number(random: &mut Random) -> String {
    let doubled = [9, 2, 4, 6, 8, 10, 1, 3, 5, 7];
    let sequence: String = (0..8).map(|_| char::from(random.of(DIGITS))).collect();
    let body = format!("{}{sequence}", random.of(&COUNTIES));
    let last = body.bytes().fold(10, |state, digit| {
        doubled[(state + usize::from(digit - b'0')) % 10]
    });
    // The digit that makes the last sum end in 1.
    format!("{body}{}", (11 - last) % 10)
}

/// One substitution or one transposition of neighbours away, and another text.
fn spoiled(random: &mut Random, number: &str, symbols: &[u8]) -> String {
    loop {
        let mut bytes = number.as_bytes().to_vec();
        if random.below(2) == 0 {
            let place = random.below(bytes.len());
            // The letter of a resident id stands at its end only.
            let choice = if symbols.len() == ID_SYMBOLS.len() && place < 17 {
                &symbols[..10]
            } else {
                symbols
            };
            bytes[place] = random.of(choice);
        } else {
            let place = random.below(bytes.len() - 1);
            bytes.swap(place, place + 1);
        }
        let text = String::from_utf8(bytes).expect("ASCII");
        if text != number {
            return text;
        }
    }
}

fn id_verdict(number: &str) -> &'static str {
    let limits = resident_id::Limits::born_by(date(2026, 11, 24));
    match resident_id::parse(number, &limits) {
        Ok(id) => {
            assert_eq!(
                &*id.canonical, number,
                "a sound number is its own canonical form"
            );
            "ok"
        }
        Err(problem) => problem.code(),
    }
}

/// What the first-generation form of a sound number becomes; none where its birth lies outside the 1900s.
fn upgraded(number: &str) -> Option<(String, String)> {
    let (region, rest) = number.split_at_checked(6)?;
    let (century, rest) = rest.split_at_checked(2)?;
    let tail = rest.get(..9)?;
    let short = format!("{region}{tail}");
    let limits = resident_id::Limits::born_by(date(2026, 11, 24));
    let read = resident_id::parse(&short, &limits);
    let long = read.map_or_else(
        |problem| problem.code().to_owned(),
        |id| id.canonical.as_str().to_owned(),
    );
    (century == "19").then_some((short, long))
}

fn credit_verdict(number: &str) -> &'static str {
    uscc::parse(number).map_or_else(uscc::UsccProblem::code, |_| "ok")
}

fn registration_verdict(number: &str) -> &'static str {
    registration_number::parse(number).map_or_else(RegistrationNumberProblem::code, |_| "ok")
}

#[test]
fn our_verdicts_on_thirty_thousand_numbers_are_those_of_two_libraries() {
    let mut random = Random(SEED);
    let mut lines = String::new();
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for place in 0..EACH {
        let is_spoiled = place % 2 == 1;
        let mut id = resident_number(&mut random);
        let mut code = credit_code(&mut random);
        let mut registered = registration_number(&mut random);
        if let Some((short, long)) = upgraded(&id) {
            writeln!(lines, "ric15\t{short}\t{long}").expect("a string takes all");
        }
        if is_spoiled {
            id = spoiled(&mut random, &id, ID_SYMBOLS);
            code = spoiled(&mut random, &code, USCC_SYMBOLS);
            registered = spoiled(&mut random, &registered, DIGITS);
        }
        for (kind, number, verdict) in [
            ("ric", &id, id_verdict(&id)),
            ("uscc", &code, credit_verdict(&code)),
            ("reg", &registered, registration_verdict(&registered)),
        ] {
            // Two of the checks see every substitution and every transposition of neighbours, the third misses some of these.
            assert!(
                (verdict == "ok") != is_spoiled || (kind == "reg" && is_spoiled),
                "{kind} {place}: {verdict}"
            );
            writeln!(lines, "{kind}\t{number}\t{verdict}").expect("a string takes all");
            *counts
                .entry((kind, if is_spoiled { "spoiled" } else { "valid" }, verdict))
                .or_default() += 1;
        }
    }
    for ((kind, how, verdict), count) in &counts {
        println!("numbers: {kind} {how} {verdict}: {count}");
    }
    let missed = counts.get(&("reg", "spoiled", "ok")).copied().unwrap_or(0);
    assert!(missed < EACH / 50, "{missed} spoiled registration numbers");
    let finished = oracle("stdnum_check.py", [])
        .input(lines)
        .run(Duration::from_secs(120))
        .expect_code(0);
    for line in finished.out {
        println!("numbers: {line}");
    }
}
