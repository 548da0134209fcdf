//! Tables of many rows: intervals without a refit, a part that stands for all, and the test of one
//! exponent by its score.

use crate::common::generator;
use asymscale_fitting::{
    BootstrapInterval, Fit, FitOptions, Parameter, Parameters, Runs, Starts, fit_law, signal_test,
    symmetry_test,
};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

const LAW: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };

/// Rows of `each` checkpoints a run, of which the runs share an error and the checkpoints have one
/// of their own.
fn table(
    law: &Parameters,
    (runs, each): (usize, usize),
    (shared, own): (f64, f64),
    rng: &mut Xoshiro256PlusPlus,
) -> Runs {
    let mut normal = || -> f64 { StandardNormal.sample(rng) };
    let (mut n, mut d, mut losses, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        let error = shared * normal();
        // Two irrational steps spread N and D evenly over a rectangle of logarithms.
        let at = |step: f64| (run as f64 * step).fract();
        let (size, last) =
            (2e7 * 300f64.powf(at(0.754_877_666)), 4e9 * 100f64.powf(at(0.569_840_291)));
        for k in 0..each {
            let samples = last * (k + 1) as f64 / each as f64;
            n.push(size);
            d.push(samples);
            losses.push(law.loss(size, samples) * (error + own * normal()).exp());
            groups.push(run);
        }
    }
    Runs::new(&n, &d, &losses).unwrap().with_groups(&groups).unwrap()
}

/// The same rows without their groups.
fn ungrouped(runs: &Runs) -> Runs {
    Runs::new(runs.features(), runs.samples(), runs.losses()).unwrap()
}

fn fitted(runs: &Runs) -> Fit {
    fit_law(runs, &FitOptions { starts: Starts::Given(vec![LAW]), ..FitOptions::default() })
        .unwrap()
}

/// Lower and upper end.
fn sandwich(fit: &Fit, parameter: Parameter) -> (f64, f64) {
    let drawn = fit.sandwich(10_000, &mut generator(5)).unwrap();
    let interval = drawn.interval(parameter, 0.95, BootstrapInterval::Bca).unwrap();
    (interval.lower, interval.upper)
}

/// Independent rows of one spread: profile and sandwich estimate the same. With 6 000 rows each
/// reads the density of residuals at 0 from a fourth or more of them, good to some 4 %, and the
/// ends of 10 000 draws to 2 %: a tenth of the width is two of these.
#[test]
fn profile_and_sandwich_agree_where_both_hold() {
    let fit = fitted(&ungrouped(&table(&LAW, (6000, 1), (0.0, 0.005), &mut generator(1))));
    for parameter in [Parameter::E, Parameter::Alpha, Parameter::Beta, Parameter::Ratio] {
        let profile = fit.profile_interval(parameter, 0.95).unwrap();
        let (lower, upper) = sandwich(&fit, parameter);
        let tenth = 0.1 * (profile.upper - profile.lower);
        assert!((lower - profile.lower).abs() < tenth, "{parameter:?}: {lower} for {profile:?}");
        assert!((upper - profile.upper).abs() < tenth, "{parameter:?}: {upper} for {profile:?}");
    }
}

/// Nominal 95 % of 60 data sets of 120 runs with 25 checkpoints each whose errors are shared: fewer
/// than 51 covers have a chance of 4e-4 if the level is kept. The profile, which takes checkpoints
/// for runs, covers less than two thirds.
#[test]
fn intervals_hold_where_checkpoints_err_together() {
    let (mut held, mut by_profile) = (0, 0);
    for set in 0..60 {
        let fit = fitted(&table(&LAW, (120, 25), (0.01, 0.001), &mut generator(set)));
        let (lower, upper) = sandwich(&fit, Parameter::Alpha);
        held += usize::from(lower <= LAW.alpha && LAW.alpha <= upper);
        by_profile +=
            usize::from(fit.profile_interval(Parameter::Alpha, 0.95).unwrap().contains(LAW.alpha));
    }
    assert!(held >= 51, "{held} of 60");
    assert!(by_profile <= 40, "{by_profile} of 60 by the profile");
}

