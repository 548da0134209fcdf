//! The flags that describe the model, the same for every subcommand.
//!
//! A further parameter of the model is a field, an axis under its name in [`ModelFlags::axes`], its
//! use in [`ModelFlags::model`], and a line in [`columns`].

use super::Failure;
use super::answer::Column;
use super::grid::{Axis, Grid, Place};
use super::lists::{self, Many};
use super::output::Cell;
#[cfg(feature = "fit")]
use super::own_model;
use crate::model::{Activity, Amplitude, Coordinates, Regression, SparseModel, Spectrum, Teacher};
use clap::Args;
use std::path::PathBuf;

const ALPHA: Column = Column::new("alpha", "Spectral exponent α.");
const BETA: Column = Column::new("beta", "Activity exponent β.");
const ONSET: Column = Column::new("onset", "Onset c of sparsity.");
const PROBABILITY: Column =
    Column::new("probability", "Probability that a coordinate is active, the same for all.");
const TARGET: Column =
    Column::new("target_exponent", "Source exponent b: target energies are i^-b.");
const AMPLITUDE: Column = Column::new("amplitude", "Law of an active coordinate's value.");
const COORDINATES: Column = Column::new("coordinates", "Number of coordinates M, or infinite.");
const RIDGE: Column = Column::new("ridge", "Ridge γ.");
const NOISE: Column = Column::new("noise", "Variance σ² of the label noise.");
const FACTOR: Column = Column::new("factor", "Cost of one feature on one sample.");
const SAMPLES: Column = Column::new("samples", "Training samples D.");
const RATE: Column = Column::new("rate", "Step size η.");
pub(crate) const EPOCHS: Column =
    Column::new("epochs", "Passes over the samples, of the whole run.");
pub(crate) const BATCH: Column = Column::new("batch", "Samples a step B.");
pub(crate) const RULE: Column = Column::new("rule", "Rule of the steps.");
pub(crate) const UNIQUE: Column = Column::new("unique", "Different samples there are, U.");
const SCALE: Column = Column::new("scale", "Scale of the features' weights inside the activation.");

/// The columns of parameters that have a list or range, in the order of rows; those of sizes, rates
/// and steps belong to the answers.
pub(crate) fn columns() -> Vec<Column> {
    [&MODEL[..], &[RIDGE, NOISE, FACTOR, SCALE, EPOCHS, BATCH, RULE]].concat()
}

/// Those that a subcommand has; none where it has no model.
pub(crate) fn columns_of(subcommand: &str) -> Vec<Column> {
    let further: &[Column] = match subcommand {
        "loss" => &[RIDGE, NOISE],
        "coverage" | "instability" | "descent" => &[],
        "frontier" => &[NOISE, FACTOR],
        "simulate" => &[RIDGE, NOISE, SCALE],
        "train" => &[NOISE, EPOCHS, BATCH, RULE],
        _ => return Vec::new(),
    };
    [&MODEL[..], further].concat()
}

/// Those of the model.
const MODEL: [Column; 7] = [ALPHA, BETA, ONSET, PROBABILITY, TARGET, AMPLITUDE, COORDINATES];

