//! What a loss curve costs to a given error, method by method: CPU time on one thread times the
//! replicates needed.
//!
//! `cost [ROUNDS]` prints a table, ten replicates of each method a round, methods taking turns.
//! `cost METHOD REPEATS SEED [COORDINATES]` prints a line per replicate: CPU seconds, then the loss
//! at each model size.

use asymscale_model::{Coordinates, ModelSize, SparseModel};
use asymscale_montecarlo::{Estimate, Method, Settings, simulate};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{DesignSpectrum, Regression, conditional_mean_curve, explicit_curve};
use std::time::Instant;

const SAMPLES: usize = 512;
/// Replicates timed together.
const BATCH: usize = 10;
/// The rank of these designs, in all that were drawn: the threshold.
const RANK: usize = 512;
/// The relative standard error asked for.
const TARGET: f64 = 0.01;
/// Fewer replicates have no standard error.
const FEWEST: f64 = 2.0;

/// From what a notebook would do to the default, and two for comparison.
const METHODS: [&str; 7] =
    ["naive", "explicit", "conditional", "teachers", "equivalent", "averaged", "controlled"];

fn main() {
    // All work on this thread: its CPU time is that of the work.
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build_global()
        .expect("a fresh pool");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |k: usize, default: u64| {
        words.get(k).map_or(default, |word| {
            word.parse().unwrap_or_else(|_| panic!("{word}: a whole number"))
        })
    };
    let model = SparseModel::power_law(1.0, 1.5, 20.0).expect("inside the domain");
    match words.first().filter(|word| word.parse::<u64>().is_err()) {
        None => table(&model, number(0, 20)),
        Some(method) => {
            let coordinates = if words.len() > 3 {
                Coordinates::Finite(number(3, 0))
            } else {
                Coordinates::Infinite
            };
            let model = model.with_coordinates(coordinates).expect("at least one coordinate");
            let (repeats, seed) = (number(1, 1), number(2, 1));
            for first in 0..repeats {
                let start = cpu_seconds();
                let losses = batch(method, &model, seed, first, 1).swap_remove(0);
                let losses: Vec<String> = losses.iter().map(|loss| format!("{loss:.8e}")).collect();
                println!("{:.6} {}", cpu_seconds() - start, losses.join(" "));
            }
        }
    }
}

/// 24 model sizes from 8 to 2048, evenly spaced in logarithm.
fn sizes() -> Vec<usize> {
    (0..24).map(|k| (8.0 * 256_f64.powf(f64::from(k) / 23.0)).round() as usize).collect()
}

/// Losses of `count` replicates from `first` on.
fn batch(method: &str, model: &SparseModel, seed: u64, first: u64, count: usize) -> Vec<Vec<f64>> {
    let by = |method: Method, controls: bool| {
        let settings = Settings {
            samples: SAMPLES,
            features: sizes().into_iter().map(ModelSize::Finite).collect(),
            repeats: count,
            method,
            controls,
            seed,
            first,
            ..Settings::default()
        };
        let replicates = simulate(model, &settings).expect("inside the domain").replicates;
        let losses = |r: asymscale_montecarlo::Replicate| {
            r.losses.iter().zip(&r.deviations).map(|(loss, deviation)| loss - deviation).collect()
        };
        replicates.into_iter().map(losses).collect()
    };
    match method {
        "explicit" => by(Method::Explicit, false),
        "conditional" => by(Method::Conditional, false),
        "averaged" => by(Method::Averaged, false),
        "controlled" => by(Method::Averaged, true),
        other => {
            let key = Key::new(seed).label("cost");
            (first..first + count as u64).map(|k| alone(other, model, &key.index(k))).collect()
        }
    }
}

