//! What a run tells its caller while it goes.

use crate::{Cell, Survey};

/// Told what a run does, from the threads that do it. Every method does nothing by default; `()` is
/// silent.
///
/// ```
/// use asymscale_sweep::{Progress, Step};
/// use std::sync::Mutex;
/// struct Log(Mutex<Vec<String>>);
/// impl Progress for Log {
///     fn finished(&self, step: &Step) {
///         self.0.lock().unwrap().push(format!("{}/{} {}", step.done, step.pending, step.cell.name()));
///     }
/// }
/// # use asymscale_sweep::{Cell, Options, Plan, Store, SweepError, Table, run};
/// # let folder = tempfile::tempdir()?;
/// let cell = Cell::new("only", &serde_json::json!({}))?;
/// let plan = Plan::new("log", 1, "code", vec![cell])?;
/// let log = Log(Mutex::default());
/// let work = |_: &Cell| Ok::<_, SweepError>(Table::default());
/// run(&plan, &Store::new(folder.path()), &Options::default(), &log, work)?;
/// assert_eq!(*log.0.lock().unwrap(), ["1/1 only"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Progress: Sync {
    /// The parts have been looked at, work begins (also when there is none).
    fn started(&self, agenda: &Agenda) {
        let _ = agenda;
    }

    /// A thread takes up a cell.
    fn running(&self, cell: &Cell) {
        let _ = cell;
    }

    /// A cell is done with, and stored unless it failed.
    fn finished(&self, step: &Step) {
        let _ = step;
    }
}

impl Progress for () {}

/// What a run is about to do.
#[derive(Debug, Clone, Copy)]
pub struct Agenda<'a> {
    /// What the store held for every cell of the plan, and so why cells are computed again.
    pub survey: &'a Survey,
    /// Cells of this run (of its shard) that are fresh.
    pub cached: usize,
    /// Cells of this run to be computed.
    pub pending: usize,
    /// Sum of their costs.
    pub cost: f64,
    /// Cells of other shards without a fresh part.
    pub elsewhere: usize,
}

/// A cell is done with.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Which.
    pub cell: &'a Cell,
    /// How it went.
    pub result: StepResult<'a>,
    /// Wall-clock seconds it took.
    pub seconds: f64,
    /// Cells done with so far.
    pub done: usize,
    /// Cells this run had to do.
    pub pending: usize,
    /// Estimate of [`TimeLeft`], in seconds; `None` as long as no cell has been computed.
    pub seconds_left: Option<f64>,
}

/// How a cell went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult<'a> {
    /// Computed and stored.
    Computed,
    /// Found in the store: another process was faster.
    Adopted,
    /// Failed, with this message.
    Failed(&'a str),
}

/// Time left, by cost: the cost still to do, at the pace of the cells computed so far.
///
/// Each cell's own seconds are counted, not the wall clock, so that the start of a run, where all
/// threads work on their first long cells, does not mislead. Right on average when seconds are
/// proportional to costs; with few cells left for many threads it is too low, at worst by one cell.
///
/// ```
/// let mut left = asymscale_sweep::TimeLeft::new(10.0, 2); // cost of all, threads
/// assert_eq!(left.seconds(), None);
/// left.computed(4.0, 8.0); // a cell of cost 4 took 8 s: 2 s for a unit of cost
/// assert_eq!(left.seconds(), Some(6.0)); // 6 units by 2 threads
/// ```
#[derive(Debug, Clone)]
pub struct TimeLeft {
    remaining: f64,
    threads: usize,
    done_cost: f64,
    done_seconds: f64,
}

impl TimeLeft {
    /// Before the first cell: the sum of all costs, the number of threads (0 counts as 1).
    pub fn new(cost: f64, threads: usize) -> Self {
        Self { remaining: cost, threads: threads.max(1), done_cost: 0.0, done_seconds: 0.0 }
    }

    /// A cell of this cost took so many seconds.
    pub fn computed(&mut self, cost: f64, seconds: f64) {
        self.skipped(cost);
        self.done_cost += cost;
        self.done_seconds += seconds;
    }

    /// A cell of this cost need not be computed after all.
    pub fn skipped(&mut self, cost: f64) {
        // Sums in another order may differ in the last bit.
        self.remaining = (self.remaining - cost).max(0.0);
    }

    /// Seconds left, `None` before the first computed cell.
    pub fn seconds(&self) -> Option<f64> {
        let pace = self.done_seconds / self.done_cost;
        (self.done_cost > 0.0).then(|| self.remaining * pace / self.threads as f64)
    }
}