/// A parameter at its bound stays there in every draw, and draws come in pairs.
#[test]
fn draws_are_even_and_keep_bounds() {
    let no_floor = Parameters { e: 0.0, ..LAW };
    let fit = fitted(&ungrouped(&table(&no_floor, (1000, 1), (0.0, 0.02), &mut generator(2))));
    let drawn = fit.sandwich(999, &mut generator(1)).unwrap();
    assert_eq!(drawn.refits.len(), 1000);
    assert!(drawn.refits.iter().all(|refit| refit.parameters.e >= 0.0));
    let middle = drawn.refits.iter().map(|refit| refit.parameters.alpha).sum::<f64>() / 1000.0;
    // Rounding, but for draws that a bound cuts.
    assert!((middle - fit.parameters.alpha).abs() < 1e-3, "{middle} for {}", fit.parameters.alpha);
}

/// A table that repeats its 25 sizes keeps them, at whatever length; a short one is kept whole.
#[test]
fn a_part_keeps_all_sizes() {
    let n: Vec<f64> = (0..50_000).map(|k| 1e7 * 3f64.powi(k % 5)).collect();
    let d: Vec<f64> = (0..50_000).map(|k| 1e9 * 4f64.powi(k / 5 % 5)).collect();
    let runs = Runs::new(&n, &d, &n).unwrap();
    for at_most in [1, 99, 1000, 2000, 50_000, 60_000] {
        let rows = runs.thinned(at_most);
        assert!(rows.len() <= at_most && rows.is_sorted(), "{at_most}");
        let part = runs.pick(&rows);
        let mut sizes: Vec<(u64, u64)> = part
            .features()
            .iter()
            .zip(part.samples())
            .map(|(n, d)| (n.to_bits(), d.to_bits()))
            .collect();
        sizes.sort_unstable();
        sizes.dedup();
        assert!(at_most < 1000 || sizes.len() == 25, "{at_most}: {} sizes", sizes.len());
    }
    assert_eq!(runs.thinned(60_000).len(), 50_000);
}

/// Of 30 000 rows a part answers where the loss falls clearly, and all where it does not depend on
/// N.
#[test]
fn a_part_does_not_hide_that_there_is_no_signal() {
    let runs = ungrouped(&table(&LAW, (30_000, 1), (0.0, 0.01), &mut generator(3)));
    let signal = signal_test(&runs, 199, &mut generator(1));
    assert!(signal.features.p_value < 0.01 && signal.samples.p_value < 0.01, "{signal:?}");
    let without = Parameters { a: 0.0, ..LAW };
    let runs = ungrouped(&table(&without, (30_000, 1), (0.0, 0.01), &mut generator(4)));
    let signal = signal_test(&runs, 199, &mut generator(1));
    assert!(signal.features.p_value > 0.05 && signal.samples.p_value < 0.01, "{signal:?}");
}

/// Shares of 100 data sets that the score rejects at 5 %.
fn rejected(beta: f64, (runs, each): (usize, usize)) -> usize {
    let law = Parameters { beta, b: 2000.0 * 1e10f64.powf(beta - 0.37), ..LAW };
    let options = FitOptions {
        starts: Starts::Grid { alpha: vec![0.3], beta: vec![0.3] },
        ..FitOptions::default()
    };
    let one = |set: &u64| {
        let mut rng = generator(*set);
        let drawn = table(&law, (runs, each), (0.01, 0.001), &mut rng);
        symmetry_test(&drawn, &options, 199, &mut rng).unwrap().bootstrap_p_value.unwrap() <= 0.05
    };
    (0..100).filter(one).count()
}

/// With 16 runs of checkpoints, and with 14, the fewest, a size of 7 % would give more than 14 of
/// 100 in one of 240 trials; 16 of 16 more, and the power.
#[test]
fn one_exponent_keeps_its_size_with_few_groups() {
    for design in [(16, 10), (16, 60), (14, 10)] {
        let found = rejected(LAW.alpha, design);
        assert!(found <= 14, "{design:?}: {found} of 100");
    }
    let found = rejected(2.0 * LAW.alpha, (16, 10));
    assert!(found >= 80, "{found} of 100");
}
