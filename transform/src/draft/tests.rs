use yidang_schemas::contract::{Encoding, Rows};

use super::sample::{ProposedEncoding, SampleFormat, SampleProblem, propose_encoding, read};
use super::*;
use crate::kit::embedded;

/// Made-up people of Xiamen; the numbers have sound check characters.
const CARDS: &str = "残疾人证号,姓名,性别,身份证号,残疾等级,发证日期,更新时间,联系电话,现居住地址\n\
    A001,林思远,1,350203199001010018,1,2020-01-02,2026-11-01 10:00:00,13800000001,厦门市思明区湖滨南路1号\n\
    A002,陈小梅,2,350206198507151226,2,2021/03/04,2026-11-02 10:00:00,13800000002,厦门市湖里区殿前街道2号\n\
    A003,王大明,1,350203199001010018,2,2022-05-06,2026-11-03 10:00:00,13800000003,厦门市集美区杏林街道3号\n";

fn drafted(text: &str, kind: Option<&str>) -> Draft {
    let format = sample::propose_format(text.as_bytes());
    let sample = read(text.as_bytes(), format, Encoding::Utf8).unwrap();
    draft(&sample, &embedded(), Hints::built_in(), kind)
}

fn field<'d>(draft: &'d Draft, name: &str) -> &'d FieldDraft {
    draft
        .fields
        .iter()
        .find(|field| field.name == name)
        .unwrap()
}

fn to(field: &FieldDraft) -> Vec<&str> {
    field
        .targets
        .iter()
        .map(|target| target.to.as_str())
        .collect()
}

#[test]
fn types_classes_and_columns_follow_from_values_and_headers() {
    let draft = drafted(CARDS, None);
    assert_eq!(draft.kind, "person");
    let id = field(&draft, "身份证号");
    assert_eq!(
        (id.identifier, to(id)),
        (Some("resident_id"), vec!["person.id_type", "person.id_no"])
    );
    assert_eq!(draft.subject, [3]);
    assert_eq!(draft.key, [0]);
    let issued = field(&draft, "发证日期");
    assert_eq!(
        (issued.logical_type, issued.forms.as_deref()),
        ("date", Some("yyyy-MM-dd|yyyy/MM/dd"))
    );
    let changed = field(&draft, "更新时间");
    assert_eq!(
        (changed.logical_type, changed.forms.as_deref()),
        ("timestamp", Some("yyyy-MM-dd HH:mm:ss"))
    );
    assert_eq!(draft.order, Some(6));
    let sex = field(&draft, "性别");
    assert_eq!(
        (sex.code_list.as_deref(), to(sex)),
        (Some("sex@2003"), vec!["person.sex_code"])
    );
    assert_eq!(to(field(&draft, "姓名")), ["person.name"]);
    assert_eq!(
        to(field(&draft, "现居住地址")),
        ["person.residence_address"]
    );
    let phone = field(&draft, "联系电话");
    assert_eq!(
        (
            phone.classification.as_str(),
            phone.targets.len(),
            phone.filled
        ),
        ("personal", 0, true)
    );
}

#[test]
fn what_nothing_shows_is_said_to_be_missing() {
    let draft = drafted("[{\"a\": 1, \"b\": [2]}, {\"a\": 1}]", None);
    assert_eq!(
        (draft.kind.as_str(), draft.key.len(), draft.order),
        ("", 0, None)
    );
    for part in [
        Part::Key,
        Part::Order,
        Part::BusinessTime,
        Part::Mode,
        Part::Removal,
        Part::Subjects,
    ] {
        assert!(
            draft
                .notes_of(part)
                .any(|note| note.certainty == Certainty::Missing),
            "{part:?}"
        );
    }
    assert_eq!(
        (
            field(&draft, "a").logical_type,
            field(&draft, "b").logical_type
        ),
        ("integer", "object")
    );
}

#[test]
fn enterprises_are_named_by_their_codes_and_money_by_its_unit() {
    let text = "统一社会信用代码,企业名称,注册资本（万元）,注册资金\n91350200M0001KYT4N,厦门海沧贸易有限公司,500.0000,1\n\
        91350200M0001KYT4N,厦门湖里商行,20,2\n91350200M0001KYT4N,厦门集美学校,3.5,3\n";
    let sound = crate::normalize::uscc::parse("91350200M0001KYT4N").is_ok();
    let text = if sound {
        text.to_owned()
    } else {
        text.replace("91350200M0001KYT4N", &made_up_uscc())
    };
    let draft = drafted(&text, None);
    assert_eq!(draft.kind, "enterprise");
    assert_eq!(to(field(&draft, "统一社会信用代码")).len(), 3);
    let capital = field(&draft, "注册资本（万元）");
    assert_eq!(
        (to(capital), capital.targets[0].unit),
        (vec!["enterprise.capital.cents"], Some("wan_yuan"))
    );
    assert!(
        field(&draft, "注册资金").targets.is_empty(),
        "no unit, no mapping"
    );
}

