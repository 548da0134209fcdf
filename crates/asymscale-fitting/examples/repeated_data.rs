//! Coverage of the intervals of the law of repeated data, on runs drawn from a known one: the table
//! in the README.
//!
//! `cargo run --release -p asymscale-fitting --example repeated_data -- SETS RESAMPLES` (300 and
//! 199; some minutes)

use asymscale_fitting::Runs;
use asymscale_fitting::repeated::{
    RepeatedBootstrapOptions, RepeatedFit, RepeatedLaw, RepeatedOptions, RepeatedParameter,
    RepeatedRuns, fit_repeated,
};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const LEVEL: f64 = 0.95;
const LAW: RepeatedLaw =
    RepeatedLaw { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37, r_d: 15.0, r_n: 5.0 };

/// Errors of `ln loss`, row by row.
type Errors = fn(&mut Xoshiro256PlusPlus) -> f64;

struct Design {
    name: &'static str,
    /// The most epochs of a run.
    most: f64,
    errors: Errors,
}

const DESIGNS: [Design; 3] = [
    Design {
        name: "normal, 0.5 %, up to 64 epochs",
        most: 64.0,
        errors: |rng| 0.005 * normal(rng),
    },
    Design { name: "t of 3, 0.4 %, up to 64 epochs", most: 64.0, errors: |rng| 0.004 * heavy(rng) },
    Design { name: "normal, 0.5 %, up to 4 epochs", most: 4.0, errors: |rng| 0.005 * normal(rng) },
];

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

fn heavy(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StudentT::new(3.0).expect("three degrees of freedom").sample(rng)
}

impl Design {
    /// Five N, four numbers of unique samples, four of epochs.
    fn draw(&self, rng: &mut Xoshiro256PlusPlus) -> RepeatedRuns {
        let (mut n, mut d, mut unique, mut losses) = (vec![], vec![], vec![], vec![]);
        for k in 0..80 {
            let (features, fresh) = (1e7 * 5f64.powi(k % 5), 1e8 * 6f64.powi(k / 5 % 4));
            let samples = fresh * self.most.powf(f64::from(k / 20) / 3.0);
            n.push(features);
            d.push(samples);
            unique.push(fresh);
            losses.push(LAW.loss(features, samples, fresh) * (self.errors)(rng).exp());
        }
        let runs = Runs::new(&n, &d, &losses).expect("finite and positive");
        RepeatedRuns::new(runs, &unique).expect("finite and positive")
    }
}

/// What is asked of an interval.
#[derive(Clone, Copy, Default)]
struct Found {
    covered: bool,
    open: bool,
}

/// The parameters, epochs beyond which repeats are worth half, and the loss after four times the
/// epochs of the largest run.
fn one_set(design: &Design, resamples: usize, seed: u64) -> [Found; 9] {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let runs = design.draw(&mut rng);
    let fit: RepeatedFit = fit_repeated(&runs, &RepeatedOptions::default()).expect("a law");
    let options = RepeatedBootstrapOptions { resamples, audited: 0 };
    let bootstrap = fit.bootstrap(&options, &mut rng).expect("resamples");
    let later = |law: &RepeatedLaw| law.loss(6.25e9, 4.0 * 2.16e10 * design.most, 2.16e10);
    let quantity = |k: usize, law: &RepeatedLaw| match k {
        0..7 => law.get(RepeatedParameter::ALL[k]),
        7 => law.epochs_worth(0.5),
        _ => later(law),
    };
    std::array::from_fn(|k| {
        let interval = bootstrap.interval_of(|law| quantity(k, law), LEVEL).expect("an interval");
        Found { covered: interval.contains(quantity(k, &LAW)), open: interval.upper.is_infinite() }
    })
}

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let (sets, resamples): (usize, usize) = (number(1, 300), number(2, 199));
    println!(
        "errors                           e     a     b     alpha beta  r_d   r_n   epochs loss  open r_d, r_n"
    );
    for design in &DESIGNS {
        let found: Vec<[Found; 9]> =
            (0..sets as u64).into_par_iter().map(|seed| one_set(design, resamples, seed)).collect();
        let share = |of: &dyn Fn(&[Found; 9]) -> bool| {
            found.iter().filter(|set| of(set)).count() as f64 / sets as f64
        };
        let covered: Vec<String> =
            (0..9).map(|k| format!("{:.3}", share(&|set| set[k].covered))).collect();
        let open = [5, 6].map(|k| share(&|set| set[k].open));
        println!("{:32} {}  {:.3} {:.3}", design.name, covered.join(" "), open[0], open[1]);
    }
}
