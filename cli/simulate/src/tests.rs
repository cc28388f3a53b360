use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::calendar;
use crate::defect::{Defect, Outcome, effect};
use crate::feed::Feed;
use crate::sheet::seeds;
use crate::{City, CitySettings, IssueState, Message};

const END_MS: i64 = 1_790_000_000_000;

/// Every story that a city tells, sorted.
const STORIES: [&str; 54] = [
    "abnormal_for_the_tax_office",
    "account_changes_subject",
    "account_under_another_persons_id",
    "beyond_the_horizon",
    "card_of_two_numbers",
    "certificate_issued_again",
    "conflicting_value",
    "corrected_by_header",
    "corrected_under_the_same_key",
    "corrects_issue_of_another_feed",
    "corrects_issue_with_a_sound_key",
    "corrects_unknown_issue",
    "credit_code_empty_on_an_old_row",
    "death_confirmed",
    "death_re_sent_with_the_right_id",
    "death_reported",
    "death_with_a_relatives_id",
    "fails_after_its_correction",
    "fails_again",
    "insurance_changes_subject",
    "insurance_under_another_persons_id",
    "late",
    "leaves_the_failed_field_out",
    "licence_revoked",
    "list_closed",
    "list_that_nobody_believes",
    "married_to_two",
    "next_best_after_withdrawal",
    "number_of_an_ex_employer",
    "older_after_newer",
    "older_after_withdrawal",
    "older_good_after_bad",
    "only_record_withdrawn",
    "open_ended_stay",
    "patch_with_identifier_at_last",
    "patch_without_identifier_first",
    "patch_without_identifier_second",
    "penalty_removed_before_its_file",
    "penalty_removed_by_document_number",
    "reading_corrected",
    "register_changes_subject",
    "removal",
    "removal_before_its_record",
    "removal_of_the_bad_key",
    "sent_again_after_removal",
    "several_psn_no",
    "stale_marriage",
    "stay_ended",
    "stay_that_will_end",
    "stay_told_twice",
    "tax_number_of_fifteen_characters",
    "told_twice",
    "tombstone_in_envelope",
    "withdrawn_after_a_defect",
];

/// Seeds, with the SHA-256 of all lines of the registers in a city of 3,000 records.
const REGISTERS_ALONE: [(u64, &str); 2] = [
    (
        5,
        "9486b38f1ae25cd74355b8751fa399de76a028d061d4e2264195bca536306195",
    ),
    (
        6,
        "5e434c5654b7eb6510d854a742646a6fad6ca7602b6177bf806de8798a84de39",
    ),
];
/// What a feed is known for and no defect of one record shows, with the story that shows it.
const KNOWN_FOR: [(Feed, &str); 4] = [
    (Feed::Residence, "stay_told_twice"),
    (Feed::Death, "late"),
    (Feed::Register, "licence_revoked"),
    (Feed::Taxpayer, "abnormal_for_the_tax_office"),
];

fn city(seed: u64, records: u64) -> City {
    City::new(CitySettings {
        id_key: Some([7; 32]),
        ..CitySettings::new(seed, records, END_MS)
    })
}

fn lines(city: &City) -> Vec<String> {
    city.messages()
        .map(|message| serde_json::to_string(&message).unwrap())
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (city(5, 3_000), city(5, 3_000));
    assert_eq!(lines(&one), lines(&two));
    let truth = |city: &City| serde_json::to_string(&city.truth()).unwrap();
    assert_eq!(truth(&one), truth(&two));
    assert_ne!(lines(&one), lines(&city(6, 3_000)));
}

#[test]
fn the_city_has_the_records_that_were_asked_for() {
    for records in [3_000, 3_500, 20_000] {
        let truth = city(3, records).truth();
        let registers = Feed::REGISTERS.map(Feed::contract);
        let (registers, others): (Vec<_>, Vec<_>) = truth
            .records
            .iter()
            .partition(|record| registers.contains(&record.feed));
        assert_eq!(registers.len() as u64, records);
        assert!(others.len() as u64 > records * 3 / 10, "{}", others.len());
    }
}

