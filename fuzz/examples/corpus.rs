//! Looks after the corpus: `cargo run -p yidang-fuzz --example corpus -- WORDS`
//!
//!     keep NAME FOLDER       new files of a folder that libFuzzer worked in become kept inputs
//!     run NAME FILE          one input, to see what it does
//!     line FILE              an input as its line
#![expect(
    clippy::print_stdout,
    reason = "a command of one page that is no part of the product"
)]

use std::fs;
use std::io::{Error, Result};
use std::path::Path;

use yidang_fuzz::{Target, corpus, target_of};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["keep", name, folder] => keep(named(name)?, Path::new(folder))?,
        ["run", name, file] => (named(name)?.run)(&fs::read(file)?),
        ["line", file] => println!("{}", corpus::write(&fs::read(file)?)),
        _ => return Err(Error::other("keep NAME FOLDER | run NAME FILE | line FILE")),
    }
    Ok(())
}

fn named(name: &str) -> Result<&'static Target> {
    target_of(name).ok_or_else(|| Error::other(format!("there is no target {name}")))
}

fn keep(target: &Target, folder: &Path) -> Result<()> {
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder)? {
        inputs.push(fs::read(entry?.path())?);
    }
    // Small ones first: of two that do the same the shorter is read.
    inputs.sort_by(|one, other| one.len().cmp(&other.len()).then(one.cmp(other)));
    println!("{}: {} new", target.name, corpus::keep(target, &inputs)?);
    Ok(())
}
