//! What the command answers, as rows of values: for programs, such as bindings to other languages.
//!
//! A function here asks the same libraries in the same way as the subcommand of its name, so that
//! its numbers are those of the command, to the bit. What a column holds is told by `asymscale
//! columns`.
//!
//! ```
//! use asymscale::answers::{self, Value};
//! use asymscale::model::{Regression, SparseModel};
//! let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
//! let rows = answers::loss(&model, 1e4, &[100.0, 1000.0], Regression::default())?;
//! let column = rows.columns.iter().position(|column| *column == "loss").unwrap();
//! assert!(matches!(rows.rows[1][column], Value::Real(loss) if loss > 0.0 && loss < 0.1));
//! let refusal = answers::coverage(&model, -1.0).unwrap_err();
//! assert!(refusal.is_invalid_input() && refusal.to_string().starts_with("samples = -1: must"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::cli::answer::Valued;
use crate::cli::{self, Failure};
use crate::model::{InvalidInput, Regression, SparseModel, is_rate};
use crate::theory::{Budget, EpochBudget};
use std::fmt;
use std::process::ExitCode;

/// Runs the `asymscale` command with the arguments of the process.
pub fn command() -> ExitCode {
    cli::main()
}

/// A value in a column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number or a size, perhaps infinite; NaN where it is not known.
    Real(f64),
    /// A count.
    Whole(u64),
    /// Whether something is so.
    Flag(bool),
    /// A word.
    Word(String),
    /// A word that is not known.
    Unknown,
}

/// What a field of a row is told as.
pub(crate) trait AsValue {
    /// What stands for it where it is not known: NaN of numbers.
    const UNKNOWN: Value = Value::Real(f64::NAN);

    /// Its value.
    fn value(&self) -> Value;
}

impl AsValue for usize {
    fn value(&self) -> Value {
        Value::Whole(*self as u64)
    }
}

impl AsValue for bool {
    const UNKNOWN: Value = Value::Unknown;

    fn value(&self) -> Value {
        Value::Flag(*self)
    }
}

impl AsValue for String {
    const UNKNOWN: Value = Value::Unknown;

    fn value(&self) -> Value {
        Value::Word(self.clone())
    }
}

impl AsValue for &str {
    const UNKNOWN: Value = Value::Unknown;

    fn value(&self) -> Value {
        Value::Word((*self).to_owned())
    }
}

impl<T: AsValue> AsValue for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(T::UNKNOWN, AsValue::value)
    }
}

/// Rows of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Rows, each with a value for every column.
    pub rows: Vec<Vec<Value>>,
    /// What the command says beside the answer, on standard error.
    pub notes: Vec<String>,
}

impl Rows {
    pub(crate) fn of<T: Valued>(points: &[T]) -> Self {
        let columns = T::columns().iter().map(|column| column.name).collect();
        Self { columns, rows: points.iter().map(Valued::values).collect(), notes: Vec::new() }
    }

    #[must_use]
    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Why there is no answer, in the words of the command.
#[derive(Debug)]
pub struct Refusal(Failure);

impl Refusal {
    /// Work that was begun and failed, or was stopped.
    pub fn failed(message: &str) -> Self {
        Self(Failure::work(message.to_owned()))
    }

    /// Whether what was asked for is out of range, or cannot be used; else work failed.
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0, Failure::Input(_))
    }

    /// The parameter that is at fault, by its name in the library, where it is a single one.
    pub fn parameter(&self) -> Option<&'static str> {
        match &self.0 {
            Failure::Input(InvalidInput::Parameter { parameter, .. }) => Some(parameter),
            _ => None,
        }
    }

    fn of(name: &'static str, value: f64, allowed: &str) -> Self {
        Self(Failure::Input(InvalidInput::of(name, value, allowed)))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message(&[]))
    }
}

impl std::error::Error for Refusal {}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

/// What libraries refuse, is refused in their words.
macro_rules! refused {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self(error.into())
            }
        })+
    };
}

refused!(crate::model::ModelError, crate::theory::TheoryError);
#[cfg(feature = "simulate")]
refused!(
    crate::dynamics::DynamicsError,
    crate::montecarlo::MonteCarloError,
    crate::solvers::SolverError,
);

type Answered = Result<Rows, Refusal>;

/// A size: a whole number in `1..=9e15`, or infinite. `name` is told where it is neither.
pub fn size(name: &'static str, value: f64) -> Result<f64, Refusal> {
    let is_size = cli::numbers::is_size(value);
    let refusal = || Refusal::of(name, value, "must be a whole number in 1..9e15, or infinite");
    is_size.then_some(value).ok_or_else(refusal)
}

