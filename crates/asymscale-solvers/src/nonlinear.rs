//! Nonlinear random features, and kernel regression at infinitely many: losses as estimates with
//! their errors.
//!
//! The loss is the exact loss of linear features at `N = ∞`, the unseen mass included, plus an
//! **excess** that is never negative: equation (S28) of [`derivations`](crate::derivations). Only
//! the excess needs test inputs. In an orthonormal basis `B` of row space it is the mean of
//! `|B x − (B Xᵀ) h(x)|²` for a learner with predictions `h(x)ᵀy`. Unseen coordinates of `x` enter
//! through `h(x)`, since nonlinear features depend on them.

pub(crate) mod activation;
pub(crate) mod arc_cosine;
pub(crate) mod arc_sine;
pub(crate) mod dots;
pub(crate) mod frame;
pub(crate) mod given;
pub(crate) mod kernel;
pub(crate) mod outputs;
pub(crate) mod pairs;
pub(crate) mod parts;
pub(crate) mod rays;
pub(crate) mod series;
pub(crate) mod share;
pub(crate) mod threshold;

use crate::SolverError;
use crate::linear_algebra::dense::{Cholesky, add_gram, copy, mirror, product, zeros};
use crate::linear_algebra::sparse_products::weighted_gram;
use asymscale_model::{ModelSize, Regression};
use asymscale_numerics::mean;
use asymscale_sampling::{Design, Key, TestInputs};
use faer::{Mat, MatRef};
use frame::Frame;
use outputs::Outputs;
use pairs::Pairs;

pub use activation::Activation;
pub use given::GivenActivation;
pub use parts::ActivationParts;
pub use share::{LostShare, lost_share};
pub use threshold::even_trace;

/// Ridge relative to the diagonal of the kernel matrix that stands for none: samples that show the
/// same coordinate alone are the same equation twice, and rounding errors of a factorisation, some
/// 1e-14, must not decide about them.
const NUMERICAL_RIDGE: f64 = 1e-10;

/// Training samples on which the training error is measured: enough to see whether a learner
/// interpolates.
const TRIED: usize = 64;

/// A learner with features `[s(σ f_j·x) + ℓ g_j·x]/√N`: activation `s`, scale `σ > 0`, a linear
/// path of weight `ℓ`, and ridge `γ ≥ 0` in `θ = argmin |Φθ − y|²/D + γ|θ|²`.
///
/// ```
/// use asymscale_solvers::{Activation, Nonlinear};
/// let erf = Nonlinear::new(Activation::Erf);
/// assert_eq!((erf.scale, erf.ridge, erf.path), (1.0, 0.0, 0.0));
/// let beside = Nonlinear { path: 1.0, ..erf };
/// assert_ne!(beside, erf);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nonlinear {
    /// The activation of its features.
    pub activation: Activation,
    /// Scale `σ` of their weights. Where the activation is homogeneous (identity, `ReLU`, leaky
    /// `ReLU`) a ridgeless learner without a linear path does not depend on it; for the others it
    /// decides how far they are from linear.
    pub scale: f64,
    /// Ridge `γ`; 0 is ridgeless up to 1e-10 of the kernel's diagonal.
    pub ridge: f64,
    /// Weight `ℓ` of a linear path with weights `g_j` of its own, which adds `ℓ² x·x′` to the
    /// kernel; 0 for none. Not the same as [`Activation::IdentityErf`], whose linear part shares
    /// the weights of the other.
    pub path: f64,
}

impl Nonlinear {
    /// Ridgeless, with weights of scale 1 and no linear path.
    pub fn new(activation: Activation) -> Self {
        Self { activation, scale: 1.0, ridge: 0.0, path: 0.0 }
    }
}

/// An estimated population loss on one design, averaged over teachers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NonlinearLoss {
    /// The loss.
    pub mean: f64,
    /// Its standard error over test inputs, given the design and the features.
    pub standard_error: f64,
    /// `tr Σ(I − P)`: the exact part of it, the loss of linear features at `N = ∞`.
    pub linear: f64,
    /// Mean squared training error over 64 samples at most (at `N = ∞` of those that do not repeat
    /// another): 0 to rounding (and the numerical ridge) where the learner interpolates.
    pub training: f64,
}

