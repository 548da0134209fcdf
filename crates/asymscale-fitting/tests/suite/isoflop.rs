//! `IsoFLOP` curves: the truth where it is known, what is refused, and the bias of the parabola.

use asymscale_fitting::isoflop::{Isoflop, IsoflopOptions, NoBudgets, Refusal, fit_isoflops};
use asymscale_fitting::{FittingError, Parameters, Runs};
use rand_distr::{Distribution, StandardNormal};

use crate::common::generator;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };
const HOFFMANN: Parameters = Parameters { e: 1.69, a: 406.4, b: 410.7, alpha: 0.34, beta: 0.28 };
const TIED: Parameters = Parameters { e: 1.7, a: 500.0, b: 900.0, alpha: 0.4, beta: 0.4 };

/// N of one budget: `sizes` over a factor `width` to both sides of `centre`.
fn grid(centre: f64, width: f64, sizes: i32) -> Vec<f64> {
    let at = |k: i32| centre * width.powf(2.0 * f64::from(k) / f64::from(sizes - 1) - 1.0);
    (0..sizes).map(at).collect()
}

/// Runs of a law at budgets, the N of each given; relative errors of this size.
fn runs(law: &Parameters, budgets: &[(f64, Vec<f64>)], error: f64) -> Runs {
    let mut rng = generator(11);
    let sizes = budgets.iter().flat_map(|(c, sizes)| sizes.iter().map(move |n| (*n, c / 6.0 / n)));
    let (n, d): (Vec<f64>, Vec<f64>) = sizes.unzip();
    let mut loss = |(n, d): (&f64, &f64)| {
        let z: f64 = StandardNormal.sample(&mut rng);
        law.loss(*n, *d) * (error * z).exp()
    };
    let losses: Vec<f64> = n.iter().zip(&d).map(&mut loss).collect();
    Runs::new(&n, &d, &losses).expect("positive")
}

fn found(runs: &Runs) -> Isoflop {
    fit_isoflops(runs, None, &IsoflopOptions::default(), &mut generator(1)).expect("curves")
}

fn best(law: &Parameters, compute: f64) -> f64 {
    law.optimum(compute, 6.0).expect("both terms are there").0
}

/// Budgets with the same grid around `off` times the best N.
fn around(
    law: &Parameters,
    computes: &[f64],
    width: f64,
    off: f64,
    sizes: i32,
) -> Vec<(f64, Vec<f64>)> {
    computes.iter().map(|&c| (c, grid(off * best(law, c), width, sizes))).collect()
}

#[test]
fn dense_narrow_grids_find_the_truth() {
    for law in [LAW, HOFFMANN, TIED] {
        let computes = [1e18, 1e19, 1e20, 1e21, 1e22];
        let found = found(&runs(&law, &around(&law, &computes, 1.2, 1.0, 41), 0.0));
        assert_eq!(found.minima().count(), 5);
        for (curve, minimum) in found.minima() {
            let n = best(&law, curve.compute);
            // By the third derivative: |β − α|·(ln 1.2)²/10 = 2e-4 at most.
            assert!((minimum.features.estimate / n - 1.0).abs() < 3e-4);
            assert!(
                (minimum.loss.estimate / law.loss(n, curve.compute / 6.0 / n) - 1.0).abs() < 1e-6
            );
            let product = 6.0 * minimum.features.estimate * minimum.samples.estimate;
            assert!((product / curve.compute - 1.0).abs() < 1e-12);
            let ratio = minimum.samples.estimate / minimum.features.estimate;
            assert!((minimum.ratio.estimate / ratio - 1.0).abs() < 1e-12);
        }
        let frontier = found.frontier.expect("five budgets");
        let exponent = law.beta / (law.alpha + law.beta);
        // The bias is the same at every budget, and no bias of the exponent.
        assert!((frontier.features_exponent.estimate - exponent).abs() < 1e-9);
        assert!((frontier.samples_exponent.estimate + exponent - 1.0).abs() < 1e-9);
        assert!((frontier.ratio_exponent.estimate - 1.0 + 2.0 * exponent).abs() < 1e-9);
        assert!((frontier.loss.exponent.estimate - exponent * law.alpha).abs() < 1e-3);
        assert!((frontier.loss.floor.expect("five budgets").estimate - law.e).abs() < 2e-2);
        let point = frontier.at(1e24).expect("a budget");
        assert!((point.features.estimate / best(&law, 1e24) - 1.0).abs() < 1e-3);
        assert!((point.beyond / 100.0 - 1.0).abs() < 1e-9);
    }
}

