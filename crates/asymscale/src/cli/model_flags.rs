//! The flags that describe the model, the same for every subcommand.
//!
//! A further parameter of the model is a field, an axis under its name in [`ModelFlags::axes`], its
//! use in [`ModelFlags::model`], and a line in [`columns`].

use super::Failure;
use super::answer::Column;
use super::grid::{Axis, Grid, Place};
use super::lists::{self, Many};
use super::output::Cell;
use asymscale::model::{Amplitude, Coordinates, Regression, SparseModel};
use clap::Args;

const ALPHA: Column = Column::new("alpha", "Spectral exponent α.");
const BETA: Column = Column::new("beta", "Activity exponent β.");
const ONSET: Column = Column::new("onset", "Onset c of sparsity.");
const AMPLITUDE: Column = Column::new("amplitude", "Law of an active coordinate's value.");
const COORDINATES: Column = Column::new("coordinates", "Number of coordinates M, or infinite.");
const RIDGE: Column = Column::new("ridge", "Ridge γ.");
const NOISE: Column = Column::new("noise", "Variance σ² of the label noise.");
const FACTOR: Column = Column::new("factor", "Cost of one feature on one sample.");
const SAMPLES: Column = Column::new("samples", "Training samples D.");
const RATE: Column = Column::new("rate", "Step size η.");
const SCALE: Column = Column::new("scale", "Scale of the features' weights inside the activation.");

/// The columns of parameters that have a list or range, in the order of rows; those of sizes, rates
/// and steps belong to the answers.
pub(crate) fn columns() -> Vec<Column> {
    vec![ALPHA, BETA, ONSET, AMPLITUDE, COORDINATES, RIDGE, NOISE, FACTOR, SCALE]
}

/// Those that a subcommand has; none where it has no model.
pub(crate) fn columns_of(subcommand: &str) -> Vec<Column> {
    let model = [ALPHA, BETA, ONSET, AMPLITUDE, COORDINATES];
    let further: &[Column] = match subcommand {
        "loss" => &[RIDGE, NOISE],
        "coverage" | "instability" | "descent" => &[],
        "frontier" => &[NOISE, FACTOR],
        "simulate" => &[RIDGE, NOISE, SCALE],
        _ => return Vec::new(),
    };
    [&model[..], further].concat()
}

/// Which data: spectrum, activity, amplitude.
#[derive(Debug, Args)]
pub(crate) struct ModelFlags {
    /// Spectral exponent α in 0.01..100, or a list or range: eigenvalues i^-(1+α)
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    alpha: Many<f64>,
    /// Activity exponent β in 0..100, or a list or range: coordinate i is active with probability
    /// min(1, (onset/i)^β)
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true)]
    beta: Many<f64>,
    /// Onset c of sparsity, in 1..1e12, or a list or range: coordinates up to it are always active
    #[arg(long, value_parser = lists::at_least_ones, allow_hyphen_values = true, default_value = "1")]
    onset: Many<f64>,
    /// Law of an active coordinate's value: gaussian, rademacher or both as a list
    #[arg(long, value_parser = lists::words::<Amplitude>, default_value = "gaussian")]
    amplitude: Many<Amplitude>,
    /// Number of coordinates M: a whole number, or inf, or a list
    #[arg(long, value_parser = lists::words::<Coordinates>, allow_hyphen_values = true, default_value = "inf")]
    coordinates: Many<Coordinates>,
}

impl ModelFlags {
    /// The parameters, slowest first.
    pub(crate) fn axes(&self) -> Vec<Axis> {
        vec![
            Axis::reals(ALPHA, &self.alpha),
            Axis::reals(BETA, &self.beta),
            Axis::reals(ONSET, &self.onset),
            Axis::new(AMPLITUDE, &self.amplitude, |law| Cell::Word(law.to_string())),
            Axis::new(COORDINATES, &self.coordinates, |number| Cell::Size(number.as_f64())),
        ]
    }

    /// The model at one place of a grid with these parameters.
    fn model(&self, at: Place) -> Result<SparseModel, Failure> {
        let alpha = *at.of(ALPHA.name, &self.alpha);
        let beta = *at.of(BETA.name, &self.beta);
        let onset = *at.of(ONSET.name, &self.onset);
        let amplitude = *at.of(AMPLITUDE.name, &self.amplitude);
        let coordinates = *at.of(COORDINATES.name, &self.coordinates);
        let model = SparseModel::power_law(alpha, beta, onset)?;
        Ok(model.with_amplitude(amplitude).with_coordinates(coordinates)?)
    }

    /// The models at all places of a grid with these parameters: bad ones are refused before any
    /// work.
    pub(crate) fn models<'a>(
        &self,
        grid: &'a Grid,
    ) -> Result<Vec<(Place<'a>, SparseModel)>, Failure> {
        grid.places().map(|at| Ok((at, self.model(at)?))).collect()
    }
}

/// What the learner adds to least squares, and what the teacher adds to the labels.
#[derive(Debug, Args)]
pub(crate) struct RegressionFlags {
    /// Ridge γ: 0, or in 1e-100..1e30, or a list or range
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true, default_value = "0")]
    ridge: Many<f64>,
    /// Variance σ² >= 0 of the label noise (not part of the loss reported), or a list or range
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true, default_value = "0")]
    noise: Many<f64>,
}

impl RegressionFlags {
    /// The parameters, slowest first.
    pub(crate) fn axes(&self) -> Vec<Axis> {
        vec![Axis::reals(RIDGE, &self.ridge), noise_axis(&self.noise)]
    }

    /// The regressions at all places of a grid with these parameters.
    pub(crate) fn regressions<'a>(
        &self,
        grid: &'a Grid,
    ) -> Result<Vec<(Place<'a>, Regression)>, Failure> {
        let one = |at: Place<'a>| {
            let ridge = *at.of(RIDGE.name, &self.ridge);
            Ok((at, Regression::new(ridge, *at.of(NOISE.name, &self.noise))?))
        };
        grid.places().map(one).collect()
    }
}

/// The number of samples as a parameter; answers have a column of their own for it.
pub(crate) fn samples_axis(samples: &Many<f64>) -> Axis {
    Axis::new(SAMPLES, samples, |samples| Cell::Size(*samples))
}

/// The number of samples of a design as a parameter.
pub(crate) fn counts_axis(samples: &Many<usize>) -> Axis {
    Axis::new(SAMPLES, samples, |samples| Cell::Size(*samples as f64))
}

/// The step size as a parameter; answers have a column of their own for it.
pub(crate) fn rate_axis(rate: &Many<f64>) -> Axis {
    Axis::reals(RATE, rate)
}

/// The variance of the label noise as a parameter.
pub(crate) fn noise_axis(noise: &Many<f64>) -> Axis {
    Axis::reals(NOISE, noise)
}

/// The cost of one feature on one sample as a parameter.
pub(crate) fn factor_axis(factor: &Many<f64>) -> Axis {
    Axis::reals(FACTOR, factor)
}

/// The scale of weights inside an activation as a parameter.
pub(crate) fn scale_axis(scale: &Many<f64>) -> Axis {
    Axis::reals(SCALE, scale)
}
