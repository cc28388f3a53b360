//! Rules that follow from what a contract declares.
//!
//! The action given here is the hardest of the rule; a check with several codes may soften it for some of them.

use super::{Roles, bounds};
use crate::catalog::contracts::fields::Read;
use crate::catalog::page::Page;
use crate::catalog::yaml::Node;
use crate::contract::{Contract, Format, Order, Place, Reading};
use crate::dossier::Dossier;
use crate::field::{Field, FieldIndex, IdentifierClass, LogicalType, Transform};
use crate::rule::{Action, Check, Dimension, Rule, Severity};

/// A rule over whole records.
fn of_record(check: Check, action: Action, severity: Severity, dimension: Dimension) -> Rule {
    let id = format!("auto:{}", check.name());
    Rule {
        id,
        field: None,
        header: None,
        indicator: check.indicator(),
        check,
        action,
        severity,
        dimension,
        told: Vec::new(),
        fingerprint: String::new(),
    }
}

/// The rules every contract has over whole records, then those over times that stand outside the fields.
pub(super) fn record_rules(contract: &Contract, observe_missing: bool) -> Vec<Rule> {
    use Action::{Observe, Quarantine, Reject};
    use Severity::{Critical, Info};
    let mut rules = vec![
        of_record(Check::Parse, Reject, Critical, Dimension::Conformity),
        of_record(Check::Key, Reject, Critical, Dimension::Completeness),
    ];
    if can_lack_order(contract) {
        rules.push(of_record(
            Check::Order,
            Quarantine,
            Critical,
            Dimension::Timeliness,
        ));
    }
    // A patch may leave the identifier out: its targets come from the live cells of its record.
    if !contract.subjects.is_empty() && contract.mode.is_full() {
        let action = if observe_missing { Observe } else { Quarantine };
        rules.push(of_record(
            Check::Subject,
            action,
            Critical,
            Dimension::Completeness,
        ));
    }
    rules.push(of_record(
        Check::Corrects,
        Observe,
        Info,
        Dimension::Consistency,
    ));
    rules.push(of_record(
        Check::Platform,
        Quarantine,
        Critical,
        Dimension::Accuracy,
    ));
    if contract.snapshot.is_some() {
        rules.push(of_record(
            Check::Snapshot,
            Action::Flag,
            Severity::Major,
            Dimension::Coverage,
        ));
    }
    for part in contract.order_parts() {
        let (Place::Header(name) | Place::Envelope(name)) = &part.place else {
            continue;
        };
        let known = rules.iter().any(|rule| rule.header.as_ref() == Some(name));
        if part.reading != Reading::Integer && !known {
            rules.push(of_header(name));
        }
    }
    rules
}

/// Whether something else than a place in the log, or a field with a rule of its own, has to be read to order a record.
fn can_lack_order(contract: &Contract) -> bool {
    let is_field = matches!(contract.business_time.place, Place::Field(_));
    contract.order != Order::Log || contract.business_time_required || !is_field
}

fn of_header(name: &str) -> Rule {
    Rule {
        id: format!("auto:{name}:not_future"),
        header: Some(name.to_owned()),
        ..of_record(
            Check::NotFuture,
            Action::Quarantine,
            Severity::Critical,
            Dimension::Timeliness,
        )
    }
}

/// The rules of one field, in the order in which findings list them.
pub(super) fn field_rules(
    page: &mut Page<'_>,
    index: FieldIndex,
    read: &Read<'_>,
    contract: &Contract,
    roles: &Roles,
    dossiers: &[Dossier],
) -> Vec<Rule> {
    let mut rules = Vec::new();
    let scope = FieldScope {
        index,
        field: &read.field,
        critical: read.critical,
        contract,
        roles,
    };
    scope.declared(&mut rules);
    if let Some(options) = read.node.get("logicalTypeOptions") {
        scope.options(page, options, &mut rules);
    }
    scope.times(&mut rules);
    scope.identifier(&mut rules);
    scope.agreement(dossiers, &mut rules);
    scope.readable(&mut rules);
    scope.whole_characters(&mut rules);
    rules
}

