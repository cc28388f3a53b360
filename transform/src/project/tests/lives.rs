//! Laws of a life over rows: what sources say together and no life does is shown, and nobody's word is changed.

use super::*;

fn paid(key: u8, kind: &'static str, month: &'static str) -> Record {
    let cells = [
        ("social_insurance.kind", Value::Text(kind)),
        ("social_insurance.last_month", Value::Text(month)),
    ];
    record("rs.insurance", key, 0, &cells)
}

fn died(key: u8) -> Record {
    let cells = [
        ("life_status", Value::Text("REPORTED_DEAD")),
        ("death_date", date("2026-05-20")),
    ];
    record("wj.death", key, 0, &cells)
}

fn married(key: u8, number: &'static str, event: &'static str, day: &str) -> Record {
    let cells = [
        ("marriage_events.cert_no", Value::Text(number)),
        ("marriage_events.kind", Value::Text(event)),
        ("marriage_events.date", date(day)),
    ];
    record("mz.marriage", key, 0, &cells)
}

fn broken(records: &[Record]) -> Vec<(String, Vec<String>)> {
    conflicts(&row(records))
}

fn entry(column: &str, agencies: &[&str]) -> (String, Vec<String>) {
    let agencies = agencies.iter().map(|agency| (*agency).to_owned());
    (column.to_owned(), agencies.collect())
}

#[test]
fn trap_8_a_payment_after_a_death_is_shown_and_raises_nobody() {
    let batch = row(&[died(1), paid(2, "PENSION", "2026-07")]);
    assert_eq!(
        text(&batch, "life_status").as_deref(),
        Some("REPORTED_DEAD")
    );
    assert_eq!(
        conflicts(&batch),
        [entry("social_insurance", &["rs", "wj"])]
    );
    // The month of the death is still paid.
    assert!(broken(&[died(1), paid(2, "PENSION", "2026-05")]).is_empty());
    assert!(broken(&[paid(2, "PENSION", "2026-07")]).is_empty());
    let two = [
        died(1),
        paid(2, "PENSION", "2026-07"),
        paid(3, "INJURY", "2027-01"),
    ];
    assert_eq!(
        broken(&two),
        [entry("social_insurance", &["rs", "wj"])],
        "one entry a column"
    );
}

#[test]
fn trap_8_the_cancellation_of_the_household_ends_in_the_same_state() {
    let cancelled = || {
        record(
            "ga.hukou",
            4,
            0,
            &[("life_status", Value::Text("CONFIRMED_DEAD"))],
        )
    };
    let batch = row(&[died(1), paid(2, "PENSION", "2026-07"), cancelled()]);
    assert_eq!(
        text(&batch, "life_status").as_deref(),
        Some("CONFIRMED_DEAD")
    );
    assert_eq!(
        conflicts(&batch),
        [entry("social_insurance", &["rs", "wj"])]
    );
}

#[test]
fn trap_9_two_weddings_without_a_divorce_between_are_shown() {
    let twice = [
        married(1, "J1", "MARRIAGE", "2020-05-20"),
        married(2, "J2", "MARRIAGE", "2024-05-20"),
    ];
    assert_eq!(broken(&twice), [entry("marriage_events", &["mz"])]);
    let between = married(3, "L1", "DIVORCE", "2022-01-10");
    let [first, second] = twice;
    assert!(broken(&[first, second, between]).is_empty());
    let divorced = [
        married(1, "L1", "DIVORCE", "2020-05-20"),
        married(2, "L2", "DIVORCE", "2024-05-20"),
    ];
    assert_eq!(broken(&divorced), [entry("marriage_events", &["mz"])]);
    // Divorced and wed on one day: the day does not tell in which order.
    let one_day = [
        married(1, "J1", "MARRIAGE", "2020-05-20"),
        married(2, "L1", "DIVORCE", "2024-05-20"),
        married(3, "J2", "MARRIAGE", "2024-05-20"),
    ];
    assert!(broken(&one_day).is_empty());
}

#[test]
fn nobody_weds_after_death() {
    let late = [died(1), married(2, "J1", "MARRIAGE", "2026-06-01")];
    assert_eq!(broken(&late), [entry("marriage_events", &["mz", "wj"])]);
}
