//! Exponents, errors and diagnostics against exact laws and an independent calculation.

use crate::common::{doublings, generator};
use asymscale_fitting::{
    Center, Interval, Series, SlopeOptions, Spacing, Weights, Window, local_slopes, power_law_slope,
};

/// Rounding of logarithms and of a handful of sums.
const ROUNDING: f64 = 1e-12;

const SIZES: [f64; 5] = [10.0, 20.0, 50.0, 100.0, 300.0];
/// `[size][design]`
const LOSSES: [[f64; 4]; 5] = [
    [1.90, 2.10, 2.05, 1.85],
    [1.20, 1.10, 1.35, 1.25],
    [0.70, 0.62, 0.66, 0.74],
    [0.45, 0.41, 0.40, 0.47],
    [0.21, 0.19, 0.22, 0.20],
];

fn assert_close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance * expected.abs().max(1.0),
        "{what} = {found}, expected {expected}"
    );
}

fn options(weights: Weights) -> SlopeOptions {
    SlopeOptions { weights, interval: Interval::Delta, ..SlopeOptions::default() }
}

#[test]
fn a_pure_power_law_is_recovered() {
    let sizes = doublings(7);
    for (exponent, prefactor) in [(-0.37, 5.0), (-2.0, 1e-9), (0.5, 1e12)] {
        let losses: Vec<f64> = sizes.iter().map(|size| prefactor * size.powf(exponent)).collect();
        let series = Series::from_values(&sizes, &losses).unwrap();
        let law = power_law_slope(&series, &SlopeOptions::default(), &mut generator(1)).unwrap();
        assert_close("exponent", law.exponent, exponent, ROUNDING);
        assert_close("prefactor", law.prefactor / prefactor, 1.0, 1e-11);
        assert_close("loss at 40", law.at(40.0) / (prefactor * 40f64.powf(exponent)), 1.0, 1e-11);
        assert!(law.standard_error < ROUNDING && law.upper - law.lower < 1e-11);
        assert!(law.residuals.iter().all(|residual| residual.abs() < 1e-11));
        assert!(law.curvature.unwrap().quadratic.abs() < ROUNDING);
        assert_eq!(law.chi_squared_per_dof, None);
    }
}

#[test]
fn identical_designs_have_no_error_and_an_interval_of_one_point() {
    let curve: Vec<f64> = SIZES.iter().map(|size| 0.1 / size).collect();
    let series = Series::from_curves(&SIZES, &vec![curve; 6]).unwrap();
    for interval in [Interval::Studentised, Interval::Delta] {
        let law = power_law_slope(
            &series,
            &SlopeOptions { interval, ..SlopeOptions::default() },
            &mut generator(1),
        )
        .unwrap();
        assert_eq!((law.standard_error, law.lower, law.upper), (0.0, law.exponent, law.exponent));
    }
}

struct Golden {
    weights: Weights,
    exponent: f64,
    prefactor: f64,
    quadratic: f64,
    chi_squared: f64,
    /// Standard error, half width at 95 %, error of the quadratic term: independent designs.
    per_size: [f64; 3],
    /// The same: designs shared by all sizes.
    shared: [f64; 3],
}

/// Normal equations with a design matrix, errors by `√(c V cᵀ)` with `c` a row of `(AᵀWA)⁻¹AᵀW` and
/// `V` the covariance of the log means: numpy 2.4.6 and scipy 1.17.1, printed by `closed_forms.py`
/// beside this file.
const GOLDEN: [Golden; 2] = [
    Golden {
        weights: Weights::Unit,
        exponent: -0.6625275995964376,
        prefactor: 9.037655320498244,
        quadratic: -0.002240805978337368,
        chi_squared: 0.09570575904432034,
        per_size: [0.01236070504300788, 0.02763839456437009, 0.012445731537220369],
        shared: [0.010746936393506603, 0.0342015480186341, 0.018402677398828185],
    },
    Golden {
        weights: Weights::StandardErrors,
        exponent: -0.6638318974880434,
        prefactor: 9.087160841549982,
        quadratic: -0.0021328167155255096,
        chi_squared: 0.09162700350006463,
        per_size: [0.012051401393944143, 0.028111856418838833, 0.01244172387891452],
        shared: [0.011661699993164984, 0.03711273405657494, 0.01835181708563377],
    },
];

