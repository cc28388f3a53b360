//! The draft as a contract file: what is proposed, and `# TODO:` at the place of what is not known.

use std::fmt::Write as _;

use yidang_schemas::contract::Rows;
use yidang_transform::draft::sample::SampleFormat;
use yidang_transform::draft::{Certainty, FieldDraft, Part};

use super::Drafted;

/// The text of the whole file.
pub(super) fn contract(drafted: &Drafted<'_>) -> String {
    let mut page = Page::default();
    head(drafted, &mut page);
    record(drafted, &mut page);
    page.line("    properties:");
    for (place, field) in drafted.draft.fields.iter().enumerate() {
        property(drafted, place, field, &mut page);
    }
    team(drafted, &mut page);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        writeln!(self.text, "{}", line.as_ref()).expect("writing to a string cannot fail");
    }

    /// The notes of a part as comments: guesses to confirm, and what has to be said.
    fn notes(&mut self, drafted: &Drafted<'_>, part: Part, indent: &str) {
        for note in drafted.draft.notes_of(part) {
            let word = match note.certainty {
                Certainty::Inferred => continue,
                Certainty::Guessed => "guess",
                Certainty::Missing => "TODO",
            };
            // A name with a line break in it must not end the comment.
            let told = format!("{} ({})", note.en, note.zh).replace(char::is_control, " ");
            self.line(format!("{indent}# {word}: {told}"));
        }
    }

    fn custom(&mut self, indent: &str, property: &str, value: &str) {
        self.line(format!(
            "{indent}- {{ property: {property}, value: {value}, vendor: yidang }}"
        ));
    }
}

fn head(drafted: &Drafted<'_>, page: &mut Page) {
    let Drafted {
        agency,
        feed,
        draft,
        sample,
        ..
    } = drafted;
    page.line(format!(
        "# Draft from a sample of {} records. No value of the sample stands here.",
        sample.records
    ));
    page.line("# A line with TODO is yours to decide, one with guess is yours to confirm; yidang contract lint names what still lacks.");
    page.line("# 契约草稿：TODO 由你决定，guess 由你确认；yidang contract lint 会指出还缺什么。");
    page.line("apiVersion: v3.2.0\nkind: DataContract");
    page.line(format!(
        "id: {agency}.{feed}\nversion: 1.0.0\nstatus: draft"
    ));
    page.line("# TODO: a name and a purpose in plain words (写明名称与用途)");
    page.line(format!("name: {feed}"));
    if !draft.kind.is_empty() {
        page.line(format!("domain: {}", draft.kind));
    }
    page.line("description:\n  purpose: To be written.\ncustomProperties:");
    page.custom("  ", "profile", "yidang/1");
    if drafted.agency_names.is_none() {
        page.line(format!("  # TODO: agencies.yaml does not have the agency {agency}: add it there first (部门须先在 agencies.yaml 登记)"));
    }
    page.custom("  ", "sourceAgency", agency);
    page.line("\nservers:");
    encoding(drafted, page);
    let format = match drafted.format {
        SampleFormat::Csv => "csv",
        SampleFormat::Json => "json",
    };
    page.line(format!(
        "  - {{ server: city-kafka, type: kafka, environment: prod, host: \"${{KAFKA_BOOTSTRAP}}\", format: {format}, encoding: {} }}",
        drafted.encoding.name
    ));
}

fn encoding(drafted: &Drafted<'_>, page: &mut Page) {
    let name = drafted.encoding.name;
    if drafted.encoding.ascii {
        page.line("  # TODO: the sample is plain ASCII and shows no encoding: declare the one that you send (样例全为 ASCII，请声明实际编码)");
    } else if drafted.encoding.proposed {
        page.line(format!("  # TODO: {name} is proposed from the bytes: declare the one that you send ({name} 由字节推测，请声明实际编码)"));
    }
}

fn record(drafted: &Drafted<'_>, page: &mut Page) {
    let Drafted {
        agency,
        feed,
        draft,
        sample,
        ..
    } = drafted;
    let name = |place: &usize| {
        draft
            .fields
            .get(*place)
            .map_or_else(String::new, |field| scalar(&field.name))
    };
    page.line(format!("\nschema:\n  - id: {feed}\n    name: {feed}"));
    page.line("    # TODO: the title in Chinese, as agencies read it (中文名称)");
    page.line(format!("    businessName: {feed}\n    physicalType: topic\n    physicalName: src.{agency}.{feed}.v1\n    customProperties:"));
    let indent = "      ";
    page.notes(drafted, Part::Key, indent);
    let key: Vec<String> = draft.key.iter().map(name).collect();
    page.custom(indent, "recordKey", &format!("[{}]", key.join(", ")));
    page.notes(drafted, Part::Order, indent);
    let order = draft.order.and_then(|place| draft.fields.get(place));
    let part = order.map(|field| {
        let from = quoted(&format!("field:{}", field.name));
        let forms = field.forms.clone().unwrap_or_default();
        format!(
            "{{ from: {from}, type: time, forms: {}, zone: Asia/Shanghai }}",
            quoted(&forms)
        )
    });
    let log = "log".to_owned();
    page.custom(
        indent,
        "order",
        &part.as_ref().map_or(log, |part| format!("[{part}]")),
    );
    page.notes(drafted, Part::BusinessTime, indent);
    let header = || "{ from: \"header:business-time\", type: epoch_ms }".to_owned();
    page.custom(indent, "businessTime", &part.unwrap_or_else(header));
    page.notes(drafted, Part::Mode, indent);
    page.custom(indent, "mode", "full");
    page.custom(indent, "envelope", "none");
    page.custom(
        indent,
        "rows",
        if sample.rows == Rows::Many {
            "many"
        } else {
            "one"
        },
    );
    page.notes(drafted, Part::Removal, indent);
    let from = draft.operation.and_then(|place| draft.fields.get(place));
    let from = from.map_or_else(
        || "header:op".to_owned(),
        |field| format!("field:{}", field.name),
    );
    page.custom(
        indent,
        "removal",
        &format!(
            "{{ from: {}, delete: [D], tombstone: delete }}",
            quoted(&from)
        ),
    );
    subjects(drafted, page);
}

