//! What to simulate, and by which method.

use crate::MonteCarloError;
use asymscale_model::ModelSize;
use asymscale_solvers::{Regression, SolverError};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How the loss of one design is computed. All agree in the mean; what each costs to a given error
/// is in the crate's README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Features drawn on every seen coordinate, the least-squares problem solved: the oracle.
    Explicit,
    /// Features drawn on the row space of the design only, the rest integrated out: exact given the
    /// features on the row space, and much cheaper.
    Conditional,
    /// The average over features, teachers and label noise given the design, in closed form: exact
    /// for `N > r` without ridge, elsewhere to the order after the deterministic equivalent, with
    /// an estimate of what that leaves out ([`truncation`](crate::Summary::truncation)). Only
    /// designs vary, so that by far the fewest replicates are needed. Medians and quartiles are
    /// over designs: the loss of one draw of features scatters more. By decomposition, or where
    /// more than 2048 coordinates are expected to be seen, by more than twice as many samples, as
    /// [`Method::Iterative`]: [`method`](crate::Simulation::method) says which.
    #[default]
    Averaged,
    /// The same average without a decomposition: conjugate gradients on random probes, with an
    /// error of their own.
    Iterative,
}

impl Method {
    /// Whether it averages over all features and teachers: only these take infinitely many
    /// features, only the others draw teachers.
    pub fn averages(self) -> bool {
        matches!(self, Self::Averaged | Self::Iterative)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Explicit => "explicit",
            Self::Conditional => "conditional",
            Self::Averaged => "averaged",
            Self::Iterative => "iterative",
        })
    }
}

impl FromStr for Method {
    type Err = MonteCarloError;

    fn from_str(word: &str) -> Result<Self, MonteCarloError> {
        [Self::Explicit, Self::Conditional, Self::Averaged, Self::Iterative]
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
    /// Model sizes `N ≥ 1`, in any order; infinite only for the two methods that average over
    /// features.
    pub features: Vec<ModelSize>,
    /// Number of independent designs, at least 1.
    pub repeats: usize,
    /// Teachers per design, at least 1; averaged before anything else. Not used by
    /// [`Method::Averaged`] and [`Method::Iterative`], which average over all teachers.
    pub teachers: usize,
    /// Random probes per design, at least 2, for [`Method::Iterative`], and for
    /// [`Method::Averaged`] where that takes its place.
    pub probes: usize,
    /// How each design's loss is computed.
    pub method: Method,
    /// Ridge and label noise.
    pub regression: Regression,
    /// Whether means use the control variate of theory (`loss_controls` of
    /// [`SampleTheory`](asymscale_theory::SampleTheory)), for methods that average, without ridge
    /// and noise: the same mean from two to eight times fewer designs where they vary most.
    pub controls: bool,
    /// Seed of all streams.
    pub seed: u64,
    /// Number of the first replicate: `0..8` and `8..16` together are `0..16`.
    pub first: u64,
}

impl Default for Settings {
    /// One design of 128 samples, averaged over features and teachers (8 teachers or 32 probes for
    /// other methods), ridgeless and noiseless, controls used, seed 1, and no model size yet.
    fn default() -> Self {
        Self {
            samples: 128,
            features: Vec::new(),
            repeats: 1,
            teachers: 8,
            probes: 32,
            method: Method::default(),
            regression: Regression::default(),
            controls: true,
            seed: 1,
            first: 0,
        }
    }
}

impl Settings {
    /// The model sizes as numbers.
    pub(super) fn sizes(&self) -> Vec<f64> {
        self.features.iter().map(|size| size.as_f64()).collect()
    }

    pub(super) fn check(&self) -> Result<(), MonteCarloError> {
        if self.repeats == 0 {
            return Err(MonteCarloError::Repeats(0));
        }
        if self.teachers == 0 {
            return Err(MonteCarloError::Teachers(0));
        }
        if self.features.is_empty() {
            return Err(MonteCarloError::NoFeatures);
        }
        if self.features.contains(&ModelSize::Finite(0)) {
            return Err(MonteCarloError::Features(0));
        }
        if self.method.averages() && self.probes < 2 {
            return Err(SolverError::Probes(self.probes).into());
        }
        if !self.method.averages() && self.features.contains(&ModelSize::Infinite) {
            return Err(MonteCarloError::Infinite(self.method));
        }
        Ok(())
    }
}