/// `scipy.stats.linregress` and `scipy.stats.t` (see `closed_forms.py`): slope, error, half width
/// at 95 %.
const SCATTER: [f64; 3] = [-0.6411600428949998, 0.011652228074704507, 0.03708259018466645];

#[test]
fn weighted_and_unweighted_fits_match_the_normal_equations() {
    for row in GOLDEN {
        let curves: Vec<Vec<f64>> =
            (0..4).map(|d| LOSSES.iter().map(|losses| losses[d]).collect()).collect();
        let independent = Series::from_replicates(&SIZES, &LOSSES).unwrap();
        let shared = Series::from_curves(&SIZES, &curves).unwrap();
        for (series, errors) in [(independent, row.per_size), (shared, row.shared)] {
            let law = power_law_slope(&series, &options(row.weights), &mut generator(1)).unwrap();
            let curvature = law.curvature.unwrap();
            assert_close("exponent", law.exponent, row.exponent, ROUNDING);
            assert_close("prefactor", law.prefactor, row.prefactor, ROUNDING);
            assert_close("quadratic", curvature.quadratic, row.quadratic, ROUNDING);
            assert_close("chi squared", law.chi_squared_per_dof.unwrap(), row.chi_squared, 1e-10);
            assert_close("standard error", law.standard_error, errors[0], ROUNDING);
            // The quantile is inverted to about 1e-8.
            assert_close("half width", law.upper - law.exponent, errors[1], 1e-8);
            assert_close("quadratic error", curvature.standard_error, errors[2], ROUNDING);
        }
    }
}

#[test]
fn without_errors_the_scatter_about_the_line_serves() {
    let losses: Vec<f64> = LOSSES.iter().map(|losses| losses[0]).collect();
    let series = Series::from_values(&SIZES, &losses).unwrap();
    let law = power_law_slope(&series, &SlopeOptions::default(), &mut generator(1)).unwrap();
    assert_eq!(law.interval, Interval::Delta);
    let [exponent, error, half] = SCATTER;
    assert_close("exponent", law.exponent, exponent, ROUNDING);
    assert_close("standard error", law.standard_error, error, ROUNDING);
    assert_close("half width", law.upper - law.exponent, half, 1e-8);
}

#[test]
fn given_errors_weigh_and_make_a_normal_interval() {
    // Two exact points and one that counts for nothing: the line goes through the two.
    let series =
        Series::from_means(&[4.0, 1.0, 2.0], &[1.0, 4.0, 9.0], &[1e-6, 4e-6, 9e6]).unwrap();
    assert_eq!(series.sizes(), [1.0, 2.0, 4.0]);
    let law =
        power_law_slope(&series, &options(Weights::StandardErrors), &mut generator(1)).unwrap();
    // The middle point has 1e-24 of the weight of the others.
    assert_close("exponent", law.exponent, -1.0, ROUNDING);
    // Relative errors 1e-6 at both ends, ln 4 apart.
    let error = 2f64.sqrt() * 1e-6 / 4f64.ln();
    assert_close("standard error", law.standard_error / error, 1.0, 1e-10);
    assert_close("half width", (law.upper - law.exponent) / error, 1.959963984540054, 1e-8);
}

/// Standard deviation of the median over all 5⁵ equally likely resamples of five losses: what the
/// error of Maritz and Jarrett is for an odd number of losses.
fn enumerated_error(losses: [f64; 5]) -> f64 {
    let median = |resample: usize| {
        let mut drawn = [0, 1, 2, 3, 4].map(|digit| losses[resample / 5usize.pow(digit) % 5]);
        drawn.sort_by(f64::total_cmp);
        drawn[2]
    };
    let mean = (0..3125).map(median).sum::<f64>() / 3125.0;
    ((0..3125).map(|resample| (median(resample) - mean).powi(2)).sum::<f64>() / 3125.0).sqrt()
}

