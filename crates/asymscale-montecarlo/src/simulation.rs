//! Loss curves over replicated designs.

mod curve;
mod room;
mod settings;

use crate::summary::{right_skewness, uncontrolled};
use crate::{Estimate, MonteCarloError, Summary, UnseenLaw, replicates_at_most};
use asymscale_model::{Amplitude, ModelSize, SparseModel};
use asymscale_numerics::mean;
use asymscale_sampling::{Design, Key};
use asymscale_solvers::Regression;
use asymscale_theory::{LossControl, SampleTheory};
use curve::{Curve, curve};
use serde::Serialize;

pub(crate) use curve::decomposed;
pub use settings::{Method, Settings};

/// Above so many seen coordinates, as expected, tall designs are not decomposed: at 2048 that takes
/// some seconds.
const MOST_DECOMPOSED: usize = 2048;

/// One design and the losses on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replicate {
    /// `rank X`: the interpolation threshold of this design.
    pub rank: usize,
    /// Coordinates active in at least one sample.
    pub seen: usize,
    /// `Σ λ_i` over coordinates no sample activated.
    pub unseen_mass: f64,
    /// Loss at each model size, in the order of [`Settings::features`], averaged over teachers.
    pub losses: Vec<f64>,
    /// By how much each loss may be off, by the solver's own estimate: 0 where it is exact, `+∞`
    /// where that is not known.
    pub truncations: Vec<f64>,
    /// By how much each loss should differ from the mean over designs, to first order in what this
    /// one shows: of mean 0 over designs. 0 where there is no such control.
    pub deviations: Vec<f64>,
    /// Standard error of each loss from random probes; 0 where there are none.
    pub probe_errors: Vec<f64>,
}

/// Loss curves over replicated designs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Number of training samples `D`.
    pub samples: usize,
    /// What computed the losses: [`Method::Iterative`] also where that took the place of
    /// [`Method::Averaged`].
    pub method: Method,
    /// What the model itself says of the spread of losses; none for a single design, whose loss has
    /// no standard error.
    pub unseen: Option<UnseenLaw>,
    /// Whether noisy labels are fitted without a ridge through Gaussian amplitudes: some coordinate
    /// may be seen once, and `E[z⁻²] = ∞`, so that beyond the rank of a design with fewer
    /// directions than samples no mean exists.
    pub unbounded_noise: bool,
    /// Model sizes, as asked for.
    pub features: Vec<ModelSize>,
    /// One entry per design, in replicate order.
    pub replicates: Vec<Replicate>,
}

impl Simulation {
    /// One [`Summary`] per model size; means by [`Estimate::controlled`] where there are
    /// deviations.
    ///
    /// Standard errors are from the spread of losses, less controls, and not below what the law of
    /// the unseen mass says ([`UnseenLaw`]): a few designs may all have missed what is rare.
    /// Intervals have the skewness of the losses, 1 at least, and where no control is used that of
    /// the unseen mass. Coverage of 95 % intervals over random models is in the crate's README.
    pub fn summaries(&self) -> Vec<Summary> {
        (0..self.features.len()).map(|n| self.summary(n)).collect()
    }

    fn summary(&self, n: usize) -> Summary {
        let losses: Vec<f64> = self.replicates.iter().map(|r| r.losses[n]).collect();
        let mut summary = Summary::of(self.features[n], &losses, self.has_mean(n));
        summary.truncation = self.mean_of(|r| r.truncations[n]);
        let Some(unseen) = self.unseen.filter(|_| summary.standard_error.is_some()) else {
            summary.mean = summary.mean.map(|_| self.uncorrected(n).mean);
            return summary;
        };
        let (rest, controlled) = self.rest(n);
        let (least, skewness) = if controlled {
            (unseen.controlled_variance(rest.len()), 0.0)
        } else {
            (unseen.variance, unseen.skewness)
        };
        let estimate = Estimate::of(&rest).with_least_variance(least);
        summary.mean = Some(estimate.mean);
        summary.standard_error = Some(estimate.standard_error);
        summary.interval =
            Some(estimate.skewed_interval(0.95, right_skewness(&rest).max(skewness)));
        summary
    }

    /// Mean and standard error at the `n`-th model size from the spread of losses less controls
    /// alone: what the law of the unseen mass adds to is left out.
    pub fn uncorrected(&self, n: usize) -> Estimate {
        Estimate::of(&self.rest(n).0)
    }

    /// Losses, less controls where there are some.
    fn rest(&self, n: usize) -> (Vec<f64>, bool) {
        let losses: Vec<f64> = self.replicates.iter().map(|r| r.losses[n]).collect();
        let deviations: Vec<f64> = self.replicates.iter().map(|r| r.deviations[n]).collect();
        if deviations.iter().all(|deviation| *deviation == 0.0) {
            return (losses, false);
        }
        // To first order the deviation is that of the loss: a coefficient of 1.
        (uncontrolled(&losses, &deviations, 1.0), true)
    }

