//! The error of theory at a finite size, as theory itself estimates it: equations (58) to (62) and
//! (90) of [`derivations`](crate::derivations).

use super::{Margins, SampleTheory, loss::regression, solved::Solved};
use crate::{CorrectedLoss, Regression, TheoryError};
use asymscale_model::Amplitude;

/// What uneven leverage, `q` of equation (62), adds to the relative error of the part of the loss
/// due to label noise: `0.15 q + 0.06 q²`. This and the three after it were chosen by hand, from
/// above, on random models of other seeds than those that `tests/stated.rs` and
/// `examples/stated.rs` of `asymscale-montecarlo` ask.
const UNEVEN_NOISE: (f64, f64) = (0.15, 0.06);
/// What it adds to the error of the rest, per unit, with fewer features than the rank.
const UNEVEN_FEW: f64 = 1.0;
/// The same with more, where samples are fewer than seen coordinates, and the `q` up to which it
/// grows.
const UNEVEN_MANY: (f64, f64) = (0.015, 20.0);
/// What uneven leverage adds to equation (59) with fewer features than the rank, for every unit
/// beyond the first.
const UNEVEN_BIAS: f64 = 0.015;
/// With fewer features than the rank, the place of the pole matters in this power of their ratio.
const NEARNESS: i32 = 3;

