//! What may be said, what is refused and where, and that one spelling stands for all.

use proptest::prelude::*;

use super::*;
use crate::catalog::{Bundle, Catalog, Problem};
use crate::field::LogicalType;

/// A contract with a field of each type, and the code lists of the embedded catalog.
struct Known {
    contract: Contract,
    lists: CodeLists,
}

fn known() -> Known {
    let catalog = Catalog::embedded().unwrap();
    let mut contract = catalog.feeds.first().unwrap().clone();
    let template = contract.fields.first().unwrap().clone();
    let of = |(name, logical_type): &(&str, LogicalType)| crate::field::Field {
        name: (*name).to_owned(),
        logical_type: *logical_type,
        in_element: *name == "each",
        ..template.clone()
    };
    contract.fields = [
        ("name", LogicalType::String),
        ("号码", LogicalType::String),
        ("begun", LogicalType::Date),
        ("ended", LogicalType::Date),
        ("sent", LogicalType::Timestamp),
        ("paid", LogicalType::Number),
        ("due", LogicalType::Integer),
        ("living", LogicalType::Boolean),
        ("inner", LogicalType::Object),
        ("each", LogicalType::String),
        ("a.b \"c\"", LogicalType::String),
    ]
    .iter()
    .map(of)
    .collect();
    let mut lists = CodeLists::new();
    let list = CodeMap {
        name: "sex@2003".to_owned(),
        canonical: [("1".to_owned(), "1".to_owned())].into(),
    };
    lists.insert(list.name.clone(), list);
    Known { contract, lists }
}

impl Known {
    fn plan(&self, text: &str) -> Result<Predicate, Refusal> {
        plan_text(text, &self.contract, &self.lists)
    }
}

/// A text, and the spelling that it gets; empty where that does not matter.
const SPELLINGS: &[(&str, &str)] = &[
    ("begun<=ended", "\"begun\" <= \"ended\""),
    ("  Begun is NULL or ended\n>= begun", ""),
    (
        "begun is null OR  ended >= begun",
        "(\"begun\" IS NULL) OR (\"ended\" >= \"begun\")",
    ),
    ("NOT (begun IS NULL)", "\"begun\" IS NOT NULL"),
    (
        "begun between DATE '2020-01-01' and ended",
        "(\"begun\" >= DATE '2020-01-01') AND (\"begun\" <= \"ended\")",
    ),
    ("name in ('b','a','b')", "\"name\" IN ('a', 'b')"),
    ("name NOT LIKE 'O''%'", "\"name\" NOT LIKE 'O''%'"),
    (
        "paid * 2 - -1.50 > due / 3",
        "((\"paid\" * 2) - (-1.5)) > (\"due\" / 3)",
    ),
    (
        "号码 = '闽D' and living",
        "(\"号码\" = '闽D') AND \"living\"",
    ),
    ("\"a.b \"\"c\"\"\" <> ''", "\"a.b \"\"c\"\"\" <> ''"),
    (
        "cast(sent as date) = message_day()",
        "CAST(\"sent\" AS DATE) = message_day()",
    ),
    (
        "SUBSTRING(name from 2 for 3) = substr(号码, 1)",
        "substr(\"name\", 2, 3) = substr(\"号码\", 1)",
    ),
    (
        "left(name, 2) = right(号码, 2)",
        "left(\"name\", 2) = right(\"号码\", 2)",
    ),
    (
        "year(begun)>=1949 and month(begun) in (2,1)",
        "(year(\"begun\") >= 1949) AND (month(\"begun\") IN (1, 2))",
    ),
    (
        "age_at(begun, ended) >= 18",
        "age_at(\"begun\", \"ended\") >= 18",
    ),
    (
        "code_in('sex@2003', name) or cn_uscc(name) or cn_resident_id(trim(name))",
        "",
    ),
    (
        "regexp_like(upper(name), '^[A-Z]+$')",
        "regexp_like(upper(\"name\"), '^[A-Z]+$')",
    ),
    (
        "coalesce(ended, begun) > DATE '1949-10-01'",
        "coalesce(\"ended\", \"begun\") > DATE '1949-10-01'",
    ),
    (
        "CAST(name AS INTEGER) + abs(due) = length(name)",
        "(CAST(CAST(\"name\" AS DECIMAL) AS INTEGER) + abs(\"due\")) = length(\"name\")",
    ),
    (
        "living = (paid > 1) AND (due < 2 AND name = 'x')",
        "(\"living\" = (\"paid\" > 1)) AND (\"due\" < 2) AND (\"name\" = 'x')",
    ),
];

#[test]
fn one_spelling_stands_for_all() {
    let known = known();
    for (text, spelling) in SPELLINGS.iter().copied() {
        if text.contains("Begun") {
            assert_eq!(
                known.plan(text).unwrap_err().code,
                "CT031",
                "names are those sent, capitals included"
            );
            continue;
        }
        let planned = known
            .plan(text)
            .unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
        if !spelling.is_empty() {
            assert_eq!(planned.text, spelling, "{text}");
        }
        let again = known
            .plan(&planned.text)
            .unwrap_or_else(|refusal| panic!("{}: {refusal:?}", planned.text));
        assert_eq!(again, planned, "{text}");
    }
}

