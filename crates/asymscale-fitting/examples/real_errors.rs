//! Coverage of intervals, and size of tests, under errors as those of real runs are: the table in
//! the README.
//!
//! `cargo run --release -p asymscale-fitting --example real_errors -- SETS RESAMPLES` (300 and 399;
//! some minutes)

#[allow(dead_code, reason = "each example uses a part")]
mod designs;

use asymscale_fitting::{
    BootstrapInterval, Fit, FitBootstrapOptions, FitOptions, Parameter, Parameters, Resampling,
    fit_law, signal_test, symmetry_test,
};
use designs::{Design, designs};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const LEVEL: f64 = 0.95;

/// What follows from a law.
type Quantity = Box<dyn Fn(&Parameters) -> f64 + Sync>;

/// Quantities beside the parameters: best N and D/N at ten times the largest compute, and the loss
/// at ten times the largest N and D.
fn others(design: &Design) -> [Quantity; 2] {
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (n, d) = (most(&design.features), most(&design.samples));
    [
        Box::new(move |law: &Parameters| {
            law.optimum(10.0 * n * d, 1.0).map_or(f64::NAN, |best| best.0)
        }),
        Box::new(move |law: &Parameters| law.loss(10.0 * n, 10.0 * d)),
    ]
}

fn resampled(
    fit: &Fit,
    resamples: usize,
    rng: &mut Xoshiro256PlusPlus,
) -> asymscale_fitting::FitBootstrap {
    let resampling =
        if fit.runs().groups().is_some() { Resampling::Groups } else { Resampling::Rows };
    let options = FitBootstrapOptions { resampling, resamples, audit: 0.0 };
    fit.bootstrap(&options, rng).expect("resamples")
}

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let (sets, resamples): (usize, usize) = (number(1, 300), number(2, 399));
    println!(
        "errors                 e     a     b     alpha beta  ratio N*    loss  (BCa; profile below)   one exponent  no N"
    );
    for design in designs() {
        let others = others(&design);
        let tied = Parameters {
            beta: design.law.alpha,
            b: design.law.b * 1e10f64.powf(design.law.alpha - design.law.beta),
            ..design.law
        };
        let without = Parameters { a: 0.0, ..design.law };
        let one = |set: u64| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
            let fit = fit_law(&design.draw(&design.law, &mut rng), &FitOptions::default())
                .expect("a law");
            let found = resampled(&fit, resamples, &mut rng);
            let mut covered: Vec<bool> = Parameter::ALL
                .iter()
                .map(|p| {
                    found
                        .interval(*p, LEVEL, BootstrapInterval::Bca)
                        .expect("an interval")
                        .contains(design.law.get(*p))
                })
                .collect();
            covered.extend(others.iter().map(|quantity| {
                let interval = found
                    .interval_of(quantity, LEVEL, BootstrapInterval::Bca)
                    .expect("an interval");
                interval.contains(quantity(&design.law))
            }));
            covered.extend(Parameter::ALL.iter().map(|p| {
                fit.profile_interval(*p, LEVEL).expect("an interval").contains(design.law.get(*p))
            }));
            let test =
                symmetry_test(&design.draw(&tied, &mut rng), &FitOptions::default(), 199, &mut rng)
                    .expect("two laws");
            covered.push(test.bootstrap_p_value.is_some_and(|p| p <= 0.05));
            covered.push(test.p_value <= 0.05);
            covered.push(
                signal_test(&design.draw(&without, &mut rng), 199, &mut rng).features.p_value
                    <= 0.05,
            );
            covered
        };
        let all: Vec<Vec<bool>> = (0..sets as u64).into_par_iter().map(one).collect();
        let share = |k: usize| {
            format!("{:.3}", all.iter().filter(|set| set[k]).count() as f64 / sets as f64)
        };
        let shares = |range: std::ops::Range<usize>| range.map(share).collect::<Vec<_>>().join(" ");
        println!(
            "{:26} {}   {} (F {})  {}",
            design.name,
            shares(0..8),
            share(14),
            share(15),
            share(16)
        );
        println!("{:26} {}", "", shares(8..14));
    }
}
