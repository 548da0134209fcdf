//! What is unseen, now and later, is estimated without bias and with intervals that cover.
//! Statistical tests: seeds are fixed; α says how often a fresh seed would fail.

use crate::common::generator;
use crate::counts::{Covered, Synthetic, of_seen, quick_diagnosis, sets, unseen_now};
use asymscale_fitting::diagnosis::{ActivationCounts, AlphaSource, Method, thin_counts};
use asymscale_sampling::Key;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Two-sided normal quantile of α = 1e-3 per assertion.
const Z: f64 = 3.29;

/// What the shape of a distribution may cost a normal or Poisson interval besides chance.
const SYSTEMATIC: f64 = 0.02;

const DESIGN: Synthetic = Synthetic { alpha: 1.0, beta: 1.5, onset: 3.0, samples: 2_000 };

/// Ranks added up one by one; beyond, the integral of the tail.
const LAST: u32 = 300_000;

fn energy(rank: f64) -> f64 {
    rank.powf(-1.0 - DESIGN.alpha)
}

/// `Σ_i f(i)` up to the last rank.
fn over_ranks(f: impl Fn(f64) -> f64) -> f64 {
    (1..=LAST).rev().map(|rank| f(f64::from(rank))).sum()
}

/// Counts, and second moments of Gaussian values with `E x_i² = i^{−(1+α)}`.
fn draw(set: u64, rng: &mut Xoshiro256PlusPlus) -> (Vec<(f64, u64)>, ActivationCounts) {
    let seen = DESIGN.draw(&Key::new(50).index(set));
    let moment = |&(rank, count): &(f64, u64)| {
        let amplitude = energy(rank) / DESIGN.activity(rank);
        let squares: f64 = (0..count).map(|_| f64::powi(StandardNormal.sample(rng), 2)).sum();
        amplitude * squares / DESIGN.samples as f64
    };
    let moments: Vec<f64> = seen.iter().map(moment).collect();
    let counts: Vec<u64> = seen.iter().map(|feature| feature.1).collect();
    let counts = ActivationCounts::new(&counts, DESIGN.samples)
        .unwrap()
        .with_second_moments(&moments)
        .unwrap();
    (seen, counts)
}

fn assert_covered(what: &str, hits: u64) {
    let found = hits as f64 / sets() as f64;
    let chance = Z * (0.95 * 0.05 / sets() as f64).sqrt();
    println!("{what}: covered {found}");
    assert!(
        (found - 0.95).abs() <= chance + SYSTEMATIC,
        "{what}: {found}, expected 0.95 ± {chance}"
    );
}

fn assert_unbiased(what: &str, values: &[f64], expected: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let error =
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n / (n - 1.0)).sqrt();
    println!("{what}: {mean}, expected {expected}, standard error {error}");
    assert!((mean - expected).abs() < Z * error, "{what}: {mean} ± {error}, expected {expected}");
}

/// n = 300 sets, seed 50, α = 1e-3 per assertion. The mean of the estimates is what the samples
/// leave unseen (Good–Turing's is for one sample less, which here is less than chance can tell);
/// each interval is for what its own samples left. `α/β` and `α` come from the same energies.
#[test]
fn good_turing_is_unbiased_and_covers() {
    let d = DESIGN.samples as f64;
    let after = |rank: f64| (d * (-DESIGN.activity(rank)).ln_1p()).exp();
    let beyond = (DESIGN.activity_beyond(f64::from(LAST)), 1.0 / (f64::from(LAST) + 0.5));
    let total =
        (over_ranks(|rank| DESIGN.activity(rank)) + beyond.0, over_ranks(energy) + beyond.1);
    let left = |f: &dyn Fn(f64) -> f64| over_ranks(|rank| f(rank) * after(rank));
    let expected = (left(&|rank| DESIGN.activity(rank)) + beyond.0, left(&energy) + beyond.1);
    let mut rng = generator(50);
    let (mut activities, mut energies) = (vec![], vec![]);
    let later = |rank: f64| energy(rank) * (4.0 * d * (-DESIGN.activity(rank)).ln_1p()).exp();
    let later = over_ranks(later) + beyond.1;
    let mut hits = [0; 4];
    let mut ahead = Covered::default();
    for set in 0..sets() {
        let (seen, counts) = draw(set, &mut rng);
        let diagnosis = quick_diagnosis(&counts, &[4.0], &mut rng);
        let now = unseen_now(&diagnosis);
        let (activity, unseen) = (now.activity, now.energy.unwrap());
        activities.push(activity.value);
        energies.push(unseen.value);
        let realised = |total: f64, f: &dyn Fn(f64) -> f64| {
            total - seen.iter().map(|feature| f(feature.0)).sum::<f64>()
        };
        let scaling = diagnosis.scaling.unwrap();
        assert_eq!(scaling.source, AlphaSource::SecondMoments);
        let covered = [
            activity.contains(realised(total.0, &|rank| DESIGN.activity(rank))),
            unseen.contains(realised(total.1, &energy)),
            scaling.features_exponent.contains(1.0),
            scaling.samples_exponent.contains(1.0 / 1.5),
        ];
        ahead.add(diagnosis.forecasts[0].unseen_energy.unwrap().estimate, later);
        for (hit, covered) in hits.iter_mut().zip(covered) {
            *hit += u64::from(covered);
        }
    }
    assert_unbiased("unseen activity", &activities, expected.0);
    assert_unbiased("unseen energy", &energies, expected.1);
    for (what, hits) in
        ["unseen activity", "unseen energy", "alpha", "alpha/beta"].into_iter().zip(hits)
    {
        assert_covered(what, hits);
    }
    // A forecast's interval is for what these very samples leave, a little wider than for its mean.
    ahead.assert("unseen energy at 4 D", sets(), 0.9, Z, SYSTEMATIC);
}

