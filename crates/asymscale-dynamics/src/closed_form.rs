//! Losses of gradient descent at any step in closed form, from one decomposition of a design.

use crate::DynamicsError;
use crate::dense::{Svd, product, thin_svd};
use crate::error::check_rate;
use crate::learner::{Learner, apply, weights_of};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::DesignSpectrum;
use faer::Mat;

/// Singular values below this share of the largest are rounding: nothing is learned along them.
const RANK: f64 = 1e-13;

/// The loss after `step` steps of size `rate = η` in the coordinates (`N = ∞`), averaged over
/// teachers: `tr[Σ(1 − ηΣ̂)^{2t}] = tr Σ(I − P) + Σ_k v_kᵀΣv_k (1 − ηs_k)^{2t}`.
///
/// For `η λ_max(Σ̂) > 2` the loss grows without bound and at last overflows to `+∞`. Its relative
/// rounding error is 1e-10. Cost: `rank X` powers.
///
/// # Errors
/// [`DynamicsError::Rate`] unless positive and finite.
///
/// ```
/// use asymscale_dynamics::{flow_loss, step_loss};
/// use asymscale_sampling::{Column, Design};
/// use asymscale_solvers::DesignSpectrum;
/// // One sample of one coordinate, x = 2: the error shrinks by 1 − η x² a step.
/// let column = Column { index: 1.0, eigenvalue: 1.0, entries: vec![(0, 2.0)] };
/// let spectrum = DesignSpectrum::new(&Design::from_columns(1, vec![column], 0.0)?)?;
/// assert!((step_loss(&spectrum, 0.125, 2)? - 0.0625).abs() < 1e-15);
/// assert!((flow_loss(&spectrum, 0.25)? - (-2.0f64).exp()).abs() < 1e-15);
/// assert_eq!(step_loss(&spectrum, 1.0, 1_000_000)?, f64::INFINITY); // η λ_max = 4
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn step_loss(spectrum: &DesignSpectrum, rate: f64, step: u64) -> Result<f64, DynamicsError> {
    check_rate(rate)?;
    Ok(filtered(spectrum, |s| power(rate * s, step).powi(2)))
}

/// The loss after gradient flow for a time `s`, averaged over teachers, `N = ∞`:
/// `tr Σ(I − P) + Σ_k v_kᵀΣv_k e^{−2 s s_k}`, the limit of `t` steps of size `s/t`.
///
/// # Errors
/// [`DynamicsError::Time`] unless `≥ 0` and finite.
pub fn flow_loss(spectrum: &DesignSpectrum, time: f64) -> Result<f64, DynamicsError> {
    if !(time >= 0.0 && time.is_finite()) {
        return Err(DynamicsError::Time(time));
    }
    Ok(filtered(spectrum, |s| (-2.0 * time * s).exp()))
}

pub(crate) fn filtered(spectrum: &DesignSpectrum, left: impl Fn(f64) -> f64) -> f64 {
    let pairs = spectrum.eigenvalues().iter().zip(spectrum.weights());
    spectrum.residual_mass() + pairs.map(|(s, weight)| weight * left(*s)).sum::<f64>()
}

/// `(1 − x)^t`, also for `x` far below rounding and for many steps.
fn power(x: f64, step: u64) -> f64 {
    if step == 0 {
        return 1.0;
    }
    let size = if x < 1.0 { (-x).ln_1p() } else { (x - 1.0).ln() };
    let sign = if x > 1.0 && step % 2 == 1 { -1.0 } else { 1.0 };
    sign * (step as f64 * size).exp()
}

/// `1 − (1 − x)^t` without cancellation at small `x`.
fn learned(x: f64, step: u64) -> f64 {
    if x < 1.0 { -(step as f64 * (-x).ln_1p()).exp_m1() } else { 1.0 - power(x, step) }
}

/// Gradient descent of one learner for given teachers, at any step: from `Φ = U S Vᵀ`,
/// `θ_t = V diag[(1 − (1 − ηs²/D)^t)/s] Uᵀy`.
///
/// Cost: one thin singular value decomposition; then `N · rank` and `seen · N` a teacher for each
/// step asked for.
#[derive(Debug, Clone)]
pub struct ClosedForm<'a> {
    design: &'a Design,
    learner: Learner<'a>,
    teachers: Mat<f64>,
    /// Energy of the teachers on unseen coordinates, less the variance there.
    more: f64,
    singular: Vec<f64>,
    right: Mat<f64>,
    /// `Uᵀy`, `rank × teachers`.
    labels: Mat<f64>,
}

impl<'a> ClosedForm<'a> {
    /// Decomposes the learner's outputs on the design.
    ///
    /// # Errors
    /// [`DynamicsError::SingularValues`] if the decomposition does not converge.
    ///
    /// # Panics
    /// If `teachers` were drawn for a design with fewer seen coordinates.
    pub fn new(
        design: &'a Design,
        teachers: &Teachers,
        learner: Learner<'a>,
    ) -> Result<Self, DynamicsError> {
        let outputs = learner.dense(design);
        let Svd { left, values: singular, right } = thin_svd(outputs.as_ref())?;
        let more = teachers.unseen_energy() - design.unseen_mass();
        let teachers = weights_of(design, teachers);
        let labels = product(left.transpose(), apply(design, teachers.as_ref()).as_ref());
        Ok(Self { design, learner, teachers, more, singular, right, labels })
    }

    /// The largest eigenvalue of `ΦᵀΦ/D`: steps above 2 over it diverge.
    pub fn largest_eigenvalue(&self) -> f64 {
        self.singular.first().map_or(0.0, |s| s * s / self.design.samples() as f64)
    }

    /// The population loss of each teacher after `step` steps of size `rate`: [`crate::descend`] to
    /// rounding (relative 1e-9 while it does not diverge). Overflows to `+∞` where that does.
    ///
    /// # Errors
    /// [`DynamicsError::Rate`] unless positive and finite.
    pub fn losses(&self, rate: f64, step: u64) -> Result<Vec<f64>, DynamicsError> {
        check_rate(rate)?;
        let floor = RANK * self.singular.first().copied().unwrap_or(0.0);
        let eta = rate / self.design.samples() as f64;
        let gain = |s: &f64| if *s > floor { learned(eta * s * s, step) / s } else { 0.0 };
        let gains: Vec<f64> = self.singular.iter().map(gain).collect();
        if gains.iter().any(|gain| !gain.is_finite()) {
            return Ok(vec![f64::INFINITY; self.teachers.ncols()]);
        }
        let filtered =
            Mat::from_fn(gains.len(), self.teachers.ncols(), |k, t| gains[k] * self.labels[(k, t)]);
        let theta = product(self.right.as_ref(), filtered.as_ref());
        let losses = self.learner.losses(self.design, self.teachers.as_ref(), theta.as_ref());
        Ok(losses
            .into_iter()
            .map(|loss| if loss.is_nan() { f64::INFINITY } else { loss + self.more })
            .collect())
    }
}
