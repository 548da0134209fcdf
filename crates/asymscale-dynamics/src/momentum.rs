//! Gradient descent with momentum: heavy ball and Nesterov, step by step and in closed form.

use crate::DynamicsError;
use crate::closed_form::filtered;
use crate::error::check_rate;
use crate::iterates::record;
use crate::learner::{Learner, apply, weights_of, with_unseen_energy};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::{Curve, DesignSpectrum};
use faer::{Mat, MatRef, Scale};

/// How a share `0 ≤ μ < 1` of the last step is added to the next one. In the formulas
/// `g(θ) = Φᵀ(y − Φθ)/D` and `θ_{−1} = θ_0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Momentum {
    /// Polyak's heavy ball, `θ_{t+1} = θ_t + μ(θ_t − θ_{t−1}) + η g(θ_t)` (*USSR Comput. Math.
    /// Math. Phys.* 4 (1964) 1).
    HeavyBall(f64),
    /// Nesterov's method, with the gradient at the point `ϑ` that momentum leads to:
    /// `θ_{t+1} = ϑ + η g(ϑ)`, `ϑ = θ_t + μ(θ_t − θ_{t−1})` (Sutskever et al., ICML 2013).
    Nesterov(f64),
}

impl Momentum {
    /// `μ`.
    pub fn share(self) -> f64 {
        match self {
            Self::HeavyBall(share) | Self::Nesterov(share) => share,
        }
    }

    /// The step size beyond which descent diverges where `λ` is the largest eigenvalue of `ΦᵀΦ/D`:
    /// `2(1 + μ)/λ` for the heavy ball, `2(1 + μ)/((1 + 2μ)λ)` for Nesterov.
    ///
    /// A direction of variance `s` follows `e_{t+1} = a e_t + b e_{t−1}`; both roots of
    /// `z² = az + b` lie within the unit circle just if `|b| < 1` and `|a| < 1 − b`.
    ///
    /// ```
    /// use asymscale_dynamics::Momentum;
    /// assert_eq!(Momentum::HeavyBall(0.5).largest_rate(2.0), 1.5);
    /// assert_eq!(Momentum::Nesterov(0.5).largest_rate(2.0), 0.75);
    /// ```
    pub fn largest_rate(self, eigenvalue: f64) -> f64 {
        match self {
            Self::HeavyBall(mu) => 2.0 * (1.0 + mu) / eigenvalue,
            Self::Nesterov(mu) => 2.0 * (1.0 + mu) / ((1.0 + 2.0 * mu) * eigenvalue),
        }
    }

    fn check(self) -> Result<(), DynamicsError> {
        let share = self.share();
        if (0.0..1.0).contains(&share) { Ok(()) } else { Err(DynamicsError::Momentum(share)) }
    }

    /// `a` and `b` of a direction with `ηs = x`.
    fn recurrence(self, x: f64) -> (f64, f64) {
        match self {
            Self::HeavyBall(mu) => (1.0 + mu - x, -mu),
            Self::Nesterov(mu) => ((1.0 + mu) * (1.0 - x), -mu * (1.0 - x)),
        }
    }
}

/// The population loss after each of `steps` steps of size `rate` with momentum, for each teacher.
/// In all else this is [`crate::descend`], whose losses it gives for `μ = 0`.
///
/// Descent with a step above [`Momentum::largest_rate`] diverges, and its losses grow to `+∞`. The
/// cost is that of [`crate::descend`].
///
/// # Errors
/// [`DynamicsError::Rate`] unless positive and finite, [`DynamicsError::Momentum`] outside
/// `[0, 1)`.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_dynamics::{Learner, Momentum, descend, descend_with_momentum};
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let key = Key::new(1);
/// let design = Design::sample(&model, 64, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let (all, ball) = (Learner::Coordinates, Momentum::HeavyBall(0.9));
/// let plain = descend(&design, &teachers, all, 0.5, &[100])?.teacher_means();
/// let heavy = descend_with_momentum(&design, &teachers, all, 0.5, ball, &[100])?.teacher_means();
/// assert!(heavy[0] < plain[0]); // ten times as fast where nothing oscillates
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn descend_with_momentum(
    design: &Design,
    teachers: &Teachers,
    learner: Learner<'_>,
    rate: f64,
    momentum: Momentum,
    steps: &[u64],
) -> Result<Curve, DynamicsError> {
    check_rate(rate)?;
    momentum.check()?;
    let weights = weights_of(design, teachers);
    let losses = iterate(design, weights.as_ref(), learner, rate, momentum, steps);
    Ok(with_unseen_energy(design, teachers, losses))
}

