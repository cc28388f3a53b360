//! No personal value leaves through an event, a finding or a log text.

use arrow::array::{Array, ArrayData};

use crate::kit::*;
use crate::tables;

const CANARIES: [&str; 5] = [
    "350203199001010018",
    "张三丰",
    "zhang.sanfeng@example.test",
    "13900001234",
    "厦门市思明区测试路1号",
];

fn leaks(haystack: &[u8], canary: &str) -> bool {
    haystack
        .windows(canary.len())
        .any(|window| window == canary.as_bytes())
}

fn everything_said(sent: &[Sent]) -> Vec<u8> {
    let mut world = World::new();
    let verdicts: Vec<_> = sent.iter().map(|sent| sent.0.clone()).collect();
    let folded = world.fold(&verdicts);
    let mut said = format!("{folded:?}").into_bytes();
    for event in &folded.events {
        said.extend(&event.payload);
        said.extend(
            event
                .headers
                .iter()
                .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()].concat()),
        );
        said.extend(event.key().as_bytes());
    }
    for row in folded.state_rows(&world.catalog) {
        said.extend([row.key, row.value].concat());
    }
    for batch in [
        tables::finding_batch(&folded.findings),
        tables::issue_batch(&folded, &world.catalog),
        tables::issue_event_batch(&folded.events),
    ] {
        for column in batch.columns() {
            gather(&column.to_data(), &mut said);
        }
    }
    world.take(folded);
    said.extend(format!("{:?}", world.memory).into_bytes());
    said
}

/// Every buffer of a column, children included.
fn gather(data: &ArrayData, said: &mut Vec<u8>) {
    for buffer in data.buffers() {
        said.extend(buffer.as_slice());
    }
    for child in data.child_data() {
        gather(child, said);
    }
}

#[test]
fn a_personal_value_in_any_field_key_or_header_appears_nowhere() {
    for canary in CANARIES {
        let mut sent = Vec::new();
        for rule in [PARSE, KEY, ORDER, PLATFORM, ID, NAME, CODE, NOTE] {
            let in_field = matches!(rule, ID | NAME);
            // A name or an address in a public field cannot be told from any other text; an identifier can.
            if in_field || rule < ID || canary.bytes().all(|byte| byte.is_ascii_digit()) {
                sent.push(Sent::good(canary, i64::from(rule), 1).fails_with(rule, Some(canary)));
            }
        }
        let mut header = Sent::good(canary, 30, 30);
        header.0.corrects = Some(canary.to_owned());
        sent.push(header);
        sent.push(Sent::removal(canary, 40, 40));
        let said = everything_said(&sent);
        assert!(!leaks(&said, canary), "a canary of {} bytes", canary.len());
    }
}
