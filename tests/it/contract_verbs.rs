//! The verbs of contracts: `lint` tells each mistake with its place, `test` each sample with its verdict, `explain` each code with
//! its meaning, `diff` each change with what it asks for, and `init` drafts what a sample shows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use yidang_tests::process::{Finished, Launch};
use yidang_tests::repository;
use yidang_tests::schemas::copy_schemas;

fn contract(arguments: &[&str]) -> Finished {
    Launch::yidang(["contract"].iter().chain(arguments)).run(Duration::from_secs(30))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// A copy of the repository's schemas with one text changed.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    copy_schemas(folder.path());
    let path = folder.path().join(file);
    let sound = std::fs::read_to_string(&path).expect("it was just copied");
    assert!(sound.contains(from), "{from} is not in {file}");
    std::fs::write(path, sound.replacen(from, to, 1)).expect("the folder is ours");
    folder
}

#[test]
fn the_built_in_contracts_are_sound_and_so_is_their_folder() {
    assert!(
        contract(&["lint"])
            .expect_code(0)
            .text()
            .contains("18 contracts, 2 dossiers")
    );
    let schemas = repository().join("schemas");
    assert!(
        contract(&["lint", text(&schemas)])
            .expect_code(0)
            .out
            .is_empty()
    );
    assert!(contract(&["lint", "--json"]).expect_code(0).out.is_empty());
    for verb in ["lint", "test"] {
        let named = contract(&[verb, "--schemas", text(&schemas)]).expect_code(0);
        assert!(named.out.is_empty(), "{}", named.text());
    }
}

#[test]
fn a_mistake_is_shown_with_its_place_and_its_next_step() {
    let folder = changed(
        "contracts/ga/hukou.odcs.yaml",
        "person.sex_code",
        "person.sex_cod",
    );
    let finished = contract(&["lint", text(folder.path())]).expect_code(3);
    let told = finished.out.join("\n");
    for part in [
        "error[CT050]: there is no column 'person.sex_cod'",
        "─[contracts/ga/hukou.odcs.yaml:",
        "──────────────",
        "help: use 'person.sex_code'",
        "more: yidang contract explain CT050",
    ] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    let finished = contract(&["lint", text(folder.path()), "--json"]).expect_code(3);
    let problems = finished.json();
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (&problems[0]["code"], &problems[0]["help"]),
        (&"CT050".into(), &"use 'person.sex_code'".into())
    );
    assert_eq!(problems[0]["file"], "contracts/ga/hukou.odcs.yaml");
    assert!(problems[0]["line"].as_u64().is_some_and(|line| line > 50));
    let column = |name: &str| problems[0][name].as_u64().expect("a place has columns");
    assert_eq!(
        column("endColumn") - column("column"),
        "person.sex_cod".len() as u64
    );
    let told = contract(&["lint", text(folder.path()), "--lang", "zh"]).expect_code(3);
    for part in [
        "错误[CT050]：mapsTo 指向档案中不存在的列",
        "下一步：请写 'person.sex_code'",
    ] {
        assert!(told.text().contains(part), "{}", told.text());
    }
    let absent = folder.path().join("absent");
    assert!(
        !contract(&["lint", text(&absent)])
            .expect_code(3)
            .out
            .is_empty()
    );
}

#[test]
fn every_sample_gives_what_is_expected_of_it() {
    let finished = contract(&["test", "--json"]).expect_code(0);
    let samples = finished.json();
    let feeds: std::collections::BTreeSet<_> = samples
        .iter()
        .map(|sample| sample["feed"].to_string())
        .collect();
    assert!(
        feeds.len() == 18 && samples.len() > 500,
        "{} feeds, {} samples",
        feeds.len(),
        samples.len()
    );
    assert!(
        samples
            .iter()
            .all(|sample| sample["same"] == true && sample["given"] == sample["expected"])
    );
    let schemas = repository().join("schemas");
    let finished = contract(&["test", text(&schemas)]).expect_code(0);
    assert!(
        finished.out.is_empty()
            && finished
                .text()
                .contains(&format!("{} samples", samples.len()))
    );
}