/// Methods that `simulate` does not offer.
fn alone(method: &str, model: &SparseModel, key: &Key) -> Vec<f64> {
    let none = Regression::default();
    let design = Design::sample(model, SAMPLES, &mut key.label("design").stream())
        .expect("a model to sample");
    match method {
        "naive" => {
            let teachers = Teachers::draw(&design, 8, TeacherLaw::Gaussian, &key.label("teachers"));
            let fresh = |n: &usize| {
                explicit_curve(&design, &teachers, &[*n], none, &key.index(*n as u64))
                    .map(|c| c.teacher_means()[0])
            };
            sizes().iter().map(fresh).collect::<Result<_, _>>()
        }
        "teachers" => conditional_mean_curve(&design, &sizes(), none, key),
        "equivalent" => {
            let sizes: Vec<f64> = sizes().iter().map(|n| *n as f64).collect();
            DesignSpectrum::new(&design).and_then(|spectrum| spectrum.averaged_curve(&sizes, none))
        }
        unknown => panic!("{unknown}: not one of {METHODS:?}"),
    }
    .expect("a loss at every size")
}

/// All replicates of one method.
#[derive(Default)]
struct Measured {
    seconds: Vec<f64>,
    losses: Vec<Vec<f64>>,
}

impl Measured {
    fn at(&self, n: usize) -> Estimate {
        Estimate::of(&self.losses.iter().map(|losses| losses[n]).collect::<Vec<_>>())
    }

    /// Standard deviation of a replicate over the mean.
    fn scatter(&self, n: usize) -> f64 {
        let Estimate { mean, standard_error, count } = self.at(n);
        standard_error * (count as f64).sqrt() / mean
    }

    fn seconds(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

fn table(model: &SparseModel, rounds: u64) {
    let mut all: Vec<Measured> = METHODS.iter().map(|_| Measured::default()).collect();
    for round in 0..rounds {
        for (method, measured) in METHODS.iter().zip(&mut all) {
            let start = cpu_seconds();
            // Designs of their own for each method: differences between methods have honest errors.
            let seed = 1 + METHODS.iter().position(|m| m == method).unwrap_or(0) as u64;
            measured.losses.extend(batch(method, model, seed, round * BATCH as u64, BATCH));
            measured.seconds.push((cpu_seconds() - start) / BATCH as f64);
        }
    }
    let sizes = sizes();
    let judged: Vec<usize> =
        (0..sizes.len()).filter(|n| sizes[*n].abs_diff(RANK) as f64 > 0.2 * RANK as f64).collect();
    println!(
        "| method | CPU s a replicate | worst scatter | at N | replicates to 1 % | CPU s to 1 % |"
    );
    println!("|---|---|---|---|---|---|");
    for (method, measured) in METHODS.iter().zip(&all) {
        let worst = judged
            .iter()
            .copied()
            .max_by(|a, b| measured.scatter(*a).total_cmp(&measured.scatter(*b)));
        let worst = worst.expect("sizes far from the threshold");
        let needed = (measured.scatter(worst) / TARGET).powi(2);
        println!(
            "| {method} | {:.4} | {:.2} % | {} | {needed:.2} | {:.3} |",
            measured.seconds(),
            100.0 * measured.scatter(worst),
            sizes[worst],
            needed.max(FEWEST) * measured.seconds(),
        );
    }
    println!(
        "\nScatter of a replicate and, ± its standard error, distance of the mean from that of `controlled`, in %\n"
    );
    println!("| N | {} |", METHODS.join(" | "));
    println!("|---|{}", "---|".repeat(METHODS.len()));
    for (n, size) in sizes.iter().enumerate() {
        let last = all[METHODS.len() - 1].at(n);
        let cell = |measured: &Measured| {
            let own = measured.at(n);
            let error = (own.standard_error / own.mean).hypot(last.standard_error / last.mean);
            let distance = own.mean / last.mean - 1.0;
            format!(
                "{:.2}, {:+.2} ± {:.2}",
                100.0 * measured.scatter(n),
                100.0 * distance,
                100.0 * error
            )
        };
        println!("| {size} | {} |", all.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

/// CPU time of this thread; the wall clock where the system does not tell.
fn cpu_seconds() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |ns| 1e-9 * ns)
}
