//! The loss of teachers whose weights differ from coordinate to coordinate, given the design and
//! averaged over features: section 15 of the derivations of `asymscale-theory`.

use super::averaged::check_size;
use super::{DesignSpectrum, check_memory, decompose};
use crate::design_reduction::projection::{Projection, TILE};
use crate::design_reduction::reduced::Reduced;
use crate::linear_algebra::dense::{add_product, zeros};
use crate::{Regression, SolverError};
use asymscale_sampling::{Design, TargetEnergies};
use faer::Mat;

/// A decomposition of a design, and how a teacher of its own lies in it.
///
/// With `v_k` the eigenvectors of `Σ̂` and `q_k = s_k/(s_k + κ)`, the loss averaged over features
/// and independent weights of variances `τ` is
///
/// ```text
/// tr τΣ − 2 Σ q_k v_kᵀτΣv_k + Σ q_k q_l (v_kᵀτv_l)(v_kᵀΣv_l)
///     + κ² tr Σ(Σ̂+κ)⁻² · Σ q_k² v_kᵀτv_k/(N − df₂)
/// ```
///
/// Without ridge the second part has the factor `(r − N)/(r − N − 1)` below the rank, as in
/// [`DesignSpectrum::averaged_loss`], and past it `N − r − 1` in the place of `N − df₂`.
///
/// Cost: `r² · seen` operations and `3 r²` numbers more than [`DesignSpectrum`]; `r²` operations a
/// loss. The bias is a difference of sums, right to rounding of the variance of the labels and not
/// of itself.
///
/// ```
/// use asymscale_model::{SparseModel, Teacher};
/// use asymscale_sampling::{Design, Key, TargetEnergies};
/// use asymscale_solvers::{Regression, TeacherSpectrum};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?.with_teacher(Teacher::power_law(3.0)?)?;
/// let design = Design::sample(&model, 100, &mut Key::new(1).stream())?;
/// let energies = TargetEnergies::of(&model, &design);
/// let spectrum = TeacherSpectrum::new(&design, &energies)?;
/// // Infinitely many features leave what is unseen, and what coordinates hide of each other.
/// let loss = spectrum.averaged_loss(f64::INFINITY, Regression::default())?;
/// assert!(loss >= energies.unseen && loss < 2.0 * energies.unseen);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TeacherSpectrum {
    spectrum: DesignSpectrum,
    /// `tr τΣ` over seen coordinates.
    seen_energy: f64,
    unseen_energy: f64,
    /// `v_kᵀτΣv_k`.
    mixed: Vec<f64>,
    /// `v_kᵀτv_k`.
    energies: Vec<f64>,
    /// `(v_kᵀτv_l)(v_kᵀΣv_l)`.
    products: Mat<f64>,
}

