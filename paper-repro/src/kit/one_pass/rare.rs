//! Spikes of a pass and the lifetime of its steps, where rare coordinates are large.

use crate::kit::{Trajectories, largest_score};
use crate::{ChapterError, Finding, Measured, Prediction, Tolerance};
use asymscale_model::{Amplitude, Schedule, SparseModel};
use asymscale_sweep::Table;
use asymscale_theory::OnePass;

/// No coordinate is always active: what a frequent one does is no spike of a rare one.
const ONSET: f64 = 0.8;

/// A kind of data with large rare coordinates, and no coordinate that is always active.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RareCase {
    /// Its name in rows and findings.
    pub name: &'static str,
    /// The exponent of the spectrum.
    pub alpha: f64,
    /// The exponent of activity.
    pub beta: f64,
    /// The law of amplitudes.
    pub amplitude: Amplitude,
}

impl RareCase {
    /// The model.
    ///
    /// # Errors
    /// As [`SparseModel::power_law`].
    pub fn model(&self) -> Result<SparseModel, ChapterError> {
        let model = SparseModel::power_law(self.alpha, self.beta, ONSET)?;
        Ok(model.with_amplitude(self.amplitude))
    }

    /// Plain steps of a constant size.
    fn steps(&self, rate: f64) -> Result<OnePass, ChapterError> {
        Ok(OnePass::new(&self.model()?, Schedule::new(rate, 1)?))
    }

    /// The lifetime of a step size.
    ///
    /// # Errors
    /// If rare coordinates are not large.
    pub fn lifetime(&self, rate: f64) -> Result<f64, ChapterError> {
        Ok(self.steps(rate)?.rare_steps()?.lifetime)
    }
}

/// Spikes a sample at several step sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Spikes {
    case: RareCase,
    /// Step size, what was counted, its standard error by the law, and the law.
    pub points: Vec<[f64; 4]>,
    /// The asymptotic power.
    pub power: Vec<(f64, f64)>,
    expected: Vec<f64>,
    exponent: f64,
}

impl Spikes {
    /// Reads the rows of a case, whose column `beside` has spikes.
    ///
    /// # Errors
    /// If there are none.
    pub fn read(rows: &Table, case: RareCase) -> Result<Self, ChapterError> {
        let rows = rows.matching("series", case.name)?.sort_by(&["rate"])?;
        let (points, power, expected) = (vec![], vec![], vec![]);
        let mut found = Self { case, points, power, expected, exponent: 0.0 };
        for (_, rows) in rows.group_by(&["rate"])? {
            let rate = rows.floats("rate")?[0];
            let samples = rows.floats("step")?.iter().sum::<f64>();
            let count = rows.floats("beside")?.iter().sum::<f64>();
            let steps = case.steps(rate)?;
            let (rare, law) = (steps.rare_steps()?, steps.spike_rate());
            let error = (law / samples).sqrt();
            found.points.push([rate, count / samples, error, law]);
            found.expected.push(samples * law);
            found.power.push((rate, rare.spike_rate));
            found.exponent = rare.rate_exponent;
        }
        Ok(found)
    }

    /// The exponents of its data.
    pub(super) fn name(&self) -> String {
        format!("$α$ = {}, $β$ = {}", self.case.alpha, self.case.beta)
    }

    fn finding(&self) -> Finding {
        let along = |k: usize| self.points.iter().map(|p| (p[0], p[k])).collect::<Vec<_>>();
        let (measured, law) = (power(&along(1)), power(&along(3)));
        let relative: Vec<f64> = self.expected.iter().map(|count| count.powf(-0.5)).collect();
        let error = power_error(&self.points.iter().map(|p| p[0]).collect::<Vec<_>>(), &relative);
        let width = (law - self.exponent).abs() + 3.0 * error;
        let source = "by the law's own slope, and three standard errors of the count";
        let RareCase { name, alpha, beta, .. } = self.case;
        let words = format!("α = {alpha}, β = {beta}: power of the step in the spikes a sample");
        Finding::of(format!("spikes-{name}"), words)
            .predicted(Prediction::Equals(self.exponent))
            .measured(with_error(measured, error))
            .within(Tolerance::finite_size(width, source))
    }

    /// A finding for each case, and one for the largest standard score of all counts.
    pub fn findings(all: &[Self]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = all.iter().map(Self::finding).collect();
        let points = all.iter().flat_map(|spikes| &spikes.points);
        let scores: Vec<f64> = points.map(|p| (p[1] - p[3]) / p[2]).collect();
        let statement = Finding::of("spikes", "spikes against the law: largest standard score");
        let chance = "1 % for all together; few spikes are not quite normal";
        let largest = largest_score(statement, &scores);
        findings.push(largest.within(Tolerance::statistical(0.5, chance)));
        findings
    }
}

/// What became of runs with steps of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Fate {
    /// The step size.
    pub rate: f64,
    /// Time over the lifetime, the share of runs that are lost, and its standard error.
    pub points: Vec<[f64; 4]>,
    lifetime: f64,
    half: f64,
    runs: usize,
}

