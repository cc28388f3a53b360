//! How far the tables are behind the topics.

use std::collections::{BTreeMap, BTreeSet};

use yidang_schemas::catalog::Catalog;

use super::Report;
use crate::epoch::Lane;

fn feed_id<'a>(catalog: &'a Catalog, lane: &Lane) -> &'a str {
    catalog.feed(lane.feed).map_or("", |feed| feed.id.as_str())
}

impl Report {
    /// Messages that wait, of every lane that is known. A lane that is not known any more shows nothing.
    pub(crate) fn lag(&self, catalog: &Catalog, lags: &BTreeMap<Lane, i64>) {
        let mut shown = BTreeSet::new();
        for (lane, lag) in lags {
            let (feed, partition) = (feed_id(catalog, lane), lane.partition.to_string());
            self.metrics
                .lag
                .with_label_values(&[feed, &partition])
                .set(*lag);
            shown.insert((feed.to_owned(), partition));
        }
        self.show_lags(shown);
        let total = lags.values().sum();
        self.status
            .send_if_modified(|status| status.lag.replace(total) != Some(total));
    }

    /// Forgets what was shown: nobody here knows it any more.
    pub(super) fn forget_lags(&self) {
        self.show_lags(BTreeSet::new());
        self.metrics.lag_seconds.reset();
    }

    fn show_lags(&self, shown: BTreeSet<(String, String)>) {
        let mut before = self
            .shown_lags
            .lock()
            .expect("nothing panics while it holds the lags");
        for (feed, partition) in before.difference(&shown) {
            // One that is gone already is gone.
            drop(self.metrics.lag.remove_label_values(&[feed, partition]));
        }
        *before = shown;
    }

    /// Age of the oldest message of each feed that is read and not in the tables, from the message's own time.
    pub(crate) fn lag_seconds(
        &self,
        catalog: &Catalog,
        reading: &BTreeSet<Lane>,
        next_ms: &BTreeMap<Lane, i64>,
        now_ms: i64,
    ) {
        let mut oldest: BTreeMap<&str, i64> = BTreeMap::new();
        for lane in reading {
            let at = next_ms.get(lane).copied().unwrap_or(now_ms);
            let oldest = oldest.entry(feed_id(catalog, lane)).or_insert(at);
            *oldest = at.min(*oldest);
        }
        self.metrics.lag_seconds.reset();
        for (feed, at) in oldest {
            let seconds = (now_ms - at).max(0) as f64 / 1_000.0;
            self.metrics
                .lag_seconds
                .with_label_values(&[feed])
                .set(seconds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(feed: u16, partition: i32) -> Lane {
        Lane {
            feed,
            incarnation: 0,
            partition,
        }
    }

    fn series(report: &Report, name: &str) -> Vec<String> {
        let text = prometheus::TextEncoder::new()
            .encode_to_string(&report.registry().gather())
            .expect("metrics are text");
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn a_lane_that_is_left_shows_no_lag_and_a_feed_that_is_read_shows_its_oldest_message() {
        let catalog = Catalog::embedded().expect("the built-in schemas are sound");
        let report = Report::new("0", "0");
        let feed = catalog.feeds[1].id.clone();
        report.lag(
            &catalog,
            &BTreeMap::from([(lane(0, 0), 3), (lane(1, 2), 4)]),
        );
        assert_eq!(series(&report, "yidang_consumer_lag_records{").len(), 2);
        report.lag(&catalog, &BTreeMap::from([(lane(1, 2), 5)]));
        assert_eq!(
            series(&report, "yidang_consumer_lag_records{"),
            [format!(
                "yidang_consumer_lag_records{{feed=\"{feed}\",partition=\"2\"}} 5"
            )]
        );
        let reading = BTreeSet::from([lane(1, 0), lane(1, 2)]);
        let next = BTreeMap::from([(lane(1, 0), 9_000), (lane(1, 2), 7_500)]);
        report.lag_seconds(&catalog, &reading, &next, 10_000);
        assert_eq!(
            series(&report, "yidang_consumer_lag_seconds{"),
            [format!(
                "yidang_consumer_lag_seconds{{feed=\"{feed}\"}} 2.5"
            )]
        );
        report.lead_ended();
        assert!(
            series(&report, "yidang_consumer_lag")
                .iter()
                .all(|line| !line.contains('{'))
        );
    }
}
