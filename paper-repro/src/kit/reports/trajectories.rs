//! Losses over time, of several designs or learners.

use super::statistics::bootstrap_interval;
use crate::kit::SEED;
use crate::{ChapterError, draw};
use asymscale_montecarlo::Estimate;
use asymscale_plots::Panel;
use asymscale_sweep::{Table, Tolerance as Drift};

const LAST_DIGITS: Drift = Drift { absolute: 1e-9, relative: 1e-6 };

/// How far the columns of a table of mean losses over time may drift.
pub const TRAJECTORY_DRIFT: &[(&str, Drift)] =
    &[("mean", LAST_DIGITS), ("standard_error", LAST_DIGITS), ("theory", LAST_DIGITS)];

/// Losses of several replicates at the same times.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectories {
    /// The times.
    pub times: Vec<f64>,
    /// One list of losses per replicate.
    pub replicates: Vec<Vec<f64>>,
}

impl Trajectories {
    /// Reads a column of rows with a `replicate` and a `step`, which is `rate` long.
    ///
    /// # Errors
    /// If columns or rows are missing.
    pub fn read(rows: &Table, column: &str, rate: f64) -> Result<Self, ChapterError> {
        let groups = rows.group_by(&["replicate"])?;
        let steps = groups.first().ok_or("no replicates")?.1.floats("step")?;
        let replicates: Result<_, _> = groups.iter().map(|(_, rows)| rows.floats(column)).collect();
        Ok(Self { times: steps.iter().map(|t| rate * t).collect(), replicates: replicates? })
    }

    /// Numbers of the times in an interval.
    pub fn within(&self, from: f64, to: f64) -> Vec<usize> {
        (0..self.times.len()).filter(|k| (from..=to).contains(&self.times[*k])).collect()
    }

    /// The mean at the `k`-th time with its standard error.
    pub fn estimate(&self, k: usize) -> Estimate {
        Estimate::of(&self.replicates.iter().map(|losses| losses[k]).collect::<Vec<_>>())
    }

    /// Time, mean, standard error and what it is held against, at each time.
    pub fn against(&self, theory: &[f64]) -> Vec<[f64; 4]> {
        let at = |k: usize| {
            let estimate = self.estimate(k);
            [self.times[k], estimate.mean, estimate.standard_error, theory[k]]
        };
        (0..self.times.len()).map(at).collect()
    }

    /// The ratio of mean to theory where it is farthest from 1, with its error.
    pub fn worst(&self, theory: &[f64]) -> Estimate {
        let ratio = |k: usize| {
            let estimate = self.estimate(k);
            let (mean, standard_error) =
                (estimate.mean / theory[k], estimate.standard_error / theory[k]);
            Estimate { mean, standard_error, ..estimate }
        };
        let farther = |a: Estimate, b: Estimate| {
            if (b.mean - 1.0).abs() > (a.mean - 1.0).abs() { b } else { a }
        };
        (1..self.times.len()).map(ratio).fold(ratio(0), farther)
    }

    /// A statistic of the mean curve, and its bootstrap interval over replicates.
    pub fn measure(&self, statistic: impl Fn(&dyn Fn(usize) -> f64) -> f64) -> (f64, (f64, f64)) {
        let of = |drawn: &[&Vec<f64>]| {
            statistic(&|k| drawn.iter().map(|losses| losses[k]).sum::<f64>() / drawn.len() as f64)
        };
        let all: Vec<&Vec<f64>> = self.replicates.iter().collect();
        (of(&all), bootstrap_interval(&self.replicates, SEED, of))
    }

    /// The power of time with which `loss` goes over a window, by least squares in logarithms.
    pub fn power(&self, window: &[usize], loss: impl Fn(usize) -> f64) -> f64 {
        let points: Vec<(f64, f64)> =
            window.iter().map(|k| (self.times[*k].ln(), loss(*k).ln())).collect();
        let n = points.len() as f64;
        let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
        let rise: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
        rise / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
    }
}

/// Sizes and times to settle at an onset of sparsity, of rows of
/// [`settling_rows`](crate::kit::settling_rows).
///
/// # Errors
/// Rows that are missing.
pub fn settled(rows: &Table, onset: f64) -> Result<Vec<(f64, f64)>, ChapterError> {
    let rows = rows.matching("case", format!("settling {onset}"))?;
    let points = rows.floats("samples")?.into_iter().zip(rows.floats("loss")?);
    let mut points: Vec<(f64, f64)> = points.collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(points)
}

/// The excess of the flow over its plateau, of rows of
/// [`approach_rows`](crate::kit::approach_rows).
///
/// # Errors
/// Rows that are missing.
pub fn approached(rows: &Table, case: &str) -> Result<[f64; 2], ChapterError> {
    let rows = rows.matching("case", format!("approach {case}"))?;
    Ok([rows.floats("loss")?[0], rows.floats("formula")?[0]])
}

/// The time to settle against the number of samples, for onsets of sparsity, with lines of the
/// predicted power.
pub fn settling_panel(alpha: f64, settled: Vec<(f64, Vec<(f64, f64)>)>) -> Panel {
    let mut panel = Panel::new(
        "time to settle, $β$ = 1.5",
        draw::log("samples $D$"),
        draw::log("time at twice the plateau"),
    );
    for (number, (onset, points)) in settled.into_iter().enumerate() {
        let (d, s) = points[points.len() / 2];
        let at = |x: f64| (x, s * (x / d).powf((1.0 + alpha) / 1.5));
        let power = points.iter().map(|point| at(point.0)).collect();
        let name = format!("theory, $c$ = {onset}, and its power");
        let layers = draw::both(name, number, power, draw::marks("", number, points, vec![]));
        panel = layers.into_iter().fold(panel, Panel::with);
    }
    panel
}

/// The loss at `time` of steps of size `rate` with infinite data, where every coordinate decays
/// alone.
pub fn steps_alone(alpha: f64, rate: f64, time: f64) -> f64 {
    let lambda = |i: u32| f64::from(i).powf(-1.0 - alpha);
    (1..20_000).map(|i| lambda(i) * (1.0 - rate * lambda(i)).powf(2.0 * time / rate)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_is_read_off_exactly() {
        let times = vec![1.0, 3.0, 10.0, 30.0];
        let replicates =
            [0.5, 1.5].map(|a| times.iter().map(|t: &f64| a * t.powf(-0.7)).collect()).to_vec();
        let curves = Trajectories { times, replicates };
        let window = curves.within(2.0, 100.0);
        let (power, (low, high)) = curves.measure(|loss| curves.power(&window, loss));
        // Rounding: every replicate has the same power.
        assert!(window == [1, 2, 3] && (power + 0.7).abs() < 1e-12 && high - low < 1e-12);
        assert!((curves.estimate(0).mean - 1.0).abs() < 1e-15);
    }
}
