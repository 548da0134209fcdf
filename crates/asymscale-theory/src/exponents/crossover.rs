//! The numbers of samples at which one law of the loss takes over from another: equations (41) and
//! (42) of [`derivations`](crate::derivations).

use crate::{
    TheoryError, coordinates::CoordinateRule, coordinates::coverage,
    sample_theory::regime::directions_above,
};
use asymscale_model::SparseModel;
use asymscale_numerics::{Bracket, bisect_while, increasing_root};

/// Crossovers are sought up to `ln D` of 1e300.
const LIMIT: f64 = 300.0 * std::f64::consts::LN_10;

/// The crossover `D×`: the number of samples at which as many coordinates are seen, `S(D) = D`.
///
/// With fewer samples than that, the samples limit the loss, which is symmetric in `N` and `D`;
/// with more, the unseen mass does. It is `None` where more coordinates than samples are seen at
/// every `D` up to 1e300, that is for `M = ∞` with `β ≤ 1`, or `β` barely above 1. It is 1 for
/// one-hot activity, which never shows more coordinates than samples. For large results
/// `D× ≈ (Γ(1 − 1/β) c)^{β/(β−1)}`, equation (41) of [`derivations`](crate::derivations). Relative
/// accuracy 1e-8. Cost: some ms.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{SampleTheory, crossover};
/// let model = SparseModel::power_law(1.0, 1.5, 20.0)?;
/// let samples = crossover(&model).unwrap();
/// assert!((SampleTheory::new(&model, samples)?.coverage().seen / samples - 1.0).abs() < 1e-8);
/// assert_eq!(crossover(&SparseModel::power_law(1.0, 1.0, 20.0)?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn crossover(model: &SparseModel) -> Option<f64> {
    let excess = |log_samples: f64| {
        let samples = log_samples.exp();
        let seen = coverage::seen(model, &CoordinateRule::new(model, samples));
        log_samples - seen.ln()
    };
    if model.is_one_hot() {
        return Some(1.0);
    }
    if excess(LIMIT) <= 0.0 {
        return None;
    }
    let mut root = 0.0;
    let step = increasing_root(
        0.0,
        (0.0, LIMIT),
        |step, _| step < 1e-13,
        |v| {
            const H: f64 = 1e-4;
            root = v;
            let value = excess(v);
            (value, (excess(v + H) - value) / H)
        },
    );
    Some((root + step).exp())
}

/// The number of samples from which on label noise of variance `noise = σ²` hides more than is
/// unseen: where the directions told from it, `Σ λ_i/(λ_i + σ²/D)`, are as many as the threshold
/// `min(S, D)`, equation (42) of [`derivations`](crate::derivations).
///
/// To leading order `σ² ∝ D^{1 − (1+α)/max(1, β)}`. Before it the loss follows the exponents
/// without noise, beyond it those of [`exponents_with`](crate::exponents_with); between the two
/// laws lie some decades. 1 if noise rules from the first sample on. `None` if it never does for
/// good, up to 1e300 samples: without noise, and for `β ≥ 1 + α`, where the samples show fewer
/// coordinates than noise leaves. Relative accuracy 1e-8. Cost: some ms.
///
/// # Errors
/// [`TheoryError::Noise`] if negative or not finite.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::noise_crossover;
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// // A power −3 of the noise at α = 1, β = 1.5.
/// let [few, many] = [1e-2, 1e-3].map(|noise| noise_crossover(&model, noise));
/// assert!((many?.unwrap() / few?.unwrap() / 1e3 - 1.0).abs() < 0.01);
/// assert_eq!(noise_crossover(&SparseModel::power_law(1.0, 2.5, 1.0)?, 1e-3)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn noise_crossover(model: &SparseModel, noise: f64) -> Result<Option<f64>, TheoryError> {
    if !(noise >= 0.0 && noise.is_finite()) {
        return Err(TheoryError::Noise(noise));
    }
    if noise == 0.0 {
        return Ok(None);
    }
    let noise_rules = |log_samples: f64| {
        let samples = log_samples.exp();
        let threshold = coverage::seen(model, &CoordinateRule::new(model, samples)).min(samples);
        directions_above(model, noise / samples) < threshold
    };
    if !noise_rules(LIMIT) {
        return Ok(None);
    }
    if noise_rules(0.0) {
        return Ok(Some(1.0));
    }
    let wide = |left: Bracket| left.width() > 1e-9;
    let found =
        bisect_while(Bracket::new(0.0, LIMIT), wide, |log_samples| !noise_rules(log_samples));
    Ok(Some(found.middle().exp()))
}
