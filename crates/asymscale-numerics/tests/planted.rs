//! Properties: planted roots and minima are found, quantiles and moments behave as they must.

use asymscale_numerics::{
    Bracket, Hyperbola, Minimum, bisect, bisect_geometric, block_counts, brent, gauss_gram,
    gauss_legendre, global_minimum, golden_section, increasing_root, mean_and_standard_error,
    nearest_order_statistic, newton_in_bracket, partition_point, quantile, sorted, variance,
};
use proptest::prelude::*;

/// An increasing function with its root planted at `root`, nearly flat around it where `bend` is
/// small.
fn planted(root: f64, bend: f64) -> impl Fn(f64) -> (f64, f64) {
    move |x| {
        let off = x - root;
        (off.sinh() + bend * off, off.cosh() + bend)
    }
}

proptest! {
    #[test]
    fn planted_roots_are_found(root in -30.0..30.0_f64, bend in 0.0..10.0_f64) {
        let f = planted(root, bend);
        let bracket = Bracket::new(-35.0, 40.0);
        // Rounding of a float of this size, and of one step.
        let close = |found: f64| (found - root).abs() <= 8.0 * f64::EPSILON * root.abs().max(1.0);
        prop_assert!(close(bisect(bracket, 60, |x| f(x).0 < 0.0).middle()));
        prop_assert!(close(newton_in_bracket(bracket, &f)));
        let mut last = 0.0;
        let step = increasing_root(0.0, (-35.0, 40.0), |step, _| step < 1e-12, |x| { last = x; f(x) });
        prop_assert!((last + step - root).abs() < 1e-12);
    }

    #[test]
    fn orders_of_magnitude_are_found(log in -200.0..200.0_f64) {
        let root = log.exp();
        let found = bisect_geometric(Bracket::new(1e-100, 1e100), 60, |x| x < root).geometric_mean();
        prop_assert!((found / root - 1.0).abs() < 1e-14);
    }

    #[test]
    fn whole_numbers_are_found(point in 0_u64..u64::MAX, start in 0_u64..1000) {
        let expected = point.max(start);
        prop_assert_eq!(partition_point(start..u64::MAX, |k| k < point), expected);
    }

    #[test]
    fn planted_minima_are_found(at in -4.0..4.0_f64, skew in -0.4..0.4_f64) {
        // Least at `at`, not symmetric around it.
        let f = |x: f64| { let off = x - at; 1.0 + off * off * (skew * off).exp() };
        let bracket = Bracket::new(-5.0, 5.0);
        // A minimum is seen to the square root of rounding, 1.5e-8, at best; tolerances of brent:
        // 4e-5.
        prop_assert!((golden_section(bracket, 60, f).middle() - at).abs() < 1e-7);
        let found = brent(bracket, Minimum { at: 0.0, value: f(0.0) }, |x| Ok::<f64, ()>(f(x))).unwrap();
        prop_assert!((found.at - at).abs() < 1e-4 && found.value - 1.0 < 1e-8);
        let global = global_minimum(bracket, |x| Ok::<f64, ()>(f(x))).unwrap();
        prop_assert!((global.at - at).abs() < 1e-4 && global.value - 1.0 < 1e-8);
    }

    #[test]
    fn quantiles_are_monotone_and_within(values in prop::collection::vec(-1e6..1e6_f64, 1..40), q in 0.0..1.0_f64) {
        let values = sorted(values);
        let (low, high) = (quantile(&values, 0.5 * q), quantile(&values, q));
        prop_assert!(values[0] <= low && low <= high && high <= values[values.len() - 1]);
        prop_assert!(values.contains(&nearest_order_statistic(&values, q)));
        // Both definitions agree within one rank.
        let rank = |x: f64| values.partition_point(|v| *v < x) as f64;
        prop_assert!((rank(high) - rank(nearest_order_statistic(&values, q))).abs() <= 2.0);
    }

    #[test]
    fn moments_scale_and_shift(values in prop::collection::vec(-10.0..10.0_f64, 2..40), factor in 0.1..10.0_f64) {
        let (mean, error) = mean_and_standard_error(&values);
        let moved: Vec<f64> = values.iter().map(|v| factor * v + 3.0).collect();
        let (moved_mean, moved_error) = mean_and_standard_error(&moved);
        prop_assert!((moved_mean - (factor * mean + 3.0)).abs() < 1e-12);
        prop_assert!((moved_error - factor * error).abs() < 1e-12);
        prop_assert!((variance(&values) / values.len() as f64 - error * error).abs() < 1e-12);
    }

    #[test]
    fn resampled_rows_are_as_many_as_are_drawn(drawn in prop::collection::vec(0_usize..5, 0..20)) {
        let blocks: Vec<Vec<usize>> = (0..5).map(|k| vec![k, k + 5]).collect();
        let counts = block_counts(&blocks, 10, drawn.iter().copied());
        prop_assert_eq!(counts.iter().sum::<f64>(), 2.0 * drawn.len() as f64);
        for (row, count) in counts.iter().enumerate() {
            prop_assert_eq!(*count, drawn.iter().filter(|block| **block == row % 5).count() as f64);
        }
    }

    #[test]
    fn sums_of_smooth_terms_are_those_written_out(length in 20_u32..400, rate in 0.0..5.0_f64) {
        let term = |k: f64| (-rate * k / f64::from(length)).exp();
        let written: f64 = (0..length).map(|k| term(f64::from(k))).sum();
        let rule: f64 = gauss_gram(f64::from(length)).map(|(k, w)| w * term(k)).sum();
        prop_assert!((rule / written - 1.0).abs() < 1e-11);
    }

    #[test]
    fn transforms_of_decays_are_inverted(rate in 0.0..50.0_f64, time in 1.0..10.0_f64) {
        let rule: f64 = Hyperbola::new(1.0)
            .midpoint_rule()
            .map(|(z, w)| (w * (z * time).exp() / (z + rate)).im)
            .sum();
        prop_assert!((rule - (-rate * time).exp()).abs() < 1e-6);
    }
}

