//! Rules over one field.

use yidang_schemas::field::{FieldIndex, IdentifierClass, LogicalType, Transform};
use yidang_schemas::rule::{Action, Check, Rule};

use super::{Batch, Finding, SubjectState, absence, forms};
use crate::calendar;
use crate::decode::column::Presence;
use crate::normalize::date::{self, DateOutcome, DateProblem, Zone};
use crate::normalize::name::NameProblem;
use crate::normalize::person_identifier::PersonIdClass;
use crate::normalize::placeholder;
use crate::parse::{
    Facet, OrganisationIdentifier, as_boolean, as_number, code_spellings, means_nothing, type_fits,
};
use crate::project::business_day;

/// One field of one record.
#[derive(Clone, Copy)]
struct Judged<'a> {
    batch: &'a Batch<'a>,
    field: FieldIndex,
    record: usize,
    /// Row of the field's column.
    row: usize,
    text: &'a str,
}

pub(super) fn find(
    batch: &Batch<'_>,
    place: usize,
    rule: &Rule,
    field: FieldIndex,
    (record, row): (usize, usize),
) -> Finding {
    let (Some(column), Some(described)) = (
        batch.decoded.columns.get(field),
        batch.contract.fields.get(field),
    ) else {
        return Finding::Unjudged;
    };
    let presence = column.presence(row);
    let fits = type_fits(described, presence);
    match presence {
        Presence::Absent => return absence(batch.contract.mode, &rule.check),
        Presence::Null if rule.check == Check::Required => return Finding::fail("REQUIRED"),
        // Null where the contract lets the field be emptied states something; elsewhere it does not.
        Presence::Null if described.required || lacks_partner(batch, &rule.check, row) => {
            return Finding::Unjudged;
        }
        Presence::Null => return Finding::Pass,
        _ if rule.check == Check::Type && !fits => return Finding::fail("TYPE"),
        _ if !fits => {
            return if rule.check == Check::Required {
                Finding::Pass
            } else {
                Finding::Unjudged
            };
        }
        _ => {}
    }
    let judged = Judged {
        batch,
        field,
        record,
        row,
        text: column.text(row),
    };
    judged.find(place, rule)
}

/// Whether a rule over two fields lacks what it compares with: that field is not stated.
fn lacks_partner(batch: &Batch<'_>, check: &Check, row: usize) -> bool {
    let (Check::IdSex { identifier } | Check::IdBirth { identifier }) = check else {
        return false;
    };
    let column = batch.decoded.columns.get(*identifier);
    column.is_none_or(|column| column.presence(row) == Presence::Absent)
}

/// A number that may be right after all once a list or a rule is mended is held, never rejected.
fn unsound(code: &'static str, rule: &Rule) -> Finding {
    let held = matches!(code, "ID_BIRTHDATE" | "ID_PROVINCE" | "PARTY_AMBIGUOUS");
    match (held, rule.action) {
        (true, Action::Reject) => Finding::fail_with(code, Action::Quarantine),
        _ => Finding::fail(code),
    }
}

