//! Populations that end, are nearly all seen, or go on: what a diagnosis must say of each.
//! Statistical tests: seeds are fixed; α says how often a fresh seed would fail.

use crate::common::generator;
use crate::counts::{Covered, Synthetic, of_seen, quick_diagnosis, unseen_now};
use asymscale_fitting::diagnosis::{
    ActivationCounts, ActivityLaw, Diagnosis, Method, Population, thin_counts,
};
use asymscale_sampling::Key;
use rand_distr::{Binomial, Distribution};
use rand_xoshiro::Xoshiro256PlusPlus;

const FACTORS: [f64; 4] = [2.0, 4.0, 16.0, 64.0];

/// Two-sided normal quantile of α = 1e-3 per assertion.
const Z: f64 = 3.29;

/// What the shape of a distribution may cost an interval besides chance.
const SYSTEMATIC: f64 = 0.02;

fn draw(activity: f64, samples: u64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    Binomial::new(samples, activity).unwrap().sample(rng)
}

/// So many features of each count.
fn table(features: &[(u64, usize)]) -> Vec<u64> {
    features.iter().flat_map(|&(count, many)| std::iter::repeat_n(count, many)).collect()
}

/// Holds what features unseen add against forecasts of new features: at 2, 4 and 16 times the data.
fn new_features(
    unseen: &[f64],
    samples: f64,
    diagnosis: &Diagnosis,
    covered: &mut [Covered; 3],
    rng: &mut Xoshiro256PlusPlus,
) {
    let mut reached = 1.0;
    let mut activities = unseen.to_vec();
    for (forecast, covered) in diagnosis.forecasts.iter().zip(covered) {
        let more = ((forecast.factor - reached) * samples) as u64;
        activities.retain(|&activity| draw(activity, more, rng) == 0);
        reached = forecast.factor;
        covered.add(forecast.new_features.estimate, (unseen.len() - activities.len()) as f64);
    }
}

/// n = 100 sets, seed 90, α = 1e-3: 1 024 experts of equal load in 50 samples, one of them not seen
/// yet.
#[test]
fn of_equal_experts_one_unseen_is_the_last() {
    let (rng, sets, load) = (&mut generator(90), 100, 0.13);
    let (mut covered, mut recognised, mut most) = ([Covered::default(); 3], 0, 0.0_f64);
    let mut known_at = [0; 4];
    for set in 0..sets {
        let mut counts: Vec<u64> = Vec::new();
        while counts.len() < 1_023 {
            counts.extend(Some(draw(load, 50, rng)).filter(|count| *count > 0));
        }
        let found = quick_diagnosis(&of_seen(&counts, 50), &FACTORS, rng);
        // Finitely many, told from the counts alone.
        recognised +=
            u64::from(matches!(found.population, Population::Ending | Population::Saturated));
        most = most.max(found.much.new_features.estimate.map_or(0.0, |new| new.value));
        new_features(&[load], 50.0, &found, &mut covered, rng);
        counts.push(0);
        let known = quick_diagnosis(&ActivationCounts::new(&counts, 50).unwrap(), &FACTORS, rng);
        for (forecast, known_at) in known.forecasts.iter().zip(&mut known_at) {
            if let Some(new) = forecast.new_features.estimate {
                *known_at += 1;
                assert!(new.upper == 1.0, "set {set} at {}: {new:?}", forecast.factor);
            }
            if let Some(unseen) = forecast.unseen_activity.estimate {
                assert!(
                    unseen.upper > 0.0 && unseen.upper <= unseen_now(&known).activity.upper,
                    "{unseen:?}"
                );
            }
        }
    }
    println!(
        "recognised as finite in {recognised} of {sets}; at most {most} new at 16 times the data"
    );
    println!("known at {FACTORS:?}, of how many there are: {known_at:?} of {sets}");
    assert!(recognised >= 95, "recognised as finite in {recognised} of {sets}");
    assert!(known_at.iter().all(|known| *known >= 85), "{known_at:?} of {sets}");
    // 1 024 · 0.87^50 = 0.97 are expected to be unseen.
    assert!(most < 12.0, "{most} new at 16 times the data");
    for (factor, covered) in FACTORS.iter().zip(covered) {
        covered.assert(&format!("experts at {factor}"), sets, 0.9, Z, SYSTEMATIC);
    }
}

