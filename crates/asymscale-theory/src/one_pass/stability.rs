//! When the mean of one-pass stochastic gradient descent is stable, and where noise leaves it:
//! equations (99) to (101) and (105) of [`derivations`](crate::derivations).

use super::nodes::{Nodes, RareNodes, fourth_moment};
use super::{Descent, OnePass, check_batch};
use crate::TheoryError;
use asymscale_model::{Activity, SparseModel};
use asymscale_numerics::{Bracket, bisect_while, gauss_legendre};

/// What has fallen by this exponent is nothing.
const FALLEN: f64 = 40.0;
/// The search for the largest stable rate ends at this relative width.
const NARROW: f64 = 1e-13;
/// Below this no step size is looked for.
const LEAST_RATE: f64 = 1e-100;

impl OnePass {
    /// `‖K‖`, the gain of the loop from the loss, which is gradient noise, back to the loss, at
    /// the largest step size `η` of the schedule: equations (99) and (105) of
    /// [`derivations`](crate::derivations). With batch `B`, and `μ` the momentum,
    ///
    /// ```text
    /// ‖K‖ = Σ ηλ_i / [B(1 − μ)(2 − ηλ_i/(1 + μ)) − ηλ_i (E z⁴/p_i − 2)]
    /// ```
    ///
    /// which is `Σ ηλ_i/[2B − ηλ_i(B − 2 + E z⁴/p_i)]` without momentum. It is infinite where a
    /// denominator is not positive, or `ηλ_i ≥ 2(1 + μ)`: then that coordinate alone is unstable
    /// in the mean. For one-hot inputs no other coordinate is gradient noise, and it is 0 or
    /// infinite.
    ///
    /// The mean is stable if and only if it is below 1. For infinitely many coordinates and
    /// `β > 1 + α` it is infinite at every step size. Accuracy: 1e-9, and 1e-5 within 1e-5 of a
    /// step size where a denominator vanishes. Cost: some 10 µs.
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let norm = |beta, rate| {
    ///     let model = SparseModel::power_law(1.0, beta, 1.0)?;
    ///     let run = OnePass::new(&model, Schedule::new(rate, 1)?);
    ///     Ok::<f64, Box<dyn std::error::Error>>(run.kernel_norm())
    /// };
    /// // To leading order η Σ λ_i/2.
    /// assert!((norm(1.5, 1e-6)? / (0.5e-6 * std::f64::consts::PI.powi(2) / 6.0) - 1.0).abs() < 1e-4);
    /// assert!(norm(1.5, 0.56)? < 1.0 && norm(1.5, 0.58)? > 1.0);
    /// assert_eq!(norm(2.5, 1e-6)?, f64::INFINITY);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kernel_norm(&self) -> f64 {
        let gain = noise_gain(&self.model, &self.descent);
        if self.model.is_one_hot() && gain.is_finite() { 0.0 } else { gain }
    }

    /// Whether second moments stay bounded at the largest step size of the schedule, kept for
    /// ever: `‖K‖ < 1`. Then the mean loss tends to [`OnePass::noise_floor`].
    ///
    /// Where this is false the mean of the loss grows in the end, though typical runs may be fine:
    /// for `β > 1 + α` and infinitely many coordinates it never holds.
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let run = |rate| Schedule::new(rate, 1).map(|schedule| OnePass::new(&model, schedule));
    /// assert!(run(0.5)?.is_mean_square_stable() && !run(0.6)?.is_mean_square_stable());
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn is_mean_square_stable(&self) -> bool {
        self.kernel_norm() < 1.0
    }

