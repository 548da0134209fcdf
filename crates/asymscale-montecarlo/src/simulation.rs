//! Loss curves over replicated designs.

use crate::{MonteCarloError, Summary, replicates};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{DesignSpectrum, Regression, conditional_curve, explicit_curve};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How the loss of one design is computed. All three agree in the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Features drawn on every seen coordinate, the least-squares problem solved: the oracle.
    Explicit,
    /// Features drawn on the row space of the design only, the rest integrated out: exact given the
    /// features on the row space, and much cheaper.
    #[default]
    Conditional,
    /// The average over features and teachers by the deterministic equivalent given the design: no
    /// noise from features, but approximate at small sizes.
    Averaged,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Explicit => "explicit",
            Self::Conditional => "conditional",
            Self::Averaged => "averaged",
        })
    }
}

impl FromStr for Method {
    type Err = MonteCarloError;

    fn from_str(word: &str) -> Result<Self, MonteCarloError> {
        [Self::Explicit, Self::Conditional, Self::Averaged]
            .into_iter()
            .find(|method| method.to_string() == word)
            .ok_or_else(|| MonteCarloError::Method(word.to_owned()))
    }
}

/// What to simulate: every field is a choice of the caller, none is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Number of training samples `D ≥ 1`.
    pub samples: usize,
    /// Model sizes `N ≥ 1`, in any order.
    pub features: Vec<usize>,
    /// Number of independent designs, at least 1.
    pub repeats: usize,
    /// Teachers per design, at least 1; averaged before anything else. Not used by
    /// [`Method::Averaged`], which averages over all teachers.
    pub teachers: usize,
    /// How each design's loss is computed.
    pub method: Method,
    /// Ridge and label noise.
    pub regression: Regression,
    /// Seed of all streams.
    pub seed: u64,
    /// Number of the first replicate: `0..8` and `8..16` together are `0..16`.
    pub first: u64,
}

impl Default for Settings {
    /// One design of 128 samples, 8 teachers, ridgeless and noiseless, seed 1, and no model size yet.
    fn default() -> Self {
        Self {
            samples: 128,
            features: Vec::new(),
            repeats: 1,
            teachers: 8,
            method: Method::default(),
            regression: Regression::default(),
            seed: 1,
            first: 0,
        }
    }
}

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
}

/// Loss curves over replicated designs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Number of training samples `D`.
    pub samples: usize,
    /// Model sizes, as asked for.
    pub features: Vec<usize>,
    /// One entry per design, in replicate order.
    pub replicates: Vec<Replicate>,
}

impl Simulation {
    /// One [`Summary`] per model size.
    pub fn summaries(&self) -> Vec<Summary> {
        let at = |(n, features): (usize, &usize)| {
            let losses: Vec<f64> = self.replicates.iter().map(|r| r.losses[n]).collect();
            let moments = self.replicates.iter().all(|r| r.rank.abs_diff(*features) > 3);
            Summary::of(*features, &losses, moments)
        };
        self.features.iter().enumerate().map(at).collect()
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

    fn mean_of(&self, value: impl Fn(&Replicate) -> f64) -> f64 {
        self.replicates.iter().map(value).sum::<f64>() / self.replicates.len() as f64
    }
}

/// Simulates the loss at every model size on `repeats` independent designs.
///
/// Cost per design: about one factorisation of size `min(D, rank X)` for the whole list of model
/// sizes. Runs on the current rayon pool; the result does not depend on its size.
///
/// # Errors
/// [`MonteCarloError`] naming the setting and its allowed range, before any design is drawn; or the
/// error of the first replicate that failed.
pub fn simulate(model: &SparseModel, settings: &Settings) -> Result<Simulation, MonteCarloError> {
    check(settings)?;
    let key = Key::new(settings.seed).label("simulate");
    let replicates = replicates(&key, settings.first, settings.repeats, |_, key| one(model, settings, &key))?;
    Ok(Simulation { samples: settings.samples, features: settings.features.clone(), replicates })
}

fn check(settings: &Settings) -> Result<(), MonteCarloError> {
    if settings.repeats == 0 {
        return Err(MonteCarloError::Repeats(0));
    }
    if settings.teachers == 0 {
        return Err(MonteCarloError::Teachers(0));
    }
    if settings.features.is_empty() {
        return Err(MonteCarloError::NoFeatures);
    }
    if let Some(zero) = settings.features.iter().find(|n| **n == 0) {
        return Err(MonteCarloError::Features(*zero));
    }
    Ok(())
}

fn one(model: &SparseModel, settings: &Settings, key: &Key) -> Result<Replicate, MonteCarloError> {
    let design = Design::sample(model, settings.samples, &mut key.label("design").stream())?;
    let losses = match settings.method {
        Method::Averaged => {
            let sizes: Vec<f64> = settings.features.iter().map(|n| *n as f64).collect();
            DesignSpectrum::new(&design)?.averaged_curve(&sizes, settings.regression)?
        }
        Method::Explicit => {
            let (teachers, features) = (draw_teachers(&design, settings, key), key.label("features"));
            explicit_curve(&design, &teachers, &settings.features, settings.regression, &features)?
                .teacher_means()
        }
        Method::Conditional => {
            let (teachers, features) = (draw_teachers(&design, settings, key), key.label("features"));
            conditional_curve(&design, &teachers, &settings.features, settings.regression, &features)?
                .teacher_means()
        }
    };
    let (rank, seen, unseen_mass) = (design.rank(), design.seen(), design.unseen_mass());
    Ok(Replicate { rank, seen, unseen_mass, losses })
}

fn draw_teachers(design: &Design, settings: &Settings, key: &Key) -> Teachers {
    Teachers::draw(design, settings.teachers, TeacherLaw::Gaussian, &key.label("teachers"))
}
