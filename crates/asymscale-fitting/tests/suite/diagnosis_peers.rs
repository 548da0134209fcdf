//! Estimates of others, against values worked out by hand and published ones.

use crate::common::generator;
use crate::counts::quick_diagnosis;
use asymscale_fitting::diagnosis::{ActivationCounts, Richness, extrapolate_rational};

/// Features seen 1, 2, 3, … times.
fn counts(features: &[usize], samples: u64) -> ActivationCounts {
    let rows = (1..).zip(features).flat_map(|(count, &many)| std::iter::repeat_n(count, many));
    ActivationCounts::new(&rows.collect::<Vec<u64>>(), samples).unwrap()
}

fn richness(counts: &ActivationCounts) -> Richness {
    quick_diagnosis(counts, &[], &mut generator(80)).richness.unwrap()
}

#[test]
fn rational_extrapolation_is_the_continued_fraction_of_the_series() {
    // Two terms: f₁ s/(1 + (f₂/f₁) s).
    let two = counts(&[10, 4], 100);
    assert!((extrapolate_rational(&two, 4.0).unwrap() - 30.0 / 2.2).abs() < 1e-12);
    // 20 s − 10 s² + 6 s³ − 4 s⁴ = 20 s/(1 + s/2/(1 + s/10/(1 + 2s/5))) + O(s⁵).
    let four = counts(&[20, 10, 6, 4], 100);
    for s in [0.5, 1.0, 7.0] {
        let expected = 20.0 * s / (1.0 + 0.5 * s / (1.0 + 0.1 * s / (1.0 + 0.4 * s)));
        let found = extrapolate_rational(&four, 1.0 + s).unwrap();
        assert!((found - expected).abs() < 1e-9, "s {s}: {found}, expected {expected}");
    }
    // The series of these has four terms whose fraction has a pole at s = 0.245; the first two are
    // left.
    let unstable = counts(&[10, 2, 8, 1], 100);
    assert!((extrapolate_rational(&unstable, 2.0).unwrap() - 10.0 / 1.2).abs() < 1e-12);
    // One term bends nowhere.
    assert_eq!(extrapolate_rational(&counts(&[10, 0, 3], 100), 2.0), None);
}

/// Girdled and logged sites of the spiders that come with iNEXT, 26 species in 168 and 37 in 252
/// individuals: its vignette says 43.893 with 95 % interval 30.511 to 96.971, and 61.403 with
/// 43.502 to 128.583.
#[test]
fn the_lower_bound_of_richness_is_as_published() {
    let girdled = counts(&[12, 4, 0, 0, 0, 0, 10], 168);
    let logged = counts(&[14, 4, 0, 0, 0, 0, 19], 252);
    for (site, expected) in
        [(girdled, [43.893, 30.511, 96.971]), (logged, [61.403, 43.502, 128.583])]
    {
        let found = richness(&site).at_least;
        for (found, expected) in [found.value, found.lower, found.upper].into_iter().zip(expected) {
            assert!((found - expected).abs() < 6e-4, "{found}, published {expected}");
        }
    }
}

#[test]
fn the_lower_bound_of_richness_is_extrapolated() {
    // f₀ = 0.99 · 10²/(2·5) = 9.9; each stands for f₁/(U f₀ + f₁) = 0.01 of a unit.
    let ten = counts(&[10, 5, 5], 100);
    let found = richness(&ten);
    assert!((found.at_least.value - 29.9).abs() < 1e-12);
    for (factor, units) in [(2.0, 100.0), (16.0, 1_500.0)] {
        let expected = 9.9 * (1.0 - 0.99_f64.powf(units));
        assert!((found.new_features(factor) - expected).abs() < 1e-9, "factor {factor}");
    }
    // Without features seen twice: 0.999 · 29 · 28/2.
    let once = richness(&counts(&[29], 1_000));
    assert!((once.at_least.value - 29.0 - 405.594).abs() < 1e-9, "{once:?}");
    // None seen once: nothing is known to be left; and never more than there are.
    let often = richness(&counts(&[0, 0, 2, 3, 1], 1_000));
    assert_eq!((often.at_least.value, often.new_features(16.0)), (6.0, 0.0));
    let known = richness(&ten.of(25).unwrap()).at_least;
    assert_eq!((known.value, known.upper), (25.0, 25.0));
}
