//! The rows of simulations, and theory beside them.

use crate::cli::answer::answer;
use crate::cli::output::{Number, Size, finite};
use crate::model::{ModelSize, Regression, SparseModel};
use crate::montecarlo::{NonlinearEstimate, Simulation, Summary};
use crate::solvers::Activation;
use crate::theory::SampleTheory;

answer! {
    /// The loss of one model size over simulated designs.
    pub(super) struct Point {
        /// Model size N, or infinite.
        features: Size,
        /// Training samples D.
        samples: Size,
        /// The method that was used: iterative where averaged went over to it.
        method: String,
        /// Mean loss; null where it does not exist, at the interpolation threshold.
        mean: Option<Number>,
        /// Its standard error; null where the mean is, and of a single design.
        standard_error: Option<Number>,
        /// Lower end of the 95 % interval of the mean; null likewise.
        low: Option<Number>,
        /// Upper end of that interval.
        high: Option<Number>,
        /// By how much the mean may be off since the method stops at an order.
        truncation: Number,
        /// Standard error of the random probes, 0 of other methods.
        probe_error: Number,
        /// Median loss over designs; infinite where most have none.
        median: Number,
        /// Lower end of the interval of the median.
        median_low: Number,
        /// Upper end of the interval of the median.
        median_high: Number,
        /// Lower quartile of the loss over designs.
        lower_quartile: Number,
        /// Upper quartile of the loss over designs.
        upper_quartile: Number,
        /// Number of designs.
        repeats: usize,
        /// Mean rank of the designs.
        rank_mean: Number,
        /// Mean number of seen coordinates.
        seen_mean: Number,
        /// Mean variance of the coordinates that no sample activated.
        unseen_mass_mean: Number,
        /// Population loss from theory, as the command loss answers; null where theory refuses.
        theory: Option<Number>,
        /// Estimate of the relative error of theory at this size; null likewise.
        finite_size_error: Option<Number>,
    }
}

answer! {
    /// The loss of one model size of nonlinear features; errors are null of a single design.
    pub(super) struct NonlinearPoint {
        /// Model size N, or infinite.
        features: Size,
        /// Training samples D.
        samples: Size,
        /// The activation.
        activation: String,
        /// Mean loss.
        mean: Number,
        /// Its standard error; null of a single design.
        standard_error: Option<Number>,
        /// Lower end of the 95 % interval of the mean; null likewise.
        low: Option<Number>,
        /// Upper end of that interval.
        high: Option<Number>,
        /// The part of the standard error that is due to test inputs; null likewise.
        input_error: Option<Number>,
        /// Median loss over designs.
        median: Number,
        /// Mean loss of linear features on the same designs.
        linear: Number,
        /// Its standard error; null of a single design.
        linear_standard_error: Option<Number>,
        /// Number of designs.
        repeats: usize,
        /// Null: there is no theory of nonlinear features on sparse data.
        theory: Option<Number>,
        /// Null likewise.
        finite_size_error: Option<Number>,
    }
}

answer! {
    /// The loss of one model size on one design.
    pub(super) struct DesignPoint {
        /// Model size N, or infinite.
        features: Size,
        /// Training samples D.
        samples: Size,
        /// Number of the design, from 0; the same number at every model size is the same design.
        design: usize,
        /// Loss on this design, averaged over teachers, and with the default method over features;
        /// infinite where it does not exist. Means over designs also use control variates.
        loss: Number,
        /// Rank of the design: its interpolation threshold.
        rank: usize,
        /// Coordinates active in at least one sample.
        seen: usize,
        /// Variance of the coordinates that no sample activated.
        unseen_mass: Number,
    }
}

/// The loss of theory with the estimate of its relative error, where it answers.
type Theory = Option<(f64, f64)>;

