//! What was inferred, guessed and left open, in Chinese and English. No value of the sample is among it.

use std::path::Path;

use yidang_transform::draft::{Certainty, Part};

use super::Drafted;
use crate::output;

/// For people, on standard error.
pub(super) fn words(drafted: &Drafted<'_>, out: Option<&Path>) {
    let (sample, draft) = (drafted.sample, drafted.draft);
    let (records, fields) = (sample.records, draft.fields.len());
    output::note(&format!(
        "样例 {records} 条记录、{fields} 个字段 / sample of {records} records, {fields} fields"
    ));
    if sample.uneven > 0 {
        let uneven = sample.uneven;
        output::note(&format!(
            "{uneven} 行列数不符，未采用 / {uneven} lines of another length were left out"
        ));
    }
    let parts = [
        (Certainty::Inferred, "已推断 / inferred"),
        (Certainty::Guessed, "待确认 / guessed"),
        (Certainty::Missing, "待补充 / missing"),
    ];
    for (certainty, title) in parts {
        let notes: Vec<_> = notes(drafted)
            .filter(|(_, found, ..)| *found == certainty)
            .collect();
        output::note(&format!("{title} ({})", notes.len()));
        for (place, _, zh, en) in notes {
            output::note(&format!("  {place}: {zh} / {en}"));
        }
    }
    let file = out.map_or_else(|| "DRAFT".to_owned(), |out| out.display().to_string());
    output::note(&format!("next: yidang contract lint {file}"));
}

/// For programs, on standard output.
pub(super) fn json(drafted: &Drafted<'_>) {
    for (place, certainty, zh, en) in notes(drafted) {
        output::print_json(&serde_json::json!({
            "place": place, "certainty": name(certainty), "zh": zh, "en": en,
        }));
    }
}

fn name(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Inferred => "inferred",
        Certainty::Guessed => "guessed",
        Certainty::Missing => "missing",
    }
}

/// Place, certainty, Chinese, English.
type Line = (String, Certainty, String, String);

fn notes(drafted: &Drafted<'_>) -> impl Iterator<Item = Line> {
    let draft = drafted.draft;
    let own = draft.notes.iter().map(|(part, note)| {
        (
            place(drafted, *part),
            note.certainty,
            note.zh.clone(),
            note.en.clone(),
        )
    });
    let types = draft.fields.iter().map(|field| {
        let forms = field
            .forms
            .as_deref()
            .map(|forms| format!(" {forms}"))
            .unwrap_or_default();
        let class = field
            .identifier
            .map(|class| format!(", {class}"))
            .unwrap_or_default();
        let told = format!(
            "{}{forms}{class}, {}",
            field.logical_type, field.classification
        );
        (field.name.clone(), Certainty::Inferred, told.clone(), told)
    });
    encoding(drafted).into_iter().chain(types).chain(own)
}

fn encoding(drafted: &Drafted<'_>) -> Option<Line> {
    let name = drafted.encoding.name;
    let line = |certainty, zh: String, en: String| {
        Some((place(drafted, Part::Encoding), certainty, zh, en))
    };
    if drafted.encoding.ascii {
        return line(
            Certainty::Missing,
            "样例全为 ASCII，看不出编码".to_owned(),
            "plain ASCII shows no encoding".to_owned(),
        );
    }
    let (zh, en) = (
        format!("由字节推测为 {name}，请声明"),
        format!("{name} by its bytes, to be declared"),
    );
    drafted.encoding.proposed.then_some(())?;
    line(Certainty::Guessed, zh, en)
}

fn place(drafted: &Drafted<'_>, part: Part) -> String {
    let name = match part {
        Part::Encoding => "encoding",
        Part::Key => "recordKey",
        Part::Order => "order",
        Part::BusinessTime => "businessTime",
        Part::Mode => "mode",
        Part::Removal => "removal",
        Part::Subjects => "subjects",
        Part::Field(place) => {
            return drafted
                .draft
                .fields
                .get(place)
                .map_or_else(String::new, |field| field.name.clone());
        }
    };
    name.to_owned()
}
