//! Several kinds of runs in one table: sizes of the tests, and what they find.

use crate::common::generator;
use asymscale_fitting::{FitOptions, FittingError, KindVerdict, Parameters, Runs, compare_kinds};
use rand_distr::{Distribution, StandardNormal, StudentT};

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
/// Data sets of a size: at 5 % a binomial of 200 exceeds 20 with probability 0.001, at 7 % with
/// 0.04.
const SETS: u64 = 200;
const MOST: usize = 20;

/// A grid of 5 × 5 for each law, with normal errors of 0.5 % or heavy tails.
fn runs(laws: &[Parameters], errors: &str, seed: u64) -> (Runs, Vec<usize>) {
    let mut rng = generator(seed);
    let tail = StudentT::new(3.0).unwrap();
    let (mut n, mut d, mut losses, mut labels) = (vec![], vec![], vec![], vec![]);
    for (label, law) in laws.iter().enumerate() {
        for k in 0..25 {
            let (size, samples) = (2e7 * 3f64.powi(k / 5), 4e8 * 4f64.powi(k % 5));
            let error: f64 = if errors == "heavy" {
                0.005 * tail.sample(&mut rng)
            } else {
                let draw: f64 = StandardNormal.sample(&mut rng);
                0.005 * draw
            };
            n.push(size);
            d.push(samples);
            losses.push(law.loss(size, samples) * error.exp());
            labels.push(label);
        }
    }
    (Runs::new(&n, &d, &losses).unwrap(), labels)
}

fn names(labels: &[usize]) -> Vec<String> {
    labels.iter().map(|label| format!("kind {label}")).collect()
}

/// The same law for all, and laws of the same exponents; seeds 1 to 200.
#[test]
fn true_hypotheses_are_rejected_as_often_as_they_should_be() {
    let other = Parameters { e: 1.1, a: 300.0, b: 1500.0, ..LAW };
    for (errors, kinds) in [("normal", 2), ("heavy", 3)] {
        let (mut one, mut same) = (0, 0);
        for seed in 1..=SETS {
            let (runs_of_one, labels) = runs(&vec![LAW; kinds], errors, seed);
            let options = FitOptions::default();
            let test = |runs: &Runs, seed| {
                compare_kinds(runs, &names(&labels), &options, 199, &mut generator(seed)).unwrap()
            };
            one += usize::from(test(&runs_of_one, seed).one_law <= 0.05);
            let mut laws = vec![LAW; kinds];
            laws[0] = other;
            same += usize::from(test(&runs(&laws, errors, seed).0, seed).same_exponents <= 0.05);
        }
        println!(
            "{kinds} kinds, {errors} errors: one law rejected {one}, same exponents {same} of {SETS}"
        );
        assert!(one <= MOST && same <= MOST, "{kinds} kinds, {errors}: {one} {same}");
    }
}

#[test]
fn what_differs_is_found() {
    let amplitudes = Parameters { e: 1.1, a: 300.0, b: 1500.0, ..LAW };
    let exponents = Parameters { alpha: 0.25, a: 80.0, ..LAW };
    let (mut same, mut different, mut covered) = (0, 0, 0);
    for seed in 1..=50 {
        let verdict = |law: Parameters| {
            let (runs, labels) = runs(&[LAW, law], "normal", seed);
            compare_kinds(&runs, &names(&labels), &FitOptions::default(), 199, &mut generator(seed))
                .unwrap()
        };
        let found = verdict(amplitudes);
        same += usize::from(found.verdict() == KindVerdict::SameExponents);
        covered += usize::from(
            found.exponents[0].contains(LAW.alpha) && found.exponents[1].contains(LAW.beta),
        );
        different += usize::from(verdict(exponents).verdict() == KindVerdict::Different);
    }
    println!("of 50: same exponents {same}, both of them covered {covered}, different {different}");
    assert!(same >= 42 && different >= 42 && covered >= 40, "{same} {different} {covered}");
}

#[test]
fn small_kinds_are_named_and_left_out() {
    let (whole, labels) = runs(&[LAW, LAW], "normal", 1);
    let mut names = names(&labels);
    for name in &mut names[..3] {
        "few".clone_into(name);
    }
    let mut rng = generator(1);
    let found = compare_kinds(&whole, &names, &FitOptions::default(), 199, &mut rng).unwrap();
    let labels: Vec<(&str, bool)> =
        found.kinds.iter().map(|kind| (&*kind.label, kind.fit.is_ok())).collect();
    assert_eq!(labels, [("few", false), ("kind 0", true), ("kind 1", true)]);
    assert!(found.kinds[0].shared.is_none() && found.kinds[1].shared.is_some());
    let one = vec!["all".to_owned(); whole.len()];
    let refused = compare_kinds(&whole, &one, &FitOptions::default(), 199, &mut rng).unwrap_err();
    assert_eq!(refused, FittingError::TooFewKinds(1));
    let refused =
        compare_kinds(&whole, &one[1..], &FitOptions::default(), 199, &mut rng).unwrap_err();
    assert!(matches!(refused, FittingError::Length { .. }), "{refused}");
}
