//! Tables that were cut off: no features below some count, or the most frequent ones only.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::ActivationCounts;
use crate::diagnosis::gamma_ratios::ln_choose;

/// Features just above the smallest count that are needed to look for missing rarer ones.
const LEAST_FEATURES: f64 = 5.0;

/// The expected number of missing features below the smallest count from which on a table counts as
/// truncated: a Poisson number with this mean is 0 once in a thousand times.
const LEAST_MISSING: f64 = 7.0;

/// The probability of so small a variance below which counts are reported as underdispersed.
const SIGNIFICANCE: f64 = 1e-6;

/// The number of standard errors by which features seen once must be too few for a table to count
/// as truncated.
const STANDARD_ERRORS: f64 = 5.0;

/// Where a table seems to have been cut off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cut {
    /// The count below which features are missing.
    pub(crate) smallest: u64,
    /// Features of the table with a smaller count.
    pub(crate) below: f64,
}

/// Whether a table holds the counts of features as they were drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Selection {
    /// As far as can be seen, the table is a random sample.
    None,
    /// Rare features are missing.
    Truncated(Cut),
    /// The counts vary less than random counts can.
    Underdispersed,
}

impl Selection {
    pub(crate) fn of(counts: &ActivationCounts) -> Self {
        match truncation(counts) {
            Some(cut) => Self::Truncated(cut),
            None if is_underdispersed(counts) => Self::Underdispersed,
            None => Self::None,
        }
    }
}

/// Where a table ends more sharply than counts of any features can.
///
/// Counts of features with any rates, drawn independently in `U` units, have `f_k / C(U, k)`
/// log-convex in `k` (they are a mixture of binomial laws), so
/// `f_{k−w} ≥ (f_k)²/f_{k+w} · C(U, k−w) C(U, k+w) / C(U, k)²`: with windows a standard deviation
/// `√(k(1 − k/U))` wide, as many features as that must be below the smallest count. `None` where
/// the number of all features is known, or where the caller declared that rarer features were left
/// out.
fn truncation(counts: &ActivationCounts) -> Option<Cut> {
    let units = counts.units();
    let smallest = counts.groups_to(u64::MAX).next()?.0;
    if counts.floor() > 1
        || counts.total().is_some()
        || smallest as f64 >= units
        || is_underdispersed(counts)
    {
        return None;
    }
    if smallest == 1 {
        return too_few_singletons(counts);
    }
    let k = smallest as f64;
    let width = ((k * (1.0 - k / units)).sqrt().floor() as u64).clamp(1, smallest - 1);
    let w = width as f64;
    if k + w > units {
        return None;
    }
    let within = |low: u64, high: u64| -> f64 {
        counts.groups_to(high).filter(|(k, _)| *k >= low).map(|(_, group)| group.features).sum()
    };
    let first = within(smallest, smallest + width - 1);
    let next = within(smallest + width, smallest + 2 * width - 1);
    if first < LEAST_FEATURES {
        return None;
    }
    // Each number is moved by its standard error to the side that speaks for a complete table.
    let (first, next) = (first - first.sqrt(), next + next.sqrt() + 1.0);
    let convex =
        (ln_choose(units, k - w) + ln_choose(units, k + w) - 2.0 * ln_choose(units, k)).exp();
    (first * first / next * convex > LEAST_MISSING).then_some(Cut { smallest, below: 0.0 })
}

/// A table cut at two that still holds a few features seen once.
fn too_few_singletons(counts: &ActivationCounts) -> Option<Cut> {
    let [once, twice, thrice] = [1, 2, 3].map(|k| counts.group(k).features);
    if twice < LEAST_FEATURES || thrice < LEAST_FEATURES {
        return None;
    }
    let units = counts.units();
    let least = twice * twice / thrice * (2.0 / 3.0) * (units - 2.0) / (units - 1.0);
    let error = (4.0 / twice + 1.0 / thrice + 1.0 / (once + 1.0)).sqrt();
    ((least / (once + 1.0)).ln() > STANDARD_ERRORS * error)
        .then_some(Cut { smallest: 2, below: once })
}

