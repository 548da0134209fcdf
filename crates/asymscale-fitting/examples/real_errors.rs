//! Coverage of intervals, and size of tests, under errors as those of real runs are: the table in the README.
//!
//! `cargo run --release -p asymscale-fitting --example real_errors -- SETS RESAMPLES` (300 and 399; some minutes)

use asymscale_fitting::{
    BootstrapInterval, Fit, FitBootstrapOptions, FitOptions, Parameter, Parameters, Resampling, Runs,
    fit_law, signal_test, symmetry_test,
};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const PUBLIC: &str = include_str!("../../../tests/data/openlm-104-models.csv");
const LEVEL: f64 = 0.95;

/// Errors of `ln loss`, row by row.
type Errors = Box<dyn Fn(&mut Xoshiro256PlusPlus) -> Vec<f64> + Sync>;

/// What follows from a law.
type Quantity = Box<dyn Fn(&Parameters) -> f64 + Sync>;

struct Design {
    name: &'static str,
    features: Vec<f64>,
    samples: Vec<f64>,
    law: Parameters,
    groups: Option<Vec<usize>>,
    errors: Errors,
}

impl Design {
    fn draw(&self, law: &Parameters, rng: &mut Xoshiro256PlusPlus) -> Runs {
        let errors = (self.errors)(rng);
        let sizes = self.features.iter().zip(&self.samples).zip(&errors);
        let losses: Vec<f64> = sizes.map(|((n, d), error)| law.loss(*n, *d) * error.exp()).collect();
        let runs = Runs::new(&self.features, &self.samples, &losses).expect("finite and positive");
        match &self.groups {
            Some(groups) => runs.with_groups(groups).expect("one a run"),
            None => runs,
        }
    }
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn grid(features: i32, samples: i32) -> (Vec<f64>, Vec<f64>) {
    let size = |k: i32| (2e7 * 3f64.powi(k % features), 4e8 * 4f64.powi(k / features));
    (0..features * samples).map(size).unzip()
}

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };

fn designs() -> Vec<Design> {
    let (n, d) = grid(6, 6);
    let grid_of = |name, law, errors: Errors| Design {
        name,
        features: n.clone(),
        samples: d.clone(),
        law,
        groups: None,
        errors,
    };
    let count = n.len();
    let shape: Vec<f64> =
        n.iter().zip(&d).map(|(n, d)| 0.004 * (1.0 + 2.0 * (d / n / 20.0).log10().abs())).collect();
    let tail = StudentT::new(3.0).expect("three degrees of freedom");
    vec![
        public(),
        grid_of("spread by D/N", LAW, Box::new(move |rng| shape.iter().map(|s| s * normal(rng)).collect())),
        grid_of("t of 3", LAW, Box::new(move |rng| (0..count).map(|_| 0.006 * tail.sample(rng)).collect())),
        checkpoints(),
    ]
}

/// The law of the runs on one data set, and its residuals with random signs.
fn public() -> Design {
    let mut lines = PUBLIC.lines();
    let titles: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let at = |title: &str| titles.iter().position(|t| *t == title).expect("a column of the table");
    let (set, n, d, loss) = (at("train_dataset"), at("N"), at("D"), at("loss_c4_val"));
    let rows: Vec<Vec<&str>> =
        lines.map(|line| line.split(',').collect()).filter(|row: &Vec<&str>| row[set] == "rpj").collect();
    let column = |k: usize| rows.iter().map(|row| row[k].parse().expect("a number")).collect::<Vec<f64>>();
    let runs = Runs::new(&column(n), &column(d), &column(loss)).expect("public runs");
    let fit = fit_law(&runs, &FitOptions::default()).expect("a law");
    let widened = (runs.len() as f64 / (runs.len() - 5) as f64).sqrt();
    let residuals: Vec<f64> = fit.residuals().iter().map(|r| widened * r).collect();
    Design {
        name: "public residuals",
        features: column(n),
        samples: column(d),
        law: fit.parameters,
        groups: None,
        errors: Box::new(move |rng| {
            residuals.iter().map(|r| if rng.random::<bool>() { *r } else { -r }).collect()
        }),
    }
}

/// Sixteen runs of ten checkpoints each, which share most of their error.
fn checkpoints() -> Design {
    let sizes = (0..160)
        .map(|k: i32| (2e7 * 2f64.powi(k / 10 % 8), 2e9 * 8f64.powi(k / 80) * f64::from(k % 10 + 1) / 10.0));
    let (features, samples) = sizes.unzip();
    Design {
        name: "checkpoints, grouped",
        features,
        samples,
        law: LAW,
        groups: Some((0..160).map(|k| k / 10).collect()),
        errors: Box::new(|rng| {
            (0..16)
                .flat_map(|_| {
                    let shared = 0.01 * normal(rng);
                    (0..10).map(|_| shared + 0.001 * normal(rng)).collect::<Vec<f64>>()
                })
                .collect()
        }),
    }
}

/// Quantities beside the parameters: best N and D/N at ten times the largest compute, and the loss at ten times the largest N and D.
fn others(design: &Design) -> [Quantity; 2] {
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (n, d) = (most(&design.features), most(&design.samples));
    [
        Box::new(move |law: &Parameters| law.optimum(10.0 * n * d, 1.0).map_or(f64::NAN, |best| best.0)),
        Box::new(move |law: &Parameters| law.loss(10.0 * n, 10.0 * d)),
    ]
}

fn resampled(fit: &Fit, resamples: usize, rng: &mut Xoshiro256PlusPlus) -> asymscale_fitting::FitBootstrap {
    let resampling = if fit.runs().groups().is_some() { Resampling::Groups } else { Resampling::Rows };
    let options = FitBootstrapOptions { resampling, resamples, audit: 0.0 };
    fit.bootstrap(&options, rng).expect("resamples")
}

fn main() {
    let number =
        |n: usize, default| std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"));
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
            let fit = fit_law(&design.draw(&design.law, &mut rng), &FitOptions::default()).expect("a law");
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
                let interval =
                    found.interval_of(quantity, LEVEL, BootstrapInterval::Bca).expect("an interval");
                interval.contains(quantity(&design.law))
            }));
            covered.extend(
                Parameter::ALL.iter().map(|p| {
                    fit.profile_interval(*p, LEVEL).expect("an interval").contains(design.law.get(*p))
                }),
            );
            let test = symmetry_test(&design.draw(&tied, &mut rng), &FitOptions::default(), 199, &mut rng)
                .expect("two laws");
            covered.push(test.bootstrap_p_value.is_some_and(|p| p <= 0.05));
            covered.push(test.p_value <= 0.05);
            covered
                .push(signal_test(&design.draw(&without, &mut rng), 199, &mut rng).features.p_value <= 0.05);
            covered
        };
        let all: Vec<Vec<bool>> = (0..sets as u64).into_par_iter().map(one).collect();
        let share = |k: usize| format!("{:.3}", all.iter().filter(|set| set[k]).count() as f64 / sets as f64);
        let shares = |range: std::ops::Range<usize>| range.map(share).collect::<Vec<_>>().join(" ");
        println!("{:22} {}   {} (F {})  {}", design.name, shares(0..8), share(14), share(15), share(16));
        println!("{:22} {}", "", shares(8..14));
    }
}
