//! Gradient descent as it is written: one step after the other.

use crate::DynamicsError;
use crate::error::check_rate;
use crate::learner::{Learner, apply, weights_of, with_unseen_energy};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::Curve;
use faer::{Mat, MatRef};

/// The population loss after each of `steps` steps of size `rate`, for each teacher: row `k` of the
/// curve is after `steps[k]` steps.
///
/// `θ_0 = 0`, `θ_{t+1} = θ_t + (η/D) Φᵀ(y − Φθ_t)`, `y = Xw` without noise: full-batch descent on
/// `|Φθ − y|²/(2D)`. The loss is exact given everything drawn, unseen coordinates in expectation as
/// in [`asymscale_solvers::explicit_curve`]. `steps` may be in any order; an empty list gives an
/// empty curve.
///
/// A step with `η λ_max(ΦᵀΦ/D) > 2` diverges, and it shows: losses grow by `(η λ_max − 1)²` a step
/// until they overflow to `+∞`. Descent stops there and later losses are `+∞` too, never NaN.
///
/// Cost: `2 D N` multiplications a step and teacher (`2 nonzeros` in the coordinates), `seen · N` a
/// recorded one.
///
/// # Errors
/// [`DynamicsError::Rate`] unless positive and finite.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_dynamics::{Learner, descend};
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let key = Key::new(1);
/// let design = Design::sample(&model, 64, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let curve = descend(&design, &teachers, Learner::Coordinates, 0.5, &[0, 10, 1000])?.teacher_means();
/// assert!(curve[1] < curve[0] && curve[2] > design.unseen_mass());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn descend(
    design: &Design,
    teachers: &Teachers,
    learner: Learner<'_>,
    rate: f64,
    steps: &[u64],
) -> Result<Curve, DynamicsError> {
    check_rate(rate)?;
    let losses = iterate(design, weights_of(design, teachers).as_ref(), learner, rate, steps);
    Ok(with_unseen_energy(design, teachers, losses))
}

fn iterate(
    design: &Design,
    teachers: MatRef<'_, f64>,
    learner: Learner<'_>,
    rate: f64,
    steps: &[u64],
) -> Vec<Vec<f64>> {
    let labels = apply(design, teachers);
    let step_size = rate / design.samples() as f64;
    record(design, teachers, learner, steps, |theta| {
        let residuals = &labels - learner.predict(design, theta.as_ref());
        *theta += learner.gradient(design, residuals.as_ref()) * faer::Scale(step_size);
    })
}

/// After so many steps it is asked whether parameters have overflowed.
const LOOK: u64 = 16;

/// The loss of each teacher after each of `steps` applications of `advance` to the parameters,
/// which begin at 0; `+∞` from where they overflow.
pub(crate) fn record(
    design: &Design,
    teachers: MatRef<'_, f64>,
    learner: Learner<'_>,
    steps: &[u64],
    mut advance: impl FnMut(&mut Mat<f64>),
) -> Vec<Vec<f64>> {
    let mut theta = Mat::zeros(learner.parameters(design), teachers.ncols());
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|k| steps[*k]);
    let mut losses = vec![vec![f64::INFINITY; teachers.ncols()]; steps.len()];
    let mut taken = 0;
    for k in order {
        while taken < steps[k] {
            advance(&mut theta);
            taken += 1;
            // What has overflowed stays so, and to look costs as much as a step on sparse data.
            if (taken % LOOK == 0 || taken == steps[k]) && !theta.norm_max().is_finite() {
                return losses;
            }
        }
        let now = learner.losses(design, teachers, theta.as_ref());
        // The square of what is still finite may not be.
        losses[k] =
            now.into_iter().map(|loss| if loss.is_nan() { f64::INFINITY } else { loss }).collect();
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step_loss;
    use asymscale_model::SparseModel;
    use asymscale_sampling::Key;
    use asymscale_solvers::DesignSpectrum;

    /// The identity for a teacher matrix makes the sum over teachers a trace, so the average over
    /// teachers of the closed form is held to rounding.
    #[test]
    fn the_sum_over_unit_teachers_is_the_trace_of_the_closed_form() {
        let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
        let design = Design::sample(&model, 40, &mut Key::new(3).stream()).unwrap();
        let spectrum = DesignSpectrum::new(&design).unwrap();
        let unit = Mat::<f64>::identity(design.seen(), design.seen());
        let (rate, steps) = (0.4, [0, 1, 7, 300, 5000]);
        let losses = iterate(&design, unit.as_ref(), Learner::Coordinates, rate, &steps);
        for (step, losses) in steps.into_iter().zip(losses) {
            let seen: f64 = losses.iter().map(|loss| loss - design.unseen_mass()).sum();
            let iterated = seen + design.unseen_mass();
            let closed = step_loss(&spectrum, rate, step).unwrap();
            // Rounding: 5000 additions to numbers of order 1, and eigenvalues to 1e-14.
            assert!((iterated / closed - 1.0).abs() < 1e-10, "{step}: {iterated} {closed}");
        }
    }
}
