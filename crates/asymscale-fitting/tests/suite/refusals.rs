//! Bad input is refused, with the parameter, the value and the allowed range in the message.

use crate::common::generator;
use asymscale_fitting::{
    Blocks, Center, FittingError, Interval, Series, SlopeOptions, Spacing, Weights, Window,
    WindowRule, local_slopes, power_law_slope,
};

const SIZES: [f64; 4] = [8.0, 16.0, 32.0, 64.0];
const LOSSES: [f64; 4] = [1.0, 0.5, 0.3, 0.1];

fn message<T: std::fmt::Debug>(result: Result<T, FittingError>) -> String {
    result.expect_err("must be refused").to_string()
}

fn fit(series: &Series, options: SlopeOptions) -> String {
    message(power_law_slope(series, &options, &mut generator(1)))
}

fn replicated(designs: usize) -> Series {
    let losses: Vec<Vec<f64>> = LOSSES
        .iter()
        .map(|loss| (0..designs).map(|d| loss * (1.0 + 0.1 * d as f64)).collect())
        .collect();
    Series::from_replicates(&SIZES, &losses).unwrap()
}

#[test]
fn values_without_a_logarithm() {
    let cases = [
        (
            Series::from_values(&[8.0, -1.0], &[1.0, 1.0]),
            "size = -1 in row 2: must be a finite number > 0",
        ),
        (Series::from_values(&[0.0], &[1.0]), "size = 0 in row 1: must be a finite number > 0"),
        (
            Series::from_values(&[f64::INFINITY], &[1.0]),
            "size = inf in row 1: must be a finite number > 0",
        ),
        (
            Series::from_values(&[8.0, 9.0], &[1.0, f64::NAN]),
            "loss = NaN in row 2: must be a finite number > 0",
        ),
        (Series::from_values(&[8.0], &[0.0]), "loss = 0 in row 1: must be a finite number > 0"),
        (
            Series::from_curves(&[8.0, 16.0], &[[1.0, 1.0], [1.0, -2.0]]),
            "loss = -2 in curve 2, size 16: must be a finite number > 0",
        ),
        (
            Series::from_replicates(&[8.0, 16.0], &[[1.0, 1.0], [1.0, f64::INFINITY]]),
            "loss = inf in size 16, replicate 2: must be a finite number > 0",
        ),
        (
            Series::from_means(&[8.0, 16.0], &[1.0, 1.0], &[0.1, 0.0]),
            "standard error = 0 in row 2: must be a finite number > 0",
        ),
    ];
    for (result, expected) in cases {
        assert_eq!(message(result), expected);
    }
}

#[test]
fn lists_that_do_not_fit() {
    let rows = |designs: &[u8], losses: &[f64], blocks| {
        Series::from_rows(&SIZES[..2], designs, losses, blocks)
    };
    let cases = [
        (
            rows(&[1], &[1.0, 1.0], Blocks::Shared),
            "designs has 1 entries: must have 2, one per row",
        ),
        (rows(&[1, 1], &[1.0], Blocks::Shared), "losses has 1 entries: must have 2, one per row"),
        (
            rows(&[1, 2], &[1.0, 1.0], Blocks::Shared),
            "design 2 has no loss at size 8: shared designs need a loss at every size",
        ),
        (
            Series::from_rows(&[8.0, 8.0, 16.0], &["a", "b", "a"], &[1.0; 3], Blocks::PerSize),
            "designs = 1 at size 16: must be >= 2 where other sizes have several",
        ),
        (
            Series::from_rows(&[8.0, 8.0, 16.0], &["a", "b", "a"], &[1.0; 3], Blocks::Shared),
            "design b has no loss at size 16: shared designs need a loss at every size",
        ),
        (
            Series::from_values(&[8.0, 16.0, 8.0], &[1.0; 3]),
            "size = 8 appears more than once: sizes must be distinct when losses carry no design",
        ),
        (
            Series::from_curves(&[8.0, 16.0], &[[1.0]]),
            "curve 1 has 1 entries: must have 2, one per size",
        ),
        (
            Series::from_replicates(&[8.0, 16.0], &[vec![1.0], vec![]]),
            "designs = 0 at size 16: must be >= 1 everywhere",
        ),
    ];
    for (result, expected) in cases {
        assert_eq!(message(result), expected);
    }
}

