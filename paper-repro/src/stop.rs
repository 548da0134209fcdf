//! Signals that end a run early without losing work.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What asks a run to end: ctrl-C, the polite kill, and the warning schedulers send before time is
/// up.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGUSR1];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// A flag that is set when a signal asks the run to end: no further cell is started, those running
/// are finished and kept. A second ctrl-C waits for nothing.
///
/// # Errors
/// If the operating system refuses the handlers.
pub(crate) fn on_signals() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    // In this order, so that the first one finds the flag unset. Only ctrl-C is pressed twice on
    // purpose: schedulers send the others several times over.
    flag::register_conditional_shutdown(SIGINT, 128 + SIGINT, Arc::clone(&stop))?;
    for signal in SIGNALS {
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