/// A finite number above 0.
pub fn positive(name: &'static str, value: f64) -> Result<f64, Refusal> {
    let is_positive = value.is_finite() && value > 0.0;
    let refusal = || Refusal::of(name, value, "must be a finite number > 0");
    is_positive.then_some(value).ok_or_else(refusal)
}

/// A step size: a number in `1e-100..=1e30`.
pub fn rate(name: &'static str, value: f64) -> Result<f64, Refusal> {
    let refusal = || Refusal::of(name, value, "the step size must be a number in 1e-100..1e30");
    is_rate(value).then_some(value).ok_or_else(refusal)
}

/// A count: a whole number in `least..=1e9`.
pub fn count(name: &'static str, value: f64, least: u8) -> Result<usize, Refusal> {
    let is_count = (f64::from(least)..=1e9).contains(&value) && value.fract() == 0.0;
    let refusal = || Refusal::of(name, value, &format!("must be a whole number in {least}..1e9"));
    is_count.then_some(value as usize).ok_or_else(refusal)
}

/// `asymscale loss`: a row for each of the sizes `features`. `samples` may be infinite.
pub fn loss(
    model: &SparseModel,
    samples: f64,
    features: &[f64],
    regression: Regression,
) -> Answered {
    Ok(cli::loss::rows(model, samples, features, regression)?)
}

/// `asymscale coverage`: one row.
pub fn coverage(model: &SparseModel, samples: f64) -> Answered {
    Ok(cli::coverage::rows(model, samples)?)
}

/// `asymscale frontier`: one row.
pub fn frontier(model: &SparseModel, budget: Budget) -> Answered {
    Ok(cli::frontier::rows(model, budget)?)
}

/// `asymscale frontier --pass sgd` and `--unique`: one row.
pub fn frontier_of_sgd(model: &SparseModel, budget: EpochBudget) -> Answered {
    Ok(cli::frontier::passes::sgd_rows(model, budget)?)
}

/// `asymscale frontier --pass adaptive`: one row.
pub fn frontier_of_adaptive_steps(model: &SparseModel, compute: f64, factor: f64) -> Answered {
    Ok(cli::frontier::passes::adaptive_rows(model, compute, factor)?)
}

/// The long flags of a subcommand, without their dashes; none where there is no such subcommand.
pub fn flags(subcommand: &str) -> Vec<String> {
    cli::flags_of(subcommand)
}

#[cfg(feature = "simulate")]
mod simulated;
#[cfg(feature = "simulate")]
pub use simulated::{
    DescentPlan, INPUTS, TEACHERS, TrainingPlan, descent, instability, instability_of_pass,
    instability_simulated, simulate, simulate_designs, simulate_nonlinear, simulate_watched, train,
    training_steps,
};

#[cfg(feature = "fit")]
pub use of_tables::{SavedFit, listed_model, model_of_table, of_table};

#[cfg(feature = "fit")]
mod of_tables {
    use super::{Answered, Refusal};
    use crate::cli::predict::Predictor;
    use crate::cli::{self, own_model};
    use crate::model::SparseModel;
    use crate::tables::{CoordinateTail, Source};

    /// The answer of `asymscale fit` or `asymscale diagnose` about a table, in JSON, and what the
    /// command says beside it, on standard error. The arguments are those of the command, with any
    /// word in the place of the file.
    pub fn of_table(arguments: &[String], table: Source) -> Result<(String, String), Refusal> {
        Ok(cli::ask(arguments, table)?)
    }

    /// The model of a table of coordinates as `--model` reads it, and what was remarked on.
    pub fn model_of_table(table: Source) -> Result<(SparseModel, Vec<String>), Refusal> {
        Ok(own_model::of_table(table)?)
    }

    /// The model of coordinates, an entry each: variances, activities and, if the teacher is not
    /// iid, target energies, which power laws may continue.
    pub fn listed_model(
        variances: Vec<f64>,
        activities: Vec<f64>,
        energies: Option<Vec<f64>>,
        tail: Option<CoordinateTail>,
    ) -> Result<SparseModel, Refusal> {
        Ok(own_model::listed(variances, activities, energies, tail)?)
    }

    /// A fit that `asymscale fit --save` wrote.
    #[derive(Debug)]
    pub struct SavedFit(Predictor);

    impl SavedFit {
        /// Reads the text of the file; messages call it `name`.
        pub fn new(name: &str, text: &str) -> Result<Self, Refusal> {
            Ok(Self(Predictor::new(name, text)?))
        }

        /// `asymscale predict --features --samples`: one row. Without a level that of the fit.
        pub fn forecast(&self, features: f64, samples: f64, level: Option<f64>) -> Answered {
            Ok(self.0.rows(features, samples, level)?)
        }

        /// `asymscale predict --compute`: one row.
        pub fn allocate(&self, compute: f64, level: Option<f64>) -> Answered {
            Ok(self.0.budget_rows(compute, level)?)
        }
    }
}
