//! Established estimates, for comparison: Chao's lower bound with its extrapolation, and the
//! rational extrapolation of Daley and Smith.

use serde::{Deserialize, Serialize};

use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::estimate::{Estimate, normal_quantile};

/// Terms of the series that enter a rational extrapolation, at most.
const MOST_TERMS: usize = 100;

/// Chao's lower bound for the number of all features (Chao 1984, Scand. J. Stat. 11, 265; 1987,
/// doi:10.2307/2531532): `S + (1 − 1/U) f₁²/(2 f₂)` over `U` units, with the interval of the second
/// article.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Richness {
    /// The lower bound of the number of all features, with its interval.
    pub at_least: Estimate,
    /// Features never seen that the bound counts.
    unseen: f64,
    /// Features seen in one unit, and the number of units.
    once: f64,
    units: f64,
}

impl Richness {
    /// New features in `factor` times the units, by the extrapolation that goes with the bound
    /// (Colwell et al. 2012, doi:10.1093/jpe/rtr044, equation 18). As a rule it is too low.
    pub fn new_features(&self, factor: f64) -> f64 {
        if self.unseen <= 0.0 {
            return 0.0;
        }
        let each = self.once / (self.units * self.unseen + self.once);
        self.unseen * -(((factor - 1.0) * self.units) * (-each).ln_1p()).exp_m1()
    }
}

/// Chao's lower bound; `None` where features seen once were left out of the table.
pub(crate) fn richness(counts: &ActivationCounts, level: f64) -> Option<Richness> {
    if counts.floor() > 1 {
        return None;
    }
    let (seen, units) = (counts.seen() as f64, counts.units());
    let (once, twice) = (counts.with_count(1) as f64, counts.with_count(2) as f64);
    let a = 1.0 - units.recip();
    let (unseen, variance) = if twice > 0.0 {
        let ratio = once / twice;
        let terms = 0.5 * a * ratio.powi(2) + a * a * ratio.powi(3) + 0.25 * a * a * ratio.powi(4);
        (0.5 * a * once * ratio, twice * terms)
    } else {
        let unseen = 0.5 * a * once * (once - 1.0).max(0.0);
        let terms = 0.25
            * a
            * a
            * (once * (2.0 * once - 1.0).powi(2) - once.powi(4) / (seen + unseen).max(1.0));
        (unseen, (unseen + terms).max(0.0))
    };
    let at_least = if unseen > 0.0 {
        let reach = (normal_quantile(level) * (variance / (unseen * unseen)).ln_1p().sqrt()).exp();
        Estimate {
            value: seen + unseen,
            lower: seen + unseen / reach,
            upper: seen + unseen * reach,
        }
    } else {
        Estimate { value: seen, lower: seen, upper: seen + once }
    };
    let most = counts.total().map_or(f64::INFINITY, |total| total as f64);
    let at_least = at_least.map(|value| value.min(most));
    Some(Richness { at_least, unseen, once, units })
}

/// New features in `factor` times the data by Good and Toulmin's series as a continued fraction
/// (Daley & Smith 2013, doi:10.1038/nmeth.2375; Deng, Daley & Smith 2015, doi:10.1214/15-AOAS870),
/// of the largest even number of terms whose curve rises, with a slope that never rises, all the
/// way to `factor`. `None` where no such fraction has at least two terms. It is the method of
/// `preseq`, without its bootstrap.
///
/// ```
/// use asymscale_fitting::diagnosis::{ActivationCounts, extrapolate_rational};
/// // Features per count as geometric series: f_k ∝ 2^−k, for which the first fraction is exact.
/// let counts: Vec<u64> = (1..=10).flat_map(|k| std::iter::repeat_n(k, 1 << (11 - k))).collect();
/// let counts = ActivationCounts::new(&counts, 1000)?;
/// // Σ −(−s)^k f_k = 1024 s/(1 + s/2).
/// let new = extrapolate_rational(&counts, 5.0).expect("a stable fraction");
/// assert!((new / (1024.0 * 4.0 / 3.0) - 1.0).abs() < 1e-9);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn extrapolate_rational(counts: &ActivationCounts, factor: f64) -> Option<f64> {
    let features: Vec<f64> = (1..=MOST_TERMS as u64).map(|k| counts.with_count(k) as f64).collect();
    let terms = features.iter().position(|&features| features == 0.0).unwrap_or(MOST_TERMS);
    let signed = |k: usize| if k.is_multiple_of(2) { features[k] } else { -features[k] };
    let series: Vec<f64> = (0..terms).map(signed).collect();
    let fraction = continued_fraction(&series);
    let mut terms = fraction.len() - fraction.len() % 2;
    while terms >= 2 {
        let at = |factor: f64| evaluate(&fraction[..terms], factor - 1.0);
        if rises_and_bends_down(at, factor) {
            return Some(at(factor));
        }
        terms -= 2;
    }
    None
}

/// `c₀ s + c₁ s² + … = a₀ s/(1 + a₁ s/(1 + a₂ s/(1 + …)))`, as far as no coefficient vanishes.
fn continued_fraction(series: &[f64]) -> Vec<f64> {
    let mut fraction = Vec::new();
    let mut rest = series.to_vec();
    while let Some(&first) = rest.first().filter(|first| **first != 0.0 && first.is_finite()) {
        fraction.push(first);
        // a₀ / (c₀ + c₁ s + …) − 1, over s.
        let mut inverse = vec![1.0];
        for k in 1..rest.len() {
            let sum: f64 = (1..=k).map(|j| rest[j] / first * inverse[k - j]).sum();
            inverse.push(-sum);
        }
        rest = inverse[1..].to_vec();
    }
    fraction
}

fn evaluate(fraction: &[f64], s: f64) -> f64 {
    fraction.iter().rev().fold(0.0, |below, a| a * s / (1.0 + below))
}

/// Whether a curve rises and its slope falls, looked at in steps of a twentieth of the data, or a
/// hundredth of the way if that is longer.
fn rises_and_bends_down(at: impl Fn(f64) -> f64, factor: f64) -> bool {
    let steps = (((factor - 1.0) / 0.05).ceil() as usize).clamp(2, 100);
    let curve: Vec<f64> =
        (0..=steps).map(|k| at(1.0 + (factor - 1.0) * k as f64 / steps as f64)).collect();
    let rises = curve.windows(2).all(|pair| pair[1].is_finite() && pair[1] > pair[0]);
    let slack = 1e-9 * curve[steps].abs();
    rises && curve.windows(3).all(|three| three[2] - three[1] <= three[1] - three[0] + slack)
}
