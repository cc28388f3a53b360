//! Time of a step, by the wall and by the processor.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a step took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepTime {
    pub wall: Duration,
    /// Of the whole process: steps follow one another and use all cores, and what runs beside them is part of the price.
    pub processor: Duration,
}

/// Measures steps that follow one another.
#[derive(Debug)]
pub struct StepTimer {
    at: Instant,
    processor: Duration,
}

impl StepTimer {
    pub fn start() -> Self {
        Self {
            at: Instant::now(),
            processor: processor_time(),
        }
    }

    /// Ends a step; the next one begins.
    pub fn lap(&mut self) -> StepTime {
        let before = std::mem::replace(self, Self::start());
        StepTime {
            wall: self.at.duration_since(before.at),
            processor: self.processor.saturating_sub(before.processor),
        }
    }
}

/// Processor time of this process so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_computes_takes_processor_time_and_is_told_once() {
        let mut timer = StepTimer::start();
        while timer.processor + Duration::from_millis(20) > processor_time() {}
        let step = timer.lap();
        assert!(step.processor >= Duration::from_millis(20), "{step:?}");
        assert!(step.wall > Duration::ZERO);
        let next = timer.lap();
        assert!(next.wall < step.wall, "{next:?}");
    }
}
