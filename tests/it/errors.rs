//! What cannot work says so within ten seconds: what was tried, where, and the command to run next, with the exit code of its
//! kind and without a stack of causes that repeat one another.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use yidang_tests::patience;
use yidang_tests::process::{Finished, Launch};
use yidang_tests::schemas::copy_schemas;

/// Of every error at the start.
const BOUND: Duration = Duration::from_secs(10);
/// Nobody listens on port 1 of this machine.
const NOBODY: &str = "127.0.0.1:1";

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("yidang-errors-")
        .tempdir()
        .expect("the temporary folder is writable")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// `yidang run` with its lake and whatever comes after it.
fn run(lake: &str, more: &[&str]) -> Launch {
    let start = ["run", "--brokers", NOBODY, "--lake", lake];
    let listen = if more.contains(&"--listen") {
        &[][..]
    } else {
        &["--listen", "127.0.0.1:0"][..]
    };
    Launch::yidang(start.iter().chain(listen).chain(more))
}

/// The error: one paragraph that begins with `error:` and one line `next:`, within the bound.
fn refused(launch: Launch, code: i32, parts: &[&str], next: &str) -> Finished {
    let (finished, took) = patience::timed(|| launch.run(BOUND));
    let finished = finished.expect_code(code);
    let told = finished.error.join("\n");
    assert!(told.contains("error: "), "{told}");
    for part in parts {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    let hint = finished
        .error
        .iter()
        .find(|line| line.starts_with("  next: "))
        .cloned();
    assert!(
        hint.as_deref().is_some_and(|hint| hint.contains(next)),
        "{next:?} is not the next step in\n{told}"
    );
    assert!(finished.out.is_empty(), "errors belong to standard error");
    println!("exit {code} after {took:?}: {}", parts.join(", "));
    finished
}

#[test]
fn a_wrong_broker_is_named_with_the_command_that_goes_on() {
    let folder = folder();
    let lake = folder.path().join("lake");
    let again = format!("yidang run --brokers {NOBODY} --lake {}", text(&lake));
    refused(run(text(&lake), &[]), 5, &["list topics", NOBODY], &again);
    let launch = Launch::yidang(["simulate", "--records", "3000", "--brokers", NOBODY]);
    refused(
        launch,
        5,
        &["list topics", NOBODY],
        "run the same command again",
    );
}

#[test]
fn a_lake_that_cannot_be_written_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").expect("the folder is ours");
    let below = file.join("lake");
    refused(
        run(text(&below), &[]),
        5,
        &["making the lake folder", text(&below)],
        "yidang run --lake",
    );
    refused(
        run(text(&file), &[]),
        5,
        &["making the lake folder", text(&file)],
        "yidang run --lake",
    );
    // The system itself refuses, whoever asks: nobody makes folders here.
    let refusing = Path::new("/proc/yidang-lake");
    refused(
        run(text(refusing), &[]),
        5,
        &["making the lake folder", text(refusing)],
        "yidang run --lake",
    );
    assert!(!refusing.exists());
}

#[test]
fn a_lake_that_is_none_is_refused_to_readers() {
    let folder = folder();
    let launch = Launch::yidang(["feed", "restart", "ga.hukou", "--lake", text(folder.path())]);
    refused(
        launch,
        4,
        &["is no lake", text(folder.path())],
        "yidang run",
    );
    let absent = folder.path().join("absent");
    let launch = Launch::yidang(["verify", "reconcile", "--lake", text(&absent)]);
    refused(launch, 4, &["is no lake", text(&absent)], "yidang run");
    assert!(!absent.exists(), "a reader makes nothing");
}

#[test]
fn a_contract_with_an_error_shows_its_line_and_how_to_check_it() {
    let folder = folder();
    let schemas = folder.path().join("schemas");
    copy_schemas(&schemas);
    let contract = schemas.join("contracts/ga/hukou.odcs.yaml");
    let sound = std::fs::read_to_string(&contract).expect("it was just copied");
    std::fs::write(
        &contract,
        sound.replacen("person.sex_code", "person.sex_cod", 1),
    )
    .expect("the folder is ours");
    let lint = format!("yidang contract lint {}", text(&schemas));
    let more = ["--schemas", text(&schemas)];
    let parts = [
        "error[CT050]",
        "contracts/ga/hukou.odcs.yaml:",
        "person.sex_cod",
        "help: use 'person.sex_code'",
    ];
    refused(
        run(text(&folder.path().join("lake")), &more),
        3,
        &parts,
        &lint,
    );
    assert!(
        !folder.path().join("lake").exists(),
        "nothing is made before the contracts are sound"
    );
}

