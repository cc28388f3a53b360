//! Live counters: bars where somebody watches, plain lines where nobody does.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::watch::Receiver;
use yidang_ingest::report::Status;

use super::stream::Progress;
use super::words::Words;
use crate::output;

const TURN: Duration = Duration::from_millis(200);
/// Turns between two plain lines.
const PLAIN_TURNS: u32 = 10;

/// Shows how far everything is; never ends.
pub async fn watch(
    words: Words,
    progress: Receiver<Progress>,
    status: Receiver<Status>,
    messages: u64,
) {
    let shown = output::is_watched().then(|| Bars::new(messages));
    let mut ticks = tokio::time::interval(TURN);
    let mut turns = 0_u32;
    loop {
        ticks.tick().await;
        turns += 1;
        let (progress, status) = (*progress.borrow(), status.borrow().clone());
        let [outcomes, state] = words.counters(&progress, &status);
        match &shown {
            Some(bars) => bars.show(&progress, outcomes, state),
            None if turns.is_multiple_of(PLAIN_TURNS) => {
                output::note(&format!(
                    "{}; {outcomes}; {state}",
                    words.sent(&progress, messages)
                ));
            }
            None => {}
        }
    }
}

/// A bar and two lines; cleared when dropped.
struct Bars {
    all: MultiProgress,
    bar: ProgressBar,
    outcomes: ProgressBar,
    state: ProgressBar,
}

impl Bars {
    fn new(messages: u64) -> Self {
        let all = MultiProgress::new();
        let line = || {
            let style =
                ProgressStyle::with_template("  {msg}").expect("the template is well formed");
            all.add(ProgressBar::new_spinner().with_style(style))
        };
        let style =
            ProgressStyle::with_template("{elapsed_precise} {bar:40} {human_pos}/{human_len}");
        let bar = all.add(
            ProgressBar::new(messages).with_style(style.expect("the template is well formed")),
        );
        let (outcomes, state) = (line(), line());
        Self {
            all,
            bar,
            outcomes,
            state,
        }
    }

    fn show(&self, progress: &Progress, outcomes: String, state: String) {
        self.bar.set_position(progress.landed);
        self.outcomes.set_message(outcomes);
        self.state.set_message(state);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        // What a terminal cannot do it need not.
        drop(self.all.clear());
    }
}
