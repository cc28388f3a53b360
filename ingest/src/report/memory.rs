//! Memory of the state: figures, metrics, and what people are told.

use super::Report;

/// What the state takes and how it grows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MemoryFigures {
    pub resident_bytes: u64,
    pub bound_bytes: Option<u64>,
    pub record_keys: u64,
    pub subjects: u64,
    /// Growth; nothing before there is anything to say of a day.
    pub record_keys_a_day: Option<f64>,
    pub bytes_a_day: Option<f64>,
    /// When the bound is met at this growth, epoch milliseconds; nothing where it is not.
    pub met_at_ms: Option<i64>,
}

impl MemoryFigures {
    fn bytes_by(&self, count: u64) -> f64 {
        if count == 0 {
            return 0.0;
        }
        self.resident_bytes as f64 / count as f64
    }

    fn day(&self) -> Option<String> {
        let instant = jiff::Timestamp::from_millisecond(self.met_at_ms?).ok()?;
        let day = instant.to_string();
        day.split_once('T').map(|(day, _)| day.to_owned())
    }

    /// One line for people.
    fn line(&self) -> String {
        let mebibytes = |bytes: u64| bytes >> 20;
        let bound = self.bound_bytes.map_or("no bound".to_owned(), |bound| {
            format!("of {} MiB", mebibytes(bound))
        });
        let growth = match (self.record_keys_a_day, self.day()) {
            (None, _) => "growth not known yet".to_owned(),
            (Some(keys), None) => format!("{keys:.0} keys a day"),
            (Some(keys), Some(day)) => format!("{keys:.0} keys a day, the bound is met on {day}"),
        };
        format!(
            "memory: {} MiB {bound}; {} record keys ({:.0} bytes each), {} subjects ({:.0} bytes each); {growth}",
            mebibytes(self.resident_bytes),
            self.record_keys,
            self.bytes_by(self.record_keys),
            self.subjects,
            self.bytes_by(self.subjects),
        )
    }
}

fn gauge(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

impl Report {
    pub(crate) fn memory(&self, figures: &MemoryFigures) {
        let metrics = &self.metrics.memory;
        metrics.resident.set(gauge(figures.resident_bytes));
        metrics.bound.set(gauge(figures.bound_bytes.unwrap_or(0)));
        metrics
            .bytes_per_key
            .set(figures.bytes_by(figures.record_keys));
        metrics
            .bytes_per_subject
            .set(figures.bytes_by(figures.subjects));
        metrics
            .keys_a_day
            .set(figures.record_keys_a_day.unwrap_or(0.0));
        metrics.bytes_a_day.set(figures.bytes_a_day.unwrap_or(0.0));
        let met_at = figures.met_at_ms.map_or(0.0, |ms| ms as f64 / 1_000.0);
        metrics.met_at.set(met_at);
    }

    /// Tells the figures; `is_alarming`: most of the bound is taken.
    pub(crate) fn tell_memory(&self, figures: &MemoryFigures, is_alarming: bool) {
        let line = figures.line();
        if is_alarming {
            tracing::warn!("{line}; more than 70 % of the bound is taken");
        }
        self.notice(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_for_what_and_until_when() {
        let figures = MemoryFigures {
            resident_bytes: 300 << 20,
            bound_bytes: Some(1 << 30),
            record_keys: 1 << 20,
            subjects: 1 << 19,
            record_keys_a_day: Some(1_000.4),
            bytes_a_day: Some(300_000.0),
            met_at_ms: Some(1_790_000_000_000),
        };
        assert_eq!(
            figures.line(),
            "memory: 300 MiB of 1024 MiB; 1048576 record keys (300 bytes each), 524288 subjects (600 bytes each); \
             1000 keys a day, the bound is met on 2026-09-21"
        );
        let none = MemoryFigures::default().line();
        assert_eq!(
            none,
            "memory: 0 MiB no bound; 0 record keys (0 bytes each), 0 subjects (0 bytes each); growth not known yet"
        );
    }
}