fn subjects(drafted: &Drafted<'_>, page: &mut Page) {
    let draft = drafted.draft;
    page.notes(drafted, Part::Subjects, "      ");
    if draft.subject.is_empty() {
        return;
    }
    page.line("      - property: subjects\n        vendor: yidang\n        value:");
    page.line(format!(
        "          - kind: {}\n            identifiers:",
        draft.kind
    ));
    for field in draft
        .subject
        .iter()
        .filter_map(|place| draft.fields.get(*place))
    {
        let class = field.identifier.unwrap_or_default();
        page.line(format!(
            "              - {{ field: {}, class: {class} }}",
            scalar(&field.name)
        ));
    }
}

fn property(drafted: &Drafted<'_>, place: usize, field: &FieldDraft, page: &mut Page) {
    let draft = drafted.draft;
    let indent = "        ";
    page.line(format!("      - name: {}", scalar(&field.name)));
    page.line(format!("{indent}businessName: {}", scalar(&field.name)));
    page.notes(drafted, Part::Field(place), indent);
    page.line(format!("{indent}logicalType: {}", field.logical_type));
    if let Some(forms) = &field.forms {
        page.line(format!(
            "{indent}logicalTypeOptions: {{ format: {} }}",
            quoted(forms)
        ));
    }
    if let Some(rank) = draft.key.iter().position(|key| *key == place) {
        page.line(format!(
            "{indent}primaryKey: true\n{indent}primaryKeyPosition: {}",
            rank + 1
        ));
    }
    let named = draft.subject.contains(&place);
    let linked = !named && field.identifier.is_some();
    // The key and the subject have rules of their own.
    if field.filled && !field.targets.is_empty() && !named {
        page.line(format!("{indent}# guess: every record of the sample has it (样例中每条都有)\n{indent}required: true"));
    }
    page.line(format!("{indent}classification: {}", field.classification));
    customs(field, linked, page);
}

fn customs(field: &FieldDraft, linked: bool, page: &mut Page) {
    if field.targets.is_empty() && field.code_list.is_none() && !linked {
        return;
    }
    let indent = "          ";
    page.line("        customProperties:");
    if !field.targets.is_empty() {
        page.line(format!(
            "{indent}- property: mapsTo\n{indent}  vendor: yidang\n{indent}  value:"
        ));
    }
    for target in &field.targets {
        let unit = target
            .unit
            .map(|unit| format!(", unit: {unit}"))
            .unwrap_or_default();
        page.line(format!(
            "{indent}    - {{ to: {}, transform: {}{unit} }}",
            target.to, target.transform
        ));
    }
    if let Some(list) = &field.code_list {
        page.custom(indent, "codeSet", &quoted(list));
    }
    if let (true, Some(class)) = (linked, field.identifier) {
        page.custom(indent, "identifier", class);
    }
}

fn team(drafted: &Drafted<'_>, page: &mut Page) {
    let agency = drafted.agency;
    let name = drafted.agency_names.map_or(agency, |(_, english)| english);
    page.line("\n# TODO: role accounts that answer for the feed, never a named person (只写岗位账号，不写个人)");
    page.line(format!(
        "team:\n  id: {agency}\n  name: {}\n  members:",
        scalar(name)
    ));
    page.line(format!("    - {{ username: \"role:{agency}-steward\", role: steward, description: Works the feedback queue. }}"));
    page.line(format!("\nsupport:\n  - {{ channel: dq.feedback.{agency}.v1, tool: other, scope: issues, description: CloudEvents from the platform to this agency. }}"));
}

/// A text as a YAML scalar: plain where it can be taken for nothing else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "y", "n", "on", "off"];
    let begins = text.chars().next().is_some_and(char::is_alphabetic);
    let plain = text
        .chars()
        .all(|letter| letter.is_alphanumeric() || letter == '_')
        || text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == ' ');
    let word = WORDS.contains(&text.to_lowercase().as_str());
    if begins && plain && !word && text.trim() == text {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in double quotes, as JSON writes it, which YAML reads.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("texts are JSON")
}
