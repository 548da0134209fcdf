//! The loss given the features, equation (S3) of [`derivations`](crate::derivations): the reference
//! of this crate.

pub(crate) mod features;
pub(crate) mod graded;
pub(crate) mod loss;

use crate::design_reduction::reduced::Reduced;
use crate::drawn_features::sizes::Sizes;
use crate::linear_algebra::graded::is_graded;
use crate::{Curve, Regression, SolverError, linear_algebra::nested};
use asymscale_sampling::{Design, Key, Teachers};
use features::Features;

/// Losses at several model sizes for each teacher, given design, features and label noise.
///
/// Feature `k` is the same for all model sizes: those of `N` are the first `N`, scaled by `1/√N`.
/// Their weights on seen coordinates come from [`asymscale_sampling::feature_column`] with
/// `key.label("features")`, the label noise from the stream of `key.label("noise")`, a standard
/// normal for each sample, teacher by teacher. Coordinates that no sample activates need no
/// features: given `θ` they add `Σ λ_i (1 + |θ|²/N)` in expectation over their features and teacher
/// (equation (S3) of [`derivations`](crate::derivations)), and the infinite tail is part of that
/// sum. So the loss is exact, conditional on everything drawn, and never estimated with a test
/// sample. The irreducible noise variance is not part of it.
///
/// `features`: model sizes `N ≥ 1`, in any order; an empty list gives an empty curve. At
/// `N = rank X` the loss of a draw is finite, though its mean is not.
///
/// Accuracy: relative 1e-8 or better away from `|N − r| ≤ 1`, over any number of decades of
/// singular values of `X`: where the loss would be lost in rounding, the error of the learner is
/// refined until it settles.
///
/// Cost, `S` seen coordinates, `K` sizes up to `N`, `r = rank X`: `S N` normal draws,
/// `nonzeros · N` for `Φ`, one QR factorisation of size `r` for all sizes up to `r`, `r² N` for
/// Gram matrices and `r³/3` for each size above, and `S · teachers · Σ N` for the losses. Memory:
/// `8 S N` bytes. With ridge, each size costs its own Cholesky factorisation of size `min(N, r)`.
///
/// # Errors
/// [`SolverError::Features`] for a size of 0;
/// [`SolverError::Memory`] if the row space of the design takes more than 8 GiB;
/// [`SolverError::Precision`] if rounding hides the loss.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// use asymscale_solvers::{Regression, explicit_curve};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?; // infinitely many coordinates
/// let key = Key::new(1);
/// let design = Design::sample(&model, 64, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let curve = explicit_curve(&design, &teachers, &[4, 400], Regression::default(), &key)?;
/// // What no sample has shown, no model size can learn.
/// assert!(curve.losses[1].iter().all(|loss| *loss > design.unseen_mass()));
/// assert!(curve.teacher_means()[1] < curve.teacher_means()[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explicit_curve(
    design: &Design,
    teachers: &Teachers,
    features: &[usize],
    regression: Regression,
    key: &Key,
) -> Result<Curve, SolverError> {
    let sizes = Sizes::new(features)?;
    if is_graded(design, regression.noise() > 0.0) {
        return graded::curve(design, teachers, &sizes, regression, key);
    }
    let reduced = Reduced::of(design)?;
    let labels = reduced.labels(design, teachers, regression.noise(), &key.label("noise"));
    let drawn = Features::draw(design, &reduced, sizes.largest(), &key.label("features"));
    // With θ = √N θ′ the scale 1/√N leaves Φθ = (X Gᵀ)θ′, and the ridge becomes γ N D.
    let shift = regression.ridge() * design.samples() as f64;
    let solutions = nested::solve(drawn.outputs(), labels.as_ref(), &sizes.sorted, shift);
    let losses = loss::losses(design, teachers, &drawn, &sizes.sorted, &solutions);
    Ok(sizes.curve(&losses, teachers.count()))
}
