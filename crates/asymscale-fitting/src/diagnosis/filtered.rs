//! Tables that were cut off: no features below some count, or the most frequent ones only.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::counts::ActivationCounts;

/// Features just above the edge that make it worth looking at.
const LEAST: f64 = 5.0;

/// Features that must be missing below the edge, in expectation, for it to be no chance: of a Poisson number with this mean
/// none is found once in a thousand times.
const MISSING: f64 = 7.0;

/// The probability of a variance so small below which it is no chance.
const ALIKE: f64 = 1e-6;

/// The smallest count of a table whose features end there more sharply than counts of any features can.
///
/// Counts of features with any rates, drawn independently, have `k! f_k` log-convex in `k` (they are a mixture of Poisson
/// laws), so `f_{k−w} ≥ (f_k)²/f_{k+w} · (k!)²/((k−w)! (k+w)!)`: with windows a standard deviation `√k` wide, as many features
/// as that must be below the smallest count. None where the table may hold all features.
pub(super) fn cut_off(counts: &ActivationCounts) -> Option<u64> {
    let smallest = counts.groups_to(u64::MAX).next()?.0;
    if smallest <= 1
        || counts.floor() > 1
        || too_alike(counts)
        || counts.never_active() > 0
        || smallest as f64 >= counts.units()
    {
        return None;
    }
    let width = ((smallest as f64).sqrt().floor() as u64).clamp(1, smallest - 1);
    let within = |low: u64, high: u64| -> f64 {
        counts.groups_to(high).filter(|(k, _)| *k >= low).map(|(_, group)| group.features).sum()
    };
    let first = within(smallest, smallest + width - 1);
    let next = within(smallest + width, smallest + 2 * width - 1);
    if first < LEAST {
        return None;
    }
    // Each by its standard error to the side that speaks for a full table.
    let (first, next) = (first - first.sqrt(), next + next.sqrt() + 1.0);
    let (k, w) = (smallest as f64, width as f64);
    let ln_factorial = |n: f64| statrs::function::gamma::ln_gamma(n + 1.0);
    let convex = (2.0 * ln_factorial(k) - ln_factorial(k - w) - ln_factorial(k + w)).exp();
    (first * first / next * convex > MISSING).then_some(smallest)
}

/// Whether counts are more alike than counts of independent activations can be, whatever the rates: their variance is at
/// least that of a binomial law of their mean (less a third for zeros that are left out of a table of mean 2; less for more).
pub(super) fn too_alike(counts: &ActivationCounts) -> bool {
    let groups = || counts.groups_to(u64::MAX).map(|(k, group)| (k as f64, group.features));
    let features: f64 = groups().map(|(_, features)| features).sum();
    let mean = groups().map(|(k, features)| k * features).sum::<f64>() / features;
    let expected = 0.6 * mean * (1.0 - mean / counts.units());
    if features < LEAST || mean < 2.0 || expected <= 0.0 {
        return false;
    }
    let squares: f64 = groups().map(|(k, features)| features * (k - mean).powi(2)).sum();
    ChiSquared::new(features - 1.0).expect("positive").cdf(squares / expected) < ALIKE
}

#[cfg(test)]
mod tests {
    use super::{cut_off, too_alike};
    use crate::diagnosis::ActivationCounts;

    fn counts(features: impl Iterator<Item = (u64, usize)>) -> ActivationCounts {
        let rows: Vec<u64> = features.flat_map(|(k, many)| std::iter::repeat_n(k, many)).collect();
        ActivationCounts::new(&rows, 100_000).expect("counts")
    }

    #[test]
    fn counts_more_alike_than_chance_makes_them_are_told() {
        assert!(too_alike(&counts([(3, 1000)].into_iter())));
        assert_eq!(cut_off(&counts([(3, 1000)].into_iter())), None);
        // Poisson counts of mean 4 without their zeros.
        let poisson = |k: u64| {
            (1000.0 * (-4.0_f64).exp() * 4.0_f64.powi(k as i32) / (1..=k).product::<u64>() as f64) as usize
        };
        assert!(!too_alike(&counts((1..15).map(|k| (k, poisson(k))))));
    }

    #[test]
    fn a_sharp_edge_is_found_and_a_soft_one_is_not() {
        let power = |k: u64| (3000.0 / (k * k) as f64).round() as usize;
        assert_eq!(cut_off(&counts((1..60).map(|k| (k, power(k))))), None);
        assert_eq!(cut_off(&counts((2..60).map(|k| (k, power(k))))), Some(2));
        assert_eq!(cut_off(&counts((5..60).map(|k| (k, power(k))))), Some(5));
        // Equal features, each active about 100 times: a Poisson law ends as softly as any can.
        let poisson = |k: u64| (1000.0 * (-((k as f64 - 100.0) / 10.0).powi(2) / 2.0).exp() / 25.0) as usize;
        assert_eq!(cut_off(&counts((60..140).map(|k| (k, poisson(k))))), None);
    }
}
