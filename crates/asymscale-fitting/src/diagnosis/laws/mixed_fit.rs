//! Fitting a shape to a window of counts by maximum likelihood, and what the fitted law expects.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::kernel::{Kernel, STEP, exceeds};
use super::shapes::Shape;
use crate::diagnosis::counts::cells::Cells;

/// A law of activity other than a power law, fitted to the counts `low < k ≤ max_count`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MixedLaw {
    /// Its shape.
    pub shape: Shape,
    /// Its parameters, which [`Shape`] describes.
    pub parameters: [f64; 2],
    /// Features per unit of `x` where the shape is 1.
    pub scale: f64,
    /// Counts up to here were fitted.
    pub max_count: u64,
    /// Features in the window.
    pub features: f64,
    /// Goodness of fit: Pearson's X², χ² with what the three parameters leave.
    pub p_value: f64,
}

/// A fitted law with the tables it was fitted with.
#[derive(Debug, Clone)]
pub(crate) struct Fitted<'a> {
    pub(crate) law: MixedLaw,
    pub(super) kernel: &'a Kernel,
    pub(super) tally: &'a [f64],
    /// Fisher's information on the parameters.
    pub(super) information: [[f64; 2]; 2],
}

/// Moments of a cell: its expected features and their derivatives by the two parameters.
type Moment = [f64; 3];

/// Steps of `ln λ` in which expected counts of any range are added up: they resolve a Poisson law
/// of a few thousand.
const FINE: f64 = STEP / 8.0;

impl MixedLaw {
    /// Expected number of features active in `low < k ≤ high` of `units` units, `high < units`.
    /// Cost: two incomplete gamma or beta functions at each of some hundred rates.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::{MixedLaw, Shape};
    /// // Equal features, as nearly as the shape allows, active 4 times each in expectation: counts are Poisson.
    /// let law = MixedLaw {
    ///     shape: Shape::Gamma, parameters: [5.0, 4_f64.ln()], scale: 1.0, max_count: 10, features: 10.0, p_value: 1.0,
    /// };
    /// let ratio = law.features_between(3, 4, 1e6) / law.features_between(4, 5, 1e6);
    /// assert!((ratio - 5.0 / 4.0).abs() < 0.02);
    /// ```
    pub fn features_between(&self, low: u64, high: u64, units: f64) -> f64 {
        let (from, to) = (low as f64, high as f64);
        // At rates further away than 8 standard deviations a count in the range is practically
        // impossible, and below the first rate its probability is negligible.
        let first = if low == 0 {
            -36.0
        } else {
            (from - 8.0 * from.sqrt()).max(1e-3 * from.min(1.0)).ln()
        };
        let last = if to < units { (to + 8.0 * to.sqrt() + 20.0).ln() } else { units.ln() + 40.0 };
        let steps = ((last - first) / FINE).ceil() as usize;
        let at = |k: usize| {
            let x = first + FINE * k as f64;
            let share = exceeds(x.exp(), from, units) - exceeds(x.exp(), to, units);
            if share > 0.0 { self.shape.log_density(self.parameters, x).exp() * share } else { 0.0 }
        };
        self.scale * FINE * (0..steps).map(at).sum::<f64>()
    }

    /// Expected features per unit of `x = ln λ`, seen or not.
    pub(crate) fn density(&self, x: f64) -> f64 {
        self.scale * self.shape.log_density(self.parameters, x).exp()
    }

    /// Expected features at each node of the rates, seen or not. Sums over nodes resolve smooth
    /// functions of `ln λ`.
    pub(crate) fn at_nodes(&self, kernel: &Kernel) -> Vec<f64> {
        let at = |x: &f64| self.scale * STEP * self.shape.log_density(self.parameters, *x).exp();
        kernel.nodes.iter().map(at).collect()
    }

