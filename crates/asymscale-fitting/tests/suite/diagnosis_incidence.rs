//! Features that come together: counts by groups, the jackknife, and whether features change along
//! the samples. Statistical tests: seeds are fixed; α says how often a fresh seed would fail.

use crate::common::generator;
use crate::counts::{Covered, quick_diagnosis, unseen_now};
use asymscale_fitting::diagnosis::{ActivationCounts, Caveat, Incidence};
use rand::RngExt;
use rand_distr::{Distribution, Gamma, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{ContinuousCDF, Gamma as GammaLaw, StudentsT};

/// Two-sided normal quantile of α = 1e-3 per assertion.
const Z: f64 = 3.29;

#[test]
fn features_are_counted_by_groups() {
    // Five features in six samples of three groups; one pair stands twice.
    let pairs = [(0, 0), (0, 1), (0, 2), (0, 4), (1, 1), (1, 0), (2, 3), (2, 4), (3, 5), (0, 4)];
    let incidence = Incidence::new(&pairs, 5, 6).unwrap();
    let counts = ActivationCounts::from_incidence(&incidence).unwrap();
    assert_eq!((counts.samples(), counts.units(), counts.grouped()), (6.0, 6.0, false));
    assert_eq!([1, 2, 3, 4].map(|k| counts.with_count(k)), [1, 2, 0, 1]);
    let grouped = incidence.with_groups(&[9, 9, 4, 4, 7, 7]).unwrap();
    assert_eq!(grouped.groups(), Some(3));
    let counts = ActivationCounts::from_incidence(&grouped).unwrap();
    assert_eq!((counts.samples(), counts.units(), counts.grouped()), (6.0, 3.0, true));
    // By groups, the first feature in all three, the second and the fourth in one, the third in
    // two.
    assert_eq!([1, 2, 3].map(|k| counts.with_count(k)), [2, 1, 1]);
    assert_eq!((counts.seen(), counts.never_active(), counts.total()), (4, 1, Some(5)));
    // Activations stay what they were: nine in six samples.
    assert!((counts.total_activity() - 1.5).abs() < 1e-15);
    // E₁ = 3 activations of features of one group, E₂ = 2 of one of two: 3/6 · 2·3/(2·3 + 2).
    let unseen = unseen_now(&quick_diagnosis(&counts, &[], &mut generator(81))).activity;
    assert!((unseen.value - 0.5 * 0.75).abs() < 1e-15, "{unseen:?}");
}

/// Independent features of equal samples, as pairs; activities fall as a power law to about 0.6
/// activations in all.
fn independent(samples: u32, features: u32, rng: &mut Xoshiro256PlusPlus) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for feature in 0..features {
        let activity = 0.01 / (1.0 + 5.0 * f64::from(feature) / f64::from(features)).powf(1.5);
        pairs.extend(
            (0..samples).filter(|_| rng.random::<f64>() < activity).map(|sample| (feature, sample)),
        );
    }
    pairs
}

/// What samples seen leave unseen by Chao & Jost's formula, from counts of single activations.
fn good_turing(counts: &[u32], samples: f64) -> f64 {
    let with = |k: u32| counts.iter().filter(|count| **count == k).count() as f64;
    let (once, twice) = (with(1), 2.0 * with(2));
    if once > 0.0 {
        once / samples * (samples - 1.0) * once / ((samples - 1.0) * once + twice)
    } else {
        0.0
    }
}

/// The variance of the unseen mass by leaving each sample out, and `(f₁ + 2 f₂)/D²`.
fn variances(pairs: &[(u32, u32)], features: u32, samples: u32) -> (f64, f64) {
    let mut counts = vec![0; features as usize];
    for pair in pairs {
        counts[pair.0 as usize] += 1;
    }
    let without = |sample: u32| {
        let mut left = counts.clone();
        for pair in pairs.iter().filter(|pair| pair.1 == sample) {
            left[pair.0 as usize] -= 1;
        }
        good_turing(&left, f64::from(samples) - 1.0)
    };
    let all: Vec<f64> = (0..samples).map(without).collect();
    let d = f64::from(samples);
    let mean = all.iter().sum::<f64>() / d;
    let jackknife = (d - 1.0) / d * all.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let with = |k: u32| counts.iter().filter(|count| **count == k).count() as f64;
    (jackknife, (with(1) + 2.0 * with(2)) / (d * d))
}

/// n = 300 sets of 60 samples, seed 82, α = 1e-3.
#[test]
fn the_jackknife_agrees_with_independence_on_average() {
    let rng = &mut generator(82);
    let (samples, features, sets) = (60, 800, 300);
    let ratios: Vec<f64> = (0..sets)
        .map(|_| {
            let (jackknife, plain) =
                variances(&independent(samples, features, rng), features, samples);
            jackknife / plain
        })
        .collect();
    let mean = ratios.iter().sum::<f64>() / f64::from(sets);
    let spread =
        ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / f64::from(sets - 1);
    let error = (spread / f64::from(sets)).sqrt();
    println!("jackknife over f₁ + 2 f₂: {mean} ± {error}");
    // The formula has errors of the order of 1/D, the factor of Chao & Jost among them.
    assert!((mean - 1.0).abs() < Z * error + 2.0 / f64::from(samples), "{mean} ± {error}");
}