/// The error of Newton's method is squared at each step, that of bisection halved, that of the
/// Hermite interpolant raised to the power 2.7: told by the evaluations from a distance of 1 to
/// rounding.
#[test]
fn orders_of_convergence() {
    let f = |x: f64| (x.exp_m1(), x.exp());
    let mut newton = Vec::new();
    newton_in_bracket(Bracket::new(-1.0, 2.0), |x| {
        newton.push(x.abs());
        f(x)
    });
    // e_{k+1} = e_k²/2 for e^x − 1.
    let ratios = newton.windows(2).filter(|pair| pair[0] < 0.3 && pair[1] > 1e-9);
    let ratios: Vec<f64> = ratios.map(|pair| pair[1] / pair[0].powi(2)).collect();
    assert!(
        ratios.len() >= 2 && ratios.iter().all(|ratio| (ratio - 0.5).abs() < 0.06),
        "{ratios:?}"
    );

    let mut hermite = Vec::new();
    let mut root = |accept: fn(f64, f64) -> bool| {
        increasing_root(1.0, (-9.0, 9.0), accept, |x| {
            hermite.push(x.abs());
            f(x)
        })
    };
    root(|step, _| step < 1e-15);
    let order = |three: &[f64]| (three[2] / three[1]).ln() / (three[1] / three[0]).ln();
    let orders: Vec<f64> =
        hermite.windows(3).filter(|three| three[0] < 0.5 && three[2] > 1e-15).map(order).collect();
    assert!(
        !orders.is_empty() && orders.iter().all(|order| *order > 2.2),
        "{orders:?} {hermite:?}"
    );
}

/// Panels of ten points: the error of `∫ 1/x` over `[1, 2]` cut into halves falls by `2^−20` and
/// more.
#[test]
fn gauss_legendre_gains_twenty_bits_a_halving() {
    let panels = |count: u32| -> f64 {
        let half = 0.5 / f64::from(count);
        let panel = |k: u32| {
            let middle = 1.0 + half * f64::from(2 * k + 1);
            gauss_legendre().map(|(x, w)| w * half / (middle + half * x)).sum::<f64>()
        };
        (0..count).map(panel).sum()
    };
    let wide = |b: f64| {
        gauss_legendre()
            .map(|(x, w)| w * 0.5 * (b - 1.0) / (0.5 * (b + 1.0) + 0.5 * (b - 1.0) * x))
            .sum::<f64>()
    };
    // One panel on [1, 64] is wrong in the third digit, on [1, 2] in none.
    assert!((wide(64.0) / 64f64.ln() - 1.0).abs() > 1e-4);
    assert!(
        (panels(1) / 2f64.ln() - 1.0).abs() < 1e-14 && (panels(2) / 2f64.ln() - 1.0).abs() < 1e-15
    );
}