impl TeacherSpectrum {
    /// Decomposes a design for a teacher with these energies.
    ///
    /// # Errors
    /// As [`DesignSpectrum::new`]; [`SolverError::Teachers`] unless there is an energy for every
    /// seen coordinate.
    pub fn new(design: &Design, teacher: &TargetEnergies) -> Result<Self, SolverError> {
        if teacher.weights.len() != design.seen() {
            return Err(SolverError::Teachers {
                energies: teacher.weights.len(),
                seen: design.seen(),
            });
        }
        let size = design.samples().min(design.seen());
        let dense = design.samples().saturating_mul(design.seen());
        check_memory(design, size.saturating_mul(size).saturating_mul(8).saturating_add(dense))?;
        let reduced = Reduced::of(design)?;
        let (squares, left) = decompose(&reduced)?;
        let rank = reduced.rank();
        let whitened = Mat::from_fn(rank, rank, |k, row| left[(row, k)] / squares[k].sqrt());
        let Projection { weights, residual } = Projection::new(design, &reduced, &whitened);
        let spectrum = DesignSpectrum::of(design, &squares, weights, residual)?;
        let lambda = design.eigenvalues();
        let (mut variance, mut energy) = (zeros(rank, rank), zeros(rank, rank));
        let mut mixed = vec![0.0; rank];
        for first in (0..reduced.seen()).step_by(TILE).rev() {
            let tile = first..reduced.seen().min(first + TILE);
            let plain = reduced.pull_back(&whitened, tile.clone());
            let scaled = |factors: &[f64]| {
                Mat::from_fn(rank, plain.ncols(), |k, j| plain[(k, j)] * factors[first + j])
            };
            let [by_variance, by_energy] = [scaled(lambda), scaled(&teacher.weights)];
            add_product(variance.as_mut(), plain.as_ref(), by_variance.transpose(), 1.0);
            add_product(energy.as_mut(), plain.as_ref(), by_energy.transpose(), 1.0);
            for j in 0..plain.ncols() {
                for (k, sum) in mixed.iter_mut().enumerate() {
                    *sum += by_variance[(k, j)] * by_energy[(k, j)];
                }
            }
        }
        let energies = (0..rank).map(|k| energy[(k, k)]).collect();
        let products = Mat::from_fn(rank, rank, |k, l| variance[(k, l)] * energy[(k, l)]);
        let seen_energy = lambda.iter().zip(&teacher.weights).rev().map(|(v, t)| v * t).sum();
        let unseen_energy = teacher.unseen;
        Ok(Self { spectrum, seen_energy, unseen_energy, mixed, energies, products })
    }

    /// The decomposition, which knows no teacher.
    pub fn spectrum(&self) -> &DesignSpectrum {
        &self.spectrum
    }

    /// The loss at `N = features ≥ 1`, infinite allowed, averaged over features, the weights of the
    /// teacher and label noise, as [`DesignSpectrum::averaged_loss`] is over iid weights: exact
    /// without ridge for `N > r + 1`, elsewhere the deterministic equivalent.
    ///
    /// # Errors
    /// As [`DesignSpectrum::averaged_loss`].
    pub fn averaged_loss(&self, features: f64, regression: Regression) -> Result<f64, SolverError> {
        check_size(features)?;
        let (ridge, noise) = (regression.ridge(), regression.noise());
        let noiseless = self.spectrum.mean_loss(features, (ridge, 0.0))?;
        if noiseless == f64::INFINITY {
            return Ok(noiseless);
        }
        let noisy = if noise > 0.0 {
            self.spectrum.averaged_loss(features, regression)? - noiseless
        } else {
            0.0
        };
        let kappa = self.spectrum.kappa(features, ridge);
        let kept: Vec<f64> = self.spectrum.eigenvalues().iter().map(|s| s / (s + kappa)).collect();
        let learned: f64 = self.energies.iter().zip(&kept).map(|(b, q)| b * q * q).sum();
        // The part that iid weights add through finitely many features is this times df₂.
        let traces = self.spectrum.traces(kappa);
        let share = if traces.df2 > 0.0 { learned / traces.df2 } else { 0.0 };
        let through_features = (noiseless - traces.lost).max(0.0) * share;
        Ok(self.bias(&kept) + through_features + noisy)
    }

    /// Losses at many model sizes; see [`TeacherSpectrum::averaged_loss`].
    ///
    /// # Errors
    /// As there.
    pub fn averaged_curve(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<f64>, SolverError> {
        features.iter().map(|n| self.averaged_loss(*n, regression)).collect()
    }

    /// `κ² E wᵀRΣRw`, unseen coordinates included.
    fn bias(&self, kept: &[f64]) -> f64 {
        let once: f64 = self.mixed.iter().zip(kept).map(|(m, q)| m * q).sum();
        let twice: f64 = kept
            .iter()
            .enumerate()
            .map(|(l, q)| {
                let column = self.products.col_as_slice(l);
                q * column.iter().zip(kept).map(|(p, q)| p * q).sum::<f64>()
            })
            .sum();
        self.unseen_energy + (self.seen_energy - 2.0 * once + twice).max(0.0)
    }
}
