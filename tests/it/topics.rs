//! Source topics belong to the agencies: one that is missing is told of, made by nobody here, and read when it appears.

use yidang_tests::patience::wait_for;
use yidang_tests::records::{DEATH, HUKOU, SIYUAN, death, hukou};
use yidang_tests::station::{PATIENCE, Pace, Station, leads, positions};

/// Source topics that the broker has.
fn sources(station: &Station) -> Vec<String> {
    let topics = station.broker.topics().into_iter().map(|(topic, _)| topic);
    topics.filter(|topic| topic.starts_with("src.")).collect()
}

#[test]
fn a_missing_source_topic_is_told_of_never_created_and_read_when_it_appears() {
    // A broker that makes every topic that a client asks for by name.
    let station = Station::start_with(&[("auto.create.topics.enable", "true")]);
    let lake = station.lake("lake");
    let uri = lake.to_str().expect("a plain name");
    let brokers = station.broker.address();
    station.broker.create_topic(HUKOU, 1);
    station.send(&[hukou(SIYUAN, "陈思远", 1)]);
    let mut worker = station.worker(&lake, Pace::HASTY, &[]);
    worker.wait_for_line(PATIENCE, leads);
    let missing = worker.wait_for_line(PATIENCE, |line| {
        line.contains("source topic is missing") && line.contains(DEATH)
    });
    println!("{missing}");
    let lane = |topic: &str| positions(&lake).get(&format!("{topic}/0/0")).copied();
    let landed = |topic: &str| wait_for(PATIENCE, || (lane(topic) == Some(1)).then_some(()));
    assert!(landed(HUKOU).is_some(), "{}", worker.said());
    // Whoever else asks the broker about feeds makes none either.
    let reconcile = ["verify", "reconcile", "--lake", uri, "--brokers", &brokers];
    drop(station.verb(&reconcile).run(PATIENCE).expect_code(0));
    assert_eq!(sources(&station), [HUKOU]);

    station.broker.create_topic(DEATH, 1);
    station.send(&[death("D1", SIYUAN, 2)]);
    assert!(landed(DEATH).is_some(), "{}", worker.said());
    worker.terminate();
    drop(worker.finish(PATIENCE).expect_code(0));
    // One that ends when idle does not wait for topics that are not there.
    drop(station.drain(&lake, Pace::HASTY));
    assert_eq!(sources(&station), [HUKOU, DEATH]);
}
