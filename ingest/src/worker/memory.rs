//! The bound of memory: how much the state takes, how it grows, and when the bound is met.
//!
//! What counts is what the process holds: it is what the machine runs out of. Only Linux tells it; elsewhere nothing is
//! known and nothing is bounded.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use yidang_schemas::fault::Fault;

use crate::engine::Engine;
use crate::report::{MemoryFigures, Report};

/// Share of the bound from which on every look is a warning.
const ALARM_PERCENT: u64 = 70;
/// How far apart samples of growth are, how many are kept, and the shortest time that says anything about a day.
const SAMPLE: Duration = Duration::from_secs(3_600);
const SAMPLES: usize = 24;
const GROWTH: Duration = Duration::from_secs(600);
/// How often figures are told where nothing is wrong.
const TOLD: Duration = Duration::from_secs(86_400);
const DAY_SECONDS: f64 = 86_400.0;

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    keys: u64,
    bytes: u64,
}

/// Watches the memory of a leader.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    bound: Option<u64>,
    samples: VecDeque<Sample>,
    told_at: Option<Instant>,
    is_alarmed: bool,
}

/// Refuses a state that does not fit.
pub(super) fn fits(bound: Option<u64>) -> Result<(), Fault> {
    fits_in(resident_bytes(), bound)
}

fn fits_in(resident: u64, bound: Option<u64>) -> Result<(), Fault> {
    match bound.filter(|bound| resident > *bound) {
        None => Ok(()),
        Some(bound) => Err(Fault::invalid(format!(
            "hold the state in memory: it takes {resident} bytes and the bound is {bound}; nothing is lost, give it \
             more with --memory-bytes on a machine that has more"
        ))),
    }
}

impl MemoryWatch {
    pub(super) fn new(bound: Option<u64>) -> Self {
        Self {
            bound,
            samples: VecDeque::new(),
            told_at: None,
            is_alarmed: false,
        }
    }

    /// Looks at what the state takes, tells it where that is due.
    ///
    /// # Errors
    /// `Invalid` where the bound is met.
    pub(super) fn note(
        &mut self,
        engine: &Engine,
        report: &Report,
        now_ms: i64,
    ) -> Result<(), Fault> {
        let (keys, subjects) = (
            engine.memory().records_len() as u64,
            engine.memory().subjects_len() as u64,
        );
        let figures = self.figures(Instant::now(), now_ms, resident_bytes(), (keys, subjects));
        report.memory(&figures);
        let is_alarming = figures.bound_bytes.is_some_and(|bound| {
            figures.resident_bytes.saturating_mul(100) >= bound.saturating_mul(ALARM_PERCENT)
        });
        let is_due = self.told_at.is_none_or(|at| at.elapsed() >= TOLD);
        if is_due || (is_alarming && !self.is_alarmed) {
            self.told_at = Some(Instant::now());
            report.tell_memory(&figures, is_alarming);
        }
        self.is_alarmed = is_alarming;
        fits_in(figures.resident_bytes, self.bound)
    }

    fn figures(
        &mut self,
        at: Instant,
        now_ms: i64,
        resident_bytes: u64,
        (record_keys, subjects): (u64, u64),
    ) -> MemoryFigures {
        let now = Sample {
            at,
            keys: record_keys,
            bytes: resident_bytes,
        };
        if self
            .samples
            .back()
            .is_none_or(|last| at.duration_since(last.at) >= SAMPLE)
        {
            self.samples.push_back(now);
        }
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
        let growth = self.samples.front().and_then(|first| growth(*first, now));
        let left = self.bound.map(|bound| bound.saturating_sub(resident_bytes));
        let met_at_ms = left.zip(growth).and_then(|(left, (_, bytes))| {
            let days = (left as f64) / bytes;
            let milliseconds = Duration::try_from_secs_f64(days * DAY_SECONDS).ok()?;
            now_ms.checked_add(i64::try_from(milliseconds.as_millis()).ok()?)
        });
        MemoryFigures {
            resident_bytes,
            bound_bytes: self.bound,
            record_keys,
            subjects,
            record_keys_a_day: growth.map(|(keys, _)| keys),
            bytes_a_day: growth.map(|(_, bytes)| bytes),
            met_at_ms,
        }
    }
}

/// Record keys and bytes a day, where anything can be said of a day.
fn growth(first: Sample, now: Sample) -> Option<(f64, f64)> {
    let elapsed = now.at.duration_since(first.at);
    let a_day = |before: u64, after: u64| {
        (after.saturating_sub(before) as f64) * DAY_SECONDS / elapsed.as_secs_f64()
    };
    (elapsed >= GROWTH).then(|| (a_day(first.keys, now.keys), a_day(first.bytes, now.bytes)))
}

/// Memory that this process holds now; 0 where nobody tells.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_on_which_the_bound_is_met_follows_from_growth() {
        let mut watch = MemoryWatch::new(Some(10_000));
        let start = Instant::now();
        let first = watch.figures(start, 0, 1_000, (10, 5));
        assert_eq!((first.bytes_a_day, first.met_at_ms), (None, None));
        let half_a_day = start + Duration::from_secs(43_200);
        let later = watch.figures(half_a_day, 43_200_000, 2_000, (20, 6));
        assert_eq!(later.record_keys_a_day, Some(20.0));
        assert_eq!(later.bytes_a_day, Some(2_000.0));
        // 8,000 bytes are left: four days.
        assert_eq!(later.met_at_ms, Some(43_200_000 + 4 * 86_400_000));
    }

    #[test]
    fn a_state_that_does_not_fit_is_refused_and_one_that_shrinks_meets_nothing() {
        assert!(fits_in(100, Some(100)).is_ok());
        assert!(fits_in(101, None).is_ok());
        let fault = fits_in(101, Some(100)).expect_err("it is too much");
        assert!(fault.chain().contains("--memory-bytes"));
        let mut watch = MemoryWatch::new(Some(10_000));
        let start = Instant::now();
        watch.figures(start, 0, 1_000, (10, 5));
        let later = watch.figures(start + GROWTH, 0, 900, (10, 5));
        assert_eq!((later.bytes_a_day, later.met_at_ms), (Some(0.0), None));
    }

    #[test]
    fn this_process_holds_something() {
        assert!(resident_bytes() > 1 << 20);
    }
}
