//! Kept inputs as text: `corpus/NAME.txt` holds one input a line, so that a change can be read and the rules of the house about
//! personal numbers hold for it like for any text.
//!
//! Printable characters of UTF-8 stand for themselves; a backslash is `\\`, every other byte `\xNN`. A line that begins with `#` is a
//! remark about the line below it.

use std::path::{Path, PathBuf};

use crate::Target;

fn file_of(target: &Target) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    folder.join(format!("{}.txt", target.name))
}

/// The kept inputs of a target; none where it has no file yet.
pub fn kept(target: &Target) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(file_of(target)).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(read).collect()
}

/// Writes seeds and kept inputs as files into a folder.
///
/// # Errors
/// The folder cannot be written.
pub fn unpack(target: &Target, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let inputs = (target.seeds)().into_iter().chain(kept(target));
    for (number, input) in inputs.enumerate() {
        std::fs::write(folder.join(format!("kept-{number:05}")), input)?;
    }
    Ok(())
}

/// Puts inputs behind those that are kept, and their remarks, each once. How many were new.
///
/// # Errors
/// The file cannot be written.
pub fn keep(target: &Target, inputs: &[Vec<u8>]) -> std::io::Result<usize> {
    let mut text = std::fs::read_to_string(file_of(target)).unwrap_or_default();
    let mut known = kept(target);
    known.extend((target.seeds)());
    let mut count = 0;
    for input in inputs {
        if !known.contains(input) {
            text.push_str(&write(input));
            text.push('\n');
            known.push(input.clone());
            count += 1;
        }
    }
    std::fs::write(file_of(target), text)?;
    Ok(count)
}

/// One input as a line.
pub fn write(input: &[u8]) -> String {
    let mut line = String::with_capacity(input.len());
    for chunk in input.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => line.push_str("\\\\"),
                '#' if line.is_empty() => line.push_str("\\x23"),
                shown if is_shown(shown) => line.push(shown),
                hidden => {
                    let mut buffer = [0; 4];
                    escape(&mut line, hidden.encode_utf8(&mut buffer).as_bytes());
                }
            }
        }
        escape(&mut line, chunk.invalid());
    }
    line
}

fn escape(line: &mut String, bytes: &[u8]) {
    for byte in bytes {
        line.push_str(&format!("\\x{byte:02x}"));
    }
}

/// ASCII, Latin, CJK and full width; nothing that an editor would not show or would join.
fn is_shown(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{17F}' | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FF}' | '\u{4E00}'..='\u{9FA5}' | '\u{FF01}'..='\u{FF5E}')
}

/// A line as the input it stands for; a lone backslash stands for itself.
pub fn read(line: &str) -> Vec<u8> {
    let mut input = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    loop {
        rest = match rest {
            [] => return input,
            [b'\\', b'\\', after @ ..] => {
                input.push(b'\\');
                after
            }
            [b'\\', b'x', high, low, after @ ..] if digit(*high).and(digit(*low)).is_some() => {
                let [high, low] = [high, low].map(|each| digit(*each).unwrap_or(0));
                input.push(high << 4 | low);
                after
            }
            [byte, after @ ..] => {
                input.push(*byte);
                after
            }
        };
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn every_input_reads_back() {
        let all: Vec<u8> = (0..=255).collect();
        let inputs: [&[u8]; 7] = [
            &all,
            b"",
            b"#\\x",
            "陈\u{E863}\u{200B}\r\n ".as_bytes(),
            b"\xE9\x99",
            b"\\x4",
            b" ",
        ];
        for input in inputs {
            let line = write(input);
            assert!(!line.contains(['\n', '\r']) && !line.starts_with('#'));
            assert_eq!(read(&line), input, "{line}");
        }
        assert_eq!(write("#陈\n".as_bytes()), "\\x23陈\\x0a");
    }
}
