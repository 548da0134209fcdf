//! Stochastic gradient descent: a batch of samples a step.

use crate::DynamicsError;
use crate::dense::product;
use crate::error::check_rate;
use crate::iterates::record;
use crate::learner::{Learner, apply, weights_of, with_unseen_energy};
use asymscale_sampling::sparse::SampleRows;
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::Curve;
use faer::{Mat, MatRef, Scale};
use rand::{Rng, RngExt};

/// The population loss after each of `steps` steps of stochastic gradient descent, for each teacher
/// (which all see the same batches).
///
/// `θ_0 = 0`, `θ_{t+1} = θ_t + (η/B) Φ_Bᵀ(y_B − Φ_B θ_t)`: a step sees `batch = B` of the `D`
/// samples, drawn without replacement and anew each step, all subsets alike. For `B = D` it is
/// [`crate::descend`], to rounding. The loss is exact at every recorded step, as there; noiseless
/// labels leave a learner that can interpolate without noise in the end. In the mean over batches
/// `θ` moves as full-batch descent does; its spread makes it diverge earlier: to be sure, `η` must
/// be below 2 over the largest eigenvalue of any batch's Gram matrix over `B`.
///
/// Cost: `2 B N` multiplications a step and teacher (`2 nonzeros` of the batch in the coordinates),
/// `seen · N` a recorded one.
///
/// # Errors
/// [`DynamicsError::Rate`] unless positive and finite, [`DynamicsError::Batch`] outside `1..=D`.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_dynamics::{Learner, descend_stochastic};
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let key = Key::new(1);
/// let design = Design::sample(&model, 64, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let mut batches = key.label("batches").stream();
/// let curve = descend_stochastic(&design, &teachers, Learner::Coordinates, 0.05, 8, &[0, 1000], &mut batches)?;
/// assert!(curve.teacher_means()[1] < curve.teacher_means()[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn descend_stochastic<R: Rng + ?Sized>(
    design: &Design,
    teachers: &Teachers,
    learner: Learner<'_>,
    rate: f64,
    batch: usize,
    steps: &[u64],
    rng: &mut R,
) -> Result<Curve, DynamicsError> {
    check_rate(rate)?;
    let samples = design.samples();
    if !(1..=samples).contains(&batch) {
        return Err(DynamicsError::Batch { batch, samples });
    }
    let weights = weights_of(design, teachers);
    let labels = apply(design, weights.as_ref());
    let rows = Rows::of(design, learner);
    let mut order: Vec<usize> = (0..samples).collect();
    let advance = |theta: &mut Mat<f64>| {
        shuffle_first(&mut order, batch, rng);
        let gradient = rows.gradient(&order[..batch], labels.as_ref(), theta.as_ref());
        *theta += gradient * Scale(rate / batch as f64);
    };
    let losses = record(design, weights.as_ref(), learner, steps, advance);
    Ok(with_unseen_energy(design, teachers, losses))
}

/// The first `count` steps of a Fisher–Yates shuffle: a uniform subset, whatever the order before.
fn shuffle_first<R: Rng + ?Sized>(order: &mut [usize], count: usize, rng: &mut R) {
    for k in 0..count {
        let other = rng.random_range(k..order.len());
        order.swap(k, other);
    }
}

/// The rows of `Φ`.
enum Rows<'a> {
    /// By non-zeros: a parameter is a coordinate.
    Sparse(SampleRows),
    /// `Φ` itself.
    Dense(MatRef<'a, f64>),
}

impl<'a> Rows<'a> {
    fn of(design: &Design, learner: Learner<'a>) -> Self {
        if let Learner::Features(map) = learner {
            return Self::Dense(map.outputs());
        }
        Self::Sparse(SampleRows::of(design))
    }

    /// `Φ_Bᵀ(y_B − Φ_Bθ)`.
    fn gradient(
        &self,
        batch: &[usize],
        labels: MatRef<'_, f64>,
        theta: MatRef<'_, f64>,
    ) -> Mat<f64> {
        match self {
            Self::Dense(outputs) => {
                let chosen =
                    Mat::from_fn(batch.len(), outputs.ncols(), |k, j| outputs[(batch[k], j)]);
                let mut residuals = product(chosen.as_ref(), theta);
                for (k, row) in batch.iter().enumerate() {
                    (0..theta.ncols())
                        .for_each(|t| residuals[(k, t)] = labels[(*row, t)] - residuals[(k, t)]);
                }
                product(chosen.transpose(), residuals.as_ref())
            }
            Self::Sparse(rows) => {
                let mut gradient = Mat::zeros(theta.nrows(), theta.ncols());
                for (row, t) in
                    batch.iter().flat_map(|row| (0..theta.ncols()).map(move |t| (*row, t)))
                {
                    let entries = || rows.sample(row).iter().map(|(j, x)| (*j as usize, *x));
                    let fitted: f64 = entries().map(|(j, x)| x * theta[(j, t)]).sum();
                    let residual = labels[(row, t)] - fitted;
                    entries().for_each(|(j, x)| gradient[(j, t)] += x * residual);
                }
                gradient
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sampling::Key;

    /// `n` = 60 000 batches of 2 out of 4, seed 4: six subsets, χ² with 5 degrees of freedom, α =
    /// 1e-4.
    #[test]
    fn all_batches_are_alike() {
        let (mut order, mut counts) = ([0, 1, 2, 3], [0_f64; 16]);
        let mut rng = Key::new(4).stream();
        for _ in 0..60_000 {
            shuffle_first(&mut order, 2, &mut rng);
            counts[(1 << order[0]) | (1 << order[1])] += 1.0;
        }
        let drawn = counts.iter().filter(|count| **count > 0.0);
        assert_eq!(drawn.clone().count(), 6);
        let chi: f64 = drawn.map(|count| (count - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 25.7, "{chi}");
    }
}
