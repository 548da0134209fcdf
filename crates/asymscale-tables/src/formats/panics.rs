//! Catches panics of a library that is given damaged bytes, and keeps them off standard error.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread expects a panic.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The result of a function, or `None` if it panics on this thread. What it borrowed is dropped
/// with it.
///
/// The panic hook of the program is still called for every other panic.
pub(crate) fn catch_panic<T>(read: impl FnOnce() -> T) -> Option<T> {
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
    use super::catch_panic;

    #[test]
    fn a_panic_is_nothing() {
        assert_eq!(catch_panic(|| 1), Some(1));
        assert_eq!(catch_panic(|| Vec::<u8>::new()[std::hint::black_box(3)]), None);
    }
}
