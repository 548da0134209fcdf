//! Designs along a ladder of samples, and the best split of a budget read off them.

use crate::ChapterError;
use asymscale_sweep::Table;

/// Rank and residual of designs at several numbers of samples: all that the exact loss above the
/// threshold depends on.
#[derive(Debug, Clone)]
pub struct Rungs {
    /// Numbers of samples, evenly spaced in their logarithm.
    pub samples: Vec<f64>,
    /// The spacing.
    pub spacing: f64,
    /// Rank `r` and residual `tr Σ(I − P)` of each design, the same number at every rung.
    pub designs: Vec<Vec<(f64, f64)>>,
}

impl Rungs {
    /// Reads a row per design: its `samples`, and the named columns of rank and residual.
    ///
    /// # Errors
    /// If one of them is missing.
    pub fn read(
        rows: &Table,
        (rank, residual): (&str, &str),
        spacing: f64,
    ) -> Result<Self, ChapterError> {
        let mut rungs = Self { samples: Vec::new(), spacing, designs: Vec::new() };
        for (_, rows) in rows.group_by(&["samples"])? {
            rungs.samples.push(rows.floats("samples")?[0]);
            rungs
                .designs
                .push(rows.floats(rank)?.into_iter().zip(rows.floats(residual)?).collect());
        }
        Ok(rungs)
    }

    /// Mean over the picked designs of a rung of the exact loss at `features = compute/samples`,
    /// averaged over features and teachers; `+∞` if it does not exist for one of them, that is
    /// below its threshold.
    pub fn mean(
        &self,
        rung: usize,
        compute: f64,
        picked: impl ExactSizeIterator<Item = usize>,
    ) -> f64 {
        let (features, count) = (compute / self.samples[rung], picked.len() as f64);
        let loss = |(rank, residual): (f64, f64)| {
            residual * (features - 1.0) / (features - rank - 1.0).max(0.0)
        };
        picked.map(|k| loss(self.designs[rung][k])).sum::<f64>() / count
    }

    /// The largest rank of a design at a rung.
    pub fn largest_rank(&self, rung: usize) -> f64 {
        self.designs[rung].iter().map(|design| design.0).fold(0.0, f64::max)
    }

    /// Best model size and its loss: the size by designs `k` of the first half, the loss by designs
    /// `k` of the second.
    pub fn best(&self, compute: f64, picked: &[&usize]) -> (f64, f64) {
        let half = self.designs[0].len() / 2;
        let of = |add: usize| {
            move |rung: usize| self.mean(rung, compute, picked.iter().map(|k| *k + add))
        };
        self.vertex(compute, of(0), of(half))
    }

    /// Best model size by the vertex of the least-squares parabola of `ln place` through five rungs
    /// around the least, at most a rung from it, and the loss there by that of `ln level` through
    /// the same rungs.
    pub fn vertex(
        &self,
        compute: f64,
        place: impl Fn(usize) -> f64,
        level: impl Fn(usize) -> f64,
    ) -> (f64, f64) {
        // All five must have a loss: the threshold may be near.
        let whole = |rung: &usize| place(rung + 2).is_finite() && level(rung + 2).is_finite();
        let inner = (2..self.samples.len() - 2).filter(whole);
        let lowest = inner.min_by(|a, b| place(*a).total_cmp(&place(*b))).unwrap_or(2);
        let (_, slope, bend) = parabola(|k| place(lowest.wrapping_add_signed(k)).ln());
        let at = (-0.5 * slope / bend).clamp(-1.0, 1.0);
        let (height, slope, bend) = parabola(|k| level(lowest.wrapping_add_signed(k)).ln());
        let samples = self.samples[lowest] * (at * self.spacing).exp();
        (compute / samples, (height + slope * at + bend * at * at).exp())
    }
}

/// Least squares of `height + slope k + bend k²` at `k = −2 … 2`.
fn parabola(value: impl Fn(isize) -> f64) -> (f64, f64, f64) {
    let (mut height, mut slope, mut bend) = (0.0, 0.0, 0.0);
    for step in -2..=2 {
        let (y, k) = (value(step), step as f64);
        height += y * (17.0 - 5.0 * k * k) / 35.0;
        slope += y * k / 10.0;
        bend += y * (k * k - 2.0) / 14.0;
    }
    (height, slope, bend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_is_found_exactly() {
        let (height, slope, bend) = parabola(|k| 3.0 - 0.5 * k as f64 + 0.25 * (k * k) as f64);
        assert!((height - 3.0).abs() + (slope + 0.5).abs() + (bend - 0.25).abs() < 1e-13);
    }

    #[test]
    fn a_place_between_rungs_and_a_level_of_its_own() {
        // Place: ln = (ln D − ln 10)², level: 7 at every rung.
        let samples: Vec<f64> = (0..9).map(|k| 5.0 * (0.2 * f64::from(k)).exp()).collect();
        let rungs = Rungs { spacing: 0.2, designs: vec![], samples: samples.clone() };
        let (features, loss) =
            rungs.vertex(100.0, |k| (samples[k] / 10.0).ln().powi(2).exp(), |_| 7.0);
        assert!((features - 10.0).abs() < 1e-10 && (loss - 7.0).abs() < 1e-10);
    }

    #[test]
    fn below_the_threshold_there_is_no_mean() {
        let rungs = Rungs {
            samples: vec![10.0],
            spacing: 1.0,
            designs: vec![vec![(5.0, 0.5), (8.0, 0.5)]],
        };
        assert_eq!(rungs.mean(0, 110.0, [0].into_iter()), 0.5 * 10.0 / 5.0);
        assert_eq!(rungs.mean(0, 90.0, [0, 1].into_iter()), f64::INFINITY);
    }
}
