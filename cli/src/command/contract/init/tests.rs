use yidang_schemas::catalog::Bundle;

use super::*;

/// The draft of a sample as a file, and the codes of what lint says of it.
fn linted(text: &str, agency: &str) -> (String, Vec<&'static str>) {
    let catalog = Catalog::embedded().unwrap();
    let format = sample::propose_format(text.as_bytes());
    let sample = sample::read(text.as_bytes(), format, Encoding::Utf8).unwrap();
    let draft = draft(&sample, &catalog, Hints::built_in(), None);
    let drafted = Drafted {
        agency,
        agency_names: None,
        feed: "sample",
        format,
        encoding: EncodingDraft {
            name: "UTF-8",
            proposed: true,
            ascii: false,
        },
        sample: &sample,
        draft: &draft,
    };
    let yaml = yaml::contract(&drafted);
    let bundle = Bundle::embedded().unwrap();
    let problems = Catalog::with_contract(&bundle, "draft", &yaml)
        .err()
        .unwrap_or_default();
    (
        yaml,
        problems.iter().map(|problem| problem.code.0).collect(),
    )
}

const PEOPLE: &str = "编号,姓名,性别,身份证号,更新时间,备注 (\"x\": y)\n\
    A1,林思远,1,350203199001010018,2026-11-01 10:00:00,u\n\
    A2,陈小梅,2,350206198507151226,2026-11-02 10:00:00,v\n\
    A3,王大明,1,350203199001010018,2026-11-03 10:00:00,w\n";

#[test]
fn a_draft_is_sound_but_for_its_marked_gaps() {
    let (yaml, problems) = linted(PEOPLE, "mz");
    assert_eq!(problems, ["CT047"], "{yaml}");
    assert!(yaml.contains("# TODO: map it with mapsTo"), "{yaml}");
    let (yaml, problems) = linted(PEOPLE, "nobody");
    assert_eq!(problems, ["CT011", "CT047"], "{yaml}");
    assert!(
        yaml.contains("# TODO: agencies.yaml does not have the agency nobody"),
        "{yaml}"
    );
}

#[test]
fn names_of_any_letters_are_written_so_that_they_are_read_back() {
    let json = "{\"no\": 1, \"y\": \"a\", \"a: b\": 2, \"7#\": \"b\", \"#x\": \"c\", \"带 空格\": \"d\", \"it's\": \"e\", \"line\\nbreak\": \"f\"}\n";
    let (yaml, problems) = linted(json, "mz");
    assert!(
        !problems.contains(&"CT001") && !problems.contains(&"CT003"),
        "{problems:?}\n{yaml}"
    );
    let names = [
        "no",
        "y",
        "a: b",
        "7#",
        "#x",
        "带 空格",
        "it's",
        "line\nbreak",
    ];
    for name in names {
        let quoted = format!("name: {}\n", serde_json::to_string(name).unwrap());
        assert!(yaml.contains(&quoted), "{name}\n{yaml}");
    }
}

#[test]
fn a_sample_that_shows_nothing_gives_a_draft_full_of_gaps() {
    let (yaml, problems) = linted("[{\"a\": 1.5}, {\"a\": 1.5}]", "mz");
    assert_eq!(problems, ["CT030", "CT048", "CT047"], "{yaml}");
}
