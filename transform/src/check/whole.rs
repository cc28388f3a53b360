//! Rules over whole records and over headers.

use yidang_schemas::rule::{Action, Check, Rule};

use super::{Finding, Precheck, SubjectState};

/// Five minutes: clocks of agencies may run ahead of the broker's by so much.
pub(super) const FUTURE_TOLERANCE_MS: i64 = 5 * 60_000;

/// The finding of a rule that judges no field; nothing for rules over fields.
pub(super) fn find(rule: &Rule, precheck: &Precheck) -> Option<Finding> {
    Some(match rule.check {
        Check::Parse | Check::Platform => Finding::Pass,
        Check::Key => precheck.key.map_or(Finding::Pass, |code| Finding::Fail(code, None)),
        Check::Order => precheck.order.map_or(Finding::Pass, |code| Finding::Fail(code, None)),
        Check::Corrects => precheck.corrects.map_or(Finding::Pass, |code| Finding::Fail(code, None)),
        Check::Subject if precheck.removal => Finding::Unjudged,
        Check::Subject => subject(rule, precheck.subject),
        Check::NotFuture if rule.field.is_none() => match precheck.header_time_ms {
            Some(time) if time > precheck.now_ms.saturating_add(FUTURE_TOLERANCE_MS) => {
                Finding::fail("FUTURE")
            }
            Some(_) => Finding::Pass,
            None => Finding::Unjudged,
        },
        _ => return None,
    })
}

/// A record without a subject is held even where the rule only observes: there is no file that it could stand in.
fn subject(_rule: &Rule, state: SubjectState) -> Finding {
    match state {
        SubjectState::Named => Finding::Pass,
        SubjectState::Ambiguous => Finding::fail_with("SUBJECT_AMBIGUOUS", Action::Observe),
        SubjectState::Missing => Finding::fail("SUBJECT_MISSING"),
        SubjectState::Defective => Finding::Unjudged,
    }
}
