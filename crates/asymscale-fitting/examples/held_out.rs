//! Coverage of predictions of the largest runs by a law of the others: the table in the README.
//!
//! `cargo run --release -p asymscale-fitting --example held_out -- SETS RESAMPLES` (300 and 399;
//! two minutes)

use asymscale_fitting::{
    FitBootstrapOptions, FitOptions, FittedLaw, FittingError, Parameters, Resampling, Runs, fit_law,
};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
const LEVEL: f64 = 0.95;

/// Sizes of runs, how many of the largest are held out, and how large the errors of `ln loss` are.
struct Design {
    name: &'static str,
    sizes: Vec<(f64, f64)>,
    held_out: usize,
    heavy: bool,
    grouped: bool,
}

fn grid(features: i32, samples: i32) -> Vec<(f64, f64)> {
    let size = |k: i32| (2e7 * 3f64.powi(k % features), 4e8 * 4f64.powi(k / features));
    let mut sizes: Vec<(f64, f64)> = (0..features * samples).map(size).collect();
    sizes.sort_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1)));
    sizes
}

fn checkpoints() -> Vec<(f64, f64)> {
    let run = |k: i32| {
        (2e7 * 2f64.powi(k / 10 % 8), 2e9 * 8f64.powi(k / 80) * f64::from(k % 10 + 1) / 10.0)
    };
    (0..160).map(run).collect()
}

fn designs() -> Vec<Design> {
    let of = |name, sizes, held_out, heavy| Design { name, sizes, held_out, heavy, grouped: false };
    vec![
        of("normal, 36 runs", grid(6, 6), 6, false),
        of("normal, 36 runs", grid(6, 6), 1, false),
        of("Student's t of 3, 36 runs", grid(6, 6), 6, true),
        of("normal, 16 runs", grid(4, 4), 3, false),
        of("normal, 12 runs", grid(4, 3), 2, false),
        Design {
            name: "16 runs of 10 checkpoints",
            sizes: checkpoints(),
            held_out: 10,
            heavy: false,
            grouped: true,
        },
    ]
}

impl Design {
    fn draw(&self, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
        let tail = StudentT::new(3.0).expect("three degrees of freedom");
        let normal = |rng: &mut Xoshiro256PlusPlus| -> f64 { StandardNormal.sample(rng) };
        let mut shared = 0.0;
        let mut error = |row: usize| {
            if self.grouped && row.is_multiple_of(10) {
                shared = 0.01 * normal(rng);
            }
            match (self.grouped, self.heavy) {
                (true, _) => shared + 0.001 * normal(rng),
                (_, true) => 0.006 * tail.sample(rng),
                _ => 0.01 * normal(rng),
            }
        };
        self.sizes
            .iter()
            .enumerate()
            .map(|(row, &(n, d))| LAW.loss(n, d) * error(row).exp())
            .collect()
    }

    /// Whether each interval of a run and of the law held the truth, and that of the mean error.
    fn one(&self, seed: u64, resamples: usize) -> Result<([usize; 2], bool), FittingError> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let losses = self.draw(&mut rng);
        let kept = self.sizes.len() - self.held_out;
        let runs = |rows: std::ops::Range<usize>| {
            let (n, d): (Vec<f64>, Vec<f64>) = self.sizes[rows.clone()].iter().copied().unzip();
            let runs = Runs::new(&n, &d, &losses[rows.clone()])?;
            let groups: Vec<usize> = rows.map(|row| row / 10).collect();
            if self.grouped { runs.with_groups(&groups) } else { Ok(runs) }
        };
        let fit = fit_law(&runs(0..kept)?, &FitOptions::default())?;
        let resampling = if self.grouped { Resampling::Groups } else { Resampling::Rows };
        let options = FitBootstrapOptions { resamples, audit: 0.0, resampling };
        let refits = fit.bootstrap(&options, &mut rng)?;
        let found =
            FittedLaw::new(&fit, Some(&refits)).validate(&runs(kept..self.sizes.len())?, LEVEL)?;
        let of_law = found.forecasts.iter().filter(|found| {
            found.law.is_some_and(|law| law.contains(LAW.loss(found.features, found.samples)))
        });
        Ok((
            [found.inside.unwrap_or(0), of_law.count()],
            found.shift.contains(found.shift.estimate),
        ))
    }
}

fn main() {
    let number = |k: usize, otherwise: usize| {
        std::env::args().nth(k).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let (sets, resamples) = (number(1, 1000), number(2, 399));
    println!(
        "| errors | held out | runs in their interval | law in its interval | mean error within chance |"
    );
    println!("|---|---|---|---|---|");
    for design in designs() {
        let one = |seed: u64| design.one(seed, resamples).ok();
        let found: Vec<([usize; 2], bool)> =
            (0..sets as u64).into_par_iter().filter_map(one).collect();
        let total = (found.len() * design.held_out) as f64;
        let share = |k: usize| found.iter().map(|set| set.0[k]).sum::<usize>() as f64 / total;
        let shifts = found.iter().filter(|set| set.1).count() as f64 / found.len() as f64;
        println!(
            "| {} | {} | {:.3} | {:.3} | {shifts:.3} |",
            design.name,
            design.held_out,
            share(0),
            share(1)
        );
    }
}