/// A dictionary of 400 features of which 20 rows are 0: no forecast goes beyond them.
#[test]
fn of_a_finite_dictionary_no_more_than_the_rest_appears() {
    let rows = [(0, 20), (1, 200), (2, 80), (3, 40), (4, 25), (5, 15), (8, 10), (20, 10)];
    let counts = ActivationCounts::new(&table(&rows), 10_000).unwrap();
    assert_eq!((counts.total(), counts.never_active()), (Some(400), 20));
    let found = quick_diagnosis(&counts, &FACTORS, &mut generator(91));
    for forecast in &found.forecasts {
        if let Some(new) = forecast.new_features.estimate {
            assert!(0.0 < new.upper && new.upper <= 20.0, "at {}: {new:?}", forecast.factor);
        }
    }
    assert!(found.doubled.new_features.estimate.is_some());
    // Without the rows of those never active the counts look like far more than 20.
    let unknown = quick_diagnosis(&of_seen(&table(&rows), 10_000), &FACTORS, &mut generator(91));
    assert!(unknown.doubled.new_features.estimate.unwrap().lower > 20.0);
    assert_eq!(unseen_now(&unknown).activity, unseen_now(&found).activity);
}

/// n = 100 sets, seed 92, α = 1e-3: 500 equal features, each active twice in 1 000 samples in
/// expectation.
#[test]
fn equal_features_are_told_to_end() {
    let (rng, sets, activity) = (&mut generator(92), 100, 0.002);
    let (mut covered, mut mass, mut ending) = ([Covered::default(); 3], Covered::default(), 0);
    for _ in 0..sets {
        let counts: Vec<u64> = (0..500).map(|_| draw(activity, 1_000, rng)).collect();
        let found = quick_diagnosis(&of_seen(&counts, 1_000), &[2.0, 4.0, 16.0], rng);
        ending += u64::from(found.population == Population::Ending);
        assert_ne!(found.population, Population::Growing);
        let left = counts.iter().filter(|count| **count == 0).count();
        mass.add(Some(unseen_now(&found).activity), activity * left as f64);
        new_features(&vec![activity; left], 1_000.0, &found, &mut covered, rng);
    }
    println!("ending: {ending} of {sets}");
    // In the others a law that bends is not out of the question.
    assert!(ending >= 60, "ending: {ending} of {sets}");
    mass.assert("unseen of 500 equal", sets, 1.0, Z, SYSTEMATIC);
    // Few of a second, rarer kind among them would not be noticed, so far ahead it is not always
    // known.
    for ((factor, covered), known) in FACTORS.iter().zip(covered).zip([0.9, 0.75, 0.35]) {
        covered.assert(&format!("500 equal at {factor}"), sets, known, Z, SYSTEMATIC);
    }
}

/// n = 20 sets, seed 93: 200 000 features with `p_i = min(1, (3/i)^1.3)` in 20 000 samples. At 16
/// times the data 73 781 new ones are expected and an unseen mass of 0.142. Fewer than 16 of 20
/// intervals at 95 % cover with probability 3e-4.
#[test]
fn a_finite_law_of_zipf_and_mandelbrot_is_forecast() {
    let (rng, sets, samples) = (&mut generator(93), 20, 20_000_u64);
    let activities: Vec<f64> =
        (1..=200_000).map(|rank| (3.0 / f64::from(rank)).powf(1.3).min(1.0)).collect();
    let after = |activity: f64, factor: f64| (factor * samples as f64 * (-activity).ln_1p()).exp();
    let expected =
        |of: &dyn Fn(f64) -> f64| activities.iter().map(|&activity| of(activity)).sum::<f64>();
    let new = expected(&|activity| after(activity, 1.0) - after(activity, 16.0));
    let mass = expected(&|activity| activity * after(activity, 16.0));
    assert!((new - 73_781.0).abs() < 1.0 && (mass - 0.142).abs() < 5e-4, "{new} and {mass}");
    let (mut new_covered, mut mass_covered, mut finite) = (0, 0, 0);
    for _ in 0..sets {
        let counts: Vec<u64> =
            activities.iter().map(|&activity| draw(activity, samples, rng)).collect();
        let found = quick_diagnosis(&of_seen(&counts, samples), &[], rng);
        finite += usize::from(found.much.new_features.recommended == Some(Method::FiniteLaw));
        new_covered +=
            usize::from(found.much.new_features.estimate.is_some_and(|all| all.contains(new)));
        mass_covered +=
            usize::from(found.much.unseen_activity.estimate.is_some_and(|all| all.contains(mass)));
        // What ends is not told to go on for ever; where every law is rejected nothing is told.
        assert_ne!(found.population, Population::Growing);
    }
    println!(
        "of {sets}: finite law {finite}, new covered {new_covered}, unseen covered {mass_covered}"
    );
    assert!(
        new_covered >= 16 && mass_covered >= 16 && finite >= 16,
        "{new_covered}, {mass_covered}, {finite}"
    );
}