impl Judged<'_> {
    fn facet(&self) -> Option<&Facet<'_>> {
        self.batch.facets.get(self.field)
    }

    fn date(&self) -> Option<&DateOutcome> {
        match self.facet()? {
            Facet::Date(dates) => dates.get(self.row)?.as_ref(),
            _ => None,
        }
    }

    fn find(&self, place: usize, rule: &Rule) -> Finding {
        match &rule.check {
            Check::Required => Finding::Pass,
            Check::Type => self.readable_as_type(rule),
            Check::Enum => self.known_code("ENUM"),
            Check::CodeSet => self.known_code("CODESET"),
            Check::Pattern(_) => self.pattern(place),
            Check::Length { at_least, at_most } => self.length(*at_least, *at_most),
            Check::Range { at_least, at_most } => {
                self.range(at_least.as_deref(), at_most.as_deref())
            }
            Check::NotFuture => self.not_future(),
            Check::Placeholder => self.placeholder(),
            Check::ResidentId => self.person_identifier(rule),
            Check::Uscc => self.organisation_identifier(),
            Check::Party => self.party(rule),
            Check::IdSex { identifier } => self.id_sex(*identifier),
            Check::IdBirth { identifier } => self.id_birth(*identifier),
            Check::Readable => self.readable(),
            Check::Passport
            | Check::HkmoPermit
            | Check::PhoneCn
            | Check::Plate
            | Check::AdminDivision { .. } => self.form(&rule.check),
            // Judged for whole columns, or over several fields.
            Check::Predicate(_)
            | Check::DateOrder { .. }
            | Check::GeoInCity { .. }
            | Check::RequiredIf { .. }
            | Check::OneOfFields(_)
            | Check::CardValidity { .. } => Finding::Unjudged,
            Check::WholeCharacters => {
                let is_cut = self.batch.decoded.cuts.contains(&(self.row, self.field));
                if is_cut {
                    Finding::fail("TRUNCATED_CHARACTER")
                } else {
                    Finding::Pass
                }
            }
            Check::Parse
            | Check::Key
            | Check::Order
            | Check::Subject
            | Check::Corrects
            | Check::Snapshot
            | Check::Platform => Finding::Unjudged,
        }
    }

    fn form(&self, check: &Check) -> Finding {
        let as_of = match check {
            Check::AdminDivision { as_of: Some(field) } => {
                let Some(Facet::Date(dates)) = self.batch.facets.get(*field) else {
                    return Finding::Unjudged;
                };
                // The day is that of the record, also where the code stands in an element.
                match dates.get(self.record) {
                    Some(Some(DateOutcome::Date(day))) => Some(*day),
                    _ => return Finding::Unjudged,
                }
            }
            _ => None,
        };
        forms::find(check, self.text, as_of).unwrap_or(Finding::Unjudged)
    }

    /// The JSON type is right; the text may still be no date, number or truth value.
    fn readable_as_type(&self, rule: &Rule) -> Finding {
        let code = match self.facet() {
            Some(Facet::Date(_)) => self.date().and_then(|date| self.no_date(date)),
            Some(Facet::Integer(numbers)) => {
                let unread = matches!(numbers.get(self.row), Some(Some(None)));
                unread.then_some("NUMBER_FORMAT")
            }
            _ => match self.logical_type() {
                Some(LogicalType::Number) if as_number(self.text).is_none() => {
                    Some("NUMBER_FORMAT")
                }
                Some(LogicalType::Boolean) if as_boolean(self.text).is_none() => {
                    return Finding::fail("TYPE");
                }
                _ => None,
            },
        };
        code.map_or(Finding::Pass, |code| {
            Finding::fail_with(code, self.softened(rule.action))
        })
    }

    /// Why a text of a date field gives no date. One filler is one finding: where a rule is made for fillers, it speaks.
    fn no_date(&self, outcome: &DateOutcome) -> Option<&'static str> {
        match outcome {
            DateOutcome::Date(_) => None,
            DateOutcome::Partial { .. } => (!self.holds_months()).then_some("DATE_FORMAT"),
            DateOutcome::Sentinel(_) => {
                (!self.has_placeholder_rule()).then_some(DateProblem::Sentinel.code())
            }
            DateOutcome::OpenEnded => {
                let is_end = self.batch.checker.ends.contains(&self.field);
                (!is_end).then_some(DateProblem::Sentinel.code())
            }
            DateOutcome::Problem(problem) => Some(problem.code()),
        }
    }

    fn logical_type(&self) -> Option<LogicalType> {
        let field = self.batch.contract.fields.get(self.field);
        field.map(|field| field.logical_type)
    }

    /// A text that is no date may become one when a form is added: it is held where it is the key, else marked.
    fn softened(&self, action: Action) -> Action {
        let is_key = self.batch.contract.record_key.contains(&self.field);
        action.min(if is_key {
            Action::Quarantine
        } else {
            Action::Flag
        })
    }

    fn holds_months(&self) -> bool {
        let mut own = self
            .batch
            .contract
            .mappings
            .iter()
            .filter(|mapping| mapping.field == self.field);
        own.any(|mapping| matches!(mapping.transform, Transform::Month | Transform::MonthStart))
    }

    fn known_code(&self, code: &'static str) -> Finding {
        match self.facet() {
            Some(Facet::Code(codes)) => match codes.get(self.row) {
                Some(Some(None)) => Finding::fail(code),
                _ => Finding::Pass,
            },
            // A code list on an identifier or date field is judged by its text.
            _ => {
                let field = self.batch.contract.fields.get(self.field);
                let codes = field.and_then(|field| field.codes.as_ref());
                let known = |text: &str| codes.is_none_or(|codes| codes.get(text).is_some());
                match code_spellings(self.text, known) {
                    true => Finding::Pass,
                    false => Finding::fail(code),
                }
            }
        }
    }

    fn pattern(&self, place: usize) -> Finding {
        let pattern = self
            .batch
            .checker
            .patterns
            .get(place)
            .and_then(|patterns| patterns.first());
        match pattern.is_none_or(|pattern| pattern.is_match(self.text.trim())) {
            true => Finding::Pass,
            false => Finding::fail("PATTERN"),
        }
    }

    fn length(&self, at_least: Option<u32>, at_most: Option<u32>) -> Finding {
        let letters = u32::try_from(self.text.trim().chars().count()).unwrap_or(u32::MAX);
        let short = at_least.is_some_and(|bound| letters < bound);
        let long = at_most.is_some_and(|bound| letters > bound);
        if short || long {
            Finding::fail("LENGTH")
        } else {
            Finding::Pass
        }
    }

    fn range(&self, at_least: Option<&str>, at_most: Option<&str>) -> Finding {
        let outside = match self.date() {
            Some(DateOutcome::Date(date)) => {
                let text = date.to_string();
                at_least.is_some_and(|bound| text.as_str() < bound)
                    || at_most.is_some_and(|bound| text.as_str() > bound)
            }
            Some(_) => return Finding::Unjudged,
            None => {
                let Some(number) = as_number(self.text) else {
                    return Finding::Unjudged;
                };
                let bound = |bound: Option<&str>| bound.and_then(|bound| bound.parse::<f64>().ok());
                bound(at_least).is_some_and(|least| number < least)
                    || bound(at_most).is_some_and(|most| number > most)
            }
        };
        if outside {
            Finding::fail("RANGE")
        } else {
            Finding::Pass
        }
    }

    /// Times are compared to the millisecond, days to the day of the city.
    fn not_future(&self) -> Finding {
        let Some(now_ms) = self
            .batch
            .prechecks
            .get(self.record)
            .map(|precheck| precheck.now_ms)
        else {
            return Finding::Unjudged;
        };
        let Some(reader) = self.batch.readers.get(self.field) else {
            return Finding::Unjudged;
        };
        let is_time = self.logical_type() == Some(LogicalType::Timestamp);
        let future = match (self.date(), is_time) {
            (Some(DateOutcome::Date(_)), true) => {
                date::epoch_milliseconds(self.text, &reader.forms, &Zone::shanghai())
                    .is_ok_and(|time| time > now_ms)
            }
            (Some(DateOutcome::Date(day)), false) => calendar::days_of(*day) > business_day(now_ms),
            // A month has come once its first day has.
            (Some(DateOutcome::Partial { year, month }), false) if self.holds_months() => {
                let first = jiff::civil::Date::new(*year, *month, 1);
                first.is_ok_and(|day| calendar::days_of(day) > business_day(now_ms))
            }
            _ => return Finding::Unjudged,
        };
        if future {
            Finding::fail("FUTURE")
        } else {
            Finding::Pass
        }
    }

    fn placeholder(&self) -> Finding {
        let filler = match self.date() {
            Some(outcome) => matches!(outcome, DateOutcome::Sentinel(_)),
            None => placeholder::is_placeholder(self.text),
        };
        if filler {
            Finding::fail("PLACEHOLDER")
        } else {
            Finding::Pass
        }
    }

    fn person_identifier(&self, rule: &Rule) -> Finding {
        let Some(Facet::Person(read)) = self.facet() else {
            return Finding::Unjudged;
        };
        match read.get(self.row) {
            Some(Some(Ok(_))) => Finding::Pass,
            Some(Some(Err(problem))) => unsound(problem.code(), rule),
            _ if self.lacks_document_type() => {
                Finding::fail_with("ID_TYPE", rule.action.min(Action::Flag))
            }
            _ => Finding::Unjudged,
        }
    }

    /// Whether a number is not read because the field with the type of its document is silent, or names a type whose
    /// numbers are not known. A code outside the list is the fault of that field; a full record that names nobody else
    /// is told so.
    fn lacks_document_type(&self) -> bool {
        let field = self.batch.contract.fields.get(self.field);
        let identifier = field.and_then(|field| field.identifier.as_ref());
        let Some(type_field) = identifier.and_then(IdentifierClass::type_field) else {
            return false;
        };
        let stated = match self.batch.facets.get(type_field) {
            Some(Facet::Code(codes)) => codes.get(self.row).copied().flatten(),
            _ => None,
        };
        let column = self.batch.decoded.columns.get(type_field);
        let untyped = match stated {
            Some(code) => code.is_some_and(|code| PersonIdClass::from_code(code).is_none()),
            None => column.is_none_or(|column| !column.presence(self.row).has_value()),
        };
        let precheck = self.batch.prechecks.get(self.record);
        let nameless = precheck.is_some_and(|known| known.subject == SubjectState::Missing);
        let told = nameless && self.batch.contract.mode.is_full();
        untyped && !told && !means_nothing(self.text)
    }

    fn party(&self, rule: &Rule) -> Finding {
        let Some(Facet::Party(read)) = self.facet() else {
            return Finding::Unjudged;
        };
        match read.get(self.row) {
            Some(Some(Ok(_))) => Finding::Pass,
            Some(Some(Err(code))) => unsound(code, rule),
            _ if self.lacks_document_type() => {
                Finding::fail_with("ID_TYPE", rule.action.min(Action::Flag))
            }
            _ => Finding::Unjudged,
        }
    }

    fn organisation_identifier(&self) -> Finding {
        let Some(Facet::Organisation(read)) = self.facet() else {
            return Finding::Unjudged;
        };
        match read.get(self.row) {
            Some(Some(Ok(OrganisationIdentifier::Uscc(uscc)))) if uscc.category_unknown => {
                Finding::fail_with("USCC_CATEGORY_UNKNOWN", Action::Observe)
            }
            Some(Some(Ok(_))) => Finding::Pass,
            Some(Some(Err(code))) => Finding::fail(code),
            _ => Finding::Unjudged,
        }
    }

    fn resident(
        &self,
        identifier: FieldIndex,
    ) -> Option<crate::normalize::resident_id::ResidentId> {
        let facet = self.batch.facets.get(identifier)?;
        facet.person(self.row)?.ok()?.resident
    }

    /// Only 男 and 女 can contradict the number (GB/T 2261.1 has two codes for unknown).
    fn id_sex(&self, identifier: FieldIndex) -> Finding {
        let Some(resident) = self.resident(identifier) else {
            return Finding::Unjudged;
        };
        let Some(Facet::Code(codes)) = self.facet() else {
            return Finding::Unjudged;
        };
        match codes.get(self.row).copied().flatten().flatten() {
            Some(code @ ("1" | "2")) if code != resident.sex_code() => {
                Finding::fail("ID_SEX_MISMATCH")
            }
            Some(_) => Finding::Pass,
            None => Finding::Unjudged,
        }
    }

    fn id_birth(&self, identifier: FieldIndex) -> Finding {
        let Some(resident) = self.resident(identifier) else {
            return Finding::Unjudged;
        };
        match self.date() {
            Some(DateOutcome::Date(day)) if *day != resident.birth_date => {
                Finding::fail("ID_BIRTH_MISMATCH")
            }
            Some(DateOutcome::Date(_)) => Finding::Pass,
            _ => Finding::Unjudged,
        }
    }

    /// One filler is one finding: that of the rule made for it.
    fn has_placeholder_rule(&self) -> bool {
        let mut rules = self.batch.contract.rules.iter();
        rules.any(|rule| {
            let own = rule.field == Some(self.field) && rule.check == Check::Placeholder;
            // A rule that only observes takes nothing from another.
            own && rule.action > Action::Observe
        })
    }

    fn readable(&self) -> Finding {
        match self.facet() {
            Some(Facet::Name(names)) => match names.get(self.row) {
                Some(Some(Err(NameProblem::Placeholder))) if self.has_placeholder_rule() => {
                    Finding::Pass
                }
                Some(Some(Err(problem))) => Finding::fail(NameProblem::code(*problem)),
                Some(Some(Ok(name))) => name.warnings().next().map_or(Finding::Pass, Finding::fail),
                _ => Finding::Pass,
            },
            _ => crate::observe::cells::unreadable(self.batch, self.field, (self.record, self.row))
                .map_or(Finding::Pass, Finding::fail),
        }
    }
}
