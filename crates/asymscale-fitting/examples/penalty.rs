//! Coverage of the corrected bootstrap where runs above the law count less: the table in the
//! README.
//!
//! `cargo run --release -p asymscale-fitting --no-default-features --example penalty -- SETS
//! RESAMPLES` (300 and 199; some minutes)
//!
//! Errors are alike in all runs, so that the law of a quantile has the exponents and the best N of
//! the law they are errors of.

#[allow(dead_code, reason = "each example uses a part")]
mod designs;

use asymscale_fitting::{
    BootstrapInterval, FitBootstrapOptions, FitOptions, Objective, Parameter, Parameters, Runs,
    fit_law,
};
use designs::{LAW, normal};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const LEVEL: f64 = 0.95;
const DELTA: f64 = 1e-3;

/// Name, runs of each of 6 × 6 sizes, an error of `ln loss`.
type Design = (&'static str, usize, fn(&mut Xoshiro256PlusPlus) -> f64);

const DESIGNS: [Design; 2] = [
    ("36 runs, normal, 0.5 %", 1, |rng| 0.005 * normal(rng)),
    ("144 runs, badly tuned", 4, |rng| {
        0.003 * normal(rng) - 0.03 * (1.0 - rng.random::<f64>()).ln()
    }),
];

fn draw(
    each: usize,
    error: fn(&mut Xoshiro256PlusPlus) -> f64,
    rng: &mut Xoshiro256PlusPlus,
) -> Runs {
    let size = |k: usize| (2e7 * 3f64.powi((k % 6) as i32), 4e8 * 4f64.powi((k / 6 % 6) as i32));
    let (n, d): (Vec<f64>, Vec<f64>) = (0..36 * each).map(size).unzip();
    let losses: Vec<f64> =
        n.iter().zip(&d).map(|(n, d)| LAW.loss(*n, *d) * error(rng).exp()).collect();
    Runs::new(&n, &d, &losses).expect("finite and positive")
}

fn best(law: &Parameters) -> f64 {
    law.optimum(1e21, 1.0).map_or(f64::NAN, |best| best.0)
}

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let (sets, resamples): (usize, usize) = (number(1, 300), number(2, 199));
    println!("errors                   weight  alpha beta  ratio best N");
    for (name, each, error) in DESIGNS {
        for above in [1.0, 0.1] {
            let objective = Objective::AsymmetricHuberLog { delta: DELTA, above };
            let options = FitOptions { objective, ..FitOptions::default() };
            let one = |set: u64| {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
                let fit = fit_law(&draw(each, error, &mut rng), &options).expect("a law");
                let resampling =
                    FitBootstrapOptions { resamples, audit: 0.0, ..FitBootstrapOptions::default() };
                let found = fit.bootstrap(&resampling, &mut rng).expect("resamples");
                let covered = |parameter: Parameter| {
                    let interval = found.interval(parameter, LEVEL, BootstrapInterval::Bca);
                    interval.expect("an interval").contains(LAW.get(parameter))
                };
                let of_best =
                    found.interval_of(best, LEVEL, BootstrapInterval::Bca).expect("an interval");
                let [alpha, beta, ratio] =
                    [Parameter::Alpha, Parameter::Beta, Parameter::Ratio].map(covered);
                [alpha, beta, ratio, of_best.contains(best(&LAW))]
            };
            let all: Vec<[bool; 4]> = (0..sets as u64).into_par_iter().map(one).collect();
            let share = |k: usize| {
                format!("{:.3}", all.iter().filter(|set| set[k]).count() as f64 / sets as f64)
            };
            println!("{name:24} {above:6}  {}", [0, 1, 2, 3].map(share).join(" "));
        }
    }
}
