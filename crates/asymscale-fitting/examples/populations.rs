//! How often 95 % intervals of a diagnosis hold the truth, for populations of every kind drawn at random: unseen activity
//! now, and new features and unseen activity at 2, 4 and 16 times the data. It is the table in the README of the crate.
//!
//! `cargo run --release -p asymscale-fitting --no-default-features --example populations -- SETS SEED`

use asymscale_fitting::diagnosis::{ActivationCounts, Diagnosis, DiagnosisOptions, Estimate, diagnose};
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, Gamma, LogNormal, Poisson};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use rayon::prelude::*;

const KINDS: [&str; 8] = [
    "equal",
    "gamma loads",
    "lognormal",
    "finite power law",
    "power law",
    "broken power law",
    "two kinds",
    "some dead",
];
/// Ranks of laws without end that are drawn one by one; beyond, a feature is active once at most.
const RANKS: usize = 1_000_000;
const FACTORS: [f64; 3] = [2.0, 4.0, 16.0];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().expect("a number"));
    let (sets, seed) = (number(100), number(1));
    println!("| population | known | what | covered | width |\n|---|---|---|---|---|");
    let only: Option<usize> = std::env::var("KIND").ok().map(|k| k.parse().unwrap());
    for (kind, name) in KINDS.iter().enumerate().filter(|k| only.is_none_or(|o| o == k.0)) {
        let scores: Vec<Vec<Score>> = (0..sets)
            .into_par_iter()
            .map(|set| one(kind, seed * 1_000_000 + kind as u64 * 10_000 + set))
            .collect();
        for what in 0..scores[0].len() {
            let all: Vec<&Score> = scores.iter().map(|set| &set[what]).collect();
            let known: Vec<&&Score> = all.iter().filter(|score| score.known).collect();
            let covered =
                known.iter().filter(|score| score.covered).count() as f64 / known.len().max(1) as f64;
            let mut widths: Vec<f64> = known.iter().map(|score| score.width).collect();
            widths.sort_by(f64::total_cmp);
            let width = widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN);
            println!(
                "| {name} | {:.2} | {} | {covered:.3} | {width:.2} |",
                known.len() as f64 / sets as f64,
                all[0].what
            );
        }
    }
}

struct Score {
    what: String,
    known: bool,
    covered: bool,
    truth: f64,
    /// Of the interval, over the truth or an activation in a thousand where there is none.
    width: f64,
}

/// Activities of features, of one kind with parameters at random, and the sum of those beyond.
fn population(kind: usize, samples: f64, rng: &mut impl Rng) -> (Vec<f64>, f64) {
    let size = (10_f64).powf(rng.random_range(1.5..4.3)) as usize;
    // Expected activations of a typical feature in all samples.
    let typical = 10_f64.powf(rng.random_range(-1.0..1.5));
    let law = |beta: f64, onset: f64, last: usize| -> Vec<f64> {
        (1..=last).map(|rank| (onset / rank as f64).powf(beta).min(1.0)).collect()
    };
    let rates: Vec<f64> = match kind {
        0 => vec![typical; size],
        1 => {
            let shape = 10_f64.powf(rng.random_range(-0.5..1.5));
            let gamma = Gamma::new(shape, typical / shape).expect("positive");
            (0..size).map(|_| gamma.sample(rng)).collect()
        }
        2 => {
            let law = LogNormal::new(typical.ln(), rng.random_range(0.3..3.0)).expect("positive");
            (0..size).map(|_| law.sample(rng)).collect()
        }
        3 => return (law(rng.random_range(0.7..2.0), 10_f64.powf(rng.random_range(0.0..2.0)), size), 0.0),
        4 => {
            let (beta, onset) = (rng.random_range(1.2..2.5), 10_f64.powf(rng.random_range(0.0..1.5)));
            let last = RANKS as f64 + 0.5;
            return (law(beta, onset, RANKS), (onset / last).powf(beta) * last / (beta - 1.0));
        }
        5 => {
            let (beta, tail) = (rng.random_range(0.5..1.2), rng.random_range(1.3..2.5));
            let bend = 10_f64.powf(rng.random_range(1.5..3.5));
            let top = rng.random_range(0.05..1.0);
            let activity = |rank: f64| {
                let steep = if rank < bend { 1.0 } else { (bend / rank).powf(tail - beta) };
                (top * rank.powf(-beta) * steep).min(1.0)
            };
            let last = RANKS as f64 + 0.5;
            let ranks = (1..=RANKS).map(|rank| activity(rank as f64)).collect();
            return (ranks, activity(last) * last / (tail - 1.0));
        }
        6 => {
            let rare = typical * 10_f64.powf(rng.random_range(-2.0..-0.5));
            (0..size).map(|k| if k % 3 == 0 { rare } else { typical }).collect()
        }
        _ => {
            let law = LogNormal::new(typical.ln(), 1.0).expect("positive");
            (0..size).map(|k| if k % 10 == 0 { 0.0 } else { law.sample(rng) }).collect()
        }
    };
    (rates.iter().map(|rate| (rate / samples).min(1.0)).collect(), 0.0)
}