impl Fate {
    /// Reads rows of runs whose value is 1 once they are lost, for each step size.
    ///
    /// # Errors
    /// If there are none.
    pub fn read(rows: &Table, series: &str, case: RareCase) -> Result<Vec<Self>, ChapterError> {
        let rows = rows.matching("series", series)?.sort_by(&["rate"])?;
        let of = |rows: &Table| -> Result<Self, ChapterError> {
            let rate = rows.floats("rate")?[0];
            let (lifetime, lost) = (case.lifetime(rate)?, Trajectories::read(rows, "value", 1.0)?);
            let points = lost.against(&vec![0.0; lost.times.len()]);
            let points = points.into_iter().map(|p| [p[0] / lifetime, p[1], p[2], 0.0]).collect();
            Ok(Self { rate, points, lifetime, half: half(&lost), runs: lost.replicates.len() })
        };
        rows.group_by(&["rate"])?.iter().map(|(_, rows)| of(rows)).collect()
    }

    /// Whether plain steps live as long as predicted, and clipped ones for ever.
    pub fn findings(case: RareCase, plain: &[Self], clipped: &[Self]) -> Vec<Finding> {
        let along =
            |of: fn(&Self) -> f64| plain.iter().map(|f| (f.rate, of(f))).collect::<Vec<_>>();
        let (measured, law) = (power(&along(|f| f.half)), power(&along(|f| f.lifetime)));
        // The share of lost runs rises by about 0.3 as the time grows by a factor e.
        let relative: Vec<f64> = plain.iter().map(|f| 0.5 / (f.runs as f64).sqrt() / 0.3).collect();
        let error = power_error(&plain.iter().map(|f| f.rate).collect::<Vec<_>>(), &relative);
        let lost = clipped.iter().flat_map(|f| &f.points).map(|p| p[1]).fold(0.0, f64::max);
        let data = format!("α = {}, β = {}", case.alpha, case.beta);
        let words = "power of the step in the time at which half of the runs are lost";
        let chance = "three standard errors by the number of runs";
        let never = format!("{data}, clipped steps: largest share of runs that are lost");
        vec![
            Finding::of("lifetime", format!("{data}: {words}"))
                .predicted(Prediction::Equals(law))
                .measured(with_error(measured, error))
                .within(Tolerance::statistical(3.0 * error, chance)),
            Finding::of("clipped-lost", never)
                .predicted(Prediction::AtMost(0.0))
                .measured(Measured::NoInterval(lost))
                .within(Tolerance::statistical(0.01, "one run in a hundred")),
        ]
    }
}

/// When half of the runs are lost, by interpolation in the logarithm of time; NaN if never.
fn half(lost: &Trajectories) -> f64 {
    let share = |k: usize| lost.estimate(k).mean;
    let Some(k) = (1..lost.times.len()).find(|k| share(*k) >= 0.5) else { return f64::NAN };
    let part = (0.5 - share(k - 1)) / (share(k) - share(k - 1));
    lost.times[k - 1] * (lost.times[k] / lost.times[k - 1]).powf(part)
}

fn with_error(value: f64, error: f64) -> Measured {
    (value, (value - 1.96 * error, value + 1.96 * error)).into()
}

/// The power of `rate` by least squares in logarithms.
fn power(points: &[(f64, f64)]) -> f64 {
    let times = points.iter().map(|point| point.0).collect();
    let window: Vec<usize> = (0..points.len()).collect();
    Trajectories { times, replicates: vec![] }.power(&window, |k| points[k].1)
}

/// Its standard error by relative errors of the values.
fn power_error(rates: &[f64], relative: &[f64]) -> f64 {
    let logs: Vec<f64> = rates.iter().map(|rate| rate.ln()).collect();
    let middle = logs.iter().sum::<f64>() / logs.len() as f64;
    let spread: f64 = logs.iter().map(|x| (x - middle).powi(2)).sum();
    let parts = logs.iter().zip(relative).map(|(x, error)| ((x - middle) / spread * error).powi(2));
    parts.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_runs_are_lost_where_a_line_in_the_logarithm_crosses() {
        let replicates = vec![vec![0.0, 0.0, 1.0], vec![0.0, 1.0, 1.0], vec![0.0, 0.0, 1.0]];
        let lost = Trajectories { times: vec![1.0, 10.0, 100.0], replicates };
        // A third at 10 and all at 100: half is a quarter of the way.
        assert!((half(&lost) / 10f64.powf(1.25) - 1.0).abs() < 1e-12);
        let never = Trajectories { replicates: vec![vec![0.0; 3]], ..lost };
        assert!(half(&never).is_nan());
    }

    #[test]
    fn the_error_of_a_power_is_that_of_least_squares() {
        // Two points: the slope is a difference over ln 4.
        let error = power_error(&[1.0, 4.0], &[0.3, 0.4]);
        assert!((error - 0.5 / 4f64.ln()).abs() < 1e-12);
        assert!((power(&[(1.0, 3.0), (4.0, 48.0)]) - 2.0).abs() < 1e-12);
    }
}