/// n = 300 sets, seed 51, α = 1e-3 per assertion. A set of `t D` samples is thinned to `D`, and
/// what is forecast from those is held against all of them.
#[test]
fn forecasts_cover_what_more_data_show() {
    for factor in [2.0, 4.0, 16.0] {
        let more = Synthetic { samples: (2_000.0 * factor) as u64, ..DESIGN };
        let mut rng = generator(51);
        let mut found = [Covered::default(); 5];
        let mut errors = vec![];
        for set in 0..sets() {
            let seen = more.draw(&Key::new(51).index(set));
            let all: Vec<u64> = seen.iter().map(|feature| feature.1).collect();
            let less = thin_counts(&all, more.samples, 2_000, &mut rng).unwrap();
            let new = less.iter().filter(|count| **count == 0).count() as f64;
            // What all of them leave unseen, in expectation: their own Good–Turing estimate
            // scatters far less.
            let law = asymscale_fitting::diagnosis::ActivityLaw {
                beta: DESIGN.beta,
                onset: DESIGN.onset,
            };
            let unseen = law.unseen_activity(more.samples as f64);
            let counts = of_seen(&less, 2_000);
            let forecast = quick_diagnosis(&counts, &[factor], &mut rng).forecasts[0];
            let (features, activity) = (forecast.new_features, forecast.unseen_activity);
            found[0].add(features.estimate, new);
            found[1].add(activity.estimate, unseen);
            found[2].add(features.smoothed, new);
            found[3].add(features.power_law, new);
            found[4].add(activity.power_law, unseen);
            errors.push(features.good_toulmin.map_or(0.0, |plain| plain.value - new));
            let by_series =
                matches!(features.recommended, Some(Method::GoodToulmin | Method::Smoothed));
            assert!(factor <= 2.0 || !by_series, "factor {factor}: {:?}", features.recommended);
        }
        // Intervals of the series are wider than need be: they add the bias, and take the rare as
        // Poisson.
        let names = [
            "new features",
            "unseen activity",
            "smoothed",
            "new features by the law",
            "unseen activity by the law",
        ];
        for (place, (what, covered)) in names.into_iter().zip(found).enumerate() {
            // What is recommended may be not known; what a method says is always there.
            let known = if place < 2 { 0.9 } else { 1.0 };
            covered.assert(&format!("factor {factor}, {what}"), sets(), known, Z, SYSTEMATIC);
        }
        if factor <= 2.0 {
            assert_unbiased(&format!("factor {factor}"), &errors, 0.0);
        }
    }
}

/// `f₁/D` times `(D−1) E₁/((D−1) E₁ + E₂)` of Chao and Jost, and its lower bound for the number of
/// all features.
#[test]
fn what_is_unseen_now_follows_from_what_was_seen_once_and_twice() {
    let counts = ActivationCounts::new(&[9, 4, 2, 2, 1, 1, 1], 10).unwrap();
    let diagnosis = quick_diagnosis(&counts, &[], &mut generator(52));
    // E₁ = 3 and E₂ = 4 activations: 3/10 · 27/31; of 20 activations in all, 2 per sample.
    let now = unseen_now(&diagnosis);
    let activity = now.activity;
    assert!((activity.value - 0.3 * 27.0 / 31.0).abs() < 1e-15, "{activity:?}");
    assert!((now.activity_share.value - activity.value / 2.0).abs() < 1e-15);
    assert_eq!(now.singletons, 3);
    // Energies weigh instead of activations: E₁ = 3·0.5·10, E₂ = 2·0.25·10, in units of samples
    // times moments.
    let moments = [1.0, 1.0, 0.25, 0.25, 0.5, 0.5, 0.5];
    let energetic = counts.with_second_moments(&moments).unwrap();
    let energy = unseen_now(&quick_diagnosis(&energetic, &[], &mut generator(52))).energy.unwrap();
    assert!((energy.value - 1.5 * 135.0 / 140.0).abs() < 1e-12, "{energy:?}");
    // Where every feature was seen and their number is known, nothing is unseen; where it is not
    // known, the rule of three: a Poisson number of which none was found is at most −ln 0.025
    // (two-sided 95 %).
    let often = ActivationCounts::new(&[50, 40, 60], 100).unwrap();
    let unseen = unseen_now(&quick_diagnosis(&often, &[], &mut generator(52))).activity;
    assert_eq!((unseen.value, unseen.lower), (0.0, 0.0));
    assert!((unseen.upper + 0.025_f64.ln() / 100.0).abs() < 1e-12, "{unseen:?}");
    let all = unseen_now(&quick_diagnosis(&often.of(3).unwrap(), &[], &mut generator(52))).activity;
    assert_eq!((all.value, all.lower, all.upper), (0.0, 0.0, 0.0));
}