/// Nearly all, or surely all, of what there is has been seen.
#[test]
fn where_all_was_seen_often_no_law_is_needed() {
    let often: Vec<u64> = (0..200).map(|k| 3_000 + 37 * k).collect();
    let counts = ActivationCounts::new(&often, 35_549).unwrap();
    let found = quick_diagnosis(&counts, &FACTORS, &mut generator(94));
    assert_eq!((found.population, found.activity.is_none()), (Population::Saturated, true));
    assert!(unseen_now(&found).activity_share.upper < 1e-4);
    let new = found.doubled.new_features.estimate.unwrap();
    assert!(new.value < 0.5 && 0.0 < new.upper && new.upper <= 4.0, "{new:?}");
    let words = found.verdict().to_string();
    assert!(words.contains("rare features do not limit"), "{words}");
    // Known to be all: nothing is unseen, now and for ever.
    let all = quick_diagnosis(&counts.of(200).unwrap(), &FACTORS, &mut generator(94));
    assert_eq!(all.population, Population::Complete);
    for forecast in &all.forecasts {
        for estimate in [forecast.new_features.estimate, forecast.unseen_activity.estimate] {
            let zero = estimate
                .is_some_and(|none| (none.value, none.lower, none.upper) == (0.0, 0.0, 0.0));
            assert!(zero, "at {}: {estimate:?}", forecast.factor);
        }
    }
}

/// Nearly everything seen: 4 features once, 3 twice. Unseen mass does not rise with more data.
#[test]
fn of_few_rare_features_unseen_mass_never_rises() {
    let rare = [(1, 4), (2, 3), (3, 6), (4, 1), (5, 4), (6, 4), (7, 1), (8, 1)];
    let mut counts = table(&rare);
    counts.extend((0..183).map(|k| (9.0 * 1.042_f64.powi(k)) as u64));
    let counts = ActivationCounts::new(&counts, 35_549).unwrap();
    let found = quick_diagnosis(&counts, &FACTORS, &mut generator(95));
    assert_eq!(found.population, Population::Saturated);
    let mut before = unseen_now(&found).activity;
    for forecast in &found.forecasts {
        let Some(then) = forecast.unseen_activity.estimate else { break };
        assert!(
            then.value <= before.value && then.upper <= before.upper,
            "{then:?} after {before:?}"
        );
        before = then;
    }
}

/// Every feature seen once: nearly all is unseen, and nothing is known of much more data.
#[test]
fn where_all_were_seen_once_nothing_is_told_to_be_enough() {
    let counts = ActivationCounts::new(&[1; 29], 1_000).unwrap();
    let found = quick_diagnosis(&counts, &FACTORS, &mut generator(96));
    assert_eq!(found.population, Population::Open);
    assert!(unseen_now(&found).activity_share.lower > 0.5);
    let new = found.doubled.new_features.estimate.unwrap();
    assert!(new.contains(29.0) && new.upper < 60.0, "{new:?}");
    assert_eq!(
        (found.much.new_features.estimate, found.much.unseen_activity.estimate),
        (None, None)
    );
    let words = found.verdict().to_string();
    assert!(!words.contains("do not limit"), "{words}");
}

/// n = 100 sets, seed 97, α = 1e-3: power laws, whose windows of counts reach from below the tables
/// to beyond them.
#[test]
fn power_laws_are_told_to_grow() {
    let rng = &mut generator(97);
    for (number, (beta, onset, samples)) in
        [(1.6, 5.0, 5_000), (1.5, 1.0, 20_000), (2.0, 30.0, 400)].into_iter().enumerate()
    {
        let (sets, design) = (100, Synthetic { alpha: 1.0, beta, onset, samples });
        let later = Synthetic { samples: 16 * samples, ..design };
        let (mut ends, mut new, mut unseen) = (0, Covered::default(), Covered::default());
        for set in 0..sets {
            let drawn = later.draw(&Key::new(97).index(number as u64).index(set));
            let all: Vec<u64> = drawn.into_iter().map(|feature| feature.1).collect();
            let less = of_seen(&thin_counts(&all, 16 * samples, samples, rng).unwrap(), samples);
            let found = quick_diagnosis(&less, &[], rng);
            ends += u64::from(matches!(found.population, Population::Ending | Population::Open));
            let law = ActivityLaw { beta, onset };
            new.add(found.much.new_features.estimate, (all.len() - less.seen()) as f64);
            unseen.add(
                found.much.unseen_activity.estimate,
                law.unseen_activity(16.0 * samples as f64),
            );
        }
        println!("{design:?}: told to end or nothing told in {ends} of {sets}");
        // A true law is rejected at 5 % by each of its tests.
        assert!(ends <= 15, "{design:?}: told to end or nothing told in {ends} of {sets}");
        new.assert(&format!("{design:?}: new at 16"), sets, 0.85, Z, SYSTEMATIC);
        unseen.assert(&format!("{design:?}: unseen at 16"), sets, 0.85, Z, SYSTEMATIC);
    }
}