/// `u = (β − α)(c²/2 − m₄/(6m₂))` for narrow grids around `c`.
#[test]
fn the_bias_is_that_of_the_third_derivative() {
    for (law, off) in [(LAW, 1.0), (HOFFMANN, 1.0), (HOFFMANN, 1.05), (TIED, 0.95)] {
        let width = 1.1;
        let found = found(&runs(&law, &around(&law, &[1e18, 1e20], width, off, 9), 0.0));
        let bias = found.bias(&law).expect("two budgets");
        let steps: Vec<f64> = (-4..=4).map(|k| f64::from(k) / 4.0 * width.ln()).collect();
        let moment = |power: i32| steps.iter().map(|t| t.powi(power)).sum::<f64>();
        let series =
            (law.beta - law.alpha) * (off.ln().powi(2) / 2.0 - moment(4) / (6.0 * moment(2)));
        for budget in &bias.budgets {
            // The next terms are of the fourth order in the width: 1e-4 relative to 1, and of what
            // is exact rounding.
            let tolerance = 3e-5 + 0.02 * series.abs();
            assert!(
                (budget.features.ln_1p() - series).abs() < tolerance,
                "{} {series}",
                budget.features
            );
        }
        assert!(bias.exponent.expect("two budgets").abs() < 1e-9);
    }
}

/// With one exponent a symmetric grid has no bias, a grid off its centre has one that grows with
/// its width.
#[test]
fn the_bias_grows_with_width_and_distance() {
    let of = |law: &Parameters, width: f64, off: f64| {
        let found = found(&runs(law, &around(law, &[1e18, 1e20], width, off, 9), 0.0));
        found.bias(law).expect("two budgets").budgets[0].features
    };
    for width in [2.0, 8.0, 32.0] {
        assert!(of(&TIED, width, 1.0).abs() < 1e-9);
        assert!(of(&TIED, width, 1.25) * of(&TIED, width, 0.8) < 0.0);
    }
    // Half width and distance from the centre, and the bias by the normal equations of `1, ln N,
    // ln² N` in decimal arithmetic of 60 digits (Python's `decimal`).
    let table = [
        (2.0, 1.0, 0.003_549_489_995),
        (8.0, 1.0, 0.032_392_415_426),
        (32.0, 1.0, 0.092_526_870_896),
        (8.0, 2.0, 0.017_532_817_532),
        (32.0, 4.0, 0.053_696_262_035),
        (32.0, 0.25, -0.002_218_284_248),
    ];
    for (width, off, expected) in table {
        let bias = of(&HOFFMANN, width, off);
        assert!((bias - expected).abs() < 1e-9, "{width} {off}: {bias}");
    }
}

/// Measured without noise, the corrected minimum is that of the law.
#[test]
fn without_noise_the_correction_is_exact() {
    for (width, off) in [(2.0, 1.0), (8.0, 1.0), (32.0, 1.0), (32.0, 4.0), (32.0, 0.25)] {
        let found = found(&runs(&HOFFMANN, &around(&HOFFMANN, &[1e18, 1e20], width, off, 9), 0.0));
        let bias = found.bias(&HOFFMANN).expect("two budgets");
        assert_eq!(bias.budgets.len(), 2, "{width} {off}");
        for (budget, (_, minimum)) in bias.budgets.iter().zip(found.minima()) {
            let n = best(&HOFFMANN, budget.compute);
            assert!((budget.corrected.features.estimate / n - 1.0).abs() < 1e-9);
            assert!((minimum.features.estimate / n - 1.0 - budget.features).abs() < 1e-9);
        }
    }
}

