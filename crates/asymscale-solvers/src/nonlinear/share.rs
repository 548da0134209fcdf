//! What is lost of a rare coordinate that was seen a given number of times.

use super::dots::place;
use super::pairs::Pairs;
use super::{Nonlinear, check, factor};
use crate::SolverError;
use crate::linear_algebra::dense::zeros;
use crate::linear_algebra::sparse_products::weighted_gram;
use asymscale_model::ModelSize;
use asymscale_sampling::{Design, TestInputs};
use faer::Mat;

/// The share of a rare coordinate's energy that kernel regression loses, with its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LostShare {
    /// The share `ε`.
    pub mean: f64,
    /// Its standard error over test inputs, given the design.
    pub standard_error: f64,
}

/// The share `ε(k)` of the energy of a rare and small coordinate that infinitely many features lose
/// after `k` sightings, exactly: equation (72) of the derivations of asymscale-theory, (S35) of
/// [`derivations`](crate::derivations).
///
/// The `k` samples of the design are what else was active in the samples that showed the
/// coordinate, and the test inputs what else is active where it is asked for: both are drawn from
/// the model of the data. The labels are the coordinate itself, all else being known. Its own
/// amplitudes drop out. Linear features lose nothing from one sighting on; before the first
/// everything is lost.
///
/// The loss on data of many samples is then about `Σ λ_i E ε(k_i)` over the counts of equation (3),
/// where nothing else acts as noise. A ridge of 1e-10 of the diagonal stands for none; that of the
/// learner is not used. Cost: `k³/3`, and `k` times the test inputs.
///
/// # Errors
/// [`SolverError::Scale`], [`SolverError::Weight`], [`SolverError::Inputs`];
/// [`SolverError::Series`] where the kernel has no closed form and a sample is too large; a failed
/// factorisation.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TestInputs};
/// use asymscale_solvers::{Activation, Nonlinear, lost_share};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 64, &mut Key::new(1).stream())?;
/// let inputs = TestInputs::draw(&model, 64, 1000, &mut Key::new(2).stream())?;
/// let lost = |activation| lost_share(&design, &inputs, Nonlinear::new(activation));
/// // ReLU has a linear part; erf must learn that it saturates, with every set of companions.
/// assert!(lost(Activation::Identity)?.mean < 1e-15);
/// assert!(lost(Activation::Relu)?.mean < 1e-4 && lost(Activation::Erf)?.mean > 0.02);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lost_share(
    design: &Design,
    inputs: &TestInputs,
    learner: Nonlinear,
) -> Result<LostShare, SolverError> {
    check(inputs, Nonlinear { ridge: 0.0, ..learner }, &[ModelSize::Infinite])?;
    let mut own = weighted_gram(design, |_| 1.0);
    let sample_norms: Vec<f64> = (0..design.samples()).map(|k| own[(k, k)].sqrt()).collect();
    let norm = |k: usize| inputs.input(k).iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
    let input_norms: Vec<f64> = (0..inputs.count()).map(norm).collect();
    let among = Pairs::of_samples(learner, &sample_norms)?;
    let pairs = among.with_others(&input_norms).derivative();
    let among = among.derivative();
    for j in 0..design.samples() {
        among.replace(&mut own.col_as_slice_mut(j)[j..], j, j);
    }
    let mut weights = Mat::from_fn(design.samples(), 1, |_, _| 1.0);
    factor(own, 0.0)?.solve(weights.as_mut());
    let mut cross = dots(design, inputs);
    let lost = |k: usize| {
        let column = cross.col_as_slice_mut(k);
        pairs.replace(column, 0, k);
        let found: f64 = column.iter().zip(weights.col_as_slice(0)).map(|(k, w)| k * w).sum();
        (1.0 - found).powi(2)
    };
    let shares: Vec<f64> = (0..inputs.count()).map(lost).collect();
    let (mean, standard_error) = inputs.mean(&shares);
    Ok(LostShare { mean, standard_error })
}

/// `x·x′` of samples and test inputs, a column for each input.
fn dots(design: &Design, inputs: &TestInputs) -> Mat<f64> {
    let mut dots = zeros(design.samples(), inputs.count());
    for k in 0..inputs.count() {
        let column = dots.col_as_slice_mut(k);
        for (index, x) in inputs.input(k) {
            let Some(j) = place(design, *index) else { continue };
            let (rows, values) = design.column(j);
            rows.iter().zip(values).for_each(|(row, y)| column[*row as usize] += x * y);
        }
    }
    dots
}
