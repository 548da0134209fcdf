//! Processor time and resident memory of this process, as Linux tells them; elsewhere the clock,
//! and 0.

use std::fs;
use std::sync::LazyLock;
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Seconds that all threads alive have spent on processors: other programs may share them, and do
/// not count.
pub(crate) fn seconds() -> f64 {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    let spent: f64 = nanoseconds.sum();
    if spent > 0.0 { spent * 1e-9 } else { START.elapsed().as_secs_f64() }
}

/// What is resident now, in bytes.
pub(crate) fn resident() -> f64 {
    entry("VmRSS:")
}

/// The most that was resident since [`forget_peak`], in bytes.
pub(crate) fn peak() -> f64 {
    entry("VmHWM:")
}

/// Sets the peak to what is resident now. Where that is refused the peak stays that of the whole
/// run: too high, never too low.
pub(crate) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn entry(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}
