//! The mixing kernel: the probability of each cell of counts at each node of a grid of rates.
//!
//! A feature of rate `λ` is active `λ` times in expectation in all samples, as events of a Poisson
//! process cut into `D` samples: it is active in a sample with probability `1 − e^{−λ/D}`, its
//! count is binomial, and `t D` samples miss it with probability `e^{−tλ}`.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_lr;

use crate::diagnosis::counts::cells::Cells;

/// Logarithms of rates: from far below one activation on, in steps that resolve a Poisson law of
/// the counts that are fitted.
const LOWEST: f64 = -36.0;
pub(super) const STEP: f64 = 0.12;

/// From this many samples per squared count on, a binomial count is Poisson to one per cent of its
/// probability.
const POISSON_FROM: f64 = 100.0;

/// Probabilities of cells at the nodes.
#[derive(Debug, Clone)]
pub(crate) struct Kernel {
    /// `ln λ` at the nodes.
    pub(super) nodes: Vec<f64>,
    /// Rates at the nodes.
    pub(crate) rates: Vec<f64>,
    /// The probability of each cell, a list over the nodes for each.
    pub(super) cells: Vec<Vec<f64>>,
}

impl Kernel {
    pub(crate) fn new(cells: &Cells, samples: f64) -> Self {
        let largest = cells.edges[cells.len()] as f64;
        // At larger rates a count in the window is practically impossible: the window is 8 standard
        // deviations away, or the feature is active in nearly all samples.
        let highest = (largest + 8.0 * largest.sqrt() + 20.0).ln().max(0.0);
        let count = ((highest - LOWEST) / STEP).ceil() as usize;
        let nodes: Vec<f64> = (0..count).map(|k| LOWEST + STEP * k as f64).collect();
        let rates: Vec<f64> = nodes.iter().map(|x| x.exp()).collect();
        let above =
            |edge: u64| rates.iter().map(|&rate| exceeds(rate, edge as f64, samples)).collect();
        let above: Vec<Vec<f64>> = cells.edges.iter().map(|&edge| above(edge)).collect();
        let cell = |pair: &[Vec<f64>]| {
            pair[0].iter().zip(&pair[1]).map(|(low, high)| low - high).collect()
        };
        Self { cells: above.windows(2).map(cell).collect(), nodes, rates }
    }
}

/// Whether counts up to this one are Poisson distributed to good accuracy.
pub(super) fn poisson(count: u64, samples: f64) -> bool {
    samples > POISSON_FROM * (count as f64 + 1.0).powi(2)
}

/// `P(k > edge)` for a feature of this rate in so many samples.
pub(crate) fn exceeds(rate: f64, edge: f64, samples: f64) -> f64 {
    if edge == 0.0 {
        return -(-rate).exp_m1();
    }
    if edge >= samples {
        return 0.0;
    }
    if poisson(edge as u64, samples) {
        return gamma_lr(edge + 1.0, rate);
    }
    // Binomial: P(k > edge) = I_p(edge + 1, D − edge).
    let active = -(-rate / samples).exp_m1();
    beta_reg(edge + 1.0, samples - edge, active)
}

#[cfg(test)]
mod tests {
    use super::exceeds;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn a_count_is_binomial_and_poisson_where_samples_are_many() {
        let active: f64 = -(-3.0_f64 / 20.0).exp_m1();
        let binomial = Binomial::new(active, 20).unwrap();
        for edge in [0, 1, 4, 11] {
            assert!((exceeds(3.0, edge as f64, 20.0) - binomial.sf(edge)).abs() < 1e-13, "{edge}");
        }
        // On both sides of where one law takes over from the other.
        let edge = 9.0;
        let (poisson, binomial) = (exceeds(9.0, edge, 10_001.0), exceeds(9.0, edge, 9_999.0));
        // The laws differ by about k/(2D) times the squared distance from the mean in standard
        // deviations: here some 1e-3.
        assert!((poisson / binomial - 1.0).abs() < 5e-3, "{poisson} {binomial}");
        assert_eq!(exceeds(9.0, 20.0, 20.0), 0.0);
    }
}