    /// Features active more than `low` times in `factor` times the data and not in the data
    /// themselves.
    pub(crate) fn newly_active(&self, kernel: &Kernel, low: u64, factor: f64) -> f64 {
        let new = |rate: &f64| {
            if low == 0 {
                // e^−λ − e^−tλ, without subtracting where both are near 1.
                return (-rate).exp() * -(-(factor - 1.0) * rate).exp_m1();
            }
            let low = low as f64;
            exceeds(factor * rate, low, f64::INFINITY) - exceeds(*rate, low, f64::INFINITY)
        };
        self.at_nodes(kernel)
            .iter()
            .zip(&kernel.rates)
            .map(|(features, rate)| features * new(rate))
            .sum()
    }
}

/// Fits one shape; the result may be its limit, where the likelihood is largest there. `None` where
/// the fit does not converge.
pub(crate) fn fit_shape<'a>(
    shape: Shape,
    cells: &Cells,
    kernel: &'a Kernel,
    tally: &'a [f64],
) -> Option<Fitted<'a>> {
    let ends = shape.starts().iter().filter_map(|&start| maximise(shape, kernel, tally, start));
    let best = ends.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let theta = best.0;
    let features: f64 = tally.iter().sum();
    let moments = moments(shape, kernel, theta);
    let total: f64 = moments.iter().map(|moment| moment[0]).sum();
    let expected: Vec<f64> = moments.iter().map(|moment| features * moment[0] / total).collect();
    let (statistic, dof) = Cells::pearson_of(tally, &expected, 3.0);
    let p_value =
        if dof < 1.0 { 1.0 } else { ChiSquared::new(dof).expect("positive").sf(statistic) };
    let law = MixedLaw {
        shape,
        parameters: theta,
        scale: features / (total * STEP),
        max_count: cells.edges[cells.len()],
        features,
        p_value,
    };
    let information = information(tally, &moments);
    Some(Fitted { law, kernel, tally, information })
}

impl<'a> Fitted<'a> {
    /// Whether it is the power law without end in which the shape ends: no law of its own, but
    /// those near it are not excluded.
    pub(crate) fn is_limit(&self) -> bool {
        self.law.shape.power_law(self.law.parameters)
    }

    /// The tables that its forecasts are sums over.
    pub(crate) fn kernel(&self) -> &'a Kernel {
        self.kernel
    }

    /// The same law at other parameters: the window keeps its features.
    pub(crate) fn moved(&self, parameters: [f64; 2]) -> MixedLaw {
        let total: f64 =
            moments(self.law.shape, self.kernel, parameters).iter().map(|moment| moment[0]).sum();
        MixedLaw { parameters, scale: self.law.features / (total * STEP), ..self.law }
    }

    /// Log likelihood at other parameters, less that at the fit.
    pub(super) fn log_likelihood(&self, parameters: [f64; 2]) -> f64 {
        log_likelihood(self.law.shape, self.kernel, self.tally, parameters)
            - log_likelihood(self.law.shape, self.kernel, self.tally, self.law.parameters)
    }

    /// The derivative by the parameters of the log likelihood of one feature in each cell.
    pub(super) fn scores(&self) -> Vec<[f64; 2]> {
        let moments = moments(self.law.shape, self.kernel, self.law.parameters);
        let total = summed(&moments);
        moments
            .iter()
            .map(|moment| [1, 2].map(|k| moment[k] / moment[0] - total[k] / total[0]))
            .collect()
    }
}

fn moments(shape: Shape, kernel: &Kernel, theta: [f64; 2]) -> Vec<Moment> {
    let logs: Vec<f64> = kernel.nodes.iter().map(|&x| shape.log_density(theta, x)).collect();
    // Nodes far below the largest weight add nothing and are left out.
    let weights: Vec<(usize, f64, [f64; 2])> = logs
        .iter()
        .enumerate()
        .filter(|(_, log)| log.is_finite() && **log > -700.0)
        .map(|(k, log)| (k, log.min(700.0).exp(), shape.slopes(theta, kernel.nodes[k])))
        .collect();
    let moment = |cell: &Vec<f64>| {
        weights.iter().fold([0.0; 3], |sum, (k, weight, slopes)| {
            let term = cell[*k] * weight;
            [sum[0] + term, sum[1] + slopes[0] * term, sum[2] + slopes[1] * term]
        })
    };
    kernel.cells.iter().map(moment).collect()
}

