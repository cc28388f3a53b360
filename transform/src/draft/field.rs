//! What is proposed of each field: its type, its sensitivity, its codes and what it fills.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::codes::CodeMap;
use yidang_schemas::hints::{Hint, Hints};

use super::column::{Look, Seen};
use super::{Certainty, FieldDraft, Notes, Part, Target};
use crate::normalize::money::{self, Unit};
use crate::normalize::name;

/// What proposals are made from.
pub(super) struct Scope<'s> {
    pub catalog: &'s Catalog,
    pub hints: &'s Hints,
    pub kind: &'s str,
    /// Places of the fields that name the subject.
    pub subject: &'s [usize],
}

impl Scope<'_> {
    /// All fields in the order of the sample.
    pub(super) fn fields(
        &self,
        seen: &[Seen<'_>],
        records: usize,
        notes: &mut Notes,
    ) -> Vec<FieldDraft> {
        let mut fields: Vec<FieldDraft> = Vec::with_capacity(seen.len());
        for (place, column) in seen.iter().enumerate() {
            let mut field = self.field(place, column, records, notes);
            let taken = |target: &Target| {
                fields
                    .iter()
                    .any(|field| field.targets.iter().any(|other| other.to == target.to))
            };
            if field.targets.iter().any(taken) {
                field.targets.retain(|target| !taken(target));
                let (zh, en) = (
                    "同一列已由前面的字段填写",
                    "another field fills the same column already",
                );
                notes.add(Part::Field(place), Certainty::Missing, zh, en);
            }
            fields.push(field);
        }
        fields
    }

    fn field(
        &self,
        place: usize,
        column: &Seen<'_>,
        records: usize,
        notes: &mut Notes,
    ) -> FieldDraft {
        let part = Part::Field(place);
        let hints = self.hints.of_header(column.name, self.kind);
        let list = self.codes(part, column, &hints, notes);
        let targets = self.targets(place, column, &hints, list.is_some(), notes);
        let forms = (column.look == Look::Date).then(|| {
            let names: Vec<&str> = column.forms.iter().map(|form| form.name).collect();
            names.join("|")
        });
        FieldDraft {
            name: column.name.to_owned(),
            logical_type: self.logical_type(part, column, notes),
            forms,
            filled: column.filled == records,
            classification: self.classification(part, column, &hints, notes),
            identifier: match column.look {
                Look::Identifier(class) => Some(class),
                _ => None,
            },
            code_list: list,
            targets,
        }
    }

    fn logical_type(&self, part: Part, column: &Seen<'_>, notes: &mut Notes) -> &'static str {
        match column.look {
            Look::Date if column.is_time() => "timestamp",
            Look::Date => "date",
            Look::Integer => "integer",
            Look::Number => "number",
            Look::Boolean => "boolean",
            Look::Nested => {
                let (zh, en) = (
                    "含内部结构，只留存不读取",
                    "has an inner structure: it is kept and never read",
                );
                notes.add(part, Certainty::Inferred, zh, en);
                "object"
            }
            Look::Empty => {
                let (zh, en) = (
                    "样例中没有值，类型未知",
                    "has no value in the sample: its type is not known",
                );
                notes.add(part, Certainty::Missing, zh, en);
                "string"
            }
            _ => "string",
        }
    }

    fn classification(
        &self,
        part: Part,
        column: &Seen<'_>,
        hints: &[&Hint],
        notes: &mut Notes,
    ) -> String {
        if let Some(hint) = hints.first() {
            return hint.classification.clone();
        }
        if let Look::Identifier(class) = column.look {
            let known = self.hints.all_of_class(class).next();
            return known
                .map_or("personal", |hint| hint.classification.as_str())
                .to_owned();
        }
        let of_people = [Look::Phone, Look::PersonName, Look::Address];
        if of_people.contains(&column.look) {
            return "personal".to_owned();
        }
        // A file of persons is personal until somebody says that a field is not.
        let personal = self
            .hints
            .of_class("resident_id", self.kind)
            .iter()
            .any(|hint| hint.kind == self.kind);
        let class = if personal { "personal" } else { "internal" };
        let zh = format!("分级暂定为 {class}，请确认");
        notes.add(
            part,
            Certainty::Guessed,
            zh,
            format!("the classification is {class} until you say another"),
        );
        class.to_owned()
    }

    /// The code list of the header's hint where it holds all values; else the only list that does.
    fn codes(
        &self,
        part: Part,
        column: &Seen<'_>,
        hints: &[&Hint],
        notes: &mut Notes,
    ) -> Option<String> {
        let hinted = hints.iter().find(|hint| !hint.codes.is_empty());
        if let Some((name, list)) = hinted.and_then(|hint| self.list(&hint.codes)) {
            let outside = column.outside(list);
            if outside == 0 && column.filled > 0 {
                let zh = format!("全部取值属于代码表 {name}");
                notes.add(
                    part,
                    Certainty::Inferred,
                    zh,
                    format!("all values are of the code list {name}"),
                );
                return Some(name.to_owned());
            }
            let zh = format!("有 {outside} 个取值不在代码表 {name} 中：请写 enum，或补充代码表");
            let en = format!(
                "{outside} values are not in the code list {name}: write an enum, or add them to the list"
            );
            notes.add(part, Certainty::Missing, zh, en);
            return None;
        }
        let of_codes = matches!(column.look, Look::Text | Look::Integer);
        if !of_codes || column.lists.is_empty() || hints.iter().any(|hint| !hint.to.is_empty()) {
            return None;
        }
        let names = column.lists.join(", ");
        let zh = format!("取值也符合代码表 {names}：若是，请写 codeSet");
        let en =
            format!("all values are of the code list {names} too: write codeSet if it is that");
        notes.add(part, Certainty::Guessed, zh, en);
        None
    }

    fn list(&self, name: &str) -> Option<(&str, &CodeMap)> {
        let own = |full: &str| full.split('@').next() == Some(name);
        let newest = self
            .catalog
            .code_lists
            .iter()
            .rev()
            .find(|(full, _)| own(full));
        newest.map(|(full, list)| (full.as_str(), list))
    }

    fn targets(
        &self,
        place: usize,
        column: &Seen<'_>,
        hints: &[&Hint],
        coded: bool,
        notes: &mut Notes,
    ) -> Vec<Target> {
        let part = Part::Field(place);
        let of_class = match column.look {
            Look::Identifier(class) if self.subject.contains(&place) => {
                self.hints.of_class(class, self.kind)
            }
            _ => Vec::new(),
        };
        let proposed = if of_class.is_empty() {
            hints
        } else {
            &of_class
        };
        let mut targets = Vec::new();
        for hint in proposed.iter().filter(|hint| self.has_column(&hint.to)) {
            let unit = if hint.transform == "money" {
                unit(column)
            } else {
                None
            };
            if let Some((zh, en)) = unfit(column, hint, coded, unit) {
                notes.add(
                    part,
                    Certainty::Missing,
                    format!("表头像是 {}，但{zh}", hint.to),
                    format!("the header says {}, but {en}", hint.to),
                );
                continue;
            }
            targets.push(Target {
                to: hint.to.clone(),
                transform: hint.transform.clone(),
                unit,
            });
        }
        if !targets.is_empty() {
            let certainty = if of_class.is_empty() {
                Certainty::Guessed
            } else {
                Certainty::Inferred
            };
            let names: Vec<&str> = targets.iter().map(|target| target.to.as_str()).collect();
            let names = names.join(", ");
            notes.add(
                part,
                certainty,
                format!("填入 {names}"),
                format!("fills {names}"),
            );
        }
        targets
    }

    fn has_column(&self, to: &str) -> bool {
        let Some((kind, leaf)) = to.split_once('.') else {
            return false;
        };
        let place = self.catalog.kind_of_name(kind);
        let dossier = place.and_then(|place| self.catalog.dossier(place));
        dossier.is_some_and(|dossier| dossier.by_name.contains_key(leaf))
    }
}

/// Why values do not fit what a header says; none where they do.
fn unfit(
    column: &Seen<'_>,
    hint: &Hint,
    coded: bool,
    unit: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    match hint.transform.as_str() {
        "date" | "month" if column.forms.is_empty() => Some((
            "取值不是已知形式的日期",
            "its values are dates of no known form",
        )),
        "code" if !coded => Some(("没有代码表", "it has no code list")),
        "person_name" if !column.all(|text| name::person(text).is_ok()) => {
            Some(("取值不像人名", "its values are no names of persons"))
        }
        "organisation_name" if !column.all(|text| name::organisation(text).is_ok()) => Some((
            "取值不像机构名称",
            "its values are no names of organisations",
        )),
        "money" if unit.is_none() => Some((
            "金额单位未知（分、元或万元）",
            "the unit is not known: fen, yuan or wan_yuan",
        )),
        "money" if !column.all(|text| money::cents(text, Unit::Yuan).is_ok()) => {
            Some(("取值不是金额", "its values are no amounts"))
        }
        "uscc" | "organisation_code" | "registration_number" | "tax_uscc" | "person_identifier"
            if !matches!(column.look, Look::Identifier(_)) =>
        {
            Some(("校验未通过", "its values do not pass the check"))
        }
        _ => None,
    }
}

/// The unit of money that a header names in itself.
fn unit(column: &Seen<'_>) -> Option<&'static str> {
    let name = column.name;
    if name.contains("万元") {
        Some("wan_yuan")
    } else if name.contains('元') {
        Some("yuan")
    } else if name.contains('分') {
        Some("fen")
    } else {
        None
    }
}
