//! The parabola in `ln N` through the losses of one budget, by least squares, and what its errors
//! leave of its minimum.

use asymscale_numerics::mean;

/// `y = g₀ + g₁·p₁ + g₂·p₂` with `p₁ = t`, `p₂ = t² − t̄² − tilt·t`, `t = ln N − middle`:
/// polynomials that are orthogonal on the grid, so that the errors of `g₁` and `g₂` are
/// independent.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    middle: f64,
    offsets: Vec<f64>,
    tilt: f64,
    mean_square: f64,
    /// `Σ p₁²` and `Σ p₂²`.
    norms: [f64; 2],
}

/// Its coefficients and residuals, in units of the loss.
#[derive(Debug, Clone)]
pub(crate) struct Parabola {
    coefficients: [f64; 3],
    pub(crate) residuals: Vec<f64>,
}

impl Grid {
    /// Of at least three distinct `ln N`.
    pub(crate) fn new(logs: &[f64]) -> Self {
        let count = logs.len() as f64;
        let middle = mean(logs);
        let offsets: Vec<f64> = logs.iter().map(|x| x - middle).collect();
        let moment = |power: i32| offsets.iter().map(|t| t.powi(power)).sum::<f64>();
        let (square, tilt) = (moment(2), moment(3) / moment(2));
        let mut grid =
            Self { middle, offsets, tilt, mean_square: square / count, norms: [square, 0.0] };
        grid.norms[1] = grid.offsets.iter().map(|t| grid.second(*t).powi(2)).sum();
        grid
    }

    fn second(&self, t: f64) -> f64 {
        t * t - self.mean_square - self.tilt * t
    }

    pub(crate) fn fit(&self, losses: &[f64]) -> Parabola {
        let pairs = || self.offsets.iter().zip(losses);
        let mean = mean(losses);
        let first = pairs().map(|(t, y)| t * (y - mean)).sum::<f64>() / self.norms[0];
        let second =
            pairs().map(|(t, y)| self.second(*t) * (y - mean)).sum::<f64>() / self.norms[1];
        let coefficients = [mean, first, second];
        let residuals = pairs().map(|(t, y)| y - self.value(&coefficients, *t)).collect();
        Parabola { coefficients, residuals }
    }

    fn value(&self, [g0, g1, g2]: &[f64; 3], t: f64) -> f64 {
        g0 + g1 * t + g2 * self.second(t)
    }

    /// The leverage of each run, in (0, 1].
    pub(crate) fn leverages(&self) -> Vec<f64> {
        self.offsets.iter().map(|t| self.leverage(*t)).collect()
    }

    fn leverage(&self, t: f64) -> f64 {
        1.0 / self.offsets.len() as f64
            + t * t / self.norms[0]
            + self.second(t).powi(2) / self.norms[1]
    }

    /// Runs beyond the three coefficients.
    pub(crate) fn dof(&self) -> usize {
        self.offsets.len() - 3
    }

    /// The losses of the parabola at the runs.
    pub(crate) fn fitted(&self, parabola: &Parabola) -> Vec<f64> {
        self.offsets.iter().map(|t| self.value(&parabola.coefficients, *t)).collect()
    }

    /// The loss of the parabola at `ln N`.
    pub(crate) fn at(&self, parabola: &Parabola, log: f64) -> f64 {
        self.value(&parabola.coefficients, log - self.middle)
    }

    /// `ln N` of the extremum; infinite for a line.
    pub(crate) fn vertex(&self, parabola: &Parabola) -> f64 {
        let [_, g1, g2] = parabola.coefficients;
        self.middle + 0.5 * (self.tilt - g1 / g2)
    }

    /// The loss at the extremum, and how far errors of size `spread` reach there.
    pub(crate) fn extremum(&self, parabola: &Parabola, spread: f64) -> (f64, f64) {
        let t = self.vertex(parabola) - self.middle;
        (self.value(&parabola.coefficients, t), spread * self.leverage(t).sqrt())
    }

