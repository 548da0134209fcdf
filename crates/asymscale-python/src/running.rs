//! Where work runs: without the interpreter's lock, on a pool of threads of its own, and so that
//! Ctrl-C is heard.

use asymscale::answers::Refusal;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often Ctrl-C is asked for.
const TICK: Duration = Duration::from_millis(20);

/// Whether somebody has stopped the work.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Refuses to go on once the work is stopped.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.0.load(Ordering::Relaxed) { Err(Refusal::failed("interrupted")) } else { Ok(()) }
    }
}

/// Runs work on a pool of threads, while this thread listens for Ctrl-C. Once that is heard, the
/// exception is raised at once, and the work ends at its next check.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    threads: Option<usize>,
    work: impl FnOnce(&Stop) -> T + Send + 'static,
) -> PyResult<T> {
    let pool = pool(threads)?;
    let stop = Stop::default();
    let (sender, mut receiver) = mpsc::channel();
    let own = stop.clone();
    let worker = thread::Builder::new().spawn(move || {
        // Nobody listens any more once Ctrl-C was heard.
        let _ = sender.send(pool.install(|| work(&own)));
    });
    worker
        .map_err(|error| PyRuntimeError::new_err(format!("no thread can be started: {error}")))?;
    loop {
        let (again, found) = py.detach(move || {
            let found = receiver.recv_timeout(TICK);
            (receiver, found)
        });
        receiver = again;
        match found {
            Ok(found) => return Ok(found),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(interrupt) = py.check_signals() {
                    stop.0.store(true, Ordering::Relaxed);
                    // Later calls do not wait for what is still running.
                    std::mem::forget(shared_pool().take());
                    return Err(interrupt);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the computation ended without an answer"));
            }
        }
    }
}

/// The pool that is shared by calls without `threads=`, and the process it belongs to.
static SHARED: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn shared_pool() -> MutexGuard<'static, Option<(u32, Arc<ThreadPool>)>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many threads, or as many as there are processors. A process that was forked has none of its
/// parent's threads, so it gets a pool of its own.
fn pool(threads: Option<usize>) -> PyResult<Arc<ThreadPool>> {
    let build = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let failed = |error| PyRuntimeError::new_err(format!("threads = {threads}: {error}"));
        pool.map(Arc::new).map_err(failed)
    };
    if let Some(threads) = threads {
        if !(1..=1024).contains(&threads) {
            return Err(PyValueError::new_err(format!(
                "threads = {threads}: must be a whole number in 1..1024"
            )));
        }
        return build(threads);
    }
    let mut shared = shared_pool();
    let process = std::process::id();
    if let Some((_, pool)) = shared.as_ref().filter(|(owner, _)| *owner == process) {
        return Ok(Arc::clone(pool));
    }
    let pool = build(0)?;
    // The pool of a parent process is not dropped: its threads, which are not here, cannot end.
    std::mem::forget(shared.replace((process, Arc::clone(&pool))));
    Ok(pool)
}