#[test]
fn medians_have_the_error_of_all_their_resamples() {
    let losses = [[2.0, 2.4, 1.7, 2.1, 3.9], [1.2, 1.0, 1.1, 0.7, 1.6]];
    let series = Series::from_replicates(&[1.0, std::f64::consts::E], &losses).unwrap();
    let slope = local_slopes(&series, Spacing::Successive, Center::Median, 0.95).unwrap()[0];
    assert_close("exponent", slope.exponent, (1.1f64 / 2.1).ln(), ROUNDING);
    let expected = (enumerated_error(losses[0]) / 2.1).hypot(enumerated_error(losses[1]) / 1.1);
    // The incomplete beta function is good to about 1e-14.
    assert_close("standard error", slope.standard_error.unwrap(), expected, ROUNDING);
}

#[test]
fn local_slopes_compare_the_sizes_asked_for() {
    let series = Series::from_replicates(&SIZES, &LOSSES).unwrap();
    let successive = local_slopes(&series, Spacing::Successive, Center::Mean, 0.95).unwrap();
    assert_eq!(successive.len(), 4);
    let mean = |k: usize| LOSSES[k].iter().sum::<f64>() / 4.0;
    let variance = |k: usize| LOSSES[k].iter().map(|y| (y - mean(k)).powi(2)).sum::<f64>() / 12.0;
    assert_close(
        "exponent",
        successive[0].exponent,
        (mean(1) / mean(0)).ln() / 2f64.ln(),
        ROUNDING,
    );
    let error = (variance(0) / mean(0).powi(2) + variance(1) / mean(1).powi(2)).sqrt() / 2f64.ln();
    assert_close("standard error", successive[0].standard_error.unwrap(), error, ROUNDING);
    assert_close("size", successive[0].size, 200f64.sqrt(), ROUNDING);

    let wide = local_slopes(&series, Spacing::Factor(5.0), Center::Mean, 0.95).unwrap();
    let pairs: Vec<(f64, f64)> = wide.iter().map(|slope| (slope.low, slope.high)).collect();
    assert_eq!(pairs, [(10.0, 50.0), (20.0, 100.0), (50.0, 300.0)]);
}

#[test]
fn shared_designs_lend_local_slopes_their_correlation() {
    // A factor per design moves the whole curve and leaves every slope as it is.
    let curves: Vec<Vec<f64>> = [0.5, 1.0, 1.5, 2.0]
        .iter()
        .map(|factor| SIZES.iter().map(|size| factor / size).collect())
        .collect();
    let series = Series::from_curves(&SIZES, &curves).unwrap();
    for slope in local_slopes(&series, Spacing::Successive, Center::Mean, 0.95).unwrap() {
        assert_close("exponent", slope.exponent, -1.0, ROUNDING);
        assert!(slope.standard_error.unwrap() < ROUNDING);
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let rows: Vec<(f64, usize, f64)> = SIZES
        .iter()
        .zip(LOSSES)
        .flat_map(|(&size, losses)| {
            losses.into_iter().enumerate().map(move |(d, loss)| (size, d / 2, loss))
        })
        .collect();
    let series = |rows: &[(f64, usize, f64)]| {
        let sizes: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let designs: Vec<usize> = rows.iter().map(|row| row.1).collect();
        let losses: Vec<f64> = rows.iter().map(|row| row.2).collect();
        Series::from_rows(&sizes, &designs, &losses, asymscale_fitting::Blocks::Shared).unwrap()
    };
    let mut shuffled = rows.clone();
    shuffled.reverse();
    shuffled.swap(3, 11);
    assert_eq!(series(&rows), series(&shuffled));
    assert_eq!(series(&rows).designs(), 2);
}

#[test]
fn a_range_takes_the_sizes_inside() {
    let series = Series::from_replicates(&SIZES, &LOSSES).unwrap();
    let window = Window::Range { low: 20.0, high: f64::INFINITY };
    let law = power_law_slope(
        &series,
        &SlopeOptions { window, ..SlopeOptions::default() },
        &mut generator(1),
    )
    .unwrap();
    assert_eq!(law.sizes, SIZES[1..]);
    let inner = Series::from_replicates(&SIZES[1..], &LOSSES[1..]).unwrap();
    let direct = power_law_slope(&inner, &SlopeOptions::default(), &mut generator(1)).unwrap();
    assert_eq!((law.exponent, law.lower, law.upper), (direct.exponent, direct.lower, direct.upper));
    assert_eq!((law.window.points, law.window.available), (4, 5));
}
