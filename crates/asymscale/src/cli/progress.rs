//! What is being done, on a terminal, where an answer takes longer than a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

/// Nothing is shown before.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(200);

/// A line on stderr with the time, the stage of the work and what is known so far; shown after two
/// seconds, and only if stderr is a terminal. It vanishes with the value.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped with the value, which ends the wait.
    _running: Sender<()>,
}

impl Progress {
    pub(crate) fn start(stage: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}{prefix}") {
            bar.set_style(style);
        }
        bar.set_message(stage);
        let (running, ended) = channel::<()>();
        let shown = bar.clone();
        thread::spawn(move || {
            if ended
                .recv_timeout(PATIENCE)
                .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                // Hidden again by itself where stderr is no terminal.
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        Self { bar, _running: running }
    }

    /// What is done from now on.
    pub(crate) fn stage(&self, stage: impl Into<String>) {
        self.bar.set_message(stage.into());
    }

    /// What is known from now on.
    #[cfg(any(feature = "fit", test))]
    pub(crate) fn known(&self, answer: &str) {
        self.bar.set_prefix(format!("; so far {answer}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody waits for what is done at once, and what is known stands behind the stage.
    #[test]
    fn stages_and_answers_are_kept_and_nothing_is_drawn_at_once() {
        let progress = Progress::start("reading");
        progress.stage("fitting 5 rows");
        progress.known("alpha = 0.35");
        assert_eq!(progress.bar.message(), "fitting 5 rows");
        assert_eq!(progress.bar.prefix(), "; so far alpha = 0.35");
        assert!(progress.bar.is_hidden());
    }
}