/// A key file that only its owner may read.
fn key_file(folder: &Path, name: &str, digit: char) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    std::fs::write(&path, digit.to_string().repeat(64)).expect("the folder is ours");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .expect("the file is ours");
    text(&path).to_owned()
}

#[test]
fn a_lake_of_another_id_key_is_refused_and_the_key_is_not_shown() {
    let folder = folder();
    let (lake, mine, other) = (
        folder.path().join("lake"),
        key_file(folder.path(), "mine", '1'),
        key_file(folder.path(), "other", '2'),
    );
    let first = run(text(&lake), &["--id-key-file", &mine]).run(BOUND);
    assert_eq!(first.code, 5, "the lake is made before the broker is asked");
    let parts = ["lake of another id key", text(&lake)];
    let finished = refused(
        run(text(&lake), &["--id-key-file", &other]),
        4,
        &parts,
        "YIDANG_ID_KEY_FILE",
    );
    assert!(
        !finished.text().contains("2222") && !finished.text().contains("1111"),
        "a key is shown"
    );
    let absent = folder.path().join("absent");
    let more = ["--id-key-file", text(&absent)];
    refused(
        run(text(&lake), &more),
        3,
        &["read the id key", text(&absent)],
        "YIDANG_ID_KEY_FILE",
    );
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let address = taken.local_addr().expect("it is bound").to_string();
    let lake = folder.path().join("lake");
    let launch = run(text(&lake), &["--listen", &address]);
    refused(
        launch,
        3,
        &["listen on", &address, "in use"],
        "--listen 127.0.0.1:0",
    );
}

/// What a store on an S3 endpoint of ours is opened with.
fn s3(endpoint: &str, key: &str) -> Launch {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "nobody"),
        ("AWS_SECRET_ACCESS_KEY", "nothing"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    run("s3://lake/city", &["--id-key-file", key]).variables(&variables)
}

#[test]
fn a_store_that_ignores_conditions_fails_the_probe() {
    let folder = folder();
    let key = key_file(folder.path(), "key", '1');
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || careless(&stream));
        }
    });
    let parts = [
        "probing s3://lake/city",
        "ignores the condition",
        "If-None-Match",
    ];
    refused(s3(&endpoint, &key), 4, &parts, "yidang run --lake");
}

/// A store that takes every put and answers everything else with an empty listing.
fn careless(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0_u64);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let lower = line.trim().to_ascii_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().ok()?;
        }
        if lower.is_empty() {
            break;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    let body = "<?xml version=\"1.0\"?><DeleteResult></DeleteResult>";
    let mut writer = stream;
    write!(
        writer,
        "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()
}

#[test]
fn a_store_that_does_not_answer_is_given_up() {
    let folder = folder();
    let key = key_file(folder.path(), "key", '1');
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let endpoint = format!("http://{}", silent.local_addr().expect("it is bound"));
    refused(
        s3(&endpoint, &key),
        5,
        &["probing s3://lake/city", "no answer"],
        "AWS_ENDPOINT_URL",
    );
}

#[test]
fn a_store_that_nobody_serves_is_named() {
    let folder = folder();
    let key = key_file(folder.path(), "key", '1');
    refused(
        s3(&format!("http://{NOBODY}"), &key),
        5,
        &["s3://lake/city", "refused"],
        "yidang run --lake",
    );
}

#[test]
fn wrong_words_are_usage_and_say_what_is_there() {
    let finished = Launch::yidang(["run"]).run(BOUND).expect_code(2);
    assert!(
        finished.text().contains("--brokers") && finished.text().contains("--lake"),
        "{}",
        finished.text()
    );
    let launch = Launch::yidang(["feed", "check", "-", "--feed", "ga.nothing"]);
    refused(
        launch,
        2,
        &["no feed ga.nothing", "ga.hukou"],
        "yidang feed check",
    );
    let launch = Launch::yidang(["contract", "explain", "CT999"]);
    refused(launch, 2, &["no such code"], "yidang contract explain");
}