#[test]
fn each_budget_is_refused_for_its_own_reason() {
    let at = |c: f64, off: f64| (c, grid(off * best(&LAW, c), 4.0, 7));
    let mut budgets = vec![at(1e18, 1.0), at(1e19, 20.0), at(1e20, 0.05), at(1e21, 1.0)];
    budgets[3].1.truncate(3);
    budgets.push(at(1e22, 1.0));
    let refusals: Vec<Option<Refusal>> = found(&runs(&LAW, &budgets, 0.0))
        .curves
        .into_iter()
        .map(|curve| curve.minimum.err())
        .collect();
    assert_eq!(
        refusals,
        [
            None,
            Some(Refusal::AtSmallest),
            Some(Refusal::AtLargest),
            Some(Refusal::TooFewSizes(3)),
            None
        ]
    );
    assert!(Refusal::AtSmallest.reason().contains("smaller N would tell"));
    let n = grid(1e8, 8.0, 5);
    let d: Vec<f64> = n.iter().map(|n| 1e18 / n).collect();
    let hill: Vec<f64> = n.iter().map(|n| 3.0 - 0.1 * (n / 1e8).ln().powi(2)).collect();
    let convex = |runs: &Runs, budgets: &[f64]| {
        fit_isoflops(runs, Some(budgets), &IsoflopOptions::default(), &mut generator(1))
            .expect("one budget")
    };
    let one = convex(&Runs::new(&n, &d, &hill).expect("positive"), &[1.0; 5]);
    assert_eq!(one.curves[0].minimum, Err(Refusal::NotConvex));
    assert!(one.frontier.is_none() && one.bias(&LAW).is_none());
    // A column that calls runs of different compute one budget.
    let other: Vec<f64> = n.iter().map(|_| 1e10).collect();
    let several = convex(&Runs::new(&n, &other, &hill).expect("positive"), &[1.0; 5]);
    assert!(
        matches!(several.curves[0].minimum, Err(Refusal::SeveralComputes(times)) if (times - 64.0).abs() < 1e-9)
    );
}

#[test]
fn no_budgets_are_said_with_what_was_found() {
    let n: Vec<f64> = (0..12).map(|k| 1e7 * 1.9f64.powi(k)).collect();
    let d: Vec<f64> = n.iter().map(|n| 20.0 * n).collect();
    let losses: Vec<f64> = n.iter().zip(&d).map(|(n, d)| LAW.loss(*n, *d)).collect();
    let ladder = Runs::new(&n, &d, &losses).expect("positive");
    let refused = |runs: &Runs, budgets: Option<&[f64]>, options: IsoflopOptions| {
        fit_isoflops(runs, budgets, &options, &mut generator(1)).expect_err("refused")
    };
    let options = IsoflopOptions::default();
    let error = refused(&ladder, None, options);
    assert!(matches!(error, FittingError::NoBudgets(NoBudgets { runs: 12, most: 1, .. })));
    assert!(
        error.to_string().contains("C from 1.200e16 to")
            && error.to_string().contains("at most 1 distinct N")
    );
    let of = |error: FittingError| error.to_string();
    assert!(
        of(refused(&ladder, Some(&[1.0]), options)).contains("budgets has 1 entries: must have 12")
    );
    let mut values = vec![1e18; 12];
    values[4] = f64::NAN;
    assert!(of(refused(&ladder, Some(&values), options)).contains("budgets in row 5 (NaN)"));
    let with = |change: fn(&mut IsoflopOptions)| {
        let mut options = options;
        change(&mut options);
        of(refused(&ladder, None, options))
    };
    assert!(with(|options| options.factor = 0.0).contains("compute factor = 0: must be"));
    assert!(with(|options| options.level = 1.0).contains("level = 1"));
    assert!(with(|options| options.resamples = 98).contains("98"));
}