/// Theory beside a simulation, at each model size.
fn beside(
    model: &SparseModel,
    samples: f64,
    sizes: &[ModelSize],
    regression: Regression,
) -> Vec<Theory> {
    let sizes: Vec<f64> = sizes.iter().map(|size| size.as_f64()).collect();
    let Ok(theory) = SampleTheory::new(model, samples) else { return vec![None; sizes.len()] };
    // A whole curve at once, as the command loss asks for it; if a size of it is refused, each
    // alone.
    let curve = theory.curve_with(&sizes, regression).ok();
    let one = |(n, size): (usize, &f64)| {
        let loss = match &curve {
            Some(losses) => losses[n],
            None => *theory.curve_with(&[*size], regression).ok()?.first()?,
        };
        Some((loss, theory.finite_size_error_with(*size, regression).ok()?))
    };
    sizes.iter().enumerate().map(one).collect()
}

/// A row per model size, with theory beside it.
pub(super) fn sizes(
    model: &SparseModel,
    simulation: &Simulation,
    regression: Regression,
) -> Vec<Point> {
    let theory = beside(model, simulation.samples as f64, &simulation.features, regression);
    let summaries = simulation.summaries();
    let all = summaries.iter().zip(theory).enumerate();
    all.map(|(n, (found, theory))| point(simulation, n, found, theory)).collect()
}

fn point(simulation: &Simulation, n: usize, summary: &Summary, theory: Theory) -> Point {
    Point {
        features: summary.features.into(),
        samples: Size(simulation.samples as f64),
        method: simulation.method.to_string(),
        mean: summary.mean.map(Number),
        standard_error: summary.standard_error.map(Number),
        low: summary.interval.map(|interval| Number(interval.0)),
        high: summary.interval.map(|interval| Number(interval.1)),
        truncation: Number(summary.truncation),
        probe_error: Number(simulation.probe_error(n)),
        median: Number(summary.median),
        median_low: Number(summary.median_interval.0),
        median_high: Number(summary.median_interval.1),
        lower_quartile: Number(summary.quartiles.0),
        upper_quartile: Number(summary.quartiles.1),
        repeats: summary.repeats,
        rank_mean: Number(simulation.rank_mean()),
        seen_mean: Number(simulation.seen_mean()),
        unseen_mass_mean: Number(simulation.unseen_mass_mean()),
        theory: theory.map(|(loss, _)| Number(loss)),
        finite_size_error: theory.map(|(_, error)| Number(error)),
    }
}

pub(super) fn nonlinear(
    samples: usize,
    activation: Activation,
    estimate: &NonlinearEstimate,
) -> NonlinearPoint {
    NonlinearPoint {
        features: estimate.features.into(),
        samples: Size(samples as f64),
        activation: activation.to_string(),
        mean: Number(estimate.loss.mean),
        standard_error: finite(estimate.loss.standard_error),
        low: finite(estimate.interval.0),
        high: finite(estimate.interval.1),
        input_error: finite(estimate.input_error),
        median: Number(estimate.median),
        linear: Number(estimate.linear.mean),
        linear_standard_error: finite(estimate.linear.standard_error),
        repeats: estimate.loss.count,
        theory: None,
        finite_size_error: None,
    }
}

/// A row per model size and design, designs fastest.
pub(super) fn designs(simulation: &Simulation) -> Vec<DesignPoint> {
    let samples = Size(simulation.samples as f64);
    let of_size = |(n, features): (usize, &ModelSize)| {
        let features = Size(features.as_f64());
        let replicates = simulation.replicates.iter().enumerate();
        let row = move |(design, found): (usize, &crate::montecarlo::Replicate)| DesignPoint {
            features,
            samples,
            design,
            loss: Number(found.losses[n]),
            rank: found.rank,
            seen: found.seen,
            unseen_mass: Number(found.unseen_mass),
        };
        replicates.map(row).collect::<Vec<_>>()
    };
    simulation.features.iter().enumerate().flat_map(of_size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eigenvalues beyond the range of floats: theory refuses the sizes that reach them, alone.
    #[test]
    fn theory_that_refuses_a_size_answers_the_others() {
        let model = SparseModel::power_law(100.0, 0.0, 1.0).unwrap();
        let sizes = [5, 500].map(ModelSize::Finite);
        let found = beside(&model, 600.0, &sizes, Regression::default());
        assert!(found[0].is_some_and(|(loss, error)| loss > 0.0 && error > 0.0));
        assert_eq!(found[1], None);
    }
}