struct FieldScope<'f> {
    index: FieldIndex,
    field: &'f Field,
    /// A critical data element.
    critical: bool,
    contract: &'f Contract,
    roles: &'f Roles,
}

impl FieldScope<'_> {
    /// A rule with the severity of its field.
    fn rule(&self, check: Check, action: Action, dimension: Dimension) -> Rule {
        let id = format!("auto:{}:{}", self.field.name, check.name());
        let field = Some(self.index);
        Rule {
            id,
            field,
            header: None,
            indicator: check.indicator(),
            check,
            action,
            severity: self.severity(),
            dimension,
            told: Vec::new(),
            fingerprint: String::new(),
        }
    }

    /// How bad it is that a value of the field is wrong. Without its key a record has no place, and without the
    /// identifier of its subject no file: both are the key here.
    fn severity(&self) -> Severity {
        if self.is_key() || self.names_subject() {
            Severity::Critical
        } else if self.critical {
            Severity::Major
        } else {
            Severity::Minor
        }
    }

    /// What becomes of a record whose value may become usable: held where the field is the key, marked elsewhere.
    fn action(&self) -> Action {
        match self.severity() {
            Severity::Critical => Action::Quarantine,
            Severity::Major | Severity::Minor | Severity::Info => Action::Flag,
        }
    }

    fn is_key(&self) -> bool {
        self.roles.key.contains(&self.index)
    }

    /// Whether the field holds an identifier of a subject, or the type of that document.
    fn names_subject(&self) -> bool {
        let named = [&self.roles.identifiers, &self.roles.types];
        named.iter().any(|fields| fields.contains(&self.index))
    }

    fn declared(&self, rules: &mut Vec<Rule>) {
        use Dimension::{Completeness, Conformity};
        if self.field.required {
            rules.push(self.rule(Check::Required, self.action(), Completeness));
        }
        let action = self.roles.action_of_type(self.index, self.contract);
        if let Some(action) = action.filter(|_| self.has_a_type()) {
            // A text that is no date or number is softer than a value of another JSON type.
            rules.push(self.rule(Check::Type, action, Conformity));
        }
        if let Some(codes) = &self.field.codes {
            let check = if codes.name.is_empty() {
                Check::Enum
            } else {
                Check::CodeSet
            };
            rules.push(self.rule(check, self.action(), Conformity));
        }
    }

    /// Whether a value can be of another type: whatever stands in a cell of CSV or of fixed width is a text. Elements of
    /// XML may hold others.
    fn has_a_type(&self) -> bool {
        match self.field.logical_type {
            LogicalType::Object => false,
            LogicalType::String => {
                self.contract.is_written_in(Format::Json)
                    || self.contract.is_written_in(Format::Xml)
            }
            _ => true,
        }
    }

    /// Where fields have a width in bytes, programs cut texts in the middle of a character. What is left of the text is
    /// kept, so only keys suffer.
    fn whole_characters(&self, rules: &mut Vec<Rule>) {
        let is_text = self.field.logical_type == LogicalType::String;
        if is_text && self.contract.is_written_in(Format::FixedWidth) {
            rules.push(self.rule(
                Check::WholeCharacters,
                self.action(),
                Dimension::Completeness,
            ));
        }
    }

    fn options(&self, page: &mut Page<'_>, options: &Node, rules: &mut Vec<Rule>) {
        bounds::refuse_unevaluated(page, options);
        let checks = [
            (bounds::pattern(page, options), Dimension::Conformity),
            (bounds::length(page, options), Dimension::Conformity),
            (
                bounds::range(page, options, self.field.logical_type),
                Dimension::Accuracy,
            ),
        ];
        for (check, dimension) in checks {
            let rule = check.map(|check| self.rule(check, self.action(), dimension));
            rules.extend(rule);
        }
    }

    fn times(&self, rules: &mut Vec<Rule>) {
        let is_time = self
            .contract
            .order_parts()
            .any(|part| part.place == Place::Field(self.index) && part.reading != Reading::Integer);
        // A period to come would end all records before it.
        let is_period =
            (self.contract.horizon.as_ref()).is_some_and(|horizon| horizon.field == self.index);
        if is_time || is_period {
            // As bad as no order at all, whatever the field is beside.
            rules.push(Rule {
                severity: Severity::Critical,
                ..self.rule(Check::NotFuture, Action::Quarantine, Dimension::Timeliness)
            });
        }
    }

    fn identifier(&self, rules: &mut Vec<Rule>) {
        let check = match self.field.identifier {
            None | Some(IdentifierClass::Number { .. } | IdentifierClass::Weak { .. }) => return,
            Some(
                IdentifierClass::ResidentId
                | IdentifierClass::PersonDocument { .. }
                | IdentifierClass::BirthCertificate,
            ) => Check::ResidentId,
            Some(IdentifierClass::Party { .. }) => Check::Party,
            Some(
                IdentifierClass::Uscc
                | IdentifierClass::OrganisationCode
                | IdentifierClass::RegistrationNumber
                | IdentifierClass::TaxNumber,
            ) => Check::Uscc,
        };
        let action = if self.names_subject() {
            Action::Reject
        } else {
            Action::Flag
        };
        rules.push(self.rule(check, action, Dimension::Accuracy));
    }

    /// What the person's identifier says of sex and birth has to agree with what the field says.
    fn agreement(&self, dossiers: &[Dossier], rules: &mut Vec<Rule>) {
        let own = self
            .contract
            .mappings
            .iter()
            .filter(|mapping| mapping.field == self.index);
        for mapping in own {
            let kind = mapping.target.kind;
            let leaf = Some(mapping.target.leaf);
            let Some(dossier) = dossiers.get(usize::from(kind)) else {
                continue;
            };
            let Some(identifier) = self.person_identifier(kind) else {
                continue;
            };
            let check = if dossier.identifier_sex == leaf {
                Check::IdSex { identifier }
            } else if dossier.identifier_birth == leaf {
                Check::IdBirth { identifier }
            } else {
                continue;
            };
            rules.push(self.rule(check, Action::Flag, Dimension::Consistency));
        }
    }

    fn person_identifier(&self, kind: u8) -> Option<FieldIndex> {
        let subject = self
            .contract
            .subjects
            .iter()
            .find(|subject| subject.kind == kind)?;
        let mut identifiers = subject.identifiers.iter();
        // The number of a birth certificate says neither.
        let found = identifiers.find(|identifier| {
            let is_birth = identifier.class == IdentifierClass::BirthCertificate;
            identifier.class.names_persons() && !is_birth
        })?;
        // What one element says of a person is no word about another.
        let holder = self.contract.fields.get(found.field)?;
        (holder.in_element == self.field.in_element).then_some(found.field)
    }

    /// Whether a pattern fits or not, a transform may refuse the text: then the value is lost, and that is told.
    fn readable(&self, rules: &mut Vec<Rule>) {
        let mut own = self
            .contract
            .mappings
            .iter()
            .filter(|mapping| mapping.field == self.index);
        let refuses = own.any(|mapping| match mapping.transform {
            Transform::PersonName
            | Transform::OrganisationName
            | Transform::Money { .. }
            | Transform::Thousandths
            | Transform::Share
            | Transform::Currency
            | Transform::Division
            | Transform::Phone { .. }
            | Transform::Plate
            | Transform::IndustryClass
            | Transform::IndustrySection => true,
            // The type of a whole number is a rule already.
            Transform::Integer => self.field.logical_type != LogicalType::Integer,
            _ => false,
        });
        if refuses {
            rules.push(self.rule(Check::Readable, self.action(), Dimension::Conformity));
        }
    }
}
