//! The activity law is recovered, its intervals cover, its p-values have the size they say.
//! Statistical tests: seeds are fixed, so a test either always passes or always fails; α says how
//! often a fresh seed would fail.

use crate::common::generator;
use crate::counts::{Covered, Synthetic, of_seen, quick_diagnosis, sets};
use asymscale_fitting::diagnosis::{
    ActivationCounts, AlphaSource, Caveat, DiagnosisOptions, Method, Population, WindowEnd,
    diagnose,
};
use asymscale_sampling::Key;
use rand_distr::{Binomial, Distribution, LogNormal, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Two-sided normal quantile of α = 1e-3 per assertion.
const Z: f64 = 3.29;

/// What a window chosen on the data may cost an interval besides chance.
const SYSTEMATIC: f64 = 0.02;

/// Levels of the tests.
const SIZE: f64 = 0.05;

fn assert_share(what: &str, hits: u64, expected: f64, systematic: f64) {
    let found = hits as f64 / sets() as f64;
    let chance = Z * (expected * (1.0 - expected) / sets() as f64).sqrt();
    println!("{what}: {found}");
    assert!(
        (found - expected).abs() <= chance + systematic,
        "{what}: {found}, expected {expected} ± {chance} by chance and {systematic} by the method"
    );
}

/// n = 300 sets, seed 40 + number, α = 1e-3 per share.
fn assert_recovered(number: u64, design: Synthetic) {
    let (mut beta, mut onset, mut rejected, mut whole) = (0, 0, 0, 0);
    let mut rng = generator(40 + number);
    for set in 0..sets() {
        let counts = design.counts(&Key::new(40).index(number).index(set));
        let fit = quick_diagnosis(&counts, &[], &mut rng).activity.unwrap();
        beta += u64::from(fit.beta.contains(design.beta));
        onset += u64::from(fit.onset.contains(design.onset));
        rejected += u64::from(fit.single_law_p_value <= SIZE);
        whole += u64::from(fit.reason == WindowEnd::AllCounts);
    }
    assert_share(&format!("{design:?}: exponent covered"), beta, 0.95, SYSTEMATIC);
    assert_share(&format!("{design:?}: onset covered"), onset, 0.95, SYSTEMATIC);
    // 99 draws make steps of 1 %.
    assert_share(&format!("{design:?}: single law rejected"), rejected, SIZE, 0.01);
    // Each of the log₂(D/4) tests on the way is made at 5 %.
    let kept = 1.0 - SIZE * (design.samples as f64 / 4.0).log2();
    println!("{design:?}: whole {whole} of {}", sets());
    assert!(whole as f64 > kept * sets() as f64, "{design:?}: {whole} windows whole");
}

#[test]
fn a_law_from_the_first_rank_on_is_recovered() {
    assert_recovered(0, Synthetic { alpha: 1.0, beta: 1.5, onset: 1.0, samples: 20_000 });
}

#[test]
fn a_law_with_a_late_onset_is_recovered() {
    assert_recovered(1, Synthetic { alpha: 1.0, beta: 2.0, onset: 100.0, samples: 2_000 });
}

#[test]
fn a_steep_law_is_recovered() {
    assert_recovered(2, Synthetic { alpha: 1.0, beta: 3.0, onset: 500.0, samples: 10_000 });
}

/// Activities fall as `i^{−1/2}` up to rank 1 000 and as `i^{−2.5}` beyond, in 5 000 samples: the
/// break is at a count near 47. The rare end is that of an unbroken law.
fn broken(set: u64, rng: &mut Xoshiro256PlusPlus) -> ActivationCounts {
    let rare = Synthetic { alpha: 1.0, beta: 2.5, onset: 155.0, samples: 5_000 };
    let activity = |rank: f64| rare.activity(1000.0) * (rank / 1000.0).powf(-0.5);
    let head =
        (1..1_000).map(|rank| Binomial::new(5_000, activity(f64::from(rank))).unwrap().sample(rng));
    let beyond =
        rare.draw(&Key::new(45).index(set)).into_iter().filter(|feature| feature.0 >= 1_000.0);
    ActivationCounts::new(&head.chain(beyond.map(|feature| feature.1)).collect::<Vec<u64>>(), 5_000)
        .unwrap()
}

/// n = 300, seed 45, α = 1e-3. The window goes as far as the break can hide, so it costs coverage.
#[test]
fn a_broken_law_is_rejected_and_its_rare_end_found() {
    let mut rng = generator(45);
    let (mut beta, mut bends, mut beyond) = (0, 0, 0);
    for set in 0..sets() {
        let counts = broken(set, &mut rng);
        let diagnosis = quick_diagnosis(&counts, &[], &mut rng);
        let fit = diagnosis.activity.unwrap();
        bends += u64::from(fit.power_law_is_rejected());
        beta += u64::from(fit.beta.contains(2.5));
        beyond += u64::from(fit.max_count > 64);
    }
    println!("beyond the break: {beyond}");
    assert_eq!(bends, sets(), "one law over all counts must be rejected every time");
    assert!(beyond * 100 < sets() * 5, "{beyond} of {} windows reach far beyond the break", sets());
    assert_share("rare exponent covered", beta, 0.95, 2.0 * SYSTEMATIC);
}

/// n = 300, seed 48: log-normal expected counts, so `b = 1/σ²` and `a = −μ/σ²`, μ = −2, σ = 3,
/// 20 000 features. What 16 times the data bring is covered at least as often as 95 %, less chance
/// (α = 1e-3) and what errors to first order may miss: the features are drawn independently, as the
/// interval takes them.
#[test]
fn a_law_that_bends_forecasts_what_follows_it() {
    let (expected, features) = (LogNormal::new(-2.0, 3.0).unwrap(), 20_000);
    let mut rng = generator(48);
    let (mut new_features, mut unseen, mut used) = (Covered::default(), Covered::default(), 0);
    for _ in 0..sets() {
        let rates: Vec<f64> = (0..features).map(|_| expected.sample(&mut rng)).collect();
        // Samples without end: counts are Poisson, and the few always active are left out.
        let rates: Vec<f64> = rates.into_iter().filter(|rate| *rate < 1e5).collect();
        let count = |rate: f64, rng: &mut Xoshiro256PlusPlus| {
            Poisson::new(rate).unwrap().sample(rng) as u64
        };
        let counts: Vec<u64> = rates.iter().map(|&rate| count(rate, &mut rng)).collect();
        let samples = 1_000_000;
        let found = of_seen(&counts, samples);
        let forecast = quick_diagnosis(&found, &[16.0], &mut rng).forecasts[0];
        let later: Vec<u64> = rates.iter().map(|&rate| count(15.0 * rate, &mut rng)).collect();
        let fresh = |row: &usize| counts[*row] == 0 && later[*row] > 0;
        let new = (0..rates.len()).filter(fresh).count() as f64;
        let missed = |row: &usize| counts[*row] + later[*row] == 0;
        let left =
            (0..rates.len()).filter(missed).map(|row| rates[row]).sum::<f64>() / samples as f64;
        used += u64::from(forecast.new_features.recommended == Some(Method::LognormalLaw));
        new_features.add(forecast.new_features.estimate, new);
        unseen.add(forecast.unseen_activity.estimate, left);
    }
    // A good fit is rejected at 5 %, at the smallest window alone.
    println!("bent law used in {used}");
    assert_share("bent law used", used, 0.95, 0.05);
    new_features.assert("new features", sets(), 0.9, Z, SYSTEMATIC);
    unseen.assert("unseen activity", sets(), 0.9, Z, SYSTEMATIC);
}

#[test]
fn the_kind_of_population_is_told() {
    let mut rng = generator(46);
    let mut population = |beta, onset, samples| {
        let counts = Synthetic { alpha: 1.0, beta, onset, samples }.counts(&Key::new(46));
        quick_diagnosis(&counts, &[], &mut rng).population
    };
    assert_eq!(population(1.5, 1.0, 20_000), Population::Growing);
    // More features than samples: a law that ends far below what was seen fits too.
    let many = population(1.5, 20.0, 2_000);
    assert!(matches!(many, Population::Growing | Population::Undecided), "{many:?}");
    // 40 features, the rarest of them active in 1 of 40 samples: no law is needed.
    let counts: Vec<u64> = (1..=40).map(|rank| 4_000 / rank).collect();
    let counts = ActivationCounts::new(&counts, 4_001).unwrap();
    let diagnosis = quick_diagnosis(&counts, &[], &mut rng);
    assert_eq!(
        (diagnosis.population, diagnosis.activity, diagnosis.scaling),
        (Population::Saturated, None, None)
    );
    let caveats = [Caveat::FewSingletons { found: 0 }, Caveat::NoLaw, Caveat::TakenAsIndependent];
    assert_eq!(diagnosis.caveats, caveats);
}

#[test]
fn results_do_not_depend_on_the_order_of_rows() {
    let design = Synthetic { alpha: 1.0, beta: 1.5, onset: 3.0, samples: 1_000 };
    let mut counts: Vec<u64> =
        design.draw(&Key::new(47)).into_iter().map(|feature| feature.1).collect();
    counts[3] = 0;
    let moments: Vec<f64> = counts.iter().map(|&k| (k as f64).sqrt() / 7.0).collect();
    let given =
        ActivationCounts::new(&counts, 1_000).unwrap().with_second_moments(&moments).unwrap();
    counts.reverse();
    let reversed: Vec<f64> = moments.into_iter().rev().collect();
    let other =
        ActivationCounts::new(&counts, 1_000).unwrap().with_second_moments(&reversed).unwrap();
    let diagnosis = |counts| quick_diagnosis(counts, &[2.0, 4.0], &mut generator(47));
    assert_eq!(diagnosis(&given), diagnosis(&other));
    // A row of a feature never active says the same as the number of all features.
    let rows = ActivationCounts::new(&counts, 1_000).unwrap();
    counts.retain(|count| *count > 0);
    let said = ActivationCounts::new(&counts, 1_000).unwrap().of(counts.len() + 1).unwrap();
    assert_eq!(diagnosis(&rows), diagnosis(&said));
    assert_eq!(diagnosis(&rows).total, Some(counts.len() + 1));
}

#[test]
fn what_is_given_is_used() {
    let design = Synthetic { alpha: 1.0, beta: 1.5, onset: 3.0, samples: 2_000 };
    let counts = design.counts(&Key::new(49));
    let options =
        DiagnosisOptions { alpha: Some(0.6), max_count: Some(12), ..DiagnosisOptions::default() };
    let diagnosis = diagnose(&counts, &options, &mut generator(49)).unwrap();
    let (fit, scaling) = (diagnosis.activity.unwrap(), diagnosis.scaling.unwrap());
    assert_eq!((fit.max_count, fit.reason), (12, WindowEnd::Given));
    assert_eq!((scaling.source, scaling.features_exponent.value), (AlphaSource::Given, 0.6));
    assert_eq!(scaling.samples_exponent.value, 0.6 / fit.beta.value);
    // Without second moments and without α an activation has energy 1: 1 + α = β.
    let scaling = quick_diagnosis(&counts, &[], &mut generator(49)).scaling.unwrap();
    assert_eq!(scaling.source, AlphaSource::BinaryActivations);
    assert!(
        scaling.features_exponent.contains(0.5) && scaling.samples_exponent.contains(1.0 / 3.0),
        "{scaling:?}"
    );
}