fn iterate(
    design: &Design,
    teachers: MatRef<'_, f64>,
    learner: Learner<'_>,
    rate: f64,
    momentum: Momentum,
    steps: &[u64],
) -> Vec<Vec<f64>> {
    let labels = apply(design, teachers);
    let (size, share) = (Scale(rate / design.samples() as f64), Scale(momentum.share()));
    let gain = |theta: &Mat<f64>| {
        let residuals = &labels - learner.predict(design, theta.as_ref());
        learner.gradient(design, residuals.as_ref()) * size
    };
    let mut last: Option<Mat<f64>> = None;
    record(design, teachers, learner, steps, |theta| {
        let carried =
            last.take().map_or_else(|| theta.clone(), |last| &*theta + (&*theta - last) * share);
        let gained = gain(if matches!(momentum, Momentum::Nesterov(_)) { &carried } else { theta });
        last = Some(std::mem::replace(theta, carried + gained));
    })
}

/// The loss after `step` steps of size `rate = η` with momentum in the coordinates (`N = ∞`),
/// averaged over teachers: `tr Σ(I − P) + Σ_k v_kᵀΣv_k e_t(s_k)²`, where
/// `e_{t+1} = a e_t + b e_{t−1}`, `e_0 = e_{−1} = 1`, and `a = 1 + μ − ηs`, `b = −μ` for the heavy
/// ball, `a = (1 + μ)(1 − ηs)`, `b = −μ(1 − ηs)` for Nesterov.
///
/// It agrees with the iterates to rounding (relative 1e-9 while nothing diverges) and grows to `+∞`
/// above [`Momentum::largest_rate`]. Cost: `rank X` powers of 2 × 2 matrices, `log t` each.
///
/// # Errors
/// [`DynamicsError::Rate`], [`DynamicsError::Momentum`].
///
/// ```
/// use asymscale_dynamics::{Momentum, momentum_loss};
/// use asymscale_sampling::{Column, Design};
/// use asymscale_solvers::DesignSpectrum;
/// // One sample of one coordinate, x = 1, η = ½, μ = ½: e = 1, ½, then ½ − ¼ − ¼ = 0.
/// let column = Column { index: 1.0, eigenvalue: 1.0, entries: vec![(0, 1.0)] };
/// let spectrum = DesignSpectrum::new(&Design::from_columns(1, vec![column], 0.0)?)?;
/// let loss = |step| momentum_loss(&spectrum, 0.5, Momentum::HeavyBall(0.5), step);
/// assert!((loss(1)? - 0.25).abs() < 1e-15 && loss(2)? < 1e-30);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn momentum_loss(
    spectrum: &DesignSpectrum,
    rate: f64,
    momentum: Momentum,
    step: u64,
) -> Result<f64, DynamicsError> {
    check_rate(rate)?;
    momentum.check()?;
    let left = |s: f64| {
        let (a, b) = momentum.recurrence(rate * s);
        let [[from_now, from_before], _] = power([[a, b], [1.0, 0.0]], step);
        (from_now + from_before).powi(2)
    };
    let loss = filtered(spectrum, left);
    Ok(if loss.is_nan() { f64::INFINITY } else { loss })
}

type Square = [[f64; 2]; 2];

fn power(mut base: Square, mut exponent: u64) -> Square {
    let mut result = [[1.0, 0.0], [0.0, 1.0]];
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent /= 2;
    }
    result
}

fn multiply(a: Square, b: Square) -> Square {
    let entry = |j: usize, k: usize| a[j][0] * b[0][k] + a[j][1] * b[1][k];
    [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::SparseModel;
    use asymscale_sampling::Key;

    /// The identity for a teacher matrix makes the sum over teachers a trace.
    #[test]
    fn the_sum_over_unit_teachers_is_the_trace_of_the_closed_form() {
        let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
        let design = Design::sample(&model, 40, &mut Key::new(3).stream()).unwrap();
        let spectrum = DesignSpectrum::new(&design).unwrap();
        let unit = Mat::<f64>::identity(design.seen(), design.seen());
        let largest = spectrum.eigenvalues()[spectrum.rank() - 1];
        for momentum in
            [Momentum::HeavyBall(0.9), Momentum::HeavyBall(0.2), Momentum::Nesterov(0.9)]
        {
            let (rate, steps) = (0.6 * momentum.largest_rate(largest), [0, 1, 2, 7, 300, 5000]);
            let losses =
                iterate(&design, unit.as_ref(), Learner::Coordinates, rate, momentum, &steps);
            for (step, losses) in steps.into_iter().zip(losses) {
                let seen: f64 = losses.iter().map(|loss| loss - design.unseen_mass()).sum();
                let iterated = seen + design.unseen_mass();
                let closed = momentum_loss(&spectrum, rate, momentum, step).unwrap();
                // Rounding: 5000 additions to numbers of order 1 or 10, and eigenvalues to 1e-14.
                assert!(
                    (iterated / closed - 1.0).abs() < 1e-9,
                    "{momentum:?}, {step}: {iterated} {closed}"
                );
            }
        }
    }
}
