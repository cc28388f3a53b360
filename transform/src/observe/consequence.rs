//! What follows from failed rules: the outcome of a record, and which of its values are lost.

use yidang_schemas::defect::{Code, Defect, Outcome};
use yidang_schemas::rule::{Action, Check, Rule};

use crate::check::Judgement;

/// A glyph that only the sender's own font shows: the name is kept as it is.
const NAME_PUA: Code = Code("NAME_PUA");

/// The worst action decides, and what keeps a record out of the folds.
pub(super) fn outcome_of(judgement: &Judgement) -> Outcome {
    let worst = judgement.defects.iter().map(|defect| defect.action).max();
    Outcome::of(worst.max(judgement.least))
}

/// Rules whose failure counts.
pub(super) fn failed_rules(defects: &[Defect]) -> Vec<u16> {
    let failed = defects
        .iter()
        .filter(|defect| defect.action > Action::Observe);
    failed
        .filter_map(|defect| u16::try_from(defect.rule).ok())
        .collect()
}

/// Whether a value that fails the rule in this way is lost; elsewhere it is kept and its cell marked. What judges a value
/// that can be read never takes it away: what cannot be read has no canonical form, and is lost by itself.
pub(super) fn loses_value(rule: &Rule, code: Code) -> bool {
    let keeps = matches!(
        rule.check,
        Check::Predicate(_)
            | Check::DateOrder { .. }
            | Check::Passport
            | Check::HkmoPermit
            | Check::PhoneCn
            | Check::Plate
            | Check::AdminDivision { .. }
            | Check::GeoInCity { .. }
            | Check::RequiredIf { .. }
            | Check::OneOfFields(_)
            | Check::CardValidity { .. }
            | Check::Pattern(_)
            | Check::Length { .. }
            | Check::Range { .. }
            | Check::IdSex { .. }
            | Check::IdBirth { .. }
            | Check::NotFuture
            | Check::WholeCharacters
    );
    !keeps && code != NAME_PUA
}
