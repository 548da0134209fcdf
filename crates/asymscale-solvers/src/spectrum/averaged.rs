//! The loss averaged over features and teachers, given the design: the deterministic equivalent,
//! equations (S10) and (S11) of [`derivations`](crate::derivations).

use crate::{DesignSpectrum, Regression, SolverError};
use asymscale_numerics::{Bracket, newton_in_bracket};

/// Where the derivative of `df₁` along `ln κ` is less than this share of `N`, rounding of `df₁`
/// would change `κ`.
const FLAT: f64 = 1e-6;

impl DesignSpectrum {
    /// Losses at many model sizes; see [`DesignSpectrum::averaged_loss`].
    ///
    /// # Errors
    /// As [`DesignSpectrum::averaged_loss`].
    pub fn averaged_curve(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<f64>, SolverError> {
        features.iter().map(|n| self.averaged_loss(*n, regression)).collect()
    }

    /// The loss at `N = features ≥ 1` averaged over features, teachers and label noise. `N` need
    /// not be whole and may be infinite.
    ///
    /// Without ridge and for `N > r` it is exact ([`DesignSpectrum::exact_overparameterized`]).
    /// Otherwise it is the deterministic equivalent of a Gaussian random projection, equation (S10)
    /// of [`derivations`](crate::derivations): with `df₁(κ) = tr Σ̂(Σ̂+κ)⁻¹`,
    /// `df₂(κ) = tr Σ̂²(Σ̂+κ)⁻²` and `κ` the root of `κ (1 − df₁(κ)/N) = γ`,
    ///
    /// ```text
    /// L = κ² tr Σ(Σ̂+κ)⁻² / (1 − df₂/N)
    ///     + (σ²/D) [tr ΣΣ̂(Σ̂+κ)⁻² + κ² tr Σ(Σ̂+κ)⁻² · tr Σ̂(Σ̂+κ)⁻² / (N − df₂)]
    /// ```
    ///
    /// See F. Bach, *SIAM J. Math. Data Sci.* 6 (2024) 26 (doi:10.1137/23M1558781) for the same
    /// formulas with `Σ̂` for a population. Every term is positive and nothing cancels as `γ → 0`.
    ///
    /// Without ridge and for `N < r` the part that diverges at the pole `N = r` is multiplied by
    /// `(r − N)/(r − N − 1)`, as it is in the mean of an inverse Wishart matrix of finite size.
    /// Where `|N − r| ≤ 1` the mean over features does not exist: the result is `+∞`.
    ///
    /// Accuracy against simulated means at `D = 60`, `N` from `r/2` to `r − 4` and above `r`: 0.5 %
    /// without ridge and 1.5 % at `γ = 0.01` where each sample has many active coordinates
    /// (`r = 60`); 4 % where few are (`r = 35`), 6 % with strong label noise. It is low by 2–5 %
    /// for a handful of features (`N < r/4`), high by 8 % at `N = r − 2`, and improves as `1/r`.
    /// Rounding: 1e-10. Cost: `O(r)` a Newton step, of which a handful are needed.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// use asymscale_solvers::{DesignSpectrum, Regression};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let design = Design::sample(&model, 256, &mut Key::new(1).stream())?;
    /// let spectrum = DesignSpectrum::new(&design)?;
    /// let loss = |features| spectrum.averaged_loss(features, Regression::default());
    /// // Double descent: the peak is at the rank of the design, not at its number of samples.
    /// let rank = spectrum.rank() as f64;
    /// assert!(rank < 256.0 && loss(rank)? == f64::INFINITY);
    /// assert!(loss(rank - 3.0)? > loss(rank / 2.0)? && loss(rank + 3.0)? > loss(2.0 * rank)?);
    /// assert_eq!(loss(f64::INFINITY)?, spectrum.residual_mass());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn averaged_loss(&self, features: f64, regression: Regression) -> Result<f64, SolverError> {
        check_size(features)?;
        self.check_noise(regression.noise())?;
        self.mean_loss(features, (regression.ridge(), regression.noise()))
    }

    /// As [`DesignSpectrum::averaged_loss`], for ridge and noise that need not be in the range of a
    /// [`Regression`].
    pub(crate) fn mean_loss(
        &self,
        features: f64,
        (ridge, noise): (f64, f64),
    ) -> Result<f64, SolverError> {
        let below_rank = self.rank() as f64 - features;
        if ridge == 0.0 && below_rank < 0.0 {
            return self.exact_overparameterized(features, noise);
        }
        if ridge == 0.0 && below_rank <= 1.0 {
            return Ok(f64::INFINITY);
        }
        Ok(self.equivalent(features, (ridge, noise), self.kappa(features, ridge)))
    }

