//! Scaling exponents, and the number of samples at which the asymmetry sets in.

use crate::{coordinates::CoordinateRule, coverage, root::increasing_root};
use asymscale_model::{Activity, SparseModel};
use serde::Serialize;

/// The exponents of the power laws of the loss and of its threshold; all positive, dimensionless.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Exponents {
    /// `L ∝ N^{−features}` at `D = ∞`: `α`.
    pub features: f64,
    /// `L ∝ D^{−samples}` at `N = ∞`: `α / max(1, β)`.
    pub samples: f64,
    /// `features − samples = α (1 − 1/max(1, β))`, set by the sparsity alone.
    pub gap: f64,
    /// The threshold grows as `D^threshold`: `1 / max(1, β)`.
    pub threshold: f64,
    /// `L ∝ C^{−compute}` along the compute-optimal frontier at `C = N·D`: `α / (1 + max(1, β))`.
    pub compute: f64,
}

/// The exponents of a model; `None` for a table of activities, which has no law to scale by.
///
/// They describe `M = ∞`; with finitely many coordinates they hold while `N` and the threshold are
/// small against `M`. With `β = 1` exactly, `L ∝ D^{−α}` still holds, with a prefactor of its own.
///
/// ```
/// use asymscale_model::SparseModel;
/// let law = asymscale_theory::exponents(&SparseModel::power_law(1.0, 2.0, 20.0)?).unwrap();
/// assert_eq!((law.features, law.samples, law.gap), (1.0, 0.5, 0.5));
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn exponents(model: &SparseModel) -> Option<Exponents> {
    let beta: f64 = match model.activity_law() {
        Activity::PowerLaw { beta, .. } | Activity::OneHot { beta } => *beta,
        Activity::Uniform { .. } => 0.0,
        _ => return None,
    };
    let (alpha, sparsity) = (model.spectrum().alpha(), beta.max(1.0));
    Some(Exponents {
        features: alpha,
        samples: alpha / sparsity,
        gap: alpha * (1.0 - 1.0 / sparsity),
        threshold: 1.0 / sparsity,
        compute: alpha / (1.0 + sparsity),
    })
}

/// The crossover `D×`: the number of samples at which as many coordinates are seen, `S(D) = D`.
///
/// Fewer samples than that run out before the coordinates they show do, and the loss is symmetric in
/// `N` and `D`; with more the unseen mass takes over. `None` where more coordinates than samples are
/// seen at every `D` up to 1e300: `M = ∞` with `β ≤ 1`, or β barely above 1. One-hot activity never
/// shows more coordinates than samples: 1. For large results
/// `D× ≈ (Γ(1 − 1/β) c)^{β/(β−1)}`. Relative accuracy 1e-8. Cost: some ms.
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
    let limit = 300.0 * std::f64::consts::LN_10;
    if excess(limit) <= 0.0 {
        return None;
    }
    let mut root = 0.0;
    let step = increasing_root(
        0.0,
        (0.0, limit),
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