/// A text, the code and the column of its refusal, and the next step.
const REFUSALS: &[(&str, &str, u64, &str)] = &[
    (
        "due > 1 AND each = 'a'",
        "CT066",
        13,
        "compare fields of the record itself",
    ),
    ("begun <= endet", "CT031", 10, "use 'ended'"),
    (
        "begun <= '2020-01-01'",
        "CT066",
        10,
        "write DATE '2026-01-31'",
    ),
    ("begun <= sent", "CT066", 10, "write CAST(… AS DATE)"),
    ("name > 5", "CT066", 8, "put it into single quotes"),
    ("due = name", "CT066", 7, "write CAST(… AS DECIMAL)"),
    ("name IN ('a', 1)", "CT066", 15, "put it into single quotes"),
    ("name", "CT066", 1, "compare it with something"),
    ("paid + 1", "CT066", 1, "compare it with something"),
    ("living > FALSE", "CT066", 1, "write = or <>"),
    ("inner IS NULL", "CT066", 1, "compare another field"),
    (
        "begun < now()",
        "CT065",
        9,
        "use message_day(), the day of the message",
    ),
    (
        "begun < CURRENT_DATE",
        "CT065",
        9,
        "use message_day(), the day of the message",
    ),
    ("lenght(name) > 1", "CT065", 1, "use 'length'"),
    ("length(name, 2) > 1", "CT065", 1, "write length(text)"),
    ("lengt(name) > 1", "CT065", 1, "use 'length'"),
    (
        "name IN (SELECT 1)",
        "CT065",
        1,
        "a rule judges one record by itself; what needs others is no rule over a record",
    ),
    (
        "EXISTS (SELECT 1)",
        "CT065",
        9,
        "a rule judges one record by itself; what needs others is no rule over a record",
    ),
    ("name = NULL", "CT065", 8, "write IS NULL or IS NOT NULL"),
    ("1 = 1", "CT065", 1, "compare a field of the record"),
    (
        "name = 'a' name",
        "CT065",
        12,
        "write one condition; join two by AND or OR",
    ),
    (
        "name = DATE '2001-02-29'",
        "CT065",
        13,
        "write DATE '2026-01-31'",
    ),
    (
        "begun::varchar = ''",
        "CT065",
        1,
        "write CAST(x AS DATE), AS INTEGER, AS DECIMAL or AS VARCHAR",
    ),
    (
        "CAST(name AS JSON) = ''",
        "CT065",
        6,
        "known are: DATE, DECIMAL, INTEGER, VARCHAR, without digits or lengths",
    ),
    (
        "paid % 2 = 0",
        "CT065",
        1,
        "known are: AND OR = <> < <= > >= + - * /",
    ),
    ("code_in('sexes@2003', name)", "CT053", 9, "use 'sex@2003'"),
    (
        "regexp_like(name, '(')",
        "CT023",
        19,
        "write a regular expression without look-around",
    ),
    ("substr(name, 0) = ''", "CT066", 14, "count letters from 1"),
    (
        "x.name = ''",
        "CT065",
        1,
        "write the name of the field alone, in double quotes if it has a point",
    ),
];

