//! Tells the binary the commit it is built from, for `bench` and the metric of the build.
//!
//! `YIDANG_COMMIT` of the environment counts, for builds of a tree without git; without either the commit is unknown.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=YIDANG_COMMIT");
    let given = std::env::var("YIDANG_COMMIT").ok();
    let commit = given.or_else(|| git(&["rev-parse", "HEAD"]));
    println!(
        "cargo::rustc-env=YIDANG_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
    // What names the commit: HEAD, the branch it points to, and the file that both may be packed into.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    let names = ["HEAD", "packed-refs"].into_iter().chain(branch.as_deref());
    for name in names {
        // A worktree keeps some of them elsewhere; git knows where.
        let path = git(&["rev-parse", "--path-format=absolute", "--git-path", name]);
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// What git says, on one line; nothing where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let said = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    let line = text.trim();
    (said.status.success() && !line.is_empty()).then(|| line.to_owned())
}
