//! Tables of training runs: the 104 public ones, and those drawn from known laws.

use crate::ChapterError;
use crate::kit::{log_space, seed_of};
use asymscale_fitting::{Parameters, RunErrors, Runs, SyntheticRuns};
use serde::{Deserialize, Serialize};

/// The runs of Gadre et al. 2024 (arXiv 2403.08540), MIT licence; source in the folder it stands
/// in.
const DATA: &str = include_str!("../../../../tests/data/openlm-104-models.csv");

/// Training sets of the public runs: their names in the file and in figures.
pub const SETS: [(&str, &str); 3] =
    [("rpj", "RedPajama"), ("c4_original", "C4"), ("rw_original", "RefinedWeb")];

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedModel {
    /// Training set, shape and multiple of 20 tokens a parameter.
    pub name: String,
    /// Parameters N and tokens D.
    pub size: (f64, f64),
    /// Loss on the evaluation asked for.
    pub loss: f64,
}

/// The public runs on one training set, with their losses on one evaluation, in the order of the
/// file.
///
/// # Errors
/// An evaluation that the file does not have; a cell that is not a number.
pub fn public_models(set: &str, evaluation: &str) -> Result<Vec<TrainedModel>, ChapterError> {
    let mut lines = DATA.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().ok_or("no header")?;
    let at = |name: &str| {
        header.iter().position(|column| *column == name).ok_or(format!("no column {name}"))
    };
    let (n, d, loss, of) =
        (at("N")?, at("D")?, at(&format!("loss_{evaluation}"))?, at("train_dataset")?);
    let model = |line: Vec<&str>| -> Result<TrainedModel, ChapterError> {
        let size = (line[n].parse()?, line[d].parse()?);
        Ok(TrainedModel { name: line[0].to_owned(), size, loss: line[loss].parse()? })
    };
    lines.filter(|line| line[of] == set).map(model).collect()
}

/// Models as a table to fit.
///
/// # Errors
/// As [`Runs::new`].
pub fn runs_of<'a>(
    models: impl IntoIterator<Item = &'a TrainedModel>,
) -> Result<Runs, ChapterError> {
    let (sizes, losses): (Vec<(f64, f64)>, Vec<f64>) =
        models.into_iter().map(|m| (m.size, m.loss)).unzip();
    let (n, d): (Vec<f64>, Vec<f64>) = sizes.into_iter().unzip();
    Ok(Runs::new(&n, &d, &losses)?)
}

/// A number that changes with the file, for the parameters of cells that read it.
pub fn public_runs_version() -> u64 {
    seed_of(DATA)
}

/// The sizes of synthetic runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunSizes {
    /// Seven sizes in N and in D, each over a factor of 300.
    Grid,
    /// The sizes of the public runs on one training set.
    Public,
}

impl RunSizes {
    /// One word, as in rows.
    pub fn name(self) -> &'static str {
        if self == Self::Grid { "grid" } else { "public" }
    }

    /// A law at these sizes with log-normal noise of standard deviation `spread`, with one exponent
    /// or with two.
    ///
    /// # Errors
    /// As [`public_models`].
    pub fn law(self, symmetric: bool, spread: f64) -> Result<SyntheticRuns, ChapterError> {
        let (features, samples) = match self {
            Self::Grid => {
                square(&log_space(1e7, 3e9, 7), &log_space(1e9, 3e11, 7)).into_iter().unzip()
            }
            Self::Public => public_models("rpj", "c4_val")?.iter().map(|model| model.size).unzip(),
        };
        let truth = match (self, symmetric) {
            (_, true) => Parameters { e: 1.7, a: 300.0, b: 600.0, alpha: 0.3, beta: 0.3 },
            (Self::Grid, false) => {
                Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 }
            }
            (Self::Public, false) => {
                Parameters { e: 1.7, a: 106.0, b: 298.0, alpha: 0.243, beta: 0.273 }
            }
        };
        Ok(SyntheticRuns { truth, features, samples, errors: RunErrors::Normal(spread) })
    }
}

/// All pairs of two lists.
pub(super) fn square(one: &[f64], other: &[f64]) -> Vec<(f64, f64)> {
    one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_104_models() {
        let count = |set: &str| public_models(set, "c4_val").unwrap().len();
        assert_eq!(["rpj", "c4_original", "rw_original"].map(count), [35, 34, 35]);
        assert!(public_models("rpj", "c5").is_err());
    }
}
