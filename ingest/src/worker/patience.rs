//! How long broker or store may stay out of reach.

use std::time::{Duration, Instant};

use yidang_schemas::fault::Fault;

/// After so long out of reach a worker gives up; its supervisor starts it anew.
const OUT_OF_REACH: Duration = Duration::from_secs(120);

/// Since when something has been out of reach without a break.
#[derive(Debug, Default)]
pub(super) struct Patience {
    since: Option<Instant>,
}

impl Patience {
    /// It answered.
    pub(super) fn restored(&mut self) {
        self.since = None;
    }

    /// It did not answer.
    ///
    /// # Errors
    /// The fault itself, once this has lasted for too long.
    pub(super) fn bear(&mut self, fault: Fault) -> Result<(), Fault> {
        self.bear_at(fault, Instant::now())
    }

    /// It did not answer at the end of a try that was begun then. A try that took longer than anything may stay out of
    /// reach went well for most of its time.
    pub(super) fn bear_since(&mut self, begun: Instant, fault: Fault) -> Result<(), Fault> {
        if begun.elapsed() > OUT_OF_REACH {
            self.restored();
        }
        self.bear(fault)
    }

    fn bear_at(&mut self, fault: Fault, now: Instant) -> Result<(), Fault> {
        let since = *self.since.get_or_insert(now);
        if now.duration_since(since) > OUT_OF_REACH {
            return Err(fault);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_borne_until_the_bound_and_an_answer_starts_it_anew() {
        let fault = || Fault::unavailable("list topics", "nobody answers");
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut patience = Patience::default();
        assert!(patience.bear_at(fault(), start).is_ok());
        assert!(patience.bear_at(fault(), at(119)).is_ok());
        patience.restored();
        assert!(patience.bear_at(fault(), at(130)).is_ok());
        assert!(patience.bear_at(fault(), at(249)).is_ok());
        assert!(patience.bear_at(fault(), at(251)).is_err());
    }
}
