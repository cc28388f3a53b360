//! `contract init`: a draft of a contract from a sample of records, with what stays to be decided.

mod summary;
mod yaml;

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use yidang_schemas::catalog::{Catalog, is_topic_part};
use yidang_schemas::contract::Encoding;
use yidang_schemas::hints::Hints;
use yidang_transform::draft::sample::{
    self, ProposedEncoding, Sample, SampleFormat, SampleProblem,
};
use yidang_transform::draft::{Draft, draft};

use crate::command::feed::input::unreadable;
use crate::exit::{Exit, Failure};
use crate::lake::{SchemaArguments, catalog};
use crate::{names, output};

/// Largest sample: some hundred thousand records. More of them show no more.
const SAMPLE_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang contract init cards.csv --agency cl --feed disability --out disability.odcs.yaml\n  \
yidang contract init licences.jsonl --agency scjg --feed licence --kind enterprise\n  \
yidang contract init - --agency jg --feed vehicle --format csv --encoding GBK < vehicles.csv\n\n\
The sample is JSON lines, a JSON array, or CSV with a header line. No value of it is written to the draft or shown.\n\
The draft goes to --out or standard output, the summary (inferred, guessed, missing) to standard error in Chinese and\n\
English. What nobody could infer stands as `# TODO:` at its place; yidang contract lint DRAFT names what still lacks.\n\
An encoding that is not given is proposed from the bytes and marked: a contract declares it, nothing ever guesses it."
)]
pub struct InitArguments {
    /// Sample of records; - reads standard input
    file: PathBuf,
    /// Slug of the agency, as in agencies.yaml
    #[arg(long, value_name = "SLUG")]
    agency: String,
    /// Name of the feed; with the agency it makes the id <agency>.<feed>
    #[arg(long, value_name = "NAME")]
    feed: String,
    /// Kind of the dossier that the records fill, for example person; proposed where it is not given
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Form of the file; proposed where it is not given
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<FormatName>,
    /// Encoding of the file; proposed where it is not given
    #[arg(long, value_enum, ignore_case = true, value_name = "ENCODING")]
    encoding: Option<EncodingName>,
    /// Write the draft here instead of standard output; a file that exists is not touched
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The summary as one JSON object a line on standard output; needs --out
    #[arg(long, requires = "out")]
    json: bool,
    #[command(flatten)]
    schemas: SchemaArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// A JSON array or JSON lines
    Json,
    /// JSON lines
    Jsonl,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EncodingName {
    #[value(name = "UTF-8")]
    Utf8,
    #[value(name = "UTF-8-BOM")]
    Utf8Bom,
    #[value(name = "GBK")]
    Gbk,
    #[value(name = "GB18030")]
    Gb18030,
}

/// The encoding of the sample and where it comes from.
#[derive(Debug, Clone, Copy)]
struct EncodingDraft {
    /// As contracts write it.
    name: &'static str,
    /// Nobody declared it.
    proposed: bool,
    /// The bytes are plain ASCII: they would be the same in every encoding.
    ascii: bool,
}

/// Everything that is written.
struct Drafted<'d> {
    agency: &'d str,
    /// Names of the agency, where it is known.
    agency_names: Option<(&'d str, &'d str)>,
    feed: &'d str,
    format: SampleFormat,
    encoding: EncodingDraft,
    sample: &'d Sample,
    draft: &'d Draft,
}

pub fn run(arguments: &InitArguments) -> Result<Exit, Failure> {
    let catalog = catalog(&arguments.schemas)?;
    sound_names(arguments, &catalog)?;
    let bytes = bytes(arguments)?;
    let format = match arguments.format {
        Some(FormatName::Csv) => SampleFormat::Csv,
        Some(FormatName::Json | FormatName::Jsonl) => SampleFormat::Json,
        None => sample::propose_format(&bytes),
    };
    let (name, encoding, proposed) = encoding(arguments, &bytes)?;
    let sample =
        sample::read(&bytes, format, encoding).map_err(|problem| unusable(arguments, &problem))?;
    let draft = draft(
        &sample,
        &catalog,
        Hints::built_in(),
        arguments.kind.as_deref(),
    );
    let agency = catalog.agency(&arguments.agency);
    let drafted = Drafted {
        agency: &arguments.agency,
        agency_names: agency.map(|agency| (agency.name_zh.as_str(), agency.name_en.as_str())),
        feed: &arguments.feed,
        format,
        encoding: EncodingDraft {
            name,
            proposed,
            ascii: bytes.is_ascii(),
        },
        sample: &sample,
        draft: &draft,
    };
    write(arguments, &yaml::contract(&drafted))?;
    if arguments.json {
        summary::json(&drafted);
    } else {
        summary::words(&drafted, arguments.out.as_deref());
    }
    Ok(Exit::Good)
}

