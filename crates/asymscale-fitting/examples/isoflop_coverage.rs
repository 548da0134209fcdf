//! Coverage of the intervals of isoFLOP curves: the table in the README.
//!
//! `cargo run --release -p asymscale-fitting --no-default-features --example isoflop_coverage --
//! SETS` (400; a minute or two)

use asymscale_fitting::isoflop::{Isoflop, IsoflopOptions, fit_isoflops};
use asymscale_fitting::{FitOptions, ParameterInterval, Parameters, Runs, fit_law};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use rayon::prelude::*;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// The law of Hoffmann et al. (2022), whose exponents differ more.
const HOFFMANN: Parameters = Parameters { e: 1.69, a: 406.4, b: 410.7, alpha: 0.34, beta: 0.28 };

/// Budgets a factor 3 apart from 1e18 on, `sizes` N of each over a factor `width` to both sides of
/// a centre that is off the best N by up to a factor `off`, at random.
struct Design {
    name: &'static str,
    law: Parameters,
    budgets: i32,
    sizes: i32,
    width: f64,
    off: f64,
    errors: Errors,
}

/// Relative errors of losses.
#[derive(Clone, Copy)]
enum Errors {
    Normal(f64),
    /// Three times as large at the smallest budget.
    Uneven(f64),
    /// Student's t of 3, of this scale.
    Tailed(f64),
}

impl Errors {
    fn draw(self, budget: i32, rng: &mut Xoshiro256PlusPlus) -> f64 {
        let normal = |rng: &mut Xoshiro256PlusPlus| -> f64 { StandardNormal.sample(rng) };
        match self {
            Self::Normal(size) => size * normal(rng),
            Self::Uneven(size) => size * normal(rng) * if budget == 0 { 3.0 } else { 1.0 },
            Self::Tailed(size) => {
                size * StudentT::new(3.0).expect("three degrees of freedom").sample(rng)
            }
        }
    }
}

fn compute(budget: i32) -> f64 {
    1e18 * 3f64.powi(budget)
}

impl Design {
    fn best(&self, compute: f64) -> f64 {
        self.law.optimum(compute, 6.0).expect("both terms are there").0
    }

    fn draw(&self, rng: &mut Xoshiro256PlusPlus) -> (Runs, Vec<f64>) {
        let (mut n, mut d, mut losses, mut budgets) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for budget in 0..self.budgets {
            let compute = compute(budget);
            let centre = self.best(compute) * self.off.powf(2.0 * rng.random::<f64>() - 1.0);
            for size in 0..self.sizes {
                let features = centre
                    * self.width.powf(2.0 * f64::from(size) / f64::from(self.sizes - 1) - 1.0);
                let samples = compute / 6.0 / features;
                n.push(features);
                d.push(samples);
                losses.push(self.law.loss(features, samples) * self.errors.draw(budget, rng).exp());
                budgets.push(compute);
            }
        }
        (Runs::new(&n, &d, &losses).expect("positive"), budgets)
    }
}

fn designs() -> Vec<Design> {
    let design = |name, law, (budgets, sizes), (width, off), errors| Design {
        name,
        law,
        budgets,
        sizes,
        width,
        off,
        errors,
    };
    let mut designs = Vec::new();
    for (budgets, sizes) in
        [(2, 7), (3, 5), (3, 7), (3, 9), (5, 5), (5, 7), (5, 9), (9, 5), (9, 7), (9, 9)]
    {
        designs.push(design("1 %", LAW, (budgets, sizes), (8.0, 2.0), Errors::Normal(0.01)));
    }
    for (budgets, sizes) in [(3, 7), (5, 5), (5, 9), (9, 9)] {
        designs.push(design("2 %", LAW, (budgets, sizes), (8.0, 2.0), Errors::Normal(0.02)));
    }
    let five = (5, 7);
    designs.push(design("0.3 %", LAW, five, (8.0, 2.0), Errors::Normal(0.003)));
    designs.push(design("0.3 %, narrow", LAW, five, (3.0, 1.5), Errors::Normal(0.003)));
    designs.push(design("0.3 %, wide, off centre", LAW, five, (32.0, 4.0), Errors::Normal(0.003)));
    designs.push(design("0.3 %, Hoffmann", HOFFMANN, five, (8.0, 2.0), Errors::Normal(0.003)));
    designs.push(design(
        "0.3 %, Hoffmann, wide, off",
        HOFFMANN,
        five,
        (32.0, 4.0),
        Errors::Normal(0.003),
    ));
    designs.push(design("1 %, 3 times at one budget", LAW, five, (8.0, 2.0), Errors::Uneven(0.01)));
    designs.push(design("t of 3, scale 0.6 %", LAW, five, (8.0, 2.0), Errors::Tailed(0.006)));
    designs
}

/// What one data set says of each quantity: whether its interval holds the truth.
#[derive(Default)]
struct Counts {
    tried: usize,
    held: usize,
    bounded: usize,
}

impl Counts {
    fn add(&mut self, interval: &ParameterInterval, truth: f64) {
        self.tried += 1;
        self.held += usize::from(interval.contains(truth));
        let finite = interval.lower.is_finite() && interval.upper.is_finite();
        self.bounded += usize::from(finite && interval.lower > 0.0);
    }

    fn merged(&self, other: &Self) -> Self {
        let (tried, held) = (self.tried + other.tried, self.held + other.held);
        Self { tried, held, bounded: self.bounded + other.bounded }
    }

    fn share(&self) -> String {
        if self.tried == 0 {
            "  –  ".to_owned()
        } else {
            format!("{:.3}", self.held as f64 / self.tried as f64)
        }
    }
}

