//! Size and power of the test of one exponent under errors as those of real runs are: how often it
//! rejects at 5 %.
//!
//! `cargo run --release -p asymscale-fitting --example one_exponent -- SETS PATTERNS FIRST` (1000,
//! 199, 100000: the first seed, others than those at which the limits of residuals were chosen;
//! some minutes)

mod designs;

use asymscale_fitting::{FitOptions, Parameters, symmetry_test};
use designs::{Design, checkpoints, designs};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

/// The law of a design with β = ratio · α, of the same loss from too few samples in the middle of
/// the runs.
fn with_ratio(design: &Design, ratio: f64) -> Parameters {
    let law = design.law;
    let beta = ratio * law.alpha;
    Parameters { beta, b: law.b * 1e10f64.powf(beta - law.beta), ..law }
}

/// Shares of data sets that are rejected: by patterns, where these give a p-value, and by Fisher's
/// F.
fn rejected(
    design: &Design,
    ratio: f64,
    (sets, patterns, first): (usize, usize, usize),
) -> (Option<f64>, f64) {
    let law = with_ratio(design, ratio);
    let one = |set: u64| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
        let runs = design.draw(&law, &mut rng);
        let test =
            symmetry_test(&runs, &FitOptions::default(), patterns, &mut rng).expect("two laws");
        (test.bootstrap_p_value.map(|p| p <= 0.05), test.p_value <= 0.05)
    };
    let found: Vec<(Option<bool>, bool)> =
        (first as u64..(first + sets) as u64).into_par_iter().map(one).collect();
    let share = |count: usize| count as f64 / sets as f64;
    let by_patterns: Option<Vec<bool>> = found.iter().map(|found| found.0).collect();
    let by_patterns =
        by_patterns.map(|found| share(found.iter().filter(|rejected| **rejected).count()));
    (by_patterns, share(found.iter().filter(|found| found.1).count()))
}

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let effort = (number(1, 1000), number(2, 199), number(3, 100_000));
    println!("errors                      at 1 (F)       at 1.15 (F)    at 1.5 (F)");
    let more = [(8, 10), (14, 10), (24, 10), (40, 10), (16, 60)];
    for design in designs().into_iter().chain(more.map(|(runs, each)| checkpoints(runs, each))) {
        let shares = [1.0, 1.15, 1.5].map(|ratio| {
            let (patterns, fisher) = rejected(&design, ratio, effort);
            let patterns =
                patterns.map_or_else(|| "none".to_owned(), |share| format!("{share:.3}"));
            format!("{patterns} ({fisher:.3})")
        });
        println!("{:26}  {}", design.name, shares.join("  "));
    }
}
