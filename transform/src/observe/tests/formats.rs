//! What formats, encodings and envelopes do to whole records: outcome, order, and texts read in the wrong encoding.

use std::sync::Arc;

use yidang_schemas::catalog::Catalog;

use crate::kit::{Sent, cells, embedded, embedded_with, failed, observe_of};
use crate::observe::Observation;

const HUKOU: &str = "contracts/ga/hukou.odcs.yaml";
const INSURANCE: &str = "contracts/rs/insurance.odcs.yaml";

/// The embedded catalog with edits in one of its contracts.
fn edited(file: &str, edits: &[(&str, &str)]) -> Arc<Catalog> {
    let mut text = embedded().bundle.files.get(file).unwrap().clone();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    embedded_with(&[(file, text)])
}

fn one(catalog: &Arc<Catalog>, feed: &str, sent: Sent) -> Observation {
    let mut observations = observe_of(catalog, feed, &[sent]).observations;
    assert_eq!(observations.len(), 1);
    observations.remove(0)
}

fn household(name: &str) -> String {
    format!(
        r#"{{"GMSFHM":"350203199001010018","XM":"{name}","XB":"1","CSRQ":"19900101","ZXBS":"0","GXSJ":"20261101103045"}}"#
    )
}

#[test]
fn utf8_read_as_gbk_is_found_in_the_name_and_gbk_read_as_utf8_at_once() {
    let gbk = edited(HUKOU, &[("encoding: UTF-8", "encoding: GBK")]);
    let send = |catalog: &Arc<Catalog>, bytes: Vec<u8>| {
        let observation = one(catalog, "ga.hukou", Sent::new(bytes).header("seq", "1"));
        let told = failed(catalog, "ga.hukou", &observation);
        (
            observation.outcome.name(),
            told,
            cells(catalog, &observation),
        )
    };
    // 厦门 in UTF-8 is 鍘﹂棬 in GBK, without any error.
    let (outcome, told, cells) = send(&gbk, household("厦门").into_bytes());
    assert_eq!(outcome, "flagged");
    assert!(
        told.contains(&"XM:readable:NAME_MOJIBAKE".to_owned()),
        "{told:?}"
    );
    assert!(
        !cells.iter().any(|cell| cell.starts_with("name=")),
        "{cells:?}"
    );
    let right = encoding_rs::GBK.encode(&household("厦门")).0.into_owned();
    assert!(
        send(&gbk, right.clone())
            .2
            .contains(&"name=厦门".to_owned())
    );
    let (outcome, told, _) = send(&embedded(), right);
    assert_eq!(
        (outcome, told),
        ("rejected", vec!["parse:ENCODING".to_owned()])
    );
}

#[test]
fn a_spreadsheet_keeps_its_numbers_behind_an_apostrophe() {
    let header = "行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)";
    let row = "厦门示例科技有限公司,'91350203MA3UERU19L,1号,2026-11-01,1";
    let body = format!("\u{FEFF}{header}\r\n{row}\r\n");
    let observation = one(&embedded(), "scjg.penalty", Sent::new(body));
    assert!(observation.outcome.is_accepted());
    let cells = cells(&embedded(), &observation);
    assert!(
        cells.contains(&"uscc=91350203MA3UERU19L".to_owned()),
        "{cells:?}"
    );
}

#[test]
fn an_emptied_table_is_held_and_told() {
    let body = r#"{"op":"t","ts_ms":1795300000000,"before":null,"after":null}"#;
    let sent = Sent::new(body).header("seq", "1");
    let observation = one(&embedded(), "rs.insurance", sent);
    assert_eq!(observation.outcome.name(), "quarantined");
    assert_eq!(
        failed(&embedded(), "rs.insurance", &observation),
        ["parse:TABLE_EMPTIED"]
    );
}

const IMAGE: &str = r#"{"aac001":"P1","aac002":"350203199001010018","aac003":"陈思远","aae140":"110","aac008":"1"}"#;

