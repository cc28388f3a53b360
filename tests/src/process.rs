//! The product, or any program, as a process: its lines as they come, its signals, its exit code within a bound.
//!
//! [`yidang`] is the binary beside the tests' own (`target/<profile>/yidang`): it is built by the command that runs the tests
//! (`cargo build --workspace`), not by them.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::patience::wait_for;
use crate::spawn;

/// The product's binary, built with the same profile as the tests.
///
/// # Panics
/// If it is not built.
#[must_use]
pub fn yidang() -> PathBuf {
    let test = std::env::current_exe().expect("the system knows what it runs");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests lie in target/<profile>/deps");
    let binary = profile.join("yidang");
    assert!(
        binary.is_file(),
        "{} is not built: cargo build --workspace",
        binary.display()
    );
    binary
}

/// Sends a signal to a child.
pub(crate) fn signal(child: &Child, signal: Signal) {
    let id = Pid::from_child(child);
    kill_process(id, signal).expect("the child is ours and was not waited for");
}

/// A program that is about to run.
#[derive(Debug)]
pub struct Launch {
    command: Command,
    input: Vec<u8>,
}

impl Launch {
    /// The product with arguments. Its environment has no `YIDANG_*` or `RUST_LOG` of ours, its input is empty.
    ///
    /// # Panics
    /// If the product is not built.
    pub fn yidang<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::program(yidang(), arguments)
    }

    /// Any program with arguments.
    pub fn program<A: AsRef<std::ffi::OsStr>>(
        program: impl AsRef<std::ffi::OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = spawn::command(program);
        command.args(arguments);
        for (name, _) in std::env::vars_os() {
            if name == "RUST_LOG" || name.to_string_lossy().starts_with("YIDANG_") {
                command.env_remove(name);
            }
        }
        Self {
            command,
            input: Vec::new(),
        }
    }

    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn variables(mut self, pairs: &[(String, String)]) -> Self {
        self.command
            .envs(pairs.iter().map(|(name, value)| (name, value)));
        self
    }

    /// The folder it runs in.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What it reads on standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(mut self) -> Running {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let shown = format!("{:?}", self.command);
        let mut child = spawn::start(self.command);
        let mut stdin = child.stdin.take().expect("piped above");
        let input = self.input;
        std::thread::spawn(move || {
            // A program may end without reading its input; that is its own business.
            drop(stdin.write_all(&input));
        });
        let out = Lines::gather(child.stdout.take().expect("piped above"));
        let error = Lines::gather(child.stderr.take().expect("piped above"));
        Running {
            child,
            shown,
            out,
            error,
        }
    }

    /// Starts it and waits for its end.
    ///
    /// # Panics
    /// If it does not end within the bound; the message holds what it said.
    #[must_use]
    pub fn run(self, bound: Duration) -> Finished {
        self.start().finish(bound)
    }
}

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    shown: String,
    out: Lines,
    error: Lines,
}

impl Running {
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Complete lines of standard output so far.
    #[must_use]
    pub fn out(&self) -> Vec<String> {
        self.out.so_far()
    }

    /// Complete lines of standard error so far.
    #[must_use]
    pub fn error(&self) -> Vec<String> {
        self.error.so_far()
    }

    /// Waits for a line of either stream that satisfies `wanted`, earlier lines included.
    ///
    /// # Panics
    /// If it does not come within the bound or the program ends without it; the message holds what it said.
    pub fn wait_for_line(&mut self, bound: Duration, wanted: impl Fn(&str) -> bool) -> String {
        let found = wait_for(bound, || {
            // Asked before looking: what it said before it ended is then already gathered or will be looked at below.
            let ended = self.code();
            let line = self.out.find(&wanted).or_else(|| self.error.find(&wanted));
            (line.is_some() || ended.is_some()).then_some(line)
        });
        let late = || {
            self.drained()
                .then(|| self.out.find(&wanted).or_else(|| self.error.find(&wanted)))
                .flatten()
        };
        let line = found.flatten().or_else(late);
        line.unwrap_or_else(|| panic!("the line did not come within {bound:?}: {}", self.said()))
    }