#[test]
fn a_sample_that_gives_another_verdict_is_a_difference() {
    let from = "record: 5, outcome: rejected";
    let folder = changed(
        "contracts/ga/hukou.bad.expect.yaml",
        from,
        "record: 5, outcome: flagged",
    );
    let finished = contract(&["test", text(folder.path())]).expect_code(1);
    let told = "contracts/ga/hukou.bad.jsonl record 5: rejected by auto:GMSFHM:resident_id, expected flagged by \
                auto:GMSFHM:resident_id";
    assert_eq!(finished.out, [told]);
    let folder = changed("contracts/ga/hukou.good.jsonl", "350203", "350204");
    assert_eq!(
        contract(&["test", text(folder.path())]).code,
        1,
        "a good sample that is bad"
    );
    let folder = changed("contracts/ga/hukou.bad.expect.yaml", "at: ", "at: then ");
    assert!(
        contract(&["test", text(folder.path())])
            .expect_code(3)
            .text()
            .contains("hukou.bad.expect.yaml")
    );
}

#[test]
fn without_expectations_a_bad_sample_is_anything_but_accepted() {
    let folder = changed("contracts/ga/hukou.bad.jsonl", "XM", "XM");
    let remove = |file: &str| {
        std::fs::remove_file(folder.path().join(file)).expect("it was just copied");
    };
    remove("contracts/ga/hukou.bad.expect.yaml");
    // Its one record is sound but for an observation, which only an expectation can ask for.
    remove("contracts/ga/hukou.bad.messages.jsonl");
    let _sound = contract(&["test", text(folder.path())]).expect_code(0);
    let good = repository().join("schemas/contracts/ga/hukou.good.jsonl");
    std::fs::copy(good, folder.path().join("contracts/ga/hukou.bad.jsonl"))
        .expect("the folder is ours");
    let finished = contract(&["test", text(folder.path())]).expect_code(1);
    assert!(
        finished
            .out
            .iter()
            .all(|line| line.ends_with("accepted, expected not accepted")),
        "{}",
        finished.text()
    );
}

#[test]
fn a_code_of_either_kind_is_explained() {
    let finished = contract(&["explain", "CT050"]).expect_code(0);
    assert!(
        finished.out[0] == "CT050" && finished.out[1].contains("mapsTo"),
        "{}",
        finished.text()
    );
    let finished = contract(&["explain", "ID_CHECK"]).expect_code(0);
    assert!(
        finished.text().contains("GB 11643") && finished.text().contains("help:"),
        "{}",
        finished.text()
    );
    let finished = contract(&["explain", "id_check", "--lang", "zh", "--json"]).expect_code(0);
    assert_eq!(finished.json()[0]["title"], "校验位不符");
    let told = contract(&["explain", "CT050", "--lang", "zh"]).expect_code(0);
    assert!(told.text().contains("档案中不存在的列"), "{}", told.text());
    let short = Launch::yidang(["explain", "CT050"])
        .run(Duration::from_secs(30))
        .expect_code(0);
    assert_eq!(
        short.out,
        contract(&["explain", "CT050"]).out,
        "without a lake"
    );
    let all = contract(&["explain"]).expect_code(0);
    assert!(all.out.len() > 60, "{} codes", all.out.len());
}

#[test]
fn a_field_that_nothing_uses_is_told_until_it_is_kept() {
    let kept = "          - { property: kept, value: true, vendor: yidang, description: A cause of death never leaves landing. }";
    let folder = changed(
        "contracts/wj/death.odcs.yaml",
        kept,
        "          - { property: note, value: none, vendor: somebody }",
    );
    let problems = contract(&["lint", text(folder.path()), "--json"])
        .expect_code(3)
        .json();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0]["code"], "CT047");
    assert!(
        problems[0]["sentence"]
            .as_str()
            .is_some_and(|sentence| sentence.contains("'cause'"))
    );
}

