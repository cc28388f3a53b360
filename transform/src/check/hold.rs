//! What keeps a record out of the folds, whatever its rules ask for: it has no key, no order, or names nobody.
//!
//! Rules may be softer than that, or may not be asked: those over fields are not for removals. So that no record is held
//! without a reason, the rule over the whole record says it where no other does.

use yidang_schemas::contract::{Contract, Order, OrderPart, Place};
use yidang_schemas::defect::{Code, Defect};
use yidang_schemas::field::FieldIndex;
use yidang_schemas::rule::{Action, Check};

use super::{Batch, Judgement, MISTYPED, Precheck, defect};

const KEY_FORMAT: Code = Code("KEY_FORMAT");
const ORDER_FORMAT: Code = Code("ORDER_FORMAT");
const SUBJECT_MISSING: Code = Code("SUBJECT_MISSING");

/// One reason to hold a record.
struct Hold {
    /// The rule over whole records that says it.
    check: Check,
    code: Code,
    action: Action,
}

pub(super) fn apply(batch: &Batch<'_>, row: usize, judgement: &mut Judgement) {
    let Some(precheck) = batch.prechecks.get(row) else {
        return;
    };
    for hold in holds(precheck) {
        judgement.least = judgement.least.max(Some(hold.action));
        let told = |defect: &Defect| says(batch.contract, &hold, defect);
        if !judgement.defects.iter().any(told) {
            say(batch.contract, &hold, row, judgement);
        }
    }
}

fn holds(precheck: &Precheck<'_>) -> impl Iterator<Item = Hold> {
    let key = precheck.key.map(|code| Hold {
        check: Check::Key,
        code: if code == MISTYPED { KEY_FORMAT } else { code },
        action: Action::Reject,
    });
    let order = precheck.order.map(|code| Hold {
        check: Check::Order,
        code: if code == MISTYPED { ORDER_FORMAT } else { code },
        action: Action::Quarantine,
    });
    // Without a key nobody asks whose record it is.
    let nameless = precheck.nameless && precheck.key.is_none();
    let subject = nameless.then_some(Hold {
        check: Check::Subject,
        code: SUBJECT_MISSING,
        action: Action::Quarantine,
    });
    [key, order, subject].into_iter().flatten()
}

/// Whether a defect tells of this hold: that of its own rule, or one over a field that it comes from, if that holds too.
fn says(contract: &Contract, hold: &Hold, defect: &Defect) -> bool {
    let rule = contract.rules.get(defect.rule);
    let own = rule.is_some_and(|rule| rule.check == hold.check);
    let over_field = defect
        .field
        .is_some_and(|field| comes_from(contract, &hold.check, field));
    own || (over_field && defect.action >= hold.action)
}

fn comes_from(contract: &Contract, check: &Check, field: FieldIndex) -> bool {
    let is_field = |part: &OrderPart| part.place == Place::Field(field);
    match check {
        Check::Key => contract.record_key.contains(&field),
        Check::Order => {
            let parts = match &contract.order {
                Order::Parts(parts) => parts.as_slice(),
                Order::Log => &[],
            };
            parts.iter().any(is_field) || is_field(&contract.business_time)
        }
        _ => {
            let subjects = contract.subjects.iter();
            let mut identifiers = subjects.flat_map(|subject| &subject.identifiers);
            identifiers.any(|identifier| {
                identifier.field == field || identifier.class.type_field() == Some(field)
            })
        }
    }
}

/// Adds the failure in its place among the others.
fn say(contract: &Contract, hold: &Hold, row: usize, judgement: &mut Judgement) {
    let mut rules = contract.rules.iter().enumerate();
    let Some((place, rule)) = rules.find(|(_, rule)| rule.check == hold.check) else {
        return;
    };
    let told = defect(place, rule, (hold.code, Some(hold.action)), row);
    let before = judgement.defects.partition_point(|one| one.rule <= place);
    judgement.defects.insert(before, told);
    judgement.unjudged.retain(|one| usize::from(*one) != place);
}
