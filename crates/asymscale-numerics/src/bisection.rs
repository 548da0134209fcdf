//! Bisection: the point of a bracket where a condition that holds below stops holding.
//!
//! All functions here ask one question, as [`slice::partition_point`] does: does `x` lie below the
//! point that is searched for? The ends of the bracket are never asked about.

use crate::Bracket;
use std::convert::Infallible;
use std::ops::Range;

/// Halves a bracket `halvings` times and returns what is left of it.
///
/// `is_below(x)` says whether `x` lies below the point that is searched for; for the root of an
/// increasing `f` it is `f(x) < 0`.
///
/// **Bracket.** The condition should hold at the lower end and not at the upper one, and change
/// once in between. If it holds everywhere the result ends at `bracket.high()`, if nowhere it
/// begins at `bracket.low()`; of several changes one is found.
///
/// **Accuracy.** The result has the width of the bracket over `2^halvings`, or is two neighbouring
/// floats (or one) from some 60 halvings on. A condition that rounding makes wrong near the point
/// is followed to one of the places where it changes.
///
/// **Cost.** `halvings` calls, no more and no less.
///
/// Source: R. P. Brent, *Algorithms for Minimization without Derivatives* (1973), chapter 3.
///
/// ```
/// use asymscale_numerics::{Bracket, bisect};
/// let found = bisect(Bracket::new(0.0, 2.0), 10, |x| x.exp() < 3.0);
/// assert!(found.low() < 3.0_f64.ln() && 3.0_f64.ln() <= found.high());
/// assert_eq!(found.width(), 2.0 / 1024.0);
/// ```
#[inline]
pub fn bisect(bracket: Bracket, halvings: u32, mut is_below: impl FnMut(f64) -> bool) -> Bracket {
    match try_bisect(bracket, halvings, |x| Ok::<bool, Infallible>(is_below(x))) {
        Ok(found) => found,
    }
}

/// [`bisect`] with a condition that can fail.
///
/// # Errors
/// The first error of `is_below`.
///
/// ```
/// use asymscale_numerics::{Bracket, try_bisect};
/// let is_below = |x: f64| if x == 0.5 { Err("no value at ½") } else { Ok(x < 0.3) };
/// assert_eq!(try_bisect(Bracket::new(0.0, 1.0), 9, is_below), Err("no value at ½"));
/// ```
#[inline]
pub fn try_bisect<E>(
    mut bracket: Bracket,
    halvings: u32,
    mut is_below: impl FnMut(f64) -> Result<bool, E>,
) -> Result<Bracket, E> {
    for _ in 0..halvings {
        let middle = bracket.middle();
        bracket.cut(middle, is_below(middle)?);
    }
    Ok(bracket)
}

/// [`bisect`] for as long as the bracket is `wide`, which may depend on where it lies.
///
/// Ends at neighbouring floats whatever `wide` says, so that it always does.
///
/// ```
/// use asymscale_numerics::{Bracket, bisect_while};
/// let wide = |bracket: Bracket| bracket.width() > 1e-9 * bracket.high();
/// let found = bisect_while(Bracket::new(1.0, 1e9), wide, |x| x * x < 1e10);
/// assert!((found.middle() / 1e5 - 1.0).abs() < 1e-9);
/// ```
#[inline]
pub fn bisect_while(
    mut bracket: Bracket,
    wide: impl Fn(Bracket) -> bool,
    mut is_below: impl FnMut(f64) -> bool,
) -> Bracket {
    while wide(bracket) {
        let middle = bracket.middle();
        if middle <= bracket.low() || middle >= bracket.high() {
            break;
        }
        bracket.cut(middle, is_below(middle));
    }
    bracket
}

/// [`bisect`] at geometric means, for a point known to orders of magnitude.
///
/// **Accuracy.** The ratio of the ends of the result is that of the bracket to the power
/// `2^−halvings`.
///
/// # Panics
/// Unless both ends are positive.
///
/// ```
/// use asymscale_numerics::{Bracket, bisect_geometric};
/// let found = bisect_geometric(Bracket::new(1e-12, 1e12), 40, |x| x < 3e-7).geometric_mean();
/// assert!((found / 3e-7 - 1.0).abs() < 1e-10);
/// ```
#[inline]
pub fn bisect_geometric(
    mut bracket: Bracket,
    halvings: u32,
    mut is_below: impl FnMut(f64) -> bool,
) -> Bracket {
    assert!(
        bracket.low() > 0.0,
        "bracket = [{:e}, …]: must be > 0 for geometric means",
        bracket.low()
    );
    for _ in 0..halvings {
        let middle = bracket.geometric_mean();
        bracket.cut(middle, is_below(middle));
    }
    bracket
}

/// The first whole number of a range that is not below the point searched for; its end if all are.
/// [`slice::partition_point`] without a slice.
///
/// **Cost.** At most `1 + log₂(length)` calls; none for an empty range.
///
/// ```
/// use asymscale_numerics::partition_point;
/// assert_eq!(partition_point(0..1000, |k| k * k < 90), 10);
/// assert_eq!(partition_point(5..5, |_| true), 5);
/// ```
#[inline]
pub fn partition_point(range: Range<u64>, mut is_below: impl FnMut(u64) -> bool) -> u64 {
    let Range { start: mut low, end: mut high } = range;
    while low < high {
        let middle = u64::midpoint(low, high);
        if is_below(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// One bit of the answer a call.
    #[test]
    fn the_width_halves_with_every_call() {
        let calls = Cell::new(0);
        for halvings in 0..40 {
            calls.set(0);
            let found = bisect(Bracket::new(-1.0, 1.0), halvings, |x| {
                calls.set(calls.get() + 1);
                x < 0.3
            });
            assert_eq!((calls.get(), found.width()), (halvings, 2.0 / 2f64.powi(halvings as i32)));
        }
    }

    #[test]
    fn conditions_that_never_change_end_at_an_end() {
        let bracket = Bracket::new(1.0, 2.0);
        assert_eq!(bisect(bracket, 100, |_| true).high(), 2.0);
        assert_eq!(bisect(bracket, 100, |_| false).low(), 1.0);
    }

    #[test]
    fn neighbouring_floats_end_a_search_that_would_not() {
        let found = bisect_while(Bracket::new(1.0, 2.0), |_| true, |x| x * x < 2.0);
        assert_eq!((found.low().next_up(), found.high()), (found.high(), 2.0_f64.sqrt()));
    }

    #[test]
    #[should_panic(expected = "must be > 0 for geometric means")]
    fn brackets_around_zero_have_no_geometric_mean() {
        bisect_geometric(Bracket::new(0.0, 1.0), 3, |_| true);
    }
}
