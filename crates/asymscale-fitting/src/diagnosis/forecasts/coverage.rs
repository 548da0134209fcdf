//! How many samples it takes until the features seen hold a given share of all activity.

use asymscale_numerics::{Bracket, try_bisect};
use serde::{Deserialize, Serialize};

use super::forecaster::Forecaster;
use super::monotone::{grid_factor, monotone_step};
use crate::diagnosis::estimate::Estimate;

/// Steps of factors up to which the samples are looked for: a thousand times the data.
const MOST_STEPS: i32 = 40;

/// How many samples it takes until the features seen hold a given share of all activity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The share.
    pub share: f64,
    /// Whether the samples at hand reach it already, with the whole interval of what is unseen.
    pub reached: bool,
    /// The number of samples, its upper end infinite where it is not known to be reached by any
    /// number looked at. `None`: not known.
    pub samples: Option<Estimate>,
    /// Features expected to be seen in so many samples: what tables are compared by at equal
    /// coverage (Chao & Jost 2012, doi:10.1890/11-1952.1), where counts of samples say little.
    pub features: Option<f64>,
}

impl Forecaster<'_> {
    /// How many samples cover each share of the activity.
    pub(crate) fn coverage(&self, shares: &[f64]) -> Vec<Coverage> {
        let Some(unseen) = self.unseen else {
            return shares
                .iter()
                .map(|&share| Coverage { share, reached: false, samples: None, features: None })
                .collect();
        };
        let total = self.activity.total_energy();
        let largest = shares.iter().copied().fold(0.0, f64::max);
        let mut curve = vec![(1.0, unseen.activity)];
        for step in 1..=MOST_STEPS {
            let (_, before) = curve[curve.len() - 1];
            if before.upper <= (1.0 - largest) * total {
                break;
            }
            let Some(then) = self.at_grid_point(self.unseen_mass(), step).estimate else { break };
            curve.push((grid_factor(step), monotone_step(self.unseen_mass(), before, then)));
        }
        let crossing = |of: fn(&Estimate) -> f64, left: f64| {
            let after = curve.iter().position(|(_, unseen)| of(unseen) <= left)?;
            let Some(before) = after.checked_sub(1) else { return Some(1.0) };
            let ((t0, e0), (t1, e1)) = (curve[before], curve[after]);
            let (y0, y1) = (of(&e0).max(1e-300).ln(), of(&e1).max(1e-300).ln());
            Some((t0.ln() + (t1 / t0).ln() * (left.ln() - y0) / (y1 - y0)).exp())
        };
        let covered = |&share: &f64| {
            let left = (1.0 - share) * total;
            let times =
                |factor: Option<f64>| factor.map(|factor| (factor * self.counts.samples()).round());
            let ahead = |value: f64| Estimate {
                value,
                lower: times(crossing(|e| e.lower, left)).unwrap_or(value),
                upper: times(crossing(|e| e.upper, left)).unwrap_or(f64::INFINITY),
            };
            // The share counts as reached only if the whole interval says so.
            let reached = unseen.activity.upper <= left;
            let samples = if reached {
                self.samples_that_leave(left).map(|value| Estimate {
                    value,
                    lower: value,
                    upper: value,
                })
            } else if unseen.activity.value <= left {
                // Parts of the data are taken to have the same relative error as all of them.
                let Estimate { value, lower, .. } = unseen.activity;
                let ratio = if lower > 0.1 * value { value / lower } else { 10.0 };
                let lower = self.samples_that_leave(ratio * left);
                self.samples_that_leave(left)
                    .map(|value| Estimate { lower: lower.unwrap_or(value), ..ahead(value) })
            } else {
                times(crossing(|e| e.value, left)).map(ahead)
            };
            let features = samples.and_then(|samples| self.seen_at(samples.value));
            Coverage { share, reached, samples, features }
        };
        shares.iter().map(covered).collect()
    }

    /// Features expected to be seen in a part of the samples, or in more of them.
    fn seen_at(&self, samples: f64) -> Option<f64> {
        let units = samples * self.counts.units() / self.counts.samples();
        if units <= self.counts.units() {
            return self.counts.seen_in(units).ok();
        }
        let new = self.at(units / self.counts.units()).new_features.estimate?;
        Some(self.counts.seen() as f64 + new.value)
    }

    /// The number of samples at which a random part of the data leaves this much unseen; not known
    /// where rare features were left out of the table.
    fn samples_that_leave(&self, left: f64) -> Option<f64> {
        if self.counts.floor() > 1 {
            return None;
        }
        let last = self.counts.units() - 1.0;
        let is_more_after =
            |units: f64| self.counts.unseen_activity_after(units).map(|unseen| unseen > left);
        if is_more_after(last).ok()? {
            return Some(self.counts.samples());
        }
        let reached = try_bisect(Bracket::new(0.0, last), 60, is_more_after).ok()?.high();
        Some((reached.ceil() * self.counts.samples() / self.counts.units()).ceil())
    }
}