impl SampleTheory {
    /// Estimate of the relative error of [`SampleTheory::loss`] at `features = N ≥ 1` (∞ allowed)
    /// for the average over designs of `D` samples, dimensionless:
    /// [`SampleTheory::finite_size_error_with`] without ridge and noise.
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1 or NaN; [`TheoryError::Depth`] as for the loss.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Reliability, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 1e6)?;
    /// assert_eq!(theory.reliability(100.0)?, Reliability::Good);
    /// assert_eq!(theory.reliability(theory.rank())?, Reliability::Poor);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finite_size_error(&self, features: f64) -> Result<f64, TheoryError> {
        self.finite_size_error_with(features, Regression::default())
    }

    /// Estimate of the relative error of [`SampleTheory::loss_with`], dimensionless; infinite where
    /// nothing is known: where that loss is infinite, and ridgeless between the expected rank and
    /// the threshold.
    ///
    /// It is [`SampleTheory::corrected_error_with`] and the distance to the loss to the next order,
    /// [`SampleTheory::corrected_loss_with`]: equation (90) of
    /// [`derivations`](crate::derivations). It is an estimate and no bound. Over random models,
    /// sizes, ridges and noises at 300 samples and more and a factor 1.5 away from the threshold it
    /// covers more than 95 % of the distances to simulation, and is typically less than three times
    /// as large as they are (`tests/stated.rs` of `asymscale-montecarlo`). Cost: some four times
    /// that of the loss alone.
    ///
    /// # Errors
    /// [`TheoryError::Features`]; [`TheoryError::Depth`] as for the loss.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Regression, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 256.0)?;
    /// // Theory is 3 % off at sixteen features, and says so.
    /// let error = theory.finite_size_error_with(16.0, Regression::default())?;
    /// assert!(error > 0.03 && error < 0.06);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finite_size_error_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<f64, TheoryError> {
        let solved = self.solve(features, regression)?;
        let (loss, corrected) = (solved.loss, self.corrected(&solved));
        let correction =
            if loss == corrected.loss { 0.0 } else { (corrected.loss / loss - 1.0).abs() };
        self.error_with(correction + self.series_error(&solved, corrected), &solved)
    }

    /// [`SampleTheory::finite_size_error_with`] at many numbers of features, in their order.
    ///
    /// What does not depend on the features is computed once and kept, as it is between calls for
    /// single ones, so that the results are the same to the bit.
    ///
    /// # Errors
    /// As there, for the first `N` that is wrong, before any work.
    pub fn finite_size_errors_with(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<f64>, TheoryError> {
        features.iter().try_for_each(|n| self.check_loss(*n, regression))?;
        features.iter().map(|n| self.finite_size_error_with(*n, regression)).collect()
    }

    /// Estimate of the relative error of [`SampleTheory::corrected_loss_with`], dimensionless;
    /// infinite where [`SampleTheory::finite_size_error_with`] is.
    ///
    /// It has the truncation of the series in `1/N`, and what averages over designs of finite size
    /// leave out, equation (90) of [`derivations`](crate::derivations): the place of the pole and
    /// the fluctuation of the rank, as in (59); the inverse number of samples; and uneven leverage
    /// of samples, `q` of equation (62), which is what few active coordinates do. Label noise is
    /// passed on by rare coordinates, the more the smaller the amplitude with which they are seen,
    /// so that the relative variance over designs of what noise adds is added too. It is infinite
    /// for ridgeless noise past the threshold with Gaussian amplitudes, as is the mean, and with
    /// either amplitude for finite `N`, `M = ∞` and `3β ≤ 3 + 2α`, where a mean may exist that
    /// hardly any design is near.
    ///
    /// # Errors
    /// As [`SampleTheory::finite_size_error_with`].
    ///
    /// ```
    /// use asymscale_model::{Amplitude, SparseModel};
    /// use asymscale_theory::{Regression, SampleTheory};
    /// let model = SparseModel::power_law(1.0, 1.5, 20.0)?.with_amplitude(Amplitude::Rademacher);
    /// let theory = SampleTheory::new(&model, 400.0)?;
    /// let error = |noise, ridge| {
    ///     theory.corrected_error_with(2000.0, Regression::new(ridge, noise).unwrap())
    /// };
    /// assert!(error(0.0, 0.0)? < 0.01);
    /// // Noise fitted by as many coordinates as samples; a ridge that keeps them from it.
    /// assert!(error(1.0, 0.0)? > 3.0 * error(0.0, 0.0)? && error(1.0, 0.1)? < error(1.0, 0.0)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn corrected_error_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<f64, TheoryError> {
        let solved = self.solve(features, regression)?;
        let error = self.series_error(&solved, self.corrected(&solved));
        self.error_with(error, &solved)
    }

    /// The rough estimate (59) of [`derivations`](crate::derivations) of the relative error of the
    /// ridgeless, noiseless loss: what tolerances of the reproduction are fixed by, and chapter 10
    /// there holds against designs.
    ///
    /// It is led by the distance of the rank-corrected theory, at the
    /// [effective samples](SampleTheory::effective_samples) `D_r`, and by the fluctuation of the
    /// rank; the finite numbers of features and samples count as `1/|N − r̄| + 1/N + 1/D`. More is
    /// added with fewer features than the rank if samples differ much in what they teach, if a few
    /// Rademacher samples may be linearly dependent by chance, and if the mean is dominated by rare
    /// designs that miss a coordinate which nearly all designs see. It is infinite where `N` lies
    /// between `r̄` and `min(S, D)`, or at either. [`SampleTheory::finite_size_error`] is the
    /// sharper estimate.
    ///
    /// # Errors
    /// As [`SampleTheory::finite_size_error`].
    pub fn pole_error(&self, features: f64) -> Result<f64, TheoryError> {
        let solved = self.solve(features, Regression::default())?;
        if self.rank() == f64::INFINITY {
            return Ok(features.recip());
        }
        if self.is_unknown(&solved) {
            return Ok(f64::INFINITY);
        }
        let (shift, margins) = (self.rank_shift(&solved)?, self.margins(&solved));
        let (apart, granularity) =
            ((features - self.rank()).abs(), features.recip() + self.samples().recip());
        let size = shift + self.pole(apart) + granularity;
        let few = features < self.rank();
        let bias = if few { UNEVEN_BIAS * (margins.leverage - 1.0).max(0.0) } else { 0.0 };
        let error = size + self.coincidence(solved.loss) + bias;
        Ok(finite(self.with_rare_designs(error, &solved)))
    }

    /// Whether the loss is infinite, or `N` between the expected rank and the threshold.
    fn is_unknown(&self, solved: &Solved) -> bool {
        let peak = self.rank()..=self.threshold();
        let ridgeless = solved.regression.ridge() == 0.0;
        solved.loss == f64::INFINITY || ridgeless && peak.contains(&solved.features)
    }

    /// The error with all that designs of finite size add, given that of the features.
    fn error_with(&self, error: f64, solved: &Solved) -> Result<f64, TheoryError> {
        if self.rank() == f64::INFINITY {
            return Ok(finite(error));
        }
        if self.is_unknown(solved) {
            return Ok(f64::INFINITY);
        }
        let error = error + self.design_error(solved)?;
        Ok(finite(self.with_rare_designs(error, solved)))
    }

    /// Where rare designs dominate the mean; a smaller variance is covered by the other terms.
    fn with_rare_designs(&self, error: f64, solved: &Solved) -> f64 {
        let rare = self.unseen_variance(solved.features, solved.loss);
        if rare > 1.0 { error.max(rare) } else { error }
    }

    /// What the series in `1/N` leaves out; where it does not converge, what (59) has.
    fn series_error(&self, solved: &Solved, corrected: CorrectedLoss) -> f64 {
        if corrected.truncation == 0.0 {
            0.0
        } else if corrected.truncation.is_finite() {
            corrected.truncation / corrected.loss
        } else {
            let features = solved.features;
            let free = (features - self.rank()).abs().max(solved.equivalent.free(features));
            2.0 * (free.recip() + features.recip())
        }
    }

    /// All terms of equation (90) that belong to designs.
    fn design_error(&self, solved: &Solved) -> Result<f64, TheoryError> {
        let Solved { features, regression, loss, .. } = *solved;
        let (margins, rank) = (self.margins(solved), self.rank());
        let apart = (features - rank).abs();
        let (distance, share, granularity) = if regression.ridge() > 0.0 {
            // Of the directions that a design shows, only those that are learned matter.
            let share = (margins.learned / features.min(rank)).min(1.0);
            (apart.max(margins.free), share, 2.0 * margins.learned.min(1.0))
        } else {
            (apart, 1.0, 1.0)
        };
        let nearness = (features / rank).min(1.0).powi(NEARNESS);
        let shift = nearness * self.rank_shift(solved)?;
        let fluctuation = share * (self.rank_spread() / distance).powi(2);
        Ok(shift
            + fluctuation
            + granularity / self.samples()
            + self.coincidence(loss)
            + self.uneven(features, margins.leverage)
            + self.noise_error(solved, margins)?)
    }

    /// What uneven leverage does to the loss without regard to noise.
    fn uneven(&self, features: f64, leverage: f64) -> f64 {
        if features < self.rank() {
            UNEVEN_FEW * leverage
        } else if self.seen > self.samples() {
            UNEVEN_MANY.0 * leverage.min(UNEVEN_MANY.1)
        } else {
            0.0
        }
    }

    /// `|ln L(N; D_r)/L(N; D)|` at the same noise per sample.
    fn rank_shift(&self, solved: &Solved) -> Result<f64, TheoryError> {
        let Solved { features, loss, .. } = *solved;
        let Some(effective) = self.at_effective_samples()? else { return Ok(0.0) };
        let noise = solved.regression.noise() * (effective.samples() / self.samples());
        let corrected =
            effective.loss_with(features, regression(solved.regression.ridge(), noise)?)?;
        Ok(if loss == corrected { 0.0 } else { (corrected / loss).ln().abs() })
    }

    /// What uneven leverage and rare coordinates add through label noise.
    fn noise_error(&self, solved: &Solved, margins: Margins) -> Result<f64, TheoryError> {
        if solved.regression.noise() == 0.0 {
            return Ok(0.0);
        }
        let noiseless = self.loss_of(
            &solved.equivalent,
            solved.features,
            regression(solved.regression.ridge(), 0.0)?,
        );
        let (share, q) = ((1.0 - noiseless / solved.loss).max(0.0), margins.leverage);
        Ok(share * q * (UNEVEN_NOISE.0 + UNEVEN_NOISE.1 * q) + margins.noise_variance)
    }

    /// `V/d² + 1/d` at a distance `d` from the pole.
    fn pole(&self, distance: f64) -> f64 {
        (self.rank_spread().powi(2) / distance + 1.0) / distance
    }

    /// The relative loss where Rademacher columns coincide: those of two always active coordinates
    /// do with probability `2^{1−D}`.
    fn coincidence(&self, loss: f64) -> f64 {
        if self.model().amplitude() != Amplitude::Rademacher {
            return 0.0;
        }
        // 0/0 where nothing can coincide and nothing is left.
        ((1.0 - self.samples()).exp2() * self.coinciding_variance() / loss).max(0.0)
    }
}

/// NaN is 0 times infinity at the limits of the parameters.
fn finite(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}