/// The loss at every model size, on one design: equation (S28) of
/// [`derivations`](crate::derivations), kernel regression for `N = ∞`. Features are nested, the
/// first `N` of one sequence.
///
/// A feature's weight on coordinate `i` is entry `j` of [`asymscale_sampling::feature_column`] with
/// `key`, so a learner is one function of its input. At `N = ∞` without a ridge, samples that
/// repeat another count as one (for `ReLU`, leaky `ReLU` and the identity: all those on one ray),
/// which leaves few of them where data are sparse and amplitudes Rademacher. Cost: `D³/3 + r D²`
/// for `N = ∞` (`D` of those left; some hundred times `D²` and `D` times the inputs more where the
/// kernel is a series) and for `N ≥ D` (and `D² N`), `N² D` for `N < D`; memory `(D + inputs) N`.
///
/// # Errors
/// [`SolverError::Features`], [`SolverError::Scale`], [`SolverError::Weight`],
/// [`SolverError::Regression`], [`SolverError::Inputs`]; [`SolverError::Series`] for `N = ∞` where
/// the kernel has no closed form and the largest sample needs too many terms of its series; failed
/// factorisations.
///
/// ```
/// use asymscale_model::{ModelSize, SparseModel};
/// use asymscale_sampling::{Design, Key, TestInputs};
/// use asymscale_solvers::{Activation, Nonlinear, nonlinear_curve};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 32, &mut Key::new(1).stream())?;
/// let inputs = TestInputs::draw(&model, 32, 200, &mut Key::new(2).stream())?;
/// let relu = Nonlinear::new(Activation::Relu);
/// let loss = nonlinear_curve(&design, &inputs, relu, &[ModelSize::Infinite], &Key::new(3))?[0];
/// assert!(loss.mean > loss.linear && loss.linear >= design.unseen_mass());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn nonlinear_curve(
    design: &Design,
    inputs: &TestInputs,
    learner: Nonlinear,
    features: &[ModelSize],
    key: &Key,
) -> Result<Vec<NonlinearLoss>, SolverError> {
    let mut curves =
        nonlinear_curves(design, inputs, learner, features, std::slice::from_ref(key))?;
    Ok(curves.remove(0))
}

/// As [`nonlinear_curve`], for several draws of features on one design and the same test inputs: a
/// curve for each key, in their order, each in the order of `features`.
///
/// Designs are expensive and features cheap: what depends on the design alone is computed once,
/// kernel regression as well. Losses of two draws share the design and the inputs, so that their
/// spread is that of features alone. Cost: that of one curve, and `N D` inner products of features
/// with samples and the solution at each size for every further key.
///
/// # Errors
/// As [`nonlinear_curve`].
///
/// ```
/// use asymscale_model::{ModelSize, SparseModel};
/// use asymscale_sampling::{Design, Key, TestInputs};
/// use asymscale_solvers::{Activation, Nonlinear, nonlinear_curve, nonlinear_curves};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 32, &mut Key::new(1).stream())?;
/// let inputs = TestInputs::draw(&model, 32, 200, &mut Key::new(2).stream())?;
/// let (relu, sizes) = (Nonlinear::new(Activation::Relu), [ModelSize::Finite(4)]);
/// let keys = [Key::new(3), Key::new(4)];
/// let curves = nonlinear_curves(&design, &inputs, relu, &sizes, &keys)?;
/// assert_eq!(curves[1], nonlinear_curve(&design, &inputs, relu, &sizes, &keys[1])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn nonlinear_curves(
    design: &Design,
    inputs: &TestInputs,
    learner: Nonlinear,
    features: &[ModelSize],
    keys: &[Key],
) -> Result<Vec<Vec<NonlinearLoss>>, SolverError> {
    let largest = check(inputs, learner, features)?;
    let is_kernel = features.contains(&ModelSize::Infinite);
    let distinct = is_kernel.then(|| rays::without_repeats(design, learner)).flatten();
    // Drawn features need all samples, a kernel only those that do not repeat another.
    let whole =
        (largest > 0 || distinct.is_none()).then(|| Frame::new(design, inputs)).transpose()?;
    let own = distinct.as_ref().map(|distinct| Frame::new(distinct, inputs)).transpose()?;
    let ridge = learner.ridge * design.samples() as f64;
    let kernel = own.as_ref().or(whole.as_ref()).filter(|_| is_kernel);
    let samples = distinct.as_ref().unwrap_or(design);
    let infinite =
        kernel.map(|frame| regression(frame, samples, inputs, learner, ridge)).transpose()?;
    let curve = |key: &Key| {
        let outputs = (largest > 0).then(|| Outputs::draw(design, inputs, learner, largest, key));
        let drawn = whole.as_ref().zip(outputs.as_ref());
        let one = |size: &ModelSize| match size {
            ModelSize::Finite(count) => drawn.map(|(frame, outputs)| {
                let (samples, tests) = outputs.first(*count);
                let weights = trained(frame, samples, ridge * *count as f64)?;
                Ok(judged(frame, inputs, weights.as_ref(), samples, tests))
            }),
            ModelSize::Infinite => infinite.map(Ok),
        };
        features.iter().filter_map(one).collect()
    };
    keys.iter().map(curve).collect()
}

