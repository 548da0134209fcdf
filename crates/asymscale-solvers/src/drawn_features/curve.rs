//! Losses at several model sizes for several teachers.

use asymscale_numerics::mean;

/// Losses of one design: a row per model size, an entry per teacher.
///
/// ```
/// use asymscale_solvers::Curve;
/// let curve = Curve { losses: vec![vec![1.0, 3.0], vec![0.5, 0.5]] };
/// assert_eq!(curve.teacher_means(), [2.0, 0.5]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// `losses[n][t]`: at the `n`-th requested model size, for teacher `t`.
    pub losses: Vec<Vec<f64>>,
}

impl Curve {
    /// The loss at each model size averaged over teachers; NaN if there are none.
    pub fn teacher_means(&self) -> Vec<f64> {
        self.losses.iter().map(mean).collect()
    }
}

/// Adds `λ (w_t − ŵ_nt)²` of one coordinate to `losses`, teachers within a model size adjacent.
pub(crate) fn add_errors(losses: &mut [f64], fitted: &[f64], weights: &[f64], eigenvalue: f64) {
    let count = weights.len().max(1);
    for (losses, fitted) in losses.chunks_exact_mut(count).zip(fitted.chunks_exact(count)) {
        for ((loss, fitted), weight) in losses.iter_mut().zip(fitted).zip(weights) {
            *loss += eigenvalue * (weight - fitted) * (weight - fitted);
        }
    }
}
