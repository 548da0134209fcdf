//! How many evaluations a root takes: bisection, Newton's method in a bracket, Hermite
//! interpolation.
//!
//! `cargo run --release -p asymscale-numerics --example convergence`

use asymscale_numerics::{Bracket, bisect, increasing_root, newton_in_bracket};

/// `x + eˣ − 2`, whose root is 0.442 854 401 002 388 6.
fn value_and_slope(x: f64) -> (f64, f64) {
    (x + x.exp() - 2.0, 1.0 + x.exp())
}

fn main() {
    println!("{:<24} {:>12} {:>20}", "method", "evaluations", "root");
    let bracket = Bracket::new(-10.0, 10.0);
    let mut count = 0;
    let root = bisect(bracket, 56, |x| {
        count += 1;
        value_and_slope(x).0 < 0.0
    });
    println!("{:<24} {count:>12} {:>20.16}", "bisection", root.middle());
    count = 0;
    let root = newton_in_bracket(bracket, |x| {
        count += 1;
        value_and_slope(x)
    });
    println!("{:<24} {count:>12} {root:>20.16}", "Newton in a bracket");
    let (mut count, mut last) = (0, 0.0);
    let accept = |step: f64, _: f64| step < 1e-12;
    let step = increasing_root(0.0, (-10.0, 10.0), accept, |x| {
        (count, last) = (count + 1, x);
        value_and_slope(x)
    });
    println!("{:<24} {count:>12} {:>20.16}", "Hermite interpolation", last + step);
}
