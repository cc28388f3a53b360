//! What is proposed of whole records: the dossier they fill, whom they name, their key, order and mode.

use std::collections::HashSet;

use yidang_schemas::catalog::Catalog;
use yidang_schemas::date_form::Precision;
use yidang_schemas::hints::Hints;

use super::column::{Look, Seen};
use super::sample::{Cell, Sample};
use super::{Certainty, FieldDraft, Notes, Part};

/// Most columns of which pairs are tried as key.
const PAIRED_MAX: usize = 24;

/// The kind of dossier that the identifiers name, else the one that most headers speak of.
pub(super) fn kind(
    seen: &[Seen<'_>],
    catalog: &Catalog,
    hints: &Hints,
    notes: &mut Notes,
) -> String {
    let score = |kind: &str| {
        let named = |column: &&Seen<'_>| match column.look {
            Look::Identifier(class) => !hints.of_class(class, kind).is_empty(),
            _ => false,
        };
        let spoken = |column: &&Seen<'_>| {
            let own = hints.of_header(column.name, kind);
            own.iter().any(|hint| hint.kind == kind)
        };
        let (named, spoken) = (
            seen.iter().filter(named).count(),
            seen.iter().filter(spoken).count(),
        );
        (named > 0, spoken, named)
    };
    let scores: Vec<_> = catalog
        .dossiers
        .iter()
        .map(|dossier| (score(&dossier.name), dossier.name.as_str()))
        .collect();
    let best = scores.iter().max_by_key(|(score, _)| *score);
    let Some(((_, spoken, named), kind)) =
        best.filter(|((_, spoken, named), _)| spoken + named > 0)
    else {
        let (zh, en) = (
            "看不出记录属于哪种档案：用 --kind 指定",
            "nothing shows which dossier the records fill: give --kind",
        );
        notes.add(Part::Subjects, Certainty::Missing, zh, en);
        return String::new();
    };
    let zh = format!("档案类型 {kind}（{named} 个标识、{spoken} 个表头）");
    let en = format!("the kind of dossier is {kind} (identifiers: {named}, headers: {spoken})");
    notes.add(Part::Subjects, Certainty::Guessed, zh, en);
    (*kind).to_owned()
}

/// The field that names the subject: the first whose values are identifiers of its kind.
pub(super) fn subject(
    seen: &[Seen<'_>],
    hints: &Hints,
    kind: &str,
    notes: &mut Notes,
) -> Vec<usize> {
    let names = |column: &Seen<'_>| match column.look {
        Look::Identifier(class) => !hints.of_class(class, kind).is_empty(),
        _ => false,
    };
    let found: Vec<usize> = (0..seen.len())
        .filter(|place| seen.get(*place).is_some_and(names))
        .collect();
    let Some(first) = found.first().and_then(|place| seen.get(*place)) else {
        let (zh, en) = (
            "没有字段通过证件校验，无法指认主体：请写 subjects",
            "no field passes the check of an identifier, so nothing names a subject: write subjects",
        );
        notes.add(Part::Subjects, Certainty::Missing, zh, en);
        return Vec::new();
    };
    let (zh, en) = (
        format!("{} 指认主体", first.name),
        format!("{} names the subject", first.name),
    );
    let certainty = if found.len() == 1 {
        Certainty::Inferred
    } else {
        Certainty::Guessed
    };
    notes.add(Part::Subjects, certainty, zh, en);
    for other in found.iter().skip(1).filter_map(|place| seen.get(*place)) {
        let zh = format!("{} 也含标识：是同一主体还是另一人，请确认", other.name);
        let en = format!(
            "{} holds identifiers too: say whether of the same subject or of another",
            other.name
        );
        notes.add(Part::Subjects, Certainty::Guessed, zh, en);
    }
    found.into_iter().take(1).collect()
}

/// The first field, else pair of fields, that no two records of the sample share.
pub(super) fn key(sample: &Sample, seen: &[Seen<'_>], notes: &mut Notes) -> Vec<usize> {
    let full = |column: &Seen<'_>| column.can_be_key() && column.filled == sample.records;
    let unique = |column: &Seen<'_>| {
        full(column) && column.distinct == sample.records && column.look != Look::Date
    };
    let places = |wanted: &dyn Fn(&Seen<'_>) -> bool| -> Vec<usize> {
        (0..seen.len())
            .filter(|place| seen.get(*place).is_some_and(wanted))
            .collect()
    };
    let name = |place: &usize| seen.get(*place).map_or("", |column| column.name);
    let alone = places(&unique);
    let found = match alone.first() {
        Some(first) => vec![*first],
        None => pair(sample, &places(&full)),
    };
    if found.is_empty() {
        let (zh, en) = (
            "没有字段或字段对能唯一区分记录：请写 recordKey",
            "no field and no pair of fields tells the records apart: write recordKey",
        );
        notes.add(Part::Key, Certainty::Missing, zh, en);
        return found;
    }
    let names: Vec<&str> = found.iter().map(name).collect();
    let (names, records) = (names.join(" + "), sample.records);
    let zh = format!("{names} 在 {records} 条样例中唯一；请确认它永不改变、永不复用");
    let en = format!(
        "{names} is unique in {records} records; confirm that it never changes and is never used again"
    );
    notes.add(Part::Key, Certainty::Guessed, zh, en);
    let others: Vec<&str> = alone.iter().skip(1).map(name).collect();
    if !others.is_empty() {
        let others = others.join(", ");
        notes.add(
            Part::Key,
            Certainty::Guessed,
            format!("同样唯一：{others}"),
            format!("unique as well: {others}"),
        );
    }
    found
}