/// Whether the counts are underdispersed, that is, vary less than counts of independent activations
/// can, whatever the rates: their variance is at least that of a binomial law of their mean (less a
/// third for zeros that are left out of a table of mean 2; less for more).
fn is_underdispersed(counts: &ActivationCounts) -> bool {
    let groups = || counts.groups_to(u64::MAX).map(|(k, group)| (k as f64, group.features));
    let features: f64 = groups().map(|(_, features)| features).sum();
    let mean = groups().map(|(k, features)| k * features).sum::<f64>() / features;
    let expected = 0.6 * mean * (1.0 - mean / counts.units());
    if features < LEAST_FEATURES || mean < 2.0 || expected <= 0.0 {
        return false;
    }
    let squares: f64 = groups().map(|(k, features)| features * (k - mean).powi(2)).sum();
    ChiSquared::new(features - 1.0).expect("positive").cdf(squares / expected) < SIGNIFICANCE
}

#[cfg(test)]
mod tests {
    use super::{Cut, is_underdispersed, truncation};
    use crate::diagnosis::ActivationCounts;

    fn counts(features: impl Iterator<Item = (u64, usize)>) -> ActivationCounts {
        let rows: Vec<u64> = features.flat_map(|(k, many)| std::iter::repeat_n(k, many)).collect();
        ActivationCounts::new(&rows, 100_000).expect("counts")
    }

    #[test]
    fn counts_more_alike_than_chance_makes_them_are_told() {
        assert!(is_underdispersed(&counts([(3, 1000)].into_iter())));
        assert_eq!(truncation(&counts([(3, 1000)].into_iter())), None);
        // Poisson counts of mean 4 without their zeros.
        let poisson = |k: u64| {
            (1000.0 * (-4.0_f64).exp() * 4.0_f64.powi(k as i32) / (1..=k).product::<u64>() as f64)
                as usize
        };
        assert!(!is_underdispersed(&counts((1..15).map(|k| (k, poisson(k))))));
    }

    #[test]
    fn a_sharp_edge_is_found_and_a_soft_one_is_not() {
        let power = |k: u64| (3000.0 / (k * k) as f64).round() as usize;
        let cut = |smallest, below| Some(Cut { smallest, below });
        assert_eq!(truncation(&counts((1..60).map(|k| (k, power(k))))), None);
        assert_eq!(truncation(&counts((2..60).map(|k| (k, power(k))))), cut(2, 0.0));
        assert_eq!(truncation(&counts((5..60).map(|k| (k, power(k))))), cut(5, 0.0));
        // A few features seen once are left in a table that was cut at two.
        let left = |once: usize| counts((2..60).map(|k| (k, power(k))).chain([(1, once)]));
        assert_eq!(truncation(&left(48)), cut(2, 48.0));
        assert_eq!(truncation(&left(900)), None);
        // Equal features, each active about 100 times: a Poisson law ends as softly as any can.
        let poisson =
            |k: u64| (1000.0 * (-((k as f64 - 100.0) / 10.0).powi(2) / 2.0).exp() / 25.0) as usize;
        assert_eq!(truncation(&counts((60..140).map(|k| (k, poisson(k))))), None);
        // Equal features, each active four times on the average, and the 18 seen never left out.
        let poisson = |k: u64| {
            (1000.0 * (-4.0_f64).exp() * 4.0_f64.powi(k as i32) / (1..=k).product::<u64>() as f64)
                as usize
        };
        assert_eq!(truncation(&counts((1..15).map(|k| (k, poisson(k))))), None);
    }

    #[test]
    fn features_active_in_most_samples_end_as_sharply_as_a_binomial_law() {
        // 1 000 features active in nine of ten of 100 samples: no count below 80, which no Poisson
        // law of 90 would leave.
        let binomial = |k: u64| {
            let ln = crate::diagnosis::gamma_ratios::ln_choose(100.0, k as f64);
            (1000.0 * (ln + k as f64 * 0.9_f64.ln() + (100 - k) as f64 * 0.1_f64.ln()).exp())
                .round() as usize
        };
        let rows: Vec<u64> =
            (0..100).flat_map(|k| std::iter::repeat_n(k, binomial(k))).filter(|k| *k > 0).collect();
        assert_eq!(truncation(&ActivationCounts::new(&rows, 100).expect("counts")), None);
    }
}