/// The names that the draft is made of.
fn sound_names(arguments: &InitArguments, catalog: &Catalog) -> Result<(), Failure> {
    if let Some(kind) = &arguments.kind {
        let known = catalog.dossiers.iter().map(|dossier| dossier.name.as_str());
        if catalog.kind_of_name(kind).is_none() {
            return Err(names::unknown("kind of dossier", kind, known, |first| {
                format!("yidang contract init FILE --kind {first}")
            }));
        }
    }
    for (what, part) in [("agency", &arguments.agency), ("feed", &arguments.feed)] {
        if !is_topic_part(part) {
            let text = format!("'{part}' can be no {what}: it is part of the topic name");
            let next = "write a lower-case letter, then lower-case letters, digits and _";
            return Err(Failure::new(Exit::Usage, text).with_next(next));
        }
    }
    Ok(())
}

fn bytes(arguments: &InitArguments) -> Result<Vec<u8>, Failure> {
    let name = arguments.file.display().to_string();
    let failed = |error: std::io::Error| unreadable(&name, &error);
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin()
            .lock()
            .take(SAMPLE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(&arguments.file).map_err(failed)?;
        file.take(SAMPLE_BYTES_MAX + 1).read_to_end(&mut bytes)
    };
    let read = read.map_err(failed)?;
    if read as u64 > SAMPLE_BYTES_MAX {
        let text = format!("{name} is larger than {} MiB", SAMPLE_BYTES_MAX >> 20);
        return Err(
            Failure::new(Exit::Usage, text).with_next("give a part of it: head -n 100000 FILE")
        );
    }
    Ok(bytes)
}

/// Name, encoding, and whether it is only proposed.
fn encoding(
    arguments: &InitArguments,
    bytes: &[u8],
) -> Result<(&'static str, Encoding, bool), Failure> {
    let declared = arguments.encoding.map(|encoding| match encoding {
        EncodingName::Utf8 => ("UTF-8", Encoding::Utf8),
        EncodingName::Utf8Bom => ("UTF-8-BOM", Encoding::Utf8),
        EncodingName::Gbk => ("GBK", Encoding::Gbk),
        EncodingName::Gb18030 => ("GB18030", Encoding::Gb18030),
    });
    if let Some((name, encoding)) = declared {
        return Ok((name, encoding, false));
    }
    match sample::propose_encoding(bytes) {
        Some(ProposedEncoding { name, encoding, .. }) => Ok((name, encoding, true)),
        None => Err(unusable(arguments, &SampleProblem::Encoding)),
    }
}

/// Never says what stands in the file.
fn unusable(arguments: &InitArguments, problem: &SampleProblem) -> Failure {
    let name = arguments.file.display();
    let (text, next) = match problem {
        SampleProblem::Encoding => (
            "is no text of this encoding".to_owned(),
            "give the one it is written in: --encoding UTF-8, UTF-8-BOM, GBK or GB18030",
        ),
        SampleProblem::Syntax { line } => (
            format!("cannot be read from line {line} on"),
            "give JSON lines, a JSON array or CSV with a header line, and its --format",
        ),
        SampleProblem::Empty => ("has no record".to_owned(), "give some dozens of records"),
        SampleProblem::Header { place } => (
            format!(
                "has no name for field {place}: what stands there is empty, stands twice or looks like a value"
            ),
            "put a header line with the names of the fields on top",
        ),
        SampleProblem::Envelope => (
            "holds change messages, not records".to_owned(),
            "give the records inside, for example jq -c .after FILE, and set envelope: debezium in the draft",
        ),
    };
    Failure::new(Exit::Usage, format!("the sample {name} {text}")).with_next(next)
}

fn write(arguments: &InitArguments, text: &str) -> Result<(), Failure> {
    let Some(out) = &arguments.out else {
        output::print(text.trim_end());
        return Ok(());
    };
    let failed = |error: std::io::Error| {
        let failure = Failure::new(Exit::Usage, format!("write {}: {error}", out.display()));
        failure.with_next("give --out a file that does not exist yet, in a folder that does")
    };
    let mut file = std::fs::File::create_new(out).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests;
