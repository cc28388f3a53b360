//! Rules over whole records and over headers.

use yidang_schemas::contract::Mode;
use yidang_schemas::defect::Code;
use yidang_schemas::rule::{Action, Check, Rule};

use super::{Finding, MISTYPED, Precheck, SubjectState};

/// The finding of a rule that judges no field; nothing for rules over fields. Removals are judged by key and order.
pub(super) fn find(rule: &Rule, precheck: &Precheck<'_>, mode: Mode) -> Option<Finding> {
    Some(match rule.check {
        Check::Parse | Check::Platform => Finding::Pass,
        // What is counted over a snapshot is no word about one record of it.
        Check::Snapshot => Finding::Unjudged,
        Check::Key => lacking(precheck.key),
        Check::Order => lacking(precheck.order),
        Check::Corrects => precheck
            .corrects
            .map_or(Finding::Pass, |code| Finding::Fail(code, None)),
        Check::Subject => subject(precheck, mode),
        Check::NotFuture if rule.field.is_none() => header_time(rule, precheck),
        _ => return None,
    })
}

fn lacking(problem: Option<Code>) -> Finding {
    match problem {
        None => Finding::Pass,
        Some(MISTYPED) => Finding::Unjudged,
        Some(code) => Finding::Fail(code, None),
    }
}

/// Judges the times of one header; others are not its fault.
fn header_time(rule: &Rule, precheck: &Precheck<'_>) -> Finding {
    let times = precheck.header_times.iter();
    let own = times.filter(|(name, _)| rule.header.as_deref() == Some(*name));
    match own.map(|(_, time)| *time).max() {
        Some(_) if precheck.removal => Finding::Unjudged,
        Some(time) if time > precheck.now_ms => Finding::fail("FUTURE"),
        Some(_) => Finding::Pass,
        None => Finding::Unjudged,
    }
}

/// Asked of full records with a key (without one the rule about the key speaks); a patch may be silent here.
fn subject(precheck: &Precheck<'_>, mode: Mode) -> Finding {
    if precheck.removal || precheck.key.is_some() {
        return Finding::Unjudged;
    }
    match (precheck.subject, mode) {
        (SubjectState::Named, _) => Finding::Pass,
        (SubjectState::Ambiguous, _) => Finding::fail_with("SUBJECT_AMBIGUOUS", Action::Observe),
        (SubjectState::Missing, mode) if mode.is_full() => Finding::fail("SUBJECT_MISSING"),
        (SubjectState::Missing | SubjectState::Defective, _) => Finding::Unjudged,
    }
}
