//! Cells to parts, parts to one table.

use crate::{
    Agenda, Cell, Failure, Plan, Progress, Shard, State, Step, StepResult, Store, Survey,
    SweepError, Table, TimeLeft, shard::longest_first, survey,
};
use std::{
    any::Any,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// How to run a plan.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Compute this share of the cells only.
    pub shard: Option<Shard>,
    /// Cells computed at a time, at least 1. Parallel iterators of rayon inside a cell share these
    /// threads.
    pub threads: usize,
    /// Once this is true no further cell is started; those running are finished and stored. Whoever
    /// runs the sweep sets it, from a signal handler or another thread.
    pub stop: Option<&'a AtomicBool>,
}

impl Default for Options<'_> {
    /// Every cell, one thread, to the end.
    fn default() -> Self {
        Self { shard: None, threads: 1, stop: None }
    }
}

/// What a run did. Failed cells are not here: they make the run an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the store held before, for every cell of the plan: why cells were computed again, which
    /// parts were damaged.
    pub survey: Survey,
    /// Cells of this run that were fresh, or became so by another process's work.
    pub cached: usize,
    /// Cells computed and stored.
    pub computed: usize,
    /// Cells of this run that were not started, since it was told to stop.
    pub left: usize,
    /// Cells of other shards that had no fresh part when the run began.
    pub elsewhere: usize,
    /// Sum over computed cells of their wall-clock seconds.
    pub seconds: f64,
}

impl Outcome {
    /// Whether every cell of the plan has a part.
    pub fn is_complete(&self) -> bool {
        self.elsewhere == 0 && self.left == 0
    }
}

/// Computes every cell of the plan (of the shard) that has no fresh part, the longest first, and
/// stores its part at once.
///
/// `work` must depend on the cell, the seed and the code alone. Its error, or panic, costs the one
/// cell: all others are computed and stored, then [`SweepError::Failed`] names the failures in the
/// order of the plan. (A panic's message goes through the process's panic hook too.) If a part
/// cannot be written, no further cell is started: nothing more could be kept. A folder that cannot
/// be written is refused before any work. A run that was told to stop ([`Options::stop`]) is no
/// error: [`Outcome::left`] counts what it left.
///
/// Any number of runs, of any shards, may share a store at a time. A cell is looked up again just
/// before it is computed, so two runs of one shard mostly share the work, and where both compute a
/// cell, they store the same bytes.
pub fn run<F, E>(
    plan: &Plan,
    store: &Store,
    options: &Options,
    progress: &dyn Progress,
    work: F,
) -> Result<Outcome, SweepError>
where
    F: Fn(&Cell) -> Result<Table, E> + Sync,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    if options.threads == 0 {
        return Err(SweepError::Threads(0));
    }
    let survey = survey(plan, store);
    let agenda = agenda(plan, &survey, options.shard);
    if !agenda.pending.is_empty() {
        store.prepare(plan)?;
    }
    let cost = agenda.pending.iter().map(|&index| plan.cells()[index].cost()).sum();
    let (cached, elsewhere, pending) = (agenda.cached, agenda.elsewhere, agenda.pending.len());
    progress.started(&Agenda { survey: &survey, cached, pending, cost, elsewhere });

    let tally = Mutex::new(Tally::new(agenda.pending, TimeLeft::new(cost, options.threads)));
    let work = |cell: &Cell| {
        let table = attempt(&work, cell)?;
        store.judge(&table).map(|()| table)
    };
    if pending > 0 {
        Crew { plan, store, progress, work, tally: &tally, stop: options.stop }
            .run(options.threads)?;
    }

    let mut tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.verdict(plan)?;
    let (computed, seconds, left) = (tally.computed, tally.seconds, tally.pending.len());
    Ok(Outcome { survey, cached: cached + tally.adopted, computed, left, elsewhere, seconds })
}

/// Joins the parts of all cells in the order of the plan, whatever runs, shards and orders made
/// them. Refuses, naming the first ones, when parts are missing, stale or damaged.
pub fn merge(plan: &Plan, store: &Store) -> Result<Table, SweepError> {
    let mut merged = Table::default();
    let mut missing = Vec::new();
    for cell in plan.cells() {
        match store.read(plan, cell) {
            Ok(table) => merged.append(table)?,
            Err(state) => {
                missing.push(Failure { cell: cell.name().into(), message: state.to_string() });
            }
        }
    }
    if missing.is_empty() {
        Ok(merged)
    } else {
        Err(SweepError::Missing { missing, total: plan.cells().len() })
    }
}

struct Share {
    /// Positions of the cells to compute, the last one first to go.
    pending: Vec<usize>,
    cached: usize,
    elsewhere: usize,
}

