//! Coverage of the intervals of many rows, from the sandwich covariance, under errors as those of
//! real runs are.
//!
//! `cargo run --release -p asymscale-fitting --example many_rows -- SETS` (1000; some minutes)

#[allow(dead_code, reason = "each example uses a part")]
mod designs;

use asymscale_fitting::{BootstrapInterval, FitOptions, Parameter, Parameters, Starts, fit_law};
use designs::{Design, checkpoints, normal};
use rand_distr::{Distribution, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const ROWS: usize = 6000;
const LEVEL: f64 = 0.95;

/// Rows of one error each, drawn by a function of D/N.
fn single(
    name: &str,
    error: impl Fn(f64, &mut Xoshiro256PlusPlus) -> f64 + Sync + 'static,
) -> Design {
    // Two irrational steps spread N and D evenly over a rectangle of logarithms.
    let at = |k: usize, step: f64| (k as f64 * step).fract();
    let features: Vec<f64> = (0..ROWS).map(|k| 2e7 * 1000f64.powf(at(k, 0.754_877_666))).collect();
    let samples: Vec<f64> = (0..ROWS).map(|k| 4e8 * 1000f64.powf(at(k, 0.569_840_291))).collect();
    let ratios: Vec<f64> = samples.iter().zip(&features).map(|(d, n)| d / n).collect();
    Design {
        name: name.to_owned(),
        features,
        samples,
        law: designs::LAW,
        groups: None,
        errors: Box::new(move |rng| ratios.iter().map(|ratio| error(*ratio, rng)).collect()),
    }
}

/// Whether each interval holds the truth: of the parameters, the best N at ten times the compute,
/// and the loss at ten times N and D.
fn covered(design: &Design, set: u64) -> Vec<bool> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
    let runs = design.draw(&design.law, &mut rng);
    let options = FitOptions { starts: Starts::Given(vec![design.law]), ..FitOptions::default() };
    let drawn =
        fit_law(&runs, &options).expect("a law").sandwich(10_000, &mut rng).expect("a covariance");
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (n, d) = (most(&design.features), most(&design.samples));
    let best =
        |law: &Parameters| law.optimum(10.0 * n * d, 1.0).map_or(f64::NAN, |best| best.0.ln());
    let loss = |law: &Parameters| law.loss(10.0 * n, 10.0 * d);
    let holds = |quantity: &dyn Fn(&Parameters) -> f64| {
        let interval =
            drawn.interval_of(quantity, LEVEL, BootstrapInterval::Bca).expect("draws enough");
        interval.contains(quantity(&design.law))
    };
    let mut covered: Vec<bool> = Parameter::ALL.iter().map(|p| holds(&|law| law.get(*p))).collect();
    covered.extend([holds(&best), holds(&loss)]);
    covered
}

fn main() {
    let sets = std::env::args().nth(1).map_or(300, |word| word.parse().expect("a number"));
    let tail = StudentT::new(3.0).expect("three degrees of freedom");
    let spread = |ratio: f64| 0.004 * (1.0 + 2.0 * (ratio / 20.0).log10().abs());
    println!("errors of {ROWS} rows          e     a     b     alpha beta  ratio N*    loss");
    for design in [
        single("normal", |_, rng| 0.005 * normal(rng)),
        single("spread by D/N", move |ratio, rng| spread(ratio) * normal(rng)),
        single("t of 3", move |_, rng| 0.006 * tail.sample(rng)),
        checkpoints(600, 10),
        checkpoints(100, 60),
        checkpoints(40, 150),
        checkpoints(16, 375),
    ] {
        let all: Vec<Vec<bool>> =
            (0..sets).into_par_iter().map(|set| covered(&design, set)).collect();
        let share = |k: usize| all.iter().filter(|set| set[k]).count() as f64 / sets as f64;
        let shares: Vec<String> = (0..8).map(|k| format!("{:.3}", share(k))).collect();
        println!("{:26} {}", design.name, shares.join(" "));
    }
}