#[test]
fn too_few_sizes() {
    let one_size =
        Series::from_rows(&[8.0; 5], &[1, 2, 3, 4, 5], &[1.0; 5], Blocks::PerSize).unwrap();
    assert_eq!(fit(&one_size, SlopeOptions::default()), "distinct sizes = 1: must be >= 3");
    let two = Series::from_values(&SIZES[..2], &LOSSES[..2]).unwrap();
    assert_eq!(fit(&two, SlopeOptions::default()), "distinct sizes = 2: must be >= 3");
    let none = Series::from_values(&[], &[]).unwrap();
    assert_eq!(
        message(local_slopes(&none, Spacing::Successive, Center::Mean, 0.95)),
        "distinct sizes = 0: must be >= 2"
    );
}

#[test]
fn options_out_of_range() {
    let rule = |rule| SlopeOptions { window: Window::Automatic(rule), ..SlopeOptions::default() };
    let range =
        |low, high| SlopeOptions { window: Window::Range { low, high }, ..SlopeOptions::default() };
    let default = WindowRule::default();
    let cases = [
        (
            SlopeOptions { level: 1.0, ..SlopeOptions::default() },
            "level = 1: must lie strictly between 0 and 1",
        ),
        (
            SlopeOptions { level: f64::NAN, ..SlopeOptions::default() },
            "level = NaN: must lie strictly between 0 and 1",
        ),
        (
            SlopeOptions { resamples: 0, ..SlopeOptions::default() },
            "resamples = 0: must be >= 99 at level 0.95",
        ),
        (
            SlopeOptions { level: 0.999, resamples: 1000, ..SlopeOptions::default() },
            "resamples = 1000: must be >= 2000 at level 0.999",
        ),
        (range(16.0, 8.0), "window = [16, 8]: must satisfy 0 < low < high"),
        (range(f64::NAN, 8.0), "window = [NaN, 8]: must satisfy 0 < low < high"),
        (range(10.0, 40.0), "window = [10, 40] holds 2 of the 4 sizes: must hold >= 3"),
        (
            rule(WindowRule { minimum: 2, ..default }),
            "window minimum = 2: must be a whole number >= 3",
        ),
        (rule(WindowRule { minimum: 5, ..default }), "distinct sizes = 4: must be >= 5"),
        (
            rule(WindowRule { significance: 0.0, ..default }),
            "window significance = 0: must lie strictly between 0 and 1",
        ),
        (
            rule(WindowRule { drift: -1.0, ..default }),
            "window drift = -1: must be a finite number >= 0",
        ),
    ];
    for (options, expected) in cases {
        assert_eq!(fit(&replicated(5), options), expected);
    }
    let spacing =
        |factor| message(local_slopes(&replicated(5), Spacing::Factor(factor), Center::Mean, 0.95));
    assert_eq!(spacing(1.0), "spacing factor = 1: must be a finite number > 1");
    assert_eq!(
        spacing(9.0),
        "spacing factor = 9: must be <= 8, the ratio of the largest size to the smallest"
    );
}

#[test]
fn what_the_data_cannot_give() {
    let bare = Series::from_values(&SIZES, &LOSSES).unwrap();
    let with = |interval| SlopeOptions { interval, ..SlopeOptions::default() };
    let weighted = SlopeOptions { weights: Weights::StandardErrors, ..SlopeOptions::default() };
    assert_eq!(
        fit(&bare, with(Interval::Percentile)),
        "interval = percentile: needs replicate designs; without them only the delta interval exists"
    );
    assert_eq!(
        fit(&bare, weighted),
        "weights = standard errors: size 8 has none; give replicates or standard errors, or use unit weights"
    );
    assert_eq!(
        fit(&replicated(3), SlopeOptions::default()),
        "designs = 3 at size 8: must be >= 4 for a bootstrap interval; with fewer ask for the delta interval"
    );
    let equal = Series::from_curves(&SIZES, &[[1.0, 0.5, 0.3, 0.1], [1.1, 0.5, 0.2, 0.2]]).unwrap();
    assert_eq!(
        fit(&equal, weighted),
        "standard error = 0 at size 16: weights need a value > 0; all its losses are equal, use unit weights"
    );
    let rule = WindowRule { minimum: 3, ..WindowRule::default() };
    let window = SlopeOptions { window: Window::Automatic(rule), ..SlopeOptions::default() };
    assert_eq!(fit(&bare, window), "window minimum = 3: must be a whole number >= 4");
}
