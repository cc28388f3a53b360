//! Progress of long work: drawn on standard error where somebody watches, nothing at all elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

const TURN: Duration = Duration::from_millis(120);

/// Work in so many parts.
pub fn bar(doing: &str, parts: u64) -> ProgressBar {
    let bar = shown(|| ProgressBar::new(parts));
    styled(
        &bar,
        doing,
        "{prefix} {bar:30} {human_pos}/{human_len} {eta} {msg}",
    )
}

/// Work over so many bytes.
pub fn bytes(doing: &str, bytes: u64) -> ProgressBar {
    let bar = shown(|| ProgressBar::new(bytes));
    styled(&bar, doing, "{prefix} {bar:30} {bytes}/{total_bytes} {eta}")
}

/// Work whose end nobody knows.
pub fn spinner(doing: &str) -> ProgressBar {
    let bar = shown(ProgressBar::new_spinner);
    if !bar.is_hidden() {
        bar.enable_steady_tick(TURN);
    }
    styled(&bar, doing, "{spinner} {prefix} {elapsed} {msg}")
}

fn shown(make: impl FnOnce() -> ProgressBar) -> ProgressBar {
    if output::is_watched() {
        make()
    } else {
        ProgressBar::hidden()
    }
}

fn styled(bar: &ProgressBar, doing: &str, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates are fixed texts");
    bar.clone().with_style(style).with_prefix(doing.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_holds_and_nothing_is_drawn_where_nobody_watches() {
        for bar in [bar("sending", 3), bytes("checking", 3), spinner("reading")] {
            bar.inc(1);
            assert!(bar.is_hidden() || output::is_watched());
            bar.finish_and_clear();
        }
    }
}
