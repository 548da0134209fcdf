//! How often 95 % intervals of a diagnosis hold the truth, for populations of every kind drawn at
//! random: unseen activity now, and new features and unseen activity at 2, 4 and 16 times the data.
//! It is the table in the README of the crate.
//!
//! `cargo run --release -p asymscale-fitting --no-default-features --example populations -- SETS
//! SEED [KIND]`
//!
//! Features number 30 to 20 000 (or have no end), samples 30 to 100 000, and a typical feature is
//! active 0.1 to 30 times in all of them. A cell says in which share of the sets the interval holds
//! the truth, among those in which it is known; in which share it is known, if not always; and the
//! median of its width over the truth (over one feature, or a thousandth of all activity, where the
//! truth is less). With a kind, only that one.

mod kinds;

use asymscale_fitting::diagnosis::{ActivationCounts, DiagnosisOptions, Estimate, diagnose};
use kinds::{KINDS, Population};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use rayon::prelude::*;

const FACTORS: [f64; 3] = [2.0, 4.0, 16.0];

/// What is held against the truth.
const QUESTIONS: [&str; 7] = [
    "unseen now",
    "new at 2 D",
    "unseen at 2 D",
    "new at 4 D",
    "unseen at 4 D",
    "new at 16 D",
    "unseen at 16 D",
];

/// Features that must be seen for a set to count.
const LEAST_SEEN: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default: u64| {
        arguments
            .get(place)
            .map_or(default, |text| text.parse().expect("SETS and SEED are whole numbers"))
    };
    let (sets, seed) = (number(0, 100), number(1, 1));
    let only = arguments.get(2);
    assert!(only.is_none_or(|kind| KINDS.contains(&kind.as_str())), "KIND is one of {KINDS:?}");
    println!(
        "| population | question | share known | covered | median width |\n|---|---|---|---|---|"
    );
    for (kind, name) in
        KINDS.iter().enumerate().filter(|(_, name)| only.is_none_or(|only| only == *name))
    {
        let scores: Vec<[Score; 7]> = (0..sets)
            .into_par_iter()
            .map(|set| one(kind, seed * 1_000_000 + kind as u64 * 10_000 + set))
            .collect();
        for (row, question) in QUESTIONS.iter().enumerate() {
            let known: Vec<(bool, f64)> = scores.iter().filter_map(|set| set[row]).collect();
            let covered = known.iter().filter(|score| score.0).count() as f64 / known.len() as f64;
            let mut widths: Vec<f64> = known.iter().map(|score| score.1).collect();
            widths.sort_by(f64::total_cmp);
            let width = widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN);
            let share = known.len() as f64 / sets as f64;
            println!("| {name} | {question} | {share:.2} | {covered:.3} | {width:.2} |");
        }
    }
}

/// Whether an interval holds the truth, and how wide it is; `None`: not known.
type Score = Option<(bool, f64)>;

fn one(kind: usize, seed: u64) -> [Score; 7] {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let (samples, dead, mut shown) = loop {
        let samples = 10_f64.powf(rng.random_range(1.5..5.0)).round();
        let size = 10_f64.powf(rng.random_range(1.5..4.3)) as usize;
        let typical = 10_f64.powf(rng.random_range(-1.0..1.5));
        let most = samples * FACTORS[FACTORS.len() - 1];
        let population = Population::random(kind, size, typical, (samples, most), rng);
        let shown = population.shown(samples, rng);
        if shown.counts.len() >= LEAST_SEEN {
            break (samples, population.dead, shown);
        }
    };
    let counts = ActivationCounts::new(&shown.counts, samples as u64).expect("counts");
    // Where some are dead, how many features there are is known.
    let total = shown.counts.len() + shown.unseen_features() + dead;
    let counts = if dead > 0 { counts.of(total).expect("a total") } else { counts };
    let options = DiagnosisOptions {
        factors: FACTORS.to_vec(),
        resamples: 99,
        ..DiagnosisOptions::default()
    };
    let diagnosis = diagnose(&counts, &options, rng).expect("a diagnosis");
    let least = 1e-3 * diagnosis.total_activity;
    let mut scores = [None; 7];
    scores[0] = score(diagnosis.unseen.map(|unseen| unseen.activity), shown.unseen(), least);
    let (mut new, mut reached) = (0.0, 1.0);
    for (k, (factor, ahead)) in FACTORS.iter().zip(&diagnosis.forecasts).enumerate() {
        new += shown.further((factor - reached) * samples, rng);
        reached = *factor;
        scores[2 * k + 1] = score(ahead.new_features.estimate, new, 1.0);
        scores[2 * k + 2] = score(ahead.unseen_activity.estimate, shown.unseen(), least);
    }
    scores
}

fn score(estimate: Option<Estimate>, truth: f64, least: f64) -> Score {
    estimate.map(|found| (found.contains(truth), (found.upper - found.lower) / truth.max(least)))
}