/// The largest finite size, 0 if there is none.
fn check(
    inputs: &TestInputs,
    learner: Nonlinear,
    features: &[ModelSize],
) -> Result<usize, SolverError> {
    Regression::new(learner.ridge, 0.0)?;
    if !(learner.scale > 0.0 && learner.scale.is_finite()) {
        return Err(SolverError::Scale(learner.scale));
    }
    for weight in learner.activation.weight().into_iter().chain([learner.path]) {
        if !weight.is_finite() {
            return Err(SolverError::Weight(weight));
        }
    }
    if inputs.count() < 4 {
        return Err(SolverError::Inputs(inputs.count()));
    }
    let mut largest = 0;
    for size in features {
        match size {
            ModelSize::Finite(0) => return Err(SolverError::Features(0.0)),
            ModelSize::Finite(count) => largest = largest.max(*count),
            ModelSize::Infinite => {}
        }
    }
    Ok(largest)
}

/// Kernel regression: `(B Xᵀ) (K + γD)⁻¹ k(x)`. Inner products are taken of sparse columns, or in
/// the basis where that is shorter.
fn regression(
    frame: &Frame,
    design: &Design,
    inputs: &TestInputs,
    learner: Nonlinear,
    ridge: f64,
) -> Result<NonlinearLoss, SolverError> {
    let norms = &frame.sample_norms;
    let (mut gram, mut cross) = if dots::frequent(design) < frame.samples.nrows() {
        (weighted_gram(design, |_| 1.0), dots::cross(design, inputs))
    } else {
        let mut gram = zeros(norms.len(), norms.len());
        add_gram(gram.as_mut(), frame.samples.transpose());
        (gram, product(frame.samples.transpose(), frame.targets.as_ref()))
    };
    let among = Pairs::of_samples(learner, norms)?;
    for j in 0..norms.len() {
        among.replace(&mut gram.col_as_slice_mut(j)[j..], j, j);
    }
    let tried = first_columns(&gram, TRIED);
    let pairs = among.with_others(&frame.input_norms);
    for j in 0..frame.input_norms.len() {
        pairs.replace(cross.col_as_slice_mut(j), 0, j);
    }
    let mut dual = frame.samples.transpose().to_owned();
    factor(gram, ridge)?.solve(dual.as_mut());
    Ok(judged(frame, inputs, dual.transpose(), tried.as_ref(), cross.as_ref()))
}

/// The first columns of a symmetric matrix that is given by its lower triangle.
fn first_columns(lower: &Mat<f64>, count: usize) -> Mat<f64> {
    let mut columns = copy(lower.as_ref().subcols(0, count.min(lower.ncols())));
    mirror(&mut columns);
    columns
}

/// Output weights of a learner of `N` features, a row for each direction of row space: on the
/// smaller Gram side.
fn trained(frame: &Frame, samples: MatRef<'_, f64>, ridge: f64) -> Result<Mat<f64>, SolverError> {
    let size = samples.nrows().min(samples.ncols());
    let mut gram = zeros(size, size);
    if samples.nrows() >= samples.ncols() {
        add_gram(gram.as_mut(), samples.transpose());
        let mut dual = frame.samples.transpose().to_owned();
        factor(gram, ridge)?.solve(dual.as_mut());
        return Ok(product(dual.transpose(), samples.transpose()));
    }
    add_gram(gram.as_mut(), samples);
    let mut weights = product(samples, frame.samples.transpose());
    factor(gram, ridge)?.solve(weights.as_mut());
    Ok(weights.transpose().to_owned())
}

/// Factors `G + γ + 1e-10 diag G`, given by its lower triangle; a row of zeros (a sample without an
/// active coordinate) teaches nothing.
fn factor(mut gram: Mat<f64>, ridge: f64) -> Result<Cholesky, SolverError> {
    let size = gram.nrows();
    for k in 0..size {
        let own = gram[(k, k)];
        gram[(k, k)] = if own > 0.0 { own * (1.0 + NUMERICAL_RIDGE) + ridge } else { 1.0 };
    }
    Cholesky::new(gram).ok_or(SolverError::NotPositive { size })
}

/// The loss (S28) of a learner from its output weights, a row for each direction of row space, and
/// its features for samples and test inputs.
fn judged(
    frame: &Frame,
    inputs: &TestInputs,
    weights: MatRef<'_, f64>,
    samples: MatRef<'_, f64>,
    tests: MatRef<'_, f64>,
) -> NonlinearLoss {
    let excess = distances(&frame.targets, &product(weights, tests));
    let errors = distances(
        &frame.samples,
        &product(weights, samples.subcols(0, samples.ncols().min(TRIED))),
    );
    let training = mean(&errors);
    let (mean, standard_error) = inputs.mean(&excess);
    NonlinearLoss { mean: frame.residual + mean, standard_error, linear: frame.residual, training }
}

/// Squared distances between the columns of `b` and the first columns of `a`.
fn distances(a: &Mat<f64>, b: &Mat<f64>) -> Vec<f64> {
    let distance = |k: usize| {
        a.col_as_slice(k).iter().zip(b.col_as_slice(k)).map(|(x, y)| (x - y).powi(2)).sum()
    };
    (0..b.ncols()).map(distance).collect()
}
