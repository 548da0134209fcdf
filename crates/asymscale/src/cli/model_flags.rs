//! The flags that describe the model, the same for every subcommand.

use super::{Failure, numbers};
use asymscale::model::{Amplitude, Coordinates, Regression, SparseModel};
use clap::Args;

/// Which data: spectrum, activity, amplitude.
#[derive(Debug, Args)]
pub(crate) struct ModelFlags {
    /// Spectral exponent α in 0.01..100: eigenvalues i^-(1+α)
    #[arg(long, value_parser = numbers::positive, allow_hyphen_values = true)]
    alpha: f64,
    /// Activity exponent β in 0..100: coordinate i is active with probability min(1, (onset/i)^β)
    #[arg(long, value_parser = numbers::non_negative, allow_hyphen_values = true)]
    beta: f64,
    /// Onset c of sparsity, in 1..1e12: coordinates up to it are always active
    #[arg(long, value_parser = numbers::at_least_one, allow_hyphen_values = true, default_value = "1")]
    onset: f64,
    /// Law of an active coordinate's value: gaussian or rademacher
    #[arg(long, default_value = "gaussian")]
    amplitude: Amplitude,
    /// Number of coordinates M: a whole number, or inf
    #[arg(long, allow_hyphen_values = true, default_value = "inf")]
    coordinates: Coordinates,
}

impl ModelFlags {
    /// The model they describe.
    pub(crate) fn model(&self) -> Result<SparseModel, Failure> {
        let model = SparseModel::power_law(self.alpha, self.beta, self.onset)?;
        Ok(model.with_amplitude(self.amplitude).with_coordinates(self.coordinates)?)
    }
}

/// What the learner adds to least squares, and what the teacher adds to the labels.
#[derive(Debug, Args)]
pub(crate) struct RegressionFlags {
    /// Ridge γ: 0, or in 1e-100..1e30
    #[arg(long, value_parser = numbers::non_negative, allow_hyphen_values = true, default_value = "0")]
    ridge: f64,
    /// Variance σ² >= 0 of the label noise (not part of the loss reported)
    #[arg(long, value_parser = numbers::non_negative, allow_hyphen_values = true, default_value = "0")]
    noise: f64,
}

impl RegressionFlags {
    /// The regression they describe.
    pub(crate) fn regression(&self) -> Result<Regression, Failure> {
        Ok(Regression::new(self.ridge, self.noise)?)
    }
}
