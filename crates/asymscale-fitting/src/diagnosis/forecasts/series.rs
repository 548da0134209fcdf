//! Good and Toulmin's series of the rare counts: a forecast that needs no law, plain up to twice
//! the data, and smoothed.

use super::forecaster::{Forecaster, Quantity};
use crate::diagnosis::counts::CountGroup;
use crate::diagnosis::counts::incidence;
use crate::diagnosis::estimate::{Estimate, jackknife, student_inflation};
use crate::diagnosis::estimators::smoothing::{Smoothing, signed_power};
use crate::diagnosis::estimators::unseen::unseen_variance;

/// The value of a series with its variance and its bias.
pub(crate) struct Series {
    pub(crate) value: f64,
    variance: f64,
    bias: f64,
}

impl Series {
    /// Standard error and bias.
    pub(crate) fn error(&self) -> f64 {
        self.variance.sqrt() + self.bias.abs()
    }

    /// With `z` standard errors on either side, and its bias.
    pub(crate) fn estimate(&self, z: f64) -> Estimate {
        Estimate::symmetric(self.value, z * self.variance.sqrt() + self.bias.abs())
    }
}

impl Forecaster<'_> {
    /// Good and Toulmin's series at a factor of the data, with weights that fall where `smoothing`
    /// says so. Its bias is estimated by its largest distance from the forecasts of the plausible
    /// laws.
    pub(crate) fn series(
        &self,
        quantity: Quantity<'_>,
        factor: f64,
        smoothing: &Smoothing,
        laws: &[Estimate],
    ) -> Series {
        let s = factor - 1.0;
        let (counts, per) = match quantity {
            Quantity::New => (self.counts, 1.0),
            Quantity::Unseen { counts, .. } => (counts, counts.samples().recip()),
        };
        let new = matches!(quantity, Quantity::New);
        let weight = |k: u64| {
            let power = signed_power(s, k) * smoothing.weight(k) * per;
            if new { s * power } else { power }
        };
        let part = |group: &CountGroup| if new { group.features } else { group.energy };
        let square = |group: &CountGroup| if new { group.features } else { group.square };
        let groups = || counts.groups_to(smoothing.last());
        let value: f64 = groups().map(|(k, group)| weight(k) * part(&group)).sum();
        let independent: f64 = groups().map(|(k, group)| weight(k).powi(2) * square(&group)).sum();
        let bounded = |k: u64| if k == 0 || k > smoothing.last() { 0.0 } else { weight(k) };
        let left = |left: &incidence::LeftOutBlock| -> f64 {
            let change = |c: &incidence::Change| {
                let (before, after) =
                    if new { (c.features, c.features) } else { (c.energy, c.energy_without) };
                bounded(c.to) * after - bounded(c.from) * before
            };
            let changed = left.changes.iter().map(change).sum::<f64>();
            if new {
                changed
            } else {
                (value + changed) * counts.samples() / (counts.samples() - left.samples) - value
            }
        };
        let few = student_inflation(counts.left_out_blocks().len(), self.level);
        let blocks = few * jackknife(counts.left_out_blocks().iter().map(left));
        let estimation =
            if counts.left_out_blocks().len() > 1 { independent.max(blocks) } else { independent };
        let chance = if new {
            self.dispersion.features * value.max(0.0)
        } else {
            unseen_variance(counts) * self.dispersion.mass
        };
        // The distance from the farthest plausible law, or from the best of all laws where none is
        // plausible.
        let off = |law: &Estimate| (law.value - value).abs();
        let plausible = self.models.iter().zip(laws).filter(|(model, _)| model.candidate.plausible);
        let bias = match smoothing {
            Smoothing::Plain => 0.0,
            Smoothing::Tail(_) => plausible
                .map(|(_, law)| off(law))
                .reduce(f64::max)
                .or(laws.first().map(off))
                .unwrap_or(0.0),
        };
        Series { value, variance: estimation + chance, bias }
    }
}
