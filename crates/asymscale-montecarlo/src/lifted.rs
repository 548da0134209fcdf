//! A theory that is also right near the threshold: the loss on lifts, averaged over the rank of
//! designs.
//!
//! The count-resolved loss of `asymscale-theory` takes coordinates for independent given their
//! counts. Rare ones are not: two that are active in the same few samples compete for them, so that
//! the rank of a design is below the number of coordinates seen, and the threshold with it: the
//! loss below it is above that theory, the loss above it below. On a pattern of activity without
//! loops this is what the cavity method solves, and a [lift](asymscale_sampling::Design::lift) of
//! many copies is such a pattern. What a lift does not have is the fluctuation of the rank `r` from
//! design to design, which matters where `N − r` is not large against it, and that of the unseen
//! mass `u`, which is the smaller the larger `r`. So, with `ℓ(·, u)` the loss per copy on a lift of
//! rank `ρ` per copy that leaves `u` unseen, and `R` its `tr Σ(I − P)`,
//!
//! ```text
//! N < r: L = ℓ(N ρ/r, u) · (r − N)/(r − N − 1)        N > r: L = R(u) · (N − 1)/(N − r − 1)
//! ```
//!
//! averaged over `r` and `u` of designs, which are cheap to draw and need no linear algebra. The
//! distance to the threshold counts in units of the threshold. The second line is exact given `R`
//! and `r`; the factor in the first is that of the mean of an inverse Wishart matrix of finite
//! size: it belongs to the part of the loss that diverges at the threshold, and is near 1 where
//! other parts matter.

use crate::{Estimate, MonteCarloError, replicates};
use asymscale_model::SparseModel;
use asymscale_numerics::{mean, quantile, sorted};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression};
use serde::Serialize;

/// Within this distance of the rank the mean of the loss or its variance does not exist.
const NEAR: f64 = 3.0;

/// What to compute: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct LiftedSettings {
    /// Number of training samples `D ≥ 1`.
    pub samples: usize,
    /// Model sizes `N ≥ 1`.
    pub features: Vec<usize>,
    /// Copies of every coordinate in a lift, at least 1: the bias falls as their inverse.
    pub copies: usize,
    /// Number of independent lifts, at least 1.
    pub lifts: usize,
    /// Designs drawn for their rank and unseen mass, with every lift, at least 1.
    pub designs: usize,
    /// Seed of all streams.
    pub seed: u64,
}

/// The ridgeless, noiseless loss at one model size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiftedLoss {
    /// Model size `N`.
    pub features: usize,
    /// Mean over the designs with `|N − r| > 3`, and its standard error over lifts; NaN if some
    /// lift has none.
    pub mean: Estimate,
    /// Median over designs of the mean over features at large size, and its standard error over
    /// lifts: a guide where `near` is large. Near the threshold it is some 4 % below the median
    /// over designs and features.
    pub median: Estimate,
    /// Share of designs with `|N − r| ≤ 3`, where no mean exists.
    pub near: f64,
}

/// The losses on lifts, averaged over the ranks and unseen masses of designs.
///
/// Everything is of the same kind as a mean over designs, features and teachers, but for the
/// features, which enter by their deterministic equivalent ([`DesignSpectrum::averaged_loss`]).
/// Compare its mean with that of simulated designs with `|N − r| > 3` only. At `α = 1`, `β = 1.5`,
/// `D = 512`, `c = 1` and 3, and `N` from half the rank to 1.3 times it, the two agree within their
/// errors of 0.5–2 %, where the count-resolved loss is low by 10 % to two thirds below the rank,
/// and high just above it.
///
/// Cost: per lift one decomposition of size `copies · r`. Runs on the current rayon pool; the
/// result does not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting, before anything is drawn; or the error of the first lift
/// that failed.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_montecarlo::{LiftedSettings, lifted_curve};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let settings =
///     LiftedSettings { samples: 64, features: vec![20, 80], copies: 2, lifts: 4, designs: 8, seed: 1 };
/// let losses = lifted_curve(&model, &settings)?;
/// assert!(losses[0].mean.mean > losses[1].mean.mean && losses[1].near == 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lifted_curve(
    model: &SparseModel,
    settings: &LiftedSettings,
) -> Result<Vec<LiftedLoss>, MonteCarloError> {
    check(settings)?;
    if !model.has_iid_teacher() {
        return Err(MonteCarloError::IidTeacher { quantity: "the loss from lifts" });
    }
    let key = Key::new(settings.seed).label("lifted");
    let lifts = replicates(&key, 0, settings.lifts, |_, key| Lift::draw(model, settings, &key))?;
    settings.features.iter().map(|features| at(*features, &lifts)).collect()
}