fn agenda(plan: &Plan, survey: &Survey, shard: Option<Shard>) -> Share {
    let mine = shard.map_or_else(|| vec![true; plan.cells().len()], |shard| shard.members(plan));
    let fresh: Vec<bool> = survey.cells.iter().map(|(_, state)| *state == State::Fresh).collect();
    let count = |wanted: bool, is_fresh| {
        (0..mine.len()).filter(|&i| mine[i] == wanted && fresh[i] == is_fresh).count()
    };
    let mut pending = longest_first(plan);
    pending.retain(|&index| mine[index] && !fresh[index]);
    pending.reverse();
    Share { pending, cached: count(true, true), elsewhere: count(false, false) }
}

/// The threads' common knowledge.
struct Tally {
    pending: Vec<usize>,
    total: usize,
    done: usize,
    computed: usize,
    adopted: usize,
    seconds: f64,
    left: TimeLeft,
    failures: Vec<(usize, String)>,
    /// Set when a part could not be written.
    broken: Option<SweepError>,
}

impl Tally {
    fn new(pending: Vec<usize>, left: TimeLeft) -> Self {
        let total = pending.len();
        Self {
            pending,
            total,
            done: 0,
            computed: 0,
            adopted: 0,
            seconds: 0.0,
            left,
            failures: Vec::new(),
            broken: None,
        }
    }

    fn record(&mut self, index: usize, cost: f64, seconds: f64, result: StepResult) {
        self.done += 1;
        match result {
            StepResult::Computed => {
                self.computed += 1;
                self.seconds += seconds;
                self.left.computed(cost, seconds);
            }
            StepResult::Adopted => {
                self.adopted += 1;
                self.left.skipped(cost);
            }
            StepResult::Failed(message) => {
                self.failures.push((index, message.into()));
                self.left.skipped(cost);
            }
        }
    }

    fn verdict(&mut self, plan: &Plan) -> Result<(), SweepError> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        if self.failures.is_empty() {
            return Ok(());
        }
        self.failures.sort_by_key(|(index, _)| *index);
        let named = |(index, message): (usize, String)| Failure {
            cell: plan.cells()[index].name().into(),
            message,
        };
        let failures = std::mem::take(&mut self.failures).into_iter().map(named).collect();
        Err(SweepError::Failed { failures, pending: self.total })
    }
}

/// What every thread of a run shares.
struct Crew<'a, W> {
    plan: &'a Plan,
    store: &'a Store,
    progress: &'a dyn Progress,
    work: W,
    tally: &'a Mutex<Tally>,
    stop: Option<&'a AtomicBool>,
}

impl<W: Fn(&Cell) -> Result<Table, String> + Sync> Crew<'_, W> {
    /// Works with a pool of its own until nothing is pending. Every thread takes the next cell
    /// itself rather than iterate in parallel, which would not keep the longest first.
    fn run(&self, threads: usize) -> Result<(), SweepError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool =
            pool.map_err(|error| SweepError::ThreadPool { threads, reason: error.to_string() })?;
        pool.broadcast(|_| {
            while let Some(index) = self.next() {
                self.compute(index);
            }
        });
        Ok(())
    }

    fn next(&self) -> Option<usize> {
        let stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        self.with_tally(
            |tally| if stopped || tally.broken.is_some() { None } else { tally.pending.pop() },
        )
    }

    fn compute(&self, index: usize) {
        let cell = &self.plan.cells()[index];
        if self.store.read(self.plan, cell).is_ok() {
            return self.finish(index, 0.0, StepResult::Adopted);
        }
        self.progress.running(cell);
        let start = Instant::now();
        let rows = (self.work)(cell);
        let seconds = start.elapsed().as_secs_f64();
        match rows.map(|table| self.store.write(self.plan, cell, &table)) {
            Ok(Ok(())) => self.finish(index, seconds, StepResult::Computed),
            Ok(Err(error)) => self.with_tally(|tally| tally.broken = Some(error)),
            Err(message) => self.finish(index, seconds, StepResult::Failed(&message)),
        }
    }

    fn finish(&self, index: usize, seconds: f64, result: StepResult) {
        let cell = &self.plan.cells()[index];
        let (done, pending, seconds_left) = self.with_tally(|tally| {
            tally.record(index, cell.cost(), seconds, result);
            (tally.done, tally.total, tally.left.seconds())
        });
        self.progress.finished(&Step { cell, result, seconds, done, pending, seconds_left });
    }

    /// No code of the caller runs under the lock, so a poisoned one still holds a whole tally.
    fn with_tally<T>(&self, act: impl FnOnce(&mut Tally) -> T) -> T {
        act(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The cell's rows, or its error with all causes, or its panic's message.
fn attempt<F, E>(work: &F, cell: &Cell) -> Result<Table, String>
where
    F: Fn(&Cell) -> Result<Table, E>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    // What a panic leaves half done is the work's own; the sweep only reads the cell.
    match catch_unwind(AssertUnwindSafe(|| work(cell))) {
        Ok(result) => result.map_err(|error| with_causes(error.into().as_ref())),
        Err(payload) => Err(format!("panicked: {}", panic_message(payload.as_ref()))),
    }
}

/// The message and those of its causes, but for causes the message already ends with.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref().copied()).unwrap_or("without a message")
}