/// Digests of what the registers sent when the city had no other feeds.
#[test]
fn what_the_registers_send_does_not_depend_on_the_other_feeds() {
    for (seed, digest) in REGISTERS_ALONE {
        let city = City::new(CitySettings::new(seed, 3_000, END_MS));
        let registers = Feed::REGISTERS.map(Feed::topic);
        let mut hash = Sha256::new();
        for message in city.messages() {
            if registers.contains(&message.topic) {
                hash.update(serde_json::to_string(&message).unwrap());
                hash.update("\n");
            }
        }
        let found: String = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(found, digest, "seed {seed}");
    }
}

#[test]
fn every_defect_of_every_feed_occurs_three_times_in_the_smallest_city() {
    for seed in 0..12 {
        shows_everything(seed);
    }
}

fn shows_everything(seed: u64) {
    let truth = city(seed, 3_000).truth();
    let mut seen: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for record in &truth.records {
        if let Some(defect) = &record.defect {
            *seen.entry((defect.clone(), record.feed)).or_default() += 1;
        }
    }
    for feed in Feed::ALL {
        for seeded in seeds::of(feed) {
            let count = seen.get(&(seeded.kind.to_owned(), feed.contract()));
            // The lists of assistance are long, and each shows half of the kinds.
            let least = if feed == Feed::Assist { 2 } else { 3 };
            let count = count.copied().unwrap_or(0);
            assert!(
                count >= least,
                "{} {}: {count}",
                feed.contract(),
                seeded.kind
            );
        }
    }
    for defect in Defect::ALL
        .into_iter()
        .filter(|defect| *defect != Defect::Oversized)
    {
        for feed in Feed::ALL
            .into_iter()
            .filter(|feed| effect(*feed, defect).is_some())
        {
            let count = seen
                .get(&(defect.name(), feed.contract()))
                .copied()
                .unwrap_or(0);
            assert!(
                count >= 3,
                "{} in {}: {count}",
                defect.name(),
                feed.contract()
            );
        }
    }
    let told: Vec<&str> = truth.counts.stories.keys().copied().collect();
    assert_eq!(told, STORIES, "seed {seed}");
    for (story, count) in &truth.counts.stories {
        assert!(*count >= 3, "seed {seed}: {story}: {count}");
    }
    for (feed, story) in KNOWN_FOR {
        let shows = |record: &&crate::RecordTruth| {
            record.feed == feed.contract() && record.story == Some(story)
        };
        let count = truth.records.iter().filter(shows).count();
        assert!(
            count >= 3,
            "seed {seed}: {story} in {}: {count}",
            feed.contract()
        );
    }
    let twice = |record: &&crate::RecordTruth| record.repeat && record.feed == "ga.residence";
    assert!(truth.records.iter().filter(twice).count() >= 3);
    assert!(truth.counts.repeats >= 3);
}

#[test]
fn every_way_of_closing_an_issue_occurs() {
    let truth = city(1, 3_000).truth();
    let mut states: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for issue in &truth.issues {
        *states
            .entry((issue.feed, format!("{:?}", issue.state)))
            .or_default() += 1;
    }
    for feed in Feed::ALL {
        for state in [
            IssueState::Open,
            IssueState::Corrected,
            IssueState::Withdrawn,
        ] {
            let count = states
                .get(&(feed.contract(), format!("{state:?}")))
                .copied()
                .unwrap_or(0);
            assert!(count >= 1, "{} {state:?}: {states:?}", feed.contract());
        }
    }
}

#[test]
fn counts_add_up() {
    let city = city(2, 4_000);
    let truth = city.truth();
    let outcomes: u64 = truth
        .counts
        .outcomes
        .values()
        .flat_map(BTreeMap::values)
        .sum();
    assert_eq!(outcomes, truth.records.len() as u64);
    assert_eq!(outcomes, truth.counts.records);
    assert_eq!(city.message_count(), city.messages().count() as u64);
    assert_eq!(city.message_count(), truth.counts.messages);
    for feed in Feed::ALL {
        let held = &truth.counts.outcomes[feed.contract()];
        for outcome in [Outcome::Accepted, Outcome::Rejected] {
            assert!(held[outcome.name()] > 0, "{} {held:?}", feed.contract());
        }
    }
    let flagged: usize = truth
        .records
        .iter()
        .filter(|record| record.outcome == "flagged")
        .count();
    assert!(
        truth
            .records
            .iter()
            .filter(|record| !record.failed.is_empty())
            .count()
            > flagged
    );
}