fn check(settings: &LiftedSettings) -> Result<(), MonteCarloError> {
    let counts =
        [("copies", settings.copies), ("lifts", settings.lifts), ("designs", settings.designs)];
    if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
        return Err(MonteCarloError::Lift { name });
    }
    if settings.features.is_empty() {
        return Err(MonteCarloError::NoFeatures);
    }
    settings
        .features
        .iter()
        .find(|n| **n == 0)
        .map_or(Ok(()), |zero| Err(MonteCarloError::Features(*zero)))
}

/// One lift without the mass it leaves unseen, and what was asked for of designs.
struct Lift {
    spectrum: DesignSpectrum,
    copies: f64,
    designs: Vec<(f64, f64)>,
}

impl Lift {
    fn draw(
        model: &SparseModel,
        settings: &LiftedSettings,
        key: &Key,
    ) -> Result<Self, MonteCarloError> {
        let mut rng = key.label("lift").stream();
        let lift = Design::lift(model, settings.samples, settings.copies, &mut rng)?;
        let spectrum = DesignSpectrum::new(&lift)?.with_more_unseen(-lift.unseen_mass());
        let mut rng = key.label("designs").stream();
        let designs = (0..settings.designs)
            .map(|_| {
                let design = Design::sample(model, settings.samples, &mut rng)?;
                Ok((design.rank() as f64, design.unseen_mass()))
            })
            .collect::<Result<_, MonteCarloError>>()?;
        Ok(Self { spectrum, copies: settings.copies as f64, designs })
    }

    /// `|N − r|` and the loss of large size, at the rank and with the unseen mass of every design.
    fn losses(&self, features: f64) -> Result<Vec<(f64, f64)>, MonteCarloError> {
        self.designs.iter().map(|(rank, unseen)| self.loss(features, *rank, *unseen)).collect()
    }

    fn loss(&self, features: f64, rank: f64, unseen: f64) -> Result<(f64, f64), MonteCarloError> {
        let (room, whole) = ((features - rank).abs(), self.spectrum.rank() as f64);
        let spectrum = self.spectrum.clone().with_more_unseen(self.copies * unseen);
        if features >= rank {
            return Ok((room, spectrum.residual_mass() / self.copies * (features - 1.0) / room));
        }
        // A tiny lift may ask for less than one feature.
        let size = (features * whole / rank).max(1.0);
        let loss = spectrum.averaged_loss(size, Regression::default())? / self.copies;
        // The lift's own correction for its finite size is taken back.
        Ok((room, loss / finite_size(whole - size)))
    }
}

/// The mean of an inverse Wishart matrix `room` dimensions from its pole, over its value at large
/// size.
fn finite_size(room: f64) -> f64 {
    room / (room - 1.0)
}

fn at(features: usize, lifts: &[Lift]) -> Result<LiftedLoss, MonteCarloError> {
    let (mut means, mut medians, mut near) = (Vec::new(), Vec::new(), 0.0);
    for lift in lifts {
        let losses = lift.losses(features as f64)?;
        let far: Vec<f64> = losses
            .iter()
            .filter(|(room, _)| *room > NEAR)
            .map(|(room, loss)| loss * finite_size(*room))
            .collect();
        near += 1.0 - far.len() as f64 / losses.len() as f64;
        means.push(mean(&far));
        medians.push(quantile(&sorted(losses.into_iter().map(|(_, loss)| loss)), 0.5));
    }
    let (mean, median) = (Estimate::of(&means), Estimate::of(&medians));
    Ok(LiftedLoss { features, mean, median, near: near / lifts.len() as f64 })
}
