//! What the sources of a row say together and no life does: paid or wed after a death, wed twice without a divorce
//! between, deregistered and paying tax. Such a row says so among its conflicts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Candidate;

/// Column to the agencies whose word is against a law.
pub type Broken = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Looks at the candidates that won, which are what the row says.
pub fn broken(winners: &[&Candidate]) -> Broken {
    let mut broken = Broken::new();
    after_death(winners, &mut broken);
    wed_twice(winners, &mut broken);
    deregistered_and_taxed(winners, &mut broken);
    broken
}

fn of<'w>(winners: &'w [&Candidate], column: &'w str) -> impl Iterator<Item = &'w Candidate> {
    let winners = winners.iter().copied();
    winners.filter(move |candidate| candidate.column == column)
}

fn note(broken: &mut Broken, column: &'static str, against: [&Candidate; 2]) {
    let agencies = against.map(|candidate| candidate.feed.agency());
    broken.entry(column).or_default().extend(agencies);
}

fn after_death(winners: &[&Candidate], broken: &mut Broken) {
    let parts = [
        ("social_insurance", "last_month"),
        ("marriage_events", "date"),
    ];
    for death in of(winners, "death_date") {
        let day = death.value.as_str().unwrap_or_default();
        for (column, part) in parts {
            for element in of(winners, column) {
                let when = element
                    .value
                    .get(part)
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                // A month is compared with the month of the death: ISO texts sort as what they say.
                let same_length = day.get(..when.len()).unwrap_or(day);
                if when > same_length {
                    note(broken, column, [death, element]);
                }
            }
        }
    }
}

fn wed_twice(winners: &[&Candidate], broken: &mut Broken) {
    let text = |event: &Candidate, part: &str| {
        event
            .value
            .get(part)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let events = of(winners, "marriage_events");
    let mut events: Vec<(String, String, &Candidate)> = events
        .map(|event| (text(event, "date"), text(event, "kind"), event))
        .collect();
    // An event that nobody could read says nothing of what may follow.
    events.retain(|(date, kind, _)| !date.is_empty() && !kind.is_empty());
    events.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    for pair in events.windows(2) {
        let [(_, before, one), (_, after, other)] = pair else {
            continue;
        };
        if before == after {
            note(broken, "marriage_events", [one, other]);
        }
    }
}

fn deregistered_and_taxed(winners: &[&Candidate], broken: &mut Broken) {
    let gone = of(winners, "status")
        .find(|status| status.value == "DEREGISTERED" || status.value == "REVOKED_DEREG");
    let taxed = of(winners, "tax_status").find(|status| status.value == "NORMAL");
    if let (Some(gone), Some(taxed)) = (gone, taxed) {
        note(broken, "tax_status", [gone, taxed]);
    }
}