/// Budgets are found whatever the order of the runs and however their compute was rounded.
#[test]
fn budgets_are_found_without_a_column() {
    let computes = [6e18, 1e19, 3e19, 6e19];
    let all = runs(&LAW, &around(&LAW, &computes, 4.0, 1.0, 7), 0.0);
    let jittered: Vec<f64> = all
        .samples()
        .iter()
        .enumerate()
        .map(|(k, d)| d * (1.0 + 0.02 * (k as f64).sin()))
        .collect();
    let losses: Vec<f64> =
        all.features().iter().zip(&jittered).map(|(n, d)| LAW.loss(*n, *d)).collect();
    let uneven = Runs::new(all.features(), &jittered, &losses).expect("positive");
    let turned = uneven.pick(&(0..uneven.len()).rev().collect::<Vec<usize>>());
    for runs in [&all, &uneven, &turned] {
        let found = found(runs);
        assert_eq!(found.curves.len(), 4);
        for (curve, compute) in found.curves.iter().zip(computes) {
            assert_eq!(curve.rows.len(), 7);
            assert!((curve.compute / compute - 1.0).abs() < 0.02 && curve.minimum.is_ok());
        }
    }
}

/// One budget has a minimum and no exponent; two have an exponent, from the errors of their runs
/// alone.
#[test]
fn few_budgets_say_what_they_can() {
    let one = found(&runs(&LAW, &around(&LAW, &[1e19], 4.0, 1.0, 7), 0.003));
    assert!(one.frontier.is_none() && one.minima().count() == 1);
    let two = found(&runs(&LAW, &around(&LAW, &[1e19, 1e21], 4.0, 1.0, 7), 0.003));
    let frontier = two.frontier.expect("two budgets");
    assert!(frontier.excess.is_none() && frontier.loss.floor.is_none());
    let exponent = frontier.features_exponent;
    assert!(exponent.contains(LAW.beta / (LAW.alpha + LAW.beta)));
    assert!(exponent.upper - exponent.lower > 0.01);
    // Where errors hide the curvature, nothing is told of the place.
    let noisy = found(&runs(&LAW, &around(&LAW, &[1e19], 2.0, 1.0, 9), 0.03));
    for (_, minimum) in noisy.minima() {
        assert_eq!((minimum.features.lower, minimum.features.upper), (0.0, f64::INFINITY));
    }
}

/// Nominal 95 % with 1 % errors, five budgets of seven sizes, 200 sets: a share below 0.90 has a
/// probability of 0.002 if 0.95 is true of independent intervals.
#[test]
fn intervals_hold_the_truth() {
    let computes = [1e18, 3e18, 9e18, 2.7e19, 8.1e19];
    let budgets = around(&LAW, &computes, 8.0, 1.3, 7);
    let exact = runs(&LAW, &budgets, 0.0);
    let (mut places, mut slopes, sets) = ((0, 0), 0, 200);
    for set in 0..sets {
        let mut rng = generator(set);
        let mut error = |loss: &f64| {
            let z: f64 = StandardNormal.sample(&mut rng);
            loss * (0.01 * z).exp()
        };
        let losses: Vec<f64> = exact.losses().iter().map(&mut error).collect();
        let runs = Runs::new(exact.features(), exact.samples(), &losses).expect("positive");
        let options = IsoflopOptions { resamples: 199, ..IsoflopOptions::default() };
        let found = fit_isoflops(&runs, None, &options, &mut rng).expect("curves");
        for (curve, minimum) in found.minima() {
            places.0 += u32::from(minimum.features.contains(best(&LAW, curve.compute)));
            places.1 += 1;
        }
        let slope = found.frontier.expect("budgets").features_exponent;
        slopes += u64::from(slope.contains(LAW.beta / (LAW.alpha + LAW.beta)));
    }
    assert!(f64::from(places.0) > 0.92 * f64::from(places.1), "{places:?}");
    assert!(slopes as f64 > 0.90 * sets as f64, "{slopes}");
}
