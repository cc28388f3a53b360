//! Files become the messages that they stand for.

use std::io::Cursor;

use super::*;

fn read(form: &Form, bytes: &[u8]) -> Result<Vec<Sent>, Failure> {
    let mut reader = Cursor::new(bytes.to_vec());
    let mut input = Input::new(&mut reader, form.clone(), "file");
    std::iter::from_fn(|| input.next().transpose()).collect()
}

fn headers(sent: &Sent) -> Vec<String> {
    let told = sent
        .headers
        .iter()
        .map(|(name, value)| format!("{name}={:?}", value.as_deref().map(String::from_utf8_lossy)));
    told.collect()
}

#[test]
fn a_line_of_a_message_file_is_that_message() {
    let lines = concat!(
        r#"{"topic":"t","partition":3,"timestamp":7,"key":"k","headers":[["a","1"],["a",null]],"value":"v"}"#,
        "\r\n\n",
        r#"{"topic":"t","key_base64":"/w==","headers":{"b":"2"},"value_base64":"/wA="}"#,
        "\n",
        r#"{"topic":"t","partition":0,"timestamp":1,"key":"k","value":null}"#,
    );
    let sent = read(&Form::Messages, lines.as_bytes()).unwrap();
    let [first, second, third] = sent.as_slice() else {
        panic!("three messages")
    };
    assert_eq!((first.line, first.partition, first.timestamp_ms), (1, 3, 7));
    assert_eq!(
        (first.key.as_deref(), first.value.as_deref()),
        (Some(&b"k"[..]), Some(&b"v"[..]))
    );
    assert_eq!(headers(first), ["a=Some(\"1\")", "a=None"]);
    assert_eq!(
        (second.line, second.partition, second.timestamp_ms),
        (3, 0, -1),
        "blank lines count, absent parts do not"
    );
    assert_eq!(
        (second.key.as_deref(), second.value.as_deref()),
        (Some(&[255][..]), Some(&[255, 0][..]))
    );
    assert_eq!(
        (third.line, third.value.as_deref()),
        (4, None),
        "a tombstone"
    );
}

#[test]
fn a_bare_file_gets_what_it_lacks_of_a_message() {
    let bare = |format| Form::Bare {
        topic: "t".to_owned(),
        format,
        at_ms: 5,
    };
    let sent = read(&bare(Format::Json), b"{}\n\n{broken\n").unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(
        headers(&sent[1]),
        ["seq=Some(\"3\")", "business-time=Some(\"5\")"]
    );
    assert_eq!(
        (
            sent[1].timestamp_ms,
            sent[1].key.as_deref(),
            sent[1].partition
        ),
        (5, None, 0)
    );
    let sent = read(&bare(Format::Csv), b"a,b\n1,2\n3,4\n").unwrap();
    assert_eq!(sent.len(), 1, "a sheet is one message");
    assert!(sent[0].rows_are_lines && sent[0].value.as_deref() == Some(b"a,b\n1,2\n3,4\n"));
}

#[test]
fn a_line_that_is_no_message_is_told_by_its_number_and_never_quoted() {
    for line in [
        "{\"topic\":\"secret",
        "{\"topic\":\"secret\",\"partition\":\"secret\"}",
        "[\"secret\"]",
        "{\"topic\":\"t\",\"value_base64\":\"secret!\"}",
    ] {
        let failure = read(&Form::Messages, line.as_bytes()).unwrap_err();
        assert!(
            failure.text.contains("line 1 is no message") && !failure.text.contains("secret"),
            "{}",
            failure.text
        );
    }
    assert!(is_message(br#"{"topic":"t","value":null}"#));
    assert!(
        !is_message(br#"{"topic":"t"}"#) && !is_message(b"{\"GMSFHM\":1}") && !is_message(b"{")
    );
}