    /// Whether mean and variance over designs exist at the `n`-th model size, as far as these
    /// designs show.
    fn has_mean(&self, n: usize) -> bool {
        let features = self.features[n];
        let near = |r: &Replicate| features.finite().is_some_and(|n| r.rank.abs_diff(n) <= 3);
        let short = |r: &Replicate| r.rank < self.samples && ModelSize::Finite(r.rank) < features;
        !self.replicates.iter().any(|r| near(r) || self.unbounded_noise && short(r))
    }

    /// Mean of `rank X` over designs.
    pub fn rank_mean(&self) -> f64 {
        self.mean_of(|r| r.rank as f64)
    }

    /// Mean number of seen coordinates.
    pub fn seen_mean(&self) -> f64 {
        self.mean_of(|r| r.seen as f64)
    }

    /// Mean unseen mass.
    pub fn unseen_mass_mean(&self) -> f64 {
        self.mean_of(|r| r.unseen_mass)
    }

    /// What random probes add to the standard error of the mean at the `n`-th model size: 0 if
    /// there were none.
    pub fn probe_error(&self, n: usize) -> f64 {
        self.replicates.iter().map(|r| r.probe_errors[n].powi(2)).sum::<f64>().sqrt()
            / self.replicates.len() as f64
    }

    fn mean_of(&self, value: impl Fn(&Replicate) -> f64) -> f64 {
        mean(self.replicates.iter().map(value))
    }
}

/// Simulates the loss at every model size on `repeats` independent designs.
///
/// Cost per design: about one factorisation of size `min(D, rank X)` for the whole list of model
/// sizes; for the iterative method that of
/// [`StochasticSpectrum`](asymscale_solvers::StochasticSpectrum). Runs on the current rayon pool;
/// the result does not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn; or the
/// error of the first replicate that failed.
pub fn simulate(model: &SparseModel, settings: &Settings) -> Result<Simulation, MonteCarloError> {
    settings.check()?;
    if settings.method == Method::Iterative && !model.has_iid_teacher() {
        return Err(MonteCarloError::IidTeacher { quantity: "the iterative method" });
    }
    let together = room::check(model, settings)?;
    let key = Key::new(settings.seed).label("simulate");
    // A request without samples is the sampler's to refuse.
    let theory = SampleTheory::new(model, settings.samples.max(1) as f64)?;
    let (method, controls) = (used(model, &theory, settings), controls(&theory, settings)?);
    let range = (settings.first, settings.repeats);
    let replicates = replicates_at_most(&key, range, together, |_, key| {
        let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
        let Curve { losses, truncations, probe_errors } =
            curve(model, &design, settings, method, &key)?;
        let deviations = deviations(&design, &controls);
        let (rank, seen, unseen_mass) = (design.rank(), design.seen(), design.unseen_mass());
        let replicate =
            Replicate { rank, seen, unseen_mass, losses, truncations, deviations, probe_errors };
        Ok::<_, MonteCarloError>(replicate)
    })?;
    let (ridge, noise) = (settings.regression.ridge(), settings.regression.noise());
    let unbounded_noise = noise > 0.0 && ridge == 0.0 && model.amplitude() == Amplitude::Gaussian;
    let (samples, features) = (settings.samples, settings.features.clone());
    let law = || UnseenLaw::beside(&theory, model, samples as f64);
    let unseen = (settings.repeats > 1).then(law).transpose()?;
    Ok(Simulation { samples, method, unseen, unbounded_noise, features, replicates })
}

/// What computes the losses: probes take the place of a decomposition where many coordinates are
/// expected to be seen by many more samples, unless the teacher is one of its own. The same for all
/// designs.
fn used(model: &SparseModel, theory: &SampleTheory, settings: &Settings) -> Method {
    let seen = theory.coverage().seen;
    let is_large = seen > MOST_DECOMPOSED as f64 && settings.samples as f64 > 2.0 * seen;
    if settings.method == Method::Averaged && is_large && model.has_iid_teacher() {
        Method::Iterative
    } else {
        settings.method
    }
}

/// A control for each model size that has one.
fn controls(
    theory: &SampleTheory,
    settings: &Settings,
) -> Result<Vec<Option<LossControl>>, MonteCarloError> {
    let applicable = settings.method.averages() && settings.regression == Regression::default();
    if !(settings.controls && applicable) {
        return Ok(vec![None; settings.features.len()]);
    }
    // A size that stands twice in the list has one control, to the last digit.
    let sizes = settings.sizes();
    let mut distinct = sizes.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let controls = theory.loss_controls(&distinct)?;
    Ok(sizes.iter().map(|size| controls[distinct.partition_point(|other| other < size)]).collect())
}

fn deviations(design: &Design, controls: &[Option<LossControl>]) -> Vec<f64> {
    if controls.iter().all(Option::is_none) {
        return vec![0.0; controls.len()];
    }
    let moments = design.second_moments();
    let seen = || design.eigenvalues().iter().copied().zip(moments.iter().copied());
    let at = |control: &Option<LossControl>| {
        control.map_or(0.0, |c| c.deviation(design.unseen_mass(), seen()))
    };
    controls.iter().map(at).collect()
}