fn pair(sample: &Sample, full: &[usize]) -> Vec<usize> {
    let text = |place: usize, row: usize| match sample
        .columns
        .get(place)
        .and_then(|column| column.cells.get(row))
    {
        Some(Cell::Text(text) | Cell::Number(text)) => text.trim(),
        _ => "",
    };
    for (rank, first) in full.iter().take(PAIRED_MAX).enumerate() {
        for second in full.iter().take(PAIRED_MAX).skip(rank + 1) {
            let mut known = HashSet::new();
            if (0..sample.records).all(|row| known.insert((text(*first, row), text(*second, row))))
            {
                return vec![*first, *second];
            }
        }
    }
    Vec::new()
}

/// The time field whose name says that it dates the version.
pub(super) fn order(
    seen: &[Seen<'_>],
    fields: &[FieldDraft],
    hints: &Hints,
    kind: &str,
    notes: &mut Notes,
) -> Option<usize> {
    let is_one = |column: &Seen<'_>| {
        let days = column
            .forms
            .iter()
            .all(|form| form.precision == Precision::Day);
        column.look == Look::Date && (column.is_time() || days)
    };
    let hinted = |column: &Seen<'_>| {
        hints
            .of_header(column.name, kind)
            .iter()
            .any(|hint| hint.role == "order")
    };
    let found = seen
        .iter()
        .position(|column| is_one(column) && hinted(column));
    if let Some(column) = found.and_then(|place| seen.get(place)) {
        let zh = format!(
            "{} 看似版本时间；若一刻内可有两个版本，请再加 header:seq",
            column.name
        );
        let en = format!(
            "{} looks like the time of the version; add header:seq if two can share one",
            column.name
        );
        notes.add(Part::Order, Certainty::Guessed, zh, en);
        return found;
    }
    let times: Vec<&str> = seen
        .iter()
        .filter(|column| column.is_time())
        .map(|column| column.name)
        .collect();
    let (zh, en) = if times.is_empty() {
        (
            "没有看出版本次序：暂用 log".to_owned(),
            "nothing shows the order of versions: log for now".to_owned(),
        )
    } else {
        let times = times.join(", ");
        (
            format!("没有看出版本次序：暂用 log；时间字段有 {times}"),
            format!(
                "nothing shows the order of versions: log for now; fields with times are {times}"
            ),
        )
    };
    notes.add(Part::Order, Certainty::Missing, zh, en);
    let (zh, en) = (
        "业务时间暂取消息头 business-time",
        "the business time is the header business-time for now",
    );
    notes.add(Part::BusinessTime, Certainty::Missing, zh, en);
    debug_assert_eq!(seen.len(), fields.len(), "one draft a column");
    None
}

/// The field that says what a record does.
pub(super) fn operation(
    seen: &[Seen<'_>],
    hints: &Hints,
    kind: &str,
    notes: &mut Notes,
) -> Option<usize> {
    let hinted = |column: &Seen<'_>| {
        hints
            .of_header(column.name, kind)
            .iter()
            .any(|hint| hint.role == "operation")
    };
    let found = seen.iter().position(hinted);
    let (zh, en) = match found.and_then(|place| seen.get(place)) {
        Some(column) => (
            format!("{} 看似操作标志：请确认哪些取值表示删除", column.name),
            format!("{} looks like the operation: say which of its values remove", column.name),
        ),
        None => (
            "样例看不出如何撤回记录：暂取消息头 op 的 D 与空值消息".to_owned(),
            "a sample cannot show how a record is taken back: the header op with D and a null value for now".to_owned(),
        ),
    };
    notes.add(Part::Removal, Certainty::Missing, zh, en);
    found
}

/// Whether a missing member means null or silence cannot be seen.
pub(super) fn mode(sample: &Sample, notes: &mut Notes) {
    let absent = sample
        .columns
        .iter()
        .any(|column| column.cells.contains(&Cell::Absent));
    let (zh, en) = if absent {
        (
            "有的记录缺少成员：缺失若表示未提及，请改为 patch",
            "some records lack members: write patch if a missing one says nothing, full if it is null",
        )
    } else {
        (
            "每条记录字段齐全：暂定 full",
            "every record has all its members: full for now",
        )
    };
    let certainty = if absent {
        Certainty::Missing
    } else {
        Certainty::Guessed
    };
    notes.add(Part::Mode, certainty, zh, en);
}