const QUANTITIES: [&str; 10] = [
    "N*",
    "corrected",
    "L*",
    "corrected",
    "a",
    "corrected",
    "gamma",
    "N* at 10 C",
    "L* at 10 C",
    "N* by rows",
];

fn moved(interval: &ParameterInterval, by: f64) -> ParameterInterval {
    let ParameterInterval { estimate, lower, upper, level } = *interval;
    ParameterInterval { estimate: estimate - by, lower: lower - by, upper: upper - by, level }
}

/// `ln N` of the extremum of the parabola through runs, by orthogonal polynomials; none without a
/// minimum.
fn vertex(logs: &[f64], losses: &[f64]) -> Option<f64> {
    let count = logs.len() as f64;
    let middle = logs.iter().sum::<f64>() / count;
    let t: Vec<f64> = logs.iter().map(|x| x - middle).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let squares: Vec<f64> = t.iter().map(|t| t * t).collect();
    let (norm, tilt) = (dot(&t, &t), dot(&t, &squares) / dot(&t, &t));
    let second: Vec<f64> = t.iter().map(|t| t * t - norm / count - tilt * t).collect();
    let (slope, curvature) = (dot(&t, losses) / norm, dot(&second, losses) / dot(&second, &second));
    (curvature > 0.0).then(|| middle + 0.5 * (tilt - slope / curvature))
}

/// The interval of N\* that resampled rows of a budget give, for comparison; resamples without a
/// minimum are drawn again.
fn by_rows(found: &Isoflop, rows: &[usize], rng: &mut Xoshiro256PlusPlus) -> ParameterInterval {
    let mut drawn = || {
        let picked: Vec<usize> =
            rows.iter().map(|_| rows[rng.random_range(0..rows.len())]).collect();
        let of = |values: &[f64]| picked.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let logs: Vec<f64> = of(found.runs().features()).iter().map(|n| n.ln()).collect();
        vertex(&logs, &of(found.runs().losses())).filter(|place| place.is_finite())
    };
    let mut places: Vec<f64> = (0..2000).filter_map(|_| drawn()).take(399).collect();
    places.sort_by(f64::total_cmp);
    let at = |share: f64| {
        places.get((share * places.len() as f64) as usize).map_or(f64::NAN, |place| place.exp())
    };
    ParameterInterval { estimate: at(0.5), lower: at(0.025), upper: at(0.975), level: 0.95 }
}

fn judge(
    design: &Design,
    found: &Isoflop,
    counts: &mut [Counts; 10],
    rng: &mut Xoshiro256PlusPlus,
) {
    let law = &design.law;
    let fitted = fit_law(found.runs(), &FitOptions::default()).ok();
    let bias = fitted.and_then(|fit| found.bias(&fit.parameters));
    let least = |compute: f64| {
        let (n, d) = law.optimum(compute, 6.0).expect("both terms are there");
        law.loss(n, d)
    };
    for (k, (curve, minimum)) in found.minima().enumerate() {
        counts[0].add(&minimum.features, design.best(curve.compute));
        counts[2].add(&minimum.loss, least(curve.compute));
        counts[9].add(&by_rows(found, &curve.rows, rng), design.best(curve.compute));
        if let Some(bias) = &bias {
            counts[1].add(&bias.budgets[k].corrected.features, design.best(curve.compute));
            counts[3].add(&bias.budgets[k].corrected.loss, least(curve.compute));
        }
    }
    let Some(frontier) = &found.frontier else { return };
    let exponent = law.beta / (law.alpha + law.beta);
    counts[4].add(&frontier.features_exponent, exponent);
    if let Some(by) = bias.and_then(|bias| bias.exponent) {
        counts[5].add(&moved(&frontier.features_exponent, by), exponent);
    }
    if frontier.loss.floor.is_some() {
        counts[6].add(&frontier.loss.exponent, exponent * law.alpha);
    }
    let further = 10.0 * compute(design.budgets - 1);
    let point = frontier.at(further).expect("a budget");
    counts[7].add(&point.features, design.best(further));
    if frontier.loss.floor.is_some() {
        counts[8].add(&point.loss, least(further));
    }
}

fn main() {
    let sets: usize = std::env::args().nth(1).map_or(400, |word| word.parse().expect("a number"));
    println!("{:38} used  {}  bounded: N*, a", "errors, budgets × sizes", QUANTITIES.join(" "));
    for design in designs() {
        let one = |set: u64| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
            let (runs, budgets) = design.draw(&mut rng);
            let found = fit_isoflops(&runs, Some(&budgets), &IsoflopOptions::default(), &mut rng)
                .expect("curves");
            let mut counts: [Counts; 10] = std::array::from_fn(|_| Counts::default());
            judge(&design, &found, &mut counts, &mut rng);
            counts
        };
        let all: Vec<[Counts; 10]> = (0..sets as u64).into_par_iter().map(one).collect();
        let sums: Vec<Counts> = (0..10)
            .map(|k| all.iter().fold(Counts::default(), |sum, one| sum.merged(&one[k])))
            .collect();
        let used = sums[0].tried as f64 / (sets as f64 * f64::from(design.budgets));
        let shares: Vec<String> = sums.iter().map(Counts::share).collect();
        let bounded = |k: usize| sums[k].bounded as f64 / sums[k].tried.max(1) as f64;
        println!(
            "{:30} {} × {}   {used:.2}  {}  {:.2} {:.2}",
            design.name,
            design.budgets,
            design.sizes,
            shares.join(" "),
            bounded(0),
            bounded(4)
        );
    }
}