/// Observations of one message under the insurance contract with another envelope.
fn changed(edits: &[(&str, &str)], body: &str) -> (Arc<Catalog>, Vec<Observation>) {
    let catalog = edited(INSURANCE, edits);
    let sent = Sent::new(body).header("seq", "1");
    let observations = observe_of(&catalog, "rs.insurance", &[sent]).observations;
    (catalog, observations)
}

#[test]
fn seconds_and_texts_of_an_envelope_are_the_same_instant_as_milliseconds() {
    let order = |edits: &[(&str, &str)], body: &str| {
        let (catalog, observations) = changed(edits, body);
        let observation = &observations[0];
        assert_eq!(
            failed(&catalog, "rs.insurance", observation),
            Vec::<String>::new()
        );
        observation.order.clone().unwrap()
    };
    let debezium = format!(r#"{{"op":"c","ts_ms":1795300000000,"before":null,"after":{IMAGE}}}"#);
    let expected = order(&[], &debezium);
    let maxwell = [
        ("envelope, value: debezium", "envelope, value: maxwell"),
        (
            "\"envelope:ts_ms\", type: epoch_ms",
            "\"envelope:ts\", type: epoch_s",
        ),
        (
            "\"envelope:op\", delete: [d]",
            "\"envelope:type\", delete: [delete]",
        ),
    ];
    let body = format!(r#"{{"type":"insert","ts":1795300000,"xid":1,"data":{IMAGE}}}"#);
    assert_eq!(order(&maxwell, &body), expected);
    let golden_gate = [
        ("envelope, value: debezium", "envelope, value: ogg"),
        (
            "\"envelope:ts_ms\", type: epoch_ms",
            "\"envelope:op_ts\", type: time, forms: \"yyyy-MM-dd HH:mm:ss\", zone: Asia/Shanghai",
        ),
        (
            "\"envelope:op\", delete: [d]",
            "\"envelope:op_type\", delete: [D]",
        ),
    ];
    // 1795300000 is 2026-11-22T06:26:40 in the city.
    let body = format!(
        r#"{{"op_type":"I","op_ts":"2026-11-22 06:26:40.000000","pos":"00000000010000000001","after":{IMAGE}}}"#
    );
    assert_eq!(order(&golden_gate, &body), expected);
    let positions = [
        golden_gate[0],
        golden_gate[1],
        golden_gate[2],
        ("\"header:seq\"", "\"envelope:pos\""),
    ];
    let later = body.replace("0000001\"", "0000002\"");
    assert!(order(&positions, &later) > order(&positions, &body));
}

#[test]
fn a_changed_key_withdraws_the_old_record_and_states_the_new_one() {
    let canal = [
        ("envelope, value: debezium", "envelope, value: canal"),
        ("rows, value: one", "rows, value: many"),
        ("\"envelope:ts_ms\"", "\"envelope:es\""),
        (
            "\"envelope:op\", delete: [d]",
            "\"envelope:type\", delete: [DELETE]",
        ),
    ];
    let body = format!(
        r#"{{"type":"UPDATE","es":1795300000000,"isDdl":false,"data":[{IMAGE}],"old":[{{"aae140":"210"}}]}}"#
    );
    let (catalog, observations) = changed(&canal, &body);
    let told: Vec<_> = observations
        .iter()
        .map(|one| {
            let key = one.key.as_ref().unwrap().text.replace('\u{1F}', "|");
            (one.origin.row, one.removal, key, one.outcome.name())
        })
        .collect();
    let expected = [
        (0, false, "P1|PENSION".to_owned(), "accepted"),
        (1, true, "P1|UNEMPLOYMENT".to_owned(), "accepted"),
    ];
    assert_eq!(
        told,
        expected,
        "{:?}",
        failed(&catalog, "rs.insurance", &observations[0])
    );
}
