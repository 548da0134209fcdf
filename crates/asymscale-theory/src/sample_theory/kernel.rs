//! Kernel regression on dense data: linear modes that the teacher uses, next to modes it does not.
//!
//! The kernel is `s x·x′ + k⊥(x, x′)`, where the second part is orthogonal to every linear function
//! of the data, as the even part of a kernel is on data that are as likely as their mirror image.
//! Of that part only the degrees of freedom `n(κ)` matter. Equations (66) to (68) of
//! [`derivations`](crate::derivations) follow from the equivalent of Simon et al., *The
//! eigenlearning framework* (TMLR 2023).

use crate::{SampleTheory, TheoryError, response::sums::Sums};
use asymscale_model::SparseModel;

/// Modes of a kernel orthogonal to every linear function: how many degrees of freedom `n(κ)` they
/// have above a threshold `κ`.
///
/// Between the points it was made from, and beyond them, `n` is a power of `κ`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrthogonalModes {
    /// `(−ln κ, ln n)`, both increasing.
    points: Vec<(f64, f64)>,
}

impl OrthogonalModes {
    /// Modes known at points `(κ, n)`, `κ` falling and `n` rising.
    ///
    /// A kernel matrix `E` of these modes alone on `n` samples has the threshold `κ(n) = 1/tr E⁻¹`,
    /// the trace averaged over samples (Jacot et al. 2020, arXiv 2006.09796).
    ///
    /// # Errors
    /// [`TheoryError::FewModes`] for fewer than two points; [`TheoryError::Modes`] for the first
    /// that is out of order, or not finite and > 0.
    ///
    /// ```
    /// use asymscale_theory::OrthogonalModes;
    /// let modes = OrthogonalModes::new(&[(1e-2, 10.0), (1e-4, 100.0)])?; // n = κ^(−1/2)
    /// assert!((modes.count(1e-3) / 1e-3_f64.powf(-0.5) - 1.0).abs() < 1e-12);
    /// # Ok::<(), asymscale_theory::TheoryError>(())
    /// ```
    pub fn new(points: &[(f64, f64)]) -> Result<Self, TheoryError> {
        if points.len() < 2 {
            return Err(TheoryError::FewModes(points.len()));
        }
        let mut known: Vec<(f64, f64)> = Vec::new();
        for &(threshold, count) in points {
            let (depth, log_count) = (-threshold.ln(), count.ln());
            let ordered = known.last().is_none_or(|last| last.0 < depth && last.1 < log_count);
            if !(ordered && depth.is_finite() && log_count.is_finite()) {
                return Err(TheoryError::Modes { threshold, count });
            }
            known.push((depth, log_count));
        }
        Ok(Self { points: known })
    }

    /// `n(κ)` at a threshold `κ > 0`.
    pub fn count(&self, threshold: f64) -> f64 {
        self.at(-threshold.ln()).0
    }

    /// `n`, and its derivative by `−ln κ`.
    fn at(&self, depth: f64) -> (f64, f64) {
        let next =
            self.points.partition_point(|point| point.0 < depth).clamp(1, self.points.len() - 1);
        let ((from, low), (to, high)) = (self.points[next - 1], self.points[next]);
        let power = (high - low) / (to - from);
        let count = (low + power * (depth - from)).exp();
        (count, power * count)
    }
}

/// Theory of a learner with a kernel `s x·x′ + k⊥`, on data of one model.
///
/// It is meant for data with all coordinates active and Gaussian. For sparse data only the loss in
/// **features** is meaningful, which depends on the coordinates that are always active. Relative
/// accuracy 1e-9 given the modes.
///
/// ```
/// use asymscale_model::{Coordinates, SparseModel};
/// use asymscale_theory::{KernelTheory, OrthogonalModes};
/// let dense = SparseModel::power_law(1.0, 0.0, 1.0)?.with_coordinates(Coordinates::Finite(2000))?;
/// let loss = |modes: &[(f64, f64)]| -> Result<f64, Box<dyn std::error::Error>> {
///     Ok(KernelTheory::new(&dense, 0.25, OrthogonalModes::new(modes)?)?.loss_in_samples(64.0)?)
/// };
/// let linear = loss(&[(1.0, 1e-12), (0.1, 1e-11)])?;
/// // Samples are spent on modes that the teacher does not use.
/// assert!(loss(&[(1e-2, 10.0), (1e-4, 100.0)])? > 1.5 * linear);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct KernelTheory {
    linear: SampleTheory,
    scale: f64,
    modes: OrthogonalModes,
}

