//! Marks and every form in which one could hide.
//!
//! A canary is a synthetic value that holds a mark; marks stand nowhere else. Looked for: as it is, in other cases, full
//! width and spaced, escaped for JSON and URLs, in hexadecimal, and in base64 at each of its three alignments.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Names, addresses, texts in Han characters.
pub const HAN: &str = "麤鸝";
/// Keys, headers, members and texts in letters.
pub const LETTERS: &str = "zzKanarienvogel";
/// Region and birth year of every identifier: no such county exists.
pub const DIGITS: &str = "3502981937";
/// Dates of birth in the forms of the feeds.
pub const DATES: [&str; 3] = ["1937-12-13", "1937/12/13", "19371213"];

/// Something to look for, and how it would have been written.
pub struct Form {
    pub mark: &'static str,
    pub written: &'static str,
    bytes: Vec<u8>,
}

/// Every form of every mark.
pub fn forms() -> Vec<Form> {
    let marks = [HAN, LETTERS, DIGITS].into_iter().chain(DATES);
    let mut forms: Vec<Form> = marks.flat_map(forms_of).collect();
    forms.push(Form {
        mark: DIGITS,
        written: "grouped",
        bytes: b"350298 1937".to_vec(),
    });
    forms
}

fn forms_of(mark: &'static str) -> Vec<Form> {
    let written = plain(mark)
        .into_iter()
        .chain(escaped(mark))
        .chain(in_base64(mark));
    let mut forms: Vec<Form> = Vec::new();
    for (written, bytes) in written {
        if !forms.iter().any(|form| form.bytes == bytes) {
            forms.push(Form {
                mark,
                written,
                bytes,
            });
        }
    }
    forms
}

type Written = Vec<(&'static str, Vec<u8>)>;

fn plain(mark: &str) -> Written {
    let characters: Vec<String> = mark.chars().map(String::from).collect();
    vec![
        ("as it is", mark.into()),
        ("lower case", mark.to_lowercase().into()),
        ("upper case", mark.to_uppercase().into()),
        ("spaced", characters.join(" ").into()),
        ("dashed", characters.join("-").into()),
        ("with commas", characters.join(", ").into()),
        (
            "full width",
            mark.chars().map(full_width).collect::<String>().into(),
        ),
    ]
}

/// Percent, byte, hexadecimal and JSON escapes, and the list of bytes that `Debug` prints.
fn escaped(mark: &str) -> Written {
    let bytes = |before: &str, upper: bool| -> Vec<u8> {
        let pair = |byte: u8| {
            if upper {
                format!("{before}{byte:02X}")
            } else {
                format!("{before}{byte:02x}")
            }
        };
        mark.bytes().map(pair).collect::<String>().into()
    };
    let units = |upper: bool| -> Vec<u8> {
        let unit = |unit: u16| {
            if upper {
                format!("\\u{unit:04X}")
            } else {
                format!("\\u{unit:04x}")
            }
        };
        mark.encode_utf16().map(unit).collect::<String>().into()
    };
    let mut written: Written = Vec::new();
    for upper in [false, true] {
        written.push(("for URLs", bytes("%", upper)));
        written.push(("as escaped bytes", bytes("\\x", upper)));
        written.push(("in hexadecimal", bytes("", upper)));
        written.push(("escaped for JSON", units(upper)));
    }
    let list: Vec<String> = mark.bytes().map(|byte| byte.to_string()).collect();
    written.push(("as a list of bytes", list.join(", ").into()));
    written
}

fn in_base64(mark: &str) -> Written {
    let at = |lead| {
        let plain = ("in base64", base64_inside(&STANDARD, mark, lead));
        [
            plain,
            ("in base64 for URLs", base64_inside(&URL_SAFE, mark, lead)),
        ]
    };
    (0..3).flat_map(at).collect()
}

/// The characters of base64 that the mark alone decides when `lead` bytes stand before it in their group.
fn base64_inside(engine: &impl base64::Engine, mark: &str, lead: usize) -> Vec<u8> {
    let bytes = [vec![0; lead], mark.as_bytes().to_vec()].concat();
    let whole = bytes.len() * 8 / 6;
    let encoded = engine.encode(&bytes);
    encoded.as_bytes()[(lead * 8).div_ceil(6)..whole].to_vec()
}

fn full_width(character: char) -> char {
    match character {
        '!'..='~' => {
            char::from_u32(u32::from(character) + 0xFEE0).expect("the full-width block is whole")
        }
        other => other,
    }
}

/// The forms that stand in a text, and how often.
pub fn found(forms: &[Form], text: &[u8]) -> Vec<String> {
    let count = |form: &Form| {
        let (first, length) = (form.bytes[0], form.bytes.len());
        let starts = text
            .windows(length)
            .filter(|window| window[0] == first && *window == form.bytes.as_slice());
        starts.count()
    };
    let counted = forms
        .iter()
        .map(|form| (form, count(form)))
        .filter(|(_, count)| *count > 0);
    counted
        .map(|(form, count)| format!("{} {}: {count} times", form.mark, form.written))
        .collect()
}

/// Runs of 18 characters with a code of Xiamen that pass the check of GB 11643: no number of the city may stand
/// anywhere either.
pub fn resident_numbers(text: &[u8]) -> usize {
    let is_run = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'X' | b'x');
    let runs = text
        .split(|byte| !is_run(byte))
        .filter(|run| run.len() == 18 && run.starts_with(b"3502"));
    runs.filter(|run| passes_check(run)).count()
}

/// ISO 7064 MOD 11-2 over all characters leaves 1.
fn passes_check(run: &[u8]) -> bool {
    let [body @ .., last] = run else { return false };
    if !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let product = body.iter().fold(0_u32, |product, digit| {
        (product + u32::from(digit - b'0')) * 2 % 11
    });
    let last = if last.is_ascii_digit() {
        u32::from(last - b'0')
    } else {
        10
    };
    (product + last) % 11 == 1
}

/// A valid number with the mark; each of another sequence.
pub fn resident_number(sequence: usize) -> String {
    let body = format!("{DIGITS}1213{:03}", sequence % 1_000);
    let product = body.bytes().fold(0_u32, |product, digit| {
        (product + u32::from(digit - b'0')) * 2 % 11
    });
    let check = (12 - product) % 11;
    format!(
        "{body}{}",
        if check == 10 {
            "X".to_owned()
        } else {
            check.to_string()
        }
    )
}

#[test]
fn the_search_sees_a_mark_however_it_is_written() {
    let forms = forms();
    let sees = |text: &str| !found(&forms, text.as_bytes()).is_empty();
    let number = resident_number(7);
    for text in [&number, HAN, LETTERS] {
        assert!(sees(text), "{text}");
        for lead in ["", "a", "ab"] {
            assert!(
                sees(&STANDARD.encode(format!("{lead}{text}xy"))),
                "{text} in base64 after {lead}"
            );
        }
    }
    let written = [
        "zzkanarienvogel-7",
        "350298 19371213 0071",
        "3 5 0 2 9 8 1 9 3 7",
        "３５０２９８１９３７",
        "born 1937/12/13",
        "%E9%BA%A4%E9%B8%9D",
        "%e9%ba%a4%e9%b8%9d",
        "\\u9ea4\\u9e1d",
        "麤 鸝",
    ];
    for text in written {
        assert!(sees(text), "{text}");
    }
    assert!(!sees("epoch 1937: 350298 records, 1213 subjects"));
    assert_eq!(
        resident_numbers(format!("id={number}; {}", number.trim_start_matches('3')).as_bytes()),
        1
    );
}
