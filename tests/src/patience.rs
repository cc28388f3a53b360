//! Waiting for the world: the only place of the proofs that looks at a clock or sleeps.
//!
//! A wait always has a bound, and it looks again every few milliseconds; nobody sleeps for a guessed time.

use std::time::{Duration, Instant, SystemTime};

/// Between two looks. Short beside everything that is waited for, long beside what a look costs.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Between two looks at something that lasts a few milliseconds. Short beside it, and long enough to leave the machine to
/// the process that is watched.
const LOOK_CLOSELY: Duration = Duration::from_micros(200);

/// Looks until `look` finds something, at most for `bound`. `None`: it did not come.
pub fn wait_for<T>(bound: Duration, look: impl FnMut() -> Option<T>) -> Option<T> {
    wait_at(LOOK_AGAIN, bound, look)
}

/// The same for what is soon over: whether it was seen.
pub fn catch_moment(bound: Duration, mut is_there: impl FnMut() -> bool) -> bool {
    wait_at(LOOK_CLOSELY, bound, || is_there().then_some(())).is_some()
}

fn wait_at<T>(
    look_again: Duration,
    bound: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Deadline::after(bound);
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if deadline.is_past() {
            return None;
        }
        pause(look_again);
    }
}

/// An instant after which waiting ends.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// The instant `bound` from now.
    #[must_use]
    pub fn after(bound: Duration) -> Self {
        Self(Instant::now() + bound)
    }

    /// Whether it has come.
    #[must_use]
    pub fn is_past(self) -> bool {
        self.left().is_zero()
    }

    /// What is left until it comes; zero once it is past.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Measures how long something takes, in real time.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Does something that depends on the day, in UTC; once more where midnight fell into it.
pub fn within_a_day<T>(work: impl Fn() -> T) -> T {
    let day = || {
        let since = SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(0, |since| since.as_secs() / 86_400)
    };
    let begun = day();
    let done = work();
    if day() == begun { done } else { work() }
}

/// Waits for a while. For schedules that want a process to be somewhere in its work; to wait for an event use [`wait_for`].
#[expect(
    clippy::disallowed_methods,
    reason = "the proofs wait in real time, and only here"
)]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
