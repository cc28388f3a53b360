//! What an epoch counts, as metrics.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::defect::Outcome;

use super::Report;
use crate::engine::{FeedCounts, Plan};

impl Report {
    /// Rules that could not be computed: a matter of who wrote them.
    fn rule_errors(&self, feed: &Contract, counts: &FeedCounts) {
        for (rule, count) in &counts.rule_errors {
            let Some(rule) = feed.rules.get(usize::from(*rule)) else {
                continue;
            };
            tracing::error!(
                feed = feed.id,
                rule = rule.id,
                records = count,
                "a rule could not be computed and blames nobody; correct the rule"
            );
            self.metrics
                .rule_errors
                .with_label_values(&[&feed.id, &rule.id])
                .inc_by(*count);
        }
    }

    /// A landed epoch, in counts.
    pub(crate) fn planned(&self, catalog: &Catalog, plan: &Plan) {
        for (step, took) in &plan.steps {
            self.step(step, *took);
        }
        for (feed, counts) in catalog.feeds.iter().zip(&plan.counts) {
            if counts.messages == 0 {
                continue;
            }
            self.metrics
                .consumed
                .with_label_values(&[&feed.id])
                .inc_by(counts.messages);
            self.metrics
                .unknown_fields
                .with_label_values(&[&feed.id])
                .inc_by(counts.unknown_fields);
            self.metrics
                .ties
                .with_label_values(&[&feed.id])
                .inc_by(counts.ties);
            for (outcome, count) in Outcome::ALL.iter().zip(counts.outcomes) {
                self.metrics
                    .records
                    .with_label_values(&[feed.id.as_str(), outcome.name()])
                    .inc_by(count);
            }
            for (place, rule) in (0_u16..).zip(&feed.rules) {
                let unjudged = counts.unjudged.get(&place).copied().unwrap_or(0);
                self.metrics
                    .rule_evaluations
                    .with_label_values(&[&feed.id, &rule.id])
                    .inc_by(counts.asked.saturating_sub(unjudged));
            }
            self.rule_errors(feed, counts);
            for (rule, count) in &counts.failures {
                let Some(rule) = feed.rules.get(usize::from(*rule)) else {
                    continue;
                };
                let labels = [
                    feed.id.as_str(),
                    rule.id.as_str(),
                    rule.severity.name(),
                    rule.dimension.name(),
                    rule.action.name(),
                ];
                self.metrics
                    .rule_failures
                    .with_label_values(&labels)
                    .inc_by(*count);
            }
            if let Some(business) = counts.last_business_ms {
                let seconds = business as f64 / 1_000.0;
                self.metrics
                    .last_event
                    .with_label_values(&[&feed.id])
                    .set(seconds);
            }
        }
        for event in &plan.to_publish {
            let labels = [event.agency.as_str(), event.transition.name()];
            self.metrics.transitions.with_label_values(&labels).inc();
        }
    }
}
