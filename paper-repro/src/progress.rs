//! What a run prints while it goes: why cells are computed again, how far it is, and how long it
//! will take.

use asymscale_sweep::{Agenda, Outcome, Progress, State, Step, StepResult};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One sweep's progress on standard error: a bar on a terminal, single lines elsewhere.
pub(crate) struct Console {
    name: String,
    bar: ProgressBar,
    /// Where a shard notes the cells it finished.
    notes: Option<PathBuf>,
    /// Parameters and seconds of every cell computed.
    took: Mutex<Vec<(Value, f64)>>,
}

impl Console {
    /// The progress of the sweep of this name, with the file of notes if it is a shard's.
    pub(crate) fn new(name: &str, notes: Option<&Path>) -> Self {
        let bar = ProgressBar::new(0);
        let template = "{prefix:<26} {bar:30} {pos}/{len} cells, {elapsed}, {msg}";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_prefix(name.to_owned());
        bar.set_message("the first cells are running");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            name: name.to_owned(),
            bar,
            notes: notes.map(Path::to_path_buf),
            took: Mutex::default(),
        }
    }

    /// Prints the line that stays.
    pub(crate) fn close(&self, outcome: &Outcome) {
        self.bar.finish_and_clear();
        eprintln!(
            "{:<26} {} cells: {} cached, {} computed in {:.1} core-seconds{}",
            self.name,
            outcome.survey.cells.len(),
            outcome.cached,
            outcome.computed,
            outcome.seconds,
            rest(outcome),
        );
    }

    /// Parameters and seconds of every cell that was computed.
    pub(crate) fn took(self) -> Vec<(Value, f64)> {
        self.took.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a finished cell at once, so that whoever ends the shard can tell whether it made
    /// progress. If the file cannot be written, only this note is lost.
    fn note(&self, step: &Step) {
        let Some(notes) = &self.notes else { return };
        let file = fs::OpenOptions::new().append(true).create(true).open(notes);
        let _ = file.and_then(|mut file| {
            file.write_all(format!("{} {}\n", self.name, step.cell.parameters()).as_bytes())
        });
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{:<26} {line}", self.name));
    }
}

/// What a run did not do, in words.
fn rest(outcome: &Outcome) -> String {
    let counts = [(outcome.left, "not started"), (outcome.elsewhere, "left to other shards")];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.fold(String::new(), |text, (count, word)| format!("{text}, {count} {word}"))
}

impl Progress for Console {
    fn started(&self, agenda: &Agenda) {
        self.bar.set_length(agenda.pending as u64);
        for (cell, damage) in agenda.survey.damaged() {
            self.say(&format!("part of {cell} is damaged ({damage}): computed again"));
        }
        let stale = agenda.survey.count(|state| matches!(state, State::OtherCode { .. }));
        if stale > 0 {
            self.say(&format!("{stale} parts are of other code: computed again"));
        }
    }

    fn finished(&self, step: &Step) {
        if step.result == StepResult::Computed {
            self.note(step);
            let cell = (step.cell.parameters().clone(), step.seconds);
            self.took.lock().unwrap_or_else(PoisonError::into_inner).push(cell);
        }
        self.bar.inc(1);
        let left =
            step.seconds_left.map_or_else(|| "?".to_owned(), |seconds| format!("{seconds:.0}"));
        self.bar.set_message(format!("about {left} s left"));
        // Without a terminal there is no bar: a line now and then shows that the run is alive.
        if self.bar.is_hidden() && step.done.is_multiple_of(16) {
            eprintln!(
                "{:<26} {}/{} cells, about {left} s left",
                self.name, step.done, step.pending
            );
        }
    }
}