#[test]
fn offsets_count_messages_of_a_partition_and_are_those_of_the_truth() {
    let city = city(2, 3_000);
    let mut next: BTreeMap<(String, i32), i64> = BTreeMap::new();
    let mut offsets = Vec::new();
    for message in city.messages() {
        let end = next
            .entry((message.topic.clone(), message.partition))
            .or_default();
        offsets.push((message.topic, message.partition, *end));
        *end += 1;
    }
    let truth = city.truth();
    let mut told: Vec<_> = truth
        .records
        .iter()
        .map(|record| {
            (
                record.at.topic.clone(),
                record.at.partition,
                record.at.offset,
            )
        })
        .collect();
    told.dedup();
    assert_eq!(offsets, told);
    assert!(
        next.len() == 66,
        "four partitions of sixteen topics and one of two: {}",
        next.len()
    );
}

#[test]
fn messages_survive_their_line() {
    for message in city(4, 3_000).messages() {
        let line = serde_json::to_string(&message).unwrap();
        let back: Message = serde_json::from_str(&line).unwrap();
        assert!(
            back == Message {
                corrects: None,
                ..message
            }
        );
    }
}

#[test]
fn timestamps_lie_in_the_period_and_mostly_ascend() {
    let city = city(4, 5_000);
    let stamps: Vec<i64> = city
        .messages()
        .map(|message| message.timestamp_ms)
        .collect();
    assert!(
        stamps
            .iter()
            .all(|stamp| *stamp < END_MS && *stamp > END_MS - 430 * calendar::DAY_MS)
    );
    let backwards = stamps.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(
        backwards > 20 && backwards * 5 < stamps.len(),
        "{backwards} of {}",
        stamps.len()
    );
}

#[test]
fn unpinned_headers_name_issues_that_the_truth_knows() {
    let city = city(1, 3_000);
    let truth = city.truth();
    let known: Vec<&str> = truth
        .issues
        .iter()
        .filter_map(|issue| issue.issue_id.as_deref())
        .collect();
    let mut named = 0;
    for message in city.messages() {
        for (name, value) in &message.headers {
            if name == "corrects" {
                let id = std::str::from_utf8(value.as_ref().unwrap()).unwrap();
                named += u64::from(known.contains(&id));
                assert_eq!(id.len(), 30);
            }
        }
    }
    assert!(named > 50, "{named}");
}

#[test]
fn without_a_key_and_a_sender_headers_close_nothing() {
    let count = |settings: CitySettings| {
        let truth = City::new(settings).truth();
        truth
            .issues
            .iter()
            .filter(|issue| issue.state == IssueState::Corrected)
            .count()
    };
    let plain = CitySettings::new(1, 3_000, END_MS);
    let resolved = CitySettings {
        sender_resolves: true,
        ..plain
    };
    assert!(count(plain) + 50 < count(resolved));
    let city = City::new(resolved);
    let mut references = city.messages().filter_map(|mut message| {
        message.resolve(&mut |_| Some("dqi_answer".to_owned()));
        message
            .headers
            .into_iter()
            .find(|(name, _)| name == "corrects")
    });
    assert!(references.any(|(_, value)| value.as_deref() == Some(b"dqi_answer".as_slice())));
}

#[test]
fn a_bound_on_partitions_makes_a_smaller_city() {
    let bound = 400_000;
    let small = City::new(CitySettings {
        max_partition_bytes: Some(bound),
        ..CitySettings::new(1, 30_000, END_MS)
    });
    assert!(small.largest_partition_bytes() <= bound);
    assert!(
        small.record_count() > 3_000 && small.record_count() < 30_000,
        "{}",
        small.record_count()
    );
}