#[test]
fn changes_are_told_by_what_they_ask_for() {
    let schemas = repository().join("schemas");
    let same = contract(&["diff", text(&schemas)]).expect_code(0);
    assert!(same.out.is_empty(), "{}", same.text());
    let broken = changed(
        "contracts/ga/hukou.odcs.yaml",
        "mode, value: full",
        "mode, value: patch",
    );
    let finished =
        contract(&["diff", text(&schemas), text(broken.path()), "--json"]).expect_code(1);
    let changes = finished.json();
    assert_eq!(
        (&changes[0]["kind"], &changes[0]["place"]),
        (&"breaking".into(), &"mode".into())
    );
    assert_eq!(changes[0]["subject"], "ga.hukou");
    let stricter = changed(
        "contracts/ga/hukou.odcs.yaml",
        "        description: Ethnic group\n",
        "        description: Ethnic group\n        required: true\n",
    );
    let told = contract(&["diff", text(&schemas), text(stricter.path())]).expect_code(0);
    assert!(
        told.out[0].starts_with("ga.hukou tightening: get the agency's consent"),
        "{}",
        told.text()
    );
    assert_eq!(
        told.out[1],
        "  rules/auto:MZ:required: the rule is new, its action is flag"
    );
    let softer = contract(&[
        "diff",
        text(stricter.path()),
        text(&schemas),
        "--lang",
        "zh",
    ])
    .expect_code(0);
    assert_eq!(
        softer.out,
        [
            "ga.hukou 放宽: 须经质量组批准",
            "  rules/auto:MZ:required: 规则被删除"
        ]
    );
    let unsound = changed(
        "contracts/ga/hukou.odcs.yaml",
        "person.sex_code",
        "person.sex_cod",
    );
    assert_eq!(
        contract(&["diff", text(&schemas), text(unsound.path())]).code,
        3
    );
}

#[test]
fn two_files_of_one_contract_are_compared() {
    let name = "contracts/ga/hukou.odcs.yaml";
    let folder = changed(name, "value: [GMSFHM]", "value: [GMSFHM, HH]");
    let (old, new) = (
        repository().join("schemas").join(name),
        folder.path().join(name),
    );
    let finished = contract(&["diff", text(&old), text(&new), "--json"]).expect_code(1);
    assert!(
        finished
            .json()
            .iter()
            .any(|change| change["place"] == "recordKey"),
        "{}",
        finished.text()
    );
}

/// Made-up holders of disability cards: a candidate feed of an agency that the built-in list does not have.
const CARDS: &str = "card_no,xm,xb,sfzh,残疾等级,issued_on,gxsj,lxdh,xjzdz\n\
    CL0001,林思远,1,350203199001010018,1,2020-01-02,2026-11-01 10:00:00,13800000001,厦门市思明区湖滨南路1号\n\
    CL0002,陈小梅,2,350206198507151226,2,2021/03/04,2026-11-02 10:00:00,13800000002,厦门市湖里区殿前街道2号\n\
    CL0003,王大明,1,350203199001010018,2,2022-05-06,2026-11-03 10:00:00,13800000003,厦门市集美区杏林街道3号\n";

/// A folder with the new agency in its list, the sample, and the draft that `init` made of it.
struct Newcomer {
    folder: TempDir,
    /// What `init` told.
    told: String,
}

