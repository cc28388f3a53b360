//! `verify reconcile`: conservation (law 2) from the tables, and against what the broker still holds.

mod broker;
mod check;
mod facts;
mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use yidang_ingest::kafka::BrokerSettings;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;
use yidang_sink::Lake;

use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_without_key};
use crate::output;
use facts::{Coordinates, Difference, Facts};

/// Differences that are shown in words; JSON shows all.
const SHOWN: usize = 200;
/// A running worker puts the derived rows of its last epoch within this time.
const LAST_EPOCH: Duration = Duration::from_secs(3);

pub async fn run(
    arguments: &LakeArguments,
    broker: Option<&BrokerSettings>,
    json: bool,
) -> Result<Exit, Failure> {
    let (lake, catalog) = open_without_key(arguments).await?;
    let (mut facts, mut differences) = settled(&lake, &catalog).await?;
    if let Some(settings) = broker {
        differences.extend(broker::compare(&lake, &catalog, settings, &mut facts).await?);
        differences.sort();
    }
    let feeds = sums(&catalog, &facts, &differences);
    if json {
        show_json(&facts, &differences, &feeds);
    } else {
        show(&facts, &differences, &feeds);
    }
    if differences.is_empty() {
        return Ok(Exit::Good);
    }
    if let Some(hint) = last_epoch_hint(&facts, &differences) {
        output::note(&hint);
    }
    Ok(Exit::Findings)
}

/// Facts and differences; where only the last epoch differs, once more after a worker had the time to finish it.
async fn settled(lake: &Lake, catalog: &Catalog) -> Result<(Facts, Vec<Difference>), Failure> {
    let facts = read::read(lake, catalog).await?;
    let differences = check::check(&facts);
    if !only_last_epoch(&facts, &differences) {
        return Ok((facts, differences));
    }
    tokio::time::sleep(LAST_EPOCH).await;
    let facts = read::read(lake, catalog).await?;
    let differences = check::check(&facts);
    Ok((facts, differences))
}

fn only_last_epoch(facts: &Facts, differences: &[Difference]) -> bool {
    !differences.is_empty()
        && differences
            .iter()
            .all(|difference| difference.epoch == Some(facts.epoch))
}

fn last_epoch_hint(facts: &Facts, differences: &[Difference]) -> Option<String> {
    only_last_epoch(facts, differences).then(|| {
        format!(
            "only the last epoch, {}, differs: if a worker was stopped in it, the next that starts puts what is missing\n  \
             next: yidang run --brokers HOST:PORT --lake URI",
            facts.epoch
        )
    })
}

/// What one feed sums up to.
#[derive(Debug, Default)]
struct FeedSum {
    feed: String,
    messages: u64,
    outcomes: [i64; 5],
    observations: u64,
    findings: u64,
    differences: u64,
}

fn sums(catalog: &Catalog, facts: &Facts, differences: &[Difference]) -> Vec<FeedSum> {
    let mut by_topic: BTreeMap<&str, FeedSum> = BTreeMap::new();
    for feed in &catalog.feeds {
        by_topic.insert(
            &feed.topic,
            FeedSum {
                feed: feed.id.clone(),
                ..FeedSum::default()
            },
        );
    }
    let mut of = |lane: u32, add: &dyn Fn(&mut FeedSum)| {
        let topic = facts.lanes.name(lane).topic.as_str();
        let unknown = || FeedSum {
            feed: topic.to_owned(),
            ..FeedSum::default()
        };
        add(by_topic.entry(topic).or_insert_with(unknown));
    };
    for row in &facts.landed {
        of(row.lane, &|sum| {
            sum.messages += 1;
            for (total, count) in sum.outcomes.iter_mut().zip(row.outcomes) {
                *total += i64::from(count);
            }
        });
    }
    for table in &facts.derived {
        let is_observation = table.name.starts_with("observation_");
        for row in &table.rows {
            of(row.lane, &|sum| {
                sum.observations += u64::from(is_observation);
                sum.findings += u64::from(!table.by_record);
            });
        }
    }
    for difference in differences {
        of(difference.lane, &|sum| sum.differences += 1);
    }
    let mut sums: Vec<FeedSum> = by_topic.into_values().collect();
    sums.sort_by(|left, right| left.feed.cmp(&right.feed));
    sums
}

fn show(facts: &Facts, differences: &[Difference], feeds: &[FeedSum]) {
    for difference in differences.iter().take(SHOWN) {
        output::print(&format!(
            "difference: {}: {}",
            coordinates(facts, difference),
            difference.text
        ));
    }
    if differences.len() > SHOWN {
        output::print(&format!(
            "and {} more; --json shows all",
            differences.len() - SHOWN
        ));
    }
    for sum in feeds {
        let named = Outcome::ALL.iter().zip(sum.outcomes);
        let outcomes: Vec<String> = named
            .map(|(outcome, count)| format!("{} {count}", outcome.name()))
            .collect();
        output::print(&format!(
            "{}: {} messages, {}, {} observations, {} findings, {} differences",
            sum.feed,
            sum.messages,
            outcomes.join(", "),
            sum.observations,
            sum.findings,
            sum.differences
        ));
    }
    output::note(&format!(
        "{} epochs, {} differences",
        facts.epoch,
        differences.len()
    ));
}

fn coordinates(facts: &Facts, difference: &Difference) -> String {
    let lane = facts.lanes.name(difference.lane);
    Coordinates {
        lane,
        offset: difference.offset,
        row: difference.row,
    }
    .to_string()
}

fn show_json(facts: &Facts, differences: &[Difference], feeds: &[FeedSum]) {
    for difference in differences {
        let lane = facts.lanes.name(difference.lane);
        output::print_json(&json!({
            "kind": "difference",
            "problem": difference.problem,
            "table": difference.table,
            "topic": lane.topic,
            "incarnation": lane.incarnation,
            "partition": lane.partition,
            "offset": difference.offset,
            "row": difference.row,
            "epoch": difference.epoch,
            "count": difference.count,
            "text": difference.text,
        }));
    }
    for sum in feeds {
        let named = Outcome::ALL.iter().zip(sum.outcomes);
        let mut object: Map<String, Value> = named
            .map(|(outcome, count)| (outcome.name().to_owned(), json!(count)))
            .collect();
        object.insert("kind".to_owned(), json!("feed"));
        object.insert("feed".to_owned(), json!(sum.feed));
        object.insert("messages".to_owned(), json!(sum.messages));
        object.insert("observations".to_owned(), json!(sum.observations));
        object.insert("findings".to_owned(), json!(sum.findings));
        object.insert("differences".to_owned(), json!(sum.differences));
        output::print_json(&object);
    }
}
