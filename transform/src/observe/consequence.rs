//! What follows from failed rules: the outcome of a record, and which of its values are lost.

use yidang_schemas::contract::Contract;
use yidang_schemas::defect::{Defect, Outcome};
use yidang_schemas::field::Transform;
use yidang_schemas::rule::{Action, Check, Rule};

use crate::check::Judgement;

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

/// Whether a value that fails the rule is lost; elsewhere it is kept and its cell marked. A pattern over a name judges
/// its spelling, over anything else whether it is a value at all.
pub(super) fn loses_value(contract: &Contract, rule: &Rule) -> bool {
    match rule.check {
        Check::Pattern(_) => {
            let mut own = contract
                .mappings
                .iter()
                .filter(|mapping| Some(mapping.field) == rule.field);
            !own.any(|mapping| {
                matches!(
                    mapping.transform,
                    Transform::PersonName | Transform::OrganisationName
                )
            })
        }
        Check::Length { .. }
        | Check::Range { .. }
        | Check::IdSex { .. }
        | Check::IdBirth { .. }
        | Check::NotFuture => false,
        _ => true,
    }
}