impl Newcomer {
    fn new() -> Self {
        let entry = "- { slug: cl, zh: 残联, en: Disabled Persons' Federation }\n- { slug: fy,";
        let folder = changed("agencies.yaml", "- { slug: fy,", entry);
        let mut newcomer = Self {
            folder,
            told: String::new(),
        };
        newcomer.send(CARDS);
        newcomer.told = newcomer.init().expect_code(0).text();
        newcomer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn send(&self, records: &str) {
        let bytes = format!("\u{feff}{records}");
        std::fs::write(self.path("cards.csv"), bytes).expect("the folder is ours");
    }

    fn draft(&self) -> String {
        std::fs::read_to_string(self.path(DRAFT)).expect("the draft was written")
    }

    fn contract(&self, arguments: &[&str]) -> Finished {
        contract(&[arguments, &["--schemas", text(self.folder.path())]].concat())
    }

    fn init(&self) -> Finished {
        let (sample, draft) = (self.path("cards.csv"), self.path(DRAFT));
        let names = [
            "--agency",
            "cl",
            "--feed",
            "disability",
            "--out",
            text(&draft),
        ];
        self.contract(&[&["init", text(&sample)], &names[..]].concat())
    }

    fn test(&self, more: &[&str]) -> Finished {
        let (sample, draft) = (self.path("cards.csv"), self.path(DRAFT));
        self.contract(&[&["test", text(&draft), "--sample", text(&sample)], more].concat())
    }
}

const DRAFT: &str = "disability.odcs.yaml";

#[test]
fn a_draft_says_what_it_knows_and_shows_no_value() {
    let newcomer = Newcomer::new();
    let (draft, told) = (newcomer.draft(), &newcomer.told);
    for part in [
        "encoding: UTF-8-BOM",
        "person.id_no",
        "sex@2003",
        "yyyy-MM-dd|yyyy/MM/dd",
        "class: resident_id",
        "# TODO:",
    ] {
        assert!(draft.contains(part), "{part} is not in\n{draft}");
    }
    for part in [
        "已推断 / inferred",
        "待确认 / guessed",
        "待补充 / missing",
        "UTF-8-BOM",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    for line in CARDS.lines().skip(1) {
        for value in line.split(',').filter(|value| value.chars().count() > 1) {
            let shown = draft.contains(value) || told.contains(value);
            assert!(!shown, "a value of the sample is shown");
        }
    }
    let again = newcomer.init();
    assert_eq!(again.code, 2, "over another file: {}", again.text());
}

#[test]
fn a_newcomer_goes_from_a_sample_to_a_sound_contract() {
    let newcomer = Newcomer::new();
    let draft = newcomer.path(DRAFT);
    // Each problem is a field that nobody decided about, and lint says what to write.
    let lint = newcomer
        .contract(&["lint", text(&draft), "--json"])
        .expect_code(3);
    let problems = lint.json();
    assert!(
        problems.iter().all(|problem| problem["code"] == "CT047"),
        "{}",
        lint.text()
    );
    let kept =
        "\n        customProperties:\n          - { property: kept, value: true, vendor: yidang }";
    let mended: Vec<String> = newcomer
        .draft()
        .lines()
        .map(|line| {
            let open = line.contains("# TODO: map it with mapsTo");
            format!("{line}{}", if open { kept } else { "" })
        })
        .collect();
    std::fs::write(&draft, mended.join("\n")).expect("the folder is ours");
    let _sound = newcomer.contract(&["lint", text(&draft)]).expect_code(0);
    let _all_accepted = newcomer.test(&[]).expect_code(0);
    newcomer.send(&CARDS.replace("0018,1,2020", "0019,1,2020"));
    let tested = newcomer.test(&["--lang", "zh"]).expect_code(1);
    assert!(tested.text().contains("第 1 条：退回"), "{}", tested.text());
}

#[test]
fn a_sample_without_a_header_is_refused_without_a_word_of_it() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let sample = folder.path().join("bare.csv");
    let rows = CARDS.split_once('\n').expect("it has a header").1;
    std::fs::write(&sample, rows).expect("the folder is ours");
    let finished =
        contract(&["init", text(&sample), "--agency", "mz", "--feed", "cards"]).expect_code(2);
    assert!(
        finished.text().contains("header line") && !finished.text().contains("350203"),
        "{}",
        finished.text()
    );
}
