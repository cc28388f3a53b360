//! `feed check`: what the platform would say of these records, before anything is sent.
//!
//! Works with the contracts alone. The verdict of a record is judged at its message's own time, never later than now,
//! as in the stream.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use indicatif::ProgressBar;
use yidang_schemas::catalog::Catalog;

use super::input::{Form, Input, Sent, is_message, unreadable};
use super::judge::Judge;
use super::show::Show;
use crate::exit::{Exit, Failure};
use crate::lake::{SchemaArguments, catalog};
use crate::language::LanguageArguments;
use crate::{names, output, progress};

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Message file, or a bare file in the feed's own format; - for standard input
    pub(super) file: PathBuf,
    /// Feed of a bare file; of a message file only this feed is checked
    #[arg(long)]
    feed: Option<String>,
    /// When the records of a bare file happened and arrived, RFC 3339; the file's own time when absent
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    /// Bytes of a message at most, as `run` has it
    #[arg(long, env = "YIDANG_MESSAGE_BYTES", default_value_t = 1 << 20, value_name = "N")]
    pub(super) message_bytes: usize,
    /// One JSON object a record, accepted ones as well
    #[arg(long)]
    pub(super) json: bool,
    /// Say at the end how long decoding, normalizing and checking took, in microseconds a record by feed, on one core
    #[arg(long)]
    figures: bool,
    #[command(flatten)]
    pub(super) language: LanguageArguments,
    #[command(flatten)]
    pub(super) schemas: SchemaArguments,
}

/// Messages that are judged at once.
const BATCH: usize = 2_048;

pub fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let catalog = catalog(&arguments.schemas)?;
    let Source {
        mut reader,
        size,
        form,
        only,
        name,
    } = source(arguments, &catalog, &output::note)?;
    // Of standard input nobody knows the size.
    let bar = size.map_or_else(ProgressBar::hidden, |size| {
        progress::bytes("checking", size)
    });
    let mut check = Check {
        show: Show::new(
            &catalog,
            arguments.json,
            arguments.language.language(),
            bar.clone(),
        ),
        judge: Judge::new(&catalog, arguments.message_bytes),
        catalog: Arc::clone(&catalog),
        only,
        figures: arguments.figures,
        left_out: 0,
        without_feed: BTreeMap::new(),
    };
    let mut input = Input::new(&mut *reader, form, &name);
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(sent) = input.next()? {
        check.take(sent, &mut batch);
        if batch.len() >= BATCH {
            check.judge(&mut batch);
            bar.set_position(input.bytes);
        }
    }
    check.judge(&mut batch);
    bar.finish_and_clear();
    Ok(check.finish())
}

/// Who is told what a bare file is taken for.
type Say<'s> = &'s dyn Fn(&str);

/// What is read, and how.
pub(super) struct Source {
    pub reader: Box<dyn BufRead>,
    size: Option<u64>,
    pub form: Form,
    only: Option<u16>,
    pub name: String,
}

pub(super) fn source(
    arguments: &CheckArguments,
    catalog: &Catalog,
    say: Say<'_>,
) -> Result<Source, Failure> {
    let file = arguments.file.display();
    let only = arguments.feed.as_deref().map(|feed| {
        let next = |first: &str| format!("yidang feed check {file} --feed {first}");
        names::feed(catalog, feed, next)
    });
    let only = only.transpose()?;
    let name = match arguments.file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.to_string(),
    };
    let (mut reader, size) = open(&arguments.file, &name)?;
    let form = form(arguments, catalog, (only, say), &mut reader, &name)?;
    Ok(Source {
        reader,
        size,
        form,
        only,
        name,
    })
}

struct Check {
    show: Show,
    judge: Judge,
    catalog: Arc<Catalog>,
    only: Option<u16>,
    figures: bool,
    left_out: u64,
    /// Topics that no contract reads, with their messages.
    without_feed: BTreeMap<String, u64>,
}

impl Check {
    fn take(&mut self, sent: Sent, batch: &mut Vec<(u16, Sent)>) {
        match self.catalog.feed_of_topic(&sent.topic) {
            Some(feed) if self.only.is_none_or(|only| only == feed) => batch.push((feed, sent)),
            Some(_) => self.left_out += 1,
            None => {
                self.show.unread(&sent);
                *self.without_feed.entry(sent.topic).or_default() += 1;
            }
        }
    }

