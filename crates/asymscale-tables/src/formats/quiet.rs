//! Panics of a library that is given damaged bytes, caught and kept off standard error.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread expects a panic.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What a reader gives, or `None` if it panics on this thread. What it had touched is dropped with
/// it.
///
/// The hook of the program still hears of every other panic.
pub(crate) fn quietly<T>(read: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let found = panic::catch_unwind(AssertUnwindSafe(read));
    QUIET.set(outer);
    found.ok()
}

#[cfg(test)]
mod tests {
    use super::quietly;

    #[test]
    fn a_panic_is_nothing() {
        assert_eq!(quietly(|| 1), Some(1));
        assert_eq!(quietly(|| Vec::<u8>::new()[std::hint::black_box(3)]), None);
    }
}
