//! What a run prints while it goes: why cells are computed again, how far it is, and how long it
//! will take.

use crate::whole;
use asymscale_sweep::{Agenda, Outcome, Progress, State, Step, StepResult};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One sweep's progress on standard error: a bar on a terminal, single lines elsewhere.
pub(crate) struct Console {
    name: String,
    bar: ProgressBar,
    /// Where a shard notes the cells it finished.
    notes: Option<PathBuf>,
    /// Whether every sweep has lines of its own.
    is_verbose: bool,
    /// Parameters and seconds of every cell computed.
    took: Mutex<Vec<(Value, f64)>>,
}

/// So often a run without a terminal shows that it is alive.
const ALIVE: Duration = Duration::from_secs(15);

/// When the last such line was printed, or the process first asked.
static SPOKEN: LazyLock<Mutex<Instant>> = LazyLock::new(|| Mutex::new(Instant::now()));

/// Whether it is time for another line; the next one is then due after [`ALIVE`].
fn is_time() -> bool {
    let mut spoken = SPOKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_due = spoken.elapsed() >= ALIVE;
    if is_due {
        *spoken = Instant::now();
    }
    is_due
}

impl Console {
    /// The progress of the sweep of this name, with the file of notes if it is a shard's.
    pub(crate) fn new(name: &str, notes: Option<&Path>, is_verbose: bool) -> Self {
        LazyLock::force(&SPOKEN);
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
            is_verbose,
            took: Mutex::default(),
        }
    }

    /// Ends the bar, and prints what was done if every sweep has lines of its own.
    pub(crate) fn close(&self, done: &Done) {
        self.bar.finish_and_clear();
        if self.is_verbose {
            eprintln!("{:<26} {done}", self.name);
        }
    }

    /// Parameters and seconds of every cell that was computed.
    pub(crate) fn took(self) -> Vec<(Value, f64)> {
        self.took.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a finished cell at once, so that whoever ends the shard can tell whether it made
    /// progress. If the file cannot be written, only this note is lost.
    fn note(&self, step: &Step) {
        let Some(notes) = &self.notes else { return };
        let _ = whole::append(notes, &format!("{} {}\n", self.name, step.cell.parameters()));
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{:<26} {line}", self.name));
    }
}

/// What sweeps did, one or several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    cells: usize,
    cached: usize,
    /// Cells that this run computed.
    pub(crate) computed: usize,
    /// Seconds of these, added up.
    pub(crate) seconds: f64,
    /// Cells that were to be computed and were not started.
    pub(crate) left: usize,
    elsewhere: usize,
}

impl From<&Outcome> for Done {
    fn from(outcome: &Outcome) -> Self {
        Self {
            cells: outcome.survey.cells.len(),
            cached: outcome.cached,
            computed: outcome.computed,
            seconds: outcome.seconds,
            left: outcome.left,
            elsewhere: outcome.elsewhere,
        }
    }
}

impl std::ops::AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.cells += other.cells;
        self.cached += other.cached;
        self.computed += other.computed;
        self.seconds += other.seconds;
        self.left += other.left;
        self.elsewhere += other.elsewhere;
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cells, cached, computed, seconds, .. } = self;
        write!(
            f,
            "{cells} cells: {cached} cached, {computed} computed in {seconds:.1} core-seconds"
        )?;
        let counts = [(self.left, "not started"), (self.elsewhere, "left to other shards")];
        let mut some = counts.iter().filter(|(count, _)| *count > 0);
        some.try_for_each(|(count, word)| write!(f, ", {count} {word}"))
    }
}

impl Progress for Console {
    fn started(&self, agenda: &Agenda) {
        self.bar.set_length(agenda.pending as u64);
        for (cell, damage) in agenda.survey.damaged() {
            self.say(&format!("part of {cell} is damaged ({damage}): computed again"));
        }
        let stale = agenda.survey.count(|state| matches!(state, State::OtherCode { .. }));
        if stale > 0 && self.is_verbose {
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
        if self.bar.is_hidden() && is_time() {
            eprintln!(
                "{:<26} {}/{} cells, about {left} s left",
                self.name, step.done, step.pending
            );
        }
    }
}