/// The interval is that of Garwood with the larger of both variances, that of the jackknife raised
/// as Student's t is wider than the normal.
#[test]
fn the_interval_is_that_of_the_jackknife_where_it_is_larger() {
    let rng = &mut generator(83);
    let (samples, features) = (60_u32, 800);
    let (mut larger, mut smaller) = (0, 0);
    for _ in 0..20 {
        let pairs = independent(samples, features, rng);
        let (jackknife, plain) = variances(&pairs, features, samples);
        let incidence = Incidence::new(&pairs, features as usize, samples as usize).unwrap();
        let counts = ActivationCounts::from_incidence(&incidence).unwrap();
        let found = unseen_now(&quick_diagnosis(&counts, &[], rng)).activity;
        let student =
            StudentsT::new(0.0, 1.0, f64::from(samples) - 1.0).unwrap().inverse_cdf(0.975);
        let raised = jackknife * (student / 1.959_963_984_540_054).powi(2);
        // What as many further samples show of it: what single samples alone hold now, about its
        // mean.
        let mut own = vec![0.0; samples as usize];
        for feature in 0..features {
            let mut active = pairs.iter().filter(|pair| pair.0 == feature).map(|pair| pair.1);
            if let (Some(sample), None) = (active.next(), active.next()) {
                own[sample as usize] += 1.0;
            }
        }
        let mean = own.iter().sum::<f64>() / f64::from(samples);
        let squares: f64 = own.iter().map(|own| (own - mean).powi(2)).sum();
        let next = squares / (f64::from(samples) * f64::from(samples - 1));
        let raised = (jackknife + next) * raised / jackknife;
        if raised > plain {
            larger += 1;
        } else {
            smaller += 1;
        }
        let unit = raised.max(plain) / found.value;
        let quantile =
            |shape: f64, p: f64| unit * GammaLaw::new(shape, 1.0).unwrap().inverse_cdf(p);
        let (lower, upper) =
            (quantile(found.value / unit, 0.025), quantile(found.value / unit + 1.0, 0.975));
        assert!((found.lower / lower - 1.0).abs() < 1e-6, "{found:?}, expected from {lower}");
        assert!((found.upper / upper - 1.0).abs() < 1e-6, "{found:?}, expected to {upper}");
    }
    // With what further samples add it nearly always is.
    assert!(larger > 0, "{larger} larger, {smaller} smaller");
}

/// Sentences of a document.
const SENTENCES: u32 = 50;

/// Words and how their use varies from document to document: a gamma factor of mean 1 and this
/// shape.
const WORDS: u32 = 4_000;
const SHAPE: f64 = 0.02;

/// The rate of a word in a sentence of an average document.
fn rate(word: u32) -> f64 {
    0.3 * (1.0 + f64::from(word)).powf(-1.1)
}

/// Documents of sentences in which words repeat, as pairs: in a document a word is in a sentence
/// with probability `1 − e^{−rate · factor}`. The numbers of sentences go on from `first`.
fn documents(first: u32, documents: u32, rng: &mut Xoshiro256PlusPlus) -> Vec<(u32, u32)> {
    let gamma = Gamma::new(SHAPE, SHAPE.recip()).unwrap();
    let mut pairs = Vec::new();
    for document in 0..documents {
        for word in 0..WORDS {
            let factor: f64 = gamma.sample(rng);
            let activity = -(-rate(word) * factor).exp_m1();
            // Most words are in no sentence of a document: one number for all of its sentences.
            if rng.random::<f64>() < (f64::from(SENTENCES) * (-activity).ln_1p()).exp() {
                continue;
            }
            let mut sentences = Vec::new();
            while sentences.is_empty() {
                sentences = (0..SENTENCES).filter(|_| rng.random::<f64>() < activity).collect();
            }
            pairs.extend(sentences.iter().map(|at| (word, first + document * SENTENCES + at)));
        }
    }
    pairs
}

/// Share of sentences with a word, over all documents: `1 − E e^{−rate · factor}`.
fn mean_activity(word: u32) -> f64 {
    1.0 - (1.0 + rate(word) / SHAPE).powf(-SHAPE)
}

