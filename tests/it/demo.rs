//! `yidang demo` as a newcomer meets it: it needs nothing, equals its truth, lets others attach, and what it prints works.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::Message;
use yidang_tests::patience;
use yidang_tests::process::{Finished, Launch, Running, yidang};
use yidang_tests::readers::{consume_with_confluent, environment, produce_with_confluent};

const PATIENCE: Duration = Duration::from_secs(180);

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("yidang-demo-")
        .tempdir()
        .expect("the temporary folder is writable")
}

fn demo(lake: &Path, arguments: &[&str]) -> Launch {
    let lake = lake.to_str().expect("temporary folders have plain names");
    Launch::yidang(
        ["demo", "--lake", lake]
            .into_iter()
            .chain(arguments.iter().copied()),
    )
}

/// A command of the demo exactly as printed, in a shell that finds `python3` with the packages it names, and `yidang`.
fn shell(command: &str) -> Finished {
    let product = yidang();
    let product = product
        .parent()
        .expect("a binary lies in a folder")
        .display();
    let path = format!("{}/bin:{product}:/usr/bin:/bin", environment().display());
    Launch::program("sh", ["-c", command])
        .variable("PATH", path)
        .run(PATIENCE)
        .expect_code(0)
}

#[test]
fn a_demo_equals_its_truth_and_every_command_it_prints_works() {
    let folder = folder();
    let finished = demo(
        &folder.path().join("lake"),
        &["--records", "6000", "--exit"],
    )
    .run(PATIENCE)
    .expect_code(0);
    let out = finished.out;
    for part in 1..=6 {
        assert!(
            out.iter()
                .any(|line| line.starts_with(&format!("({part}) "))),
            "part {part} is missing: {out:#?}"
        );
    }
    assert!(out.iter().any(|line| line.trim() == "equal"));
    let told = |line: &&String| {
        let words = ["bad record", "event ", "correction", "resolved "];
        words.iter().any(|word| line.trim().starts_with(word))
    };
    let life: Vec<_> = out.iter().filter(told).collect();
    assert_eq!(life.len(), 4, "{out:#?}");
    let commands: Vec<_> = out
        .iter()
        .map(|line| line.trim())
        .filter(|line| line.starts_with("python3 "))
        .collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        assert!(
            shell(command).text().contains("ALIVE") || command.contains("polars"),
            "{command}"
        );
    }
    let explain = out
        .iter()
        .map(|line| line.trim())
        .find(|line| line.starts_with("yidang explain person "));
    let explained = shell(explain.expect("three agencies disagree on somebody in every city"));
    assert!(!explained.out.is_empty());
    assert!(
        finished
            .error
            .iter()
            .any(|line| line.starts_with("broker:") && line.contains("5 MiB a partition"))
    );
}

#[test]
fn a_demo_in_chinese_and_one_in_json_say_the_same() {
    // A city ends with the day before: over midnight the two would be of different cities.
    let (chinese, result) = patience::within_a_day(|| {
        let folder = folder();
        let small = ["--records", "3000", "--exit"];
        let chinese = demo(
            &folder.path().join("lake"),
            &[&small[..], &["--lang", "zh"]].concat(),
        );
        let json = demo(
            &folder.path().join("other"),
            &[&small[..], &["--json"]].concat(),
        );
        let chinese = chinese.run(PATIENCE).expect_code(0);
        let [result] = json
            .run(PATIENCE)
            .expect_code(0)
            .json()
            .try_into()
            .expect("one object");
        (chinese, result)
    });
    assert!(chinese.out.iter().any(|line| line.trim() == "一致"));
    assert_eq!(result["equal"], true);
    assert_eq!(result["comparison"]["differences"]["count"], 0);
    let rows = result["comparison"]["files"]["person_file"]["rows"]
        .as_u64()
        .expect("rows are counted");
    assert!(
        chinese
            .out
            .iter()
            .any(|line| line.contains(&format!("person_file: 比对 {rows} 行")))
    );
}

fn address(running: &mut Running) -> String {
    let line = running.wait_for_line(PATIENCE, |line| line.starts_with("still running, broker "));
    let rest = line
        .strip_prefix("still running, broker ")
        .expect("the line was found by it");
    rest.split(';')
        .next()
        .expect("splitting gives a part")
        .to_owned()
}

