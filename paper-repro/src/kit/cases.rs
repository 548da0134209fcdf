//! Kinds of data, seeds and grids.

use asymscale_model::{Amplitude, Coordinates, ModelError, SparseModel};
use asymscale_montecarlo::quantile;
use asymscale_sampling::Key;
use rand::Rng;

/// The seed of the whole reproduction.
pub const SEED: u64 = 2026;

/// A kind of data, by name; the spectrum's exponent is given where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// Short name, used in cells, rows and seeds.
    pub name: &'static str,
    /// Name in findings and figures.
    pub label: &'static str,
    /// Activity exponent `β`.
    pub beta: f64,
    /// Onset of sparsity `c`.
    pub onset: f64,
    /// Number of coordinates; infinitely many for `None`.
    pub coordinates: Option<u64>,
    /// The law of amplitudes.
    pub amplitude: Amplitude,
}

impl Case {
    /// Infinitely many coordinates, Gaussian amplitudes.
    pub const fn sparse(name: &'static str, beta: f64, onset: f64) -> Self {
        let amplitude = Amplitude::Gaussian;
        Self { name, label: name, beta, onset, coordinates: None, amplitude }
    }

    /// Finitely many coordinates, Gaussian amplitudes.
    pub const fn finite(name: &'static str, beta: f64, onset: f64, coordinates: u64) -> Self {
        Self { coordinates: Some(coordinates), ..Self::sparse(name, beta, onset) }
    }

    /// The same data with Rademacher amplitudes (±1 with equal probability), under a label that
    /// says so.
    #[must_use]
    pub const fn with_rademacher(self, label: &'static str) -> Self {
        Self { label, amplitude: Amplitude::Rademacher, ..self }
    }

    /// The model with spectrum exponent `alpha`.
    ///
    /// # Errors
    /// As [`SparseModel::power_law`].
    pub fn model(&self, alpha: f64) -> Result<SparseModel, ModelError> {
        let coordinates = self.coordinates.map_or(Coordinates::Infinite, Coordinates::Finite);
        let model =
            SparseModel::power_law(alpha, self.beta, self.onset)?.with_coordinates(coordinates)?;
        Ok(model.with_amplitude(self.amplitude))
    }

    /// Finds a case by the name that cells and rows carry.
    ///
    /// # Errors
    /// Says which name is not listed.
    pub fn named<'a>(cases: &'a [Self], name: &str) -> Result<&'a Self, String> {
        cases
            .iter()
            .find(|case| case.name == name)
            .ok_or_else(|| format!("case {name:?} is not listed"))
    }
}

/// A seed of its own for every label: streams of different labels are independent.
pub fn seed_of(label: &str) -> u64 {
    Key::new(SEED).label(label).stream().next_u64()
}

/// `count` whole numbers from `from` to `to`, evenly spaced in their logarithm, repeats dropped.
pub fn log_grid(from: f64, to: f64, count: usize) -> Vec<usize> {
    let mut grid: Vec<usize> =
        log_space(from, to, count).iter().map(|x| x.round() as usize).collect();
    grid.dedup();
    grid
}

/// `count` numbers from `from` to `to`, evenly spaced in their logarithm.
pub fn log_space(from: f64, to: f64, count: usize) -> Vec<f64> {
    let step = (to / from).ln() / (count - 1) as f64;
    (0..count).map(|k| from * (step * k as f64).exp()).collect()
}

/// A grid of model sizes for a curve through a threshold: log-spaced from `from` to `to`, and steps
/// of `step · threshold` within `reach · threshold` of it.
pub fn features_around(
    threshold: f64,
    (from, to, count): (f64, f64, usize),
    reach: f64,
    step: f64,
) -> Vec<usize> {
    let mut grid = log_grid(from, to, count);
    let near = (reach / step).round() as i64;
    grid.extend(
        (-near..=near).map(|k| (threshold * (1.0 + step * k as f64)).round().max(1.0) as usize),
    );
    grid.sort_unstable();
    grid.dedup();
    grid
}

/// The median of values in any order; NaN for none.
pub fn median_of(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// The local exponent of a loss at `size`: its slope in double logarithm over a factor of four.
///
/// # Errors
/// Whatever the loss says.
pub fn local_exponent<E>(size: f64, loss: impl Fn(f64) -> Result<f64, E>) -> Result<f64, E> {
    Ok((loss(4.0 * size)? / loss(size)?).ln() / 4.0_f64.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_rise_and_reach_their_ends() {
        let grid = log_grid(8.0, 2048.0, 24);
        assert_eq!((grid.first(), grid.last(), grid.len()), (Some(&8), Some(&2048), 24));
        let around = features_around(158.0, (8.0, 2048.0, 24), 0.1, 0.05);
        assert!(
            around.windows(2).all(|pair| pair[0] < pair[1])
                && around.contains(&158)
                && around.contains(&142)
        );
    }

    #[test]
    fn the_local_exponent_of_a_power_is_the_power() {
        let exponent = local_exponent(10.0, |n: f64| Ok::<_, ()>(3.0 * n.powf(-1.5))).unwrap();
        assert!((exponent + 1.5).abs() < 1e-14);
    }

    #[test]
    fn labels_have_seeds_of_their_own() {
        assert_ne!(seed_of("dense"), seed_of("rare"));
        assert_eq!(seed_of("dense"), seed_of("dense"));
    }
}
