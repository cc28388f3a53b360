//! Writing JSON text under a bound: what Avro and Protobuf bodies become before they are read like any other JSON.
//!
//! Leaves alone: what the values mean. A writer never fails half way for another reason than its bound.

use super::SIZE;
use yidang_schemas::defect::Code;

/// A JSON text being written.
pub(super) struct JsonText {
    text: String,
    bytes_max: usize,
}

impl JsonText {
    /// A text of at most so many bytes; it begins with room for `expected`.
    pub(super) fn new(bytes_max: usize, expected: usize) -> Self {
        Self {
            text: String::with_capacity(expected.min(bytes_max)),
            bytes_max,
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Adds text as it stands: punctuation, numbers, words.
    ///
    /// # Errors
    /// [`SIZE`] beyond the bound: a few bytes may stand for many empty values.
    pub(super) fn raw(&mut self, text: &str) -> Result<(), Code> {
        if self.text.len().saturating_add(text.len()) > self.bytes_max {
            return Err(SIZE);
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Adds something that can be displayed and needs no escapes.
    pub(super) fn display(&mut self, value: impl std::fmt::Display) -> Result<(), Code> {
        use std::fmt::Write;
        write!(self.text, "{value}").expect("writing to a String does not fail");
        self.raw("")
    }

    /// Adds a text between quotation marks.
    pub(super) fn quoted(&mut self, text: &str) -> Result<(), Code> {
        self.raw("\"")?;
        if text.bytes().any(needs_escape) {
            for character in text.chars() {
                self.escaped(character)?;
            }
        } else {
            self.raw(text)?;
        }
        self.raw("\"")
    }

    fn escaped(&mut self, character: char) -> Result<(), Code> {
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            control if control < ' ' => self.display(format_args!("\\u{:04x}", u32::from(control))),
            other => self.raw(other.encode_utf8(&mut [0; 4])),
        }
    }

    /// Adds a floating point number in the shortest form that reads back the same. JSON has no number for what is not
    /// finite: such a value becomes a text.
    pub(super) fn float(
        &mut self,
        value: impl std::fmt::Display,
        is_finite: bool,
    ) -> Result<(), Code> {
        match is_finite {
            true => self.display(value),
            false => self.display(format_args!("\"{value}\"")),
        }
    }

    /// Adds the name of a member, behind a comma where another stands before it.
    pub(super) fn member(&mut self, name: &str, is_first: bool) -> Result<(), Code> {
        self.next(is_first)?;
        self.quoted(name)?;
        self.raw(":")
    }

    /// Adds the comma between two members or elements.
    pub(super) fn next(&mut self, is_first: bool) -> Result<(), Code> {
        match is_first {
            true => Ok(()),
            false => self.raw(","),
        }
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_quoted_reads_back_the_same(text in any::<String>()) {
            let mut json = JsonText::new(1 << 20, 0);
            json.quoted(&text).expect("it fits");
            let read: String = serde_json::from_str(&json.finish()).expect("it is JSON");
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn the_bound_holds_and_numbers_that_are_none_become_texts() {
        let mut json = JsonText::new(4, 100);
        assert_eq!(json.raw("1234"), Ok(()));
        assert_eq!(json.raw("5"), Err(SIZE));
        let mut json = JsonText::new(100, 0);
        json.float(f64::NAN, false).expect("it fits");
        json.next(false).expect("it fits");
        json.float(0.1_f32, true).expect("it fits");
        assert_eq!(json.finish(), "\"NaN\",0.1");
    }
}