    /// Fieller's interval of the place of the minimum: all places where the slope of the parabola
    /// is 0 within `reach` times its standard error, errors being of size `spread` (E. C. Fieller,
    /// *J. R. Stat. Soc. B* 16 (1954) 175). Infinite at both ends where the curvature is not sure
    /// to be positive.
    pub(crate) fn fieller_interval(
        &self,
        parabola: &Parabola,
        spread: f64,
        reach: f64,
    ) -> (f64, f64) {
        let [_, g1, g2] = parabola.coefficients;
        let error = |k: usize| (reach * spread).powi(2) / self.norms[k];
        let square = g2 * g2 - error(1);
        if square <= 0.0 || g2 <= 0.0 {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        // Roots of `(g₁ + g₂w)² = error₁ + error₂w²`, `w = 2t − tilt`.
        let root = (error(0) * square + error(1) * g1 * g1).sqrt();
        let at = |sign: f64| self.middle + 0.5 * (self.tilt + (sign * root - g1 * g2) / square);
        (at(-1.0), at(1.0))
    }

    /// The standard error of the place of the minimum, to first order.
    pub(crate) fn vertex_error(&self, parabola: &Parabola, spread: f64) -> f64 {
        let [_, g1, g2] = parabola.coefficients;
        0.5 * spread / g2.abs() * (1.0 / self.norms[0] + (g1 / g2).powi(2) / self.norms[1]).sqrt()
    }
}

impl Parabola {
    pub(crate) fn is_convex(&self) -> bool {
        self.coefficients[2] > 0.0
    }

    /// The mean of the losses.
    pub(crate) fn mean(&self) -> f64 {
        self.coefficients[0]
    }

    pub(crate) fn squares(&self) -> f64 {
        self.residuals.iter().map(|r| r * r).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uneven sizes, and a loss that is a parabola.
    #[test]
    fn a_parabola_is_found() {
        let logs = [16.0, 16.5, 18.0, 18.2, 20.0];
        let losses = logs.map(|x: f64| 2.5 + 0.07 * (x - 17.9).powi(2));
        let grid = Grid::new(&logs);
        let parabola = grid.fit(&losses);
        assert!(parabola.is_convex() && parabola.squares() < 1e-28);
        assert!((grid.vertex(&parabola) - 17.9).abs() < 1e-12);
        assert!((grid.extremum(&parabola, 0.0).0 - 2.5).abs() < 1e-13);
        assert!((grid.leverages().iter().sum::<f64>() - 3.0).abs() < 1e-12);
    }

    /// At the ends of Fieller's interval the slope is `reach` standard errors from 0; for small
    /// errors it is that of first order.
    #[test]
    fn ends_are_where_the_slope_may_be_zero() {
        let logs = [16.0, 16.5, 18.0, 18.2, 20.0];
        let losses = logs.map(|x: f64| 2.5 + 0.07 * (x - 17.9).powi(2) + 0.01 * (9.0 * x).sin());
        let grid = Grid::new(&logs);
        let parabola = grid.fit(&losses);
        let (low, high) = grid.fieller_interval(&parabola, 1e-6, 2.0);
        let half = 2.0 * grid.vertex_error(&parabola, 1e-6);
        assert!(((high - low) / (2.0 * half) - 1.0).abs() < 1e-6, "{low} {high} {half}");
        let (low, high) = grid.fieller_interval(&parabola, 0.02, 2.0);
        let [_, g1, g2] = parabola.coefficients;
        for end in [low, high] {
            let w = 2.0 * (end - grid.middle) - grid.tilt;
            let error = 0.02 * (1.0 / grid.norms[0] + w * w / grid.norms[1]).sqrt();
            assert!(((g1 + g2 * w).abs() / error - 2.0).abs() < 1e-9);
        }
        assert_eq!(grid.fieller_interval(&parabola, 10.0, 2.0), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