    /// What label noise leaves of the mean loss for good, at the largest step size of the
    /// schedule: `σ²‖K‖/(1 − ‖K‖)`, equation (100) of [`derivations`](crate::derivations); for
    /// one-hot inputs `σ² Σ ηλ_i/[B(1 − μ)(2 − ηλ_i/(1 + μ)) − ηλ_i (E z⁴/p_i − 1)]`. Infinite
    /// where the mean is not stable. Coordinates that are never active add their target energies.
    ///
    /// ```
    /// use asymscale_model::{Coordinates, Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 0.5, 1.0)?.with_coordinates(Coordinates::Finite(20))?;
    /// let run = OnePass::new(&model, Schedule::new(0.1, 1_000_000)?).with_noise(0.5)?;
    /// let end = run.losses(&[1_000_000])?[0];
    /// assert!((end / run.noise_floor() - 1.0).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn noise_floor(&self) -> f64 {
        let gain = noise_gain(&self.model, &self.descent);
        let share = if self.model.is_one_hot() { 1.0 } else { 1.0 - gain };
        if share > 0.0 && gain.is_finite() {
            self.descent.noise * gain / share
        } else {
            f64::INFINITY
        }
    }
}

/// The largest step size `η` at which the mean of one-pass descent with `batch = B` samples a step
/// is stable, `‖K‖ = 1`, as [`OnePass::kernel_norm`] says; 0 where there is none above 1e-100, as
/// for `β > 1 + α` and infinitely many coordinates.
///
/// With `M` coordinates and `β > 1 + α` it is about `2B c^β M^{−(β−1−α)}/E z⁴`.
///
/// Accuracy: that of the norm. Cost: some fifty norms.
///
/// # Errors
/// [`TheoryError::Batch`] outside `1..=9e15`.
///
/// ```
/// use asymscale_model::{Schedule, SparseModel};
/// use asymscale_theory::{OnePass, largest_stable_rate};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let [one, many] = [largest_stable_rate(&model, 1)?, largest_stable_rate(&model, 64)?];
/// let norm = OnePass::new(&model, Schedule::new(one, 1)?).kernel_norm();
/// assert!((norm - 1.0).abs() < 1e-9);
/// assert!(many > 1.5 && many < 2.0); // 2/λ_1 for large batches
/// assert_eq!(largest_stable_rate(&SparseModel::power_law(1.0, 2.5, 1.0)?, 64)?, 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn largest_stable_rate(model: &SparseModel, batch: u64) -> Result<f64, TheoryError> {
    let batch = check_batch(batch)?;
    Ok(stable_rate(model, Descent { rate: 0.0, batch, momentum: 0.0, noise: 0.0 }))
}

/// The largest stable rate of descents like this one.
pub(super) fn stable_rate(model: &SparseModel, descent: Descent) -> f64 {
    let limit = head_limit(model, &descent);
    if limit < LEAST_RATE {
        return 0.0;
    }
    let is_stable = |rate: f64| {
        let gain = noise_gain(model, &Descent { rate, ..descent });
        if model.is_one_hot() { gain.is_finite() } else { gain < 1.0 }
    };
    let wide = |bracket: Bracket| bracket.width() > NARROW * bracket.high();
    let mut low = limit;
    while !is_stable(low) {
        low *= 0.5;
        if low < LEAST_RATE {
            return 0.0;
        }
    }
    bisect_while(Bracket::new(low, limit), wide, is_stable).low()
}

/// `Σ ηλ/[B(1 − μ)(2 − ηλ/(1 + μ)) − E x⁴ η/λ + 2ηλ]` (one `ηλ` for one-hot inputs), infinite
/// where a denominator is not positive.
fn noise_gain(model: &SparseModel, descent: &Descent) -> f64 {
    let Descent { rate, batch, momentum, .. } = *descent;
    if rate >= head_limit(model, descent) {
        return f64::INFINITY;
    }
    let nodes = Nodes::of_kernel(model, descent);
    let scale = batch * (1.0 - momentum);
    let mut sum = 0.0;
    for node in &nodes.list {
        let pull = rate * node.eigenvalue;
        let below =
            scale * (2.0 - pull / (1.0 + momentum)) - rate * node.feedback / node.eigenvalue;
        if below <= 0.0 {
            return f64::INFINITY;
        }
        sum += rate * node.mass / below;
    }
    match RareNodes::of(model).filter(|_| nodes.end.is_finite()) {
        Some(rare) => sum + rare.gain_beyond(nodes.end, rate, scale),
        None => sum,
    }
}