#[test]
fn what_is_no_predicate_is_refused_at_its_place() {
    let known = known();
    let mut wrong = Vec::new();
    for (text, code, column, help) in REFUSALS.iter().copied() {
        let refusal = known.plan(text).expect_err(text);
        let found = (refusal.code, refusal.at.column, refusal.help.as_str());
        if found != (code, column, help) {
            wrong.push(format!("{text}: {refusal:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn long_and_deep_texts_are_refused_and_chains_are_not_deep() {
    let known = known();
    let deep = |open: &str, close: &str, count: usize| {
        format!("{}living{}", open.repeat(count), close.repeat(count))
    };
    for text in [
        deep("(", ")", 30_000),
        deep("NOT ", "", 30_000),
        deep("NOT ", "", 60),
        format!("due = {}1", "1 + ".repeat(200)),
        format!("due = {}1", "- ".repeat(30_000)),
        format!("due = {}1", "1 % ".repeat(200)),
        format!("{}living", "living AND ".repeat(300)),
    ] {
        assert_eq!(known.plan(&text).unwrap_err().code, "CT065");
    }
    let chain = format!("{}living", "living AND ".repeat(200));
    assert!(matches!(known.plan(&chain).unwrap().test, Test::And(parts) if parts.len() == 201));
}

/// The problems of a contract in which `quality` stands over the topic.
fn problems_with(quality: &str) -> Vec<Problem> {
    let mut files = Bundle::embedded().unwrap().files;
    let file = "contracts/ga/hukou.odcs.yaml";
    let text = files.get_mut(file).unwrap();
    *text = text.replacen(
        "    properties:\n",
        &format!("    quality:\n{quality}    properties:\n"),
        1,
    );
    let bundle = Bundle::of_files(files).unwrap();
    Catalog::from_bundle(&bundle).err().unwrap_or_default()
}

fn rule_with(implementation: &str) -> String {
    let rest = "        dimension: consistency\n        severity: minor\n        customProperties: [ { property: action, value: flag, vendor: yidang } ]\n";
    format!("      - id: r\n        type: custom\n        engine: yidang\n{implementation}{rest}")
}

#[test]
fn a_misspelt_field_is_shown_in_the_file_however_the_text_is_folded() {
    for (implementation, line, column) in [
        (
            "        implementation: { predicate: XM IS NULL OR CSQR IS NULL }\n",
            0,
            52,
        ),
        (
            "        implementation: { predicate: \"XM IS NULL OR CSQR IS NULL\" }\n",
            0,
            53,
        ),
        (
            "        implementation:\n          predicate: >-\n            XM IS NULL OR\n            CSQR IS NULL\n",
            3,
            13,
        ),
        (
            "        implementation:\n          predicate: |\n            XM = 'CSQRX' OR CSQR IS NULL\n",
            2,
            29,
        ),
    ] {
        let problems = problems_with(&rule_with(implementation));
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let [problem] = problems.as_slice() else {
            panic!("{}", told.join("\n"));
        };
        assert_eq!(
            (problem.code.0, problem.help.as_str()),
            ("CT031", "use 'CSRQ'")
        );
        let first = 1 + line + lines_before();
        let marked: String = problem.excerpt.chars().skip(column - 1).take(4).collect();
        assert_eq!(
            (problem.spot.line, problem.spot.column),
            (first, u32::try_from(column).unwrap()),
            "{}",
            told.join("\n")
        );
        assert!(marked == "CSQR", "{}", told.join("\n"));
    }
}

/// Lines of the file before the first `implementation` that [`problems_with`] puts there.
fn lines_before() -> u32 {
    let files = Bundle::embedded().unwrap().files;
    let text = files.get("contracts/ga/hukou.odcs.yaml").unwrap();
    let before = text.split("    properties:\n").next().unwrap();
    u32::try_from(before.lines().count()).unwrap() + 4
}

#[test]
fn a_rule_over_the_topic_stands_last_and_tells_its_fields() {
    let mut files = Bundle::embedded().unwrap().files;
    let text = files.get_mut("contracts/ga/hukou.odcs.yaml").unwrap();
    let rule = rule_with(
        "        implementation: { predicate: \"CSRQ is null or GMSFHM is not null\" }\n",
    );
    *text = text.replacen(
        "    properties:\n",
        &format!("    quality:\n{rule}    properties:\n"),
        1,
    );
    let catalog = Catalog::from_bundle(&Bundle::of_files(files).unwrap()).unwrap();
    let contract = catalog
        .feed(catalog.feed_of_id("ga.hukou").unwrap())
        .unwrap();
    let rule = contract.rules.last().unwrap();
    assert_eq!(
        (rule.id.as_str(), rule.field, rule.check.name()),
        ("r", None, "predicate")
    );
    let told: Vec<_> = rule
        .told
        .iter()
        .map(|field| contract.fields[*field].name.as_str())
        .collect();
    assert_eq!(told, ["CSRQ", "GMSFHM"]);
    assert_eq!(rule.indicator.code, "0104");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _planned = known_once().plan(&text);
    }

    #[test]
    fn no_heap_of_words_panics(words in prop::collection::vec(word(), 0..40)) {
        let text = words.join(" ");
        if let Ok(planned) = known_once().plan(&text) {
            prop_assert_eq!(&known_once().plan(&planned.text).unwrap(), &planned);
        }
    }
}

fn known_once() -> &'static Known {
    static KNOWN: std::sync::LazyLock<Known> = std::sync::LazyLock::new(known);
    &KNOWN
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "name",
        "号码",
        "begun",
        "ended",
        "sent",
        "paid",
        "due",
        "living",
        "inner",
        "AND",
        "OR",
        "NOT",
        "IS",
        "NULL",
        "IN",
        "BETWEEN",
        "LIKE",
        "CASE",
        "WHEN",
        "END",
        "CAST",
        "AS",
        "DATE",
        "INTERVAL",
        "SELECT",
        "EXISTS",
        "(",
        ")",
        ",",
        "=",
        "<>",
        "<=",
        ">",
        "+",
        "-",
        "*",
        "/",
        "%",
        "||",
        "::",
        ".",
        "'a'",
        "'2020-01-01'",
        "\"",
        "'",
        "1",
        "0.5",
        "1e400",
        "left",
        "right",
        "trim",
        "substr",
        "length",
        "year",
        "coalesce",
        "message_day()",
        "regexp_like",
        "age_at",
        "{",
        "[",
        "--",
        "/*",
        "*/",
        "$$",
        ";",
        "x'",
        "TRUE",
    ])
}
