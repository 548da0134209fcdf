//! Losses of paired learners over a ladder of sizes: exponents, ratios and shares, with intervals
//! over designs.

use crate::ChapterError;
use asymscale_montecarlo::Estimate;
use asymscale_sweep::Table;

/// Half the width of a 95 % interval in standard errors.
const Z: f64 = 1.96;

/// What every design gave at one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// Number of samples or of features.
    pub size: f64,
    /// The loss as measured, which a planted defect may change.
    pub losses: Vec<f64>,
    /// The whole loss.
    pub whole: Vec<f64>,
    /// The loss of linear features on the same designs.
    pub linear: Vec<f64>,
    /// The unseen mass of the same designs.
    pub unseen: Vec<f64>,
}

impl Rung {
    /// The whole loss.
    pub fn loss(&self) -> Logarithm {
        Logarithm::mean(&self.whole)
    }
}

/// Rungs in ascending size.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The rungs.
    pub rungs: Vec<Rung>,
    /// Whether all rungs share their designs; otherwise each has its own.
    pub shared: bool,
}

/// The logarithm of something averaged over designs, and the relative influence of each design on
/// it.
#[derive(Debug, Clone, PartialEq)]
pub struct Logarithm {
    value: f64,
    influences: Vec<f64>,
}

impl Logarithm {
    /// Of a mean.
    pub fn mean(values: &[f64]) -> Self {
        let mean = Estimate::of(values).mean;
        Self { value: mean.ln(), influences: values.iter().map(|v| v / mean - 1.0).collect() }
    }

    /// Of a ratio of means over the same designs.
    pub fn ratio(above: &[f64], below: &[f64]) -> Self {
        let (above, below) = (Self::mean(above), Self::mean(below));
        let influences =
            above.influences.iter().zip(&below.influences).map(|(a, b)| a - b).collect();
        Self { value: above.value - below.value, influences }
    }

    /// The standard error.
    fn error(&self) -> f64 {
        Estimate::of(&self.influences).standard_error
    }

    /// What it is the logarithm of, with a 95 % interval.
    pub fn interval(&self) -> (f64, (f64, f64)) {
        let error = Z * self.error();
        (self.value.exp(), ((self.value - error).exp(), (self.value + error).exp()))
    }
}

impl Ladder {
    /// Reads rows with columns `size`, `loss`, `linear` and `unseen`. With `blind`, the loss is
    /// measured without the unseen mass.
    ///
    /// # Errors
    /// If columns or rows are missing.
    pub fn read(rows: &Table, shared: bool, blind: bool) -> Result<Self, ChapterError> {
        let mut rungs = Vec::new();
        for (size, rows) in rows.group_by(&["size"])? {
            let size = size[0].as_float().ok_or("a size that is no number")?;
            let (whole, linear, unseen) =
                (rows.floats("loss")?, rows.floats("linear")?, rows.floats("unseen")?);
            let dropped = |(loss, unseen): (&f64, &f64)| if blind { loss - unseen } else { *loss };
            let losses = whole.iter().zip(&unseen).map(dropped).collect();
            rungs.push(Rung { size, losses, whole, linear, unseen });
        }
        if rungs.len() < 2 {
            Err("a ladder of fewer than two sizes".into())
        } else {
            Ok(Self { rungs, shared })
        }
    }

    /// `ln(largest/smallest)`.
    pub fn window(&self) -> f64 {
        (self.rungs[self.rungs.len() - 1].size / self.rungs[0].size).ln()
    }

    /// The least-squares slope of logarithms, one per rung, against the logarithm of the size.
    pub fn slope(&self, logarithms: &[f64]) -> f64 {
        self.levers().iter().zip(logarithms).map(|(lever, y)| lever * y).sum()
    }

    /// The exponent of something averaged over designs, with a 95 % interval.
    ///
    /// To first order the relative errors of the means add up, each with its lever: of a design if
    /// all rungs share it, else of a rung.
    pub fn exponent(&self, of: impl Fn(&Rung) -> Logarithm) -> (f64, (f64, f64)) {
        let logarithms: Vec<Logarithm> = self.rungs.iter().map(of).collect();
        let slope = self.slope(&logarithms.iter().map(|l| l.value).collect::<Vec<_>>());
        let levers = self.levers();
        let error = if self.shared {
            let pull = |k: usize| {
                logarithms.iter().zip(&levers).map(|(l, lever)| lever * l.influences[k]).sum()
            };
            let pulls: Vec<f64> = (0..logarithms[0].influences.len()).map(pull).collect();
            Estimate::of(&pulls).standard_error
        } else {
            let pull = |(l, lever): (&Logarithm, &f64)| lever * l.error();
            logarithms.iter().zip(&levers).map(|both| pull(both).powi(2)).sum::<f64>().sqrt()
        };
        (slope, (slope - Z * error, slope + Z * error))
    }

    fn levers(&self) -> Vec<f64> {
        let x: Vec<f64> = self.rungs.iter().map(|rung| rung.size.ln()).collect();
        let middle = x.iter().sum::<f64>() / x.len() as f64;
        let spread: f64 = x.iter().map(|x| (x - middle).powi(2)).sum();
        x.iter().map(|x| (x - middle) / spread).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(shared: bool) -> Ladder {
        // Loss: 3 size^-0.7 times 0.9 or 1.1; linear features lose half of it on the same design.
        let rung = |size: f64| {
            let losses: Vec<f64> = [0.9, 1.1].map(|a| 3.0 * a * size.powf(-0.7)).to_vec();
            let linear = losses.iter().map(|l| 0.5 * l).collect();
            Rung { size, whole: losses.clone(), losses, linear, unseen: vec![0.0; 2] }
        };
        Ladder { rungs: [8.0, 16.0, 64.0].map(rung).to_vec(), shared }
    }

    #[test]
    fn an_exponent_and_its_error() {
        let relative = |shared: bool| {
            let (slope, (low, high)) = ladder(shared).exponent(|r| Logarithm::mean(&r.losses));
            assert!((slope + 0.7).abs() < 1e-12 && (low + high - 2.0 * slope).abs() < 1e-12);
            high - slope
        };
        // A design that scales the whole curve leaves the slope alone. Designs of their own: each
        // mean is right to 0.1, and the squares of the levers add up to 1 / 2.242.
        let spread: f64 =
            [8.0_f64, 16.0, 64.0].map(|x| (x.ln() - 8192_f64.ln() / 3.0).powi(2)).iter().sum();
        assert!(relative(true) < 1e-12 && (relative(false) - 0.196 / spread.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_common_factor_cancels_in_a_ratio() {
        let of = |r: &Rung| Logarithm::ratio(&r.losses, &r.linear);
        let (slope, (low, high)) = ladder(false).exponent(of);
        let (ratio, ends) = of(&ladder(false).rungs[2]).interval();
        assert!(slope.abs() < 1e-12 && high - low < 1e-12);
        assert!((ratio - 2.0).abs() < 1e-12 && ends.1 - ends.0 < 1e-12);
    }
}
