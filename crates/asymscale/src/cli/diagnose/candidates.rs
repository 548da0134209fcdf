//! Laws of activity that a diagnosis tried, as JSON.

use super::json::number;
use crate::cli::output::Number;
use crate::fitting::diagnosis::{Backtest, Candidate, Diagnosis, Method, Shape};
use serde::Serialize;

/// A law that was tried.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CandidateAnswer {
    /// The method of forecasts that it makes.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Method"))]
    method: Method,
    /// Null where it could not be fitted.
    parameters: Option<LawParameters>,
    /// The largest count that it is fitted to.
    max_count: Option<u64>,
    /// How well it fits.
    p_value: Option<Number>,
    /// Forecasts of the data from parts of themselves.
    trials: Vec<TrialAnswer>,
    /// Whether it is not rejected.
    survives: bool,
    /// Whether it does so as well as the best that intervals hold its forecasts, too.
    plausible: bool,
}

/// The parameters of a law by their names.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum LawParameters {
    /// A broken power law, which bends towards the rare features.
    Broken { inverse_exponent: Option<Number>, bend: Option<Number> },
    /// A power law of finitely many features.
    Finite { inverse_exponent: Option<Number>, log_lowest_rate: Option<Number> },
    /// A gamma law of finitely many features.
    Gamma { shape: Option<Number>, log_mean_rate: Option<Number> },
    /// A power law without end.
    Power { beta: Option<Number>, onset: Option<Number> },
}

/// A forecast of the data from a part of themselves.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrialAnswer {
    /// All samples over those of the part.
    factor: Option<Number>,
    /// Logarithm of the forecast over what was found.
    log_error: Option<Number>,
    /// What chance makes of that.
    standard_error: Option<Number>,
}

impl CandidateAnswer {
    pub(super) fn new(candidate: &Candidate, diagnosis: &Diagnosis) -> Self {
        let fit = diagnosis.activity.as_ref();
        let max_count = candidate.law.map(|law| law.max_count);
        Self {
            method: candidate.method,
            parameters: LawParameters::new(candidate, diagnosis),
            max_count: max_count.or(fit.map(|fit| fit.max_count)),
            p_value: number(candidate.p_value),
            trials: candidate.trials.iter().map(TrialAnswer::new).collect(),
            survives: candidate.survives,
            plausible: candidate.plausible,
        }
    }
}

impl LawParameters {
    fn new(candidate: &Candidate, diagnosis: &Diagnosis) -> Option<Self> {
        let Some(law) = &candidate.law else {
            let fit = diagnosis.activity.as_ref()?;
            return Some(Self::Power {
                beta: number(fit.beta.value),
                onset: number(fit.onset.value),
            });
        };
        let [first, second] = law.parameters;
        Some(match law.shape {
            Shape::Lognormal => {
                Self::Broken { inverse_exponent: number(first), bend: number(second) }
            }
            Shape::Finite => {
                Self::Finite { inverse_exponent: number(first), log_lowest_rate: number(second) }
            }
            Shape::Gamma => {
                Self::Gamma { shape: number(first.exp()), log_mean_rate: number(second) }
            }
        })
    }
}

impl TrialAnswer {
    fn new(trial: &Backtest) -> Self {
        Self {
            factor: number(trial.factor),
            log_error: number(trial.error),
            standard_error: number(trial.chance),
        }
    }
}