impl RareNodes {
    /// `Σ ηλ/(2s − η E x⁴/λ)` beyond `ln i = x`, where `E x⁴/λ ∝ i^{β−1−α}` and nothing else
    /// counts: with `r` the second term over the first at `x`, `(η/2s) ∫ λ i e^{−αy}/(1 − r
    /// e^{(β−1−α)y}) dy`.
    fn gain_beyond(&self, x: f64, rate: f64, scale: f64) -> f64 {
        let (alpha, drift) = (self.alpha(), self.drift());
        let ratio = 0.5 * rate * self.scaled_fourth_moment(x) / scale;
        if ratio >= 1.0 {
            return f64::INFINITY;
        }
        let term = |y: f64| (-alpha * y).exp() / (1.0 - ratio * (drift * y).exp());
        let near = if drift < 0.0 { (1.0 - ratio) / -drift } else { f64::INFINITY };
        let (mut from, mut width, mut sum) = (0.0, 0.5 * near.min(1.0 / alpha), 0.0);
        while alpha * from < FALLEN {
            let half = 0.5 * width;
            sum += gauss_legendre()
                .map(|(z, w)| w * half * term(from + half * (1.0 + z)))
                .sum::<f64>();
            from += width;
            width = from.min(1.0 / alpha);
        }
        0.5 * rate * self.variance_beyond(x) * alpha / scale * sum
    }
}

/// The step size at which the first denominator vanishes, `2s/max(E x⁴/λ − 2λ + sλ/(1 + μ))` over
/// all coordinates, `s = B(1 − μ)`; 0 if that is unbounded. No step is stable beyond `2(1 + μ)/λ`.
fn head_limit(model: &SparseModel, descent: &Descent) -> f64 {
    let scale = descent.batch * (1.0 - descent.momentum);
    let of_variance = scale / (1.0 + descent.momentum) - if model.is_one_hot() { 1.0 } else { 2.0 };
    let fourth = fourth_moment(model.amplitude());
    let needs = |i: f64| match model.activity(i) {
        0.0 => 0.0,
        _ => fourth * model.scale_squared(i) + of_variance * model.eigenvalue(i),
    };
    let last = model.coordinates().as_f64();
    let listed = (model.listed() as f64).min(last) as u64;
    let mut most = (1..=listed).map(|i| needs(i as f64)).fold(0.0, f64::max);
    let mut edges = vec![listed as f64 + 1.0];
    if let Activity::PowerLaw { onset, .. } = model.activity_law() {
        edges.push(onset.floor());
    }
    if let Some(rare) = RareNodes::of(model) {
        edges.extend([rare.first(), rare.first().max(rare.turning(of_variance)).min(1e300), last]);
        most = most.max(rare.limit_of_scale(last));
    }
    let inside = edges.into_iter().filter(|i| *i > listed as f64 && *i <= last && i.is_finite());
    most = inside.map(needs).fold(most, f64::max);
    let oscillates = 2.0 * (1.0 + descent.momentum) / model.largest_eigenvalue();
    oscillates.min(2.0 * scale / most)
}

impl RareNodes {
    /// Where `E x⁴/λ + sλ` is stationary in `i`; NaN if nowhere.
    fn turning(&self, of_variance: f64) -> f64 {
        // Of E x⁴/λ = A i^drift and s λ = C i^{−(1+α)}.
        let ratio = (1.0 + self.alpha()) * of_variance * self.eigenvalue_front()
            / (self.drift() * self.scaled_fourth_moment(0.0));
        ratio.powf(1.0 / (self.drift() + 1.0 + self.alpha()))
    }

    /// What `E x⁴/λ` tends to, for infinitely many coordinates.
    fn limit_of_scale(&self, last: f64) -> f64 {
        match self.drift() {
            drift if drift > 0.0 && last == f64::INFINITY => f64::INFINITY,
            0.0 => self.scaled_fourth_moment(0.0),
            _ => 0.0,
        }
    }
}
