//! `contract diff`: what changed between two versions of the contracts, by what it asks of whom.

use std::path::PathBuf;

use clap::Args;
use yidang_schemas::diff::{self, Change, Kind};
use yidang_schemas::messages::Language;

use super::lint;
use super::sources::{Loaded, Source};
use crate::exit::{Exit, Failure};
use crate::lake::SchemaArguments;
use crate::language::LanguageArguments;
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang contract diff ./schemas-main ./schemas\n  \
yidang contract diff ./schemas                  against the built-in schemas\n  \
yidang contract diff main/hukou.odcs.yaml hukou.odcs.yaml --lang zh --json\n\n\
breaking    key, order, mode, topic, type, format, encoding, a field or column that goes, what a code means\n\
tightening  a rule that is new or stricter, a narrower bound, a code or a date form that goes\n\
loosening   the reverse\n\
neutral     titles, new optional fields, new codes\n\
A pattern that changed has no order to its old one and is told as tightening and as loosening.\n\
Exit codes: 0 no breaking change, 1 at least one, 3 one of the two is not sound."
)]
pub struct DiffArguments {
    /// The older and the newer: schemas folders or contract files; one alone is compared with the built-in schemas
    #[arg(value_name = "OLD NEW", num_args = 1..=2, required = true)]
    sides: Vec<PathBuf>,
    #[command(flatten)]
    schemas: SchemaArguments,
    /// One JSON object a change
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArguments,
}

pub fn run(arguments: &DiffArguments) -> Result<Exit, Failure> {
    let base = arguments.schemas.schemas.as_deref();
    let named = |side: &PathBuf| Source::of(Some(side), base);
    let (old, new) = match arguments.sides.as_slice() {
        [old, new] => (named(old), named(new)),
        [new] => (Source::BuiltIn, named(new)),
        _ => return Err(Failure::new(Exit::Usage, "diff compares two sides")),
    };
    let (Some(before), Some(after)) = (load(&old, arguments), load(&new, arguments)) else {
        return Ok(Exit::Invalid);
    };
    let changes = changes(&before, &after)?;
    let language = arguments.language.language();
    show(&changes, arguments.json, language);
    let count = |kind: Kind| changes.iter().filter(|change| change.kind == kind).count();
    let told =
        Kind::ALL.map(|kind| format!("{} {}", count(kind), kind.title().in_language(language)));
    output::note(&format!(
        "{} -> {}: {}",
        old.name(),
        new.name(),
        told.join(", ")
    ));
    Ok(if count(Kind::Breaking) == 0 {
        Exit::Good
    } else {
        Exit::Findings
    })
}

fn load(source: &Source, arguments: &DiffArguments) -> Option<Loaded> {
    match source.load() {
        Ok(loaded) => Some(loaded),
        Err(problems) => {
            lint::show_all(&problems, arguments.json, arguments.language.language());
            output::note(&format!(
                "{} is not sound\n  next: yidang contract lint {0}",
                source.name()
            ));
            None
        }
    }
}

/// All changes, or those of the one contract that either side names.
fn changes(old: &Loaded, new: &Loaded) -> Result<Vec<Change>, Failure> {
    let Some(id) = new.only.as_ref().or(old.only.as_ref()) else {
        return Ok(diff::catalogs(&old.catalog, &new.catalog));
    };
    let find = |side: &Loaded| {
        let found = side.catalog.feeds.iter().position(|feed| feed.id == *id);
        found.and_then(|place| side.catalog.feeds.get(place).cloned())
    };
    let unknown = |which: &str| {
        Failure::new(
            Exit::Usage,
            format!("the {which} side has no contract {id}"),
        )
        .with_next("give two versions of one contract, or two schemas folders")
    };
    let before = find(old).ok_or_else(|| unknown("older"))?;
    let after = find(new).ok_or_else(|| unknown("newer"))?;
    Ok(diff::feed((&old.catalog, &before), (&new.catalog, &after)))
}

fn show(changes: &[Change], json: bool, language: Language) {
    let mut last = None;
    for change in changes {
        if json {
            show_json(change, language);
            continue;
        }
        if last != Some((&change.subject, change.kind)) {
            let (kind, next) = (change.kind.title(), change.kind.next());
            let (kind, next) = (kind.in_language(language), next.in_language(language));
            output::print(&format!("{} {kind}: {next}", change.subject));
            last = Some((&change.subject, change.kind));
        }
        output::print(&format!("  {}: {}", change.place, said(change, language)));
    }
}

fn said(change: &Change, language: Language) -> &str {
    match language {
        Language::Chinese => &change.sentence.zh,
        Language::English => &change.sentence.en,
    }
}

fn show_json(change: &Change, language: Language) {
    output::print_json(&serde_json::json!({
        "kind": change.kind.name(),
        "subject": change.subject,
        "place": change.place,
        "sentence": said(change, language),
        "next": change.kind.next().in_language(language),
    }));
}