fn summed(moments: &[Moment]) -> Moment {
    moments.iter().fold([0.0; 3], |sum, m| [sum[0] + m[0], sum[1] + m[1], sum[2] + m[2]])
}

fn log_likelihood(shape: Shape, kernel: &Kernel, tally: &[f64], theta: [f64; 2]) -> f64 {
    of_moments(tally, &moments(shape, kernel, theta))
}

fn of_moments(tally: &[f64], moments: &[Moment]) -> f64 {
    let total = summed(moments)[0];
    let term =
        |(n, moment): (&f64, &Moment)| if *n > 0.0 { n * (moment[0] / total).ln() } else { 0.0 };
    tally.iter().zip(moments).map(term).sum()
}

fn information(tally: &[f64], moments: &[Moment]) -> [[f64; 2]; 2] {
    let features: f64 = tally.iter().sum();
    let total = summed(moments);
    let mut information = [[0.0; 2]; 2];
    for moment in moments.iter().filter(|moment| moment[0] > 0.0) {
        let d = [1, 2].map(|k| moment[k] / moment[0] - total[k] / total[0]);
        for (i, row) in information.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry += features * moment[0] / total[0] * d[i] * d[j];
            }
        }
    }
    information
}

/// Fisher scoring on the shares of the cells, damped where a step does not rise, within the bounds;
/// the end and its log likelihood.
fn maximise(
    shape: Shape,
    kernel: &Kernel,
    tally: &[f64],
    start: [f64; 2],
) -> Option<([f64; 2], f64)> {
    let (bounds, longest) = (shape.bounds(), shape.step());
    let mut theta = start;
    let mut at = moments(shape, kernel, theta);
    let mut value = of_moments(tally, &at);
    if !value.is_finite() {
        return None;
    }
    let mut damping = 1e-6;
    for _ in 0..80 {
        let total = summed(&at);
        let mut score = [0.0; 2];
        for (n, moment) in tally.iter().zip(&at).filter(|(n, _)| **n > 0.0) {
            for (k, entry) in score.iter_mut().enumerate() {
                *entry += n * (moment[k + 1] / moment[0] - total[k + 1] / total[0]);
            }
        }
        let [[aa, ab], [_, bb]] = information(tally, &at);
        let mut rose = false;
        for _ in 0..12 {
            let (daa, dbb) = (aa * (1.0 + damping) + 1e-12, bb * (1.0 + damping) + 1e-12);
            let determinant = daa * dbb - ab * ab;
            let step = [
                (dbb * score[0] - ab * score[1]) / determinant,
                (daa * score[1] - ab * score[0]) / determinant,
            ];
            if !(step[0].is_finite() && step[1].is_finite()) {
                return None;
            }
            // Each parameter is limited by itself: where the likelihood is flat along one of them,
            // the other may still be far from its maximum.
            let moved = [0, 1].map(|k| {
                let step = step[k].clamp(-longest[k], longest[k]);
                (theta[k] + step).clamp(bounds[k].0, bounds[k].1)
            });
            let there = moments(shape, kernel, moved);
            let then = of_moments(tally, &there);
            if then.is_finite() && then >= value - 1e-10 * value.abs() {
                let size = (moved[0] - theta[0]).abs() + (moved[1] - theta[1]).abs();
                (theta, at, rose) = (moved, there, true);
                damping = (0.2 * damping).max(1e-9);
                let gained = then - value;
                value = then;
                if size < 1e-7 || (gained.abs() < 1e-9 && size < 1e-3) {
                    return Some((theta, value));
                }
                break;
            }
            damping = (10.0 * damping).max(1e-4);
        }
        if !rose {
            return Some((theta, value));
        }
    }
    Some((theta, value))
}
