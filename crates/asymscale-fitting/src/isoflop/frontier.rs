//! Power laws of the minima in compute: exponents of N\*, D\* and D\*/N\*, and the smallest loss.

use asymscale_numerics::mean;
use rand::{Rng, RngExt};
use serde::Serialize;

use super::curve::{Measured, of_decreasing};
use super::interval::{percentiles, widening};
use super::loss::{BUDGETS_FOR_FLOOR, LossCurve, PowerLawWithFloor, line};
use super::parabola::Parabola;
use super::{IsoflopOptions, interval_of};
use crate::checks::check_positive_option;
use crate::{FittingError, ParameterInterval};

/// Power laws through the minima of at least two budgets, each counted once.
#[derive(Debug, Clone)]
pub struct Frontier {
    /// a of `N* ∝ C^a`. Of two budgets the interval is what the errors of the runs leave; of more
    /// it is as much wider as the minima scatter more about the power law than those errors make
    /// them.
    pub features_exponent: ParameterInterval,
    /// `1 − a`, of D\*.
    pub samples_exponent: ParameterInterval,
    /// `1 − 2a`, of D\*/N\*.
    pub ratio_exponent: ParameterInterval,
    /// L\*(C).
    pub loss: LossCurve,
    /// Root mean square of the distances of the minima from the power law over their standard
    /// errors, at `budgets − 2` degrees of freedom; `None` of two budgets.
    pub excess: Option<f64>,
    /// Budgets that have a minimum.
    pub budgets: usize,
    level: f64,
    /// Means of `ln C` and of `ln C − ln(N·D)`, and the range of `ln C`.
    middle: f64,
    log_factor: f64,
    range: (f64, f64),
    found: Replicate,
    replicates: Vec<Replicate>,
    /// How much wider intervals are than the resamples: of exponents, of losses.
    wider: [f64; 2],
}

/// `ln N*` at the middle and its slope, and the loss.
#[derive(Debug, Clone, Copy)]
struct Replicate {
    level: f64,
    slope: f64,
    loss: PowerLawWithFloor,
}

/// The prediction of the power laws at a budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FrontierPoint {
    /// C.
    pub compute: f64,
    /// N\*.
    pub features: ParameterInterval,
    /// D\*.
    pub samples: ParameterInterval,
    /// D\*/N\*.
    pub ratio: ParameterInterval,
    /// The loss.
    pub loss: ParameterInterval,
    /// C over the largest budget that has a minimum, or over the smallest; 1 between them.
    pub beyond: f64,
}

impl Frontier {
    pub(crate) fn new<R: Rng + ?Sized>(
        measured: &[Measured],
        options: &IsoflopOptions,
        rng: &mut R,
    ) -> Option<Self> {
        let budgets = measured.len();
        if budgets < 2 {
            return None;
        }
        let mean = |of: &dyn Fn(&Measured) -> f64| mean(measured.iter().map(of));
        let middle = mean(&|found| found.log_compute);
        let logs: Vec<f64> = measured.iter().map(|found| found.log_compute - middle).collect();
        let found =
            Replicate::of(&logs, measured.iter().map(|found| minimum(found, &found.parabola)));
        let sources = ResidualPools::of(measured);
        let replicates: Vec<Replicate> = (0..options.resamples)
            .map(|_| Replicate::of(&logs, measured.iter().map(|found| sources.draw(found, rng))))
            .collect();
        let dof = measured.iter().map(|found| found.grid.dof()).sum();
        let wide = widening(options.level, dof);
        let excess = excess(&logs, measured);
        let wider = [wide * excess.unwrap_or(1.0).max(1.0), wide];
        let of = |value: &dyn Fn(&Replicate) -> f64, wider: f64| {
            let values: Vec<f64> = replicates.iter().map(value).collect();
            let estimate = value(&found);
            interval_of(
                estimate,
                percentiles(estimate, &values, options.level, wider),
                options.level,
            )
        };
        let features_exponent = of(&|replicate| replicate.slope, wider[0]);
        let floor = (budgets >= BUDGETS_FOR_FLOOR)
            .then(|| positive(of(&|replicate| replicate.loss.floor, wide)));
        let exponent = of(&|replicate| replicate.loss.reported_exponent(), wide);
        let exponent = if floor.is_some() { positive(exponent) } else { exponent };
        Some(Self {
            features_exponent,
            samples_exponent: of_decreasing(&features_exponent, |a| 1.0 - a),
            ratio_exponent: of_decreasing(&features_exponent, |a| 1.0 - 2.0 * a),
            loss: LossCurve { floor, exponent },
            excess,
            budgets,
            level: options.level,
            middle,
            log_factor: mean(&|found| found.log_compute - found.log_product),
            range: measured
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), found| {
                    (low.min(found.log_compute), high.max(found.log_compute))
                }),
            found,
            replicates,
            wider,
        })
    }

    /// The prediction of the power laws at a budget.
    ///
    /// # Errors
    /// A budget that is not finite and > 0.
    pub fn at(&self, compute: f64) -> Result<FrontierPoint, FittingError> {
        check_positive_option("compute", compute)?;
        let log = compute.ln();
        let of = |value: &dyn Fn(&Replicate) -> f64, wider: f64| {
            let values: Vec<f64> = self.replicates.iter().map(value).collect();
            let estimate = value(&self.found);
            (estimate, percentiles(estimate, &values, self.level, wider))
        };
        let (best, ends) =
            of(&|found| found.level + found.slope * (log - self.middle), self.wider[0]);
        let features = interval_of(best.exp(), (ends.0.exp(), ends.1.exp()), self.level);
        let (loss, ends) = of(&|found| found.loss.loss(log - self.middle), self.wider[1]);
        let product = (log - self.log_factor).exp();
        let (low, high) = self.range;
        Ok(FrontierPoint {
            compute,
            features,
            samples: of_decreasing(&features, |n| product / n),
            ratio: of_decreasing(&features, |n| product / n / n),
            loss: interval_of(loss, ends, self.level),
            beyond: (log - log.clamp(low, high)).exp(),
        })
    }
}