/// n = 200 sets of 40 documents, seed 84, α = 1e-3 (Z): by documents the unseen mass and what as
/// many documents more bring are covered at 0.90 at least, by sentences taken as independent far
/// less.
#[test]
fn where_words_repeat_groups_cover_and_bare_counts_do_not() {
    let rng = &mut generator(84);
    let (sets, many) = (200, 40);
    let (mut grouped, mut bare, mut ahead) =
        (Covered::default(), Covered::default(), Covered::default());
    for _ in 0..sets {
        let pairs = documents(0, many, rng);
        let samples = many * SENTENCES;
        let incidence = Incidence::new(&pairs, WORDS as usize, samples as usize).unwrap();
        let group_of: Vec<u32> = (0..samples).map(|sample| sample / SENTENCES).collect();
        let by_group =
            ActivationCounts::from_incidence(&incidence.with_groups(&group_of).unwrap()).unwrap();
        let mut counts = vec![0_u64; WORDS as usize];
        for pair in &pairs {
            counts[pair.0 as usize] += 1;
        }
        let later: Vec<(u32, u32)> = documents(samples, many, rng);
        let mut new: Vec<u32> =
            later.iter().map(|pair| pair.0).filter(|word| counts[*word as usize] == 0).collect();
        new.sort_unstable();
        new.dedup();
        let truth: f64 =
            (0..WORDS).filter(|word| counts[*word as usize] == 0).map(mean_activity).sum();
        let diagnosis = quick_diagnosis(&by_group, &[2.0], rng);
        grouped.add(Some(unseen_now(&diagnosis).activity), truth);
        ahead.add(diagnosis.forecasts[0].new_features.estimate, new.len() as f64);
        assert!(!diagnosis.caveats.contains(&Caveat::TakenAsIndependent));
        let bare_counts = ActivationCounts::new(&counts, u64::from(samples)).unwrap();
        let taken_as_independent = quick_diagnosis(&bare_counts, &[], rng);
        assert!(taken_as_independent.caveats.contains(&Caveat::TakenAsIndependent));
        bare.add(Some(unseen_now(&taken_as_independent).activity), truth);
    }
    // 0.90 is what is promised.
    grouped.assert("unseen by documents", sets, 1.0, Z, 0.05);
    ahead.assert("new in twice the documents", sets, 0.9, Z, 0.05);
    println!("unseen by sentences: covered in {} of {sets}", bare.covered);
    assert!(bare.covered * 2 < sets, "by sentences covered in {} of {sets}", bare.covered);
}

/// n = 400 sets, seed 85, α = 1e-3: of exchangeable samples the p-value is below its level as often
/// as that says.
#[test]
fn drift_is_not_found_where_samples_are_exchangeable() {
    let rng = &mut generator(85);
    let (samples, features, sets) = (80, 400, 400);
    let (mut at_five, mut at_one, mut matters) = (0, 0, 0);
    for _ in 0..sets {
        let pairs = independent(samples, features, rng);
        let incidence = Incidence::new(&pairs, features as usize, samples as usize).unwrap();
        let counts = ActivationCounts::from_incidence(&incidence).unwrap();
        let drift = quick_diagnosis(&counts, &[], rng).drift.unwrap();
        at_five += u32::from(drift.p_value <= 0.05);
        at_one += u32::from(drift.p_value <= 0.01);
        matters += u32::from(drift.matters());
    }
    println!("of {sets}: {at_five} at 5 %, {at_one} at 1 %, {matters} matter");
    let most = |level: f64| {
        let n = f64::from(sets);
        level * n + Z * (level * (1.0 - level) * n).sqrt()
    };
    assert!(
        f64::from(at_five) <= most(0.05) && f64::from(at_one) <= most(0.01),
        "{at_five}, {at_one}"
    );
    // Numbers in one half are whole, so the test is a little smaller than it says.
    assert!(
        f64::from(at_five) >= 0.04 * f64::from(sets) - Z * (0.04 * 0.96 * f64::from(sets)).sqrt()
    );
    assert!(matters <= at_one, "{matters} matter, {at_one} at 1 %");
}

/// n = 30 sets each, seed 86: features whose activity changes by a factor of the order e², and
/// features of one half only.
#[test]
fn drift_is_found_where_the_second_half_has_other_features() {
    let rng = &mut generator(86);
    let (samples, features) = (80_u32, 400_u32);
    for (what, change) in [("other features", f64::INFINITY), ("other activities", 2.0)] {
        for set in 0..30 {
            let mut pairs = Vec::new();
            for feature in 0..features {
                let normal: f64 = StandardNormal.sample(rng);
                let shift =
                    if change.is_finite() { change * normal } else { 700.0 * normal.signum() };
                // In the first half less by the factor, in the second more: the mean stays.
                let second = (1.0 + (-shift).exp()).recip();
                for sample in 0..samples {
                    let share = if sample < samples / 2 { 1.0 - second } else { second };
                    if rng.random::<f64>() < 2.0 * share * 0.05 {
                        pairs.push((feature, sample));
                    }
                }
            }
            let incidence = Incidence::new(&pairs, features as usize, samples as usize).unwrap();
            let counts = ActivationCounts::from_incidence(&incidence).unwrap();
            let diagnosis = quick_diagnosis(&counts, &[], rng);
            let drift = diagnosis.drift.unwrap();
            assert!(drift.matters(), "{what}, set {set}: {drift:?}");
            assert!(diagnosis.caveats.iter().any(|caveat| matches!(caveat, Caveat::Drifts { .. })));
        }
    }
}
