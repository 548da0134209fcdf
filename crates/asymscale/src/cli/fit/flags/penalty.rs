//! What a fit minimises: the objective, and the weight of runs above the law.

use crate::cli::Failure;
use crate::cli::fit::ObjectiveName;
use crate::fitting::Objective;
use clap::Args;

/// Runs below the law that hold it.
const FEWEST_BELOW: f64 = 10.0;

/// How much runs above the law count.
#[derive(Debug, Args)]
pub(crate) struct PenaltyFlags {
    /// Weight in (0, 1] of runs above the law, which may be badly tuned, under the Huber objective:
    /// with 0.1, where residuals are far beyond --delta, one run in eleven lies below the law, ten
    /// above
    #[arg(long, value_name = "WEIGHT", value_parser = weight, allow_hyphen_values = true)]
    penalty: Option<f64>,
}

impl PenaltyFlags {
    /// Refuses a weight that the objective has no place for.
    pub(in crate::cli::fit) fn check(&self, objective: ObjectiveName) -> Result<(), Failure> {
        match self.penalty {
            Some(weight) if objective != ObjectiveName::Huber => Err(Failure::input(format!(
                "--penalty {weight}: needs --objective huber; the others have no weight of runs above the law"
            ))),
            _ => Ok(()),
        }
    }

    pub(in crate::cli::fit) fn objective(&self, objective: ObjectiveName, delta: f64) -> Objective {
        match (objective, self.penalty) {
            (ObjectiveName::Huber, Some(above)) => Objective::AsymmetricHuberLog { delta, above },
            (ObjectiveName::Huber, None) => Objective::HuberLog { delta },
            (ObjectiveName::LogSquares, _) => Objective::SquaresLog,
            (ObjectiveName::Squares, _) => Objective::Squares,
        }
    }

    /// Runs that can be expected below the law, where that is fewer than its intervals need: of 36
    /// runs and a weight of 0.1, three below, 95 % intervals hold the truth 87 to 89 times of 100,
    /// of 144 runs, thirteen below, 92 to 96 times (example `penalty` of asymscale-fitting).
    pub(in crate::cli::fit) fn few_below(&self, rows: usize) -> Option<f64> {
        let share = self.penalty.filter(|above| *above < 1.0).map(|above| above / (1.0 + above));
        share.map(|share| share * rows as f64).filter(|below| *below < FEWEST_BELOW)
    }

    /// Whether runs above the law count less than those below.
    pub(in crate::cli::fit) fn is_asymmetric(&self) -> bool {
        self.penalty.is_some_and(|above| above < 1.0)
    }
}

fn weight(text: &str) -> Result<f64, String> {
    let inside = |weight: &f64| *weight > 0.0 && *weight <= 1.0;
    text.parse().ok().filter(inside).ok_or_else(|| "must be a number in (0, 1]".to_owned())
}