impl KernelTheory {
    /// A kernel whose linear part is `scale · x·x′`, `scale = s > 0`.
    ///
    /// # Errors
    /// [`TheoryError::Scale`]; [`TheoryError::IidTeacher`] for any other teacher.
    pub fn new(
        model: &SparseModel,
        scale: f64,
        modes: OrthogonalModes,
    ) -> Result<Self, TheoryError> {
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(TheoryError::Scale(scale));
        }
        let linear = SampleTheory::new(model, f64::INFINITY)?;
        linear.check_iid_teacher("the loss of a kernel")?;
        Ok(Self { linear, scale, modes })
    }

    /// The loss of kernel regression, `N = ∞`, on `samples = D ≥ 1`: equation (67) of
    /// [`derivations`](crate::derivations).
    ///
    /// # Errors
    /// [`TheoryError::Samples`] below 1, NaN or infinite.
    pub fn loss_in_samples(&self, samples: f64) -> Result<f64, TheoryError> {
        if !(samples >= 1.0 && samples.is_finite()) {
            return Err(TheoryError::Samples(samples));
        }
        let (sums, count_slope) = self.filled(samples);
        Ok(samples * (sums.left - sums.left_slope) / (sums.learned_slope + count_slope))
    }

    /// The loss of `features = N ≥ 1` features on `samples > N`, which may be infinite: equation
    /// (68) of [`derivations`](crate::derivations).
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1, NaN or infinite; [`TheoryError::Samples`] unless above
    /// `N`.
    pub fn loss_in_features(&self, features: f64, samples: f64) -> Result<f64, TheoryError> {
        if !(features >= 1.0 && features.is_finite()) {
            return Err(TheoryError::Features(features));
        }
        if samples.is_nan() || samples <= features {
            return Err(TheoryError::Samples(samples));
        }
        let noise = (1.0 - features / samples).recip();
        Ok(self.filled(features).0.left * noise)
    }

    /// The sums where all modes together have `total` degrees of freedom, and `n_G`.
    fn filled(&self, total: f64) -> (Sums, f64) {
        let (log_scale, log_total) = (self.scale.ln(), total.ln());
        let modes = |sums: &Sums| self.modes.at(sums.log_stieltjes - log_scale);
        let sums = self.linear.sums_where(total, |sums| {
            let (count, slope) = modes(sums);
            let all = sums.learned + count;
            (all.ln() - log_total, (sums.learned_slope + slope) / all)
        });
        let slope = modes(&sums).1;
        (sums, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::Coordinates;

    /// Sums over coordinates one by one, and bisection.
    #[test]
    fn both_losses_are_the_sums_written_out() {
        let (count, scale) = (500, 0.25);
        let dense = SparseModel::power_law(1.0, 0.0, 1.0).unwrap();
        let model = dense.with_coordinates(Coordinates::Finite(count)).unwrap();
        let modes = OrthogonalModes::new(&[(1e-1, 2.0), (1e-6, 4000.0)]).unwrap();
        let theory = KernelTheory::new(&model, scale, modes.clone()).unwrap();
        let power = (2000.0_f64).ln() / (1e5_f64).ln();
        let lambda = |i: u64| (i as f64).powi(-2);
        let sum = |term: &dyn Fn(f64) -> f64| (1..=count).map(|i| term(lambda(i))).sum::<f64>();
        for total in [16.0, 128.0] {
            let of = |k: f64| sum(&|l| scale * l / (scale * l + k)) + modes.count(k);
            let (mut low, mut high) = (1e-9_f64, 1.0_f64);
            for _ in 0..200 {
                let middle = (low * high).sqrt();
                if of(middle) > total { low = middle } else { high = middle }
            }
            let left = |l: f64| low / (scale * l + low);
            let squares = sum(&|l| (1.0 - left(l)).powi(2)) + (1.0 - power) * modes.count(low);
            let samples = sum(&|l| l * left(l).powi(2)) / (1.0 - squares / total);
            let features = sum(&|l| l * left(l)) / (1.0 - total / 1e4);
            assert!((theory.loss_in_samples(total).unwrap() / samples - 1.0).abs() < 1e-8);
            assert!((theory.loss_in_features(total, 1e4).unwrap() / features - 1.0).abs() < 1e-8);
        }
    }

    #[test]
    fn bad_modes_and_sizes_are_refused() {
        let second = |point| OrthogonalModes::new(&[(0.2, 1.0), point]).unwrap_err();
        for (threshold, count) in [(0.3, 2.0), (0.1, 1.0), (0.0, 2.0), (0.1, f64::INFINITY)] {
            assert_eq!(second((threshold, count)), TheoryError::Modes { threshold, count });
        }
        assert_eq!(OrthogonalModes::new(&[(0.2, 1.0)]), Err(TheoryError::FewModes(1)));
        let model = SparseModel::power_law(1.0, 0.0, 1.0).unwrap();
        let modes = OrthogonalModes::new(&[(0.2, 1.0), (0.1, 2.0)]).unwrap();
        assert_eq!(
            KernelTheory::new(&model, 0.0, modes.clone()).unwrap_err(),
            TheoryError::Scale(0.0)
        );
        let theory = KernelTheory::new(&model, 0.25, modes).unwrap();
        assert_eq!(theory.loss_in_samples(0.5), Err(TheoryError::Samples(0.5)));
        assert_eq!(theory.loss_in_features(8.0, 8.0), Err(TheoryError::Samples(8.0)));
        assert_eq!(theory.loss_in_features(0.0, 8.0), Err(TheoryError::Features(0.0)));
    }
}