#[test]
fn others_attach_to_a_demo_and_get_an_event_for_a_bad_record_while_a_second_demo_runs() {
    let folder = folder();
    let mut first = demo(
        &folder.path().join("first"),
        &["--records", "3000", "--stay"],
    )
    .start();
    let brokers = address(&mut first);
    let second = demo(
        &folder.path().join("second"),
        &["--records", "3000", "--seed", "2", "--exit"],
    );
    let second = second.run(PATIENCE).expect_code(0);
    assert!(second.out.iter().any(|line| line.trim() == "equal"));

    let bad = Message::new("src.ga.hukou.v1", "{\"GMSFHM\": \"")
        .key("outside")
        .partition(2)
        .header("op", "U");
    let placed = produce_with_confluent(&brokers, &[bad]);
    let [(partition, offset)] = placed.as_slice() else {
        panic!("one message was sent")
    };
    let about = |event: &Value| {
        let payload: Value = serde_json::from_str(event["value"].as_str()?).ok()?;
        let first = payload.pointer("/where/first")?.clone();
        let same = first["partition"] == *partition && first["offset"] == *offset;
        (same && first["topic"] == "src.ga.hukou.v1").then_some(payload)
    };
    let found = patience::wait_for(PATIENCE, || {
        consume_with_confluent(&brokers, "dq.feedback.ga.v1")
            .iter()
            .find_map(about)
    });
    let payload = found.expect("the event comes");
    assert_eq!(
        (&payload["state"], &payload["feed"]),
        (&Value::from("open"), &Value::from("ga.hukou"))
    );
    first.interrupt();
    assert_eq!(first.finish(PATIENCE).code, 0);
}

#[test]
fn a_lake_folder_that_is_not_empty_is_refused_with_the_way_out() {
    let folder = folder();
    std::fs::write(folder.path().join("something"), "of somebody").expect("the folder is ours");
    let refused = demo(folder.path(), &["--exit"])
        .run(PATIENCE)
        .expect_code(4);
    let text = refused.text();
    assert!(
        text.contains("is not empty") && text.contains("next:") && text.contains("yidang demo"),
        "{text}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("the folder is ours")
            .count(),
        1
    );
}

#[test]
fn bench_says_how_to_start_a_broker_and_prints_its_figures() {
    let refused = Launch::yidang(["bench"]).run(PATIENCE).expect_code(2);
    assert!(
        refused.text().contains("deploy/kafka/start --port"),
        "{}",
        refused.text()
    );
    let (broker, folder) = (RealBroker::start(), folder());
    let lake = folder.path().join("lake").display().to_string();
    let arguments = [
        "bench",
        "--brokers",
        &broker.address(),
        "--lake",
        &lake,
        "--records",
        "3000",
        "--subjects",
        "600",
    ];
    let further = ["--tables", "20000,40000", "--json"];
    let figures = Launch::yidang(arguments.into_iter().chain(further))
        .run(PATIENCE)
        .expect_code(0)
        .json()
        .remove(0);
    for figure in [
        "/machine/cpu",
        "/machine/profile",
        "/machine/commit",
        "/seed",
        "/produce/records",
        "/stream/records_per_second",
        "/stream/cpu_microseconds_per_record",
        "/stream/wall_microseconds_per_record_by_step/gather",
        "/stream/cpu_microseconds_per_record_by_step/judge",
        "/stream/cpu_microseconds_per_record_by_step/fold",
        "/stream/cpu_microseconds_per_record_by_step/project",
        "/stream/cpu_microseconds_per_record_by_step/issue",
        "/stream/cpu_microseconds_per_record_by_step/encode",
        "/stream/cpu_microseconds_per_record_by_step/land",
        "/stream/cpu_microseconds_per_record_by_step/derive",
        "/stream/tables/person_file/files",
        "/reload/wall_seconds",
        "/reload/resident_bytes_per_record_key",
        "/reload/resident_bytes_per_subject",
        "/commit/0/cpu_seconds",
        "/commit/1/data_bytes",
    ] {
        assert!(
            figures
                .pointer(figure)
                .is_some_and(|value| !value.is_null()),
            "{figure} is missing in {figures}"
        );
    }
    assert_eq!(figures["produce"]["records"], figures["stream"]["records"]);
}