    /// The equivalent from its `κ`; without ridge for `N < r − 1` only.
    pub(crate) fn equivalent(&self, features: f64, (ridge, noise): (f64, f64), kappa: f64) -> f64 {
        let below_rank = self.rank() as f64 - features;
        let pole = if ridge == 0.0 { below_rank / (below_rank - 1.0) } else { 1.0 };
        self.traces(kappa).loss(features, ridge, noise / self.samples(), pole)
    }

    /// The root `κ ≥ 0` of `κ (1 − df₁(κ)/N) = γ`; 0 if there is no ridge and `N ≥ r`.
    ///
    /// Solved as `1 − df₁/N − γ/κ = 0`, which increases in `ln κ`, by Newton's method kept inside a
    /// bracket: `γ ≤ κ ≤ γ + tr Σ̂/N`, and without ridge `κ ≥ s₁ (r/N − 1)`.
    pub(crate) fn kappa(&self, features: f64, ridge: f64) -> f64 {
        let s = self.eigenvalues();
        let rank = self.rank() as f64;
        if features == f64::INFINITY || s.is_empty() || ridge == 0.0 && features >= rank {
            return ridge;
        }
        let least = s[0] * (rank / features - 1.0);
        let most = ridge + s.iter().sum::<f64>() / features;
        let bracket = Bracket::new(ridge.max(least).ln(), most.ln());
        newton_in_bracket(bracket, |x| self.excess(x.exp(), features, ridge)).exp()
    }

    /// `1 − df₁/N − γ/κ` and its derivative along `ln κ`.
    fn excess(&self, kappa: f64, features: f64, ridge: f64) -> (f64, f64) {
        let (mut df1, mut slope) = (0.0, 0.0);
        for s in self.eigenvalues() {
            let learned = s / (s + kappa);
            df1 += learned;
            slope += learned * (kappa / (s + kappa));
        }
        let slope = slope / features + ridge / kappa;
        if slope < FLAT {
            return (self.excess_in_gap(kappa, features) - ridge / kappa, slope);
        }
        (1.0 - df1 / features - ridge / kappa, slope)
    }

    /// `1 − df₁/N` where `κ` is far from all eigenvalues. Eigenvalues above it count one each;
    /// small are what these lack of one and what eigenvalues below `κ` add.
    fn excess_in_gap(&self, kappa: f64, features: f64) -> f64 {
        let s = self.eigenvalues();
        let (below, above) = s.split_at(s.partition_point(|s| *s <= kappa));
        let added: f64 = below.iter().map(|s| s / (s + kappa)).sum();
        let lacking: f64 = above.iter().map(|s| kappa / (s + kappa)).sum();
        (features - above.len() as f64 + (lacking - added)) / features
    }

    pub(crate) fn traces(&self, kappa: f64) -> Traces {
        let mut traces = Traces {
            kappa,
            gap: 0.0,
            df2: 0.0,
            lost: self.residual_mass(),
            learned: 0.0,
            spread: 0.0,
        };
        for (s, b) in self.eigenvalues().iter().zip(self.weights()) {
            let (lost, kept) = (kappa / (s + kappa), s / (s + kappa));
            traces.gap += lost * kept;
            traces.df2 += kept * kept;
            traces.lost += b * lost * lost;
            traces.learned += b * kept / (s + kappa);
            traces.spread += kept / (s + kappa);
        }
        traces
    }
}

/// The traces of equation (S10) at one `κ`.
#[derive(Debug)]
pub(crate) struct Traces {
    pub(crate) kappa: f64,
    /// `df₁ − df₂ = κ tr Σ̂(Σ̂+κ)⁻²`.
    pub(crate) gap: f64,
    pub(crate) df2: f64,
    /// `κ² tr Σ(Σ̂+κ)⁻²`.
    pub(crate) lost: f64,
    /// `tr ΣΣ̂(Σ̂+κ)⁻²`.
    pub(crate) learned: f64,
    /// `tr Σ̂(Σ̂+κ)⁻²`.
    pub(crate) spread: f64,
}

impl Traces {
    /// The loss (S10), where the part that diverges at the threshold is multiplied by `pole`;
    /// `noise` is `σ²/D`.
    pub(crate) fn loss(&self, features: f64, ridge: f64, noise: f64, pole: f64) -> f64 {
        // Equation (S11): 1 − df₂/N = (1 − df₁/N) + (df₁ − df₂)/N, and the first part is γ/κ.
        let rest = if ridge == 0.0 { 0.0 } else { ridge / self.kappa } + self.gap / features;
        let amplified = self.lost * pole / (rest * features);
        self.lost + amplified * self.df2 + noise * (self.learned + amplified * self.spread)
    }
}

/// Refuses NaN as well.
pub(crate) fn check_size(features: f64) -> Result<(), SolverError> {
    if features >= 1.0 { Ok(()) } else { Err(SolverError::Features(features)) }
}