fn one(kind: usize, seed: u64) -> Vec<Score> {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let (activities, beyond, samples, counts) = loop {
        let samples = 10_f64.powf(rng.random_range(1.5..5.0)).round();
        let (activities, beyond) = population(kind, samples, rng);
        let draw = |activity: &f64| Binomial::new(samples as u64, *activity).expect("a probability");
        let mut counts: Vec<u64> = activities.iter().map(|activity| draw(activity).sample(rng)).collect();
        counts.extend(vec![1; once(beyond * samples, rng)]);
        if counts.iter().filter(|count| **count > 0).count() >= 5 {
            break (activities, beyond, samples, counts);
        }
    };
    // Dead features stand in the table, the others only where they were seen.
    let given: Vec<u64> = counts.iter().copied().filter(|count| *count > 0 || kind == 7).collect();
    let found = ActivationCounts::new(&given, samples as u64).expect("counts");
    let options =
        DiagnosisOptions { factors: FACTORS.to_vec(), resamples: 99, ..DiagnosisOptions::default() };
    let diagnosis = diagnose(&found, &options, rng).expect("a diagnosis");
    check(&diagnosis);
    let mut left: Vec<f64> = activities
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count == 0)
        .map(|(activity, _)| *activity)
        .collect();
    let share = diagnosis.unseen.map(|unseen| unseen.activity);
    let unseen = |left: &[f64]| left.iter().sum::<f64>() + beyond;
    let mut scores = vec![score("mass now", share, unseen(&left), 1e-3 * diagnosis.total_activity)];
    let (mut new, mut reached) = (0.0, 1.0);
    for (factor, ahead) in FACTORS.iter().zip(&diagnosis.forecasts) {
        let more = (factor - reached) * samples;
        left.retain(|activity| {
            let missed = rng.random::<f64>() < (more * (-activity).ln_1p()).exp();
            new += f64::from(u8::from(!missed));
            missed
        });
        new += once(beyond * more, rng) as f64;
        reached = *factor;
        let mass = ahead.unseen_activity.estimate;
        scores.push(score(&format!("new x{factor}"), ahead.new_features.estimate, new, 1.0));
        let least = 1e-3 * diagnosis.total_activity;
        scores.push(score(&format!("mass x{factor}"), mass, unseen(&left), least));
    }
    if std::env::var("WORDS").is_ok() && scores.iter().any(|score| score.known && !score.covered) {
        let missed: Vec<&str> = scores
            .iter()
            .filter(|score| score.known && !score.covered)
            .map(|score| score.what.as_str())
            .collect();
        println!("--- {} D {samples} missed {missed:?} seen {}", KINDS[kind], diagnosis.seen);
        println!("mass {share:?} truths {:?}", scores.iter().map(|s| s.truth).collect::<Vec<_>>());
        for candidate in &diagnosis.candidates {
            println!(
                "{:?} p {:.2} {} {:?}",
                candidate.method, candidate.p_value, candidate.survives, candidate.trials
            );
        }
        for ahead in &diagnosis.forecasts {
            let show = |p: &asymscale_fitting::diagnosis::Prediction| {
                [p.estimate, p.power_law, p.bent_law, p.finite_law, p.gamma_law]
                    .map(|e| {
                        e.map_or("-".to_string(), |e| {
                            format!("{:.4} ({:.4} {:.4})", e.value, e.lower, e.upper)
                        })
                    })
                    .join(" | ")
            };
            println!(
                "{} new {}\n    mass {}",
                ahead.factor,
                show(&ahead.new_features),
                show(&ahead.unseen_activity)
            );
        }
    }
    scores
}

/// How many of ever rarer features are active, each once.
fn once(mean: f64, rng: &mut impl Rng) -> usize {
    if mean > 0.0 { Poisson::new(mean).expect("positive").sample(rng) as usize } else { 0 }
}

fn score(
    what: &str,
    estimate: Option<asymscale_fitting::diagnosis::Estimate>,
    truth: f64,
    least: f64,
) -> Score {
    let Some(estimate) = estimate else {
        return Score { what: what.into(), known: false, covered: false, truth, width: 0.0 };
    };
    let width = (estimate.upper - estimate.lower) / truth.max(least);
    Score { what: what.into(), known: true, covered: estimate.contains(truth), truth, width }
}

/// What must hold whatever the data.
fn check(diagnosis: &Diagnosis) {
    let mut before = (
        diagnosis
            .unseen
            .map_or(Estimate { value: f64::INFINITY, lower: 0.0, upper: f64::INFINITY }, |unseen| {
                unseen.activity
            }),
        0.0,
    );
    for ahead in &diagnosis.forecasts {
        if let Some(mass) = ahead.unseen_activity.estimate {
            assert!(mass.lower <= mass.value && mass.value <= mass.upper, "{mass:?}");
            assert!(
                mass.value <= before.0.value && mass.upper <= before.0.upper * (1.0 + 1e-12),
                "{mass:?} after {before:?}"
            );
            before.0 = mass;
        }
        if let Some(new) = ahead.new_features.estimate {
            assert!(new.lower <= new.value && new.value <= new.upper && new.value >= before.1, "{new:?}");
            before.1 = new.value;
        }
    }
}
