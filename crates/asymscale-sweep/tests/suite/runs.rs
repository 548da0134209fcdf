//! The merged bytes do not depend on threads, shards, order or company.

use crate::example::{CELLS, compute, files, merged, plan, plan_with, reference, threads, work};
use asymscale_sweep::{
    Agenda, Cell, Options, Progress, Shard, Step, StepResult, Store, SweepError, TimeLeft, merge,
    run,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[test]
fn one_thread_two_threads_and_any_order_agree() {
    let orders: [fn(usize) -> f64; 3] =
        [|i| 1.0 + i as f64, |i| 100.0 - i as f64, |i| 1.0 + (i * 7 % 5) as f64];
    for order in orders {
        for count in [1, 2, 5, 40] {
            let folder = tempfile::tempdir().unwrap();
            let (plan, store) = (plan_with(1, "code", order), Store::new(folder.path()));
            let outcome = compute(&plan, &store, &threads(count));
            assert_eq!((outcome.computed, outcome.cached, outcome.elsewhere), (CELLS, 0, 0));
            assert!(outcome.seconds > 0.0, "what all cells took");
            assert_eq!(merged(&plan, &store), reference(&plan), "{count} threads");
        }
    }
}

#[test]
fn shards_merge_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    for index in [2, 3, 1] {
        let options = Options { shard: Some(Shard::new(index, 3).unwrap()), ..threads(2) };
        let outcome = compute(&plan, &store, &options);
        assert_eq!(outcome.cached, 0);
        assert_eq!(outcome.is_complete(), index == 1, "the last shard to run completes the plan");
    }
    assert_eq!(merged(&plan, &store), reference(&plan));
    let outcome = compute(&plan, &store, &threads(1));
    assert_eq!((outcome.computed, outcome.cached), (0, CELLS));
}

#[test]
fn a_merge_too_early_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    for (i, cell) in plan.cells().iter().enumerate().filter(|(i, _)| i % 2 == 0) {
        assert!(work(cell).unwrap().len() == i);
        store.write(&plan, cell, &work(cell).unwrap()).unwrap();
    }
    let message = merge(&plan, &store).unwrap_err().to_string();
    let expected = "6 of 12 parts are missing: `c1`: no part; `c3`: no part; `c5`: no part; `c7`: no part; \
                    `c9`: no part; and 1 more";
    assert_eq!(message, expected);
}

#[test]
fn two_runs_may_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..4).map(|_| scope.spawn(|| compute(&plan, &store, &threads(2)))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(outcomes.iter().all(|outcome| outcome.computed + outcome.cached == CELLS));
    assert!(outcomes.iter().map(|outcome| outcome.computed).sum::<usize>() >= CELLS);
    assert_eq!((files(&store, "part"), files(&store, "tmp")), (CELLS, 0));
    assert_eq!(merged(&plan, &store), reference(&plan));
}

#[test]
fn what_another_run_computed_meanwhile_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    let busy = |cell: &Cell| {
        compute(&plan, &store, &threads(1));
        work(cell)
    };
    let outcome = run(&plan, &store, &threads(1), &(), busy).unwrap();
    assert_eq!((outcome.computed, outcome.cached), (1, CELLS - 1));
    assert_eq!(merged(&plan, &store), reference(&plan));
}

#[test]
fn a_run_told_to_stop_keeps_what_it_began_and_counts_what_it_left() {
    for count in [1, 3] {
        let folder = tempfile::tempdir().unwrap();
        let (plan, store) = (plan(), Store::new(folder.path()));
        let (stop, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
        let busy = |cell: &Cell| {
            stop.fetch_or(begun.fetch_add(1, Ordering::SeqCst) == 3, Ordering::SeqCst);
            work(cell)
        };
        let options = Options { stop: Some(&stop), ..threads(count) };
        let outcome = run(&plan, &store, &options, &(), busy).unwrap();
        assert_eq!(outcome.computed, begun.load(Ordering::SeqCst), "every cell begun is kept");
        assert!((4..4 + count).contains(&outcome.computed), "{} computed", outcome.computed);
        assert_eq!((outcome.left, outcome.is_complete()), (CELLS - outcome.computed, false));

        let again = run(&plan, &store, &options, &(), busy).unwrap();
        assert_eq!((again.computed, again.left), (0, outcome.left), "still told to stop");
        assert_eq!(compute(&plan, &store, &threads(count)).computed, outcome.left);
        assert_eq!(merged(&plan, &store), reference(&plan));
    }
}

#[derive(Default)]
struct Log {
    agenda: Mutex<Vec<(usize, usize, usize)>>,
    steps: Mutex<Vec<(String, usize, bool)>>,
    running: Mutex<Vec<String>>,
}

impl Progress for Log {
    fn started(&self, agenda: &Agenda) {
        self.agenda.lock().unwrap().push((agenda.cached, agenda.pending, agenda.elsewhere));
    }

    fn running(&self, cell: &Cell) {
        self.running.lock().unwrap().push(cell.name().into());
    }

    fn finished(&self, step: &Step) {
        assert_eq!((step.pending, step.result), (CELLS - 1, StepResult::Computed));
        self.steps.lock().unwrap().push((
            step.cell.name().into(),
            step.done,
            step.seconds_left.is_some(),
        ));
    }
}

#[test]
fn progress_hears_of_every_cell_the_longest_first() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, store) = (plan(), Store::new(folder.path()));
    store.write(&plan, &plan.cells()[4], &work(&plan.cells()[4]).unwrap()).unwrap();
    let log = Log::default();
    run(&plan, &store, &threads(1), &log, work).unwrap();
    assert_eq!(*log.agenda.lock().unwrap(), [(1, CELLS - 1, 0)]);
    let expected: Vec<String> =
        (0..CELLS).rev().filter(|i| *i != 4).map(|i| format!("c{i}")).collect();
    assert_eq!(*log.running.lock().unwrap(), expected);
    let steps: Vec<_> =
        expected.into_iter().zip(1..).map(|(name, done)| (name, done, true)).collect();
    assert_eq!(*log.steps.lock().unwrap(), steps);
}

#[test]
fn time_left_weighs_costs() {
    let mut left = TimeLeft::new(100.0, 4);
    left.skipped(20.0);
    assert_eq!(left.seconds(), None);
    left.computed(10.0, 5.0);
    left.computed(30.0, 15.0);
    assert_eq!(left.seconds(), Some(5.0)); // 40 units at half a second, by 4 threads
    left.computed(40.0, 20.0);
    assert_eq!(left.seconds(), Some(0.0));
}

#[test]
fn a_run_needs_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let error = run(&plan(), &Store::new(folder.path()), &threads(0), &(), work).unwrap_err();
    assert!(matches!(error, SweepError::Threads(0)));
    assert_eq!(error.to_string(), "threads = 0: must be a whole number >= 1");
}