    /// The exit code when it has ended; 128 + the signal's number when a signal ended it.
    ///
    /// # Panics
    /// Never: the child is ours.
    pub fn code(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("the child is ours")?;
        status
            .code()
            .or_else(|| status.signal().map(|number| 128 + number))
    }

    /// SIGTERM: the graceful end.
    pub fn terminate(&self) {
        signal(&self.child, Signal::TERM);
    }

    /// SIGINT: what Ctrl-C sends.
    pub fn interrupt(&self) {
        signal(&self.child, Signal::INT);
    }

    /// SIGSTOP: frozen until [`Running::resume`].
    pub fn freeze(&self) {
        signal(&self.child, Signal::STOP);
    }

    /// SIGCONT.
    pub fn resume(&self) {
        signal(&self.child, Signal::CONT);
    }

    /// `kill -9`, and what it had said.
    ///
    /// # Panics
    /// Never: the child is ours.
    pub fn kill(mut self) -> Finished {
        self.child.kill().expect("the child is ours");
        self.finish(Duration::from_secs(10))
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end within the bound; the message holds what it said.
    #[must_use]
    pub fn finish(mut self, bound: Duration) -> Finished {
        let code = wait_for(bound, || self.code());
        let code =
            code.unwrap_or_else(|| panic!("it did not end within {bound:?}: {}", self.said()));
        let drained = wait_for(Duration::from_secs(10), || self.drained().then_some(()));
        assert!(
            drained.is_some(),
            "its output is held open by a child of its own: {}",
            self.said()
        );
        Finished {
            code,
            out: self.out(),
            error: self.error(),
        }
    }

    /// Everything it said, for messages of failures.
    #[must_use]
    pub fn said(&self) -> String {
        format!(
            "{}\n--- out\n{}\n--- error\n{}",
            self.shown,
            self.out().join("\n"),
            self.error().join("\n")
        )
    }

    fn drained(&self) -> bool {
        self.out.is_complete() && self.error.is_complete()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; 128 + the signal's number when a signal ended it.
    pub code: i32,
    pub out: Vec<String>,
    pub error: Vec<String>,
}

impl Finished {
    /// Itself, if the code is the expected one.
    ///
    /// # Panics
    /// If it is another; the message holds what it said.
    #[must_use]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            code,
            "exit code\n--- out\n{}\n--- error\n{}",
            self.out.join("\n"),
            self.error.join("\n")
        );
        self
    }

    /// Each line of standard output as JSON.
    ///
    /// # Panics
    /// If a line is not JSON.
    #[must_use]
    pub fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &String| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
        };
        self.out.iter().map(parse).collect()
    }

    /// Both streams as one text: what the canary search reads.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n", self.out.join("\n"), self.error.join("\n"))
    }
}

/// The lines of one stream, gathered by a thread of its own so that the program never blocks on a full pipe.
#[derive(Debug)]
struct Lines {
    held: Arc<Mutex<Vec<String>>>,
    gatherer: JoinHandle<()>,
}

impl Lines {
    fn gather(stream: impl Read + Send + 'static) -> Self {
        let held = Arc::new(Mutex::new(Vec::new()));
        let target = Arc::clone(&held);
        let gatherer = std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n') {
                // A pipe that breaks has ended.
                let Ok(line) = line else { break };
                target
                    .lock()
                    .expect("nobody panics while holding lines")
                    .push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { held, gatherer }
    }

    fn so_far(&self) -> Vec<String> {
        self.held
            .lock()
            .expect("nobody panics while holding lines")
            .clone()
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let held = self.held.lock().expect("nobody panics while holding lines");
        held.iter().find(|line| wanted(line)).cloned()
    }

    fn is_complete(&self) -> bool {
        self.gatherer.is_finished()
    }
}
