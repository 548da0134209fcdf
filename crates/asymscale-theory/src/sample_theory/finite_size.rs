//! The error of theory at a finite size, as theory itself estimates it: equations (58) to (62) of
//! [`derivations`](crate::derivations).

use crate::{Regression, SampleTheory, TheoryError, sample_theory::Margins};
use asymscale_model::Amplitude;

/// What uneven leverage, `q` of equation (62), adds to the relative error of the part of the loss
/// due to label noise: `q/2 + 2q²`, fitted to simulations from above.
const UNEVEN_NOISE: (f64, f64) = (0.5, 2.0);
/// What uneven leverage adds to the error of the rest with fewer features than the rank, for every
/// unit beyond the first.
const UNEVEN_BIAS: f64 = 0.015;
/// The number of always active coordinates that are checked for coinciding Rademacher columns;
/// others weigh less than 1 %.
const SURE: f64 = 64.0;

impl SampleTheory {
    /// Estimate of the relative error of the ridgeless, noiseless loss at `features = N ≥ 1` for a
    /// design of `D` samples, dimensionless; infinite where `N` lies between the expected rank `r̄`
    /// and `min(S, D)`, or at either.
    ///
    /// It is equation (59) of [`derivations`](crate::derivations): the distance of the
    /// rank-corrected theory, at the [effective samples](SampleTheory::effective_samples) `D_r`;
    /// the fluctuation of the rank, of variance `V`; the exact factor `(N − 1)/(N − r − 1)` of a
    /// finite number of features over its limit; and the inverse numbers of features and samples.
    /// More is added in three cases: with fewer features than the rank, if samples differ much in
    /// what they teach (near the pole at `S ≈ D`); if a few Rademacher samples may be linearly
    /// dependent by chance; and if the mean is dominated by rare designs that miss a coordinate
    /// which nearly all designs see. It is an estimate and no bound: chapter 10 of the reproduction
    /// says at what share of its points it covers the measured error. Cost: about a millisecond.
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1 or NaN.
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
    /// the threshold. Without ridge and noise it is [`SampleTheory::finite_size_error`].
    ///
    /// A ridge moves the pole: `|N − r̄|` becomes `N − df₂` if that is more. Since the loss has the
    /// square of the effective ridge, `1/|N − r̄| + 1/N + 1/D` counts twice, the last two as far as
    /// a direction is learned at all. `D_r` samples come with the noise `σ² D_r/D`, the same per
    /// sample.
    ///
    /// Label noise is passed on by rare coordinates. The equivalent assumes that all samples have
    /// the same leverage, while in truth it depends on the coordinates that are active in a sample.
    /// With `q` its relative variance, equation (62) of [`derivations`](crate::derivations),
    /// `q/2 + 2q²` times the share of the noise in the loss is added. A coordinate seen once passes
    /// on the noise of that one sample, the more the smaller its amplitude is there. Therefore the
    /// relative variance over designs of what noise adds is added too. It is infinite for ridgeless
    /// noise past the threshold with Gaussian amplitudes, as is the mean, and with either amplitude
    /// for finite `N`, `M = ∞` and `3β ≤ 3 + 2α`, where a mean may exist that hardly any design is
    /// near.
    ///
    /// It is an estimate; a test holds it against simulations over a grid of models, sizes, ridges
    /// and noises. Cost: a few milliseconds.
    ///
    /// # Errors
    /// [`TheoryError::Features`].
    ///
    /// ```
    /// use asymscale_model::{Amplitude, SparseModel};
    /// use asymscale_theory::{Regression, SampleTheory};
    /// let model = SparseModel::power_law(1.0, 1.5, 20.0)?.with_amplitude(Amplitude::Rademacher);
    /// let theory = SampleTheory::new(&model, 400.0)?;
    /// let error = |noise, ridge| {
    ///     theory.finite_size_error_with(2000.0, Regression::new(ridge, noise).unwrap())
    /// };
    /// assert!(error(0.0, 0.0)? < 0.01);
    /// // Noise fitted by as many coordinates as samples; a ridge that keeps them from it.
    /// assert!(error(1.0, 0.0)? > 3.0 * error(0.0, 0.0)? && error(1.0, 0.1)? < error(1.0, 0.0)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finite_size_error_with(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<f64, TheoryError> {
        let (loss, rank) = (self.loss_with(features, regression)?, self.rank());
        if rank == f64::INFINITY {
            return Ok(features.recip());
        }
        let peak =
            regression.ridge() == 0.0 && (rank..=self.coverage().threshold).contains(&features);
        if loss == f64::INFINITY || peak {
            return Ok(f64::INFINITY);
        }
        let shift = self.rank_shift(features, regression, loss)?;
        let error = self.error_beyond(shift, features, regression, loss)?;
        let rare = self.unseen_variance(features, loss);
        // A smaller variance is covered by the terms above.
        let error = if rare > 1.0 { error.max(rare) } else { error };
        // NaN is 0 times infinity at the limits of the parameters.
        Ok(if error.is_nan() { f64::INFINITY } else { error })
    }

    /// `|ln L(N; D_r)/L(N; D)|` at the same noise per sample.
    fn rank_shift(
        &self,
        features: f64,
        regression: Regression,
        loss: f64,
    ) -> Result<f64, TheoryError> {
        let effective = self.effective_samples();
        let noise = regression.noise() * (effective / self.samples());
        let corrected = Self::new(self.model(), effective)?
            .loss_with(features, super::loss::regression(regression.ridge(), noise)?)?;
        Ok(if loss == corrected { 0.0 } else { (corrected / loss).ln().abs() })
    }

    /// All terms of the error, given the first one.
    fn error_beyond(
        &self,
        shift: f64,
        features: f64,
        regression: Regression,
        loss: f64,
    ) -> Result<f64, TheoryError> {
        let margins = self.margins(features, regression, loss);
        let (apart, granularity) =
            ((features - self.rank()).abs(), features.recip() + self.samples().recip());
        let size = if regression.ridge() == 0.0 {
            shift + self.pole(apart) + granularity
        } else {
            let free = apart.max(margins.free);
            shift + self.pole(free) + free.recip() + 2.0 * granularity * margins.learned.min(1.0)
        };
        let few = features < self.rank();
        let bias = if few { UNEVEN_BIAS * (margins.leverage - 1.0).max(0.0) } else { 0.0 };
        Ok(size
            + self.coincidence(loss)
            + bias
            + self.noise_error(features, regression, loss, margins)?)
    }

    /// What uneven leverage and rare coordinates add through label noise.
    fn noise_error(
        &self,
        features: f64,
        regression: Regression,
        loss: f64,
        margins: Margins,
    ) -> Result<f64, TheoryError> {
        if regression.noise() == 0.0 {
            return Ok(0.0);
        }
        let noiseless =
            self.loss_with(features, super::loss::regression(regression.ridge(), 0.0)?)?;
        let (share, q) = ((1.0 - noiseless / loss).max(0.0), margins.leverage);
        Ok(share * q * (UNEVEN_NOISE.0 + UNEVEN_NOISE.1 * q) + margins.noise_variance)
    }

    /// `V/d² + 1/d` at a distance `d` from the pole.
    fn pole(&self, distance: f64) -> f64 {
        (self.rank_spread().powi(2) / distance + 1.0) / distance
    }

    /// The relative loss where Rademacher columns coincide: those of two always active coordinates
    /// do with probability `2^{1−D}`.
    fn coincidence(&self, loss: f64) -> f64 {
        let model = self.model();
        let sure = |i: &u32| model.activity(f64::from(*i)) == 1.0;
        if model.amplitude() != Amplitude::Rademacher {
            return 0.0;
        }
        let last = model.coordinates().as_f64().min(SURE) as u32;
        let pairs =
            (1..=last).take_while(sure).map(|i| f64::from(i - 1) * model.eigenvalue(f64::from(i)));
        // 0/0 where nothing can coincide and nothing is left.
        ((1.0 - self.samples()).exp2() * pairs.sum::<f64>() / loss).max(0.0)
    }
}