    fn judge(&mut self, batch: &mut Vec<(u16, Sent)>) {
        for judged in self.judge.judge(batch, yidang_ingest::worker::now_ms()) {
            self.show.record(&judged);
        }
        batch.clear();
    }

    fn say_figures(&self) {
        for (feed, (spent, records)) in &self.judge.spent {
            let id = self
                .catalog
                .feed(*feed)
                .map_or("", |contract| contract.id.as_str());
            let micros = spent.as_secs_f64() * 1e6 / (*records).max(1) as f64;
            output::note(&format!("{id}: {micros:.2} µs a record, {records} records"));
        }
    }

    fn finish(&self) -> Exit {
        self.show.summary();
        for (feed, fields) in self
            .judge
            .unknown_fields
            .iter()
            .filter(|(_, fields)| **fields > 0)
        {
            let id = self
                .catalog
                .feed(*feed)
                .map_or("", |contract| contract.id.as_str());
            output::note(&format!(
                "{id}: {fields} values in fields that the contract does not name; kept, never read"
            ));
        }
        if self.figures {
            self.say_figures();
        }
        for (topic, messages) in &self.without_feed {
            output::note(&format!(
                "{topic}: {messages} messages that no contract reads"
            ));
        }
        if self.left_out > 0 {
            output::note(&format!(
                "{} messages of other feeds left out",
                self.left_out
            ));
        }
        if self.show.is_good() && self.without_feed.is_empty() {
            Exit::Good
        } else {
            Exit::Findings
        }
    }
}

fn open(file: &Path, name: &str) -> Result<(Box<dyn BufRead>, Option<u64>), Failure> {
    if file.to_str() == Some("-") {
        return Ok((Box::new(BufReader::new(std::io::stdin())), None));
    }
    let opened = File::open(file).map_err(|error| unreadable(name, &error))?;
    let size = opened.metadata().map(|found| found.len()).ok();
    Ok((Box::new(BufReader::with_capacity(1 << 16, opened)), size))
}

/// What the file is, by its first line, and what it lacks of a message.
fn form(
    arguments: &CheckArguments,
    catalog: &Catalog,
    (only, say): (Option<u16>, Say<'_>),
    reader: &mut Box<dyn BufRead>,
    name: &str,
) -> Result<Form, Failure> {
    let first = first_line(reader).map_err(|error| unreadable(name, &error))?;
    if is_message(&first) {
        return Ok(Form::Messages);
    }
    let Some(contract) = only.and_then(|feed| catalog.feed(feed)) else {
        let text = format!(
            "check {name}: its first line is no message with topic and value, so it needs its feed"
        );
        let next = format!("yidang feed check {} --feed FEED", arguments.file.display());
        return Err(Failure::new(Exit::Usage, text).with_next(next));
    };
    let (at_ms, source) = match (arguments.at, modified_ms(&arguments.file)) {
        (Some(at), _) => (at.as_millisecond(), "--at"),
        (None, Some(modified)) => (modified, "the file's own time"),
        (None, None) => (yidang_ingest::worker::now_ms(), "now"),
    };
    let at = jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.to_string())
        .unwrap_or_default();
    say(&format!(
        "{name} is a bare file of {}: the line stands for header seq, {at} ({source}) for header business-time and the \
         message's timestamp",
        contract.id
    ));
    Ok(Form::bare(contract, at_ms))
}

/// The first line that is not blank, put back in front of what follows.
fn first_line(reader: &mut Box<dyn BufRead>) -> std::io::Result<Vec<u8>> {
    let (mut seen, mut line) = (Vec::new(), Vec::new());
    while line.iter().all(u8::is_ascii_whitespace) {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        seen.extend_from_slice(&line);
    }
    let rest = std::mem::replace(reader, Box::new(std::io::empty()));
    *reader = Box::new(BufReader::new(std::io::Read::chain(
        std::io::Cursor::new(seen),
        rest,
    )));
    Ok(line)
}

fn modified_ms(file: &Path) -> Option<i64> {
    let modified = std::fs::metadata(file).ok()?.modified().ok()?;
    jiff::Timestamp::try_from(modified)
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}