/// Which data: spectrum, activity, amplitude, teacher.
#[derive(Debug, Args)]
pub(crate) struct ModelFlags {
    /// Spectral exponent α in 0.01..100, or a list or range: eigenvalues i^-(1+α)
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true,
        required_unless_present = "model")]
    alpha: Option<Many<f64>>,
    /// Activity exponent β in 0..100, or a list or range: coordinate i is active with probability
    /// min(1, (onset/i)^β)
    #[arg(long, value_parser = lists::non_negatives, allow_hyphen_values = true,
        required_unless_present_any = ["model", "probability"])]
    beta: Option<Many<f64>>,
    /// Onset c of sparsity, in 1e-12..1e12, or a list or range: coordinates up to it are always
    /// active; below 1 none is, and samples may have no active coordinate [default: 1]
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    onset: Option<Many<f64>>,
    /// The same probability in 1e-12..1 for every coordinate in place of --beta, or a list or
    /// range; needs a finite number of --coordinates where designs are drawn
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true,
        conflicts_with_all = ["beta", "onset", "one_hot"])]
    probability: Option<Many<f64>>,
    /// Exactly one coordinate is active in a sample, coordinate i with a probability ∝ i^-β: the
    /// quanta picture
    #[arg(long, conflicts_with = "onset")]
    one_hot: bool,
    /// Source exponent b in 1.01..101 of the teacher, or a list or range: coordinate i carries i^-b
    /// of the variance of the labels [default: 1 + α, the iid teacher]
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    target_exponent: Option<Many<f64>>,
    /// Law of an active coordinate's value: gaussian, rademacher or both as a list
    #[arg(long, value_parser = lists::words::<Amplitude>, default_value = "gaussian")]
    amplitude: Many<Amplitude>,
    /// Number of coordinates M: a whole number, or inf, or a list [default: inf]
    #[arg(long, value_parser = lists::words::<Coordinates>, allow_hyphen_values = true)]
    coordinates: Option<Many<Coordinates>>,
    /// Your own coordinates: a table with a row each, in any order, and columns `variance` (λ),
    /// `activity` (p) and, if there are any, `target_energy` (g); others are ignored. A first line
    /// `# tail: variance F E, activity F E` goes on with F·i^-E after the last row
    #[arg(long, value_name = "FILE", conflicts_with_all =
        ["alpha", "beta", "onset", "probability", "one_hot", "target_exponent", "coordinates"])]
    model: Option<PathBuf>,
}

impl ModelFlags {
    /// The parameters, slowest first.
    pub(crate) fn axes(&self) -> Vec<Axis> {
        let reals = |column: Column, of: &Option<Many<f64>>| {
            of.as_ref().map(|many| Axis::reals(column, many))
        };
        let coordinates = self
            .coordinates
            .as_ref()
            .map(|many| Axis::new(COORDINATES, many, |number| Cell::Size(number.as_f64())));
        let laws = Axis::new(AMPLITUDE, &self.amplitude, |law| Cell::Word(law.to_string()));
        [
            reals(ALPHA, &self.alpha),
            reals(BETA, &self.beta),
            reals(ONSET, &self.onset),
            reals(PROBABILITY, &self.probability),
            reals(TARGET, &self.target_exponent),
            Some(laws),
            coordinates,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The model at one place of a grid with these parameters; `table` is that of `--model`.
    fn model(&self, at: Place, table: Option<&SparseModel>) -> Result<SparseModel, Failure> {
        let amplitude = *at.of(AMPLITUDE.name, &self.amplitude);
        if let Some(model) = table {
            return Ok(model.clone().with_amplitude(amplitude));
        }
        let value = |column: Column, many: &Option<Many<f64>>| {
            many.as_ref().map(|many| *at.of(column.name, many))
        };
        let spectrum = Spectrum::power_law(value(ALPHA, &self.alpha).unwrap_or(f64::NAN))?;
        let beta = value(BETA, &self.beta).unwrap_or(f64::NAN);
        let activity = match value(PROBABILITY, &self.probability) {
            Some(probability) => Activity::uniform(probability)?,
            None if self.one_hot => Activity::one_hot(beta)?,
            None => Activity::power_law(beta, value(ONSET, &self.onset).unwrap_or(1.0))?,
        };
        let coordinates = self.coordinates.as_ref();
        let coordinates = coordinates.map(|many| *at.of(COORDINATES.name, many));
        let model =
            SparseModel::new(spectrum, activity, amplitude, coordinates.unwrap_or_default())?;
        Ok(match value(TARGET, &self.target_exponent) {
            Some(exponent) => model.with_teacher(Teacher::power_law(exponent)?)?,
            None => model,
        })
    }

    /// The models at all places of a grid with these parameters: bad ones are refused before any
    /// work.
    pub(crate) fn models<'a>(
        &self,
        grid: &'a Grid,
    ) -> Result<Vec<(Place<'a>, SparseModel)>, Failure> {
        let table = self.model.as_deref().map(own_model::read).transpose()?;
        grid.places().map(|at| Ok((at, self.model(at, table.as_ref())?))).collect()
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

/// Without the readers of tables there are no models of your own.
#[cfg(not(feature = "fit"))]
mod own_model {
    use super::{Failure, SparseModel};
    use std::path::Path;

    pub(super) fn read(_: &Path) -> Result<SparseModel, Failure> {
        Err(Failure::input("--model: this build has no tables, build it with the feature fit"))
    }
}
