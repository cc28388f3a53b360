//! `explain`: where each cell of a dossier comes from, why it won, and which values lost.
//!
//! Reads only. The one verb that shows personal values: they are what it is asked for, and they go to standard output
//! alone. What it was asked about is never repeated in an error.

mod cells;
mod identify;
mod load;
mod show;
mod words;

use std::borrow::Cow;
use std::io::BufRead as _;

use clap::Args;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::{Column, Dossier, Shape};
use yidang_transform::project::Member;

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::language::LanguageArguments;
use crate::{names, output};
use cells::Explainer;
use identify::{Asked, asked};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang explain person --lake ./lake               asks for the identifier without echo\n  \
yidang explain person 3f0… --lake ./lake --field name\n  \
yidang explain enterprise - --lake ./lake < number.txt\n  \
yidang explain person --lake ./lake --class PPT_F --field residence_address --lang zh\n  \
yidang explain CT050                              what a code means, the same as yidang contract explain CT050\n\n\
ID is the subject id (26 characters, as in the file tables) or an identifier itself: a resident id, with --class any\n\
other document; a unified social credit code, organisation code or registration number. A number typed on the command\n\
line stays in the shell's history: leave it out and it is asked for, or give - to read it from standard input."
)]
pub struct ExplainArguments {
    /// Kind of dossier: person or enterprise
    kind: String,
    /// Subject id or identifier; asked for without echo when absent, - reads standard input
    id: Option<String>,
    /// One column in full: value, source, why it won, every value that lost, open issues
    #[arg(long, value_name = "FIELD")]
    field: Option<String>,
    /// Class of the identifier where its shape does not say it, for example HMTP or PPT_F
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    #[command(flatten)]
    lake: LakeArguments,
    #[command(flatten)]
    lang: LanguageArguments,
    /// One JSON object a cell
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: ExplainArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let catalog = &opened.catalog;
    let (kind, dossier) = kind_of(catalog, &arguments.kind)?;
    let column = arguments
        .field
        .as_deref()
        .map(|field| column_of(dossier, field))
        .transpose()?;
    let class = arguments
        .class
        .as_deref()
        .map(|class| class_of(dossier, class))
        .transpose()?;
    let id = read_id(&dossier.name, arguments.id.as_deref())?;
    let asked =
        asked(dossier, &opened.id_key, id.trim(), class).map_err(|why| malformed(dossier, &why))?;
    let engine = load::engine(&opened).await?;
    let found = asked.subjects(kind).into_iter().find_map(|subject| {
        let kept = engine.memory().subject(&subject)?;
        (!kept.records.is_empty()).then_some((subject, &kept.records))
    });
    let Some((subject, records)) = found else {
        return Err(not_here(&asked, &arguments));
    };
    let records = records
        .iter()
        .filter_map(|id| Some((*id, Cow::Owned(engine.memory().record(id)?))))
        .collect();
    let member = Member { subject, records };
    let explainer = Explainer::new(&engine, &member, arguments.lang.language());
    let cells = explainer.cells(column);
    let shown = show::Shown {
        explainer: &explainer,
        subject,
        in_full: column.is_some(),
    };
    if arguments.json {
        shown.json(&cells);
    } else {
        shown.words(&cells);
    }
    Ok(Exit::Good)
}

fn kind_of<'c>(catalog: &'c Catalog, name: &str) -> Result<(u8, &'c Dossier), Failure> {
    let kind = catalog.kind_of_name(name);
    let found = kind.and_then(|kind| Some((kind, catalog.dossier(kind)?)));
    let known = catalog.dossiers.iter().map(|dossier| dossier.name.as_str());
    found.ok_or_else(|| {
        names::unknown("kind of dossier", name, known, |first| {
            format!("yidang explain {first} --lake URI")
        })
    })
}

/// Place of a column by its name or by the name of one of its parts.
fn column_of(dossier: &Dossier, field: &str) -> Result<usize, Failure> {
    let name = field.split('.').next().unwrap_or(field);
    let is_cell = |column: &Column| !column.internal && !matches!(column.shape, Shape::Platform(_));
    let mut columns = dossier.columns.iter();
    let found = columns.position(|column| column.name == name && is_cell(column));
    let known = dossier
        .columns
        .iter()
        .filter(|column| is_cell(column))
        .map(|column| column.name.as_str());
    found.ok_or_else(|| {
        let given = format!("{name} that a source fills in {}", dossier.table);
        names::unknown("column", &given, known, |first| {
            format!("yidang explain {} --field {first} --lake URI", dossier.name)
        })
    })
}

fn class_of<'c>(dossier: &'c Dossier, class: &str) -> Result<&'c str, Failure> {
    let known = dossier
        .classes
        .iter()
        .filter(|class| !class.weak)
        .map(|class| class.name.as_str());
    let found = known.clone().find(|known| *known == class);
    found.ok_or_else(|| {
        names::unknown("class", class, known, |first| {
            format!("yidang explain {} --class {first} --lake URI", dossier.name)
        })
    })
}

fn read_id(kind: &str, given: Option<&str>) -> Result<String, Failure> {
    let unread = |error: std::io::Error| {
        Failure::new(Exit::Usage, format!("read the identifier: {error}")).with_next(format!(
            "give it on standard input: yidang explain {kind} - --lake URI < FILE"
        ))
    };
    match given {
        Some("-") => {
            let mut line = String::new();
            std::io::stdin()
                .lock()
                .read_line(&mut line)
                .map_err(unread)?;
            Ok(line)
        }
        Some(id) => Ok(id.to_owned()),
        None => {
            output::note("subject id or identifier (not shown while you type):");
            rpassword::prompt_password("> ").map_err(unread)
        }
    }
}

fn malformed(dossier: &Dossier, why: &[String]) -> Failure {
    let text = format!(
        "malformed: that is neither a subject id nor an identifier of kind {}: {}",
        dossier.name,
        why.join("; ")
    );
    let classes: Vec<&str> = dossier
        .classes
        .iter()
        .filter(|class| !class.weak)
        .map(|class| class.name.as_str())
        .collect();
    Failure::new(Exit::Findings, text).with_next(format!(
        "check the number, or name its class: --class {}",
        classes.join("|")
    ))
}

fn not_here(asked: &Asked, arguments: &ExplainArguments) -> Failure {
    let what = match asked {
        Asked::Subject(_) => "subject id".to_owned(),
        Asked::Numbers(numbers) => {
            let classes: Vec<&str> = numbers.iter().map(|(class, _)| class.as_str()).collect();
            format!("identifier ({})", classes.join(" or "))
        }
    };
    let text = format!(
        "well formed {what}, but no live record in lake {} names it",
        arguments.lake.lake
    );
    Failure::new(Exit::Findings, text)
        .with_next("yidang issue list --lake URI --open   (its records may be held for a defect)")
}