fn made_up_uscc() -> String {
    let body = *b"91350200M0001KYT4";
    let check = crate::normalize::uscc::check_character(&body).unwrap();
    format!("{}{}", String::from_utf8_lossy(&body), char::from(check))
}

#[test]
fn a_pair_of_fields_is_a_key_where_none_is_alone() {
    let draft = drafted(
        "kind,no,x\nA1,01,u\nA1,02,u\nA2,01,u\nA2,02,u\n",
        Some("person"),
    );
    assert_eq!(draft.key, [0, 1]);
}

#[test]
fn no_value_of_the_sample_stands_in_a_draft() {
    let told = format!("{:?}", drafted(CARDS, None));
    for line in CARDS.lines().skip(1) {
        for value in line.split(',').filter(|value| value.chars().count() > 1) {
            assert!(
                !told.contains(value),
                "a value of the sample stands in the draft"
            );
        }
    }
}

#[test]
fn a_file_without_a_header_is_refused_and_not_repeated() {
    let refused =
        |text: &str| read(text.as_bytes(), SampleFormat::Csv, Encoding::Utf8).unwrap_err();
    assert_eq!(
        refused("林思远,350203199001010018\n陈小梅,350206198507151226\n"),
        SampleProblem::Header { place: 2 }
    );
    assert_eq!(refused("a,,c\n1,2,3\n"), SampleProblem::Header { place: 2 });
    assert_eq!(refused("a,b\n"), SampleProblem::Empty);
    let envelope = "{\"op\":\"c\",\"before\":null,\"after\":{\"a\":1}}\n";
    let found = read(envelope.as_bytes(), SampleFormat::Json, Encoding::Utf8).unwrap_err();
    assert_eq!(found, SampleProblem::Envelope);
}

#[test]
fn json_lines_and_arrays_give_the_same_columns() {
    let lines = read(
        b"{\"b\":1,\"a\":\"x\"}\n{\"a\":null}\n",
        SampleFormat::Json,
        Encoding::Utf8,
    )
    .unwrap();
    let array = read(
        b"[{\"b\":1,\"a\":\"x\"},{\"a\":null}]",
        SampleFormat::Json,
        Encoding::Utf8,
    )
    .unwrap();
    let names = |sample: &Sample| -> Vec<String> {
        sample
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    };
    assert_eq!(
        (names(&lines), lines.records, lines.rows),
        (vec!["b".to_owned(), "a".to_owned()], 2, Rows::One)
    );
    assert_eq!(
        (names(&array), array.records, array.rows),
        (names(&lines), 2, Rows::Many)
    );
    let broken = read(b"{\"a\":1}\n{\"a\":", SampleFormat::Json, Encoding::Utf8).unwrap_err();
    assert_eq!(broken, SampleProblem::Syntax { line: 2 });
}

#[test]
fn encodings_are_proposed_from_the_bytes() {
    let proposed = |bytes: &[u8]| {
        propose_encoding(bytes).map(|ProposedEncoding { name, shown, .. }| (name, shown))
    };
    assert_eq!(proposed(b"a,b\n"), Some(("UTF-8", false)));
    assert_eq!(proposed("姓名".as_bytes()), Some(("UTF-8", true)));
    assert_eq!(
        proposed("\u{feff}姓名".as_bytes()),
        Some(("UTF-8-BOM", true))
    );
    assert_eq!(
        proposed(&encoding_rs::GBK.encode("姓名,性别").0),
        Some(("GBK", true))
    );
    assert_eq!(
        proposed(&encoding_rs::GB18030.encode("姓名㛃,性别").0),
        Some(("GB18030", true))
    );
    assert_eq!(proposed(b"\xff\xff\xff"), None);
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_bytes_make_reading_or_drafting_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), json: bool) {
            let format = if json { SampleFormat::Json } else { SampleFormat::Csv };
            for encoding in [Encoding::Utf8, Encoding::Gbk, Encoding::Gb18030] {
                if let Ok(sample) = read(&bytes, format, encoding) {
                    let _draft = draft(&sample, &embedded(), Hints::built_in(), None);
                }
            }
        }

        #[test]
        fn any_table_gives_a_draft_of_its_fields(rows in proptest::collection::vec("[a-z0-9年月日/:. -]{0,12}", 1..20)) {
            let mut text = "head\n".to_owned();
            rows.iter().for_each(|row| { text.push('x'); text.push_str(row); text.push('\n'); });
            let draft = drafted(&text, Some("person"));
            prop_assert_eq!(draft.fields.len(), 1);
        }
    }
}