#[test]
fn subjects_have_one_row_and_tokens() {
    let truth = city(1, 3_000).truth();
    for list in [&truth.persons, &truth.enterprises] {
        let mut tokens: Vec<_> = list
            .iter()
            .map(|subject| subject.token.clone().unwrap())
            .collect();
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), list.len());
    }
    let classes: std::collections::BTreeSet<&str> =
        truth.persons.iter().map(|person| person.class).collect();
    for class in [
        "RIC", "BIRTH", "FPR", "HMRP", "HMTP", "PPT_F", "TWRP", "TWTP",
    ] {
        assert!(classes.contains(class), "{class}");
    }
    assert!(
        truth
            .persons
            .iter()
            .all(|person| person.class != "RIC" || person.number.len() == 18)
    );
    assert!(
        truth
            .enterprises
            .iter()
            .any(|enterprise| enterprise.class == "REG")
    );
}

#[test]
fn some_taxpayers_are_named_by_their_tax_number_alone() {
    let city = city(1, 3_000);
    let mut fillers: BTreeMap<String, u64> = BTreeMap::new();
    for message in city
        .messages()
        .filter(|message| message.topic.contains("taxpayer"))
    {
        let Some(value) = message.value.as_deref() else {
            continue;
        };
        let Ok(fields) = serde_json::from_slice::<serde_json::Value>(value) else {
            continue;
        };
        let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        if text("nsrsbh").len() == 18 && text("shxydm").chars().count() < 2 {
            *fillers.entry(text("shxydm")).or_default() += 1;
        }
    }
    let total: u64 = fillers.values().sum();
    assert!(fillers.len() == 5 && total >= 10, "{fillers:?}");
}

#[test]
fn messages_above_the_bound_come_only_when_asked_for() {
    let large = |settings: CitySettings| {
        City::new(settings)
            .messages()
            .filter(|message| message.size_bytes() > 1 << 20)
            .count()
    };
    let usual = CitySettings::new(1, 3_000, END_MS);
    assert_eq!(large(usual), 0);
    assert!(
        large(CitySettings {
            oversized: true,
            ..usual
        }) >= 3
    );
}

/// Whether the messages of a topic have one row each.
fn of_one_row(topic: &str) -> bool {
    let many = ["penalty", "assist", "account", "utility"];
    !many.iter().any(|name| topic.contains(name))
}

#[test]
fn dates_of_a_clean_record_lie_before_its_message() {
    let city = city(8, 6_000);
    let truth = city.truth();
    let clean: Vec<bool> = truth
        .records
        .iter()
        .map(|record| record.outcome == "accepted")
        .collect();
    let mut at = 0;
    for message in city.messages().filter(|message| of_one_row(&message.topic)) {
        while !of_one_row(&truth.records[at].at.topic) {
            at += 1;
        }
        let header = message
            .headers
            .iter()
            .find(|(name, _)| name == "business-time");
        let time = header.and_then(|(_, value)| {
            std::str::from_utf8(value.as_deref()?)
                .ok()?
                .parse::<i64>()
                .ok()
        });
        assert!(
            // What a message of the future says of itself is a defect of the record too.
            !clean[at] || time.is_none_or(|time| time <= message.timestamp_ms),
            "{:?}",
            truth.records[at].at
        );
        at += 1;
    }
}

#[test]
fn files_hold_a_line_for_each_message_and_each_known_thing() {
    let folder = tempfile::tempdir().unwrap();
    let city = city(1, 3_000);
    city.write_files(folder.path()).unwrap();
    let count = |name: &str| {
        std::fs::read_to_string(folder.path().join(name))
            .unwrap()
            .lines()
            .count()
    };
    let truth = city.truth();
    let known =
        truth.records.len() + truth.persons.len() + truth.enterprises.len() + truth.issues.len();
    assert_eq!(count("messages.jsonl") as u64, city.message_count());
    assert_eq!(count("truth.jsonl"), known + 1);
}