/// `ln N*` and the loss there.
type Extremum = (f64, f64);

impl Replicate {
    /// Budgets without a minimum are left out, as they would be of runs; fewer than two have no
    /// value.
    fn of(logs: &[f64], minima: impl Iterator<Item = Option<Extremum>>) -> Self {
        let some = logs.iter().zip(minima).filter_map(|(log, found)| Some((*log, found?)));
        let (kept, found): (Vec<f64>, Vec<Extremum>) = some.unzip();
        let (places, losses): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
        let (level, slope) = line(&kept, &places);
        Self {
            level,
            slope,
            loss: PowerLawWithFloor::fit(&kept, &losses, logs.len() >= BUDGETS_FOR_FLOOR),
        }
    }
}

/// The minimum of a parabola, if it has one.
fn minimum(found: &Measured, parabola: &Parabola) -> Option<Extremum> {
    parabola
        .is_convex()
        .then(|| (found.grid.vertex(parabola), found.grid.extremum(parabola, 0.0).0))
}

/// Residuals to draw from, relative to the mean loss and rescaled for the leverage of the
/// parabolas. All budgets share one list, except those that scatter more, which have their own.
struct ResidualPools {
    common: Vec<f64>,
    own: Vec<(usize, Vec<f64>)>,
}

impl ResidualPools {
    fn of(measured: &[Measured]) -> Self {
        let list = |found: &Measured| -> Vec<f64> {
            let mean = found.parabola.mean();
            let pairs = found.parabola.residuals.iter().zip(found.grid.leverages());
            pairs.map(|(r, leverage)| r / mean / (1.0 - leverage).max(1e-9).sqrt()).collect()
        };
        Self {
            common: measured.iter().filter(|found| !found.own_scatter).flat_map(list).collect(),
            own: measured
                .iter()
                .filter(|found| found.own_scatter)
                .map(|found| (found.curve, list(found)))
                .collect(),
        }
    }

    /// The minimum of the budget with residuals drawn anew, each with a random sign.
    fn draw<R: Rng + ?Sized>(&self, found: &Measured, rng: &mut R) -> Option<Extremum> {
        let own = self.own.iter().find(|(curve, _)| *curve == found.curve);
        let list = own.map_or(&self.common, |(_, list)| list);
        let scale = found.parabola.mean();
        let mut error = || {
            let drawn = scale * list[rng.random_range(0..list.len())];
            if rng.random::<bool>() { drawn } else { -drawn }
        };
        let losses: Vec<f64> =
            found.grid.fitted(&found.parabola).into_iter().map(|loss| loss + error()).collect();
        minimum(found, &found.grid.fit(&losses))
    }
}

/// Root mean square of the distances from the power law over the standard errors.
fn excess(logs: &[f64], measured: &[Measured]) -> Option<f64> {
    let dof = measured.len().checked_sub(2).filter(|dof| *dof > 0)?;
    let weights: Vec<f64> = measured
        .iter()
        .map(|found| found.grid.vertex_error(&found.parabola, found.spread).max(1e-9).powi(-2))
        .collect();
    let places: Vec<f64> = measured.iter().map(Measured::vertex).collect();
    let total: f64 = weights.iter().sum();
    let mean = |values: &[f64]| weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>() / total;
    let (x, y) = (mean(logs), mean(&places));
    let moment =
        |of: &dyn Fn(usize) -> f64| (0..weights.len()).map(|k| weights[k] * of(k)).sum::<f64>();
    let slope = moment(&|k| (logs[k] - x) * (places[k] - y)) / moment(&|k| (logs[k] - x).powi(2));
    let left = moment(&|k| (places[k] - y - slope * (logs[k] - x)).powi(2));
    Some((left / dof as f64).sqrt())
}

/// The interval, cut at 0, of a number that cannot be negative.
fn positive(of: ParameterInterval) -> ParameterInterval {
    ParameterInterval { lower: of.lower.max(0.0), ..of }
}
